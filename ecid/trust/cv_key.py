"""The public key of a card-verifiable certificate, with the domain it inherits, and what it signed.

Only a CVCA's certificate has domain parameters; below it those of its issuer apply (TR-03110-3
§D.3.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from ecid.lds.cvc_types import CardVerifiableCertificate, CvcRole
from ecid_crypto.curves import Curve, decode_point
from ecid_crypto.errors import CryptoError, UnsupportedAlgorithm
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.signature import verify


@dataclass(frozen=True, slots=True)
class CvHolder:
    """A certificate with its key made whole; ``domain`` is what certificates below inherit."""

    certificate: CardVerifiableCertificate
    key: RsaPublicKey | EcPublicKey
    domain: Curve | None

    def issued(self, certificate: CardVerifiableCertificate) -> CvHolder | None:
        """Return the holder of ``certificate`` if this key signed it, else None.

        Only signature and key are looked at, not names, roles or days. None also where the key
        in ``certificate`` cannot be used, in its own domain or in this one.
        """
        scheme = self.certificate.public_key.scheme
        try:
            verify(scheme, self.key, certificate.signature, certificate.raw_body)
            return holder(certificate, self.domain)
        except CryptoError:
            return None


def holder(certificate: CardVerifiableCertificate, inherited: Curve | None) -> CvHolder:
    """Return the holder of ``certificate``, whose issuer's domain is ``inherited``.

    Raises ``CryptoError`` if it has no domain, an unknown one, one it must not have (§D.3.3:
    only a CVCA's certificate has any), or no point of it.
    """
    key = certificate.public_key.key
    if isinstance(key, RsaPublicKey):
        return CvHolder(certificate, key, None)
    domain = inherited
    if key.parameters is not None:
        if certificate.authorization.role is not CvcRole.CVCA:
            raise UnsupportedAlgorithm("domain_parameters_below_cvca")
        domain = key.parameters.curve()
    if domain is None:
        raise UnsupportedAlgorithm("domain_parameters_absent")
    return CvHolder(certificate, EcPublicKey(domain, decode_point(domain, key.point)), domain)
