"""Articles enter, results leave in the same order, from as many processes as asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from kg.importer.work import Done, work
from kg.model import Article, Reading

Tag = TypeVar("Tag")
AHEAD = 8  # articles a process that wait for their turn; more would only hold memory


def process(items: Iterable[tuple[Tag, Article | Reading]], *, jobs: int, reader: str) -> Iterator[tuple[Tag, Done]]:
    """Work on each item, in this process when ``jobs`` is 1; results come in the order of the items.

    A process that dies (out of memory, a crash in a library) takes its pool with it: what was under way is done again,
    one article a process, and the article that kills its process again is refused.
    """
    if jobs <= 1:
        for tag, item in items:
            yield tag, work(item, reader=reader)
        return
    waiting: deque[tuple[Tag, Article | Reading, Future[Done]]] = deque()
    pool = _pool(jobs)
    try:
        for tag, item in items:
            try:
                future = pool.submit(work, item, reader=reader)
            except BrokenProcessPool:
                while waiting:
                    yield _first(waiting, reader)
                pool = _pool(jobs)
                future = pool.submit(work, item, reader=reader)
            waiting.append((tag, item, future))
            if len(waiting) > jobs * AHEAD:
                yield _first(waiting, reader)
        while waiting:
            yield _first(waiting, reader)
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))


def _first(waiting: deque[tuple[Tag, Article | Reading, Future[Done]]], reader: str) -> tuple[Tag, Done]:
    tag, item, future = waiting.popleft()
    try:
        return tag, future.result()
    except BrokenProcessPool:
        return tag, _alone(item, reader)


def _alone(item: Article | Reading, reader: str) -> Done:
    with _pool(1) as pool:
        try:
            return pool.submit(work, item, reader=reader).result()
        except BrokenProcessPool:
            return Done(None, "The process that read this article died; it may be too large for the memory", 0, (), {})
