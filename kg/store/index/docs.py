"""Triples enter; the nodes that they describe, with their properties as JSON and the ties between them, are written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from pyoxigraph import BlankNode, NamedNode, Triple

from kg.store.index.definitions import BACKWARDS
from kg.store.index.rows import BLOCK, Graphs
from kg.store.index.values import Reference, plain
from kg.vocab import KG, NAMESPACE, RDF_TYPE

_BACKWARDS = frozenset(BACKWARDS)
Properties = dict[str, list[Any]]


class Numbers:
    """The numbers that nodes and properties have in an index; new ones get the next."""

    def __init__(self, database: sqlite3.Connection, *, empty: bool) -> None:
        self._database = database
        self._empty = empty
        self._known: dict[str, int] = {}
        self._properties: dict[str, int] = dict(database.execute("SELECT name, id FROM property"))
        (last,) = database.execute("SELECT coalesce(max(id), 0) FROM node").fetchone()
        self._last: int = last
        self._new: list[tuple[int, str]] = []

    def learn(self, iris: Iterable[str]) -> dict[str, int]:
        """Return the numbers of those nodes that have one."""
        if not self._empty:
            asked = [iri for iri in iris if iri not in self._known]
            for start in range(0, len(asked), 10_000):
                listed = orjson.dumps(asked[start : start + 10_000]).decode()
                self._known.update(
                    self._database.execute(
                        "SELECT iri, id FROM node WHERE iri IN (SELECT value FROM json_each(?))", [listed]
                    )
                )
        return {iri: self._known[iri] for iri in iris if iri in self._known}

    def of(self, iri: str) -> int:
        """Return the number of a node. Of one that no :meth:`learn` asked for it costs a look."""
        found = self._known.get(iri)
        if found is None:
            if not self._empty and (
                row := self._database.execute("SELECT id FROM node WHERE iri = ?", [iri]).fetchone()
            ):
                self._known[iri] = row[0]
                return int(row[0])
            self._last += 1
            found = self._known[iri] = self._last
            self._new.append((found, iri))
        return found

    def property(self, name: str) -> int:
        found = self._properties.get(name)
        if found is None:
            found = self._properties[name] = len(self._properties) + 1
            self._database.execute("INSERT INTO property VALUES (?, ?)", (found, name))
        return found

    def save(self) -> None:
        """Give the new nodes their IRIs."""
        self._database.executemany(
            "INSERT INTO node VALUES (?, ?, NULL) ON CONFLICT (id) DO UPDATE SET iri = excluded.iri", self._new
        )
        self._new = []


class Docs:
    """Writes nodes into a database."""

    def __init__(self, database: sqlite3.Connection, numbers: Numbers) -> None:
        self._database = database
        self._numbers = numbers
        self._names: dict[NamedNode, str | None] = {KG.text: None, RDF_TYPE: "a"}

    def all(self, store: Graphs) -> None:
        """Write every node: graph by graph, what the graphs share kept until its node comes."""
        shared: dict[str, Properties] = {}
        written: set[str] = set()
        twice: set[str] = set()
        editions = []
        for name in store.graph_names():
            if not name.value.startswith(f"{store.base_iri}graph/"):
                editions.append(name)
                continue
            own = self._gather(store.graph(name).triples, twice)
            twice |= own.keys() & shared.keys()
            shared.update(own)
        for name in editions:
            own = self._gather(store.graph(name).triples, twice)
            for node, properties in own.items():
                if node in written:
                    twice.add(node)
                for predicate, values in shared.pop(node, {}).items():
                    if properties.setdefault(predicate, values) is not values:
                        twice.add(node)
            written.update(own)
            self._write(own)
        self._write(shared)
        # What several graphs say of a node is asked for together, each fact once.
        self.again(store, sorted(twice))

    def again(self, store: Graphs, iris: Sequence[str]) -> None:
        """Write some nodes as they are now."""
        database, numbers = self._database, self._numbers
        old = numbers.learn(iris)
        for start in range(0, len(iris), BLOCK):
            some = iris[start : start + BLOCK]
            numbered = [(old[iri],) for iri in some if iri in old]
            self._forget(numbered)
            listed = " ".join(str(NamedNode(iri)) for iri in some)
            rows = store.select(
                f"SELECT DISTINCT ?s ?p ?o {{ VALUES ?s {{ {listed} }} GRAPH ?g {{ ?s ?p ?o }} }}", trusted=True
            )
            triples = (Triple(*row) for row in rows.rows)  # type: ignore[arg-type]  # all three are bound
            found = self._gather(triples, set())
            numbers.learn(
                {v for properties in found.values() for values in properties.values() for v in values
                 if type(v) is Reference} | set(found)
            )  # fmt: skip
            database.executemany("UPDATE node SET doc = NULL WHERE id = ?", numbered)
            self._write(found)

    def _forget(self, numbered: list[tuple[int]]) -> None:
        """Take away the ties and texts of nodes."""
        database, numbers = self._database, self._numbers
        followed = ", ".join(str(numbers.property(name)) for name in BACKWARDS)
        edition, zone = numbers.property("inEdition"), numbers.property("zoneMention")
        for (node,) in numbered:
            database.execute(
                "DELETE FROM edge_back WHERE (o, p, s) IN "
                f"(SELECT o, p, s FROM edge WHERE s = ? AND p IN ({followed}))",
                [node],
            )
            database.execute(
                "DELETE FROM edge_back WHERE (o, p, s) IN (SELECT o, ?, s FROM edge WHERE s = ? AND p = ?)",
                [zone, node, edition],
            )
        database.executemany("DELETE FROM edge WHERE s = ?", numbered)
        database.executemany("DELETE FROM edition_text WHERE id = ?", numbered)

    def _gather(self, triples: Iterable[Triple], twice: set[str]) -> dict[str, Properties]:
        """Return nodes with what triples say of them, and write the texts of editions; those that have a text already
        are added to ``twice``."""
        found: dict[str, Properties] = {}
        texts: dict[str, str] = {}
        names = self._names
        for triple in triples:
            subject, predicate, value = triple.subject, triple.predicate, triple.object
            # What users wrote into graphs of their own may have blank nodes: those have no name to be asked by.
            if not isinstance(subject, NamedNode) or isinstance(value, BlankNode | Triple):
                continue
            iri = subject.value
            name = names.get(predicate, "")
            if name == "":
                name = names[predicate] = (
                    predicate.value[len(NAMESPACE) :] if predicate.value.startswith(NAMESPACE) else "-"
                )
            if name is None:
                text = getattr(value, "value", "")
                texts[iri] = max(text, texts.get(iri, ""))
            elif name != "-":
                properties = found.get(iri)
                if properties is None:
                    properties = found[iri] = {}
                values = properties.get(name)
                if values is None:
                    properties[name] = [plain(value, Reference)]
                else:
                    values.append(plain(value, Reference))
        for iri, text in texts.items():
            done = self._database.execute(
                "INSERT OR IGNORE INTO edition_text VALUES (?, ?)", (self._numbers.of(iri), text)
            )
            if not done.rowcount:
                twice.add(iri)
        return found

    def _write(self, found: dict[str, Properties]) -> None:
        docs, links, backs = [], [], []
        number, numbered = self._numbers.of, self._numbers.property
        for iri, properties in found.items():
            node = number(iri)
            for name, values in properties.items():
                if len(values) > 1:
                    values.sort(key=str)
                for value in values:
                    if type(value) is Reference:
                        target = number(value)
                        links.append((node, numbered(name), target))
                        if name in _BACKWARDS:
                            backs.append((target, numbered(name), node))
            if "zone" in properties:
                zone = numbered("zoneMention")
                backs += [
                    (number(edition), zone, node)
                    for edition in properties.get("inEdition", ())
                    if type(edition) is Reference
                ]
            docs.append((node, iri, orjson.dumps(properties, default=number, option=orjson.OPT_PASSTHROUGH_SUBCLASS)))
        self._database.executemany(
            "INSERT INTO node VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc", docs
        )
        self._database.executemany("INSERT OR IGNORE INTO edge VALUES (?, ?, ?)", links)
        self._database.executemany("INSERT OR IGNORE INTO edge_back VALUES (?, ?, ?)", backs)
