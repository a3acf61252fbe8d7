"""SecurityInfos: which protocols a chip offers and with which keys (Doc 9303-11 §9.2).

They stand bare in EF.CardAccess, inside tag 6E in DG14, and signed in EF.CardSecurity.
What is not known is kept by its identifier; a key we cannot use is kept with the reason.
"""

from __future__ import annotations

from typing import TypeVar

from ecid.encoding import der_write as w
from ecid.encoding.algorithm import AlgorithmIdentifier
from ecid.encoding.der import TLV, Null, ObjectIdentifier, decode, decode_set_of, sequence, tlv_raw
from ecid.encoding.dh_spki import parse_dh_spki
from ecid.encoding.oid import ACTIVE_AUTHENTICATION
from ecid.encoding.spki import parse_spki
from ecid.encoding.tlv import children, parse_one
from ecid.errors import MalformedData, UnsupportedData
from ecid.lds.protocol_oids import (
    TERMINAL_AUTHENTICATION,
    KeyAgreement,
    chip_authentication_protocol,
    pace_domain_agreement,
    pace_protocol,
    public_key_agreement,
)
from ecid.lds.security_info_types import (
    ActiveAuthenticationInfo,
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    PaceDomainParameterInfo,
    PaceInfo,
    SecurityInfos,
    TerminalAuthenticationInfo,
)
from ecid_crypto.dh import DhPublicKey
from ecid_crypto.public_key import EcPublicKey

__all__ = [
    "ActiveAuthenticationInfo",
    "ChipAuthenticationInfo",
    "ChipAuthenticationPublicKeyInfo",
    "PaceDomainParameterInfo",
    "PaceInfo",
    "SecurityInfos",
    "TerminalAuthenticationInfo",
    "parse",
    "parse_card_access",
]

_Info = (
    PaceInfo
    | PaceDomainParameterInfo
    | ChipAuthenticationInfo
    | ChipAuthenticationPublicKeyInfo
    | ActiveAuthenticationInfo
    | TerminalAuthenticationInfo
    | str
)
"""One entry; a string is the identifier of an unknown one."""

T = TypeVar("T")

#: Static keys in one file; checking one may cost as much as a signature.
MAX_KEYS = 8


def parse(der_set: bytes, where: str) -> SecurityInfos:
    """Return the SecurityInfos that the SET OF ``der_set`` consists of.

    A set in the wrong order is read and gives the deviation ``set_order``. Raises
    ``MalformedData(where, rule)`` for anything else that is not DER or breaks a known entry.
    """
    entries, deviations = _members(der_set, where)
    infos: list[_Info] = []
    for entry in entries:
        info, more = _entry(entry, where)
        infos.append(info)
        if sum(isinstance(each, ChipAuthenticationPublicKeyInfo) for each in infos) > MAX_KEYS:
            raise MalformedData(where, "too_many_keys")
        deviations += more
    return SecurityInfos(
        pace=_only(PaceInfo, infos),
        pace_domain_parameters=_only(PaceDomainParameterInfo, infos),
        chip_authentication=_only(ChipAuthenticationInfo, infos),
        chip_authentication_keys=_only(ChipAuthenticationPublicKeyInfo, infos),
        active_authentication=_only(ActiveAuthenticationInfo, infos),
        terminal_authentication=_only(TerminalAuthenticationInfo, infos),
        unknown=_only(str, infos),
        raw_entries=tuple(entries),
        deviations=tuple(dict.fromkeys(deviations)),
    )


def parse_card_access(data: bytes) -> SecurityInfos:
    """Return the SecurityInfos of EF.CardAccess (Doc 9303-10 §3.11), which has no wrapper."""
    return parse(data, "CardAccess")


@sequence
class _SecurityInfo:
    protocol: ObjectIdentifier
    required: TLV
    optional: Null | TLV | None


@sequence
class _VersionAndNumber:
    """PACEInfo, ChipAuthenticationInfo: a version and a key or parameter number."""

    protocol: ObjectIdentifier
    version: int
    number: int | None


@sequence
class _KeyInfo:
    protocol: ObjectIdentifier
    key: TLV
    key_id: int | None


@sequence
class _DomainInfo:
    protocol: ObjectIdentifier
    parameters: AlgorithmIdentifier
    parameter_id: int | None


