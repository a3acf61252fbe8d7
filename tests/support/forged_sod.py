"""A genuine SOD of an emulated issuer, and the means to differ from it in exactly one part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pss
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.keys import RsaSecret, generate_ec, generate_rsa
from ecid.emulator.pki import (
    SIGNING_TIME,
    Authority,
    Signer,
    emulated_issuer,
    make_document_signer,
    sign_sod,
    signer_extensions,
)
from ecid.emulator.signing import EcdsaKey, RsaPssKey, SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import children, encode, parse_one
from ecid.outcome import Finding
from ecid.protocols.passive_authentication import PassiveAuthentication, authenticate
from ecid.trust.store import TrustStore
from ecid_crypto.curves import Curve, curve_by_name
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import EcPublicKey, PublicKey
from ecid_crypto.rng import SeededRng

GROUPS = {1: b"data group one", 2: b"data group two", 14: b"data group fourteen"}
CSCA, SIGNER = emulated_issuer(0)
TRUST = TrustStore.of(CSCA.certificate)
CONTENT = cms.lds_security_object(GROUPS)

GREEN = ("successful", "successful", "successful", "successful")
"""What ``verdicts`` makes of a genuine SOD under its own CSCA."""

VERSION, SID, DIGEST_ALGORITHM, ATTRIBUTES, SIGNATURE_ALGORITHM, SIGNATURE = range(6)
"""Where the parts of a SignerInfo with signed attributes stand."""

SignerParts = list[bytes]


def verdict(finding: Finding) -> str:
    """Return outcome, reason and rule in one line."""
    words = [finding.outcome.value, finding.reason or "", str(finding.detail.get("rule", ""))]
    return " ".join(filter(None, words))


def verdicts(sod: bytes, trust: TrustStore = TRUST) -> tuple[str, str, str, str]:
    """Return what passive authentication says of format, signature, signer and chain."""
    result = authenticate(sod, trust)
    return all_verdicts(result)


def all_verdicts(result: PassiveAuthentication) -> tuple[str, str, str, str]:
    """Return the four findings of ``result`` in words."""
    return (
        verdict(result.format),
        verdict(result.signature),
        verdict(result.signer),
        verdict(result.chain),
    )


def genuine(signer: Signer = SIGNER, **overrides: Any) -> bytes:
    """Return a SOD over ``GROUPS``; ``overrides`` are those of ``sign_sod``."""
    return sign_sod(GROUPS, signer, **{"signing_time": SIGNING_TIME, **overrides})


def with_attributes(*attributes: bytes, sort: bool = True) -> bytes:
    """Return a SOD whose signed attributes are exactly these, properly signed."""
    info = cms.signer_info(SIGNER, CONTENT, attributes, sort=sort)
    return genuine(signer_infos=(info,))


def signer_parts(sod: bytes) -> SignerParts:
    """Return the parts of the first SignerInfo."""
    infos = signed_data_parts(sod)[-1]
    return [part.raw for part in children(children(parse_one(infos, 0x31, "SOD"))[0])]


def signed_data_parts(sod: bytes) -> list[bytes]:
    """Return the parts of the SignedData: the infos of the signers stand last."""
    content = children(children(parse_one(sod, 0x77, "SOD"))[0])[1]
    return [part.raw for part in children(children(content)[0])]


def with_signer_part(sod: bytes, index: int, part: bytes) -> bytes:
    """Return ``sod`` with one part of its SignerInfo replaced after signing."""
    parts = signer_parts(sod)
    parts[index] = part
    return with_signed_data_part(sod, -1, w.set_of(w.seq(*parts)))


def with_signed_data_part(sod: bytes, index: int, part: bytes) -> bytes:
    """Return ``sod`` with one part of its SignedData replaced after signing."""
    parts = signed_data_parts(sod)
    parts[index] = part
    content_type = children(children(parse_one(sod, 0x77, "SOD"))[0])[0].raw
    return encode(0x77, w.seq(content_type, w.explicit(0, w.seq(*parts))))


def flipped(data: bytes, at: int, bits: int = 1) -> bytes:
    """Return ``data`` with one bit changed, the last one of the octet unless given."""
    changed = bytearray(data)
    changed[at] ^= bits
    return bytes(changed)


def edited_content(edit: Callable[[bytes], bytes]) -> bytes:
    """Return a genuinely signed SOD over edited content."""
    return genuine(econtent=edit(CONTENT))


def ec_key(label: str = "other", curve: str = "P-256") -> EcdsaKey:
    """Return an ECDSA key that ``label`` stands for."""
    return EcdsaKey(generate_ec(curve_by_name(curve), SeededRng(label.encode())))


@cache
def rsa_secret() -> RsaSecret:
    """Return an RSA key of 2048 bits, made once."""
    return generate_rsa(2048, SeededRng(b"forged sod"))


def signer_with(
    *extensions: bytes, csca: Authority = CSCA, label: str = "signer", **overrides: Any
) -> Signer:
    """Return a document signer under ``csca`` with exactly these extensions."""
    return make_document_signer(ec_key(label), csca, extensions=extensions, **overrides)


def signer_extensions_but(
    oid: str, *instead: bytes, csca: Authority = CSCA, label: str = "signer"
) -> Sequence[bytes]:
    """Return the extensions of the profile without ``oid``, and ``instead`` at the end."""
    plain = signer_extensions(ec_key(label), csca, SIGNING_TIME)
    return (*(e for e in plain if w.oid(oid) not in e), *instead)


def with_outer_algorithm(certificate: bytes, algorithm: bytes) -> bytes:
    """Return ``certificate`` with the algorithm outside its signed part replaced."""
    tbs, _, signature = children(parse_one(certificate, 0x30, "certificate"))
    return w.seq(tbs.raw, algorithm, signature.raw)


@dataclass(frozen=True)
class PlainEcdsaKey:
    """ECDSA with r and s side by side, as BSI TR-03111 §5.2.1 has it."""

    inner: EcdsaKey

    @property
    def public(self) -> PublicKey:
        """Return the public key."""
        return self.inner.public

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return r || s."""
        r, s = decode_dss_signature(self.inner.sign(hash_function, message))
        width = self.inner.secret.curve.order_length
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return ecdsa-plain-SHA*."""
        names = {Hash.SHA224: 2, Hash.SHA256: 3, Hash.SHA384: 4, Hash.SHA512: 5}
        return w.seq(w.oid(f"0.4.0.127.0.7.1.1.4.1.{names[hash_function]}"))


@dataclass(frozen=True)
class ShortSaltKey:
    """RSASSA-PSS with SHA-256 and a salt of 20 bytes that says its salt has 32."""

    secret: RsaSecret

    @property
    def public(self) -> PublicKey:
        """Return the public key."""
        return self.secret.public

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return the signature with the shorter salt."""
        assert hash_function is Hash.SHA256
        s = self.secret
        key = RSA.construct((s.n, s.e, s.d, s.p, s.q))
        maker = pss.new(key, salt_bytes=20, rand_func=SeededRng(b"salt"))
        return maker.sign(SHA256.new(message))

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return the parameters of an honest signature."""
        return RsaPssKey(self.secret).algorithm(hash_function)


@dataclass(frozen=True)
class CurveballKey:
    """The public key of somebody else, over a generator for which the private key is 1.

    CVE-2020-0601: with explicit parameters an attacker names the victim's public point as the
    generator of the curve.
    """

    victim: EcPublicKey

    @property
    def public(self) -> PublicKey:
        """Return the victim's public key."""
        return self.victim

    @property
    def curve(self) -> Curve:
        """Return the curve with the changed generator."""
        return replace(self.victim.curve, g=self.victim.point)

    @property
    def spki(self) -> bytes:
        """Return the victim's point with the changed generator written out."""
        return write_spki(EcPublicKey(self.curve, self.victim.point), explicit=True)

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return an ECDSA signature that holds for the changed generator."""
        curve, nonce = self.victim.curve, 0xC0FFEE
        r = EcPrivateKey.from_scalar(curve, nonce).multiply(self.victim.point).x % curve.n
        z = int.from_bytes(hash_function.digest(message)[: curve.order_length], "big")
        return encode_dss_signature(r, pow(nonce, -1, curve.n) * (z + r) % curve.n)

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return ecdsa-with-SHA*."""
        return ec_key().algorithm(hash_function)


def authority_of(signer: Signer, subject: bytes) -> Authority:
    """Return a document signer that presumes to issue certificates."""
    plan = replace(CSCA.plan, subject=subject)
    return Authority(signer.certificate, plan, signer.key)


def key_of(key: SigningKey) -> EcPublicKey:
    """Return the public elliptic curve key of ``key``."""
    assert isinstance(key.public, EcPublicKey)
    return key.public


def key_identifier_of(authority: Authority) -> bytes:
    """Return the subject key identifier of ``authority``."""
    return c.key_identifier(authority.key.public)
