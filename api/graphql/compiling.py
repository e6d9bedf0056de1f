"""A validated document enters; a plan leaves that answers it by columns, without a call of the executor for each value.

The plan calls the same resolvers as ordinary execution does, one field for all rows of a level, and reads ahead: each
connection's page brings all nodes that its selection will look at. Whatever the plan does not know (introspection,
errors, a null where none may be) it leaves to ordinary execution: it raises :class:`Leave`, and the document is
executed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution.values import get_argument_values
from strawberry.types.arguments import convert_arguments

from api.graphql.fields import Marks, Steps, attach, marks_of, merge
from api.graphql.listing import asked, read_pages
from api.graphql.loader import Loader
from api.graphql.scalars import write_cursor

Column = list[Any]
Complete = Callable[[Column, "Run"], Column]
DEFINITION = "strawberry-definition"


class Leave(Exception):  # noqa: N818  it is no error: ordinary execution goes on
    """The plan can't answer this; ordinary execution can."""


class Run:
    """One run of a plan: what it reads through, and the values of the document's variables."""

    __slots__ = ("arguments", "loader", "variables")

    def __init__(self, loader: Loader, variables: Any) -> None:
        self.loader = loader
        self.variables = variables
        self.arguments: dict[int, dict[str, Any]] = {}


class FieldPlan:
    """One field of a selection, for all objects of one type."""

    __slots__ = ("complete", "constant", "definition", "field", "info", "marks", "name", "node", "resolver", "tree")

    def __init__(self, node: FieldNode, definition: Any, planner: Planner, nodes: Sequence[FieldNode]) -> None:
        self.node = node
        self.definition = definition
        field = definition.extensions[DEFINITION]
        self.field = field
        self.name = field.python_name
        resolver = field.base_resolver
        self.resolver = resolver.wrapped_func if resolver is not None else None
        self.info = resolver is not None and resolver.info_parameter is not None
        self.marks: Marks = marks_of(self.resolver)
        self.constant: dict[str, Any] | None = None
        self.tree: Steps = {}
        if self.marks.listing is not None or self.marks.ahead is not None:
            self.tree = planner.steps_below(definition.type, nodes)
        self.complete = planner.completer(definition.type, nodes)

    def arguments(self, run: Run, planner: Planner) -> dict[str, Any]:
        """Return the arguments as the resolver takes them; those without variables are worked out once."""
        if self.constant is not None:
            return self.constant
        if not self.definition.args:
            self.constant = {}
            return self.constant
        found = run.arguments.get(id(self))
        if found is None:
            values = get_argument_values(self.definition, self.node, run.variables)
            found = convert_arguments(values, self.field.arguments, planner.scalars, planner.config)
            if any(_has_variable(argument.value) for argument in self.node.arguments or ()):
                run.arguments[id(self)] = found
            else:
                self.constant = found
        return found

    def column(self, objects: Column, run: Run, planner: Planner) -> Column:
        marks = self.marks
        if marks.plain is not None:
            predicate, read, written = marks.plain
            nodes = run.loader.nodes
            read = written or read
            values = [read(found[0] if (found := nodes[o.row.key].get(predicate)) else None) for o in objects]
            return values if written is not None else self.complete(values, run)
        resolver = self.resolver
        if resolver is None:
            name = self.name
            return self.complete([getattr(o, name) for o in objects], run)
        given = self.arguments(run, planner)
        if self.info:
            given = {**given, "info": _Info(run.loader)}
        if marks.listing is not None or marks.ahead is not None:
            self.read_ahead(objects, run, planner)
        if given:
            return self.complete([resolver(o, **given) for o in objects], run)
        return self.complete([resolver(o) for o in objects], run)

    def read_ahead(self, objects: Column, run: Run, planner: Planner) -> None:
        """Read for all of these objects at once; what was read already is not read again."""
        if self.marks.ahead is not None:
            self.marks.ahead(run.loader, [o.row.key for o in objects], self.tree)
            return
        given = self.arguments(run, planner)
        listing = self.marks.listing()
        order = given.get("order_by")
        page = asked(listing, given["first"], given.get("after"), given.get("filter"), order)
        parents = [] if listing.relation is None else [o.row.key for o in objects]
        if page.after is not None and len(parents) > 1:
            raise Leave
        read_pages(run.loader, page, parents, self.tree, count=_selects(self.node, "totalCount"))


class _Info:
    """What a root resolver looks at."""

    __slots__ = ("context",)

    def __init__(self, context: Loader) -> None:
        self.context = context


