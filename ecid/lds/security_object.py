"""EF.SOD's envelope and the LDS security object it signs (Doc 9303-10 §4.6.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid.encoding.algorithm import AlgorithmIdentifier
from ecid.encoding.der import PrintableString, decode, sequence
from ecid.encoding.tlv import parse_one
from ecid.errors import MalformedData, UnsupportedData

_WHERE = "SOD"


@dataclass(frozen=True, slots=True)
class DataGroupHash:
    """The signed hash of one data group: its ``number`` (1 to 16) and the hash ``value``."""

    number: int
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LdsSecurityObject:
    """What the issuer signed. ``hash_algorithm`` is dotted and may be one we do not know.

    ``lds_version`` ("0108") and ``unicode_version`` ("040000") stand in version 1 only. ``hashes``
    has at least one entry and no number twice.
    """

    version: int
    hash_algorithm: str
    hashes: tuple[DataGroupHash, ...]
    lds_version: str | None = None
    unicode_version: str | None = None


def unwrap_sod(data: bytes) -> bytes:
    """Return the CMS SignedData (DER or BER, not looked into) inside EF.SOD (tag 77).

    Raises ``MalformedData("SOD", rule)``, also for bytes after the object.
    """
    return parse_one(data, 0x77, _WHERE).value


def parse_lds_security_object(econtent: bytes) -> LdsSecurityObject:
    """Return the content of the LDSSecurityObject, strict DER.

    Raises ``MalformedData("SOD", rule)``: ``not_der``, ``no_data_group_hash``,
    ``data_group_number``, ``duplicate_data_group``, ``hash_parameters``, ``version_info``; and
    ``UnsupportedData`` for versions above 1.
    """
    given = decode(_LdsSecurityObject, econtent, _WHERE)
    if given.version not in (0, 1):
        raise UnsupportedData(_WHERE, "lds_security_object_version")
    if (given.version == 1) is (given.version_info is None):
        raise MalformedData(_WHERE, "version_info")
    if not given.hash_algorithm.without_parameters:
        raise MalformedData(_WHERE, "hash_parameters")
    hashes = tuple(DataGroupHash(entry.number, entry.value) for entry in given.hashes)
    _check_numbers([entry.number for entry in hashes])
    versions = _versions(given.version_info)
    return LdsSecurityObject(given.version, given.hash_algorithm.oid, hashes, *versions)


@sequence
class _DataGroupHash:
    number: int
    value: bytes


@sequence
class _VersionInfo:
    lds_version: PrintableString
    unicode_version: PrintableString


@sequence
class _LdsSecurityObject:
    """LDSSecurityObject (Doc 9303-10 §4.6.2)."""

    version: int
    hash_algorithm: AlgorithmIdentifier
    hashes: list[_DataGroupHash]
    version_info: _VersionInfo | None


def _check_numbers(numbers: list[int]) -> None:
    """Refuse a number twice, which would hide one hash, and an empty list, which proves nothing."""
    if not numbers:
        raise MalformedData(_WHERE, "no_data_group_hash")
    if not all(1 <= number <= 16 for number in numbers):
        raise MalformedData(_WHERE, "data_group_number")
    if len(set(numbers)) != len(numbers):
        raise MalformedData(_WHERE, "duplicate_data_group")


def _versions(info: _VersionInfo | None) -> tuple[str | None, str | None]:
    if info is None:
        return None, None
    return info.lds_version.as_str(), info.unicode_version.as_str()
