"""``docs/reference/protocols.md``: the four matrices as a run of them came out.

``page(run_all())`` is the page; the cells are listed by the modules that meet them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

from ecid_crypto.cipher import Cipher
from ecid_crypto.domain import standardised_domain
from ecid_crypto.hashes import Hash
from tests.conformance import aa_matrix, ca_matrix, pace_matrix, ta_matrix
from tests.conformance.meeting import MET, outcome

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "protocols.md"

Cell = pace_matrix.Cell | ca_matrix.Cell | aa_matrix.Cell | ta_matrix.Cell
Outcomes = Mapping[Any, str]
"""What came of each cell: ``MET``, or the name of an exception."""


def every_cell() -> Iterator[list[Cell]]:
    """Yield the cells of all matrices, in groups that share a card or a key."""
    for suite in pace_matrix.groups():
        yield list(pace_matrix.cells(suite))
    for key in ca_matrix.groups():
        yield list(ca_matrix.cells(key))
    for name in aa_matrix.groups():
        yield list(aa_matrix.cells(name))
    for group in ta_matrix.groups():
        yield list(ta_matrix.cells(group))


def run_all(workers: int = 2) -> Outcomes:
    """Run every cell and return what came of it."""
    groups = list(every_cell())
    with ProcessPoolExecutor(workers) as pool:
        results = list(pool.map(_run, groups))
    return {
        cell: found
        for group, outcomes in zip(groups, results, strict=True)
        for cell, found in zip(group, outcomes, strict=True)
    }


def _run(group: list[Cell]) -> list[str]:
    return [outcome(_meeting(cell)) for cell in group]


def _meeting(cell: Cell) -> Callable[[], None]:
    if isinstance(cell, pace_matrix.Cell):
        return lambda: pace_matrix.meet(cell)
    if isinstance(cell, ca_matrix.Cell):
        return lambda: ca_matrix.meet(cell)
    if isinstance(cell, aa_matrix.Cell):
        return lambda: aa_matrix.meet(cell)
    return lambda: ta_matrix.meet(cell)


def page(outcomes: Outcomes) -> str:
    """Return the page about ``outcomes``."""
    met = sum(found == MET for found in outcomes.values())
    parts = (
        _HEAD.format(met=met, cells=len(outcomes), parameters=_parameters()),
        *_pace(outcomes),
        _CA,
        *_chip_authentication(outcomes),
        _AA,
        *_active_authentication(outcomes),
        _TA,
        *_terminal_authentication(outcomes),
        _TAIL,
    )
    return "\n".join(parts)


def _pace(outcomes: Outcomes) -> Iterator[str]:
    """Yield a row for each mapping, agreement and cipher; the parameters are counted."""

    def row(suite: pace_matrix.Suite) -> tuple[str, str, str]:
        return suite.mapping, suite.agreement, suite.cipher.value

    for names, suites in groupby(pace_matrix.groups(), row):
        cells = [list(pace_matrix.cells(suite)) for suite in suites]
        ids = [first.suite.parameter_id for first, *_ in cells]
        yield _row(
            *names, _ranges(ids), *(_count(column, outcomes) for column in zip(*cells, strict=True))
        )


def _chip_authentication(outcomes: Outcomes) -> Iterator[str]:
    """Yield a row for each group or curve; encodings and forms are counted."""
    for name, keys in groupby(ca_matrix.groups(), lambda key: key.name):
        known = list(keys)
        cells = [cell for key in known for cell in ca_matrix.cells(key)]
        columns = ([cell for cell in cells if cell.cipher is cipher] for cipher in Cipher)
        encodings = ", ".join(key.encoding for key in known)
        yield _row(name, encodings, *(_count(column, outcomes) for column in columns))


def _active_authentication(outcomes: Outcomes) -> Iterator[str]:
    """Yield a row for each key, a column for each hash."""
    assert [cell.hash for cell in aa_matrix.cells("")] == list(Hash)
    for name in aa_matrix.groups():
        yield _row(name, *(outcomes[cell] for cell in aa_matrix.cells(name)))


def _terminal_authentication(outcomes: Outcomes) -> Iterator[str]:
    """Yield a row for each algorithm; CVCA keys and rights are counted, then the other curves."""
    for algorithm, groups in groupby(ta_matrix.groups(), lambda group: group.algorithm):
        name, _ = ta_matrix.ALGORITHMS[algorithm]
        known = list(groups)
        whole = [group for group in known if group.whole]
        others = [cell for group in known if not group.whole for cell in ta_matrix.cells(group)]
        columns = [list(ta_matrix.cells(group)) for group in whole]
        counts = [_count(column, outcomes) for column in [*columns, others]]
        yield _row(name, whole[0].key, *counts)


def _row(*columns: str) -> str:
    return f"| {' | '.join(columns)} |"


def _count(cells: Iterable[Cell], outcomes: Outcomes) -> str:
    """Return how many of the cells met, and which did not and why."""
    known = list(cells)
    lost = [f"{cell}: {outcomes[cell]}" for cell in known if outcomes[cell] != MET]
    if not known:
        return ""
    return " · ".join([f"{len(known) - len(lost)} of {len(known)}", *lost])


def _ranges(numbers: list[int]) -> str:
    """Return ascending numbers with runs of three or more as ranges."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return " ".join(f"{r[0]}–{r[-1]}" if len(r) > 2 else " ".join(map(str, r)) for r in runs)


