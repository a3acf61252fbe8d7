"""Which bits of the control may change and leave it verified: found by trying every one of them.

The page ``docs/reference/unauthenticated.md`` holds the answer; the tests compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ecid.encoding.tlv import Tlv, children, parse_one
from tests.deep.kit import POLICIES, control, is_verified, judge

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "unauthenticated.md"
FILES = ("SOD", "COM", "DG1", "DG13", "DG14", "DG15", "CardAccess")
#: Bytes of one test: about four seconds.
CHUNK = 64

_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (\d+)–(\d+) \| `([0-9A-F]+)` \|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of one file under one policy: offsets ``start`` to ``end``, the end excluded."""

    policy: str
    file: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.policy}-{self.file}-{self.start}"


def chunks() -> Iterator[Chunk]:
    """Yield every piece of every file under both policies."""
    for policy in POLICIES:
        for file in FILES:
            size = len(control().files[file])
            for start in range(0, size, CHUNK):
                yield Chunk(policy, file, start, min(start + CHUNK, size))


def found(chunk: Chunk) -> bytes:
    """Return the mask of the bits of ``chunk`` whose change leaves the control verified.

    Where it does, the identity data must be what it was.
    """
    original = control().files[chunk.file]
    identity = judge({}, chunk.policy).identity
    mask = bytearray(chunk.end - chunk.start)
    for at in range(chunk.start, chunk.end):
        for bit in (1 << n for n in range(8)):
            altered = original[:at] + bytes([original[at] ^ bit]) + original[at + 1 :]
            report = judge({chunk.file: altered}, chunk.policy)
            if is_verified(report):
                assert report.identity == identity
                mask[at - chunk.start] |= bit
    return bytes(mask)


def documented(chunk: Chunk) -> bytes:
    """Return the mask of ``chunk`` as the page has it."""
    mask = bytearray(len(control().files[chunk.file]))
    for file, policy, first, last, octets in _ROW.findall(PAGE.read_text("utf-8")):
        if (file, policy) == (chunk.file, chunk.policy):
            mask[int(first) : int(last) + 1] = bytes.fromhex(octets)
    return bytes(mask[chunk.start : chunk.end])


def page() -> str:
    """Return the page, every bit tried. Fails for a range that nobody has given a reason for."""
    every = list(chunks())
    with ProcessPoolExecutor(2) as pool:
        masks = list(pool.map(found, every))
    whole: dict[tuple[str, str], bytearray] = {}
    for chunk, mask in zip(every, masks, strict=True):
        whole.setdefault((chunk.policy, chunk.file), bytearray()).extend(mask)
    rows = [row for (policy, file), mask in whole.items() for row in _rows(policy, file, mask)]
    return _HEAD.format(sizes=_sizes()) + "\n".join(rows) + "\n" + _TAIL


def _sizes() -> str:
    files = control().files
    return ", ".join(f"{name} {len(files[name])}" for name in FILES)


def _rows(policy: str, file: str, mask: bytearray) -> Iterator[str]:
    for start, end in _ranges(mask):
        where, why = _reason(policy, file, start, end)
        octets = mask[start:end].hex().upper()
        yield f"| `{file}` | {policy} | {start}–{end - 1} | `{octets}` | {where} | {why} |"


def _ranges(mask: bytearray) -> Iterator[tuple[int, int]]:
    start = None
    for at, octet in enumerate([*mask, 0]):
        if octet and start is None:
            start = at
        if not octet and start is not None:
            yield start, at
            start = None


def _reason(policy: str, file: str, start: int, end: int) -> tuple[str, str]:
    """Return where the range lies and why nobody signed it; raises ``LookupError`` if unknown."""
    if file == "CardAccess" and policy == "passive":
        return "the whole file", "`access.binding` does not count for stored files"
    for (name, first, last), words in _known().items():
        if name == file and first <= start and end <= last:
            return words
    raise LookupError(f"{policy} {file} {start} to {end - 1}: no reason is known")


def _known() -> dict[tuple[str, int, int], tuple[str, str]]:
    """Return the places of which a reason is known, as (file, first offset, offset after)."""
    known: dict[tuple[str, int, int], tuple[str, str]] = {}
    for part in children(parse_one(control().files["COM"], 0x60, "COM")):
        if part.tag in (0x5F01, 0x5F36):
            known["COM", part.start, part.start + len(part.raw)] = (
                "LDS version" if part.tag == 0x5F01 else "Unicode version",
                "EF.COM is unsigned; only its list of files is compared with the SOD",
            )
    for info in children(parse_one(control().files["CardAccess"], 0x31, "CardAccess")):
        if b"\x04\x00\x7f\x00\x07\x02\x02\x04" not in info.raw:  # id-PACE
            known["CardAccess", info.start, info.start + len(info.raw)] = (
                "a SecurityInfo other than PACEInfo",
                "only what it offers of PACE is compared with DG14; the rest is used for nothing",
            )
    announced = children(_signed_data())[1]
    known["SOD", announced.start, announced.start + len(announced.raw)] = (
        "the digest algorithm announced before the content",
        "that of the SignerInfo alone decides; the deviation `digest_algorithm_unlisted` shows",
    )
    identifier = _signer_identifier()
    known["SOD", identifier.start, identifier.start + len(identifier.raw)] = (
        "the issuer's name in the signer identifier",
        "it only finds the certificate, by what the name says; the deviation `name_encoding` shows",
    )
    return known


def _signer_identifier() -> Tlv:
    """Return the SignerIdentifier of the control's only SignerInfo."""
    signer_info = children(children(_signed_data())[-1])[0]
    return children(signer_info)[1]


def _signed_data() -> Tlv:
    content_info = children(parse_one(control().files["SOD"], 0x77, "SOD"))[0]
    return children(children(content_info)[1])[0]


_HEAD = """\
# What nobody signed

Written by a test run that changes every bit of a valid card (`vn-cccd-2021`, seed 0), one at a
time, and judges it again: as stored files under the policy `passive`, and as a live reading under
`counter`. These bits may change and leave the verdict `verified`. Every other bit of these files
does not, and no cut of any of them does. In each case the identity data is the same as before.

Files and bytes tried: {sizes}.
The document signer's certificate is part of the SOD. Of DG2 one bit of every byte is tried, which
only the hash sees: none may change.

| file | policy | bytes | mask of bits | what stands there | why it may change |
|---|---|---|---|---|---|
"""

_TAIL = """
A SOD with more in it than the control's has more that nobody signed: further certificates, unsigned
attributes, revocation lists and further digest algorithms. A certificate in the SOD that the signer
identifier does not name is never looked at again.

To write this page again, which takes five minutes:

```
ECID_WRITE_UNAUTHENTICATED=1 python -m pytest -m deep tests/deep/test_bit_flips.py
```
"""
