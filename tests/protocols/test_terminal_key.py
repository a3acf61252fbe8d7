"""The terminal's private key: a file, what it signs, and that nothing of it is shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from cvc_kit import ALGORITHMS, TA, Holder, authority, chain, verifies
from ecid.emulator.keys import EcSecret
from ecid.emulator.pkcs8 import to_pkcs8
from ecid.errors import StoreError, UnsupportedData
from ecid.lds.cvc import parse_cvc
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.protocols.terminal_key import FileTerminalKey
from ecid_crypto.curves import curve_by_name, encode_point
from ecid_crypto.errors import InvalidKey
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import EcPublicKey
from ecid_crypto.signature import Ecdsa, RsaPkcs1v15, RsaPss
from ecid_crypto.signing_key import SigningKey

EXAMPLE = Path(__file__).resolve().parents[2] / "fixtures" / "spec" / "eac-worked-example.json"


def terminal(algorithm: str = "2.3", curve: str | None = "brainpoolP256r1") -> Holder:
    """Return a terminal with its key."""
    return chain(algorithm, curve)[2]


def refusal(make: Callable[[], object]) -> StoreError:
    """Return the error that ``make`` gives, whose sentences need no more than it holds."""
    with pytest.raises(StoreError) as caught:
        make()
    caught.value.message("vi")
    caught.value.next_step("en")
    return caught.value


# Signing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("curve", ["P-256", "P-521", "brainpoolP256r1", "brainpoolP384r1"])
def test_signature(algorithm: str, curve: str) -> None:
    """Every algorithm makes signatures that another library verifies, in the length of the key."""
    if algorithm.startswith("1."):
        if curve != "P-256":
            return
        holder = terminal(algorithm, None)
    else:
        holder = terminal(algorithm, curve)
    key = FileTerminalKey.from_bytes(holder.pkcs8())
    signature = key.sign(f"{TA}.{algorithm}", b"message")
    assert verifies(holder.private, algorithm, signature, b"message")
    assert not verifies(holder.private, algorithm, signature, b"massage")
    bits = holder.private.key_size
    assert len(signature) == (bits // 8 if algorithm[0] == "1" else 2 * ((bits + 7) // 8))


def test_small_numbers_are_padded() -> None:
    """Both numbers are as long as the order even where they start with zeros (TR-03111 §5.2.1)."""
    key = FileTerminalKey.from_bytes(terminal().pkcs8())
    made = [key.sign(f"{TA}.2.3", number.to_bytes(2, "big")) for number in range(1200)]
    assert {len(signature) for signature in made} == {64}
    assert any(signature[0] == 0 for signature in made)
    assert any(signature[32] == 0 for signature in made)


@pytest.mark.parametrize("oid", ["", TA, f"{TA}.1.7", "1.2.840.10045.4.3.2"])
def test_unknown_algorithm(oid: str) -> None:
    """An identifier of no algorithm is refused by name."""
    with pytest.raises(UnsupportedData):
        FileTerminalKey.from_bytes(terminal().pkcs8()).sign(oid, b"")


def test_algorithm_of_the_other_kind() -> None:
    """An RSA key makes no ECDSA signature, and the other way round."""
    with pytest.raises(UnsupportedData):
        FileTerminalKey.from_bytes(terminal("1.2").pkcs8()).sign(f"{TA}.2.3", b"")
    with pytest.raises(UnsupportedData):
        FileTerminalKey.from_bytes(terminal().pkcs8()).sign(f"{TA}.1.2", b"")
    with pytest.raises(InvalidKey):
        SigningKey.from_pkcs8(terminal().pkcs8()).sign(RsaPkcs1v15(Hash.SHA1), b"")
    with pytest.raises(InvalidKey):
        SigningKey.from_pkcs8(terminal("1.2").pkcs8()).sign(Ecdsa(Hash.SHA1, "plain"), b"")


def test_key_too_short_for_its_hash() -> None:
    """PSS with SHA-512 and its salt does not fit 1024 bits."""
    short = rsa.generate_private_key(65537, 1024)
    with pytest.raises(InvalidKey):
        SigningKey(short).sign(RsaPss(Hash.SHA512, Hash.SHA512, 64), b"")


# The file ---------------------------------------------------------------------------------


@pytest.mark.parametrize("password", [None, b"secret"])
@pytest.mark.parametrize("pem", [False, True])
@pytest.mark.parametrize("algorithm", ["1.2", "2.3"])
def test_file(tmp_path: Path, algorithm: str, pem: bool, password: bytes | None) -> None:
    """PKCS #8, DER or PEM, with a password or without."""
    holder = terminal(algorithm)
    (tmp_path / "key").write_bytes(holder.pkcs8(password, pem=pem))
    key = FileTerminalKey.load(tmp_path / "key", password)
    assert verifies(holder.private, algorithm, key.sign(f"{TA}.{algorithm}", b"x"), b"x")
    assert repr(key) in {f"FileTerminalKey(SigningKey({k}PublicKey))" for k in ("Rsa", "Ec")}


def dsa_like() -> bytes:
    """Return a key that is neither RSA nor on one of our curves."""
    return _der(ed25519.Ed25519PrivateKey.generate())


