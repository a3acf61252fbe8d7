"""EF.SOD's envelope and the LDS security object it signs (Doc 9303-10 §4.6.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid.encoding import ber
from ecid.encoding.algorithm import AlgorithmIdentifier
from ecid.encoding.der import PrintableString, decode, sequence
from ecid.encoding.tlv import Cursor, Tlv, children, encode, parse_one
from ecid.errors import MalformedData, UnsupportedData

_WHERE = "SOD"

#: Object identifiers that drafts of the standard had for the LDS security object.
LEGACY_CONTENT_TYPES = frozenset({"1.2.528.1.1006.1.20.1", "1.3.27.1.1.1"})


@dataclass(frozen=True, slots=True)
class DataGroupHash:
    """The signed hash of one data group: its ``number`` (1 to 16) and the hash ``value``."""

    number: int
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LdsSecurityObject:
    """What the issuer signed. ``hash_algorithm`` is dotted and may be one we do not know.

    ``lds_version`` ("0108") and ``unicode_version`` ("040000") stand in version 1 only. ``hashes``
    has at least one entry and no number twice. ``deviations``: ``ber_encoding``.
    """

    version: int
    hash_algorithm: str
    hashes: tuple[DataGroupHash, ...]
    lds_version: str | None = None
    unicode_version: str | None = None
    deviations: tuple[str, ...] = ()


def unwrap_sod(data: bytes) -> bytes:
    """Return the CMS SignedData (DER or BER, not looked into) inside EF.SOD (tag 77).

    Raises ``MalformedData("SOD", rule)``. What follows the object is nobody's: see ``surplus``.
    """
    return Cursor(data, where=_WHERE).read(0x77).value


def surplus(data: bytes) -> int:
    """Return how many bytes follow the object; files of a fixed size are padded."""
    return len(data) - len(Cursor(data, where=_WHERE).read(0x77).raw)


def parse_lds_security_object(econtent: bytes) -> LdsSecurityObject:
    """Return the content of the LDSSecurityObject, DER, else BER.

    Raises ``MalformedData("SOD", rule)``: ``not_der``, ``no_data_group_hash``,
    ``data_group_number``, ``duplicate_data_group``, ``hash_parameters``, ``version_info``; and
    ``UnsupportedData`` for versions above 1.
    """
    deviations: tuple[str, ...] = ()
    try:
        given = decode(_LdsSecurityObject, econtent, _WHERE)
    except MalformedData as exc:
        try:
            given = decode(_LdsSecurityObject, _as_der(econtent), _WHERE)
        except MalformedData:
            raise exc from None  # the strict rule is the one that was broken
        deviations = ("ber_encoding",)
    if given.version not in (0, 1):
        raise UnsupportedData(_WHERE, "lds_security_object_version")
    if (given.version == 1) is (given.version_info is None):
        raise MalformedData(_WHERE, "version_info")
    if not given.hash_algorithm.without_parameters:
        raise MalformedData(_WHERE, "hash_parameters")
    hashes = tuple(DataGroupHash(entry.number, entry.value) for entry in given.hashes)
    _check_numbers([entry.number for entry in hashes])
    versions = _versions(given.version_info)
    algorithm = given.hash_algorithm.oid
    return LdsSecurityObject(given.version, algorithm, hashes, *versions, deviations)


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


def _as_der(econtent: bytes) -> bytes:
    """Return the same object with the lengths that DER wants; its values are left alone."""
    root = parse_one(ber.definite(econtent, _WHERE), 0x30, _WHERE)
    return _minimal(root)


def _minimal(node: Tlv) -> bytes:
    inner = b"".join(map(_minimal, children(node))) if node.constructed else node.value
    return encode(node.tag, inner)
