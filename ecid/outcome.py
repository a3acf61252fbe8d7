"""What a check may answer, and why: the five outcomes and the reasons beside them.

The outcomes are those of BSI TR-03135-1 §3.5.2. A finding is an outcome with its reason;
a check of the report is a finding with an id and a weight (``ecid.inspection.checks``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Outcome(StrEnum):
    """The five results of a check. Every check starts ``UNDETERMINED``."""

    SUCCESSFUL = "successful"
    FAILED = "failed"
    UNDETERMINED = "undetermined"
    NOT_SUPPORTED = "not_supported"
    ABORTED = "aborted"


class Reason(StrEnum):
    """Why a check did not simply succeed. Each has a page in the catalogue (``reason.<code>``)."""

    ACCESS_DOWNGRADE = "access_downgrade"
    ASK_CLERK = "ask_clerk"
    BAD_SIGNATURE = "bad_signature"
    BINDING_MISMATCH = "binding_mismatch"
    BY_POLICY = "by_policy"
    CHALLENGE = "challenge"
    CHIP_REFUSED = "chip_refused"
    CLOCK_BEFORE_BUILD = "clock_before_build"
    COM_MISMATCH = "com_mismatch"
    COUNTRY_MISMATCH = "country_mismatch"
    COUNTRY_UNKNOWN = "country_unknown"
    CRL_BAD_SIGNATURE = "crl_bad_signature"
    CRL_NOT_YET_VALID = "crl_not_yet_valid"
    CRL_STALE = "crl_stale"
    CRL_UNSUPPORTED = "crl_unsupported"
    CROSS_MISMATCH = "cross_mismatch"
    DIGEST_INFO_WITHOUT_NULL = "digest_info_without_null"
    DIGEST_MISMATCH = "digest_mismatch"
    DOCUMENT_EXPIRED = "document_expired"
    DOCUMENT_TYPE = "document_type"
    DSC_MISSING = "dsc_missing"
    DSC_PROFILE = "dsc_profile"
    EXPIRED = "expired"
    EXPIRY_UNKNOWN = "expiry_unknown"
    FILE_WITHHELD = "file_withheld"
    FORM_MISMATCH = "form_mismatch"
    HASH_MISMATCH = "hash_mismatch"
    ISSUER_ENDED_BEFORE = "issuer_ended_before"
    ISSUER_NAME = "issuer_name"
    KEY_NOT_AUTHENTICATED = "key_not_authenticated"
    LINK_LENGTH = "link_length"
    LISTED_DEFECT = "listed_defect"
    LOCKED = "locked"
    MALFORMED = "malformed"
    MRZ_CHECK_DIGIT = "mrz_check_digit"
    MRZ_MISMATCH = "mrz_mismatch"
    MRZ_OPTIONAL_DATA = "mrz_optional_data"
    NOTHING_TO_COMPARE = "nothing_to_compare"
    NOT_OFFERED = "not_offered"
    NOT_READ = "not_read"
    NOT_REQUESTED = "not_requested"
    NOT_RUN = "not_run"
    NOT_SUPPLIED = "not_supplied"
    NOT_TOLERATED = "not_tolerated"
    NOT_VALID_AT_SIGNING = "not_valid_at_signing"
    NOT_YET_VALID = "not_yet_valid"
    NO_CHAIN = "no_chain"
    NO_COM = "no_com"
    NO_CRL = "no_crl"
    NO_CSCA = "no_csca"
    NO_EXPIRY = "no_expiry"
    NUMBER_STRUCTURE = "number_structure"
    OUTSIDE_KEY_USAGE = "outside_key_usage"
    QR_MISMATCH = "qr_mismatch"
    RECORDED = "recorded"
    REVOKED = "revoked"
    SIGNATURE_INVALID = "signature_invalid"
    SIGNED_ATTRIBUTES = "signed_attributes"
    SIGNED_IN_FUTURE = "signed_in_future"
    SIGNER_COUNT = "signer_count"
    SIGNER_EXPIRED = "signer_expired"
    SIGNING_TIME_UNKNOWN = "signing_time_unknown"
    TERMINAL_REFUSED = "terminal_refused"
    UNLISTED = "unlisted"
    UNPROTECTED = "unprotected"
    UNSUPPORTED_ALGORITHM = "unsupported_algorithm"
    UNSUPPORTED_CURVE = "unsupported_curve"
    WEAK_HASH = "weak_hash"
    WEAK_KEY = "weak_key"
    WRONG_ANSWER = "wrong_answer"


@dataclass(frozen=True, slots=True)
class Finding:
    """An outcome with its reason. ``detail`` names rules, fields and files, never their values."""

    outcome: Outcome
    reason: Reason | None = None
    detail: Mapping[str, str | int | bool] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def ok(self) -> bool:
        """Whether this finding, taken alone, is a success."""
        return self.outcome is Outcome.SUCCESSFUL


SUCCESS = Finding(Outcome.SUCCESSFUL)


def failed(reason: Reason, **detail: str | int | bool) -> Finding:
    """Return a failure for ``reason``."""
    return Finding(Outcome.FAILED, reason, MappingProxyType(detail))


def undetermined(reason: Reason, **detail: str | int | bool) -> Finding:
    """Return an open question for ``reason``."""
    return Finding(Outcome.UNDETERMINED, reason, MappingProxyType(detail))


def not_supported(reason: Reason, **detail: str | int | bool) -> Finding:
    """Return the absence of what the check would have looked at, for ``reason``."""
    return Finding(Outcome.NOT_SUPPORTED, reason, MappingProxyType(detail))


@dataclass(frozen=True, slots=True, order=True)
class Deviation:
    """A named way in which the bytes break the standard and are tolerated all the same."""

    code: str
    where: str
