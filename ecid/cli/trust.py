"""``ecid trust``: the user's trust store: fill it, look at it, check it, take it along."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from ecid.cli import help_page, output, trust_output
from ecid.cli.inputs import standard_input, warn_of_skipped
from ecid.cli.progress import counted
from ecid.cli.words import Words, visible
from ecid.errors import Misuse, StoreError
from ecid.lds.states import alpha_2
from ecid.storage import shown
from ecid.trust.checkup import check_up
from ecid.trust.intake.admission import Admitted
from ecid.trust.intake.export import export
from ecid.trust.intake.loading import files_in, gather
from ecid.trust.intake.rules import Rules
from ecid.trust.store import TrustStore
from ecid.trust.store_folder import (
    check_whole,
    history,
    open_store,
    save_store,
    user_folder,
)
from ecid.trust.tolerance import Tolerances

UNDETERMINED = 11

_FINGERPRINT = 64


def command(words: Words) -> click.Command:
    """Return the group of commands."""
    parts = (_import(words), _list(words), _check(words), _export(words))
    return help_page.make_group(words, "trust", "cli.trust.help", *parts)


def _import(words: Words) -> help_page.Command:
    def run(
        *,
        path: tuple[str, ...],
        fingerprint: tuple[str, ...],
        password: str | None,
        allow_test_anchor: bool,
        store: str | None,
        json: bool,
    ) -> int:
        folder, now = _folder(store), datetime.now(UTC)
        rules = Rules(
            tolerances=Tolerances.load("field"),
            at=now,
            stated=frozenset(map(_fingerprint, fingerprint)),
            keeping=True,
            allow_test=allow_test_anchor,
        )
        before = open_store(folder)
        files = [file for name in path for file in files_in(Path(name))]
        if not files:
            raise StoreError("store_no_files", path=shown(path[0]))
        secret = _password(password)
        with counted(words) as on_progress:
            admitted = gather(files, before, rules, secret, on_progress)
        _refuse_useless(admitted, words)
        save_store(admitted.store, folder, now, before)
        if json:
            output.print_json(trust_output.import_to_dict(admitted, before, folder))
        else:
            trust_output.print_import(admitted, before, folder, words)
        return 0

    return help_page.make(
        words,
        "import",
        "cli.trust.import.help",
        run,
        click.Argument(["path"], nargs=-1, required=True),
        help_page.option(words, "--fingerprint", multiple=True),
        help_page.option(words, "--password"),
        help_page.option(words, "--allow-test-anchor", is_flag=True),
        *_common(words),
    )


def _list(words: Words) -> help_page.Command:
    def run(*, country: str | None, store: str | None, json: bool) -> int:
        found = open_store(_existing(store))
        wanted = None if country is None else _country(country, found)
        anchors = [each for each in found.entries if wanted in (None, each.country)]
        anchors.sort(key=lambda each: (each.country or "", each.not_before))
        lists = [each for each in found.lists if wanted in (None, each.country)]
        if json:
            output.print_json(trust_output.list_to_dict(found, anchors, lists))
        else:
            trust_output.print_list(found, anchors, lists, words)
        return 0 if found.entries else UNDETERMINED

    return help_page.make(
        words,
        "list",
        "cli.trust.list.help",
        run,
        help_page.option(words, "--country"),
        *_common(words),
    )


def _check(words: Words) -> help_page.Command:
    def run(*, store: str | None, json: bool) -> int:
        folder = _existing(store)
        check_whole(folder)
        found = open_store(folder)
        answer = check_up(found, history(folder), datetime.now(UTC))
        if json:
            output.print_json(trust_output.check_to_dict(found, answer, folder))
        else:
            trust_output.print_check(found, answer, folder, words)
        return 0 if answer.ok else UNDETERMINED

    return help_page.make(words, "check", "cli.trust.check.help", run, *_common(words))


def _export(words: Words) -> help_page.Command:
    def run(*, dir: str, store: str | None, json: bool) -> int:  # noqa: A002 - its name on the page
        found = open_store(_existing(store))
        if not dir:
            raise Misuse("usage_bad_value", name="dir", command="ecid trust export")
        files = export(found, Path(dir))
        if json:
            output.print_json(
                {"schema": trust_output.SCHEMA, "digest": found.digest, "files": list(files)}
            )
        else:
            said = words("cli.trust.exported", count=len(files), path=visible(shown(dir)))
            click.echo(said, err=True)
        return 0 if found.entries else UNDETERMINED

    return help_page.make(
        words,
        "export",
        "cli.trust.export.help",
        run,
        click.Argument(["dir"]),
        *_common(words),
    )


def _common(words: Words) -> tuple[click.Option, click.Option]:
    return (
        help_page.option(words, "--store"),
        help_page.option(words, "--json", is_flag=True),
    )


def _folder(store: str | None) -> Path:
    """Return the folder of the store; an empty name would be the working directory."""
    if store is not None and not store.strip():
        raise Misuse("usage_bad_value", name="--store", command="ecid trust")
    return user_folder() if store is None else Path(store)


def _existing(store: str | None) -> Path:
    """Return the same for looking at. Raises ``StoreError`` for a file."""
    folder = _folder(store)
    try:
        is_file = folder.is_file()
    except (OSError, ValueError) as exc:
        raise StoreError("store_path_unreadable", path=shown(folder)) from exc
    if is_file:
        raise StoreError("store_no_folder", path=shown(folder))
    return folder


def _country(named: str, store: TrustStore) -> str:
    """Return a country as certificates write it. Raises ``Misuse`` for what is none at all."""
    code = named.strip().upper()
    held = {each.country for each in store.entries} | {each.country for each in store.lists}
    if code not in held and (not code.isascii() or not code.isalpha() or len(code) not in (2, 3)):
        raise Misuse("usage_bad_value", name="--country", command="ecid trust list")
    return code if code in held else alpha_2(code) or code


def _fingerprint(value: str) -> str:
    """Return a fingerprint as it is compared: hex digits only, as people write them with colons."""
    digits = value.replace(":", "").replace(" ", "").lower()
    if len(digits) != _FINGERPRINT or set(digits) - set("0123456789abcdef"):
        raise Misuse("fingerprint_format")
    return digits


def _password(value: str | None) -> str | None:
    if value is None:
        return None
    if value != "-":
        raise Misuse("password_stdin")
    return standard_input(strip=False)


def _refuse_useless(admitted: Admitted, words: Words) -> None:
    """Raise ``StoreError`` where an import would change nothing that anybody wanted."""
    if admitted.unmatched:
        value = min(admitted.unmatched)
        if value in admitted.refused:
            rule = admitted.refused[value]
            raise StoreError("fingerprint_refused", value=value, rule=rule)
        raise StoreError("fingerprint_unmatched", value=value)
    if admitted.count:
        return
    store = admitted.store
    warn_of_skipped(store, words)
    if store.unanchored:
        source = store.unanchored[0]
        also = [each.rule for each in store.skipped if each.source == source]
        raise StoreError("store_unanchored", source=source, rule=", ".join(["no_csca", *also]))
    rules = [skipped.rule for skipped in store.skipped]
    for rule in ("password_missing", "password_wrong"):
        if rule in rules:
            raise StoreError(rule)
    if "rollback" in rules:
        raise StoreError("store_rollback", source=store.skipped[rules.index("rollback")].source)
    count = sum(skipped.count for skipped in store.skipped)
    raise StoreError("store_nothing_usable", count=count, rule=rules[0] if rules else "empty")
