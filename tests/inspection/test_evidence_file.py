"""The evidence file: what is in it, what is refused, and that nobody has to believe it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecid.errors import EvidenceError, OutputError
from ecid.inspection import evidence_file
from ecid.inspection.evidence import Evidence, Origin
from ecid.inspection.evidence_file import MAX_BYTES, dump, parse

Map = dict[str, Any]


#: A map without files, facts or texts, but for files and missing.
BLANK: Map = dict.fromkeys(
    (
        *("source", "profile", "presented_mrz", "presented_qr", "presented_form"),
        *("access", "timing"),
        *("chip_authentication", "active_authentication"),
    )
)


def sealed(items: bytes) -> bytes:
    """Return the file whose first two items are ``items``, closed by a right digest."""
    body = b"\x83" + items
    return body + b"\x58\x20" + sha256(body).digest()


def written(found: object, name: str = evidence_file.FORMAT) -> bytes:
    """Return a well-formed file round ``found``."""
    return sealed(cbor2.dumps(name, canonical=True) + cbor2.dumps(found, canonical=True))


@pytest.fixture
def contents(evidence: Evidence) -> Map:
    """Return the map of a real file, to be spoiled."""
    decoded = cbor2.loads(dump(evidence))[1]
    assert isinstance(decoded, dict)
    return decoded


@pytest.fixture(scope="session")
def small() -> bytes:
    """Return a small file, so that every byte can be turned."""
    return dump(Evidence(files={"DG1": b"\x61\x00"}, source="x"))


def refused(data: bytes) -> str:
    """Return the code with which ``data`` is refused."""
    with pytest.raises(EvidenceError) as caught:
        parse(data, "x")
    assert caught.value.exit_code == 21
    assert str(caught.value)
    return caught.value.code


def test_roundtrip(evidence: Evidence, tmp_path: Path) -> None:
    """Everything comes back but origin and source: it is a recording now, from this path."""
    path = tmp_path / "x.ecid"
    evidence.save(path)
    loaded = Evidence.load(path)
    assert replace(evidence, origin=Origin.RECORDED, source=str(path)) == loaded


@pytest.mark.parametrize("field", ["access", "chip_authentication", "active_authentication"])
def test_roundtrip_of_less(evidence: Evidence, field: str) -> None:
    """A part that was not had comes back as None."""
    nothing: Map = {field: None}
    less = replace(evidence, **nothing)
    assert getattr(parse(dump(less), "x"), field) is None
    assert getattr(parse(dump(evidence), "x"), field) is not None


def test_deterministic(evidence: Evidence) -> None:
    """The same evidence gives the same bytes, in whatever order the files were read."""
    files = dict(reversed(list(evidence.files.items())))
    assert list(files) != list(evidence.files)
    assert dump(evidence) == dump(replace(evidence, files=files))
    assert dump(evidence) == dump(parse(dump(evidence), evidence.source))


def test_written_for_the_owner_only(evidence: Evidence, tmp_path: Path) -> None:
    """Raw files are somebody's identity: nobody else may read them."""
    path = tmp_path / "x.ecid"
    evidence.save(path)
    assert path.stat().st_mode & 0o077 == 0
    assert [path] == list(tmp_path.iterdir())


def test_unwritable(evidence: Evidence, tmp_path: Path) -> None:
    """What cannot be written is said, and no half file stays."""
    target = tmp_path / "taken"
    target.mkdir()
    with pytest.raises(OutputError):
        evidence.save(target)
    assert [target] == list(tmp_path.iterdir())
    with pytest.raises(OutputError):
        evidence.save(tmp_path / "absent" / "x.ecid")


def test_every_byte_counts(small: bytes) -> None:
    """Whatever bit is turned over, the file is refused (control: the file itself)."""
    assert parse(small, "x").files == {"DG1": b"\x61\x00"}
    for at in range(len(small)):
        for bit in range(8):
            data = bytearray(small)
            data[at] ^= 1 << bit
            codes = {"evidence_other", "evidence_damaged", "evidence_malformed"}
            assert refused(bytes(data)) in codes


