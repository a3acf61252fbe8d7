"""How a chip checks card-verifiable certificates (Doc 9303-11 §7.1.4.3; TR-03110-3 §C.4).

The chip has no clock: its date is the latest one that a certificate of its own country has told
it. It believes the CVCA, every document verifier, and terminals of domestic verifiers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ecid.emulator.chip.command import (
    NOT_AUTHENTICATED,
    NOT_IN_THIS_STATE,
    WRONG_DATA,
    RefusalError,
)
from ecid.encoding.tlv import encode
from ecid.errors import EcidError
from ecid.lds.cvc import parse_cvc
from ecid.lds.cvc_types import (
    INSPECTION_SYSTEM,
    CardVerifiableCertificate,
    CvcEcKey,
    TaScheme,
)
from ecid_crypto.curves import Curve, decode_point
from ecid_crypto.errors import CryptoError
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.signature import verify

CVCA, DV_DOMESTIC, DV_FOREIGN, TERMINAL = 0xC0, 0x80, 0x40, 0x00
_ROLE, _RIGHTS = 0xC0, 0x3F

#: Whose certificate a role may sign; a CVCA signs its own next key as well.
_MAY_SIGN = {
    CVCA: {CVCA, DV_DOMESTIC, DV_FOREIGN},
    DV_DOMESTIC: {TERMINAL},
    DV_FOREIGN: {TERMINAL},
    TERMINAL: set[int](),
}


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A public key that the chip has imported, with what its chain allows.

    ``reference`` is the holder's; ``role`` the two highest bits of the authorisation; ``rights``
    the bits that every certificate of the chain has.
    """

    reference: bytes
    scheme: TaScheme
    key: EcPublicKey | RsaPublicKey = field(repr=False)
    role: int
    rights: int
    effective: date
    expiration: date


def trust_point(certificate: bytes) -> CertifiedKey | None:
    """Return the key of a CVCA certificate that was put in by the issuer; None if it is unusable.

    Nobody has to prove anything to a chip that is being made: nothing is verified.
    """
    try:
        parsed = parse_cvc(certificate)
        return _certified(parsed, None)
    except (EcidError, RefusalError):
        return None


def check(data: bytes, issuer: CertifiedKey, today: date) -> tuple[CertifiedKey, date]:
    """Return the key of a certificate under ``issuer`` and the date that the chip believes then.

    ``data`` is body and signature, as PSO has them. Raises ``RefusalError``: 6A80 for what is no
    certificate of this issuer, 6300 for a wrong signature, 6985 for a certificate that is
    expired or that the issuer may not sign.
    """
    try:
        certificate = parse_cvc(encode(0x7F21, data))
    except EcidError as exc:
        raise RefusalError(WRONG_DATA) from exc
    if _reference(certificate.authority_reference) != issuer.reference:
        raise RefusalError(WRONG_DATA)
    try:
        verify(issuer.scheme, issuer.key, certificate.signature, certificate.raw_body)
    except CryptoError as exc:
        raise RefusalError(NOT_AUTHENTICATED) from exc
    imported = _certified(certificate, issuer)
    if imported.role not in _MAY_SIGN[issuer.role]:
        raise RefusalError(NOT_IN_THIS_STATE)
    # Link certificates are accepted when they have expired, and so are the keys that signed them.
    if imported.role != CVCA and min(issuer.expiration, imported.expiration) < today:
        raise RefusalError(NOT_IN_THIS_STATE)
    accurate = imported.role != TERMINAL or issuer.role == DV_DOMESTIC
    return imported, max(today, certificate.effective) if accurate else today


def _certified(certificate: CardVerifiableCertificate, issuer: CertifiedKey | None) -> CertifiedKey:
    authorisation = certificate.authorization.authorization[0]
    if certificate.authorization.oid != INSPECTION_SYSTEM:
        raise RefusalError(WRONG_DATA)
    if certificate.effective > certificate.expiration:
        raise RefusalError(WRONG_DATA)
    granted = _RIGHTS if issuer is None else issuer.rights
    return CertifiedKey(
        reference=_reference(certificate.holder_reference),
        scheme=certificate.public_key.scheme,
        key=_public_key(certificate.public_key.key, authorisation & _ROLE, issuer),
        role=authorisation & _ROLE,
        rights=authorisation & granted & _RIGHTS,
        effective=certificate.effective,
        expiration=certificate.expiration,
    )


def _public_key(
    key: RsaPublicKey | CvcEcKey, role: int, issuer: CertifiedKey | None
) -> EcPublicKey | RsaPublicKey:
    if isinstance(key, RsaPublicKey):
        return key
    try:
        curve = _curve(key, role, issuer)
        return EcPublicKey(curve, decode_point(curve, key.point))
    except CryptoError as exc:
        raise RefusalError(WRONG_DATA) from exc


def _curve(key: CvcEcKey, role: int, issuer: CertifiedKey | None) -> Curve:
    """Return the curve: a CVCA's own, or the issuer's where there is none (§A.6.4.1)."""
    if key.parameters is not None and role == CVCA:
        return key.parameters.curve()
    if key.parameters is None and issuer is not None and isinstance(issuer.key, EcPublicKey):
        return issuer.key.curve
    raise RefusalError(WRONG_DATA)


def _reference(text: str) -> bytes:
    return text.encode("iso-8859-1")
