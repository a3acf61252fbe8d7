"""What a chip and a terminal prove to each other while a chip is read (Doc 9303-11 §6, §7).

Nothing is judged here: a chip that refuses or answers wrongly makes facts of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from ecid.errors import (
    EcidError,
    MalformedData,
    ProtocolError,
    SecureMessagingError,
    UnsupportedData,
)
from ecid.inspection.access import PaceOpening
from ecid.inspection.evidence import (
    ActiveAuthenticationFacts,
    ChipAnswer,
    ChipAuthenticationFacts,
    Evidence,
    Origin,
    TerminalFacts,
)
from ecid.inspection.reading import Reading
from ecid.lds import dg1, dg14, dg15
from ecid.lds.cvc import parse_cvca_file
from ecid.lds.files import CVCA, data_group
from ecid.outcome import Finding, Outcome, Reason, not_supported, undetermined
from ecid.protocols import active_authentication, chip_authentication
from ecid.protocols.active_authentication import RANDOMNESS_LENGTH, derive_challenge
from ecid.protocols.chip_authentication import ChipAuthenticationChoice, ChipAuthenticationResult
from ecid.protocols.terminal_authentication import (
    TerminalAuthenticationResult,
    identity_after_bac,
    run_terminal_authentication,
)
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.session.file_reader import select_file
from ecid_crypto.rng import Rng
from ecid_readers.status import is_length_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """What this terminal authenticates itself with.

    ``at`` is today for the dates of its certificates. ``vouched`` says of the chip so far whether
    its key is authentic: before that nothing is signed for it.
    """

    credential: TerminalCredential = field(repr=False)
    at: datetime
    vouched: Callable[[Evidence], bool] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChipProof:
    """One run of Chip Authentication: the facts, and what Terminal Authentication goes on with."""

    facts: ChipAuthenticationFacts
    choice: ChipAuthenticationChoice
    result: ChipAuthenticationResult | None = None


def prove_chip(reading: Reading, rng: Rng) -> ChipProof | None:
    """Run Chip Authentication if DG14 offers it, and go on under the new keys."""
    raw = reading.read(data_group(14))
    if raw is None:
        return None
    try:
        choice = chip_authentication.choose(dg14.parse(raw))
    except (MalformedData, UnsupportedData):
        return None
    if choice is None:
        return None
    try:
        result = chip_authentication.run_chip_authentication(reading.session, choice, rng)
    except ProtocolError as exc:
        return ChipProof(_facts(choice, ChipAnswer.REFUSED, exc.step, exc.sw), choice)
    reading.switch(result.keys)
    return ChipProof(_facts(choice, _first_response(reading)), choice, result)


def _first_response(reading: Reading) -> ChipAnswer:
    """Return what the chip has proven: only a response that verifies under the new keys counts."""
    try:
        select_file(reading.session, data_group(1))
    except SecureMessagingError:
        return ChipAnswer.WRONG_MAC
    except ProtocolError:
        pass  # protected, hence proven; that DG1 is absent is found out when it is read
    return ChipAnswer.PROVEN


def _facts(
    choice: ChipAuthenticationChoice, answer: ChipAnswer, step: str = "", sw: int = 0
) -> ChipAuthenticationFacts:
    if answer is ChipAnswer.WRONG_MAC:
        step = "first response"
    return ChipAuthenticationFacts(
        oid=choice.oid, public_key=choice.public, answer=answer, step=step, sw=sw
    )


def prove_terminal(
    reading: Reading, terminal: Terminal, proof: ChipProof | None, pace: PaceOpening | None
) -> tuple[TerminalFacts, frozenset[int]]:
    """Run Terminal Authentication; also return the data groups that the chip now gives.

    Only after a chip that proved an authentic key (TR-03110-1 §3.3): nobody else gets our
    certificates or a signature.
    """
    if proof is None and not _is_offered(reading):
        return _as_facts(not_supported(Reason.NOT_OFFERED)), frozenset()
    if proof is None or proof.result is None or not terminal.vouched(_so_far(reading, proof)):
        return _as_facts(undetermined(Reason.KEY_NOT_AUTHENTICATED)), frozenset()
    if not _is_offered(reading):  # only now is what DG14 leaves out somebody's word
        return _as_facts(not_supported(Reason.NOT_OFFERED)), frozenset()
    identity = pace.chip_identity if pace is not None else _number(reading)
    if identity is None:
        return _as_facts(undetermined(Reason.NOT_RUN)), frozenset()
    chain = terminal.credential.chain(_authorities(reading, pace), terminal.at)
    if isinstance(chain, Finding):
        return _as_facts(chain), frozenset()
    try:
        result = run_terminal_authentication(
            reading.session,
            chain,
            terminal.credential.key,
            chip_authentication=proof.result,
            domain=proof.choice.domain,
            identity=identity,
        )
    except UnsupportedData as exc:  # the key cannot sign what the certificate says
        return _as_facts(undetermined(Reason.UNSUPPORTED_ALGORITHM, rule=exc.what)), frozenset()
    return _as_facts(result.finding), _granted(result)


def _is_offered(reading: Reading) -> bool:
    """Whether DG14 says that the chip authenticates terminals (TR-03110-3 §A.1.1.3)."""
    try:
        return bool(dg14.parse(reading.files["DG14"]).terminal_authentication)
    except (KeyError, EcidError):
        return False


def _so_far(reading: Reading, proof: ChipProof) -> Evidence:
    return Evidence(
        origin=Origin.LIVE,
        files=dict(reading.files),
        missing=dict(reading.missing),
        access=reading.access,
        chip_authentication=proof.facts,
    )


def _granted(result: TerminalAuthenticationResult) -> frozenset[int]:
    rights = {3: result.reads_fingerprints, 4: result.reads_irises}
    return frozenset(number for number, granted in rights.items() if granted)


def _number(reading: Reading) -> bytes | None:
    """Return the document number that BAC is bound to, with its check digit."""
    try:
        return identity_after_bac(dg1.parse(reading.files["DG1"]).mrz.mrz_information)
    except (KeyError, EcidError):
        return None


def _authorities(reading: Reading, pace: PaceOpening | None) -> tuple[str, ...]:
    """Return the authorities the chip trusts: as PACE named them, else those of EF.CVCA.

    A chip that answers with any status word instead names none: it may not cost the reading.
    """
    named = () if pace is None else pace.result.certification_authorities
    if named:
        return named
    try:
        return parse_cvca_file(reading.read(CVCA) or b"")
    except (MalformedData, ProtocolError):
        return ()


def _as_facts(finding: Finding) -> TerminalFacts:
    detail = {name: str(finding.detail.get(name, "")) for name in ("rule", "step", "sw")}
    reason = None if finding.reason is None else finding.reason.value
    return TerminalFacts(outcome=finding.outcome.value, reason=reason, **detail)


NOT_RUN = _as_facts(undetermined(Reason.NOT_RUN))
"""Where a session ended before the terminal's turn came."""


