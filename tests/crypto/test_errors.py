"""The tree of refusals."""

from __future__ import annotations

import pytest

from ecid_crypto import errors


@pytest.mark.parametrize(
    "refusal",
    [
        errors.InvalidMac,
        errors.InvalidSignature,
        errors.InvalidPoint,
        errors.InvalidKey,
        errors.InvalidPadding,
        errors.UnsupportedAlgorithm,
    ],
)
def test_refusal_is_a_crypto_error_with_a_rule(refusal: type[errors.CryptoError]) -> None:
    """Every refusal is caught by the root and carries the rule broken, also as its text."""
    error = refusal("some_rule")
    assert isinstance(error, errors.CryptoError)
    assert (error.rule, str(error)) == ("some_rule", "some_rule")
