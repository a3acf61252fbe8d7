"""Where each field stands in the three formats (Doc 9303-4 §4.2, 9303-5 §4.2, 9303-6 §4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Layout:
    """One format: ``lines`` of ``width`` characters; slices count from the start of line 1.

    Each check digit stands right after its field. ``composite`` is what the last one covers,
    ``optional_checked`` tells whether optional data 1 has one of its own (TD3).
    """

    name: str
    lines: int
    width: int
    names: slice
    document_number: slice
    optional_1: slice
    birth_date: slice
    sex: slice
    expiry_date: slice
    nationality: slice
    optional_2: slice
    composite: tuple[slice, ...]
    composite_digit: int
    optional_checked: bool = False

    @property
    def length(self) -> int:
        """Return the characters of the whole zone, without line ends."""
        return self.lines * self.width


TD1 = Layout(
    name="TD1",
    lines=3,
    width=30,
    names=slice(60, 90),
    document_number=slice(5, 14),
    optional_1=slice(15, 30),
    birth_date=slice(30, 36),
    sex=slice(37, 38),
    expiry_date=slice(38, 44),
    nationality=slice(45, 48),
    optional_2=slice(48, 59),
    composite=(slice(5, 37), slice(38, 45), slice(48, 59)),
    composite_digit=59,
)

TD2 = Layout(
    name="TD2",
    lines=2,
    width=36,
    names=slice(5, 36),
    document_number=slice(36, 45),
    optional_1=slice(64, 71),
    birth_date=slice(49, 55),
    sex=slice(56, 57),
    expiry_date=slice(57, 63),
    nationality=slice(46, 49),
    optional_2=slice(0, 0),
    composite=(slice(36, 46), slice(49, 56), slice(57, 71)),
    composite_digit=71,
)

TD3 = Layout(
    name="TD3",
    lines=2,
    width=44,
    names=slice(5, 44),
    document_number=slice(44, 53),
    optional_1=slice(72, 86),
    birth_date=slice(57, 63),
    sex=slice(64, 65),
    expiry_date=slice(65, 71),
    nationality=slice(54, 57),
    optional_2=slice(0, 0),
    composite=(slice(44, 54), slice(57, 64), slice(65, 87)),
    composite_digit=87,
    optional_checked=True,
)

BY_LENGTH: Mapping[int, Layout] = MappingProxyType({f.length: f for f in (TD1, TD2, TD3)})
"""The three formats by the number of their characters: 90, 72, 88."""
