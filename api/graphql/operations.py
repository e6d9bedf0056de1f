"""The text of a document enters; whether it reads, writes or subscribes leaves, before all else is done with it."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from graphql import GraphQLError, OperationDefinitionNode, parse

from api.limits import Limits

Kind = Literal["query", "mutation", "subscription"]


def kind_of(text: str, operation: str | None, limits: Limits) -> Kind:
    """Return what the chosen operation of a document does; "query" as well for one that can't be parsed.

    What is wrong with such a document is for the execution to say. A document without the words costs no parsing.
    """
    if "mutation" not in text and "subscription" not in text:
        return "query"
    for name, kind in _operations(text, limits.tokens):
        if operation is None or name == operation:
            return kind
    return "query"


@lru_cache(maxsize=200)
def _operations(text: str, tokens: int) -> tuple[tuple[str | None, Kind], ...]:
    try:
        document = parse(text, max_tokens=tokens, no_location=True)
    except (GraphQLError, RecursionError):
        return ()
    return tuple(
        (node.name.value if node.name else None, node.operation.value)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    )
