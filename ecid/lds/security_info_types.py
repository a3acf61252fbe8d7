"""The values that SecurityInfos turn into, one class for each kind (Doc 9303-11 §9.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid.lds.protocol_oids import (
    ChipAuthenticationProtocol,
    KeyAgreement,
    Mapping,
    PaceProtocol,
)
from ecid_crypto.cipher import Cipher
from ecid_crypto.dh import DhPublicKey
from ecid_crypto.public_key import EcPublicKey


@dataclass(frozen=True, slots=True)
class PaceInfo:
    """PACEInfo (§9.2.1): ``version`` is 2, ``parameter_id`` the standardised parameters."""

    oid: str
    version: int
    parameter_id: int | None
    protocol: PaceProtocol

    @property
    def mapping(self) -> Mapping:
        """Return GM, IM or CAM."""
        return self.protocol.mapping

    @property
    def key_agreement(self) -> KeyAgreement:
        """Return DH or ECDH."""
        return self.protocol.key_agreement

    @property
    def cipher(self) -> Cipher:
        """Return the cipher of the session that PACE opens."""
        return self.protocol.cipher


@dataclass(frozen=True, slots=True)
class PaceDomainParameterInfo:
    """PACEDomainParameterInfo (§9.2.2): proprietary parameters, an AlgorithmIdentifier in DER."""

    oid: str
    domain_parameters: bytes = field(repr=False)
    parameter_id: int | None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationInfo:
    """ChipAuthenticationInfo (§9.2.5); ``key_id`` is None where the chip has one key."""

    oid: str
    version: int
    key_id: int | None
    protocol: ChipAuthenticationProtocol

    @property
    def key_agreement(self) -> KeyAgreement:
        """Return DH or ECDH."""
        return self.protocol.key_agreement

    @property
    def cipher(self) -> Cipher:
        """Return the cipher of the session that Chip Authentication opens."""
        return self.protocol.cipher


@dataclass(frozen=True, slots=True)
class ChipAuthenticationPublicKeyInfo:
    """ChipAuthenticationPublicKeyInfo (§9.2.6).

    ``key`` is None where the key cannot be used; ``reason`` then says why in one word, for
    example ``dh_group``. ``spki`` is the SubjectPublicKeyInfo as received.
    """

    oid: str
    key_agreement: KeyAgreement
    key: EcPublicKey | DhPublicKey | None = field(repr=False)
    key_id: int | None
    spki: bytes = field(repr=False)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationInfo:
    """ActiveAuthenticationInfo (§9.2.4): the dotted ``signature_algorithm`` of an ECDSA key."""

    version: int
    signature_algorithm: str


@dataclass(frozen=True, slots=True)
class TerminalAuthenticationInfo:
    """TerminalAuthenticationInfo (§9.2); ``cvca_fid`` and ``cvca_sfi`` name EF.CVCA if given."""

    version: int
    cvca_fid: int | None = None
    cvca_sfi: int | None = None


@dataclass(frozen=True, slots=True)
class SecurityInfos:
    """Every SecurityInfo of one file, by kind, each kind in the order received.

    ``unknown`` holds the identifiers of the others, ``raw_entries`` the DER of all, for comparing
    EF.CardAccess with DG14. ``deviations``: ``set_order``, and what the keys bring along.
    """

    pace: tuple[PaceInfo, ...] = ()
    pace_domain_parameters: tuple[PaceDomainParameterInfo, ...] = ()
    chip_authentication: tuple[ChipAuthenticationInfo, ...] = ()
    chip_authentication_keys: tuple[ChipAuthenticationPublicKeyInfo, ...] = ()
    active_authentication: tuple[ActiveAuthenticationInfo, ...] = ()
    terminal_authentication: tuple[TerminalAuthenticationInfo, ...] = ()
    unknown: tuple[str, ...] = ()
    raw_entries: tuple[bytes, ...] = field(default=(), repr=False)
    deviations: tuple[str, ...] = ()
