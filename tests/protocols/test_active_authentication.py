"""Active Authentication against published answers, and one wrong part at a time."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa_key import PUBLIC, DsaKey
from ecid.emulator.keys import RsaSecret, generate_rsa
from ecid.lds import dg15
from ecid.lds.security_infos import ActiveAuthenticationInfo, SecurityInfos
from ecid.outcome import Outcome, Reason
from ecid.protocols.active_authentication import (
    CHALLENGE_LENGTH,
    check_answer,
    derive_challenge,
    internal_authenticate,
)
from ecid.session.file_reader import short_read_length
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import Point, curve_by_name
from ecid_crypto.errors import InvalidSignature
from ecid_crypto.hashes import Hash
from ecid_crypto.iso9796_2 import check_representative
from ecid_crypto.public_key import EcPublicKey, PublicKey, RsaPublicKey
from ecid_crypto.rng import SeededRng
from forged_sod import PlainEcdsaKey, ec_key, flipped, key_of, rsa_secret, verdict
from roca_key import roca_secret
from scripted_card import FunctionCard, ScriptedCard

PLAIN = "0.4.0.127.0.7.1.1.4.1"
CHALLENGE = bytes(range(8))
WRONG = "failed wrong_answer"
UNSUPPORTED = "undetermined unsupported_algorithm"


def naming(*oids: str) -> SecurityInfos:
    """Return a DG14 with ActiveAuthenticationInfos that name these algorithms."""
    return SecurityInfos(
        active_authentication=tuple(ActiveAuthenticationInfo(1, oid) for oid in oids)
    )


def judged(key: PublicKey, infos: SecurityInfos | None, challenge: bytes, signature: bytes) -> str:
    """Return the verdict on an answer, and the deviations that it leans on."""
    checked = check_answer(key, infos, challenge, signature)
    return " ".join([verdict(checked.finding), *checked.deviations])


# Published answers ------------------------------------------------------------------------


def test_recorded_run(transcripts: dict[str, Any]) -> None:
    """A real document, RSA-1792 with SHA-256: the command is the recorded one, the answer holds.

    Its 224 bytes fit a short response under 3DES; under AES they would not.
    """
    (run,) = transcripts["active_authentication"]
    key = dg15.parse(bytes.fromhex(run["dg15"])).key
    sm = run["secure_messaging"]
    session_keys = SessionKeys(
        Cipher.TDES, *(bytes.fromhex(sm[name]) for name in ("ks_enc", "ks_mac", "ssc_before"))
    )
    card = ScriptedCard([bytes.fromhex(run["response_apdu"])])
    challenge = bytes.fromhex(run["rnd_ifd"])
    session = SecureMessaging(card, session_keys)
    response = internal_authenticate(session, challenge, key, short_read_length(Cipher.TDES))
    assert [bytes.fromhex(run["command_apdu"])] == card.commands
    assert response.sw == 0x9000
    assert bytes.fromhex(run["signature"]) == response.data
    assert judged(key, None, challenge, response.data) == "successful"
    assert judged(key, None, flipped(challenge, 0), response.data) == WRONG
    assert judged(key, None, challenge, flipped(response.data, 9)) == WRONG


def test_published_pairs(iso9796: dict[str, Any]) -> None:
    """Challenges and answers of one chip, RSA-1024: valid ones, and those altered."""
    group = iso9796["active_authentication_rsa_1024"]
    key = dg15.parse(bytes.fromhex(group["dg15"])).key
    counted = {"valid": 0, "invalid": 0}
    for case in group["cases"]:
        found = judged(key, None, bytes.fromhex(case["m2"]), bytes.fromhex(case["s"]))
        expected = case.get("expected", "valid")
        counted[expected] += 1
        assert found == ("successful" if expected == "valid" else WRONG), case
    assert counted["valid"] == 4
    assert sum(counted.values()) == len(group["cases"])


def test_answers_belong_to_their_challenge(iso9796: dict[str, Any]) -> None:
    """AA-07: the answer to one challenge is none to another (AA5)."""
    group = iso9796["active_authentication_rsa_1024"]
    key = dg15.parse(bytes.fromhex(group["dg15"])).key
    pairs = [
        (bytes.fromhex(case["m2"]), bytes.fromhex(case["s"]))
        for case in group["cases"]
        if case.get("expected", "valid") == "valid"
    ]
    for challenge, answer in pairs:
        for other, _ in pairs:
            assert check_answer(key, None, other, answer).finding.ok == (other == challenge)


# RSA --------------------------------------------------------------------------------------


def rsa_answer(challenge: bytes = CHALLENGE, *, header: int = 0x6A, trailer: str = "34CC") -> bytes:
    """Return an answer of ISO/IEC 9796-2 scheme 1 with SHA-256, or a broken one."""
    secret = rsa_secret()
    end = bytes.fromhex(trailer)
    m1 = bytes(256 - 1 - 32 - len(end))
    digest = Hash.SHA256.digest(m1 + challenge)
    number = int.from_bytes(bytes((header,)) + m1 + digest + end, "big")
    return pow(number, secret.d, secret.n).to_bytes(256, "big")


def rsa_key() -> RsaPublicKey:
    """Return the key that belongs to ``rsa_answer``."""
    key = rsa_secret().public
    assert isinstance(key, RsaPublicKey)
    return key


def rsa_verdict(signature: bytes, key: PublicKey | None = None) -> str:
    """Return the verdict on an answer to ``CHALLENGE``."""
    return judged(key or rsa_key(), None, CHALLENGE, signature)


def test_rsa_control() -> None:
    """The answer that the next ones differ from."""
    assert rsa_verdict(rsa_answer()) == "successful"


def test_rsa_ignores_dg14() -> None:
    """With RSA the trailer names the hash; an ActiveAuthenticationInfo changes nothing."""
    infos = naming(f"{PLAIN}.5")
    assert judged(rsa_key(), infos, CHALLENGE, rsa_answer()) == "successful"


@pytest.mark.parametrize(
    "signature",
    [
        rsa_answer(bytes(8)),
        rsa_answer(header=0x4A),
        rsa_answer(header=0x6B),
        rsa_answer(trailer="BC"),
        rsa_answer(trailer="33CC"),
        rsa_answer(trailer="35CC"),
        rsa_answer()[1:],
        b"\x00" + rsa_answer(),
        flipped(rsa_answer(), 100),
        bytes(256),
        b"\xff" * 256,
        b"",
    ],
)
def test_wrong_rsa_answer(signature: bytes) -> None:
    """Another challenge, header, trailer or length, and numbers that are no signature (AA4)."""
    assert rsa_verdict(signature) == WRONG


@pytest.mark.parametrize(
    "bits", [1024, 1280, 2048, *(pytest.param(n, marks=pytest.mark.slow) for n in (3072, 4096))]
)
@pytest.mark.parametrize("trailer", ["BC", "33CC", "34CC", "35CC", "36CC", "38CC"])
def test_d07_every_trailer_and_key_length(bits: int, trailer: str) -> None:
    """Defect D7: the trailer is compared as bytes, and each one names its hash (§6.1.2.2)."""
    secret = _rsa_of(bits)
    key, answer = secret.public, scheme_1(secret, CHALLENGE, trailer)
    assert isinstance(key, RsaPublicKey)
    assert judged(key, None, CHALLENGE, answer) == "successful"
    assert judged(key, None, flipped(CHALLENGE, 7), answer) == WRONG


@pytest.mark.parametrize("zeros", [1, 2, 20, 92])
def test_leading_zeros_in_the_recovered_part(zeros: int) -> None:
    """M1 is recovered in full length: its zeros are part of what was hashed (gmrtd 104)."""
    secret = _rsa_of(1024)
    answer = scheme_1(secret, CHALLENGE, "34CC", bytes(zeros) + b"\xa5" * 92)
    assert judged(secret.public, None, CHALLENGE, answer) == "successful"


def test_leading_zeros_in_the_answer() -> None:
    """So is the signature: as many bytes as the modulus, and not one less."""
    secret = _rsa_of(1024)
    answer = scheme_1(secret, CHALLENGE, "34CC", ZERO_FIRST.to_bytes(2, "big") + b"\xa5" * 92)
    assert answer[0] == 0
    assert judged(secret.public, None, CHALLENGE, answer) == "successful"
    assert judged(secret.public, None, CHALLENGE, answer[1:]) == WRONG


#: Found by search: with this start of M1 the signature begins with a zero byte.
ZERO_FIRST = 27


def scheme_1(secret: RsaSecret, challenge: bytes, trailer: str, m1: bytes = b"\xa5" * 600) -> bytes:
    """Return the answer of ISO/IEC 9796-2 scheme 1 with the start of ``m1`` as the chip's part."""
    end, length = bytes.fromhex(trailer), (secret.n.bit_length() + 7) // 8
    hash_function = HASHES[trailer]
    recovered = m1[: length - 1 - hash_function.digest_length - len(end)]
    digest = hash_function.digest(recovered + challenge)
    number = int.from_bytes(b"\x6a" + recovered + digest + end, "big")
    return pow(number, secret.d, secret.n).to_bytes(length, "big")


