"""Selections of a document enter; the fields that they come to on a type, and the steps that these follow, leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from api.graphql.columns import Leave
from api.graphql.fields import Marks, Steps, attach, marks_of, merge

DEFINITION = "strawberry-definition"


class Selections:
    """The selections of one operation, given the values of the variables in its @skip and @include."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], conditions: Mapping[str, Any]
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.conditions = conditions
        self._steps: dict[tuple[str, tuple[int, ...]], Steps] = {}

    def collect(self, kind: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """Group the fields of selections by the key that they answer under (CollectFields of the specification)."""
        found: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()

        def walk(selections: SelectionSetNode) -> None:
            for node in selections.selections:
                if not self._included(node):
                    continue
                if isinstance(node, FieldNode):
                    found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
                elif isinstance(node, InlineFragmentNode):
                    if node.type_condition is None or self._applies(node.type_condition.name.value, kind):
                        walk(node.selection_set)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                    visited.add(node.name.value)
                    fragment = self.fragments[node.name.value]
                    if self._applies(fragment.type_condition.name.value, kind):
                        walk(fragment.selection_set)

        for selections in sets:
            walk(selections)
        return found

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            name = directive.name.value
            if name not in ("skip", "include"):
                raise Leave
            value = directive.arguments[0].value
            truth = self.conditions.get(value.name.value) if isinstance(value, VariableNode) else value.value
            if not isinstance(truth, bool):
                raise Leave
            if truth is (name == "skip"):
                return False
        return True

    def _applies(self, condition: str, kind: GraphQLObjectType) -> bool:
        if condition == kind.name:
            return True
        other = self.schema.type_map.get(condition)
        return isinstance(other, GraphQLInterfaceType | GraphQLUnionType) and self.schema.is_sub_type(other, kind)

    def possible(self, kind: Any) -> Sequence[GraphQLObjectType]:
        return [kind] if isinstance(kind, GraphQLObjectType) else self.schema.get_possible_types(kind)

    def steps_below(self, kind: Any, nodes: Sequence[FieldNode]) -> Steps:
        """Return the steps that the selection below fields of this type goes on with."""
        kind = get_named_type(kind)
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            return {}
        known_as = (kind.name, tuple(map(id, nodes)))
        found = self._steps.get(known_as)
        if found is None:
            found = self._steps[known_as] = {}
            sets = [node.selection_set for node in nodes if node.selection_set is not None]
            for one in self.possible(kind):
                for group in self.collect(one, sets).values():
                    name = group[0].name.value
                    if not name.startswith("__"):
                        self._steps_of(one.fields[name], group, found)
        return found

    def _steps_of(self, definition: Any, nodes: Sequence[FieldNode], found: Steps) -> None:
        marks = marks_in(definition)
        # What is counted, and where a page begins and ends, looks at no node.
        aside = definition.extensions[DEFINITION].python_name in ("facets", "page_info")
        if marks.listing is not None or marks.ahead is not None or aside:
            return
        for way in marks.needs:
            attach(found, way, {})
        below = self.steps_below(definition.type, nodes)
        if not marks.follows:
            # A value without a node of its own: its fields speak of the nodes that it was made from.
            merge(found, below)
        for way in marks.follows:
            attach(found, way, below)


def marks_in(definition: Any) -> Marks:
    """Return the marks of a field of the schema."""
    resolver = definition.extensions[DEFINITION].base_resolver
    return marks_of(resolver.wrapped_func if resolver is not None else None)