def test_every_byte_of_a_real_file_counts(evidence: Evidence) -> None:
    """The same for a whole reading, one bit in each of a thousand places."""
    data = dump(evidence)
    for at in range(0, len(data), max(1, len(data) // 1000)):
        assert refused(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])


def test_truncated(small: bytes) -> None:
    """No beginning of a file is a file."""
    for length in range(len(small)):
        assert refused(small[:length])


def test_surplus(small: bytes) -> None:
    """Nothing may follow the digest, not even with a digest of its own."""
    assert refused(small + b"\x00") == "evidence_damaged"
    assert refused(small + b"\x58\x20" + sha256(small).digest()) == "evidence_malformed"


def test_oversize(tmp_path: Path) -> None:
    """A file past the limit is refused before it is looked at."""
    path = tmp_path / "x.ecid"
    path.write_bytes(bytes(MAX_BYTES + 1))
    with pytest.raises(EvidenceError) as caught:
        Evidence.load(path)
    assert caught.value.code == "evidence_too_large"


def test_absent(tmp_path: Path) -> None:
    """A path that is not there, or a folder, cannot be read."""
    for path in (tmp_path / "absent.ecid", tmp_path):
        with pytest.raises(EvidenceError) as caught:
            Evidence.load(path)
        assert caught.value.code == "evidence_unreadable"


def test_control(contents: Map) -> None:
    """The map taken apart and written again is accepted: the tests below spoil one thing each."""
    assert set(parse(written(contents), "x").files) == set(contents["files"])


@pytest.mark.parametrize("key", ["verdict", "origin", "checks", "checked_at", "identity"])
def test_claims_are_refused(contents: Map, key: str) -> None:
    """A file has no place for a verdict, nor for where it comes from."""
    assert refused(written({**contents, key: "live"})) == "evidence_malformed"


@pytest.mark.parametrize("part", ["access", "chip_authentication", "active_authentication"])
def test_claims_inside_are_refused(contents: Map, part: str) -> None:
    """Nor have the parts inside it."""
    spoiled = {**contents, part: {**contents[part], "verified": True}}
    assert refused(written(spoiled)) == "evidence_malformed"
    del spoiled[part]["verified"]
    assert parse(written(spoiled), "x")
    less = {**contents, part: dict(list(contents[part].items())[1:])}
    assert refused(written(less)) == "evidence_malformed"


def test_claim_beside_the_digest_is_refused(contents: Map) -> None:
    """The third item is the digest alone: a list round it could hold anything."""
    head = cbor2.dumps(evidence_file.FORMAT) + cbor2.dumps(contents, canonical=True)
    claim = b"\x82" + cbor2.dumps("verified")
    assert refused(sealed(head + claim)) == "evidence_malformed"


def test_other_format(contents: Map) -> None:
    """Another version is refused by its name."""
    assert refused(written(contents, "ecid-evidence/2")) == "evidence_other"


@pytest.mark.parametrize("missing", ["files", "missing", "source", "profile", "timing", "access"])
def test_missing_key(contents: Map, missing: str) -> None:
    """Every key must be there."""
    del contents[missing]
    assert refused(written(contents)) == "evidence_malformed"


STRANGERS: list[object] = [
    1,
    True,
    "text",
    b"bytes",
    [],
    {"a": 1},
    {1: 2},
    1.5,
    [[[]]],
    {"DG1": "text"},
    {"DG99": b""},
    {"COM": [b"x"]},
]


@pytest.mark.parametrize("stranger", STRANGERS, ids=repr)
@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("files", ()),
        ("missing", ()),
        ("source", ("text",)),
        ("profile", ("text",)),
        ("presented_mrz", ("text",)),
        ("access", ()),
        ("chip_authentication", ()),
        ("active_authentication", ()),
        ("timing", ()),
    ],
)
def test_wrong_type(contents: Map, key: str, right: tuple[object, ...], stranger: object) -> None:
    """A value of another type than its own is refused."""
    contents[key] = stranger
    if stranger in right:
        assert parse(written(contents), "x")
    else:
        assert refused(written(contents)) == "evidence_malformed"


