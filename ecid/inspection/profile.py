"""What a national profile may say. It is made of values and pure functions, never of branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from ecid.inspection.identity import Identity
from ecid.lds.face import FaceImage
from ecid.mrz.mrz import Mrz
from ecid.outcome import Finding


@dataclass(frozen=True, slots=True)
class NoExpiry:
    """The document says that it never expires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What identity is made of; ``face`` is None where it is absent or unreadable."""

    mrz: Mrz
    face: FaceImage | None = None
    files: Mapping[str, bytes] = field(repr=False)
    """The raw files, for the data groups whose structure is national."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The rules of one issuer.

    ``data_groups`` are read by default, as far as the SOD lists them. ``parsers`` decode the data
    groups that the standard leaves to the issuer and raise ``MalformedData``. ``expiry`` turns the
    MRZ and the moment into a date, ``NoExpiry``, or None where it is unknown. ``identity`` makes
    the identity of the contents; ``crosscheck`` compares files with each other; ``issue_date`` is
    when the document was issued, as far as the contents say. ``match_qr`` compares the text of a
    printed QR code with the chip; None where such documents have none. ``edition`` names the
    layout whose labels suit an identity, empty for the usual ones; ``exchange`` says at which age
    and when the document has to be exchanged, None where there is no such rule.
    """

    name: str
    data_groups: frozenset[int]
    parsers: Mapping[int, Callable[[bytes], object]]
    active_authentication: bool
    optional_data_identifies: bool
    """Whether the optional data of the MRZ says who the holder is, as a personal number does."""
    expiry: Callable[[Mrz, date], date | NoExpiry | None]
    identity: Callable[[Contents, date], Identity]
    crosscheck: Callable[[Contents, date], Finding]
    issue_date: Callable[[Contents], date | None]
    match_qr: Callable[[str, Contents, date], Finding] | None = None
    edition: Callable[[Identity], str] = lambda _: ""
    exchange: Callable[[Identity], tuple[int, date] | None] = lambda _: None
