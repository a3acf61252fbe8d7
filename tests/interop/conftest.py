"""What is met is installed, or the test is skipped with the name of the package."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ecid import emulator
from ecid.emulator import IssuedCard
from libeac_library import UnavailableError, library, seeded
from pcsc_stack import Stack
from pcsc_stack import UnavailableError as NoStackError


def unavailable(reason: str) -> None:
    """Skip with ``reason``; CI may not do without what the tests meet."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI may not do without it")
    pytest.skip(reason)


@pytest.fixture
def eac(request: pytest.FixtureRequest) -> Iterator[None]:
    """Make libeac available, with randomness that depends on the name of the test alone."""
    try:
        library()
    except UnavailableError as exc:
        unavailable(str(exc))
    with seeded(request.node.name.encode()):
        yield


@pytest.fixture(scope="session")
def issued() -> IssuedCard:
    """Return the card that most of the tests have in the reader."""
    return emulator.issue("vn-cccd-2021")


@pytest.fixture(scope="session")
def session_stack() -> Iterator[Stack]:
    """Return the PC/SC stack of this worker."""
    try:
        stack = Stack()
    except NoStackError as exc:
        unavailable(f"no PC/SC stack: {exc}")
    yield stack
    stack.close()


@pytest.fixture
def stack(session_stack: Stack) -> Iterator[Stack]:
    """Return the stack with no card on the reader and nobody using it."""
    yield session_stack
    session_stack.dismiss()
