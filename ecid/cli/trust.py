"""``ecid trust``: the user's trust store: fill it, look at it, check it, take it along."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from ecid.cli import help_page, output, trust_output
from ecid.cli.inputs import standard_input, warn_of_skipped
from ecid.cli.progress import counted
from ecid.cli.words import Words
from ecid.errors import Misuse, StoreError
from ecid.storage import write_folder
from ecid.trust.checkup import check_up
from ecid.trust.entries import Entry, ListEntry
from ecid.trust.intake.admission import Admitted, Rules
from ecid.trust.intake.loading import files_in, gather
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
        folder = _folder(store)
        rules = Rules(
            tolerances=Tolerances.load("field"),
            stated=frozenset(map(_fingerprint, fingerprint)),
            keeping=True,
            allow_test=allow_test_anchor,
        )
        before = open_store(folder)
        files = [file for name in path for file in files_in(Path(name))]
        secret = _password(password)
        with counted(words) as on_progress:
            admitted = gather(files, before, rules, secret, on_progress)
        _refuse_useless(admitted, words)
        save_store(admitted.store, folder, datetime.now(UTC), before)
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
        found = open_store(_folder(store))
        wanted = None if country is None else country.upper()
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
        folder = _folder(store)
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
        found = open_store(_folder(store))
        contents = {
            _file_name(entry): found.shelf.take(entry.fingerprint)
            for entry in (*found.entries, *found.signers.entries())
        }
        contents |= {_list_name(each): found.shelf.take(each.fingerprint) for each in found.lists}
        write_folder(Path(dir), contents)
        if json:
            files = sorted(contents)
            output.print_json(
                {"schema": trust_output.SCHEMA, "digest": found.digest, "files": files}
            )
        else:
            click.echo(words("cli.trust.exported", count=len(contents), path=dir), err=True)
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
    return user_folder() if store is None else Path(store)


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
    return standard_input()


def _refuse_useless(admitted: Admitted, words: Words) -> None:
    """Raise ``StoreError`` where an import would change nothing that anybody wanted."""
    if admitted.unmatched:
        raise StoreError("fingerprint_unmatched", value=min(admitted.unmatched))
    if admitted.count:
        return
    store = admitted.store
    warn_of_skipped(store, words)
    if store.unanchored:
        source = store.unanchored[0]
        also = [each.rule for each in store.skipped if each.source == source]
        raise StoreError("store_unanchored", source=source, rule=", ".join(["no_csca", *also]))
    rules = [skipped.rule for skipped in store.skipped]
    if "rollback" in rules:
        raise StoreError("store_rollback", source=store.skipped[rules.index("rollback")].source)
    rule = rules[0] if rules else "empty"
    raise StoreError("store_nothing_usable", count=len(rules), rule=rule)


def _file_name(entry: Entry) -> str:
    """Return a name that any file system takes, and that no two certificates share."""
    return f"{entry.country or 'XX'}_{entry.serial[-16:]}_{entry.fingerprint.hex()[:16]}.cer"


_SUFFIXES = {"master_list": "ml", "revocation_list": "crl"}


def _list_name(each: ListEntry) -> str:
    suffix = _SUFFIXES.get(each.kind.value, "dvl")
    return f"{each.country or 'XX'}_{each.fingerprint.hex()[:16]}.{suffix}"
