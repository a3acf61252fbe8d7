"""Terminal Authentication from the chip's side: the chain, the dates, the rights and the order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest

from chip_terminal import Reply, Terminal, tlv
from eac_terminal import chip_authentication, opened, prove, send_certificate, unwrapped
from ecid.emulator import EmulatedCard, IssuedCard, issue, parse_definition
from ecid.emulator import cvc_issuing as cvc
from ecid.emulator.definitions import definition
from ecid.emulator.keys import EcSecret, Secret, generate_ec
from ecid.emulator.terminal_issuing import CURRENT, PREVIOUS, TERMINAL, VERIFIER
from ecid.emulator.terminal_pki import TerminalPki
from ecid.lds.cvc import parse_cvca_file
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import curve_by_name
from ecid_crypto.rng import SeededRng
from pace_terminal import Suite, pace

pytestmark = pytest.mark.slow

SUITE = Suite("GM", 2, 13)
DG3, DG4 = 0x0103, 0x0104
SHIPPED = ["eac-rsa", "eac-rsa-pss", "eac-ecdsa", "eac-foreign", "eac-bac-dh", "utopia-td3"]


@dataclass
class Visit:
    """A terminal after Chip Authentication, and what it has to sign with the challenge."""

    terminal: Terminal
    card: EmulatedCard
    identity: bytes
    own_key: bytes

    def certificates(self, *chain: tuple[bytes, bytes]) -> list[int]:
        """Send certificates, each with the reference of its issuer."""
        return [send_certificate(self.terminal, c, issuer).sw for issuer, c in chain]

    def prove(self, key: Secret, algorithm: str, holder: bytes = TERMINAL) -> Reply:
        """Sign the challenge."""
        return prove(self.terminal, key, algorithm, holder, self.identity, self.own_key)


def visit(issued: IssuedCard, card: EmulatedCard | None = None) -> Visit:
    """Open a card, new or again, and run Chip Authentication."""
    card = card or EmulatedCard(issued)
    card.reset()
    terminal = Terminal(card)
    identity = opened(terminal, issued, SUITE if "CardAccess" in issued.files else None)
    (secret,) = issued.chip_keys.all_chip_authentication
    reply, own_key = chip_authentication(terminal, secret, Cipher.AES_128)
    assert reply.sw == 0x9000
    return Visit(terminal, card, identity, own_key)


def readable(terminal: Terminal) -> set[int]:
    """Return the data groups, of DG3 and DG4, that can be selected."""
    return {fid for fid in (DG3, DG4) if terminal.select(fid).sw == 0x9000}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_cards(name: str) -> None:
    """The chain and the key that come with a card open what they have the right for."""
    issued = issue(name)
    pki, ta = issued.terminal, algorithm_of(name)
    assert pki.key is not None
    met = visit(issued)
    assert readable(met.terminal) == set()
    chain = met.certificates((CURRENT, pki.verifier), (VERIFIER, pki.terminal))
    assert chain == [0x9000, 0x9000]
    assert readable(met.terminal) == set()
    assert met.prove(pki.key, ta).sw == 0x9000
    present = {0x0100 + number for number in (3, 4) if f"DG{number}" in issued.files}
    assert readable(met.terminal) == present
    assert met.terminal.read_file(DG3) == issued.files["DG3"]


def algorithm_of(name: str) -> str:
    """Return the algorithm of a shipped card."""
    choice = definition(name).terminal_authentication
    assert choice is not None
    return choice.algorithm


@pytest.mark.parametrize("algorithm", cvc.ALGORITHMS)
def test_every_algorithm(algorithm: str) -> None:
    """RSA v1.5 and PSS with three hashes, ECDSA with five."""
    key = "RSA-1536" if algorithm.startswith("RSA") else "brainpoolP224r1"
    table: dict[str, object] = {
        "doc": "an algorithm",
        "holder": "eriksson-td1",
        "pace": [{"mapping": "GM", "cipher": "AES-128", "parameters": 13}],
        "chip_authentication": [{"key": "P-256", "cipher": "AES-128"}],
        "terminal_authentication": {"algorithm": algorithm, "key": key},
    }
    issued = issue(parse_definition("algorithm", table))
    pki = issued.terminal
    assert pki.key is not None
    met = visit(issued)
    met.certificates((CURRENT, pki.verifier), (VERIFIER, pki.terminal))
    assert met.prove(pki.key, algorithm).sw == 0x9000
    assert readable(met.terminal) == {DG3, DG4}


def new_key(label: str) -> EcSecret:
    """Return a key on P-256."""
    return generate_ec(curve_by_name("P-256"), SeededRng(label.encode()))


ALGORITHM = "ECDSA-SHA-256"
KEYS = {label: new_key(label) for label in ("cvca", "next", "dv", "is")}
START, END = date(2021, 6, 1), date(2031, 6, 1)
CVCA_REF, NEXT_REF = b"UTCVCATEST00001", b"UTCVCATEST00002"


def plan(
    authority_: bytes, holder_: bytes, key_: EcSecret, authorisation_: int, **changes: object
) -> cvc.CvcPlan:
    """Return a plan with the usual dates."""
    made = cvc.CvcPlan(
        authority=authority_,
        holder=holder_,
        key=key_,
        algorithm=ALGORITHM,
        authorisation=authorisation_,
        effective=START,
        expiration=END,
        explicit=authorisation_ & 0xC0 == cvc.CVCA,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def cvca(**changes: object) -> bytes:
    """Return the self-signed certificate of the trust point."""
    made = plan(CVCA_REF, CVCA_REF, KEYS["cvca"], cvc.CVCA | 3, **changes)
    return cvc.issue_cvc(made, KEYS["cvca"], ALGORITHM, SeededRng(b"cvca"))


def verifier(rights: int = 3, role: int = cvc.DV_DOMESTIC, **changes: object) -> bytes:
    """Return the certificate of a document verifier."""
    made = plan(CVCA_REF, VERIFIER, KEYS["dv"], role | rights, **changes)
    return cvc.issue_cvc(made, KEYS["cvca"], ALGORITHM, SeededRng(b"dv"))


def terminal(rights: int = 3, **changes: object) -> bytes:
    """Return the certificate of an inspection system."""
    made = plan(VERIFIER, TERMINAL, KEYS["is"], cvc.TERMINAL | rights, **changes)
    return cvc.issue_cvc(made, KEYS["dv"], ALGORITHM, SeededRng(b"is"))


def link(**changes: object) -> bytes:
    """Return the link certificate from the trust point to the next key."""
    made = plan(CVCA_REF, NEXT_REF, KEYS["next"], cvc.CVCA | 3, **changes)
    return cvc.issue_cvc(made, KEYS["cvca"], ALGORITHM, SeededRng(b"link"))


@pytest.fixture(scope="module")
def issued() -> IssuedCard:
    """Return a card that trusts the keys above; its chip believes in 1 June 2021."""
    return replace(issue("eac-ecdsa"), terminal=TerminalPki(trusted=(cvca(),)))


@pytest.mark.parametrize("of_cvca", range(4))
@pytest.mark.parametrize("of_verifier", range(4))
@pytest.mark.parametrize("of_terminal", range(4))
def test_rights_are_what_all_have(
    issued: IssuedCard, of_cvca: int, of_verifier: int, of_terminal: int
) -> None:
    """DG3 and DG4 open exactly if every certificate of the chain says so (TR-03110-1 §2.7)."""
    made = plan(CVCA_REF, CVCA_REF, KEYS["cvca"], cvc.CVCA | of_cvca)
    trusted = cvc.issue_cvc(made, KEYS["cvca"], ALGORITHM, SeededRng(b"cvca"))
    met = visit(replace(issued, terminal=TerminalPki(trusted=(trusted,))))
    met.certificates((CVCA_REF, verifier(of_verifier)), (VERIFIER, terminal(of_terminal)))
    assert met.prove(KEYS["is"], ALGORITHM).sw == 0x9000
    rights = of_cvca & of_verifier & of_terminal
    assert readable(met.terminal) == {fid for fid, bit in ((DG3, 1), (DG4, 2)) if rights & bit}


def test_control(issued: IssuedCard) -> None:
    """The chain that the negative cases below change is accepted."""
    met = visit(issued)
    assert met.certificates((CVCA_REF, verifier()), (VERIFIER, terminal())) == [0x9000, 0x9000]
    assert met.prove(KEYS["is"], ALGORITHM).sw == 0x9000
    assert readable(met.terminal) == {DG3, DG4}


def signed_by(made: cvc.CvcPlan, label: str) -> bytes:
    """Return a certificate signed with another of the keys."""
    return cvc.issue_cvc(made, KEYS[label], ALGORITHM, SeededRng(b"other"))


def flipped(certificate: bytes) -> bytes:
    """Return a certificate with the last bit of its signature changed."""
    return certificate[:-1] + bytes([certificate[-1] ^ 1])


@pytest.mark.parametrize(
    ("make", "sw"),
    [
        (lambda: flipped(verifier()), 0x6300),
        (lambda: signed_by(plan(CVCA_REF, VERIFIER, KEYS["dv"], 0x83), "dv"), 0x6300),
        (lambda: verifier(authority=NEXT_REF), 0x6A80),
        (lambda: verifier(expiration=date(2021, 5, 31), effective=date(2021, 1, 1)), 0x6985),
        (lambda: verifier(effective=END, expiration=START), 0x6A80),
        (lambda: verifier(terminal_type="0.4.0.127.0.7.3.1.2.2"), 0x6A80),
        (lambda: verifier(explicit=True), 0x6A80),
        (lambda: verifier(profile=1), 0x6A80),
        (lambda: verifier(extra=b"\x04\x00"), 0x6A80),
        (lambda: verifier(role=cvc.TERMINAL), 0x6985),
        (lambda: b"\x7f\x21\x81\x00" + bytes(9), 0x6A80),
    ],
    ids=[
        "signature",
        "other-key",
        "other-authority",
        "expired",
        "dates",
        "terminal-type",
        "curve-of-its-own",
        "profile",
        "extra",
        "terminal-below-cvca",
        "rubbish",
    ],
)
def test_verifier_refused(issued: IssuedCard, make: Callable[[], bytes], sw: int) -> None:
    """One mutation of the first certificate each; nothing is imported."""
    met = visit(issued)
    assert met.certificates((CVCA_REF, make()), (VERIFIER, terminal())) == [sw, 0x6A88]
    assert met.terminal.send("002281A4", tlv(0x83, TERMINAL)).sw == 0x6A88


@pytest.mark.parametrize(
    ("make", "sw"),
    [
        (lambda: flipped(terminal()), 0x6300),
        (lambda: signed_by(plan(VERIFIER, TERMINAL, KEYS["is"], 3), "cvca"), 0x6300),
        (lambda: terminal(authority=CVCA_REF), 0x6A80),
        (lambda: terminal(expiration=date(2021, 5, 31), effective=date(2021, 1, 1)), 0x6985),
        (lambda: terminal(authorisation=cvc.DV_DOMESTIC | 3), 0x6985),
        (lambda: terminal(authorisation=cvc.CVCA | 3, explicit=True), 0x6985),
    ],
    ids=["signature", "other-key", "authority", "expired", "verifier", "cvca"],
)
def test_terminal_refused(issued: IssuedCard, make: Callable[[], bytes], sw: int) -> None:
    """One mutation of the second certificate each; the terminal cannot go on."""
    met = visit(issued)
    assert met.certificates((CVCA_REF, verifier()), (VERIFIER, make())) == [0x9000, sw]
    assert met.prove(KEYS["is"], ALGORITHM).sw == 0x6A88


def test_terminal_signs_nothing(issued: IssuedCard) -> None:
    """A terminal's key verifies no certificate."""
    met = visit(issued)
    met.certificates((CVCA_REF, verifier()), (VERIFIER, terminal()))
    assert met.terminal.send("002281B6", tlv(0x83, TERMINAL)).sw == 0x6A88


