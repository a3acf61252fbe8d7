"""Lays a card on the virtual reader: leaves at an APDU, falls silent, answers at any length.

``--leaves-at N`` and ``--mute-at N`` count APDUs from 1 since the last reset; ``--echo`` makes a
card without a chip, whose answer is as many bytes as the four header bytes say.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace

from ecid import emulator
from ecid.emulator import EmulatedCard
from ecid.errors import CardRemoved
from ecid_readers.vpcd import Slot, VirtualCard

NAME = "vn-cccd-2021"


class Mute:
    """A card that never answers from its APDU number ``at`` on."""

    def __init__(self, inner: VirtualCard, at: int) -> None:
        self._inner, self._at, self._count = inner, at, 0

    @property
    def atr(self) -> bytes:
        """The answer to reset of the card inside."""
        return self._inner.atr

    def reset(self) -> None:
        """Count from the beginning."""
        self._count = 0
        self._inner.reset()

    def transmit(self, command: bytes, /) -> bytes:
        """Answer like the card inside, or not at all."""
        self._count += 1
        if self._count == self._at:
            sys.stdout.write("mute\n")
            sys.stdout.flush()
        while self._count >= self._at:
            time.sleep(3600)
        return self._inner.transmit(command)


class Echo:
    """A card that counts: data bytes received (four bytes), then as many bytes as asked for."""

    atr = bytes.fromhex("3B800101")

    def reset(self) -> None:
        """Nothing is kept."""

    def transmit(self, command: bytes, /) -> bytes:
        """Return the length of ``command``, then bytes up to the length in P1 and P2."""
        wanted = int.from_bytes(command[2:4], "big")
        answer = len(command).to_bytes(4, "big").ljust(wanted, b"\xa5")
        return answer + b"\x90\x00"


def main() -> None:
    """Serve until the card leaves or the reader goes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leaves-at", type=int)
    parser.add_argument("--mute-at", type=int)
    parser.add_argument("--echo", action="store_true")
    options = parser.parse_args()
    issued = emulator.issue(NAME)
    behaviour = replace(EmulatedCard(issued).behaviour, vanishes_at=options.leaves_at)
    card: VirtualCard = Echo() if options.echo else EmulatedCard(issued, behaviour=behaviour)
    if options.mute_at is not None:
        card = Mute(card, options.mute_at)
    try:
        Slot().serve(card)
    except CardRemoved:
        sys.exit(0)


if __name__ == "__main__":
    main()
