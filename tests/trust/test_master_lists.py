"""The master lists and revocation lists that states publish. The counts are regression numbers.

They say what is, not what ought to be: a count that changes means that real lists are read
differently from now on, and whoever changes it says why.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ecid
import ecid_crypto
import ecid_readers
from ecid.outcome import Finding
from ecid.trust.anchor_profile import check_anchor
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.crl import RevocationList, parse_revocation_list
from ecid.trust.entries import Kind
from ecid.trust.intake.admission import Admitted
from ecid.trust.revocation import check_list_signature, check_revocation
from ecid.trust.signer import only_signer, select
from ecid.trust.store import TrustStore
from ecid.trust.verification import check_issued
from real_certificates import (
    all_certificates,
    anchor,
    bundle,
    certificates_in,
    listed,
    master_lists,
)
from trust_kit import skips, take_in

DE_2021, DE_2024 = "DE_ML_2021-03-15_sha1.ml", "DE_ML_2024-12-19-10-09-11.ml"
DE_2026, NL = "DE_ML_2026-05-28-08-28-45.ml", "NL_ML_2026-07-22.ml"
ICAO, IT = "ICAO_ml_March2023.ml", "IT_MasterListCSCA.ml"
DE_ROOT, NL_ROOT = "DE_ROOT_CA_CSCA07.cer", "NL_ROOT_CA.cer"


@dataclass(frozen=True)
class Expected:
    """What is in one list: certificates, states, roots by signature, link certificates."""

    certificates: int
    states: int
    roots: int
    weak_roots: int
    """Self-signed with SHA-1."""
    links: int
    unusable: tuple[str, ...] = ()


LISTS = {
    DE_2021: Expected(
        423,
        88,
        242,
        45,
        136,
        ("PT key_usage 10272318", "PT key_usage f672b76d", "PT key_usage ff9e060c"),
    ),
    DE_2024: Expected(551, 109, 332, 29, 190),
    DE_2026: Expected(588, 112, 353, 22, 213),
    ICAO: Expected(372, 74, 218, 44, 110),
    IT: Expected(333, 54, 160, 53, 120, ("PT key_usage ff9e060c", "UA key_usage 8bfe4f07")),
    NL: Expected(411, 129, 385, 26, 0),
}


@pytest.fixture(scope="module")
def lists(corpus: Path) -> dict[str, list[Certificate]]:
    """Return every certificate of every list, parsed: none is refused as a whole."""
    return {
        name: [parse_certificate(raw) for raw in listed(cms)]
        for name, cms in master_lists(corpus).items()
    }


def raw(corpus: Path, name: str) -> bytes:
    """Return the bytes of a master list."""
    return (corpus / "pki" / "masterlists" / name).read_bytes()


def imported(
    corpus: Path, *names: str, anchors: tuple[str, ...] = (), table: str = "field", stated: str = ""
) -> Admitted:
    """Return what is admitted of lists and anchors of the corpus."""
    files = [anchor(corpus, each) for each in anchors] + [raw(corpus, each) for each in names]
    return take_in(*files, table=table, stated={stated} if stated else set())


def rules(found: Admitted) -> Counter[str]:
    """Count what was left out by rule."""
    return Counter(rule for _, rule in skips(found.store))


def deviations(found: Admitted) -> list[str]:
    """Return what was overlooked in the lists that count."""
    return [each.code for accepted in found.accepted for each in accepted.judgement.deviations]


def issuer(corpus: Path, name: str) -> str:
    """Return the fingerprint of a certificate in the list that issued its signer's."""
    cms = master_lists(corpus)[name]
    signer = select(cms, only_signer(cms, "list"))
    assert signer is not None
    for each in map(parse_certificate, (*listed(cms), *cms.certificates)):
        if check_issued(signer.certificate, each.public_key).ok:
            return each.fingerprint
    raise AssertionError(name)


# Every certificate ------------------------------------------------------------------------------


