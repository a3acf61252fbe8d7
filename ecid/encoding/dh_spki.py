"""SubjectPublicKeyInfo of finite-field Diffie-Hellman keys (TR-03110-3 §A.2, RFC 3279 §2.3.3).

Three ways to say the group: the numbers p and g of PKCS #3, the numbers p, g and q of X9.42, or a
standardised domain parameter identifier. The key is an INTEGER inside the BIT STRING.
"""

from __future__ import annotations

from ecid.encoding import der_write as w
from ecid.encoding.algorithm import AlgorithmIdentifier
from ecid.encoding.der import BitString, bit_string_octets, decode, sequence
from ecid.encoding.oid import (
    DH_KEY_AGREEMENT,
    DH_PUBLIC_NUMBER,
    STANDARDISED_DOMAIN_PARAMETERS,
)
from ecid.errors import MalformedData, UnsupportedData
from ecid_crypto.dh import (
    DhGroup,
    DhPublicKey,
    check_public,
    group_by_parameters,
    standardised_group,
)
from ecid_crypto.errors import CryptoError


def parse_dh_spki(der: bytes, where: str) -> DhPublicKey:
    """Return the key of the SubjectPublicKeyInfo that ``der`` consists of.

    Raises ``MalformedData`` for what is not DER or no public value of its group
    (``dh_public_value``), and ``UnsupportedData`` for other algorithms, unknown identifiers and
    groups that nobody should compute in (``dh_group``: ``ecid_crypto.dh.check_group``).
    """
    info = decode(_SubjectPublicKeyInfo, der, where)
    group = _group(info.algorithm, where)
    octets = bit_string_octets(info.subject_public_key, where)
    y = decode(_Integer, w.seq(octets), where).value
    try:
        check_public(group, y)
    except CryptoError as exc:
        raise MalformedData(where, "dh_public_value") from exc
    return DhPublicKey(group, y)


def write_dh_spki(key: DhPublicKey) -> bytes:
    """Return the SubjectPublicKeyInfo of ``key``: X9.42, or PKCS #3 where no order is known."""
    group = key.group
    numbers = [w.integer(group.p), w.integer(group.g)]
    if group.q is None:
        algorithm = w.seq(w.oid(DH_KEY_AGREEMENT), w.seq(*numbers))
    else:
        algorithm = w.seq(w.oid(DH_PUBLIC_NUMBER), w.seq(*numbers, w.integer(group.q)))
    return w.seq(algorithm, w.bits(w.integer(key.y)))


@sequence
class _SubjectPublicKeyInfo:
    algorithm: AlgorithmIdentifier
    subject_public_key: BitString


@sequence
class _Integer:
    value: int


@sequence
class _DhParameter:
    """DHParameter (PKCS #3 §9)."""

    prime: int
    base: int
    private_value_length: int | None


@sequence
class _ValidationParameters:
    seed: BitString
    counter: int


@sequence
class _DomainParameters:
    """DomainParameters of X9.42 (RFC 3279 §2.3.3)."""

    p: int
    g: int
    q: int
    j: int | None
    validation: _ValidationParameters | None


def _group(algorithm: AlgorithmIdentifier, where: str) -> DhGroup:
    parameters = algorithm.raw_parameters
    if algorithm.oid not in _KNOWN:
        raise UnsupportedData(where, algorithm.oid)
    if parameters is None:
        raise MalformedData(where, "key_parameters")
    if algorithm.oid == STANDARDISED_DOMAIN_PARAMETERS:
        return _standardised(parameters, where)
    if algorithm.oid == DH_KEY_AGREEMENT:
        pkcs3 = decode(_DhParameter, parameters, where)
        return _by_numbers(pkcs3.prime, pkcs3.base, None, where)
    x942 = decode(_DomainParameters, parameters, where)
    return _by_numbers(x942.p, x942.g, x942.q, where)


_KNOWN = (DH_KEY_AGREEMENT, DH_PUBLIC_NUMBER, STANDARDISED_DOMAIN_PARAMETERS)


def _standardised(parameters: bytes, where: str) -> DhGroup:
    number = decode(_Integer, w.seq(parameters), where).value
    try:
        return standardised_group(number)
    except CryptoError as exc:
        raise UnsupportedData(where, "standardised_domain_parameters") from exc


def _by_numbers(p: int, g: int, q: int | None, where: str) -> DhGroup:
    if min(p, g, 1 if q is None else q) <= 0:
        raise MalformedData(where, "dh_parameters_not_positive")
    if max(p.bit_length(), g.bit_length()) > _MAX_BITS:
        raise UnsupportedData(where, "dh_group")
    try:
        return group_by_parameters(p, g, q)
    except CryptoError as exc:
        raise UnsupportedData(where, "dh_group") from exc


#: Numbers beyond this are refused before anything is computed with them.
_MAX_BITS = 8192
