"""A field of a selection enters; what answers it for all objects of a type at once leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLObjectType, VariableNode, get_named_type
from graphql.execution.values import get_argument_values
from strawberry.types.arguments import convert_arguments

from api.graphql.columns import Column, Leave
from api.graphql.fields import Marks, Steps
from api.graphql.listing import asked, read_pages
from api.graphql.loader import Loader
from api.graphql.scalars import LARGEST
from api.graphql.selections import DEFINITION, marks_in

if TYPE_CHECKING:
    from api.graphql.compiling import Planner


class Run:
    """One run of a plan: what it reads through, and the values of the document's variables."""

    __slots__ = ("arguments", "loader", "variables")

    def __init__(self, loader: Loader, variables: Any) -> None:
        self.loader = loader
        self.variables = variables
        self.arguments: dict[int, dict[str, Any]] = {}


class FieldPlan:
    """One field of a selection, for all objects of one type."""

    __slots__ = (
        "below", "complete", "constant", "definition", "field", "info", "marks", "name", "node", "resolver", "tree"
    )  # fmt: skip

    def __init__(self, node: FieldNode, definition: Any, planner: Planner, nodes: Sequence[FieldNode]) -> None:
        self.node = node
        self.definition = definition
        field = definition.extensions[DEFINITION]
        self.field = field
        self.name = field.python_name
        resolver = field.base_resolver
        self.resolver = resolver.wrapped_func if resolver is not None else None
        self.info = resolver is not None and resolver.info_parameter is not None
        self.marks: Marks = marks_in(definition)
        self.constant: dict[str, Any] | None = None
        self.tree: Steps = {}
        if self.marks.listing is not None or self.marks.ahead is not None:
            self.tree = planner.selections.steps_below(definition.type, nodes)
        self.complete = planner.completer(definition.type, nodes)
        kind = get_named_type(definition.type)
        self.below = planner.plan(kind, nodes) if isinstance(kind, GraphQLObjectType) else None

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
        count = self.below is not None and "total_count" in self.below.named
        read_pages(run.loader, page, parents, self.tree, count=count, facets=self._facets(run, planner))

    def _facets(self, run: Run, planner: Planner) -> tuple[tuple[str, int], ...]:
        """Return the facets of a connection that are selected, and how many values of each."""
        found: dict[tuple[str, int], None] = {}
        for facets in self.below.named.get("facets", ()) if self.below is not None else ():
            for _, facet in facets.below.fields if facets.below is not None else ():
                if facet is not None and facet.marks.facet is not None:
                    first = facet.arguments(run, planner)["first"]
                    # Else its resolver says what is wrong.
                    if 1 <= first <= LARGEST:
                        found[facet.marks.facet, first] = None
        return tuple(found)


class _Info:
    """What a root resolver looks at."""

    __slots__ = ("context",)

    def __init__(self, context: Loader) -> None:
        self.context = context


def _has_variable(value: Any) -> bool:
    if isinstance(value, VariableNode):
        return True
    inside = getattr(value, "values", None) or [field.value for field in getattr(value, "fields", None) or ()]
    return any(_has_variable(one) for one in inside)
