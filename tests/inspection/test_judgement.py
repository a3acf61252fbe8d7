"""Judging files against each other: purity, MRZ, expiry, EF.COM, country, cross-check."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid import api
from ecid.emulator import IssuedCard, certificates
from ecid.emulator.definitions import definition
from ecid.emulator.issuing import personalise
from ecid.emulator.personalise import data_groups as write
from ecid.emulator.personalise.dg13 import dg13
from ecid.emulator.personalise.person import people
from ecid.emulator.pki import SIGNER_VALIDITY, make_csca, make_document_signer, signer_extensions
from ecid.encoding import der_write as w
from ecid.errors import NotVerified
from ecid.inspection.evidence import Evidence, Origin
from ecid.inspection.judge_match import check_mrz
from ecid.inspection.report import Report
from ecid.lds.files import ALL_FILES
from ecid.mrz.mrz import build_td1
from ecid.mrz.mrz import parse as parse_mrz
from ecid.profiles.icao import ICAO
from ecid.testing.cards import issuer_of, sod_of
from ecid.trust.store import TrustStore
from inspection_kit import NOW, changed, issued, judge, outcome, resigned, stored, trust_of

PERSON = people()[definition("vn-cccd-2021").holder]


def zone(**changes: str) -> str:
    """Return the MRZ of the shipped card with some fields changed, check digits right."""
    fields = {
        "document_code": "ID",
        "issuing_state": "VNM",
        "document_number": PERSON.document_number,
        "optional_data_1": PERSON.mrz[15:30],
        "birth_date": PERSON.birth_yymmdd,
        "sex": "male",
        "expiry_date": PERSON.expiry_yymmdd,
        "nationality": "VNM",
        "surname": PERSON.surname,
        "given_names": PERSON.given_names,
    }
    return build_td1(**{**fields, **changes})


def with_mrz(card: IssuedCard, mrz: str) -> IssuedCard:
    """Return ``card`` issued again with another MRZ in DG1."""
    return resigned(card, DG1=write.dg1(mrz))


def test_pure(evidence: Evidence) -> None:
    """The same input gives the same report, whatever was judged in between."""
    first = judge(evidence, policy="counter").to_dict()
    judge(replace(evidence, files={}))
    assert first == judge(evidence, policy="counter").to_dict()


def test_order_of_files_does_not_matter(evidence: Evidence) -> None:
    """Neither does the order in which the files stand."""
    other = replace(evidence, files=dict(reversed(list(evidence.files.items()))))
    assert judge(evidence).to_dict() == judge(other).to_dict()


def test_judging_changes_nothing(evidence: Evidence) -> None:
    """Judging leaves the evidence as it was."""
    files = dict(evidence.files)
    judge(evidence)
    assert files == evidence.files


def test_profile_on_file_is_not_heard(card: IssuedCard) -> None:
    """Which profile was used is decided by DG1, not by what the file claims."""
    claimed = replace(stored(card), profile="icao")
    assert judge(claimed).profile == "vietnam"
    assert judge(claimed, profile="icao").profile == "icao"


@given(st.sampled_from([ef.name for ef in ALL_FILES]), st.binary(max_size=80))
def test_any_bytes_for_any_file(name: str, content: bytes) -> None:
    """Whatever stands in a file, judging ends in a report; never verified for a signed file."""
    card = issued()
    report = judge(stored(changed(card, **{name: content})))
    if name in {"SOD", *(f"DG{n}" for n in range(1, 17))}:
        assert report.verdict != "verified"
    assert report.to_json(show_unverified=True)


@given(st.data())
def test_any_bit_of_the_sod(data: st.DataObject) -> None:
    """A bit turned anywhere in the SOD is not verified, or nobody signed it, and it is said.

    That is the case of a letter in the signer identifier, whose name is compared by what it says,
    and the digest algorithm announced before the content.
    """
    card = issued()
    sod = bytearray(card.files["SOD"])
    at = data.draw(st.integers(0, len(sod) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    sod[at] ^= bit
    report = judge(stored(changed(card, SOD=bytes(sod))))
    if report.verdict == "verified":
        letter = (bit, chr(sod[at]).isalpha()) == (0x20, True)
        code = "name_encoding" if letter else "digest_algorithm_unlisted"
        assert [(d.code, d.where) for d in report.deviations] == [(code, "SOD")]
        assert report.identity == judge(stored(card)).identity


def test_match_mrz_equal(report: Report) -> None:
    """The zone that opened the chip is the zone on the chip."""
    assert outcome(report, "match.mrz") == ("successful", None)


@pytest.mark.parametrize(
    ("presented", "expected", "fields"),
    [
        (zone(), ("successful", None), None),
        (zone(surname="TRAN"), ("failed", "mrz_mismatch"), "surname"),
        (zone(sex="female"), ("failed", "mrz_mismatch"), "sex"),
        (zone(expiry_date="310715"), ("failed", "mrz_mismatch"), "expiry_date"),
        (
            zone(optional_data_1="000090123457<<8"),
            ("failed", "mrz_mismatch"),
            "optional_data_1",
        ),
        (
            zone(optional_data_1="000090123457<<8", surname="TRAN"),
            ("failed", "mrz_mismatch"),
            "surname, optional_data_1",
        ),
        ("no zone at all", ("failed", "mrz_mismatch"), None),
    ],
)
def test_match_mrz(
    evidence: Evidence, presented: str, expected: tuple[str, str | None], fields: str | None
) -> None:
    """Each difference between the printed zone and DG1 is named, and only its name is."""
    report = judge(replace(evidence, presented_mrz=presented), policy="counter")
    assert outcome(report, "match.mrz") == expected
    assert report.check("match.mrz").detail.get("fields") == fields
    assert report.exit_code == (13 if expected[0] == "failed" else 0)


def test_match_mrz_with_a_wrong_composite_check_digit(evidence: Evidence) -> None:
    """A presented zone equal in every field and wrong in the last check digit is not the same."""
    right = zone()
    wrong = right[:59] + str((int(right[59]) + 1) % 10) + right[60:]
    report = judge(replace(evidence, presented_mrz=wrong), policy="counter")
    assert outcome(report, "match.mrz") == ("failed", "mrz_mismatch")


def test_wrong_check_digit_in_dg1(card: IssuedCard) -> None:
    """A check digit that is wrong on the chip, signed all the same, fails match.mrz alone."""
    mrz = PERSON.mrz
    wrong = mrz[:14] + str((int(mrz[14]) + 1) % 10) + mrz[15:]
    report = judge(stored(with_mrz(card, wrong)))
    assert outcome(report, "match.mrz") == ("failed", "mrz_check_digit")
    assert "document_number" in str(report.check("match.mrz").detail["fields"])
    assert report.exit_code == 13


@pytest.mark.parametrize(
    ("day", "expected", "code"),
    [
        (date(2030, 7, 14), ("successful", None), 0),
        (date(2030, 7, 15), ("successful", None), 0),
        (date(2030, 7, 16), ("failed", "document_expired"), 12),
    ],
)
def test_expiry(card: IssuedCard, day: date, expected: tuple[str, str | None], code: int) -> None:
    """The last day still counts; a genuine card that expired is its own result."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    report = judge(stored(card), at=at)
    assert outcome(report, "document.expiry") == expected
    assert report.verdict == "verified"
    assert report.exit_code == code
    assert report.identity.expiry_date == "2030-07-15"


