"""One PC/SC stack for each test worker, and what the tests ask of it again and again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecid import emulator
from ecid.emulator import IssuedCard
from pcsc_stack import Stack, UnavailableError


@pytest.fixture(scope="session")
def session_stack() -> Iterator[Stack]:
    """Return the stack of this worker; skips with the reason where none can be had."""
    try:
        stack = Stack()
    except UnavailableError as exc:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no PC/SC stack, and CI may not do without it: {exc}")
        pytest.skip(f"no PC/SC stack: {exc}")
    yield stack
    stack.close()


@pytest.fixture
def stack(session_stack: Stack) -> Iterator[Stack]:
    """Return the stack with no card on the reader and nobody using it."""
    yield session_stack
    session_stack.dismiss()


@pytest.fixture(scope="session")
def issued() -> IssuedCard:
    """Return the card that ``ecid emulate`` lays on the reader."""
    return emulator.issue("vn-cccd-2021")


@pytest.fixture(scope="session")
def csca(issued: IssuedCard, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return its anchor as a file."""
    file = tmp_path_factory.mktemp("trust") / "csca.der"
    file.write_bytes(issued.csca)
    return file
