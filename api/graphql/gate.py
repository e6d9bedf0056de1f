"""A GraphQL document from a stranger enters; its measure, or a refusal before anything is executed, leaves.

The limiters that strawberry ships walk a fragment anew at each spread, so a chain of fragments that spread the next
one twice (0.7 kB) costs them seconds. Here each fragment is walked once. Everything is measured before anything is
coerced, validated or executed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)

from api.graphql.scalars import LARGEST
from api.graphql.weights import Weights
from api.limits import Limits

DEEPEST_INTROSPECTION = 20
# Python refuses to read them, with an error that is not GraphQL's.
_LONG_NUMBER = re.compile(r"\d{301}")


@dataclass(frozen=True, slots=True)
class Measure:
    """What a document asks for: fields with their list sizes multiplied, levels, the names of all its fields, and those
    of its operations ("" for one without a name)."""

    cost: int
    depth: int
    names: frozenset[str]
    operations: tuple[str, ...]


def refusal(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"})


def check_text(text: str, limits: Limits) -> None:
    """Refuse a text that is too long to be parsed; cheap, and done for every request."""
    if len(text) > limits.body:
        raise refusal(f"The document has {len(text):,} characters; at most {limits.body:,} are read")
    if _LONG_NUMBER.search(text):
        raise refusal("The document holds a number of more than 300 digits")


def parsed(text: str, limits: Limits) -> DocumentNode:
    """Parse a document; GraphQLError when it is none or has too many tokens."""
    try:
        return parse(text, max_tokens=limits.tokens)
    except RecursionError:
        raise refusal("The document is nested too deeply; ask in parts") from None


@dataclass(slots=True)
class Shape:
    """A document's own measures; the cost of it depends on the variables that stand for page sizes as well."""

    document: DocumentNode
    weights: Weights
    depth: int = 0
    names: frozenset[str] = frozenset()
    operations: tuple[str, ...] = ()
    visited: int = 0
    _sizing: tuple[str, ...] = ()
    _costs: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def measure(self, variables: Mapping[str, Any], limits: Limits) -> Measure:
        """Return the measure of the most expensive operation; GraphQLError when it is more than the limits allow."""
        given = tuple(_whole(variables.get(name)) for name in self._sizing)
        cost = self._costs.get(given)
        if cost is None:
            walk = Walk(self.document, self.weights, variables)
            cost = walk.cost
            if len(self._costs) < 100:
                self._costs[given] = cost
        if cost > limits.cost:
            raise refusal(
                f"The document may ask for {cost:,} fields; at most {limits.cost:,} are answered. "
                "Take smaller pages (first), or ask in parts"
            )
        return Measure(cost, self.depth, self.names, self.operations)


def _whole(value: object) -> object:
    """Return what of a variable the cost depends on: a number, or how many there are."""
    return len(value) if isinstance(value, list) else value if isinstance(value, int | str) else None


def shape_of(document: DocumentNode, weights: Weights, limits: Limits) -> Shape:
    """Measure what does not depend on variables; GraphQLError when the document has too many fields of one sort.

    Linear in the document. Nothing of it is validated yet: names that do not exist are for the validation to report.
    """
    try:
        walk = Walk(document, weights, {})
    except RecursionError:
        raise refusal("The document is nested too deeply; ask in parts") from None
    for name, found in walk.counts.items():
        if found > (most := getattr(limits, name)):
            raise refusal(f"The document has {found:,} {name.replace('_', ' ')}; at most {most:,} are answered")
    if walk.depth > limits.depth:
        raise refusal(f"The document is {walk.depth} levels deep; at most {limits.depth} are answered")
    called = tuple(operation.name.value if operation.name else "" for operation in walk.operations)
    return Shape(document, weights, walk.depth, frozenset(walk.names), called, walk.visited, tuple(walk.sizing))


