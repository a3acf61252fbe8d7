"""Anchors known by fingerprint: what is known of them, and that it is no reason to trust them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class KnownAnchor:
    """One anchor. ``code`` has a name and a remark in the catalogue (``anchor.<code>``)."""

    fingerprint: str
    """SHA-256 in lower-case hex."""
    code: str
    country: str
    documents: str
    """``id_card`` or ``passport``."""
    wanted: bool
    """Whether its absence is worth saying."""
    private_key_until: date | None
    """When its key stopped signing: younger documents have another anchor."""
    published: str
    """Where the authority publishes it."""


@cache
def known_anchors() -> tuple[KnownAnchor, ...]:
    """Return every known anchor."""
    source = resources.files("ecid.trust").joinpath("known_anchors.toml").read_text("utf-8")
    return tuple(
        KnownAnchor(
            fingerprint=each["sha256"],
            code=each["code"],
            country=each["country"],
            documents=each["documents"],
            wanted=each["wanted"],
            private_key_until=_date(each["private_key_until"]),
            published=each["published"],
        )
        for each in tomllib.loads(source)["anchor"]
    )


def known(fingerprint: bytes) -> KnownAnchor | None:
    """Return what is known of the anchor with this SHA-256, or None."""
    return next((a for a in known_anchors() if a.fingerprint == fingerprint.hex()), None)


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
