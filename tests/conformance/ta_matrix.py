"""Every kind of Terminal Authentication (Doc 9303-11 §7.1; TR-03110-3 §A.6, §C.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import pytest

import cvc_kit
from ecid.emulator import EmulatedCard, IssuedCard
from ecid.emulator.terminal_pki import TerminalPki
from ecid.errors import FileLocked
from ecid.inspection.access import EMRTD_AID, read_card_access
from ecid.lds import dg14
from ecid.lds.cvc import parse_cvca_file
from ecid.lds.files import CVCA
from ecid.lds.security_infos import parse_card_access
from ecid.outcome import SUCCESS
from ecid.protocols.chip_authentication import choose, run_chip_authentication
from ecid.protocols.pace import PacePassword, run_pace
from ecid.protocols.pace import choose as choose_pace
from ecid.protocols.terminal_authentication import (
    compressed,
    identity_after_bac,
    run_terminal_authentication,
)
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.protocols.terminal_key import FileTerminalKey
from ecid.session.file_reader import read_file, select_application
from ecid.session.secure_messaging import SecureMessaging
from ecid.trust.cv_chain import CvChain
from ecid_crypto.rng import SeededRng
from tests.conformance.meeting import (
    AT,
    SHORT_READ,
    Row,
    assert_met,
    chip,
    issued,
    open_by_bac,
    read_group,
    terminal_rng,
)

#: id-TA-*: last arcs, name, and the curve of the whole cross; None is RSA of 2048 bits.
ALGORITHMS: dict[str, tuple[str, str | None]] = {
    "1.1": ("RSA-v1-5-SHA-1", None),
    "1.2": ("RSA-v1-5-SHA-256", None),
    "1.3": ("RSA-PSS-SHA-1", None),
    "1.4": ("RSA-PSS-SHA-256", None),
    "1.5": ("RSA-v1-5-SHA-512", None),
    "1.6": ("RSA-PSS-SHA-512", None),
    "2.1": ("ECDSA-SHA-1", "P-256"),
    "2.2": ("ECDSA-SHA-224", "P-224"),
    "2.3": ("ECDSA-SHA-256", "brainpoolP256r1"),
    "2.4": ("ECDSA-SHA-384", "brainpoolP384r1"),
    "2.5": ("ECDSA-SHA-512", "P-521"),
}

#: How the chip is opened, and what Chip Authentication agrees on: each compresses another way.
BAC, PACE, PACE_DH = "BAC", "PACE", "PACE over DH"
ACCESSES: dict[str, tuple[int | None, str]] = {
    BAC: (None, "P-256"),
    PACE: (12, "brainpoolP256r1"),
    PACE_DH: (0, "MODP-1024-160"),
}

#: Which CVCA keys the chip has, and which one our chain starts from.
CURRENT, PREVIOUS, LINK = "current", "previous", "link"
TRUSTS = (CURRENT, PREVIOUS, LINK)

#: Rights of document verifier and terminal by what is left of them: bit 0 DG3, bit 1 DG4.
RIGHTS: dict[str, tuple[int, int]] = {
    "none": (0b11, 0b00),
    "DG3": (0b11, 0b01),
    "DG4": (0b10, 0b11),
    "DG3 DG4": (0b11, 0b11),
}

_OLD, _NEW, _VERIFIER, _TERMINAL = "ZZCVCA00001", "ZZCVCA00002", "ZZDV00001", "ZZIS00001"


@dataclass(frozen=True, slots=True)
class Group:
    """The cells of one algorithm, key and access; ``whole`` has every trust and all rights."""

    algorithm: str
    curve: str | None
    access: str
    whole: bool = True

    @property
    def key(self) -> str:
        """Return the kind of key by name."""
        return self.curve or "RSA-2048"

    def __str__(self) -> str:
        return f"{ALGORITHMS[self.algorithm][0]}-{self.key}-{self.access}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant of Terminal Authentication."""

    group: Group
    trust: str
    rights: str

    def __str__(self) -> str:
        return f"{self.group}-{self.trust}-{self.rights}"


def groups() -> Iterator[Group]:
    """Yield each algorithm after every access, then with the other curves that OpenSSL has."""
    for algorithm, (_, usual) in ALGORITHMS.items():
        yield from (Group(algorithm, usual, access) for access in ACCESSES)
        for curve in cvc_kit.CURVES if usual is not None else ():
            if curve != usual:
                yield Group(algorithm, curve, PACE, whole=False)


