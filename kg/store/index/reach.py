"""What came and went in a store enters; the nodes of each kind whose rows that may touch leave.

The ways (footprint.py) are followed in the store as it is now and along what went: what led to a node then leads to it
still.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from pyoxigraph import NamedNode

from kg.store.changes import Changes
from kg.store.index.definitions import Kind
from kg.store.index.footprint import Step, ways
from kg.store.index.rows import BLOCK, Graphs


class Reach:
    """Follows ways from what changed. Each step of each node is asked for once, whatever kinds need it."""

    def __init__(self, store: Graphs, changes: Changes) -> None:
        self._store = store
        self._changed = changes.came() | changes.went()
        self._by_predicate: dict[str, list[tuple[NamedNode, str, str | None]]] = defaultdict(list)
        for triple in self._changed:
            if isinstance(triple.subject, NamedNode):
                target = triple.object.value if isinstance(triple.object, NamedNode) else None
                self._by_predicate[str(triple.predicate)].append((triple.subject, str(triple.object), target))
        self._gone: dict[Step, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for triple in changes.went():
            if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode):
                subject, predicate, target = triple.subject.value, str(triple.predicate), triple.object.value
                self._gone[predicate, False][subject].add(target)
                self._gone[predicate, True][target].add(subject)
        self._known: dict[Step, dict[str, set[str]]] = defaultdict(dict)

    def subjects(self) -> list[str]:
        """Return the nodes of which something else is said now."""
        return sorted({t.subject.value for t in self._changed if isinstance(t.subject, NamedNode)})

    def nodes(self, kind: Kind) -> set[str]:
        """Return the nodes of a kind that may have come, gone or changed, and some that did not or never were."""
        starts: dict[tuple[Step, ...], set[str]] = defaultdict(set)
        for predicate, of in ways(kind.name).items():
            for subject, text, target in self._by_predicate.get(predicate, ()):
                for way in of:
                    if way.subject not in (None, str(subject)) or way.object not in (None, text):
                        continue
                    if not way.from_object:
                        starts[way.steps].add(subject.value)
                    elif target is not None:
                        starts[way.steps].add(target)
        found: set[str] = set()
        # Ways that go on alike go on together.
        while starts:
            steps = max(starts, key=len)
            nodes = starts.pop(steps)
            if not steps:
                found |= nodes
            else:
                starts[steps[1:]] |= self._follow(steps[0], nodes)
        return found

    def _follow(self, step: Step, nodes: Collection[str]) -> set[str]:
        known, gone = self._known[step], self._gone[step]
        missing = [node for node in nodes if node not in known]
        known.update((node, set(gone.get(node, ()))) for node in missing)
        predicate, backwards = step
        pattern = f"?to {predicate} ?at" if backwards else f"?at {predicate} ?to"
        for block in _blocks(missing):
            given = " ".join(str(NamedNode(iri)) for iri in block)
            rows = self._store.select(f"SELECT ?at ?to {{ VALUES ?at {{ {given} }} {pattern} }}", trusted=True)
            for at, to in rows.rows:
                if isinstance(at, NamedNode) and isinstance(to, NamedNode):
                    known[at.value].add(to.value)
        return set().union(*(known[node] for node in nodes))


def _blocks(nodes: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(nodes), BLOCK):
        yield nodes[start : start + BLOCK]
