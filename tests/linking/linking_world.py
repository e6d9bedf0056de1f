"""A small hand-made corpus: say who is in which edition and what they say, get a Corpus to link."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

from kg.linking.corpus import Corpus, Edition, LocalEvent, LocalSource, LocalStatement

BASE = "https://example.org/id/"


@dataclass
class World:
    editions: list[Edition] = field(default_factory=list)
    sources: list[LocalSource] = field(default_factory=list)
    statements: list[LocalStatement] = field(default_factory=list)
    events: list[LocalEvent] = field(default_factory=list)
    confirmed: set[tuple[str, str]] = field(default_factory=set)
    undone: set[tuple[str, str]] = field(default_factory=set)
    alongside: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    related: set[tuple[str, str, str, str]] = field(default_factory=set)

    def edition(
        self, name: str, outlet: str, *, day: str = "2026-03-09", text: str = "", url: str | None = None
    ) -> str:
        iri = f"{BASE}edition/{name}"
        text = text or f"The text of {name}."
        publisher = self.source(iri, outlet, kind="outlet")
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.editions.append(
            Edition(iri, f"{iri}#article", digest, text, publisher, outlet, url, name, date.fromisoformat(day))
        )
        return iri

    def source(
        self, edition: str, *names: str, kind: str = "person", unnamed: bool = False, number: int | None = None
    ) -> str:
        iri = f"{edition}#source={len(self.sources)}"
        self.sources.append(LocalSource(iri, edition, kind, names, unnamed, number))
        return iri

    def says(
        self,
        edition: str,
        text: str,
        *chain: str,
        act: str = "state",
        polarity: str = "positive",
        within: str | None = None,
    ) -> str:
        publisher = next(item.publisher for item in self.editions if item.iri == edition)
        assert publisher is not None
        number = len(self.statements) + 1
        iri = f"{edition}#statement={number}"
        full = (publisher, *chain)
        self.statements.append(
            LocalStatement(
                iri,
                edition,
                f"s{number}",
                text,
                act,
                polarity,
                "certain",
                full[-1],
                None,
                full[-1],
                full,
                (),
                None,
                None,
                within,
            )
        )
        return iri

    def happens(self, edition: str, kind: str, trigger: str, day: str, place: str | None, *people: str) -> str:
        iri = f"{edition}#event={len(self.events)}"
        when = date.fromisoformat(day)
        who = tuple(("agent", person) for person in people)
        self.events.append(LocalEvent(iri, edition, kind, trigger, "actual", trigger, when, when, place, who))
        return iri

    def corpus(self) -> Corpus:
        return Corpus(
            tuple(sorted(self.editions, key=lambda item: item.iri)),
            tuple(sorted(self.sources, key=lambda item: item.iri)),
            tuple(sorted(self.statements, key=lambda item: item.iri)),
            tuple(sorted(self.events, key=lambda item: item.iri)),
            frozenset(self.confirmed),
            frozenset(self.undone),
            self.alongside,
            frozenset(self.related),
        )