def test_expiry_by_the_clock_of_the_desk(card: IssuedCard) -> None:
    """The day is that of the moment's own zone: midnight in Hanoi is a new day in Hanoi."""
    moment = datetime(2030, 7, 16, 0, 30, tzinfo=timezone(timedelta(hours=7)))
    assert outcome(judge(stored(card), at=moment), "document.expiry")[0] == "failed"
    utc = moment.astimezone(UTC)
    assert utc.day == 15
    assert outcome(judge(stored(card), at=utc), "document.expiry")[0] == "successful"


def test_expiry_under_strict(card: IssuedCard) -> None:
    """Where expiry is mandatory, an expired card fails."""
    report = judge(stored(card), at=datetime(2031, 1, 1, tzinfo=UTC), policy="strict")
    assert report.check("document.expiry").weight == "mandatory"
    assert report.exit_code == 10


def test_card_for_life() -> None:
    """The MRZ of a card without expiry holds 991231, which is no date of 1999."""
    card = issued("vn-cccd-2021-permanent")
    report = judge(stored(card), trust_of(card))
    assert outcome(report, "document.expiry") == ("successful", "no_expiry")
    assert report.exit_code == 0
    assert report.identity.no_expiry
    assert report.identity.expiry_date is None


def test_unreadable_expiry(card: IssuedCard) -> None:
    """A month 13 is no date; the document is not expired for it, nor in date."""
    mrz = zone(expiry_date="301315")
    report = judge(stored(with_mrz(card, mrz)))
    assert outcome(report, "document.expiry") == ("undetermined", "expiry_unknown")


