"""What the tests of the trust store share: lists of every kind, and what they come wrapped in.

Everything is signed by emulated issuers, and every part may be given instead of computed, so that
a list that must be refused differs from a good one in exactly one part.
"""

from __future__ import annotations

from base64 import b64encode, encodebytes
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.pki import Authority, Signer, make_csca, make_document_signer
from ecid.emulator.signing import SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.oid import (
    CSCA_MASTER_LIST,
    DATA,
    DEFECT_LIST,
    DEVIATION_LIST,
    DEVIATION_LIST_SIGNING_KEY,
    MASTER_LIST_SIGNING_KEY,
    SIGNED_DATA,
)
from ecid.encoding.tlv import encode
from ecid.trust.entries import Kind
from ecid.trust.intake.admission import Admitted, admit
from ecid.trust.intake.contents import contents
from ecid.trust.intake.rules import Rules
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import Tolerances
from ecid_crypto.hashes import Hash
from forged_sod import ec_key

#: A moment at which the lists made here are in date, unless told otherwise.
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
#: When they are imported, unless told otherwise: the newest of them have been signed by then.
IMPORTED = NOW + timedelta(days=240)
THIS_UPDATE, NEXT_UPDATE = NOW - timedelta(days=10), NOW + timedelta(days=80)

UTOPIA = c.name("UT", "ecid emulator", "CSCA UTOPIA")
#: A country signing authority without the marker of emulated ones: any store takes it.
ROOT = make_csca(ec_key("utopia"), subject=UTOPIA, marked=False)
ATLANTIS = make_csca(
    ec_key("atlantis"), subject=c.name("AT", "ecid emulator", "CSCA ATLANTIS"), marked=False
)


def document_signer(label: str = "dsc", serial: int = 0x77, issuer: Authority = ROOT) -> Signer:
    """Return a document signer of Utopia."""
    subject = c.name("UT", "ecid emulator", label)
    return make_document_signer(ec_key(label), issuer, serial=serial, subject=subject)


CRL_NUMBER, DELTA_INDICATOR = "2.5.29.20", "2.5.29.27"
DISTRIBUTION_POINT, CERTIFICATE_ISSUER = "2.5.29.28", "2.5.29.29"
DEFECT_PURPOSE = "2.25.7"
"""Lists of defects have no published purpose: some other than any that is known."""
INVENTED = "2.25.1"
"""An extension that nobody understands."""


# Revocation lists -------------------------------------------------------------------------------


def crl(
    *revoked: int | bytes,
    issuer: Authority = ROOT,
    key: SigningKey | None = None,
    name: bytes | None = None,
    number: int | None = 1,
    this_update: datetime = THIS_UPDATE,
    next_update: datetime | None = NEXT_UPDATE,
    named_key: SigningKey | None = None,
    more: Sequence[bytes] = (),
    extensions: Sequence[bytes] | None = None,
    version: int | None = 1,
    hash_function: Hash = Hash.SHA256,
    inner_algorithm: bytes | None = None,
) -> bytes:
    """Return a CertificateList (RFC 5280 §5.1); ``revoked`` are serial numbers or whole entries.

    ``key`` signs in place of the issuer's, ``named_key`` is the one the key identifier names,
    ``more`` are further extensions and ``extensions`` replace all of them.
    """
    signer = issuer.key if key is None else key
    if extensions is None:
        named = c.key_identifier((named_key or signer).public)
        extensions = (c.authority_key_identifier(named), *crl_number(number), *more)
    algorithm = signer.algorithm(hash_function)
    tbs = w.seq(
        b"" if version is None else w.integer(version),
        algorithm if inner_algorithm is None else inner_algorithm,
        issuer.plan.subject if name is None else name,
        c.time(this_update),
        b"" if next_update is None else c.time(next_update),
        w.seq(*(entry(each) if isinstance(each, int) else each for each in revoked))
        if revoked
        else b"",
        w.explicit(0, w.seq(*extensions)) if extensions else b"",
    )
    return w.seq(tbs, algorithm, w.bits(signer.sign(hash_function, tbs)))


def entry(serial: int, *extensions: bytes, date: datetime = THIS_UPDATE) -> bytes:
    """Return one entry of a revocation list."""
    return w.seq(w.integer(serial), c.time(date), w.seq(*extensions) if extensions else b"")


