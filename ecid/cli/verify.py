"""``ecid verify``: stored evidence or folders of raw files, judged again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from ecid import api
from ecid.cli import help_page, output
from ecid.cli.inputs import load_evidence, moment, trust_store
from ecid.cli.words import Words
from ecid.errors import EcidError
from ecid.inspection import folder
from ecid.inspection.policy import NAMES

#: Of several paths the worst exit code counts: this is the order (design, section 3).
WORST_FIRST = (1, 10, 13, 21, 9, 20, 11, 12, 0)


def command(words: Words) -> click.Command:
    """Return the command."""

    def run(
        *,
        path: tuple[str, ...],
        trust: tuple[str, ...],
        policy: str,
        at: str | None,
        show_unverified: bool,
        json: bool,
    ) -> int:
        store, moment_ = trust_store(trust, words), moment(at)

        def verify_one(source: Path) -> int:
            try:
                report = api.verify(load_evidence(source), trust=store, policy=policy, at=moment_)
            except EcidError as exc:
                output.print_error(exc, words, source=str(source), as_json=json)
                return exc.exit_code
            output.print_outcome(report, words, show_unverified=show_unverified, as_json=json)
            return report.exit_code

        codes = [verify_one(source) for name in path for source in _sources(Path(name))]
        return min(codes, key=WORST_FIRST.index)

    return help_page.make(
        words,
        "verify",
        "cli.verify.help",
        run,
        click.Argument(["path"], nargs=-1, required=True),
        help_page.option(words, "--trust", multiple=True),
        help_page.option(
            words, "--policy", type=click.Choice(NAMES), default="passive", show_default=True
        ),
        help_page.option(words, "--at"),
        help_page.option(words, "--show-unverified", is_flag=True),
        help_page.option(words, "--json", is_flag=True),
    )


def _is_card(path: Path) -> bool:
    try:
        return folder.has_files(path)
    except EcidError:
        return True  # loading it says what is wrong, as for any other path


def _sources(path: Path) -> Iterator[Path]:
    """Yield ``path``, or the evidence files under a folder that holds no raw files itself."""
    if not path.is_dir() or _is_card(path):
        yield path
        return
    found = sorted(p for p in path.rglob("*.ecid") if p.is_file())
    yield from found or [path]
