"""A chain of card-verifiable certificates made by ``cvc-create`` of OpenPACE, which is not ours.

Its RSASSA-PSS signatures have the longest salt there is room for, where Doc 9303-11 §7.1.4.1.1
wants one as long as the hash. They are made anew, unless the certificates are to be as they are.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ecid.encoding.tlv import encode, parse_one
from ecid.lds.protocol_oids import TERMINAL_AUTHENTICATION

SCHEMES = {
    "RSA_v1_5_SHA_1": f"{TERMINAL_AUTHENTICATION}.1.1",
    "RSA_v1_5_SHA_256": f"{TERMINAL_AUTHENTICATION}.1.2",
    "RSA_PSS_SHA_1": f"{TERMINAL_AUTHENTICATION}.1.3",
    "RSA_PSS_SHA_256": f"{TERMINAL_AUTHENTICATION}.1.4",
    "RSA_v1_5_SHA_512": f"{TERMINAL_AUTHENTICATION}.1.5",
    "RSA_PSS_SHA_512": f"{TERMINAL_AUTHENTICATION}.1.6",
    "ECDSA_SHA_1": f"{TERMINAL_AUTHENTICATION}.2.1",
    "ECDSA_SHA_224": f"{TERMINAL_AUTHENTICATION}.2.2",
    "ECDSA_SHA_256": f"{TERMINAL_AUTHENTICATION}.2.3",
    "ECDSA_SHA_384": f"{TERMINAL_AUTHENTICATION}.2.4",
    "ECDSA_SHA_512": f"{TERMINAL_AUTHENTICATION}.2.5",
}
"""Every algorithm of Terminal Authentication, by the name cvc-create has for it."""

_CURVES: dict[str, ec.EllipticCurve] = {
    "ECDSA_SHA_1": ec.SECP256R1(),
    "ECDSA_SHA_224": ec.SECP224R1(),
    "ECDSA_SHA_256": ec.BrainpoolP256R1(),
    "ECDSA_SHA_384": ec.BrainpoolP384R1(),
    "ECDSA_SHA_512": ec.BrainpoolP512R1(),
}
_PSS: dict[str, hashes.HashAlgorithm] = {
    "RSA_PSS_SHA_1": hashes.SHA1(),
    "RSA_PSS_SHA_256": hashes.SHA256(),
    "RSA_PSS_SHA_512": hashes.SHA512(),
}
_ANCHOR, _NEXT = "DECVCA00001", "DECVCA00002"
_VERIFIER, _TERMINAL = "DEDVDE00001", "DETERM00001"
_DATES = ("--issued=250101", "--expires=400101")
_RIGHTS = ("--read-finger", "--read-iris")


@dataclass(frozen=True, slots=True)
class CvcPki:
    """Certificates (7F21) from the anchor to the terminal, the terminal's key as PKCS #8."""

    anchor: bytes
    link: bytes
    """From the anchor to the next CVCA key."""
    verifier: bytes
    """Under the anchor."""
    terminal: bytes
    """Under the verifier."""
    late_verifier: bytes
    """Under the next CVCA key, the same verifier."""
    key: bytes = field(repr=False)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Return what the chip is sent."""
        return self.verifier, self.terminal

    @property
    def long_chain(self) -> tuple[bytes, ...]:
        """Return the same by way of the link certificate."""
        return self.link, self.late_verifier, self.terminal


REFERENCES = (_ANCHOR.encode(), _VERIFIER.encode(), _TERMINAL.encode())
"""What each certificate of ``chain`` is verified with, then the terminal."""
LONG_REFERENCES = (_ANCHOR.encode(), _NEXT.encode(), _VERIFIER.encode(), _TERMINAL.encode())
"""The same for ``long_chain``."""


def is_installed() -> bool:
    """Tell whether cvc-create is there."""
    return shutil.which("cvc-create") is not None


def make(
    folder: Path, scheme: str, rights: tuple[str, ...] = _RIGHTS, *, as_it_is: bool = False
) -> CvcPki:
    """Make a chain in ``folder``, of inspection systems, every key with ``scheme``."""
    keys = {name: folder / f"{name}.pkcs8" for name in (_ANCHOR, _NEXT, _VERIFIER, _TERMINAL)}
    for number, path in enumerate(keys.values()):
        path.write_bytes(_key(scheme, number))

    def create(role: str, holder: str, signer: str, out: str, rights: tuple[str, ...]) -> bytes:
        parents = () if holder == signer else (f"--sign-as={folder / signer}.cvcert",)
        target = folder / f"{out}.cvcert"
        subprocess.run(
            [
                *("cvc-create", f"--role={role}", "--type=is", f"--chr={holder}", *_DATES),
                *(f"--sign-with={keys[signer]}", *parents, f"--key={keys[holder]}"),
                *(f"--scheme={scheme}", f"--out-cert={target}", *rights),
            ],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        made = target.read_bytes()
        if scheme in _PSS and not as_it_is:
            return _with_short_salt(made, keys[signer].read_bytes(), scheme)
        return made

    return CvcPki(
        anchor=create("cvca", _ANCHOR, _ANCHOR, _ANCHOR, _RIGHTS),
        link=create("cvca", _NEXT, _ANCHOR, _NEXT, _RIGHTS),
        verifier=create("dv_domestic", _VERIFIER, _ANCHOR, _VERIFIER, _RIGHTS),
        terminal=create("terminal", _TERMINAL, _VERIFIER, _TERMINAL, rights),
        late_verifier=create("dv_domestic", _VERIFIER, _NEXT, "late", _RIGHTS),
        key=keys[_TERMINAL].read_bytes(),
    )


@cache
def _key(scheme: str, number: int) -> bytes:
    """Return one of the keys; all RSA schemes have the same ones, which take long to make."""
    if scheme.startswith("RSA") and scheme != "RSA":
        return _key("RSA", number)
    key = (
        rsa.generate_private_key(65537, 2048)
        if scheme == "RSA"
        else ec.generate_private_key(_CURVES[scheme])
    )
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def sign_pss(key: bytes, scheme: str, message: bytes) -> bytes:
    """Return a signature with a salt as long as the hash, by a PKCS #8 key."""
    private = serialization.load_der_private_key(key, None)
    assert isinstance(private, rsa.RSAPrivateKey)
    algorithm = _PSS[scheme]
    pss = padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH)
    return private.sign(message, pss, algorithm)


def _with_short_salt(certificate: bytes, key: bytes, scheme: str) -> bytes:
    body = parse_one(certificate, 0x7F21, "certificate").cursor().read(0x7F4E).raw
    return encode(0x7F21, body + encode(0x5F37, sign_pss(key, scheme, body)))
