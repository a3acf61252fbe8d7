"""What opens the chip: a card access number, an MRZ or its three fields, the QR text of a card."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ecid.errors import MalformedData, Misuse
from ecid.mrz.mrz import Mrz, mrz_information, parse
from ecid.profiles.vietnam.qr import personal_number
from ecid.protocols.bac import BacKey
from ecid.protocols.pace import PacePassword

#: YYMMDD, with fillers or zeros for what is unknown: day first would be a wasted attempt.
_DATE = re.compile(r"[0-9<]{2}(?:0[0-9]|1[0-2]|<<)(?:[0-2][0-9]|3[01]|<<)", re.ASCII)
_CAN = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AccessSecret:
    """The passwords that one person gave, in the order in which they are tried.

    Exactly one of ``can`` and ``mrz_information`` is set. Nothing of it is ever printed.
    """

    can: str | None = field(default=None, repr=False)
    mrz_information: str | None = field(default=None, repr=False)
    mrz: Mrz | None = field(default=None, repr=False)
    """The whole zone where it was given: ``match.mrz`` compares it with DG1."""

    @classmethod
    def from_can(cls, can: str) -> AccessSecret:
        """Return the secret of a card access number: six digits. Raises ``Misuse`` for others."""
        if not _CAN.fullmatch(can):
            raise Misuse("can_format")
        return cls(can=can)

    @classmethod
    def from_mrz(cls, mrz: str) -> AccessSecret:
        """Return the secret of a machine readable zone, with or without line ends.

        Raises ``Misuse`` if it is no zone, or if a check digit that key derivation covers is
        wrong: a typing mistake must not be tried on the chip.
        """
        try:
            zone = parse(mrz.strip().upper().replace(" ", ""))
        except MalformedData as exc:
            raise Misuse("mrz_format", rule=exc.rule) from None
        wrong = {"document_number", "birth_date", "expiry_date"} & set(zone.wrong_check_digits)
        if wrong:
            raise Misuse("mrz_check_digit", field=min(wrong))
        return cls(mrz_information=zone.mrz_information, mrz=zone)

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

        Only digits of it make a key: the last six of the personal number are the card access
        number. Raises ``Misuse`` if the text does not begin with a personal number.
        """
        number = personal_number(text)
        if number is None:
            raise Misuse("qr_format")
        return cls.from_can(number[-6:])

    @property
    def pace_password(self) -> PacePassword:
        """The password for PACE."""
        if self.can is not None:
            return PacePassword.from_can(self.can)
        return PacePassword.from_mrz_information(self._information)

    @property
    def bac_key(self) -> BacKey | None:
        """The key for BAC, or None: a card access number opens PACE only."""
        if self.mrz_information is None:
            return None
        return BacKey.from_mrz_information(self.mrz_information)

    @property
    def _information(self) -> str:
        if self.mrz_information is None:
            raise Misuse("secret_missing")
        return self.mrz_information
