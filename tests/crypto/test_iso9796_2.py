"""Active authentication with RSA: ISO/IEC 9796-2 scheme 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.errors import CryptoError, InvalidKey, InvalidSignature, UnsupportedAlgorithm
from ecid_crypto.hashes import Hash
from ecid_crypto.iso9796_2 import check_representative, verify_scheme1
from ecid_crypto.public_key import RsaPublicKey

HASHES = {
    "sha1": Hash.SHA1,
    "sha224": Hash.SHA224,
    "sha256": Hash.SHA256,
    "sha384": Hash.SHA384,
    "sha512": Hash.SHA512,
}
TRUNCATED = {"sha512_224", "sha512_256"}
CHALLENGE = bytes.fromhex("0102030405060708")

Groups = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def groups(vectors: Callable[[str], dict[str, Any]]) -> Groups:
    """Return the groups of the vectors by name."""
    return {group["id"]: group for group in vectors("iso9796-2")["groups"]}


@pytest.fixture(scope="module")
def test_key(groups: Groups) -> tuple[RsaPublicKey, int]:
    """Return the published key of Bouncy Castle's test 13 with its private exponent."""
    group = groups["bouncycastle_13"]
    key = RsaPublicKey(int(group["modulus"], 16), int(group["public_exponent"], 16))
    return key, int(group["private_exponent"], 16)


def spki_key(der: bytes) -> RsaPublicKey:
    """Return the RSA numbers of a SubjectPublicKeyInfo."""
    loaded = load_der_public_key(der)
    assert isinstance(loaded, rsa.RSAPublicKey)
    numbers = loaded.public_numbers()
    return RsaPublicKey(numbers.n, numbers.e)


def judge(key: RsaPublicKey, case: dict[str, Any]) -> str:
    """Return the name of the hash, or of the refusal."""
    try:
        return verify_scheme1(key, bytes.fromhex(case["s"]), bytes.fromhex(case["m2"])).name.lower()
    except CryptoError as refusal:
        return type(refusal).__name__


def wanted(case: dict[str, Any]) -> str:
    """Return what ``judge`` has to say: truncated SHA-512 is unsupported, by our choice."""
    if case["expected"] == "invalid":
        return "InvalidSignature"
    return "UnsupportedAlgorithm" if case["hash"] in TRUNCATED else str(case["hash"])


def test_pairs_of_a_chip(groups: Groups) -> None:
    """RSA-1024 and SHA-1: four pairs of one chip verify, eleven altered ones do not."""
    group = groups["active_authentication_rsa_1024"]
    dg15 = bytes.fromhex(group["dg15"])
    key = spki_key(dg15[dg15.index(b"\x30") :])
    assert [wanted(case) for case in group["cases"]] == [
        judge(key, case) for case in group["cases"]
    ]
    assert len(group["cases"]) == 15


def test_signatures_with_every_trailer(groups: Groups, test_key: tuple[RsaPublicKey, int]) -> None:
    """Bouncy Castle's test 13, its alterations, and one signature for each trailer."""
    key, _ = test_key
    cases = groups["bouncycastle_13"]["cases"]
    assert [wanted(case) for case in cases] == [judge(key, case) for case in cases]
    accepted = {wanted(case) for case in cases} & set(HASHES)
    assert accepted == set(HASHES)


def test_trailers(groups: Groups, test_key: tuple[RsaPublicKey, int]) -> None:
    """Every trailer of the table, on a signature that is right in everything else."""
    key, exponent = test_key
    for case in groups["trailer_hash"]["cases"]:
        trailer = bytes.fromhex(case["trailer"])
        hash_function = HASHES.get(case.get("hash", ""), Hash.SHA1)
        signature = sign(key, exponent, hash_function, trailer)
        case |= {"s": signature.hex(), "m2": CHALLENGE.hex()}
        assert wanted(case) == judge(key, case), case["trailer"]