@pytest.mark.parametrize("numbers", [(1, 2, 3, 13, 14), (1, 2, 3, 13, 14, 15, 16), (1,)])
def test_com_mismatch(card: IssuedCard, numbers: tuple[int, ...]) -> None:
    """EF.COM that lists more or fewer files than the SOD is wrong."""
    control = judge(stored(changed(card, COM=write.com((1, 2, 3, 13, 14, 15)))))
    assert outcome(control, "lds.com") == ("successful", None)
    report = judge(stored(changed(card, COM=write.com(numbers))))
    assert outcome(report, "lds.com") == ("failed", "com_mismatch")
    assert report.exit_code == 10


def test_com_malformed(card: IssuedCard) -> None:
    """EF.COM that is no EF.COM fails, too."""
    report = judge(stored(changed(card, COM=b"\x60\x00")))
    assert outcome(report, "lds.com") == ("failed", "malformed")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("VNM", ("successful", None)),
        ("LAO", ("failed", "country_mismatch")),
        ("D<<", ("failed", "country_mismatch")),
        ("QQQ", ("undetermined", "country_unknown")),
    ],
)
def test_issuing_state(card: IssuedCard, state: str, expected: tuple[str, str | None]) -> None:
    """DG1, signer and anchor must be of one country."""
    report = judge(stored(with_mrz(card, zone(issuing_state=state.rstrip("<")))))
    assert outcome(report, "lds.state") == expected
    assert report.exit_code == {"successful": 0, "failed": 10, "undetermined": 11}[expected[0]]


CHANGES = [
    ("number", "000090123457", "personal_number"),
    ("birth_date", "16/07/1990", "birth_date"),
    ("sex", "Nữ", "sex"),
    ("expiry_date", "15/07/2031", "expiry_date"),
    ("full_name", "Trần Văn Mẫu", "full_name"),
]


@pytest.mark.parametrize(("field", "value", "name"), CHANGES)
def test_crosscheck(card: IssuedCard, field: str, value: str, name: str) -> None:
    """DG13 of somebody else, signed by mistake, contradicts DG1; the fields are named."""
    other = replace(PERSON, **{field: value})
    report = judge(stored(resigned(card, DG13=dg13(other))))
    assert outcome(report, "dg.13") == ("successful", None)
    assert outcome(report, "lds.crosscheck") == ("failed", "cross_mismatch")
    assert report.check("lds.crosscheck").detail == {"fields": name}
    assert value not in str(report.check("lds.crosscheck"))
    assert report.exit_code == 10


@pytest.mark.parametrize(
    ("field", "value"), [("expiry_date", "Theo quy định"), ("ethnicity", "Tày"), ("sex", "?")]
)
def test_crosscheck_of_what_is_not_said_twice(card: IssuedCard, field: str, value: str) -> None:
    """What only one side says, or says in words without a meaning here, contradicts nothing."""
    other = replace(PERSON, **{field: value})
    report = judge(stored(resigned(card, DG13=dg13(other))))
    assert outcome(report, "lds.crosscheck") == ("successful", None)


def test_crosscheck_without_dg13(card: IssuedCard) -> None:
    """Without DG13 there is nothing to compare."""
    report = judge(stored(changed(card, DG13=None)))
    assert outcome(report, "lds.crosscheck") == ("not_supported", "nothing_to_compare")


def test_signed_and_malformed_dg13(card: IssuedCard) -> None:
    """A DG13 that breaks its format fails although its hash is right."""
    report = judge(stored(resigned(card, DG13=b"\x6d\x02\x05\x00")))
    assert outcome(report, "dg.13") == ("failed", "malformed")
    assert outcome(report, "lds.crosscheck") == ("undetermined", "malformed")
    assert report.exit_code == 10


def test_unlisted_file(card: IssuedCard) -> None:
    """A file that is there and that nobody signed fails, whatever it holds."""
    report = judge(stored(changed(card, DG11=b"\x6b\x00")))
    assert outcome(report, "dg.11") == ("failed", "unlisted")
    assert report.exit_code == 10


def test_dg2_of_another_person(card: IssuedCard) -> None:
    """The face of somebody else's genuine card is altered data here."""
    other = issued("vn-cccd-2021-nu")
    report = judge(stored(changed(card, DG2=other.files["DG2"])))
    assert outcome(report, "dg.2") == ("failed", "hash_mismatch")