HASHES = {
    "BC": Hash.SHA1,
    "33CC": Hash.SHA1,
    "34CC": Hash.SHA256,
    "35CC": Hash.SHA512,
    "36CC": Hash.SHA384,
    "38CC": Hash.SHA224,
}


@cache
def _rsa_of(bits: int) -> RsaSecret:
    return generate_rsa(bits, SeededRng(b"active authentication %d" % bits))


@pytest.mark.parametrize(
    "key",
    [
        RsaPublicKey((1 << 511) + 1, 65537),
        RsaPublicKey((1 << 9000) + 1, 65537),
        RsaPublicKey((1 << 2047) + 2, 65537),
        RsaPublicKey((1 << 2047) + 1, 1),
        RsaPublicKey((1 << 2047) + 1, 4),
    ],
)
def test_unusable_rsa_key(key: RsaPublicKey) -> None:
    """A key that proves nothing leaves the question open (AA8)."""
    assert rsa_verdict(bytes((key.bits + 7) // 8), key) == "undetermined weak_key"


@pytest.mark.parametrize("bits", [1024, pytest.param(2048, marks=pytest.mark.slow)])
def test_key_of_a_broken_generator(bits: int) -> None:
    """AA-14: a right answer of a key whose factors can be found proves nothing (CVE-2017-15361)."""
    secret = roca_secret(bits)
    answer = scheme_1(secret, CHALLENGE, "34CC")
    assert judged(secret.public, None, CHALLENGE, answer) == "undetermined weak_key roca"
    assert judged(secret.public, None, bytes(8), answer) == WRONG


# ECDSA ------------------------------------------------------------------------------------


def ec_verdict(
    signature: bytes, infos: SecurityInfos | None, curve: str = "brainpoolP256r1"
) -> str:
    """Return the verdict on an ECDSA answer to ``CHALLENGE``."""
    return judged(key_of(ec_key("aa", curve)), infos, CHALLENGE, signature)


def ec_answer(hash_function: Hash = Hash.SHA256, curve: str = "brainpoolP256r1") -> bytes:
    """Return r || s over ``CHALLENGE``."""
    return PlainEcdsaKey(ec_key("aa", curve)).sign(hash_function, CHALLENGE)


SHA256 = naming(f"{PLAIN}.3")


@pytest.mark.parametrize("curve", ["P-224", "P-256", "P-521", "brainpoolP384r1"])
@pytest.mark.parametrize(
    ("arc", "hash_function"),
    [(1, Hash.SHA1), (2, Hash.SHA224), (3, Hash.SHA256), (4, Hash.SHA384), (5, Hash.SHA512)],
)
def test_ecdsa(curve: str, arc: int, hash_function: Hash) -> None:
    """Plain ECDSA with the hash that DG14 names; SHA-1 is the standard's here and not weak."""
    answer = ec_answer(hash_function, curve)
    assert ec_verdict(answer, naming(f"{PLAIN}.{arc}"), curve) == "successful"
    other = naming(f"{PLAIN}.{arc % 5 + 1}")
    assert ec_verdict(answer, other, curve) == WRONG


def test_algorithm_named_twice() -> None:
    """Twice the same is no contradiction."""
    assert ec_verdict(ec_answer(), naming(f"{PLAIN}.3", f"{PLAIN}.3")) == "successful"


@pytest.mark.parametrize(
    "infos",
    [
        None,
        naming(),
        naming(f"{PLAIN}.3", f"{PLAIN}.5"),
        naming(f"{PLAIN}.6"),
        naming("1.2.840.10045.4.3.2"),
        naming("1.2.840.113549.1.1.11"),
    ],
)
def test_algorithm_not_named(infos: SecurityInfos | None) -> None:
    """Without one known plain algorithm in DG14 nothing is guessed (§9.2.8)."""
    assert ec_verdict(ec_answer(), infos) == UNSUPPORTED


@pytest.mark.parametrize(
    "signature",
    [
        flipped(ec_answer(), 0),
        ec_answer()[:-1],
        ec_answer() + b"\x00",
        bytes(64),
        ec_answer()[:32] + bytes(32),
        bytes(32) + ec_answer()[32:],
        ec_answer()[:32] + curve_by_name("brainpoolP256r1").n.to_bytes(32, "big"),
        b"",
    ],
)
def test_wrong_ecdsa_answer(signature: bytes) -> None:
    """Wrong, cut, filled, zero or out of range (AA7)."""
    assert ec_verdict(signature, SHA256) == WRONG


DER = ec_key("aa", "brainpoolP256r1").sign(Hash.SHA256, CHALLENGE)


def test_d13_plain_and_der() -> None:
    """Defect D13: plain is the standard, DER is read and named, and each is really verified."""
    assert ec_verdict(ec_answer(), SHA256) == "successful"
    assert ec_verdict(DER, SHA256) == "successful ecdsa_der_answer"
    for wrong in (
        flipped(ec_answer(), 5),
        flipped(DER, 5),
        flipped(DER, 0),
        flipped(DER, len(DER) - 1),
        DER[:-1],
        DER + b"\x00",
        ec_key("aa", "brainpoolP256r1").sign(Hash.SHA256, bytes(8)),
        ec_key("other", "brainpoolP256r1").sign(Hash.SHA256, CHALLENGE),
    ):
        assert ec_verdict(wrong, SHA256) == WRONG


@pytest.mark.parametrize("curve", ["P-224", "P-256", "P-521", "brainpoolP384r1"])
def test_der_answer_of_other_curves(curve: str) -> None:
    """The two forms are told apart by their length, on every curve."""
    der = ec_key("aa", curve).sign(Hash.SHA256, CHALLENGE)
    assert ec_verdict(der, SHA256, curve) == "successful ecdsa_der_answer"
    assert ec_verdict(der, naming(f"{PLAIN}.4"), curve) == WRONG


def test_point_off_the_curve() -> None:
    """A key that is no key never raises."""
    key = EcPublicKey(curve_by_name("P-256"), Point(1, 1))
    assert judged(key, SHA256, CHALLENGE, bytes(64)) == "undetermined weak_key"


def test_dsa() -> None:
    """Doc 9303-11 §6.1 knows RSA and ECDSA: a chip with a DSA key proves nothing to us."""
    answer = DsaKey().sign(Hash.SHA256, CHALLENGE)
    for infos in (None, naming(f"{PLAIN}.3")):
        assert judged(PUBLIC, infos, CHALLENGE, answer) == UNSUPPORTED
    card = ScriptedCard([b"\x90\x00"])
    assert internal_authenticate(card, CHALLENGE, PUBLIC, 223).sw == 0x9000


# The command ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "le"),
    [
        (RsaPublicKey(1 << 1023, 3), "00"),
        (RsaPublicKey(1 << 1783, 3), "00"),
        (RsaPublicKey(1 << 1784, 3), "000000"),
        (RsaPublicKey(1 << 2047, 3), "000000"),
        (RsaPublicKey(1 << 4095, 3), "000000"),
        (EcPublicKey(curve_by_name("P-521"), curve_by_name("P-521").g), "00"),
    ],
)
def test_command(key: PublicKey, le: str) -> None:
    """Extended length is asked for where the protected answer may exceed 256 bytes."""
    card = ScriptedCard([b"\x90\x00"])
    internal_authenticate(card, CHALLENGE, key, short_read_length(Cipher.AES_128))
    length = "000008" if len(le) > 2 else "08"
    expected = f"00880000{length}{CHALLENGE.hex()}{le[-4:]}"
    assert card.commands[0].hex() == expected


@pytest.mark.parametrize("sw", [0x6A88, 0x6D00, 0x6982, 0x6700, 0x6C10])
def test_status_word_is_the_callers(sw: int) -> None:
    """A refusal is an answer: what it means depends on whether DG15 is signed (AA3)."""
    card = FunctionCard(lambda _: b"\x01" + sw.to_bytes(2, "big"))
    response = internal_authenticate(card, CHALLENGE, rsa_key(), 256)
    assert (response.data, response.sw) == (b"\x01", sw)


def test_appendix_f(corpus: Path) -> None:
    """Doc 9303-11 Appendix F: the command, and the recovered message that the document prints."""
    vectors = json.loads((corpus / "vectors" / "icao-9303-11.json").read_text("utf-8"))
    values = next(g["values"] for g in vectors["groups"] if g["id"] == "F")
    value = {name: bytes.fromhex(v["hex"]) for name, v in values.items() if "hex" in v}
    card = ScriptedCard([value["s"] + b"\x90\x00"])
    key = RsaPublicKey((1 << 1023) + 1, 3)
    response = internal_authenticate(card, value["rnd_ifd"], key, 223)
    assert card.commands == [value["internal_authenticate_command_apdu"]]
    assert response.data == value["s"]
    assert check_representative(value["f_decrypted"], value["rnd_ifd"]) is Hash.SHA1
    assert Hash.SHA1.digest(value["m1_extracted"] + value["rnd_ifd"]) == value["d_star"]
    with pytest.raises(InvalidSignature):
        check_representative(value["f_decrypted"], flipped(value["rnd_ifd"], 0))


# The challenge ----------------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64))
def test_challenge(randomness: bytes, binding: bytes) -> None:
    """Eight bytes, the same for the same input, recomputable by a third party."""
    challenge = derive_challenge(randomness, binding)
    assert len(challenge) == CHALLENGE_LENGTH == 8
    assert challenge == derive_challenge(randomness, binding)
    assert challenge != randomness[:8]


@given(st.binary(min_size=32, max_size=32), st.sets(st.binary(max_size=64), min_size=2))
def test_binding_changes_the_challenge(randomness: bytes, bindings: set[bytes]) -> None:
    """Every binding has its own challenge, also the empty one."""
    assert len({derive_challenge(randomness, b) for b in bindings}) == len(bindings)


@given(st.sets(st.binary(min_size=32, max_size=32), min_size=2), st.binary(max_size=64))
def test_randomness_changes_the_challenge(several: set[bytes], binding: bytes) -> None:
    """So does the randomness: nobody has the chip sign what they chose."""
    assert len({derive_challenge(r, binding) for r in several}) == len(several)


def test_challenge_does_not_change_between_versions() -> None:
    """Evidence of today is checked by programs of tomorrow: the derivation is pinned."""
    domain = b"ecid active authentication challenge 1"
    whole = hashlib.sha256(domain + bytes(32) + hashlib.sha256(b"x").digest()).digest()
    assert derive_challenge(bytes(32), b"x") == whole[:8]


@given(st.binary(max_size=300), st.sampled_from([None, SHA256]))
def test_arbitrary_answer(signature: bytes, infos: SecurityInfos | None) -> None:
    """Any bytes get a finding, and none is a success."""
    for key in (rsa_key(), key_of(ec_key("aa"))):
        finding = check_answer(key, infos, CHALLENGE, signature).finding
        assert finding.outcome in {Outcome.FAILED, Outcome.UNDETERMINED}
        assert finding.reason in {Reason.WRONG_ANSWER, Reason.UNSUPPORTED_ALGORITHM}
