"""Canaries are found in every spelling and in every sink."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ecid
from ecid.emulator import EmulatedCard
from ecid.errors import AccessDenied
from ecid.testing import NOW, SINKS, Traces, canary_card, trust_of
from ecid.testing.canary import canaries, leaks, spellings

NAME = canary_card().secrets.qr.split("|")[2]


def traces(folder: Path, **changed: object) -> Traces:
    """Return the traces of an attempt that left none."""
    empty = Traces(logs="", output="", errors="", error=None, report=None, temporary=folder)
    return replace(empty, **changed)  # type: ignore[arg-type]


def found(left: Traces) -> set[str]:
    """Return the sinks in which anything of the canary card is found."""
    return {leak.rpartition(" in ")[2] for leak in leaks(left, canaries(canary_card(), [KEY]))}


KEY = bytes(range(0x80, 0x90))


def chained() -> AccessDenied:
    """Return an error whose cause carries a name."""
    error = AccessDenied()
    error.__cause__ = ValueError(NAME)
    return error


@pytest.mark.parametrize(
    ("changed", "sink"),
    [
        ({"logs": f"reading {NAME}"}, "logs"),
        ({"output": canary_card().secrets.mrz}, "standard output"),
        ({"errors": repr(KEY)}, "standard error"),
        ({"error": AccessDenied("wrong_key", holder=NAME)}, "exception"),
        ({"error": ValueError(canary_card().secrets.can)}, "exception"),
        ({"error": chained()}, "exception"),
    ],
)
def test_sinks(tmp_path: Path, changed: dict[str, object], sink: str) -> None:
    """A canary is found where it is, and nowhere else."""
    assert found(traces(tmp_path, **changed)) == {sink}


def test_temporary_files(tmp_path: Path) -> None:
    """Names and contents of files count, in folders too."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "face.bin").write_bytes(canary_card().files["DG2"])
    assert found(traces(tmp_path)) == {"temporary files"}
    (tmp_path / "deep" / "face.bin").unlink()
    (tmp_path / "000090731945").touch()
    assert found(traces(tmp_path)) == {"temporary files"}


class Chatty(ecid.Report):
    """A report whose repr says too much, of itself and of its evidence."""

    def __repr__(self) -> str:
        return NAME


class ChattyEvidence(ecid.Evidence):
    """Evidence whose repr shows its files."""

    def __repr__(self) -> str:
        return repr(self.files)


def genuine() -> ecid.Report:
    """Return the report about the valid card."""
    issued = canary_card()
    secret = ecid.AccessSecret.from_can(issued.secrets.can)
    return ecid.read(secret, card=EmulatedCard(issued), trust=trust_of(issued), at=NOW)


def test_reports(tmp_path: Path) -> None:
    """A genuine report leaks nothing; one that says too much is found out."""
    report = genuine()
    assert found(traces(tmp_path, report=report)) == set()
    chatty = Chatty(**vars(report))
    assert found(traces(tmp_path, report=chatty)) == {"report"}
    evidence = ChattyEvidence(**vars(report.evidence))
    assert found(traces(tmp_path, report=replace(report, evidence=evidence))) == {"evidence"}


def test_json_of_what_is_not_verified(tmp_path: Path) -> None:
    """Without a verdict of verified, the JSON must not hold the identity."""

    class Careless(ecid.Report):
        def to_json(self, *, show_unverified: bool = False, indent: int | None = None) -> str:
            return super().to_json(show_unverified=True, indent=indent)

    fields = {**vars(genuine()), "verdict": ecid.Verdict.UNDETERMINED}
    assert found(traces(tmp_path, report=Careless(**fields))) == {"report"}
    assert found(traces(tmp_path, report=ecid.Report(**fields))) == set()


def test_every_sink_is_tried() -> None:
    """The tests above name every sink there is."""
    tried = {"logs", "standard output", "standard error", "exception", "temporary files"}
    assert tried | {"report", "evidence"} == set(SINKS)


def test_canaries_of_the_card() -> None:
    """Name, number, dates, MRZ, CAN, portrait and session keys are all hidden."""
    names = set(canaries(canary_card(), [KEY]))
    assert {
        "mrz",
        "can",
        "document number",
        "personal number",
        "surname",
        "full name",
        "birth date 0",
        "expiry date 1",
        "session key 0",
    } <= names
    assert any(name.startswith("portrait") for name in names)


def test_nothing_personal_in_a_finding(tmp_path: Path) -> None:
    """What is printed of a leak is not the leak again."""
    [*lines] = leaks(traces(tmp_path, logs=NAME), canaries(canary_card()))
    assert lines
    assert not any(NAME in line or "CANARY" in line for line in lines)


@given(st.binary(min_size=6, max_size=40), st.binary(max_size=9), st.binary(max_size=9))
def test_spellings(value: bytes, before: bytes, after: bytes) -> None:
    """Whatever stands before and after it, a spelling is found in a longer one of its kind."""
    whole = before + value + after
    kinds = spellings(value)
    assert kinds["raw"] in whole
    assert kinds["hex"] in whole.hex().encode()
    assert kinds["HEX"] in whole.hex().upper().encode()
    assert kinds["reversed"] in whole[::-1]
    assert kinds[f"base64+{len(before) % 3}"] in base64.b64encode(whole)


@given(st.text(min_size=3, max_size=20), st.text(max_size=5))
def test_spellings_of_text(value: str, before: str) -> None:
    """Text is also found in UTF-16 and escaped as Python writes it."""
    kinds = spellings(value.encode())
    assert kinds["UTF-16LE"] in (before + value).encode("utf-16-le")
    assert kinds["UTF-16BE"] in (before + value).encode("utf-16-be")
    assert kinds["escaped"] in ascii(before + value).encode() or "'" in before + value
