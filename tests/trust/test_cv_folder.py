"""The folder of certificates given with ``--ta-chain``."""

from __future__ import annotations

from pathlib import Path

import pytest

from cvc_kit import Holder, chain
from ecid.errors import StoreError
from ecid.trust.cv_folder import MAX_FILES, read_cv_certificates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a chain in it."""
    for at, holder in enumerate(chain()):
        (tmp_path / f"{at}.{('cvcert', 'der', 'CV')[at]}").write_bytes(holder.raw)
    return tmp_path


def terminal() -> Holder:
    """Return the last of the chain."""
    return chain()[2]


def test_folder(folder: Path) -> None:
    """Every certificate is read by its ending, in the order of names."""
    found = [c.holder_reference for c in read_cv_certificates(folder)]
    assert found == ["ZZCVCA00001", "ZZDV00001", "ZZIS00001"]


def test_what_else_lies_there(folder: Path) -> None:
    """Keys and notes are none of ours, whether they end in .der or not; a copy counts once."""
    (folder / "key.der").write_bytes(terminal().pkcs8())
    (folder / "README.txt").write_text("certificates")
    (folder / "again.cvcert").write_bytes((folder / "0.cvcert").read_bytes())
    assert len(read_cv_certificates(folder)) == 3


def refusal(folder: Path) -> StoreError:
    """Return the error that reading ``folder`` gives."""
    with pytest.raises(StoreError) as caught:
        read_cv_certificates(folder)
    caught.value.message("vi")
    caught.value.next_step("en")
    return caught.value


@pytest.mark.parametrize(
    ("name", "data", "rule"),
    [
        ("x.cvcert", b"", "truncated"),
        ("x.cvcert", b"0\x03\x02\x01\x01", "unexpected_tag"),
        ("x.der", b"\x7f\x21\x00", "truncated"),
        ("x.cv", b"\x7f\x21" + bytes(9000), "too_large"),
    ],
)
def test_broken_file(folder: Path, name: str, data: bytes, rule: str) -> None:
    """A file that calls itself a certificate and is none is named, with the rule it breaks."""
    (folder / name).write_bytes(data)
    found = refusal(folder)
    assert found.code == "ta_chain_unreadable"
    assert found.fields == {"path": str(folder / name), "rule": rule}


def test_unknown_algorithm(folder: Path) -> None:
    """So is one with an algorithm that nobody knows."""
    raw = terminal().raw.replace(bytes.fromhex("04007F000702020202"), b"\x04" + bytes(7) + b"\x01")
    (folder / "x.cvcert").write_bytes(raw)
    assert refusal(folder).fields["rule"] == "public_key_algorithm"


def test_no_folder(tmp_path: Path) -> None:
    """What is not there, or is no folder, is named."""
    assert refusal(tmp_path / "none").fields["rule"] == "no_folder"
    (tmp_path / "file").write_bytes(b"")
    assert refusal(tmp_path / "file").fields["rule"] == "no_folder"
    assert refusal(Path("a\0b")).fields["rule"] == "no_folder"


def test_folder_in_place_of_a_file(folder: Path) -> None:
    """A folder called like a certificate cannot be read."""
    (folder / "x.cvcert").mkdir()
    assert refusal(folder).fields["rule"] == "unreadable"


def test_too_many(tmp_path: Path) -> None:
    """The number of files is bounded."""
    for at in range(MAX_FILES + 1):
        (tmp_path / f"{at}.cvcert").write_bytes(b"")
    found = refusal(tmp_path)
    assert (found.code, found.fields) == ("ta_chain_too_large", {"limit": MAX_FILES})
