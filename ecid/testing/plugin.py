"""Fixtures for other people's tests; nothing is registered until a test suite asks for it.

    pytest_plugins = ["ecid.testing.plugin"]      in conftest.py at the root of the tests

It is no ``pytest11`` entry point: an installed library must not change test suites that do not
know of it. This is the only module here that needs pytest.
"""

from __future__ import annotations

import pytest

from ecid.emulator import EmulatedCard
from ecid.emulator import card as emulated
from ecid.testing.cards import PROFILE, trust_of
from ecid.trust.store import TrustStore


@pytest.fixture
def emulated_card() -> EmulatedCard:
    """Return a Vietnamese identity card of 2021, emulated and just laid on the reader.

    Its printed secrets are in ``emulated_card.issued.secrets``: ``can``, ``mrz``, ``qr``.
    """
    return emulated(PROFILE)


@pytest.fixture
def emulated_trust(emulated_card: EmulatedCard) -> TrustStore:
    """Return the store under which ``emulated_card`` is verified, and no real card ever is."""
    return trust_of(emulated_card.issued)
