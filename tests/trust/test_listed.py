"""What deviation and defect lists say of one signer's documents (Doc 9303-3 §8, TR-03129)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.pki import Signer, make_document_signer
from ecid.encoding import der_write as w
from ecid.encoding.oid import DEVIATION_LIST_SIGNING_KEY
from ecid.encoding.tlv import encode
from ecid.inspection.checks import Verdict
from ecid.inspection.report import Report
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.listed import CODES, OTHER, listed
from ecid.trust.store import TrustStore
from ecid_crypto.hashes import Hash
from forged_sod import CSCA, SIGNER, ec_key
from inspection_kit import issued, judge, outcome, read, stored
from trust_kit import (
    ATLANTIS,
    ROOT,
    defect,
    defect_list,
    deviation,
    deviation_list,
    document_signer,
    list_signer,
    take_in,
)

DSC, NEIGHBOUR = document_signer(), document_signer("neighbour", 0x78)
KIND, CODE = "2.23.136.1.1.7.2.1", "listed_data_group_malformed"
REVOKED = "0.4.0.127.0.7.3.1.5.1.1"
#: Stands for the purpose of defect list signers, whose identifier nobody has published.
DEFECTS = "1.3.6.1.4.1.99999.7"
ABOUT_DSC = w.implicit(1, cms.issuer_and_serial(DSC.certificate))


def store(*lists: bytes) -> TrustStore:
    """Return two anchors and ``lists``, every one of which counts."""
    found = take_in(ROOT.certificate, ATLANTIS.certificate, *lists)
    assert (found.store.skipped, found.store.unanchored) == ((), ())
    assert len(found.store.lists) == len(lists)
    return found.store


def certificate(signer: Signer) -> Certificate:
    """Return the certificate of ``signer``, parsed."""
    return parse_certificate(signer.certificate)


def codes(
    *lists: bytes,
    signer: Signer = DSC,
    document_type: str | None = None,
    issued_on: date | None = None,
) -> tuple[str, ...]:
    """Return what ``lists`` say of documents of ``signer``."""
    return listed(certificate(signer), store(*lists), document_type, issued_on)


def test_named_by_serial_number() -> None:
    """An entry about one signer, and about no other of the same issuer."""
    about = deviation_list(deviation((KIND,), ABOUT_DSC))
    assert codes(about) == (CODE,)
    assert codes(about, signer=NEIGHBOUR) == ()


def test_nothing_listed() -> None:
    """Lists without a word about it, and no lists at all."""
    assert codes() == ()
    assert codes(deviation_list(), defect_list()) == ()


def test_named_by_key() -> None:
    """An entry that names the key identifier."""
    identifier = c.key_identifier(DSC.key.public)
    about = deviation_list(deviation((KIND,), w.implicit(2, w.octets(identifier))))
    assert codes(about) == (CODE,)
    assert codes(about, signer=NEIGHBOUR) == ()


@pytest.mark.parametrize("hash_function", list(Hash))
def test_named_by_digest(hash_function: Hash) -> None:
    """An entry that names the digest of the certificate, whatever the hash function."""
    digest = w.octets(hash_function.digest(DSC.certificate))
    about = deviation_list(deviation((KIND,), w.implicit(3, digest)))
    assert codes(about) == (CODE,)
    assert codes(about, signer=NEIGHBOUR) == ()


def test_all_documents_of_the_state() -> None:
    """An entry that names no signer is about every signer of its state, and of no other."""
    everything = deviation((KIND,))
    assert codes(deviation_list(everything)) == (CODE,)
    assert codes(deviation_list(everything), signer=NEIGHBOUR) == (CODE,)
    foreign = list_signer(ATLANTIS, DEVIATION_LIST_SIGNING_KEY, country="AT")
    assert codes(deviation_list(everything, signer=foreign)) == ()


def test_no_state_speaks_of_the_documents_of_another() -> None:
    """Not even where it names the signer exactly."""
    foreign = list_signer(ATLANTIS, DEVIATION_LIST_SIGNING_KEY, country="AT")
    assert codes(deviation_list(deviation((KIND,), ABOUT_DSC), signer=foreign)) == ()


def test_document_type() -> None:
    """An entry about one type of document; an unknown type is not ruled out."""
    about = deviation_list(deviation((KIND,), encode(0x80, b"P<")))
    assert codes(about, document_type="P<") == (CODE,)
    assert codes(about, document_type="PP") == (CODE,)
    assert codes(about, document_type="I<") == ()
    assert codes(about) == (CODE,)


def test_date_of_issue() -> None:
    """An entry about some months, both ends included; an unknown date is not ruled out."""
    first, last = datetime(2020, 1, 2, tzinfo=UTC), datetime(2020, 3, 4, tzinfo=UTC)
    period = w.implicit(4, w.seq(w.generalized_time(first), w.generalized_time(last)))
    about = deviation_list(deviation((KIND,), period))
    assert codes(about, issued_on=date(2020, 1, 2)) == (CODE,)
    assert codes(about, issued_on=date(2020, 3, 4)) == (CODE,)
    assert codes(about, issued_on=date(2020, 1, 1)) == ()
    assert codes(about, issued_on=date(2020, 3, 5)) == ()
    assert codes(about) == (CODE,)


def test_single_documents() -> None:
    """Entries about document numbers are left out: they say nothing of the signer."""
    numbers = w.implicit(5, w.set_of(w.printable("X1")))
    assert codes(deviation_list(deviation((KIND,), ABOUT_DSC, numbers))) == ()


def test_kinds() -> None:
    """Every kind with a name has its code, others share one; each is said once."""
    several = deviation(("2.23.136.1.1.7.4", "2.23.136.1.1.7.9", "2.23.136.1.1.7.8"), ABOUT_DSC)
    assert set(codes(deviation_list(several))) == {"listed_chip", OTHER}
    everything = deviation_list(deviation(tuple(CODES), ABOUT_DSC))
    assert set(codes(everything)) == set(CODES.values())


def test_defect_list_speaks_of_anybody() -> None:
    """A defect list names the signers of other states."""
    foreign = list_signer(ATLANTIS, DEFECTS, country="AT")
    about = defect_list(defect((REVOKED,), DSC), signer=foreign)
    assert codes(about) == ("listed_signer_revoked",)
    assert codes(about, signer=NEIGHBOUR) == ()


def test_document_signer_publishes_no_defects() -> None:
    """The key that signs one state's documents revokes no signer of another (no purpose at all)."""
    usurper = list_signer(ATLANTIS, None, country="AT")
    about = defect_list(defect((REVOKED,), DSC), signer=usurper)
    found = take_in(ROOT.certificate, ATLANTIS.certificate, about).store
    assert [each.rule for each in found.skipped] == ["dsc_profile"]
    assert found.lists == ()