def test_file_in_the_slot_of_another(card: IssuedCard) -> None:
    """DG2 that holds a signed DG1 is malformed: the tag must be that of the slot."""
    report = judge(stored(resigned(card, DG2=card.files["DG1"])))
    assert outcome(report, "dg.2") == ("failed", "malformed")


def test_surplus_bytes_are_hashed(card: IssuedCard) -> None:
    """The raw file is hashed, so bytes after its end count."""
    report = judge(stored(changed(card, DG1=card.files["DG1"] + b"\x00")))
    assert outcome(report, "dg.1") == ("failed", "hash_mismatch")


def test_identity_is_kept_back(card: IssuedCard) -> None:
    """Identity of anything but a verified report is an exception; unverified is not."""
    report = judge(stored(card), TrustStore())
    assert report.verdict == "undetermined"
    with pytest.raises(NotVerified) as caught:
        _ = report.identity
    assert caught.value.code == "not_verified"
    assert report.unverified is not None
    assert report.unverified.full_name == PERSON.full_name


def test_emulated_needs_marker_and_name(card: IssuedCard) -> None:
    """A report says emulated where our anchor vouches, and not where none does."""
    assert judge(stored(card)).emulated
    assert not judge(stored(card), TrustStore()).emulated


def test_naive_moment_is_local_time(card: IssuedCard) -> None:
    """A moment without a zone is taken for local time, as the command line does."""
    naive = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - the point of the test
    report = api.verify(stored(card), trust=trust_of(card), at=naive)
    assert report.checked_at == naive.astimezone()
    assert report.exit_code == 0


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_ends_of_the_calendar(card: IssuedCard, at: datetime) -> None:
    """The first and the last moment there are make a report."""
    report = judge(stored(card), at=at)
    assert report.verdict != "verified"
    assert report.to_json()


def test_expired_person_is_the_fault(card: IssuedCard) -> None:
    """A card personalised with a past expiry is genuine and expired."""
    old = personalise(
        PERSON.expiring("15/07/2022"), card.chip_keys, name=card.name, profile=card.profile
    )
    assert judge(stored(old), at=NOW).exit_code == 12


def test_match_of_a_recording_is_a_claim(card: IssuedCard) -> None:
    """Whoever has DG1 can write its zone into a file: equal proves nothing, unequal fails."""
    presented = replace(stored(card), presented_mrz=card.secrets.mrz)
    assert outcome(judge(presented), "match.mrz") == ("undetermined", "recorded")
    other = replace(stored(card), presented_mrz=zone(sex="female"))
    assert outcome(judge(other), "match.mrz") == ("failed", "mrz_mismatch")


def test_optional_data_of_other_issuers() -> None:
    """Where optional data identifies nobody, a difference in it alone stays open (TR-03135-1)."""
    presented = zone(optional_data_1="000090123457<<8")
    live = Evidence(origin=Origin.LIVE, presented_mrz=presented)
    found = check_mrz(live, parse_mrz(zone()), ICAO)
    assert (found.outcome, found.reason) == ("undetermined", "mrz_optional_data")


def test_document_types_of_the_signer(card: IssuedCard) -> None:
    """A signer for visas vouches for no identity card; one for identity cards does."""
    csca, signer = issuer_of(card)
    base = signer_extensions(signer.key, csca, SIGNER_VALIDITY[0])
    for code, expected in (("I", ("successful", None)), ("V", ("failed", "document_type"))):
        types = w.seq(w.integer(0), w.set_of(w.printable(code)))
        extension = certificates.extension("2.23.136.1.1.6.2", types, critical=True)
        other = make_document_signer(signer.key, csca, extensions=(*base, extension))
        report = judge(stored(changed(card, SOD=sod_of(card, other))))
        assert outcome(report, "lds.state") == expected


def test_large_name_and_many_anchors(card: IssuedCard) -> None:
    """A hostile subject is read once, not once for every anchor (D2)."""
    csca, signer = issuer_of(card)
    country = w.set_of(w.seq(w.oid("2.5.4.6"), w.printable("VN")))
    subject = w.seq(*[country] * 1500, w.set_of(w.seq(w.null(), w.null())))
    other = make_document_signer(signer.key, csca, subject=subject)
    anchors = [make_csca(csca.key, serial=serial).certificate for serial in range(1, 40)]
    evidence = stored(changed(card, SOD=sod_of(card, other)))
    report = api.verify(evidence, trust=TrustStore.of(*anchors), at=NOW)
    assert outcome(report, "sod.chain") == ("failed", "malformed")
