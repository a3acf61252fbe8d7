"""Card definitions: read strictly, from TOML to a value, and every shipped one."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import CardDefinition, EmulatedCard, issue, load, names, parse_definition
from ecid.emulator.behaviour import DomainReference, LongAnswer
from ecid.emulator.behaviour_settings import adjusted
from ecid.emulator.definitions import definition, shipped
from ecid.emulator.personalise.holder import utopians
from ecid.errors import MalformedData, Misuse
from ecid.mrz.mrz import parse as parse_mrz
from ecid_crypto.hashes import Hash

GOOD: dict[str, Any] = {
    "doc": "a card",
    "holder": "eriksson-td3",
    "pace": [
        {"mapping": "GM", "cipher": "AES-128", "parameters": 13},
        {"mapping": "CAM", "cipher": "AES-256", "parameters": 12},
    ],
    "chip_authentication": [
        {"key": "P-256", "cipher": "AES-128", "key_id": 12, "encoding": "named"},
        {"key": "MODP-2048-256", "cipher": "none", "key_id": 1},
    ],
    "active_authentication": {"key": "RSA-2048", "hash": "SHA-256"},
    "terminal_authentication": {"algorithm": "ECDSA-SHA-256", "key": "P-256"},
    "behaviour": {"max_read": 100, "tries": {"3": 5}},
}


def test_control() -> None:
    """The card that the cases below change one thing of."""
    made = parse_definition("good", GOOD)
    assert (made.name, made.layout, made.profile, made.keys) == (
        "good",
        "passport",
        "standard",
        "good",
    )
    assert [choice.key_id for choice in made.chip_authentication] == [12, 1]
    assert made.chip_authentication[1].cipher is None
    assert made.chip_authentication[1].encoding == "pkcs3"


def put(*path: str | int, value: object = None, drop: bool = False) -> Callable[[Any], None]:
    """Return a change of the value at ``path``."""

    def change(table: Any) -> None:
        for step in path[:-1]:
            table = table[step]
        if drop:
            del table[path[-1]]
        else:
            table[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (put("doc", drop=True), "doc"),
        (put("doc", value=1), "doc"),
        (put("holder", drop=True), "holder"),
        (put("holder", value="nobody"), "holder_unknown"),
        (put("layout", value="vn-cccd"), "holder_unknown"),
        (put("layout", value="visa"), "layout"),
        (put("profile", value="none"), "profile"),
        (put("confirmed", value="yes"), "confirmed"),
        (put("colour", value="red"), "unknown_key"),
        (put("pace", value={}), "pace"),
        (put("pace", value=[1]), "pace"),
        (put("pace", 0, "mapping", value="XM"), "mapping"),
        (put("pace", 0, "cipher", value="AES"), "cipher"),
        (put("pace", 0, "parameters", value=3), "parameters"),
        (put("pace", 0, "parameters", value=True), "parameters"),
        (put("pace", 0, "parameters", value=-1), "parameters"),
        (put("pace", 0, "colour", value=1), "unknown_key"),
        (
            put("pace", 0, value={"mapping": "IM", "cipher": "3DES", "parameters": 10}),
            "integrated_mapping",
        ),
        (put("pace", 1, "cipher", value="3DES"), "chip_authentication_mapping"),
        (put("pace", 1, "parameters", value=2), "chip_authentication_mapping"),
        (put("pace", 1, "parameters", value=15), "cam_without_key"),
        (put("pace", 1, value=GOOD["pace"][0]), "pace_twice"),
        (put("chip_authentication", 0, "key_id", value=11), "cam_without_key"),
        (put("chip_authentication", 0, "key", value="P-257"), "key"),
        (put("chip_authentication", 0, "encoding", value="x9.42"), "encoding"),
        (put("chip_authentication", 1, "encoding", value="explicit"), "encoding"),
        (put("chip_authentication", 1, "key_id", value=12), "key_ids"),
        (put("chip_authentication", 1, "key_id", drop=True), "key_ids"),
        (put("active_authentication", value=[]), "active_authentication"),
        (put("active_authentication", "key", value="RSA-512"), "key"),
        (put("active_authentication", "hash", value="MD5"), "hash"),
        (put("terminal_authentication", "algorithm", value="RSA-SHA-256"), "algorithm"),
        (put("terminal_authentication", "algorithm", value="DSA"), "algorithm"),
        (put("terminal_authentication", "algorithm", drop=True), "algorithm"),
        (put("terminal_authentication", "key", value="P-1"), "key"),
        (put("terminal_authentication", "key", drop=True), "algorithm"),
        (put("terminal_authentication", "rights", value=["DG2"]), "rights"),
        (put("terminal_authentication", "rights", value=[1]), "rights"),
        (put("terminal_authentication", "knows", value="nothing"), "knows"),
        (put("behaviour", "vanishes_at", value=1), "behaviour_unknown"),
        (put("behaviour", "max_read", value="all"), "behaviour_value"),
        (put("behaviour", "max_read", value=70_000), "behaviour_value"),
        (put("behaviour", "tries", value={"9": 1}), "behaviour_value"),
        (put("behaviour", "tries", value={"pin": 1}), "behaviour_value"),
    ],
)
def test_refused(change: Callable[[Any], None], rule: str) -> None:
    """One change each; the error names the key, or what does not fit."""
    table = copy.deepcopy(GOOD)
    change(table)
    with pytest.raises(MalformedData) as caught:
        parse_definition("good", table)
    assert (caught.value.where, caught.value.rule) == ("definition", rule)


@pytest.mark.parametrize("name", ["", "A", "a b", "-a", "a" * 65])
def test_bad_name(name: str) -> None:
    """Names are those of folders."""
    with pytest.raises(MalformedData):
        parse_definition(name, GOOD)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "keys", "pin", "layout", "profile"]), _VALUES))
def test_any_table(table: dict[str, object]) -> None:
    """A table gives a card or ``MalformedData``, never anything else."""
    try:
        made = parse_definition("any", {**GOOD, **table})
    except MalformedData:
        return
    assert isinstance(made, CardDefinition)


def test_settings() -> None:
    """Every field that a definition may set, from the types that TOML and JSON have."""
    settings = {
        "select_master_file": 0x6D00,
        "outside_application": 0x6985,
        "locked_files": ["DG2"],
        "basic_access": False,
        "pace_in_application": True,
        "pace_refuses": [1],
        "domain_reference": "always",
        "pace_names_authorities": True,
        "tries": {"2": 10},
        "extended_length": False,
        "max_read": 100,
        "largest_le": 231,
        "long_read_is_sent": True,
        "long_answer": "in-parts",
        "active_authentication_hash": "SHA-512",
        "active_authentication_der": True,
        "historical_bytes": "CARD",
    }
    found = adjusted("standard", settings)
    assert found.domain_reference is DomainReference.ALWAYS
    assert found.long_answer is LongAnswer.IN_PARTS
    assert found.active_authentication_hash is Hash.SHA512
    assert (found.historical_bytes, found.tries) == (b"CARD", {2: 10})
    assert (found.locked_files, found.pace_refuses) == (frozenset({"DG2"}), frozenset({1}))


def test_unknown_card() -> None:
    """There is no such definition: ``Misuse``."""
    with pytest.raises(Misuse):
        definition("vn-cccd-1999")


def test_shipped_names() -> None:
    """The cards of the brief, one file each; nobody has seen those of 2024."""
    assert names()[0] == "vn-cccd-2021"
    assert {"utopia-td1", "utopia-td2", "utopia-td3", "vn-cc-2024"} <= set(names())
    unseen = {name for name, made in shipped().items() if not made.confirmed}
    assert unseen == {"vn-cc-2024", "vn-cc-2024-tre-em"}


def test_shipped_files_are_plain() -> None:
    """Each file is TOML with a line about the card, and a holder of its own or of its base."""
    folder = resources.files("ecid.emulator").joinpath("cards")
    for entry in folder.iterdir():
        table = tomllib.loads(entry.read_text("utf-8"))
        assert 0 < len(table["doc"]) < 100
        assert ("holder" in table) or ("same_as" in table)


def test_utopians() -> None:
    """Their zones are right in every check digit, of three formats; nobody real has them."""
    zones = {key: parse_mrz(holder.mrz) for key, holder in utopians().items()}
    assert {zone.format for zone in zones.values()} == {"TD1", "TD2", "TD3"}
    assert all(zone.wrong_check_digits == () for zone in zones.values())
    assert {zone.issuing_state for zone in zones.values()} == {"UTO"}
    assert zones["stevenson-td1"].document_number == "D23145890734"
    assert all(holder.surname not in repr(holder) for holder in utopians().values())


@pytest.mark.parametrize("name", names())
def test_saved_and_loaded(name: str, tmp_path: Path) -> None:
    """A folder holds everything: keys, secrets, behaviour, the terminal's certificates."""
    issued = issue(name)
    issued.save(tmp_path)
    found = load(tmp_path)
    for part in ("files", "secrets", "chip_keys", "csca", "behaviour", "terminal", "country"):
        assert getattr(found, part) == getattr(issued, part), part
    assert EmulatedCard(found).memory == EmulatedCard(issued).memory
