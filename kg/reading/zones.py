"""A Draft with a text enters; it leaves with paragraphs, zones and what the text's own head says of the article."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from kg.lines import complete
from kg.model import Problem, Span, Zone, ZoneKind
from kg.reading.draft import Draft, Paragraph

_UNREADABLE = "\ufffd"


def find_zones(draft: Draft) -> Draft:
    """Cut the text into paragraphs and label those that are not the story.

    ``paragraphs`` are all stretches of the text in order, "body" or a zone's kind; ``zones`` the same without the
    story. Neither overlap; white space lies between them. A dateline inside a paragraph ("PORT ALDA (MPA) —") is a
    stretch of its own, and the paragraph begins after it. Title, authors, date and outlet that nothing else gave are
    taken from the text (:func:`kg.lines.complete`, as :mod:`kg.articles` does on loading). Characters that could not
    be read (U+FFFD) are told as a problem. Linear in the text.
    """
    article, layout = complete(draft.article)
    kinds: tuple[ZoneKind, ...] = get_args(ZoneKind)
    known = {kind: kind for kind in kinds}
    zones = tuple(Zone(block.span, known[block.kind]) for block in layout.blocks if block.kind in known)
    paragraphs = tuple(Paragraph(block.span, block.kind) for block in layout.blocks)
    return replace(
        draft,
        article=article,
        zones=zones,
        paragraphs=paragraphs,
        problems=(*draft.problems, *_unreadable(article.text)),
    )


def _unreadable(text: str) -> tuple[Problem, ...]:
    count = text.count(_UNREADABLE)
    if not count:
        return ()
    at = text.index(_UNREADABLE)
    many = "1 character" if count == 1 else f"{count} characters"
    return (Problem(Span(at, at + 1), "zones", f"{many} could not be read (U+FFFD), the first at {at}"),)
