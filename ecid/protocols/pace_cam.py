"""PACE with chip authentication mapping: the chip's proof and whether it holds (§4.4.3.5).

The chip multiplies its static key by CA_IC and arrives at the key that it used for the mapping.
Only who knows both private keys can tell that number. It proves something only once the static key
is authentic: that of an EF.CardSecurity whose signature and chain hold.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from ecid.lds.security_info_types import SecurityInfos
from ecid.outcome import SUCCESS, Finding, Reason, failed
from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_block
from ecid_crypto.domain import Domain, EcDomain, domain_of
from ecid_crypto.errors import CryptoError
from ecid_crypto.padding import unpad


@dataclass(frozen=True, slots=True)
class CamAnswer:
    """What a chip said to prove itself in PACE.

    ``mapping_key`` is PK_Map,IC, encoded; ``data`` is CA_IC, as many bytes as the order of
    ``domain`` has, or None where the chip left its data out or they do not decrypt to that.
    """

    domain: Domain
    mapping_key: bytes = field(repr=False)
    data: bytes | None = field(repr=False)


def open_answer(
    domain: Domain, cipher: Cipher, enc_key: bytes, mapping_key: bytes, encrypted: bytes | None
) -> CamAnswer:
    """Return the answer in DO'8A' (``encrypted``, None if it is absent), decrypted with KSenc.

    The IV is not the block of ones but its encryption, E(KSenc, -1) (§4.4.3.5.4). Never raises:
    what does not decrypt as the clause says proves nothing, and ``check_cam`` will say so.
    """
    if encrypted is None:
        return CamAnswer(domain, mapping_key, None)
    iv = encrypt_block(cipher, enc_key, b"\xff" * cipher.block_length)
    try:
        data = unpad(decrypt_cbc(cipher, enc_key, iv, encrypted))
    except CryptoError:
        return CamAnswer(domain, mapping_key, None)
    # Strict: the least padding that fills the last block, and FE2OS, leading zeros included.
    right = len(data) == _order_length(domain) and len(encrypted) - len(data) <= cipher.block_length
    return CamAnswer(domain, mapping_key, data if right else None)


def check_cam(answer: CamAnswer, static_public: bytes) -> Finding:
    """Check that CA_IC · PK_IC is PK_Map,IC (§4.4.3.5.2); pure, and it never raises.

    ``static_public`` is PK_IC, encoded: a key of EF.CardSecurity on the curve that PACE was run
    over (``static_keys``). That it is authentic is the caller's to find out.
    """
    if answer.data is None:
        return failed(Reason.WRONG_ANSWER, rule="chip_authentication_data")
    try:
        key = answer.domain.key(int.from_bytes(answer.data, "big"))
        computed = key.multiply(static_public)
    except CryptoError as exc:
        return failed(Reason.WRONG_ANSWER, rule=exc.rule)
    if not hmac.compare_digest(computed, answer.mapping_key):
        return failed(Reason.WRONG_ANSWER)
    return SUCCESS


def static_keys(domain: Domain, parameter_id: int, infos: SecurityInfos) -> tuple[bytes, ...]:
    """Return the static keys in ``infos`` that PACE with these parameters proves, encoded.

    The key for chip authentication mapping has the parameter id for its key id (§9.2.1); a key
    without an id is meant where no other has this one.
    """
    keys = infos.chip_authentication_keys
    named = [entry for entry in keys if entry.key_id == parameter_id]
    found = []
    for entry in named or [entry for entry in keys if entry.key_id is None]:
        if entry.key is None:
            continue
        try:
            key_domain, public = domain_of(entry.key)
        except CryptoError:
            continue
        if key_domain == domain:
            found.append(public)
    return tuple(found)


def _order_length(domain: Domain) -> int:
    return domain.curve.order_length if isinstance(domain, EcDomain) else 0
