"""AlgorithmIdentifier (RFC 5280 §4.1.1.2) and the hash functions named by one."""

from __future__ import annotations

from ecid.encoding.der import TLV, Null, ObjectIdentifier, sequence, tlv_raw
from ecid.errors import MalformedData, UnsupportedData
from ecid_crypto.errors import UnsupportedAlgorithm
from ecid_crypto.hashes import Hash


@sequence
class AlgorithmIdentifier:
    """An algorithm and its parameters: NULL, absent, or an object that is **not** yet validated."""

    algorithm: ObjectIdentifier
    parameters: Null | TLV | None

    @property
    def oid(self) -> str:
        """Return the dotted object identifier."""
        return self.algorithm.dotted_string

    @property
    def without_parameters(self) -> bool:
        """Tell whether the parameters are NULL or absent."""
        return self.parameters is None or isinstance(self.parameters, Null)

    @property
    def raw_parameters(self) -> bytes | None:
        """Return the DER of the parameters, None where they are NULL or absent."""
        return tlv_raw(self.parameters) if isinstance(self.parameters, TLV) else None


def hash_of(identifier: AlgorithmIdentifier, where: str) -> Hash:
    """Return the hash function; parameters may be NULL or absent (RFC 4055 §2.1).

    Raises ``MalformedData`` (``hash_parameters``) or ``UnsupportedData`` with the identifier.
    """
    if not identifier.without_parameters:
        raise MalformedData(where, "hash_parameters")
    try:
        return Hash.from_oid(identifier.oid)
    except UnsupportedAlgorithm as exc:
        raise UnsupportedData(where, identifier.oid) from exc