def sign(
    key: RsaPublicKey,
    exponent: int,
    hash_function: Hash,
    trailer: bytes,
    header: int = 0x6A,
    start: int = 0,
) -> bytes:
    """Return a signature over ``CHALLENGE``; M1 counts upwards from ``start``."""
    rest = key.byte_length - 1 - hash_function.digest_length - len(trailer)
    m1 = bytes(range(start, start + rest))
    digest = hash_function.digest(m1 + CHALLENGE)
    representative = int.from_bytes(bytes([header]) + m1 + digest + trailer, "big")
    return pow(representative, exponent, key.n).to_bytes(key.byte_length, "big")


@pytest.mark.parametrize("header", [0x00, 0x40, 0x4A, 0x4B, 0x60, 0x62, 0x6B])
def test_other_headers(header: int, test_key: tuple[RsaPublicKey, int]) -> None:
    """Full recovery and padded forms are not what active authentication uses."""
    signature = sign(*test_key, Hash.SHA1, b"\xbc", header)
    with pytest.raises(InvalidSignature, match="header"):
        verify_scheme1(test_key[0], signature, CHALLENGE)


@pytest.mark.parametrize("expected", Hash, ids=lambda h: h.value)
def test_expected_hash(expected: Hash, test_key: tuple[RsaPublicKey, int]) -> None:
    """A caller who knows the hash from elsewhere gets that hash or a refusal."""
    signature = sign(*test_key, Hash.SHA256, b"\x34\xcc")
    if expected is Hash.SHA256:
        found = verify_scheme1(test_key[0], signature, CHALLENGE, hash_expected=expected)
        assert expected is found
    else:
        with pytest.raises(InvalidSignature, match="hash_not_expected"):
            verify_scheme1(test_key[0], signature, CHALLENGE, hash_expected=expected)


def test_signature_above_the_modulus(test_key: tuple[RsaPublicKey, int]) -> None:
    """Adding n recovers the same representative; where it fits into the length it is refused."""
    key, exponent = test_key
    candidates = (sign(key, exponent, Hash.SHA1, b"\xbc", start=start) for start in range(100))
    room = (1 << 1024) - key.n
    signature = next(s for s in candidates if int.from_bytes(s, "big") < room)
    assert Hash.SHA1 is verify_scheme1(key, signature, CHALLENGE)
    twin = (int.from_bytes(signature, "big") + key.n).to_bytes(128, "big")
    with pytest.raises(InvalidSignature, match="signature_range"):
        verify_scheme1(key, twin, CHALLENGE)


def test_complement_of_the_representative(test_key: tuple[RsaPublicKey, int]) -> None:
    """Annex B.4 sends the smaller of s and n - s (Doc 9303-11 §6.1.2.2): both verify."""
    key, _ = test_key
    signature = key.n - int.from_bytes(sign(*test_key, Hash.SHA1, b"\xbc"), "big")
    sent = signature.to_bytes(key.byte_length, "big")
    assert verify_scheme1(key, sent, CHALLENGE) is Hash.SHA1
    with pytest.raises(InvalidSignature, match="hash_mismatch"):
        verify_scheme1(key, sent, CHALLENGE[:-1] + b"\x00")


def test_examples_with_other_hashes(groups: Groups) -> None:
    """The standard's own examples: RIPEMD, 768 bits and full recovery are refused.

    As signatures because of the key; as message representatives because of the header, and
    because trailer BC means SHA-1 here.
    """
    group = groups["iso9796_2_full_and_partial_recovery"]
    key = RsaPublicKey(int(group["modulus"], 16), int(group["public_exponent"], 16))
    full, partial = group["cases"]
    for case in (full, partial):
        with pytest.raises(InvalidKey, match="rsa_modulus_length"):
            verify_scheme1(key, bytes.fromhex(case["s"]), b"")
    with pytest.raises(InvalidSignature, match="header"):
        check_representative(bytes.fromhex(full["f_computed"]), b"")
    with pytest.raises(InvalidSignature, match="hash_mismatch"):
        check_representative(bytes.fromhex(partial["f_computed"]), bytes.fromhex(partial["m2"]))


