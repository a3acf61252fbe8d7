"""What things cost on this machine, in one run: ``python -m tests.benchmarks.run [ROUNDS]``.

Times are for comparing within one run, so each stands beside the raw signature verification that
nothing can be faster than. Nothing here is asserted; how many exchanges a reading takes is, in the
ordinary tests.
"""

from __future__ import annotations

import itertools
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import click
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

import ecid
from ecid import emulator
from ecid.emulator.definitions import definition
from ecid.emulator.issuing import issue
from ecid.inspection import evidence_file
from ecid.protocols.passive_authentication import authenticate
from tests.benchmarks import reading, trust_store

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
NAME = "vn-cccd-2021"


def main(rounds: int) -> int:
    """Measure and print everything."""
    click.echo(f"{platform.python_implementation()} {platform.python_version()}, {rounds} rounds")
    click.echo(f"{'milliseconds':38} {'median':>9} {'min':>9} {'max':>9}   of one ECDSA")
    raw = measure(_ecdsa(), rounds * 20)
    unit = statistics.median(raw)
    _row("ECDSA brainpoolP384r1, raw verify", raw, unit)
    _row("import ecid (new process, net)", _import_time(max(3, rounds // 4)), unit)
    _row("issue a card", measure(_issue, max(3, rounds // 4)), unit)
    report = _read()
    _row("read a card: PACE, CA, AA, judged", measure(_read, rounds), unit)
    stored = ecid.Evidence(files=emulator.issue(NAME).files)
    live = report.evidence
    _row("verify() of stored files", measure(lambda: _verify(stored), rounds * 5), unit)
    _row("verify() of a live reading", measure(lambda: _verify(live), rounds * 5), unit)
    data = evidence_file.dump(live)
    _row("open an evidence file", measure(lambda: evidence_file.parse(data, ""), rounds * 5), unit)
    sod, trust = emulator.issue(NAME).files["SOD"], _trust()
    _row("SOD: structure, signature, chain", measure(lambda: authenticate(sod, trust), 100), unit)
    _say_sizes(report)
    reading.main(rounds)
    trust_store.main(max(3, rounds // 4))
    return 0


def measure(work: Callable[[], object], rounds: int) -> list[float]:
    """Return how long each of ``rounds`` runs took, in milliseconds; one more is not counted."""
    work()
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1000)
    return found


def _row(name: str, times: list[float], unit: float) -> None:
    median = statistics.median(times)
    rate = f"{1000 / median:10.1f}/s"
    figures = f"{median:9.3f} {min(times):9.3f} {max(times):9.3f}"
    click.echo(f"{name:38} {figures} {median / unit:9.1f} x {rate}")


def _say_sizes(report: ecid.Report) -> None:
    timing = report.evidence.timing
    assert timing is not None
    size = sum(map(len, report.evidence.files.values()))
    click.echo(
        f"one reading: {timing.apdus} exchanges, {timing.bytes_sent} bytes sent, "
        f"{timing.bytes_received} received, for {size} bytes of files; {report.verdict.value}"
    )


def _ecdsa() -> Callable[[], object]:
    """Return one verification of the kind that the signature of a SOD needs."""
    key = ec.generate_private_key(ec.BrainpoolP384R1())
    message, public = bytes(100), key.public_key()
    signature = key.sign(message, ec.ECDSA(hashes.SHA256()))
    return lambda: public.verify(signature, message, ec.ECDSA(hashes.SHA256()))


_SEEDS = itertools.count(1)


def _import_time(rounds: int) -> list[float]:
    """Return what ``import ecid`` adds to a new process that does nothing, in milliseconds."""
    code = "import time; s = time.perf_counter(); import ecid; print(time.perf_counter() - s)"
    command = [sys.executable, "-c", code]
    runs = [
        subprocess.run(command, capture_output=True, check=True).stdout for _ in range(rounds + 1)
    ]
    return [float(output) * 1000 for output in runs[1:]]


def _issue() -> object:
    return issue(definition(NAME), seed=next(_SEEDS))  # another seed: nothing is remembered


def _trust() -> ecid.TrustStore:
    return ecid.TrustStore.of(emulator.issue(NAME).csca)


def _read() -> ecid.Report:
    card = emulator.card(NAME)
    secret = ecid.AccessSecret.from_can(card.issued.secrets.can)
    return ecid.read(secret, card=card, trust=_trust(), at=NOW)


def _verify(evidence: ecid.Evidence) -> ecid.Report:
    return ecid.verify(evidence, trust=_trust(), at=NOW)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
