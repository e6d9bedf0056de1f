"""pyoxigraph behind the Store contract: in memory, or on disk with one writer and readers that follow generations."""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import pyoxigraph as ox
from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Triple

from kg import crash
from kg.errors import QueryError, StoreBusy, StoreError
from kg.graph import BASE_IRI, ArticleGraph
from kg.store import guard
from kg.store.base import Rows, Store
from kg.store.changes import Changes
from kg.store.formats import serialise
from kg.store.generations import DIRTY, Generations
from kg.store.index import Index, in_memory
from kg.store.index.files import Indices
from kg.store.journal import Journal
from kg.store.lock import held, is_taken
from kg.store.mend import begin, settle, unfit
from kg.store.meta import base_of
from kg.store.spool import DiskSpool, MemorySpool, Spool, write_durably
from kg.store.unchecked import NOTE, Notes
from kg.store.watching import noted, watched
from kg.vocab import KG, RDF_TYPE

logger = logging.getLogger("kg")

# Triples of new graphs from which on they are written as sorted files: a third of the time and of the memory of a
# transaction, and as whole after a kill.
BULK = 2_000


def open_memory(url: str, *, base_iri: str | None, read_only: bool) -> Store:
    """Open an empty store in memory; with ``read_only`` it stays empty."""
    return MemoryStore(url, base_iri or BASE_IRI, read_only=read_only)


def open_disk(url: str, *, base_iri: str | None, read_only: bool) -> Store:
    """Open the store in a folder; a writer makes the folder. Raises StoreError or UsageError, see ``open_store``."""
    scheme, _, rest = url.partition(":")
    root = Path(rest if scheme.lower() == "oxigraph" else url).expanduser()
    base = base_of(root, base_iri, make=not read_only)
    return DiskReader(url, base, root) if read_only else DiskStore(url, base, root)


