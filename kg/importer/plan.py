"""How an import is to go: what is taken, by whom it is read, and how many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kg.dates import bounds
from kg.errors import UsageError
from kg.importer.bounds import Bounds
from kg.importer.work import HOUSE_READER

_BOUNDS = Bounds()
# A batch of its own accord ends with MOST articles, or with LEAST when they make QUADS, or SECONDS after its first.
LEAST, MOST, QUADS, SECONDS = 100, 1_000, 100_000, 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The choices of one import; every one of them gives the same quads for the articles that it takes.

    Args:
        jobs: Child processes that read, each bounded by ``bounds``; 0 reads in this process, without bounds.
        ordered: Outcomes come in the order of the input; else as they are known.
        replace: Read again what is there unchanged.
        dry_run: Load, read and check, and write nothing.
        since: Leave out articles that say that they were published before this day (YYYY-MM-DD).
        limit: Read this many articles at most; what is there unchanged does not count.
        reader: The entry point of ``kg.readers`` that reads.
        gate: ``pyshacl``, the reference, or ``fast`` (the extra of that name), which asks pySHACL before it refuses.
        batch: Articles between two flushes of the store. None: at least 100, and more while they are small and come
            quickly, as a flush costs a fifth of a second whatever it holds.
        dask: Read on a Dask cluster: the address of its scheduler, or ``local`` for one of ``jobs`` processes here.
    """

    jobs: int = 1
    ordered: bool = True
    replace: bool = False
    dry_run: bool = False
    since: str | None = None
    limit: int | None = None
    reader: str = HOUSE_READER
    gate: str = "pyshacl"
    batch: int | None = None
    bounds: Bounds = _BOUNDS
    dask: str | None = None

    def __post_init__(self) -> None:
        if self.jobs < 0 or (self.batch is not None and self.batch < 1) or (self.limit is not None and self.limit < 0):
            raise UsageError("--jobs and --limit count from 0, a batch from 1")
        if self.since is not None:
            try:
                date.fromisoformat(self.since)
            except ValueError:
                raise UsageError(f"--since: there is no day {self.since!r}; write it like 2022-02-27") from None

    def ends_batch(self, articles: int, quads: int, seconds: float) -> bool:
        """Tell whether a batch of so many articles and quads, begun so long ago, is to be put and flushed."""
        if self.batch is not None:
            return articles >= self.batch
        return articles >= MOST or (articles >= LEAST and (quads >= QUADS or seconds >= SECONDS))

    def too_old(self, published: str | None) -> bool:
        """Tell whether an article with this EDTF date stays out: only one that is older for certain."""
        latest = bounds(published)[1] if published and self.since else None
        return latest is not None and latest < date.fromisoformat(self.since or "")
