"""Which certificates may be anchors, and what in them is overlooked (Doc 9303-12 §7.1, CSCA).

An anchor is trusted by configuration; its profile is judged so that a signer, a list signer or a
TLS certificate that strayed into a list never becomes one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecid.errors import EcidError, MalformedData, UnsupportedData
from ecid.outcome import Outcome, Reason
from ecid.trust.certificate import Certificate
from ecid.trust.extensions import KEY_CERT_SIGN
from ecid.trust.verification import check_issued

#: ISO 3166-1, two letters or (wrongly) three; more or less is no country that anybody vouches for.
_COUNTRY = re.compile("[A-Z]{2,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AnchorFinding:
    """Whether a certificate is usable as an anchor: ``rule`` is None, or the rule it breaks."""

    rule: str | None
    deviations: tuple[str, ...] = ()


def check_anchor(certificate: Certificate) -> AnchorFinding:
    """Judge ``certificate`` as a CSCA or link certificate; its own signature too, if it is its own.

    Rules: ``not_a_ca``, ``key_usage``, ``version``, ``extension_repeated``,
    ``unknown_critical_extension``, ``algorithms_differ``, ``country``, ``key_unsupported``,
    ``key_malformed``, ``self_signature_<reason>``. One that names no country, or two, is an anchor
    for signers that name none (``TrustStore.candidates``); one that is no code is refused.

    SHA-1 in a self-signature proves as little as any: an anchor is believed because it was given,
    so that is a deviation (``weak_self_signature``) and no rule.
    """
    try:
        deviations = [*certificate.deviations]
        rule = _broken_rule(certificate, deviations) or _broken_field(certificate)
        if rule is None:
            rule = _broken_key(certificate, deviations)
        if rule is None and certificate.names_itself_issuer:
            rule = _broken_self_signature(certificate, deviations)
    except MalformedData as exc:
        return AnchorFinding(exc.rule)
    return AnchorFinding(rule, tuple(deviations))


def _broken_rule(certificate: Certificate, deviations: list[str]) -> str | None:
    extensions = certificate.extensions
    usage = extensions.key_usage
    if usage is not None and KEY_CERT_SIGN not in usage:
        return "key_usage"
    if not extensions.is_ca:
        if usage is None:
            return "not_a_ca"
        deviations.append("not_marked_as_ca")
    if usage is None:
        deviations.append("key_usage_absent")
    if extensions.is_ca and extensions.path_length != 0:
        deviations.append("path_length")
    if certificate.version != 2:
        return "version"
    if extensions.repeated:
        return "extension_repeated"
    return "unknown_critical_extension" if extensions.unknown_critical else None


def _broken_field(certificate: Certificate) -> str | None:
    if certificate.raw_algorithm != certificate.raw_inner_algorithm:
        return "algorithms_differ"
    country = certificate.country
    is_code = country is None or _COUNTRY.fullmatch(country) is not None
    return None if is_code else "country"


def _broken_key(certificate: Certificate, deviations: list[str]) -> str | None:
    try:
        deviations.extend(certificate.public_key.deviations)
    except UnsupportedData:
        return "key_unsupported"
    except EcidError:
        return "key_malformed"
    return None


def _broken_self_signature(certificate: Certificate, deviations: list[str]) -> str | None:
    finding = check_issued(certificate, certificate.public_key)
    if finding.reason is Reason.WEAK_HASH:
        deviations.append("weak_self_signature")
    elif finding.outcome is not Outcome.SUCCESSFUL:
        reason = finding.reason or Reason.SIGNATURE_INVALID
        return f"self_signature_{reason.value}"
    return None
