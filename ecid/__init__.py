"""Reads the chip of an identity card and returns identity data that is verified, with reasons.

    import ecid

    card = ecid.emulator.card("vn-cccd-2021")
    trust = ecid.TrustStore.of(card.issued.csca)
    secret = ecid.AccessSecret.from_can(card.issued.secrets.can)
    report = ecid.read(secret, card=card, trust=trust)
    report.verdict, report.identity.full_name

The names below are loaded when they are first asked for: ``import ecid`` alone loads no
cryptography.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecid import emulator as emulator
    from ecid.api import read as read
    from ecid.api import verify as verify
    from ecid.errors import AccessDenied as AccessDenied
    from ecid.errors import CardRemoved as CardRemoved
    from ecid.errors import ChipError as ChipError
    from ecid.errors import EcidError as EcidError
    from ecid.errors import EvidenceError as EvidenceError
    from ecid.errors import MalformedData as MalformedData
    from ecid.errors import Misuse as Misuse
    from ecid.errors import NotVerified as NotVerified
    from ecid.errors import OutputError as OutputError
    from ecid.errors import ReaderError as ReaderError
    from ecid.errors import StoreError as StoreError
    from ecid.errors import UnsupportedData as UnsupportedData
    from ecid.inspection.checks import Check as Check
    from ecid.inspection.checks import Verdict as Verdict
    from ecid.inspection.checks import Weight as Weight
    from ecid.inspection.collect import Progress as Progress
    from ecid.inspection.evidence import Evidence as Evidence
    from ecid.inspection.evidence import Origin as Origin
    from ecid.inspection.identity import Identity as Identity
    from ecid.inspection.policy import Policy as Policy
    from ecid.inspection.report import Report as Report
    from ecid.outcome import Outcome as Outcome
    from ecid.outcome import Reason as Reason
    from ecid.protocols.terminal_credential import TerminalCredential as TerminalCredential
    from ecid.secret import AccessSecret as AccessSecret
    from ecid.trust.store import TrustStore as TrustStore

__version__ = "0.1.0"

#: Every public name and the module that it lives in; PEP 562 loads it on first use.
_HOME = {
    "AccessDenied": "ecid.errors",
    "AccessSecret": "ecid.secret",
    "CardRemoved": "ecid.errors",
    "Check": "ecid.inspection.checks",
    "ChipError": "ecid.errors",
    "EcidError": "ecid.errors",
    "Evidence": "ecid.inspection.evidence",
    "EvidenceError": "ecid.errors",
    "Identity": "ecid.inspection.identity",
    "MalformedData": "ecid.errors",
    "Misuse": "ecid.errors",
    "NotVerified": "ecid.errors",
    "Origin": "ecid.inspection.evidence",
    "Outcome": "ecid.outcome",
    "OutputError": "ecid.errors",
    "Policy": "ecid.inspection.policy",
    "Progress": "ecid.inspection.collect",
    "ReaderError": "ecid.errors",
    "Reason": "ecid.outcome",
    "Report": "ecid.inspection.report",
    "StoreError": "ecid.errors",
    "TerminalCredential": "ecid.protocols.terminal_credential",
    "TrustStore": "ecid.trust.store",
    "UnsupportedData": "ecid.errors",
    "Verdict": "ecid.inspection.checks",
    "Weight": "ecid.inspection.checks",
    "read": "ecid.api",
    "verify": "ecid.api",
}
_MODULES = ("emulator",)

__all__ = [
    "AccessDenied",
    "AccessSecret",
    "CardRemoved",
    "Check",
    "ChipError",
    "EcidError",
    "Evidence",
    "EvidenceError",
    "Identity",
    "MalformedData",
    "Misuse",
    "NotVerified",
    "Origin",
    "Outcome",
    "OutputError",
    "Policy",
    "Progress",
    "ReaderError",
    "Reason",
    "Report",
    "StoreError",
    "TerminalCredential",
    "TrustStore",
    "UnsupportedData",
    "Verdict",
    "Weight",
    "__version__",
    "emulator",
    "read",
    "verify",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    elif name in _MODULES:
        value = import_module(f"ecid.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
