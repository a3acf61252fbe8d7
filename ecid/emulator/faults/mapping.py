"""What a chip can get wrong in the public keys of PACE, and in chip authentication mapping."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ecid.emulator.chip.spots import Spot
from ecid.emulator.faults.fault import (
    Fault,
    altering,
    behaving,
    has_cam,
    has_key_mapping,
    has_pace,
    last_bit,
)


def _echo(_own: bytes, theirs: bytes) -> bytes:
    return theirs


def _out_of_range(public: bytes, _received: bytes) -> bytes:
    """Return ones in full length: coordinates and numbers beyond p."""
    head = 1 if len(public) % 2 else 0
    return public[:head] + b"\xff" * (len(public) - head)


def _compressed(public: bytes, _received: bytes) -> bytes:
    """Return a point as 02 or 03 || x; of a number, the first half."""
    half = len(public) // 2
    return bytes([0x02 | public[-1] & 0x01]) + public[1 : half + 1]


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "pace-echo-mapping-key": altering(
            "the terminal's own mapping key comes back",
            has_key_mapping,
            Spot.PACE_MAPPING,
            _echo,
        ),
        "pace-echo-ephemeral": altering(
            "the terminal's own ephemeral key comes back", has_pace, Spot.PACE_EPHEMERAL, _echo
        ),
        "pace-mapping-off-curve": altering(
            "the mapping key is not in the group", has_key_mapping, Spot.PACE_MAPPING, last_bit
        ),
        "pace-ephemeral-off-curve": altering(
            "the ephemeral key is not in the group", has_pace, Spot.PACE_EPHEMERAL, last_bit
        ),
        "pace-ephemeral-range": altering(
            "the ephemeral key is beyond p", has_pace, Spot.PACE_EPHEMERAL, _out_of_range
        ),
        "pace-ephemeral-compressed": altering(
            "the ephemeral key is half as long, a point in compressed form",
            has_pace,
            Spot.PACE_EPHEMERAL,
            _compressed,
        ),
        "pace-ephemeral-zero": altering(
            "the ephemeral key is all zeros",
            has_pace,
            Spot.PACE_EPHEMERAL,
            lambda public, _: bytes(len(public)),
        ),
        "cam-missing": behaving(
            "chip authentication mapping ends without its data",
            has_cam,
            omits=frozenset({Spot.CAM_DATA}),
        ),
        "cam-wrong-data": altering(
            "the quotient of chip authentication mapping is another number",
            has_cam,
            Spot.CAM_QUOTIENT,
            last_bit,
        ),
        "cam-static-iv": altering(
            "the data of chip authentication mapping is encrypted under an IV of ones",
            has_cam,
            Spot.CAM_IV,
            lambda iv, _: b"\xff" * len(iv),
        ),
        "cam-cut": altering(
            "the encrypted data of chip authentication mapping lacks its last block",
            has_cam,
            Spot.CAM_DATA,
            lambda sealed, _: sealed[:-16],
        ),
    }
)
"""The faults by name."""
