"""Group PKI: who issued whom, and whether the signer may sign (Doc 9303-12 §6.1, §7.1).

Each case runs through both entry points. The control is a card whose signer differs in nothing but
the mutation. Profiles, lists and imports are in ``cases_pki_profile``, ``cases_pki_lists`` and
``cases_pki_store``.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from ecid.emulator import certificates as c
from ecid.emulator.pki import SIGNER_VALIDITY, Authority
from ecid.errors import StoreError
from ecid.outcome import Reason
from ecid.testing import (
    NOW,
    Aborted,
    csca,
    dsc,
    ec_key,
    fails,
    issued_by,
    signed_by,
    stays_open,
    stays_verified,
)
from ecid.trust.extensions import KEY_USAGE
from ecid.trust.store import TrustStore
from entries import Row, Setup
from issuers import (
    AKI,
    SIGNER_SERIAL,
    VN,
    as_authority,
    by,
    good_card,
    key_identifier_of,
    laos,
    rogue,
    signer_with,
)

DAY = timedelta(days=1)
START, END = SIGNER_VALIDITY
NO_CSCA = stays_open("sod.chain", Reason.NO_CSCA)


# Chains.


def rogue_in_the_sod(*, same_name: bool) -> Setup:
    """Return a card whose EF.SOD brings signer and authority along, both forged."""
    authority = rogue(same_name=same_name)
    return by(lambda: dsc(authority), [lambda: authority.certificate])


def rogue_in_the_directory() -> Setup:
    """Return a forged card; its authority stands in an LDIF file beside the anchor."""
    authority = rogue()
    trust = {"csca.cer": VN.certificate, "pkd.ldif": ldif(authority.certificate)}
    return replace(by(lambda: dsc(authority)), trust=trust)


def ldif(certificate: bytes) -> bytes:
    """Return a file of the ICAO PKD with one certificate, which nobody signed."""
    encoded = b64encode(certificate)
    return b"version: 1\n\ndn: cn=1,dc=data,dc=icao,dc=int\nuserCertificate;binary:: " + encoded


def self_signed(*, with_identifier: bool) -> Setup:
    """Return a card whose signer is its own issuer."""
    name, key = c.name("VN", "ecid testing", "Self-made"), ec_key("self-made")
    me = Authority(b"", csca("VN", key, subject=name).plan, key)
    without = () if with_identifier else (AKI,)
    return by(lambda: dsc(me, key, subject=name, without=without))


def genuine_identifier() -> Setup:
    """Return a card whose signer names the anchor by its key, which did not sign it."""
    forger = rogue(same_name=True)
    return by(lambda: dsc(forger, without=[AKI], extra=[key_identifier_of(VN)]))


def under_a_signer(*, in_store: bool) -> Setup:
    """Return a card whose signer was issued by a genuine signer, which is no authority."""
    name = c.name("VN", "ecid testing", "Document Signer EMULATED")
    first = dsc(VN, subject=name, serial=SIGNER_SERIAL)
    setup = by(
        lambda: dsc(as_authority(first, name), ec_key("second"), name="Second"),
        [lambda: first.certificate],
    )
    files = {"csca.cer": VN.certificate, "dsc.cer": first.certificate}
    return replace(setup, trust=files) if in_store else setup


@cache
def long_path() -> Authority:
    """Return an authority that may have others below it."""
    return csca("VN", ec_key("long path"), name="CSCA EMULATED Long", path_length=1)


def below_a_sub_authority(*, in_directory: bool) -> Setup:
    """Return a card from below an authority that an anchor with path length 1 has signed."""
    root = long_path()
    holder = issued_by(good_card(), root, dsc(root))
    sub = csca("VN", ec_key("sub"), name="Sub EMULATED", issuer=root)
    signer = dsc(sub)
    card = signed_by(holder, signer, certificates=(signer.certificate, sub.certificate))
    files = {"csca.cer": root.certificate, "pkd.ldif": ldif(sub.certificate)}
    return Setup(holder=holder, card=card, trust=files if in_directory else None)


def linked() -> Setup:
    """Return a card of a new authority; its link certificate, from an unknown one, lies in it."""
    new = csca("VN", ec_key("new"), name="CSCA EMULATED New")
    link = csca("VN", new.key, name="CSCA EMULATED New", issuer=rogue("CSCA EMULATED Old"))
    signer = dsc(new)
    holder = issued_by(good_card(), new, signer)
    card = signed_by(holder, signer, certificates=(signer.certificate, link.certificate))
    return Setup(holder=holder, card=card, trust=TrustStore.of(VN.certificate))


def anchor_that_ended() -> Setup:
    """Return a card whose anchor ended before its signer began; the same key, name and serial."""
    ended = csca(
        "VN",
        VN.key,
        subject=VN.plan.subject,
        serial=VN.plan.serial,
        validity=(VN.plan.not_before, START - DAY),
    )
    return Setup(holder=good_card(), trust=TrustStore.of(ended.certificate))


def anchor_without_purpose() -> Setup:
    """Return a good card with the only anchor given by hand, which may not sign certificates."""
    changed = csca(
        "VN",
        VN.key,
        subject=VN.plan.subject,
        serial=VN.plan.serial,
        without=[KEY_USAGE],
        extra=[c.key_usage(0, 6)],
    )
    return Setup(
        holder=good_card(),
        trust={"csca.cer": changed.certificate},
        good_trust={"csca.cer": VN.certificate},
    )


# Time.


def without_signing_time(validity: tuple[datetime, datetime]) -> Setup:
    """Return a card without signingTime, so that the date of issue in DG13 counts."""
    holder = signed_by(good_card(), dsc(VN), signing_time=None)
    card = signed_by(holder, dsc(VN, validity=validity), signing_time=None)
    return Setup(holder=holder, card=card)


def signed_at(moment: datetime) -> Setup:
    """Return a card whose signingTime is ``moment`` and whose signer begins tomorrow."""
    signer = dsc(VN, validity=(NOW + DAY, END))
    return Setup(holder=good_card(), card=signed_by(good_card(), signer, signing_time=moment))


ROWS = (
    Row(
        id="PKI-01",
        variant="own names",
        mutation="EF.SOD brings a forged signer and the forged authority that issued it",
        weight=5,
        make=lambda: rogue_in_the_sod(same_name=False),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-01",
        variant="genuine names",
        mutation="EF.SOD brings a forged signer and a forged authority of the anchor's name",
        weight=5,
        make=lambda: rogue_in_the_sod(same_name=True),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-01",
        variant="directory",
        mutation="the forged authority stands in an LDIF file, which nobody has signed",
        weight=5,
        make=rogue_in_the_directory,
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-02",
        variant="key identifier",
        mutation="the signer has signed itself",
        weight=5,
        make=lambda: self_signed(with_identifier=True),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-02",
        variant="no key identifier",
        mutation="the signer has signed itself",
        weight=5,
        make=lambda: self_signed(with_identifier=False),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-04",
        variant="own identifiers",
        mutation="the signer's issuer has the name of the anchor, and a key of its own",
        weight=5,
        make=lambda: by(lambda: dsc(rogue(same_name=True))),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-04",
        variant="genuine identifiers",
        mutation="the same, and the signer names the anchor's key: that key did not sign",
        weight=5,
        make=genuine_identifier,
        expected=fails("sod.chain", Reason.BAD_SIGNATURE),
    ),
    Row(
        id="PKI-05",
        mutation="no authority key identifier; the issuer's name is the anchor's, its key is not. "
        "Names may be shared, so that is no failure (design, section 6, item 3)",
        weight=5,
        make=lambda: by(lambda: dsc(rogue(same_name=True), without=[AKI])),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-07",
        variant="in EF.SOD",
        mutation="the signer was issued by a genuine document signer",
        weight=5,
        make=lambda: under_a_signer(in_store=False),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-07",
        variant="in the store",
        mutation="the signer was issued by a genuine document signer, which the store has as such",
        weight=5,
        make=lambda: under_a_signer(in_store=True),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-08",
        variant="in EF.SOD",
        mutation="anchor of path length 1, an authority below it, and the signer below that",
        weight=5,
        make=lambda: below_a_sub_authority(in_directory=False),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-08",
        variant="directory",
        mutation="the same, and the authority between the two stands in an LDIF file",
        weight=5,
        make=lambda: below_a_sub_authority(in_directory=True),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-10",
        variant="by hand",
        mutation="the only anchor, given by hand, lacks keyCertSign: an operator who gives anchors "
        "gives none, and that is an error before any card is judged",
        weight=3,
        make=anchor_without_purpose,
        expected=Aborted(error=StoreError, code="store_nothing_usable"),
    ),
    Row(
        id="PKI-13",
        variant="signing time",
        mutation="the signer expired yesterday; it was valid at signingTime",
        weight=5,
        make=signer_with(validity=(START, NOW - DAY)),
        expected=stays_open("sod.time", Reason.SIGNER_EXPIRED),
    ),
    Row(
        id="PKI-13",
        variant="date of issue",
        mutation="the signer expired yesterday; it was valid on the date of issue in DG13",
        weight=5,
        make=lambda: without_signing_time((START, NOW - DAY)),
        expected=stays_open("sod.time", Reason.SIGNER_EXPIRED),
    ),
    Row(
        id="PKI-14",
        variant="signed before",
        mutation="the signer is valid from tomorrow",
        weight=5,
        make=signer_with(validity=(NOW + DAY, END)),
        expected=fails("sod.time", Reason.NOT_VALID_AT_SIGNING),
    ),
    Row(
        id="PKI-14",
        variant="signed later",
        mutation="the signer is valid from tomorrow, and signingTime is the day after",
        weight=5,
        make=lambda: signed_at(NOW + 2 * DAY),
        expected=fails("sod.time", Reason.NOT_VALID_AT_SIGNING),
    ),
    Row(
        id="PKI-14",
        variant="date of issue",
        mutation="the signer is valid from tomorrow; the date of issue stands in DG13",
        weight=5,
        make=lambda: without_signing_time((NOW + DAY, END)),
        expected=fails("sod.time", Reason.NOT_VALID_AT_SIGNING),
    ),
    Row(
        id="PKI-16",
        mutation="the private key usage period ended before the document was signed. It bounds "
        "what an issuer does with a key, not how long its documents hold: it only informs "
        "(design, section 6, item 5)",
        weight=2,
        make=signer_with(
            validity=(datetime(2021, 1, 20, tzinfo=UTC), END), usage=timedelta(days=90)
        ),
        expected=stays_verified("sod.time", Reason.OUTSIDE_KEY_USAGE),
    ),
    Row(
        id="PKI-17",
        mutation="the anchor ended before the validity of the signer began",
        weight=5,
        make=anchor_that_ended,
        expected=fails("sod.chain", Reason.ISSUER_ENDED_BEFORE),
    ),
    Row(
        id="PKI-46",
        variant="store",
        mutation="the store is empty",
        weight=5,
        make=lambda: Setup(holder=good_card(), trust=TrustStore()),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-46",
        variant="files",
        mutation="the folder of anchors is empty",
        weight=5,
        make=lambda: Setup(holder=good_card(), trust={}),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-46",
        variant="other states",
        mutation="the store has anchors of another state only",
        weight=5,
        make=lambda: Setup(holder=good_card(), trust=TrustStore.of(laos().certificate)),
        expected=NO_CSCA,
    ),
    Row(
        id="PKI-47",
        variant="in EF.SOD",
        mutation="EF.SOD brings the link certificate of its authority, which is not in the store",
        weight=5,
        make=linked,
        expected=NO_CSCA,
    ),
)

CASES = tuple(case for row in ROWS for case in row.cases())
