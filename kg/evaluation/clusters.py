"""Gold mentions with clusters across documents enter, B-cubed and pairwise figures of entities and events leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg.errors import UsageError
from kg.evaluation.linked import Identity, identity_of
from kg.evaluation.mentions import extra
from kg.evaluation.result import Figures, Result, found, harmonic, percent
from kg.evaluation.run import Document, Read, article_of, by_id, documents, needed, read_all
from kg.model import Article, Event, Reading, Source, Span

# Where a gold mention and ours cover one another less than this, "the CEO of Apple" would be taken for Apple.
SAME_MENTION = 0.5
Key = tuple[str, int, int]
# The types of GUM's mentions that we have sources and events for.
_GUM = {"entities": ("person", "organization", "place"), "events": ("event",)}


def evaluate_entities(
    gold: Sequence[Path], *, predictions: Path | None = None, read: Read | None = None, gold_mentions: bool = False
) -> Result:
    """Score sources against gold ``entities`` (MEANTIME) or the participants and places of ``mentions`` (ECB+)."""
    return _evaluate("entities", gold, predictions, read, gold_mentions=gold_mentions)


def evaluate_events(
    gold: Sequence[Path], *, predictions: Path | None = None, read: Read | None = None, gold_mentions: bool = False
) -> Result:
    """Score events against gold ``events`` (MEANTIME) or the actions among the ``mentions`` of ECB+.

    Clusters run across documents: all gold documents are read, mapped, put into a store in memory and linked. A
    prediction file has a line for each document: ``{"id", "mentions": [{"start", "end", "cluster"}]}``. A gold
    mention without a prediction is a cluster of its own. B-cubed flatters clusters of one: read pairwise beside it.
    ``gold_mentions`` gives the reader the gold's spans (neither kinds nor clusters), so that linking alone is measured.
    """
    return _evaluate("events", gold, predictions, read, gold_mentions=gold_mentions)


def _evaluate(
    what: str, paths: Sequence[Path], predictions: Path | None, read: Read | None, *, gold_mentions: bool
) -> Result:
    golds = documents(paths)
    if gold_mentions:
        if predictions is not None or read is not None:
            raise UsageError("gold mentions are given to our own reader: leave out the predictions")
        read = _reader_with(golds, what)
    mentions = [((document["id"], *span), cluster) for document in golds for span, cluster in _gold(document, what)]
    cost: Figures = {}
    beside: Figures = {}
    if predictions is None:
        readings, cost = read_all([article_of(document) for document in golds], read)
        identity = identity_of(readings)
        beside = extra(what, golds, readings)
        predicted = [
            _predict(document, reading, identity, what) for document, reading in zip(golds, readings, strict=True)
        ]
    else:
        predicted = documents([predictions])
    clusters: dict[Key, Hashable] = {
        (name, mention["start"], mention["end"]): mention["cluster"]
        for name, mentions_of in by_id(predicted, "mentions").items()
        for mention in mentions_of
    }
    figures = score(mentions, clusters)
    names = _named(golds) if what == "entities" else set()
    named = [(key, cluster) for key, cluster in mentions if key in names]
    return Result(
        what,
        {
            **figures,
            **beside,
            **({"named": score(named, clusters)} if named else {}),
            **({"cost": cost} if cost else {}),
        },
        tuple(predicted),
    )


def _reader_with(golds: Iterable[Document], what: str) -> Read:
    """Return the house's reader, which is told where the mentions of each text are."""
    from kg.reading import read
    from kg.reading.draft import Given

    spans: dict[str, tuple[Span, ...]] = {}
    for document in golds:
        here = tuple(sorted({Span(*span) for span, _ in _gold(document, what)}))
        spans[document["text"]] = here + spans.get(document["text"], ())

    def told(article: Article) -> Reading:
        here = spans[article.text]
        return read(article, given=Given(sources=here) if what == "entities" else Given(events=here))

    return told


