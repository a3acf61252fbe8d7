"""Which protocol and key of DG14 a run of Chip Authentication uses (Doc 9303-11 §9.2.5, §9.2.6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid.errors import UnsupportedData
from ecid.lds.protocol_oids import KeyAgreement
from ecid.lds.security_info_types import (
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    SecurityInfos,
)
from ecid.protocols.pace_choice import strength
from ecid_crypto.cipher import Cipher
from ecid_crypto.domain import DhDomain, Domain, domain_of
from ecid_crypto.errors import CryptoError

#: What a chip means that has a key and no ChipAuthenticationInfo (TR-03110-1 §3.4, note).
DH_3DES = "0.4.0.127.0.7.2.2.3.1.1"
ECDH_3DES = "0.4.0.127.0.7.2.2.3.2.1"

_DEFAULTS: dict[KeyAgreement, str] = {"DH": DH_3DES, "ECDH": ECDH_3DES}
_VERSION = 1


@dataclass(frozen=True, slots=True)
class ChipAuthenticationChoice:
    """The protocol, key and key id that one run uses; all of it from DG14.

    ``public`` is the chip's static key PK_IC, encoded as ``domain`` encodes public values.
    """

    oid: str
    cipher: Cipher
    domain: Domain
    public: bytes = field(repr=False)
    key_id: int | None


@dataclass(frozen=True, slots=True)
class _Wish:
    """One protocol on offer, from a ChipAuthenticationInfo or by default."""

    oid: str
    agreement: KeyAgreement
    cipher: Cipher
    key_id: int | None


def choose(infos: SecurityInfos) -> ChipAuthenticationChoice | None:
    """Return the strongest protocol of DG14 with its key, or None if DG14 holds no key.

    Strongest is the longest key of the cipher, AES before 3DES, then the strongest domain
    parameters, curves before finite fields; equals are told apart by the lowest key id. Nothing is
    guessed: where several keys fit, the info must name one.

    Raises ``UnsupportedData`` if there are keys and none can be used, naming the first reason by
    alphabet: ``ca_key_ambiguous``, ``ca_key_id_unmatched``, ``ca_key_missing`` (none of that kind),
    ``ca_version``, or what is wrong with the key itself.
    """
    if not infos.chip_authentication_keys:
        return None
    usable: list[ChipAuthenticationChoice] = []
    refused: set[str] = set()
    for wish in _wishes(infos, refused):
        found = _with_key(wish, infos.chip_authentication_keys)
        if isinstance(found, ChipAuthenticationChoice):
            usable.append(found)
        else:
            refused.add(found)
    if not usable:
        raise UnsupportedData("DG14", min(refused))
    return max(usable, key=_rank)


def _wishes(infos: SecurityInfos, refused: set[str]) -> list[_Wish]:
    """Return the protocols on offer; versions that are not run are left in ``refused``."""
    if infos.chip_authentication:
        found = []
        for info in infos.chip_authentication:
            if info.version == _VERSION:
                found.append(_wish(info))
            else:
                refused.add("ca_version")
        return found
    kinds = {entry.key_agreement for entry in infos.chip_authentication_keys}
    return [_Wish(_DEFAULTS[kind], kind, Cipher.TDES, None) for kind in sorted(kinds)]


def _wish(info: ChipAuthenticationInfo) -> _Wish:
    return _Wish(info.oid, info.key_agreement, info.cipher, info.key_id)


def _with_key(
    wish: _Wish, keys: tuple[ChipAuthenticationPublicKeyInfo, ...]
) -> ChipAuthenticationChoice | str:
    """Return ``wish`` with the one key that it means, or in one word why there is none."""
    of_kind = [entry for entry in keys if entry.key_agreement == wish.agreement]
    if not of_kind:
        return "ca_key_missing"
    fitting = [entry for entry in of_kind if _same_key(wish.key_id, entry.key_id, len(of_kind))]
    if len(fitting) > 1:
        return "ca_key_ambiguous"
    if not fitting:
        return "ca_key_id_unmatched"
    (entry,) = fitting
    if entry.key is None:
        return entry.reason or "ca_key_missing"
    try:
        domain, public = domain_of(entry.key)
    except CryptoError as exc:
        return exc.rule
    key_id = entry.key_id if wish.key_id is None else wish.key_id
    return ChipAuthenticationChoice(wish.oid, wish.cipher, domain, public, key_id)


def _same_key(wanted: int | None, has: int | None, keys: int) -> bool:
    """Whether the info means this key; ids may be left out only where nothing is ambiguous."""
    if keys == 1 and has is None:
        return True
    return wanted is None or wanted == has


def _rank(choice: ChipAuthenticationChoice) -> tuple[int, int, int, bool, int]:
    return (
        choice.cipher.key_length,
        choice.cipher.block_length,
        strength(choice.domain),
        not isinstance(choice.domain, DhDomain),
        -(choice.key_id or 0),
    )
