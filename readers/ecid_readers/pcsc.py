"""PC/SC through pyscard: the only file that imports it.

The low-level interface is used, because the high-level one keeps a broken context for good. A
connection is exclusive, in one transaction, and starts and ends with a reset: a session that
another program left open must not leak in, and ours must not leak out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
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
    TransportTimeout,
)
from ecid_readers.lease import Lease

APDU_TIMEOUT: Final = 20.0
"""Seconds after which one command counts as lost; chips may ask for extensions of a few."""

SERVICE_TIMEOUT: Final = 5.0
"""Seconds, beside those asked for, after which the service itself counts as hanging."""

#: Some drivers notice only when they look next, twice a second, that a card has left.
_NOTICE: Final = 1.0
_PAUSE: Final = 0.05
#: A reset takes a contactless reader a few hundred milliseconds.
_CLOSING: Final = 2.0

#: By the name of the constant, so that importing this file needs no pyscard.
_ERRORS: Final[dict[str, type[ReaderError]]] = {
    "SCARD_E_NO_SERVICE": NoService,
    "SCARD_E_SERVICE_STOPPED": NoService,
    "SCARD_E_INVALID_HANDLE": NoService,
    "SCARD_E_SERVER_TOO_BUSY": NoService,
    "SCARD_F_COMM_ERROR": NoService,
    "SCARD_W_SECURITY_VIOLATION": NoService,  # pcscd hung up on us: it ends, or may not let us in
    "SCARD_E_NO_READERS_AVAILABLE": NoReader,
    "SCARD_E_UNKNOWN_READER": NoReader,
    "SCARD_E_READER_UNAVAILABLE": NoReader,
    "SCARD_E_NO_SMARTCARD": NoCard,
    "SCARD_W_UNRESPONSIVE_CARD": NoCard,
    "SCARD_E_SHARING_VIOLATION": ReaderBusy,
    "SCARD_W_REMOVED_CARD": CardRemoved,
    "SCARD_W_RESET_CARD": CardRemoved,
    "SCARD_W_UNPOWERED_CARD": CardRemoved,
    "SCARD_E_TIMEOUT": TransportTimeout,
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
        found = self._call(s.SCardGetStatusChange, round(wait * 1000), asked, wait=wait)
        if found is None:
            return tuple(known)
        return tuple(self._state(name, state) for name, state, _ in found)

    def connect(self, reader: str) -> Connection:
        """Return an exclusive connection to the card on ``reader``, just reset.

        Raises ``ReaderBusy``, ``NoCard``, ``CardRemoved``, ``NoReader``, ``NoService``,
        ``LinkFailed`` or ``TransportTimeout``.
        """
        return Connection(self._scard, reader)

    def close(self) -> None:
        """Let go of the service; connections stay open."""
        context, self._context = self._context, None
        if context is not None:
            with suppress(NoService):
                _within(lambda: self._scard.SCardReleaseContext(context), SERVICE_TIMEOUT)

    def _state(self, name: str, state: int) -> ReaderState:
        s = self._scard
        present = bool(state & s.SCARD_STATE_PRESENT) and not state & s.SCARD_STATE_MUTE
        in_use = bool(state & s.SCARD_STATE_EXCLUSIVE)
        return ReaderState(name, present, in_use, state & ~s.SCARD_STATE_CHANGED)

    def _call(self, function: Callable[..., Any], *arguments: Any, wait: float = 0) -> Any:
        """Call ``function`` in a context; once more in a new one if the old one was broken.

        ``wait`` is how many seconds it may take by its arguments; None means that they passed.
        """
        fresh, limit = self._context is None, SERVICE_TIMEOUT + wait
        try:
            return _within(lambda: self._in_context(function, arguments), limit)
        except NoService:
            self._context = None
            if fresh:
                raise
        return _within(lambda: self._in_context(function, arguments), limit)

    def _in_context(self, function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        if self._context is None:
            self._context = _establish(self._scard)
        try:
            return _checked(self._scard, function(self._context, *arguments))
        except TransportTimeout:
            return None


class Connection:
    """A transport to the card on one reader, held exclusively until ``close``.

    It has a context and a thread of its own, and every call goes through that thread: if one of
    them hangs, whoever waits, the service and the end of the process do not.
    """

    def __init__(self, scard: ModuleType, reader: str) -> None:
        self.name = reader
        self._scard = scard
        self._context: Any = None
        self._card: Any = None
        self._lease = Lease(reader)
        self._bounded = Bounded(f"pcsc {reader}")
        try:
            self._bounded(self._open, APDU_TIMEOUT)
        except BaseException:
            self.close()
            raise

    def transmit(self, command: bytes, /) -> bytes:
        """Send ``command`` and return the answer, which is at least a status word.

        Raises ``CardRemoved``, ``TransportTimeout``, ``LinkFailed``, or ``NoReader`` and
        ``NoService`` if these went away. After a time-out the connection is dead.
        """
        return self._bounded(lambda: self._exchange(command), APDU_TIMEOUT)

    def close(self) -> None:
        """Reset the card and let go of it; what is gone already is no error.

        While a command hangs, card and reader stay taken until it comes back.
        """
        self._bounded.close(self._let_go, _CLOSING)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        s = self._scard
        protocols, exclusive = s.SCARD_PROTOCOL_T0 | s.SCARD_PROTOCOL_T1, s.SCARD_SHARE_EXCLUSIVE
        self._context = _establish(s)
        opened = s.SCardConnect(self._context, self.name, exclusive, protocols)
        self._card, _ = _checked(s, opened)
        active = _checked(s, s.SCardReconnect(self._card, exclusive, protocols, s.SCARD_RESET_CARD))
        self._pci = s.SCARD_PCI_T0 if active == s.SCARD_PROTOCOL_T0 else s.SCARD_PCI_T1
        _checked(s, s.SCardBeginTransaction(self._card))

    def _exchange(self, command: bytes) -> bytes:
        s = self._scard
        try:
            answer = bytes(_checked(s, s.SCardTransmit(self._card, self._pci, list(command))))
            if len(answer) < 2:
                raise LinkFailed("no status word")
        except NoCard:
            raise CardRemoved(self.name) from None
        except LinkFailed:
            # What drivers say of a card that left: "not transacted", or success and no byte.
            if self._left():
                raise CardRemoved(self.name) from None
            raise
        return answer

    def _left(self) -> bool:
        """Tell whether the card is gone, as soon as the driver can know."""
        end = time.monotonic() + _NOTICE
        while time.monotonic() < end:
            try:
                _checked(self._scard, self._scard.SCardStatus(self._card))
            except ReaderError:
                return True
            time.sleep(_PAUSE)
        return False

    def _let_go(self) -> None:
        s = self._scard
        try:
            if self._card is not None:
                s.SCardEndTransaction(self._card, s.SCARD_RESET_CARD)
                s.SCardDisconnect(self._card, s.SCARD_RESET_CARD)
            if self._context is not None:
                s.SCardReleaseContext(self._context)
        finally:
            self._lease.release()


def _scard() -> ModuleType:
    try:
        from smartcard import scard  # noqa: PLC0415 - optional, and asked for only here
    except ImportError as exc:
        raise PcscMissing from exc
    return scard  # type: ignore[no-any-return]


def _establish(scard: ModuleType) -> Any:
    return _checked(scard, scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))


def _within(call: Callable[[], Any], seconds: float) -> Any:
    """Return what ``call`` returns; a service that takes longer is as good as none."""
    bounded = Bounded("pcsc service")
    try:
        return bounded(call, seconds)
    except TransportTimeout:
        raise NoService("hangs") from None
    finally:
        bounded.close(lambda: None, 0)


def _checked(scard: ModuleType, result: Any) -> Any:
    """Return what a call brought beside its result code: nothing, one value, or a tuple.

    Raises the ``ReaderError`` that the code means.
    """
    code, values = (result[0], result[1:]) if isinstance(result, list | tuple) else (result, ())
    if code == scard.SCARD_S_SUCCESS:
        return values[0] if len(values) == 1 else tuple(values)
    for name, error in _ERRORS.items():
        if code == getattr(scard, name, None):
            raise error(name)
    raise LinkFailed(f"{code & 0xFFFFFFFF:08X}")
