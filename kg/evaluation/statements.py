"""Gold statements enter with their sources and chains, the figures of what was found and rightly attributed leave."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from kg.errors import ArticleError
from kg.evaluation.carrying import Carrier, closest
from kg.evaluation.naming import is_chain, is_named, plain
from kg.evaluation.quotes import HALF
from kg.evaluation.result import Figures, Result, percent, share
from kg.evaluation.run import Document, Read, article_of, documents, needed, read_all
from kg.evaluation.words import Words, pair
from kg.model import Span
from kg.record import to_record

# Zones that never hold statements; headlines and captions may.
SILENT_ZONES = ("promotion", "biography", "boilerplate", "byline")
CONFUSIONS = 20
# What the files of texts are called.
TEXTS = (".jsonl", ".jsonl.gz", ".txt")


@dataclass(frozen=True, slots=True)
class Gold:
    """One gold article: its text, statements and silent zones, and the sources of its set."""

    text: str
    document: Document
    statements: list[Any]
    zones: list[Span]
    sources: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Predicted:
    """A statement that was read, its sources by name."""

    content: list[Span]
    speaker: str | None
    chain: list[str | None]
    said_on: str | None
    record: Mapping[str, Any]


def evaluate_statements(gold: Sequence[Path], *, predictions: Path | None = None, read: Read | None = None) -> Result:
    """Score reading records against gold statements (JSON files, or folders of ``gold*.json``).

    Among ``gold`` may stand the files that hold the texts (.jsonl or .jsonl.gz with ``text``, or .txt); else they are
    looked for beside the gold's folder, in the folder of the name that an article gives as ``corpus`` and in
    ``articles``. The text's digest decides; gold articles without their text are counted and left out. A prediction
    file has reading records; one whose text was cleaned is carried over to the original by the words around its spans.

    Statements are paired one to one by word overlap of their content, half or more. Of the required ones: speaker
    rightly named, whole chain right (optional links may be left out), act, mode, polarity, date. Precision counts
    what is paired with any gold statement.
    """
    golds, missing = _golds(gold)
    cost: Figures = {}
    if predictions is None:
        readings, cost = read_all([article_of(one.document) for one in golds], read)
        records: list[Any] = [to_record(reading) for reading in readings]
    else:
        records = documents([predictions])
        for record in records:
            needed(record, "article")
            needed(record, "statements")
    if golds and not records:
        raise ArticleError(f"{predictions}: there is no reading record in it")
    counts: Counter[str] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    speakers: Counter[tuple[str, str]] = Counter()
    acts: Counter[tuple[str, str]] = Counter()
    for number, one in enumerate(golds):
        # what we read stands in the order of the gold; a file may have any order
        record = records[number] if predictions is None else closest(records, one.text)
        _count(one, list(_predicted(record, one.text)), counts, rules, speakers, acts)
    figures = {
        "articles": len(golds),
        "without_text": missing,
        **_figures(counts),
        **_details(rules, speakers, acts),
        **({"cost": cost} if cost else {}),
    }
    return Result("statements", figures, tuple(records))


def _golds(paths: Sequence[Path]) -> tuple[list[Gold], int]:
    files = [
        file
        for path in paths
        if not path.name.endswith(TEXTS)
        for file in (sorted(path.rglob("gold*.json"), key=str) if path.is_dir() else [path])
    ]
    given = texts_of(paths)
    beside: dict[Path, dict[str, Document]] = {}
    golds, missing = [], 0
    for file in files:
        try:
            data = orjson.loads(file.read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise ArticleError(f"{file}: {error}; give gold statements as JSON") from error
        sources = {source["id"]: source for source in data["sources"]}
        for article in data["articles"]:
            document = given.get(article["sha256"])
            for corpus in () if given else (article.get("corpus") or "articles", "articles"):
                folder = file.resolve().parents[1] / corpus
                if folder not in beside:
                    beside[folder] = texts_of(folder.rglob("*"))
                document = document or beside[folder].get(article["sha256"])
            if document is None:
                missing += 1
                continue
            golds.append(
                Gold(
                    text=document["text"],
                    document={**document, "published": article.get("published") or document.get("published")},
                    statements=[one for one in data["statements"] if one["article"] == article["id"]],
                    zones=[
                        Span(zone["start"], zone["end"])
                        for zone in data.get("zones", [])
                        if zone["article"] == article["id"] and zone["kind"] in SILENT_ZONES
                    ],
                    sources=sources,
                )
            )
    return golds, missing


def texts_of(paths: Iterable[Path]) -> dict[str, Document]:
    """Return the documents of the .txt, .jsonl and .jsonl.gz files among these by the digest of their text."""
    found = {}
    for path in paths:
        if path.suffix == ".txt":
            # decoded as it stands: read_text would turn CRLF into LF and the digest into another
            items = [{"id": path.stem, "text": path.read_bytes().decode("utf-8")}]
        elif path.name.endswith(TEXTS):
            items = [item for item in documents([path]) if isinstance(item.get("text"), str)]
        else:
            continue
        found.update({hashlib.sha256(item["text"].encode()).hexdigest(): item for item in items})
    return found


def _predicted(record: Any, text: str) -> Iterator[Predicted]:
    carrier = Carrier(record["article"]["text"], text)
    names = {source["key"]: source.get("name") for source in record["sources"]}
    for statement in record["statements"]:
        if content := carrier.spans(statement["content"]):
            yield Predicted(
                content=content,
                speaker=names.get(statement["speaker"]),
                chain=[names.get(link["source"]) for link in statement.get("chain", [])],
                said_on=(statement.get("said_on") or {}).get("edtf"),
                record=statement,
            )


def _count(
    gold: Gold,
    predicted: list[Predicted],
    counts: Counter[str],
    rules: Counter[tuple[str, str]],
    speakers: Counter[tuple[str, str]],
    acts: Counter[tuple[str, str]],
) -> None:
    words = Words.of(gold.text)
    true = [words.within(Span(span["start"], span["end"]) for span in one["content"]) for one in gold.statements]
    ours = [words.within(one.content) for one in predicted]
    silent = words.within(gold.zones)
    pairs = {i: j for overlap, i, j in pair(true, ours) if overlap >= HALF}
    counts["gold"] += len(gold.statements)
    counts["predicted"] += len(predicted)
    counts["paired"] += len(pairs)
    counts["silent"] += sum(len(content & silent) > len(content) / 2 for content in ours)
    for number, one in enumerate(predicted):
        rule = one.record.get("rule") or ""
        rules.update([("predicted", rule), *([("paired", rule)] if number in pairs.values() else [])])
    for i, statement in enumerate(gold.statements):
        if not statement.get("required", True):
            continue
        optional = frozenset(statement.get("optional_links", []))
        long = len([link for link in statement["chain"] if link not in optional]) > 2
        counts.update(["required", *(["long"] if long else []), *(["dated"] if statement.get("said_on") else [])])
        if i not in pairs:
            continue
        one = predicted[pairs[i]]
        counts["found"] += 1
        if _is_speaker(one.speaker, statement, gold.sources):
            counts["speaker"] += 1
        else:
            named = gold.sources.get(statement["speaker"], {}).get("name") or "nobody"
            speakers[named, one.speaker or "nobody"] += 1
        if is_chain(one.chain, statement["chain"], optional, gold.sources):
            counts.update(["chain", *(["long chain"] if long else [])])
        counts.update(name for name in ("act", "mode", "polarity") if one.record.get(name) == statement.get(name))
        if one.record.get("act") != statement.get("act"):
            acts[str(statement.get("act")), str(one.record.get("act"))] += 1
        counts["date"] += bool(statement.get("said_on")) and one.said_on == statement["said_on"]


def _is_speaker(name: str | None, statement: Mapping[str, Any], sources: Mapping[str, Any]) -> bool:
    """Where nobody is named, null is right, and so is a speaker called unspecified."""
    if statement["speaker"] is None and (not name or "unspecified" in plain(name)):
        return True
    keys = [statement["speaker"], *statement.get("accepted_speakers", [])]
    return any(is_named(name, sources.get(key)) for key in keys if key)


def _figures(counts: Counter[str]) -> dict[str, object]:
    required, hits = counts["required"], counts["found"]
    return {
        "gold": counts["gold"],
        "pred": counts["predicted"],
        "required_content": share(hits, required),
        "speaker": share(counts["speaker"], required),
        "chain": share(counts["chain"], required),
        "long_chains": share(counts["long chain"], counts["long"]),
        "act": share(counts["act"], hits),
        "mode": share(counts["mode"], hits),
        "polarity": share(counts["polarity"], hits),
        "said_on": share(counts["date"], counts["dated"]),
        "precision": share(counts["paired"], counts["predicted"]),
        "zone_statements": counts["silent"],
    }


def _details(
    rules: Counter[tuple[str, str]], speakers: Counter[tuple[str, str]], acts: Counter[tuple[str, str]]
) -> dict[str, object]:
    named = [rule for (what, rule), _ in rules.most_common() if what == "predicted" and rule]
    return {
        "precision_by_rule": {
            rule: {
                "pred": rules["predicted", rule],
                "paired": percent(rules["paired", rule], rules["predicted", rule]),
            }
            for rule in named
        },
        "confused_speakers": _confusions(speakers),
        "confused_acts": _confusions(acts),
    }


def _confusions(counts: Counter[tuple[str, str]]) -> list[dict[str, object]]:
    """Return the commonest confusions; of equal counts in the order of their words."""
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:CONFUSIONS]
    return [{"gold": gold, "read": read, "n": n} for (gold, read), n in common]
