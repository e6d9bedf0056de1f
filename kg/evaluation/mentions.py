"""Gold mentions and Readings enter; how many triggers, names and speakers meant by a pronoun were found leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kg.evaluation.result import Figures, found, percent
from kg.evaluation.run import Document
from kg.model import Reading, Source, SourceKind, Span

KINDS: dict[SourceKind, str] = {
    "person": "PER", "organization": "ORG", "outlet": "ORG", "channel": "ORG", "place": "LOC",
}  # fmt: skip
PRONOUNS = frozenset({"he", "she"})
Labelled = tuple[Span, str]


def triggers(golds: Sequence[Document], readings: Sequence[Reading]) -> Figures:
    """Score event triggers (MEANTIME): one to one, by overlap, in the stretch that is annotated.

    An act of speech is a statement here and no event: its cue counts as its
    trigger. A prediction that overlaps no gold trigger is wrong.
    """
    right = predicted = gold = 0
    for document, reading in zip(golds, readings, strict=True):
        last = annotated(document)
        wanted = sorted({(one["start"], one["end"]) for one in document["events"] if one["end"] <= last})
        cues = {one.cue for one in reading.statements if one.cue is not None}
        ours = sorted({span for event in reading.events for span in (event.trigger, *event.mentions)} | cues)
        ours = [span for span in ours if span.end <= last]
        gold, predicted = gold + len(wanted), predicted + len(ours)
        right += _pairs([(Span(start, end), "") for start, end in wanted], [(span, "") for span in ours])
    return found(right, predicted=predicted, gold=gold)


def annotated(document: Document) -> int:
    """Return where the annotation of a MEANTIME document ends: only its first six sentences are annotated in full.

    Mentions of what the documents share go on behind them, so the sentence of the last mention by name is the end.
    """
    last = max((one["end"] for one in document["entities"] if "NAM" in (one.get("syn") or "")), default=0)
    text = document["text"]
    stops = (text.find(sign, last) for sign in (". ", ".\n", "\n"))
    return min((at for at in stops if at >= 0), default=len(text))


def matched_events(golds: Sequence[Document], readings: Sequence[Reading]) -> Figures:
    """Tell how many of our events on a gold trigger have a participant, and a time: MEANTIME holds neither as gold."""
    matched = participants = times = 0
    for document, reading in zip(golds, readings, strict=True):
        wanted = [Span(one["start"], one["end"]) for one in document["events"]]
        for event in reading.events:
            if any(event.trigger.overlaps(span) for span in wanted):
                matched += 1
                participants += bool(event.participants)
                times += event.when is not None
    return {
        "events": matched,
        "with_participants": percent(participants, matched),
        "with_time": percent(times, matched),
    }


def names(golds: Sequence[Document], readings: Sequence[Reading]) -> Figures:
    """Score mentions by name with their kind (PER, ORG, LOC): half of the shorter one shared, where annotated."""
    right = kindless = predicted = gold = 0
    for document, reading in zip(golds, readings, strict=True):
        wanted = sorted(
            {
                (Span(one["start"], one["end"]), one["type"])
                for one in document["entities"]
                if "NAM" in (one.get("syn") or "") and one["type"] in KINDS.values()
            }
        )
        last = annotated(document)
        ours = sorted({pair for source in reading.sources for pair in _named(source) if pair[0].end <= last})
        gold, predicted = gold + len(wanted), predicted + len(ours)
        right += _pairs(wanted, ours)
        kindless += _pairs([(span, "") for span, _ in wanted], [(span, "") for span, _ in ours])
    return {
        **found(right, predicted=predicted, gold=gold),
        "without_kind": found(kindless, predicted=predicted, gold=gold),
    }


def pronoun_speakers(golds: Sequence[Document], readings: Sequence[Reading]) -> Figures:
    """Score the speakers that are written "he" or "she" (GUM): right where a mention is of the gold chain.

    Of a person with a name, a mention by name; of others, one by a noun: never by the pronoun alone.
    """
    right = of = 0
    for document, reading in zip(golds, readings, strict=True):
        chains: dict[str, list[Span]] = {}
        for one in document["mentions"]:
            chains.setdefault(one["id"], []).append(Span(one["start"], one["end"]))
        sources = {source.key: source for source in reading.sources}
        for statement in reading.statements:
            written = statement.speaker_span
            if written is None or written.of(reading.article.text).lower() not in PRONOUNS:
                continue
            chain = next((spans for spans in chains.values() if written in spans), None)
            if chain is None:
                continue
            of += 1
            source = sources.get(statement.speaker or "")
            mentions = source.mentions if source is not None else ()
            # Who has no name in the text ("my husband") is known by the words that describe him.
            named = [m.span for m in mentions if m.kind == "name"] or [m.span for m in mentions if m.kind == "nominal"]
            right += any(span.overlaps(other) for span in named for other in chain)
    return {"hits": right, "of": of, "percent": percent(right, of)}


def _named(source: Source) -> Iterable[Labelled]:
    kind = KINDS.get(source.kind)
    return ((m.span, kind) for m in source.mentions if m.kind == "name") if kind is not None else ()


def _pairs(gold: Sequence[Labelled], ours: Sequence[Labelled]) -> int:
    """Count the pairs, one to one in text order, of the same label that share half of the shorter one."""
    free = list(ours)
    count = 0
    for span, label in gold:
        best = next((one for one in free if one[1] == label and _alike(one[0], span)), None)
        if best is not None:
            free.remove(best)
            count += 1
    return count


def _alike(one: Span, other: Span) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared * 2 >= min(len(one), len(other)) and shared > 0


def extra(what: str, golds: Sequence[Document], readings: Sequence[Reading]) -> dict[str, Any]:
    """Return the figures beside the clusters for gold that has what they need."""
    if what == "events" and all("events" in document for document in golds):
        return {"triggers": triggers(golds, readings), "matched": matched_events(golds, readings)}
    if what == "entities" and all("entities" in document for document in golds):
        return {"names": names(golds, readings)}
    if what == "entities" and all("attribution_edus" in document for document in golds):
        return {"pronoun_speakers": pronoun_speakers(golds, readings)}
    return {}
