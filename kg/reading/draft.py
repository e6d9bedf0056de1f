"""What the steps of reading hand to one another: a frozen Draft that each step returns with one more thing found."""

from __future__ import annotations

from dataclasses import dataclass, field

from spacy.tokens import Doc, Token
from spacy.tokens import Span as DocSpan

from kg.model import (
    Article,
    Event,
    Problem,
    Relation,
    Run,
    Source,
    Span,
    Statement,
    TimeExpression,
    Zone,
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line or block of the text, parsed alone, so that a headline never fuses with the next sentence.

    ``kind`` is "body" for the story, else the kind of the zone that it is. ``doc`` is the parse of exactly
    ``span.of(article.text)`` (None before parsing, or where the language has no parser).
    """

    span: Span
    kind: str
    doc: Doc | None = field(default=None, compare=False)

    def locate(self, piece: Token | DocSpan) -> Span:
        """Return where a token or a span of ``doc`` stands in the article."""
        if isinstance(piece, Token):
            start = piece.idx
            return Span(self.span.start + start, self.span.start + start + len(piece))
        return Span(self.span.start + piece.start_char, self.span.start + piece.end_char)


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch inside quotation marks, marks included; ``closed`` is False when it runs to its paragraph's end."""

    span: Span
    closed: bool = True

    # The words without the marks are what Statement.quoted holds; see quotes.inner().


@dataclass(frozen=True, slots=True)
class Given:
    """Mentions that are known beforehand, so that only who or what they mean is to be found (``--gold-mentions``)."""

    sources: tuple[Span, ...] = ()
    events: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A Reading in the making."""

    article: Article
    language: str = "en"
    run: Run = field(default_factory=lambda: Run("unknown", "0"))
    zones: tuple[Zone, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    quotes: tuple[Quote, ...] = ()
    sources: tuple[Source, ...] = ()
    statements: tuple[Statement, ...] = ()
    times: tuple[TimeExpression, ...] = ()
    events: tuple[Event, ...] = ()
    relations: tuple[Relation, ...] = ()
    problems: tuple[Problem, ...] = ()
    given: Given = field(default_factory=Given)
