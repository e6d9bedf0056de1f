"""A condition on the nodes of a kind enters; a SPARQL expression leaves, for stores without an index.

Every term of a client goes through pyoxigraph's own writer; nothing is pasted in by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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


def expression(condition: Condition, kind: Kind, node: str, names: Names) -> str:
    """Return a boolean expression on the variable ``node``, which is bound to a node of the kind."""
    match condition:
        case All(parts):
            return f"({' && '.join(expression(part, kind, node, names) for part in parts)})" if parts else "true"
        case AnyOf(parts):
            return f"({' || '.join(expression(part, kind, node, names) for part in parts)})" if parts else "false"
        case Not(part):
            return f"(!{expression(part, kind, node, names)})"
        case Ids(iris):
            return f"({node} IN ({listed(iris)}))"
        case OneOf(name, values):
            terms = ", ".join(term(kind.columns[name], value) for value in values)
            return _exists(kind.columns[name].pattern, node, names, f"FILTER({{value}} IN ({terms}))")
        case Range(name, low, high):
            bounds = [
                f"{{value}} {sign} {literal(bound)}" for sign, bound in ((">=", low), ("<=", high)) if bound is not None
            ]
            return _exists(
                kind.columns[name].pattern, node, names, f"FILTER({' && '.join(['BOUND({value})', *bounds])})"
            )
        case Overlap(name, first, last, exactly):
            a, b = names.variable(), names.variable()
            tests = ""
            if exactly and first is not None and last is not None:
                tests = f"FILTER({a} = {literal(first)} && {b} = {literal(last)})"
            else:
                if last is not None:
                    tests += f" FILTER(!BOUND({a}) || {a} <= {literal(last)})"
                if first is not None:
                    tests += f" FILTER(!BOUND({b}) || {b} >= {literal(first)})"
            return f"EXISTS {{ {names.rename(kind.spans[name], node=node, first=a, last=b)} {tests} }}"
        case Contains(name, part):
            test = f"FILTER(CONTAINS(LCASE(STR({{value}})), {literal(part.lower())}))"
            return _exists(kind.texts[name], node, names, test)
        case Search(wanted):
            if not wanted or kind.searched is None:
                return "false"
            found = []
            for word in wanted:
                expressed = literal(rf"(^|[^\p{{L}}\p{{N}}]){word.lower()}($|[^\p{{L}}\p{{N}}])")
                found.append(_exists(kind.searched, node, names, f"FILTER(REGEX(LCASE(STR({{value}})), {expressed}))"))
            return f"({' && '.join(found)})"
        case Related(name, iris, inner):
            target = names.variable()
            relation = kind.relations[name]
            pattern = names.rename(relation.pattern, node=node, target=target)
            tests = f" FILTER({target} IN ({listed(iris)}))" if iris is not None else ""
            if inner is not None:
                other = KINDS[relation.target]
                # In a group of its own: a pattern that binds its node by BIND must not find it bound.
                kin = names.rename(other.pattern, node=target)
                tests += f" {{ {kin} }} FILTER({expression(inner, other, target, names)})"
            return f"EXISTS {{ {pattern}{tests} }}"


def _exists(pattern: str, node: str, names: Names, test: str) -> str:
    value = names.variable()
    return f"EXISTS {{ {names.rename(pattern, node=node, value=value)} {test.replace('{value}', value)} }}"


def listed(iris: tuple[str, ...]) -> str:
    return ", ".join(str(NamedNode(iri)) for iri in iris)


def term(column: Column, value: Scalar) -> str:
    """Return the term that a column's value stands for."""
    if column.scheme == "class":
        return str(NamedNode(f"{NAMESPACE}{value}"))
    return str(concept(column.scheme, str(value))) if column.scheme else str(literal(value))
