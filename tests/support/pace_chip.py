"""A chip's side of PACE in every variant, written from Doc 9303-11 §4.4 for the tests."""

from __future__ import annotations

from dataclasses import dataclass

from ecid.protocols.pace import PaceParameters, PacePassword
from ecid_crypto.cipher import Cipher, encrypt_block, encrypt_cbc
from ecid_crypto.curves import Curve
from ecid_crypto.domain import AgreementKey, DhDomain, EcDomain, standardised_domain
from ecid_crypto.kdf import KdfCounter, derive_key, derive_session_keys
from ecid_crypto.mac import mac
from ecid_crypto.padding import pad
from ecid_crypto.rng import Rng, SeededRng
from ecid_readers.apdu import CommandApdu
from scripted_card import tlv

CIPHERS = {1: Cipher.TDES, 2: Cipher.AES_128, 3: Cipher.AES_192, 4: Cipher.AES_256}
#: The last arc but one of an identifier: mapping, and whether it is over a finite field.
ARCS = {1: ("GM", True), 2: ("GM", False), 3: ("IM", True), 4: ("IM", False), 6: ("CAM", False)}


def suite(arcs: str, parameter_id: int) -> PaceParameters:
    """Return the parameters of a variant; ``arcs`` are the last two of its identifier."""
    kind, cipher = map(int, arcs.split("."))
    return PaceParameters(
        f"0.4.0.127.0.7.2.2.4.{arcs}",
        ARCS[kind][0],  # type: ignore[arg-type]
        CIPHERS[cipher],
        standardised_domain(parameter_id),
        parameter_id,
    )


def every_suite() -> list[tuple[str, int]]:
    """Return the 141 variants that Doc 9303-11 §4.4.3 and §9.5.1 have."""
    return [
        (f"{kind}.{cipher}", number)
        for kind, (mapping, finite) in ARCS.items()
        for cipher in CIPHERS
        for number in ((0, 1, 2) if finite else range(8, 19))
        if not (mapping == "CAM" and cipher == 1)
        if not (mapping == "IM" and number == 10)
    ]


@dataclass(frozen=True)
class Habits:
    """How a chip differs from the standard; as it stands, not at all."""

    careless: bool = False
    """It answers whatever our token is."""
    nonce_length: int | None = None
    """Bytes of the nonce; None: as long as the key, in whole blocks."""
    authorities: bytes = b""
    """Objects 87 and 88 to append to the token."""
    omit_mapping_data: bool = False
    """It leaves DO'82' out where integrated mapping has it empty."""


class PaceChip:
    """Runs PACE once with ``password``; draws nonce, mapping key and ephemeral key from ``rng``."""

    def __init__(
        self,
        parameters: PaceParameters,
        password: PacePassword,
        *,
        habits: Habits | None = None,
        rng: Rng | None = None,
        static: int = 7,
    ) -> None:
        self.parameters, self._cipher = parameters, parameters.cipher
        self._domain = parameters.domain
        self._habits, self._rng = habits or Habits(), rng or SeededRng(b"pace chip")
        self._key = derive_key(password.secret, KdfCounter.PASSWORD, self._cipher)
        length = self._habits.nonce_length
        self.nonce = self._rng(length or (16 if self._cipher.key_length == 16 else 32))
        self.static = static
        self._map_key: AgreementKey | None = None
        self._map_number = 0
        self._generator = self._theirs = self.public = self.mapping_key = b""
        self.secret = b""

    def session_keys(self) -> tuple[bytes, bytes]:
        """Return the keys the chip arrived at."""
        return derive_session_keys(self.secret, self._cipher)

    def static_public(self) -> bytes:
        """Return the static key that chip authentication mapping ties the mapping key to."""
        return self._domain.key(self.static).public()

    def transmit(self, command: bytes, /) -> bytes:
        """Answer MSE:Set AT and the four GENERAL AUTHENTICATE."""
        apdu = CommandApdu.decode(command)
        if apdu.ins == 0x22:
            return b"\x90\x00"
        content = _value(apdu.data)
        if not content:
            iv = bytes(self._cipher.block_length)
            return _objects(tlv(0x80, encrypt_cbc(self._cipher, self._key, iv, self.nonce)))
        steps = {0x81: self._map, 0x83: self._agree, 0x85: self._prove}
        return steps[content[0]](_value(content))

    def _map(self, value: bytes) -> bytes:
        if self.parameters.mapping == "IM":
            self._generator = self._domain.map_integrated(self._cipher, self.nonce, value)
            return _objects(b"" if self._habits.omit_mapping_data else tlv(0x82, b""))
        self._map_number, private = self._new_key()
        self._generator = self._domain.map_generic(self.nonce, private.multiply(value))
        self.mapping_key = private.public()
        return _objects(tlv(0x82, self.mapping_key))

    def _agree(self, value: bytes) -> bytes:
        _, private = self._new_key()
        self._theirs = value
        self.public = private.public(self._generator)
        self.secret = private.shared_secret(value)
        return _objects(tlv(0x84, self.public))

    def _prove(self, value: bytes) -> bytes:
        if not self._habits.careless and value != self._token(self.public):
            return b"\x63\x00"
        answer = tlv(0x86, self._token(self._theirs)) + self._habits.authorities
        if self.parameters.mapping == "CAM":
            answer += tlv(0x8A, self._chip_authentication_data())
        return _objects(answer)

    def _new_key(self) -> tuple[int, AgreementKey]:
        order = _order(self._domain)
        while not 1 <= (number := self._number(order)) < order:
            pass
        return number, self._domain.key(number)

    def _number(self, order: int) -> int:
        drawn = int.from_bytes(self._rng((order.bit_length() + 7) // 8), "big")
        return drawn & ((1 << order.bit_length()) - 1)

    def _chip_authentication_data(self) -> bytes:
        curve = _curve(self._domain)
        number = pow(self.static, -1, curve.n) * self._map_number % curve.n
        data = number.to_bytes(curve.order_length, "big")
        key, _ = self.session_keys()
        iv = encrypt_block(self._cipher, key, b"\xff" * 16)
        return encrypt_cbc(self._cipher, key, iv, pad(data, 16))

    def _token(self, public: bytes) -> bytes:
        last = bytes(map(int, self.parameters.oid.split(".")[-2:]))
        tag = 0x84 if isinstance(self._domain, DhDomain) else 0x86
        key = tlv(0x06, bytes.fromhex("04007F0007020204") + last) + tlv(tag, public)
        return mac(self._cipher, self.session_keys()[1], b"\x7f" + tlv(0x49, key))


def _order(domain: object) -> int:
    if isinstance(domain, DhDomain):
        assert domain.group.q is not None
        return domain.group.q
    return _curve(domain).n


def _curve(domain: object) -> Curve:
    assert isinstance(domain, EcDomain)
    return domain.curve


def _objects(content: bytes) -> bytes:
    return tlv(0x7C, content) + b"\x90\x00"


def _value(data: bytes) -> bytes:
    """Return what stands behind a tag of one byte and a length of one to three."""
    return data[{0x81: 3, 0x82: 4}.get(data[1], 2) :]
