"""When a document was signed, if the signer does not say: DG13, else DG12 (design 6, item 5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecid.emulator.pki import emulated_issuer, sign_sod
from ecid.encoding.tlv import encode
from ecid.testing.cards import data_groups, with_files
from inspection_kit import issued, judge, outcome, stored, trust_of

BEFORE, WITHIN = b"20100101", b"20210615"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (None, ("successful", None)),
        (WITHIN, ("successful", None)),
        (BEFORE, ("failed", "not_valid_at_signing")),
        (b"2010", ("successful", None)),
    ],
)
def test_date_in_dg12(day: bytes | None, expected: tuple[str, str | None]) -> None:
    """A date before the signer's certificate fails; one that is no date says nothing."""
    card = issued()
    groups = {n: data for n, data in data_groups(card).items() if n != 13}
    if day is not None:
        groups[12] = encode(0x6C, encode(0x5C, b"\x5f\x26") + encode(0x5F26, day))
    _, signer = emulated_issuer(0, "issuer")
    files = {name: data for name, data in card.files.items() if name != "DG13"}
    files |= {f"DG{n}": data for n, data in groups.items()}
    signed = with_files(replace(card, files=files), SOD=sign_sod(groups, signer))
    report = judge(stored(signed), trust_of(card))
    assert outcome(report, "sod.time") == expected


def test_unsigned_dg12_says_nothing() -> None:
    """A date that nobody signed is no evidence."""
    card = issued()
    groups = {n: data for n, data in data_groups(card).items() if n != 13}
    _, signer = emulated_issuer(0, "issuer")
    early = encode(0x6C, encode(0x5C, b"\x5f\x26") + encode(0x5F26, BEFORE))
    signed = with_files(card, SOD=sign_sod(groups, signer), DG12=early)
    report = judge(stored(signed), trust_of(card))
    assert outcome(report, "dg.12") == ("failed", "unlisted")
    assert outcome(report, "sod.time")[0] == "successful"