FIELDS: list[tuple[str, str, object]] = [
    ("access", "protocol", None),
    ("access", "protocol", 1),
    ("access", "mapping", 1),
    ("access", "parameter_id", "13"),
    ("access", "parameter_id", True),
    ("access", "pace_refused", 1),
    ("access", "pace_refused", None),
    ("chip_authentication", "public_key", "04"),
    ("chip_authentication", "answer", "verified"),
    ("chip_authentication", "answer", 1),
    ("chip_authentication", "sw", "9000"),
    ("chip_authentication", "sw", -1),
    ("chip_authentication", "sw", 2**53),
    ("active_authentication", "randomness", None),
    ("active_authentication", "signature", []),
    ("active_authentication", "sw", 1.0),
    ("timing", "total_ms", 2**60),
    ("timing", "total_ms", -1),
    ("timing", "apdus", None),
    ("timing", "bytes_sent", False),
]


@pytest.mark.parametrize(("part", "name", "value"), FIELDS)
def test_wrong_field(contents: Map, part: str, name: str, value: object) -> None:
    """The fields of the parts are held to their types, and numbers to a size that prints."""
    spoiled = {**contents, part: {**contents[part], name: value}}
    assert refused(written(spoiled)) == "evidence_malformed"


def test_number_that_does_not_print(contents: Map) -> None:
    """A number of thousands of digits would stop the report, so it stops here."""
    spoiled = {**contents, "timing": {**contents["timing"], "apdus": 10**6000}}
    assert refused(written(spoiled)) == "evidence_malformed"


def test_unknown_file_and_absence(contents: Map) -> None:
    """Only files that exist on a chip, and only the known ways of being absent."""
    assert refused(written({**contents, "files": {"DG17": b""}}))
    assert refused(written({**contents, "missing": {"DG17": "absent"}}))
    assert refused(written({**contents, "missing": {"DG3": "stolen"}}))
    assert parse(written({**contents, "missing": {"DG3": "locked"}}), "x").missing


def test_oversize_file_inside(contents: Map) -> None:
    """A file larger than its EF may be is refused."""
    assert parse(written({**contents, "files": {"DG1": bytes(512)}}), "x")
    assert refused(written({**contents, "files": {"DG1": bytes(514)}}))


INDEFINITE = {
    "array": lambda body: b"\x9f" + body[1:] + b"\xff",
    "map": lambda body: body.replace(b"\xa0", b"\xbf\xff", 1),
    "long length": lambda body: body.replace(b"\xa0", b"\xb8\x00", 1),
}


@pytest.mark.parametrize("spoil", INDEFINITE.values(), ids=INDEFINITE)
def test_not_deterministic(small: bytes, spoil: Callable[[bytes], bytes]) -> None:
    """Indefinite lengths and lengths in long form are no deterministic CBOR."""
    body = spoil(small[:-34])
    assert body != small[:-34]
    data = body + b"\x58\x20" + sha256(body).digest()
    assert refused(data) in {"evidence_malformed", "evidence_other"}


def test_indefinite_string(contents: Map) -> None:
    """Nor are strings in pieces."""
    plain = cbor2.dumps("ecid-evidence/1") + cbor2.dumps(contents, canonical=True)
    pieces = plain.replace(cbor2.dumps("PACE"), b"\x7f\x62PA\x62CE\xff", 1)
    assert pieces != plain
    assert parse(sealed(plain), "x")
    assert refused(sealed(pieces)) == "evidence_malformed"


def test_duplicate_keys(contents: Map) -> None:
    """A key that stands twice would let two readers see two files."""
    plain = cbor2.dumps({"DG1": b"a"})
    twice = b"\xa2" + 2 * plain[1:]
    contents["files"] = {"DG1": b"a"}
    body = cbor2.dumps("ecid-evidence/1") + cbor2.dumps(contents, canonical=True)
    assert parse(sealed(body), "x").files == {"DG1": b"a"}
    assert refused(sealed(body.replace(plain, twice))) == "evidence_malformed"


def test_unsorted_keys(contents: Map) -> None:
    """Keys in another order than the canonical one are refused."""
    contents["files"] = {"DG1": b"a", "DG2": b"b"}
    one, two = cbor2.dumps("DG1") + b"\x41a", cbor2.dumps("DG2") + b"\x41b"
    body = cbor2.dumps("ecid-evidence/1") + cbor2.dumps(contents, canonical=True)
    assert one + two in body
    assert parse(sealed(body), "x")
    assert refused(sealed(body.replace(one + two, two + one))) == "evidence_malformed"


