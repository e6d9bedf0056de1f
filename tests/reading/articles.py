"""How the tests of reading make an article out of a few sentences and look at what was read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from kg.model import Article, Outlet, Published, Reading, Span, Statement
from kg.reading import read


@dataclass(frozen=True)
class Said:
    """A statement in the article's own words: what a test wants to compare."""

    speaker: str | None
    content: tuple[str, ...]
    cue: str | None
    written: str | None
    addressee: str | None
    chain: tuple[str | None, ...]
    statement: Statement


def article(text: str, *, published: str = "2024-05-15", outlet: str = "Examiner") -> Article:
    return Article(
        iri="urn:test",
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        outlet=Outlet(outlet, "option"),
        published=Published(published, "option"),
        language="en",
    )


def reading_of(*paragraphs: str) -> Reading:
    return read(article("\n\n".join(paragraphs)))


def said_in(*paragraphs: str) -> list[Said]:
    """Return the statements of an article made of these paragraphs, in text order."""
    reading = reading_of(*paragraphs)
    text = reading.article.text
    names = {source.key: source.name for source in reading.sources}

    def words(span: Span | None) -> str | None:
        return span.of(text) if span else None

    return [
        Said(
            speaker=names[one.speaker] if one.speaker else None,
            content=tuple(span.of(text) for span in one.content),
            cue=words(one.cue),
            written=words(one.speaker_span),
            addressee=names[one.addressee] if one.addressee else None,
            chain=tuple(names[link.source] for link in one.chain),
            statement=one,
        )
        for one in reading.statements
    ]


def only(*paragraphs: str) -> Said:
    """Return the one statement that there is."""
    found = said_in(*paragraphs)
    assert len(found) == 1, [(one.speaker, one.content) for one in found]
    return found[0]
