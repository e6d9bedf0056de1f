"""The notes of what is linked enter; views of it leave, as linking's functions want them, and what a change touches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, TypeVar

from pyoxigraph import NamedNode, Triple

from kg.linking.content import Item, items_of
from kg.linking.copies import Copy, shingles
from kg.linking.corpus import Corpus, Edition, LocalEvent, LocalSource, LocalStatement, edition_of
from kg.linking.events import is_dated
from kg.linking.growing.notes import Notes
from kg.linking.identity import Identity

TABLES = (
    "local", "day", "near", "sha", "band", "url", "copy", "copied", "revises", "revised",
    "name", "weak", "acronym", "family", "final", "placed", "extra", "of", "base", "iri", "canon",
    "posting", "value", "edge", "cluster", "home", "attach", "attached", "claim", "rel",
    "same", "happening", "told",
)  # fmt: skip

V = TypeVar("V")
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Local:
    """What linking needs of one edition."""

    edition: Edition
    sources: tuple[LocalSource, ...] = ()
    statements: tuple[LocalStatement, ...] = ()
    events: tuple[LocalEvent, ...] = ()


class Lookup(Mapping[str, V]):
    """A mapping that is asked key by key and never walked."""

    def __init__(self, find: Callable[[str], V | None]) -> None:
        self._find = find

    def __getitem__(self, key: str) -> V:
        found = self._find(key)
        if found is None:
            raise KeyError(key)
        return found

    def get(self, key: str, default: Any = None) -> Any:
        found = self._find(key)
        return default if found is None else found

    def __contains__(self, key: object) -> bool:
        return self._find(str(key)) is not None

    def __iter__(self) -> Iterator[str]:
        raise TypeError("a lookup is not walked")

    def __len__(self) -> int:
        raise TypeError("a lookup is not walked")


@dataclass(slots=True)
class Change:
    """What one growing step changes: editions, decisions; and, filled as it goes on, what that touches.

    ``touched`` are the subjects of which all triples are said anew, ``triples`` those (and perhaps others).
    """

    old: dict[str, Local]
    new: dict[str, Local]
    decided: Corpus
    before: Corpus
    touched: set[str] = field(default_factory=set)
    triples: set[Triple] = field(default_factory=set)
    pairs: set[Pair] = field(default_factory=set)  # editions that are related now and were not, or the reverse
    moved: set[str] = field(default_factory=set)  # sources of editions whose canonical node is another one
    unsettled: set[str] = field(default_factory=set)  # editions whose copies or revisions are others

    @property
    def editions(self) -> set[str]:
        return self.old.keys() | self.new.keys()

    def say(self, triples: Iterator[Triple]) -> None:
        self.triples.update(triples)

    def said(self) -> set[Triple]:
        """Return the triples whose subjects were touched."""
        return {
            triple
            for triple in self.triples
            if isinstance(triple.subject, NamedNode) and triple.subject.value in self.touched
        }


class State:
    """Linking's tables, with what was read of them decoded. ``text_of`` returns the text of an edition."""

    def __init__(self, notes: Notes, *, base: str, text_of: Callable[[str], str]) -> None:
        self.notes = notes
        self.base = base
        self._text_of = text_of
        self._texts: dict[str, str] = {}
        self._locals: dict[str, Local | None] = {}
        self._near: dict[str, frozenset[str]] = {}
        self._indices: dict[tuple[str, str], dict[str, Any]] = {}
        self._shingles: dict[str, frozenset[str]] = {}
        self.identity = Identity((), (), Lookup(self._of), Lookup(self._neighbours))
        self.editions: Mapping[str, Edition] = Lookup(self._edition)
        self.statements: Mapping[str, LocalStatement] = Lookup(partial(self._inside, "statements"))
        self.sources: Mapping[str, LocalSource] = Lookup(partial(self._inside, "sources"))
        self.events: Mapping[str, LocalEvent] = Lookup(partial(self._inside, "events"))
        self.items: Mapping[str, Item] = Lookup(partial(self._inside, "items"))
        self.by_edition: Mapping[str, tuple[LocalStatement, ...]] = Lookup(self._statements_of)
        self.copy_of: Mapping[str, Copy] = Lookup(self.copy)
        self.revised: Mapping[str, bool] = Lookup(lambda iri: self.notes["revised"].get(iri))

    # ------------------------------------------------------------------------------------------- editions

    def local(self, edition: str) -> Local | None:
        if edition not in self._locals:
            found = self.notes["local"].get(edition)
            self._locals[edition] = _decoded(found) if found else None
        return self._locals[edition]

    def put_local(self, edition: str, local: Local | None) -> None:
        self._texts.pop(edition, None)
        self._shingles.pop(edition, None)
        for kind in ("statements", "sources", "events", "items", "dated"):
            self._indices.pop((kind, edition), None)
        if local is not None:
            self._texts[edition] = local.edition.text
            local = replace(local, edition=replace(local.edition, text=""))
        self._locals[edition] = local
        self.notes["local"].put(edition, asdict(local) if local else None)

    def with_text(self, edition: str) -> Edition:
        if edition not in self._texts:
            self._texts[edition] = self._text_of(edition)
        return replace(self.editions[edition], text=self._texts[edition])

    def shingles(self, edition: str) -> frozenset[str]:
        if edition not in self._shingles:
            self._shingles[edition] = shingles(self.with_text(edition).text)
        return self._shingles[edition]

    def dated(self, edition: str, kind: str) -> list[LocalEvent]:
        """Return the events of an edition that are of a kind, and dated well enough to be compared."""
        if ("dated", edition) not in self._indices:
            found: dict[str, list[LocalEvent]] = {}
            local = self.local(edition)
            for event in local.events if local else ():
                if is_dated(event):
                    found.setdefault(event.kind, []).append(event)
            self._indices["dated", edition] = found
        events: list[LocalEvent] = self._indices["dated", edition].get(kind, [])
        return events

    def near(self, edition: str) -> frozenset[str]:
        """Return the editions that tell of the same people."""
        return self._neighbours(edition) or frozenset()

    def put_near(self, edition: str, near: frozenset[str]) -> None:
        self._near[edition] = near
        self.notes["near"].put(edition, dict.fromkeys(sorted(near), 1))

    def copy(self, edition: str) -> Copy | None:
        found = self.notes["copy"].get(edition)
        return Copy(edition, *found) if found else None

    # --------------------------------------------------------------------------------------------- tables

    def count(self, table: str, key: str, member: str, by: int) -> None:
        """Add to a member's number under a key; at nothing it is gone."""
        found = self.notes[table].get(key, {})
        found[member] = found.get(member, 0) + by
        if found[member] <= 0:
            del found[member]
        self.notes[table].put(key, found)

    def put_in(self, table: str, key: str, member: str, value: Any) -> None:
        """Set, or with None remove, one member under a key."""
        found = self.notes[table].get(key, {})
        if value is None:
            found.pop(member, None)
        else:
            found[member] = value
        self.notes[table].put(key, found)

    def of_node(self, table: str, node: str, default: Any = None) -> Any:
        """Return what a table of editions says of one node of an edition."""
        return self.notes[table].get(edition_of(node), {}).get(node, default)

    def put_node(self, table: str, node: str, value: Any) -> None:
        self.put_in(table, edition_of(node), node, value or None)

    # ---------------------------------------------------------------------------------------------- views

    def _of(self, source: str) -> str | None:
        found = self.of_node("of", source)
        return str(found[0]) if found else None

    def _neighbours(self, edition: str) -> frozenset[str] | None:
        if edition not in self._near:
            self._near[edition] = frozenset(self.notes["near"].get(edition, ()))
        return self._near[edition]

    def _edition(self, iri: str) -> Edition | None:
        local = self.local(iri)
        return local.edition if local else None

    def _statements_of(self, iri: str) -> tuple[LocalStatement, ...] | None:
        local = self.local(iri)
        return local.statements if local else None

    def _inside(self, kind: str, iri: str) -> Any:
        edition = edition_of(iri)
        if (kind, edition) not in self._indices:
            local = self.local(edition)
            if local is None:
                return None
            if kind == "items":
                found = {item.statement.iri: item for item in items_of(local.statements, local.sources)}
            else:
                found = {node.iri: node for node in getattr(local, kind)}
            self._indices[kind, edition] = found
        return self._indices[kind, edition].get(iri)


def _decoded(found: Any) -> Local:
    return Local(
        Edition(**{**found["edition"], "published": _day(found["edition"]["published"])}),
        tuple(
            LocalSource(**{**one, "names": tuple(one["names"]), "roles": tuple(map(tuple, one["roles"]))})
            for one in found["sources"]
        ),
        tuple(
            LocalStatement(
                **{
                    **one,
                    "chain": tuple(one["chain"]),
                    "about": tuple(one["about"]),
                    "earliest": _day(one["earliest"]),
                    "latest": _day(one["latest"]),
                }
            )
            for one in found["statements"]
        ),
        tuple(
            LocalEvent(
                **{
                    **one,
                    "participants": tuple(map(tuple, one["participants"])),
                    "earliest": _day(one["earliest"]),
                    "latest": _day(one["latest"]),
                }
            )
            for one in found["events"]
        ),
    )


def _day(text: str | date | None) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else text
