"""A throw-away issuer: CSCA, document signer and SOD, every part of which can be overridden.

The profile is that of the Vietnamese identity card of 2021; the names say EMULATED, and the
CSCA carries a private extension that says the same to programs. Nothing here has ever been, or
imitates the name of, a real authority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ecid.emulator import certificates as c
from ecid.emulator.cms import Signer, sign_sod
from ecid.emulator.keys import generate_ec
from ecid.emulator.signing import EcdsaKey, SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.spki import write_spki
from ecid_crypto.curves import curve_by_name
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import Rng, SeededRng

__all__ = [
    "CSCA_NAME",
    "EMULATED_MARKER_OID",
    "SIGNER_NAME",
    "SIGNING_TIME",
    "Authority",
    "Signer",
    "emulated_issuer",
    "make_csca",
    "make_document_signer",
    "sign_sod",
]

EMULATED_MARKER_OID = "2.25.181023459306139140458641771224554242611"
"""Extension of every emulated CSCA; a UUID arc (X.667), so it needed no registration."""


def csca_name(country: str) -> bytes:
    """Return the subject of the emulated CSCA of a country (two letters)."""
    return c.name(country, "ecid emulator", "CSCA EMULATED", serial="001")


def signer_name(country: str) -> bytes:
    """Return the subject of the emulated document signer of a country (two letters)."""
    unit = "EMULATED, not an authority"
    return c.name(country, "ecid emulator", "Document Signer EMULATED 00013", unit=unit)


CSCA_NAME, SIGNER_NAME = csca_name("VN"), signer_name("VN")

CSCA_VALIDITY = (datetime(2021, 1, 19, 18, tzinfo=UTC), datetime(2046, 4, 13, 18, tzinfo=UTC))
CSCA_USAGE_END = datetime(2026, 1, 21, 18, tzinfo=UTC)
SIGNER_VALIDITY = (datetime(2021, 5, 28, 3, tzinfo=UTC), datetime(2043, 8, 21, 3, tzinfo=UTC))
SIGNER_USAGE = timedelta(days=90)
SIGNING_TIME = datetime(2021, 6, 1, 2, tzinfo=UTC)
"""When emulated documents are signed: within the usage period of the signer."""

_CRL = "http://csca.emulated.invalid/csca.crl"
_SITE = "http://csca.emulated.invalid/"


@dataclass(frozen=True, slots=True)
class Authority:
    """An emulated CSCA: its certificate (DER), what it was made of, and its private key."""

    certificate: bytes = field(repr=False)
    plan: c.CertificatePlan = field(repr=False)
    key: SigningKey = field(repr=False)


def make_csca(
    key: SigningKey,
    *,
    subject: bytes = CSCA_NAME,
    serial: int = 0x45434944_00000001,
    validity: tuple[datetime, datetime] = CSCA_VALIDITY,
    usage_end: datetime = CSCA_USAGE_END,
    hash_function: Hash = Hash.SHA384,
    path_length: int | None = 0,
    marked: bool = True,
    extensions: Sequence[bytes] | None = None,
    issuer: Authority | None = None,
    explicit_parameters: bool = False,
) -> Authority:
    """Return a CSCA, self-signed, or a link certificate signed by ``issuer``.

    ``extensions`` (complete Extensions) replace those of the profile; ``marked`` is whether
    these contain ``EMULATED_MARKER_OID``.
    """
    signer = key if issuer is None else issuer.key
    if extensions is None:
        marker = (c.extension(EMULATED_MARKER_OID, w.utf8("EMULATED")),) if marked else ()
        extensions = (
            c.basic_constraints(True, path_length),
            c.authority_key_identifier(c.key_identifier(signer.public)),
            c.crl_distribution_point(_CRL),
            c.subject_key_identifier(c.key_identifier(key.public)),
            c.private_key_usage_period(validity[0], usage_end),
            c.key_usage(5, 6),
            *marker,
        )
    plan = c.CertificatePlan(
        serial=serial,
        issuer=subject if issuer is None else issuer.plan.subject,
        subject=subject,
        not_before=validity[0],
        not_after=validity[1],
        public_key=write_spki(key.public, explicit_parameters),
        extensions=tuple(extensions),
        hash_function=hash_function,
    )
    return Authority(c.sign_certificate(plan, signer), plan, key)


def make_document_signer(
    key: SigningKey,
    csca: Authority,
    *,
    subject: bytes = SIGNER_NAME,
    issuer_name: bytes | None = None,
    serial: int = 0x45434944_00000013,
    validity: tuple[datetime, datetime] = SIGNER_VALIDITY,
    usage: timedelta = SIGNER_USAGE,
    hash_function: Hash = Hash.SHA384,
    extensions: Sequence[bytes] | None = None,
    version: int | None = 2,
    explicit_parameters: bool = False,
) -> Signer:
    """Return a document signer under ``csca``; ``extensions`` replace those of the profile."""
    if extensions is None:
        extensions = signer_extensions(key, csca, validity[0], usage)
    plan = c.CertificatePlan(
        serial=serial,
        issuer=csca.plan.subject if issuer_name is None else issuer_name,
        subject=subject,
        not_before=validity[0],
        not_after=validity[1],
        public_key=write_spki(key.public, explicit_parameters),
        extensions=tuple(extensions),
        hash_function=hash_function,
        version=version,
    )
    return Signer(c.sign_certificate(plan, csca.key), key)


def signer_extensions(
    key: SigningKey,
    csca: Authority,
    start: datetime,
    usage: timedelta = SIGNER_USAGE,
    country: str = "VN",
) -> tuple[bytes, ...]:
    """Return the extensions of a document signer as the profile has them, in its order."""
    return (
        c.basic_constraints(False),
        c.authority_key_identifier(c.key_identifier(csca.key.public)),
        c.subject_alternative_name(country, _SITE),
        c.crl_distribution_point(_CRL),
        c.subject_key_identifier(c.key_identifier(key.public)),
        c.private_key_usage_period(start, start + usage),
        c.key_usage(0),
    )


def emulated_issuer(
    seed: int, label: str = "issuer", country: str = "VN"
) -> tuple[Authority, Signer]:
    """Return the CSCA (P-384) and document signer (brainpoolP384r1) that ``seed`` stands for.

    Cards of one seed and country share them, whatever their name; ``label`` tells several issuers
    apart.
    """
    source = label if country == "VN" else f"{label}/{country}"
    rng: Rng = SeededRng(f"ecid emulator/{source}/{seed}".encode())
    csca_key = EcdsaKey(generate_ec(curve_by_name("P-384"), rng))
    key = EcdsaKey(generate_ec(curve_by_name("brainpoolP384r1"), rng))
    csca = make_csca(csca_key, subject=csca_name(country))
    extensions = signer_extensions(key, csca, SIGNER_VALIDITY[0], country=country)
    signer = make_document_signer(key, csca, subject=signer_name(country), extensions=extensions)
    return csca, signer