class ObjectPlan:
    """The selection on one type."""

    __slots__ = ("ahead", "fields", "name", "of_nodes", "planner", "reads", "rows")

    def __init__(self, name: str, planner: Planner, *, of_nodes: bool = False) -> None:
        self.name = name
        self.of_nodes = of_nodes
        self.planner = planner
        self.fields: list[tuple[str, FieldPlan | None]] = []  # None: the type's name
        self.reads = False
        self.ahead: list[FieldPlan] = []
        self.rows: Callable[[Sequence[Column]], Column] = _rows([])

    def run(self, objects: Column, run: Run) -> Column:
        """Return the answer of each object; one for all that stand for the same node."""
        if self.of_nodes and len(objects) > 1:
            by_key = {o.row.key: o for o in objects}
            if len(by_key) < len(objects):
                answers = dict(zip(by_key, self._run(list(by_key.values()), run), strict=True))
                return [answers[o.row.key] for o in objects]
        return self._run(objects, run)

    def _run(self, objects: Column, run: Run) -> Column:
        planner = self.planner
        if self.reads:
            # Nearly always they are there: a page brings what its selection looks at.
            loader = run.loader
            missing = [o.row.key for o in objects if o.row.key not in loader.nodes]
            if missing:
                loader.expect(missing)
                loader.properties(missing[0])
        columns = [
            [self.name] * len(objects) if field is None else field.column(objects, run, planner)
            for _, field in self.fields
        ]
        # Where all is skipped, an object of nothing is still answered for each.
        return self.rows(columns) if columns else [{} for _ in objects]


