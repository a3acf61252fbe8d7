"""Basic Access Control against Doc 9303-11 appendix D, and one wrong answer at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import AccessDenied, ChipError, EcidError, ProtocolError
from ecid.protocols.bac import BacKey, run_bac
from ecid.session.keys import SessionKeys
from ecid_crypto.cipher import Cipher
from ecid_crypto.rng import ScriptedRng, SeededRng
from ecid_readers.errors import MalformedApdu
from ecid_readers.record import Recording
from ecid_readers.replay import Replay
from scripted_card import ScriptedCard

Doc = dict[str, dict[str, bytes]]

# Appendix D.2: K_Enc and K_MAC of L898902C<369080619406236.
KEY = BacKey(
    bytes.fromhex("AB94FDECF2674FDFB9B391F85D7F76F2"),
    bytes.fromhex("7962D9ECE03D1ACD4C76089DCE131543"),
)
# Appendix D.3.
RND_IC = bytes.fromhex("4608F91988702212")
RND_IFD = bytes.fromhex("781723860C06C226")
K_IFD = bytes.fromhex("0B795240CB7049B01C19B33E32804F0B")
K_IC = bytes.fromhex("0B4F80323EB3191CB04970CB4052790B")


@dataclass(frozen=True)
class Answers:
    """What a chip answers in one run, as the example has it."""

    challenge: bytes = RND_IC + b"\x90\x00"
    plain: bytes = RND_IC + RND_IFD + K_IC
    seal: Callable[[bytes], bytes] = KEY.seal
    sw: bytes = b"\x90\x00"

    def run(self) -> SessionKeys:
        """Run BAC against these answers with the randomness of the example."""
        card = ScriptedCard([self.challenge, self.seal(self.plain) + self.sw])
        return run_bac(card, KEY, ScriptedRng(RND_IFD, K_IFD))


def test_worked_example(doc9303: Doc) -> None:
    """Appendix D.3, byte for byte: both commands, and keys and counter that come out."""
    d3 = doc9303["D.3"]
    wire = Replay(
        [
            (d3["get_challenge_command_apdu"], d3["rnd_ic"] + b"\x90\x00"),
            (d3["external_authenticate_command_apdu"], d3["resp_data"] + b"\x90\x00"),
        ]
    )
    rng = ScriptedRng(d3["rnd_ifd"], d3["k_ifd"])
    key = BacKey.from_mrz_information(doc9303["D.2.td1_short"]["mrz_information"].decode("ascii"))
    keys = run_bac(wire, key, rng)
    assert SessionKeys(Cipher.TDES, d3["ks_enc"], d3["ks_mac"], d3["ssc"]) == keys
    assert wire.remaining == 0
    assert rng.exhausted


@pytest.mark.parametrize("group", ["D.2.td1_short", "D.2.td2_short"])
def test_keys_of_a_short_number(doc9303: Doc, group: str) -> None:
    """Appendix D.2: the same number in TD1 and TD2 gives the same keys."""
    information = doc9303[group]["mrz_information"].decode("ascii")
    expected = BacKey(doc9303["D.2.keys"]["k_enc"], doc9303["D.2.keys"]["k_mac"])
    assert expected == BacKey.from_mrz_information(information)
    assert expected == KEY


def test_keys_of_a_long_number(doc9303: Doc) -> None:
    """Appendix D.2: a number of more than nine characters in TD1 and TD2."""
    long = {doc9303[f"D.2.{td}_long"]["mrz_information"] for td in ("td1", "td2")}
    assert long == {b"D23145890734934071279507122"}


def test_seal_and_open() -> None:
    """What one side seals the other opens."""
    plain = bytes(range(32))
    assert KEY.open(KEY.seal(plain)) == plain


def test_keys_are_not_printed() -> None:
    """No repr shows key bytes."""
    assert repr(KEY) == "BacKey()"


def test_control() -> None:
    """The answers of the example, from which the next tests differ in one part."""
    keys = Answers().run()
    assert keys.ssc == bytes.fromhex("887022120C06C226")
    assert keys.cipher is Cipher.TDES


def changed(plain: bytes, at: int) -> bytes:
    """Return ``plain`` with one bit changed."""
    return plain[:at] + bytes((plain[at] ^ 1,)) + plain[at + 1 :]


UNPROVEN = {
    "RND.IC not echoed": Answers(plain=changed(RND_IC + RND_IFD + K_IC, 0)),
    "RND.IFD not echoed": Answers(plain=changed(RND_IC + RND_IFD + K_IC, 15)),
    "nonces exchanged": Answers(plain=RND_IFD + RND_IC + K_IC),
    "our own cryptogram sent back": Answers(plain=RND_IFD + RND_IC + K_IFD),
    "wrong MAC": Answers(seal=lambda plain: changed(KEY.seal(plain), 39)),
    "wrong cryptogram": Answers(seal=lambda plain: changed(KEY.seal(plain), 31)),
    "MAC of zeros": Answers(seal=lambda plain: KEY.seal(plain)[:32] + bytes(8)),
    "key of another document": Answers(seal=BacKey.from_mrz_information("X").seal),
}


@pytest.mark.parametrize("name", UNPROVEN)
def test_chip_does_not_prove_the_key(name: str) -> None:
    """A chip that answers 9000 and does not know the key (§4.3.1 step 4) is no right chip."""
    with pytest.raises(ProtocolError) as caught:
        UNPROVEN[name].run()
    assert caught.value.code == "access_unproven"
    assert caught.value.step == "EXTERNAL AUTHENTICATE"
    assert not isinstance(caught.value, AccessDenied)


WRONG_LENGTHS = {
    "challenge of 7 bytes": (Answers(challenge=RND_IC[:7] + b"\x90\x00"), "GET CHALLENGE"),
    "challenge of 9 bytes": (Answers(challenge=RND_IC + b"\x00\x90\x00"), "GET CHALLENGE"),
    "no challenge": (Answers(challenge=b"\x90\x00"), "GET CHALLENGE"),
    "no answer": (Answers(seal=lambda _: b""), "EXTERNAL AUTHENTICATE"),
    "no MAC": (Answers(seal=lambda p: KEY.seal(p)[:32]), "EXTERNAL AUTHENTICATE"),
    "MAC of 4 bytes": (Answers(seal=lambda p: KEY.seal(p)[:36]), "EXTERNAL AUTHENTICATE"),
    "one byte more": (Answers(seal=lambda p: KEY.seal(p) + b"\x00"), "EXTERNAL AUTHENTICATE"),
}


@pytest.mark.parametrize("name", WRONG_LENGTHS)
def test_wrong_length(name: str) -> None:
    """Nothing is cut or filled up to the right length."""
    answers, step = WRONG_LENGTHS[name]
    with pytest.raises(ProtocolError) as caught:
        answers.run()
    assert (caught.value.code, caught.value.step) == ("wrong_length", step)


@pytest.mark.parametrize("sw", [0x6300, 0x63C2, 0x6982, 0x6985, 0x6988, 0x6F00, 0x9001])
def test_refused_key(sw: int) -> None:
    """Whatever the status word says: the chip did not take the key, even if data came along."""
    with pytest.raises(AccessDenied) as caught:
        replace(Answers(), sw=sw.to_bytes(2, "big")).run()
    assert caught.value.code == "wrong_key"
    assert caught.value.tries_left == (2 if sw == 0x63C2 else None)


@pytest.mark.parametrize("sw", [0x6D00, 0x6982, 0x6700])
def test_refused_challenge(sw: int) -> None:
    """Without a challenge no key was ever tried: not the same as a refused key."""
    with pytest.raises(ProtocolError) as caught:
        Answers(challenge=sw.to_bytes(2, "big")).run()
    assert (caught.value.code, caught.value.sw) == ("protocol", sw)
    assert caught.value.step == "GET CHALLENGE"


def test_each_try_has_its_own_randomness() -> None:
    """A second try after a refusal sends another cryptogram (§4.3.1, B5)."""
    rng = SeededRng(b"two tries")
    sent = []
    for _ in range(2):
        wire = Recording(ScriptedCard([RND_IC + b"\x90\x00", b"\x63\x00"]))
        with pytest.raises(AccessDenied):
            run_bac(wire, KEY, rng)
        sent.append(wire.exchanges[1][0])
    assert sent[0] != sent[1]


@given(st.lists(st.binary(max_size=64), min_size=2, max_size=2))
def test_arbitrary_answers(answers: list[bytes]) -> None:
    """Any two answers end in an error of the chip, or of the link where they are no APDU."""
    with pytest.raises((ChipError, MalformedApdu)) as caught:
        run_bac(ScriptedCard(answers), KEY, ScriptedRng(RND_IFD, K_IFD))
    assert isinstance(caught.value, EcidError) or min(map(len, answers)) < 2
