"""What opens the chip: a card access number, an MRZ or its three fields, the QR text of a card."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ecid.errors import MalformedData, Misuse
from ecid.mrz import confusion
from ecid.mrz.mrz import Mrz, mrz_information, parse
from ecid.profiles.vietnam import qr, validity, zone
from ecid.protocols.bac import BacKey
from ecid.protocols.pace import PacePassword

#: YYMMDD, with fillers or zeros for what is unknown: day first would be a wasted attempt.
_DATE = re.compile(r"[0-9<]{2}(?:0[0-9]|1[0-2]|<<)(?:[0-2][0-9]|3[01]|<<)", re.ASCII)
_CAN = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AccessSecret:
    """What one person gave to open a chip. Nothing of it is ever printed.

    One of ``can`` and ``mrz_information`` is set; a QR text sets ``can`` and what is ``derived``.
    """

    can: str | None = field(default=None, repr=False)
    mrz_information: str | None = field(default=None, repr=False)
    mrz: Mrz | None = field(default=None, repr=False)
    """The whole zone where it was given: ``match.mrz`` compares it with DG1."""
    derived: tuple[str, ...] = field(default=(), repr=False)
    """MRZ information derived from other data, likeliest first: a stated order, never a search."""
    qr: str | None = field(default=None, repr=False)
    """The QR text where it was given: ``match.qr`` compares it with the chip."""

    @classmethod
    def from_can(cls, can: str) -> AccessSecret:
        """Return the secret of a card access number: six digits. Raises ``Misuse`` for others."""
        if not _CAN.fullmatch(can):
            raise Misuse("can_format")
        return cls(can=can)

    @classmethod
    def from_mrz(cls, mrz: str) -> AccessSecret:
        """Return the secret of a machine readable zone, with or without line ends.

        Letters that stand for digits (O for 0) are put right where every check digit then fits
        and in one way only; never digits that may stand for letters. Raises ``Misuse`` if it is
        no zone, or if a check digit is wrong: a typing mistake must not be tried on the chip.
        """
        typed = mrz.strip().upper().replace(" ", "")
        certain = confusion.certain(typed, zone.agrees)
        try:
            found = parse(certain or typed)
        except MalformedData as exc:
            raise Misuse("mrz_format", rule=exc.rule) from None
        if certain is None:
            # The composite covers the others: named only where it alone is wrong.
            wrong = sorted(found.wrong_check_digits, key="composite".__eq__)
            raise Misuse("mrz_check_digit", field=next(iter(wrong), "document_number"))
        return cls(mrz_information=found.mrz_information, mrz=found)

    @classmethod
    def from_fields(cls, document_number: str, birth_date: str, expiry_date: str) -> AccessSecret:
        """Return the secret of the number and two dates (YYMMDD) as they stand in the MRZ.

        Raises ``Misuse`` for fields that no MRZ can hold.
        """
        try:
            information = mrz_information(document_number.upper(), birth_date, expiry_date)
        except MalformedData as exc:
            raise Misuse("fields_format", field=exc.rule) from None
        for name, value in (("birth_date", birth_date), ("expiry_date", expiry_date)):
            if not _DATE.fullmatch(value):
                raise Misuse("fields_format", field=name)
        return cls(mrz_information=information)

    @classmethod
    def from_qr(cls, text: str) -> AccessSecret:
        """Return the secret in the ``text`` of a card's QR code, as a scanner gives it.

        Only digits of it make keys: the last six of the personal number are the card access
        number, and with both dates in the text the date of expiry is derived for chips that want
        a key of the MRZ. The text is kept for ``match.qr``. Raises ``Misuse`` if there is no
        personal number in it.
        """
        scanned = qr.read(text)
        if scanned.number is None:
            raise Misuse("qr_format")
        return cls(
            can=scanned.number.card_access_number,
            derived=_derived(scanned),
            qr=text,
        )

    @property
    def pace_passwords(self) -> tuple[PacePassword, ...]:
        """The passwords for PACE, in the order in which they are tried; at least one.

        Raises ``Misuse`` (``secret_missing``) if the secret was made by hand of nothing.
        """
        by_can = () if self.can is None else (PacePassword.from_can(self.can),)
        passwords = (*by_can, *map(PacePassword.from_mrz_information, self._zones))
        if not passwords:
            raise Misuse("secret_missing")
        return passwords

    @property
    def bac_keys(self) -> tuple[BacKey, ...]:
        """The keys for BAC, likeliest first; none where only a card access number was given."""
        return tuple(map(BacKey.from_mrz_information, self._zones))

    @property
    def _zones(self) -> tuple[str, ...]:
        return self.derived if self.mrz_information is None else (self.mrz_information,)


def _derived(scanned: qr.QrText) -> tuple[str, ...]:
    """Return the MRZ information that the digits of a QR text lead to, at most three of it."""
    if scanned.number is None or scanned.birth_date is None:
        return ()
    document_number, birth = scanned.number.document_number, f"{scanned.birth_date:%y%m%d}"
    return tuple(
        mrz_information(document_number, birth, expiry)
        for expiry in validity.mrz_dates(scanned.expiry_candidates)
    )
