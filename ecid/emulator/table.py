"""A TOML table that is read key by key, so that what nobody asked for is found in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from ecid.errors import MalformedData

_T = TypeVar("_T")


def malformed(rule: str) -> MalformedData:
    """Return the error of a card definition that breaks ``rule``."""
    return MalformedData("definition", rule)


class Table:
    """One table; every method takes a key away and raises ``MalformedData`` with it as the rule.

    A key without a default has to be there.
    """

    def __init__(self, content: Mapping[str, object]) -> None:
        self._left = dict(content)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def text(self, key: str, *, default: str | None = None) -> str:
        """Return a string."""
        return self._typed(key, str, default)

    def number(self, key: str, *, default: int | None = None) -> int:
        """Return an integer that is not negative."""
        found = self._typed(key, int, default)
        if isinstance(found, bool) or found < 0:
            raise malformed(key)
        return found

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """Return true or false."""
        return self._typed(key, bool, default)

    def choice(self, key: str, known: Iterable[str], *, default: str | None = None) -> str:
        """Return one of the texts in ``known``."""
        found = self.text(key, default=default)
        if found not in known:
            raise malformed(key)
        return found

    def texts(self, key: str, *, default: list[str] | None = None) -> list[str]:
        """Return a list of strings."""
        found = self._typed(key, list, default)
        if not all(isinstance(each, str) for each in found):
            raise malformed(key)
        return found

    def raw(self, key: str) -> dict[str, object]:
        """Return a table as it stands; an empty one where there is none."""
        return self._typed(key, dict, {})

    def table(self, key: str) -> Table | None:
        """Return a table, None where there is none."""
        return Table(self._typed(key, dict, None)) if key in self._left else None

    def tables(self, key: str) -> list[Table]:
        """Return an array of tables, which may be absent."""
        found = self._typed(key, list, [])
        if not all(isinstance(each, dict) for each in found):
            raise malformed(key)
        return [Table(each) for each in found]

    def finish(self) -> None:
        """Raise if a key is left that nobody has asked for; the rule is ``unknown_key``."""
        if self._left:
            raise malformed("unknown_key")

    def _typed(self, key: str, kind: type[_T], default: _T | None) -> _T:
        found = self._left.pop(key, default)
        if not isinstance(found, kind):
            raise malformed(key)
        return found
