"""Terminal Authentication version 1: the terminal's side (Doc 9303-11 §7.1, TR-03110-1 §3.5).

The chip verifies our certificates one after another and then a signature over its challenge,
which also binds the key that Chip Authentication agreed on: without it there is nothing to sign.
A refusal leaves the session standing (§7.1.3) and is a finding; a session that breaks is an
exception, as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha1
from typing import Protocol

from ecid.encoding.tlv import encode
from ecid.errors import SecureMessagingError
from ecid.lds.cvc_types import CardVerifiableCertificate, Chat
from ecid.outcome import SUCCESS, Finding, Reason, failed
from ecid.protocols.exchange import exchange
from ecid.protocols.terminal_key import TerminalKey
from ecid.trust.cv_chain import CvChain
from ecid_crypto.domain import Domain, EcDomain
from ecid_readers.apdu import CommandApdu
from ecid_readers.status import SW_OK
from ecid_readers.transport import Transport

CHALLENGE_LENGTH = 8
_DATES = 14  # birth and expiry with their check digits, at the end of the MRZ information


class ChipAuthenticated(Protocol):
    """What Chip Authentication returned: it has the public value that the terminal sent."""

    @property
    def public(self) -> bytes:
        """Return the terminal's ephemeral public value, encoded as it was sent."""
        ...


@dataclass(frozen=True, slots=True)
class TerminalAuthenticationResult:
    """How it ended, and the rights that the chip then grants (None unless successful)."""

    finding: Finding
    rights: Chat | None = None

    @property
    def reads_fingerprints(self) -> bool:
        """Whether the chip now lets DG3 be read."""
        return self.rights is not None and self.rights.reads_fingerprints

    @property
    def reads_irises(self) -> bool:
        """Whether the chip now lets DG4 be read."""
        return self.rights is not None and self.rights.reads_irises


def identity_after_bac(mrz_information: str) -> bytes:
    """Return ID_PICC of a chip opened by BAC: the document number with its check digit.

    ``mrz_information`` is what the BAC keys are derived from: number, birth and expiry date, each
    with its check digit (Doc 9303-11 §7.1.2, §4.3.2).
    """
    return mrz_information[:-_DATES].encode("ascii")


def compressed(domain: Domain, public: bytes) -> bytes:
    """Return Comp(PK) of an encoded public value (Doc 9303-11 §7.1.4.1.3, §7.1.4.2.3).

    ECDH: the x-coordinate in the full length of the field. DH: the SHA-1 of the value as sent.
    After PACE, ID_PICC is this of the chip's ephemeral public value.
    """
    if isinstance(domain, EcDomain):
        return public[1 : 1 + domain.curve.field_length]
    return sha1(public, usedforsecurity=False).digest()


def run_terminal_authentication(
    card: Transport,
    chain: CvChain,
    key: TerminalKey,
    *,
    chip_authentication: ChipAuthenticated,
    domain: Domain,
    identity: bytes,
) -> TerminalAuthenticationResult:
    """Present ``chain`` and prove to the chip that ``key`` is ours; every step is done once.

    ``card`` is the session under the keys of Chip Authentication, ``chip_authentication`` and
    ``domain`` its result and the group it ran in, and ``identity`` is ID_PICC: see
    ``identity_after_bac`` and ``compressed``. Failed with ``terminal_refused`` (``step``, ``sw``,
    and the ``holder`` of the certificate it was about) or ``challenge`` (``length``; -1: longer
    than asked for). Raises what ``key`` and ``card`` raise.
    """
    try:
        for certificate in chain.certificates:
            _present(card, certificate)
        _choose_key(card, chain.terminal)
        challenge = _challenge(card)
        message = identity + challenge + compressed(domain, chip_authentication.public)
        signature = key.sign(chain.terminal.public_key.oid, message)
        command = CommandApdu(0x00, 0x82, 0x00, 0x00, signature)
        _require(card, command, "TA EXTERNAL AUTHENTICATE", chain.terminal)
    except _Ended as end:
        return TerminalAuthenticationResult(end.finding)
    return TerminalAuthenticationResult(SUCCESS, chain.effective)


class _Ended(Exception):
    """The chip ended the protocol; never leaves this module."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding


def _present(card: Transport, certificate: CardVerifiableCertificate) -> None:
    """MSE:Set DST with the key that signed ``certificate``, then PSO:VERIFY CERTIFICATE."""
    reference = encode(0x83, certificate.authority_reference.encode("iso-8859-1"))
    command = CommandApdu(0x00, 0x22, 0x81, 0xB6, reference)
    _require(card, command, "TA MSE:Set DST", certificate)
    # The template 7F21 is left out: its contents are the data field (§7.1.5.2).
    data = certificate.raw_body + encode(0x5F37, certificate.signature)
    command = CommandApdu(0x00, 0x2A, 0x00, 0xBE, data)
    _require(card, command, "TA PSO:VERIFY CERTIFICATE", certificate)


def _choose_key(card: Transport, terminal: CardVerifiableCertificate) -> None:
    reference = encode(0x83, terminal.holder_reference.encode("iso-8859-1"))
    command = CommandApdu(0x00, 0x22, 0x81, 0xA4, reference)
    _require(card, command, "TA MSE:Set AT", terminal)


def _challenge(card: Transport) -> bytes:
    """GET CHALLENGE: r_PICC, exactly 8 bytes."""
    command = CommandApdu(0x00, 0x84, 0x00, 0x00, le=CHALLENGE_LENGTH)
    try:
        challenge = _require(card, command, "TA GET CHALLENGE", None)
    except SecureMessagingError as exc:
        if exc.reason != "too_long":
            raise
        # Verified, and longer than we asked for: the chip's fault, though the session is over.
        raise _Ended(failed(Reason.CHALLENGE, length=-1)) from exc
    if len(challenge) != CHALLENGE_LENGTH:
        raise _Ended(failed(Reason.CHALLENGE, length=len(challenge)))
    return challenge


def _require(
    card: Transport,
    command: CommandApdu,
    step: str,
    certificate: CardVerifiableCertificate | None,
) -> bytes:
    """Send ``command`` and return the response data; a refusal ends the protocol."""
    response = exchange(card, command)
    if response.sw == SW_OK:
        return response.data
    about = {} if certificate is None else {"holder": certificate.holder_reference}
    sw = f"{response.sw:04X}"
    raise _Ended(failed(Reason.TERMINAL_REFUSED, step=step, sw=sw, **about))