def test_every_certificate_parses(lists: dict[str, list[Certificate]]) -> None:
    """All 2,678, of so many states in each list."""
    found = {
        name: (len(certificates), len({each.country for each in certificates}))
        for name, certificates in lists.items()
    }
    assert found == {name: (each.certificates, each.states) for name, each in LISTS.items()}


def test_every_certificate_is_judged(lists: dict[str, list[Certificate]]) -> None:
    """As an anchor: usable, or with a named reason."""
    for name, certificates in lists.items():
        unusable = [
            f"{each.country} {rule} {each.fingerprint[:8]}"
            for each in certificates
            if (rule := check_anchor(each).rule) is not None
        ]
        assert sorted(unusable) == list(LISTS[name].unusable), name


def test_own_signatures(lists: dict[str, list[Certificate]]) -> None:
    """Every self-signed one verifies under its own key; what SHA-1 made has that reason."""
    for name, certificates in lists.items():
        own = [each for each in certificates if each.names_itself_issuer]
        found = Counter(_said(check_issued(each, each.public_key)) for each in own)
        expected = LISTS[name]
        counts = {"successful": expected.roots, "undetermined weak_hash": expected.weak_roots}
        assert found == Counter(counts), name
        assert len(certificates) - len(own) == expected.links, name


def _said(finding: Finding) -> str:
    return " ".join(filter(None, [finding.outcome.value, finding.reason or ""]))


def test_vietnam(lists: dict[str, list[Certificate]], corpus: Path) -> None:
    """The anchor of the identity card is in no list, that of the passport in four."""
    card, passport = "CSCA_Vietnam_001.cer", "CSCA_ePassport_Vietnam.cer"
    holding = {
        file: {
            name for name, each in lists.items() if anchor(corpus, file) in {c.raw for c in each}
        }
        for file in (card, passport)
    }
    assert holding == {card: set(), passport: {DE_2024, DE_2026, ICAO, NL}}
    assert anchor(corpus, card) not in certificates_in(bundle(corpus))


# Whose word each list is ------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_nothing_counts_by_itself(corpus: Path, name: str) -> None:
    """Every list brings certificates of its own; none of them makes it count."""
    found = imported(corpus, name)
    assert (found.store.entries, found.store.lists) == ((), ())
    assert found.store.unanchored == ("0",)


@pytest.mark.parametrize("name", [DE_2024, DE_2026])
def test_german_lists(corpus: Path, name: str) -> None:
    """They count under the German root, and all of them is usable; not under the Dutch one."""
    found = imported(corpus, name, anchors=(DE_ROOT,))
    assert len(found.store.entries) == LISTS[name].certificates
    assert (found.store.skipped, found.store.unanchored, deviations(found)) == ((), (), [])
    assert [accepted.entry.count for accepted in found.accepted] == [LISTS[name].certificates]
    assert imported(corpus, name, anchors=(NL_ROOT,)).store.unanchored == ("1",)


def test_dutch_list(corpus: Path) -> None:
    """The same under the Dutch root; another Dutch CSCA is not its root."""
    found = imported(corpus, NL, anchors=(NL_ROOT,))
    assert len(found.store.entries) == LISTS[NL].certificates
    assert (found.store.skipped, deviations(found)) == ((), [])
    for other in (DE_ROOT, "CSCA_NL_07A4.cer"):
        assert imported(corpus, NL, anchors=(other,)).store.unanchored == ("1",)


def test_german_list_of_2021(corpus: Path) -> None:
    """No anchor under the root of today; and its SHA-1 is named, whoever vouches for it."""
    found = imported(corpus, DE_2021, anchors=(DE_ROOT,))
    assert (len(found.store.entries), found.store.unanchored) == (1, ("1",))
    assert rules(found) == {"weak_hash": 1}
    stated = issuer(corpus, DE_2021)
    refused = imported(corpus, DE_2021, stated=stated)
    assert (refused.store.entries, rules(refused)) == ((), {"weak_hash": 1})
    granted = imported(corpus, DE_2021, stated=stated, table="lenient")
    assert (len(granted.store.entries), rules(granted)) == (420, {"key_usage": 3})
    assert deviations(granted) == ["ecdsa_null_parameters", "weak_hash"]


