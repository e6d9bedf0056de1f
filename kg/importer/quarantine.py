"""A store enters, its quarantined articles and files leave: to be looked at, tried again or dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kg.errors import NotFound, UsageError
from kg.graph import short_hash
from kg.importer import run
from kg.importer.given import SOURCE, Given
from kg.importer.journey import Journey
from kg.importer.plan import Plan
from kg.importer.report import ImportReport, Outcome, Progress
from kg.store.base import Store
from kg.store.journal import Entry, Receipt

_PLAN = Plan()


@dataclass(frozen=True, slots=True)
class Refused:
    """An article or a file in quarantine. ``id`` is what commands call it by: 12 hexadecimal digits.

    ``iri`` is the edition's, or names the file's bytes where no article could be made; ``size`` is that of the bytes
    in the spool, None when they are gone; ``time`` is that of the refusal (UTC).
    """

    id: str
    iri: str
    origin: str | None
    outlet: str | None
    reason: str
    reader: str | None
    time: str
    raw_sha256: str
    size: int | None


def listed(store: Store, *, words: str = "") -> list[Refused]:
    """Return what is in quarantine, newest first; with ``words`` what has them in its reason or its origin."""
    found = [
        _refused(store, entry)
        for entry in store.journal.all("quarantined")
        if words.casefold() in f"{entry.reason}\n{entry.origin}".casefold()
    ]
    return sorted(found, key=lambda one: (one.time, one.iri), reverse=True)


def find(store: Store, names: Iterable[str]) -> list[Refused]:
    """Return the quarantined ones of these names: an id or its beginning, or the IRI.

    Raises NotFound for a name of none and UsageError for one of several.
    """
    known = store.journal.all("quarantined")
    chosen: dict[str, Entry] = {}
    for name in names:
        found = [entry for entry in known if entry.iri == name or short_hash(entry.iri).startswith(name)]
        if not found:
            raise NotFound(f"Nothing in quarantine is called {name!r}; `kg quarantine list` tells the names")
        if len(found) > 1:
            raise UsageError(f"{name!r} is the beginning of {len(found)} names in quarantine; write more of it")
        chosen[found[0].iri] = found[0]
    return [_refused(store, entry) for entry in chosen.values()]


def retry(
    store: Store,
    refused: Iterable[Refused],
    *,
    plan: Plan = _PLAN,
    notify: Callable[[Outcome], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Load and read these again from the spool, with the options they came with; what passes now is imported."""
    entries = [entry for one in refused if (entry := store.journal.entry(one.iri)) is not None]
    articles: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.iri.startswith(SOURCE):
            # The file is as if it had just been received, so that a cut from here on does not lose it.
            store.journal.received(
                [Receipt(SOURCE + entry.raw_sha256, entry.raw_sha256, None, entry.origin, None, entry.given)]
            )
            store.journal.forget([entry.iri])
        else:
            given = Given.of(entry)
            articles.setdefault((entry.raw_sha256, given.origin), []).append(entry)
    parts = [
        Given.of(found[0], wanted=frozenset(entry.iri for entry in found), again=True) for found in articles.values()
    ]

    def go(journey: Journey) -> None:
        journey.unfinished()
        journey.take(parts)

    return run(go, store=store, plan=plan, notify=notify, progress=progress)


def drop(store: Store, refused: Iterable[Refused]) -> int:
    """Forget these, and their bytes where no other edition came in them; returns how many files left the spool."""
    gone = 0
    for one in refused:
        store.journal.forget([one.iri])
        if not store.journal.by_raw(one.raw_sha256):
            store.spool.drop(one.raw_sha256)
            gone += 1
    return gone


def _refused(store: Store, entry: Entry) -> Refused:
    size = len(store.spool.get(entry.raw_sha256)) if entry.raw_sha256 in store.spool else None
    return Refused(
        id=short_hash(entry.iri),
        iri=entry.iri,
        origin=entry.origin,
        outlet=entry.outlet,
        reason=entry.reason or "",
        reader=entry.reader,
        time=entry.time,
        raw_sha256=entry.raw_sha256,
        size=size,
    )
