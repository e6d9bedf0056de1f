"""What a writer does to the graphs of a store enters; which triples came and went since the last generation leaves.

It is told nothing by those who write: the store compares a graph as it was with what it becomes. May be more than what
changed, never less; where that can't be known it says so, and what hangs on it is made anew as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Self

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from kg.graph import ArticleGraph

#: Triples above which it is no longer kept which they were: with what is made of them they hold some 400 MB.
MOST = 250_000
Name = str | None


@dataclass(slots=True)
class Changes:
    """Triples that came and went, by graph (None: the unnamed one). ``unknown``: others may have as well.

    ``fresh`` are graphs that came where nothing stood, as they were given: those of an import are packed, and parsed
    only when somebody asks what came.
    """

    added: dict[Name, set[Triple]] = field(default_factory=dict)
    removed: dict[Name, set[Triple]] = field(default_factory=dict)
    unknown: bool = False
    fresh: dict[Name, ArticleGraph] = field(default_factory=dict)
    size: int = 0

    def __len__(self) -> int:
        return self.size

    def forget(self) -> None:
        """Note that anything may have changed."""
        self.added, self.removed, self.fresh, self.size, self.unknown = {}, {}, {}, 0, True

    def enter(self, graph: ArticleGraph) -> None:
        """Note that a graph came where nothing stood."""
        name = graph.name.value
        if name in self.added or name in self.removed or name in self.fresh:
            self.record(name, added=graph.triples, removed=())
        elif not self.unknown:
            self.fresh[name] = graph
            self._grow(len(graph))

    def _grow(self, by: int) -> None:
        self.size += by
        if self.size > MOST:
            self.forget()

    def _unpack(self, names: Iterable[Name]) -> None:
        for name in names:
            if name in self.fresh:
                self.added[name] = set(self.fresh.pop(name).triples)

    def record(self, name: Name, *, added: Iterable[Triple], removed: Iterable[Triple]) -> None:
        """Note that triples came to a graph where they were not, and went from it where they were."""
        if self.unknown:
            return
        self._unpack([name])
        came, went = self.added.setdefault(name, set()), self.removed.setdefault(name, set())
        before = len(came) + len(went)
        for triple in added:
            # What went and comes back is as it was.
            if triple in went:
                went.discard(triple)
            else:
                came.add(triple)
        for triple in removed:
            if triple in came:
                came.discard(triple)
            else:
                went.add(triple)
        self._grow(len(came) + len(went) - before)

    def replace(self, name: Name, old: Collection[Triple], new: Collection[Triple]) -> None:
        """Note that a graph was ``old`` and became ``new``."""
        if not self.unknown:
            before, after = frozenset(old), frozenset(new)
            self.record(name, added=after - before, removed=before - after)

    def then(self, later: Changes) -> Changes:
        """Return these changes and, after them, later ones. Both are left as they are."""
        if self.unknown or later.unknown:
            return Changes(unknown=True)
        found = Changes(
            {n: set(t) for n, t in self.added.items()},
            {n: set(t) for n, t in self.removed.items()},
            fresh=dict(self.fresh),
            size=self.size,
        )
        for graph in later.fresh.values():
            found.enter(graph)
        for name in {**later.added, **later.removed}:
            found.record(name, added=later.added.get(name, ()), removed=later.removed.get(name, ()))
        return found

    def came(self) -> set[Triple]:
        self._unpack(list(self.fresh))
        return set().union(*self.added.values())

    def went(self) -> set[Triple]:
        return set().union(*self.removed.values())

    def dump(self) -> bytes:
        """Return the changes as text: N-Quads of what came, an empty line, N-Quads of what went."""
        self._unpack(list(self.fresh))
        return b"\n".join((_nquads(self.added), _nquads(self.removed)))

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read what :meth:`dump` wrote. Raises ValueError."""
        if data.startswith(b"\n"):
            came, went = b"", data[1:]
        else:
            came, found, went = data.partition(b"\n\n")
            if not found:
                came, went = data.removesuffix(b"\n"), b""
        added, removed = _graphs(came), _graphs(went)
        return cls(added, removed, size=sum(map(len, (*added.values(), *removed.values()))))


def _nquads(graphs: dict[Name, set[Triple]]) -> bytes:
    quads = (
        Quad(t.subject, t.predicate, t.object, DefaultGraph() if name is None else NamedNode(name))
        for name, triples in graphs.items()
        for t in triples
    )
    found = serialize(quads, format=RdfFormat.N_QUADS)
    assert found is not None
    return found


def _graphs(data: bytes) -> dict[Name, set[Triple]]:
    found: dict[Name, set[Triple]] = {}
    for quad in parse(data, format=RdfFormat.N_QUADS):
        graph = quad.graph_name
        found.setdefault(graph.value if isinstance(graph, NamedNode) else None, set()).add(quad.triple)
    return found


__all__ = ["MOST", "Changes"]
