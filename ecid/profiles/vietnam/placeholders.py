"""What may stand in a Word template: placeholders, conditions, and a few filters; no programs.

Without loops and without arithmetic a document is never longer than its template and the values
in it, and filling it takes as long as reading it. jinja2's sandbox alone bounds neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
)
_FILTERS = frozenset({"capitalize", "default", "lower", "title", "trim", "upper"})
_NUMBER = re.compile(r"\.[1-9][0-9]?(?=\.)", re.ASCII)
_LONGEST = 60


class UnknownPlaceholder(Exception):
    """The template has the placeholder ``name``, and the form has no such field."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Placeholders(ImmutableSandboxedEnvironment):
    """An environment that refuses templates with anything else in them.

    ``known`` are the placeholders that there are, ``#`` for any number: ``member.#.full_name``.
    """

    def __init__(self, known: frozenset[str], **options: Any) -> None:
        super().__init__(**options)
        self._known = known

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Any:
        """Compile ``source``.

        Raises ``TemplateSyntaxError`` for what is not allowed here, ``UnknownPlaceholder`` for
        a placeholder that is none of the form's.
        """
        tree = self.parse(source)
        for node in _all_nodes(tree):
            refused = not isinstance(node, _ALLOWED)
            if refused or (isinstance(node, nodes.Filter) and node.name not in _FILTERS):
                raise TemplateSyntaxError("not a placeholder", node.lineno)
        for name in _names(tree):
            if _NUMBER.sub(".#", name) not in self._known:
                raise UnknownPlaceholder(name[:_LONGEST])
        return super().from_string(source, *args, **kwargs)


def _names(node: nodes.Node) -> Iterator[str]:
    """Yield every placeholder under ``node`` as it is written: ``mother.full_name``."""
    if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
        yield _name(node)
        return
    for child in node.iter_child_nodes():
        yield from _names(child)


def _name(node: nodes.Node) -> str:
    """Return the name that ``node`` is; what is reached by computing has none."""
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Getattr):
        return f"{_name(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_name(node.node)}.{node.arg.value}"
    raise TemplateSyntaxError("not a placeholder", node.lineno)


def _all_nodes(root: nodes.Node) -> list[nodes.Node]:
    found = [root]
    for node in found:
        found.extend(node.iter_child_nodes())
    return found
