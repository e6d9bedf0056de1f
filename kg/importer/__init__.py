"""Files enter, a store that holds their graphs leaves: the whole journey, for one file or many.

Order of events, so that nothing acknowledged is lost and nothing is half-written (docs/design.md, "Import"): the raw
bytes go to the spool, the journal says "received"; each article is read, mapped and checked; a batch of graphs is put
and flushed; the journal says "committed" or "quarantined"; at the end all editions are linked and the store publishes
a generation. A batch that was cut off is taken up again by the next import.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from pyoxigraph import NamedNode

from kg.articles import Options, RecordLine, load, sources
from kg.errors import ArticleError, KgError, RecordError
from kg.graph import ArticleGraph
from kg.importer.pool import process
from kg.importer.report import ImportReport, Outcome
from kg.importer.work import HOUSE_READER, Done, open_reader
from kg.linking import link
from kg.model import Article, Reading
from kg.record import from_record
from kg.store.base import Store
from kg.store.journal import Commit, Entry, Receipt

__all__ = ["ImportReport", "Outcome", "import_files", "import_sources"]

BATCH = 50  # articles a flush: one costs 27 ms at a million quads, so one flush an article would double the time


@dataclass(frozen=True, slots=True)
class _Task:
    """An article on its way: where it came from, and the mark by which an unchanged one is known."""

    iri: str
    origin: str
    raw: str
    mark: str
    title: str | None
    receipt: Receipt
    known: Entry | None


def import_files(
    paths: Iterable[str | Path],
    *,
    store: Store,
    options: Options | None = None,
    jobs: int = 1,
    replace: bool = False,
    reader: str = HOUSE_READER,
    notify: Callable[[Outcome], None] | None = None,
) -> ImportReport:
    """Import files and folders ("-" is standard input) and link what the store then holds.

    Args:
        options: What holds for files that carry no metadata of their own (outlet, published, url …).
        jobs: How many processes read; the result is the same for any number.
        replace: Read again what is there unchanged.
        reader: The entry point of ``kg.readers`` that reads.
        notify: Called with each outcome as it is known.

    A bad article is refused and kept in the journal as quarantined; the others go on. Raises UsageError for a reader
    that does not exist and StoreError when the store can't be written.
    """
    return import_sources(
        sources(paths, private=bool(options and options.private)),
        store=store,
        options=options or Options(),
        jobs=jobs,
        replace=replace,
        reader=reader,
        notify=notify,
    )


def import_sources(
    given: Iterable[tuple[str, bytes | KgError]],
    *,
    store: Store,
    options: Options,
    jobs: int = 1,
    replace: bool = False,
    reader: str = HOUSE_READER,
    notify: Callable[[Outcome], None] | None = None,
) -> ImportReport:
    """Import (origin, bytes) pairs; see :func:`import_files`. An error in place of bytes is a refused source."""
    run = _Run(store, options, reader, replace, notify or (lambda outcome: None))
    started = time.perf_counter()
    batch: list[tuple[_Task, Done]] = []
    for task, done in process(run.tasks(given), jobs=jobs, reader=reader):
        for stage, seconds in done.seconds.items():
            run.report.spend(stage, seconds)
        batch.append((task, done))
        if len(batch) >= BATCH:
            run.commit(batch)
            batch = []
    run.commit(batch)
    run.drop_superseded()
    run.finish()
    run.report.elapsed = time.perf_counter() - started
    run.report.peak_bytes = _peak_bytes()
    return run.report


class _Run:
    """What stays open during one import: the store, the report, and what has been seen."""

    def __init__(
        self, store: Store, options: Options, reader: str, replace: bool, notify: Callable[[Outcome], None]
    ) -> None:
        self.store = store
        self.options = options
        self.reader = f"{open_reader(reader).name} {open_reader(reader).version}"
        self.replace = replace
        self.notify = notify
        self.report = ImportReport()
        self.linking = NamedNode(f"{store.base_iri}graph/linking")
        self.changed = False
        self.seen: set[str] = set()
        self.from_raw: dict[tuple[str, str], set[str]] = {}
        self.resumed: set[str] = set()

    def _linking(self) -> list[NamedNode]:
        return [] if self.changed else [self.linking]

    def tell(self, outcome: Outcome) -> None:
        self.report.outcomes.append(outcome)
        self.notify(outcome)

    def tasks(self, sources: Iterable[tuple[str, bytes | KgError]]) -> Iterator[tuple[_Task, Article | Reading]]:
        """Yield what must be worked on: what an earlier import left unfinished, then the new sources."""
        yield from self._unfinished()
        for origin, raw in sources:
            if isinstance(raw, KgError):
                self.tell(Outcome("refused", origin, reason=str(raw)))
            else:
                yield from self._load(origin, raw, self.options)

    def _unfinished(self) -> Iterator[tuple[_Task, Article | Reading]]:
        for entry in self.store.journal.all("received"):
            if entry.raw_sha256 in self.resumed or entry.raw_sha256 not in self.store.spool:
                continue
            self.resumed.add(entry.raw_sha256)
            given = orjson.loads(entry.given)
            options = Options(
                **{**given.get("options", {}), "authors": tuple(given.get("options", {}).get("authors", ()))}
            )
            yield from self._load(
                given.get("file", entry.origin or ""), self.store.spool.get(entry.raw_sha256), options
            )

    def _load(self, origin: str, raw: bytes, options: Options) -> Iterator[tuple[_Task, Article | Reading]]:
        started = time.perf_counter()
        digest = self.store.spool.put(raw)
        made: set[str] = set()
        for item in load(raw, origin=origin, options=options, base_iri=self.store.base_iri):
            found = self._decode(item)
            self.report.spend("load", time.perf_counter() - started)
            if isinstance(found, KgError):
                self._refuse_source(origin, digest, found)
            else:
                article = found.article if isinstance(found, Reading) else found
                made.add(article.iri)
                task = self._task(found, article, origin, digest, options)
                if task is not None:
                    yield task, found
            started = time.perf_counter()
        self.from_raw[digest, origin] = made

    def _decode(self, item: Article | RecordLine | ArticleError) -> Article | Reading | KgError:
        if not isinstance(item, RecordLine):
            return item
        try:
            return from_record(item.data, base=self.store.base_iri)
        except RecordError as error:
            return ArticleError(f"{item.origin}: {error}")

    def _refuse_source(self, origin: str, digest: str, error: KgError) -> None:
        """Keep a source that can't even be opened in the journal under the hash of its bytes and its complaint."""
        name = f"urn:sha256:{digest}" + (f"#{hashlib.sha256(str(error).encode()).hexdigest()[:8]}")
        self.store.journal.received([Receipt(name, digest, origin=origin, given=self._given(origin, "", self.options))])
        self.store.journal.quarantined(name, str(error), reader=self.reader)
        self.tell(Outcome("refused", origin, reason=str(error)))

    def _given(self, origin: str, mark: str, options: Options) -> str:
        return orjson.dumps(
            {"options": asdict(options), "file": origin, "mark": mark}, option=orjson.OPT_SORT_KEYS
        ).decode()

    def _task(
        self, item: Article | Reading, article: Article, origin: str, digest: str, options: Options
    ) -> _Task | None:
        """Decide what is to be done with an article; None when nothing is."""
        where = article.origin or origin
        if article.iri in self.seen:
            self.tell(
                Outcome("duplicate", where, article.iri, article.title, "the same text of the same outlet came before")
            )
            return None
        self.seen.add(article.iri)
        mark = _mark(item, self.reader)
        known = self.store.journal.entry(article.iri)
        if known is not None and known.state != "received" and not self.replace:
            given = orjson.loads(known.given)
            if given.get("mark") == mark:
                if known.state == "quarantined":
                    self.tell(Outcome("refused", where, article.iri, article.title, known.reason))
                else:
                    self.tell(Outcome("unchanged", where, article.iri, article.title))
                return None
            if known.state == "committed" and known.origin != where and known.reader == self.reader:
                self.tell(
                    Outcome(
                        "duplicate", where, article.iri, article.title, f"the same text is there from {known.origin}"
                    )
                )
                return None
        receipt = Receipt(
            iri=article.iri,
            raw_sha256=digest,
            text_sha256=article.sha256,
            origin=where,
            outlet=article.outlet.name if article.outlet else None,
            given=self._given(origin, mark, options),
        )
        self.store.journal.received([receipt])
        return _Task(article.iri, where, digest, mark, article.title, receipt, known)

    def commit(self, batch: list[tuple[_Task, Done]]) -> None:
        """Put a batch: data first, flush, journal after."""
        if not batch:
            return
        started = time.perf_counter()
        graphs: list[ArticleGraph] = [done.graph for _, done in batch if done.graph is not None]
        refused = [NamedNode(task.iri) for task, done in batch if done.graph is None and task.known is not None]
        # Without its linking graph a store says that it must be linked again, should we be cut off before that.
        self.store.put(graphs, drop=[*refused, *self._linking()])
        self.store.journal.committed(
            Commit(graph.name.value, len(graph), graph.digest(), self.reader) for graph in graphs
        )
        self.changed = True
        for task, done in batch:
            if done.graph is None:
                reason = done.refusal or "refused without a reason"
                self.store.journal.quarantined(task.iri, reason, reader=self.reader)
                self.tell(Outcome("refused", task.origin, task.iri, task.title, reason))
            else:
                known = task.known is not None and task.known.state == "committed"
                state = "replaced" if known else "imported"
                self.tell(
                    Outcome(
                        "replaced" if state == "replaced" else "imported",
                        task.origin,
                        task.iri,
                        task.title,
                        statements=done.statements,
                        triples=len(done.graph),
                        warnings=done.warnings,
                    )
                )
        self.report.spend("put", time.perf_counter() - started)

    def drop_superseded(self) -> None:
        """Drop the editions that the same bytes from the same place gave under other options (a wrong --outlet)."""
        for (digest, origin), made in self.from_raw.items():
            old = [
                entry
                for entry in self.store.journal.by_raw(digest)
                if entry.iri not in made
                and not entry.iri.startswith("urn:")
                and orjson.loads(entry.given).get("file") == origin
            ]
            if old and made:
                self.store.put([], drop=[*(NamedNode(entry.iri) for entry in old), *self._linking()])
                self.store.journal.forget([entry.iri for entry in old])
                self.changed = True

    def finish(self) -> None:
        """Link and publish, if anything changed or the last import was cut off before it could."""
        if self.changed or (self.store.count() and self.linking not in self.store.graph_names()):
            started = time.perf_counter()
            self.report.linked = link(self.store).counts
            self.report.spend("link", time.perf_counter() - started)
        started = time.perf_counter()
        self.store.publish()
        self.report.spend("publish", time.perf_counter() - started)
        self.report.version = self.store.version()


def _mark(item: Article | Reading, reader: str) -> str:
    """Return what changes when an article's text, metadata or reader does."""
    if isinstance(item, Reading):
        return hashlib.sha256(repr(item).encode()).hexdigest()[:16]
    return hashlib.sha256(repr((item, reader)).encode()).hexdigest()[:16]


def _peak_bytes() -> int:
    """Return the largest resident size of this process and its children, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * unit
