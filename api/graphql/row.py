"""A node's key enters; what is said of the node leaves, as its loader knows it or reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.graphql.asking import Key

if TYPE_CHECKING:
    from api.graphql.loader import Loader


class Row:
    """A node and the loader that knows it."""

    __slots__ = ("key", "loader")

    def __init__(self, key: Key, loader: Loader) -> None:
        self.key = key
        self.loader = loader

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def iri(self) -> str:
        return self.loader.iri(self.key)

    def all(self, *predicates: str) -> list[Any]:
        """Return the values of the first of these properties that has any."""
        properties = self.loader.nodes.get(self.key)
        if properties is None:
            properties = self.loader.properties(self.key)
        for predicate in predicates:
            if found := properties.get(predicate):
                return found
        return []

    def text(self, *predicates: str) -> str | None:
        """Return the text of a literal."""
        for value in self.all(*predicates):
            return as_text(value)
        return None

    def number(self, predicate: str) -> int | None:
        for value in self.all(predicate):
            return value if type(value) is int else None
        return None

    def decimal(self, predicate: str) -> float | None:
        for value in self.all(predicate):
            return float(value) if isinstance(value, int | float) else None
        return None

    def concept(self, predicate: str) -> str | None:
        """Return the value of a concept: "deny" of kgs:act-deny."""
        return self.text(predicate)

    def rows(self, *predicates: str) -> list[Row]:
        """Return the nodes that these properties lead to, sorted by IRI."""
        found = self.all(*predicates)
        if len(found) > 1:
            return self._sorted(found)
        return [Row(key, self.loader) for key in found]

    def some(self, predicate: str) -> list[Row]:
        """Return the nodes that a property leads to, in no order."""
        return [Row(key, self.loader) for key in self.all(predicate)]

    def row(self, *predicates: str) -> Row | None:
        found = self.all(*predicates)
        if not found:
            return None
        return Row(found[0], self.loader) if len(found) == 1 else self._sorted(found)[0]

    def pointing(self, predicate: str) -> list[Row]:
        """Return the nodes whose property leads to this one, sorted by IRI."""
        return self._sorted(self.loader.pointing_at(self.key, predicate))

    def is_a(self, *kinds: str) -> bool:
        found = self.all("a")
        return any(kind in found for kind in kinds)

    def _sorted(self, keys: list[Key]) -> list[Row]:
        loader = self.loader
        if loader.reader.indexed:
            loader.expect(keys)
            return [Row(key, loader) for key in sorted(keys, key=loader.iri)]
        return [Row(key, loader) for key in sorted(keys)]


def as_text(value: Any) -> str | None:
    """Return a plain value as the text of its literal."""
    if type(value) is str:
        return value
    if isinstance(value, dict):
        return str(value["value"])
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
