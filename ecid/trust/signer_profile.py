"""What the certificate of a signer must be: of documents, of master lists, of deviation lists.

All are issued by the CSCA (Doc 9303-12 §7.1.1, Tables 4 and 5), so only the profile keeps the
key of one role from doing the work of another.
"""

from __future__ import annotations

from ecid.encoding.oid import DEVIATION_LIST_SIGNING_KEY, MASTER_LIST_SIGNING_KEY
from ecid.encoding.spki import is_elliptic
from ecid.errors import MalformedData, UnsupportedData
from ecid.outcome import SUCCESS, Finding, Reason, failed, undetermined
from ecid.trust.certificate import Certificate
from ecid.trust.extensions import CRL_SIGN, DIGITAL_SIGNATURE, KEY_CERT_SIGN
from ecid_crypto.errors import CryptoError
from ecid_crypto.public_key import (
    DsaPublicKey,
    EcPublicKey,
    PublicKey,
    RsaPublicKey,
    check_dsa,
    check_rsa,
)

#: Below this an RSA key is old rather than wrong: a deviation, ``short_rsa_key``.
_GOOD_RSA_BITS = 2048


def check_signer_profile(signer: Certificate) -> Finding:
    """Check the profile and the key of a document signer certificate."""
    try:
        rule = _broken_rule(signer)
        # Doc 9303-12 gives document signers no extended key usage; other roles have one.
        if rule is None and signer.extensions.extended_key_usage is not None:
            rule = "extended_key_usage"
    except MalformedData as exc:
        return failed(Reason.DSC_PROFILE, rule=exc.rule)
    return _check_key(signer) if rule is None else failed(Reason.DSC_PROFILE, rule=rule)


def check_list_signer(signer: Certificate, purpose: str | None) -> Finding:
    """Check the certificate of whoever signed a list; ``purpose`` is its extended key usage.

    ``MASTER_LIST`` and ``DEVIATION_LIST`` are the purposes of Doc 9303-12. For lists whose purpose
    has no published identifier it is None; then there must be one all the same, because document
    signers have none, and their keys vouch for documents only; and it must be none that is known
    to mean something else.
    """
    try:
        rule = _broken_rule(signer)
        purposes = signer.extensions.extended_key_usage or ()
        fits = _may_be_another(purposes) if purpose is None else purpose in purposes
        if rule is None and not fits:
            rule = "extended_key_usage"
    except MalformedData as exc:
        return failed(Reason.DSC_PROFILE, rule=exc.rule)
    return _check_key(signer) if rule is None else failed(Reason.DSC_PROFILE, rule=rule)


def _may_be_another(purposes: tuple[str, ...]) -> bool:
    """Whether there are ``purposes``, none of which is known: lists, TLS, code, mail, anything."""
    known = {MASTER_LIST, DEVIATION_LIST, _ANY_PURPOSE}
    return bool(purposes) and not any(p in known or p.startswith(_PKIX) for p in purposes)


#: RFC 5280 §4.2.1.12.
_ANY_PURPOSE, _PKIX = "2.5.29.37.0", "1.3.6.1.5.5.7.3."

MASTER_LIST, DEVIATION_LIST = MASTER_LIST_SIGNING_KEY, DEVIATION_LIST_SIGNING_KEY


def deviations_of(signer: Certificate) -> tuple[str, ...]:
    """Return what was overlooked in the certificate of a signer and in its key."""
    found = [*signer.deviations]
    try:
        public = signer.public_key
    except (MalformedData, UnsupportedData):
        return tuple(found)
    found += public.deviations
    if isinstance(public.key, RsaPublicKey) and public.key.bits < _GOOD_RSA_BITS:
        found.append("short_rsa_key")
    return tuple(found)


def _broken_rule(signer: Certificate) -> str | None:
    """Return the first rule of the profile that ``signer`` breaks."""
    extensions = signer.extensions
    usage = extensions.key_usage
    rules = {
        "version": signer.version != 2,
        "extension_repeated": extensions.repeated,
        "unknown_critical_extension": extensions.unknown_critical,
        "certificate_authority": extensions.is_ca,
        "key_usage_missing": usage is None,
        "not_for_signatures": usage is not None and DIGITAL_SIGNATURE not in usage,
        "may_sign_certificates": usage is not None and KEY_CERT_SIGN in usage,
        "may_sign_revocation_lists": usage is not None and CRL_SIGN in usage,
        "algorithms_differ": signer.raw_algorithm != signer.raw_inner_algorithm,
    }
    return next((rule for rule, broken in rules.items() if broken), None)


def _check_key(signer: Certificate) -> Finding:
    """Judge the key before anything is computed with it."""
    try:
        key = signer.public_key.key
    except UnsupportedData as exc:
        elliptic = is_elliptic(signer.raw_public_key, "certificate")
        reason = Reason.UNSUPPORTED_CURVE if elliptic else Reason.UNSUPPORTED_ALGORITHM
        return undetermined(reason, what=exc.what)
    except MalformedData as exc:
        return failed(Reason.WEAK_KEY, rule=exc.rule)
    try:
        _check_numbers(key)
    except CryptoError as exc:
        return failed(Reason.WEAK_KEY, rule=exc.rule)
    return SUCCESS


def _check_numbers(key: PublicKey) -> None:
    if isinstance(key, RsaPublicKey):
        check_rsa(key)
    elif isinstance(key, DsaPublicKey):
        check_dsa(key)
    else:
        assert isinstance(key, EcPublicKey)  # its point was checked when it was read
