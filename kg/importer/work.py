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
from kg.gate import Report, check, open_engine
from kg.graph import PackedGraph
from kg.importer.bounds import Bounds
from kg.mapping import to_graph
from kg.model import Article, Reading

HOUSE_READER = "rules-en"
_BOUNDS = Bounds()


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
    """What work on one article gave; ``refusal`` is None when the gate let it pass.

    ``digest`` is that of the graph; ``reader`` names who read it and in which version; ``seconds`` are by stage.
    """

    graph: PackedGraph | None
    refusal: str | None
    statements: int = 0
    warnings: tuple[str, ...] = ()
    seconds: Mapping[str, float] | None = None
    digest: str = ""
    reader: str = ""


def work(
    item: Article | Reading, *, reader: str = HOUSE_READER, gate: str = "pyshacl", bounds: Bounds = _BOUNDS
) -> Done:
    """Read (unless it is a Reading already), map and check one article. Raises MemoryError only: a KgError or another
    exception is a refusal.
    """
    seconds: dict[str, float] = {}
    try:
        _check_size(item, bounds)
        started = time.perf_counter()
        reading = item if isinstance(item, Reading) else open_reader(reader).read(item)
        if any(problem.message.startswith("MemoryError") for problem in reading.problems):
            raise MemoryError  # a step that ran out of memory: the same article must not give less on a small machine
        seconds["read"] = time.perf_counter() - started
        started = time.perf_counter()
        graph = to_graph(reading)
        seconds["map"] = time.perf_counter() - started
        started = time.perf_counter()
        packed = graph.packed()
        report = check(graph, validator=open_engine(gate))
        seconds["check"] = time.perf_counter() - started
    except KgError as error:
        return Done(None, str(error), seconds=seconds)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 -- the boundary: one bad article is refused and the batch goes on
        return Done(None, traceback.format_exc(limit=-6), seconds=seconds)
    if not report.conforms:
        return Done(None, describe(report), len(reading.statements), (), seconds)
    notes = tuple(sorted({violation.message for violation in report.violations}))
    return Done(packed, None, len(reading.statements), notes, seconds, packed.digest(), _name(item, reader))


def describe(report: Report) -> str:
    """Return a refusal in the shapes' own words."""
    return report.describe()


def _name(item: Article | Reading, reader: str) -> str:
    """Return who read: the reader of this call, or the one whose record came."""
    if isinstance(item, Reading):
        return f"{item.run.reader} {item.run.version}"
    return f"{open_reader(reader).name} {open_reader(reader).version}"


def _check_size(item: Article | Reading, bounds: Bounds) -> None:
    article = item.article if isinstance(item, Reading) else item
    size = len(article.text.encode("utf-8", "surrogatepass"))
    if size > bounds.text_bytes:
        raise UsageError(
            f"{article.origin or article.iri}: {size:,} bytes of text are more than the {bounds.text_bytes:,} that one "
            "article may have; split it"
        )
