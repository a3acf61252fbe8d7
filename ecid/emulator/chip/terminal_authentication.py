"""Terminal Authentication version 1 from the chip's side (TR-03110-1 §3.5, -3 §B.2 to B.3)."""

from __future__ import annotations

from ecid.emulator.chip.command import INS_NOT_SUPPORTED, Answer, Command, RefusalError
from ecid.emulator.chip.state import ChipState


def set_signature_template(state: ChipState, command: Command) -> Answer:
    """To be written."""
    raise RefusalError(INS_NOT_SUPPORTED)


set_authentication_template = set_signature_template
verify_certificate = set_signature_template
get_challenge = set_signature_template
external_authenticate = set_signature_template
