"""Finding a card: readers, the slots their names speak of, waiting for a card to come or go."""

from __future__ import annotations

import re
import time
from enum import IntEnum

from ecid_readers.errors import CardRemoved, NoCard, NoReader, ReaderBusy
from ecid_readers.pcsc import Connection, ReaderState, Service

#: A new reader announces itself to nobody on some systems, so waiting is done in slices.
_SLICE = 0.5
#: Other software (a certificate service, say) may look at a new card for a moment.
_BUSY_PATIENCE = 1.0
_BUSY_PAUSE = 0.1


class Slot(IntEnum):
    """What kind of slot a reader's name speaks of, the best for identity cards first."""

    CONTACTLESS = 0
    UNKNOWN = 1
    CONTACT = 2
    SAM = 3


_ANY_CASE = re.IGNORECASE
_NAMES = (
    (Slot.SAM, re.compile(r"\bSAM\d*\b", _ANY_CASE)),
    # CL may follow a number ("5422CL"), never a letter.
    (Slot.CONTACTLESS, re.compile(r"PICC|CONTACTLESS|(?<![A-Z])CL\b|\b(?:NFC|RFID)\b", _ANY_CASE)),
    (Slot.CONTACT, re.compile(r"\b(?:ICC|CONTACT)\b", _ANY_CASE)),
)


def slot_of(reader: str) -> Slot:
    """Return the kind of slot that the name of ``reader`` speaks of."""
    return next((slot for slot, pattern in _NAMES if pattern.search(reader)), Slot.UNKNOWN)


def candidates(readers: tuple[str, ...], part: str | None) -> tuple[str, ...]:
    """Return the ``readers`` whose name holds ``part`` (any case), the likeliest first.

    Slots for security modules are left out unless ``part`` names them.
    """
    wanted = (part or "").casefold()
    named = [name for name in readers if wanted in name.casefold()]
    useful = [name for name in named if part or slot_of(name) is not Slot.SAM]
    return tuple(sorted(useful, key=slot_of))


def open_card(service: Service, part: str | None, timeout: float) -> Connection:
    """Return a connection to the first card on a reader whose name holds ``part``.

    Waits up to ``timeout`` seconds for a card. Raises ``NoReader`` at once if there is no such
    reader, ``NoCard`` in the end, ``ReaderBusy`` if another program keeps the only card.
    """
    end = time.monotonic() + timeout
    busy_until = min(end, time.monotonic() + _BUSY_PATIENCE)
    while True:
        names = candidates(service.readers(), part)
        if not names:
            raise NoReader(part or "")
        states = service.states(names)
        connection, busy = _connect(service, states)
        if connection is not None:
            return connection
        now = time.monotonic()
        if busy and now >= busy_until:
            raise ReaderBusy
        if now >= end:
            raise NoCard
        if busy:
            time.sleep(_BUSY_PAUSE)
        else:
            service.states(names, states, wait=min(_SLICE, end - now))


def wait_for_removal(service: Service, reader: str, timeout: float) -> bool:
    """Tell whether the card leaves ``reader`` within ``timeout`` seconds; a reader gone counts."""
    end = time.monotonic() + timeout
    try:
        states = service.states([reader])
        while states and states[0].present:
            left = end - time.monotonic()
            if left <= 0:
                return False
            states = service.states([reader], states, wait=min(_SLICE, left))
    except NoReader:
        return True
    return True


def _connect(service: Service, states: tuple[ReaderState, ...]) -> tuple[Connection | None, bool]:
    """Return a connection to the first card that can be had, and whether one is held elsewhere."""
    busy = False
    for state in states:
        if not state.present:
            continue
        try:
            return service.connect(state.name), False
        except ReaderBusy:
            busy = True
        except (NoCard, CardRemoved):
            continue  # taken away between looking and connecting
    return None, busy
