"""A store's graphs enter; one SQLite file that answers lists, counts, searches and whole nodes leaves.

The file can be thrown away and built again at any time: RDF stays the truth. It is written under another name, flushed
and renamed, so that a reader finds a whole index or none. Time and memory are linear in the graph.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import orjson
from pyoxigraph import BlankNode, NamedNode, Triple

from kg.errors import StoreError
from kg.graph import ArticleGraph
from kg.store.base import Rows
from kg.store.index.definitions import BACKWARDS, KINDS, Column, Kind
from kg.store.index.layout import FORMAT, all_indices, all_tables, column, key, side, words
from kg.store.index.values import plain
from kg.vocab import KG, NAMESPACE, RDF_TYPE

_BACKWARDS = frozenset(BACKWARDS)


class Graphs(Protocol):
    """What is read of a store to index it."""

    @property
    def base_iri(self) -> str: ...

    def select(self, sparql: str, *, trusted: bool = False) -> Rows: ...

    def graph_names(self) -> list[NamedNode]: ...

    def graph(self, name: NamedNode) -> ArticleGraph: ...


def build(store: Graphs, path: Path, *, generation: str) -> None:
    """Write the index of what a store holds now.

    Raises StoreError when it can't be written; then ``path`` is as it was.
    """
    scratch = path.with_name(f"{path.name}.tmp")
    try:
        path.parent.mkdir(exist_ok=True)
        scratch.unlink(missing_ok=True)
        database = sqlite3.connect(scratch)
        try:
            fill(database, store, generation)
        finally:
            database.close()
        with open(scratch, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(scratch, path)
    except (OSError, sqlite3.Error) as error:
        scratch.unlink(missing_ok=True)
        raise StoreError(f"the index {path} can't be written: {error}; make room and run `kg reindex`") from error


def fill(database: sqlite3.Connection, store: Graphs, generation: str) -> None:
    """Fill an empty database."""
    database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384;")
    database.executescript((files("kg.store.index") / "tables.sql").read_text(encoding="utf-8"))
    for statement in all_tables():
        database.execute(statement)
    builder = _Builder(database, store)
    builder.nodes()
    for kind in KINDS.values():
        builder.kind(kind)
    builder.finish()
    for statement in all_indices():
        database.execute(statement)
    for kind in KINDS.values():
        _facets(database, kind)
    database.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [("format", str(FORMAT)), ("generation", generation), ("base", store.base_iri)],
    )
    # No ANALYZE: with statistics SQLite scans whole tables of ties to build Bloom filters for pages of twenty.
    database.commit()


class _Builder:
    """The database in the making, and the numbers that nodes and properties got."""

    def __init__(self, database: sqlite3.Connection, store: Graphs) -> None:
        self.database = database
        self.store = store
        self.ids: dict[str, int] = {}
        self.properties: dict[str, int] = {}

    def id_of(self, iri: str) -> int:
        found = self.ids.get(iri)
        if found is None:
            found = self.ids[iri] = len(self.ids) + 1
        return found

    def property(self, name: str) -> int:
        return self.properties.setdefault(name, len(self.properties) + 1)

    # --- whole nodes

    def nodes(self) -> None:
        """Write every node with its properties: graph by graph, what the graphs share kept until its node comes."""
        shared: dict[int, dict[str, list[Any]]] = defaultdict(dict)
        editions = []
        for name in self.store.graph_names():
            if name.value.startswith(f"{self.store.base_iri}graph/"):
                self._gather(self.store.graph(name).triples, shared)
            else:
                editions.append(name)
        for name in editions:
            own: dict[int, dict[str, list[Any]]] = {}
            self._gather(self.store.graph(name).triples, own)
            for node in own:
                for predicate, found in shared.pop(node, {}).items():
                    own[node].setdefault(predicate, []).extend(found)
            self._write(own)
        self._write(shared)

    def _gather(self, triples: Iterable[Triple], found: dict[int, dict[str, list[Any]]]) -> None:
        texts = []
        for triple in triples:
            # What users wrote into graphs of their own may have blank nodes: those have no name to be asked by.
            if not isinstance(triple.subject, NamedNode) or isinstance(triple.object, BlankNode | Triple):
                continue
            predicate = triple.predicate
            subject = self.id_of(triple.subject.value)
            if predicate == KG.text:
                texts.append((subject, getattr(triple.object, "value", "")))
                continue
            if predicate == RDF_TYPE:
                name = "a"
            elif predicate.value.startswith(NAMESPACE):
                name = predicate.value[len(NAMESPACE) :]
            else:
                continue
            value = plain(triple.object, self._reference)
            found.setdefault(subject, {}).setdefault(name, []).append(value)
        self.database.executemany("INSERT OR REPLACE INTO edition_text VALUES (?, ?)", texts)

    def _reference(self, iri: str) -> _Reference:
        return _Reference(self.id_of(iri))

    def _write(self, found: dict[int, dict[str, list[Any]]]) -> None:
        docs, links, backs = [], [], []
        for node, properties in found.items():
            for name, values in properties.items():
                if len(values) > 1:
                    values.sort(key=str)
                for value in values:
                    if type(value) is _Reference:
                        links.append((node, self.property(name), int(value)))
                        if name in _BACKWARDS:
                            backs.append((int(value), self.property(name), node))
            if "zone" in properties:
                backs += [
                    (int(edition), self.property("zoneMention"), node) for edition in properties.get("inEdition", ())
                ]
            docs.append((node, orjson.dumps(properties, default=int)))
        self.database.executemany(
            "INSERT INTO node VALUES (?, '', ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc", docs
        )
        self.database.executemany("INSERT OR IGNORE INTO edge VALUES (?, ?, ?)", links)
        self.database.executemany("INSERT OR IGNORE INTO edge_back VALUES (?, ?, ?)", backs)

    def finish(self) -> None:
        """Give every node its IRI, also those that are only pointed at."""
        self.database.executemany(
            "INSERT INTO node VALUES (?, ?, NULL) ON CONFLICT (id) DO UPDATE SET iri = excluded.iri",
            ((number, iri) for iri, number in self.ids.items()),
        )
        self.database.executemany(
            "INSERT INTO property VALUES (?, ?)", ((number, name) for name, number in self.properties.items())
        )

    # --- kinds

    def kind(self, kind: Kind) -> None:
        """Fill the tables of one kind by asking each of its patterns for all nodes."""
        keys: dict[str, dict[str, Any]] = {}
        for name, order in kind.orders.items():
            rows = self.store.select(
                f"SELECT ?node ({order.aggregate} AS ?value) {{ {kind.pattern} {order.sorting} }} GROUP BY ?node",
                trusted=True,
            )
            empty: Any = 0 if order.numeric else ""
            keys[name] = {node: empty if value is None else value for node, value in self._pairs(rows)}
        usual = kind.orders[kind.usual]
        # A node without a key in one order (a statement without a position) is in that order's list last or first.
        chosen = sorted(keys[kind.usual])
        ords = {iri: number for number, iri in enumerate(chosen)}
        ranked = sorted(chosen, key=lambda iri: keys[kind.usual][iri], reverse=usual.descending)
        ranks = {iri: number for number, iri in enumerate(ranked)}
        single = {name: self._single(found) for name, found in kind.columns.items() if not found.many}
        missing = {name: 0 if kind.columns[name].scheme == "flag" else None for name in single}
        width = 3 + len(kind.orders) + len(single)
        self.database.executemany(
            f"INSERT INTO {kind.name} (rank, id, ord, "
            f"{', '.join([*map(key, kind.orders), *map(column, single)])}) VALUES ({', '.join('?' * width)})",
            (
                (
                    rank,
                    self.id_of(iri),
                    ords[iri],
                    *(found.get(iri, 0 if kind.orders[name].numeric else "") for name, found in keys.items()),
                    *(found.get(iri, missing[name]) for name, found in single.items()),
                )
                for iri, rank in ranks.items()
            ),
        )
        for name, found in kind.columns.items():
            if found.many:
                self._side(kind, name, ((v, ranks.get(n)) for n, v in self._values(found.pattern)))
        for name, relation in kind.relations.items():
            rows = self._ask(relation.pattern, "?target")
            self._side(kind, name, ((self.id_of(str(t)), ranks.get(n)) for n, t in self._pairs(rows)))
        for name, pattern in kind.spans.items():
            self._spans(kind, name, pattern, ranks)
        self._texts(kind, ranks)

    def _ask(self, pattern: str, *variables: str) -> Rows:
        # Nodes of other kinds that the pattern finds have no rank and are left out; joining would cost more.
        return self.store.select(f"SELECT DISTINCT ?node {' '.join(variables)} {{ {pattern} }}", trusted=True)

    def _pairs(self, rows: Rows) -> Iterator[tuple[str, Any]]:
        for node, value in rows.rows:
            if isinstance(node, NamedNode):
                yield node.value, None if value is None else plain(value, str)

    def _single(self, wanted: Column) -> dict[str, Any]:
        if wanted.scheme != "flag":
            return dict(self._values(wanted.pattern))
        rows = self._ask(wanted.pattern)
        return {node.value: 1 for (node,) in rows.rows if isinstance(node, NamedNode)}

    def _values(self, pattern: str) -> Iterator[tuple[str, Any]]:
        for node, value in self._pairs(self._ask(pattern, "?value")):
            if value is not None:
                yield node, int(value) if isinstance(value, bool) else value

    def _side(self, kind: Kind, name: str, rows: Iterable[tuple[Any, int | None]]) -> None:
        self.database.executemany(
            f"INSERT OR IGNORE INTO {side(kind, name)} VALUES (?, ?)", (row for row in rows if row[1] is not None)
        )

    def _spans(self, kind: Kind, name: str, pattern: str, ranks: dict[str, int]) -> None:
        rows = self._ask(pattern, "?first", "?last")
        self.database.executemany(
            f"INSERT INTO {side(kind, name)} VALUES (?, ?, ?)",
            (
                (ranks[node.value], getattr(first, "value", None), getattr(last, "value", None))
                for node, first, last in rows.rows
                if isinstance(node, NamedNode) and node.value in ranks
            ),
        )

    def _written(self, pattern: str, ranks: dict[str, int]) -> list[tuple[str, str]]:
        """Return the texts of nodes. Whole articles are taken from here, by their editions.

        The engine would hold a copy of the article for each node that the pattern finds: gigabytes for 300 articles.
        """
        whole = f"/{KG.text} ?value"
        found = [(n, str(v)) for n, v in self._values(pattern.replace(whole, " ?value")) if n in ranks]
        if whole not in pattern:
            return found
        texts = dict(self.database.execute("SELECT id, text FROM edition_text"))
        return [(node, texts.get(self.ids.get(value, 0), value)) for node, value in found]

    def _texts(self, kind: Kind, ranks: dict[str, int]) -> None:
        for name, pattern in kind.texts.items():
            asked = self._written(pattern, ranks)
            self.database.executemany(
                f"INSERT INTO {side(kind, name)} VALUES (?, ?)",
                ((ranks[node], value.lower()) for node, value in asked),
            )
            if kind.searched == pattern:
                gathered: dict[int, list[str]] = defaultdict(list)
                for node, value in asked:
                    gathered[ranks[node]].append(value)
                self.database.executemany(
                    f"INSERT INTO {words(kind)} (rowid, text) VALUES (?, ?)",
                    ((rank, "\n".join(gathered[rank])) for rank in sorted(gathered)),
                )


class _Reference(int):
    """The number of a node, told apart from a number that is a value."""


def _facets(database: sqlite3.Connection, kind: Kind) -> None:
    """Count the values of each facet over all nodes of a kind."""
    for name, found in kind.columns.items():
        if found.facet:
            table, value = (side(kind, name), "value") if found.many else (kind.name, column(name))
            counted = f"SELECT {value} AS value, count(*) AS n FROM {table} WHERE {value} IS NOT NULL GROUP BY 1"
            _keep(database, kind, name, f"SELECT value, n FROM ({counted}) ORDER BY n DESC, value")
    for name, relation in kind.relations.items():
        if relation.facet:
            counted = (
                f"SELECT o AS value, count(*) AS n FROM {side(kind, name)} "
                f"WHERE o IN (SELECT id FROM {relation.target}) GROUP BY 1"
            )
            _keep(
                database,
                kind,
                name,
                f"SELECT f.value, f.n FROM ({counted}) f JOIN node ON node.id = f.value ORDER BY f.n DESC, node.iri",
            )


def _keep(database: sqlite3.Connection, kind: Kind, name: str, sql: str) -> None:
    rows = database.execute(sql).fetchall()
    database.executemany(
        "INSERT INTO facet VALUES (?, ?, ?, ?, ?)",
        ((kind.name, name, place, value, n) for place, (value, n) in enumerate(rows)),
    )
