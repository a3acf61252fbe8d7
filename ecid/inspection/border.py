"""Where foreign exceptions stop: what the reader layer raises becomes the public tree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecid.errors import (
    CardRemoved,
    ChipError,
    EcidError,
    LimitExceeded,
    LinkTimeout,
    NoCard,
    NoReader,
    ReaderBusy,
    ReaderError,
)
from ecid_crypto.errors import CryptoError
from ecid_readers import errors as readers


@contextmanager
def chip_errors() -> Iterator[None]:
    """Turn what the reader layer raises into ``EcidError``, keeping the cause."""
    try:
        yield
    except readers.ReaderError as exc:
        raise _public(exc) from exc
    except CryptoError as exc:
        # Keys that a chip drove into a corner that no standard knows: degenerate DES keys.
        raise ChipError from exc


def _public(exc: readers.ReaderError) -> EcidError:
    known: dict[type[readers.ReaderError], EcidError] = {
        readers.NoService: ReaderError(),
        readers.PcscMissing: NoReader("pcsc_missing"),
        readers.NoReader: _no_reader(exc),
        readers.NoCard: NoCard(),
        readers.CardRemoved: CardRemoved(),
        readers.ReaderBusy: ReaderBusy(),
        readers.TransportTimeout: LinkTimeout(),
        readers.LoopGuard: LimitExceeded("get_response"),
    }
    return known.get(type(exc), ChipError())


def _no_reader(exc: readers.ReaderError) -> NoReader:
    """Tell that there is no reader at all from that none is called what was asked for."""
    named = isinstance(exc, readers.NoReader) and exc.detail
    return NoReader("no_such_reader", name=exc.detail) if named else NoReader()
