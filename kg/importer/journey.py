"""Sources enter, the store holds their graphs: the whole journey of one import, and what it takes up again after a cut.

Order of events, so that nothing acknowledged is lost and nothing is half-written (docs/design.md, "Import"): the raw
bytes go to the spool, and the journal says "received", first of the file, then of its articles; each article is read,
mapped and checked; a batch of graphs is put and flushed; the journal says "committed" or "quarantined"; at the end
all editions are linked and the store publishes a generation.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Set

import orjson
from pyoxigraph import Triple

from kg import crash
from kg.articles import Options
from kg.errors import KgError
from kg.graph import ArticleGraph, PackedGraph
from kg.importer.added import added
from kg.importer.batches import Batches
from kg.importer.given import Given, Task, outdated, superseded, unfinished
from kg.importer.loading import Loaded
from kg.importer.plan import Plan
from kg.importer.pool import Workers
from kg.importer.report import ImportReport, Outcome, Progress
from kg.importer.work import open_reader
from kg.linking import is_stale, link
from kg.store.base import Store
from kg.store.journal import Receipt


class Journey:
    """What stays open during one import: the store, the report, and what has been seen."""

    def __init__(
        self,
        store: Store,
        plan: Plan,
        workers: Workers,
        *,
        notify: Callable[[Outcome], None] | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.store = store
        self.plan = plan
        self.report = ImportReport()
        self._workers = workers
        self._notify = notify or (lambda outcome: None)
        self._progress = progress or (lambda step: None)
        self._reader = f"{open_reader(plan.reader).name} {open_reader(plan.reader).version}"
        self._batches = Batches(store, plan, self.report, reader=self._reader, tell=self._tell)
        self._seen: set[str] = set()
        self._taken = 0
        self._done = 0
        self._refused = 0

    def unfinished(self) -> None:
        """Take up what an earlier import was cut off from: files of which not all was read, and single articles."""
        if self.plan.dry_run:
            return
        self.take(unfinished(self.store.journal))
        self._seen.clear()  # the same files may be given anew now, and are there unchanged

    def receive(self, sources: Iterable[tuple[str, bytes | KgError]], options: Options) -> None:
        """Import what is given."""
        self.drive(self._received(sources, options))

    def take(self, files: Iterable[Given]) -> None:
        """Import files that lie in the spool. One whose bytes are gone is quarantined, and its editions with it."""
        self.drive(self._spooled(files))

    def outdated(self, *, everything: bool = False) -> list[Given]:
        """Return the files of the spool that hold editions which another version of the reader read, or all files."""
        return outdated(self.store.journal, self._reader, everything=everything)

    def _received(
        self, sources: Iterable[tuple[str, bytes | KgError]], options: Options
    ) -> Iterator[tuple[Given, bytes]]:
        for origin, raw in sources:
            if isinstance(raw, KgError):
                self._tell(Outcome("refused", origin, reason=str(raw)))
            elif self._full():
                return
            else:
                started = time.perf_counter()
                digest = hashlib.sha256(raw).hexdigest()
                given = Given(digest, origin, options, again=self.plan.replace)
                if not self.plan.dry_run:
                    self.store.spool.put(raw)
                    crash.point("spooled")
                    self.store.journal.received([Receipt(given.iri, digest, origin=origin, given=given.json())])
                    crash.point("received")
                self.report.spend("receive", time.perf_counter() - started)
                yield given, raw

    def _spooled(self, files: Iterable[Given]) -> Iterator[tuple[Given, bytes]]:
        for given in files:
            try:
                yield given, self.store.spool.get(given.digest)
            except KgError as error:
                # What is there already stays as it is; what was only received will never be read.
                for entry in self.store.journal.by_raw(given.digest):
                    if entry.state == "received":
                        self._batches.quarantine(entry.iri, str(error))
                self._tell(Outcome("refused", given.origin, reason=str(error)))

    def drive(self, files: Iterator[tuple[Given, bytes]]) -> None:
        """Load, read, check and commit; the last batch is committed when this returns."""
        for task, done in self._workers.process(self._tasks(files), ordered=self.plan.ordered):
            for stage, seconds in (done.seconds or {}).items():
                self.report.spend(stage, seconds)
            self._done += 1
            self._progress(Progress("read", self._done, self._taken, self._refused, task.loaded.title))
            self._batches.add(task, done)
        self._batches.finish()

    def close(self) -> None:
        """Wait until nothing is written any more, also after an error."""
        self._batches.close()

    def _tasks(self, files: Iterator[tuple[Given, bytes]]) -> Iterator[tuple[Task, Loaded]]:
        for given, raw in files:
            made: set[str] = set()
            parts = self._workers.load(
                raw, origin=given.origin, options=given.options, base_iri=self.store.base_iri, reader=self._reader
            )
            started = time.perf_counter()
            for items in parts:
                tasks, receipts = [], []
                for item in items:
                    if isinstance(item, KgError):
                        if given.wanted is None:
                            self._refuse_source(given, item)
                    elif isinstance(item, PackedGraph):
                        self._take_decisions(item)
                    elif given.wanted is None or item.iri in given.wanted:
                        made.add(item.iri)
                        task = self._task(item, given)
                        if task is not None:
                            tasks.append(task)
                            receipts.append(task.receipt(given))
                if not self.plan.dry_run:
                    self.store.journal.received(receipts)
                self.report.spend("load", time.perf_counter() - started)
                yield from ((task, task.loaded) for task in tasks)
                if self._full():
                    if not self.plan.dry_run:
                        self.store.journal.forget([given.iri])
                    return
                started = time.perf_counter()
            if given.wanted is None and not self.plan.dry_run:
                self._drop_superseded(given, made)
                self.store.journal.forget([given.iri])

    def _full(self) -> bool:
        return self.plan.limit is not None and self._taken >= self.plan.limit

    def _task(self, item: Loaded, given: Given) -> Task | None:
        """Decide what is to be done with an article; None when nothing is."""
        where = (item.origin, item.iri, item.title)
        if self.plan.too_old(item.published):
            self._tell(Outcome("skipped", *where, f"published before {self.plan.since}"))
            return None
        if item.iri in self._seen:
            self._tell(Outcome("duplicate", *where, "the same text of the same outlet came before"))
            return None
        if self._full():
            return None
        self._seen.add(item.iri)
        known = self.store.journal.entry(item.iri)
        if known is not None and known.state != "received" and not given.again:
            told = orjson.loads(known.given)
            elsewhere = known.origin != item.origin and told.get("file") != given.origin
            same = told.get("mark") == item.mark
            if known.state == "committed" and elsewhere and (same or known.reader == self._reader):
                self._tell(Outcome("duplicate", *where, f"the same text is there from {known.origin}"))
                return None
            if same:
                if known.state == "quarantined" and not given.quiet:
                    self._tell(Outcome("refused", *where, known.reason))
                elif not given.quiet:
                    self._tell(Outcome("unchanged", *where))
                return None
            if known.state == "committed" and (hand := self.store.journal.hand.of(item.iri)) is not None:
                if not given.quiet:
                    reason = f"changed by hand by {hand.by} on {hand.time}; --replace reads it again all the same"
                    self._tell(Outcome("unchanged", *where, reason))
                return None
        self._taken += 1
        return Task(item, known)

    def _refuse_source(self, given: Given, error: KgError) -> None:
        """Keep what can't even be loaded in the journal, under the hash of its bytes and its complaint."""
        reason = str(error)
        name = f"{given.iri}#{hashlib.sha256(reason.encode()).hexdigest()[:8]}"
        known = self.store.journal.entry(name)
        if not self.plan.dry_run and (known is None or known.state != "quarantined"):
            self.store.journal.received([Receipt(name, given.digest, origin=given.origin, given=given.json())])
            self.store.journal.quarantined(name, reason, reader=self._reader)
        self._tell(Outcome("refused", given.origin, reason=reason))

    def _take_decisions(self, decisions: PackedGraph) -> None:
        """Add the human decisions of another store's dump to those that are here."""
        here = self.store.graph(decisions.name)
        both = ArticleGraph(decisions.name, here.triples | decisions.triples)
        if both.triples != here.triples and not self.plan.dry_run:
            self._batches.put(both)

    def _drop_superseded(self, given: Given, made: set[str]) -> None:
        old = superseded(self.store.journal.by_raw(given.digest), given, made) if made else []
        if old:
            self._batches.drop(old)

    def finish(self) -> None:
        """Link and publish, if anything changed or the last import was cut off before it could."""
        if self.plan.dry_run:
            self.report.version = self.store.version()
            return
        if self._batches.changed or is_stale(self.store):
            self._progress(Progress("link", self._done, self._taken, self._refused, None))
            crash.point("before-link")
            started = time.perf_counter()
            self.report.linked = link(self.store, notice=self._note)
            self.report.spend("link", time.perf_counter() - started)
            crash.point("linked")
        self._progress(Progress("publish", self._done, self._taken, self._refused, None))
        started = time.perf_counter()
        self.store.publish()
        self.report.spend("publish", time.perf_counter() - started)
        self.report.version = self.store.version()
        crash.point("published")

    def _note(self, come: Set[Triple], gone: Set[Triple]) -> None:
        self.report.added = added(self.store, come, gone)

    def _tell(self, outcome: Outcome) -> None:
        self._refused += outcome.state == "refused"
        self.report.outcomes.append(outcome)
        self._notify(outcome)
