"""A condition on the nodes of a kind enters; SPARQL that keeps those that meet it leaves, for stores without an index.

Every term of a client goes through pyoxigraph's own writer; nothing is pasted in by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from kg.graph import literal
from kg.store.index.conditions import (
    All,
    AnyOf,
    Condition,
    Contains,
    Ids,
    Not,
    OneOf,
    Overlap,
    Range,
    Related,
    Scalar,
    Search,
)
from kg.store.index.definitions import KINDS, Column, Kind
from kg.vocab import NAMESPACE, concept

_VARIABLE = re.compile(r"\?(\w+)")


@dataclass(slots=True)
class Names:
    """Gives the variables of each pattern names of their own."""

    _number: int = 0

    def rename(self, pattern: str, **kept: str) -> str:
        """Return a pattern with the variables in ``kept`` under those names, and all others under new ones."""
        self._number += 1
        number = self._number

        def name(match: re.Match[str]) -> str:
            return kept.get(match.group(1)) or f"?{match.group(1)}_{number}"

        return _VARIABLE.sub(name, pattern)

    def variable(self) -> str:
        self._number += 1
        return f"?x{self._number}"


@dataclass(slots=True)
class Tests:
    """The patterns that a condition needs: each finds, once for all nodes, those that meet a part of it.

    An EXISTS would be evaluated anew for every node; an OPTIONAL sub-query is joined once.
    """

    kind: Kind
    node: str
    names: Names
    found: list[str] = field(default_factory=list)

    def expression(self, condition: Condition) -> str:
        """Return a boolean expression over the variables that the patterns bind."""
        kind, names = self.kind, self.names
        match condition:
            case All(parts):
                return f"({' && '.join(map(self.expression, parts))})" if parts else "true"
            case AnyOf(parts):
                return f"({' || '.join(map(self.expression, parts))})" if parts else "false"
            case Not(part):
                return f"(!{self.expression(part)})"
            case Ids(iris):
                return f"({self.node} IN ({listed(iris)}))"
            case OneOf(name, values):
                column = kind.columns[name]
                if column.scheme == "flag":
                    found = self._meets(column.pattern, "")
                    return (
                        f"({' || '.join(found if value else f'(!{found})' for value in values)})" if values else "false"
                    )
                terms = ", ".join(term(column, value) for value in values)
                return self._meets(column.pattern, f"FILTER({{value}} IN ({terms}))")
            case Range(name, low, high):
                bounds = [
                    f"{{value}} {sign} {literal(bound)}"
                    for sign, bound in ((">=", low), ("<=", high))
                    if bound is not None
                ]
                test = f"FILTER({' && '.join(['BOUND({value})', *bounds])})"
                return self._meets(kind.columns[name].pattern, test)
            case Overlap():
                return self._overlap(condition)
            case Contains(name, part):
                test = f"FILTER(CONTAINS(LCASE(STR({{value}})), {literal(part.lower())}))"
                return self._meets(kind.texts[name], test)
            case Search(wanted):
                if not wanted or kind.searched is None:
                    return "false"
                every = []
                for word in wanted:
                    expressed = literal(rf"(^|[^\p{{L}}\p{{N}}]){word.lower()}($|[^\p{{L}}\p{{N}}])")
                    every.append(self._meets(kind.searched, f"FILTER(REGEX(LCASE(STR({{value}})), {expressed}))"))
                return f"({' && '.join(every)})"
            case Related(name, iris, inner):
                target = names.variable()
                relation = kind.relations[name]
                tests = f" FILTER({target} IN ({listed(iris)}))" if iris is not None else ""
                if inner is not None:
                    # In a group of its own: a pattern that binds its node by BIND must not find it bound.
                    other = KINDS[relation.target]
                    tests += f" {{ {names.rename(other.pattern, node=target)} }} {where(inner, other, target, names)}"
                return self._keep(f"{names.rename(relation.pattern, node=self.node, target=target)}{tests}")

    def _overlap(self, wanted: Overlap) -> str:
        a, b = self.names.variable(), self.names.variable()
        tests = ""
        if wanted.exactly and wanted.first is not None and wanted.last is not None:
            tests = f"FILTER({a} = {literal(wanted.first)} && {b} = {literal(wanted.last)})"
        else:
            if wanted.last is not None:
                tests += f" FILTER(!BOUND({a}) || {a} <= {literal(wanted.last)})"
            if wanted.first is not None:
                tests += f" FILTER(!BOUND({b}) || {b} >= {literal(wanted.first)})"
        return self._keep(f"{self.names.rename(self.kind.spans[wanted.span], node=self.node, first=a, last=b)} {tests}")

    def _meets(self, pattern: str, test: str) -> str:
        value = self.names.variable()
        renamed = self.names.rename(pattern, node=self.node, value=value)
        return self._keep(f"{renamed} {test.replace('{value}', value)}")

    def _keep(self, pattern: str) -> str:
        flag = self.names.variable()
        self.found.append(f"OPTIONAL {{ SELECT DISTINCT {self.node} (true AS {flag}) {{ {pattern} }} }}")
        return f"BOUND({flag})"


def where(condition: Condition, kind: Kind, node: str, names: Names) -> str:
    """Return patterns that keep, of the nodes bound to ``node``, those that meet the condition."""
    tests = Tests(kind, node, names)
    expression = tests.expression(condition)
    return f"{' '.join(tests.found)} FILTER({expression})"


def listed(iris: tuple[str, ...]) -> str:
    return ", ".join(str(NamedNode(iri)) for iri in iris)


def term(column: Column, value: Scalar) -> str:
    """Return the term that a column's value stands for."""
    if column.scheme == "class":
        return str(NamedNode(f"{NAMESPACE}{value}"))
    return str(concept(column.scheme, str(value))) if column.scheme else str(literal(value))
