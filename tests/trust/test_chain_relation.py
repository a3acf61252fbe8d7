"""What besides the signature must hold between a signer and its anchor (Doc 9303-12 §7.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.pki import Authority, make_csca, make_document_signer
from ecid.encoding import der_write as w
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import Chain, find_chain
from ecid.trust.entries import Entry, Kind, MemoryShelf, Provenance
from ecid.trust.names import COMMON_NAME, COUNTRY
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import NOTHING
from ecid_crypto.hashes import Hash
from forged_sod import (
    CSCA,
    SIGNER,
    CurveballKey,
    ec_key,
    key_identifier_of,
    key_of,
    signer_extensions_but,
    verdict,
)

TOLERATED = "undetermined not_tolerated"
NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def relative(oid: str, text: bytes) -> bytes:
    """Return a RelativeDistinguishedName with one attribute, ``text`` a complete string."""
    return w.set_of(w.seq(w.oid(oid), text))


STATE, SAID = relative(COUNTRY, w.printable("UT")), relative(COMMON_NAME, w.utf8("CSCA of Utopia"))
NAME = w.seq(STATE, SAID)
DOCUMENT_SIGNER = c.name("UT", "", "Document Signer")
PARENT = make_csca(ec_key("parent"), subject=NAME)


def signer(
    issuer: bytes = NAME,
    *,
    csca: Authority = PARENT,
    start: datetime = NOON,
    aki: bool = True,
    subject: bytes = DOCUMENT_SIGNER,
) -> Certificate:
    """Return a signer under ``csca`` that calls its issuer ``issuer``."""
    extensions = None if aki else signer_extensions_but("2.5.29.35", csca=csca, label="dsc")
    made = make_document_signer(
        ec_key("dsc"),
        csca,
        subject=subject,
        issuer_name=issuer,
        validity=(start, start + timedelta(days=3650)),
        extensions=extensions,
    )
    return parse_certificate(made.certificate)


def store(*anchors: Authority) -> TrustStore:
    """Return a store of ``anchors``."""
    return TrustStore.of(*(each.certificate for each in anchors))


def said(chain: Chain) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the verdict and the deviations with their places."""
    return verdict(chain.finding), tuple((each.code, each.where) for each in chain.deviations)


NAMES = {
    "control": (NAME, ""),
    "another string type": (
        w.seq(STATE, relative(COMMON_NAME, w.printable("CSCA of Utopia"))),
        "name_encoding",
    ),
    "another case": (
        w.seq(STATE, relative(COMMON_NAME, w.utf8("csca OF UTOPIA"))),
        "name_encoding",
    ),
    "more white space": (
        w.seq(STATE, relative(COMMON_NAME, w.utf8(" CSCA  of Utopia "))),
        "name_encoding",
    ),
    "another order": (w.seq(SAID, STATE), "name_order"),
    "another order and case": (
        w.seq(relative(COMMON_NAME, w.utf8("csca of utopia")), STATE),
        "name_order",
    ),
}


@pytest.mark.parametrize("by_key", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_likeness_of_names(name: str, by_key: bool) -> None:
    """The issuer's name is compared by what it says; what is overlooked has a name (§7.1.1)."""
    issuer, code = NAMES[name]
    codes = ([] if by_key else ["aki_absent"]) + ([code] if code else [])
    of = signer(issuer, aki=by_key)
    assert said(find_chain(of, store(PARENT))) == (
        "successful",
        tuple((each, "DSC") for each in codes),
    )
    strict = verdict(find_chain(of, store(PARENT), NOTHING).finding)
    assert strict == (TOLERATED if codes else "successful")


@pytest.mark.parametrize(
    "other",
    [
        w.seq(STATE, relative(COMMON_NAME, w.utf8("CSCA of Utopi"))),
        w.seq(STATE),
        w.seq(STATE, SAID, SAID),
        w.seq(STATE, relative(COUNTRY, w.utf8("CSCA of Utopia"))),
        w.seq(w.set_of(w.seq(w.oid(COUNTRY), w.printable("UT")), SAID[2:])),
    ],
    ids=["a letter less", "a part less", "a part twice", "another type", "one part of two"],
)
def test_another_name(other: bytes) -> None:
    """The key that the identifier names did sign, under another name: open, the anchor named."""
    found = find_chain(signer(other), store(PARENT))
    assert said(found) == ("undetermined issuer_name", ())
    assert found.anchor is not None
    assert verdict(find_chain(signer(other, aki=False), store(PARENT)).finding) == (
        "undetermined no_csca"
    )


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (NOON, "successful"),
        (NOON + SECOND, "successful"),
        (NOON - SECOND, "failed issuer_ended_before"),
    ],
)
def test_anchor_that_had_ended(end: datetime, expected: str) -> None:
    """No certificate begins after the one of its issuer has ended; the same second will do."""
    start = datetime(2021, 1, 1, tzinfo=UTC)
    csca = make_csca(ec_key("parent"), subject=NAME, validity=(start, end))
    found = find_chain(signer(csca=csca), store(csca))
    assert verdict(found.finding) == expected
    assert found.anchor is not None