@pytest.mark.parametrize("depth", [7, 100, 100_000])
def test_nested(depth: int) -> None:
    """Deep nesting is refused and never a RecursionError."""
    assert refused(sealed(cbor2.dumps("ecid-evidence/1") + b"\x81" * depth + b"\xa0"))


@pytest.mark.parametrize(
    "tag", [0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 43000, 52, 54, 55799]
)
@pytest.mark.parametrize(
    "value",
    [0, -1, "x", "(", b"", b"\xff" * 9, [0, 0], [1, 0], [2**40, 1], [10**6, 10**6]],
    ids=repr,
)
def test_tagged(tag: int, value: object) -> None:
    """No tag of CBOR has a place in the file, and none of their decoders gets through."""
    tagged = cbor2.dumps(cbor2.CBORTag(tag, value))
    assert refused(sealed(cbor2.dumps("ecid-evidence/1") + tagged))


@given(st.binary(max_size=300))
@example(b"")
@example(bytes(34))
def test_arbitrary_bytes(data: bytes) -> None:
    """Arbitrary bytes are refused in one way only."""
    assert refused(data) in {"evidence_other", "evidence_damaged"}


@given(st.binary(max_size=200))
def test_arbitrary_bytes_with_a_right_digest(data: bytes) -> None:
    """So are arbitrary bytes that somebody gave a right digest."""
    codes = {"evidence_other", "evidence_malformed"}
    assert refused(data + b"\x58\x20" + sha256(data).digest()) in codes
    assert refused(sealed(data)) in codes


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=5)
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)
)


@given(
    st.dictionaries(
        st.sampled_from([*BLANK, "files", "missing"]),
        st.none() | values,
    )
)
def test_arbitrary_values(found: Mapping[str, object]) -> None:
    """Arbitrary values under the right keys are refused, or made of the right types."""
    whole: Map = {"files": {}, "missing": {}, **BLANK}
    try:
        loaded = parse(written({**whole, **found}), "x")
    except EvidenceError as exc:
        if exc.code != "evidence_malformed":
            raise
    else:
        assert loaded.origin is Origin.RECORDED
        assert all(isinstance(content, bytes) for content in loaded.files.values())


TAGS = {
    "decimal fraction": b"\xc4\x82\x1a\x00\x01\x00\x00\xc2\x5a\x00\x10\x00\x00" + b"\xff" * 2**20,
    "bigfloat": b"\xc5\x82\x1a\x00\x01\x00\x00\xc2\x5a\x00\x10\x00\x00" + b"\xff" * 2**20,
    "mime": b"\x9a\x00\x01\x00\x00" + b"\xd8\x24\x60" * 2**16,
    "empty maps": b"\x9a\x00\x0f\x00\x00" + b"\xa0" * 0xF0000,
}


@pytest.mark.parametrize("body", TAGS.values(), ids=TAGS)
def test_work_for_the_decoder(body: bytes) -> None:
    """Tags and heaps of containers are refused before anything is built of them (D1)."""
    head = b"\x83" + cbor2.dumps(evidence_file.FORMAT) + body
    assert refused(head + b"\x58\x20" + sha256(head).digest()) == "evidence_malformed"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_pipe(tmp_path: Path) -> None:
    """A pipe would let the reader wait for ever."""
    os.mkfifo(tmp_path / "x.ecid")
    with pytest.raises(EvidenceError) as caught:
        Evidence.load(tmp_path / "x.ecid")
    assert caught.value.code == "evidence_unreadable"


def test_no_path() -> None:
    """A zero byte is in no path."""
    for load in (Evidence.load, Evidence.from_folder):
        with pytest.raises(EvidenceError):
            load("a\0b")


@pytest.mark.parametrize("code", ["", "\x1b[2J", "A", "a b", "a" * 65, "mã"])
def test_code_that_is_none(evidence: Evidence, code: str) -> None:
    """Codes are printed for people: on file stands nothing that a terminal would obey."""
    assert evidence.access is not None
    for named, fits in (("pace_nonce_one_block", True), (code, False)):
        access = replace(evidence.access, deviations=(named,))
        data = evidence_file.dump(replace(evidence, access=access))
        if fits:
            assert evidence_file.parse(data, "x").access == access
        else:
            with pytest.raises(EvidenceError):
                evidence_file.parse(data, "x")
