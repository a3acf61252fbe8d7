"""Which signature scheme an AlgorithmIdentifier names (RFC 4055, RFC 5758, TR-03111 §5.2.1).

Covered is what Doc 9303-12 §4 allows, plus the plain ECDSA of BSI; MD5 and everything else is
``UnsupportedData`` with the object identifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from ecid.encoding.algorithm import AlgorithmIdentifier, hash_of
from ecid.encoding.der import Explicit, decode, sequence
from ecid.encoding.oid import EC_PUBLIC_KEY, MGF1, RSA_ENCRYPTION, RSASSA_PSS
from ecid.errors import MalformedData, UnsupportedData
from ecid_crypto.hashes import Hash
from ecid_crypto.signature import Dsa, Ecdsa, RsaPkcs1v15, RsaPss, Scheme

RSA_PKCS1: Mapping[str, Hash] = MappingProxyType(
    {
        "1.2.840.113549.1.1.5": Hash.SHA1,
        "1.2.840.113549.1.1.14": Hash.SHA224,
        "1.2.840.113549.1.1.11": Hash.SHA256,
        "1.2.840.113549.1.1.12": Hash.SHA384,
        "1.2.840.113549.1.1.13": Hash.SHA512,
    }
)
"""sha*WithRSAEncryption (RFC 4055 §5)."""

ECDSA_DER: Mapping[str, Hash] = MappingProxyType(
    {
        "1.2.840.10045.4.1": Hash.SHA1,
        "1.2.840.10045.4.3.1": Hash.SHA224,
        "1.2.840.10045.4.3.2": Hash.SHA256,
        "1.2.840.10045.4.3.3": Hash.SHA384,
        "1.2.840.10045.4.3.4": Hash.SHA512,
    }
)
"""ecdsa-with-SHA* (RFC 5758 §3.2): the signature is a SEQUENCE of two integers."""

ECDSA_PLAIN: Mapping[str, Hash] = MappingProxyType(
    {
        "0.4.0.127.0.7.1.1.4.1.1": Hash.SHA1,
        "0.4.0.127.0.7.1.1.4.1.2": Hash.SHA224,
        "0.4.0.127.0.7.1.1.4.1.3": Hash.SHA256,
        "0.4.0.127.0.7.1.1.4.1.4": Hash.SHA384,
        "0.4.0.127.0.7.1.1.4.1.5": Hash.SHA512,
    }
)
"""ecdsa-plain-SHA* (TR-03111 §5.2.1.1): the signature is r and s, side by side."""


DSA_DER: Mapping[str, Hash] = MappingProxyType(
    {
        "1.2.840.10040.4.3": Hash.SHA1,
        "2.16.840.1.101.3.4.3.1": Hash.SHA224,
        "2.16.840.1.101.3.4.3.2": Hash.SHA256,
        "2.16.840.1.101.3.4.3.3": Hash.SHA384,
        "2.16.840.1.101.3.4.3.4": Hash.SHA512,
    }
)
"""dsa-with-sha* (RFC 3279 §2.2.2, RFC 5758 §3.1)."""


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """What an AlgorithmIdentifier of a signature means.

    ``oid`` is as received, ``scheme`` ready for ``ecid_crypto.signature.verify``, and
    ``deviations`` names what was tolerated: ``ecdsa_null_parameters``, ``ecdsa_key_identifier``
    (id-ecPublicKey in place of a signature algorithm), ``pss_default_encoded``,
    ``pss_parameters_absent``.
    """

    oid: str
    scheme: Scheme
    deviations: tuple[str, ...] = ()


def parse_signature_algorithm(
    der: bytes, where: str, digest: Hash | None = None
) -> SignatureAlgorithm:
    """Return the scheme that the AlgorithmIdentifier ``der`` names.

    ``digest`` is SignerInfo.digestAlgorithm: rsaEncryption names no hash, and RFC 3370 §3.2 puts
    it there. Raises ``MalformedData`` or ``UnsupportedData``.
    """
    identifier = decode(AlgorithmIdentifier, der, where)
    oid = identifier.oid
    if oid == RSASSA_PSS:
        return _pss(identifier, where)
    if oid in ECDSA_DER:
        return _ecdsa(identifier, Ecdsa(ECDSA_DER[oid], "der"), where)
    if oid in ECDSA_PLAIN:
        return _ecdsa(identifier, Ecdsa(ECDSA_PLAIN[oid], "plain"), where)
    if oid in DSA_DER:
        return _without_parameters(identifier, Dsa(DSA_DER[oid]), where)
    if oid == EC_PUBLIC_KEY and digest is not None:
        return SignatureAlgorithm(oid, Ecdsa(digest, "der"), ("ecdsa_key_identifier",))
    hash_ = digest if oid == RSA_ENCRYPTION else RSA_PKCS1.get(oid)
    if hash_ is None:
        raise UnsupportedData(where, oid)
    return _without_parameters(identifier, RsaPkcs1v15(hash_), where)


def _without_parameters(
    identifier: AlgorithmIdentifier, scheme: Scheme, where: str
) -> SignatureAlgorithm:
    if not identifier.without_parameters:
        raise MalformedData(where, "signature_parameters")
    return SignatureAlgorithm(identifier.oid, scheme)


def _ecdsa(identifier: AlgorithmIdentifier, scheme: Ecdsa, where: str) -> SignatureAlgorithm:
    """RFC 5758 §3.2 wants the parameters absent; issuers write NULL all the same."""
    if identifier.raw_parameters is not None:
        raise MalformedData(where, "signature_parameters")
    deviations = () if identifier.parameters is None else ("ecdsa_null_parameters",)
    return SignatureAlgorithm(identifier.oid, scheme, deviations)


@sequence
class _PssParameters:
    """RSASSA-PSS-params (RFC 4055 §3.1).

    The members are optional instead of DEFAULT: a default written out breaks DER and is seen.
    """

    hash_algorithm: Annotated[AlgorithmIdentifier | None, Explicit(0)]
    mask_generation: Annotated[AlgorithmIdentifier | None, Explicit(1)]
    salt_length: Annotated[int | None, Explicit(2)]
    trailer_field: Annotated[int | None, Explicit(3)]


def _pss(identifier: AlgorithmIdentifier, where: str) -> SignatureAlgorithm:
    """Return the scheme of RSASSA-PSS, defaults filled in (SHA-1, MGF1 with SHA-1, 20, 1)."""
    raw = identifier.raw_parameters
    if raw is None:
        # RFC 4055 §3.1 wants them even where all is default.
        scheme = RsaPss(Hash.SHA1, Hash.SHA1, 20)
        return SignatureAlgorithm(identifier.oid, scheme, ("pss_parameters_absent",))
    given = decode(_PssParameters, raw, where)
    hash_ = hash_of(given.hash_algorithm, where) if given.hash_algorithm else Hash.SHA1
    mgf_hash = _mgf1_hash(given.mask_generation, where) if given.mask_generation else Hash.SHA1
    salt_length = 20 if given.salt_length is None else given.salt_length
    # No RSA modulus has room for more salt than this; the exact bound is the verifier's.
    if not 0 <= salt_length <= 1024:
        raise MalformedData(where, "pss_salt_length")
    # RFC 4055 §3.1: the value MUST be 1, so another one is no algorithm at all.
    if given.trailer_field not in (None, 1):
        raise MalformedData(where, "pss_trailer_field")
    named = (given.hash_algorithm and hash_, given.mask_generation and mgf_hash)
    defaults = given.trailer_field is not None or given.salt_length == 20
    written_out = defaults or Hash.SHA1 in named
    deviations = ("pss_default_encoded",) if written_out else ()
    return SignatureAlgorithm(identifier.oid, RsaPss(hash_, mgf_hash, salt_length), deviations)


def _mgf1_hash(identifier: AlgorithmIdentifier, where: str) -> Hash:
    """Return the hash of MGF1, the only mask generation function there is."""
    if identifier.oid != MGF1:
        raise UnsupportedData(where, identifier.oid)
    if identifier.raw_parameters is None:
        raise MalformedData(where, "mgf1_parameters")
    return hash_of(decode(AlgorithmIdentifier, identifier.raw_parameters, where), where)