@pytest.mark.parametrize("what", ["identity", "own_key", "key", "algorithm"])
def test_wrong_signature(issued: IssuedCard, what: str) -> None:
    """A signature over another chip, another session, or by another key opens nothing."""
    met = visit(issued)
    met.certificates((CVCA_REF, verifier()), (VERIFIER, terminal()))
    if what in ("identity", "own_key"):
        setattr(met, what, bytes(len(getattr(met, what))))
    key = KEYS["dv"] if what == "key" else KEYS["is"]
    algorithm = "ECDSA-SHA-384" if what == "algorithm" else ALGORITHM
    assert met.prove(key, algorithm).sw == 0x6300
    assert readable(met.terminal) == set()


def test_challenge_serves_once(issued: IssuedCard) -> None:
    """Another command between challenge and answer, or a second answer, is out of order."""
    met = visit(issued)
    met.certificates((CVCA_REF, verifier()), (VERIFIER, terminal()))
    met.terminal.send("002281A4", tlv(0x83, TERMINAL))
    challenge = met.terminal.send("00840000", le=8).data
    met.terminal.select(0x0101)
    signature = cvc.sign(
        KEYS["is"], ALGORITHM, met.identity + challenge + met.own_key, SeededRng(b"k")
    )
    assert met.terminal.send("00820000", signature).sw == 0x6985
    assert met.prove(KEYS["is"], ALGORITHM).sw == 0x9000
    assert met.terminal.send("00820000", signature).sw == 0x6985


