"""Which deviations are granted to which issuer: data, versioned, with a digest.

A deviation is always named in the report. Granted, it changes nothing else; not granted, the
check that met it is undetermined (``not_tolerated``), never successful.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from types import MappingProxyType

from ecid.errors import Misuse
from ecid.outcome import SUCCESS, Deviation, Finding, Outcome, Reason, undetermined

EVERYBODY = "*"

#: Open findings that turn into success where the issuer is granted the deviation of that name.
_SETTLED = (Reason.WEAK_HASH, Reason.DIGEST_INFO_WITHOUT_NULL)


@dataclass(frozen=True)
class Tolerances:
    """A table: for each deviation, the countries it is granted to, or ``EVERYBODY``."""

    name: str
    version: int
    granted: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, name: str) -> Tolerances:
        """Return the shipped table ``name``: ``none``, ``field`` or ``lenient``, or ``Misuse``."""
        if name == "none":
            return NOTHING
        if name not in ("field", "lenient"):
            raise Misuse("policy_malformed")
        return _shipped(name)

    @classmethod
    def from_toml(cls, name: str, source: str) -> Tolerances:
        """Return the table ``name`` out of ``source``: its own entries and those of every table.

        Raises ``Misuse`` if it is not complete.
        """
        try:
            table = tomllib.loads(source)
            entries = {
                str(each["deviation"]): frozenset(map(str, each["issuers"]))
                for each in table["tolerance"]
                if each.get("table", name) == name
            }
            version = int(table["version"])
        except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError, AttributeError) as exc:
            raise Misuse("policy_malformed") from exc
        return cls(name, version, MappingProxyType(entries))

    @cached_property
    def digest(self) -> str:
        """The hex SHA-256 over name, version and all entries."""
        entries = sorted((code, sorted(issuers)) for code, issuers in self.granted.items())
        return sha256(json.dumps([self.name, self.version, entries]).encode()).hexdigest()

    def grants(self, code: str, issuer: str | None) -> bool:
        """Whether the deviation ``code`` is granted to the country ``issuer`` (alpha-2, upper)."""
        issuers = self.granted.get(code, frozenset())
        return EVERYBODY in issuers or (issuer is not None and issuer in issuers)

    def settle(
        self, finding: Finding, deviations: Iterable[Deviation], issuer: str | None, where: str
    ) -> tuple[Finding, tuple[Deviation, ...]]:
        """Return the finding in the light of what ``issuer`` is granted, and every deviation.

        A success that leaned on something not granted is undetermined. A finding about ``where``
        that is open for a reason the issuer is granted (``weak_hash``, say) becomes a success
        with that deviation.
        """
        found = tuple(deviations)
        if finding.outcome is Outcome.UNDETERMINED and finding.reason in _SETTLED:
            code = str(finding.reason.value)
            if not self.grants(code, issuer):
                return finding, found
            finding, found = SUCCESS, (*found, Deviation(code, where))
        refused = sorted({each.code for each in found if not self.grants(each.code, issuer)})
        if finding.ok and refused:
            return undetermined(Reason.NOT_TOLERATED, deviation=", ".join(refused)), found
        return finding, found


NOTHING = Tolerances("none", 1, MappingProxyType({}))
"""The table of a policy that grants nobody anything."""


@cache
def _shipped(name: str) -> Tolerances:
    source = resources.files("ecid.trust").joinpath("tolerances.toml").read_text("utf-8")
    return Tolerances.from_toml(name, source)
