"""Whether this computer's clock can be right: it cannot be earlier than the program it runs."""

from __future__ import annotations

from datetime import UTC, datetime

RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
"""When this version was made ready. A clock before it would turn expired into valid."""


def can_be_right(now: datetime) -> bool:
    """Tell whether ``now`` (aware), as a clock shows it, is after this program was made."""
    return now >= RELEASED