def _der(key: Any) -> bytes:
    der: bytes = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return der


REFUSED: dict[str, tuple[Callable[[], bytes], bytes | None, str]] = {
    "nothing": (lambda: b"", None, "key_unreadable"),
    "text": (lambda: b"-----BEGIN nothing", None, "key_unreadable"),
    "cut off": (lambda: terminal().pkcs8()[:-1], None, "key_unreadable"),
    "no password": (lambda: terminal().pkcs8(b"secret"), None, "password_missing"),
    "wrong password": (lambda: terminal().pkcs8(b"secret"), b"other", "key_unreadable"),
    "needless password": (lambda: terminal().pkcs8(), b"secret", "not_encrypted"),
    "another kind": (dsa_like, None, "key_kind"),
    "another curve": (lambda: _der(ec.generate_private_key(ec.SECP256K1())), None, "curve"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_key(case: str) -> None:
    """A key that cannot be used is refused with the reason and nothing of the key."""
    make, password, rule = REFUSED[case]
    found = refusal(lambda: FileTerminalKey.from_bytes(make(), password))
    assert (found.code, found.fields) == ("ta_key_unreadable", {"rule": rule})


def test_no_file(tmp_path: Path) -> None:
    """A path without a file is refused as such."""
    found = refusal(lambda: FileTerminalKey.load(tmp_path / "none"))
    assert found.fields == {"rule": "no_file"}


@given(st.binary(max_size=100), st.one_of(st.none(), st.just(b"x")))
def test_any_bytes(data: bytes, password: bytes | None) -> None:
    """Whatever is in the file, the error is ours."""
    for head in (b"", b"-----BEGIN PRIVATE KEY-----\n"):
        with pytest.raises(StoreError):
            FileTerminalKey.from_bytes(head + data, password)


# Keys with their domain written out -------------------------------------------------------


@pytest.mark.parametrize("pem", [False, True])
def test_published_key(pem: bool) -> None:
    """The terminal's key of BSI's example, domain and all, is that of its certificate."""
    example = json.loads(EXAMPLE.read_text("utf-8"))["ecdh"]
    curve = curve_by_name("brainpoolP512r1")
    secret = EcSecret(curve, int(example["terminal_scalar"], 16))
    data = to_pkcs8(secret, explicit=True)
    if pem:
        body = base64.encodebytes(data)
        data = b"-----BEGIN PRIVATE KEY-----\n" + body + b"-----END PRIVATE KEY-----\n"
    key = FileTerminalKey.from_bytes(data)
    assert isinstance(key.public, EcPublicKey)
    assert key.public == secret.public
    certificate = parse_cvc(bytes.fromhex(example["terminal"]))
    assert encode_point(curve, key.public.point) in certificate.raw_body
    TerminalCredential((certificate,), key)


def test_domain_of_no_known_curve() -> None:
    """A domain that is off by one bit is nobody's."""
    curve = curve_by_name("P-256")
    data = to_pkcs8(EcSecret(curve, 5), explicit=True)
    order = curve.n.to_bytes(32, "big")
    assert data.count(order) == 1
    changed = data.replace(order, order[:-1] + bytes([order[-1] ^ 2]))
    assert FileTerminalKey.from_bytes(data).public == EcSecret(curve, 5).public
    assert refusal(lambda: FileTerminalKey.from_bytes(changed)).code == "ta_key_unreadable"


# Key and certificates ---------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["1.2", "2.3"])
def test_credential(tmp_path: Path, algorithm: str) -> None:
    """A folder and a key file make a credential."""
    holders = chain(algorithm)
    for holder in holders:
        (tmp_path / f"{holder.name}.cvcert").write_bytes(holder.raw)
    (tmp_path / "key.pem").write_bytes(holders[2].pkcs8(b"secret", pem=True))
    found = TerminalCredential.load(tmp_path, str(tmp_path / "key.pem"), b"secret")
    assert len(found.certificates) == 3
    assert "Key" not in repr(found).replace("key=", "")


@pytest.mark.parametrize("of", [0, 1])
@pytest.mark.parametrize("algorithm", ["1.2", "2.3"])
def test_key_of_somebody_else(algorithm: str, of: int) -> None:
    """A key of the authority or the verifier is not the terminal's."""
    holders = chain(algorithm)
    held = tuple(holder.certificate for holder in holders)
    key = FileTerminalKey.from_bytes(holders[of].pkcs8())
    assert refusal(lambda: TerminalCredential(held, key)).code == "ta_key_mismatch"


def test_key_of_another_kind() -> None:
    """An RSA key belongs to no certificate with a point, and the other way round."""
    for ours, other in (("1.2", "2.3"), ("2.3", "1.2")):
        held = (terminal(ours).certificate,)
        key = FileTerminalKey.from_bytes(terminal(other).pkcs8())
        assert refusal(lambda h=held, k=key: TerminalCredential(h, k)).code == "ta_key_mismatch"  # type: ignore[misc]


def test_no_certificates() -> None:
    """An empty folder holds nobody's certificate."""
    key = FileTerminalKey.from_bytes(authority("ZZCVCA00001").pkcs8())
    assert refusal(lambda: TerminalCredential((), key)).code == "ta_key_mismatch"
