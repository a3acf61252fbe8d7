"""EF.CardAccess against each signed file that has the same SecurityInfos."""

from __future__ import annotations

import pytest

from ecid.emulator.personalise.security_infos import pace_info, terminal_authentication_info
from ecid.encoding import der_write as w
from ecid.inspection.evidence import AccessFacts, Evidence, Origin
from ecid.inspection.judge_access import SignedInfos, check_binding
from ecid.lds.security_infos import SecurityInfos, parse
from ecid.outcome import SUCCESS, Finding, Reason, failed, not_supported, undetermined
from ecid_crypto.cipher import Cipher

LIVE = Evidence(
    origin=Origin.LIVE,
    files={},
    access=AccessFacts(protocol="PACE", cipher="AES-128", password="CAN"),
)


def infos(*entries: bytes) -> SecurityInfos:
    """Return parsed SecurityInfos."""
    return parse(w.set_of(*entries), "test")


GM = pace_info("GM", Cipher.AES_128, 13)
BOTH = infos(GM, pace_info("CAM", Cipher.AES_128, 13))
ONE = infos(GM)
NONE = infos(terminal_authentication_info())

SUCCEEDS = SUCCESS
MISMATCH = failed(Reason.BINDING_MISMATCH)
NOT_OFFERED = not_supported(Reason.NOT_OFFERED)


@pytest.mark.parametrize(
    ("read", "dg14", "card_security", "expected"),
    [
        (BOTH, BOTH, BOTH, SUCCEEDS),
        (BOTH, BOTH, None, SUCCEEDS),
        (ONE, BOTH, BOTH, MISMATCH),
        (BOTH, ONE, BOTH, MISMATCH),
        (BOTH, BOTH, ONE, MISMATCH),
        (BOTH, BOTH, NONE, MISMATCH),
        (BOTH, NONE, BOTH, MISMATCH),
        (NONE, BOTH, None, MISMATCH),
        (None, BOTH, None, MISMATCH),
        (BOTH, NONE, None, NOT_OFFERED),
        (BOTH, NONE, NONE, NOT_OFFERED),
        (None, None, None, NOT_OFFERED),
    ],
)
def test_full_set(
    read: SecurityInfos | None,
    dg14: SecurityInfos | None,
    card_security: SecurityInfos | None,
    expected: Finding,
) -> None:
    """Where one signed file offers PACE, each has the full set, and so has EF.CardAccess."""
    signed = [SignedInfos(dg14, authentic=True), SignedInfos(card_security, authentic=True)]
    assert check_binding(LIVE, read, signed) == expected


@pytest.mark.parametrize("authentic", [(True, False), (False, True), (False, False)])
def test_nobody_vouches(authentic: tuple[bool, bool]) -> None:
    """A file that is not authentic binds nothing, whatever it says."""
    signed = [SignedInfos(BOTH, authentic=each) for each in authentic]
    expected = undetermined(Reason.KEY_NOT_AUTHENTICATED)
    assert check_binding(LIVE, BOTH, signed) == expected
