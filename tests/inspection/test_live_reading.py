"""Live readings: each fault with its control, what is asked for, and what is drawn at random."""

from __future__ import annotations

from dataclasses import replace

import pytest

import ecid
from ecid.emulator import EmulatedCard, IssuedCard, fault_names
from ecid.errors import (
    CardRemoved,
    LinkTimeout,
    NoReader,
    ReaderError,
    SecureMessagingError,
)
from ecid.inspection.collect import Progress
from ecid.inspection.evidence import Evidence, Origin
from ecid.inspection.report import Report
from ecid.secret import AccessSecret
from ecid_crypto.rng import SeededRng
from ecid_readers.transport import Transport
from inspection_kit import (
    NOW,
    Wire,
    by_can,
    changed,
    issued,
    judge,
    outcome,
    read,
    trust_of,
)

SELECT = 0xA4


def faulty(name: str) -> EmulatedCard:
    """Return the shipped card with a fault."""
    return ecid.emulator.card("vn-cccd-2021", fault=name)


def test_control(report: Report) -> None:
    """The sound card: verified, live, every proof made, identity read."""
    assert report.verdict == "verified"
    assert report.exit_code == 0
    assert report.evidence.origin is Origin.LIVE
    assert report.evidence.missing == {}
    assert report.identity.full_name == "Nguyễn Văn Mẫu"
    for check_id in ("access", "access.binding", "chip.ca", "chip.aa", "chip", "match.mrz"):
        assert outcome(report, check_id) == ("successful", None)


FAILED = [
    ("dg1-altered", "dg.1", "hash_mismatch", 10),
    ("clone", "chip.ca", "wrong_answer", 10),
    ("dg15-withheld", "dg.15", "file_withheld", 10),
    ("rogue-csca", "sod.chain", "no_csca", 11),
    ("expired", "document.expiry", "document_expired", 12),
]


@pytest.mark.parametrize(("fault", "check_id", "reason", "code"), FAILED)
def test_fault(card: IssuedCard, fault: str, check_id: str, reason: str, code: int) -> None:
    """Each fault has its check, reason and exit code; the sound card has none of them."""
    control = read(card)
    assert outcome(control, check_id) == ("successful", None)
    assert control.exit_code == 0
    found = read(faulty(fault), trust=trust_of(card))
    expected = "undetermined" if code == 11 else "failed"
    assert outcome(found, check_id) == (expected, reason)
    assert found.exit_code == code


def test_clone_without_chip_authentication(card: IssuedCard) -> None:
    """A copy that leaves out the first proof fails at the second one."""
    clone = faulty("clone").issued
    keys = replace(card.chip_keys, active_authentication=clone.chip_keys.active_authentication)
    report = read(replace(card, chip_keys=keys))
    assert outcome(report, "chip.ca") == ("successful", None)
    assert outcome(report, "chip.aa") == ("failed", "wrong_answer")
    assert outcome(report, "chip") == ("failed", "wrong_answer")
    assert report.exit_code == 10


def test_withheld_key_file_fails_the_chip(card: IssuedCard) -> None:
    """DG15 that is signed and not given is no missing feature: chip.aa fails with it."""
    report = read(faulty("dg15-withheld"), trust=trust_of(card))
    assert outcome(report, "chip.aa") == ("failed", "file_withheld")
    assert outcome(report, "chip") == ("failed", "file_withheld")


@pytest.mark.parametrize("name", ["DG1", "DG2", "DG13", "DG14", "DG15"])
def test_withheld(card: IssuedCard, name: str) -> None:
    """Any signed file that the chip does not give fails, whichever it is."""
    report = read(changed(card, **{name: None}))
    assert outcome(report, f"dg.{name[2:]}") == ("failed", "file_withheld")
    assert report.exit_code == 10


def test_sod_withheld(card: IssuedCard) -> None:
    """A chip without EF.SOD proves nothing."""
    report = read(changed(card, SOD=None))
    assert outcome(report, "sod.format") == ("failed", "file_withheld")
    assert report.exit_code == 10


def test_com_withheld(card: IssuedCard) -> None:
    """No EF.COM is no fault: the signed list is the one that counts."""
    report = read(changed(card, COM=None))
    assert outcome(report, "lds.com") == ("not_supported", "no_com")
    assert report.exit_code == 0


def test_rogue_issuer_of_the_same_name(card: IssuedCard) -> None:
    """The rogue CSCA has the same name and another key: it is not our anchor, nor emulated."""
    rogue = faulty("rogue-csca")
    report = read(rogue, trust=trust_of(card))
    assert not report.emulated
    assert outcome(report, "sod.signature") == ("successful", None)