def test_needs_chip_authentication(issued: IssuedCard) -> None:
    """Every command of the protocol is 6985 before Chip Authentication."""
    terminal_ = Terminal(EmulatedCard(issued))
    opened(terminal_, issued, SUITE)
    for header, data in (
        ("002281B6", tlv(0x83, CVCA_REF)),
        ("002A00BE", unwrapped(verifier())),
        ("002281A4", tlv(0x83, TERMINAL)),
    ):
        assert terminal_.send(header, data).sw == 0x6985


def test_rights_end_with_the_session(issued: IssuedCard) -> None:
    """After a reset, and after another Chip Authentication, nothing is granted."""
    met = visit(issued)
    met.certificates((CVCA_REF, verifier()), (VERIFIER, terminal()))
    assert met.prove(KEYS["is"], ALGORITHM).sw == 0x9000
    (secret,) = issued.chip_keys.all_chip_authentication
    assert chip_authentication(met.terminal, secret, Cipher.AES_128)[0].sw == 0x9000
    assert readable(met.terminal) == set()
    # A second time in one session is refused, whatever is signed (§7.1.3).
    met.certificates((CVCA_REF, verifier()), (VERIFIER, terminal()))
    assert met.prove(KEYS["is"], ALGORITHM).sw == 0x6982
    again = visit(issued, met.card)
    assert readable(again.terminal) == set()
    assert again.terminal.send("002281A4", tlv(0x83, TERMINAL)).sw == 0x6A88