def cells(group: Group) -> Iterator[Cell]:
    """Yield the cells of ``group``."""
    for trust in TRUSTS if group.whole else (CURRENT,):
        for rights in RIGHTS if group.whole else ("DG3 DG4",):
            yield Cell(group, trust, rights)


def meet(cell: Cell) -> None:
    """Open the chip, authenticate it, authenticate the terminal, and read what it may."""
    label = str(cell)
    pki, credential = _terminal(cell)
    card = chip(replace(_card(cell.group.access), terminal=pki), label)
    rng = terminal_rng(label)
    session, identity, named = _opened(card, rng)
    choice = choose(dg14.parse(read_group(session, 14)))
    assert choice is not None
    chip_proof = run_chip_authentication(session, choice, rng)
    session = SecureMessaging(card, chip_proof.keys)
    authorities = named or parse_cvca_file(read_file(session, CVCA, max_read=SHORT_READ))
    chain = credential.chain(authorities, AT)
    assert isinstance(chain, CvChain)
    assert len(chain.certificates) == (3 if cell.trust == LINK else 2)
    result = run_terminal_authentication(
        session,
        chain,
        credential.key,
        chip_authentication=chip_proof,
        domain=choice.domain,
        identity=identity,
    )
    assert result.finding == SUCCESS
    granted = {3: result.reads_fingerprints, 4: result.reads_irises}
    assert granted == {number: f"DG{number}" in cell.rights for number in (3, 4)}
    for number, is_granted in granted.items():
        _assert_readable(session, card, number, is_granted)
    assert_met(session, chip_proof.keys, card)
    known = {CURRENT: (_NEW,), PREVIOUS: (_NEW, _OLD), LINK: (_NEW, _OLD)}[cell.trust]
    assert tuple(each.decode() for each in card.memory.authority_references) == known


def _assert_readable(
    session: SecureMessaging, card: EmulatedCard, number: int, is_granted: bool
) -> None:
    """Assert that the chip gives the data group, or that it does not."""
    if is_granted:
        assert read_group(session, number) == card.issued.files[f"DG{number}"]
        return
    with pytest.raises(FileLocked):
        read_group(session, number)


def _opened(card: EmulatedCard, rng: SeededRng) -> tuple[SecureMessaging, bytes, tuple[str, ...]]:
    """Return the session in the application, ID_IC, and the authorities that PACE named."""
    secrets = card.issued.secrets
    if "CardAccess" not in card.issued.files:
        return open_by_bac(card, rng)[0], identity_after_bac(secrets.mrz_information), ()
    parameters = choose_pace(parse_card_access(read_card_access(card) or b"").pace)
    result = run_pace(card, parameters, PacePassword.from_can(secrets.can), rng)
    session = SecureMessaging(card, result.keys)
    select_application(session, EMRTD_AID)
    identity = compressed(parameters.domain, result.chip_public)
    return session, identity, result.certification_authorities


@lru_cache(maxsize=3)
def _card(access: str) -> IssuedCard:
    """Return a card with fingerprints and irises, whose chip does not trust anybody yet."""
    parameters, key = ACCESSES[access]
    table: Row = {
        "chip_authentication": [{"key": key, "cipher": "AES-128"}],
        "terminal_authentication": {},
    }
    if parameters is not None:
        table["pace"] = [{"mapping": "GM", "cipher": "AES-128", "parameters": parameters}]
    if access == PACE_DH:
        table["behaviour"] = {"pace_names_authorities": True}
    return issued(table)


def _terminal(cell: Cell) -> tuple[TerminalPki, TerminalCredential]:
    """Return what the chip trusts, and the certificates and the key of the terminal."""
    algorithm, curve = cell.group.algorithm, cell.group.curve
    old, new = (cvc_kit.authority(name, algorithm, curve) for name in (_OLD, _NEW))
    issuer = old if cell.trust == PREVIOUS else new
    of_verifier, of_terminal = RIGHTS[cell.rights]
    verifier = issuer.issue(_VERIFIER, 0b10, rights=of_verifier)
    last = verifier.issue(_TERMINAL, 0b00, rights=of_terminal)
    held = [issuer, verifier, last]
    if cell.trust == LINK:
        held = [old, old.issue(_NEW, 0b11, parameters=curve is not None), verifier, last]
    trusted = {CURRENT: (new.raw,), PREVIOUS: (new.raw, old.raw), LINK: (old.raw,)}
    credential = TerminalCredential(
        tuple(each.certificate for each in held), FileTerminalKey.from_bytes(last.pkcs8())
    )
    return TerminalPki(trusted=trusted[cell.trust]), credential
