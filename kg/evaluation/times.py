"""Gold time expressions enter (TIMEX3 or dates), the figures of span and value leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kg.evaluation.result import Figures, Result, found, percent
from kg.evaluation.run import Document, Read, article_of, by_id, documents, needed, read_all
from kg.model import Reading, Span

DATED = ("DATE", "TIME")
MEANTIME_SENTENCES = 6


def evaluate_times(gold: Sequence[Path], *, predictions: Path | None = None, read: Read | None = None) -> Result:
    """Score time expressions against gold ``timex`` (TIMEX3) or ``dates`` (TEI, as in GUM).

    A prediction file has a line for each document: ``{"id", "timex": [{"start", "end", "value"}]}``. **relaxed**: the
    spans overlap; **strict**: they are the same; **value**: they overlap and the TIMEX3 values are equal. Gold of
    ``dates`` marks points of the calendar alone: durations, sets and vague references are taken out of the
    predictions, and where the gold gives a range instead of a value neither side counts.
    """
    golds = documents(gold)
    cost: Figures = {}
    if predictions is None:
        readings, cost = read_all([article_of(document) for document in golds], read)
        predicted = [_predict(one, reading) for one, reading in zip(golds, readings, strict=True)]
    else:
        predicted = documents([predictions])
    expressions = by_id(predicted, "timex")
    counts: Counter[str] = Counter()
    for document in golds:
        _count(*_comparable(document, expressions.get(document["id"], [])), counts)
    return Result("times", {**_figures(counts), **({"cost": cost} if cost else {})}, tuple(predicted))


def _predict(document: Document, reading: Reading) -> Document:
    end = _annotated_until(document)
    expressions = [
        {"start": time.span.start, "end": time.span.end, "value": time.value, "type": time.type}
        for time in reading.times
        if time.span.start < end
    ]
    return {"id": str(document["id"]), "timex": expressions}


def _annotated_until(document: Document) -> int:
    """Return where the annotation stops: MEANTIME marks the first six sentences, which are lines, of each article.

    (Minard et al. 2016, MEANTIME, the NewsReader Multilingual Event and Time Corpus.)
    """
    text = str(document["text"])
    if not str(document.get("topic", "")).startswith("corpus_"):
        return len(text)
    return sum(len(line) for line in text.splitlines(keepends=True)[:MEANTIME_SENTENCES])


def _comparable(document: Document, predicted: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return gold and predicted expressions that can be compared; those of the gold have a type."""
    if needed(document, "timex", "dates") == "timex":
        return document["timex"], predicted
    gold = [
        {"start": one["start"], "end": one["end"], "value": one["when"], "type": "DATE"}
        for one in document["dates"]
        if one.get("when")
    ]
    open_ended = [Span(one["start"], one["end"]) for one in document["dates"] if not one.get("when")]
    points = [
        one
        for one in predicted
        if one.get("type", "DATE") in DATED
        and str(one.get("value"))[:1].isdigit()
        and not any(Span(one["start"], one["end"]).overlaps(span) for span in open_ended)
    ]
    return gold, points


def _count(gold: list[Any], predicted: list[Any], counts: Counter[str]) -> None:
    counts["gold"] += len(gold)
    counts["predicted"] += len(predicted)
    counts["gold dated"] += sum(one["type"] in DATED for one in gold)
    free = list(predicted)
    for one in gold:
        span = Span(one["start"], one["end"])
        other = next((other for other in free if Span(other["start"], other["end"]).overlaps(span)), None)
        if other is None:
            continue
        free.remove(other)
        counts["relaxed"] += 1
        counts["strict"] += (other["start"], other["end"]) == (span.start, span.end)
        if other.get("value") == one["value"]:
            counts["value"] += 1
            counts["dated value"] += one["type"] in DATED


def _figures(counts: Counter[str]) -> dict[str, object]:
    return {
        "gold": counts["gold"],
        "pred": counts["predicted"],
        **{
            name: found(counts[name], predicted=counts["predicted"], gold=counts["gold"])
            for name in ("relaxed", "strict", "value")
        },
        "date_value_recall": percent(counts["dated value"], counts["gold dated"]),
    }
