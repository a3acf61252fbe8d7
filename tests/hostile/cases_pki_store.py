"""Group PKI: what is imported into a trust store that lasts (``ecid trust import``).

The control imports the same without the mutation: nothing is left out, and the card is verified
with the store afterwards. What is refused leaves the store as it was, with the same digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache

from ecid.emulator import certificates as c
from ecid.emulator.issued import IssuedCard
from ecid.emulator.pki import Authority, Signer
from ecid.encoding import der_write as w
from ecid.encoding.oid import DEVIATION_LIST_SIGNING_KEY
from ecid.encoding.tlv import Cursor
from ecid.outcome import Reason
from ecid.testing import (
    NOW,
    Case,
    Imported,
    Judged,
    StoreImport,
    crl,
    csca,
    dsc,
    ec_key,
    fails,
    flip,
    issued_by,
    list_signer,
    master_list,
    override,
    refused,
    stays_open,
    stays_verified,
)
from ecid.trust.certificate import parse_certificate
from ecid.trust.crl import DELTA_CRL_INDICATOR
from ecid.trust.extensions import BASIC_CONSTRAINTS, KEY_USAGE, NAME_CHANGE
from issuers import SIGNER_SERIAL, VN, good_card, rogue

DAY = timedelta(days=1)
OTHER_SERIAL = SIGNER_SERIAL ^ 1

Files = Mapping[str, bytes]
ANCHOR = {"csca.cer": VN.certificate}

KEPT = stays_verified("sod.chain")
STILL_REVOKED = fails("sod.revocation", Reason.REVOKED, "signer")
NO_CSCA = stays_open("sod.chain", Reason.NO_CSCA)


def importing(
    files: Files,
    good: Files,
    *,
    before: Files | None = None,
    holder: IssuedCard | None = None,
    options: tuple[str, ...] = (),
) -> StoreImport:
    """Return an import into a store that holds the anchor, and ``before`` beside it."""
    return StoreImport(
        holder=holder or good_card(),
        before={**ANCHOR, **(before or {})},
        files=files,
        good=good,
        options=options,
    )


# Anchors.


@cache
def second_anchor(*, ca: bool = True, usage: tuple[int, ...] = (5, 6)) -> Authority:
    """Return another anchor of the same state."""
    return csca(
        "VN",
        name="CSCA EMULATED Second",
        without=[BASIC_CONSTRAINTS, KEY_USAGE],
        extra=[c.basic_constraints(ca, 0 if ca else None), c.key_usage(*usage)],
    )


def second_anchor_with(usage: tuple[int, ...]) -> StoreImport:
    """Return the import of another anchor with this key usage."""
    return importing(
        {"second.cer": second_anchor(usage=usage).certificate},
        {"second.cer": second_anchor().certificate},
    )


def listed_anchor_with(usage: tuple[int, ...]) -> StoreImport:
    """Return the import of a master list with another anchor of this key usage, and a third."""
    third = csca("VN", name="CSCA EMULATED Third").certificate
    changed, good = (
        master_list(signer_of_lists(), second_anchor(usage=each).certificate, third)
        for each in (usage, (5, 6))
    )
    return importing({"1.ml": changed}, {"1.ml": good})


def link(*, trusted: bool) -> StoreImport:
    """Return the import of a stated anchor and, unstated, a link certificate beside it.

    The card is one of the authority that the link certificate speaks for.
    """
    stated = second_anchor().certificate
    new = ec_key("new")
    change = [c.extension(NAME_CHANGE, w.null())]
    changed, good = (
        csca("VN", new, name="CSCA EMULATED New", issuer=issuer, extra=change).certificate
        for issuer in (rogue("CSCA EMULATED Old"), VN)
    )
    authority = csca("VN", new, name="CSCA EMULATED New")
    return importing(
        {"link.cer": good if trusted else changed, "second.cer": stated},
        {"link.cer": good, "second.cer": stated},
        holder=issued_by(good_card(), authority, dsc(authority)),
        options=("--fingerprint", parse_certificate(stated).fingerprint),
    )


# Revocation lists.


def over_a_revocation(changed: bytes) -> StoreImport:
    """Return the import of a list over number 5 of yesterday, which has the signer.

    In the control it is number 6 of today, which does not: the issuer's last word counts.
    """
    newest = crl(VN, OTHER_SERIAL, number=6, this_update=NOW)
    return importing(
        {"old.crl": changed},
        {"new.crl": newest},
        before={"5.crl": crl(VN, SIGNER_SERIAL, number=5, this_update=NOW - DAY)},
    )


# Master lists.


@cache
def signer_of_lists() -> Signer:
    """Return the signer of master lists under the anchor."""
    return list_signer(VN)


@cache
def taken_back() -> Authority:
    """Return an authority that earlier master lists had."""
    return csca("VN", name="CSCA EMULATED Former")


@cache
def former_card() -> IssuedCard:
    """Return a card of that authority."""
    return issued_by(good_card(), taken_back(), dsc(taken_back()))


def list_of(signer: Signer, signed_at: datetime | None) -> bytes:
    """Return a master list with that authority in it."""
    others = second_anchor().certificate, taken_back().certificate
    return master_list(signer, *others, signed_at=signed_at)


def former_list(signed_at: datetime | None, signer: Signer | None = None) -> StoreImport:
    """Return the import of a master list over the one of yesterday, which lacks the authority."""
    present = master_list(signer_of_lists(), second_anchor().certificate, signed_at=NOW - DAY)
    return importing(
        {"list.ml": list_of(signer or signer_of_lists(), signed_at)},
        {"list.ml": list_of(signer_of_lists(), NOW)},
        before={"present.ml": present},
        holder=former_card(),
    )


SIZE, BROKEN = 500, 250


@cache
def crowd() -> tuple[bytes, ...]:
    """Return five hundred anchors, that of the card among them."""
    key = ec_key("crowd")
    many = (csca("VN", key, name=f"CSCA {n:03}", serial=n) for n in range(1, SIZE))
    return (*(each.certificate for each in many), taken_back().certificate)


@cache
def crowded(broken: bytes | None) -> bytes:
    """Return a master list of them, with ``broken`` in the place of one."""
    found = list(crowd())
    if broken is not None:
        found[BROKEN] = broken
    return master_list(signer_of_lists(), *found)


def one_broken(broken: bytes) -> StoreImport:
    """Return the import of a master list with one certificate that is none."""
    return importing({"1.ml": crowded(broken)}, {"1.ml": crowded(None)}, holder=former_card())


def cut_short() -> bytes:
    """Return a certificate without its last object."""
    cursor = Cursor(crowd()[BROKEN], where="certificate").read().cursor()
    return w.seq(cursor.read().raw, cursor.read().raw)


def wrong_signature() -> bytes:
    """Return a certificate with one bit of its own signature turned over."""
    return override(crowd()[BROKEN], (2,), flip)


def left_out(rule: str, added: int, judged: Judged = KEPT) -> Imported:
    """Return the expectation that one piece is left out and the rest imported."""
    return Imported(code=None, rules=(rule,), added=added, judged=judged)


NOTHING = "store_nothing_usable"

CASES = (
    *(
        Case(
            id="PKI-10",
            variant=f"import, {name}",
            mutation=f"an anchor with key usage {name} alone",
            weight=3,
            build=lambda usage=usage: second_anchor_with(usage),  # type: ignore[misc]
            expected=refused(NOTHING, "key_usage", KEPT),
        )
        for name, usage in (("cRLSign", (6,)), ("digitalSignature", (0,)))
    ),
    Case(
        id="PKI-10",
        variant="in a master list",
        mutation="a master list with one anchor that lacks keyCertSign",
        weight=3,
        build=lambda: listed_anchor_with((0, 6)),
        expected=left_out("key_usage", 1),
    ),
    *(
        Case(
            id="PKI-25",
            variant=name,
            mutation=f"a genuine list without the signer, {name} than the one that has it",
            weight=5,
            build=lambda made=made: over_a_revocation(made()),  # type: ignore[misc]
            expected=refused("store_rollback", "rollback", STILL_REVOKED),
        )
        for name, made in (
            ("older", lambda: crl(VN, OTHER_SERIAL, number=4, this_update=NOW - 9 * DAY)),
            ("with a lower number", lambda: crl(VN, OTHER_SERIAL, number=4, this_update=NOW)),
            (
                "with a higher number and older",
                lambda: crl(VN, OTHER_SERIAL, number=6, this_update=NOW - 9 * DAY),
            ),
            (
                "without a number and older",
                lambda: crl(VN, OTHER_SERIAL, number=None, this_update=NOW - 9 * DAY),
            ),
        )
    ),
    Case(
        id="PKI-22",
        variant="import",
        mutation="a newer list without the signer, of the issuer's name and another's signature",
        weight=5,
        build=lambda: over_a_revocation(crl(VN, OTHER_SERIAL, number=6, key=rogue().key)),
        expected=refused(NOTHING, "crl_bad_signature", STILL_REVOKED),
    ),
    Case(
        id="PKI-22",
        variant="import, unknown issuer",
        mutation="a list of an issuer that the store does not know",
        weight=5,
        build=lambda: over_a_revocation(crl(rogue(), OTHER_SERIAL)),
        expected=refused(NOTHING, "crl_issuer_unknown", STILL_REVOKED),
    ),
    Case(
        id="PKI-26",
        variant="import, delta",
        mutation="a newer list of changes over the complete one",
        weight=3,
        build=lambda: over_a_revocation(
            crl(
                VN,
                OTHER_SERIAL,
                number=6,
                extra=[c.extension(DELTA_CRL_INDICATOR, w.integer(5), critical=True)],
            )
        ),
        expected=refused(NOTHING, "crl_delta", STILL_REVOKED),
    ),
    Case(
        id="PKI-43",
        variant="older",
        mutation="a genuine master list of last month, with an authority that has been taken out",
        weight=5,
        build=lambda: former_list(NOW - 30 * DAY),
        expected=refused("store_rollback", "rollback", NO_CSCA),
    ),
    Case(
        id="PKI-43",
        variant="undated",
        mutation="a genuine master list without signingTime over one with it: it may be older",
        weight=5,
        build=lambda: former_list(None),
        expected=refused("store_rollback", "rollback", NO_CSCA),
    ),
    Case(
        id="PKI-43",
        variant="of a rogue",
        mutation="a newer master list whose signer nobody trusted has issued",
        weight=5,
        build=lambda: former_list(NOW, list_signer(rogue())),
        expected=Imported(code="store_unanchored", rules=(), added=None, judged=NO_CSCA),
    ),
    Case(
        id="PKI-43",
        variant="of a document signer",
        mutation="a newer master list signed by a document signer of the anchor",
        weight=5,
        build=lambda: former_list(NOW, list_signer(VN, purposes=())),
        expected=refused(NOTHING, "dsc_profile", NO_CSCA),
    ),
    Case(
        id="PKI-43",
        variant="of a signer of deviation lists",
        mutation="a newer master list signed by whoever signs the lists of deviations",
        weight=5,
        build=lambda: former_list(NOW, list_signer(VN, purposes=(DEVIATION_LIST_SIGNING_KEY,))),
        expected=refused(NOTHING, "dsc_profile", NO_CSCA),
    ),
    Case(
        id="PKI-44",
        variant="no certificate",
        mutation="a master list of 500 certificates, of which one is something else",
        weight=2,
        build=lambda: one_broken(w.seq(w.integer(1), w.octets(b"no certificate"))),
        expected=left_out("not_der", SIZE - 1),
    ),
    Case(
        id="PKI-44",
        variant="cut short",
        mutation="a master list of 500 certificates, of which one lacks its signature",
        weight=2,
        build=lambda: one_broken(cut_short()),
        expected=left_out("not_der", SIZE - 1),
    ),
    Case(
        id="PKI-44",
        variant="wrong signature",
        mutation="a master list of 500 certificates, of which one has not signed itself",
        weight=2,
        build=lambda: one_broken(wrong_signature()),
        expected=left_out("self_signature_signature_invalid", SIZE - 1),
    ),
    Case(
        id="PKI-47",
        variant="import",
        mutation="a link certificate that no anchor of the store has signed, beside a stated one",
        weight=5,
        build=lambda: link(trusted=False),
        expected=left_out("fingerprint_not_stated", 1, NO_CSCA),
    ),
)
