"""What a store is good for today (``ecid trust check``)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.pki import make_csca
from ecid.trust import checkup
from ecid.trust.checkup import SOON, CheckUp, check_up
from ecid.trust.entries import Entry
from ecid.trust.known import KnownAnchor
from ecid.trust.store import TrustStore
from ecid.trust.store_folder import Change
from ecid_crypto.hashes import Hash
from forged_sod import ec_key
from trust_kit import NEXT_UPDATE, NOW, ROOT, THIS_UPDATE, crl, master_list, take_in

SECOND = timedelta(seconds=1)


def ending(
    country: str, end: datetime, start: datetime = datetime(2015, 1, 1, tzinfo=UTC)
) -> bytes:
    """Return an anchor of ``country`` that is valid until ``end``."""
    name = c.name(country, "ecid emulator", f"CSCA {end:%Y%m%d%H%M%S}")
    return make_csca(
        ec_key("ending"), subject=name, validity=(start, end), marked=False
    ).certificate


def answer(*files: bytes, at: datetime = NOW) -> CheckUp:
    """Return what is to be said of a store of ``files``."""
    store = take_in(*files).store
    assert store.skipped == ()
    return check_up(store, (), at)


@pytest.fixture(autouse=True)
def wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the only known anchor be that of Utopia, which is wanted."""
    fingerprint = Hash.SHA256.digest(ROOT.certificate).hex()
    table = (KnownAnchor(fingerprint, "vn_id_card_001", "UT", "id_card", True, None, ""),)
    monkeypatch.setattr(checkup, "known_anchors", lambda: table)


def test_in_order() -> None:
    """An anchor in date, the wanted one there, nothing that ends soon."""
    found = answer(ROOT.certificate)
    assert found.ok
    assert [(each.code, each.anchors) for each in found.countries] == [("UT", 1)]
    assert (found.expired, found.expiring, found.missing) == (0, (), ())
    assert [each.present for each in found.known] == [True]


def test_empty() -> None:
    """With nothing in it a store is never in order."""
    found = check_up(TrustStore(), (), NOW)
    assert not found.ok
    assert [each.code for each in found.missing] == ["vn_id_card_001"]


def test_missing() -> None:
    """A wanted anchor that is not there is missed, whatever else is."""
    found = answer(ending("AT", NOW + timedelta(days=1000)))
    assert not found.ok
    assert len(found.missing) == 1


def test_ninety_days() -> None:
    """An anchor that ends within 90 days is spoken of, one that ends later is not."""
    late = answer(ROOT.certificate, ending("AT", NOW + SOON + SECOND))
    soon = answer(ROOT.certificate, ending("AT", NOW + SOON))
    assert timedelta(days=90) == SOON
    assert (late.ok, late.expiring) == (True, ())
    assert not soon.ok
    assert [entry.country for entry in soon.expiring] == ["AT"]


def test_expired() -> None:
    """One that has ended is counted; it vouches for no country and is no reason to worry."""
    last = ending("AT", NOW)
    assert [each.code for each in answer(ROOT.certificate, last).countries] == ["AT", "UT"]
    found = answer(ROOT.certificate, last, at=NOW + SECOND)
    assert (found.ok, found.expired) == (True, 1)
    assert [each.code for each in found.countries] == ["UT"]


def test_not_begun() -> None:
    """One of the future vouches for nobody yet and has not expired."""
    future = ending("AT", NOW + timedelta(days=900), NOW + SECOND)
    found = answer(ROOT.certificate, future)
    assert [each.code for each in found.countries] == ["UT"]
    assert found.expired == 0


def test_last_of_a_country() -> None:
    """A country has as many anchors as are in date, and until the last of them ends."""
    ends = [NOW + timedelta(days=days) for days in (200, 400, 300)]
    found = answer(*(ending("AT", end) for end in ends))
    [country] = found.countries
    assert (country.code, country.anchors, country.until) == ("AT", 3, max(ends))


@pytest.mark.parametrize(
    ("at", "fresh"),
    [
        (THIS_UPDATE - SECOND, False),
        (THIS_UPDATE, True),
        (NEXT_UPDATE, True),
        (NEXT_UPDATE + SECOND, False),
    ],
)
def test_revocation_lists(at: datetime, fresh: bool) -> None:
    """Each with whether it is fresh; other lists are not among them."""
    found = answer(ROOT.certificate, crl(5), master_list(), at=at)
    assert [each for _, each in found.revocation_lists] == [fresh]


def test_revocation_list_without_an_end() -> None:
    """A list that does not say when it ends is never fresh."""
    assert [f for _, f in answer(ROOT.certificate, crl(next_update=None)).revocation_lists] == [
        False
    ]


def test_last_change() -> None:
    """The last import, if there was one."""
    changes = (Change(NOW, ("a",), ()), Change(NOW + SECOND, (), ("a",)))
    assert check_up(TrustStore(), changes, NOW).last_change == changes[1]
    assert check_up(TrustStore(), (), NOW).last_change is None


def test_country_unknown() -> None:
    """An anchor that names no country stands under a question mark."""
    nowhere = make_csca(
        ec_key("nowhere"), subject=c.name("", "ecid emulator", "CSCA"), marked=False
    )
    store = TrustStore.of(nowhere.certificate)
    assert isinstance(store.entries[0], Entry)
    assert [each.code for each in check_up(store, (), NOW).countries] == ["?"]
