"""What a card is made from: a value, and the strict reading of it from TOML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ecid.emulator.behaviour_settings import adjusted
from ecid.emulator.cvc_issuing import ALGORITHMS
from ecid.emulator.personalise.holder import Bearer, utopians
from ecid.emulator.personalise.person import people
from ecid.emulator.table import Table, malformed
from ecid.errors import Misuse
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import CURVES, standardised_curve
from ecid_crypto.dh import DH_GROUPS
from ecid_crypto.hashes import Hash

LAYOUTS = ("passport", "vn-cccd")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_RSA = re.compile(r"RSA-(1024|1536|2048|3072|4096)")
_PARAMETERS = (0, 1, 2, *range(8, 19))
_P224 = 10
_ENCODINGS = {False: ("explicit", "named", "standardised"), True: ("pkcs3", "x9.42")}


@dataclass(frozen=True, slots=True)
class PaceChoice:
    """One PACEInfo: GM, IM or CAM, and the standardised domain parameters."""

    mapping: str
    cipher: Cipher
    parameters: int


@dataclass(frozen=True, slots=True)
class ChipAuthenticationChoice:
    """One key of Chip Authentication: a curve or group by name.

    Without a cipher the key stands in DG14 alone, which means 3DES. ``encoding`` is how DG14
    writes it (``personalise.security_infos``).
    """

    key: str
    cipher: Cipher | None
    key_id: int | None
    encoding: str

    @property
    def finite_field(self) -> bool:
        """Tell whether the key is a number."""
        return self.key in DH_GROUPS


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationChoice:
    """The key of Active Authentication, a curve or ``RSA-2048``, and its hash."""

    key: str
    hash: Hash


@dataclass(frozen=True, slots=True)
class TerminalAuthenticationChoice:
    """The keys that the chip trusts: how they sign, what they are, and the rights they have.

    ``algorithm`` is one of ``cvc_issuing.ALGORITHMS``. ``knows`` says which keys are in the chip:
    the ``current`` one, ``both``, or only the ``previous`` one, which a link certificate replaces.
    ``foreign`` makes the document verifier one of another country. Without a ``key`` the chip
    only says that it has the protocol.
    """

    algorithm: str
    key: str
    rights: tuple[str, ...]
    knows: str
    foreign: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDefinition:
    """A card: who holds it, what is on its chip, and how that behaves.

    ``holder`` is a key of ``people.toml`` or ``utopians.toml``, by ``layout``; ``keys`` a label
    that the private keys come from, together with the seed. ``confirmed`` is False where nobody
    has seen such a card.
    """

    name: str
    doc: str
    holder: str
    layout: str
    keys: str
    confirmed: bool
    profile: str
    settings: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    pace: tuple[PaceChoice, ...] = ()
    chip_authentication: tuple[ChipAuthenticationChoice, ...] = ()
    active_authentication: ActiveAuthenticationChoice | None = None
    terminal_authentication: TerminalAuthenticationChoice | None = None
    pin: str = field(default="", repr=False)
    puk: str = field(default="", repr=False)

    @property
    def bearer(self) -> Bearer:
        """Return the holder."""
        return _holders(self.layout)[self.holder]


def parse_definition(name: str, table: Mapping[str, object]) -> CardDefinition:
    """Return the card that a TOML table describes.

    Raises ``MalformedData("definition", rule)`` for a key that is unknown, missing or of the
    wrong type, and for a card that cannot be: ``holder_unknown``, ``integrated_mapping``,
    ``cam_without_key``, ``key_ids`` and so on. The rule names the key or what does not fit.
    """
    if not _NAME.fullmatch(name):
        raise malformed("name")
    top = Table(table)
    layout = top.choice("layout", LAYOUTS, default="passport")
    holder = top.text("holder")
    if holder not in _holders(layout):
        raise malformed("holder_unknown")
    made = CardDefinition(
        name=name,
        doc=top.text("doc"),
        holder=holder,
        layout=layout,
        keys=top.text("keys", default=name),
        confirmed=top.flag("confirmed", default=True),
        profile=top.text("profile", default="standard"),
        settings=MappingProxyType(top.raw("behaviour")),
        pace=tuple(map(_pace, top.tables("pace"))),
        chip_authentication=tuple(map(_chip_authentication, top.tables("chip_authentication"))),
        active_authentication=_active_authentication(top.table("active_authentication")),
        terminal_authentication=_terminal_authentication(top.table("terminal_authentication")),
        pin=top.text("pin", default=""),
        puk=top.text("puk", default=""),
    )
    top.finish()
    _check(made)
    return made


def _holders(layout: str) -> Mapping[str, Bearer]:
    return people() if layout == "vn-cccd" else utopians()


def _check(made: CardDefinition) -> None:
    """Refuse a card whose parts do not fit each other."""
    try:
        adjusted(made.profile, made.settings)
    except Misuse as exc:
        raise malformed("profile") from exc
    keys = made.chip_authentication
    for choice in made.pace:
        if choice.mapping == "CAM" and not any(_serves(key, choice) for key in keys):
            raise malformed("cam_without_key")
    ids = [each.key_id for each in keys]
    if len(set(ids)) != len(ids) or (len(ids) > 1 and None in ids):
        raise malformed("key_ids")
    if len(set(made.pace)) != len(made.pace):
        raise malformed("pace_twice")


def _serves(key: ChipAuthenticationChoice, choice: PaceChoice) -> bool:
    """Tell whether this is the key of a mapping: its curve and number (Doc 9303-11 §9.2.1)."""
    curve = standardised_curve(choice.parameters).name
    return key.key == curve and key.key_id == choice.parameters


def _pace(row: Table) -> PaceChoice:
    choice = PaceChoice(
        row.choice("mapping", ("GM", "IM", "CAM")),
        Cipher(row.choice("cipher", [each.value for each in Cipher])),
        row.number("parameters"),
    )
    row.finish()
    if choice.parameters not in _PARAMETERS:
        raise malformed("parameters")
    if choice.mapping == "IM" and choice.parameters == _P224:
        raise malformed("integrated_mapping")
    if choice.mapping == "CAM" and (choice.parameters <= 2 or choice.cipher is Cipher.TDES):
        raise malformed("chip_authentication_mapping")
    return choice


def _chip_authentication(row: Table) -> ChipAuthenticationChoice:
    key = row.choice("key", (*CURVES, *DH_GROUPS))
    encodings = _ENCODINGS[key in DH_GROUPS]
    cipher = row.choice("cipher", ("none", *(each.value for each in Cipher)))
    choice = ChipAuthenticationChoice(
        key,
        None if cipher == "none" else Cipher(cipher),
        row.number("key_id", default=-1) if "key_id" in row else None,
        row.choice("encoding", encodings, default=encodings[0]),
    )
    row.finish()
    return choice


def _active_authentication(row: Table | None) -> ActiveAuthenticationChoice | None:
    if row is None:
        return None
    key = row.text("key")
    choice = ActiveAuthenticationChoice(
        key, Hash(row.choice("hash", [each.value for each in Hash], default=Hash.SHA1.value))
    )
    row.finish()
    if not _RSA.fullmatch(key) and key not in CURVES:
        raise malformed("key")
    return choice


def _terminal_authentication(row: Table | None) -> TerminalAuthenticationChoice | None:
    if row is None:
        return None
    choice = TerminalAuthenticationChoice(
        row.choice("algorithm", ("", *ALGORITHMS), default=""),
        row.text("key", default=""),
        tuple(row.texts("rights", default=["DG3", "DG4"])),
        row.choice("knows", ("current", "both", "previous"), default="current"),
        row.flag("foreign", default=False),
    )
    row.finish()
    is_rsa = bool(_RSA.fullmatch(choice.key))
    if choice.key and not is_rsa and choice.key not in CURVES:
        raise malformed("key")
    kinds = {"": not choice.key, "RSA": is_rsa, "ECDSA": bool(choice.key) and not is_rsa}
    if not kinds.get(choice.algorithm.partition("-")[0], False):
        raise malformed("algorithm")
    if not {"DG3", "DG4"}.issuperset(choice.rights):
        raise malformed("rights")
    return choice
