"""The emulated card: a transport with a chip behind it."""

from __future__ import annotations

from ecid.emulator.behaviour import CardBehaviour, LongAnswer
from ecid.emulator.chip.command import (
    CLA_NOT_SUPPORTED,
    EXACT_LENGTH,
    MORE_AVAILABLE,
    NOT_IN_THIS_STATE,
    SM_NOT_SUPPORTED,
    WRONG_LENGTH,
    WRONG_P1_P2,
    Answer,
    Command,
    RefusalError,
    parse,
)
from ecid.emulator.chip.dispatch import READ_BINARY, READ_BINARY_ODD, execute
from ecid.emulator.chip.memory import ChipMemory
from ecid.emulator.chip.secure_messaging import SecureChannel
from ecid.emulator.chip.state import ChipState
from ecid.emulator.issued import IssuedCard
from ecid.errors import CardRemoved
from ecid_crypto.rng import Rng, system_rng

_GET_RESPONSE = 0xC0


class EmulatedCard:
    """A chip that answers command APDUs, from power-on at the master file without a session.

    ``behaviour`` is by default the profile of the issued card. All randomness comes from
    ``rng``: BAC asks for RND.IC (8 bytes) and K.IC (16); PACE for the nonce, then the scalars of
    mapping and ephemeral key; Active Authentication for M1; Terminal Authentication for a
    challenge of 8 bytes.

    What the chip has learnt for good survives ``reset``: wrong passwords, trust points, its date.
    """

    def __init__(
        self,
        issued: IssuedCard,
        *,
        behaviour: CardBehaviour | None = None,
        rng: Rng = system_rng,
    ) -> None:
        self.issued = issued
        self.behaviour = issued.behaviour if behaviour is None else behaviour
        memory = ChipMemory.of(issued, self.behaviour)
        self._state = ChipState(issued, self.behaviour, rng, memory)
        self._count = 0
        self._rest = b""

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
        self._rest = b""
        self._state.power_on()

    @property
    def memory(self) -> ChipMemory:
        """Return what the chip keeps without power: for tests that look at its date and keys."""
        return self._state.memory

    def transmit(self, command: bytes, /) -> bytes:
        """Answer one command APDU, whatever its bytes, with at least a status word.

        Raises ``CardRemoved`` if the behaviour says that the card leaves the field.
        """
        self._count += 1
        if self.behaviour.vanishes_at is not None and self._count >= self.behaviour.vanishes_at:
            raise CardRemoved
        if self._count == self.behaviour.resets_at:
            self._state.power_on()
        try:
            parsed = self._checked(command)
            if parsed.ins == _GET_RESPONSE and self.behaviour.long_answer is LongAnswer.IN_PARTS:
                return self._get_response(parsed)
            self._rest = b""
            return self._in_parts(self._answer(parsed), parsed)
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

    def _in_parts(self, response: bytes, command: Command) -> bytes:
        """Return what fits Le and keep the rest, if this chip answers in parts."""
        if self.behaviour.long_answer is not LongAnswer.IN_PARTS or _is_read(command):
            return response
        return self._part(response, command.le) if command.le else response

    def _get_response(self, command: Command) -> bytes:
        """Return the next part of an answer (ISO/IEC 7816-4 §11.8.1), in the clear as it is."""
        rest, self._rest = self._rest, b""
        if not rest or command.le is None or command.data:
            raise RefusalError(NOT_IN_THIS_STATE)
        if command.p1 or command.p2:
            raise RefusalError(WRONG_P1_P2)
        return self._part(rest, command.le)

    def _part(self, whole: bytes, le: int) -> bytes:
        """Return at most ``le`` bytes of ``whole``, which ends in a status word; keep the rest."""
        data, sw = whole[:-2], whole[-2:]
        if len(data) <= le:
            return whole
        self._rest = data[le:] + sw
        more = MORE_AVAILABLE | min(len(data) - le, 0xFF)
        return data[:le] + more.to_bytes(2, "big")

    def _answer(self, command: Command) -> bytes:
        state = self._state
        if command.protected:
            if state.session is None:
                raise RefusalError(SM_NOT_SUPPORTED)
            return self._protected(state.session, command)
        if state.secured:
            state.end_session()
        state.room = command.le or 0
        response = self._execute(command, state.room).raw
        state.switch_session()
        return response

    def _protected(self, session: SecureChannel, command: Command) -> bytes:
        state, behaviour = self._state, self.behaviour
        plain = session.unprotect(command)
        fits = min(plain.le or 0, session.largest_answer(command.le or 0))
        state.room = (plain.le or 0) if behaviour.long_read_is_sent else fits
        in_full = behaviour.long_answer in (LongAnswer.SENT, LongAnswer.IN_PARTS)
        is_new, unprotected = state.protected_since_ca is not None, state.unprotected
        answer = self._execute(plain, (plain.le or 0) if in_full else fits)
        if unprotected or (behaviour.naked_errors and answer.sw >> 8 not in (0x90, 0x62)):
            response = answer.raw
        else:
            response = session.protect(answer, odd_instruction=bool(plain.ins & 1))
        state.switch_session()
        return self._spoiled(response) if is_new else response

    def _spoiled(self, response: bytes) -> bytes:
        """Count a response after Chip Authentication; break the MAC of the one to be broken."""
        self._state.protected_since_ca = (self._state.protected_since_ca or 0) + 1
        if self._state.protected_since_ca != self.behaviour.wrong_mac_after_ca:
            return response
        return response[:-3] + bytes([response[-3] ^ 0x01]) + response[-2:]

    def _execute(self, command: Command, limit: int) -> Answer:
        """Run a plain command; a refusal is an answer, and leaves the session as it is."""
        try:
            answer = execute(self._state, command)
        except RefusalError as refusal:
            return Answer(sw=refusal.sw)
        if _is_read(command) or len(answer.data) <= limit:
            return answer
        self._state.drop_protocols()
        exact = self.behaviour.long_answer is LongAnswer.EXACT and len(answer.data) <= 0x100
        return Answer(sw=EXACT_LENGTH | len(answer.data) & 0xFF if exact else WRONG_LENGTH)


def _is_read(command: Command) -> bool:
    return command.ins in (READ_BINARY, READ_BINARY_ODD)
