"""National rules as values: which profile suits an issuer, by its code in DG1."""

from __future__ import annotations

from typing import Final

from ecid.errors import Misuse
from ecid.inspection.profile import Profile
from ecid.profiles.icao import ICAO
from ecid.profiles.vietnam import VIETNAM

PROFILES: Final = {profile.name: profile for profile in (ICAO, VIETNAM)}
_BY_STATE: Final = {"VNM": VIETNAM}


def by_name(name: str) -> Profile:
    """Return the profile ``name``. Raises ``Misuse`` if there is none."""
    if name not in PROFILES:
        raise Misuse("unknown_profile", name=name, known=", ".join(sorted(PROFILES)))
    return PROFILES[name]


def for_state(issuing_state: str | None) -> Profile:
    """Return the profile for the ``issuing_state`` of an MRZ; the standard's if none is known."""
    return _BY_STATE.get(issuing_state or "", ICAO)