def test_failure_keeps_earlier_rights_out(issued: IssuedCard) -> None:
    """Selecting an unknown issuer or holder is 6A88."""
    met = visit(issued)
    assert met.terminal.send("002281B6", tlv(0x83, b"UTNOBODY00001")).sw == 0x6A88
    assert met.terminal.send("002281A4", tlv(0x83, CVCA_REF)).sw == 0x6A88
    assert met.terminal.send("002A00BE", unwrapped(verifier())).sw == 0x6985


def ef_cvca(terminal_: Terminal) -> tuple[str, ...]:
    """Return the references that EF.CVCA names."""
    return parse_cvca_file(terminal_.read_file(0x011C))


def test_link_certificate(issued: IssuedCard) -> None:
    """The next key is trusted from then on, for good; the one before it still is."""
    met = visit(issued)
    assert ef_cvca(met.terminal) == ("UTCVCATEST00001",)
    assert met.certificates((CVCA_REF, link())) == [0x9000]
    assert ef_cvca(met.terminal) == ("UTCVCATEST00002", "UTCVCATEST00001")
    below = plan(NEXT_REF, VERIFIER, KEYS["dv"], 0x83)
    chain = cvc.issue_cvc(below, KEYS["next"], ALGORITHM, SeededRng(b"dv"))
    again = visit(issued, met.card)
    assert again.certificates((NEXT_REF, chain), (VERIFIER, terminal())) == [0x9000, 0x9000]
    assert again.prove(KEYS["is"], ALGORITHM).sw == 0x9000


