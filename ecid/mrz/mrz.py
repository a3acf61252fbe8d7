"""Reading and writing the machine readable zone (Doc 9303-3 §4, 9303-4 to 9303-6).

Bytes are matched against A to Z, 0 to 9 and ``<`` before anything is made of them, because
Python counts far more characters as digits. A wrong check digit is a finding, not an error.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from ecid.errors import MalformedData, Misuse, UnsupportedData
from ecid.mrz.checksum import check_digit
from ecid.mrz.layout import BY_LENGTH, TD3, Layout

_WHERE = "MRZ"
_CHARSET = re.compile(rb"[A-Z0-9<]+")
_LINE_END = re.compile(rb"\r?\n")
_DATE = re.compile(r"[0-9<]{6}", re.ASCII)
_NUMBER = re.compile(r"[A-Z0-9<]{1,22}", re.ASCII)
_SEXES = {"M": "male", "F": "female", "<": "unspecified", "X": "unspecified"}
_SEX_LETTERS = {"male": "M", "female": "F", "unspecified": "<"}


@dataclass(frozen=True, slots=True)
class CheckDigit:
    """One check digit: of which ``field``, what it ought to be, what stands there."""

    field: str
    expected: str = dataclasses.field(repr=False)
    found: str = dataclasses.field(repr=False)
    ok: bool


@dataclass(frozen=True, slots=True)
class Mrz:
    """One machine readable zone. Fillers at the end of a field are removed; nothing else is.

    ``format`` is TD1, TD2 or TD3; dates are YYMMDD as they stand, with ``<`` where unknown;
    ``sex`` is ``male``, ``female`` or ``unspecified``. A document number longer than nine
    characters is put together, and what follows it stays in ``optional_data_1``.
    """

    format: str
    document_code: str
    issuing_state: str = dataclasses.field(repr=False)
    document_number: str = dataclasses.field(repr=False)
    optional_data_1: str = dataclasses.field(repr=False)
    optional_data_2: str = dataclasses.field(repr=False)
    birth_date: str = dataclasses.field(repr=False)
    sex: str = dataclasses.field(repr=False)
    expiry_date: str = dataclasses.field(repr=False)
    nationality: str = dataclasses.field(repr=False)
    surname: str = dataclasses.field(repr=False)
    given_names: str = dataclasses.field(repr=False)
    check_digits: tuple[CheckDigit, ...]
    lines: tuple[str, ...] = dataclasses.field(repr=False)

    @property
    def mrz_information(self) -> str:
        """Return the input of key derivation (Doc 9303-11 §9.7.2 and Appendix D.2).

        Its check digits are computed, not copied. Raises ``MalformedData`` for an empty number.
        """
        return mrz_information(self.document_number, self.birth_date, self.expiry_date)

    @property
    def wrong_check_digits(self) -> tuple[str, ...]:
        """Return the names of the fields whose check digit is wrong."""
        return tuple(digit.field for digit in self.check_digits if not digit.ok)


def parse(text: str | bytes) -> Mrz:
    """Return the fields of a zone of 90, 72 or 88 characters, with or without line ends.

    Raises ``MalformedData("MRZ", rule)`` with ``charset``, ``length``, ``sex``, ``birth_date`` or
    ``expiry_date``, and ``UnsupportedData`` for visas. Wrong check digits are reported in
    ``check_digits``.
    """
    zone = _zone(text)
    layout = BY_LENGTH[len(zone)]
    if layout.lines == 2 and zone[0] == "V":
        raise UnsupportedData(_WHERE, "visa")
    number, number_digit, optional_1 = _document_number(zone, layout)
    surname, given_names = _names(zone[layout.names])
    return Mrz(
        format=layout.name,
        document_code=zone[:2].rstrip("<"),
        issuing_state=zone[2:5].rstrip("<"),
        document_number=number.rstrip("<"),
        optional_data_1=optional_1,
        optional_data_2=zone[layout.optional_2].rstrip("<"),
        birth_date=_date(zone[layout.birth_date], "birth_date"),
        sex=_sex(zone[layout.sex]),
        expiry_date=_date(zone[layout.expiry_date], "expiry_date"),
        nationality=zone[layout.nationality].rstrip("<"),
        surname=surname,
        given_names=given_names,
        check_digits=_check_digits(zone, layout, number, number_digit),
        lines=tuple(zone[at : at + layout.width] for at in range(0, len(zone), layout.width)),
    )


def mrz_information(document_number: str, birth_date: str, expiry_date: str) -> str:
    """Return document number, birth date and expiry date (YYMMDD), each with its check digit.

    The number is filled up to nine characters (Doc 9303-11 §9.7.2). Raises ``MalformedData``
    with ``document_number``, ``birth_date`` or ``expiry_date``.
    """
    if not _NUMBER.fullmatch(document_number):
        raise MalformedData(_WHERE, "document_number")
    parts = (
        document_number.ljust(9, "<"),
        _date(birth_date, "birth_date"),
        _date(expiry_date, "expiry_date"),
    )
    return "".join(part + check_digit(part) for part in parts)


def build_td1(
    *,
    document_code: str,
    issuing_state: str,
    document_number: str,
    birth_date: str,
    sex: str,
    expiry_date: str,
    nationality: str,
    surname: str,
    given_names: str,
    optional_data_1: str = "",
    optional_data_2: str = "",
) -> str:
    """Return the 90 characters of a TD1 zone, check digits included (Doc 9303-5 §4.2).

    ``sex`` is ``male``, ``female`` or ``unspecified``; names are A to Z with spaces or hyphens,
    and are cut to 30 characters. Raises ``Misuse`` for what does not fit its field.
    """
    try:
        line_1 = _td1_line_1(document_code, issuing_state, document_number, optional_data_1)
        line_2 = birth_date + check_digit(birth_date) + _SEX_LETTERS[sex]
        line_2 += expiry_date + check_digit(expiry_date)
        line_2 += _fill(nationality, 3) + _fill(optional_data_2, 11)
        line_2 += check_digit(line_1[5:] + line_2[:7] + line_2[8:15] + line_2[18:])
        names = re.sub(r"[ -]+", "<", f"{surname}<<{given_names}").rstrip("<")[:30]
        return "".join(parse(line_1 + line_2 + _fill(names, 30)).lines)
    except (KeyError, MalformedData) as exc:
        raise Misuse from exc


def _td1_line_1(code: str, state: str, number: str, optional: str) -> str:
    """Return line 1; of a long number the rest and the check digit open the optional data."""
    filled = number.ljust(9, "<")
    digit = check_digit(filled)
    if len(filled) > 9:
        filled, digit, optional = filled[:9], "<", f"{filled[9:]}{digit}<{optional}"
    return _fill(code, 2) + _fill(state, 3) + filled + digit + _fill(optional, 15)


def _zone(text: str | bytes) -> str:
    """Return the zone without line ends, of one of the three lengths."""
    try:
        octets = text.encode("ascii") if isinstance(text, str) else text
    except UnicodeEncodeError:
        raise MalformedData(_WHERE, "charset") from None
    parts = _LINE_END.split(octets.removesuffix(b"\n").removesuffix(b"\r"))
    zone = b"".join(parts)
    if not _CHARSET.fullmatch(zone):
        raise MalformedData(_WHERE, "charset")
    layout = BY_LENGTH.get(len(zone))
    if layout is None or (len(parts) > 1 and {len(part) for part in parts} != {layout.width}):
        raise MalformedData(_WHERE, "length")
    return zone.decode("ascii")


def _document_number(zone: str, layout: Layout) -> tuple[str, str, str]:
    """Return (number as checked, its check digit, remaining optional data 1).

    Where a filler stands instead of the check digit, the rest of the number and the digit open
    the optional data, closed by a filler (Doc 9303-5 §4.2.2.2 note j, 9303-6 §4.2.2.2).
    """
    number, digit = zone[layout.document_number], zone[layout.document_number.stop]
    optional = zone[layout.optional_1]
    rest, closed, after = optional.partition("<")
    stands_in = layout is not TD3 and digit == "<" and "<" not in number
    if not (stands_in and closed and len(rest) >= 2):
        return number, digit, optional.rstrip("<")
    return number + rest[:-1], rest[-1], after.rstrip("<")


def _check_digits(zone: str, layout: Layout, number: str, digit: str) -> tuple[CheckDigit, ...]:
    """Return every check digit of the format (Doc 9303-3 §4.9)."""
    found = [_check("document_number", number, digit)]
    for name in ("birth_date", "expiry_date"):
        at: slice = getattr(layout, name)
        found.append(_check(name, zone[at], zone[at.stop]))
    if layout.optional_checked:
        at = layout.optional_1
        found.append(_check("optional_data", zone[at], zone[at.stop], empty_is_filler=True))
    covered = "".join(zone[part] for part in layout.composite)
    found.append(_check("composite", covered, zone[layout.composite_digit]))
    return tuple(found)


def _check(name: str, covered: str, found: str, *, empty_is_filler: bool = False) -> CheckDigit:
    """Compare; an empty optional field may have a filler for its digit (Doc 9303-4 §4.2.2.2)."""
    expected = check_digit(covered)
    ok = found == expected or (empty_is_filler and found == "<" and not covered.strip("<"))
    return CheckDigit(name, expected, found, ok)


def _names(text: str) -> tuple[str, str]:
    """Return (surname, given names). Only the first ``<<`` divides; later ones are seen, too."""
    surname, _, given = text.partition("<<")
    return _spaced(surname), _spaced(given)


def _spaced(text: str) -> str:
    return " ".join(part for part in text.split("<") if part)


def _date(text: str, rule: str) -> str:
    if not _DATE.fullmatch(text):
        raise MalformedData(_WHERE, rule)
    return text


def _sex(letter: str) -> str:
    if letter not in _SEXES:
        raise MalformedData(_WHERE, "sex")
    return _SEXES[letter]


def _fill(text: str, width: int) -> str:
    if len(text) > width:
        raise Misuse
    return text.ljust(width, "<")
