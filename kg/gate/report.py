"""What the gate answers: a Report of Violations, frozen, in terms of pyoxigraph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pyoxigraph import BlankNode, NamedNode, Triple
from pyoxigraph import Literal as RdfLiteral

from kg.vocab import NAMESPACE, SCHEMES

Term: TypeAlias = NamedNode | BlankNode | RdfLiteral | Triple
Severity = Literal["violation", "warning", "info"]

_RANK: dict[Severity, int] = {"violation": 0, "warning": 1, "info": 2}
_VERB: dict[Severity, str] = {"violation": "refused", "warning": "warning", "info": "info"}
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that breaks one shape.

    ``path`` is the property, None when the shape speaks of the whole node or of a longer path; ``value`` is the
    offending value, None when one is missing.
    """

    focus_node: Term
    shape: NamedNode
    path: NamedNode | None
    value: Term | None
    message: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Report:
    """The violations of one graph: the gravest first, then by focus node and shape. Warnings and infos conform."""

    conforms: bool
    violations: tuple[Violation, ...] = ()

    @classmethod
    def of(cls, violations: Iterable[Violation]) -> Report:
        ordered = sorted(set(violations), key=_order)
        return cls(not any(one.severity == "violation" for one in ordered), tuple(ordered))

    def describe(self, name: str = "", *, limit: int = 10) -> str:
        """Say what was refused and why, in at most ``limit`` entries of two lines; "" when there is nothing to say.

        The words are the shapes' own: ``a1.txt refused: A statement has one mode …``; without a ``name`` for the graph
        just ``A statement has one mode …``. A refused graph keeps its warnings to itself: they would hide the reason.
        """
        told = [one for one in self.violations if one.severity == "violation"] or list(self.violations)
        lines = [line for one in told[:limit] for line in _entry(name, one)]
        if len(told) > limit:
            lines.append(f"{name and f'{name}: '}{len(told) - limit} more of this kind")
        return "\n".join(lines)


def _order(one: Violation) -> tuple[int, str, str, str]:
    return _RANK[one.severity], str(one.focus_node), one.shape.value, str(one.value)


def _entry(name: str, one: Violation) -> tuple[str, str]:
    value = "none" if one.value is None else _short(one.value)
    return (
        f"{name and f'{name} {_VERB[one.severity]}: '}{one.message}",
        f"  focus node {_short(one.focus_node)}   shape {_short(one.shape)}   value {value}",
    )


def _short(term: Term) -> str:
    """Write a term as people read it: kg: and kgs: for our namespaces, "…" for an edition's IRI."""
    if isinstance(term, NamedNode):
        for prefix, namespace in (("kg:", NAMESPACE), ("kgs:", SCHEMES)):
            if term.value.startswith(namespace):
                return prefix + term.value.removeprefix(namespace)
        _, sharp, fragment = term.value.partition("#")
        return f"<…#{fragment}>" if sharp else str(term)
    words = str(term)
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