def as_finding(facts: TerminalFacts) -> Finding:
    """Return the finding that ``facts`` were made of."""
    named = {"rule": facts.rule, "step": facts.step, "sw": facts.sw}
    detail = {name: value for name, value in named.items() if value}
    reason = None if facts.reason is None else Reason(facts.reason)
    return Finding(Outcome(facts.outcome), reason, detail)


def challenge_chip(
    reading: Reading, rng: Rng, binding: str | None
) -> ActiveAuthenticationFacts | None:
    """Read DG15 and have the chip sign a challenge that ``binding`` is hashed into."""
    raw = reading.read(data_group(15))
    if raw is None:
        return None
    try:
        key = dg15.parse(raw).key
    except (MalformedData, UnsupportedData):
        return None
    randomness = rng(RANDOMNESS_LENGTH)
    bound = b"" if binding is None else sha256(binding.encode("utf-8", "surrogateescape")).digest()
    challenge = derive_challenge(randomness, bound)
    try:
        answer = active_authentication.internal_authenticate(
            reading.session, challenge, key, reading.short_length
        )
        sw, signature = answer.sw, answer.data
    except SecureMessagingError as exc:
        # A link that cannot carry the answer refuses it in clear; anything else is an attack
        # or a fault, and ends the reading.
        if exc.reason != "plain_response" or not is_length_limit(exc.sw):
            raise
        sw, signature = exc.sw, b""
    return ActiveAuthenticationFacts(
        randomness=randomness, binding=bound, sw=sw, signature=signature
    )
