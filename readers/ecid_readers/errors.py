"""Everything the hardware layer can raise: one root, one stable code each.

ReaderError
├── NoService           the PC/SC service does not run        no_service
├── PcscMissing         pyscard is not installed              pcsc_missing
├── NoReader            no reader is connected                no_reader
├── NoCard              no card lies on the reader            no_card
├── CardRemoved         the card left in mid-exchange         card_removed
├── ReaderBusy          another program holds the reader      reader_busy
├── LinkFailed          the driver lost an exchange           link_failed
├── TransportTimeout    no answer in time                     timeout
├── MalformedApdu       bytes that are no APDU                malformed_apdu
├── UnexpectedCommand   a replay was asked something else     unexpected_command
├── ResponseTooLong     an answer beyond the allowed size     response_too_long
└── LoopGuard           61xx without an end                   loop_guard

A message names a rule, a reader or at most the four header bytes of a command: APDU data is
personal or secret and stands in no exception.
"""

from __future__ import annotations

from typing import ClassVar


class ReaderError(Exception):
    """The reader, the link or an APDU could not do its part; ``code`` is a stable word."""

    code: ClassVar[str] = "reader"

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__(f"{self.code}: {detail}" if detail else self.code)


class NoService(ReaderError):
    """The PC/SC service is not installed or does not run."""

    code = "no_service"


class PcscMissing(ReaderError):
    """Readers are asked for and pyscard is not installed."""

    code = "pcsc_missing"


class NoReader(ReaderError):
    """The service runs and sees no reader."""

    code = "no_reader"


class NoCard(ReaderError):
    """A reader is there and no card lies on it."""

    code = "no_card"


class CardRemoved(ReaderError):
    """The card left the field in the middle of an exchange."""

    code = "card_removed"


class ReaderBusy(ReaderError):
    """Another program holds the card exclusively."""

    code = "reader_busy"


class LinkFailed(ReaderError):
    """The driver could not carry one exchange; nobody knows whether the chip saw it."""

    code = "link_failed"


class TransportTimeout(ReaderError):
    """The card or the reader did not answer within the time allowed."""

    code = "timeout"


class MalformedApdu(ReaderError):
    """The bytes are no command or response APDU of ISO 7816-4 §5; ``detail`` is the rule."""

    code = "malformed_apdu"


class UnexpectedCommand(ReaderError):
    """A replay was sent a command that is not the next one recorded."""

    code = "unexpected_command"


class ResponseTooLong(ReaderError):
    """A response exceeds what the link or ISO 7816-4 permits (65,536 bytes and status)."""

    code = "response_too_long"


class LoopGuard(ReaderError):
    """The card asks for more rounds, or announces more bytes, than any answer needs."""

    code = "loop_guard"
