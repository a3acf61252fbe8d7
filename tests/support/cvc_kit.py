"""Card-verifiable certificates for tests, written from TR-03110-3 App. C and D, and a chip.

    cvca = authority("ZZCVCA00001", Ecdsa(Hash.SHA256, "plain"))
    dv = cvca.issue("ZZDV00001", role=0b10)
    terminal = dv.issue("ZZIS00001", role=0b00)

Nothing is shared with ``ecid.lds.cvc`` but the writer of a single object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from ecid.encoding.oid import encode_oid
from ecid.encoding.tlv import encode
from ecid.lds.cvc import parse_cvc
from ecid.lds.cvc_types import CardVerifiableCertificate
from ecid_crypto.curves import curve_by_name

TA = "0.4.0.127.0.7.2.2.2"
IS = "0.4.0.127.0.7.3.1.2.1"
AT = "0.4.0.127.0.7.3.1.2.2"

FROM, UNTIL = date(2025, 1, 1), date(2027, 12, 31)

#: id-TA-*: last arcs, how it signs, hash.
ALGORITHMS: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "1.1": ("v1.5", hashes.SHA1()),
    "1.2": ("v1.5", hashes.SHA256()),
    "1.3": ("PSS", hashes.SHA1()),
    "1.4": ("PSS", hashes.SHA256()),
    "1.5": ("v1.5", hashes.SHA512()),
    "1.6": ("PSS", hashes.SHA512()),
    "2.1": ("ECDSA", hashes.SHA1()),
    "2.2": ("ECDSA", hashes.SHA224()),
    "2.3": ("ECDSA", hashes.SHA256()),
    "2.4": ("ECDSA", hashes.SHA384()),
    "2.5": ("ECDSA", hashes.SHA512()),
}

#: Our name of a curve, and the library's.
CURVES: dict[str, ec.EllipticCurve] = {
    "P-192": ec.SECP192R1(),
    "P-224": ec.SECP224R1(),
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "brainpoolP256r1": ec.BrainpoolP256R1(),
    "brainpoolP384r1": ec.BrainpoolP384R1(),
    "brainpoolP512r1": ec.BrainpoolP512R1(),
}

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def private_key(label: str, curve: str | None) -> Private:
    """Return the key that ``label`` stands for in this run: on ``curve``, or RSA for None."""
    del label
    if curve is None:
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(CURVES[curve])


def sign(private: Private, algorithm: str, message: bytes) -> bytes:
    """Return the signature by algorithm id-TA-``algorithm``."""
    kind, hash_ = ALGORITHMS[algorithm]
    if isinstance(private, ec.EllipticCurvePrivateKey):
        r, s = utils.decode_dss_signature(private.sign(message, ec.ECDSA(hash_)))
        width = (private.curve.key_size + 7) // 8
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")
    return private.sign(message, _padding(kind, hash_), hash_)


def verifies(private: Private, algorithm: str, signature: bytes, message: bytes) -> bool:
    """Return whether ``signature`` is one of ``private``'s, with the library's own verifier."""
    kind, hash_ = ALGORITHMS[algorithm]
    try:
        if isinstance(private, ec.EllipticCurvePrivateKey):
            half = len(signature) // 2
            numbers = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
            der = utils.encode_dss_signature(*numbers)
            private.public_key().verify(der, message, ec.ECDSA(hash_))
        else:
            private.public_key().verify(signature, message, _padding(kind, hash_), hash_)
    except Exception:  # noqa: BLE001
        return False
    return True


def _padding(kind: str, hash_: hashes.HashAlgorithm) -> padding.PKCS1v15 | padding.PSS:
    if kind == "v1.5":
        return padding.PKCS1v15()
    return padding.PSS(padding.MGF1(hash_), hash_.digest_size)


@dataclass(frozen=True)
class Holder:
    """Somebody with a certificate and the private key in it."""

    name: str
    algorithm: str
    curve: str | None
    private: Private = field(repr=False)
    raw: bytes = field(repr=False)

    @property
    def certificate(self) -> CardVerifiableCertificate:
        """Return the certificate, parsed by the code under test."""
        return parse_cvc(self.raw)

    def issue(self, name: str, role: int, **changes: Any) -> Holder:
        """Return the holder of a certificate signed with this key; the algorithm is inherited."""
        return _issued(self, name, role, **changes)

    def pkcs8(self, password: bytes | None = None, *, pem: bool = False) -> bytes:
        """Return the private key as a file."""
        lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            lock = serialization.BestAvailableEncryption(password)
        form = serialization.Encoding.PEM if pem else serialization.Encoding.DER
        return self.private.private_bytes(form, serialization.PrivateFormat.PKCS8, lock)


def authority(
    name: str, algorithm: str = "2.3", curve: str | None = "brainpoolP256r1", **changes: Any
) -> Holder:
    """Return a CVCA: its certificate is signed with its own key and has domain parameters."""
    if algorithm.startswith("1."):
        curve = None
    return _issued(None, name, 0b11, algorithm=algorithm, curve=curve, **changes)


def chain(algorithm: str = "2.3", curve: str | None = "brainpoolP256r1") -> list[Holder]:
    """Return CVCA, document verifier and terminal with all rights."""
    cvca = authority("ZZCVCA00001", algorithm, curve)
    verifier = cvca.issue("ZZDV00001", 0b10)
    return [cvca, verifier, verifier.issue("ZZIS00001", 0b00)]


def _issued(
    issuer: Holder | None,
    name: str,
    role: int,
    *,
    rights: int = 0b11,
    oid: str = IS,
    effective: date = FROM,
    expiration: date = UNTIL,
    algorithm: str | None = None,
    curve: str | None = None,
    parameters: bool | None = None,
    label: str | None = None,
    car: str | None = None,
    extensions: bytes = b"",
    forged: bool = False,
) -> Holder:
    """Return a holder. ``parameters``: whether the domain is written, as for a CVCA if None."""
    algorithm = algorithm or (issuer.algorithm if issuer else "2.3")
    curve = curve if issuer is None else curve or issuer.curve
    private = private_key(label or name, curve)
    written = issuer is None if parameters is None else parameters
    authorization = bytes([role << 6 | rights])
    if oid != IS:
        authorization = bytes([role << 6, 0, 0, 0, rights])
    fields = [
        encode(0x5F29, b"\x00"),
        encode(0x42, (car or (issuer.name if issuer else name)).encode("iso-8859-1")),
        public_key(private, algorithm, curve if written else None),
        encode(0x5F20, name.encode("iso-8859-1")),
        encode(0x7F4C, encode(0x06, encode_oid(oid)) + encode(0x53, authorization)),
        encode(0x5F25, day(effective)),
        encode(0x5F24, day(expiration)),
        extensions,
    ]
    body = encode(0x7F4E, b"".join(fields))
    signer, by = (issuer.private, issuer.algorithm) if issuer else (private, algorithm)
    signature = sign(signer, by, body + b"!" if forged else body)
    raw = encode(0x7F21, body + encode(0x5F37, signature))
    return Holder(name, algorithm, curve, private, raw)


def public_key(private: Private, algorithm: str, written: str | None) -> bytes:
    """Return the object 7F49; the domain is written out for the curve named ``written``."""
    objects = [encode(0x06, encode_oid(f"{TA}.{algorithm}"))]
    if isinstance(private, rsa.RSAPrivateKey):
        numbers = private.public_key().public_numbers()
        objects += [encode(0x81, unsigned(numbers.n)), encode(0x82, unsigned(numbers.e))]
        return encode(0x7F49, b"".join(objects))
    point = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    if written is None:
        return encode(0x7F49, objects[0] + encode(0x86, point))
    c = curve_by_name(written)
    width = c.field_length
    base = b"\x04" + c.g.x.to_bytes(width, "big") + c.g.y.to_bytes(width, "big")
    objects += [encode(0x80 + n, unsigned(v)) for n, v in ((1, c.p), (2, c.a), (3, c.b))]
    objects += [encode(0x84, base), encode(0x85, unsigned(c.n))]
    objects += [encode(0x86, point), encode(0x87, unsigned(c.h))]
    return encode(0x7F49, b"".join(objects))


def unsigned(number: int) -> bytes:
    """Return a number in as few bytes as it needs."""
    return number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")


def day(date_: date) -> bytes:
    """Return six digits, one a byte."""
    return bytes(int(digit) for digit in f"{date_:%y%m%d}")