def test_icao_list(corpus: Path) -> None:
    """The missing NULL is named; it counts under a named leniency and an anchor, with both only."""
    assert rules(imported(corpus, ICAO)) == {"digest_info_without_null": 1}
    stated = issuer(corpus, ICAO)
    strict = imported(corpus, ICAO, stated=stated)
    assert (strict.store.entries, rules(strict)) == ((), {"digest_info_without_null": 1})
    alone = imported(corpus, ICAO, table="lenient")
    assert (alone.store.entries, alone.store.unanchored) == ((), ("0",))
    found = imported(corpus, ICAO, stated=stated, table="lenient")
    assert (len(found.store.entries), found.store.skipped) == (372, ())
    assert deviations(found) == ["digest_info_without_null"]


def test_italian_list(corpus: Path) -> None:
    """It counts with the fingerprint of its signer's CA, and odd ones do not stop it.

    Three Lithuanian certificates put the key identifier bare into its extension; a document
    signer and a signer of something else are left out.
    """
    found = imported(corpus, IT, stated=issuer(corpus, IT))
    assert (len(found.store.entries), rules(found)) == (331, {"key_usage": 2})
    assert deviations(found) == []
    bare = [e.country for e in found.store.entries if "bare_key_identifier" in e.deviations]
    assert bare == ["LT", "LT", "LT"]
    assert found.unmatched == frozenset()


def test_fingerprint_of_somebody_else(corpus: Path) -> None:
    """A stated certificate that is in the list and did not issue its signer is not enough."""
    found = imported(corpus, IT, stated=parse_certificate(anchor(corpus, NL_ROOT)).fingerprint)
    assert (found.store.entries, len(found.unmatched)) == ((), 1)


def test_newer_list_takes_the_place_of_the_older(corpus: Path) -> None:
    """The German list of 2026 after that of 2024, and never the other way round."""
    older = imported(corpus, DE_2024, anchors=(DE_ROOT,)).store
    newer = take_in(raw(corpus, DE_2026), base=older)
    assert len(newer.store.entries) == LISTS[DE_2026].certificates
    assert len(newer.store.lists) == 1
    back = take_in(raw(corpus, DE_2024), base=newer.store)
    assert skips(back.store) == [("0", "rollback")]
    assert back.store.digest == newer.store.digest


def test_all_lists_together(corpus: Path) -> None:
    """From the German root alone the signers of others are found, each by the list before it."""
    found = imported(corpus, *LISTS, anchors=(DE_ROOT,))
    assert len(found.store.entries) == 778
    assert sorted(each.entry.country or "" for each in found.accepted) == ["DE", "IT", "NL"]
    assert rules(found) == {
        "key_usage": 2,
        "digest_info_without_null": 1,
        "weak_hash": 1,
    }
    assert found.store.unanchored == ()


# The unsigned bundle ----------------------------------------------------------------------------


def test_bundle(corpus: Path) -> None:
    """720 certificates that nobody signed: never equal in trust to a signed list."""
    store = take_in(bundle(corpus).read_bytes()).store
    assert Counter(p.kind for e in store.entries for p in e.provenances) == {Kind.BUNDLE: 716}
    assert len(store.entries) == 716
    assert Counter(rule for _, rule in skips(store)) == {"key_usage": 3}


# Revocation lists -------------------------------------------------------------------------------

ESTONIA, COLOMBIA = "EE_CSCA_2021-05-27.crl", "CO_CSCA_2020-05-08.crl"
EE_NOW, EE_LATER = datetime(2021, 6, 1, tzinfo=UTC), datetime(2021, 8, 26, tzinfo=UTC)
CO_NOW, CO_LATER = datetime(2020, 6, 1, tzinfo=UTC), datetime(2020, 8, 7, tzinfo=UTC)


