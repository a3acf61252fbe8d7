"""Group PKI: what the signer may sign, and for which state (Doc 9303-12 §7.1, TR-03135-1 §5.6.4).

The control is a card whose signer differs in nothing but the mutation.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.issued import IssuedCard
from ecid.emulator.pki import SIGNING_TIME
from ecid.encoding import der_write as w
from ecid.encoding.oid import DEVIATION_LIST_SIGNING_KEY, MASTER_LIST_SIGNING_KEY
from ecid.outcome import Reason
from ecid.testing import (
    Judged,
    data_groups,
    dsc,
    fails,
    resigned,
    signed_by,
    sod_of,
    stays_open,
    with_files,
)
from ecid.testing.pki import VERSION
from ecid.trust.extensions import (
    BASIC_CONSTRAINTS,
    DOCUMENT_TYPE_LIST,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
)
from ecid.trust.store import TrustStore
from entries import Row, Setup
from issuers import SIGNER_SERIAL, VN, by, good_card, laos, signer_with

SERVER_AUTHENTICATION, ANY_PURPOSE = "1.3.6.1.5.5.7.3.1", "2.5.29.37.0"
INVENTED = "2.25.1"
"""An extension that nobody understands."""

COUNTRY_MISMATCH = fails("lds.state", Reason.COUNTRY_MISMATCH)


def profile(rule: str) -> Judged:
    """Return the expectation that the signer breaks this rule of its profile."""
    return fails("sod.signer", Reason.DSC_PROFILE, rule)


# Profiles.


def version_1() -> Setup:
    """Return a card whose signer is an X.509 v1 certificate with extensions."""
    signer = dsc(VN, serial=SIGNER_SERIAL, nodes={VERSION: b""})
    identifier = w.seq(VN.plan.subject, w.integer(SIGNER_SERIAL))
    content = cms.lds_security_object(data_groups(good_card()))
    attributes = cms.signed_attributes(content, signing_time=SIGNING_TIME)
    info = cms.signer_info(signer, content, attributes, identifier=identifier)
    sod = sod_of(good_card(), signer, signer_infos=(info,))
    return Setup(holder=good_card(), card=with_files(good_card(), SOD=sod))


def purpose(*identifiers: str) -> bytes:
    """Return ExtendedKeyUsage."""
    return c.extension(EXTENDED_KEY_USAGE, w.seq(*map(w.oid, identifiers)))


def types(*codes: str) -> bytes:
    """Return documentTypeList (Doc 9303-12 §7.1.1.6)."""
    return c.extension(DOCUMENT_TYPE_LIST, w.seq(w.integer(0), w.set_of(*map(w.printable, codes))))


# States.


@cache
def of_state(code: str) -> IssuedCard:
    """Return the card with another issuing state in DG1, which no check digit covers."""
    data = good_card().files["DG1"]
    changed = data.replace(b"IDVNM", b"ID" + code.encode(), 1)
    return signed_by(resigned(good_card(), DG1=changed), dsc(VN, serial=SIGNER_SERIAL))


def neighbour(country: str | None) -> Setup:
    """Return a card signed under another state's anchor by a signer that says ``country``."""
    setup = by(lambda: dsc(laos(), country=country))
    return replace(setup, trust=TrustStore.of(VN.certificate, laos().certificate))


