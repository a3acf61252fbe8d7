"""Issuers for tests: certificates, revocation lists and master lists, every part of which is yours.

    utopia = csca("UT")
    signer = dsc(utopia, without=[KEY_USAGE], extra=[c.key_usage(0, 5)])
    card = issued_by(canary_card(), utopia, signer)
    later = crl(utopia, 0x1234, number=2, this_update=NOW)

Without arguments everything is as Doc 9303-12 §7.1 has it and valid at ``NOW``. ``nodes`` takes
the place of what no argument reaches: a path in the signed part (child indexes, -1 is the last)
and the complete DER to stand there, or bytes that are none. All of it is signed afterwards, so
that nothing else is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.pki import (
    CSCA_VALIDITY,
    SIGNER_VALIDITY,
    Authority,
    Signer,
    make_csca,
    make_document_signer,
    signer_extensions,
)
from ecid.emulator.signing import SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.oid import (
    CSCA_MASTER_LIST,
    EC_PUBLIC_KEY,
    MASTER_LIST_SIGNING_KEY,
    PRIME_FIELD,
    decode_oid,
)
from ecid.encoding.tlv import children, parse_one
from ecid.testing.der import Replacement, node, override
from ecid.testing.keys import ec_key
from ecid.testing.subject import NOW
from ecid.trust.crl import CRL_NUMBER
from ecid.trust.extensions import EXTENDED_KEY_USAGE
from ecid_crypto.curves import Curve, Point
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import EcPublicKey

Nodes = Mapping[tuple[int, ...], Replacement]
"""What takes the place of which objects in the signed part."""

VERSION, SERIAL, ISSUER, VALIDITY, SUBJECT, PUBLIC_KEY, EXTENSIONS = (
    (0,),
    (1,),
    (3,),
    (4,),
    (5,),
    (6,),
    (7, 0),
)
"""Paths in the signed part of a certificate of version 3."""


def csca(
    country: str = "UT",
    key: SigningKey | None = None,
    *,
    name: str = "CSCA EMULATED",
    subject: bytes | None = None,
    issuer: Authority | None = None,
    serial: int = 1,
    validity: tuple[datetime, datetime] = CSCA_VALIDITY,
    path_length: int | None = 0,
    without: Collection[str] = (),
    extra: Sequence[bytes] = (),
    nodes: Nodes | None = None,
) -> Authority:
    """Return a country signing authority, or a link certificate if there is an ``issuer``.

    ``without`` are extensions (dotted) that the profile has and this one lacks, ``extra`` are
    complete Extensions beside the others.
    """
    key = key or ec_key(f"{country} {name}")
    made = make_csca(
        key,
        subject=c.name(country, "ecid testing", name) if subject is None else subject,
        serial=serial,
        validity=validity,
        path_length=path_length,
        issuer=issuer,
    )
    plan = replace(made.plan, extensions=edited(made.plan.extensions, without, extra))
    signer = key if issuer is None else issuer.key
    raw = signed_again(c.sign_certificate(plan, signer), signer, nodes or {}, plan.hash_function)
    return Authority(raw, plan, key)


def dsc(
    issuer: Authority,
    key: SigningKey | None = None,
    *,
    country: str | None = None,
    name: str = "Document Signer EMULATED",
    subject: bytes | None = None,
    issuer_name: bytes | None = None,
    serial: int = 0x0D5C,
    validity: tuple[datetime, datetime] = SIGNER_VALIDITY,
    usage: timedelta = timedelta(days=90),
    public_key: bytes | None = None,
    without: Collection[str] = (),
    extra: Sequence[bytes] = (),
    hash_function: Hash = Hash.SHA384,
    nodes: Nodes | None = None,
) -> Signer:
    """Return a document signer under ``issuer``, of the country of its issuer unless given.

    ``usage`` is the length of the private key usage period, which begins with the validity;
    ``public_key`` is a complete SubjectPublicKeyInfo in place of that of ``key``.
    """
    key = key or ec_key(name)
    if subject is None:
        subject = c.name(country or country_of(issuer), "ecid testing", name)
    made = make_document_signer(
        key,
        issuer,
        subject=subject,
        issuer_name=issuer_name,
        serial=serial,
        validity=validity,
        hash_function=hash_function,
        extensions=edited(signer_extensions(key, issuer, validity[0], usage), without, extra),
    )
    changes = dict(nodes or {})
    if public_key is not None:
        changes[PUBLIC_KEY] = public_key
    return Signer(signed_again(made.certificate, issuer.key, changes, hash_function), key)


def list_signer(
    issuer: Authority,
    key: SigningKey | None = None,
    *,
    purposes: Sequence[str] = (MASTER_LIST_SIGNING_KEY,),
    name: str = "Master List Signer EMULATED",
    validity: tuple[datetime, datetime] = SIGNER_VALIDITY,
) -> Signer:
    """Return a signer of master lists under ``issuer`` (Doc 9303-12 §7.1.1, Table 5).

    ``purposes`` are the object identifiers of its extended key usage; without any it has none.
    """
    usage = c.extension(EXTENDED_KEY_USAGE, w.seq(*map(w.oid, purposes)))
    return dsc(
        issuer, key, name=name, serial=0x7157, validity=validity, extra=[usage] if purposes else []
    )


def crl(
    issuer: Authority,
    *revoked: int | bytes,
    number: int | None = 1,
    this_update: datetime = NOW - timedelta(days=1),
    next_update: datetime | None = NOW + timedelta(days=89),
    name: bytes | None = None,
    key: SigningKey | None = None,
    without: Collection[str] = (),
    extra: Sequence[bytes] = (),
    hash_function: Hash = Hash.SHA384,
    nodes: Nodes | None = None,
) -> bytes:
    """Return a revocation list of ``issuer`` (RFC 5280 §5, Doc 9303-12 §7.1.4).

    ``revoked`` are serial numbers, or complete entries (``revoked_entry``). ``name`` stands in
    the place of the issuer's, and ``key`` signs instead of the issuer's; the key identifier
    stays that of the issuer, which is what a forger would write.
    """
    signer = key or issuer.key
    algorithm = signer.algorithm(hash_function)
    entries = (revoked_entry(each) if isinstance(each, int) else each for each in revoked)
    profile = [c.authority_key_identifier(c.key_identifier(issuer.key.public))]
    profile += [] if number is None else [c.extension(CRL_NUMBER, w.integer(number))]
    extensions = edited(profile, without, extra)
    signed = w.seq(
        w.integer(1),
        algorithm,
        issuer.plan.subject if name is None else name,
        c.time(this_update),
        b"" if next_update is None else c.time(next_update),
        w.seq(*entries) if revoked else b"",
        w.explicit(0, w.seq(*extensions)) if extensions else b"",
    )
    complete = w.seq(signed, algorithm, w.bits(signer.sign(hash_function, signed)))
    return signed_again(complete, signer, nodes or {}, hash_function)


def revoked_entry(serial: int, *extensions: bytes, at: datetime = NOW - timedelta(days=2)) -> bytes:
    """Return one entry of a revocation list, revoked ``at``."""
    return w.seq(w.integer(serial), c.time(at), w.seq(*extensions) if extensions else b"")


def master_list(
    signer: Signer,
    *certificates: bytes,
    signed_at: datetime | None = NOW - timedelta(days=1),
    content: bytes | None = None,
    content_type: str = CSCA_MASTER_LIST,
    enclosed: Sequence[bytes] | None = None,
    hash_function: Hash = Hash.SHA256,
) -> bytes:
    """Return a CSCA master list of ``certificates`` (Doc 9303-12 §9).

    ``content`` is a CscaMasterList in place of the computed one, ``enclosed`` are the
    certificates of the envelope, which holds the signer's if left out.
    """
    if content is None:
        content = w.seq(w.integer(0), w.set_of(*certificates))
    attributes = cms.signed_attributes(
        content, hash_function, content_type=content_type, signing_time=signed_at
    )
    return cms.signed_data(
        content,
        (cms.signer_info(signer, content, attributes, hash_function=hash_function),),
        (signer.certificate,) if enclosed is None else enclosed,
        digest_algorithms=(cms.digest_algorithm(hash_function),),
        content_type=content_type,
    )


def signed_again(
    der: bytes, key: SigningKey, nodes: Nodes, hash_function: Hash = Hash.SHA384
) -> bytes:
    """Return a certificate or revocation list with ``nodes`` replaced, signed again by ``key``.

    Raises what ``ecid.testing.override`` raises.
    """
    if not nodes:
        return der
    for path, new in nodes.items():
        der = override(der, (0, *path), new)
    signature = w.bits(key.sign(hash_function, node(der, (0,))))
    return override(der, (2,), signature)


def edited(
    extensions: Sequence[bytes], without: Collection[str], extra: Sequence[bytes] = ()
) -> tuple[bytes, ...]:
    """Return complete ``extensions`` but for those named in ``without``, and then ``extra``."""
    kept = (each for each in extensions if _extension_type(each) not in without)
    return (*kept, *extra)


def country_of(issuer: Authority) -> str:
    """Return the countryName of an authority made here: it stands first in its name."""
    return node(issuer.plan.subject, (0, 0, 1))[2:].decode("ascii")


def explicit_key(key: EcPublicKey, parameters: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo of ``key`` with these ECParameters (``curve_parameters``)."""
    size = key.curve.field_length
    point = b"\x04" + key.point.x.to_bytes(size, "big") + key.point.y.to_bytes(size, "big")
    return w.seq(w.seq(w.oid(EC_PUBLIC_KEY), parameters), w.bits(point))