def test_public_operation(groups: Groups) -> None:
    """The recorded representatives are no message of ours: each is refused by its header.

    So are the signatures of other lengths that the group names.
    """
    group = groups["recover_representative"]
    key = spki_key(bytes.fromhex(group["subject_public_key_info"]))
    for case in group["cases"]:
        signature = bytes.fromhex(case["s"])
        recovered = pow(int(case["s"], 16), key.e, key.n).to_bytes(128, "big")
        assert case["f"] == recovered.hex().upper()
        with pytest.raises(InvalidSignature, match="header"):
            verify_scheme1(key, signature, CHALLENGE)
        for wrong in (b"", signature[:64], signature[:-1], signature + b"\x00"):
            with pytest.raises(InvalidSignature, match="signature_length"):
                verify_scheme1(key, wrong, CHALLENGE)


def test_worked_example(groups: Groups, doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 Appendix F, steps 12 to 18; no key is printed, so F is the input."""
    values = doc9303["F"]
    assert Hash.SHA1 is check_representative(values["f_decrypted"], values["m2"])
    with pytest.raises(InvalidSignature, match="hash_mismatch"):
        check_representative(values["f_decrypted"], CHALLENGE)
    for case in groups["icao_9303_11_appendix_f"]["cases"]:
        assert values["f"] == bytes.fromhex(case["f"])


def test_recorded_representatives(transcripts: dict[str, Any]) -> None:
    """One for each hash, and the malformed ones."""
    seen = []
    for case in transcripts["message_representative"]:
        representative = bytes.fromhex(case["f"])
        if case["expected"] == "valid":
            found = check_representative(representative, bytes.fromhex(case["rnd_ifd"]))
            assert HASHES[case["hash"]] is found
            seen.append(found)
        else:
            with pytest.raises(InvalidSignature):
                check_representative(representative, CHALLENGE)
    assert set(Hash) == set(seen)


def test_recorded_active_authentication(transcripts: dict[str, Any]) -> None:
    """A chip with RSA-1792 and SHA-256, trailer 34CC."""
    (run,) = transcripts["active_authentication"]
    dg15 = bytes.fromhex(run["dg15"])
    key = spki_key(dg15[dg15.index(b"\x30") :])
    challenge, signature = bytes.fromhex(run["rnd_ifd"]), bytes.fromhex(run["signature"])
    assert Hash.SHA256 is verify_scheme1(key, signature, challenge)


def test_digest_may_not_swallow_the_header() -> None:
    """A digest that starts with 6A is not header and digest at once."""
    challenges = (bytes([high, low]) for high in range(256) for low in range(256))
    m2 = next(c for c in challenges if Hash.SHA1.digest(c)[0] == 0x6A)
    with pytest.raises(InvalidSignature, match="representative_length"):
        check_representative(Hash.SHA1.digest(m2) + b"\xbc", m2)


def test_truncated_sha_512_is_unsupported() -> None:
    """39CC and 3ACC are correct names of something we do not have: not a wrong signature."""
    for trailer in (b"\x39\xcc", b"\x3a\xcc"):
        with pytest.raises(UnsupportedAlgorithm):
            check_representative(b"\x6a" + bytes(100) + trailer, CHALLENGE)


def test_key_is_checked_first(test_key: tuple[RsaPublicKey, int]) -> None:
    """E = 1 would let anybody sign."""
    with pytest.raises(InvalidKey):
        verify_scheme1(RsaPublicKey(test_key[0].n, 1), bytes(128), CHALLENGE)


@given(st.binary(max_size=200), st.binary(max_size=8))
def test_any_representative(body: bytes, m2: bytes) -> None:
    """Random bytes behind the right header never verify and never break anything."""
    for representative in (body, b"\x6a" + body, b"\x6a" + body + b"\xbc"):
        with pytest.raises((InvalidSignature, UnsupportedAlgorithm)):
            check_representative(representative, m2)


@given(st.binary(min_size=128, max_size=128))
def test_any_signature(signature: bytes) -> None:
    """Random signatures under a random modulus."""
    key = RsaPublicKey((1 << 1023) + 12345, 65537)
    with pytest.raises((InvalidSignature, UnsupportedAlgorithm)):
        verify_scheme1(key, signature, CHALLENGE)
