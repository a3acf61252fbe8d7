"""Group PKI: revocation lists (Doc 9303-12 §7.1.4, RFC 5280 §5), given as files beside the anchor.

The control is a card judged with a fresh list of its issuer, on which ``sod.revocation`` is
successful. Under the policies used here that check is optional (design, section 3): an open
question leaves the verdict alone, so the check itself is what must not be green.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache

from ecid.emulator import certificates as c
from ecid.emulator.pki import Authority
from ecid.encoding import der_write as w
from ecid.outcome import Reason
from ecid.testing import (
    NOW,
    Judged,
    crl,
    csca,
    ec_key,
    fails,
    flip,
    override,
    revoked_entry,
    stays_open_beside,
    stays_verified,
)
from ecid.trust.crl import DELTA_CRL_INDICATOR, ISSUING_DISTRIBUTION_POINT
from entries import Row, Setup
from issuers import AKI, SIGNER_SERIAL, VN, good_card, key_identifier_of, rogue

DAY = timedelta(days=1)
OTHER_SERIAL = SIGNER_SERIAL ^ 1
CERTIFICATE_ISSUER, INVENTED = "2.5.29.29", "2.25.1"
LAST_SERIAL = (0, 5, 0, 0)
"""Where the serial number of the first entry stands in a list."""

Files = Mapping[str, bytes]


def judged_with(files: Callable[[], Files], good: Callable[[], Files] | None = None) -> Setup:
    """Return the good card judged with the anchor and ``files``, and with a good list instead."""
    anchor = {"csca.cer": VN.certificate}
    control = {"1.crl": good_list()} if good is None else good()
    return Setup(holder=good_card(), trust={**anchor, **files()}, good_trust={**anchor, **control})


@cache
def good_list(*revoked: int) -> bytes:
    """Return a fresh list of the issuer; it takes back another signer than ours unless given."""
    return crl(VN, *(revoked or (OTHER_SERIAL,)), number=2)


@cache
def successor() -> Authority:
    """Return the same authority after a change of keys: one name, another key (§7.1.4)."""
    return csca("VN", ec_key("successor"), subject=VN.plan.subject, serial=0x50C)


def with_successor(*revoked: int) -> Setup:
    """Return the setup in which the successor's key signs the lists."""
    anchor = {"2.cer": successor().certificate}
    return judged_with(
        lambda: {**anchor, "1.crl": crl(successor(), *revoked)},
        lambda: {**anchor, "1.crl": crl(successor(), OTHER_SERIAL)},
    )


def of_another_issuer() -> Files:
    """Return the good list, and one of another issuer with the same serial number on it."""
    other = csca("LA", name="CSCA EMULATED Laos")
    return {"1.crl": good_list(), "2.crl": crl(other, SIGNER_SERIAL), "la.cer": other.certificate}


def replaced_serial(serial: int, by: int) -> bytes:
    """Return a genuine list with ``serial`` on it, and ``by`` put in its place afterwards."""
    return override(good_list(serial), LAST_SERIAL, w.integer(by))


def rogue_list(**changes: object) -> bytes:
    """Return a newer list of the issuer's name that takes nothing back, signed by somebody else."""
    return crl(VN, OTHER_SERIAL, key=rogue().key, number=99, **changes)  # type: ignore[arg-type]


def listed(*entries: int | bytes, extra: tuple[bytes, ...] = ()) -> Callable[[], Files]:
    """Return the maker of one list of the issuer."""
    return lambda: {"1.crl": crl(VN, *entries, number=2, extra=extra)}


def unknown_extension(critical: bool) -> bytes:
    """Return an extension that nobody knows."""
    return c.extension(INVENTED, w.null(), critical=critical)


def delta() -> bytes:
    """Return the extension that makes a list one of changes since another."""
    return c.extension(DELTA_CRL_INDICATOR, w.integer(1), critical=True)


def partitioned() -> bytes:
    """Return the extension that makes a list one of some certificates only."""
    only_users = w.implicit(1, w.boolean(True))
    return c.extension(ISSUING_DISTRIBUTION_POINT, w.seq(only_users), critical=True)


