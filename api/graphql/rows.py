"""Rows of the graph enter; who they are, whose they are, and plain Python values leave. Knows no GraphQL types."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from api.graphql.loader import Row


def identity(row: Row | None) -> Row | None:
    """Return the canonical node that an edition's own node was identified as, else the node itself."""
    return (row.row("identifiedAs") or row) if row is not None else None


def identities(rows: Iterable[Row]) -> list[Row]:
    found = {node.key: node for row in rows if (node := identity(row)) is not None}
    return list(found.values())


def members(row: Row, *, own: bool = False) -> list[Row]:
    """Return the editions' own nodes behind a canonical node; of an edition's own node, itself."""
    if row.all("inEdition"):
        return [row]
    found = row.pointing("identifiedAs")
    return [row, *found] if own else found


def earliest(time: Row | None) -> str:
    return (time.text("earliest") or "") if time is not None else ""


def enum_of(kind: Any, value: str | None) -> Any:
    """Return an enum's member; None for a value that a newer ontology may have."""
    try:
        return kind(value) if value is not None else None
    except ValueError:
        return None


@lru_cache(maxsize=10_000)
def date_of(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:  # years that Python's calendar does not have
        return None
