"""A schema enters; what its fields cost and how many they may answer leaves, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from graphql import GraphQLList, GraphQLNonNull, GraphQLSchema, is_interface_type, is_object_type

from api.graphql.fields import marks_of

#: Nodes expected of a list that has no page size: the links of a chain, the spans of a content.
LIST = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """By a field's name: how many nodes it stands for, and what one of it costs."""

    sizes: Mapping[str, int]
    costs: Mapping[str, int]


@cache
def sizes(schema: GraphQLSchema) -> Weights:
    """Return how many nodes a field stands for by its name: the default page of a connection, or LIST for a list."""
    found: dict[str, int] = {}
    costs: dict[str, int] = {}
    for kind in schema.type_map.values():
        if not (is_object_type(kind) or is_interface_type(kind)) or kind.name.startswith("__"):
            continue
        for name, definition in kind.fields.items():
            shape = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
            if "first" in definition.args and kind.name.endswith("Facets"):
                found[name] = max(found.get(name, 0), LIST)
            elif "first" in definition.args:
                found[name] = int(definition.args["first"].default_value)
            elif isinstance(shape, GraphQLList) and not kind.name.endswith("Connection"):
                found[name] = max(found.get(name, 0), LIST)
            written = definition.extensions.get("strawberry-definition")
            resolver = getattr(written, "base_resolver", None)
            cost = marks_of(resolver.wrapped_func).cost if resolver is not None else 1
            costs[name] = max(costs.get(name, 1), cost)
    # A connection's own lists hold the page that was counted above them.
    return Weights({name: size for name, size in found.items() if name not in ("nodes", "edges")}, costs)
