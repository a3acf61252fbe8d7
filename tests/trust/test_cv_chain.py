"""The chain of certificates that a chip gets: which is chosen, and why none is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from cvc_kit import AT, Holder, authority, chain
from ecid.lds.cvc_types import CvcRole
from ecid.outcome import Finding, Outcome, Reason
from ecid.trust.cv_chain import CvChain, find_cv_chain
from ecid.trust.cv_key import holder
from ecid_crypto.errors import CryptoError
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.signing_key import SigningKey

AT_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CVCA = ["ZZCVCA00001"]


def key_of(holder_: Holder) -> RsaPublicKey | EcPublicKey:
    """Return the public key of a holder."""
    return SigningKey.from_pkcs8(holder_.pkcs8()).public


def found(
    holders: Sequence[Holder],
    authorities: Sequence[str] = CVCA,
    at: datetime = AT_NOON,
    terminal: Holder | None = None,
) -> CvChain | Finding:
    """Return what is found among the certificates of ``holders``; the last one is the terminal."""
    held = [each.certificate for each in holders]
    return find_cv_chain(held, authorities, at, key_of(terminal or holders[-1]))


def names(answer: CvChain | Finding) -> list[str]:
    """Return the holders of a chain in order."""
    assert isinstance(answer, CvChain), answer
    return [certificate.holder_reference for certificate in answer.certificates]


def refused(answer: CvChain | Finding) -> tuple[Reason | None, dict[str, Any]]:
    """Return reason and detail of a refusal, which is always undetermined."""
    assert isinstance(answer, Finding), answer
    assert answer.outcome is Outcome.UNDETERMINED
    return answer.reason, dict(answer.detail)


# What is chosen ---------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["1.2", "1.3", "1.6", "2.1", "2.3", "2.5"])
def test_two_certificates(algorithm: str) -> None:
    """The document verifier's and the terminal's are sent; the chip has the CVCA's key."""
    answer = found(chain(algorithm))
    assert names(answer) == ["ZZDV00001", "ZZIS00001"]
    assert isinstance(answer, CvChain)
    assert answer.terminal.holder_reference == "ZZIS00001"
    assert answer.effective.role is CvcRole.TERMINAL


def test_order_in_the_folder() -> None:
    """Files come in any order."""
    holders = [*chain(), *linked()[1:]]
    terminal = holders[2]
    for start in range(len(holders)):
        turned = holders[start:] + holders[:start]
        for order in (turned, turned[::-1]):
            assert names(found(order, terminal=terminal)) == ["ZZDV00001", "ZZIS00001"]


def linked(*, parameters: bool = False) -> list[Holder]:
    """Return two CVCA generations, the link between them, and a chain under the newer one."""
    old = authority("ZZCVCA00001")
    link = old.issue("ZZCVCA00002", 0b11, parameters=parameters)
    verifier = link.issue("ZZDV00002", 0b10)
    return [old, link, verifier, verifier.issue("ZZIS00002", 0b00)]


@pytest.mark.parametrize("parameters", [False, True])
def test_link_certificate(parameters: bool) -> None:
    """A chip that knows only the older key gets the link first; one that knows the newer does not.

    A link without domain parameters inherits those of the older key.
    """
    holders = linked(parameters=parameters)
    assert names(found(holders)) == ["ZZCVCA00002", "ZZDV00002", "ZZIS00002"]
    assert names(found(holders, ["ZZCVCA00002"])) == ["ZZDV00002", "ZZIS00002"]
    both = found(holders, ["ZZCVCA00002", "ZZCVCA00001"])
    assert names(both) == ["ZZDV00002", "ZZIS00002"]
    previous = found(holders, ["ZZCVCA00009", "ZZCVCA00001"])
    assert names(previous) == ["ZZCVCA00002", "ZZDV00002", "ZZIS00002"]


def test_two_links() -> None:
    """A chip can be two generations behind."""
    old, link, *_ = linked()
    newest = link.issue("ZZCVCA00003", 0b11, parameters=False)
    verifier = newest.issue("ZZDV00003", 0b10)
    terminal = verifier.issue("ZZIS00003", 0b00)
    holders = [terminal, verifier, newest, link, old]
    assert names(found(holders, terminal=terminal)) == [
        *("ZZCVCA00002", "ZZCVCA00003", "ZZDV00003", "ZZIS00003"),
    ]
    assert len(names(found(holders, ["ZZCVCA00003"], terminal=terminal))) == 2


def test_link_to_another_algorithm() -> None:
    """A link certificate may change from RSA to a curve; it brings the domain along."""
    old = authority("ZZCVCA00001", "1.2")
    link = old.issue("ZZCVCA00002", 0b11, algorithm="2.3", curve="P-256", parameters=True)
    verifier = link.issue("ZZDV00002", 0b10)
    holders = [old, link, verifier, verifier.issue("ZZIS00002", 0b00)]
    assert names(found(holders)) == ["ZZCVCA00002", "ZZDV00002", "ZZIS00002"]


