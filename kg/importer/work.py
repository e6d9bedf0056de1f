"""One article or record enters, its checked graph leaves, or the reason why it was refused; runs in any process."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Protocol, cast

from kg.errors import KgError, UsageError
from kg.gate import Report, check
from kg.graph import ArticleGraph
from kg.mapping import to_graph
from kg.model import Article, Reading

HOUSE_READER = "rules-en"


class Reader(Protocol):
    """What the entry-point group ``kg.readers`` names."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def read(self, article: Article) -> Reading: ...


@cache
def open_reader(name: str = HOUSE_READER) -> Reader:
    """Return a reader by its entry point's name. Raises UsageError that lists the readers there are."""
    for point in entry_points(group="kg.readers", name=name):
        return cast(Reader, point.load())
    if name == HOUSE_READER:
        from kg.reading import READER

        return READER
    known = sorted({HOUSE_READER, *(point.name for point in entry_points(group="kg.readers"))})
    raise UsageError(f"There is no reader {name!r}; installed are {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Done:
    """What work on one article gave; ``refusal`` is None when the gate let it pass."""

    graph: ArticleGraph | None
    refusal: str | None
    statements: int
    warnings: tuple[str, ...]
    seconds: Mapping[str, float]


def work(item: Article | Reading, *, reader: str = HOUSE_READER) -> Done:
    """Read (unless it is a Reading already), map and check one article. Never raises: an error is a refusal."""
    seconds: dict[str, float] = {}
    try:
        started = time.perf_counter()
        reading = item if isinstance(item, Reading) else open_reader(reader).read(item)
        seconds["read"] = time.perf_counter() - started
        started = time.perf_counter()
        graph = to_graph(reading)
        seconds["map"] = time.perf_counter() - started
        started = time.perf_counter()
        report = check(graph)
        seconds["check"] = time.perf_counter() - started
    except KgError as error:
        return Done(None, str(error), 0, (), seconds)
    except Exception:  # noqa: BLE001 -- the boundary: one bad article is refused and the batch goes on
        return Done(None, traceback.format_exc(limit=-6), 0, (), seconds)
    refusal = None if report.conforms else describe(report)
    notes = tuple(sorted({violation.message for violation in report.violations if report.conforms}))
    return Done(graph if report.conforms else None, refusal, len(reading.statements), notes, seconds)


def describe(report: Report) -> str:
    """Return a refusal in the shapes' own words."""
    return report.describe()
