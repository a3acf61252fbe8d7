"""Status words of ISO 7816-4 §5.6: names for the ones we act on, words for the rest."""

from __future__ import annotations

from typing import Final

SW_OK: Final = 0x9000
SW_END_OF_FILE: Final = 0x6282
SW_FILE_DEACTIVATED: Final = 0x6283
SW_WRONG_LENGTH: Final = 0x6700
SW_SECURITY_STATUS: Final = 0x6982
SW_AUTHENTICATION_BLOCKED: Final = 0x6983
SW_CONDITIONS: Final = 0x6985
SW_NOT_ALLOWED: Final = 0x6986
SW_SM_OBJECT_MISSING: Final = 0x6987
SW_SM_OBJECT_WRONG: Final = 0x6988
SW_WRONG_DATA: Final = 0x6A80
SW_NOT_SUPPORTED: Final = 0x6A81
SW_NOT_FOUND: Final = 0x6A82
SW_WRONG_P1_P2: Final = 0x6A86
SW_REFERENCE_NOT_FOUND: Final = 0x6A88
SW_OUT_OF_RANGE: Final = 0x6B00
SW_INS_NOT_SUPPORTED: Final = 0x6D00
SW_CLA_NOT_SUPPORTED: Final = 0x6E00

SW1_MORE_DATA: Final = 0x61
"""First byte of 61xx: xx more bytes wait for GET RESPONSE (00: 256 or more)."""

SW1_CORRECT_LE: Final = 0x6C
"""First byte of 6Cxx: the command is to be repeated with Le = xx (00: 256)."""

_EXACT: Final = {
    SW_OK: "normal processing",
    0x6281: "part of the returned data may be corrupted",
    SW_END_OF_FILE: "end of file reached before reading Ne bytes",
    SW_FILE_DEACTIVATED: "selected file deactivated",
    0x6285: "selected file in termination state",
    0x6300: "no information given, non-volatile memory changed",
    0x6581: "memory failure",
    SW_WRONG_LENGTH: "wrong length",
    0x6881: "logical channel not supported",
    0x6882: "secure messaging not supported",
    0x6883: "last command of the chain expected",
    0x6884: "command chaining not supported",
    0x6981: "command incompatible with file structure",
    SW_SECURITY_STATUS: "security status not satisfied",
    SW_AUTHENTICATION_BLOCKED: "authentication method blocked",
    0x6984: "reference data not usable",
    SW_CONDITIONS: "conditions of use not satisfied",
    SW_NOT_ALLOWED: "command not allowed, no current file",
    SW_SM_OBJECT_MISSING: "expected secure messaging data objects missing",
    SW_SM_OBJECT_WRONG: "incorrect secure messaging data objects",
    SW_WRONG_DATA: "incorrect parameters in the command data field",
    SW_NOT_SUPPORTED: "function not supported",
    SW_NOT_FOUND: "file or application not found",
    0x6A83: "record not found",
    0x6A84: "not enough memory space in the file",
    SW_WRONG_P1_P2: "incorrect parameters P1-P2",
    0x6A87: "Nc inconsistent with parameters P1-P2",
    SW_REFERENCE_NOT_FOUND: "referenced data not found",
    SW_OUT_OF_RANGE: "wrong parameters P1-P2",
    SW_INS_NOT_SUPPORTED: "instruction code not supported or invalid",
    SW_CLA_NOT_SUPPORTED: "class not supported",
    0x6F00: "no precise diagnosis",
}

_CLASSES: Final = {
    SW1_MORE_DATA: "more data bytes available",
    0x62: "warning, non-volatile memory unchanged",
    0x63: "warning, non-volatile memory changed",
    0x64: "execution error, non-volatile memory unchanged",
    0x65: "execution error, non-volatile memory changed",
    0x66: "execution error, security issue",
    0x68: "functions in CLA not supported",
    0x69: "command not allowed",
    0x6A: "wrong parameters P1-P2",
    SW1_CORRECT_LE: "wrong Le field",
}


def describe(sw: int) -> str:
    """Return the meaning of status word ``sw`` in the words of ISO 7816-4 §5.6.

    Every number has an answer; one that the table lacks is ``"unknown status"``.
    """
    if sw & 0xFFF0 == 0x63C0:
        return f"verification failed, {sw & 0x0F} tries left"
    return _EXACT.get(sw) or _CLASSES.get(sw >> 8, "unknown status")


def correct_length(sw: int) -> int | None:
    """Return the Le that 6Cxx asks for (1 to 256), or ``None`` for any other status word."""
    return ((sw & 0xFF) or 256) if sw >> 8 == SW1_CORRECT_LE else None


def is_length_limit(sw: int) -> bool:
    """Whether ``sw`` says that the link cannot carry so much at once: 6700, 6Cxx or 61xx."""
    return sw == SW_WRONG_LENGTH or sw >> 8 in {SW1_CORRECT_LE, SW1_MORE_DATA}


def bytes_waiting(sw: int) -> int | None:
    """Return how much 61xx says to fetch next (1 to 256), ``None`` for any other status."""
    return ((sw & 0xFF) or 256) if sw >> 8 == SW1_MORE_DATA else None
