"""A validated document enters; a plan leaves that answers it by columns, without a call of the executor for each value.

The plan calls the same resolvers as ordinary execution does, one field for all rows of a level, and reads ahead: each
connection's page brings all nodes that its selection will look at. Whatever the plan does not know (introspection,
errors, a null where none may be) it leaves to ordinary execution: it raises :class:`Leave`, and the document is
executed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    SelectionSetNode,
)

from api.graphql.columns import Column, Complete, Leave, each, leaf, not_null, rows_maker
from api.graphql.fieldplan import FieldPlan, Run
from api.graphql.loader import Loader
from api.graphql.selections import DEFINITION, Selections


class ObjectPlan:
    """The selection on one type."""

    __slots__ = ("ahead", "fields", "name", "named", "of_nodes", "planner", "reads", "rows")

    def __init__(self, name: str, planner: Planner, *, of_nodes: bool = False) -> None:
        self.name = name
        self.of_nodes = of_nodes
        self.planner = planner
        self.fields: list[tuple[str, FieldPlan | None]] = []  # None: the type's name
        self.named: dict[str, list[FieldPlan]] = {}  # the same by the names of their methods
        self.reads = False
        self.ahead: list[FieldPlan] = []
        self.rows: Callable[[Sequence[Column]], Column] = rows_maker([])

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
        self.selections = Selections(self.schema, fragments, conditions)
        self._plans: dict[tuple[str, tuple[int, ...]], ObjectPlan] = {}

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
        for key, group in self.selections.collect(kind, sets).items():
            name = group[0].name.value
            if name == "__typename":
                plan.fields.append((key, None))
                continue
            if name.startswith("__"):
                raise Leave
            field = FieldPlan(group[0], kind.fields[name], self, group)
            plan.fields.append((key, field))
            plan.named.setdefault(field.name, []).append(field)
        plan.rows = rows_maker([key for key, _ in plan.fields])
        plan.ahead = [f for _, f in plan.fields if f and (f.marks.listing or f.marks.ahead) is not None]
        plan.reads = any(
            field is not None and (field.marks.plain is not None or field.marks.ahead is not None)
            for _, field in plan.fields
        )

    # --- values of a type

    def completer(self, kind: Any, nodes: Sequence[FieldNode]) -> Complete:
        """Return what makes JSON of the values of a type."""
        if isinstance(kind, GraphQLNonNull):
            return not_null(self.completer(kind.of_type, nodes))
        if isinstance(kind, GraphQLList):
            return each(self.completer(kind.of_type, nodes))
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            return self._objects(kind, nodes)
        return leaf(kind.name)

    def _objects(self, kind: Any, nodes: Sequence[FieldNode]) -> Complete:
        if isinstance(kind, GraphQLObjectType):
            plan = self.plan(kind, nodes)

            def complete(values: Column, run: Run) -> Column:
                if None not in values:
                    return plan.run(values, run)
                rows = iter(plan.run([value for value in values if value is not None], run))
                return [None if value is None else next(rows) for value in values]

            return complete
        plans = {self._origin(one): self.plan(one, nodes) for one in self.selections.possible(kind)}

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
