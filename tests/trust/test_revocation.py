"""Whether a signer is on a revocation list, in six states (Doc 9303-12 §7.1.4)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.pki import Authority, Signer, make_csca
from ecid.emulator.signing import RsaKey, SigningKey
from ecid.encoding import der_write as w
from ecid.inspection.checks import Verdict
from ecid.outcome import Finding
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.crl import parse_revocation_list
from ecid.trust.revocation import check_list_signature, check_revocation
from ecid.trust.store import TrustStore
from ecid_crypto.hashes import Hash
from forged_sod import CSCA, SIGNER, ec_key, flipped, rsa_secret, with_outer_algorithm
from inspection_kit import issued, judge, outcome, stored
from tolerance_cases import WithoutNullKey
from trust_kit import (
    ATLANTIS,
    CERTIFICATE_ISSUER,
    DELTA_INDICATOR,
    DISTRIBUTION_POINT,
    INVENTED,
    NEXT_UPDATE,
    NOW,
    ROOT,
    THIS_UPDATE,
    UTOPIA,
    crl,
    document_signer,
    entry,
    take_in,
)

SERIAL, INNOCENT = 0x1234, 0x9999
DSC = document_signer(serial=SERIAL)
SECOND = timedelta(seconds=1)

GOOD = "successful"
NONE = "undetermined no_crl"
BAD = "undetermined crl_bad_signature"


def certificate(made: Authority | Signer) -> Certificate:
    """Return the certificate of an emulated authority or signer, parsed."""
    return parse_certificate(made.certificate)


def said(finding: Finding) -> str:
    """Return outcome, reason and what it is about in one line."""
    detail = finding.detail.get("what", finding.detail.get("rule", ""))
    return " ".join(filter(None, [finding.outcome.value, finding.reason or "", str(detail)]))


def store(*lists: bytes, anchors: tuple[Authority, ...] = (ROOT,)) -> TrustStore:
    """Return what ``--trust`` makes of ``anchors`` and ``lists``; they are judged when used."""
    found = take_in(*(a.certificate for a in anchors), *lists, keeping=False).store
    assert found.skipped == ()
    return found


def check(
    *lists: bytes,
    at: datetime = NOW,
    signer: Signer = DSC,
    anchor: Authority = ROOT,
    anchors: tuple[Authority, ...] = (ROOT,),
) -> str:
    """Return what ``lists`` say of ``signer`` under ``anchor``."""
    trust = store(*lists, anchors=anchors)
    return said(check_revocation(certificate(signer), certificate(anchor), trust, at))


# The six states ---------------------------------------------------------------------------------


def test_good() -> None:
    """A fresh list of the anchor that does not name the signer."""
    assert check(crl(INNOCENT)) == GOOD
    assert check(crl()) == GOOD


def test_revoked() -> None:
    """The same list with its serial number on it."""
    assert check(crl(INNOCENT, SERIAL)) == "failed revoked signer"


def test_stale() -> None:
    """Until the moment it announces, and not after it."""
    assert check(crl(), at=NEXT_UPDATE) == GOOD
    assert check(crl(), at=NEXT_UPDATE + SECOND) == "undetermined crl_stale"


def test_not_yet_valid() -> None:
    """From the moment it was made, and not before it."""
    assert check(crl(), at=THIS_UPDATE) == GOOD
    assert check(crl(), at=THIS_UPDATE - SECOND) == "undetermined crl_not_yet_valid"


def test_bad_signature() -> None:
    """Another key signed the list of this issuer: a forgery, or a mix-up."""
    forged = crl(key=ec_key("rogue"), named_key=ROOT.key)
    assert check(forged) == BAD
    assert check(flipped(crl(), -1)) == BAD


def test_none() -> None:
    """Without a list nothing is known, and that is not good."""
    assert check() == NONE


def test_another_issuer() -> None:
    """A list of somebody else says nothing, whatever serial numbers it has."""
    assert check(crl(SERIAL, issuer=ATLANTIS), anchors=(ROOT, ATLANTIS)) == NONE
    assert check(crl(SERIAL, issuer=ATLANTIS), crl(), anchors=(ROOT, ATLANTIS)) == GOOD


# Written in other ways --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("certified", "listed"),
    [(-0x7F, 0x81), (0x81, -0x7F), (-0x80, 0x80), (-1, 0xFF), (0xFF00, -0x100)],
)
def test_serial_number_read_with_and_without_sign(certified: int, listed: int) -> None:
    """The same octets, once taken for a negative number: the certificate is revoked."""
    signer = document_signer("signed", serial=certified)
    assert check(crl(listed), signer=signer) == "failed revoked signer"
    assert check(crl(listed ^ 2), signer=signer) == GOOD


def test_serial_number_of_zero() -> None:
    """Zero is no reading of minus one."""
    assert check(crl(-1), signer=document_signer("zero", serial=0)) == GOOD


def test_revoked_anchor_under_a_name_in_another_encoding() -> None:
    """PrintableString or UTF8String: it is the issuer's own certificate that is on its list."""
    own = certificate(ROOT).serial
    shouted = c.name("UT", "ECID EMULATOR", "CSCA UTOPIA")
    assert check(crl(own)) == "failed revoked anchor"
    assert check(crl(own, name=shouted)) == "failed revoked anchor"


