"""Which command is whose (ISO/IEC 7816-4 §5.4.2), and what another command in between ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ecid.emulator.chip import (
    active_authentication,
    bac,
    chip_authentication,
    file_commands,
    pace,
    passwords,
    terminal_authentication,
)
from ecid.emulator.chip.command import (
    CHAINING_NOT_SUPPORTED,
    INS_NOT_SUPPORTED,
    WRONG_P1_P2,
    Answer,
    Command,
    RefusalError,
)
from ecid.emulator.chip.state import ChipState

Handler = Callable[[ChipState, Command], Answer]

READ_BINARY, READ_BINARY_ODD = 0xB0, 0xB1
_GENERAL_AUTHENTICATE = 0x86
_EXTERNAL_AUTHENTICATE = 0x82

#: Instructions whose data may be too long for one command (ISO/IEC 7816-4 §5.3.3).
_CHAINED = frozenset({0x2A, _EXTERNAL_AUTHENTICATE})


def execute(state: ChipState, command: Command) -> Answer:
    """Run one plain command; raises ``RefusalError`` for what the chip will not do."""
    if command.ins in state.behaviour.refuses:
        raise RefusalError(state.behaviour.refuses[command.ins])
    whole = _chain(state, command)
    if whole is None:
        return Answer()
    return _handler(state, whole)(state, whole)


def _chain(state: ChipState, command: Command) -> Command | None:
    """Return the command that the last one of a chain completes, None before the last one."""
    begun, state.chain = state.chain, None
    if command.ins not in _CHAINED:
        return command
    state.pace = None
    if begun is not None:
        if begun.header[1:] != command.header[1:]:
            raise RefusalError(CHAINING_NOT_SUPPORTED)
        command = command.after(begun)
    if not command.chained:
        return command
    if len(command.data) > _MOST_CHAINED or command.le is not None:
        raise RefusalError(CHAINING_NOT_SUPPORTED)
    state.chain = command
    return None


_MOST_CHAINED = 4096


def _handler(state: ChipState, command: Command) -> Handler:
    if command.ins != _GENERAL_AUTHENTICATE:
        state.pace = None  # another command in between ends a run of PACE
        if command.chained:
            raise RefusalError(CHAINING_NOT_SUPPORTED)
    if command.ins != _EXTERNAL_AUTHENTICATE:
        state.challenge = None
        state.terminal.challenge = None
    if command.ins == _GENERAL_AUTHENTICATE:
        return (
            pace.general_authenticate
            if state.pace is not None
            else chip_authentication.general_authenticate
        )
    if command.ins not in _HANDLERS:
        raise RefusalError(INS_NOT_SUPPORTED)
    return _HANDLERS[command.ins]


def _manage_security_environment(state: ChipState, command: Command) -> Answer:
    """Set the template that P1 and P2 name (ISO/IEC 7816-4 §11.5.11)."""
    template = command.p1 << 8 | command.p2
    if template in state.behaviour.refuses_templates:
        raise RefusalError(state.behaviour.refuses_templates[template])
    handler = _TEMPLATES.get(template)
    if handler is None:
        raise RefusalError(WRONG_P1_P2)
    return handler(state, command)


def _get_challenge(state: ChipState, command: Command) -> Answer:
    """Serve Terminal Authentication once it has a key, BAC otherwise."""
    if state.terminal.holder is not None:
        return terminal_authentication.get_challenge(state, command)
    return bac.get_challenge(state, command)


def _external_authenticate(state: ChipState, command: Command) -> Answer:
    if state.terminal.challenge is not None:
        return terminal_authentication.external_authenticate(state, command)
    return bac.external_authenticate(state, command)


_TEMPLATES: Mapping[int, Handler] = MappingProxyType(
    {
        0xC1A4: pace.set_authentication_template,
        0x41A4: chip_authentication.set_authentication_template,
        0x41A6: chip_authentication.set_key_agreement_template,
        0x81B6: terminal_authentication.set_signature_template,
        0x81A4: terminal_authentication.set_authentication_template,
    }
)

_HANDLERS: Mapping[int, Handler] = MappingProxyType(
    {
        0x22: _manage_security_environment,
        0x2A: terminal_authentication.verify_certificate,
        0x2C: passwords.reset_retry_counter,
        _EXTERNAL_AUTHENTICATE: _external_authenticate,
        0x84: _get_challenge,
        0x88: active_authentication.internal_authenticate,
        0xA4: file_commands.select,
        READ_BINARY: file_commands.read_binary,
        READ_BINARY_ODD: file_commands.read_binary_odd,
    }
)
