"""The names of a document's fields enter; the properties that ordinary execution walks along leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from graphql import GraphQLSchema, is_interface_type, is_object_type

from api.graphql.fields import marks_of


def wanted(schema: GraphQLSchema, fields: Iterable[str]) -> frozenset[str]:
    """Return the properties to follow for a document with fields of these names, of whatever type."""
    known = _by_name(schema)
    return frozenset().union(*(known.get(name, frozenset()) for name in fields))


@cache
def _by_name(schema: GraphQLSchema) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for kind in schema.type_map.values():
        if is_object_type(kind) or is_interface_type(kind):
            for name, definition in kind.fields.items():
                resolver = getattr(definition.extensions.get("strawberry-definition"), "base_resolver", None)
                if resolver is not None:
                    marks = marks_of(resolver.wrapped_func)
                    for way in (*marks.follows, *marks.needs):
                        found[name].update(step.predicate for step in way if not step.backwards)
    return {name: frozenset(predicates) for name, predicates in found.items()}
