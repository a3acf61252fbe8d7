"""Chip and Terminal Authentication of every kind, from a terminal's side, for the emulator's tests.

It believes what the card was issued with, and shares nothing with ``ecid.protocols``.
"""

from __future__ import annotations

from chip_terminal import Reply, Session, Terminal, tlv
from ecid.emulator import IssuedCard
from ecid.emulator.cvc_issuing import sign
from ecid.emulator.keys import AgreementSecret, DhSecret, Secret
from ecid_crypto.cipher import Cipher
from ecid_crypto.domain import domain_of
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import SeededRng
from pace_terminal import Suite, pace

_ROOT = bytes.fromhex("04007F00070202")
_CIPHER_IDS = {Cipher.TDES: 1, Cipher.AES_128: 2, Cipher.AES_192: 3, Cipher.AES_256: 4}


def opened(terminal: Terminal, issued: IssuedCard, suite: Suite | None = None) -> bytes:
    """Open the card by PACE with the CAN, or by BAC without a ``suite``, in the application.

    Return what the chip is called in Terminal Authentication.
    """
    secrets = issued.secrets
    if suite is None:
        terminal.select_application()
        information = secrets.mrz_information
        assert terminal.bac(information).sw == 0x9000
        return information[:10].encode()
    found = pace(terminal, suite, secrets.can.encode())
    assert found.reply.sw == 0x9000
    assert terminal.select_application().sw == 0x9000
    return compressed(suite.parameter_id < 3, found.chip_public)


def compressed(finite_field: bool, public: bytes) -> bytes:
    """Return the short form of a public value."""
    return Hash.SHA1.digest(public) if finite_field else public[1 : 1 + len(public) // 2]


def chip_authentication(
    terminal: Terminal,
    secret: AgreementSecret,
    cipher: Cipher,
    *,
    key_id: int | None = None,
    kat: bool = False,
) -> tuple[Reply, bytes]:
    """Run CA against the chip's public key; return the last reply and the compressed own key."""
    domain, public = domain_of(secret.public)
    ours = domain.generate(terminal.rng)
    finite_field = isinstance(secret, DhSecret)
    reference = b"" if key_id is None else tlv(0x84, bytes([key_id]))
    if kat:
        reply = terminal.send("002241A6", tlv(0x91, ours.public()) + reference)
    else:
        oid = _ROOT + bytes([3, 1 if finite_field else 2, _CIPHER_IDS[cipher]])
        reply = terminal.send("002241A4", tlv(0x80, oid) + reference)
        if reply.sw == 0x9000:
            reply = terminal.send("00860000", tlv(0x7C, tlv(0x80, ours.public())), 256)
    if reply.sw == 0x9000:
        assert reply.data in (b"", b"\x7c\x00")
        terminal.session = Session.agreed(cipher, ours.shared_secret(public))
    return reply, compressed(finite_field, ours.public())


def send_certificate(terminal: Terminal, certificate: bytes, authority: bytes) -> Reply:
    """Select the issuer's key and have a certificate (7F21) verified, in a chain if it is long."""
    reply = terminal.send("002281B6", tlv(0x83, authority))
    if reply.sw != 0x9000:
        return reply
    content = unwrapped(certificate)
    for at in range(0, len(content), 200):
        last = at + 200 >= len(content)
        reply = terminal.send(f"{'00' if last else '10'}2A00BE", content[at : at + 200])
        if reply.sw != 0x9000:
            break
    return reply


def unwrapped(certificate: bytes) -> bytes:
    """Return body and signature of a certificate, which is what is sent."""
    header = 4 if certificate[2] == 0x81 else 5
    return certificate[header:]


def prove(
    terminal: Terminal,
    key: Secret,
    algorithm: str,
    holder: bytes,
    identity: bytes,
    own_key: bytes,
) -> Reply:
    """Sign the chip's challenge as the holder of the last certificate."""
    reply = terminal.send("002281A4", tlv(0x83, holder))
    if reply.sw != 0x9000:
        return reply
    challenge = terminal.send("00840000", le=8)
    assert challenge.sw == 0x9000
    message = identity + challenge.data + own_key
    signature = sign(key, algorithm, message, SeededRng(b"terminal"))
    reply = Reply(b"", 0)
    for at in range(0, len(signature), 200):
        last = at + 200 >= len(signature)
        reply = terminal.send(f"{'00' if last else '10'}820000", signature[at : at + 200])
    return reply
