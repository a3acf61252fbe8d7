"""What stands in signed lists, decoded and not believed (Doc 9303-12 §9, 9303-3 §8, TR-03129)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import cms
from ecid.encoding import der_write as w
from ecid.encoding.oid import DEFECT_LIST, DEVIATION_LIST
from ecid.encoding.tlv import encode
from ecid.errors import MalformedData
from ecid.trust import lists as lists_module
from ecid.trust.lists import (
    KnownDeviation,
    deviations,
    deviations_in,
    master_list_certificates,
)
from ecid.trust.signed_data import SignerIdentifier
from ecid_crypto.hashes import Hash
from trust_kit import (
    ROOT,
    csca_master_list,
    defect,
    defect_list,
    description,
    deviation,
    deviation_list,
    document_signer,
    master_list,
    roots,
)

KIND, OTHER_KIND = "2.23.136.1.1.7.2.1", "2.23.136.1.1.7.1.4"
DSC = document_signer()
NAMED = SignerIdentifier(raw_issuer=ROOT.plan.subject, serial=0x77)
FIRST, LAST = datetime(2020, 1, 2, tzinfo=UTC), datetime(2021, 3, 4, tzinfo=UTC)


# Master lists -----------------------------------------------------------------------------------


def refused(content: bytes) -> str:
    """Return the rule that a CscaMasterList breaks."""
    with pytest.raises(MalformedData) as caught:
        master_list_certificates(content)
    assert caught.value.where == "master list"
    return caught.value.rule


def test_certificates() -> None:
    """Every certificate as received, in the order of the set."""
    made = roots(3)
    assert set(master_list_certificates(csca_master_list(*made))) == set(made)
    assert master_list_certificates(csca_master_list()) == ()


def test_versions() -> None:
    """0 is the version of the standard, 1 one that is met; no other is guessed at."""
    assert master_list_certificates(csca_master_list(version=1)) == ()
    assert refused(csca_master_list(version=2)) == "version"


def test_certificates_are_not_looked_into() -> None:
    """One that is none does not spoil the list: whoever takes it will see."""
    good, bad = roots(1)[0], w.seq(w.integer(5))
    assert set(master_list_certificates(csca_master_list(good, bad))) == {good, bad}


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "truncated"),
        (w.seq(), "version"),
        (w.seq(w.integer(0)), "version"),
        (w.seq(w.set_of(), w.integer(0)), "version"),
        (w.seq(w.integer(0), w.seq()), "unexpected_tag"),
        (csca_master_list() + b"\x00", "trailing_data"),
    ],
)
def test_broken(content: bytes, rule: str) -> None:
    """What is no CscaMasterList is refused."""
    assert refused(content) == rule


def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit far above all certificates in the world."""
    monkeypatch.setattr(lists_module, "MAX_ENTRIES", 3)
    assert len(master_list_certificates(csca_master_list(*roots(3)))) == 3
    assert refused(csca_master_list(*roots(4))) == "too_many"


# Deviation lists --------------------------------------------------------------------------------


def one(*documents: bytes, kinds: tuple[str, ...] = (KIND,)) -> KnownDeviation:
    """Return the only entry of a deviation list about ``documents``."""
    (found,) = deviations_in(deviation_list(deviation(kinds, *documents)))
    return found


def rule_of(entry: bytes, content_type: str = DEVIATION_LIST) -> str:
    """Return the rule that a list with this ``entry`` breaks."""
    with pytest.raises(MalformedData) as caught:
        deviations(content_type, w.seq(w.integer(0), w.set_of(entry)))
    return caught.value.rule


def test_all_documents_of_the_issuer() -> None:
    """An entry that names no signer is about all of them."""
    assert one() == KnownDeviation(None, None, (KIND,))


ISSUER_AND_SERIAL = cms.issuer_and_serial(DSC.certificate)
PERIOD = w.implicit(4, w.seq(w.generalized_time(FIRST), w.generalized_time(LAST)))


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (encode(0x80, b"P<"), KnownDeviation(None, None, (KIND,), "P<")),
        (w.implicit(1, ISSUER_AND_SERIAL), KnownDeviation(NAMED, None, (KIND,))),
        (w.explicit(1, ISSUER_AND_SERIAL), KnownDeviation(NAMED, None, (KIND,))),
        (
            w.implicit(2, w.octets(b"key")),
            KnownDeviation(SignerIdentifier(key_identifier=b"key"), None, (KIND,)),
        ),
        (w.implicit(3, w.octets(b"digest")), KnownDeviation(None, b"digest", (KIND,))),
        (w.explicit(3, w.octets(b"digest")), KnownDeviation(None, b"digest", (KIND,))),
        (PERIOD, KnownDeviation(None, None, (KIND,), None, (FIRST, LAST))),
        (
            w.implicit(5, w.set_of(w.printable("X1"))),
            KnownDeviation(None, None, (KIND,), by_document_number=True),
        ),
    ],
)
def test_documents(part: bytes, expected: KnownDeviation) -> None:
    """Each way of saying which documents are meant (Doc 9303-3 §8, DeviationDocuments)."""
    assert one(part) == expected


