"""Which of our certificates lead from a key that the chip trusts to ours (Doc 9303-11 §7.1.4.3).

What the chip will check is checked here first: names, roles, signatures, and the days of the
certificates that are ours. A chain that it would refuse is never sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ecid.lds.cvc_types import INSPECTION_SYSTEM, CardVerifiableCertificate, Chat, CvcRole
from ecid.outcome import Finding, Reason, undetermined
from ecid.trust.cv_key import CvHolder, holder
from ecid_crypto.curves import Curve
from ecid_crypto.errors import CryptoError
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey

_Path = tuple[CvHolder, ...]
_Allowed = Callable[[CardVerifiableCertificate], bool]


@dataclass(frozen=True, slots=True)
class CvChain:
    """Certificates in the order in which the chip gets them; the last is the terminal's.

    ``effective`` are the rights that remain of the terminal's, its document verifier's and the
    CVCA's (Doc 9303-11 §7.1.4.3.6).
    """

    certificates: tuple[CardVerifiableCertificate, ...]
    effective: Chat

    @property
    def terminal(self) -> CardVerifiableCertificate:
        """Return the terminal's certificate."""
        return self.certificates[-1]


def find_cv_chain(
    held: Sequence[CardVerifiableCertificate],
    authorities: Sequence[str],
    at: datetime,
    key: RsaPublicKey | EcPublicKey,
) -> CvChain | Finding:
    """Return the shortest chain from one of ``authorities`` to the certificate of ``key``.

    ``authorities`` are the CVCA references that the chip names, preferred first; ``held`` is
    everything that we have, CVCA certificates included, whose keys are the operator's word.
    Without a chain the answer is undetermined: ``no_chain`` (``rule``: ``authority`` if we hold
    no key the chip names, else ``path``), ``expired``, or ``not_yet_valid`` (a chip that takes a
    day to come for its clock would refuse today's certificates ever after). ``at`` is aware.
    """
    anchors = [anchor for name in authorities for anchor in _anchors(held, name)]
    if not anchors:
        return undetermined(Reason.NO_CHAIN, rule="authority")
    today = at.astimezone(UTC).date()
    path = _shortest(held, anchors, key, lambda certificate: _in_force(certificate, today))
    if path is not None:
        return CvChain(tuple(link.certificate for link in path[1:]), _effective(path))
    late = _shortest(held, anchors, key, lambda _: True)
    if late is None:
        return undetermined(Reason.NO_CHAIN, rule="path")
    return _out_of_force(late, today)


def _anchors(held: Sequence[CardVerifiableCertificate], name: str) -> list[CvHolder]:
    """Return what we hold of the CVCA key called ``name``."""
    found: list[CvHolder] = []
    for certificate in held:
        if certificate.holder_reference != name or not _is_cvca(certificate):
            continue
        try:
            found.append(holder(certificate, _inherited(held, certificate)))
        except CryptoError:
            continue
    return found


def _inherited(
    held: Sequence[CardVerifiableCertificate], certificate: CardVerifiableCertificate
) -> Curve | None:
    """Return the domain of the nearest older CVCA key that states it: a link leaves it out."""
    name = certificate.authority_reference
    for _ in held:
        issuer = next((c for c in held if c.holder_reference == name and _is_cvca(c)), None)
        if issuer is None or isinstance(issuer.public_key.key, RsaPublicKey):
            return None
        if issuer.public_key.key.parameters is not None:
            return issuer.public_key.key.parameters.curve()
        name = issuer.authority_reference
    return None


def _is_cvca(certificate: CardVerifiableCertificate) -> bool:
    chat = certificate.authorization
    return chat.oid == INSPECTION_SYSTEM and chat.role is CvcRole.CVCA


def _shortest(
    held: Sequence[CardVerifiableCertificate],
    anchors: list[CvHolder],
    key: RsaPublicKey | EcPublicKey,
    allowed: _Allowed,
) -> _Path | None:
    """Search by breadth, each certificate once; the answer starts with its anchor."""
    waiting: deque[_Path] = deque((anchor,) for anchor in anchors)
    seen: set[bytes] = set()
    while waiting:
        path = waiting.popleft()
        for certificate in held:
            if certificate.raw in seen or not allowed(certificate):
                continue
            follower = _follower(path[-1], certificate)
            if follower is None:
                continue
            seen.add(certificate.raw)
            if certificate.authorization.role is not CvcRole.TERMINAL:
                waiting.append((*path, follower))
            elif follower.key == key:
                return (*path, follower)
    return None


def _follower(issuer: CvHolder, certificate: CardVerifiableCertificate) -> CvHolder | None:
    """Return the holder of ``certificate`` if ``issuer`` issued it and was allowed to."""
    named = certificate.authority_reference == issuer.certificate.holder_reference
    if not named or not _may_issue(issuer.certificate, certificate):
        return None
    return issuer.issued(certificate)


def _may_issue(issuer: CardVerifiableCertificate, certificate: CardVerifiableCertificate) -> bool:
    """Tell whether roles and terminal type follow each other (TR-03110-3 §2.2, §C.4)."""
    if {issuer.authorization.oid, certificate.authorization.oid} != {INSPECTION_SYSTEM}:
        return False
    above, role = issuer.authorization.role, certificate.authorization.role
    if role is CvcRole.TERMINAL:
        return above.is_verifier
    return above is CvcRole.CVCA and certificate.holder_reference != issuer.holder_reference


def _in_force(certificate: CardVerifiableCertificate, today: date) -> bool:
    """Tell whether a chip may get ``certificate`` today; it takes old links too (§7.1.4.3.3)."""
    if certificate.authorization.role is CvcRole.CVCA:
        return certificate.effective <= today
    return certificate.effective <= today <= certificate.expiration


def _out_of_force(path: _Path, today: date) -> Finding:
    first = next(c.certificate for c in path[1:] if not _in_force(c.certificate, today))
    reason = Reason.NOT_YET_VALID if today < first.effective else Reason.EXPIRED
    return undetermined(reason, holder=first.holder_reference)


def _effective(path: _Path) -> Chat:
    """Return the rights that terminal, document verifier and the CVCA above it all have."""
    above, verifier, terminal = (link.certificate.authorization for link in path[-3:])
    rights = zip(above.rights, verifier.rights, terminal.authorization, strict=True)
    return Chat(terminal.oid, bytes(a & b & c for a, b, c in rights))
