"""Our terminal in front of our chip: what every cell of the four matrices begins and ends with.

The two share no code of a protocol or of secure messaging (``tests/test_layers.py``): that they
understand each other is the claim of a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ecid.emulator import EmulatedCard, IssuedCard, issue, parse_definition
from ecid.errors import EcidError
from ecid.inspection.access import EMRTD_AID
from ecid.lds.files import data_group
from ecid.protocols.bac import BacKey, run_bac
from ecid.session.file_reader import read_file, select_application
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.rng import SeededRng

#: A moment at which every emulated certificate is valid.
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)

#: What the page says of a cell whose both sides came to the end.
MET = "met"

#: Plain bytes of one READ BINARY that every cipher carries in a short response.
SHORT_READ = 223

Row = dict[str, object]
"""A table of a card definition."""


def issued(table: Mapping[str, object]) -> IssuedCard:
    """Return the card that a TOML table describes, read as the shipped ones are."""
    usual = {"doc": "a cell of a matrix", "holder": "eriksson-td1"}
    return issue(parse_definition("matrix", {**usual, **table}))


def chip(card: IssuedCard, label: str) -> EmulatedCard:
    """Return the chip of ``card``, just powered on; ``label`` seeds its randomness."""
    return EmulatedCard(card, rng=SeededRng(f"chip {label}".encode()))


def terminal_rng(label: str) -> SeededRng:
    """Return the randomness of the terminal."""
    return SeededRng(f"terminal {label}".encode())


def open_by_bac(card: EmulatedCard, rng: SeededRng) -> tuple[SecureMessaging, SessionKeys]:
    """Return the session in the eMRTD application that Basic Access Control opens, and its keys."""
    select_application(card, EMRTD_AID)
    key = BacKey.from_mrz_information(card.issued.secrets.mrz_information)
    keys = run_bac(card, key, rng)
    return SecureMessaging(card, keys), keys


def read_group(session: SecureMessaging, number: int) -> bytes:
    """Return a data group, read with short responses."""
    return read_file(session, data_group(number), max_read=SHORT_READ)


def assert_met(session: SecureMessaging, keys: SessionKeys, card: EmulatedCard) -> None:
    """Assert that a protected exchange goes through, verified on both sides.

    The chip answers only what carries a right MAC under its keys (a wrong one ends its session),
    and the terminal takes nothing else from it (``SecureMessagingError``).
    """
    assert read_group(session, 1) == card.issued.files["DG1"]
    assert session.alive
    assert card.channel is not None
    assert (card.channel.cipher, card.channel.enc) == (keys.cipher, keys.enc)
    assert card.channel.mac == keys.mac


def outcome(run: Callable[[], None]) -> str:
    """Return what the page says of a cell: ``MET``, or the name of what was raised."""
    try:
        run()
    except (EcidError, AssertionError) as exc:
        return type(exc).__name__
    return MET
