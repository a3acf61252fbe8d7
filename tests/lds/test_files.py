"""The table of files, and the names of files in folders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import Misuse
from ecid.lds.files import (
    ALL_FILES,
    BY_TAG,
    CARD_ACCESS,
    CARD_SECURITY,
    COM,
    CVCA,
    DIR,
    SOD,
    by_name,
    data_group,
    recognise,
)

#: Doc 9303-10 §4.7: the tags of DG1 to DG16.
TAGS = "61 75 63 76 65 66 67 68 69 6A 6B 6C 6D 6E 6F 70"


def test_data_groups() -> None:
    """Number, identifiers, tag and name of each data group (Doc 9303-10 §4.7)."""
    for number, tag in enumerate(bytes.fromhex(TAGS), start=1):
        file = data_group(number)
        assert (0x0100 + number, number, tag) == (file.fid, file.sfi, file.tag)
        assert (f"DG{number}", f"EF_DG{number}.bin") == (file.name, file.folder_name)
        assert (file, file) == (by_name(f"DG{number}"), BY_TAG[tag])


def test_files_beside_the_data_groups() -> None:
    """Identifiers of Doc 9303-10 §3.11 and §4.6; two pairs share them in different applications."""
    assert (COM.fid, COM.sfi, COM.tag) == (0x011E, 0x1E, 0x60)
    assert (SOD.fid, SOD.sfi, SOD.tag) == (0x011D, 0x1D, 0x77)
    assert (CARD_ACCESS.fid, CARD_ACCESS.sfi) == (CVCA.fid, CVCA.sfi) == (0x011C, 0x1C)
    assert (CARD_SECURITY.fid, CARD_SECURITY.sfi) == (SOD.fid, SOD.sfi)
    assert (CARD_ACCESS.in_master_file, CVCA.in_master_file) == (True, False)
    assert (CVCA.tag, DIR.fid) == (None, 0x2F00)


def test_limits_are_small() -> None:
    """No file may make us read more than 256 KiB, and the ones of text far less."""
    assert max(file.max_bytes for file in ALL_FILES) == 256 * 1024
    limits = {name: by_name(name).max_bytes for name in ("COM", "DG1", "DG13", "DG15", "SOD")}
    assert limits == {"COM": 1024, "DG1": 512, "DG13": 16384, "DG15": 8192, "SOD": 65536}


@pytest.mark.parametrize("number", [0, 17, -1, 256])
def test_no_such_data_group(number: int) -> None:
    """There are sixteen."""
    with pytest.raises(Misuse):
        data_group(number)


@pytest.mark.parametrize("name", ["DG0", "DG17", "dg1", "", "EF_COM.bin"])
def test_no_such_name(name: str) -> None:
    """Names are exact; file names are for ``recognise``."""
    with pytest.raises(Misuse):
        by_name(name)


def test_our_own_names_are_recognised() -> None:
    """Every name that we write is read, in upper and lower case."""
    for file in ALL_FILES:
        name = file.folder_name
        assert [file] * 3 == [recognise(name), recognise(name.lower()), recognise(name.upper())]


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("Datagroup1.bin", "DG1"),
        ("Datagroup15.bin", "DG15"),
        ("DG1.bin", "DG1"),
        ("dg02.bin", "DG2"),
        ("DG16", "DG16"),
        ("EF.DG1", "DG1"),
        ("EF.COM", "COM"),
        ("EF.SOD", "SOD"),
        ("ef_sod.BIN", "SOD"),
        ("EF.CardAccess", "CardAccess"),
        ("EF_CARD_SECURITY.bin", "CardSecurity"),
        ("EF.ATR-INFO", "ATR_INFO"),
        ("SOD.bin", "SOD"),
        ("EF_CVCA.bin", "CVCA"),
    ],
)
def test_names_of_other_tools(filename: str, name: str) -> None:
    """What other tools write is recognised (design section 3)."""
    assert by_name(name) == recognise(filename)


@pytest.mark.parametrize(
    "filename",
    [
        "",
        "dir",
        "com",
        "DG0.bin",
        "DG17.bin",
        "DG14_pk.bin",
        "DG14_sk.pkcs8",
        "csca.der",
        "EF_DG1.bin.bak",
        "xEF_DG1.bin",
        "EF_DG١.bin",
        "EF_DG1.bin\n",
    ],
)
def test_other_names(filename: str) -> None:
    """Keys, certificates, plain words and near misses are no files of the chip."""
    assert recognise(filename) is None


@given(st.text(max_size=20))
def test_any_name(filename: str) -> None:
    """Whatever the name, a known file or None."""
    assert recognise(filename) in {None, *ALL_FILES}
