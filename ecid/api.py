"""Reading and verifying in one call each: where profiles, inspection and time come together."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from ecid import profiles
from ecid.errors import EcidError
from ecid.inspection import clock
from ecid.inspection import collect as collecting
from ecid.inspection import verify as verifying
from ecid.inspection.border import chip_errors
from ecid.inspection.collect import OnProgress, Order, Terminal
from ecid.inspection.evidence import Evidence
from ecid.inspection.judge_match import parse_form
from ecid.inspection.policy import Policy
from ecid.inspection.profile import Profile
from ecid.inspection.randomness import WatchedRng
from ecid.inspection.report import Report
from ecid.lds import dg1
from ecid.outcome import Outcome
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.secret import AccessSecret
from ecid.trust.store import TrustStore
from ecid_crypto.rng import Rng, system_rng
from ecid_readers.discovery import open_card
from ecid_readers.errors import TransportTimeout
from ecid_readers.pcsc import Service
from ecid_readers.transport import Transport


def read(
    secret: AccessSecret,
    *,
    card: Transport | None = None,
    reader: str | None = None,
    trust: TrustStore | None = None,
    policy: str = "counter",
    profile: str | None = None,
    data_groups: frozenset[int] | None = None,
    at: datetime | None = None,
    binding: str | None = None,
    expect: Mapping[str, str] | None = None,
    terminal: TerminalCredential | None = None,
    timeout: float = 30,
    on_progress: OnProgress | None = None,
    rng: Rng = system_rng,
) -> Report:
    """Read one card and return the report about it.

    ``card`` is a transport to a chip that was just reset, for example an emulated card; without
    one, the first reader with a card whose name holds ``reader``. ``trust`` holds the anchors,
    those of the user's own store if it is left out; ``policy`` is counter, passive or strict;
    ``profile`` is chosen by the issuing state if left out. ``data_groups`` limits what is read;
    DG1 always is. ``at`` is the moment to judge at, now if left out, local time if it names no
    zone. ``binding`` is text that the Active Authentication challenge is bound to. ``expect`` is
    a typed form, identity keys and texts, that ``match.form`` compares with the chip. ``terminal``
    are certificates and key for Terminal Authentication: with them the chip is asked for
    fingerprints and irises, once its own key is authentic. ``timeout`` bounds the reading in
    seconds. ``rng`` is the source of everything random; one that repeats itself ends the reading.
    Raises ``EcidError`` where the reading cannot be finished; what the card fails to prove stands
    in the report.
    """
    chosen = Policy.load(policy)
    named = None if profile is None else profiles.by_name(profile)
    judge = partial(_judge, trust=trust, policy=chosen, at=at, named=named)
    order = Order(
        secret=secret,
        choose_profile=profiles.for_state if named is None else lambda _: named,
        data_groups=data_groups,
        binding=binding,
        terminal=None if terminal is None else _terminal(terminal, at, judge),
        expected_form=None if expect is None else _form(expect),
    )
    end = time.monotonic() + timeout
    with _opened(card, reader, timeout) as (chip, source):
        link = _Deadline(chip, end)
        source_of_keys = WatchedRng(rng)
        evidence = collecting.collect(
            link, order, source=source, rng=source_of_keys, on_progress=on_progress
        )
    return judge(evidence)


def _terminal(
    credential: TerminalCredential, at: datetime | None, judge: Callable[[Evidence], Report]
) -> Terminal:
    """Return ``credential`` with the judgement that has to precede its use."""

    def vouched(so_far: Evidence) -> bool:
        report = judge(so_far)
        failed = any(check.counts and check.outcome is Outcome.FAILED for check in report.checks)
        return not failed and report.check("chip.ca").outcome is Outcome.SUCCESSFUL

    return Terminal(credential=credential, at=_moment(at), vouched=vouched)


@contextmanager
def _opened(
    card: Transport | None, reader: str | None, timeout: float
) -> Iterator[tuple[Transport, str]]:
    """Yield a transport to a freshly reset chip and the name of where it is."""
    if card is not None:
        yield card, f"card:{getattr(card, 'name', 'transport')}"
        return
    with chip_errors():
        service = Service()
        try:
            with open_card(service, reader, timeout) as connection:
                yield connection, connection.name
        finally:
            service.close()


def _form(expect: Mapping[str, str]) -> str:
    """Return a typed form as the evidence keeps it. Raises ``Misuse`` before a card is touched."""
    form = json.dumps(dict(expect), ensure_ascii=False, sort_keys=True)
    parse_form(form)
    return form


def verify(
    evidence: Evidence,
    *,
    trust: TrustStore | None = None,
    policy: str = "passive",
    profile: str | None = None,
    at: datetime | None = None,
) -> Report:
    """Judge ``evidence`` again, with no card. The arguments are those of ``read``."""
    named = None if profile is None else profiles.by_name(profile)
    return _judge(evidence, trust, Policy.load(policy), at, named)


def _judge(
    evidence: Evidence,
    trust: TrustStore | None,
    policy: Policy,
    at: datetime | None,
    named: Profile | None,
) -> Report:
    moment = _moment(at)
    store = TrustStore.open() if trust is None else trust
    return verifying.verify(
        evidence,
        store,
        policy,
        moment,
        named or _profile_of(evidence),
        # A moment that somebody names is what he asks about, whenever it is.
        clock_is_right=at is not None or clock.can_be_right(moment),
    )


def _moment(at: datetime | None) -> datetime:
    """Return ``at``, else now; local time where it names no zone."""
    moment = datetime.now() if at is None else at  # noqa: DTZ005 - made aware on the next line
    return moment.astimezone() if moment.tzinfo is None else moment


def _profile_of(evidence: Evidence) -> Profile:
    """Return the profile that the issuing state in DG1 asks for; a claim on file is not heard."""
    try:
        return profiles.for_state(dg1.parse(evidence.files["DG1"]).mrz.issuing_state)
    except (KeyError, EcidError):
        return profiles.for_state(None)


class _Deadline:
    """A transport that gives up once the time for the whole reading is over."""

    def __init__(self, inner: Transport, end: float) -> None:
        self._inner, self._end = inner, end

    def transmit(self, command: bytes, /) -> bytes:
        if time.monotonic() > self._end:
            raise TransportTimeout("whole reading")
        return self._inner.transmit(command)
