"""An Article enters, a Reading leaves: who said what, on whose word, when, about what."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

from kg.model import Article, Problem, Reading, Run, Source
from kg.reading.attribution import find_statements
from kg.reading.draft import Draft
from kg.reading.events import find_events
from kg.reading.lengths import split_long
from kg.reading.parser import parse
from kg.reading.quotes import find_quotes
from kg.reading.times import find_times
from kg.reading.zones import find_zones
from kg.record import canonical

VERSION = "0.1.0"
NAME = "rules-en"
Step = Callable[[Draft], Draft]


def read(article: Article, *, model: str | None = None) -> Reading:
    """Read an article by rules over a parse. A step that fails is told as a problem; the others go on.

    Linear in the text; a paragraph is parsed alone, so a headline never fuses with a sentence. Deterministic: the same
    article and model give the same Reading. Raises ModelError when no language model is installed.
    """
    draft = Draft(article, run=Run(NAME, VERSION))
    draft = _try("zones", find_zones, draft)
    draft = split_long(draft)
    draft = parse(draft, model=model or os.environ.get("KG_MODEL") or None)
    for name, step in STEPS:
        draft = _try(name, step, draft)
    return canonical(_finish(draft))


STEPS: tuple[tuple[str, Step], ...] = (
    ("quotes", find_quotes),
    ("times", find_times),
    ("statements", find_statements),
    ("events", find_events),
)


def _try(name: str, step: Step, draft: Draft) -> Draft:
    try:
        return step(draft)
    except Exception as error:  # noqa: BLE001 -- one step failed on this text: say so, keep what the others find
        return replace(draft, problems=(*draft.problems, Problem(None, name, f"{type(error).__name__}: {error}")))


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
