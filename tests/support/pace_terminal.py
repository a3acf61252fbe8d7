"""PACE and Chip Authentication of every kind, from a terminal's side, for tests of the emulator.

Like ``chip_terminal`` it stands on `ecid_crypto` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chip_terminal import Reply, Session, Terminal, split, tlv
from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_block
from ecid_crypto.domain import Domain, standardised_domain
from ecid_crypto.kdf import KdfCounter, derive_key, derive_session_keys
from ecid_crypto.mac import mac
from ecid_crypto.padding import unpad

CIPHERS = {1: Cipher.TDES, 2: Cipher.AES_128, 3: Cipher.AES_192, 4: Cipher.AES_256}
_ROOT = bytes.fromhex("04007F00070202")
_ARCS = {("GM", True): 1, ("GM", False): 2, ("IM", True): 3, ("IM", False): 4, ("CAM", False): 6}


@dataclass(frozen=True)
class Suite:
    """One PACEInfo: GM, IM or CAM, the number of the cipher (1 to 4) and the parameters."""

    mapping: str
    cipher_id: int
    parameter_id: int

    @property
    def oid(self) -> bytes:
        """Return the content bytes of the protocol identifier."""
        arc = _ARCS[self.mapping, self.parameter_id < 3]
        return _ROOT + bytes([4, arc, self.cipher_id])

    @property
    def cipher(self) -> Cipher:
        """Return the cipher."""
        return CIPHERS[self.cipher_id]

    @property
    def domain(self) -> Domain:
        """Return the group."""
        return standardised_domain(self.parameter_id)

    @property
    def info(self) -> bytes:
        """Return the PACEInfo."""
        numbers = tlv(0x02, b"\x02") + tlv(0x02, bytes([self.parameter_id]))
        return tlv(0x30, tlv(0x06, self.oid) + numbers)

    def __str__(self) -> str:
        kind = "DH" if self.parameter_id < 3 else "ECDH"
        return f"{kind}-{self.mapping}-{self.cipher.value}-{self.parameter_id}"


@dataclass
class PaceOutcome:
    """What a run of PACE left: the last reply, its objects by tag, the chip's public values."""

    reply: Reply
    objects: dict[int, bytes]
    chip_mapping: bytes = b""
    chip_public: bytes = b""
    quotient: bytes = b""


def pace(
    terminal: Terminal,
    suite: Suite,
    password: bytes,
    *,
    reference: int = 2,
    name_domain: bool = False,
    more: bytes = b"",
    tamper: Callable[[int, bytes], bytes] = lambda _tag, value: value,
) -> PaceOutcome:
    """Run PACE; on 9000 the session is open and the chip's token was right.

    ``tamper`` sees each object that is sent, by its tag. A refusal ends the run early.
    """
    cipher, domain = suite.cipher, suite.domain
    template = tlv(0x80, suite.oid) + tlv(0x83, bytes([reference]))
    if name_domain:
        template += tlv(0x84, bytes([suite.parameter_id]))
    reply = terminal.send("0022C1A4", template + more)
    if reply.sw != 0x9000 and reply.sw >> 4 != 0x63C:
        return PaceOutcome(reply, {})

    def step(cla: str, tag: int = 0, value: bytes = b"") -> Reply:
        inner = tlv(tag, tamper(tag, value)) if tag else b""
        return terminal.send(f"{cla}860000", tlv(0x7C, inner), 256)

    reply = step("10")
    if reply.sw != 0x9000:
        return PaceOutcome(reply, {})
    key = derive_key(password, KdfCounter.PASSWORD, cipher)
    nonce = decrypt_cbc(cipher, key, bytes(cipher.block_length), _only(reply, 0x80))
    if suite.mapping == "IM":
        t = terminal.rng(cipher.key_length)
        reply = step("10", 0x81, t)
        if reply.sw != 0x9000:
            return PaceOutcome(reply, {})
        chip_mapping = _only(reply, 0x82)
        assert chip_mapping == b""
        generator = domain.map_integrated(cipher, nonce, t)
    else:
        ours = domain.generate(terminal.rng)
        reply = step("10", 0x81, ours.public())
        if reply.sw != 0x9000:
            return PaceOutcome(reply, {})
        chip_mapping = _only(reply, 0x82)
        generator = domain.map_generic(nonce, ours.multiply(chip_mapping))
    ours = domain.generate(terminal.rng)
    own_public = ours.public(generator)
    reply = step("10", 0x83, own_public)
    if reply.sw != 0x9000:
        return PaceOutcome(reply, {})
    chip_public = _only(reply, 0x84)
    secret = ours.shared_secret(chip_public)
    enc, mac_key = derive_session_keys(secret, cipher)
    reply = step("00", 0x85, mac(cipher, mac_key, _key_object(suite, chip_public)))
    if reply.sw != 0x9000:
        return PaceOutcome(reply, {})
    found = {tag: value for tag, value, _ in split(split(reply.data)[0][1])}
    assert found[0x86] == mac(cipher, mac_key, _key_object(suite, own_public))
    quotient = b""
    if suite.mapping == "CAM":
        iv = encrypt_block(cipher, enc, b"\xff" * 16)
        quotient = unpad(decrypt_cbc(cipher, enc, iv, found[0x8A]))
    terminal.session = Session(cipher, enc, mac_key)
    return PaceOutcome(reply, found, chip_mapping, chip_public, quotient)


def _only(reply: Reply, tag: int) -> bytes:
    [(outer, value, _)] = split(reply.data)
    assert outer == 0x7C
    [(inner, content, _)] = split(value)
    assert inner == tag
    return content


def _key_object(suite: Suite, public: bytes) -> bytes:
    tag = 0x84 if suite.parameter_id < 3 else 0x86
    return tlv(0x7F49, tlv(0x06, suite.oid) + tlv(tag, public))
