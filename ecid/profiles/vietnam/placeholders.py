"""What may stand in a Word template: placeholders, conditions, and a few filters; no programs.

Without loops and without arithmetic a document is never longer than its template and the values
in it, and filling it takes as long as reading it. jinja2's sandbox alone bounds neither.
"""

from __future__ import annotations

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


class Placeholders(ImmutableSandboxedEnvironment):
    """An environment that refuses templates with anything else in them."""

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Any:
        """Compile ``source``. Raises ``TemplateSyntaxError`` for what is not allowed here."""
        for node in _all_nodes(self.parse(source)):
            refused = not isinstance(node, _ALLOWED)
            if refused or (isinstance(node, nodes.Filter) and node.name not in _FILTERS):
                raise TemplateSyntaxError("not a placeholder", node.lineno)
        return super().from_string(source, *args, **kwargs)


def _all_nodes(root: nodes.Node) -> list[nodes.Node]:
    found = [root]
    for node in found:
        found.extend(node.iter_child_nodes())
    return found
