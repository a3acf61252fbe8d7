"""EF.DG13 of the Vietnamese identity card: sixteen numbered fields (as observed, cccd.md §1)."""

from __future__ import annotations

from ecid.emulator.personalise.person import Person
from ecid.encoding import der_write as w
from ecid.encoding.tlv import encode

_CONTENT_OID = "1.0.10646.1.0.8"


def dg13(person: Person) -> bytes:
    """Return EF.DG13 of ``person``, fields in ascending order."""
    fields = (w.seq(w.integer(number), *values) for number, values in _fields(person).items())
    body = w.seq(w.integer(1), w.oid(_CONTENT_OID), w.set_of(*fields, sort=False))
    return encode(0x6D, body)


def _name(name: str) -> bytes:
    """Return a nested list of one name, empty where there is none: the second stays the second."""
    return w.seq(w.utf8(name)) if name else w.seq()


def _fields(person: Person) -> dict[int, tuple[bytes, ...]]:
    """Return the values of each field; an empty field has its number and nothing else."""
    return {
        1: (w.printable(person.number),),
        2: (w.utf8(person.full_name),),
        3: (w.printable(person.birth_date),),
        4: (w.utf8(person.sex),),
        5: (w.utf8(person.nationality),),
        6: (w.utf8(person.ethnicity),),
        7: (w.utf8(person.religion),),
        8: (w.utf8(person.origin),),
        9: (w.utf8(person.residence),),
        10: (w.utf8(person.features),) if person.features else (),
        11: (w.printable(person.issue_date),),
        12: (w.utf8(person.expiry_date),),  # a UTF8String, unlike the other dates
        13: (_name(person.father_name), _name(person.mother_name)),
        14: (w.seq(w.utf8(person.spouse_name)),) if person.spouse_name else (),
        15: (w.printable(person.old_number),) if person.old_number else (),
        16: (w.printable(person.chip_identifier),),
    }