def test_wrong_mac(card: IssuedCard) -> None:
    """A wrong MAC after the first one is an attack on the line: the reading is aborted."""
    assert read(card).exit_code == 0
    with pytest.raises(SecureMessagingError) as caught:
        read(faulty("wrong-mac"))
    assert caught.value.exit_code == 9


def test_wrong_mac_first(card: IssuedCard) -> None:
    """A wrong MAC of the first response is the missing proof: chip.ca fails."""
    behaviour = replace(EmulatedCard(card).behaviour, wrong_mac_after_ca=1)
    report = read(EmulatedCard(card, behaviour=behaviour))
    assert outcome(report, "chip.ca") == ("failed", "wrong_answer")
    assert report.exit_code == 10
    assert report.unverified is None


def test_removed() -> None:
    """A card that leaves the field: exit 6, and no report at all."""
    with pytest.raises(CardRemoved) as caught:
        read(faulty("removed"))
    assert caught.value.exit_code == 6


@pytest.mark.parametrize("at", range(1, 114, 8))
def test_removed_at_any_moment(card: IssuedCard, at: int) -> None:
    """Whenever it leaves, that is never a verdict."""
    behaviour = replace(EmulatedCard(card).behaviour, vanishes_at=at)
    with pytest.raises(CardRemoved):
        read(EmulatedCard(card, behaviour=behaviour))


def test_every_fault_is_covered() -> None:
    """No fault of the emulator is forgotten above."""
    assert {name for name, *_ in FAILED} | {"wrong-mac", "removed"} <= set(fault_names())


def test_data_minimisation(card: IssuedCard) -> None:
    """Asked for DG1 only, the chip is asked for nothing else that is personal."""
    seen: list[bytes] = []

    class Spy(EmulatedCard):
        """A card that notes the files that are selected, inside the protection."""

    chip = Spy(card)
    inner = chip._execute

    def note(command: object, limit: int) -> object:
        ins, data = getattr(command, "ins", 0), getattr(command, "data", b"")
        if ins == SELECT:
            seen.append(data)
        return inner(command, limit)  # type: ignore[arg-type]

    chip._execute = note  # type: ignore[method-assign, assignment]
    report = read(chip, data_groups=frozenset({1}))
    assert {data for data in seen if data[:1] == b"\x01" and data[1] < 0x10} <= {
        b"\x01\x01",
        b"\x01\x0e",
        b"\x01\x0f",
    }
    assert b"\x01\x01" in seen
    assert set(report.evidence.files) == {"CardAccess", "COM", "SOD", "DG1", "DG14", "DG15"}
    assert outcome(report, "dg.2") == ("undetermined", "not_read")
    assert outcome(report, "dg.13") == ("undetermined", "not_read")
    assert report.exit_code == 0
    assert report.identity.portrait is None
    assert report.identity.religion is None


def test_data_minimisation_costs_less(card: IssuedCard) -> None:
    """Fewer files are fewer commands and bytes on the wire."""
    wires: list[Wire] = []

    def link(chip: Transport) -> Transport:
        wires.append(Wire(chip))
        return wires[-1]

    read(card, link=link)
    read(card, link=link, data_groups=frozenset({1}))
    everything, little = (len(wire.commands) for wire in wires)
    assert little < everything / 2


def test_dg3_is_not_asked_for(report: Report) -> None:
    """Fingerprints are listed, and the Vietnamese profile does not touch them."""
    assert outcome(report, "dg.3") == ("undetermined", "not_read")
    assert report.check("dg.3").weight == "evaluatory"


def test_fingerprints_are_not_asked_for(card: IssuedCard) -> None:
    """DG3 needs rights that nobody here has: it is not even selected, whoever wants it."""
    report = read(card, data_groups=frozenset({1, 2, 3, 13}))
    assert outcome(report, "dg.3") == ("undetermined", "not_read")
    assert report.exit_code == 0


def test_binding_text_reaches_the_challenge(card: IssuedCard) -> None:
    """The challenge is bound to the text, and the evidence keeps its hash only."""
    bound = read(card, binding="transaction 4711").evidence.active_authentication
    free = read(card).evidence.active_authentication
    assert bound is not None
    assert free is not None
    assert (len(bound.binding), len(free.binding)) == (32, 0)
    assert outcome(read(card, binding=""), "chip.aa") == ("successful", None)


