"""What the tests of ``ecid form`` share: who stands in which role, and how a form is filled."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import docx

from ecid.emulator.personalise.person import Person, people
from inspection_kit import Answer, Command

LANGUAGES = ("vi", "en")
BIRTH = 9
REQUESTER, MOTHER, FATHER = (people()[key] for key in ("tuoi-26", "nu", "nam"))
#: Who stands in which role of the registration of birth, and whose card that is.
CARDS = {
    "requester": "vn-cccd-2021-tuoi-26",
    "mother": "vn-cccd-2021-nu",
    "father": "vn-cccd-2021",
}
OTHERS = (
    "vn-cc-2024",
    "vn-cccd-2021-khong-cha",
    "vn-cccd-2021-permanent",
    "vn-cccd-2021-het-han",
)
#: The services whose form was seen in a public source (S in the reference's list).
SOURCED = {1, 2, 3, 4, 5, 6, 9, 12, 20, 22}
#: A moment at which every emulated certificate and card is valid.
AT = ("--at", "2026-01-01")
OLD_AUTHORITY = "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
NEW_AUTHORITY = "Bộ Công an"


def parent(role: str, person: Person) -> dict[str, tuple[str, str]]:
    """Return the fields of a parent in the registration of birth, value and source each."""
    return {
        f"{role}.full_name": (person.full_name, "DG13.2"),
        f"{role}.birth_year": (person.birth_date[-4:], "derived: DG13.3"),
        f"{role}.ethnicity": (person.ethnicity, "DG13.6"),
        f"{role}.nationality": (person.nationality, "DG13.5"),
        f"{role}.place_of_residence": (person.residence, "DG13.9"),
    }


FILLED = {
    "requester.full_name": (REQUESTER.full_name, "DG13.2"),
    "requester.place_of_residence": (REQUESTER.residence, "DG13.9"),
    "requester.personal_number": (REQUESTER.number, "DG13.1"),
    "requester.issue_date": (REQUESTER.issue_date, "DG13.11"),
    "requester.issuing_authority": (OLD_AUTHORITY, "derived: DG13.11"),
    **parent("mother", MOTHER),
    **parent("father", FATHER),
}
OPEN = ["requester.relation", "requester.child"]


def named(files: Mapping[str, Path]) -> list[str]:
    """Return the options that name ``files`` by role."""
    return [each for role, file in files.items() for each in ("--person", f"{role}={file}")]


def fill(ecid: Command, files: Mapping[str, Path], anchor: Path, *more: object) -> Answer:
    """Fill the registration of birth from ``files``."""
    return ecid("form", "fill", BIRTH, *named(files), "--trust", anchor, *AT, *more)


def says_nothing_of(answer: Answer, *persons: Person) -> bool:
    """Whether no text of the chips of ``persons`` is in the answer."""
    values = {
        value
        for person in persons
        for value in (person.number, person.full_name, person.given_names, person.residence)
    }
    return not any(value in answer.out + answer.err for value in values)


def template_of(*paragraphs: str) -> bytes:
    """Return a Word file with these paragraphs."""
    made, target = docx.Document(), io.BytesIO()
    for text in paragraphs:
        made.add_paragraph(text)
    made.save(target)
    return target.getvalue()