@pytest.mark.parametrize(
    "parts",
    [
        (w.implicit(6, w.octets(b"?")),),
        (w.printable("ID"),),
        (w.implicit(3, w.seq(w.integer(1))),),
        (w.implicit(2, w.octets(b"a")), w.implicit(2, w.octets(b"b"))),
        (w.implicit(4, w.seq(w.generalized_time(FIRST))),),
        (w.implicit(1, w.seq(w.integer(1))),),
    ],
    ids=["unknown tag", "no tag", "digest is none", "twice", "half a period", "serial alone"],
)
def test_what_is_not_understood_never_widens_an_entry(parts: tuple[bytes, ...]) -> None:
    """Overlooked, a part that narrows an entry would make it speak of every document."""
    with pytest.raises(MalformedData):
        one(*parts)


def test_several_kinds() -> None:
    """One entry may name several deviations."""
    assert set(one(kinds=(KIND, OTHER_KIND)).kinds) == {KIND, OTHER_KIND}


def test_digest_algorithm_before_the_entries() -> None:
    """The optional algorithm is passed over."""
    algorithm, entries = cms.digest_algorithm(Hash.SHA256), w.set_of(deviation((KIND,)))
    content = w.seq(w.integer(0), algorithm, entries)
    assert deviations(DEVIATION_LIST, content) == (one(),)


def test_broken_entries() -> None:
    """An entry that breaks its format is refused, and the list with it."""
    assert rule_of(w.seq(w.seq())) == "truncated"
    no_kind = w.seq(w.seq(), w.set_of(w.seq(w.printable("text only"))))
    assert rule_of(no_kind) == "deviation_type"
    surplus = w.seq(w.seq(), w.set_of(description(KIND)), w.null())
    assert rule_of(surplus) == "trailing_data"


def test_other_lists() -> None:
    """A master list is no deviation list."""
    with pytest.raises(MalformedData) as caught:
        deviations_in(master_list(ROOT.certificate))
    assert caught.value.rule == "unknown_list"


def test_too_many_deviations(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limit for entries."""
    monkeypatch.setattr(lists_module, "MAX_ENTRIES", 1)
    two = [deviation((KIND,)), deviation((OTHER_KIND,))]
    assert len(deviations_in(deviation_list(two[0]))) == 1
    with pytest.raises(MalformedData) as caught:
        deviations_in(deviation_list(*two))
    assert caught.value.rule == "too_many"


# Defect lists -----------------------------------------------------------------------------------

DEFECT = "0.4.0.127.0.7.3.1.5.1.1"


def test_defect() -> None:
    """A signer by issuer and serial number, and what is wrong."""
    (found,) = deviations_in(defect_list(defect((DEFECT,), DSC)))
    assert found == KnownDeviation(NAMED, None, (DEFECT,))


def test_defect_with_hash() -> None:
    """The hash of its certificate may tell two of one name apart."""
    (found,) = deviations_in(defect_list(defect((DEFECT,), DSC, b"digest")))
    assert found == KnownDeviation(NAMED, b"digest", (DEFECT,))


def test_defect_by_key() -> None:
    """A SignerIdentifier may be a key identifier."""
    kinds = w.set_of(w.seq(w.oid(DEFECT)))
    entry = w.seq(cms.key_identifier(b"key"), kinds)
    (found,) = deviations_in(defect_list(entry))
    assert found == KnownDeviation(SignerIdentifier(key_identifier=b"key"), None, (DEFECT,))


def test_broken_defect() -> None:
    """A defect without a signer would be about everybody."""
    nobody = w.seq(w.set_of(w.seq(w.oid(DEFECT))))
    assert rule_of(nobody, DEFECT_LIST) == "truncated"


@given(st.binary(max_size=120), st.sampled_from([DEVIATION_LIST, DEFECT_LIST, "1.2.3"]))
def test_arbitrary_bytes(data: bytes, content_type: str) -> None:
    """Entries or a named error, whatever the signed content or one entry is."""
    wrapped = w.seq(w.integer(0), w.set_of(encode(0x30, data)))
    for content in (data, wrapped):
        with suppress(MalformedData):
            assert deviations(content_type, content) is not None
        with suppress(MalformedData):
            assert master_list_certificates(content) is not None
