"""What the journal remembers of files enters; files on their way leave, and articles of them that are to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache

import orjson

from kg.articles import Options
from kg.importer.loading import Loaded
from kg.store.journal import Entry, Journal, Receipt

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
        told = {"options": _written(self.options), "file": self.origin, "mark": mark} | (
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


@cache
def _written(options: Options) -> Mapping[str, object]:
    return asdict(options)


@dataclass(frozen=True, slots=True)
class Task:
    """An article that is to be read, and what the journal knew of it before."""

    loaded: Loaded
    known: Entry | None

    def receipt(self, given: Given) -> Receipt:
        """Return what the journal notes of it before it is read."""
        item = self.loaded
        return Receipt(
            iri=item.iri,
            raw_sha256=given.digest,
            text_sha256=item.sha256,
            origin=item.origin,
            outlet=item.outlet,
            given=given.json(mark=item.mark, record=item.record),
        )


def unfinished(journal: Journal) -> list[Given]:
    """Return what an import was cut off from: files of which not all was read, then single articles of others."""
    waiting = journal.all("received")
    whole = [Given.of(entry) for entry in waiting if entry.iri == SOURCE + entry.raw_sha256]
    digests = {given.digest for given in whole}
    singles: dict[tuple[str, str], list[Entry]] = {}
    for entry in waiting:
        if entry.raw_sha256 not in digests:
            singles.setdefault((entry.raw_sha256, entry.given), []).append(entry)
    parts = [Given.of(entries[0], wanted=frozenset(entry.iri for entry in entries)) for entries in singles.values()]
    return [*whole, *parts]


def outdated(journal: Journal, reader: str, *, everything: bool = False) -> list[Given]:
    """Return the files that hold editions which another reader or version read and no hand changed, or all; sorted."""
    found: dict[tuple[str, str, str], Given] = {}
    by_hand = journal.hand.all()
    for entry in journal.all("committed"):
        given = Given.of(entry, again=everything)
        stale = entry.reader != reader and not orjson.loads(entry.given).get("record")
        if everything or (stale and entry.iri not in by_hand):
            found.setdefault((given.digest, given.origin, repr(given.options)), given)
    return sorted(found.values(), key=lambda given: (given.origin, given.digest, repr(given.options)))


def superseded(entries: Iterable[Entry], given: Given, made: set[str]) -> list[str]:
    """Return the editions that a file gave before, at the same place, under other options (a wrong --outlet)."""
    return [
        entry.iri
        for entry in entries
        if entry.iri not in made
        and not entry.iri.startswith(SOURCE)
        and orjson.loads(entry.given).get("file") == given.origin
    ]
