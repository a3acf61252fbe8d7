"""Does what a test asks for, one line a time, in one process that outlives cards and pcscd.

A line is ``[operation, arguments]`` in JSON; the answer is one line of JSON, for an exception
its class and code. ``other_*`` are another program's calls: pyscard with nothing of ours.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from smartcard import scard  # noqa: TID251 - plays another program, too

import ecid
from ecid import emulator
from ecid_readers import discovery, pcsc
from ecid_readers.errors import ReaderError

NAME = "vn-cccd-2021"


class Agent:
    """The state between two lines: a service, at most one connection, and the other program."""

    def __init__(self) -> None:
        self.service = pcsc.Service()
        self.connection: pcsc.Connection | None = None
        self.other_context: Any = None
        self.other_card: Any = None
        self.issued = emulator.issue(NAME)

    def limit(self, **seconds: float) -> None:
        """Lower the patience of the module ``pcsc``, each kind by its name."""
        assert vars(pcsc).keys() >= seconds.keys()
        vars(pcsc).update(seconds)

    def readers(self) -> list[str]:
        """Name the readers."""
        return list(self.service.readers())

    def open(self, timeout: float = 10, reader: str | None = None) -> str:
        """Open the first card with our service; name the reader."""
        self.connection = discovery.open_card(self.service, reader, timeout)
        return self.connection.name

    def open_in_thread(self) -> Any:
        """Try to open the same reader in a second thread."""
        found: list[Any] = []

        def run() -> None:
            try:
                with discovery.open_card(pcsc.Service(), None, 3) as connection:
                    found.append(connection.name)
            except ReaderError as exc:
                found.append(_error(exc))

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return found[0]

    def transmit(self, command: str) -> str:
        """Send one command over the open connection."""
        assert self.connection is not None
        return self.connection.transmit(bytes.fromhex(command)).hex()

    def ticks_while_sending(self, command: str) -> int:
        """Count how often this thread comes by while another sends one command."""
        assert self.connection is not None
        sender = threading.Thread(target=self._send_quietly, args=[bytes.fromhex(command)])
        sender.start()
        ticks = 0
        while sender.is_alive():
            time.sleep(0.01)
            ticks += 1
        return ticks

    def close(self) -> None:
        """Close the connection."""
        assert self.connection is not None
        self.connection.close()

    def read(self, timeout: float = 10) -> dict[str, Any]:
        """Open a card with our one service, read and verify it, let go of it."""
        with discovery.open_card(self.service, None, timeout) as connection:
            return self._read(card=connection, timeout=timeout)

    def read_api(self, timeout: float = 10) -> dict[str, Any]:
        """Read and verify a card with ``ecid.read`` alone."""
        return self._read(timeout=timeout)

    def wait_for_removal(self, timeout: float) -> bool:
        """Tell whether the card leaves in time."""
        [reader, *_] = self.service.readers()
        return discovery.wait_for_removal(self.service, reader, timeout)

    def wait_for_card(self, timeout: float = 10) -> bool:
        """Tell whether a card comes in time."""
        return self._await(self._present, timeout)

    def wait_for_reader(self, timeout: float = 10) -> bool:
        """Tell whether the service has a reader in time."""
        return self._await(lambda: bool(self.service.readers()), timeout)

    def wait_until_empty(self, timeout: float = 10) -> bool:
        """Tell whether pcscd itself finds every reader empty in time; one that is gone counts."""
        return self._await(_all_empty, timeout)

    def other_connect(self, exclusive: bool) -> str:
        """Connect as another program; return the answer to reset."""
        mode = scard.SCARD_SHARE_EXCLUSIVE if exclusive else scard.SCARD_SHARE_SHARED
        code, self.other_context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        assert code == scard.SCARD_S_SUCCESS
        _, names = scard.SCardListReaders(self.other_context, [])
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, self.other_card, _ = scard.SCardConnect(self.other_context, names[0], mode, protocols)
        assert code == scard.SCARD_S_SUCCESS, scard.SCardGetErrorMessage(code)
        _, _, _, _, atr = scard.SCardStatus(self.other_card)
        return bytes(atr).hex()

    def other_transmit(self, command: str) -> str:
        """Send one command as the other program."""
        data = list(bytes.fromhex(command))
        code, answer = scard.SCardTransmit(self.other_card, scard.SCARD_PCI_T1, data)
        assert code == scard.SCARD_S_SUCCESS
        return bytes(answer).hex()

    def other_leave(self) -> None:
        """Let go as the other program and leave the card powered, in whatever state it is."""
        assert scard.SCardDisconnect(self.other_card, scard.SCARD_LEAVE_CARD) == 0
        assert scard.SCardReleaseContext(self.other_context) == 0

    def _send_quietly(self, command: bytes) -> None:
        assert self.connection is not None
        with contextlib.suppress(ReaderError):
            self.connection.transmit(command)

    def _present(self) -> bool:
        names = self.service.readers()
        return bool(names) and any(state.present for state in self.service.states(names))

    def _await(self, condition: Callable[[], bool], timeout: float) -> bool:
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def _read(self, **options: Any) -> dict[str, Any]:
        secret = ecid.AccessSecret.from_can(self.issued.secrets.can)
        report = ecid.read(secret, trust=ecid.TrustStore.of(self.issued.csca), **options)
        return {"exit": report.exit_code, "verdict": report.verdict.value}


def _all_empty() -> bool:
    """Whether no reader has a card, not even one that does not answer (``SCARD_STATE_MUTE``)."""
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if code != scard.SCARD_S_SUCCESS:
        return True
    _, names = scard.SCardListReaders(context, [])
    unknown = [(name, scard.SCARD_STATE_UNAWARE) for name in names]
    _, states = scard.SCardGetStatusChange(context, 0, unknown)
    scard.SCardReleaseContext(context)
    return all(event & scard.SCARD_STATE_EMPTY for _, event, _ in states)


def main() -> None:
    """Answer line by line until the input ends."""
    agent = Agent()
    for line in sys.stdin:
        operation, arguments = json.loads(line)
        try:
            answer = getattr(agent, operation)(**arguments)
        except (ReaderError, ecid.EcidError) as exc:
            answer = _error(exc)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _error(exc: Exception) -> dict[str, Any]:
    exit_code = getattr(exc, "exit_code", None)
    sys.stderr.write(f"{exc!r}\n")
    return {"error": type(exc).__name__, "code": getattr(exc, "code", ""), "exit": exit_code}


if __name__ == "__main__":
    main()