def crl(corpus: Path, name: str) -> RevocationList:
    """Return a revocation list of the corpus."""
    return parse_revocation_list((corpus / "pki" / "crl" / name).read_bytes())


def colombian(corpus: Path) -> list[Certificate]:
    """Return every Colombian CSCA, the one that signed the list first."""
    found = [c for c in map(parse_certificate, all_certificates(corpus)) if c.country == "CO"]
    return sorted(found, key=lambda each: each.serial != 0x55770B5A)


def check(trust: TrustStore, issued_by: Certificate, serial: int, at: datetime) -> str:
    """Return what the lists of ``trust`` say of a certificate with this serial number."""
    signer = replace(issued_by, serial=serial)
    finding = check_revocation(signer, issued_by, trust, at)
    return _said(finding)


def test_estonian_list(corpus: Path) -> None:
    """Valid under the CSCA of 2020 and no other; stale after 2021-08-25, never good then."""
    found = crl(corpus, ESTONIA)
    assert (found.country, found.number, len(found.revoked)) == ("EE", 6, 7)
    valid = []
    for file in sorted((corpus / "pki" / "anchors").glob("csca_Estonia_*")):
        [root] = certificates_in(file)
        if check_list_signature(found, parse_certificate(root)).ok:
            valid.append((file.name, root))
    [(name, root)] = valid
    assert "2020" in name
    trust, issued_by = take_in(root, found.raw).store, parse_certificate(root)
    assert (trust.skipped, len(trust.lists)) == ((), 1)
    for at, expected in ((EE_NOW, "successful"), (EE_LATER, "undetermined crl_stale")):
        assert check(trust, issued_by, 12345, at) == expected
        assert check(trust, issued_by, min(found.revoked), at) == "failed revoked"


def test_colombian_list(corpus: Path) -> None:
    """Valid under the CSCA that its key identifier names; stale after 2020-08-06."""
    found = crl(corpus, COLOMBIA)
    assert (found.country, found.number, len(found.revoked)) == ("CO", 891, 15)
    first, *others = colombian(corpus)
    assert check_list_signature(found, first).ok
    assert {_said(check_list_signature(found, each)) for each in others} == {
        "undetermined crl_bad_signature"
    }
    trust = take_in(first.raw, found.raw).store
    for at, expected in ((CO_NOW, "successful"), (CO_LATER, "undetermined crl_stale")):
        assert check(trust, first, 12345, at) == expected
        assert check(trust, first, min(found.revoked), at) == "failed revoked"


def test_colombian_list_under_the_next_keys(corpus: Path) -> None:
    """One name, four keys: the list of the first speaks of certificates of the others, too."""
    found = crl(corpus, COLOMBIA)
    first, *others = colombian(corpus)
    same = [each for each in others if each.raw_subject == first.raw_subject]
    assert len(same) == 5
    trust = take_in(*(each.raw for each in (first, *others)), found.raw).store
    assert {check(trust, each, 12345, CO_NOW) for each in same} == {"successful"}
    assert {check(trust, each, min(found.revoked), CO_NOW) for each in same} == {"failed revoked"}


# How it is done ---------------------------------------------------------------------------------

FORBIDDEN = ("subprocess", "ssl", "OpenSSL", "cryptography.x509.verification")


def test_no_other_program_and_no_ready_made_path_builder() -> None:
    """No process is started, and no library is asked to build chains its own way."""
    seen = 0
    for package in (ecid, ecid_crypto, ecid_readers):
        for file in Path(package.__path__[0]).rglob("*.py"):
            seen += 1
            for name in _imported_names(file):
                assert not name.startswith(FORBIDDEN), f"{file}: {name}"
    assert seen > 100


def _imported_names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{each.name}" for each in node.names)
