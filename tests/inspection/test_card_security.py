"""EF.CardSecurity and chip authentication mapping in a whole reading (Doc 9303-11 §4.4.3.5)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecid.emulator import EmulatedCard, IssuedCard
from ecid.emulator import certificates as c
from ecid.emulator.keys import generate_ec
from ecid.emulator.pki import make_document_signer
from ecid.encoding import der_write as w
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import encode
from ecid.inspection.checks import Verdict
from ecid.inspection.evidence import Evidence, MappingFacts
from ecid.inspection.report import Report
from ecid.lds.security_infos import parse_card_access
from ecid.testing.cards import issuer_of, signed_by
from ecid.testing.der import flip
from ecid.trust.store import TrustStore
from ecid_crypto.curves import curve_by_name
from ecid_crypto.rng import SeededRng
from forged_sod import ec_key
from inspection_kit import changed, issued, judge, outcome, read, resigned, trust_of

CAM = "pace-cam-aes128-13"
CHECKS = ("cardsecurity", "chip.cam", "access.binding")


@pytest.fixture(scope="module")
def card() -> IssuedCard:
    """Return a card that opens with chip authentication mapping."""
    return issued(CAM)


def found(report: Report) -> dict[str, tuple[str, str | None]]:
    """Return the three checks that the file touches."""
    return {check: outcome(report, check) for check in CHECKS}


def test_control(card: IssuedCard) -> None:
    """The file is signed, the answer fits its key, and what it offers is what was read."""
    report = read(card)
    assert found(report) == dict.fromkeys(CHECKS, ("successful", None))
    assert report.verdict is Verdict.VERIFIED
    assert report.evidence.files["CardSecurity"] == card.files["CardSecurity"]


def test_card_without_it() -> None:
    """Other cards have no such file, and nobody asks for it."""
    report = read(issued())
    assert outcome(report, "cardsecurity") == ("not_supported", "not_offered")
    assert outcome(report, "chip.cam") == ("not_supported", "not_offered")


@pytest.mark.parametrize(
    ("at", "expected"),
    [(-1, ("failed", "signature_invalid")), (0, ("failed", "malformed"))],
)
def test_changed_file(card: IssuedCard, at: int, expected: tuple[str, str]) -> None:
    """A signature that does not hold: the answer proves a key that nobody signed."""
    forged = changed(card, CardSecurity=flip(card.files["CardSecurity"], at))
    report = read(forged)
    assert outcome(report, "cardsecurity") == expected
    assert outcome(report, "chip.cam")[0] in {"failed", "undetermined"}
    assert report.verdict is Verdict.FAILED


def test_unknown_anchor(card: IssuedCard) -> None:
    """Nobody vouches for the signer: open, and the mapping is worth no more."""
    report = read(card, trust=TrustStore())
    assert outcome(report, "cardsecurity") == ("undetermined", "no_csca")
    assert outcome(report, "chip.cam") == ("undetermined", "key_not_authenticated")


def test_file_withheld(card: IssuedCard) -> None:
    """A chip that maps with chip authentication has the file (Doc 9303-10 §3.11.4)."""
    report = read(EmulatedCard(changed(card, CardSecurity=None)))
    assert outcome(report, "cardsecurity") == ("failed", "file_withheld")
    assert outcome(report, "chip.cam")[0] == "undetermined"
    assert report.verdict is Verdict.FAILED


def test_file_of_another_card(card: IssuedCard) -> None:
    """A signed file with the key of another chip: the answer does not fit it."""
    other = issued("utopia-td3").files["CardSecurity"]
    report = read(EmulatedCard(changed(card, CardSecurity=other)))
    assert outcome(report, "chip.cam") == ("failed", "wrong_answer")
    assert report.verdict is Verdict.FAILED


def test_file_of_another_state(card: IssuedCard) -> None:
    """Signed under an anchor of another country than the data: two documents, not one."""
    foreign = issued("vn-cccd-2021")
    trust = TrustStore.of(card.csca, foreign.csca)
    mixed = changed(foreign, CardSecurity=card.files["CardSecurity"])
    report = judge(Evidence(files=mixed.files, source="folder"), trust)
    assert outcome(report, "cardsecurity") == ("failed", "country_mismatch")


@pytest.mark.parametrize("data", [None, bytes(32), b"\x01" * 32])
def test_wrong_answer(card: IssuedCard, data: bytes | None) -> None:
    """No data, zero, or another number than CA_IC."""
    evidence = read(card).evidence
    assert evidence.mapping is not None
    wrong = replace(evidence, mapping=replace(evidence.mapping, data=data))
    assert outcome(judge(evidence, trust_of(card)), "chip.cam") == ("successful", None)
    report = judge(wrong, trust_of(card))
    assert outcome(report, "chip.cam")[0] == "failed"


def test_unknown_parameters(card: IssuedCard) -> None:
    """Facts of parameters that nobody has are no proof and no crash."""
    evidence = read(card).evidence
    odd = MappingFacts(parameter_id=31, mapping_key=b"\x04", data=b"\x01")
    report = judge(replace(evidence, mapping=odd), trust_of(card))
    assert outcome(report, "chip.cam") == ("undetermined", "unsupported_algorithm")


def test_recorded(card: IssuedCard, tmp_path: Path) -> None:
    """From a file the signature is judged again; the mapping was for that session alone."""
    evidence = read(card).evidence
    evidence.save(tmp_path / "x.ecid")
    loaded = Evidence.load(tmp_path / "x.ecid")
    assert loaded.mapping == evidence.mapping
    report = judge(loaded, trust_of(card))
    assert outcome(report, "cardsecurity") == ("successful", None)
    assert outcome(report, "chip.cam") == ("undetermined", "recorded")


def test_key_of_another_card_of_the_state(card: IssuedCard) -> None:
    """A proof with another document's key and file: DG14 has another key of that id."""
    other = issued(CAM)
    stranger = generate_ec(curve_by_name("brainpoolP256r1"), SeededRng(b"stranger"))
    infos = w.set_of(
        w.seq(w.oid("0.4.0.127.0.7.2.2.3.2.2"), w.integer(1), w.integer(13)),
        w.seq(w.oid("0.4.0.127.0.7.2.2.1.2"), write_spki(stranger.public), w.integer(13)),
        *pace_infos(other),
    )
    mixed = resigned(other, DG14=encode(0x6E, infos))
    report = read(EmulatedCard(mixed))
    assert outcome(report, "cardsecurity") == ("successful", None)
    assert outcome(report, "chip.cam") == ("failed", "key_not_authenticated")


def test_file_of_another_signer(card: IssuedCard) -> None:
    """DG14 has no such key: then the file must be of whoever signed the SOD."""
    evidence = read(card).evidence
    own = issuer_of(card)[0]
    subject = c.name("UT", "ecid emulator", "another signer")
    other = make_document_signer(ec_key("another"), own, serial=0x99, subject=subject)
    bare = signed_by(resigned(card, DG14=encode(0x6E, w.set_of(*pace_infos(card)))), other)
    mixed = replace(evidence, files={**evidence.files, **bare.files}, chip_authentication=None)
    report = judge(mixed, trust_of(card))
    assert outcome(report, "cardsecurity") == ("successful", None)
    assert outcome(report, "chip.cam") == ("undetermined", "key_not_authenticated")


def pace_infos(card: IssuedCard) -> list[bytes]:
    """Return what EF.CardAccess offers, entry by entry."""
    return list(parse_card_access(card.files["CardAccess"]).raw_entries)