def test_links_in_a_circle() -> None:
    """Links that lead round in a circle end."""
    one = authority("ZZCVCA00001")
    two = one.issue("ZZCVCA00002", 0b11, parameters=False)
    back = two.issue("ZZCVCA00001", 0b11, parameters=False)
    terminal = authority("XXCVCA00001").issue("XXDV00001", 0b10).issue("XXIS00001", 0b00)
    assert refused(found([one, two, back, terminal])) == (Reason.NO_CHAIN, {"rule": "path"})
    bare = [two, back, terminal]
    assert refused(found(bare)) == (Reason.NO_CHAIN, {"rule": "authority"})


def test_foreign_verifier() -> None:
    """A foreign document verifier issues terminals as a domestic one does."""
    cvca = authority("ZZCVCA00001")
    verifier = cvca.issue("YYDV00001", 0b01)
    assert len(names(found([cvca, verifier, verifier.issue("YYIS00001", 0b00)]))) == 2


def test_renewed_verifier() -> None:
    """Of two certificates of the same verifier the one in force is sent."""
    cvca, verifier, terminal = chain()
    before = verifier.certificate.expiration
    old = cvca.issue("ZZDV00001", 0b10, expiration=date(2025, 6, 1))
    for holders in ([cvca, old, verifier, terminal], [cvca, verifier, old, terminal]):
        answer = found(holders)
        assert isinstance(answer, CvChain)
        assert answer.certificates[0].expiration == before


def test_certificate_of_the_key() -> None:
    """Of two terminals the one is chosen whose key we have."""
    cvca, verifier, terminal = chain()
    other = verifier.issue("ZZIS00002", 0b00)
    assert names(found([cvca, verifier, other, terminal])) == ["ZZDV00001", "ZZIS00001"]
    assert names(found([cvca, verifier, terminal, other])) == ["ZZDV00001", "ZZIS00002"]


@pytest.mark.parametrize("of", range(3))
@pytest.mark.parametrize("rights", [0b00, 0b01, 0b10, 0b11])
def test_effective_rights(of: int, rights: int) -> None:
    """Only what terminal, verifier and CVCA all have is granted (Doc 9303-11 §7.1.4.3.6)."""
    given = [rights if at == of else 0b11 for at in range(3)]
    cvca = authority("ZZCVCA00001", rights=given[0])
    verifier = cvca.issue("ZZDV00001", 0b10, rights=given[1])
    answer = found([cvca, verifier, verifier.issue("ZZIS00001", 0b00, rights=given[2])])
    assert isinstance(answer, CvChain)
    assert answer.effective.authorization == bytes([rights])


def test_effective_rights_of_the_newer_authority() -> None:
    """With a link it is the newer CVCA's rights that count, not those of the older one."""
    old = authority("ZZCVCA00001", rights=0)
    link = old.issue("ZZCVCA00002", 0b11, rights=0b01)
    verifier = link.issue("ZZDV00002", 0b10)
    answer = found([old, link, verifier, verifier.issue("ZZIS00002", 0b00)])
    assert isinstance(answer, CvChain)
    assert answer.effective.authorization == b"\x01"


# Why none is ------------------------------------------------------------------------------


def test_unknown_authority() -> None:
    """The chip trusts nobody that we know: TA-02."""
    assert refused(found(chain(), ["ZZCVCA00007"])) == (Reason.NO_CHAIN, {"rule": "authority"})
    assert refused(found(chain(), [])) == (Reason.NO_CHAIN, {"rule": "authority"})
    assert refused(found(chain()[1:])) == (Reason.NO_CHAIN, {"rule": "authority"})


def test_authority_that_is_none() -> None:
    """A verifier called like a CVCA is no CVCA."""
    cvca = authority("XXCVCA00001")
    verifier = cvca.issue("ZZCVCA00001", 0b10)
    holders = [cvca, verifier, verifier.issue("ZZIS00001", 0b00)]
    assert refused(found(holders)) == (Reason.NO_CHAIN, {"rule": "authority"})


def test_missing_verifier() -> None:
    """A link of the chain is not in the folder."""
    cvca, _, terminal = chain()
    assert refused(found([cvca, terminal])) == (Reason.NO_CHAIN, {"rule": "path"})


