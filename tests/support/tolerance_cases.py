"""One document for every entry of the table of tolerances: genuine but for that one deviation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

from Crypto.Hash import SHA1
from Crypto.PublicKey import RSA
from Crypto.Signature import pss

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.keys import RsaSecret, generate_rsa
from ecid.emulator.pki import Authority, Signer, make_csca, signer_extensions
from ecid.emulator.signing import RsaKey, RsaPssKey, SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.oid import DATA, EC_PUBLIC_KEY, PRIME_FIELD, RSASSA_PSS
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import encode, parse_one
from ecid.lds.security_object import LEGACY_CONTENT_TYPES
from ecid.trust.anchor_profile import check_anchor
from ecid.trust.certificate import parse_certificate
from ecid.trust.entries import Entry, Kind, MemoryShelf, Provenance
from ecid.trust.store import TrustStore
from ecid_crypto.curves import Curve, encode_point
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import SeededRng
from forged_sod import (
    CONTENT,
    SIGNATURE_ALGORITHM,
    ec_key,
    genuine,
    key_of,
    rsa_secret,
    signed_data_parts,
    with_signed_data_part,
    with_signer_part,
)

AKI, SKI, CONSTRAINTS, PERIOD = "2.5.29.35", "2.5.29.14", "2.5.29.19", "2.5.29.16"
NOT_TOLERATED = "undetermined not_tolerated"


@dataclass(frozen=True)
class Issuer:
    """An issuer of a country, and one document signer of it."""

    csca: Authority
    signer: Signer
    country: str


@dataclass(frozen=True)
class Document:
    """A SOD, and the anchor of its issuer."""

    sod: bytes
    csca: bytes

    @property
    def trust(self) -> TrustStore:
        """The store of that anchor, with what was overlooked in it."""
        certificate = parse_certificate(self.csca)
        deviations = check_anchor(certificate).deviations
        entry = Entry.of(certificate, (Provenance(Kind.BY_HAND, ""),), deviations)
        return TrustStore((entry,), shelf=MemoryShelf({sha256(self.csca).digest(): self.csca}))


@dataclass(frozen=True)
class Case:
    """How a deviation comes about, where it is reported, and which check it touches.

    ``refused`` is what the check comes to where the deviation is not granted, ``also`` what else
    has to be granted for a success.
    """

    make: Callable[[str], Document]
    check: str
    where: str
    country: str = "VN"
    refused: str = NOT_TOLERATED
    also: frozenset[tuple[str, str]] = frozenset()


def issuer(
    country: str,
    *,
    key: SigningKey | None = None,
    csca: dict[str, Any] | None = None,
    signer: dict[str, Any] | None = None,
    spki: bytes | None = None,
) -> Issuer:
    """Return an issuer of ``country``; the options are fields of the two certificates."""
    subject = c.name(country, "ecid emulator", "CSCA EMULATED")
    options = {"subject": subject, "hash_function": Hash.SHA256, **(csca or {})}
    root = make_csca(ec_key("csca"), **options)
    own = ec_key("signer") if key is None else key
    plan = replace(
        root.plan,
        serial=2,
        issuer=root.plan.subject,
        subject=c.name(country, "ecid emulator", "Document Signer EMULATED"),
        public_key=write_spki(own.public) if spki is None else spki,
        extensions=signer_extensions(own, root, root.plan.not_before),
        hash_function=Hash.SHA256,
    )
    certificate = c.sign_certificate(replace(plan, **(signer or {})), root.key)
    return Issuer(root, Signer(certificate, own), country)


def document(of: Issuer, **overrides: Any) -> Document:
    """Return a genuine document of an issuer; the options are those of ``sign_sod``."""
    return Document(genuine(of.signer, **overrides), of.csca.certificate)


def but(
    oid: str, *instead: bytes, of: Sequence[bytes] | None = None, country: str = ""
) -> tuple[bytes, ...]:
    """Return extensions of a document signer without ``oid``, and ``instead`` at the end."""
    root = issuer(country or "VN").csca
    given = signer_extensions(ec_key("signer"), root, root.plan.not_before) if of is None else of
    return (*(each for each in given if w.oid(oid) not in each), *instead)


# The SOD ----------------------------------------------------------------------------------


def _edited(country: str, edit: Callable[[bytes], bytes], **overrides: Any) -> Document:
    made = document(issuer(country), **overrides)
    return replace(made, sod=edit(made.sod))


def _streamed(sod: bytes) -> bytes:
    inner = parse_one(parse_one(sod, 0x77, "SOD").value, 0x30, "SOD").value
    return encode(0x77, b"\x30\x80" + inner + b"\x00\x00")


def _unsorted(sod: bytes) -> bytes:
    certificate = parse_one(signed_data_parts(sod)[3], 0xA0, "SOD").value
    bag = w.implicit(0, w.set_of(certificate, w.seq(), sort=False))
    return with_signed_data_part(sod, 3, bag)


def _signer_algorithm(country: str, key: SigningKey | None, algorithm: bytes) -> Document:
    made = document(issuer(country, key=key))
    return replace(made, sod=with_signer_part(made.sod, SIGNATURE_ALGORITHM, algorithm))


def _named(country: str, name: Callable[[str], bytes], serial: int = 2) -> Document:
    of = issuer(country)
    info = cms.signer_info(
        of.signer,
        CONTENT,
        cms.signed_attributes(CONTENT),
        identifier=w.seq(name(country), w.integer(serial)),
    )
    return document(of, signer_infos=(info,))


def _shouted(country: str) -> bytes:
    return c.name(country, "ECID EMULATOR", "csca emulated")


def _turned(country: str) -> bytes:
    pairs = (
        ("2.5.4.3", w.utf8("CSCA EMULATED")),
        ("2.5.4.10", w.utf8("ecid emulator")),
        ("2.5.4.6", w.printable(country)),
    )
    return w.seq(*(w.set_of(w.seq(w.oid(oid), text)) for oid, text in pairs))


def _own_name(country: str) -> bytes:
    return c.name(country, "ecid emulator", "CSCA EMULATED")


def _pss_with_trailer() -> bytes:
    parts = parse_one(RsaPssKey(rsa_secret()).algorithm(Hash.SHA256), 0x30, "x").value
    oid, fields = parts[: len(w.oid(RSASSA_PSS))], parts[len(w.oid(RSASSA_PSS)) :]
    inner = parse_one(fields, 0x30, "x").value
    return w.seq(oid, w.seq(inner, w.explicit(3, w.integer(1))))


@dataclass(frozen=True)
class BarePssKey(RsaKey):
    """RSASSA-PSS of all defaults, which it leaves out with the parameters that would hold them."""

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return a signature with SHA-1 and 20 bytes of salt."""
        s = self.secret
        key = RSA.construct((s.n, s.e, s.d, s.p, s.q))
        return pss.new(key, rand_func=SeededRng(b"salt")).sign(SHA1.new(message))

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return id-RSASSA-PSS alone."""
        return w.seq(w.oid(RSASSA_PSS))


@dataclass(frozen=True)
class WithoutNullKey(RsaKey):
    """RSA PKCS #1 v1.5 whose DigestInfo has a hash without NULL."""

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return the signature over that DigestInfo."""
        algorithm = w.seq(w.oid(hash_function.oid))
        info = w.seq(algorithm, w.octets(hash_function.digest(message)))
        length = self.secret.public.byte_length
        block = b"\x00\x01" + b"\xff" * (length - len(info) - 3) + b"\x00" + info
        number = pow(int.from_bytes(block, "big"), self.secret.d, self.secret.n)
        return number.to_bytes(length, "big")


# The signer's key -------------------------------------------------------------------------


def _parameters(curve: Curve, *, cofactor: bool = True, zeros: bool = True) -> bytes:
    a, b = (n.to_bytes(curve.field_length, "big") for n in (curve.a, curve.b))
    coefficients = (a, b) if zeros else (a.lstrip(b"\x00"), b.lstrip(b"\x00"))
    return w.seq(
        w.integer(1),
        w.seq(w.oid(PRIME_FIELD), w.integer(curve.p)),
        w.seq(*map(w.octets, coefficients)),
        w.octets(encode_point(curve, curve.g)),
        w.integer(curve.n),
        *([w.integer(curve.h)] if cofactor else []),
    )


def _with_curve(country: str, name: str, **options: bool) -> Document:
    key = ec_key("signer", name)
    point = encode_point(key_of(key).curve, key_of(key).point)
    algorithm = w.seq(w.oid(EC_PUBLIC_KEY), _parameters(key_of(key).curve, **options))
    return document(issuer(country, key=key, spki=w.seq(algorithm, w.bits(point))))


def _compressed(country: str) -> Document:
    public = key_of(ec_key("signer"))
    x = public.point.x.to_bytes(public.curve.field_length, "big")
    algorithm = w.seq(w.oid(EC_PUBLIC_KEY), w.oid(public.curve.oid))
    octets = bytes([2 + public.point.y % 2]) + x
    return document(issuer(country, spki=w.seq(algorithm, w.bits(octets))))


@cache
def _short_rsa() -> RsaSecret:
    return generate_rsa(1024, SeededRng(b"short"))


# The certificates -------------------------------------------------------------------------


def _signer(country: str, **plan: Any) -> Document:
    return document(issuer(country, signer=plan))


def _csca(country: str, **options: Any) -> Document:
    return document(issuer(country, csca=options))


_USAGE = c.key_usage(5, 6)
_IDENTIFIER = c.subject_key_identifier(c.key_identifier(ec_key("csca").public))
_ANY_TRUE = c.extension(CONSTRAINTS, bytes.fromhex("3006010101020100"))
_SHA512 = w.set_of(cms.digest_algorithm(Hash.SHA512))
_BARE = bytes.fromhex("B5E2") * 10


def _letters(country: str) -> Document:
    code = {"LT": "LTU", "VN": "VNM", "UT": "UTO"}[country]
    return _signer(country, subject=c.name(code, "ecid emulator", "Document Signer EMULATED"))


_SHA1 = frozenset({("weak_hash", "SOD")})
CASES: dict[str, Case] = {
    "ber_encoding": Case(lambda of: _edited(of, _streamed), "format", "SOD"),
    "set_order": Case(lambda of: _edited(of, _unsorted), "format", "SOD"),
    "trailing_bytes": Case(lambda of: _edited(of, lambda sod: sod + bytes(9)), "format", "SOD"),
    "legacy_content_type": Case(
        lambda of: document(issuer(of), content_type=min(LEGACY_CONTENT_TYPES)), "format", "SOD"
    ),
    "name_encoding": Case(lambda of: _named(of, _shouted), "signature", "SOD"),
    "name_order": Case(lambda of: _named(of, _turned), "signature", "SOD"),
    "signer_identifier": Case(lambda of: _named(of, _own_name, 3), "signature", "SOD", "UA"),
    "ecdsa_null_parameters": Case(
        lambda of: _signer_algorithm(of, None, w.seq(w.oid("1.2.840.10045.4.3.2"), w.null())),
        "signature",
        "SOD",
    ),
    "ecdsa_key_identifier": Case(
        lambda of: _signer_algorithm(of, None, w.seq(w.oid(EC_PUBLIC_KEY))), "signature", "SOD"
    ),
    "pss_default_encoded": Case(
        lambda of: _signer_algorithm(of, RsaPssKey(rsa_secret()), _pss_with_trailer()),
        "signature",
        "SOD",
    ),
    # The defaults are SHA-1: without that, too, there is no success.
    "pss_parameters_absent": Case(
        lambda of: document(issuer(of, key=BarePssKey(rsa_secret()))),
        "signature",
        "SOD",
        also=_SHA1,
    ),
    "digest_info_without_null": Case(
        lambda of: document(issuer(of, key=WithoutNullKey(rsa_secret()))),
        "signature",
        "SOD",
        "UN",
        "undetermined digest_info_without_null",
    ),
    "weak_hash": Case(
        lambda of: document(issuer(of), hash_function=Hash.SHA1),
        "signature",
        "SOD",
        refused="undetermined weak_hash",
    ),
    "signed_data_version": Case(
        lambda of: document(issuer(of), version=1),
        "format",
        "SOD",
        "BE",
        "failed malformed signed_data_version",
    ),
    "data_content_type": Case(
        lambda of: document(issuer(of), content_type=DATA),
        "format",
        "SOD",
        "BE",
        "failed malformed data_content_type",
    ),
    "digest_algorithm_unlisted": Case(
        lambda of: _edited(of, lambda sod: with_signed_data_part(sod, 1, _SHA512)),
        "format",
        "SOD",
        refused="failed malformed digest_algorithm_unlisted",
    ),
    "broken_extension": Case(
        lambda of: _signer(
            of, extensions=but(PERIOD, c.extension(PERIOD, b"\x30\x05"), country=of)
        ),
        "signer",
        "DSC",
    ),
    "cofactor_absent": Case(lambda of: _with_curve(of, "P-256", cofactor=False), "signer", "DSC"),
    "field_element_length": Case(lambda of: _with_curve(of, "P-521", zeros=False), "signer", "DSC"),
    "compressed_point": Case(_compressed, "signer", "DSC"),
    "short_rsa_key": Case(
        lambda of: document(issuer(of, key=RsaKey(_short_rsa()))), "signer", "DSC"
    ),
    "serial_not_positive": Case(lambda of: _signer(of, serial=-2), "signer", "DSC"),
    "serial_too_long": Case(lambda of: _signer(of, serial=1 << 159), "signer", "DSC"),
    "country_alpha_3": Case(_letters, "signer", "DSC", "LT"),
    "bare_key_identifier": Case(
        lambda of: _signer(of, extensions=but(SKI, c.extension(SKI, _BARE), country=of)),
        "signer",
        "DSC",
        "LT",
    ),
    "aki_absent": Case(lambda of: _signer(of, extensions=but(AKI, country=of)), "chain", "DSC"),
    "aki_mismatch": Case(
        lambda of: _signer(
            of, extensions=but(AKI, c.authority_key_identifier(bytes(20)), country=of)
        ),
        "chain",
        "DSC",
    ),
    "boolean_encoding": Case(
        lambda of: _csca(of, extensions=(_ANY_TRUE, _USAGE, _IDENTIFIER)), "chain", "CSCA", "UA"
    ),
    "path_length": Case(lambda of: _csca(of, path_length=None), "chain", "CSCA"),
    "key_usage_absent": Case(
        lambda of: _csca(of, extensions=(c.basic_constraints(True, 0), _IDENTIFIER)),
        "chain",
        "CSCA",
        "CN",
    ),
    "not_marked_as_ca": Case(
        lambda of: _csca(of, extensions=(_USAGE, _IDENTIFIER)), "chain", "CSCA", "BE"
    ),
}
"""By the code of the deviation. That of ``signer_expired`` is no document: see the test."""
