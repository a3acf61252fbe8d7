"""The places where a faulty chip may put something else into a value it sends."""

from __future__ import annotations

import enum
from collections.abc import Callable


class Spot(enum.Enum):
    """One value that a chip computes; the text says where it goes."""

    CHALLENGE = "RND.IC of GET CHALLENGE"
    BAC_NONCES = "RND.IC || RND.IFD || K.IC before encryption"
    BAC_ANSWER = "E.IC || M.IC"
    PACE_NONCE = "80: the encrypted nonce"
    PACE_MAPPING = "82: mapping data"
    PACE_EPHEMERAL = "84: ephemeral public key"
    PACE_TOKEN = "86: token"
    PACE_AUTHORITY = "87 and 88: references of CVCA keys"
    CAM_QUOTIENT = "CA_IC before encryption"
    CAM_IV = "IV of the encryption of CA_IC"
    CAM_DATA = "8A: encrypted chip authentication data"
    CA_SECRET = "shared secret of Chip Authentication"
    TERMINAL_CHALLENGE = "r_IC of Terminal Authentication"
    AA_REPRESENTATIVE = "message representative before the RSA operation"
    AA_SIGNATURE = "answer of INTERNAL AUTHENTICATE"


Alteration = Callable[[bytes, bytes], bytes]
"""A fault at one spot: what is sent, from the right value and what the terminal has sent."""
