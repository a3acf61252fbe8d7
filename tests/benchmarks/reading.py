"""What a whole reading costs our side: ``python -m tests.benchmarks.reading [ROUNDS]``.

One reading of ``vn-cccd-2021`` is recorded, PACE with the CAN, 2,048 bytes at a time, and played
back to a terminal that draws the same random numbers. So nothing is measured but the terminal:
reading, Chip and Active Authentication, and the judgement. Of its processor time the calls into
the libraries that work on curves, finite fields and RSA are taken away; the rest is ours.

Nobody can ask ``ecid.read`` for longer reads yet: here they take the place of ``FileReader``.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar
from unittest.mock import patch

import click
from cryptography.hazmat.primitives.asymmetric import ec

import ecid
from ecid import api, emulator
from ecid.emulator import EmulatedCard
from ecid.inspection import reading
from ecid.session.file_reader import FileReader
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto import _ec_backend, dh, iso9796_2, signature
from ecid_crypto.curves import Curve, Point
from ecid_crypto.rng import SeededRng
from ecid_readers.record import Recording
from ecid_readers.replay import Replay
from ecid_readers.transport import Transport

NAME = "vn-cccd-2021"
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LONGEST = 2048
ALLOWED_MS = 25
"""What a reading may cost beyond the libraries' work, by the project's own measure."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


def main(rounds: int) -> int:
    """Record one reading, play it back ``rounds`` times, and print what it costs."""
    with patch.object(reading, "FileReader", _long_reader):
        recorded = Recording(EmulatedCard(emulator.issue(NAME), rng=SeededRng(b"chip")))
        verdict = _read(recorded).verdict
        click.echo(
            f"reading with {LONGEST}-byte reads: {recorded.apdus} exchanges, "
            f"{recorded.bytes_sent} bytes sent, {recorded.bytes_received} received; {verdict.value}"
        )
        runs = [_measured(recorded.exchanges) for _ in range(rounds + 1)][1:]
    click.echo(f"{'milliseconds of processor time':38} {'median':>9} {'min':>9} {'max':>9}")
    _row("terminal: read and judged", [run.total for run in runs])
    _row("of it in EC, DH and RSA calls", [run.libraries for run in runs])
    _row(f"beyond them ({ALLOWED_MS} allowed)", [run.total - run.libraries for run in runs])
    return 0


@dataclass(slots=True)
class _Run:
    """Processor time in milliseconds."""

    total: float = 0
    libraries: float = 0

    def timed(self, work: Callable[_P, _T]) -> Callable[_P, _T]:
        """Return ``work`` with its time added to that of the libraries."""

        def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            started = time.process_time()
            try:
                return work(*args, **kwargs)
            finally:
                self.libraries += (time.process_time() - started) * 1000

        return run


def _measured(exchanges: tuple[tuple[bytes, bytes], ...]) -> _Run:
    """Play the reading back once. ``Replay`` refuses a terminal that says anything else."""
    run, card = _Run(), Replay(exchanges)
    with _watched(run):
        started = time.process_time()
        report = _read(card)
        run.total = (time.process_time() - started) * 1000
    assert report.verdict is ecid.Verdict.VERIFIED
    assert not card.remaining
    return run


@contextmanager
def _watched(run: _Run) -> Iterator[None]:
    """Time every call by which this card's reading enters a library of big numbers."""
    public_key = run.timed(_ec_backend.openssl_public_key)

    def verifier(curve: Curve, point: Point) -> _Verifier:
        return _Verifier(public_key(curve, point), run)

    with ExitStack() as stack:
        for name in ("_derive", "_exchange"):
            work = run.timed(getattr(_ec_backend, name))
            stack.enter_context(patch.object(_ec_backend, name, work))
        stack.enter_context(patch.object(_ec_backend, "openssl_public_key", public_key))
        stack.enter_context(patch.object(signature, "openssl_public_key", verifier))
        for module in (iso9796_2, dh):
            stack.enter_context(patch.object(module, "pow", run.timed(_power), create=True))
        yield


@dataclass(slots=True)
class _Verifier:
    """A public key of `cryptography`, of which ``signature`` asks nothing but to verify."""

    key: ec.EllipticCurvePublicKey
    run: _Run

    def verify(self, signed: bytes, data: bytes, algorithm: ec.ECDSA) -> None:
        """Verify, timed."""
        self.run.timed(self.key.verify)(signed, data, algorithm)


def _power(base: int, exponent: int, modulus: int) -> int:
    return pow(base, exponent, modulus)


def _long_reader(session: SecureMessaging, _short: int) -> FileReader:
    return FileReader(session, LONGEST)


def _read(card: Transport) -> ecid.Report:
    issued = emulator.issue(NAME)
    return api.read(
        ecid.AccessSecret.from_can(issued.secrets.can),
        card=card,
        trust=ecid.TrustStore.of(issued.csca),
        at=NOW,
        rng=SeededRng(b"terminal"),
    )


def _row(name: str, times: list[float]) -> None:
    figures = f"{statistics.median(times):9.3f} {min(times):9.3f} {max(times):9.3f}"
    click.echo(f"{name:38} {figures}")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
