"""PC/SC through pyscard: the only file that imports it.

The low-level interface is used, because the high-level one keeps a broken context for good. A
connection is exclusive, in one transaction, and starts and ends with a reset: a session that
another program left open must not leak in, and ours must not leak out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final

from ecid_readers.bounded import Bounded
from ecid_readers.errors import (
    CardRemoved,
    LinkFailed,
    NoCard,
    NoReader,
    NoService,
    PcscMissing,
    ReaderBusy,
    ReaderError,
)
from ecid_readers.lease import Lease

APDU_TIMEOUT: Final = 20.0
"""Seconds after which one command counts as lost; chips may ask for extensions of a few."""

_MAX_RESPONSE: Final = 65_538

#: By the name of the constant, so that importing this file needs no pyscard.
_ERRORS: Final[dict[str, type[ReaderError]]] = {
    "SCARD_E_NO_SERVICE": NoService,
    "SCARD_E_SERVICE_STOPPED": NoService,
    "SCARD_E_INVALID_HANDLE": NoService,
    "SCARD_E_SERVER_TOO_BUSY": NoService,
    "SCARD_F_COMM_ERROR": NoService,
    "SCARD_E_NO_READERS_AVAILABLE": NoReader,
    "SCARD_E_UNKNOWN_READER": NoReader,
    "SCARD_E_READER_UNAVAILABLE": NoReader,
    "SCARD_E_NO_SMARTCARD": NoCard,
    "SCARD_E_SHARING_VIOLATION": ReaderBusy,
    "SCARD_W_REMOVED_CARD": CardRemoved,
    "SCARD_W_RESET_CARD": CardRemoved,
    "SCARD_W_UNPOWERED_CARD": CardRemoved,
}


@dataclass(frozen=True, slots=True)
class ReaderState:
    """One reader as the service sees it now."""

    name: str
    present: bool
    """A card lies on it and answers."""
    in_use: bool
    """Another program holds that card exclusively."""
    raw: int
    """The state to hand back when waiting for the next change."""


def installed() -> bool:
    """Tell whether pyscard is installed; asking for a reader without it is ``PcscMissing``."""
    return find_spec("smartcard") is not None


class Service:
    """The PC/SC service, connected to anew whenever the connection broke.

    The service stops when it is restarted, and on Windows when the last reader is unplugged.
    """

    def __init__(self) -> None:
        """Raise ``PcscMissing`` without pyscard; the service is only asked when it is needed."""
        self._scard = _scard()
        self._context: Any = None

    def readers(self) -> tuple[str, ...]:
        """Return the names of all readers, none if there are none. Raises ``NoService``."""
        try:
            return tuple(self._call(self._scard.SCardListReaders, []))
        except NoReader:
            return ()

    def states(
        self, readers: Sequence[str], known: Sequence[ReaderState] = (), wait: float = 0
    ) -> tuple[ReaderState, ...]:
        """Return the state of each of ``readers``, at once or after at most ``wait`` seconds.

        With the states ``known``, the call returns as soon as one of them changes. Raises
        ``NoService``, or ``NoReader`` if one of them is gone.
        """
        s = self._scard
        before = {state.name: state.raw for state in known}
        asked = [(name, before.get(name, s.SCARD_STATE_UNAWARE)) for name in readers]
        try:
            found = self._call(s.SCardGetStatusChange, round(wait * 1000), asked)
        except _TimedOut:
            return tuple(known)
        return tuple(self._state(name, state) for name, state, _ in found)

    def connect(self, reader: str) -> Connection:
        """Return an exclusive connection to the card on ``reader``, just reset.

        Raises ``ReaderBusy``, ``NoCard``, ``NoReader`` or ``NoService``.
        """
        return Connection(self._scard, self._call, reader)

    def close(self) -> None:
        """Let go of the service."""
        if self._context is not None:
            self._scard.SCardReleaseContext(self._context)
            self._context = None

    def _state(self, name: str, state: int) -> ReaderState:
        s = self._scard
        present = bool(state & s.SCARD_STATE_PRESENT) and not state & s.SCARD_STATE_MUTE
        in_use = bool(state & s.SCARD_STATE_EXCLUSIVE)
        return ReaderState(name, present, in_use, state & ~s.SCARD_STATE_CHANGED)

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call ``function`` in a context; once more in a new one if the old one was broken."""
        fresh = self._context is None
        try:
            return _checked(self._scard, function(self._established(), *arguments))
        except NoService:
            self._context = None
            if fresh:
                raise
        return _checked(self._scard, function(self._established(), *arguments))

    def _established(self) -> Any:
        if self._context is None:
            s = self._scard
            self._context = _checked(s, s.SCardEstablishContext(s.SCARD_SCOPE_USER))
        return self._context


