"""LDIF files of the ICAO PKD (RFC 2849).

001 has signers and revocation lists, 002 master lists, 003 signers that break the profile. Only
base64 values of the attributes that hold such objects are taken; nothing is fetched from an
address, and no distinguished name is looked into but for the branch it stands in. Folded lines
are joined once, at their end: a master list is one value of twenty thousand lines.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

#: Attribute types that hold one object each, lower case, options such as ``;binary`` removed.
_OBJECTS = frozenset(
    {
        "usercertificate",
        "cacertificate",
        "certificaterevocationlist",
        "authorityrevocationlist",
        "pkdmasterlistcontent",
        "cscamasterlistdata",
        "pkddeviationlistcontent",
    }
)

#: Of one value in base64. The largest real one is a master list of under a megabyte.
MAX_VALUE = 48 * 1024 * 1024

#: The branch of certificates that ICAO publishes although they break the profile.
_NON_CONFORMANT = b"dc=nc-data"


@dataclass(frozen=True, slots=True)
class Value:
    """One object: the attribute it was in, its bytes, and whether it is from the nc-data branch.

    ``content`` is None where the value is no base64.
    """

    attribute: str
    content: bytes | None = field(repr=False)
    non_conformant: bool = False


def is_ldif(data: bytes) -> bool:
    """Tell whether ``data`` begins the way an LDIF file does, comments aside."""
    lines = (line[:_LONGEST_START].strip().lower() for line in _logical_lines(data))
    return next(filter(None, lines), b"").startswith((b"version:", b"dn:"))


#: As much of a line as tells what it is.
_LONGEST_START = 64


def values(data: bytes) -> Iterator[Value]:
    """Yield every object in ``data``, in order."""
    non_conformant = False
    for line in _logical_lines(data):
        name, colon, rest = line.partition(b":")
        attribute = name.split(b";")[0].strip().lower().decode("ascii", "replace")
        if attribute == "dn":
            non_conformant = _NON_CONFORMANT in _text(rest).lower()
        elif colon and rest.startswith(b":") and attribute in _OBJECTS:
            yield Value(attribute, _decoded(rest[1:]), non_conformant)


def _logical_lines(data: bytes) -> Iterator[bytes]:
    """Yield each line with its continuations (a leading space, RFC 2849 note 2); no comments."""
    joined = bytearray()
    for line in BytesIO(data):
        if line.startswith(b" "):
            # A comment is dropped piece by piece, and of a value too long what is over the limit.
            if not joined.startswith(b"#") and len(joined) <= MAX_VALUE:
                joined += line[1 : MAX_VALUE + 1].rstrip(b"\r\n")
            continue
        if joined and not joined.startswith(b"#"):
            yield bytes(joined)
        joined = bytearray(line[: MAX_VALUE + 1].rstrip(b"\r\n"))
    if joined and not joined.startswith(b"#"):
        yield bytes(joined)


def _text(rest: bytes) -> bytes:
    """Return a value that may be base64 because of its letters; what is no base64 as it is."""
    decoded = _decoded(rest[1:]) if rest.startswith(b":") else None
    return rest if decoded is None else decoded


def _decoded(text: bytes) -> bytes | None:
    if len(text) > MAX_VALUE:
        return None
    try:
        return binascii.a2b_base64(text.strip(), strict_mode=True)
    except binascii.Error:
        return None
