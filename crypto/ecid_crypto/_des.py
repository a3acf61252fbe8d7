"""DES and two-key 3DES in CBC mode, from pycryptodome.

`cryptography` has moved 3DES to its shelf for retired algorithms; Doc 9303-11 §9.8.6 keeps it
alive in documents.
"""

from __future__ import annotations

from typing import cast

from Crypto.Cipher import DES, DES3
from Crypto.Cipher._mode_cbc import CbcMode  # exported nowhere else; for the type only


def des_cbc(key: bytes, iv: bytes) -> CbcMode:
    """Return single DES with an 8-byte key: a building block of the retail MAC."""
    return cast("CbcMode", DES.new(key, DES.MODE_CBC, iv=iv))  # noqa: S304 (prescribed)


def tdes_cbc(key: bytes, iv: bytes) -> CbcMode:
    """Return 3DES with the keys K1, K2, K1 of the 16-byte ``key`` K1 || K2.

    The caller has refused keys with equal halves; pycryptodome would with ``ValueError``.
    """
    return cast("CbcMode", DES3.new(key, DES3.MODE_CBC, iv=iv))
