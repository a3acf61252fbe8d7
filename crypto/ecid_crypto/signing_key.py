"""Long-term private keys that sign; they stay inside `cryptography` (OpenSSL).

Nothing here turns a private number into a Python integer, and only curves that OpenSSL has are
taken: arithmetic that is not in constant time is no place for a key that lives for years.
"""

from __future__ import annotations

from cryptography import exceptions
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_pem_private_key,
)

from ecid_crypto._ec_backend import OPENSSL_CURVES
from ecid_crypto.curves import Curve, Point, curve_by_name
from ecid_crypto.errors import InvalidKey, UnsupportedAlgorithm
from ecid_crypto.hashes import primitive
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.signature import Ecdsa, RsaPkcs1v15, RsaPss


class SigningKey:
    """A private RSA key, or one on a curve; its repr does not show it.

    RSASSA-PSS takes its salt from OpenSSL's generator; ECDSA is deterministic (RFC 6979).
    """

    __slots__ = ("_private", "public")

    public: RsaPublicKey | EcPublicKey
    """The public key."""

    def __init__(self, private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self._private = private
        self.public = _public(private)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({type(self.public).__name__})"

    @classmethod
    def from_pkcs8(cls, data: bytes, password: bytes | None = None) -> SigningKey:
        """Return the key of a PKCS #8 object (RFC 5958), DER or PEM, encrypted or not.

        Raises ``InvalidKey``: ``password_missing``, ``key_unreadable`` (a wrong password
        included); ``UnsupportedAlgorithm`` for keys that are neither RSA nor on a known curve.
        """
        load = load_pem_private_key if data.lstrip()[:5] == b"-----" else load_der_private_key
        try:
            private = load(data, password)
        except exceptions.UnsupportedAlgorithm as exc:
            raise UnsupportedAlgorithm("key_kind") from exc
        except TypeError as exc:
            # With a password: the key is not encrypted, so nothing protects it as was thought.
            raise InvalidKey("password_missing" if password is None else "not_encrypted") from exc
        except Exception as exc:
            raise InvalidKey("key_unreadable") from exc
        if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise UnsupportedAlgorithm("key_kind")
        return cls(private)

    def sign(self, scheme: RsaPkcs1v15 | RsaPss | Ecdsa, message: bytes) -> bytes:
        """Return the signature over ``message``: as long as the modulus, or twice the order.

        Of ``Ecdsa`` only the plain encoding is made (TR-03111 §5.2.1). Raises ``InvalidKey`` for
        a scheme of the other kind of key, or a key too short for its hash.
        """
        private = self._private
        try:
            if isinstance(private, rsa.RSAPrivateKey) and isinstance(scheme, RsaPkcs1v15):
                return private.sign(message, padding.PKCS1v15(), primitive(scheme.hash))
            if isinstance(private, rsa.RSAPrivateKey) and isinstance(scheme, RsaPss):
                mask = padding.MGF1(primitive(scheme.mgf_hash))
                pss = padding.PSS(mask, scheme.salt_length)
                return private.sign(message, pss, primitive(scheme.hash))
        except ValueError as exc:
            raise InvalidKey("rsa_modulus_length") from exc
        if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(scheme, Ecdsa):
            return _plain_ecdsa(private, scheme, message)
        raise InvalidKey("key_kind")


def _plain_ecdsa(private: ec.EllipticCurvePrivateKey, scheme: Ecdsa, message: bytes) -> bytes:
    algorithm = ec.ECDSA(primitive(scheme.hash), deterministic_signing=True)
    r, s = utils.decode_dss_signature(private.sign(message, algorithm))
    width = _curve(private).order_length
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def _public(
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
) -> RsaPublicKey | EcPublicKey:
    if isinstance(private, rsa.RSAPrivateKey):
        modulus = private.public_key().public_numbers()
        return RsaPublicKey(modulus.n, modulus.e)
    point = private.public_key().public_numbers()
    return EcPublicKey(_curve(private), Point(point.x, point.y))


def _curve(private: ec.EllipticCurvePrivateKey) -> Curve:
    for name, curve in OPENSSL_CURVES.items():
        if curve.name == private.curve.name:
            return curve_by_name(name)
    raise UnsupportedAlgorithm("curve")