def test_signature_without_null() -> None:
    """A list whose signature is right but for the NULL may say revoked, and never good."""
    root = make_csca(RsaKey(rsa_secret()), subject=UTOPIA, marked=False)
    signer = document_signer("of an odd one", serial=SERIAL, issuer=root)

    def of(serial: int) -> str:
        listed = crl(serial, issuer=root, key=WithoutNullKey(rsa_secret()))
        return check(listed, signer=signer, anchor=root, anchors=(root,))

    assert of(SERIAL) == "failed revoked signer"
    assert of(INNOCENT) == "undetermined digest_info_without_null"


# Revoked stays revoked --------------------------------------------------------------------------


@pytest.mark.parametrize("at", [THIS_UPDATE - SECOND, NEXT_UPDATE + SECOND])
def test_revoked_on_a_list_out_of_date(at: datetime) -> None:
    """Whoever was revoked once stays it, also on an old list."""
    assert check(crl(SERIAL), at=at) == "failed revoked signer"


def test_no_next_update() -> None:
    """A list that never says when it ends is never fresh; its entries count."""
    assert check(crl(next_update=None)) == "undetermined crl_stale"
    assert check(crl(SERIAL, next_update=None)) == "failed revoked signer"


def test_revoked_by_one_of_two() -> None:
    """A second list that knows nothing of it takes nothing back."""
    twin = make_csca(ec_key("twin"), subject=UTOPIA, marked=False)
    clean, accusing = crl(), crl(SERIAL, issuer=twin)
    assert check(clean, anchors=(ROOT, twin)) == GOOD
    assert check(clean, accusing, anchors=(ROOT, twin)) == "failed revoked signer"
    assert check(accusing, clean, anchors=(ROOT, twin)) == "failed revoked signer"


# What is no complete list of this issuer --------------------------------------------------------

DELTA = (c.extension(DELTA_INDICATOR, w.integer(1), critical=True),)
PARTITION = (c.extension(DISTRIBUTION_POINT, w.seq(), critical=True),)
UNKNOWN = (c.extension(INVENTED, w.null(), critical=True),)
INDIRECT = c.extension(CERTIFICATE_ISSUER, w.seq(), critical=True)


@pytest.mark.parametrize(
    ("what", "empty"),
    [
        ("delta", crl(more=DELTA)),
        ("partitioned", crl(more=PARTITION)),
        ("unknown_critical_extension", crl(more=UNKNOWN)),
        ("indirect", crl(entry(INNOCENT, INDIRECT))),
    ],
)
def test_unsupported_proves_nobody_innocent(what: str, empty: bytes) -> None:
    """It is refused by name; the control differs in that extension only."""
    assert check(empty) == f"undetermined crl_unsupported {what}"


@pytest.mark.parametrize("more", [PARTITION, UNKNOWN])
def test_part_of_a_list_still_accuses(more: tuple[bytes, ...]) -> None:
    """Who stands on a part of the list, or on one with a riddle, is revoked."""
    assert check(crl(SERIAL, more=more)) == "failed revoked signer"


def test_delta_accuses_nobody() -> None:
    """In a delta an entry may take a revocation back (RFC 5280 §5.2.4)."""
    assert check(crl(SERIAL, more=DELTA)) == "undetermined crl_unsupported delta"


def test_indirect_accuses_nobody() -> None:
    """In an indirect list the serial number may be that of another issuer (§5.3.3)."""
    listed = crl(entry(SERIAL, INDIRECT))
    assert check(listed) == "undetermined crl_unsupported indirect"


# Who may sign it --------------------------------------------------------------------------------


def test_anchor_that_may_not_sign_lists() -> None:
    """Without the key usage for lists its signature is none."""

    def anchor(*usage: int) -> Authority:
        named = c.subject_key_identifier(c.key_identifier(ROOT.key.public))
        extensions = (c.basic_constraints(True, 0), named, c.key_usage(*usage))
        return make_csca(ROOT.key, subject=UTOPIA, extensions=extensions)

    may, may_not = anchor(5, 6), anchor(5)
    assert check(crl(), anchor=may, anchors=(may,)) == GOOD
    listed = check(crl(), anchor=may_not, anchors=(may_not,))
    assert listed == "undetermined crl_bad_signature key_usage"


def test_anchor_without_key_usage() -> None:
    """Where nothing is said nothing is forbidden (RFC 5280 §4.2.1.3)."""
    named = c.subject_key_identifier(c.key_identifier(ROOT.key.public))
    extensions = (c.basic_constraints(True, 0), named)
    anchor = make_csca(ROOT.key, subject=UTOPIA, extensions=extensions)
    found = check_list_signature(parse_revocation_list(crl()), certificate(anchor))
    assert said(found) == GOOD