def test_challenges_are_never_the_same(card: IssuedCard) -> None:
    """Each reading draws its own randomness."""
    facts = [read(card).evidence.active_authentication for _ in range(2)]
    assert facts[0] is not None
    assert facts[1] is not None
    assert facts[0].randomness != facts[1].randomness


def test_replayed_answer_fails(card: IssuedCard) -> None:
    """The answer to an older challenge is no answer to a new one."""
    old, new = read(card).evidence, read(card).evidence
    assert old.active_authentication is not None
    assert new.active_authentication is not None
    replayed = replace(new.active_authentication, signature=old.active_authentication.signature)
    report = judge(replace(new, active_authentication=replayed))
    assert outcome(report, "chip.aa") == ("failed", "wrong_answer")


@pytest.mark.parametrize(
    ("sw", "expected"),
    [
        (0x6700, ("undetermined", "link_length")),
        (0x6C00, ("undetermined", "link_length")),
        (0x6105, ("undetermined", "link_length")),
        (0x6A88, ("failed", "chip_refused")),
        (0x6D00, ("failed", "chip_refused")),
        (0x6982, ("failed", "chip_refused")),
    ],
)
def test_refused_active_authentication(
    evidence: Evidence, sw: int, expected: tuple[str, str]
) -> None:
    """What the link cannot carry stays open; a refusal of a signed key fails."""
    assert evidence.active_authentication is not None
    facts = replace(evidence.active_authentication, sw=sw, signature=b"")
    report = judge(replace(evidence, active_authentication=facts), policy="counter")
    assert outcome(report, "chip.aa") == expected
    assert report.exit_code == (10 if expected[0] == "failed" else 0)


def test_deadline(card: IssuedCard) -> None:
    """The time for the whole reading is bounded."""
    with pytest.raises(LinkTimeout) as caught:
        read(card, timeout=0)
    assert caught.value.exit_code == 9


def test_no_reader() -> None:
    """Without a card and without a reader there is an error, exit 3 or 4, and no report."""
    with pytest.raises(ReaderError) as caught:
        ecid.read(AccessSecret.from_can("123456"), timeout=1)
    assert caught.value.exit_code in (NoReader.exit_code, 4)


def test_progress(card: IssuedCard) -> None:
    """Progress names steps and files, never what is in them."""
    steps: list[Progress] = []
    read(card, on_progress=steps.append)
    assert (steps[0].step, steps[-1].step) == ("access", "done")
    files = {step.file for step in steps if step.step == "file"}
    assert files == {"COM", "SOD", "DG1", "DG2", "DG13", "DG14", "DG15"}
    assert all(step.done <= step.expected for step in steps)


def test_scripted_randomness_gives_the_same_commands(card: IssuedCard) -> None:
    """Randomness is an argument: the same stream gives the same bytes on the wire."""
    wires = []
    for _ in range(2):
        chip = EmulatedCard(card, rng=SeededRng(b"chip"))
        wires.append(Wire(chip))
        ecid.read(by_can(card), card=wires[-1], at=NOW, rng=SeededRng(b"terminal"))
    assert wires[0].commands == wires[1].commands


def test_timing(report: Report) -> None:
    """What the reading cost on the link is counted."""
    timing = report.evidence.timing
    assert timing is not None
    assert timing.apdus > 50
    assert timing.bytes_received > 20_000


def test_dg14_of_another_card(card: IssuedCard) -> None:
    """Keys of another genuine card prove that card, not this one (Doc 9303-11 §6.2)."""
    other = issued("vn-cccd-2021-nu")
    swapped = replace(
        changed(card, DG14=other.files["DG14"], DG15=other.files["DG15"]),
        chip_keys=other.chip_keys,
    )
    report = read(swapped)
    assert outcome(report, "dg.14") == ("failed", "hash_mismatch")
    assert outcome(report, "chip.ca") == ("failed", "key_not_authenticated")
    assert outcome(report, "chip.aa") == ("failed", "key_not_authenticated")


def test_weak_copy_of_dg14(card: IssuedCard) -> None:
    """A DG14 that the issuer did not sign, round a key of the attacker, is no proof."""
    assert card.chip_keys.chip_authentication is not None
    other = issued("vn-cccd-2021-nu")
    own = other.chip_keys.chip_authentication
    assert own is not None
    forged = replace(
        changed(card, DG14=other.files["DG14"]),
        chip_keys=replace(card.chip_keys, chip_authentication=own),
    )
    report = read(forged)
    assert outcome(report, "chip.ca") == ("failed", "key_not_authenticated")
    assert report.exit_code == 10