def test_anchor_that_had_ended_and_its_successor() -> None:
    """The same key with a later end is another anchor, and the one that counts."""
    start = datetime(2021, 1, 1, tzinfo=UTC)
    ended = make_csca(ec_key("parent"), subject=NAME, validity=(start, NOON - SECOND), serial=7)
    assert verdict(find_chain(signer(), store(ended, PARENT)).finding) == "successful"
    assert verdict(find_chain(signer(), store(ended)).finding) == "failed issuer_ended_before"


def test_deviations_of_the_anchor() -> None:
    """What was overlooked when an anchor was admitted stands beside every card it vouches for."""
    csca = make_csca(ec_key("parent"), subject=NAME, serial=0)
    found = find_chain(signer(csca=csca), store(csca))
    assert said(found) == ("successful", (("serial_not_positive", "CSCA"),))
    assert verdict(find_chain(signer(csca=csca), store(csca), NOTHING).finding) == TOLERATED


def test_weak_self_signature_is_no_deviation_of_a_card() -> None:
    """An anchor is believed because it was given: the hash of its own signature proves nothing."""
    certificate = parse_certificate(PARENT.certificate)
    entry = Entry.of(certificate, (Provenance(Kind.BY_HAND, ""),), ("weak_self_signature",))
    shelf = MemoryShelf({sha256(certificate.raw).digest(): certificate.raw})
    assert said(find_chain(signer(), TrustStore((entry,), shelf=shelf))) == ("successful", ())


def test_weak_hash_names_the_anchor() -> None:
    """A signature with SHA-1 under another name is open for its hash, not for the name."""
    made = make_document_signer(
        ec_key("dsc"), CSCA, issuer_name=NAME, hash_function=Hash.SHA1, serial=3
    )
    found = find_chain(parse_certificate(made.certificate), store(CSCA))
    assert verdict(found.finding) == "undetermined weak_hash"
    assert found.anchor is not None


@pytest.mark.parametrize("first", [0, 1])
def test_open_question_before_a_wrong_key(first: int) -> None:
    """A twin whose key cannot be used leaves open what the named key alone would fail."""
    identifier = c.subject_key_identifier(key_identifier_of(CSCA))
    rogue = make_csca(ec_key("rogue"), extensions=(c.basic_constraints(True, 0), identifier))
    ball = CurveballKey(key_of(CSCA.key))
    plan = replace(CSCA.plan, public_key=ball.spki, serial=8)
    strange = Authority(c.sign_certificate(plan, ball), plan, ball)
    of = parse_certificate(SIGNER.certificate)
    assert verdict(find_chain(of, store(rogue)).finding) == "failed bad_signature"
    twins = (rogue, strange) if first == 0 else (strange, rogue)
    assert verdict(find_chain(of, store(*twins)).finding) == "undetermined unsupported_algorithm"
    assert verdict(find_chain(of, store(*twins, CSCA)).finding) == "successful"


@pytest.mark.parametrize("order", [1, -1])
def test_whose_key_signed_is_said_first(order: int) -> None:
    """Of several open questions the one about the anchor that did sign, whatever comes first."""
    made = make_document_signer(ec_key("dsc"), CSCA, hash_function=Hash.SHA1, serial=3)
    ball = CurveballKey(key_of(CSCA.key))
    plan = replace(CSCA.plan, public_key=ball.spki, serial=8)
    strange = Authority(c.sign_certificate(plan, ball), plan, ball)
    found = find_chain(parse_certificate(made.certificate), store(*(CSCA, strange)[::order]))
    assert verdict(found.finding) == "undetermined weak_hash"
    assert found.anchor is not None


@pytest.mark.parametrize("order", [1, -1])
def test_open_question_before_an_ended_anchor(order: int) -> None:
    """Two certificates of the key that signed: one had ended, of the other the name is another."""
    start = datetime(2021, 1, 1, tzinfo=UTC)
    ended = make_csca(ec_key("parent"), subject=NAME, validity=(start, NOON - SECOND), serial=7)
    renamed = make_csca(ec_key("parent"), subject=w.seq(STATE), serial=8)
    assert verdict(find_chain(signer(), store(ended)).finding) == "failed issuer_ended_before"
    found = find_chain(signer(), store(*(ended, renamed)[::order]))
    assert verdict(found.finding) == "undetermined issuer_name"


def test_broken_name_of_the_issuer() -> None:
    """An issuer name that is none fails with the rule it breaks."""
    broken = w.seq(STATE, w.set_of(w.seq(w.oid(COMMON_NAME), b"\x0c\x01\xff")))
    assert verdict(find_chain(signer(broken), store(PARENT)).finding) == "failed malformed not_text"


def test_anchor_without_country() -> None:
    """An anchor that names no country is a candidate for signers without one, and no others."""
    csca = make_csca(ec_key("parent"), subject=w.seq(SAID))
    made = signer(w.seq(SAID), csca=csca)
    assert said(find_chain(made, store(csca))) == ("undetermined no_csca", ())
    nameless = signer(w.seq(SAID), csca=csca, subject=w.seq(SAID))
    assert said(find_chain(nameless, store(csca))) == ("successful", ())


def test_signer_without_country() -> None:
    """Its anchor may have one: the signature decides."""
    assert said(find_chain(signer(subject=w.seq(SAID)), store(PARENT))) == ("successful", ())