def test_defect_with_the_hash_of_another() -> None:
    """Issuer and serial number that two certificates share: the hash decides."""
    right = Hash.SHA256.digest(DSC.certificate)
    assert codes(defect_list(defect((REVOKED,), DSC, right))) == ("listed_signer_revoked",)
    assert codes(defect_list(defect((REVOKED,), DSC, bytes(32)))) == ()


# In the report ----------------------------------------------------------------------------------


def reported(kind: str, about: Signer = SIGNER) -> Report:
    """Return the report about the shipped card where a defect list says ``kind`` of ``about``."""
    publisher = list_signer(CSCA, DEFECTS, country="VN")
    lists = defect_list(defect((kind,), about), signer=publisher)
    trust = take_in(CSCA.certificate, lists, keeping=False).store
    assert len(trust.lists) == 1
    return judge(stored(issued()), trust)


def deviations(report: Report) -> set[str]:
    """Return the codes of everything that was listed."""
    return {each.code for each in report.deviations if each.code.startswith("listed_")}


def test_informs() -> None:
    """What does not take anything away stands in the report and changes no verdict."""
    report = reported("0.4.0.127.0.7.3.1.5.2.1")
    assert report.verdict is Verdict.VERIFIED
    assert deviations(report) == {CODE}
    other = make_document_signer(ec_key("dsc"), CSCA, serial=2)
    assert deviations(reported("0.4.0.127.0.7.3.1.5.2.1", other)) == set()


def test_revoked_signer() -> None:
    """A signer that a defect list takes back is revoked."""
    report = reported(REVOKED)
    assert report.verdict is Verdict.FAILED
    assert outcome(report, "sod.revocation") == ("failed", "revoked")
    assert report.check("sod.revocation").detail == {"what": "defect_list"}


def test_compromised_key_proves_nothing() -> None:
    """A live chip whose kind of key is known to have leaked is not proven by it."""
    publisher = list_signer(CSCA, DEFECTS, country="VN")
    for kind, check_id in (("4", "chip.aa"), ("3", "chip.ca")):
        lists = defect_list(defect((f"0.4.0.127.0.7.3.1.5.1.{kind}",), SIGNER), signer=publisher)
        trust = take_in(CSCA.certificate, lists, keeping=False).store
        report = read(issued(), trust=trust)
        assert outcome(report, check_id) == ("failed", "listed_defect")
        assert report.verdict is Verdict.FAILED
    assert outcome(read(issued()), "chip.aa") == ("successful", None)
