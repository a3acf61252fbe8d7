"""A throw-away DSA key of 1024 and 160 bits, of an issuer that signs with DSA (RFC 3279 §2.2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ecid.encoding import der_write as w
from ecid.encoding.signature_algorithm import DSA_DER
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import DsaPublicKey

# Made for these tests by `cryptography`; everybody knows the private key.
P = int(
    "BDB342B10A56326AC3FF4F6A2DF261D07ADA8746C38EE19833AAB449F1DB30E7"
    "303FAF12A890B3511FA4D48BBECCF82BDB94CBBCDA049C0FEFE0A901F05A8911"
    "4B8D09960C73C3C797AE9D31D60E3BD6A04F784C17EC1F744D075029566DE61E"
    "A5C9B3983319BBB55064DB751EAF9359AEFF37F4B5C7A42B9D54C0E86A11B817",
    16,
)
Q = 0xEE1AB7A1DDBFC86A13ADEF3B920A905BE2EC007D
G = int(
    "12AD9C2D073BDDE3E0E8F4EBBD9DB05629F5FF4ACE530723E6C06334F94CE67C"
    "C0C313BF64271CE87AE41B9C4882C18FC1D52DBC67BA42BFE08033E26472B786"
    "0C20C24548D06824BF920545C8D6AB5C259FF2CB56D00B4642270111C7FFC73B"
    "7A6C28750A742C26B70274AB58822613D5C98C4622271F3B3F689D55E07763A4",
    16,
)
X = 0x5D601B626923B20912092CE2AF9338C305E288C5
PUBLIC = DsaPublicKey(P, Q, G, pow(G, X, P))


@dataclass(frozen=True)
class DsaKey:
    """DSA (FIPS 186-4 §4.6) with one nonce for everything: this key has nothing to lose."""

    public: DsaPublicKey = PUBLIC

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return the Dss-Sig-Value."""
        nonce = 0xC0FFEE
        r = pow(G, nonce, P) % Q
        digest = int.from_bytes(hash_function.digest(message), "big")
        z = digest >> max(0, 8 * hash_function.digest_length - Q.bit_length())
        return encode_dss_signature(r, pow(nonce, -1, Q) * (z + X * r) % Q)

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return dsa-with-sha*."""
        (oid,) = (oid for oid, hash_ in DSA_DER.items() if hash_ is hash_function)
        return w.seq(w.oid(oid))
