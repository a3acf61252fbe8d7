"""The mappings of PACE from the chip's side (Doc 9303-11 §4.4.3.3)."""

from __future__ import annotations

from collections.abc import Callable

from ecid.emulator.chip.command import NOT_AUTHENTICATED, NOT_IN_THIS_STATE, RefusalError
from ecid.emulator.chip.offers import Mapping
from ecid.emulator.chip.spots import Spot
from ecid.emulator.chip.state import PaceRun
from ecid.emulator.issued import ChipKeys
from ecid.emulator.keys import EcSecret, generate_ec
from ecid_crypto.cipher import encrypt_block, encrypt_cbc
from ecid_crypto.curves import Curve
from ecid_crypto.domain import EcDomain
from ecid_crypto.padding import pad
from ecid_crypto.rng import Rng

_Altered = Callable[[Spot, bytes], bytes]


def map_nonce(run: PaceRun, received: bytes, rng: Rng) -> bytes:
    """Set the mapped generator of ``run``; return the chip's mapping data.

    Integrated mapping receives the terminal's nonce and returns nothing; the others exchange
    public keys. Raises ``CryptoError`` for data of the wrong kind.
    """
    domain = run.offer.domain
    if run.offer.mapping is Mapping.INTEGRATED:
        run.generator = domain.map_integrated(run.offer.cipher, run.nonce, received)
        return b""
    domain.check(received)
    if run.offer.mapping is Mapping.CHIP_AUTHENTICATION:
        # Its private half is needed once more: see ``chip_authentication_data``.
        run.mapping_secret = generate_ec(_curve(run), rng)
        key = run.mapping_secret.agreement
    else:
        key = domain.generate(rng)
    own = key.public()
    if own == received:  # §4.4.1 step 2
        raise RefusalError(NOT_AUTHENTICATED)
    run.generator = domain.map_generic(run.nonce, key.multiply(received))
    return own


def chip_authentication_data(keys: ChipKeys, run: PaceRun, enc: bytes, altered: _Altered) -> bytes:
    """Return A_IC: the encrypted quotient of the mapping key and the static key (§4.4.3.3.3).

    CA_IC = SK_IC^-1 · SK_Map,IC modulo n, padded and encrypted under KSenc with the encryption of
    a block of ones as IV (§4.4.3.5). The identifier of the static key is that of the domain
    parameters (§9.2.1); 6985 without one on their curve.
    """
    cipher, curve = run.offer.cipher, _curve(run)
    static = keys.chip_authentication_key(run.offer.parameter_id)
    if not isinstance(static, EcSecret) or static.curve != curve or run.mapping_secret is None:
        raise RefusalError(NOT_IN_THIS_STATE)
    quotient = pow(static.scalar, -1, curve.n) * run.mapping_secret.scalar % curve.n
    plain = altered(Spot.CAM_QUOTIENT, quotient.to_bytes(curve.order_length, "big"))
    iv = altered(Spot.CAM_IV, encrypt_block(cipher, enc, b"\xff" * cipher.block_length))
    return encrypt_cbc(cipher, enc, iv, pad(plain, cipher.block_length))


def _curve(run: PaceRun) -> Curve:
    domain = run.offer.domain
    assert isinstance(domain, EcDomain)  # there is no such mapping over a finite field
    return domain.curve
