"""Which of the PACEInfos in EF.CardAccess is run, and how the chip is told (Doc 9303-11 §9.2.1)."""

from __future__ import annotations

from dataclasses import dataclass

from ecid.errors import UnsupportedData
from ecid.lds.protocol_oids import KeyAgreement, Mapping
from ecid.lds.security_info_types import PaceInfo
from ecid_crypto.cipher import Cipher
from ecid_crypto.domain import DhDomain, Domain, standardised_domain
from ecid_crypto.errors import UnsupportedAlgorithm

_VERSION = 2  # of PACE; no other was ever published (§9.2.1)

#: The only standardised curve whose prime the integrated mapping cannot use: P-224 (App. B).
_NOT_FOR_IM = 10

#: Better ones have higher numbers: see ``choose``.
_PREFERENCE: dict[Mapping, int] = {"IM": 0, "GM": 1, "CAM": 2}


@dataclass(frozen=True, slots=True)
class PaceParameters:
    """What one run of PACE uses: a PACEInfo whose parts were found to fit each other."""

    oid: str
    mapping: Mapping
    cipher: Cipher
    domain: Domain
    parameter_id: int


def choose(offered: tuple[PaceInfo, ...]) -> PaceParameters:
    """Return the best of the ``offered`` PACEInfos: the first of ``ranked``."""
    return ranked(offered)[0]


def ranked(offered: tuple[PaceInfo, ...]) -> tuple[PaceParameters, ...]:
    """Return the usable ones of the ``offered`` PACEInfos, the best first, whatever their order.

    Best is, in this order: the longest key of the cipher, AES before 3DES; chip authentication
    mapping, which proves the chip in the same run and is what readers in the field prefer, then
    generic, which is what nearly every chip was tested with, then integrated mapping; the
    strongest domain parameters, curves before finite fields; the lowest parameter identifier.

    Raises ``UnsupportedData`` if none can be run, naming the first reason by alphabet:
    ``pace_version``, ``pace_parameters_proprietary``, ``pace_parameters_unknown``,
    ``pace_parameters_of_other_kind``, ``pace_im_parameters_10``, or ``pace_not_offered``.
    """
    usable: list[PaceParameters] = []
    refused: set[str] = set()
    for info in offered:
        found = _parameters(info)
        if isinstance(found, PaceParameters):
            usable.append(found)
        else:
            refused.add(found)
    if not usable:
        raise UnsupportedData("EF.CardAccess", min(refused, default="pace_not_offered"))
    return tuple(sorted(usable, key=_rank, reverse=True))


def is_ambiguous(offered: tuple[PaceInfo, ...]) -> bool:
    """Whether the chip has more than one set of domain parameters for PACE.

    The choice must then be named in DO'84' (§4.4.4.1). What is offered counts, not what is usable:
    chips that are not told take the first set (NFCPassportReader pull request 269).
    """
    return len({info.parameter_id for info in offered}) > 1


def strength(domain: Domain) -> int:
    """Return about how many bits of security ``domain`` has (NIST SP 800-57 part 1, table 2)."""
    if not isinstance(domain, DhDomain):
        return domain.bits // 2
    return next((bits for size, bits in _FINITE_FIELDS if domain.bits >= size), 0)


#: Bits of p, bits of security.
_FINITE_FIELDS = ((3072, 128), (2048, 112), (1024, 80))


def _rank(chosen: PaceParameters) -> tuple[int, int, int, int, bool, int]:
    return (
        chosen.cipher.key_length,
        chosen.cipher.block_length,
        _PREFERENCE[chosen.mapping],
        strength(chosen.domain),
        not isinstance(chosen.domain, DhDomain),
        -chosen.parameter_id,
    )


def _parameters(info: PaceInfo) -> PaceParameters | str:
    """Return what ``info`` stands for, or in one word why it cannot be run."""
    if info.version != _VERSION:
        return "pace_version"
    number = info.parameter_id
    if number is None or not 0 <= number < 32:
        return "pace_parameters_proprietary"
    try:
        domain = standardised_domain(number)
    except UnsupportedAlgorithm:
        return "pace_parameters_unknown"
    if info.key_agreement != _agreement(domain):
        return "pace_parameters_of_other_kind"
    if info.mapping == "IM" and number == _NOT_FOR_IM:
        return "pace_im_parameters_10"
    return PaceParameters(info.oid, info.mapping, info.cipher, domain, number)


def _agreement(domain: Domain) -> KeyAgreement:
    return "DH" if isinstance(domain, DhDomain) else "ECDH"