def crl_number(number: int | None) -> tuple[bytes, ...]:
    """Return the extension CRL number, or nothing for None (RFC 5280 §5.2.3)."""
    return () if number is None else (c.extension(CRL_NUMBER, w.integer(number)),)


# Signed lists -----------------------------------------------------------------------------------


@cache
def list_signer(
    issuer: Authority = ROOT,
    purpose: str | None = MASTER_LIST_SIGNING_KEY,
    label: str = "list signer",
    country: str = "UT",
    **overrides: Any,
) -> Signer:
    """Return a certificate for signing lists; ``purpose`` is its extended key usage or None."""
    key = ec_key(label)
    usage = () if purpose is None else (c.extension("2.5.29.37", w.seq(w.oid(purpose))),)
    extensions = (
        c.basic_constraints(False),
        c.authority_key_identifier(c.key_identifier(issuer.key.public)),
        c.subject_key_identifier(c.key_identifier(key.public)),
        c.key_usage(0),
        *usage,
    )
    subject = c.name(country, "ecid emulator", label)
    return make_document_signer(
        key, issuer, **{"extensions": extensions, "subject": subject, **overrides}
    )


def signed_list(
    content_type: str,
    content: bytes,
    signer: Signer,
    *,
    at: datetime | None = NOW,
    certificates: Sequence[bytes] | None = None,
    signer_infos: Sequence[bytes] | None = None,
    hash_function: Hash = Hash.SHA256,
    digest: bytes | None = None,
) -> bytes:
    """Return ``content`` as a CMS list, signed ``at`` (None: without signing time)."""
    if signer_infos is None:
        attributes = cms.signed_attributes(
            content,
            hash_function,
            content_type=content_type,
            signing_time=at,
            message_digest=digest,
        )
        signer_infos = (cms.signer_info(signer, content, attributes, hash_function=hash_function),)
    return cms.signed_data(
        content,
        signer_infos,
        (signer.certificate,) if certificates is None else certificates,
        digest_algorithms=(cms.digest_algorithm(hash_function),),
        content_type=content_type,
    )


def master_list(*certificates: bytes, signer: Signer | None = None, **options: Any) -> bytes:
    """Return a master list of ``certificates``; ``options`` are those of ``signed_list``."""
    content = csca_master_list(*certificates)
    return signed_list(CSCA_MASTER_LIST, content, signer or list_signer(), **options)


def csca_master_list(*certificates: bytes, version: int = 0) -> bytes:
    """Return a CscaMasterList (Doc 9303-12 §9.2)."""
    return w.seq(w.integer(version), w.set_of(*certificates))


def deviation_list(*entries: bytes, signer: Signer | None = None, **options: Any) -> bytes:
    """Return a deviation list of ``entries`` (Doc 9303-3 §8)."""
    content = w.seq(w.integer(0), w.set_of(*entries))
    chosen = signer or list_signer(purpose=DEVIATION_LIST_SIGNING_KEY)
    return signed_list(DEVIATION_LIST, content, chosen, **options)


def deviation(kinds: Sequence[str], *documents: bytes) -> bytes:
    """Return a Deviation; ``documents`` are the parts that say which documents it is about."""
    return w.seq(w.seq(*documents), w.set_of(*map(description, kinds)))


def description(kind: str) -> bytes:
    """Return a DeviationDescription with a text for people before the identifier."""
    return w.seq(w.printable("For people."), w.oid(kind))


def defect_list(*entries: bytes, signer: Signer | None = None, **options: Any) -> bytes:
    """Return a defect list of ``entries`` (BSI TR-03129)."""
    content = w.seq(w.integer(0), w.oid(Hash.SHA256.oid), w.set_of(*entries))
    chosen = signer or list_signer(purpose=DEFECT_PURPOSE)
    return signed_list(DEFECT_LIST, content, chosen, **options)


def defect(kinds: Sequence[str], about: Signer, digest: bytes | None = None) -> bytes:
    """Return a Defect of the document signer ``about``."""
    hashed = b"" if digest is None else w.octets(digest)
    names = w.set_of(*(w.seq(w.oid(kind)) for kind in kinds))
    return w.seq(cms.issuer_and_serial(about.certificate), hashed, names)


# What certificates and lists come wrapped in ----------------------------------------------------


