"""Which sentences the code asks for, found in its source."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ecid
from ecid import errors
from ecid.errors import EcidError

ROOT = Path(ecid.__file__).parent

#: The classes of errors by name.
KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, EcidError)
}


@dataclass(frozen=True)
class Raised:
    """One place that makes an error: its code and the fields that it gives."""

    place: str
    code: str
    fields: frozenset[str]


def sources(*left_out: str) -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module of the package but those under folders ``left_out``."""
    for path in sorted(ROOT.rglob("*.py")):
        if path.relative_to(ROOT).parts[0] not in left_out:
            yield path, ast.parse(path.read_text("utf-8"))


def raised(*left_out: str) -> list[Raised]:
    """Return every error that the code makes, by call or by bare ``raise``."""
    found: list[Raised] = []
    for path, tree in sources(*left_out):
        for node in ast.walk(tree):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in KINDS:
                    found.append(_made(place, KINDS[node.func.id], node))
            elif isinstance(node, ast.Raise) and getattr(node.exc, "id", None) in KINDS:
                kind = KINDS[ast.unparse(node.exc)] if node.exc else EcidError
                found.append(Raised(place, kind.default_code, frozenset()))
    return found


def _made(place: str, kind: type[EcidError], call: ast.Call) -> Raised:
    own = {
        "ProtocolError": {"step", "sw"},
        "SecureMessagingError": {"reason"},
        "LimitExceeded": {"what"},
        "MalformedData": {"where", "rule", "at"},
        "UnsupportedData": {"where", "what"},
    }
    fixed: set[str] = set()
    for base in kind.__mro__:
        fixed |= own.get(base.__name__, set())
    at = 2 if "step" in fixed else 0
    given = [arg.value for arg in call.args[at:] if isinstance(arg, ast.Constant)]
    has_code = not fixed or "step" in fixed
    code = str(given[0]) if has_code and given else kind.default_code
    named = {keyword.arg for keyword in call.keywords if keyword.arg}
    return Raised(place, code, frozenset(named | fixed))


def strings() -> set[str]:
    """Return every string constant of the package, the fixed parts of f-strings included."""
    return {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def placeholders(sentence: str) -> set[str]:
    """Return the names of the holes in ``sentence``."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