class Planner:
    """Makes the plans of one operation; equal selections on one type share a plan."""

    def __init__(
        self,
        schema: Any,
        fragments: Mapping[str, FragmentDefinitionNode],
        conditions: Mapping[str, Any],
    ) -> None:
        self.schema: GraphQLSchema = schema._schema
        self.scalars = schema.schema_converter.scalar_registry
        self.config = schema.config
        self.fragments = fragments
        self.conditions = conditions
        self._plans: dict[tuple[str, tuple[int, ...]], ObjectPlan] = {}
        self._steps: dict[tuple[str, tuple[int, ...]], Steps] = {}

    def plan(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> ObjectPlan:
        known_as = (kind.name, tuple(map(id, nodes)))
        found = self._plans.get(known_as)
        if found is None:
            of_nodes = any(one.name == "Node" for one in kind.interfaces)
            found = self._plans[known_as] = ObjectPlan(kind.name, self, of_nodes=of_nodes)
            sets = [node.selection_set for node in nodes if node.selection_set is not None]
            self.fill(found, kind, sets)
        return found

    def fill(self, plan: ObjectPlan, kind: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> None:
        for key, group in self._collect(kind, sets).items():
            name = group[0].name.value
            if name == "__typename":
                plan.fields.append((key, None))
                continue
            if name.startswith("__"):
                raise Leave
            plan.fields.append((key, FieldPlan(group[0], kind.fields[name], self, group)))
        plan.rows = _rows([key for key, _ in plan.fields])
        plan.ahead = [f for _, f in plan.fields if f and (f.marks.listing or f.marks.ahead) is not None]
        plan.reads = any(
            field is not None and (field.marks.plain is not None or field.marks.ahead is not None)
            for _, field in plan.fields
        )

    def _collect(self, kind: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> dict[str, list[FieldNode]]:
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

    # --- values of a type

    def completer(self, kind: Any, nodes: Sequence[FieldNode]) -> Complete:
        """Return what makes JSON of the values of a type."""
        if isinstance(kind, GraphQLNonNull):
            return _not_null(self.completer(kind.of_type, nodes))
        if isinstance(kind, GraphQLList):
            return _each(self.completer(kind.of_type, nodes))
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            return self._objects(kind, nodes)
        return _LEAVES.get(kind.name, _enums)

    def _objects(self, kind: Any, nodes: Sequence[FieldNode]) -> Complete:
        if isinstance(kind, GraphQLObjectType):
            plan = self.plan(kind, nodes)

            def complete(values: Column, run: Run) -> Column:
                if None not in values:
                    return plan.run(values, run)
                rows = iter(plan.run([value for value in values if value is not None], run))
                return [None if value is None else next(rows) for value in values]

            return complete
        plans = {self._origin(one): self.plan(one, nodes) for one in self.possible(kind)}

        def complete_any(values: Column, run: Run) -> Column:
            groups: dict[Any, Column] = {}
            for value in values:
                if value is not None:
                    groups.setdefault(type(value), []).append(value)
            if len(groups) > 1:
                _read_together(plans, groups, run)
            rows: dict[Any, Iterator[Any]] = {}
            for origin, group in groups.items():
                if origin not in plans:
                    raise Leave
                rows[origin] = iter(plans[origin].run(group, run))
            return [None if value is None else next(rows[type(value)]) for value in values]

        return complete_any

    @staticmethod
    def _origin(kind: GraphQLObjectType) -> Any:
        return kind.extensions[DEFINITION].origin

    # --- what to read ahead

    def steps_below(self, kind: Any, nodes: Sequence[FieldNode]) -> Steps:
        """Return the steps that the selection below fields of this type goes on with."""
        while isinstance(kind, GraphQLNonNull | GraphQLList):
            kind = kind.of_type
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            return {}
        known_as = (kind.name, tuple(map(id, nodes)))
        found = self._steps.get(known_as)
        if found is None:
            found = self._steps[known_as] = {}
            sets = [node.selection_set for node in nodes if node.selection_set is not None]
            for one in self.possible(kind):
                for group in self._collect(one, sets).values():
                    name = group[0].name.value
                    if not name.startswith("__"):
                        self._steps_of(one.fields[name], group, found)
        return found

    def _steps_of(self, definition: Any, nodes: Sequence[FieldNode], found: Steps) -> None:
        field = definition.extensions[DEFINITION]
        marks = marks_of(field.base_resolver.wrapped_func if field.base_resolver is not None else None)
        if marks.listing is not None or marks.ahead is not None or field.python_name in ("facets", "page_info"):
            return
        for way in marks.needs:
            attach(found, way, {})
        below = self.steps_below(definition.type, nodes)
        if not marks.follows:
            # A value without a node of its own: its fields speak of the nodes that it was made from.
            merge(found, below)
        for way in marks.follows:
            attach(found, way, below)


class Plan:
    """An operation, ready to run."""

    def __init__(
        self,
        schema: Any,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, Any],
        conditions: Mapping[str, Any],
    ) -> None:
        planner = Planner(schema, fragments, conditions)
        query = planner.schema.query_type
        assert query is not None
        self.root = ObjectPlan(query.name, planner)
        planner.fill(self.root, query, [operation.selection_set])
        self.root.reads = False

    def run(self, loader: Loader, variables: Any) -> dict[str, Any]:
        """Return the data of the answer. Raises Leave, or what a resolver raises."""
        [data] = self.root.run([None], Run(loader, variables))
        assert isinstance(data, dict)
        return data


def _rows(keys: Sequence[str]) -> Callable[[Sequence[Column]], Column]:
    """Return what makes columns objects with these keys: as Python source, which is three times as fast as dict(zip).

    The keys are names or aliases of a validated document: letters, digits and underscores, nothing else.
    """
    assert all(key.isidentifier() for key in keys)
    names = "".join(f"v{number}, " for number in range(len(keys)))
    pairs = ", ".join(f"{key!r}: v{number}" for number, key in enumerate(keys))
    if not keys:
        return lambda columns: []
    made: Callable[[Sequence[Column]], Column] = eval(f"lambda columns: [{{{pairs}}} for {names} in zip(*columns)]")
    return made


def _read_together(plans: Mapping[Any, ObjectPlan], groups: Mapping[Any, Column], run: Run) -> None:
    """Read the pages of one field for objects of several types at once; each type's plan then finds them read."""
    asking: dict[int, tuple[FieldPlan, Column]] = {}
    for origin, objects in groups.items():
        if origin not in plans:
            raise Leave
        for field in plans[origin].ahead:
            asking.setdefault(id(field.node), (field, []))[1].extend(objects)
    for field, objects in asking.values():
        field.read_ahead(objects, run, plans[type(objects[0])].planner)


def _selects(node: FieldNode, name: str) -> bool:
    """Tell whether a field is selected right below; behind a fragment it is counted by a read of its own."""
    return node.selection_set is not None and any(
        isinstance(below, FieldNode) and below.name.value == name for below in node.selection_set.selections
    )


def _has_variable(value: Any) -> bool:
    if isinstance(value, VariableNode):
        return True
    inside = getattr(value, "values", None) or [field.value for field in getattr(value, "fields", None) or ()]
    return any(_has_variable(one) for one in inside)


def _not_null(complete: Complete) -> Complete:
    def check(values: Column, run: Run) -> Column:
        if None in values:
            raise Leave
        return complete(values, run)

    return check


def _each(complete: Complete) -> Complete:
    def lists(values: Column, run: Run) -> Column:
        flat = iter(complete([item for value in values if value is not None for item in value], run))
        return [None if value is None else [next(flat) for _ in value] for value in values]

    return lists


def _as_they_are(values: Column, run: Run) -> Column:
    return values


def _enums(values: Column, run: Run) -> Column:
    return [value.name if isinstance(value, Enum) else value for value in values]


def _dates(values: Column, run: Run) -> Column:
    return [value.isoformat() if isinstance(value, date) else value for value in values]


def _cursors(values: Column, run: Run) -> Column:
    return [write_cursor(value) if value is not None else None for value in values]


_LEAVES: dict[str, Complete] = {
    "String": _as_they_are,
    "ID": _as_they_are,
    "Int": _as_they_are,
    "Float": _as_they_are,
    "Boolean": _as_they_are,
    "Date": _dates,
    "Cursor": _cursors,
}
