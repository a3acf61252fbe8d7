"""SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279 §2.3, RFC 5480) to a public key and back.

Doc 9303-12 §4.1.6.3 wants elliptic curve parameters written out; they name a known curve only if
every one of them is equal to it (``ecid_crypto.curves``). Nothing else is ever computed with.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid.encoding import der_write as w
from ecid.encoding.algorithm import AlgorithmIdentifier
from ecid.encoding.der import (
    TLV,
    BitString,
    ObjectIdentifier,
    bit_string_octets,
    decode,
    sequence,
    tlv_raw,
)
from ecid.encoding.oid import (
    DSA,
    EC_PUBLIC_KEY,
    PRIME_FIELD,
    RSA_ENCRYPTION,
    RSASSA_PSS,
    STANDARDISED_DOMAIN_PARAMETERS,
    decode_oid,
)
from ecid.encoding.tlv import parse_one
from ecid.errors import MalformedData, UnsupportedData
from ecid_crypto.curves import (
    CURVES,
    Curve,
    Point,
    curve_by_oid,
    curve_by_parameters,
    decode_point,
    decompress_point,
    encode_point,
    standardised_curve,
)
from ecid_crypto.errors import CryptoError, UnsupportedAlgorithm
from ecid_crypto.public_key import DsaPublicKey, EcPublicKey, PublicKey, RsaPublicKey


@dataclass(frozen=True, slots=True)
class SubjectPublicKey:
    """A public key and how it was written.

    ``algorithm`` is the dotted identifier, ``restriction`` the DER of RSASSA-PSS parameters that
    bind the key to one hash and salt length (RFC 4055 §3.3), ``explicit_parameters`` whether
    the curve was written out. The key of a chip tells its holder apart, so it has no repr.
    ``deviations``: ``cofactor_absent``, ``field_element_length``, ``compressed_point``.
    """

    key: PublicKey = field(repr=False)
    algorithm: str
    restriction: bytes | None = field(default=None, repr=False)
    explicit_parameters: bool = False
    deviations: tuple[str, ...] = ()

    @property
    def rsa_pss_restricted(self) -> bool:
        """Tell whether the key may be used with RSASSA-PSS only (RFC 4055 §1.2)."""
        return self.algorithm == RSASSA_PSS


_ELLIPTIC = (EC_PUBLIC_KEY, STANDARDISED_DOMAIN_PARAMETERS)


def parse_spki(der: bytes, where: str) -> SubjectPublicKey:
    """Return the key of the SubjectPublicKeyInfo that ``der`` consists of.

    Raises ``MalformedData`` for what is not DER or no key, and ``UnsupportedData`` for other
    algorithms and unknown curves. Key sizes are judged by the verifier.
    """
    info = decode(_SubjectPublicKeyInfo, der, where)
    octets = bit_string_octets(info.subject_public_key, where)
    if info.algorithm.oid in _ELLIPTIC:
        return _ec_key(info.algorithm, octets, where)
    if info.algorithm.oid in (RSA_ENCRYPTION, RSASSA_PSS):
        return _rsa_key(info.algorithm, octets, where)
    if info.algorithm.oid == DSA:
        return _dsa_key(info.algorithm, octets, where)
    raise UnsupportedData(where, info.algorithm.oid)


def is_elliptic(der: bytes, where: str) -> bool:
    """Tell whether the SubjectPublicKeyInfo is that of an elliptic curve, whichever it is.

    Raises ``MalformedData``.
    """
    return decode(_SubjectPublicKeyInfo, der, where).algorithm.oid in _ELLIPTIC


def write_spki(key: PublicKey, explicit: bool = False) -> bytes:
    """Return the SubjectPublicKeyInfo of ``key``; ``explicit`` writes the curve parameters out."""
    if isinstance(key, RsaPublicKey):
        algorithm = w.seq(w.oid(RSA_ENCRYPTION), w.null())
        return w.seq(algorithm, w.bits(w.seq(w.integer(key.n), w.integer(key.e))))
    if isinstance(key, DsaPublicKey):
        numbers = w.seq(w.integer(key.p), w.integer(key.q), w.integer(key.g))
        return w.seq(w.seq(w.oid(DSA), numbers), w.bits(w.integer(key.y)))
    parameters = write_ec_parameters(key.curve) if explicit else w.oid(key.curve.oid)
    point = encode_point(key.curve, key.point)
    return w.seq(w.seq(w.oid(EC_PUBLIC_KEY), parameters), w.bits(point))


def write_ec_parameters(curve: Curve) -> bytes:
    """Return the explicit ECParameters of ``curve``, cofactor included (TR-03111 §B.1)."""
    size = curve.field_length
    return w.seq(
        w.integer(1),
        w.seq(w.oid(PRIME_FIELD), w.integer(curve.p)),
        w.seq(w.octets(curve.a.to_bytes(size, "big")), w.octets(curve.b.to_bytes(size, "big"))),
        w.octets(encode_point(curve, curve.g)),
        w.integer(curve.n),
        w.integer(curve.h),
    )


@sequence
class _SubjectPublicKeyInfo:
    algorithm: AlgorithmIdentifier
    subject_public_key: BitString


@sequence
class _RsaPublicKey:
    modulus: int
    public_exponent: int


@sequence
class _DsaParameters:
    p: int
    q: int
    g: int


@sequence
class _FieldId:
    field_type: ObjectIdentifier
    parameters: TLV


@sequence
class _CurveCoefficients:
    a: bytes
    b: bytes
    seed: BitString | None


@sequence
class _EcParameters:
    """ECParameters (RFC 3279 §2.3.5)."""

    version: int
    field: _FieldId
    curve: _CurveCoefficients
    base: bytes
    order: int
    cofactor: int | None


def _rsa_key(algorithm: AlgorithmIdentifier, octets: bytes, where: str) -> SubjectPublicKey:
    restriction = algorithm.raw_parameters
    if restriction is not None and algorithm.oid != RSASSA_PSS:
        raise MalformedData(where, "key_parameters")
    numbers = decode(_RsaPublicKey, octets, where)
    if numbers.modulus <= 0 or numbers.public_exponent <= 0:
        raise MalformedData(where, "rsa_key_not_positive")
    key = RsaPublicKey(numbers.modulus, numbers.public_exponent)
    return SubjectPublicKey(key, algorithm.oid, restriction)


def _dsa_key(algorithm: AlgorithmIdentifier, octets: bytes, where: str) -> SubjectPublicKey:
    if algorithm.raw_parameters is None:  # inherited from the issuer (RFC 3279 §2.3.2)
        raise UnsupportedData(where, "dsa_parameters_inherited")
    group = decode(_DsaParameters, algorithm.raw_parameters, where)
    key = DsaPublicKey(group.p, group.q, group.g, _integer(octets, where))
    return SubjectPublicKey(key, algorithm.oid)


def _ec_key(algorithm: AlgorithmIdentifier, octets: bytes, where: str) -> SubjectPublicKey:
    parameters = algorithm.raw_parameters
    if parameters is None:
        raise UnsupportedData(where, "curve_not_named")
    explicit = parameters[0] == 0x30
    deviations: tuple[str, ...] = ()
    if algorithm.oid == STANDARDISED_DOMAIN_PARAMETERS:
        curve = _standardised_curve(parameters, where)
    elif explicit:
        curve, deviations = parse_ec_parameters(parameters, where)
    else:
        curve = _named_curve(parameters, where)
    if octets[:1] in _COMPRESSED and "compressed_point" not in deviations:
        deviations = (*deviations, "compressed_point")
    point = _point(curve, octets, where)
    return SubjectPublicKey(EcPublicKey(curve, point), algorithm.oid, None, explicit, deviations)


def _named_curve(parameters: bytes, where: str) -> Curve:
    dotted = decode_oid(parse_one(parameters, 0x06, where).value, where)
    try:
        return curve_by_oid(dotted)
    except UnsupportedAlgorithm as exc:
        raise UnsupportedData(where, dotted) from exc


def _standardised_curve(parameters: bytes, where: str) -> Curve:
    """Return the curve of a number in place of parameters (TR-03110-3 §A.2.1.1)."""
    number = _integer(parameters, where)
    try:
        return standardised_curve(number)
    except UnsupportedAlgorithm as exc:
        raise UnsupportedData(where, "standardised_domain_parameters") from exc


def parse_ec_parameters(der: bytes, where: str) -> tuple[Curve, tuple[str, ...]]:
    """Return the known curve that explicit ECParameters are equal to, and the deviations.

    Raises ``MalformedData``, or ``UnsupportedData`` for a curve that is not known in every one of
    p, a, b, G, n and h (a changed generator is the attack CVE-2020-0601).
    """
    given = decode(_EcParameters, der, where)
    if given.version != 1:
        raise UnsupportedData(where, "ec_parameters_version")
    p = _prime(given.field, where)
    a, b = (int.from_bytes(octets, "big") for octets in (given.curve.a, given.curve.b))
    cofactor = 1 if given.cofactor is None else given.cofactor
    generator = _generator(given.base, p, where)
    try:
        curve = curve_by_parameters(p, a, b, generator, given.order, cofactor)
    except UnsupportedAlgorithm as exc:
        raise UnsupportedData(where, "unknown_curve") from exc
    return curve, tuple(_deviations(given, curve))


def _deviations(given: _EcParameters, curve: Curve) -> list[str]:
    found = ["cofactor_absent"] if given.cofactor is None else []
    if {len(given.curve.a), len(given.curve.b)} != {curve.field_length}:
        found.append("field_element_length")
    if given.base[:1] in _COMPRESSED:
        found.append("compressed_point")
    return found


def _prime(field: _FieldId, where: str) -> int:
    if field.field_type.dotted_string != PRIME_FIELD:
        raise UnsupportedData(where, "field_not_prime")
    prime = tlv_raw(field.parameters)
    if len(prime) > _MAX_PRIME:
        raise MalformedData(where, "field_too_large")
    return _integer(prime, where)


def _integer(der: bytes, where: str) -> int:
    """Return a bare INTEGER; the decoder's roots are classes, hence the sequence."""
    return decode(_Integer, w.seq(der), where).value


