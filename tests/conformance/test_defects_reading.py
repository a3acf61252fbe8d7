"""Defects that show in a whole reading (docs/reference/defects.md): D2 to D5, D11, D20 and D26."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import ecid
from ecid import emulator
from ecid.emulator import EmulatedCard, IssuedCard
from ecid.emulator.cms import sign_card_security
from ecid.emulator.definitions import definition
from ecid.emulator.keys import EcSecret, generate_ec
from ecid.emulator.personalise.files import card_security_infos
from ecid.emulator.personalise.security_infos import chip_authentication_public_key_info
from ecid.emulator.pki import SIGNING_TIME, emulated_issuer
from ecid.encoding import der_write as w
from ecid.errors import EcidError, Misuse
from ecid.inspection.evidence import Evidence, Origin
from ecid.inspection.report import Report
from ecid.secret import AccessSecret
from ecid_crypto.rng import SeededRng
from ecid_readers.apdu import CommandApdu
from inspection_kit import (
    PACE_REFUSED,
    WITHOUT_CARD_ACCESS,
    Wire,
    by_can,
    by_mrz,
    changed,
    issued,
    judge,
    outcome,
    read,
    stored,
    trust_of,
)

VN, TD3, CAM = "vn-cccd-2021", "utopia-td3", "pace-cam-aes128-13"
OK = ("successful", None)
EXTERNAL_AUTHENTICATE = 0x82


@cache
def report_of(name: str, fault: str | None = None) -> Report:
    """Read a shipped card with a fault by its zone, under the anchor of the sound card."""
    chip = emulator.card(name, fault=fault)
    return read(chip, by_mrz(chip.issued), trust=trust_of(issued(name)))


@pytest.mark.parametrize("name", [VN, TD3, CAM])
def test_control(name: str) -> None:
    """The sound cards: verified, and every proof that they offer is made."""
    report = report_of(name)
    assert report.verdict is ecid.Verdict.VERIFIED
    assert outcome(report, "chip.ca") == OK
    assert outcome(report, "dg.2") == OK


# D2 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["ca-keeps-old-keys", "ca-plain-after", "ca-other-secret"])
@pytest.mark.parametrize("name", [VN, TD3])
def test_d02_chip_authentication_ends_with_an_answer(name: str, fault: str) -> None:
    """Defect D2: 9000 to GENERAL AUTHENTICATE proves nothing; a response under new keys does."""
    report = report_of(name, fault)
    assert outcome(report, "chip.ca") == ("failed", "wrong_answer")
    assert report.verdict is ecid.Verdict.FAILED


# D3 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["cam-static-iv", "cam-wrong-data", "cam-missing", "cam-cut"])
def test_d03_the_data_of_the_mapping_count(fault: str) -> None:
    """Defect D3: wrong data of chip authentication mapping fail the chip."""
    report = report_of(CAM, fault)
    assert outcome(report_of(CAM), "chip.cam") == OK
    assert outcome(report, "chip.cam") == ("failed", "wrong_answer")
    assert report.verdict is ecid.Verdict.FAILED


# D4 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [VN, "pace-ecdh-im-aes128-13", "pace-dh-gm-3des-0", CAM])
def test_d04_a_secret_that_begins_with_zero(name: str) -> None:
    """Defect D4: the one session in 256 works like the others."""
    assert outcome(report_of(name, "pace-leading-zero"), "access") == OK


# D5 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "size"), [("dg2-40k", 40 << 10), ("dg2-70k", 70 << 10)])
def test_d05_files_beyond_32_kib(fault: str, size: int) -> None:
    """Defect D5: offsets that P1-P2 cannot name go into the odd READ BINARY, to the last byte."""
    chip = emulator.card(TD3, fault=fault)
    wire = Wire(chip)
    report = read(chip, by_mrz(chip.issued), link=lambda _: wire, trust=trust_of(issued(TD3)))
    assert outcome(report, "dg.2") == OK
    assert report.verdict is ecid.Verdict.VERIFIED
    assert len(report.evidence.files["DG2"]) > size
    odd = [c for c in map(CommandApdu.decode, wire.commands) if c.ins == 0xB1]
    assert len(odd) >= (size - 0x8000) // 256


# D11 --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [VN, TD3, "ca-two-keys"])
def test_d11_the_hash_is_over_the_bytes_as_received(name: str) -> None:
    """Defect D11: a DG14 in another order than DER has keeps its signed hash."""
    report = report_of(name, "dg14-shuffled")
    assert outcome(report, "dg.14") == OK
    assert outcome(report, "chip.ca") == OK


@pytest.mark.parametrize("fault", ["card-access-shuffled", "card-access-unknown"])
@pytest.mark.parametrize("name", [VN, TD3])
def test_d11_infos_are_found_by_their_identifier(name: str, fault: str) -> None:
    """Defect D11: PACE is run with the same parameters wherever they stand in EF.CardAccess."""
    sound, found = report_of(name).evidence.access, report_of(name, fault).evidence.access
    assert sound == found


# D20 --------------------------------------------------------------------------------------

#: What a chip makes a reader try: PACE, BAC since it has no PACE, BAC since it refuses PACE.
WAYS: dict[str, Mapping[bytes, bytes]] = {
    "pace": {},
    "bac": WITHOUT_CARD_ACCESS,
    "pace refused": PACE_REFUSED,
}


def attempts(secret: AccessSecret, way: str) -> int:
    """Return how many keys are tried on a card of another person, which they do not open."""
    wire = Wire(EmulatedCard(issued("vn-cccd-2021-nu")), WAYS[way])
    with pytest.raises(EcidError):
        read(issued(), secret, link=lambda _: wire)
    last = sum(command[:2] == b"\x00\x86" for command in wire.commands)
    return last + wire.count(EXTERNAL_AUTHENTICATE)


@pytest.mark.parametrize("way", WAYS)
def test_d20_one_key_is_one_attempt(way: str) -> None:
    """Defect D20: what was given is tried once, whatever the chip offers."""
    card = issued()
    fields = (card.secrets.document_number, card.secrets.birth_date, card.secrets.expiry_date)
    assert attempts(by_mrz(card), way) == 1
    assert attempts(AccessSecret.from_fields(*fields), way) == 1
    assert attempts(by_can(card), way) == (1 if way == "pace" else 0)


@pytest.mark.parametrize("way", WAYS)
def test_d20_a_scan_leads_to_three_keys_at_most(way: str) -> None:
    """Defect D20: from dates that were scanned one key follows, or a few; nothing is searched."""
    secret = AccessSecret.from_qr(issued().secrets.qr)
    assert attempts(secret, way) == (1 if way == "pace" else len(secret.derived))
    assert len(secret.derived) <= 3
    assert len(secret.pace_passwords) <= 4


def test_d20_no_key_of_a_part() -> None:
    """Defect D20: a number without its dates gives no key for BAC, and no date is made up."""
    number = issued().secrets.document_number
    assert AccessSecret.from_qr("000090123456").bac_keys == ()
    for birth, expiry in (("", ""), ("900715", ""), ("", "300715"), ("90", "30"), ("******", "*")):
        with pytest.raises(Misuse):
            AccessSecret.from_fields(number, birth, expiry)


# D26 --------------------------------------------------------------------------------------


CAM_PARAMETERS = 13


@pytest.mark.parametrize("own", [0, 1, 2])
def test_d26i_several_keys_in_card_security(own: int) -> None:
    """D26i: of several keys in EF.CardSecurity the mapping proves the one with its number."""
    card = issued(CAM)
    (key,) = card.chip_keys.all_chip_authentication
    assert isinstance(key, EcSecret)
    first, second = others(key, before=own)
    report = read(
        with_card_security(card, {1: first, 2: second, CAM_PARAMETERS: key}), by_mrz(card)
    )
    assert outcome(report, "cardsecurity") == OK
    assert outcome(report, "chip.cam") == OK
    report = read(
        with_card_security(card, {1: key, 2: second, CAM_PARAMETERS: first}), by_mrz(card)
    )
    assert outcome(report, "chip.cam") == ("failed", "wrong_answer")


def others(key: EcSecret, before: int) -> list[EcSecret]:
    """Return two other keys on the curve, so many of which stand before ``key`` in a set."""
    made = [generate_ec(key.curve, SeededRng(b"key %d" % number)) for number in range(20)]
    smaller = [each for each in made if each.public.point.x < key.public.point.x]
    larger = [each for each in made if each not in smaller]
    return [*smaller[:before], *larger[: 2 - before]]


def with_card_security(card: IssuedCard, keys: dict[int, EcSecret]) -> IssuedCard:
    """Return ``card`` with these keys by their ids in a newly signed EF.CardSecurity."""
    made = replace(definition(card.name), chip_authentication=())
    infos = [
        *card_security_infos(made, card.chip_keys),
        *(
            chip_authentication_public_key_info(key.public, "standardised", number)
            for number, key in keys.items()
        ),
    ]
    _, signer = emulated_issuer(card.seed, country=card.country)
    return changed(card, CardSecurity=sign_card_security(w.set_of(*infos), signer, SIGNING_TIME))


@pytest.mark.parametrize("name", [VN, TD3])
@pytest.mark.parametrize(
    ("fault", "check", "expected"),
    [
        ("dg14-other-key", "chip.ca", ("failed", "key_not_authenticated")),
        ("dg15-other-key", "chip.aa", ("failed", "key_not_authenticated")),
        ("rogue-csca", "chip.ca", ("undetermined", "key_not_authenticated")),
        ("rogue-csca", "chip.aa", ("undetermined", "key_not_authenticated")),
    ],
)
def test_d26m_a_proof_with_an_unsigned_key(
    name: str, fault: str, check: str, expected: tuple[str, str]
) -> None:
    """D26m: the chip proves a key that passive authentication does not vouch for: no success."""
    assert outcome(report_of(name), check) == OK
    assert outcome(report_of(name, fault), check) == expected


@pytest.mark.parametrize("fault", ["card-security-rogue", "card-security-other-key"])
def test_d26m_a_mapping_with_an_unsigned_key(fault: str) -> None:
    """D26m: the same for chip authentication mapping and EF.CardSecurity."""
    assert outcome(report_of(CAM, fault), "chip.cam")[0] != "successful"


@pytest.mark.parametrize("name", ["DG2", "DG13", "DG14", "DG15"])
def test_d26n_what_a_chip_withheld_stays_withheld_on_file(name: str, tmp_path: Path) -> None:
    """D26n: evidence that is judged again is as incomplete as the reading was."""
    card = issued()
    live = read(changed(card, **{name: None}))
    live.evidence.save(tmp_path / "x.ecid")
    report = judge(Evidence.load(tmp_path / "x.ecid"), policy="passive")
    assert outcome(report, f"dg.{name[2:]}") == ("failed", "file_withheld")
    assert report.verdict is ecid.Verdict.FAILED


def test_d26n_stored_files_that_are_not_all() -> None:
    """D26n: a file that is signed and not supplied is named; without DG1 nothing is verified."""
    card = issued()
    assert judge(stored(card)).verdict is ecid.Verdict.VERIFIED
    without = judge(stored(changed(card, DG13=None)))
    assert outcome(without, "dg.13") == ("undetermined", "not_supplied")
    for names in (("DG1",), ("DG1", "DG2", "DG13", "DG14", "DG15")):
        report = judge(stored(changed(card, **dict.fromkeys(names))))
        assert outcome(report, "dg.1") == ("undetermined", "not_supplied")
        assert report.verdict is ecid.Verdict.UNDETERMINED


def test_d26n_a_proof_does_not_last() -> None:
    """D26n: session keys could be invented, so on file Chip Authentication is only a claim."""
    report = judge(report_of(VN).evidence)
    assert outcome(report, "chip.ca") == OK
    recorded = replace(report.evidence, origin=Origin.RECORDED)
    assert outcome(judge(recorded), "chip.ca") == ("undetermined", "recorded")
