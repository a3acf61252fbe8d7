"""Wycheproof: AES-CMAC, of which Doc 9303 keeps the leftmost 8 bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from ecid_crypto.errors import CryptoError
from ecid_crypto.mac import cmac, verify


def test_cmac(wycheproof: Callable[[str], dict[str, Any]]) -> None:
    """Valid: the code is right; invalid: refused, by the code or by the length of the key.

    The tags are cut to 8 bytes here. A tag that is wrong only behind them is not wrong to us:
    11 flipped bits, 64 or above, in 9 tests each.
    """
    wrong: list[str] = []
    unseen: list[str] = []
    for group in wycheproof("aes_cmac")["testGroups"]:
        for test in group["tests"]:
            values = {name: bytes.fromhex(test[name]) for name in ("key", "msg", "tag")}
            if test["result"] == _judge(values):
                continue
            (unseen if _first_half_is_right(values) else wrong).append(test["comment"])
    assert wrong == []
    bits = Counter(int(comment.split()[2]) for comment in unseen)
    assert (len(bits), set(bits.values())) == (11, {9})
    assert min(bits) >= 64


def _judge(values: dict[str, bytes]) -> str:
    try:
        verify(cmac(values["key"], values["msg"]), values["tag"][:8])
    except CryptoError:
        return "invalid"
    return "valid"


def _first_half_is_right(values: dict[str, bytes]) -> bool:
    return cmac(values["key"], values["msg"]) == values["tag"][:8]
