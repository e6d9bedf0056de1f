"""Two readings of the same articles enter, made by annotators apart; how far they agree leaves.

The measure is that of the annotation guide: statements are paired by the word overlap of their content, half or more,
and what is said of a pair is compared. Agreement beyond chance is Cohen's kappa (https://doi.org/10.1177/001316446002000104).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

import orjson

from kg.errors import ArticleError, UsageError
from kg.evaluation.naming import names_of
from kg.evaluation.quotes import HALF
from kg.evaluation.result import Figures, Result, found, share
from kg.evaluation.run import Read
from kg.evaluation.statements import texts_of
from kg.evaluation.words import Words
from kg.model import Span

Json = Mapping[str, Any]
LABELS = ("act", "mode", "polarity", "certainty")


@dataclass(frozen=True, slots=True)
class Joined:
    """One story in both readings: which statements are paired (by id), which sources of B are which of A."""

    a: Json
    b: Json
    pairs: Mapping[str, str]
    sources: Mapping[str, str]


def evaluate_agreement(gold: Sequence[Path], *, predictions: Path | None = None, read: Read | None = None) -> Result:
    """Compare two folders of readings: one JSON file a story, of the same name in both, in the form of the gold.

    After the two folders may follow the files or folders that hold the texts; else they are looked for in the folder
    ``articles`` beside the readings or above. The texts' digests decide. Ids may differ between the readings. Raises
    UsageError for less than two folders, ArticleError where a story or a text is missing.
    """
    if len(gold) < 2 or predictions is not None:
        raise UsageError("agreement takes two folders of readings, and perhaps texts: kg eval agreement A B")
    first, second, *given = gold
    names = [sorted(path.name for path in folder.glob("*.json")) for folder in (first, second)]
    if not names[0] or names[0] != names[1]:
        raise ArticleError(f"{first} and {second}: the same stories should stand in both; there are {names}")
    places = given or [folder / "articles" for folder in first.resolve().parents[:2]]
    known = texts_of(file for place in places for file in ([place] if place.is_file() else place.rglob("*")))
    whole: Counter[str] = Counter()
    labels: Counter[tuple[str, str, str]] = Counter()
    stories: dict[str, object] = {}
    for name in names[0]:
        counts, pairs = _count(join(_load(first / name), _load(second / name), known))
        stories[name.removesuffix(".json")] = _figures(counts, Counter())
        whole.update(counts)
        labels.update(pairs)
    return Result("agreement", {"stories": stories, "all": _figures(whole, labels)})


def join(a: Json, b: Json, known: Mapping[str, Json]) -> Joined:
    """Pair the statements of two readings of a story and tell which source of B is which of A.

    Statements are paired one to one within an article, the largest overlap first; of equal overlaps those whose cues
    overlap. Sources are one when they share names (unnamed ones: and the article), or, what is left, when they
    stand at the same place of the text as speakers.
    """
    # a copy has the digest of its original, so the id within the corpus decides as well
    articles = {(article["sha256"], article["corpus_id"]): article["id"] for article in a["articles"]}
    theirs_of = {(article["sha256"], article["corpus_id"]): article["id"] for article in b["articles"]}
    same_article = {theirs_of[key]: article for key, article in articles.items() if key in theirs_of}
    pairs: dict[str, str] = {}
    for article in a["articles"]:
        if article["sha256"] not in known:
            raise ArticleError(f"{article['id']}: its text is not there; name the file or folder that holds it")
        words = Words.of(known[article["sha256"]]["text"])
        ours = [one for one in a["statements"] if one["article"] == article["id"]]
        theirs = [one for one in b["statements"] if same_article.get(one["article"]) == article["id"]]
        pairs.update(_pairs(ours, theirs, words))
    return Joined(a, b, pairs, _same_sources(a, b, pairs, same_article))


def _pairs(ours: list[Any], theirs: list[Any], words: Words) -> Iterator[tuple[str, str]]:
    contents = [[words.within(spans(one["content"])) for one in side] for side in (ours, theirs)]
    candidates = sorted(
        (-len(x & y) / len(x | y), not _touch(one, other, "cue"), i, j)
        for (i, (one, x)), (j, (other, y)) in product(
            enumerate(zip(ours, contents[0], strict=True)), enumerate(zip(theirs, contents[1], strict=True))
        )
        if x | y and len(x & y) / len(x | y) >= HALF
    )
    taken: set[tuple[str, int]] = set()
    for _, _, i, j in candidates:
        if ("a", i) not in taken and ("b", j) not in taken:
            taken.update([("a", i), ("b", j)])
            yield ours[i]["id"], theirs[j]["id"]


def _same_sources(a: Json, b: Json, pairs: Mapping[str, str], articles: Mapping[str, str]) -> dict[str, str]:
    """Return the source of A for each source of B that has one."""
    said_b = {one["id"]: one for one in b["statements"]}
    met: Counter[tuple[str, str]] = Counter()
    for one in a["statements"]:
        other = said_b.get(pairs.get(one["id"], ""))
        if other and one["speaker"] and other["speaker"] and _touch(one, other, "speaker_span"):
            met[one["speaker"], other["speaker"]] += 1
    candidates = []
    for one, other in product(a["sources"], b["sources"]):
        if one.get("article") and other.get("article") and one["article"] != articles.get(other["article"]):
            continue
        shared = len(names_of({**one, "id": ""}) & names_of({**other, "id": ""}))
        same_place = met[one["id"], other["id"]]
        if shared or same_place:
            alike = (one["kind"] == other["kind"]) + (bool(one["unnamed"]) == bool(other["unnamed"]))
            candidates.append((bool(shared), alike, shared + same_place, one["id"], other["id"]))
    found_a: set[str] = set()
    same: dict[str, str] = {}
    for *_, ours, theirs in sorted(candidates, reverse=True):
        if ours not in found_a and theirs not in same:
            found_a.add(ours)
            same[theirs] = ours
    return same


def _count(joined: Joined) -> tuple[Counter[str], Counter[tuple[str, str, str]]]:
    a, b, pairs, same = joined.a, joined.b, joined.pairs, joined.sources
    said_a = {one["id"]: one for one in a["statements"]}
    said_b = {one["id"]: one for one in b["statements"]}
    back = {other: one for one, other in pairs.items()}
    counts: Counter[str] = Counter()
    labels: Counter[tuple[str, str, str]] = Counter()
    sides = (("a", a), ("b", b))
    for side, reading in sides:
        counts.update({f"statements {side}": len(reading["statements"]), f"sources {side}": len(reading["sources"])})
    counts.update({"statements": len(pairs), "sources": len(same)})
    # what one reading holds for required, the other should have at all
    counts["required a"] = sum(one["required"] for one in said_a.values())
    counts["required b"] = sum(one["required"] for one in said_b.values())
    counts["required a found"] = sum(one["required"] for one in said_a.values() if one["id"] in pairs)
    counts["required b found"] = sum(one["required"] for one in said_b.values() if one["id"] in back)
    for one_id, other_id in pairs.items():
        one, other = said_a[one_id], said_b[other_id]
        theirs = [same.get(link, f"b:{link}") for link in other["chain"]]
        speaker = same.get(other["speaker"], f"b:{other['speaker']}") if other["speaker"] else None
        accepted = {one["speaker"], *one.get("accepted_speakers", [])} & {
            speaker,
            *(same.get(key, f"b:{key}") for key in other.get("accepted_speakers", [])),
        }
        optional = {same.get(link, f"b:{link}") for link in other.get("optional_links", [])}
        counts["speaker"] += one["speaker"] == speaker
        counts["accepted speaker"] += bool(accepted)
        counts["chain"] += bool(_chains(one["chain"], set(one.get("optional_links", []))) & _chains(theirs, optional))
        counts["cue"] += _touch(one, other, "cue") or not (one["cue"] or other["cue"])
        counts["required"] += one["required"] == other["required"]
        counts["said_on"] += one["said_on"] == other["said_on"]
        for label in LABELS:
            counts[label] += one[label] == other[label]
            labels[label, one[label], other[label]] += 1
    articles = {article["id"]: article["sha256"] for _, reading in sides for article in reading["articles"]}
    zones = [{(articles[z["article"]], z["kind"], z["start"], z["end"]) for z in r["zones"]} for _, r in sides]
    _pairwise(counts, "zones", *_zones(*zones))
    for what, together in (("claims", _same_claim), ("denials", _denied)):
        _pairwise(counts, what, together(a, pairs, None), together(b, back, back))
    return counts, labels


def _pairwise(counts: Counter[str], what: str, ours: set[Any], theirs: set[Any]) -> None:
    counts.update({what: len(ours & theirs), f"{what} a": len(ours), f"{what} b": len(theirs)})


def _zones(ours: set[Any], theirs: set[Any]) -> tuple[set[Any], set[Any]]:
    """Give a zone of B the bounds of the zone of A that it covers by half or more, of the same kind."""
    carried = set()
    for article, kind, start, end in theirs:
        close = [
            zone
            for zone in ours
            if zone[:2] == (article, kind)
            and min(end, zone[3]) - max(start, zone[2]) >= HALF * (max(end, zone[3]) - min(start, zone[2]))
        ]
        carried.add(close[0] if close else (article, kind, start, end))
    return ours, carried


def _same_claim(reading: Json, paired: Iterable[str], back: Mapping[str, str] | None) -> set[Any]:
    """Return the pairs of statements that one claim holds, of those which both readings have, by the ids of A."""
    named = {one: (back[one] if back else one) for one in paired}
    return {
        frozenset(two)
        for claim in reading.get("claims", ())
        for two in combinations(sorted({named[one] for one in claim["statements"] if one in named}), 2)
    }


def _denied(reading: Json, paired: Iterable[str], back: Mapping[str, str] | None) -> set[Any]:
    named = {one: (back[one] if back else one) for one in paired}
    return {
        (named[denial], named[one])
        for claim in reading.get("claims", ())
        for denial, one in product(claim.get("denials", []), claim["statements"])
        if denial in named and one in named
    }


def _chains(links: Sequence[str], optional: set[str]) -> set[tuple[str, ...]]:
    """Return the chain in all the forms that are right: any of the optional links may be missing."""
    loose = [i for i, link in enumerate(links) if link in optional]
    dropped = chain.from_iterable(combinations(loose, n) for n in range(len(loose) + 1))
    return {tuple(link for i, link in enumerate(links) if i not in gone) for gone in dropped}


def spans(listed: Iterable[Json]) -> list[Span]:
    """Return the spans of a gold file as values."""
    return [Span(one["start"], one["end"]) for one in listed]


def _touch(one: Json, other: Json, field: str) -> bool:
    return bool(one[field] and other[field]) and spans([one[field]])[0].overlaps(spans([other[field]])[0])


def _figures(counts: Counter[str], labels: Counter[tuple[str, str, str]]) -> Figures:
    pairs = counts["statements"]
    figures: dict[str, object] = {
        "statements": _both(counts, "statements"),
        "required_found": share(
            counts["required a found"] + counts["required b found"], counts["required a"] + counts["required b"]
        ),
        "speaker": share(counts["speaker"], pairs),
        "speaker_accepted": share(counts["accepted speaker"], pairs),
        **{name: share(counts[name], pairs) for name in ("chain", "cue", *LABELS, "said_on", "required")},
        **{name: _both(counts, name) for name in ("sources", "zones", "claims", "denials")},
    }
    return {**figures, **({"kappa": {name: _kappa(labels, name) for name in LABELS}} if labels else {})}


def _both(counts: Counter[str], what: str) -> dict[str, float]:
    a, b, both = counts[f"{what} a"], counts[f"{what} b"], counts[what]
    return {"A": a, "B": b, "both": both, "F": found(both, predicted=b, gold=a)["F"]}


def _kappa(labels: Counter[tuple[str, str, str]], what: str) -> float:
    cells = {(one, other): n for (label, one, other), n in labels.items() if label == what}
    total = sum(cells.values())
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    for (one, other), n in cells.items():
        ours[one] += n
        theirs[other] += n
    seen = sum(n for (one, other), n in cells.items() if one == other) / total
    chance = sum(ours[label] * theirs[label] for label in ours) / total**2
    return round((seen - chance) / (1 - chance), 2) if chance < 1 else 1.0


def _load(path: Path) -> Json:
    try:
        data: Json = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ArticleError(f"{path}: {error}; give a reading as JSON") from error
    return data