class Walk:
    """One walk over a document: each fragment once, however often it is spread."""

    def __init__(self, document: DocumentNode, weights: Weights, variables: Mapping[str, Any]) -> None:
        self.weights = weights
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self.names: set[str] = set()
        self.counts = {"fields": 0, "aliases": 0, "directives": 0, "filter_nodes": 0, "list_items": 0}
        self.sizing: dict[str, None] = {}
        self.visited = 0
        self._memo: dict[str, tuple[int, int]] = {}
        self._given: dict[str, Any] = dict(variables)
        for operation in self.operations:
            for definition in operation.variable_definitions or ():
                name = definition.variable.name.value
                if definition.default_value is not None:
                    self._value(definition.default_value)
                if name not in self._given and isinstance(definition.default_value, IntValueNode):
                    self._given[name] = definition.default_value.value
        measured = [self._walk(operation.selection_set, frozenset()) for operation in self.operations]
        self.cost = max((cost for cost, _ in measured), default=0)
        self.depth = max((depth for _, depth in measured), default=0)

    def _times(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            value = argument.value
            if argument.name.value in ("first", "ids") and isinstance(value, VariableNode):
                self.sizing[value.name.value] = None
            if argument.name.value == "first":
                wanted = (
                    self._given.get(value.name.value) if isinstance(value, VariableNode) else getattr(value, "value", 0)
                )
                digits = str(wanted)
                # What is no number is for the validation; a number of 5,000 digits is not even converted.
                return min(LARGEST, int(digits)) if digits.isdecimal() and len(digits) < 10 else LARGEST
            if argument.name.value == "ids":
                wanted = self._given.get(value.name.value) if isinstance(value, VariableNode) else None
                listed = value.values if isinstance(value, ListValueNode) else wanted
                return len(listed) if isinstance(listed, list | tuple) else 1
        return self.weights.sizes.get(node.name.value, 1)

    def _value(self, value: Any) -> None:
        if isinstance(value, ListValueNode):
            self.counts["list_items"] = max(self.counts["list_items"], len(value.values))
            for one in value.values:
                self._value(one)
        elif isinstance(value, ObjectValueNode):
            self.counts["filter_nodes"] += 1
            for named in value.fields:
                self._value(named.value)

    def _count(self, node: FieldNode | InlineFragmentNode | FragmentSpreadNode) -> None:
        self.visited += 1
        self.counts["directives"] += len(node.directives or ())
        if isinstance(node, FieldNode):
            self.counts["fields"] += 1
            self.counts["aliases"] += node.alias is not None
            self.names.add(node.name.value)
            for argument in node.arguments or ():
                self._value(argument.value)

    def _walk(self, selections: SelectionSetNode, open_fragments: frozenset[str]) -> tuple[int, int]:
        cost = depth = 0
        if not selections.selections:
            # graphql-core takes "{ }", which the specification does not.
            raise GraphQLError("A selection is empty: name the fields between { and }", selections)
        for node in selections.selections:
            c = d = 0
            if isinstance(node, FieldNode):
                self._count(node)
                if node.selection_set:
                    c, d = self._walk(node.selection_set, open_fragments)
                name = node.name.value
                if name.startswith("__"):
                    if d > DEEPEST_INTROSPECTION:
                        raise refusal(f"Introspection may be {DEEPEST_INTROSPECTION} levels deep")
                    c, d = c + 1, 1
                else:
                    c, d = self.weights.costs.get(name, 1) + c * self._times(node), d + 1
            elif isinstance(node, InlineFragmentNode):
                self._count(node)
                c, d = self._walk(node.selection_set, open_fragments)
            elif isinstance(node, FragmentSpreadNode):
                self._count(node)
                name = node.name.value
                # Unknown fragments and circles are for the validation to report.
                if name in self.fragments and name not in open_fragments:
                    if name not in self._memo:
                        self._memo[name] = self._walk(self.fragments[name].selection_set, open_fragments | {name})
                    c, d = self._memo[name]
            cost, depth = cost + c, max(depth, d)
        return cost, depth


def check_variables(variables: object, limits: Limits) -> None:
    """Refuse variables that are nested too deeply, or hold too many objects or too long lists. Walks with a list, not
    with the stack."""
    level: list[object] = [variables]
    objects = -1  # the variables themselves are no part of a filter
    for _ in range(limits.variables_depth + 1):
        below: list[object] = []
        for value in level:
            if isinstance(value, dict):
                objects += 1
                below += value.values()
            elif isinstance(value, list):
                if len(value) > limits.list_items:
                    raise refusal(f"A list has {len(value):,} values; at most {limits.list_items:,} are read")
                below += value
        if objects > limits.filter_nodes:
            raise refusal(f"The variables hold more than {limits.filter_nodes:,} filters; ask in parts")
        if not below:
            return
        level = below
    raise refusal(f"The variables are nested more than {limits.variables_depth} levels deep")
