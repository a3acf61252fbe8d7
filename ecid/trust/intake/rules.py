"""Under which rules an import goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from ecid.trust.tolerance import Tolerances

#: Told about long work: the file, how many certificates are done, and of how many (0: unknown).
OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Under which rules things are admitted.

    ``at`` is now (aware): what was signed later is not kept. ``stated`` are SHA-256 fingerprints
    in hex that the operator vouches for: with any of them, a certificate by hand counts only if it
    is one. ``keeping`` is whether this is for a store that lasts: then test anchors are refused
    unless ``allow_test``, and a revocation list must verify now. Otherwise it is judged when it is
    used, and its fault stands in the report.
    """

    tolerances: Tolerances
    at: datetime
    stated: Collection[str] = ()
    keeping: bool = False
    allow_test: bool = False
