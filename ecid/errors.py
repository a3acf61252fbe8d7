"""Everything that can stop `ecid` from finishing its work: one root, branched by who must act.

EcidError
├── ChipError               the chip or the link: present the card again
│   ├── CardRemoved             the card left the field
│   ├── LinkTimeout             the chip did not answer in time
│   ├── AccessDenied            the chip refused the key
│   ├── ProtocolError           the chip broke a protocol: step, status word
│   │   ├── AccessRefused           it will not start this access protocol at all
│   │   ├── FileAbsent              the file is not on the chip
│   │   └── FileLocked              the file needs rights we do not have
│   ├── SecureMessagingError    a protected response did not verify; the session is dead
│   └── LimitExceeded           the chip makes no progress, or sends more than a file may hold
├── RandomnessError         the random source of this machine repeats itself: use another
├── ReaderError             the reader or its driver: look at the desk
│   ├── NoReader   NoCard   ReaderBusy
├── MalformedData           bytes from outside break their format: where, rule, at
├── UnsupportedData         correct and permitted, not implemented here
├── StoreError              the trust store, or certificates given by hand
├── EvidenceError           an evidence file or folder that cannot be read
├── OutputError             a result that could not be written
├── Misuse                  the caller: mend the call
└── NotVerified             identity was asked of a report that does not vouch for it
    └── NotProven               the same, of one that is open and not failed

Cryptographic outcomes are never exceptions: they are checks in the report. No message here
carries personal data or key bytes; the words come from the catalogue (``error.<code>``).
"""

from __future__ import annotations

from typing import ClassVar

from ecid.text import text


class EcidError(Exception):
    """The work could not be finished.

    ``code`` is a stable snake_case word with a page in the catalogue, ``fields`` are the facts
    its sentence needs (never personal data), ``exit_code`` is the command line's.
    """

    exit_code: ClassVar[int] = 1
    default_code: ClassVar[str] = "internal"

    def __init__(self, code: str | None = None, /, **fields: str | int) -> None:
        self.code = code or self.default_code
        self.fields = fields
        super().__init__(self.code)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from another process, subclass, fields and all."""
        return _restore, (type(self), self.args, self.__dict__)

    def message(self, language: str = "en") -> str:
        """Return one sentence: what happened, and why."""
        return text(f"error.{self.code}.message", language, **self.fields)

    def next_step(self, language: str = "en") -> str:
        """Return one sentence: what to do next."""
        return text(f"error.{self.code}.next", language, **self.fields)

    def __str__(self) -> str:
        return self.message("en")


def _restore(
    kind: type[EcidError], args: tuple[object, ...], state: dict[str, object]
) -> EcidError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class ChipError(EcidError):
    """The chip or the link failed; presenting the card again may help."""

    exit_code = 9
    default_code = "chip_error"


class CardRemoved(ChipError):
    """The card left the field in the middle of an exchange."""

    exit_code = 6
    default_code = "card_removed"


class LinkTimeout(ChipError):
    """The chip did not answer within the time allowed."""

    default_code = "timeout"


class AccessDenied(ChipError):
    """The chip refused the password or key (Doc 9303-11 §4).

    ``tries_left`` is how many tries the chip says are left (63Cx), None if it does not say.
    """

    exit_code = 5
    default_code = "wrong_key"

    def __init__(
        self, code: str | None = None, /, *, tries_left: int | None = None, **fields: str | int
    ) -> None:
        super().__init__(code, **fields)
        self.tries_left = tries_left


class ProtocolError(ChipError):
    """The chip answered ``step`` against the standard, with status word ``sw``."""

    default_code = "protocol"

    def __init__(self, step: str, sw: int = 0, code: str | None = None, /) -> None:
        super().__init__(code, step=step, sw=f"{sw:04X}")
        self.step, self.sw = step, sw


class AccessRefused(ProtocolError):
    """The chip refused to start an access protocol (MSE:Set AT), before any cryptography."""

    default_code = "access_refused"


class FileAbsent(ProtocolError):
    """The chip says that the file does not exist (6A82 and the like)."""

    default_code = "file_absent"


class FileLocked(ProtocolError):
    """The chip says that the file needs rights we do not have (6982 and the like)."""

    default_code = "file_locked"


class SecureMessagingError(ChipError):
    """A response under secure messaging broke rule ``reason`` (Doc 9303-11 §9.8).

    ``sw`` is the status word of a response in clear, else zero.
    """

    default_code = "integrity"

    def __init__(self, reason: str, sw: int = 0) -> None:
        super().__init__(reason=reason)
        self.reason, self.sw = reason, sw


class LimitExceeded(ChipError):
    """The chip makes no progress, or announces more than ``what`` may hold."""

    default_code = "limit"

    def __init__(self, what: str) -> None:
        super().__init__(what=what)
        self.what = what


class RandomnessError(EcidError):
    """The source of random bytes repeats itself: its keys and challenges are worth nothing."""

    exit_code = 9
    default_code = "rng"


class ReaderError(EcidError):
    """The reader, its driver or the PC/SC service cannot do its part."""

    exit_code = 3
    default_code = "no_service"


class NoReader(ReaderError):
    """No PC/SC service, no reader, or no support for readers installed."""

    default_code = "no_reader"


class NoCard(ReaderError):
    """A reader is there and no card was laid on it in time."""

    exit_code = 4
    default_code = "no_card"


class ReaderBusy(ReaderError):
    """Another program holds the reader."""

    exit_code = 7
    default_code = "reader_busy"


class MalformedData(EcidError):
    """Bytes from outside break their format.

    ``where`` names the file or structure, ``rule`` the rule broken (snake_case), ``at`` the
    byte offset in it (-1 where none applies).
    """

    exit_code = 9
    default_code = "malformed"

    def __init__(self, where: str, rule: str, at: int = -1) -> None:
        super().__init__(where=where, rule=rule, at=at)
        self.where, self.rule, self.at = where, rule, at


class UnsupportedData(EcidError):
    """Correct and permitted by the standard, but not implemented: ``what``, in ``where``."""

    exit_code = 8
    default_code = "unsupported"

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where=where, what=what)
        self.where, self.what = where, what


class StoreError(EcidError):
    """The trust store, or a certificate given by hand, cannot be used."""

    exit_code = 20
    default_code = "store_unreadable"


class EvidenceError(EcidError):
    """An evidence file or folder cannot be read."""

    exit_code = 21
    default_code = "evidence_unreadable"


class OutputError(EcidError):
    """A result could not be written; nothing half-written is left behind."""

    exit_code = 22
    default_code = "output_failed"


class Misuse(EcidError):
    """The call cannot mean anything: mend the call."""

    exit_code = 2
    default_code = "usage"


class NotVerified(EcidError):
    """Identity data was asked of a report whose verdict is not ``verified``."""

    exit_code = 10
    default_code = "not_verified"


class NotProven(NotVerified):
    """Identity data was asked of a report that is open: neither verified nor failed."""

    exit_code = 11