@sequence
class _Integer:
    value: int


def _generator(octets: bytes, p: int, where: str) -> Point:
    """Return the generator. A compressed one can only be that of a curve that is known."""
    half = len(octets) // 2
    if octets[:1] == b"\x04" and len(octets) % 2:
        x, y = octets[1 : half + 1], octets[half + 1 :]
        return Point(int.from_bytes(x, "big"), int.from_bytes(y, "big"))
    if octets[:1] not in _COMPRESSED:
        raise MalformedData(where, "bad_generator")
    for curve in CURVES.values():
        sign_and_x = bytes([0x02 | curve.g.y & 1]) + curve.g.x.to_bytes(curve.field_length, "big")
        if curve.p == p and octets == sign_and_x:
            return curve.g
    raise UnsupportedData(where, "unknown_curve")


def _point(curve: Curve, octets: bytes, where: str) -> Point:
    decode_it = decompress_point if octets[:1] in _COMPRESSED else decode_point
    try:
        return decode_it(curve, octets)
    except CryptoError as exc:
        raise MalformedData(where, "bad_point") from exc


#: First bytes of the compressed form (TR-03111 §3.2.1): legal in certificates, and rare.
_COMPRESSED = (b"\x02", b"\x03")

#: Encoded length beyond which a prime belongs to no curve anybody uses (P-521 takes 68 bytes).
_MAX_PRIME = 80
