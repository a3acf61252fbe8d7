"""Active Authentication from the chip's side: keys, trailers, and answers that do not fit."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from chip_terminal import Terminal
from eac_terminal import opened
from ecid.emulator import EmulatedCard, IssuedCard, card, issue, names, parse_definition
from ecid.emulator.definitions import definition
from ecid.lds import dg15
from ecid_crypto.curves import CURVES
from ecid_crypto.hashes import Hash
from ecid_crypto.iso9796_2 import verify_scheme1
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.rng import SeededRng
from ecid_crypto.signature import Ecdsa, verify
from pace_terminal import Suite

CHALLENGE = bytes(range(8))
SUITE = Suite("GM", 2, 13)
SHIPPED = [name for name in names() if name.startswith("aa-")]


def ready(chip: EmulatedCard) -> Terminal:
    """Return a terminal in the application of an opened card."""
    terminal = Terminal(chip, SeededRng(b"terminal"))
    opened(terminal, chip.issued, SUITE if "CardAccess" in chip.issued.files else None)
    return terminal


def answered(issued: IssuedCard, hash_function: Hash) -> None:
    """Assert that the chip's answer verifies under DG15 with exactly this hash."""
    terminal = ready(EmulatedCard(issued))
    reply = terminal.send("00880000", CHALLENGE, 65_536, extended=True)
    assert reply.sw == 0x9000
    key = dg15.parse(issued.files["DG15"]).key
    if isinstance(key, RsaPublicKey):
        verify_scheme1(key, reply.data, CHALLENGE, hash_expected=hash_function)
    else:
        assert isinstance(key, EcPublicKey)
        verify(Ecdsa(hash_function, "plain"), key, reply.data, CHALLENGE)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped(name: str) -> None:
    """Each corner answers with the hash of its definition."""
    choice = definition(name).active_authentication
    assert choice is not None
    answered(issue(name), choice.hash)


def defined(key: str, hash_function: Hash) -> IssuedCard:
    """Return a card with this key."""
    table: dict[str, object] = {
        "doc": "a key",
        "holder": "eriksson-td1",
        "keys": "active",
        "pace": [{"mapping": "GM", "cipher": "AES-128", "parameters": 13}],
        "active_authentication": {"key": key, "hash": hash_function.value},
    }
    return issue(parse_definition("key", table))


@pytest.mark.parametrize("hash_function", Hash)
@pytest.mark.parametrize("key", ["RSA-1024", "RSA-1536", "RSA-2048"])
def test_rsa(key: str, hash_function: Hash) -> None:
    """Trailer BC for SHA-1, two bytes for every other hash."""
    answered(defined(key, hash_function), hash_function)


@pytest.mark.parametrize("curve", CURVES)
def test_ecdsa(curve: str) -> None:
    """Plain r and s on every curve; DG14 names the hash."""
    answered(defined(curve, Hash.SHA256), Hash.SHA256)


def test_another_nonce_each_time() -> None:
    """The same challenge is answered otherwise: M1, and the nonce of ECDSA."""
    for key in ("RSA-1024", "P-256"):
        terminal = ready(EmulatedCard(defined(key, Hash.SHA256)))
        answers = {terminal.send("00880000", CHALLENGE, 256).data for _ in range(3)}
        assert len(answers) == 3


def test_der() -> None:
    """The quirk sends a SEQUENCE of the same numbers."""
    seed = SeededRng(b"chip")
    plain = ready(card("utopia-td3", rng=seed)).send("00880000", CHALLENGE, 256).data
    seed = SeededRng(b"chip")
    der = ready(card("utopia-td3", rng=seed, fault="aa-der")).send("00880000", CHALLENGE, 256)
    half = len(plain) // 2
    numbers = (int.from_bytes(part, "big") for part in (plain[:half], plain[half:]))
    assert der.data == encode_dss_signature(*numbers)


@pytest.mark.parametrize("name", ["aa-rsa3072-sha256", "vn-cccd-2021"])
def test_too_long_for_le(name: str) -> None:
    """A strict chip says 6700 under a short Le, and the session goes on."""
    fault = "long-answer-6700" if name.startswith("vn") else None
    terminal = ready(card(name, fault=fault))
    assert terminal.send("00880000", CHALLENGE, 256).sw == 0x6700
    assert terminal.select(0x0101).sw == 0x9000


def test_exact_length() -> None:
    """6Cxx names the length where one byte can."""
    terminal = ready(card("vn-cccd-2021", fault="long-answer-6cxx"))
    assert terminal.send("00880000", CHALLENGE, 256).sw == 0x6C00
    assert terminal.send("00880000", CHALLENGE, 100).sw == 0x6C00
    longer = ready(card("aa-rsa3072-sha256", fault="long-answer-6cxx"))
    assert longer.send("00880000", CHALLENGE, 256).sw == 0x6700


def test_in_parts() -> None:
    """61xx and GET RESPONSE bring the protected answer in pieces."""
    chip = card("vn-cccd-2021", fault="long-answer-61xx")
    terminal = ready(chip)
    assert terminal.session is not None
    command = terminal.session.protect(bytes.fromhex("00880000"), CHALLENGE, 256)
    parts, raw = [], chip.transmit(command[:-1] + b"\x00")
    while raw[-2] == 0x61:
        parts.append(raw[:-2])
        raw = chip.transmit(bytes.fromhex("00C0000000"))
    whole = b"".join(parts) + raw
    assert len(parts) == 1
    reply = terminal.session.open(whole)
    assert (len(reply.data), reply.sw) == (256, 0x9000)
    key = dg15.parse(chip.issued.files["DG15"]).key
    assert isinstance(key, RsaPublicKey)
    verify_scheme1(key, reply.data, CHALLENGE, hash_expected=Hash.SHA1)
    assert terminal.select(0x0101).sw == 0x9000


@pytest.mark.parametrize("command", ["00C0000000", "00C00000", "00C0000001FF00", "00C0010000"])
def test_nothing_to_fetch(command: str) -> None:
    """GET RESPONSE without an answer to fetch is refused, and ends the session."""
    chip = card("vn-cccd-2021", fault="long-answer-61xx")
    terminal = ready(chip)
    assert terminal.raw(command).sw == 0x6985
    assert chip.channel is None


def test_get_response_is_strict() -> None:
    """P1 and P2 are zero; what was kept is gone after any other command."""
    for command, sw in (("00C0010000", 0x6A86), ("00C00000", 0x6985)):
        chip = card("vn-cccd-2021", fault="long-answer-61xx")
        terminal = ready(chip)
        assert terminal.session is not None
        protected = terminal.session.protect(bytes.fromhex("00880000"), CHALLENGE, 256)
        assert chip.transmit(protected[:-1] + b"\x00")[-2] == 0x61
        assert terminal.raw(command).sw == sw


@pytest.mark.parametrize("name", ["vn-cccd-2021", "utopia-td3"])
def test_replay_is_an_answer_to_something_else(name: str) -> None:
    """The fault sends a right signature over another challenge, the same every time."""
    chip = card(name, fault="aa-replay")
    terminal = ready(chip)
    first, second = (terminal.send("00880000", CHALLENGE, 256).data for _ in range(2))
    assert first == second
    key = dg15.parse(chip.issued.files["DG15"]).key
    if isinstance(key, RsaPublicKey):
        verify_scheme1(key, first, bytes(8))
    else:
        assert isinstance(key, EcPublicKey)
        verify(Ecdsa(Hash.SHA256, "plain"), key, first, bytes(8))
