"""Checks that no other test would miss: each of these came from a mutant that survived."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256

import pytest

import ecid
from ecid.emulator import EmulatedCard, IssuedCard
from ecid.emulator import certificates as c
from ecid.emulator.pki import (
    CSCA_NAME,
    SIGNING_TIME,
    Authority,
    emulated_issuer,
    make_csca,
    make_document_signer,
    sign_sod,
    signer_extensions,
)
from ecid.emulator.signing import SigningKey
from ecid.errors import EvidenceError
from ecid.inspection import evidence_file
from ecid.inspection.evidence import Absence
from ecid.inspection.judge_chip import compose
from ecid.outcome import SUCCESS, Reason, failed, undetermined
from ecid.trust.certificate import parse_certificate
from ecid.trust.signer_profile import check_signer_profile
from ecid_crypto.errors import InvalidMac, InvalidSignature
from ecid_crypto.hashes import Hash
from ecid_crypto.iso9796_2 import check_representative
from ecid_crypto.mac import verify as verify_mac
from inspection_kit import NOW, by_can, issued, outcome, trust_of

PLAIN_NAME = c.name("VN", "ecid emulator", "CSCA", serial="001")


@cache
def live() -> ecid.Evidence:
    """Return a live reading of the shipped card."""
    card = issued()
    report = ecid.read(by_can(card), card=EmulatedCard(card), trust=trust_of(card), at=NOW)
    assert report.verdict is ecid.Verdict.VERIFIED
    return report.evidence


def counter(evidence: ecid.Evidence, trust: ecid.TrustStore | None = None) -> ecid.Report:
    """Judge ``evidence`` as a counter does."""
    anchors = trust_of(issued()) if trust is None else trust
    return ecid.verify(evidence, trust=anchors, policy="counter", at=NOW)


@pytest.mark.parametrize("at", range(8))
def test_every_byte_of_a_mac_counts(at: int) -> None:
    """One bit of any of the eight bytes is enough to refuse it."""
    code = bytearray(b"12345678")
    code[at] ^= 1
    with pytest.raises(InvalidMac, match="mac_mismatch"):
        verify_mac(b"12345678", bytes(code))


@pytest.mark.parametrize("trailer", [b"\xbc", b"\xbb", b"\xcd", b"\x00"])
def test_trailer_of_a_right_hash(trailer: bytes) -> None:
    """Only BC stands for SHA-1, be the hash right or not (ISO/IEC 9796-2 §8.1)."""
    message, challenge = bytes(range(100)), b"12345678"
    representative = b"\x6a" + message + Hash.SHA1.digest(message + challenge) + trailer
    if trailer == b"\xbc":
        assert check_representative(representative, challenge) is Hash.SHA1
    else:
        with pytest.raises(InvalidSignature, match="trailer"):
            check_representative(representative, challenge)


@pytest.mark.parametrize("name", ["DG2", "DG13"])
def test_locked_file_is_withheld(name: str) -> None:
    """A counter may read everything but DG3 and DG4: a lock before the rest hides something."""
    evidence = live()
    files = {key: data for key, data in evidence.files.items() if key != name}
    missing = {**evidence.missing, name: Absence.LOCKED}
    report = counter(replace(evidence, files=files, missing=missing))
    assert outcome(report, f"dg.{name[2:]}") == ("failed", "file_withheld")
    assert report.verdict is ecid.Verdict.FAILED


def test_proof_under_an_unknown_issuer() -> None:
    """With the right hashes and no anchor, nobody vouches for the keys of the chip."""
    report = counter(live(), ecid.TrustStore())
    assert outcome(report, "dg.14") == ("successful", None)
    assert outcome(report, "chip.ca") == ("undetermined", "key_not_authenticated")
    assert outcome(report, "chip.aa") == ("undetermined", "key_not_authenticated")


def test_proof_with_another_key() -> None:
    """What was proven is a key; it counts only if it is the key of DG14."""
    facts = live().chip_authentication
    assert facts is not None
    other = replace(facts, public_key=facts.public_key[:-1] + b"\x00")
    report = counter(replace(live(), chip_authentication=other))
    assert outcome(report, "chip.ca") == ("failed", "key_not_authenticated")


def test_one_failed_proof_fails_the_chip() -> None:
    """Whatever else succeeds, and in whatever order."""
    wrong, unknown = failed(Reason.WRONG_ANSWER), undetermined(Reason.NOT_RUN)
    assert compose([SUCCESS, wrong]) is wrong
    assert compose([unknown, wrong, SUCCESS]) is wrong
    assert compose([unknown, SUCCESS]) is SUCCESS


@pytest.mark.parametrize(
    ("subject", "marked", "expected"),
    [(CSCA_NAME, True, True), (CSCA_NAME, False, False), (PLAIN_NAME, True, False)],
    ids=["both", "name alone", "marker alone"],
)
def test_emulated_is_marker_and_name(subject: bytes, marked: bool, expected: bool) -> None:
    """A CSCA with only one of the two is nobody's test anchor (design, section 3)."""
    card = issued()
    authority, signer = emulated_issuer(card.seed)
    csca = make_csca(authority.key, subject=subject, marked=marked)
    report = ecid.verify(
        ecid.Evidence(files={**card.files, "SOD": _sod(card, signer.key, csca)}),
        trust=ecid.TrustStore.of(csca.certificate),
        at=NOW,
    )
    assert report.verdict is ecid.Verdict.VERIFIED
    assert report.emulated is expected


def test_signer_of_revocation_lists() -> None:
    """A key that may also sign revocation lists is an authority's (Doc 9303-12 §7.1.1 Table 5)."""
    authority, signer = emulated_issuer(0)
    start = signer_extensions(signer.key, authority, SIGNING_TIME)[:-1]
    rules = []
    for usage in ((0,), (0, 6)):
        made = make_document_signer(signer.key, authority, extensions=(*start, c.key_usage(*usage)))
        finding = check_signer_profile(parse_certificate(made.certificate))
        rules.append(finding.detail.get("rule"))
    assert rules == [None, "may_sign_revocation_lists"]


def _sod(card: IssuedCard, key: SigningKey, csca: Authority) -> bytes:
    groups = {n: card.files[f"DG{n}"] for n in range(1, 17) if f"DG{n}" in card.files}
    return sign_sod(groups, make_document_signer(key, csca), signing_time=SIGNING_TIME)


@pytest.mark.parametrize("item", [b"\xc2\x41\x01", b"\x80" * 600, b"\x9f"])
def test_evidence_is_scanned_before_it_is_decoded(
    item: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tags, hosts of items and endless lengths never reach the decoder, which pays for them."""

    def never(*_: object, **__: object) -> object:
        raise AssertionError

    monkeypatch.setattr("ecid.inspection.evidence_file.cbor2.loads", never)
    whole = evidence_file.dump(ecid.Evidence())
    name = evidence_file.FORMAT.encode()
    body = b"\x83" + whole[1 : 2 + len(name)] + item
    data = body + b"\x58\x20" + sha256(body).digest()
    with pytest.raises(EvidenceError) as caught:
        evidence_file.parse(data, "x")
    assert caught.value.code == "evidence_malformed"
