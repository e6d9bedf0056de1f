"""A text and what is known of it enter; its paragraphs with their kinds, and what its lines say of it, leave."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kg.lines import head as heads
from kg.lines.cutting import cut
from kg.lines.kinds import label
from kg.lines.shapes import bare, dateline
from kg.lines.tail import Known
from kg.model import Article, Outlet, Published, Span

# A dateline opens the story; later ones are those of a round-up, and then each names an agency or stands in capitals.
_DATELINES = 3


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or the dateline at its start: ``kind`` is "body" or a zone's kind."""

    span: Span
    kind: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The blocks of a text in order, and what its own lines say of title, authors, date and outlet."""

    blocks: tuple[Block, ...]
    title: str | None = None
    title_span: Span | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    outlet: str | None = None


def lay_out(
    text: str,
    *,
    language: str = "en",
    title: str | None = None,
    authors: tuple[str, ...] = (),
    outlet: str | None = None,
) -> Layout:
    """Cut a text into paragraphs and tell of each whether it is the story or title, byline, caption, promotion, …

    What is known from elsewhere (title, authors, outlet) helps to know these lines again. Doubt leaves a paragraph in
    the story: a promotion read as story costs a false statement, a story read as promotion loses true ones. Linear
    in the text.
    """
    titles = heads.find_title(text, title) if title else []
    lines = {line for line, _ in titles}
    spans = cut(text, fixed=tuple(line for line, _ in titles))
    words = [span.of(text) for span in spans]
    apart = [i == 0 or text.count("\n", spans[i - 1].end, span.start) > 1 for i, span in enumerate(spans)]
    top = heads.read_head(
        words, apart, language=language, titles=[span in lines for span in spans], known_title=title, outlet=outlet,
        authors=authors,
    )  # fmt: skip
    kinds = label(words, top.kinds, Known(authors=authors or top.authors, language=language))
    blocks: list[Block] = []
    published = top.published
    tried = 0
    for span, line, kind in zip(spans, words, kinds, strict=True):
        if kind is None and tried < _DATELINES:
            tried += 1
            opening = dateline(line, language)
            if opening is not None:
                length, printed = opening
                published = published or printed
                blocks.append(Block(Span(span.start, span.start + length), "dateline"))
                start = span.start + length
                span = Span(start + len(line[length:]) - len(line[length:].lstrip()), span.end)
        blocks.append(Block(span, kind or "body"))
    title_span = titles[0][1] if titles else None
    if title is None and top.title is not None:
        headline = bare(words[top.title])
        at = text.index(headline, spans[top.title].start)
        title, title_span = " ".join(headline.split()), Span(at, at + len(headline))
    return Layout(
        tuple(blocks),
        title=title,
        title_span=title_span,
        authors=top.authors,
        published=published,
        outlet=top.outlet or heads.outlet_of_lines(words, kinds, language),
    )


def complete(article: Article) -> tuple[Article, Layout]:
    """Fill in what an article's own text says of it and nothing else said: title, authors, date, outlet.

    What is set already stays. Completing twice changes nothing.
    """
    layout = lay_out(
        article.text,
        language=article.language or "en",
        title=article.title,
        authors=article.authors,
        outlet=article.outlet.name if article.outlet else None,
    )
    full = replace(
        article,
        title=article.title or layout.title,
        title_span=article.title_span or layout.title_span,
        authors=article.authors or layout.authors,
        outlet=article.outlet or (Outlet(layout.outlet, "text") if layout.outlet else None),
        published=article.published or (Published(layout.published, "text") if layout.published else None),
    )
    return full, layout
