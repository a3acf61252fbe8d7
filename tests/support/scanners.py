"""What scanners do to Vietnamese letters, each made anew from the text on a card."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from urllib.parse import quote


def by_letter(text: str, change: Callable[[str], str]) -> str:
    """Return ``text`` with every letter beyond ASCII changed."""
    return "".join(letter if letter.isascii() else change(letter) for letter in text)


def utf8_decimals(text: str) -> str:
    """Print each byte of UTF-8 as four decimal digits."""
    return by_letter(text, lambda letter: "".join(f"{byte:04d}" for byte in letter.encode()))


def code_points(text: str) -> str:
    """Print each letter as its number: Alt and digits without Alt."""
    return by_letter(text, lambda letter: str(ord(letter)))


def low_byte(text: str) -> str:
    """Keep the low byte of each number, as code page 437 shows it: Alt and digits on Windows."""
    return by_letter(text, lambda letter: bytes([ord(letter) & 0xFF]).decode("cp437"))


def windows_1252(text: str) -> str:
    """Read UTF-8 as Windows-1252; bytes that this lacks stand for themselves."""
    return "".join(
        bytes([byte]).decode("latin-1" if byte in b"\x81\x8d\x8f\x90\x9d" else "cp1252")
        for byte in text.encode()
    )


def windows_1252_with_losses(text: str) -> str:
    """Read UTF-8 as Windows-1252; bytes that this lacks are lost."""
    return text.encode().decode("cp1252", errors="replace")


def code_page_437(text: str) -> str:
    """Read UTF-8 as code page 437."""
    return text.encode().decode("cp437")


def decomposed(text: str) -> str:
    """Take letters and accents apart."""
    return unicodedata.normalize("NFD", text)


def html_entities(text: str) -> str:
    """Write letters as HTML has them."""
    return by_letter(text, lambda letter: f"&#{ord(letter)};")


def percent_encoded(text: str) -> str:
    """Write letters as addresses on the web have them; the bars stay."""
    return quote(text, safe="| ,")


def percent_encoded_throughout(text: str) -> str:
    """Write everything but letters of ASCII and digits so, the bars too."""
    return quote(text, safe="")


#: The five tones, with their keys in Telex and in VNI.
TONES = {"\u0301": "s1", "\u0300": "f2", "\u0309": "r3", "\u0303": "x4", "\u0323": "j5"}


def input_method(text: str, which: int) -> str:
    """Leave the key of a tone where the tone was: an input method in the middle of its work."""
    return by_letter(text, lambda letter: keys_of(letter, which))


def keys_of(letter: str, which: int) -> str:
    """Return the letter without its tone, then the key of that."""
    parts = unicodedata.normalize("NFD", letter)
    plain = "".join(part for part in parts if part not in TONES)
    keys = "".join(TONES[part][which] for part in parts if part in TONES)
    return unicodedata.normalize("NFC", plain) + keys


def telex(text: str) -> str:
    """Leave the keys of Telex."""
    return input_method(text, 0)


def vni(text: str) -> str:
    """Leave the keys of VNI: digits."""
    return input_method(text, 1)


def low_byte_as_windows_shows_it(text: str) -> str:
    """Keep the low byte; what is a control character is a sign on Windows."""
    return low_byte(text).translate(dict(zip((2, 3, 0x10, 0x11), "☻♥►◄", strict=True)))


def json_escapes(text: str) -> str:
    """Write letters as JSON has them."""
    return by_letter(text, lambda letter: f"\\u{ord(letter):04x}")


def question_marks(text: str) -> str:
    """Write a question mark for every letter that software could not write."""
    return by_letter(text, lambda _: "?")


def without_letters(text: str) -> str:
    """Lose every letter that software could not write."""
    return by_letter(text, lambda _: "")


def tabs(text: str) -> str:
    """Have a tab in place of each bar, as a spreadsheet wants it."""
    return text.replace("|", "\t")


def without_bars(text: str) -> str:
    """Lose the bars to a keyboard layout that has another sign there."""
    return text.replace("|", " ")


#: Each way, and by what name the report calls it.
DAMAGES: list[tuple[Callable[[str], str], str]] = [
    (utf8_decimals, "utf8_decimals"),
    (code_points, "code_point_decimals"),
    (low_byte, "low_byte"),
    (windows_1252, "wrong_code_page"),
    (windows_1252_with_losses, "wrong_code_page"),
    (code_page_437, "wrong_code_page"),
    (decomposed, "decomposed"),
    (html_entities, "escaped"),
    (percent_encoded, "escaped"),
    (json_escapes, "escaped"),
    (low_byte_as_windows_shows_it, "low_byte"),
    (question_marks, "replaced"),
    (telex, "input_method"),
    (vni, "input_method"),
    (without_bars, "replaced"),
    (tabs, "replaced"),
]