BROKEN: dict[str, list[dict[str, Any]]] = {
    "CVCA issues a terminal": [{"role": 0b00}],
    "terminal issues a terminal": [{"role": 0b10}, {"role": 0b00}, {"role": 0b00}],
    "verifier issues a verifier": [{"role": 0b10}, {"role": 0b10}, {"role": 0b00}],
    "verifier issues a CVCA": [{"role": 0b10}, {"role": 0b11}, {"role": 0b10}, {"role": 0b00}],
    "the last one is no terminal": [{"role": 0b10}],
    "verifier of another kind of terminal": [{"role": 0b10, "oid": AT}, {"role": 0b00}],
    "terminal of another kind": [{"role": 0b10}, {"role": 0b00, "oid": AT}],
    "signature of the verifier": [{"role": 0b10, "forged": True}, {"role": 0b00}],
    "signature of the terminal": [{"role": 0b10}, {"role": 0b00, "forged": True}],
    "domain of the verifier": [{"role": 0b10, "parameters": True}, {"role": 0b00}],
    "verifier on another curve": [{"role": 0b10, "curve": "brainpoolP384r1"}, {"role": 0b00}],
    "another authority's name": [{"role": 0b10, "car": "ZZCVCA00002"}, {"role": 0b00}],
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_chain(case: str) -> None:
    """One thing is wrong in a chain that is otherwise the control's."""
    holders = [authority("ZZCVCA00001")]
    for at, changes in enumerate(BROKEN[case]):
        holders.append(holders[-1].issue(f"ZZ{at:010}", **changes))
    assert refused(found(holders)) == (Reason.NO_CHAIN, {"rule": "path"})


@pytest.mark.parametrize("who", ["verifier", "terminal"])
@pytest.mark.parametrize(
    ("today", "reason"),
    [
        (date(2025, 2, 1), None),
        (date(2025, 1, 31), Reason.NOT_YET_VALID),
        (date(2025, 3, 31), None),
        (date(2025, 4, 1), Reason.EXPIRED),
    ],
)
def test_days(who: str, today: date, reason: Reason | None) -> None:
    """First and last day are both in; the day before and after are not: TA-05."""
    limits = {"effective": date(2025, 2, 1), "expiration": date(2025, 3, 31)}
    cvca = authority("ZZCVCA00001")
    verifier = cvca.issue("ZZDV00001", 0b10, **(limits if who == "verifier" else {}))
    terminal = verifier.issue("ZZIS00001", 0b00, **(limits if who == "terminal" else {}))
    at = datetime(today.year, today.month, today.day, 23, 59, tzinfo=UTC)
    answer = found([cvca, verifier, terminal], at=at)
    if reason is None:
        assert names(answer) == ["ZZDV00001", "ZZIS00001"]
    else:
        holder_ = "ZZDV00001" if who == "verifier" else "ZZIS00001"
        assert refused(answer) == (reason, {"holder": holder_})


def test_days_are_in_gmt() -> None:
    """Days change at midnight GMT, wherever the desk is."""
    cvca, verifier, _ = chain()
    terminal = verifier.issue("ZZIS00001", 0b00, expiration=date(2025, 3, 31))
    hanoi = timezone(timedelta(hours=7))
    early = datetime(2025, 4, 1, 6, 59, tzinfo=hanoi)
    assert names(found([cvca, verifier, terminal], at=early)) == ["ZZDV00001", "ZZIS00001"]
    late = found([cvca, verifier, terminal], at=early + timedelta(minutes=1))
    assert refused(late)[0] is Reason.EXPIRED


def test_authority_and_link_may_be_old() -> None:
    """Expired CVCA and link certificates lead on: chips import such links."""
    past = date(2025, 6, 1)
    old = authority("ZZCVCA00001", expiration=past)
    link = old.issue("ZZCVCA00002", 0b11, expiration=past)
    verifier = link.issue("ZZDV00002", 0b10)
    holders = [old, link, verifier, verifier.issue("ZZIS00002", 0b00)]
    assert names(found(holders)) == ["ZZCVCA00002", "ZZDV00002", "ZZIS00002"]


def test_link_of_tomorrow() -> None:
    """A link that is not valid yet is not sent: the chip would set its clock by it."""
    old = authority("ZZCVCA00001")
    link = old.issue("ZZCVCA00002", 0b11, effective=date(2026, 1, 2))
    verifier = link.issue("ZZDV00002", 0b10)
    holders = [old, link, verifier, verifier.issue("ZZIS00002", 0b00)]
    assert refused(found(holders)) == (Reason.NOT_YET_VALID, {"holder": "ZZCVCA00002"})


def test_authority_without_domain() -> None:
    """A CVCA on a curve that it does not state, and nobody before it, is no anchor."""
    cvca = authority("ZZCVCA00001", parameters=False)
    verifier = cvca.issue("ZZDV00001", 0b10)
    holders = [cvca, verifier, verifier.issue("ZZIS00001", 0b00)]
    assert refused(found(holders)) == (Reason.NO_CHAIN, {"rule": "authority"})


def test_curve_under_rsa() -> None:
    """A curve under an RSA authority has no domain to inherit."""
    cvca = authority("ZZCVCA00001", "1.2")
    verifier = cvca.issue("ZZDV00001", 0b10, algorithm="2.3", curve="P-256")
    holders = [cvca, verifier, verifier.issue("ZZIS00001", 0b00)]
    assert refused(found(holders)) == (Reason.NO_CHAIN, {"rule": "path"})
    with pytest.raises(CryptoError):
        holder(verifier.certificate, None)
