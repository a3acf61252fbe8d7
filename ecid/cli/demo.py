"""``ecid demo``: an emulated card, read and verified from end to end."""

from __future__ import annotations

import click

from ecid import api
from ecid.cli import help_page, output
from ecid.cli.inputs import emulated_card
from ecid.cli.progress import shown
from ecid.cli.words import Words
from ecid.emulator import EmulatedCard
from ecid.secret import AccessSecret
from ecid.trust.store import TrustStore

DEFAULT_CARD = "vn-cccd-2021"


def command(words: Words) -> click.Command:
    """Return the command."""

    def run(card: str, fault: str | None, json: bool) -> int:
        chip = emulated_card(card, fault)
        # The anchor is that of the sound card: a fault may come with an issuer of its own.
        trust = TrustStore.of(emulated_card(card).issued.csca)
        secret = _printed(chip)
        with shown(words) as on_progress:
            report = api.read(secret, card=chip, trust=trust, on_progress=on_progress)
        output.print_outcome(report, words, show_unverified=False, as_json=json)
        return report.exit_code

    return help_page.make(
        words,
        "demo",
        "cli.demo.help",
        run,
        help_page.option(words, "--card", default=DEFAULT_CARD, show_default=True),
        help_page.option(words, "--fault"),
        help_page.option(words, "--json", is_flag=True),
    )


def _printed(chip: EmulatedCard) -> AccessSecret:
    """Return what is printed on the card and opens it: the CAN, or the MRZ where it has no PACE."""
    secrets = chip.issued.secrets
    if "CardAccess" in chip.issued.files:
        return AccessSecret.from_can(secrets.can)
    return AccessSecret.from_mrz(secrets.mrz)
