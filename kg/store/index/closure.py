"""Nodes and the steps to follow from them enter; the SQL that reads all that these lead to leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.store.index.lists import BACK, NODE, Parts

#: Steps to follow from a node: (property, backwards) -> the steps that go on from there.
Tree = Mapping[tuple[str, bool], "Tree"]
NOTHING: Tree = {}


def follow(made: Parts, starts: Iterable[tuple[str, Tree]], properties: Mapping[str, int]) -> None:
    """Add the tables of all steps, each made once from the one before, and what reads nodes and ties.

    ``starts`` are tables with a column ``id``, and the steps from there; ``properties`` the numbers of their names.
    """
    names: list[str] = []
    ties: list[str] = []

    def walk(at: str, steps: Tree) -> None:
        names.append(at)
        for (predicate, backwards), further in steps.items():
            number = properties.get(predicate)
            if number is None:
                continue
            name = f"s{len(names)}"
            if backwards:
                source = f"SELECT DISTINCT l.s FROM {at} f CROSS JOIN edge_back l ON l.o = f.id AND l.p = {number}"
                ties.append(
                    f"SELECT {BACK}, f.id, {number}, l.s FROM {at} f "
                    f"LEFT JOIN edge_back l ON l.o = f.id AND l.p = {number}"
                )
            else:
                source = f"SELECT DISTINCT l.o FROM {at} f CROSS JOIN edge l ON l.s = f.id AND l.p = {number}"
            made.sources.append(f"{name} (id) AS MATERIALIZED ({source})")
            walk(name, further)

    for start, tree in starts:
        walk(start, tree)
    if names:
        reach = " UNION ".join(f"SELECT id FROM {name}" for name in names)
        made.tail.append(f"SELECT {NODE}, n.id, n.iri, n.doc FROM ({reach}) r CROSS JOIN node n ON n.id = r.id")
    made.tail += ties