ROWS = (
    Row(
        id="PKI-11",
        mutation="no key usage",
        weight=5,
        make=signer_with(without=[KEY_USAGE]),
        expected=profile("key_usage_missing"),
    ),
    Row(
        id="PKI-11",
        variant="another use",
        mutation="key usage keyEncipherment",
        weight=5,
        make=signer_with(without=[KEY_USAGE], extra=[c.key_usage(2)]),
        expected=profile("not_for_signatures"),
    ),
    Row(
        id="PKI-31",
        mutation="a critical extension that nobody knows",
        weight=3,
        make=signer_with(extra=[c.extension(INVENTED, w.null(), critical=True)]),
        expected=profile("unknown_critical_extension"),
    ),
    Row(
        id="PKI-32",
        variant="key usage",
        mutation="key usage twice, the second with keyCertSign",
        weight=3,
        make=signer_with(extra=[c.key_usage(0, 5)]),
        expected=profile("extension_repeated"),
    ),
    Row(
        id="PKI-32",
        variant="key identifier",
        mutation="subject key identifier twice, the second another one",
        weight=3,
        make=signer_with(extra=[c.subject_key_identifier(bytes(20))]),
        expected=profile("extension_repeated"),
    ),
    Row(
        id="PKI-32",
        variant="unknown",
        mutation="an extension that means nothing to us twice",
        weight=3,
        make=signer_with(extra=[c.extension(INVENTED, w.null())] * 2),
        expected=profile("extension_repeated"),
    ),
    Row(
        id="PKI-34",
        variant="1",
        mutation="no version number, which means version 1, and extensions",
        weight=2,
        make=version_1,
        expected=profile("version"),
    ),
    Row(
        id="PKI-34",
        variant="2",
        mutation="version 2, and extensions",
        weight=2,
        make=signer_with(nodes={VERSION: w.explicit(0, w.integer(1))}),
        expected=profile("version"),
    ),
    Row(
        id="PKI-35",
        variant="both",
        mutation="CA and keyCertSign beside digitalSignature",
        weight=3,
        make=signer_with(
            without=[BASIC_CONSTRAINTS, KEY_USAGE],
            extra=[c.basic_constraints(True, 0), c.key_usage(0, 5)],
        ),
        expected=profile("certificate_authority"),
    ),
    Row(
        id="PKI-35",
        variant="CA",
        mutation="CA in BasicConstraints",
        weight=3,
        make=signer_with(without=[BASIC_CONSTRAINTS], extra=[c.basic_constraints(True, 0)]),
        expected=profile("certificate_authority"),
    ),
    Row(
        id="PKI-35",
        variant="keyCertSign",
        mutation="keyCertSign beside digitalSignature",
        weight=3,
        make=signer_with(without=[KEY_USAGE], extra=[c.key_usage(0, 5)]),
        expected=profile("may_sign_certificates"),
    ),
    *(
        Row(
            id="PKI-37",
            variant=name,
            mutation=f"extended key usage: {name}",
            weight=5,
            make=signer_with(extra=[purpose(identifier)]),
            expected=profile("extended_key_usage"),
        )
        for name, identifier in (
            ("TLS server", SERVER_AUTHENTICATION),
            ("master lists", MASTER_LIST_SIGNING_KEY),
            ("deviation lists", DEVIATION_LIST_SIGNING_KEY),
            ("anything", ANY_PURPOSE),
        )
    ),
    Row(
        id="PKI-38",
        variant="passports",
        mutation="the document types of the signer are P; the card says ID",
        weight=3,
        make=signer_with(extra=[types("P")]),
        expected=fails("lds.state", Reason.DOCUMENT_TYPE),
    ),
    Row(
        id="PKI-38",
        variant="none",
        mutation="the signer may sign no document type at all",
        weight=3,
        make=signer_with(extra=[types()]),
        expected=fails("lds.state", Reason.DOCUMENT_TYPE),
    ),
    Row(
        id="PKI-40",
        variant="DG1",
        mutation="DG1 says Utopia, signed by the issuer of another state",
        weight=5,
        make=lambda: Setup(holder=good_card(), card=of_state("UTO")),
        expected=COUNTRY_MISMATCH,
    ),
    Row(
        id="PKI-40",
        variant="anchor",
        mutation="signed under the genuine anchor of another state, which the store has",
        weight=5,
        make=lambda: neighbour(None),
        expected=COUNTRY_MISMATCH,
    ),
    Row(
        id="PKI-40",
        variant="signer",
        mutation="the same, and the signer says it is of the state of DG1: a state issues no "
        "signers of others, so that anchor is no candidate",
        weight=5,
        make=lambda: neighbour("VN"),
        expected=stays_open("sod.chain", Reason.NO_CSCA),
    ),
    Row(
        id="PKI-41",
        mutation="DG1 says a state that is in no table",
        weight=3,
        make=lambda: Setup(holder=good_card(), card=of_state("XYZ")),
        expected=stays_open("lds.state", Reason.COUNTRY_UNKNOWN),
    ),
)

CASES = tuple(case for row in ROWS for case in row.cases())
