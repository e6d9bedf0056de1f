"""The questions, and where there are any writes and events, enter; the schema and its SDL leave."""

from __future__ import annotations

from functools import cache
from typing import Any

import strawberry
from strawberry.extensions import DisableIntrospection, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from api.graphql.queries import Query
from api.graphql.scalars import SCALARS
from api.graphql.types import REACHED

#: What changes the graph, and what tells of changes: types of strawberry, or None where there are none.
MUTATION: type | None = None
SUBSCRIPTION: type | None = None


@cache
def schema(*, introspection: bool = True) -> strawberry.Schema:
    """Return the schema; without introspection it neither shows itself nor suggests names."""
    extensions: list[Any] = [lambda: ParserCache(maxsize=200), lambda: ValidationCache(maxsize=200)]
    if not introspection:
        extensions.append(DisableIntrospection)
    return QuietSchema(
        Query,
        mutation=MUTATION,
        subscription=SUBSCRIPTION,
        types=list(REACHED),
        extensions=extensions,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not introspection),
    )


class QuietSchema(strawberry.Schema):
    """A schema that leaves the logging of errors to :mod:`api.graphql.execution`, which masks them too."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        return None


def schema_sdl() -> str:
    """Return the schema in the GraphQL schema definition language."""
    return schema().as_str() + "\n"
