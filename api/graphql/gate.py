"""A GraphQL document from a stranger enters; its measure, or a refusal before anything is executed, leaves.

The limiters that strawberry ships walk a fragment anew at each spread, so a chain of fragments that spread the next
one twice (0.7 kB) costs them seconds. Here each fragment is walked once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    is_interface_type,
    is_object_type,
    parse,
)

from api.graphql.scalars import LARGEST
from api.limits import Limits

#: Nodes expected of a list that has no page size: the links of a chain, the spans of a content.
LIST = 3
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


def read(text: str, variables: Mapping[str, Any], schema: GraphQLSchema, limits: Limits) -> Measure:
    """Parse and measure a document; GraphQLError when it is none or is more than the limits allow.

    Linear in the document. Nothing of it is validated yet: names that do not exist are for the validation to report.
    """
    check_variables(variables, limits)
    if _LONG_NUMBER.search(text):
        raise refusal("The document holds a number of more than 300 digits")
    try:
        document = parse(text, max_tokens=limits.tokens)
        measure = measure_document(document, variables, sizes(schema), limits)
    except RecursionError:
        raise refusal("The document is nested too deeply; ask in parts") from None
    if measure.depth > limits.depth:
        raise refusal(f"The document is {measure.depth} levels deep; at most {limits.depth} are answered")
    if measure.cost > limits.cost:
        raise refusal(
            f"The document may ask for {measure.cost:,} fields; at most {limits.cost:,} are answered. "
            "Take smaller pages (first), or ask in parts"
        )
    return measure


@cache
def sizes(schema: GraphQLSchema) -> Mapping[str, int]:
    """Return how many nodes a field stands for by its name: the default page of a connection, or LIST for a list."""
    found: dict[str, int] = {}
    for kind in schema.type_map.values():
        if not (is_object_type(kind) or is_interface_type(kind)) or kind.name.startswith("__"):
            continue
        for name, field in kind.fields.items():
            shape = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
            if "first" in field.args:
                found[name] = int(field.args["first"].default_value)
            elif isinstance(shape, GraphQLList) and not kind.name.endswith("Connection"):
                found[name] = max(found.get(name, 0), LIST)
    # A connection's own lists hold the page that was counted above them.
    return {name: size for name, size in found.items() if name not in ("nodes", "edges")}


def measure_document(
    document: DocumentNode, variables: Mapping[str, Any], sizes: Mapping[str, int], limits: Limits
) -> Measure:
    """Measure the most expensive operation of a document; GraphQLError when it has too many fields of one sort."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    memo: dict[str, tuple[int, int]] = {}
    names: set[str] = set()
    counts = {"fields": 0, "aliases": 0, "directives": 0}
    given: dict[str, Any] = dict(variables)
    for operation in operations:
        for definition in operation.variable_definitions or ():
            name = definition.variable.name.value
            if name not in given and isinstance(definition.default_value, IntValueNode):
                given[name] = definition.default_value.value

    def times(field: FieldNode) -> int:
        for argument in field.arguments or ():
            value = argument.value
            if argument.name.value == "first":
                wanted = given.get(value.name.value) if isinstance(value, VariableNode) else getattr(value, "value", 0)
                digits = str(wanted)
                # What is no number is for the validation; a number of 5,000 digits is not even converted.
                return min(LARGEST, int(digits)) if digits.isdecimal() and len(digits) < 10 else LARGEST
            if argument.name.value == "ids":
                wanted = given.get(value.name.value) if isinstance(value, VariableNode) else None
                listed = value.values if isinstance(value, ListValueNode) else wanted
                return len(listed) if isinstance(listed, list | tuple) else 1
        return sizes.get(field.name.value, 1)

    def count(node: FieldNode | InlineFragmentNode | FragmentSpreadNode) -> None:
        counts["directives"] += len(node.directives or ())
        if isinstance(node, FieldNode):
            counts["fields"] += 1
            counts["aliases"] += node.alias is not None
            names.add(node.name.value)

    def walk(selections: SelectionSetNode, open_fragments: frozenset[str]) -> tuple[int, int]:
        cost = depth = 0
        if not selections.selections:
            # graphql-core takes "{ }", which the specification does not.
            raise GraphQLError("A selection is empty: name the fields between { and }", selections)
        for node in selections.selections:
            c = d = 0
            if isinstance(node, FieldNode):
                count(node)
                if node.selection_set:
                    c, d = walk(node.selection_set, open_fragments)
                if node.name.value.startswith("__"):
                    if d > DEEPEST_INTROSPECTION:
                        raise refusal(f"Introspection may be {DEEPEST_INTROSPECTION} levels deep")
                    c, d = c + 1, 1
                else:
                    c, d = 1 + c * times(node), d + 1
            elif isinstance(node, InlineFragmentNode):
                count(node)
                c, d = walk(node.selection_set, open_fragments)
            elif isinstance(node, FragmentSpreadNode):
                count(node)
                name = node.name.value
                # Unknown fragments and circles are for the validation to report.
                if name in fragments and name not in open_fragments:
                    if name not in memo:
                        memo[name] = walk(fragments[name].selection_set, open_fragments | {name})
                    c, d = memo[name]
            cost, depth = cost + c, max(depth, d)
        return cost, depth

    measured = [walk(operation.selection_set, frozenset()) for operation in operations]
    for name, found in counts.items():
        if found > (most := getattr(limits, name)):
            raise refusal(f"The document has {found:,} {name}; at most {most:,} are answered")
    cost = max((cost for cost, _ in measured), default=0)
    depth = max((depth for _, depth in measured), default=0)
    called = tuple(operation.name.value if operation.name else "" for operation in operations)
    return Measure(cost, depth, frozenset(names), called)


def check_variables(variables: object, limits: Limits) -> None:
    """Refuse variables that are nested deeper than the bound. Walks with a list, not with the stack."""
    level: list[object] = [variables]
    for _ in range(limits.variables_depth + 1):
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise refusal(f"The variables are nested more than {limits.variables_depth} levels deep")
