"""The elementary files of an eMRTD (Doc 9303-10 §3.9 to §4.7) and how folders name them.

Identifiers resolve in the current application: 011C and 011D are EF.CardAccess and
EF.CardSecurity in the master file, EF.CVCA and EF.SOD in the eMRTD application.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ecid.errors import Misuse

_KIB = 1024


@dataclass(frozen=True, slots=True)
class ElementaryFile:
    """One file: ``fid`` (16 bits), ``sfi`` (5 bits), the ``tag`` it must start with (None: any).

    ``max_bytes`` is the most that is ever read of it, header included; ``folder_name`` is its
    name in a folder of files; ``in_master_file`` tells where it stands.
    """

    name: str
    fid: int
    sfi: int
    tag: int | None
    max_bytes: int
    folder_name: str
    in_master_file: bool = False


def data_group(number: int) -> ElementaryFile:
    """Return DG1 to DG16 by its number; any other number is a ``Misuse``."""
    if not 1 <= number <= 16:
        raise Misuse
    return _BY_NAME[f"DG{number}"]


def by_name(name: str) -> ElementaryFile:
    """Return the file called ``name``, for example ``DG1`` or ``CardAccess``, else ``Misuse``."""
    if name not in _BY_NAME:
        raise Misuse
    return _BY_NAME[name]


def recognise(filename: str) -> ElementaryFile | None:
    """Return the file that ``filename`` (without folder) stands for, or None.

    Known are our own names and those of other tools, in upper or lower case: ``EF_DG1.bin``,
    ``EF.DG1``, ``DG1.bin``, ``Datagroup1.bin``, ``EF_CardAccess.bin``.
    """
    matched = _FILENAME.fullmatch(filename)
    if matched is None or not (matched["prefix"] or matched["suffix"] or matched["number"]):
        return None
    if matched["number"]:
        return _BY_NAME.get(f"DG{int(matched['number'])}")
    return _BY_FOLDED.get(re.sub("[._-]", "", matched["name"]).lower())


_FILENAME = re.compile(
    r"(?P<prefix>EF[._-]?)?"
    r"(?:(?:DG|DATAGROUP)[._-]?(?P<number>[0-9]{1,2})"
    r"|(?P<name>COM|SOD|CARD[._-]?ACCESS|CARD[._-]?SECURITY|CVCA|DIR|ATR[._-]?INFO))"
    r"(?P<suffix>\.(?:bin|der|dat))?",
    re.ASCII | re.IGNORECASE,
)

_GROUP_TAGS = (
    *(0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68),
    *(0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70),
)
_GROUP_LIMITS = MappingProxyType(
    {1: 512, 2: 128 * _KIB, 3: 256 * _KIB, 4: 256 * _KIB}
    | dict.fromkeys((5, 6, 7), 128 * _KIB)
    | {15: 8 * _KIB}
)


def _group(number: int) -> ElementaryFile:
    limit = _GROUP_LIMITS.get(number, 16 * _KIB)
    tag = _GROUP_TAGS[number - 1]
    name = f"DG{number}"
    return ElementaryFile(name, 0x0100 | number, number, tag, limit, f"EF_{name}.bin")


COM = ElementaryFile("COM", 0x011E, 0x1E, 0x60, _KIB, "EF_COM.bin")
SOD = ElementaryFile("SOD", 0x011D, 0x1D, 0x77, 64 * _KIB, "EF_SOD.bin")
CVCA = ElementaryFile("CVCA", 0x011C, 0x1C, None, _KIB, "EF_CVCA.bin")
CARD_ACCESS = ElementaryFile(
    "CardAccess", 0x011C, 0x1C, 0x31, 4 * _KIB, "EF_CardAccess.bin", in_master_file=True
)
CARD_SECURITY = ElementaryFile(
    "CardSecurity", 0x011D, 0x1D, 0x30, 64 * _KIB, "EF_CardSecurity.bin", in_master_file=True
)
DIR = ElementaryFile("DIR", 0x2F00, 0x1E, None, _KIB, "EF_DIR.bin", in_master_file=True)
ATR_INFO = ElementaryFile(
    "ATR_INFO", 0x2F01, 0x01, None, _KIB, "EF_ATR_INFO.bin", in_master_file=True
)
NEED_RIGHTS = frozenset({3, 4})
"""Fingerprints and iris: given only after Terminal Authentication (Doc 9303-11 §7)."""

DATA_GROUPS = tuple(map(_group, range(1, 17)))
"""DG1 to DG16, in order."""

ALL_FILES = (COM, SOD, *DATA_GROUPS, CARD_ACCESS, CARD_SECURITY, CVCA, DIR, ATR_INFO)
"""Every file that is known."""

BY_TAG: Mapping[int, ElementaryFile] = MappingProxyType(
    dict(zip(_GROUP_TAGS, DATA_GROUPS, strict=True))
)
"""The data groups by their tag, as EF.COM lists them (Doc 9303-10 §4.6.1)."""

_BY_NAME = {file.name: file for file in ALL_FILES}
_BY_FOLDED = {name.replace("_", "").lower(): file for name, file in _BY_NAME.items()}
