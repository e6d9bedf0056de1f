"""Any SPARQL 1.1 server behind the Store contract; journal, spool and tokens stay in a local folder.

The server keeps the graphs, and nothing else of ours: no helper graphs, no extensions. What belongs to this program
(what became of every article, the raw bytes, the version of the data) is kept in ``DIR`` as for a store on disk:
``store.json``, ``journal.sqlite``, ``spool/``, ``VERSION``. One process writes at a time.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, Triple

from kg.errors import QueryError, StoreBusy, StoreError
from kg.graph import BASE_IRI, ArticleGraph
from kg.store import guard
from kg.store.base import Rows, Store, Term
from kg.store.formats import serialise, serialise_graph
from kg.store.index import Index
from kg.store.index.files import Indices
from kg.store.journal import Journal
from kg.store.meta import base_of
from kg.store.remote import answers, speech
from kg.store.remote.address import parse
from kg.store.remote.http import RESULTS, TRIPLES, Server
from kg.store.remote.mirror import mirror
from kg.store.spool import DiskSpool, MemorySpool, Spool, write_durably
from kg.vocab import KG, RDF_TYPE

logger = logging.getLogger("kg")

VERSION = "VERSION"
DIRTY = "unpublished"
STALE = 10  # seconds that a reader without the writer's folder may take an answer for fresh


def open_remote(url: str, *, base_iri: str | None, read_only: bool) -> Store:
    """Open a server's store; a writer makes the local folder. Raises StoreError or UsageError, see ``open_store``."""
    address = parse(url)
    server = Server(address)
    try:
        if read_only and not (address.local / "store.json").exists():
            return RemoteStore(url, base_iri or _base_in(server), server, None, read_only=True)
        base = base_of(address.local, base_iri, make=not read_only)
        return RemoteStore(url, base, server, address.local, read_only=read_only)
    except BaseException:
        server.close()
        raise


