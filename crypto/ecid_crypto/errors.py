"""Everything the mathematics can refuse.

CryptoError
├── InvalidMac              a message authentication code does not match
├── InvalidSignature        a signature does not verify
├── InvalidPoint            bytes or coordinates that are no point of the curve, or infinity
├── InvalidKey              a key outside the domain its algorithm is defined for
├── InvalidPadding          data that is not whole blocks, or not padded as the rule says
└── UnsupportedAlgorithm    a correct name of something this package does not implement

Only these leave a public function of this package because of the values it was given.
"""

from __future__ import annotations


class CryptoError(Exception):
    """A value was refused; ``rule`` names the rule broken in snake_case, never the value."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class InvalidMac(CryptoError):
    """A message authentication code does not match (Doc 9303-11 §9.8)."""


class InvalidSignature(CryptoError):
    """A signature does not verify under this key, or is malformed."""


class InvalidPoint(CryptoError):
    """Not a finite point of the curve (TR-03111 §3.2.2, public key validation)."""


class InvalidKey(CryptoError):
    """A key, scalar or initialisation vector outside the domain of its algorithm."""


class InvalidPadding(CryptoError):
    """Data that is not whole blocks, or breaks ISO/IEC 9797-1 padding method 2."""


class UnsupportedAlgorithm(CryptoError):
    """An algorithm, curve or parameter set that is not implemented here."""