def _parameters() -> str:
    ids = (*pace_matrix.FIELDS, *pace_matrix.CURVES)
    named = ", ".join(f"{number} {standardised_domain(number).name}" for number in ids)
    return textwrap.fill(f"Standardised parameters: {named}.", 100, break_on_hyphens=False)


_HEAD = """\
# Protocols, terminal against chip

Written by a run of `tests/conformance`: our terminal (`ecid.protocols`) in front of our chip
(`ecid.emulator`). The two were written apart and share no code of a protocol or of secure
messaging. {met} of {cells} cells met: the protocol came to its end, both sides held the same keys,
and DG1 was read under them, each command and each answer verified. `3 of 3` counts what stands to
the left of it. What software of others says of the two sides is in [interop.md](interop.md).

## PACE

{parameters}

The integrated mapping does not exist for 10, whose prime is 1 modulo 4; chip authentication mapping
exists for curves and AES, and its cells also have EF.CardSecurity authenticated and the chip's
proof checked against it.

| mapping | agreement | cipher | parameters | MRZ | CAN | PIN | PUK |
|---|---|---|---|---|---|---|---|"""

_CA = """
## Chip Authentication

After BAC, with the key of DG14. Forms: no key id, a key id, two keys of which the one with the
lower id is taken, and for 3DES no ChipAuthenticationInfo at all. Explicit parameters and both
encodings of numbers meet every form, other encodings the first. 3DES is MSE:Set KAT, AES is
GENERAL AUTHENTICATE.

| key | encodings | 3DES | AES-128 | AES-192 | AES-256 |
|---|---|---|---|---|---|"""

_AA = """
## Active Authentication

After BAC. With RSA the hash is that of the trailer, which the cell checks; with a curve it is named
in DG14, and the answer is r || s.

| key | SHA-1 | SHA-224 | SHA-256 | SHA-384 | SHA-512 |
|---|---|---|---|---|---|"""

_TA = """
## Terminal Authentication

After Chip Authentication with AES-128: over P-256 after BAC, brainpoolP256r1 after PACE, and a
finite field after PACE over one, where PACE itself names the CVCA keys; elsewhere EF.CVCA does.
Each cell is one of three CVCA keys (the chip's current one, its previous one, one that a link
certificate replaces) by four rights (none, DG3, DG4, both); what is not granted must stay locked.
The last column is both rights under the current key, after PACE, with each other curve that
OpenSSL has.

| algorithm | key | BAC | PACE | PACE over DH | other curves |
|---|---|---|---|---|---|"""

_TAIL = """
To write this page again, which takes about two minutes:

```
ECID_WRITE_PROTOCOLS=1 python -m pytest tests/conformance/test_page.py
```
"""