def curve_parameters(
    curve: Curve,
    *,
    p: int | None = None,
    a: int | None = None,
    b: int | None = None,
    g: Point | bytes | None = None,
    n: int | None = None,
    h: int | None = None,
    version: int = 1,
    field: bytes | None = None,
) -> bytes:
    """Return ECParameters of ``curve`` with any value another one (RFC 3279 §2.3.5).

    ``g`` is a point or the octets of one, ``field`` a complete FieldID in place of the prime
    field of ``p``.
    """
    size = curve.field_length
    base = curve.g if g is None else g
    if not isinstance(base, bytes):
        base = b"\x04" + base.x.to_bytes(size, "big") + base.y.to_bytes(size, "big")
    return w.seq(
        w.integer(version),
        w.seq(w.oid(PRIME_FIELD), w.integer(curve.p if p is None else p))
        if field is None
        else field,
        w.seq(
            w.octets((curve.a if a is None else a).to_bytes(size, "big")),
            w.octets((curve.b if b is None else b).to_bytes(size, "big")),
        ),
        w.octets(base),
        w.integer(curve.n if n is None else n),
        w.integer(curve.h if h is None else h),
    )


def _extension_type(extension: bytes) -> str:
    kind = children(parse_one(extension, 0x30, "extension"))[0]
    return decode_oid(kind.value, "extension")