def _gold(document: Document, what: str) -> Iterable[tuple[tuple[int, int], str]]:
    """Yield the mentions of a gold document that belong to a cluster."""
    if needed(document, what, "mentions") == what:
        chosen = ((one, one.get("instance")) for one in document[what])
    elif any("coreftype" in one for one in document["mentions"]):
        # GUM: chains of one document, joined across documents where both are linked to one page of Wikipedia
        chosen = (
            (one, one.get("link") or f"{document['id']}#{one['id']}")
            for one in document["mentions"]
            if one["type"] in _GUM[what]
        )
    else:
        chosen = (
            (one, one.get("cluster"))
            for one in document["mentions"]
            # ECB+ is annotated in selected sentences only; its times are another measure's
            if one.get("selected", True)
            and "TIME" not in one["kind"]
            and ("ACTION" in one["kind"]) == (what == "events")
        )
    return (((one["start"], one["end"]), cluster) for one, cluster in chosen if cluster)


def _named(golds: Iterable[Document]) -> set[Key]:
    return {
        (document["id"], one["start"], one["end"])
        for document in golds
        for one in document.get("entities", [])
        if "NAM" in (one.get("syn") or "")
    }


def _predict(document: Document, reading: Reading, identity: Identity, what: str) -> Document:
    items: Sequence[Source | Event] = reading.sources if what == "entities" else reading.events
    ours = [(span, item.key) for item in items for span in _spans(item)]
    iri = reading.article.iri
    mentions = []
    for start, end in sorted({span for span, _ in _gold(document, what)}):
        best = max(((_cover(Span(start, end), span), key) for span, key in ours), default=(0.0, ""))
        if best[0] >= SAME_MENTION:
            cluster = identity.get((what, iri, best[1]), f"{iri}#{best[1]}")
            mentions.append({"start": start, "end": end, "cluster": cluster})
    return {"id": document["id"], "mentions": mentions}


def _spans(item: Source | Event) -> Iterable[Span]:
    return (mention.span for mention in item.mentions) if isinstance(item, Source) else {*item.mentions, item.trigger}


def _cover(one: Span, other: Span) -> float:
    """Return the overlap of two spans: the shared characters over the characters of either."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / (len(one) + len(other) - shared) if shared > 0 else 0.0


def score(gold: Sequence[tuple[Key, str]], predicted: Mapping[Key, Hashable]) -> dict[str, Any]:
    """Return B-cubed (Bagga and Baldwin 1998) and pairwise precision, recall and F over the gold mentions."""
    true = [cluster for _, cluster in gold]
    # a mention that was not predicted is a cluster of its own, whose name is its number
    ours = [predicted.get(key, ("alone", number)) for number, (key, _) in enumerate(gold)]
    true_members, our_members = _members(true), _members(ours)
    shared = [len(true_members[one] & our_members[other]) for one, other in zip(true, ours, strict=True)]
    count = max(1, len(gold))
    precision = sum(n / len(our_members[cluster]) for n, cluster in zip(shared, ours, strict=True)) / count
    recall = sum(n / len(true_members[cluster]) for n, cluster in zip(shared, true, strict=True)) / count
    # a mention that shares its cluster with n mentions, itself among them, makes n - 1 pairs, each seen from two ends
    right = sum(n - 1 for n in shared) // 2
    return {
        "mentions": len(gold),
        "gold_clusters": len(true_members),
        "pred_clusters": len(our_members),
        "B3": harmonic(precision, recall),
        "pairwise": found(right, predicted=_pairs(our_members), gold=_pairs(true_members)),
        "mentions_found": percent(sum(key in predicted for key, _ in gold), len(gold)),
    }


def _members(clusters: Iterable[Hashable]) -> dict[Hashable, set[int]]:
    members: dict[Hashable, set[int]] = defaultdict(set)
    for number, cluster in enumerate(clusters):
        members[cluster].add(number)
    return members


def _pairs(members: Mapping[Hashable, set[int]]) -> int:
    return sum(len(numbers) * (len(numbers) - 1) // 2 for numbers in members.values())