class RemoteStore:
    """A store on a SPARQL server, for reading or as its one writer."""

    def __init__(self, url: str, base_iri: str, server: Server, root: Path | None, *, read_only: bool) -> None:
        self.url = url
        self.name = server.name
        self.base_iri = base_iri
        self.root = root
        self.server = server
        self.engine = server.engine
        self._read_only = read_only
        self._turn = threading.RLock()
        self._closed = False
        self._lock = None if read_only or root is None else _lock(root)
        self.journal = Journal(root, read_only=read_only)
        self.spool: Spool = DiskSpool(root) if root else MemorySpool()
        self._indices = Indices(root or Path())
        self._run_mark = os.urandom(4).hex()
        self._changes = 0

    # ---- writing

    def put(self, graphs: Iterable[ArticleGraph], *, drop: Iterable[NamedNode] = ()) -> None:
        wanted = {name: ArticleGraph(name, frozenset()) for name in drop}
        wanted |= {graph.name: answers.canonical_graph(graph) for graph in graphs}
        with self._turn:
            self._may_write()
            todo = [graph for graph in wanted.values() if self.graph(graph.name).triples != graph.triples]
            if not todo:
                return
            self._will_change()
            for graph in todo:
                self._replace(graph)
            for graph in todo:
                self._look_again(graph)

    def update(self, sparql: str, *, trusted: bool = False) -> None:
        self._check(sparql, trusted)
        with self._turn:
            self._may_write()
            self._will_change()
            try:
                self.server.update(sparql)
            except QueryError as error:
                if "not SPARQL" in str(error):
                    raise QueryError(str(error).replace("The query", "The update", 1)) from error
                told = "Nothing was changed" if self.engine.atomic else "What stands before the fault may be changed"
                raise QueryError(f"{told}: {error}") from error

    def _replace(self, graph: ArticleGraph) -> None:
        """Replace one graph: in one request wherever the engine takes it whole."""
        lines = [f"{line} .\n" for line in graph.lines()]
        if self.server.by_graph:
            self.server.replace(graph.name.value, "".join(lines).encode())
            return
        batch = self.engine.batch
        inserts = [
            f"INSERT DATA {{ GRAPH {graph.name} {{\n{''.join(lines[start : start + batch])}}} }}"
            for start in range(0, len(lines), batch)
        ]
        steps = [f"DROP SILENT GRAPH {graph.name}", *inserts]
        if self.engine.atomic:
            self.server.update(" ;\n".join(steps))
            return
        # An article of usual size goes in one request; a reader may see it half-way for milliseconds all the same.
        self.server.update(" ;\n".join(steps[:2]))
        for step in steps[2:]:
            self.server.update(step)

    def _look_again(self, graph: ArticleGraph) -> None:
        """Read a graph back: engines round decimals, rewrite literals and cut long texts without a word."""
        found = self.graph(graph.name)
        if found.triples == graph.triples:
            return
        lost = sorted(map(str, graph.triples - found.triples))
        more = sorted(map(str, found.triples - graph.triples))
        raise StoreError(
            f"{self.name} does not hold {graph.name.value} as it was sent: {len(lost)} triples are missing "
            f"({lost[0][:200] if lost else '–'}), {len(more)} are others ({more[0][:200] if more else '–'}); "
            "does somebody else write to it, or does it rewrite literals? See docs/operate.md"
        )

    def _may_write(self) -> None:
        if self._closed:
            raise StoreError(f"{self.name} is closed")
        if self._read_only:
            raise StoreError(f"{self.name} was opened for reading only")

    def _will_change(self) -> None:
        assert self.root is not None
        if not (self.root / DIRTY).exists():
            write_durably(self.root / DIRTY, b"")
        self._changes += 1

    # ---- reading

    def select(self, sparql: str, *, trusted: bool = False) -> Rows:
        self._check(sparql, trusted)
        most = self.engine.values
        questions = speech.parts(sparql, most) if most and len(sparql) > most else [sparql]
        variables: tuple[str, ...] = ()
        rows: list[tuple[Term | None, ...]] = []
        for question in questions:
            answer = self._results(question, "SELECT")
            assert isinstance(answer, QuerySolutions)
            variables = tuple(variable.value for variable in answer.variables)
            rows.extend(tuple(answers.canonical(term) for term in row) for row in answer)
        if len(questions) > 1 and speech.is_distinct(sparql):
            rows = list(dict.fromkeys(rows))
        return Rows(variables, tuple(rows))

    def ask(self, sparql: str, *, trusted: bool = False) -> bool:
        self._check(sparql, trusted)
        answer = self._results(sparql, "ASK")
        assert isinstance(answer, QueryBoolean)
        return bool(answer)

    def construct(self, sparql: str, *, trusted: bool = False) -> list[Triple]:
        self._check(sparql, trusted)
        form = speech.form_of(sparql)
        if form not in ("CONSTRUCT", "DESCRIBE"):
            raise QueryError("The query is not a CONSTRUCT or DESCRIBE")
        return self._triples(sparql, form)

    def _triples(self, sparql: str, form: str, *, union: bool = True) -> list[Triple]:
        if form == "DESCRIBE" and not self.engine.describes:
            sparql = self._described(sparql)
        return answers.triples(self._send(sparql, TRIPLES, union=union))

    def query(self, sparql: str, *, accept: str, trusted: bool = False, union: bool = True) -> tuple[bytes, str]:
        self._check(sparql, trusted)
        form = speech.form_of(sparql)
        if form in ("SELECT", "ASK"):
            return serialise(self._results(sparql, form, union=union), accept)
        return serialise_graph(self._triples(sparql, form, union=union), accept)

    def graph_names(self) -> list[NamedNode]:
        rows = self.select("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }", trusted=True)
        names = [row["g"] for row in rows]
        return sorted(
            (name for name in names if isinstance(name, NamedNode) and name.value not in self.engine.hidden),
            key=lambda name: name.value,
        )

    def graph(self, name: NamedNode) -> ArticleGraph:
        rows = self.select(f"SELECT ?s ?p ?o WHERE {{ GRAPH {name} {{ ?s ?p ?o }} }}", trusted=True)
        return ArticleGraph(name, frozenset(Triple(*row) for row in rows.rows))  # type: ignore[arg-type]

    def count(self) -> int:
        rows = self.select("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }", trusted=True)
        number = rows.rows[0][0]
        assert isinstance(number, Literal)
        return int(number.value)

    def _results(self, sparql: str, wanted: str, *, union: bool = True) -> QuerySolutions | QueryBoolean:
        if speech.form_of(sparql) != wanted:
            raise QueryError(f"The query is not {'an' if wanted == 'ASK' else 'a'} {wanted}")
        return answers.results(self._send(sparql, RESULTS, union=union), form=wanted, own=self.engine.own_results)

    def _check(self, sparql: str, trusted: bool) -> None:
        if not trusted:
            guard.check(sparql)
            speech.check(sparql)

    def _send(self, sparql: str, accept: str, *, union: bool = True) -> bytes:
        if self._closed:
            raise StoreError(f"{self.name} is closed")
        scope = speech.scope(sparql)
        engine = self.engine
        before = engine.prologue
        if scope.any_graph and not scope.names:
            before += engine.any_graph
        elif scope.names and engine.one_graph:
            if scope.any_graph or not all(name.startswith("<") for name in scope.names):
                before = ""  # both kinds, or a short name: the engine's own graphs have to stay in sight
            else:
                before += "".join(engine.one_graph.format(graph=name) for name in sorted(scope.names))
        if scope.named and not scope.plain:
            before += engine.only_named
        # The union would overrule the query's own FROM. Without it the server's own default graph is asked.
        parameters = engine.union if union and not (scope.plain or scope.named) else {}
        if not engine.undef:
            sparql = speech.without_undef(sparql)
        return self.server.query(before + sparql, accept=accept, parameters=parameters)

    def _described(self, sparql: str) -> str:
        """Return a CONSTRUCT of the triples that leave the nodes of a DESCRIBE."""
        parts = speech.describe(sparql)
        if parts is None:
            raise QueryError(f"{self.name} answers DESCRIBE with names or variables only, not DESCRIBE *")
        before, after, terms = parts
        nodes = [term for term in terms if term[0] not in "?$"]
        variables = [term for term in terms if term[0] in "?$"]
        if variables:
            found = self.select(f"{before} SELECT DISTINCT {' '.join(variables)} {after}", trusted=True)
            nodes += sorted({str(term) for row in found.rows for term in row if isinstance(term, NamedNode)})
        # ?s_ as a name of its own: VALUES needs no rows to be right where nothing was found.
        return f"{before} CONSTRUCT {{ ?s_ ?p_ ?o_ }} WHERE {{ VALUES ?s_ {{ {' '.join(nodes)} }} ?s_ ?p_ ?o_ }}"

    # ---- versions

    def version(self) -> str:
        if self.root is None:
            return f"live.{int(time.time() // STALE)}"
        number = _number(self.root)
        if not (self.root / DIRTY).exists():
            return str(number)
        # Unlike on disk, readers see what is put before it is published.
        return f"{number}+{self._run_mark}.{self._changes if self._lock else int(time.time() // STALE)}"

    def publish(self) -> None:
        """Tell the readers that share our folder that the data are others. What was put is visible to all at once."""
        with self._turn:
            self._may_write()
            assert self.root is not None
            number = _number(self.root)
            if (self.root / DIRTY).exists():
                number += 1
                self._make_index(number)
                self._release(number)
                write_durably(self.root / VERSION, f"{number}\n".encode())
                (self.root / DIRTY).unlink(missing_ok=True)
                self._changes = 0
            else:
                self._release(number)

    def index(self) -> Index | None:
        """Return the index in the local folder; None while there are data that it does not know."""
        if self.root is None or (self.root / DIRTY).exists():
            return None
        return self._indices.of(_number(self.root))

    def reindex(self) -> None:
        """Build the index again, publishing first what is not published."""
        with self._turn:
            self.publish()
            assert self.root is not None
            self._make_index(_number(self.root))

    def _make_index(self, number: int) -> None:
        # Without it everything is still answered, only more slowly.
        assert self.root is not None
        try:
            if self.engine.exact:
                self._indices.build(self, number)
            else:
                with mirror(self, self.root) as copied:
                    self._indices.build(copied, number)
        except StoreError as error:
            logger.warning("%s", error)

    def _release(self, number: int) -> None:
        """Let readers of the outbox hear of what happened up to now."""

        def statements(edition: str) -> list[str]:
            sparql = f"SELECT ?s WHERE {{ GRAPH {NamedNode(edition)} {{ ?s {RDF_TYPE} {KG.Statement} }} }}"
            return [row["s"].value for row in self.select(sparql, trusted=True) if isinstance(row["s"], NamedNode)]

        self.journal.outbox.publish(number, statements)

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self.server.close()
            self.journal.close()
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _number(root: Path) -> int:
    try:
        text = (root / VERSION).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return 0
    if not text.isdigit():
        raise StoreError(f"{root / VERSION} should hold a number and holds {text[:40]!r}; run `kg verify`")
    return int(text)


def _lock(root: Path) -> int:
    """Take the one writer's place; it is free again when the process ends, however it does."""
    descriptor = os.open(root / "writer.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreBusy(
            f"another `kg import` is writing to {root}; wait for it, or open the store for reading only"
        ) from error
    return descriptor


def _base_in(server: Server) -> str:
    """Find the base IRI of a server's data by the name of its linking graph; the usual one where there is none."""
    reader = RemoteStore("", "", server, None, read_only=True)
    ending = "graph/linking"
    found: Iterator[str] = (name.value for name in reader.graph_names() if name.value.endswith(f"/{ending}"))
    return next(found, BASE_IRI + ending).removesuffix(ending)