def test_third_key_replaces_the_first(issued: IssuedCard) -> None:
    """A chip keeps two keys (TR-03110-3 §2.5)."""
    met = visit(issued)
    third = plan(NEXT_REF, b"UTCVCATEST00003", KEYS["dv"], cvc.CVCA | 3)
    met.certificates((CVCA_REF, link()), (NEXT_REF, signed_by(third, "next")))
    assert ef_cvca(met.terminal) == ("UTCVCATEST00003", "UTCVCATEST00002")
    assert met.certificates((CVCA_REF, verifier())) == [0x6A88]


def test_shipped_link() -> None:
    """The card that knows the key before is opened by the link and the chain."""
    issued = issue("eac-link")
    pki = issued.terminal
    assert pki.key is not None
    met = visit(issued)
    assert met.certificates((CURRENT, pki.verifier)) == [0x6A88]
    steps = ((PREVIOUS, pki.link), (CURRENT, pki.verifier), (VERIFIER, pki.terminal))
    assert met.certificates(*steps) == [0x9000] * 3
    assert met.prove(pki.key, "ECDSA-SHA-384").sw == 0x9000


def test_expired_link_certificate(issued: IssuedCard) -> None:
    """It is accepted; the key it was signed with verifies nothing else any more (§7.1.4.3.3)."""
    met = visit(issued)
    met.card.memory.today = date(2032, 1, 1)
    assert met.certificates((CVCA_REF, verifier(expiration=date(2040, 1, 1)))) == [0x6985]
    assert met.certificates((CVCA_REF, link())) == [0x9000]
    assert ef_cvca(met.terminal) == ("UTCVCATEST00002", "UTCVCATEST00001")


def test_known_reference(issued: IssuedCard) -> None:
    """A certificate for a reference that the chip trusts already is refused (§7.1.4.3.7)."""
    met = visit(issued)
    assert met.certificates((CVCA_REF, cvca())) == [0x6985]
    assert met.certificates((CVCA_REF, verifier(holder=CVCA_REF))) == [0x6985]


def test_after_chip_authentication_mapping() -> None:
    """PACE with CAM proves the chip: its ephemeral keys serve Terminal Authentication (§7.1.2)."""
    issued = issue("utopia-td3")
    pki = issued.terminal
    assert pki.key is not None
    terminal_ = Terminal(EmulatedCard(issued))
    sent: list[bytes] = []

    def note(tag: int, value: bytes) -> bytes:
        if tag == 0x83:
            sent.append(value)
        return value

    suite = Suite("CAM", 2, 13)
    found = pace(terminal_, suite, issued.secrets.can.encode(), tamper=note)
    assert terminal_.select_application().sw == 0x9000
    met = Visit(terminal_, EmulatedCard(issued), found.chip_public[1:33], sent[0][1:33])
    met.certificates((CURRENT, pki.verifier), (VERIFIER, pki.terminal))
    assert met.prove(pki.key, "ECDSA-SHA-256").sw == 0x9000
    assert readable(terminal_) == {DG3, DG4}


@pytest.mark.parametrize(
    ("template", "sw"),
    [
        ("060904007F000703010201530103", 0x9000),
        ("060904007F000703010202530103", 0x6A80),
        ("060904007F00070301020153020303", 0x6A80),
        ("530103", 0x6A80),
    ],
)
def test_references_in_pace(template: str, sw: int) -> None:
    """PACE names the CVCA keys to a terminal that asks with 7F4C (Doc 9303-11 §4.4.5)."""
    issued = issue("utopia-td3")
    card, suite = EmulatedCard(issued), Suite("GM", 2, 13)
    found = pace(
        Terminal(card),
        suite,
        issued.secrets.can.encode(),
        more=tlv(0x7F4C, bytes.fromhex(template)),
    )
    assert found.reply.sw == sw
    expected = (CURRENT, PREVIOUS) if sw == 0x9000 else (None, None)
    assert (found.objects.get(0x87), found.objects.get(0x88)) == expected