def test_sha1() -> None:
    """A list signed with SHA-1 accuses and clears nobody."""
    assert check(crl(hash_function=Hash.SHA1)) == "undetermined weak_hash"
    assert check(crl(SERIAL, hash_function=Hash.SHA1)) == "failed revoked signer"


def test_algorithm_unknown() -> None:
    """A signature that cannot be checked leaves the question open."""
    unknown = w.seq(w.oid("1.3.101.113"))
    foreign = with_outer_algorithm(crl(inner_algorithm=unknown), unknown)
    assert check(foreign) == "undetermined unsupported_algorithm"


# Change of keys ---------------------------------------------------------------------------------

NEW = make_csca(ec_key("rollover"), subject=UTOPIA, marked=False, serial=2)


def test_list_of_the_new_key() -> None:
    """After a change of keys the list of the name is signed with the new one."""
    assert check(crl(issuer=NEW), anchors=(ROOT, NEW)) == GOOD
    assert check(crl(SERIAL, issuer=NEW), anchors=(ROOT, NEW)) == "failed revoked signer"


def test_list_of_the_new_key_alone() -> None:
    """Unless the anchor of that key is trusted, the list is nobody's."""
    assert check(crl(SERIAL, issuer=NEW)) == NONE


def nameless(*revoked: int, issuer: Authority = ROOT, key: SigningKey | None = None) -> bytes:
    """Return a list of the first version, which names no key."""
    return crl(*revoked, issuer=issuer, key=key, extensions=(), version=None)


def test_list_that_names_no_key() -> None:
    """Without a key identifier every anchor of that name may have signed it."""
    both = (ROOT, NEW)
    assert check(nameless(), anchors=both) == GOOD
    assert check(nameless(issuer=NEW), anchors=both) == GOOD
    assert check(nameless(SERIAL, issuer=NEW), anchors=both) == "failed revoked signer"
    assert check(nameless(SERIAL, key=ec_key("rogue")), anchors=both) == BAD


def test_twin_of_another_name() -> None:
    """The key identifier alone does not make somebody a twin."""
    stranger = make_csca(NEW.key, subject=c.name("UT", "ecid emulator", "CSCA STRANGE"))
    assert check(crl(SERIAL, issuer=NEW), anchors=(ROOT, stranger)) == NONE


# Revoked anchors --------------------------------------------------------------------------------


def test_revoked_anchor() -> None:
    """An issuer that revokes itself takes everything along that it signed."""
    assert check(crl(ROOT.plan.serial)) == "failed revoked anchor"


def test_revoked_link_certificate() -> None:
    """A link certificate of the same name is revoked by the list of that name."""
    link = make_csca(ec_key("rollover"), subject=UTOPIA, issuer=ROOT, serial=77, marked=False)
    signer = document_signer(serial=SERIAL, issuer=link)

    def listed(serial: int) -> str:
        return check(crl(serial), signer=signer, anchor=link, anchors=(ROOT, link))

    assert (listed(INNOCENT), listed(77)) == (GOOD, "failed revoked anchor")


def test_serial_of_the_anchor_under_another_issuer() -> None:
    """The number of a link certificate belongs to the issuer of the old name."""
    old = ATLANTIS
    link = make_csca(ec_key("rollover"), subject=UTOPIA, issuer=old, serial=77, marked=False)
    signer = document_signer(serial=SERIAL, issuer=link)
    own = crl(77, issuer=link)
    assert check(own, anchor=link, anchors=(link,), signer=signer) == GOOD


# Size, and the whole report ---------------------------------------------------------------------


def test_ten_thousand_entries() -> None:
    """A long list costs parsing once and a look-up, nothing more."""
    many = crl(*range(1, SERIAL), *range(SERIAL + 1, 10_001))
    trust = store(many)
    signer, anchor = certificate(DSC), certificate(ROOT)
    started = time.perf_counter()
    found = [said(check_revocation(signer, anchor, trust, NOW)) for _ in range(20)]
    assert time.perf_counter() - started < 5  # some 100 ms on an idle machine
    assert set(found) == {GOOD}
    assert check(crl(*range(1, 10_001))) == "failed revoked signer"


@pytest.mark.parametrize(
    ("serial", "expected", "verdict"),
    [
        (INNOCENT, ("successful", None), Verdict.VERIFIED),
        (parse_certificate(SIGNER.certificate).serial, ("failed", "revoked"), Verdict.FAILED),
    ],
)
def test_in_the_report(serial: int, expected: tuple[str, str | None], verdict: Verdict) -> None:
    """``sod.revocation`` is optional: not needed, but who is revoked is not verified."""
    trust = take_in(CSCA.certificate, crl(serial, issuer=CSCA), keeping=False).store
    report = judge(stored(issued()), trust)
    assert outcome(report, "sod.revocation") == expected
    assert report.verdict is verdict