def pem(*contents: bytes, label: str = "CERTIFICATE") -> bytes:
    """Return ``contents`` as PEM blocks of one label."""
    edges = f"-----BEGIN {label}-----\n".encode(), f"-----END {label}-----\n".encode()
    return b"".join(edges[0] + encodebytes(each) + edges[1] for each in contents)


def ldif(*records: bytes) -> bytes:
    """Return an LDIF file of ``records``."""
    return b"\n".join((b"version: 1\n", *records))


def record(
    attribute: str,
    value: bytes,
    dn: str = "cn=1,o=dsc,c=UT,dc=data,dc=download,dc=pkd,dc=icao,dc=int",
    *,
    width: int = 76,
    end: bytes = b"\n",
) -> bytes:
    """Return one record with ``value`` in base64, its lines folded after ``width`` characters."""
    lines = (f"dn: {dn}".encode(), attribute.encode() + b":: " + b64encode(value))
    return b"".join(folded(line, width, end) for line in lines)


def folded(line: bytes, width: int, end: bytes = b"\n") -> bytes:
    """Return ``line`` cut into pieces of ``width``, each but the first after a space."""
    first, rest = line[:width], line[width:]
    pieces = [rest[i : i + width - 1] for i in range(0, len(rest), width - 1)]
    return end.join([first, *(b" " + piece for piece in pieces)]) + end


def certificates_only(*certificates: bytes, crls: Sequence[bytes] = ()) -> bytes:
    """Return PKCS #7 without content and signers (RFC 5652 §5.2)."""
    signed = w.seq(
        w.integer(1),
        w.set_of(),
        w.seq(w.oid(DATA)),
        w.implicit(0, w.set_of(*certificates)) if certificates else b"",
        w.implicit(1, w.set_of(*crls)) if crls else b"",
        w.set_of(),
    )
    return w.seq(w.oid(SIGNED_DATA), w.explicit(0, signed))


def pkcs12_of(*certificates: bytes, password: str) -> bytes:
    """Return a PKCS #12 file with ``certificates`` and no key."""
    held = [x509.load_der_x509_certificate(each) for each in certificates]
    protection = BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(None, None, held[0], held[1:], protection)


def broken_certificate(number: int = 0) -> bytes:
    """Return what begins like a certificate and is none."""
    return encode(0x30, w.seq(w.integer(number)))


# Admission --------------------------------------------------------------------------------------


def roots(count: int, country: str = "UT") -> list[bytes]:
    """Return ``count`` different country signing certificates of one key."""
    key = ec_key("many")
    return [
        make_csca(
            key,
            subject=c.name(country, "ecid emulator", f"CSCA {number}"),
            serial=number + 1,
            marked=False,
        ).certificate
        for number in range(count)
    ]


def take_in(
    *files: bytes,
    base: TrustStore | None = None,
    table: str = "field",
    stated: Collection[str] = (),
    keeping: bool = True,
    allow_test: bool = False,
    at: datetime = IMPORTED,
) -> Admitted:
    """Return what is admitted of ``files``, named 0, 1, 2 and so on, on top of ``base``."""
    rules = Rules(
        tolerances=Tolerances.load(table),
        at=at,
        stated=stated,
        keeping=keeping,
        allow_test=allow_test,
    )
    found = ((str(n), each) for n, data in enumerate(files) for each in contents(data))
    return admit(found, TrustStore() if base is None else base, rules)


@cache
def full_store() -> TrustStore:
    """Return a store with something of every kind: anchors, a signer, lists."""
    return take_in(
        ROOT.certificate,
        pem(*roots(3)),
        document_signer().certificate,
        master_list(ATLANTIS.certificate),
        crl(5),
        deviation_list(deviation(("1.2.3",))),
    ).store


def raw_anchors(store: TrustStore) -> set[bytes]:
    """Return the anchors of ``store`` as received."""
    return {anchor.raw for anchor in store.anchors}


def kinds(store: TrustStore, raw: bytes) -> list[Kind]:
    """Return on whose words the anchor ``raw`` is in ``store``."""
    [found] = [each for each in store.entries if each.fingerprint == Hash.SHA256.digest(raw)]
    return [each.kind for each in found.provenances]


def skips(store: TrustStore) -> list[tuple[str, str]]:
    """Return source and rule of everything that was left out of ``store``."""
    return [(each.source, each.rule) for each in store.skipped]
