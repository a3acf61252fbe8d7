"""The emulated card: a transport with a chip behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ecid.emulator.behaviour import CardBehaviour, profile
from ecid.emulator.chip import (
    active_authentication,
    bac,
    chip_authentication,
    file_commands,
    pace,
)
from ecid.emulator.chip.command import (
    CHAINING_NOT_SUPPORTED,
    CLA_NOT_SUPPORTED,
    INS_NOT_SUPPORTED,
    SM_NOT_SUPPORTED,
    WRONG_LENGTH,
    WRONG_P1_P2,
    Answer,
    Command,
    RefusalError,
    parse,
)
from ecid.emulator.chip.secure_messaging import SecureChannel
from ecid.emulator.chip.state import ChipState
from ecid.emulator.issued import IssuedCard
from ecid.errors import CardRemoved
from ecid_crypto.rng import Rng, system_rng

Handler = Callable[[ChipState, Command], Answer]

_GENERAL_AUTHENTICATE = 0x86
_READ_BINARY_ODD = 0xB1


class EmulatedCard:
    """A chip that answers command APDUs, from power-on at the master file without a session.

    ``behaviour`` is by default the profile of the issued card. All randomness comes from
    ``rng``: BAC asks for RND.IC (8 bytes) and K.IC (16); PACE for the nonce, then the scalars of
    mapping and ephemeral key; Active Authentication for M1.
    """

    def __init__(
        self,
        issued: IssuedCard,
        *,
        behaviour: CardBehaviour | None = None,
        rng: Rng = system_rng,
    ) -> None:
        self.issued = issued
        self.behaviour = profile(issued.profile) if behaviour is None else behaviour
        self._state = ChipState(issued, self.behaviour, rng)
        self._count = 0

    @property
    def name(self) -> str:
        """Return the name the card was issued under."""
        return self.issued.name

    @property
    def atr(self) -> bytes:
        """Return the answer to reset, always the same."""
        return self.behaviour.atr

    @property
    def channel(self) -> SecureChannel | None:
        """Return the open session, keys and all: for tests that play somebody who has them."""
        return self._state.session

    def reset(self) -> None:
        """Switch the chip off and on: master file, no session, and back in the field."""
        self._count = 0
        self._state.power_on()

    def transmit(self, command: bytes, /) -> bytes:
        """Answer one command APDU, whatever its bytes, with at least a status word.

        Raises ``CardRemoved`` if the behaviour says that the card leaves the field.
        """
        self._count += 1
        if self.behaviour.vanishes_at is not None and self._count >= self.behaviour.vanishes_at:
            raise CardRemoved
        try:
            return self._answer(self._checked(command))
        except RefusalError as refusal:
            # Neither a plain command nor an error in protection leaves a session behind.
            self._state.end_session()
            return Answer(sw=refusal.sw).raw

    def _checked(self, raw: bytes) -> Command:
        command = parse(raw)
        if command.cla & ~0x1C or command.cla & 0x0C in (0x04, 0x08):
            raise RefusalError(CLA_NOT_SUPPORTED)
        if command.extended and not self.behaviour.extended_length:
            raise RefusalError(WRONG_LENGTH)
        return command

    def _answer(self, command: Command) -> bytes:
        state = self._state
        if command.protected:
            if state.session is None:
                raise RefusalError(SM_NOT_SUPPORTED)
            return self._protected(state.session, command)
        if state.secured:
            state.end_session()
        state.room = command.le or 0
        response = self._execute(command).raw
        state.switch_session()
        return response

    def _protected(self, session: SecureChannel, command: Command) -> bytes:
        state = self._state
        plain = session.unprotect(command)
        state.room = plain.le or 0
        if not self.behaviour.answers_beyond_le:
            state.room = min(state.room, session.largest_answer(command.le or 0))
        is_new = state.protected_since_ca is not None
        answer = self._execute(plain)
        response = session.protect(answer, odd_instruction=bool(plain.ins & 1))
        state.switch_session()
        return self._spoiled(response) if is_new else response

    def _spoiled(self, response: bytes) -> bytes:
        """Count a response after Chip Authentication; break the MAC of the one to be broken."""
        self._state.protected_since_ca = (self._state.protected_since_ca or 0) + 1
        if self._state.protected_since_ca != self.behaviour.wrong_mac_after_ca:
            return response
        return response[:-3] + bytes([response[-3] ^ 0x01]) + response[-2:]

    def _execute(self, command: Command) -> Answer:
        """Run a plain command; a refusal is an answer, and leaves the session as it is."""
        try:
            answer = self._handler(command)(self._state, command)
        except RefusalError as refusal:
            return Answer(sw=refusal.sw)
        if len(answer.data) > self._state.room:
            self._state.drop_protocols()
            return Answer(sw=WRONG_LENGTH)
        return answer

    def _handler(self, command: Command) -> Handler:
        state = self._state
        if command.ins != _GENERAL_AUTHENTICATE:
            state.pace = None  # another command in between ends a run of PACE
            if command.chained:
                raise RefusalError(CHAINING_NOT_SUPPORTED)
        if command.ins != 0x82:
            state.challenge = None
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
    handler = _TEMPLATES.get((command.p1, command.p2))
    if handler is None:
        raise RefusalError(WRONG_P1_P2)
    return handler(state, command)


_TEMPLATES: Mapping[tuple[int, int], Handler] = MappingProxyType(
    {
        (0xC1, 0xA4): pace.set_authentication_template,
        (0x41, 0xA4): chip_authentication.set_authentication_template,
        (0x41, 0xA6): chip_authentication.set_key_agreement_template,
    }
)

_HANDLERS: Mapping[int, Handler] = MappingProxyType(
    {
        0x22: _manage_security_environment,
        0x82: bac.external_authenticate,
        0x84: bac.get_challenge,
        0x88: active_authentication.internal_authenticate,
        0xA4: file_commands.select,
        0xB0: file_commands.read_binary,
        _READ_BINARY_ODD: file_commands.read_binary_odd,
    }
)