@pytest.mark.parametrize(
    ("role", "learnt"),
    [(cvc.DV_DOMESTIC, date(2025, 1, 1)), (cvc.DV_FOREIGN, date(2023, 1, 1))],
    ids=["domestic", "foreign"],
)
def test_date_of_the_chip(issued: IssuedCard, role: int, learnt: date) -> None:
    """CVCA and verifiers tell the date, terminals only under a domestic verifier."""
    met = visit(issued)
    assert met.card.memory.today == date(2021, 6, 1)
    met.certificates((CVCA_REF, link(effective=date(2022, 1, 1))))
    assert met.card.memory.today == date(2022, 1, 1)
    above = verifier(role=role, effective=date(2023, 1, 1))
    met.certificates((CVCA_REF, above), (VERIFIER, terminal(effective=date(2025, 1, 1))))
    assert met.card.memory.today == learnt
    met.card.reset()
    assert met.card.memory.today == learnt
    early = verifier(effective=START, expiration=date(2022, 12, 31))
    assert visit(issued, met.card).certificates((CVCA_REF, early)) == [0x6985]


def test_a_refused_certificate_tells_no_date(issued: IssuedCard) -> None:
    """Only what was verified moves the clock."""
    met = visit(issued)
    met.certificates((CVCA_REF, flipped(verifier(effective=date(2030, 1, 1)))))
    assert met.card.memory.today == date(2021, 6, 1)


@pytest.mark.parametrize(
    ("header", "data", "le", "sw"),
    [
        ("002281B6", b"", None, 0x6A80),
        ("002281B6", tlv(0x84, CVCA_REF), None, 0x6A80),
        ("002281B6", tlv(0x83, CVCA_REF) * 2, None, 0x6A80),
        ("002281A4", b"\x83", None, 0x6A80),
        ("002A00BF", b"\x00", None, 0x6A86),
        ("002A00BE", b"\x00", 256, 0x6700),
        ("002281B7", tlv(0x83, CVCA_REF), None, 0x6A86),
    ],
)
def test_strict(issued: IssuedCard, header: str, data: bytes, le: int | None, sw: int) -> None:
    """Wrong objects, P1 and P2, and an Le that no answer has."""
    assert visit(issued).terminal.send(header, data, le).sw == sw


def test_get_challenge_is_strict(issued: IssuedCard) -> None:
    """Eight bytes, asked for as such."""
    met = visit(issued)
    met.certificates((CVCA_REF, verifier()), (VERIFIER, terminal()))
    met.terminal.send("002281A4", tlv(0x83, TERMINAL))
    assert met.terminal.send("00840000", le=9).sw == 0x6700
    met.terminal.send("002281A4", tlv(0x83, TERMINAL))
    assert met.terminal.send("00840001", le=8).sw == 0x6A86


def test_chain_of_commands_is_strict(issued: IssuedCard) -> None:
    """Another command ends a chain; its parts have no Le."""
    met = visit(issued)
    content = unwrapped(verifier())
    met.terminal.send("002281B6", tlv(0x83, CVCA_REF))
    assert met.terminal.send("102A00BE", content[:100]).sw == 0x9000
    assert met.terminal.send("00820000", content[100:]).sw == 0x6884
    met.terminal.send("002281B6", tlv(0x83, CVCA_REF))
    assert met.terminal.send("102A00BE", content[:100]).sw == 0x9000
    met.terminal.select(0x0101)
    assert met.terminal.send("002A00BE", content[100:]).sw == 0x6A80
    assert met.terminal.send("102A00BE", content[:100], 256).sw == 0x6884
