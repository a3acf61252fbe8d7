"""Deviations in the files of the chip's keys: always named, granted by the policy's table."""

from __future__ import annotations

import pytest

from ecid.emulator import IssuedCard
from ecid.emulator.keys import EcSecret
from ecid.encoding import der_write as w
from ecid.encoding.oid import EC_PUBLIC_KEY
from ecid.encoding.tlv import children, encode, parse_one
from ecid.outcome import Deviation
from inspection_kit import issued, outcome, read, resigned


def with_compressed_key(card: IssuedCard) -> IssuedCard:
    """Return ``card`` with the point of its key in compressed form, signed by its issuer."""
    pair = card.chip_keys.chip_authentication
    assert isinstance(pair, EcSecret)
    curve, point = pair.public.curve, pair.public.point
    octets = bytes([2 + point.y % 2]) + point.x.to_bytes(curve.field_length, "big")
    spki = w.seq(w.seq(w.oid(EC_PUBLIC_KEY), w.oid(curve.oid)), w.bits(octets))
    (whole,) = children(parse_one(card.files["DG14"], 0x6E, "DG14"))
    infos = [info.raw for info in children(whole)]
    (oid,) = (children(parse_one(info, 0x30, "DG14"))[0].raw for info in infos if len(info) > 99)
    others = [info for info in infos if len(info) <= 99]
    return resigned(card, DG14=encode(0x6E, w.set_of(*others, w.seq(oid, spki))))


@pytest.mark.parametrize(
    ("policy", "plain", "compressed"),
    [
        ("counter", ("successful", None), ("successful", None)),
        ("strict", ("successful", None), ("undetermined", "not_tolerated")),
    ],
)
def test_compressed_key(
    policy: str, plain: tuple[str, str | None], compressed: tuple[str, str | None]
) -> None:
    """The proof leans on a key that is encoded against the rules; strict grants nobody that."""
    assert outcome(read(issued(), policy=policy), "chip.ca") == plain
    report = read(with_compressed_key(issued()), policy=policy)
    assert outcome(report, "chip.ca") == compressed
    assert Deviation("compressed_point", "DG14") in report.deviations
