"""What is granted to whom: every entry of the table, granted, not granted and granted to others."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import resources

import pytest

from ecid.emulator.pki import SIGNER_VALIDITY
from ecid.errors import Misuse
from ecid.inspection.policy import Policy
from ecid.inspection.verify import verify
from ecid.lds.states import alpha_2
from ecid.outcome import SUCCESS, Deviation, Finding, Reason, failed, undetermined
from ecid.profiles.icao import ICAO
from ecid.protocols.passive_authentication import PassiveAuthentication, authenticate
from ecid.trust.tolerance import EVERYBODY, NOTHING, Tolerances
from forged_sod import GREEN, all_verdicts, verdict
from inspection_kit import issued, stored, trust_of
from tolerance_cases import CASES, NOT_TOLERATED, Case, document, issuer

SOURCE = resources.files("ecid.trust").joinpath("tolerances.toml").read_text("utf-8")
ENTRIES = {each["deviation"]: each for each in tomllib.loads(SOURCE)["tolerance"]}
FIELD, LENIENT = Tolerances.load("field"), Tolerances.load("lenient")
CHECKS = ("format", "signature", "signer", "chain")

EVERY_CASE = pytest.mark.parametrize("code", CASES)


def table_of(code: str) -> Tolerances:
    """Return the shipped table that has the entry, and all that its case needs besides."""
    needed = {code, *(also for also, _ in CASES[code].also)}
    return FIELD if all(each in FIELD.granted for each in needed) else LENIENT


def without(table: Tolerances, *codes: str) -> Tolerances:
    """Return ``table`` without the entries ``codes``."""
    kept = {code: issuers for code, issuers in table.granted.items() if code not in codes}
    return replace(table, granted=kept)


def judged(code: str, table: Tolerances, country: str | None = None) -> PassiveAuthentication:
    """Return what the document of the case ``code``, of ``country``, comes to under ``table``."""
    case = CASES[code]
    made = case.make(country or case.country)
    return authenticate(made.sod, made.trust, table)


def expected(case: Case) -> tuple[str, ...]:
    """Return the verdicts where the deviation is not granted."""
    green = dict(zip(CHECKS, GREEN, strict=True))
    return tuple({**green, case.check: case.refused}.values())


#: What a chip does otherwise (tests/inspection/test_tolerated_chips.py).
OF_THE_CHIP = {
    "ecdsa_der_answer",
    "pace_mapping_data_absent",
    "pace_nonce_one_block",
    "pace_parameters_named",
    "pace_parameters_not_named",
    "pace_variant_refused",
}


def codes(result: PassiveAuthentication) -> set[tuple[str, str]]:
    """Return codes and places of the deviations."""
    return {(each.code, each.where) for each in result.deviations}


# Every entry ------------------------------------------------------------------------------


def test_no_entry_is_left_out() -> None:
    """Each entry of the table has a case, and each case an entry; some are not of the SOD."""
    assert set(CASES) | {"signer_expired"} | OF_THE_CHIP == set(ENTRIES)


@pytest.mark.parametrize("country", sorted({case.country for case in CASES.values()} | {"UT"}))
def test_control(country: str) -> None:
    """Without a deviation the documents of the cases are green, whoever is granted what."""
    made = document(issuer(country))
    result = authenticate(made.sod, made.trust, NOTHING)
    assert (all_verdicts(result), result.deviations) == (GREEN, ())


@EVERY_CASE
def test_granted(code: str) -> None:
    """A success that names the deviation, and where."""
    case, result = CASES[code], judged(code, table_of(code))
    assert all_verdicts(result) == GREEN
    assert codes(result) == {(code, case.where), *case.also}


@EVERY_CASE
def test_not_granted(code: str) -> None:
    """Without that one entry the one check that it touches is no success, and the rest is."""
    result = judged(code, without(table_of(code), code))
    assert all_verdicts(result) == expected(CASES[code])
    if CASES[code].refused == NOT_TOLERATED:
        finding: Finding = getattr(result, CASES[code].check)
        assert finding.detail["deviation"] == code
        assert (code, CASES[code].where) in codes(result)


@EVERY_CASE
def test_nobody_is_granted_anything(code: str) -> None:
    """Under the table of the strict policy, too."""
    found = dict(zip(CHECKS, all_verdicts(judged(code, NOTHING)), strict=True))
    case = CASES[code]
    assert found[case.check] == ("undetermined weak_hash" if case.also else case.refused)


@pytest.mark.parametrize(
    "code", [code for code in CASES if EVERYBODY not in ENTRIES[code]["issuers"]]
)
def test_granted_to_others(code: str) -> None:
    """What one country is granted is no use to another."""
    assert CASES[code].country in ENTRIES[code]["issuers"]
    assert "UT" not in ENTRIES[code]["issuers"]
    assert all_verdicts(judged(code, table_of(code), "UT")) == expected(CASES[code])


@pytest.mark.parametrize("code", [code for code in CASES if code not in FIELD.granted])
def test_for_archives_only(code: str) -> None:
    """What is marked as lenient is not granted at a counter."""
    assert ENTRIES[code]["table"] == "lenient"
    assert all_verdicts(judged(code, FIELD)) == expected(CASES[code])


def test_weak_hash_of_data_groups() -> None:
    """Whether SHA-1 is granted for the hashes of data groups goes with the result."""
    assert judged("weak_hash", LENIENT).weak_hash_granted
    assert not judged("weak_hash", FIELD).weak_hash_granted
    assert not judged("trailing_bytes", FIELD).weak_hash_granted


LATE = SIGNER_VALIDITY[1] + timedelta(days=1)


@pytest.mark.parametrize(
    ("table", "at", "expected", "named"),
    [
        (LENIENT, LATE, "successful", True),
        (FIELD, LATE, "undetermined signer_expired", False),
        (NOTHING, LATE, "undetermined signer_expired", False),
        (without(LENIENT, "signer_expired"), LATE, "undetermined signer_expired", False),
        # Before its end there is nothing to overlook, before its beginning nothing is.
        (LENIENT, SIGNER_VALIDITY[1], "successful", False),
        (LENIENT, SIGNER_VALIDITY[0] - timedelta(1), "failed not_valid_at_signing", False),
    ],
)
def test_signer_expired(table: Tolerances, at: datetime, expected: str, named: bool) -> None:
    """Certificates that were valid when they signed and have ended since: for archives."""
    card = issued()
    policy = replace(Policy.load("passive"), tolerances=table)
    report = verify(stored(card), trust_of(card), policy, at, ICAO)
    check = report.check("sod.time")
    assert " ".join(filter(None, (check.outcome, check.reason))) == expected
    assert (Deviation("signer_expired", "DSC") in report.deviations) is named


# The table itself -------------------------------------------------------------------------


def test_every_entry_says_why() -> None:
    """A sentence for whoever wonders, and issuers that are countries or everybody."""
    for entry in ENTRIES.values():
        assert set(entry) <= {"deviation", "issuers", "why", "table"}
        assert entry["why"].endswith(".")
        assert entry["issuers"] == ["*"] or _are_countries(entry["issuers"])
    assert len(ENTRIES) == len(tomllib.loads(SOURCE)["tolerance"])


def _are_countries(issuers: Iterable[str]) -> bool:
    known = {alpha_2(code) for code in ("BEL", "CHN", "CMR", "EST", "FIN", "ITA", "LTU", "LUX")}
    known |= {alpha_2(code) for code in ("PRT", "TUR", "UKR", "UNO")}
    return set(issuers) <= known and list(issuers) == sorted(set(issuers))


def test_tables() -> None:
    """The field has less than archives have, and nobody has nothing."""
    assert NOTHING is Tolerances.load("none")
    assert (NOTHING.granted, FIELD.name, LENIENT.name) == ({}, "field", "lenient")
    assert set(FIELD.granted) < set(LENIENT.granted) == set(ENTRIES)
    assert FIELD.version == LENIENT.version == 1
    with pytest.raises(Misuse) as caught:
        Tolerances.load("generous")
    assert caught.value.code == "policy_malformed"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "no toml",
        "version = 1",
        'version = 1\ntolerance = "x"',
        "version = 1\ntolerance = [1]",
        'version = 1\n[[tolerance]]\ndeviation = "x"',
        'version = 1\n[[tolerance]]\ndeviation = "x"\nissuers = 1',
        'version = "one"\n[[tolerance]]\ndeviation = "x"\nissuers = ["*"]',
    ],
)
def test_broken_table(source: str) -> None:
    """A table that is not complete is refused: an entry nobody reads grants nobody anything."""
    with pytest.raises(Misuse) as caught:
        Tolerances.from_toml("x", source)
    assert caught.value.code == "policy_malformed"


def test_digest() -> None:
    """Whatever makes a table another one changes its digest, the order of entries does not."""
    one = Tolerances("x", 1, {"a": frozenset({"VN"}), "b": frozenset({EVERYBODY})})
    same = Tolerances("x", 1, {"b": frozenset({EVERYBODY}), "a": frozenset({"VN"})})
    others = [
        replace(one, name="y"),
        replace(one, version=2),
        replace(one, granted={"a": frozenset({"VN"})}),
        replace(one, granted={**one.granted, "a": frozenset({"UT"})}),
        replace(one, granted={**one.granted, "a": frozenset({"VN", "UT"})}),
    ]
    assert one.digest == same.digest
    assert len({one.digest, *(other.digest for other in others)}) == 6


# Settling ---------------------------------------------------------------------------------

TABLE = Tolerances(
    "x", 1, {"a": frozenset({"VN"}), "b": frozenset({EVERYBODY}), "weak_hash": frozenset({"VN"})}
)
A, B, OTHER = (Deviation(code, "SOD") for code in ("a", "b", "other"))
WEAK = undetermined(Reason.WEAK_HASH)
SETTLED = {
    "nothing to settle": (SUCCESS, (), "VN", "successful"),
    "granted": (SUCCESS, (A, B), "VN", "successful"),
    "granted to everybody": (SUCCESS, (B,), None, "successful"),
    "granted to another": (SUCCESS, (A,), "UT", NOT_TOLERATED),
    "issuer unknown": (SUCCESS, (A,), None, NOT_TOLERATED),
    "granted to nobody": (SUCCESS, (OTHER,), "VN", NOT_TOLERATED),
    "one of them not granted": (SUCCESS, (A, OTHER), "VN", NOT_TOLERATED),
    "everybody is no country": (SUCCESS, (A,), EVERYBODY, NOT_TOLERATED),
    "weak hash, granted": (WEAK, (), "VN", "successful"),
    "weak hash, not granted": (WEAK, (), "UT", "undetermined weak_hash"),
    "weak hash, and more": (WEAK, (OTHER,), "VN", NOT_TOLERATED),
    "another open question": (
        undetermined(Reason.NO_CSCA),
        (OTHER,),
        "VN",
        "undetermined no_csca",
    ),
    "failure": (failed(Reason.SIGNATURE_INVALID), (A,), "VN", "failed signature_invalid"),
    "failure for the weak hash": (failed(Reason.WEAK_HASH), (), "VN", "failed weak_hash"),
}


@pytest.mark.parametrize("name", SETTLED)
def test_settle(name: str) -> None:
    """Nothing but a success and the open questions of the table are touched; all is named."""
    finding, deviations, country, expected_verdict = SETTLED[name]
    settled, kept = TABLE.settle(finding, deviations, country, "SOD")
    assert verdict(settled) == expected_verdict
    granted = (Deviation("weak_hash", "SOD"),) if finding == WEAK and country == "VN" else ()
    assert kept == (*deviations, *granted)