@sequence
class _ActiveAuthenticationInfo:
    protocol: ObjectIdentifier
    version: int
    signature_algorithm: ObjectIdentifier


@sequence
class _FileId:
    fid: bytes
    sfi: bytes | None


@sequence
class _TerminalAuthenticationInfo:
    protocol: ObjectIdentifier
    version: int
    ef_cvca: _FileId | None


def _only(kind: type[T], infos: list[_Info]) -> tuple[T, ...]:
    return tuple(info for info in infos if isinstance(info, kind))


def _members(der_set: bytes, where: str) -> tuple[list[bytes], list[str]]:
    """Return the entries as received, and ``set_order`` if sorting them is what DER misses."""
    try:
        return [tlv_raw(member) for member in decode_set_of(der_set, where)], []
    except MalformedData:
        entries = [member.raw for member in children(parse_one(der_set, 0x31, where))]
    # Sorted and written again it must be DER: nothing but the order is forgiven.
    rewritten = w.set_of(*entries)
    if len(rewritten) != len(der_set):
        raise MalformedData(where, "not_der")
    decode_set_of(rewritten, where)
    return entries, ["set_order"]


def _entry(raw: bytes, where: str) -> tuple[_Info, list[str]]:
    """Return one entry and the deviations its key brings along."""
    oid = decode(_SecurityInfo, raw, where).protocol.dotted_string
    agreement = public_key_agreement(oid)
    if agreement is not None:
        return _public_key(raw, oid, agreement, where)
    return _protocol_info(raw, oid, where), []


def _protocol_info(raw: bytes, oid: str, where: str) -> _Info:
    if pace := pace_protocol(oid):
        info = decode(_VersionAndNumber, raw, where)
        return PaceInfo(oid, info.version, info.number, pace)
    if chip := chip_authentication_protocol(oid):
        info = decode(_VersionAndNumber, raw, where)
        return ChipAuthenticationInfo(oid, info.version, info.number, chip)
    if oid == TERMINAL_AUTHENTICATION:
        return _terminal_authentication(raw, where)
    if oid == ACTIVE_AUTHENTICATION:
        active = decode(_ActiveAuthenticationInfo, raw, where)
        return ActiveAuthenticationInfo(active.version, active.signature_algorithm.dotted_string)
    if pace_domain_agreement(oid):
        return _pace_domain(raw, oid, where)
    return oid


def _pace_domain(raw: bytes, oid: str, where: str) -> PaceDomainParameterInfo:
    domain = decode(_DomainInfo, raw, where)
    algorithm = tlv_raw(decode(_SecurityInfo, raw, where).required)
    return PaceDomainParameterInfo(oid, algorithm, domain.parameter_id)


def _terminal_authentication(raw: bytes, where: str) -> TerminalAuthenticationInfo:
    info = decode(_TerminalAuthenticationInfo, raw, where)
    if info.ef_cvca is None:
        return TerminalAuthenticationInfo(info.version)
    fid, sfi = info.ef_cvca.fid, info.ef_cvca.sfi
    if len(fid) != 2 or (sfi is not None and len(sfi) != 1):
        raise MalformedData(where, "cvca_file")
    short = None if sfi is None else sfi[0]
    return TerminalAuthenticationInfo(info.version, int.from_bytes(fid, "big"), short)


def _public_key(
    raw: bytes, oid: str, agreement: KeyAgreement, where: str
) -> tuple[ChipAuthenticationPublicKeyInfo, list[str]]:
    """Return the key, or why it cannot be used: the other entries are still good."""
    info = decode(_KeyInfo, raw, where)
    spki = tlv_raw(info.key)

    key: EcPublicKey | DhPublicKey | None = None
    deviations: tuple[str, ...] = ()
    reason = None
    try:
        if agreement == "DH":
            key = parse_dh_spki(spki, where)
        else:
            key, deviations = _ec_key(spki, where)
    except UnsupportedData as exc:
        reason = exc.what
    entry = ChipAuthenticationPublicKeyInfo(oid, agreement, key, info.key_id, spki, reason)
    return entry, list(deviations)


def _ec_key(spki: bytes, where: str) -> tuple[EcPublicKey, tuple[str, ...]]:
    parsed = parse_spki(spki, where)
    if not isinstance(parsed.key, EcPublicKey):
        raise MalformedData(where, "key_kind")
    return parsed.key, parsed.deviations
