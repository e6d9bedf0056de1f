"""Promotion, biographies, bylines, boilerplate, captions are no story: nothing is read out of them, in real texts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from kg.articles import collect
from kg.model import Article, Reading, Span
from kg.reading import read

CORPORA = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[3] / "shared") / "corpora"
SILENT = {"promotion", "biography", "byline", "boilerplate", "caption"}
FILES = {
    "wikinews": [CORPORA / "wikinews" / "articles.jsonl"],
    "pages": sorted((CORPORA / "html-readability" / "pages").glob("*/source.html")),
}


def out_of_silence(reading: Reading) -> Iterator[tuple[str, Span]]:
    """Yield what was read out of a silent zone: content and cues, triggers, and sources named nowhere else."""
    zones = [zone.span for zone in reading.zones if zone.kind in SILENT]

    def silent(span: Span) -> bool:
        return any(zone.overlaps(span) for zone in zones)

    for statement in reading.statements:
        for span in (*statement.content, *([statement.cue] if statement.cue else [])):
            if silent(span):
                yield statement.key, span
    for event in reading.events:
        yield from ((event.key, span) for span in {event.trigger, *event.mentions} if silent(span))
    for source in reading.sources:
        spans = [mention.span for mention in source.mentions]
        if spans and all(map(silent, spans)):
            yield source.key, spans[0]


@pytest.mark.long
@pytest.mark.parametrize("corpus", FILES)
def test_nothing_is_read_out_of_what_is_not_the_story(corpus: str) -> None:
    files = [file for file in FILES[corpus] if file.exists()]
    if not files:
        pytest.skip(f"the corpora are not at {CORPORA}; set KG_SHARED to their folder's parent")
    readings = [read(article) for article in collect([str(file) for file in files]) if isinstance(article, Article)]
    assert sum(zone.kind in SILENT for reading in readings for zone in reading.zones) > 10, "there is silence to break"
    broken = list(chain.from_iterable(out_of_silence(reading) for reading in readings))
    assert not broken
