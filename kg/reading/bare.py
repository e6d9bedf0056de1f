"""A Draft with quotations enters; it leaves with them as statements of nobody known: all that a language without
word lists gives away."""

from __future__ import annotations

from dataclasses import replace

from kg.model import Link, Problem, Source, Statement
from kg.reading.draft import Draft
from kg.reading.quotes import inner

SHORTEST = 4  # words; shorter ones are titles and irony more often than speech
CONFIDENCE = 0.3
RULE = "quotation-marks"


def find_statements(draft: Draft) -> Draft:
    """Take each long quotation of the story as said by somebody; say in a problem why no more was read."""
    text = draft.article.text
    outlet = draft.article.outlet
    bodies = [paragraph.span for paragraph in draft.paragraphs if paragraph.kind == "body"]
    at = 0
    statements: list[Statement] = []
    for quote in draft.quotes:
        while at < len(bodies) and bodies[at].end <= quote.span.start:
            at += 1
        words = inner(quote, text)
        in_story = at < len(bodies) and bodies[at].contains(quote.span)
        # Scripts without spaces between words count by signs.
        if not in_story or not (len(words.of(text).split()) >= SHORTEST or _is_dense(words.of(text))):
            continue
        key, chain = f"s{len(statements) + 1}", (Link("o1", "publishes"),)
        statements.append(
            Statement(key, None, (words,), chain, "direct", "state", quoted=(words,), rule=RULE, confidence=CONFIDENCE)
        )
    problem = Problem(
        None, "language", f"no word lists for {draft.language!r} (kg/reading/lexicon): zones and quotations only"
    )
    return replace(
        draft,
        sources=(Source("o1", "outlet", outlet.name if outlet else None),),
        statements=tuple(statements),
        problems=(*draft.problems, problem),
    )


def _is_dense(words: str) -> bool:
    return len(words) >= 12 and sum(1 for sign in words if ord(sign) > 0x2E80) * 2 > len(words)
