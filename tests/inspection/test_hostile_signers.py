"""A signer whose certificate cannot be read is a failed check, and nothing stops for it."""

from __future__ import annotations

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.issued import IssuedCard
from ecid.emulator.pki import Signer, emulated_issuer, make_document_signer
from ecid.inspection.checks import Verdict
from ecid.testing.cards import signed_by
from ecid.trust.certificate import parse_certificate
from ecid.trust.store import TrustStore
from forged_sod import ec_key, signer_extensions_but
from inspection_kit import issued, judge, outcome, stored
from trust_kit import deviation, deviation_list, take_in

CSCA, _ = emulated_issuer(0, "issuer")
UNREADABLE = c.name("VN", "ecid emulator", "??").replace(b"\x0c\x02??", b"\x0c\x02\xff\xfe")
SKI = "2.5.29.14"


def _unreadable_name() -> Signer:
    return make_document_signer(ec_key("signer"), CSCA, subject=UNREADABLE)


def _twice(oid: str, extension: bytes) -> Signer:
    extensions = (*signer_extensions_but(oid), extension, extension)
    return make_document_signer(ec_key("signer"), CSCA, extensions=extensions)


SIGNERS = {
    "a name that is no text": _unreadable_name(),
    "two key identifiers": _twice(SKI, c.subject_key_identifier(bytes(20))),
    "two basic constraints": _twice("2.5.29.19", c.basic_constraints(False)),
    "two authority identifiers": _twice("2.5.29.35", c.authority_key_identifier(bytes(20))),
}


def _signed_by(signer: Signer) -> IssuedCard:
    return signed_by(issued(), signer)


@pytest.mark.parametrize("name", SIGNERS)
def test_report(name: str) -> None:
    """A report with failed checks; the same card by its own signer is green."""
    card = _signed_by(SIGNERS[name])
    report = judge(stored(card), TrustStore.of(CSCA.certificate))
    assert report.verdict is Verdict.FAILED
    failed = [check.id for check in report.checks if check.outcome.value == "failed"]
    assert set(failed) <= {"sod.signer", "sod.chain", "lds.state"}
    assert failed


def test_deviations_never_raise() -> None:
    """What is overlooked in a certificate can be asked of any certificate."""
    for signer in SIGNERS.values():
        assert isinstance(parse_certificate(signer.certificate).deviations, tuple)


def test_beside_a_deviation_list() -> None:
    """A state's list of deviations does not stumble over a signer of no country."""
    trust = take_in(CSCA.certificate, deviation_list(deviation(("1.2.3",))), allow_test=True).store
    report = judge(stored(_signed_by(SIGNERS["a name that is no text"])), trust)
    assert outcome(report, "sod.chain") == ("failed", "malformed")
