"""Days as the identity has them: ISO 8601 texts, which may be known in part or be words."""

from __future__ import annotations

from datetime import date


def of(text: str | None) -> date | None:
    """Return the day that ``text`` (ISO 8601) is, or None: not known, in part only, or words."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None


def iso(day: date | None) -> str | None:
    """Return ``day`` in ISO 8601, None for None."""
    return None if day is None else day.isoformat()