def indirect(serial: int) -> bytes:
    """Return an entry about another issuer's certificate (RFC 5280 §5.3.3)."""
    name = w.seq(w.explicit(4, rogue().plan.subject))
    return revoked_entry(serial, c.extension(CERTIFICATE_ISSUER, name, critical=True))


def open_because(reason: Reason, detail: str = "") -> Judged:
    """Return the expectation that the revocation stays open."""
    return stays_open_beside("sod.revocation", reason, detail)


REVOKED = fails("sod.revocation", Reason.REVOKED, "signer")
ANCHOR_REVOKED = fails("sod.revocation", Reason.REVOKED, "anchor")
NOT_REVOKED = stays_verified("sod.revocation")
BADLY_SIGNED = open_because(Reason.CRL_BAD_SIGNATURE)

ROWS = (
    Row(
        id="PKI-19",
        mutation="the list has the serial number of the signer",
        weight=5,
        make=lambda: judged_with(listed(SIGNER_SERIAL)),
        expected=REVOKED,
    ),
    Row(
        id="PKI-19",
        variant="among others",
        mutation="the list has the serial number of the signer between ten thousand others",
        weight=5,
        make=lambda: judged_with(listed(*range(SIGNER_SERIAL - 5_000, SIGNER_SERIAL + 5_000))),
        expected=REVOKED,
    ),
    Row(
        id="PKI-19",
        variant="successor",
        mutation="the list of the issuer's next key has the serial number of the signer",
        weight=5,
        make=lambda: with_successor(SIGNER_SERIAL),
        expected=REVOKED,
    ),
    Row(
        id="PKI-20",
        mutation="a list of another issuer, trusted too, has the same serial number",
        weight=3,
        make=lambda: judged_with(of_another_issuer),
        expected=NOT_REVOKED,
    ),
    Row(
        id="PKI-22",
        variant="genuine identifiers",
        mutation="the only list has name and key identifier of the issuer and another's signature",
        weight=5,
        make=lambda: judged_with(lambda: {"1.crl": rogue_list()}),
        expected=BADLY_SIGNED,
    ),
    Row(
        id="PKI-22",
        variant="own identifier",
        mutation="the only list has the name of the issuer, and names the key that signed it",
        weight=5,
        make=lambda: judged_with(
            lambda: {"1.crl": rogue_list(without=[AKI], extra=[key_identifier_of(rogue())])}
        ),
        expected=open_because(Reason.NO_CRL),
    ),
    Row(
        id="PKI-22",
        variant="no identifier",
        mutation="the only list has the name of the issuer and names no key",
        weight=5,
        make=lambda: judged_with(lambda: {"1.crl": rogue_list(without=[AKI])}),
        expected=BADLY_SIGNED,
    ),
    Row(
        id="PKI-22",
        variant="after the good one",
        mutation="a forged newer list lies beside the good one, which goes on counting",
        weight=5,
        make=lambda: judged_with(lambda: {"1.crl": good_list(), "2.crl": rogue_list()}),
        expected=NOT_REVOKED,
    ),
    Row(
        id="PKI-22",
        variant="before the good one",
        mutation="the same, and the forged one is met first: the good one is no older version",
        weight=5,
        make=lambda: judged_with(lambda: {"0.crl": rogue_list(), "1.crl": good_list()}),
        expected=NOT_REVOKED,
    ),
    Row(
        id="PKI-22",
        variant="hides a revocation, after",
        mutation="the good list has the signer; a forged newer one without it lies beside",
        weight=5,
        make=lambda: judged_with(
            lambda: {"1.crl": good_list(SIGNER_SERIAL), "2.crl": rogue_list()}
        ),
        expected=REVOKED,
    ),
    Row(
        id="PKI-22",
        variant="hides a revocation, before",
        mutation="the same, and the forged one is met first",
        weight=5,
        make=lambda: judged_with(
            lambda: {"0.crl": rogue_list(), "1.crl": good_list(SIGNER_SERIAL)}
        ),
        expected=REVOKED,
    ),
    Row(
        id="PKI-23",
        mutation="nextUpdate was 91 days ago",
        weight=5,
        make=lambda: judged_with(
            lambda: {
                "1.crl": crl(
                    VN, OTHER_SERIAL, this_update=NOW - 181 * DAY, next_update=NOW - 91 * DAY
                )
            }
        ),
        expected=open_because(Reason.CRL_STALE),
    ),
    Row(
        id="PKI-23",
        variant="for ever",
        mutation="no nextUpdate, which Doc 9303-12 §7.1.4 makes mandatory",
        weight=5,
        make=lambda: judged_with(lambda: {"1.crl": crl(VN, OTHER_SERIAL, next_update=None)}),
        expected=open_because(Reason.CRL_STALE),
    ),
    Row(
        id="PKI-23",
        variant="from tomorrow",
        mutation="thisUpdate is tomorrow",
        weight=5,
        make=lambda: judged_with(lambda: {"1.crl": crl(VN, OTHER_SERIAL, this_update=NOW + DAY)}),
        expected=open_because(Reason.CRL_NOT_YET_VALID),
    ),
    Row(
        id="PKI-26",
        variant="unknown",
        mutation="a critical extension that nobody knows",
        weight=3,
        make=lambda: judged_with(listed(OTHER_SERIAL, extra=(unknown_extension(True),))),
        expected=open_because(Reason.CRL_UNSUPPORTED, "unknown_critical_extension"),
    ),
    Row(
        id="PKI-26",
        variant="delta",
        mutation="the list is one of changes since another",
        weight=3,
        make=lambda: judged_with(listed(OTHER_SERIAL, extra=(delta(),))),
        expected=open_because(Reason.CRL_UNSUPPORTED, "delta"),
    ),
    Row(
        id="PKI-26",
        variant="partitioned",
        mutation="the list is one of some certificates only",
        weight=3,
        make=lambda: judged_with(listed(OTHER_SERIAL, extra=(partitioned(),))),
        expected=open_because(Reason.CRL_UNSUPPORTED, "partitioned"),
    ),
    Row(
        id="PKI-26",
        variant="indirect",
        mutation="an entry with our serial number is about another issuer's certificate",
        weight=3,
        make=lambda: judged_with(listed(indirect(SIGNER_SERIAL))),
        expected=open_because(Reason.CRL_UNSUPPORTED, "indirect"),
    ),
    Row(
        id="PKI-26",
        variant="delta beside a complete one",
        mutation="a newer list of changes lies beside the complete one that has the signer",
        weight=3,
        make=lambda: judged_with(
            lambda: {
                "1.crl": good_list(SIGNER_SERIAL),
                "2.crl": crl(VN, OTHER_SERIAL, number=3, extra=[delta()]),
            }
        ),
        expected=REVOKED,
    ),
    Row(
        id="PKI-28",
        variant="hides",
        mutation="one bit turned over in the serial number of the signer, which the issuer listed",
        weight=5,
        make=lambda: judged_with(lambda: {"1.crl": replaced_serial(SIGNER_SERIAL, OTHER_SERIAL)}),
        expected=BADLY_SIGNED,
    ),
    Row(
        id="PKI-28",
        variant="accuses",
        mutation="one bit turned over in another serial number, which makes it the signer's",
        weight=5,
        make=lambda: judged_with(lambda: {"1.crl": replaced_serial(OTHER_SERIAL, SIGNER_SERIAL)}),
        expected=BADLY_SIGNED,
    ),
    Row(
        id="PKI-28",
        variant="signature",
        mutation="one bit of the signature turned over",
        weight=5,
        make=lambda: judged_with(lambda: {"1.crl": override(good_list(), (2,), flip)}),
        expected=BADLY_SIGNED,
    ),
    Row(
        id="PKI-29",
        variant="own list",
        mutation="the list has the serial number of the anchor, by its own word",
        weight=5,
        make=lambda: judged_with(listed(VN.plan.serial)),
        expected=ANCHOR_REVOKED,
    ),
    Row(
        id="PKI-29",
        variant="successor",
        mutation="the list of the issuer's next key has the serial number of the anchor",
        weight=5,
        make=lambda: with_successor(VN.plan.serial),
        expected=ANCHOR_REVOKED,
    ),
)

CASES = tuple(case for row in ROWS for case in row.cases())
