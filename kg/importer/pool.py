"""Articles enter, results leave, in their order or as they come, from as many bounded children as asked for."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Protocol, TypeVar

from kg.articles import Options
from kg.errors import ArticleError
from kg.importer.bounds import Bounds
from kg.importer.child import MOST_ITEMS
from kg.importer.children import SPARES, Child, Role, TaskFailed
from kg.importer.loading import Item, Loaded, load_items
from kg.importer.work import Done, work

Tag = TypeVar("Tag")
# Articles a child that are on their way, and bytes of them all: enough to read while a batch is put and flushed.
AHEAD, AHEAD_BYTES = 40, 8_000_000


class Workers(Protocol):
    """Where files are loaded and articles read. The quads are the same wherever that is."""

    def load(self, raw: bytes, *, origin: str, options: Options, base_iri: str, reader: str) -> Iterator[list[Item]]:
        """Yield what is in a file, some articles at a time, in order."""

    def process(self, items: Iterable[tuple[Tag, Loaded]], *, ordered: bool = True) -> Iterator[tuple[Tag, Done]]:
        """Work on each article; ``ordered`` results come in the order of the items."""

    def close(self) -> None: ...


class Here:
    """This process: no bounds but that of the text; for tests, for debugging, and for input that is trusted."""

    def __init__(self, *, reader: str, gate: str, bounds: Bounds) -> None:
        self._work: Callable[[bytes], Done] = lambda content: work(
            pickle.loads(content), reader=reader, gate=gate, bounds=bounds
        )

    def load(self, raw: bytes, *, origin: str, options: Options, base_iri: str, reader: str) -> Iterator[list[Item]]:
        batch: list[Item] = []
        for item in load_items(raw, origin=origin, options=options, base_iri=base_iri, reader=reader):
            batch.append(item)
            if len(batch) == MOST_ITEMS:
                yield batch
                batch = []
        yield batch

    def process(self, items: Iterable[tuple[Tag, Loaded]], *, ordered: bool = True) -> Iterator[tuple[Tag, Done]]:
        for tag, item in items:
            yield tag, self._work(item.content)

    def close(self) -> None:
        """Nothing to end."""


class Pool:
    """``jobs`` children that read, and one that loads files.

    A child that dies, hangs or outgrows its bounds costs the article that it had, or the rest of the file; the next
    task gets a new child. One that was killed from outside is replaced, and its article is read again, once.
    """

    def __init__(self, jobs: int, *, reader: str, gate: str, bounds: Bounds) -> None:
        self._jobs = jobs
        self._bounds = bounds
        self._reader, self._gate = reader, gate
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="child")
        self._lock = Lock()
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._closed = False

    def load(self, raw: bytes, *, origin: str, options: Options, base_iri: str, reader: str) -> Iterator[list[Item]]:
        child = self._take("load")
        count = 0
        try:
            child.call("open", raw, origin, options, base_iri, reader)
            more = True
            while more:
                items, more = child.call("more")
                count += len(items)
                yield items
        except TaskFailed as error:
            after = f", after {count} of its articles" if count else ""
            yield [ArticleError(f"{origin}: this file can't be loaded{after}: {error}")]
        finally:
            self._give(child)

    def process(self, items: Iterable[tuple[Tag, Loaded]], *, ordered: bool = True) -> Iterator[tuple[Tag, Done]]:
        waiting: deque[tuple[Tag, int, Future[Done]]] = deque()
        held = 0
        for tag, item in items:
            waiting.append((tag, len(item.content), self._threads.submit(self._work, item)))
            held += len(item.content)
            while len(waiting) > self._jobs * AHEAD or (held > AHEAD_BYTES and len(waiting) > self._jobs):
                tag, size, done = _next(waiting, ordered)
                held -= size
                yield tag, done
        while waiting:
            tag, _, done = _next(waiting, ordered)
            yield tag, done

    def close(self) -> None:
        """End what is under way, and keep the idle children for the next import."""
        with self._lock:
            self._closed = True
            for child in self._all - set(self._idle):
                child.kill()
        self._threads.shutdown(cancel_futures=True)
        for child in self._idle:
            SPARES.give(child, self._bounds)

    def _work(self, item: Loaded) -> Done:
        for last_try in (False, True):
            child = self._take("read")
            try:
                done: Done = child.call("work", item.content, self._reader, self._gate, not item.record)
                return done
            except TaskFailed as error:
                if not error.outside or last_try or self._closed:
                    return Done(None, f"{item.origin}: {error}")
            finally:
                self._give(child)
        raise AssertionError("unreachable")

    def _take(self, role: Role) -> Child:
        with self._lock:
            for child in self._idle:
                if child.role == role:
                    self._idle.remove(child)
                    return child
        child = SPARES.take(role, self._bounds)
        with self._lock:
            self._all.add(child)
        return child

    def _give(self, child: Child) -> None:
        with self._lock:
            if child.alive and not child.grown:
                self._idle.append(child)
                return
            self._all.discard(child)
        child.close()


def _next(waiting: deque[tuple[Tag, int, Future[Done]]], ordered: bool) -> tuple[Tag, int, Done]:
    if not ordered:
        ready = wait([future for *_, future in waiting], return_when=FIRST_COMPLETED).done
        at = next(i for i, (*_, future) in enumerate(waiting) if future in ready)
        waiting.rotate(-at)
        tag, size, future = waiting.popleft()
        waiting.rotate(at)
        return tag, size, future.result()
    tag, size, future = waiting.popleft()
    return tag, size, future.result()
