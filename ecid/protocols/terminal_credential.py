"""What a terminal brings to Terminal Authentication: its certificates and its key, as one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ecid.errors import StoreError
from ecid.lds.cvc_types import CardVerifiableCertificate, CvcEcKey, CvcRole
from ecid.outcome import Finding
from ecid.protocols.terminal_key import FileTerminalKey, TerminalKey
from ecid.trust.cv_chain import CvChain, find_cv_chain
from ecid.trust.cv_folder import read_cv_certificates
from ecid_crypto.curves import encode_point
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey


@dataclass(frozen=True, slots=True)
class TerminalCredential:
    """Certificates up to the CVCA's, in any order, and the key of one of them.

    Raises ``StoreError("ta_key_mismatch")`` if none of them is a terminal's with this key.
    """

    certificates: tuple[CardVerifiableCertificate, ...]
    key: TerminalKey = field(repr=False)

    def __post_init__(self) -> None:
        public = self.key.public
        if not any(_has_key(certificate, public) for certificate in self.certificates):
            raise StoreError("ta_key_mismatch")

    @classmethod
    def load(
        cls, chain: str | Path, key: str | Path, password: bytes | None = None
    ) -> TerminalCredential:
        """Return the credential of a folder of certificates and a PKCS #8 key file.

        Raises ``StoreError``: see ``read_cv_certificates``, ``FileTerminalKey.load``.
        """
        certificates = read_cv_certificates(Path(chain))
        return cls(certificates, FileTerminalKey.load(Path(key), password))

    def chain(self, authorities: Sequence[str], at: datetime) -> CvChain | Finding:
        """Return the certificates to send to a chip that names ``authorities``, or why none are."""
        return find_cv_chain(self.certificates, authorities, at, self.key.public)


def _has_key(certificate: CardVerifiableCertificate, public: RsaPublicKey | EcPublicKey) -> bool:
    """Tell whether ``certificate`` is a terminal's with this key; the domain shows in the chain."""
    if certificate.authorization.role is not CvcRole.TERMINAL:
        return False
    key = certificate.public_key.key
    if isinstance(key, CvcEcKey):
        return isinstance(public, EcPublicKey) and key.point == encode_point(
            public.curve, public.point
        )
    return key == public
