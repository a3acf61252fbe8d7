"""The control of every deep test: one shipped card, read once, and how a change of it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import ecid
from ecid import api, emulator
from ecid.emulator import EmulatedCard, IssuedCard
from ecid_crypto.rng import SeededRng
from ecid_readers.transport import Transport

#: A moment at which every emulated certificate and card is valid.
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
POLICIES = ("counter", "passive")


@cache
def control() -> IssuedCard:
    """Return the card that everything here differs from in one place."""
    return emulator.issue("vn-cccd-2021")


@cache
def trust() -> ecid.TrustStore:
    """Return the anchor of the control."""
    return ecid.TrustStore.of(control().csca)


def chip() -> EmulatedCard:
    """Return the chip of the control, just powered on, that always answers the same."""
    return EmulatedCard(control(), rng=SeededRng(b"chip"))


def read(card: Transport) -> ecid.Report:
    """Read ``card`` with the card access number and judge it as a counter does."""
    secret = ecid.AccessSecret.from_can(control().secrets.can)
    return api.read(secret, card=card, trust=trust(), at=NOW, rng=SeededRng(b"terminal"))


@cache
def evidence(policy: str) -> ecid.Evidence:
    """Return the control as a live reading under ``counter``, as stored files otherwise."""
    return read(chip()).evidence if policy == "counter" else ecid.Evidence(files=control().files)


def judge(files: Mapping[str, bytes], policy: str) -> ecid.Report:
    """Judge the control with some of its files replaced."""
    base = evidence(policy)
    changed = replace(base, files={**base.files, **files})
    return api.verify(changed, trust=trust(), policy=policy, at=NOW)


def is_verified(report: ecid.Report) -> bool:
    """Whether the verdict is the very member VERIFIED."""
    return report.verdict is ecid.Verdict.VERIFIED
