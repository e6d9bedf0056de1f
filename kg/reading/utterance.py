"""An utterance: cue, content and speaker as words of one paragraph, not yet as sources."""

from __future__ import annotations

from dataclasses import dataclass, field

from spacy.tokens import Token

from kg.model import Span
from kg.reading.cues import Cue
from kg.reading.draft import Quote


@dataclass(slots=True)
class Utterance:
    """A statement in the making; offsets count in the article, tokens in the paragraph's parse."""

    where: int
    rule: str
    cue: Cue
    cue_span: Span | None
    verb: Token | None
    speaker: Token | None
    speaker_span: Span | None
    content: list[Span]
    addressee: Token | None = None
    negated: bool = False
    passive: bool = False
    cited: Token | None = None
    quotes: list[Quote] = field(default_factory=list)
    inherits: Utterance | None = None

    @property
    def start(self) -> int:
        return min(span.start for span in self.content)

    @property
    def end(self) -> int:
        return max(span.end for span in self.content)


def absorb(item: Utterance, quote: Quote) -> None:
    """Take a quotation into an utterance's content; spans that touch or overlap become one."""
    item.quotes.append(quote)
    spans = sorted([*item.content, quote.span])
    merged = [spans[0]]
    for span in spans[1:]:
        if span.start <= merged[-1].end + 1:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    item.content = merged
