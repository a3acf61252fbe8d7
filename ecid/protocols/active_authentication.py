"""Active Authentication: a challenge, an answer, and whether the answer holds (Doc 9303-11 §6.1).

The challenge is derived from our own randomness, which the evidence keeps: nobody can have the
card sign a challenge of their choosing, and a third party can recompute it later (App. C).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from ecid.encoding.signature_algorithm import ECDSA_PLAIN
from ecid.lds.security_infos import SecurityInfos
from ecid.outcome import SUCCESS, Finding, Reason, failed, undetermined
from ecid.protocols.exchange import exchange
from ecid_crypto.errors import InvalidKey, InvalidPoint, InvalidSignature, UnsupportedAlgorithm
from ecid_crypto.iso9796_2 import verify_scheme1
from ecid_crypto.public_key import EcPublicKey, PublicKey, RsaPublicKey
from ecid_crypto.roca import has_roca_fingerprint
from ecid_crypto.signature import Ecdsa, verify
from ecid_readers.apdu import EXTENDED_LE, SHORT_LE, CommandApdu, ResponseApdu
from ecid_readers.transport import Transport

CHALLENGE_LENGTH = 8
RANDOMNESS_LENGTH = 32
#: The answer is an ECDSA-Sig-Value in DER in place of plain r || s (TR-03111 §5.2).
ECDSA_DER_ANSWER = "ecdsa_der_answer"

_DOMAIN = b"ecid active authentication challenge 1"


def derive_challenge(randomness: bytes, binding: bytes) -> bytes:
    """Return the 8-byte RND.IFD for ``randomness`` (32 bytes) and a transaction ``binding``.

    ``binding`` is the SHA-256 of what the reading is bound to, or empty. Hashing keeps the
    challenge without meaning: the chip never signs text that somebody chose.
    """
    return sha256(_DOMAIN + randomness + sha256(binding).digest()).digest()[:CHALLENGE_LENGTH]


def internal_authenticate(
    card: Transport, challenge: bytes, key: PublicKey, short_length: int
) -> ResponseApdu:
    """Send INTERNAL AUTHENTICATE and return the answer, whatever its status word (§6.1.2).

    ``short_length`` is the most plain bytes that a short response of the session carries; extended
    length is asked for only if the signature is longer.
    """
    le = SHORT_LE if _signature_length(key) <= short_length else EXTENDED_LE
    return exchange(card, CommandApdu(0x00, 0x88, 0x00, 0x00, challenge, le))


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """The ``finding`` about an answer, and the deviations that a success leans on.

    Whoever reports the finding settles them: a deviation that is not granted to the issuer makes
    no success (``ecid.trust.tolerance``).
    """

    finding: Finding
    deviations: tuple[str, ...] = ()


def check_answer(
    key: PublicKey, infos: SecurityInfos | None, challenge: bytes, signature: bytes
) -> AnswerCheck:
    """Check the chip's ``signature`` over ``challenge`` with the key of DG15.

    RSA: ISO/IEC 9796-2 scheme 1, the hash named by the trailer; a right answer of a key whose
    factors can be found (CVE-2017-15361) proves nothing (``weak_key``). ECDSA: plain r || s, the
    hash named by ActiveAuthenticationInfo in DG14, which is mandatory then (§9.2.8); the DER that
    some chips send instead is read and named (``ECDSA_DER_ANSWER``).
    """
    try:
        if isinstance(key, RsaPublicKey):
            verify_scheme1(key, signature, challenge)
            weak = has_roca_fingerprint(key)
            return AnswerCheck(undetermined(Reason.WEAK_KEY, rule="roca") if weak else SUCCESS)
        if isinstance(key, EcPublicKey):
            return AnswerCheck(SUCCESS, _verify_ecdsa(key, infos, challenge, signature))
    except InvalidSignature:
        return AnswerCheck(failed(Reason.WRONG_ANSWER))
    except (InvalidKey, InvalidPoint):
        return AnswerCheck(undetermined(Reason.WEAK_KEY))
    except UnsupportedAlgorithm:
        pass
    # Doc 9303-11 §6.1 knows RSA and ECDSA, and not with every hash.
    return AnswerCheck(undetermined(Reason.UNSUPPORTED_ALGORITHM))


def _verify_ecdsa(
    key: EcPublicKey, infos: SecurityInfos | None, challenge: bytes, signature: bytes
) -> tuple[str, ...]:
    """Verify plain r || s, or DER where the length is another; return the deviations."""
    named = infos.active_authentication if infos is not None else ()
    algorithms = {info.signature_algorithm for info in named}
    if len(algorithms) != 1:
        raise UnsupportedAlgorithm("ActiveAuthenticationInfo")
    hash_ = ECDSA_PLAIN.get(algorithms.pop())
    if hash_ is None:
        raise UnsupportedAlgorithm("ActiveAuthenticationInfo")
    if len(signature) == 2 * key.curve.order_length:
        verify(Ecdsa(hash_, "plain"), key, signature, challenge)
        return ()
    verify(Ecdsa(hash_, "der"), key, signature, challenge)
    return (ECDSA_DER_ANSWER,)


def _signature_length(key: PublicKey) -> int:
    if isinstance(key, RsaPublicKey):
        return (key.n.bit_length() + 7) // 8
    return 2 * key.curve.order_length if isinstance(key, EcPublicKey) else 0
