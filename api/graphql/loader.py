"""Keys enter; their properties leave, as many nodes by one read as can be foreseen.

GraphQL resolves depth first: the first statement's speaker, then the second's. A loader that asked for each node when
it is touched would ask once a node. A compiled document reads what it will need ahead, with its page. Where that did
not happen, the loader knows which properties the document follows (``wanted``): as soon as nodes are read, all nodes
that these properties lead to join a queue, and the first touch of any of them reads the whole queue. Either way the
number of reads does not grow with the number of rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeVar, cast

from api.graphql.asking import Key
from api.graphql.readers import Reader
from api.graphql.sparql_reader import values
from kg.store.base import Rows, Store
from kg.store.index.reading import Found

T = TypeVar("T")
Properties = dict[str, list[Any]]


class Loader:
    """What one request has read. Used on one thread only."""

    __slots__ = ("_answers", "_mates", "_queue", "_texts", "back", "iris", "nodes", "reader", "session", "wanted")

    def __init__(self, reader: Reader, wanted: Collection[str] = (), *, session: Any = None) -> None:
        self.reader = reader
        self.session = session  # who asks and how to write, for mutations
        self.wanted = wanted
        self.nodes: dict[Key, Properties] = {}
        self.iris: dict[Key, str] = {}
        self.back: dict[tuple[str, Key], list[Key]] = {}
        self._mates: dict[Key, tuple[Key, ...]] = {}
        self._queue: dict[Key, None] = {}
        self._texts: dict[Key, str] = {}
        self._answers: dict[tuple[Any, ...], dict[Any, Any]] = {}

    @property
    def store(self) -> Store:
        return self.reader.store

    @property
    def reads(self) -> int:
        return self.reader.reads

    def select(self, sparql: str) -> Rows:
        """Ask the store a query that this package made."""
        return self.reader.select(sparql)

    def absorb(self, found: Found) -> None:
        """Keep what a read brought."""
        fresh = [key for key in found.nodes if key not in self.nodes]
        mates = tuple(fresh)
        for key in fresh:
            self.nodes[key] = found.nodes[key]
            self._mates[key] = mates
            self._queue.pop(key, None)
        self.iris.update(found.iris)
        self.back.update(found.back)
        if self.wanted:
            for key in fresh:
                for predicate, values_ in found.nodes[key].items():
                    if predicate in self.wanted:
                        self.expect(values_)

    def expect(self, keys: Iterable[Key]) -> None:
        """Put nodes in the queue: they will be read together."""
        for key in keys:
            if key not in self.nodes:
                self._queue[key] = None

    def rows_of(self, iris: Sequence[str]) -> list[Row | None]:
        """Return the nodes of these IRIs in their order; None where the store has none."""
        if self.reader.indexed:
            known = {iri: key for key, iri in self.iris.items()}
            missing = [iri for iri in dict.fromkeys(iris) if iri not in known]
            if missing:
                found = self.reader.keys(missing)
                self.absorb(found)
                known |= {iri: key for key, iri in found.iris.items()}
            return [Row(known[iri], self) if iri in known else None for iri in iris]
        self.expect(iris)
        return [Row(iri, self) for iri in iris]

    def properties(self, key: Key) -> Properties:
        """Return the properties of a node (an edition's text apart); reads the whole queue when it is unknown."""
        found = self.nodes.get(key)
        if found is None:
            self._queue[key] = None
            level = list(self._queue)
            self._queue.clear()
            self.absorb(self.reader.nodes(level))
            found = self.nodes.setdefault(key, {})
            self._mates.setdefault(key, (key,))
        return found

    def iri(self, key: Key) -> str:
        if not self.reader.indexed:
            return str(key)
        if key not in self.iris:
            self.properties(key)
        return self.iris[key]

    def mates(self, key: Key) -> tuple[Key, ...]:
        """Return the nodes that were read together with this one and share a class with it, itself included."""
        kinds = set(self.properties(key).get("a", ()))
        return tuple(mate for mate in self._mates[key] if mate == key or kinds & set(self.nodes[mate].get("a", ())))

    def once_for_mates(self, known_as: tuple[Any, ...], key: Key, ask: Callable[[Sequence[Key]], Any]) -> Any:
        """Return ``ask(keys)[key]``, where ``ask`` is called once for all mates of ``key``.

        ``ask`` takes a sequence of keys and returns a mapping; nodes without an entry give None.
        """
        known = self._answers.setdefault(known_as, {})
        if key not in known:
            self.once_for(known_as, self.mates(key), ask)
        return known[key]

    def once_for(self, known_as: tuple[Any, ...], keys: Sequence[Key], ask: Callable[[Sequence[Key]], Any]) -> None:
        """Ask once for all of these keys that were not asked for."""
        known = self._answers.setdefault(known_as, {})
        missing = [key for key in dict.fromkeys(keys) if key not in known]
        if missing:
            found = ask(missing)
            known.update({key: found.get(key) for key in missing})

    def known(self, known_as: tuple[Any, ...], key: Key, default: Any = None) -> Any:
        return self._answers.get(known_as, {}).get(key, default)

    def is_known(self, known_as: tuple[Any, ...], key: Key) -> bool:
        """Tell whether it was asked already, be the answer nothing."""
        return key in self._answers.get(known_as, {})

    def derived(self, known_as: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Return what was worked out once in this request."""
        known = self._answers.setdefault(("derived",), {})
        if known_as not in known:
            known[known_as] = make()
        return cast(T, known[known_as])

    def pointing_at(self, key: Key, predicate: str) -> list[Key]:
        """Return the nodes with this property whose value is this node; sorted by IRI when they are looked at."""
        found = self.back.get((predicate, key))
        if found is None:
            mates = [mate for mate in self.mates(key) if (predicate, mate) not in self.back]
            # A step backwards from nodes that are known already.
            read = self.reader.nodes(mates, {(predicate, True): {}})
            self.absorb(read)
            for mate in mates:
                self.back.setdefault((predicate, mate), [])
            found = self.back[predicate, key]
        return found

    def text(self, edition: Key) -> str:
        """Return an edition's text; reads the texts of all editions that were read together with it."""
        if edition not in self._texts:
            keys = [key for key in self.mates(edition) if key not in self._texts] or [edition]
            found = self.reader.texts(keys)
            for key in keys:
                self._texts[key] = found.get(key, "")
        return self._texts[edition]

    def ask_of(
        self, known_as: tuple[Any, ...], row: Row, query: Callable[[Sequence[str]], str], column: str
    ) -> list[Any]:
        """Return the rows of a query about a node, which is asked once for all of its mates.

        ``query`` makes the SPARQL from IRIs; ``column`` is the variable that says whose row it is.
        """

        def ask(keys: Sequence[Key]) -> dict[Key, list[Any]]:
            by_iri = {self.iri(key): key for key in keys}
            found: dict[Key, list[Any]] = defaultdict(list)
            for answer in self.select(query(list(by_iri))):
                owner = by_iri.get(getattr(answer.get(column), "value", ""))
                if owner is not None:
                    found[owner].append(answer)
            return found

        return cast("list[Any]", self.once_for_mates(known_as, row.key, ask) or [])


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


__all__ = ["Loader", "Properties", "Row", "as_text", "values"]
