"""Gold attributions enter (source, cue and content spans), the figures of content and attribution leave."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from kg.evaluation.result import Figures, Result, found, harmonic, percent
from kg.evaluation.run import Document, Read, article_of, by_id, documents, needed, read_all, spans_of
from kg.evaluation.words import Words, pair
from kg.model import Reading, Span, Statement

TYPES = ("direct", "mixed", "indirect")
HALF, WHOLE = 0.5, 0.999
_MARKS = '“”"'
_OPENING = "“‘\"'(["
_CLOSING = '”"'
_QUOTED = re.compile(r"[“\"][^“”\"]*[”\"]")


@dataclass(frozen=True, slots=True)
class Attribution:
    """One attribution as word sets; ``speech`` is False of a belief or an intention without quotation marks."""

    content: frozenset[int]
    source: frozenset[int]
    type: str
    speech: bool
    rule: str


def evaluate_quotes(gold: Sequence[Path], *, predictions: Path | None = None, read: Read | None = None) -> Result:
    """Score statements against gold attributions (PolNeAR's: ``attributions`` with source, cue, content).

    A prediction file has a line for each document: ``{"id", "statements": [{"content": [[s, e]…], "source": …,
    "cue": …}]}``. **content50**: paired with an overlap of half the words or more. **AR50**: and the sources share a
    word, or both are empty. **content_exact**: the same words. **speech**: quotation marks, or a cue of saying.
    """
    golds = documents(gold)
    cost: Figures = {}
    if predictions is None:
        readings, cost = read_all([article_of(document) for document in golds], read)
        predicted = [_predict(str(one["id"]), reading) for one, reading in zip(golds, readings, strict=True)]
    else:
        predicted = documents([predictions])
    statements = by_id(predicted, "statements")
    counts: Counter[str] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    for document in golds:
        _count(document, statements.get(document["id"], []), counts, rules)
    figures = {**_figures(counts), **_by_rule(rules), **({"cost": cost} if cost else {})}
    return Result("quotes", figures, tuple(predicted))


def _predict(name: str, reading: Reading) -> Document:
    text = reading.article.text
    mentions = {source.key: [mention.span for mention in source.mentions] for source in reading.sources}
    return {
        "id": name,
        "statements": [
            _prediction(statement, text, _source(statement, mentions.get(statement.speaker or "", [])))
            for statement in reading.statements
        ],
    }


def _source(statement: Statement, mentions: list[Span]) -> Span | None:
    """Return the speaker as written; of a quotation without a cue, the speaker's last mention before it."""
    if statement.speaker_span or statement.cue:
        return statement.speaker_span
    before = [span for span in mentions if span.end <= statement.content[0].start]
    return max(before, default=None)


def _prediction(statement: Statement, text: str, source: Span | None) -> Document:
    def pairs(spans: Iterable[Span | None]) -> list[list[int]]:
        return [[span.start, span.end] for span in spans if span]

    return {
        "content": pairs(with_marks(span, text) for span in statement.content),
        "source": pairs([source]),
        "cue": pairs([statement.cue]),
        "rule": statement.rule,
    }


def with_marks(span: Span, text: str) -> Span:
    """Widen a span over the quotation marks right beside it: gold contents include them, ours do not."""
    start, end = span.start, span.end
    while start and text[start - 1] in _MARKS:
        start -= 1
    behind = end
    while behind < len(text) and text[behind] in ",.;!?" + _MARKS:
        behind += 1
        end = behind if text[behind - 1] in _MARKS else end
    return Span(start, end)


def quotation_type(words: str) -> str:
    """Return direct (opens and closes with marks, more than 90 % stands inside), mixed (has a mark) or indirect."""
    words = words.strip()
    if not any(mark in words for mark in _MARKS):
        return "indirect"
    opening = words[: len(words) - len(words.lstrip(_OPENING))]
    opens = any(mark in opening for mark in '“‘"')
    closes = words.rstrip(",.;!?").endswith(tuple(_CLOSING))
    inside = sum(len(part) for part in _QUOTED.findall(words))
    return "direct" if opens and closes and inside > 0.9 * len(words) else "mixed"


@cache
def _saying() -> re.Pattern[str]:
    """Return the pattern of the cues of saying: whole words, or beginnings of words that end in "*"."""
    lines = (files("kg.evaluation") / "saying.txt").read_text(encoding="utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    forms = (re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words)
    return re.compile(rf"\b(?:{'|'.join(forms)})\b", re.IGNORECASE)


def _attributions(items: Iterable[Any], text: str, words: Words) -> list[Attribution]:
    """Make word sets of attributions; those whose content holds no word are no attributions."""
    made = []
    for item in items:
        content = spans_of(item["content"])
        kind = quotation_type(" ".join(span.of(text) for span in content))
        cue = " ".join(span.of(text) for span in spans_of(item.get("cue") or []))
        made.append(
            Attribution(
                content=words.within(content),
                source=words.within(spans_of(item.get("source") or [])),
                type=kind,
                speech=kind != "indirect" or bool(_saying().search(cue)),
                rule=item.get("rule") or "",
            )
        )
    return [one for one in made if one.content]


def _count(document: Document, statements: list[Any], counts: Counter[str], rules: Counter[tuple[str, str]]) -> None:
    text = document["text"]
    words = Words.of(text)
    gold = _attributions(document[needed(document, "attributions")], text, words)
    predicted = _attributions(statements, text, words)
    counts["gold"] += len(gold)
    counts["predicted"] += len(predicted)
    counts["gold speech"] += sum(one.speech for one in gold)
    counts["predicted speech"] += sum(one.speech for one in predicted)
    counts.update(f"gold {one.type}" for one in gold)
    rules.update(("predicted", one.rule) for one in predicted)
    for overlap, i, j in pair([one.content for one in gold], [one.content for one in predicted]):
        true, ours = gold[i], predicted[j]
        right = bool(true.source & ours.source) if true.source else not ours.source
        if overlap >= HALF:
            counts.update(_hits("content", right, true.type))
            rules.update([("content", ours.rule), *([("AR", ours.rule)] if right else [])])
            counts.update(_hits("gold speech content", right) if true.speech else [])
            counts.update(_hits("predicted speech content", right) if ours.speech else [])
        if overlap > WHOLE:
            counts["exact"] += 1


def _hits(name: str, right: bool, kind: str | None = None) -> list[str]:
    names = [name, *([f"{name} {kind}"] if kind else [])]
    return [*names, *(f"{one} + source" for one in names if right)]


def _figures(counts: Counter[str]) -> dict[str, object]:
    predicted, gold = counts["predicted"], counts["gold"]
    ours, true = max(1, counts["predicted speech"]), max(1, counts["gold speech"])
    return {
        "gold": gold,
        "pred": predicted,
        "content50": found(counts["content"], predicted=predicted, gold=gold),
        "AR50": found(counts["content + source"], predicted=predicted, gold=gold),
        "content_exact": found(counts["exact"], predicted=predicted, gold=gold),
        "attribution_accuracy": percent(counts["content + source"], counts["content"]),
        "speech_content50": harmonic(counts["predicted speech content"] / ours, counts["gold speech content"] / true),
        "speech_AR50": harmonic(
            counts["predicted speech content + source"] / ours, counts["gold speech content + source"] / true
        ),
        "recall_by_type": {
            kind: {
                "n": counts[f"gold {kind}"],
                "content50": percent(counts[f"content {kind}"], counts[f"gold {kind}"]),
                "AR50": percent(counts[f"content {kind} + source"], counts[f"gold {kind}"]),
            }
            for kind in TYPES
        },
    }


def _by_rule(rules: Counter[tuple[str, str]]) -> dict[str, object]:
    """Return the precision of each rule, the busiest first; nothing when the predictions name no rules."""
    named = [rule for (what, rule), _ in rules.most_common() if what == "predicted" and rule]
    table = {
        rule: {
            "pred": rules["predicted", rule],
            "content50": percent(rules["content", rule], rules["predicted", rule]),
            "AR50": percent(rules["AR", rule], rules["predicted", rule]),
        }
        for rule in named
    }
    return {"precision_by_rule": table} if table else {}
