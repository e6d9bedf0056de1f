"""Sources enter, the store holds their graphs: the whole journey of one import, and what it takes up again after a cut.

Order of events, so that nothing acknowledged is lost and nothing is half-written (docs/design.md, "Import"): the raw
bytes go to the spool, and the journal says "received", first of the file, then of its articles; each article is read,
mapped and checked; a batch of graphs is put and flushed; the journal says "committed" or "quarantined"; at the end
all editions are linked and the store publishes a generation.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

import orjson
from pyoxigraph import NamedNode

from kg import crash
from kg.articles import Options
from kg.errors import KgError
from kg.graph import ArticleGraph, PackedGraph
from kg.importer.added import Snapshot, compare, snapshot
from kg.importer.loading import Loaded
from kg.importer.plan import Plan
from kg.importer.pool import Workers
from kg.importer.report import ImportReport, Outcome, Progress
from kg.importer.work import Done, open_reader
from kg.linking import is_stale, link
from kg.store.base import Store
from kg.store.journal import Commit, Entry, Receipt

SOURCE = "urn:sha256:"  # a file in the journal, as long as not all of its articles stand there


@dataclass(frozen=True, slots=True)
class Given:
    """A file on its way: its bytes' hash, where they came from and with which options; ``wanted`` names the editions
    that are asked for, None all of them. ``again`` reads them even if they are there unchanged; a ``quiet`` file's
    unchanged articles are not told.
    """

    digest: str
    origin: str
    options: Options
    wanted: frozenset[str] | None = None
    again: bool = False
    quiet: bool = False

    @property
    def iri(self) -> str:
        return SOURCE + self.digest

    def json(self, *, mark: str = "", record: bool = False) -> str:
        """Return what the journal keeps beside an edition: enough to read it again from the spool."""
        told = {"options": asdict(self.options), "file": self.origin, "mark": mark} | (
            {"record": True} if record else {}
        )
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def of(cls, entry: Entry, *, wanted: frozenset[str] | None = None, again: bool = False) -> Given:
        """Return the file that an edition of the journal came from, to be taken from the spool."""
        told = orjson.loads(entry.given)
        options = told.get("options", {})
        options["authors"] = tuple(options.get("authors", ()))
        return cls(
            entry.raw_sha256, told.get("file") or entry.origin or "", Options(**options), wanted, again, quiet=True
        )


@dataclass(frozen=True, slots=True)
class Task:
    """An article that is to be read, and what the journal knew of it before."""

    loaded: Loaded
    known: Entry | None


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
        self._changed = False
        self._before: Snapshot | None = None
        self._seen: set[str] = set()
        self._taken = 0
        self._done = 0

    def unfinished(self) -> None:
        """Take up what an earlier import was cut off from: files of which not all was read, and single articles."""
        if self.plan.dry_run:
            return
        waiting = self.store.journal.all("received")
        whole = [Given.of(entry) for entry in waiting if entry.iri == SOURCE + entry.raw_sha256]
        singles: dict[tuple[str, str], list[Entry]] = {}
        for entry in waiting:
            if entry.iri != SOURCE + entry.raw_sha256 and not any(given.digest == entry.raw_sha256 for given in whole):
                singles.setdefault((entry.raw_sha256, entry.given), []).append(entry)
        parts = [Given.of(entries[0], wanted=frozenset(entry.iri for entry in entries)) for entries in singles.values()]
        self.take([*whole, *parts])
        self._seen.clear()  # the same files may be given anew now, and are there unchanged

    def receive(self, sources: Iterable[tuple[str, bytes | KgError]], options: Options) -> None:
        """Import what is given."""
        self.drive(self._received(sources, options))

    def take(self, files: Iterable[Given]) -> None:
        """Import files that lie in the spool. One whose bytes are gone is quarantined, and its editions with it."""
        self.drive(self._spooled(files))

    def outdated(self, *, everything: bool = False) -> list[Given]:
        """Return the files of the spool that hold editions which another version of the reader read, or all files."""
        found: dict[tuple[str, str, str], Given] = {}
        by_hand = self.store.journal.hand.all()
        for entry in self.store.journal.all("committed"):
            given = Given.of(entry, again=everything)
            stale = entry.reader != self._reader and not orjson.loads(entry.given).get("record")
            stale = stale and entry.iri not in by_hand
            if everything or stale:
                found.setdefault((given.digest, given.origin, repr(given.options)), given)
        return sorted(found.values(), key=lambda given: (given.origin, given.digest, repr(given.options)))

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
                        self._look()
                        self.store.put([], drop=[NamedNode(entry.iri)])
                        self.store.journal.quarantined(entry.iri, str(error), reader=self._reader)
                self._tell(Outcome("refused", given.origin, reason=str(error)))

    def drive(self, files: Iterator[tuple[Given, bytes]]) -> None:
        """Load, read, check and commit; the last batch is committed when this returns."""
        batch: list[tuple[Task, Done]] = []
        quads, begun = 0, time.perf_counter()
        for task, done in self._workers.process(self._tasks(files), ordered=self.plan.ordered):
            for stage, seconds in (done.seconds or {}).items():
                self.report.spend(stage, seconds)
            batch.append((task, done))
            quads += len(done.graph or ())
            self._done += 1
            self._progress(Progress("read", self._done, self._taken, len(self.report.refused), task.loaded.title))
            if self.plan.ends_batch(len(batch), quads, time.perf_counter() - begun):
                self._commit(batch)
                batch, quads, begun = [], 0, time.perf_counter()
        self._commit(batch)

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
                            receipts.append(_receipt(item, given))
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
            if orjson.loads(known.given).get("mark") == item.mark:
                if known.state == "quarantined":
                    if not given.quiet:
                        self._tell(Outcome("refused", *where, known.reason))
                elif not given.quiet:
                    self._tell(Outcome("unchanged", *where))
                return None
            if known.state == "committed" and (hand := self.store.journal.hand.of(item.iri)) is not None:
                if not given.quiet:
                    reason = f"changed by hand by {hand.by} on {hand.time}; --replace reads it again all the same"
                    self._tell(Outcome("unchanged", *where, reason))
                return None
            if known.state == "committed" and known.origin != item.origin and known.reader == self._reader:
                self._tell(Outcome("duplicate", *where, f"the same text is there from {known.origin}"))
                return None
        self._taken += 1
        return Task(item, known)

    def _refuse_source(self, given: Given, error: KgError) -> None:
        """Keep what can't even be loaded in the journal, under the hash of its bytes and its complaint."""
        reason = str(error)
        if not self.plan.dry_run:
            name = f"{given.iri}#{hashlib.sha256(reason.encode()).hexdigest()[:8]}"
            self.store.journal.received([Receipt(name, given.digest, origin=given.origin, given=given.json())])
            self.store.journal.quarantined(name, reason, reader=self._reader)
        self._tell(Outcome("refused", given.origin, reason=reason))

    def _take_decisions(self, decisions: PackedGraph) -> None:
        """Add the human decisions of another store's dump to those that are here."""
        here = self.store.graph(decisions.name)
        both = ArticleGraph(decisions.name, here.triples | decisions.triples)
        if both.triples != here.triples and not self.plan.dry_run:
            self._look()
            self.store.put([both])
            self._changed = True

    def _commit(self, batch: list[tuple[Task, Done]]) -> None:
        """Put a batch: data first, flush, journal after."""
        if not batch:
            return
        started = time.perf_counter()
        if not self.plan.dry_run:
            graphs = [done.graph for _, done in batch if done.graph is not None]
            refused = [NamedNode(task.loaded.iri) for task, done in batch if done.graph is None and task.known]
            crash.point("before-put")
            self._look()
            self.store.put(graphs, drop=refused)
            crash.point("put-done")
            self._changed = True
            self.store.journal.settled(
                [
                    Commit(done.graph.name.value, len(done.graph), done.digest, done.reader)
                    for _, done in batch
                    if done.graph is not None
                ],
                {task.loaded.iri: _reason(done) for task, done in batch if done.graph is None},
                reader=self._reader,
            )
            crash.point("journalled")
        for task, done in batch:
            self._tell(_outcome(task, done))
        self.report.spend("put", time.perf_counter() - started)

    def _look(self) -> None:
        """Note what editions share before the first change, which is about to happen."""
        self._before = self._before or snapshot(self.store)

    def _drop_superseded(self, given: Given, made: set[str]) -> None:
        """Drop the editions that the same bytes from the same place gave under other options (a wrong --outlet)."""
        old = [
            entry
            for entry in self.store.journal.by_raw(given.digest)
            if entry.iri not in made
            and not entry.iri.startswith(SOURCE)
            and orjson.loads(entry.given).get("file") == given.origin
        ]
        if old and made:
            self._look()
            self.store.put([], drop=[NamedNode(entry.iri) for entry in old])
            self.store.journal.forget([entry.iri for entry in old])
            self._changed = True

    def finish(self) -> None:
        """Link and publish, if anything changed or the last import was cut off before it could."""
        if self.plan.dry_run:
            self.report.version = self.store.version()
            return
        if self._changed or is_stale(self.store):
            self._progress(Progress("link", self._done, self._taken, len(self.report.refused), None))
            crash.point("before-link")
            started = time.perf_counter()
            self.report.linked = link(self.store)
            self.report.added = compare(self._before or snapshot(self.store), snapshot(self.store))
            self.report.spend("link", time.perf_counter() - started)
            crash.point("linked")
        self._progress(Progress("publish", self._done, self._taken, len(self.report.refused), None))
        started = time.perf_counter()
        self.store.publish()
        self.report.spend("publish", time.perf_counter() - started)
        self.report.version = self.store.version()
        crash.point("published")

    def _tell(self, outcome: Outcome) -> None:
        self.report.outcomes.append(outcome)
        self._notify(outcome)


def _receipt(item: Loaded, given: Given) -> Receipt:
    return Receipt(
        iri=item.iri,
        raw_sha256=given.digest,
        text_sha256=item.sha256,
        origin=item.origin,
        outlet=item.outlet,
        given=given.json(mark=item.mark, record=item.record),
    )


def _reason(done: Done) -> str:
    return done.refusal or "refused without a reason"


def _outcome(task: Task, done: Done) -> Outcome:
    item = task.loaded
    if done.graph is None:
        return Outcome("refused", item.origin, item.iri, item.title, _reason(done))
    known = task.known is not None and task.known.state == "committed"
    return Outcome(
        "replaced" if known else "imported",
        item.origin,
        item.iri,
        item.title,
        statements=done.statements,
        triples=len(done.graph),
        warnings=done.warnings,
    )