class Connection:
    """A transport to the card on one reader, held exclusively until ``close``."""

    def __init__(self, scard: ModuleType, call: Callable[..., Any], reader: str) -> None:
        self.name = reader
        self._scard = scard
        self._lease = Lease(reader)
        self._bounded = Bounded(f"pcsc {reader}")
        try:
            self._open(call, reader)
        except BaseException:
            self._release()
            raise

    def transmit(self, command: bytes, /) -> bytes:
        """Send ``command`` and return the answer.

        Raises ``CardRemoved``, ``TransportTimeout``, ``LinkFailed``, or ``NoReader`` and
        ``NoService`` if these went away. After a time-out the connection is dead.
        """
        s = self._scard
        try:
            answer = self._bounded(
                lambda: _checked(s, s.SCardTransmit(self._card, self._pci, list(command))),
                APDU_TIMEOUT,
            )
        except NoCard as exc:
            raise CardRemoved(self.name) from exc
        except LinkFailed as exc:
            # Drivers say "not transacted" for a card that left, too.
            raise (CardRemoved(self.name) if self._left() else exc) from None
        return bytes(answer)

    def close(self) -> None:
        """Reset the card and let go of it; what is gone already is no error."""
        s = self._scard
        s.SCardEndTransaction(self._card, s.SCARD_RESET_CARD)
        s.SCardDisconnect(self._card, s.SCARD_RESET_CARD)
        self._release()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, call: Callable[..., Any], reader: str) -> None:
        s = self._scard
        protocols = s.SCARD_PROTOCOL_T0 | s.SCARD_PROTOCOL_T1
        self._card, _ = call(s.SCardConnect, reader, s.SCARD_SHARE_EXCLUSIVE, protocols)
        exclusive = s.SCARD_SHARE_EXCLUSIVE
        active = _checked(s, s.SCardReconnect(self._card, exclusive, protocols, s.SCARD_RESET_CARD))
        self._pci = s.SCARD_PCI_T0 if active == s.SCARD_PROTOCOL_T0 else s.SCARD_PCI_T1
        _checked(s, s.SCardBeginTransaction(self._card))

    def _left(self) -> bool:
        try:
            _checked(self._scard, self._scard.SCardStatus(self._card))
        except ReaderError:
            return True
        return False

    def _release(self) -> None:
        self._bounded.close()
        self._lease.release()


class _TimedOut(ReaderError):
    """Nothing changed in the time given."""

    code = "unchanged"


def _scard() -> ModuleType:
    try:
        from smartcard import scard  # noqa: PLC0415 - optional, and asked for only here
    except ImportError as exc:
        raise PcscMissing from exc
    return scard  # type: ignore[no-any-return]


def _checked(scard: ModuleType, result: Any) -> Any:
    """Return what a call brought beside its result code: nothing, one value, or a tuple.

    Raises the ``ReaderError`` that the code means.
    """
    code, values = (result[0], result[1:]) if isinstance(result, list | tuple) else (result, ())
    if code == scard.SCARD_S_SUCCESS:
        return values[0] if len(values) == 1 else tuple(values)
    if code == scard.SCARD_E_TIMEOUT:
        raise _TimedOut
    for name, error in _ERRORS.items():
        if code == getattr(scard, name, None):
            raise error(name)
    raise LinkFailed(f"{code & 0xFFFFFFFF:08X}")
