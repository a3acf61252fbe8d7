"""Vietnam: the chip-based citizen identity card (CCCD) and the identity card of 2024.

Everything here is values and pure functions; nothing below knows that Vietnam exists. What the
card looks like is observed, not specified by its issuer.
"""

from __future__ import annotations

from ecid.inspection.profile import Profile
from ecid.lds import dg13
from ecid.profiles.vietnam.crosscheck import crosscheck
from ecid.profiles.vietnam.holder import VietnameseIdentity, edition, exchange
from ecid.profiles.vietnam.identity import expiry, identity, issue_date
from ecid.profiles.vietnam.match import match_qr

__all__ = ["VIETNAM", "VietnameseIdentity"]

VIETNAM = Profile(
    name="vietnam",
    # DG3 needs rights that no counter has; DG13 is the reason why a clerk reads the card.
    data_groups=frozenset({1, 2, 13}),
    parsers={13: dg13.parse},
    active_authentication=True,
    optional_data_identifies=True,
    expiry=expiry,
    identity=identity,
    crosscheck=crosscheck,
    issue_date=issue_date,
    match_qr=match_qr,
    edition=edition,
    exchange=exchange,
)