class _Oxigraph:
    """What the three stores share: answering from one engine, whose writes take turns."""

    root: Path | None = None

    def __init__(self, url: str, base_iri: str) -> None:
        self.url = url
        self.base_iri = base_iri

    def _engine(self) -> ox.Store:
        raise NotImplementedError

    def put(self, graphs: Iterable[ArticleGraph], *, drop: Iterable[NamedNode] = ()) -> None:
        raise StoreError(f"{self.url} was opened for reading only")

    def update(self, sparql: str, *, trusted: bool = False) -> None:
        raise StoreError(f"{self.url} was opened for reading only")

    def publish(self) -> None:
        raise StoreError(f"{self.url} was opened for reading only")

    def select(self, sparql: str, *, trusted: bool = False) -> Rows:
        with self._asked(sparql, trusted) as answer:
            if not isinstance(answer, QuerySolutions):
                raise QueryError("The query is not a SELECT")
            variables = tuple(variable.value for variable in answer.variables)
            return Rows(variables, tuple(tuple(row) for row in answer))

    def ask(self, sparql: str, *, trusted: bool = False) -> bool:
        with self._asked(sparql, trusted) as answer:
            if not isinstance(answer, QueryBoolean):
                raise QueryError("The query is not an ASK")
            return bool(answer)

    def construct(self, sparql: str, *, trusted: bool = False) -> list[Triple]:
        with self._asked(sparql, trusted) as answer:
            if not isinstance(answer, QueryTriples):
                raise QueryError("The query is not a CONSTRUCT or DESCRIBE")
            return list(dict.fromkeys(answer))

    def query(self, sparql: str, *, accept: str, trusted: bool = False, union: bool = True) -> tuple[bytes, str]:
        with self._asked(sparql, trusted, union) as answer:
            return serialise(answer, accept)

    def graph_names(self) -> list[NamedNode]:
        with self._reading() as engine:
            names = [name for name in engine.named_graphs() if isinstance(name, NamedNode)]
        return sorted(names, key=lambda name: name.value)

    def graph(self, name: NamedNode) -> ArticleGraph:
        with self._reading() as engine:
            return _graph(engine, name)

    def count(self) -> int:
        with self._reading() as engine:
            return len(engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        raise NotImplementedError

    @contextmanager
    def _reading(self) -> Iterator[ox.Store]:
        try:
            yield self._engine()
        except (OSError, RuntimeError) as error:
            raise StoreError(f"{self.url} can't be read: {error}") from error

    @contextmanager
    def _asked(
        self, sparql: str, trusted: bool, union: bool = True
    ) -> Iterator[QuerySolutions | QueryBoolean | QueryTriples]:
        """Evaluate a query. Its answer must be used up inside the block: on another thread it aborts the process."""
        if not trusted:
            guard.check(sparql)
        # The engine's union option would silently overrule the query's own FROM.
        union = union and not guard.has_dataset(sparql)
        with self._reading() as engine:
            try:
                answer = engine.query(sparql, use_default_graph_as_union=union)
            except (SyntaxError, ValueError) as error:
                raise QueryError(f"The query is not SPARQL 1.1: {_words(error)}") from error
            yield answer


class _Writer(_Oxigraph):
    """What the two writing stores share."""

    journal: Journal

    def __init__(self, url: str, base_iri: str) -> None:
        super().__init__(url, base_iri)
        # Two writes at once lose one of them silently: the engine does not notice conflicts.
        self._turn = threading.RLock()
        # What came and went since the last generation.
        self._changed = Changes()

    def put(self, graphs: Iterable[ArticleGraph], *, drop: Iterable[NamedNode] = ()) -> None:
        wanted = {name: ArticleGraph(name, frozenset()) for name in drop}
        wanted |= {graph.name: graph for graph in graphs}
        with self._turn, noted(self._changed):
            engine = self._engine_for_writing()
            todo = [graph for graph in wanted.values() if self._note(engine, graph)]
            if not todo:
                return
            self._will_change()
            new = {g.name: g for g in todo if len(g) and not engine.contains_named_graph(g.name)}
            if sum(map(len, new.values())) < BULK:
                new = {}
            for graph in todo:
                if graph.name not in new:
                    # One string is one transaction; two calls lost graphs when the process was killed between them.
                    self._run(partial(engine.update, _replacement(graph)))
                    crash.point("put")
            if new:
                data = b"".join(map(_nquads, new.values()))
                self._run(partial(engine.bulk_load, data, format=ox.RdfFormat.N_QUADS))
                crash.point("put")
            self._flush(engine)

    def _note(self, engine: ox.Store, graph: ArticleGraph) -> bool:
        """Note what a graph will be that is written now; tells whether that is another than stands there."""
        stood = _graph(engine, graph.name).triples
        if stood == graph.triples and (stood or not engine.contains_named_graph(graph.name)):
            return False
        self._changed.replace(graph.name.value, stood, graph.triples)
        return True

    def update(self, sparql: str, *, trusted: bool = False) -> None:
        if not trusted:
            guard.check(sparql)
        with self._turn:
            engine = self._engine_for_writing()
            self._will_change()
            try:
                with watched(engine, sparql, self._changed):
                    self._run(partial(engine.update, sparql))
            except (SyntaxError, ValueError) as error:
                raise QueryError(f"The update is not SPARQL 1.1: {_words(error)}") from error
            except RuntimeError as error:
                raise QueryError(f"Nothing was changed: {error}") from error
            self._flush(engine)

    def _engine_for_writing(self) -> ox.Store:
        return self._engine()

    def _release(self, generation: int) -> None:
        """Let readers of a generation hear of what it holds."""
        engine = self._engine()

        def statements(edition: str) -> list[str]:
            found = engine.quads_for_pattern(None, RDF_TYPE, KG.Statement, NamedNode(edition))
            return [quad.subject.value for quad in found if isinstance(quad.subject, NamedNode)]

        self.journal.outbox.publish(generation, statements)

    def _will_change(self) -> None:
        """Note, before it happens, that the data will change."""
        raise NotImplementedError

    def _run(self, write: Callable[[], None]) -> None:
        write()

    def _flush(self, engine: ox.Store) -> None:
        """Make what was written durable."""


class MemoryStore(_Writer):
    """A store that lives and dies with the process; ``engine`` is what it answers from, an empty one when left out."""

    def __init__(self, url: str, base_iri: str, *, read_only: bool = False, engine: ox.Store | None = None) -> None:
        super().__init__(url, base_iri)
        self.journal = Journal(None)
        self.spool: Spool = MemorySpool()
        self._read_only = read_only
        self._changes = 0
        self._store: ox.Store | None = ox.Store() if engine is None else engine
        self._index: Index | None = None

    def version(self) -> str:
        return str(self._changes)

    def publish(self) -> None:
        """Index what is there, though no other process reads it; those who wait for news hear of them now."""
        with self._turn:
            self._release(self._changes)
            if self.index() is None:
                self._index = in_memory(self, self.version(), before=self._index, changes=self._changed)
                self._changed = Changes()

    def index(self) -> Index | None:
        """Return the index, when it is of what the store holds now."""
        found = self._index
        return found if found is not None and found.generation == self.version() else None

    def close(self) -> None:
        self._store = None
        self.journal.close()

    def _engine(self) -> ox.Store:
        if self._store is None:
            raise StoreError(f"{self.url} is closed")
        return self._store

    def _engine_for_writing(self) -> ox.Store:
        if self._read_only:
            raise StoreError(f"{self.url} was opened for reading only")
        return self._engine()

    def _will_change(self) -> None:
        self._changes += 1


class DiskStore(_Writer):
    """The one writer of a folder. It reads its own writes; other processes see them after :meth:`publish`."""

    def __init__(self, url: str, base_iri: str, root: Path) -> None:
        super().__init__(url, base_iri)
        self.root: Path = root
        self._generations = Generations(root)
        self._store: ox.Store | None = self._open()
        self._failed = False
        self.journal = Journal(root)
        self.spool: Spool = DiskSpool(root)
        # Unpublished data get versions that no other run can have used for other data.
        self._run_mark = os.urandom(4).hex()
        self._changes = 0
        self._dirty = (root / DIRTY).exists()
        self._indices = Indices(root)
        if self._dirty:
            self._changed.forget()  # another process wrote and did not come to publish
        if self._generations.current() is None:
            self._generations.publish(self._engine(), before=self._accompany)
        elif (root / NOTE).exists():
            Notes(root).settle(self._engine(), self._generations.open()[1], stands=self.journal.hand.knows)
            self._changed.forget()

    def version(self) -> str:
        with self._turn:
            number = str(self._generations.current())
            return f"{number}+{self._run_mark}.{self._changes}" if self._dirty else number

    def publish(self) -> None:
        with self._turn:
            engine = self._engine_for_writing()
            if self._dirty:
                self._flush(engine)
                self._generations.publish(engine, before=self._prepare)
                (self.root / DIRTY).unlink(missing_ok=True)
                self._dirty = False
                self._changed = Changes()
            elif (number := self._generations.current()) is not None:
                self._release(number)  # what was committed without a change of the data

    def index(self) -> Index | None:
        """Return the index of the newest generation; None while there are data that it does not know."""
        with self._turn:
            return None if self._dirty else self._indices.of(self._generations.current())

    def reindex(self) -> None:
        """Build the index of the newest generation again, publishing first what is not published."""
        with self._turn:
            self.publish()
            number = self._generations.current()
            assert number is not None
            self._indices.build(self, number)

    def _prepare(self, number: int) -> None:
        """Index a generation and tell its news, before readers are sent to it."""
        self._accompany(number)
        self._release(number)

    def _accompany(self, number: int) -> None:
        self._make_index(number)
        self._generations.keep(self.journal, number)

    def _make_index(self, number: int) -> None:
        # Without it everything is still answered, only more slowly: that is no reason to refuse a generation.
        try:
            self._indices.follow(self, number, since=self._generations.current(), changes=self._changed)
        except (OSError, StoreError) as error:
            logger.warning("%s", error)

    def republish(self) -> None:
        """Publish although nothing changed: what was published is not what stands here."""
        with self._turn:
            self._will_change()
            self._changed.forget()
            self.publish()

    def close(self) -> None:
        with self._turn:
            self._store = None
            gc.collect()  # the lock of the folder goes with the last reference to the engine
            self.journal.close()

    def _engine(self) -> ox.Store:
        if self._store is None:
            raise StoreError(f"{self.url} is closed")
        return self._store

    def _engine_for_writing(self) -> ox.Store:
        # After a full disk every later write fails until the engine is opened anew, even when there is room again.
        if self._failed:
            self._store = None
            gc.collect()
            self._store = self._open()
            self._failed = False
            self._changed.forget()  # what was not flushed may be gone
        return self._engine()

    def _open(self) -> ox.Store:
        primary = self.root / "primary"
        try:
            begin(self.root)
            with held(self.root, shared=True):
                settle(self.root)
                if why := unfit(self.root):
                    raise OSError(why)
                return ox.Store(str(primary))
        except (OSError, RuntimeError) as error:
            if is_taken(error):
                raise StoreBusy(
                    f"another `kg import` is writing to {self.root}; wait for it, or open the store for reading only"
                ) from error
            raise StoreError(
                f"{primary} can't be opened: {error}; run `kg verify --repair --store {self.root}`"
            ) from error

    def _will_change(self) -> None:
        if not self._dirty:
            write_durably(self.root / DIRTY, b"")
            self._dirty = True
        self._changes += 1

    def _run(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            self._failed = True
            raise StoreError(f"{self.root} can't be written: {error}; make room and import again") from error

    def _flush(self, engine: ox.Store) -> None:
        try:
            engine.flush()
        except (OSError, RuntimeError) as error:
            self._failed = True
            raise StoreError(f"{self.root} can't be written: {error}; make room and import again") from error


class DiskReader(_Oxigraph):
    """A reader of a folder: it answers from the newest generation and moves on by itself."""

    def __init__(self, url: str, base_iri: str, root: Path) -> None:
        super().__init__(url, base_iri)
        self.root: Path = root
        self._generations = Generations(root)
        self._moving = threading.Lock()
        self._opened: tuple[int, ox.Store, tuple[int, int]] | None = self._generations.open()
        self._indices = Indices(root)
        self._journal: Journal | None = None
        self.spool: Spool = DiskSpool(root)

    @property
    def journal(self) -> Journal:
        if self._journal is None:
            self._journal = Journal(self.root, read_only=True)
        return self._journal

    def version(self) -> str:
        return str(self._follow()[0])

    def index(self) -> Index | None:
        return self._indices.of(self._follow()[0])

    def pinned(self) -> Store:
        """Return this reader as it is now: all that is asked of it comes from one generation."""
        number, engine, _ = self._follow()
        return _Pinned(self, number, engine, self._indices.of(number))

    def close(self) -> None:
        self._opened = None
        self._generations.release()
        if self._journal is not None:
            self._journal.close()

    def _engine(self) -> ox.Store:
        return self._follow()[1]

    def _follow(self) -> tuple[int, ox.Store, tuple[int, int]]:
        opened = self._opened
        if opened is None:
            raise StoreError(f"{self.url} is closed")
        if self._generations.stamp() not in (opened[2], None):
            with self._moving:
                if self._opened is opened:
                    # Queries that still run keep the old generation open until they end.
                    self._opened = self._generations.open()
                opened = self._opened or opened
        return opened


class _Pinned(_Oxigraph):
    """A reader of one generation, for the length of one request."""

    def __init__(self, reader: DiskReader, number: int, engine: ox.Store, index: Index | None) -> None:
        super().__init__(reader.url, reader.base_iri)
        self._reader = reader
        self._number = number
        self._opened = engine
        self._index = index
        self.spool: Spool = reader.spool

    @property
    def journal(self) -> Journal:
        return self._reader.journal

    def version(self) -> str:
        return str(self._number)

    def index(self) -> Index | None:
        return self._index

    def close(self) -> None:
        """Nothing to do: the reader goes on."""

    def _engine(self) -> ox.Store:
        return self._opened


def _replacement(graph: ArticleGraph) -> str:
    drop = f"DROP SILENT GRAPH {graph.name}"
    if not len(graph):
        return drop
    data = graph.ntriples().decode()
    return f"{drop} ; INSERT DATA {{ GRAPH {graph.name} {{ {data} }} }}"


def _nquads(graph: ArticleGraph) -> bytes:
    # A line's end is no part of a literal: there it is escaped.
    return graph.ntriples().replace(b" .\n", f" {graph.name} .\n".encode())


def _graph(engine: ox.Store, name: NamedNode) -> ArticleGraph:
    return ArticleGraph(name, frozenset(quad.triple for quad in engine.quads_for_pattern(None, None, None, name)))


def _words(error: BaseException) -> str:
    # The engine's list of what it expected can run over many lines of character ranges.
    text = " ".join(str(error).split())
    return text if len(text) <= 400 else f"{text[:400]} …"
