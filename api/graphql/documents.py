"""The text of a document enters; what is known of it (operations, measure, errors, plans) leaves, kept by its hash."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    specified_rules,
    validate,
    visit,
)
from graphql.execution.values import get_variable_values

from api.graphql.columns import Leave
from api.graphql.compiling import Plan
from api.graphql.gate import Measure, Shape, check_text, parsed, shape_of, sizes
from api.limits import Limits

KEPT = 500
PLANS = 8  # of one document: one for each set of values of the variables in @skip and @include


class Document:
    """A document that was parsed; whatever is worked out of it later stays with it."""

    def __init__(self, text: str, schema: Any, limits: Limits, introspection: bool) -> None:
        self.node: DocumentNode = parsed(text, limits)
        self.fragments = {d.name.value: d for d in self.node.definitions if isinstance(d, FragmentDefinitionNode)}
        self.operations = [d for d in self.node.definitions if isinstance(d, OperationDefinitionNode)]
        self.shape: Shape = shape_of(self.node, sizes(schema._schema), limits)
        self._schema = schema
        self._introspection = introspection
        self._errors: list[GraphQLError] | None = None
        self._plans: dict[tuple[Any, ...], Plan | None] = {}
        self._switches: tuple[str, ...] | None = None

    def measure(self, variables: Mapping[str, Any], limits: Limits) -> Measure:
        return self.shape.measure(variables, limits)

    @property
    def errors(self) -> list[GraphQLError]:
        """What the validation finds; worked out once."""
        if self._errors is None:
            rules = [*specified_rules, *(() if self._introspection else (NoSchemaIntrospectionCustomRule,))]
            self._errors = validate(
                self._schema._schema, self.node, rules, max_errors=20, hide_suggestions=not self._introspection
            )
        return self._errors

    def operation(self, name: str | None) -> OperationDefinitionNode:
        return next(o for o in self.operations if not name or (o.name is not None and o.name.value == name))

    def run(self, loader: Any, name: str | None, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Answer by a plan. Raises Leave where ordinary execution must."""
        operation = self.operation(name)
        if operation.operation is not OperationType.QUERY:
            raise Leave
        values = get_variable_values(self._schema._schema, operation.variable_definitions or (), dict(variables))
        if isinstance(values, list):
            raise Leave
        plan = self._plan(name, operation, values.coerced)
        if plan is None:
            raise Leave
        return plan.run(loader, values)

    def _plan(self, name: str | None, operation: OperationDefinitionNode, values: Mapping[str, Any]) -> Plan | None:
        if self._switches is None:
            self._switches = _switches(self.node)
        conditions = {switch: values.get(switch) for switch in self._switches}
        known_as = (name, *conditions.values())
        if known_as not in self._plans:
            if len(self._plans) >= PLANS:
                self._plans.clear()
            try:
                self._plans[known_as] = Plan(self._schema, operation, self.fragments, conditions)
            except Leave:
                self._plans[known_as] = None
        return self._plans[known_as]


class Documents:
    """The documents that were asked lately, by the hash of their text."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Document] = OrderedDict()
        self._turn = Lock()

    def get(self, text: str, schema: Any, limits: Limits, introspection: bool) -> Document:
        """Return a document; GraphQLError when it is none, or is more than the limits allow."""
        check_text(text, limits)
        known_as = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), limits, introspection)
        with self._turn:
            found = self._kept.get(known_as)
            if found is not None:
                self._kept.move_to_end(known_as)
                return found
        found = Document(text, schema, limits, introspection)
        with self._turn:
            self._kept[known_as] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


DOCUMENTS = Documents()


class _Switches(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def enter_directive(self, node: Any, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.found[argument.value.name.value] = None


def _switches(document: DocumentNode) -> tuple[str, ...]:
    """Return the variables that stand in directives."""
    visitor = _Switches()
    visit(document, visitor)
    return tuple(visitor.found)


__all__ = ["DOCUMENTS", "Document", "Documents"]
