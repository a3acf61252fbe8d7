"""What several commands take: the secret, the anchors, the card, the moment."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from ecid import emulator
from ecid.cli.words import Words, visible
from ecid.emulator import EmulatedCard
from ecid.errors import EvidenceError, Misuse
from ecid.inspection.evidence import Evidence
from ecid.inspection.judge_match import parse_form
from ecid.lds.files import NEED_RIGHTS
from ecid.profiles.vietnam import qr
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.secret import AccessSecret
from ecid.storage import read_file
from ecid.trust.store import TrustStore

STDIN = "-"
_CAN = 6
MAX_FORM = 64 * 1024
FEW = 20
"""So many pieces that were left out are named one by one."""
_FIELDS = ("document_number", "birth_date", "expiry_date")


def emulated_card(name: str, fault: str | None = None) -> EmulatedCard:
    """Return the emulated card ``name``, a shipped one or a folder. Raises ``Misuse``."""
    if fault is not None and fault not in emulator.fault_names():
        raise Misuse("unknown_fault", name=fault, known=", ".join(emulator.fault_names()))
    try:
        return emulator.card(name, fault=fault)
    except Misuse:
        raise Misuse(
            "unknown_fault", name=str(fault), known=", ".join(emulator.fault_names())
        ) from None
    except EvidenceError as exc:
        if Path(name).exists():
            raise
        raise Misuse("unknown_card", name=visible(name)) from exc


def trust_store(paths: tuple[str, ...], words: Words) -> TrustStore:
    """Return what is in ``paths``, else the user's store; name on standard error what is not used.

    A list that nobody trusted has signed is named too: without it, "no anchor" would be a riddle.
    """
    store = TrustStore.load(*paths) if paths else TrustStore.open()
    warn_of_skipped(store, words)
    for source in store.unanchored:
        click.echo(words("cli.warning.unanchored", source=visible(source)), err=True)
    return store


def warn_of_skipped(store: TrustStore, words: Words) -> None:
    """Name on standard error what was left out of ``store``, with the rule it broke."""
    for line in skipped_lines(store, words):
        click.echo(line, err=True)


def skipped_lines(store: TrustStore, words: Words) -> list[str]:
    """Say why pieces were left out: each of a few, a count by rule of many."""
    if sum(each.count for each in store.skipped) <= FEW:
        pieces = [(" ".join(filter(None, (s.source, s.what))), s.rule) for s in store.skipped]
        return [words("cli.warning.skipped", source=visible(s), rule=rule) for s, rule in pieces]
    counts: Counter[str] = Counter()
    for each in store.skipped:
        counts[each.rule] += each.count
    return [words("cli.trust.skipped", count=n, rule=rule) for rule, n in counts.most_common()]


def load_evidence(path: Path) -> Evidence:
    """Return the evidence in a file, or in a folder of raw files. Raises ``EvidenceError``."""
    return Evidence.from_folder(path) if path.is_dir() else Evidence.load(path)


def expected_form(path: Path) -> Mapping[str, str]:
    """Return the typed form in the JSON file ``path``. Raises ``Misuse``, ``EvidenceError``."""
    content = read_file(path, MAX_FORM + 1)
    if len(content) > MAX_FORM:
        raise EvidenceError("evidence_too_large", path=str(path), limit=MAX_FORM)
    return parse_form(content.decode("utf-8-sig", errors="replace"))


def moment(value: str | None) -> datetime | None:
    """Return the moment ``value`` (ISO 8601), in local time where it names no zone."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
        found = found.astimezone() if found.tzinfo is None else found
        found.astimezone(UTC)  # the report speaks UTC, which the ends of the calendar lack
    except (ValueError, OverflowError):
        raise Misuse("at_format", value=visible(value)) from None
    return found


def terminal_credential(chain: str | None, key: str | None) -> TerminalCredential | None:
    """Return what ``--ta-chain`` and ``--ta-key`` name, None for neither.

    Raises ``Misuse`` for one without the other, ``StoreError`` for files that cannot be used.
    """
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        raise Misuse("ta_chain_and_key")
    return TerminalCredential.load(chain, key)


def data_groups(value: str | None, *, with_rights: bool = False) -> frozenset[int] | None:
    """Return the numbers in ``value``, such as ``1,2,13``; DG3 and DG4 only ``with_rights``."""
    if value is None:
        return None
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= 16 for part in parts):
        raise Misuse("data_group_format")
    numbers = frozenset(map(int, parts))
    if numbers & NEED_RIGHTS and not with_rights:
        raise Misuse("data_group_rights")
    return numbers


def access_secret(given: Mapping[str, str | None], words: Words) -> AccessSecret:
    """Return the one secret that was ``given``; with none and a terminal, ask for it.

    Raises ``Misuse`` for none, two, or a third of one. A value on the command line is taken with
    a warning, since other programs can see it there.
    """
    values = _values({name: value for name, value in given.items() if value is not None}, words)
    fields = [name for name in _FIELDS if name in values]
    if sum(name in values for name in ("qr", "can", "mrz")) + bool(fields) > 1:
        raise Misuse("secret_twice")
    if "qr" in values:
        return _scanned(values["qr"], words)
    if "can" in values:
        return AccessSecret.from_can(values["can"])
    if "mrz" in values:
        return AccessSecret.from_mrz(values["mrz"])
    if not fields:
        return _ask(words)
    if len(fields) < len(_FIELDS):
        raise Misuse("secret_incomplete")
    return AccessSecret.from_fields(*(values[name] for name in _FIELDS))


def _values(given: Mapping[str, str], words: Words) -> dict[str, str]:
    """Replace ``-`` by what stands on standard input, and warn about the others."""
    if sum(value == STDIN for value in given.values()) > 1:
        raise Misuse("stdin_twice")
    warned = next((name for name, value in given.items() if value != STDIN), None)
    if warned is not None:
        option = "--" + warned.replace("_", "-")
        click.echo(words("cli.warning.secret", option=option), err=True)
    return {name: standard_input() if value == STDIN else value for name, value in given.items()}


def standard_input(*, strip: bool = True) -> str:
    """Return what stands on standard input, without white space round it.

    Without ``strip`` only the end of the line goes: a password may end in a space. Scanners write
    UTF-8 whatever the code page is.
    """
    if sys.stdin is None:
        raise Misuse("secret_missing")
    buffer = getattr(sys.stdin, "buffer", None)
    text = sys.stdin.read() if buffer is None else buffer.read().decode(errors="replace")
    text = text.removeprefix("\ufeff")
    return text.strip() if strip else text.removesuffix("\n").removesuffix("\r")


def _ask(words: Words) -> AccessSecret:
    """Ask for the card access number; a scanner may type the QR text there, too."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise Misuse("secret_missing")
    question = words("cli.ask.can")
    answer = str(click.prompt(question, prompt_suffix="", hide_input=True, err=True)).strip()
    return AccessSecret.from_can(answer) if len(answer) == _CAN else _scanned(answer, words)


def _scanned(text: str, words: Words) -> AccessSecret:
    """Return the secret in a QR text; say on standard error what the scanner did to it."""
    secret, damage = AccessSecret.from_qr(text), qr.read(text).damage
    if damage is not None:
        click.echo(words("cli.qr.damage", text=words(f"damage.{damage.value}")), err=True)
    return secret
