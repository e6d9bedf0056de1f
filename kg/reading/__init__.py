"""An Article enters, a Reading leaves: who said what, on whose word, when, about what."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from kg.lines import cut
from kg.model import Article, Problem, Reading, Run, Source
from kg.reading import bare, plain
from kg.reading.attribution import find_statements
from kg.reading.draft import Draft, Given, Paragraph
from kg.reading.events import find_events
from kg.reading.guarding import Step, guarded
from kg.reading.lengths import split_long
from kg.reading.parser import MODELS, parse
from kg.reading.plain.words import can_read
from kg.reading.quotes import find_quotes
from kg.reading.times import find_times
from kg.reading.zones import find_zones
from kg.record import canonical

VERSION = "0.1.0"
NAME = "rules-en"
ENGLISH = "en"

PARSED: tuple[tuple[str, Step], ...] = (
    ("quotes", find_quotes),
    ("times", find_times),
    ("statements", find_statements),
    ("events", find_events),
)
PLAIN: tuple[tuple[str, Step], ...] = (
    ("quotes", find_quotes),
    ("times", find_times),
    ("statements", plain.find_statements),
)
BARE: tuple[tuple[str, Step], ...] = (("quotes", find_quotes), ("statements", bare.find_statements))


def read(article: Article, *, model: str | None = None, given: Given | None = None) -> Reading:
    """Read an article by rules. A paragraph that a step fails on is told as a problem; the others are read.

    The article's language says how: over a parse where a model is known (English), by word lists alone where there is
    a folder of them (German), else zones and quotations only, which a problem tells. An unknown language is read as
    English. Linear in the text; a paragraph is read alone, so a headline never fuses with a sentence. Deterministic:
    the same article and model give the same Reading. ``given`` are mentions known beforehand: each gets its source or
    event, over a parse only. Raises ModelError when no language model is installed.
    """
    language = (article.language or ENGLISH).lower()
    if language in MODELS:
        steps, name = PARSED, f"rules-{language}"
    elif can_read(language):
        steps, name = PLAIN, f"rules-{language}"
    else:
        steps, name = BARE, "quotations-only"
    draft = _laid_out(Draft(article, language=language, run=Run(name, VERSION), given=given or Given()))
    draft = split_long(draft, to_parse=language in MODELS)
    if language in MODELS:
        draft = parse(draft, model=model or os.environ.get("KG_MODEL") or None)
    for step_name, step in steps:
        draft = guarded(step_name, step, draft)
    return canonical(_finish(draft))


def _laid_out(draft: Draft) -> Draft:
    """Find the zones; should that fail, every line is the story."""
    try:
        return find_zones(draft)
    except Exception as error:  # noqa: BLE001 -- what follows needs paragraphs, and a line is one
        paragraphs = tuple(Paragraph(span, "body") for span in cut(draft.article.text))
        problem = Problem(None, "zones", f"{type(error).__name__}: {error}; every line was taken as the story")
        return replace(draft, paragraphs=paragraphs, problems=(*draft.problems, problem))


def _finish(draft: Draft) -> Reading:
    sources = draft.sources
    if not any(source.key == "o1" for source in sources):
        outlet = draft.article.outlet
        sources = (Source("o1", "outlet", outlet.name if outlet else None), *sources)
    return Reading(
        article=draft.article,
        zones=draft.zones,
        sources=sources,
        statements=draft.statements,
        times=draft.times,
        events=draft.events,
        relations=draft.relations,
        run=draft.run,
        problems=draft.problems,
    )


@dataclass(frozen=True, slots=True)
class RulesReader:
    """The house's reader, as the entry-point group ``kg.readers`` expects one."""

    name: str = NAME
    version: str = VERSION

    def read(self, article: Article) -> Reading:
        return read(article)


READER = RulesReader()
