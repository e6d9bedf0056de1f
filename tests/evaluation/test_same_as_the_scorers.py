"""Our figures are those of the scorers beside the corpora, digit for digit, on the same predictions.

The predictions are gold that was spoiled by a fixed recipe: spans moved, cut and joined, sources changed, some left
out and some made up, so that no figure is 0 or 100.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kg.evaluation import evaluate
from kg.model import Reading

SHARED = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[2].parent / "shared")
CORPORA = SHARED / "corpora"
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora (../shared/corpora) are not here")
Json = dict[str, Any]


def scorer(name: str, *arguments: object) -> str:
    command = [sys.executable, str(CORPORA / f"score_{name}.py"), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def lines(path: Path, most: int) -> list[Json]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line, _ in zip(file, range(most), strict=False)]


def write(path: Path, items: list[Json]) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return path


def moved(start: int, end: int, text: str, dice: random.Random) -> list[int]:
    start = max(0, min(len(text) - 1, start + dice.choice([0, 0, 0, 0, -9, 7, 30])))
    return [start, max(start + 1, min(len(text), end + dice.choice([0, 0, 0, 0, -8, 11, -60])))]


def test_quotes(tmp_path: Path) -> None:
    dice = random.Random(1)
    gold = lines(CORPORA / "polnear" / "polnear_dev.jsonl", 40)
    predicted = []
    for document in gold[:-1]:
        text, statements = document["text"], []
        for one in document["attributions"]:
            if dice.random() < 0.2:
                continue
            statement = {
                part: [moved(*span, text, dice) for span in one.get(part) or []]
                for part in ("content", "source", "cue")
            }
            if dice.random() < 0.15:
                statement["source"] = []
            statements += [statement] * dice.choice([1, 1, 1, 2])
        predicted.append({"id": document["id"], "statements": statements})
    gold_file, file = write(tmp_path / "gold.jsonl", gold), write(tmp_path / "predicted.jsonl", predicted)
    theirs = json.loads(scorer("quotes", gold_file, file))
    assert evaluate("quotes", [gold_file], predictions=file).figures == theirs
    assert 0 < theirs["AR50"]["F"] < theirs["content50"]["F"] < 100


def test_times(tmp_path: Path) -> None:
    dice = random.Random(2)
    gold_file = CORPORA / "meantime" / "meantime.jsonl"
    predicted = []
    for document in lines(gold_file, 1000):
        times = []
        for one in document["timex"]:
            start, end = moved(one["start"], one["end"], document["text"], dice)
            value = dice.choice([one["value"], one["value"], one["value"], "P1D", None])
            times += [{"start": start, "end": end, "value": value}] * dice.choice([0, 1, 1, 1, 2])
        predicted.append({"id": document["id"], "timex": times})
    file = write(tmp_path / "predicted.jsonl", predicted)
    theirs = json.loads(scorer("timex", gold_file, file))
    assert evaluate("times", [gold_file], predictions=file).figures == theirs
    assert 0 < theirs["value"]["F"] < theirs["relaxed"]["F"] < 100


@pytest.mark.parametrize("kind", ["entities", "events"])
def test_clusters(kind: str, tmp_path: Path) -> None:
    dice = random.Random(3)
    gold_file = CORPORA / "meantime" / "meantime.jsonl"
    predicted = [
        {
            "id": document["id"],
            "mentions": [
                {
                    "start": one["start"],
                    "end": one["end"],
                    "cluster": dice.choice([one["instance"], one["instance"], document["id"], "other"]),
                }
                for one in document[kind]
                if one["instance"] and dice.random() < 0.8
            ],
        }
        for document in lines(gold_file, 1000)
    ]
    file = write(tmp_path / "predicted.jsonl", predicted)
    theirs = json.loads(scorer("clusters", gold_file, file, kind))
    figures = evaluate(kind, [gold_file], predictions=file).figures
    assert {name: figures[name] for name in theirs} == theirs
    assert 0 < theirs["pairwise"]["F"] < 100


ROWS = {
    "required_content": "required content found",
    "speaker": "  + speaker",
    "chain": "  + whole chain",
    "long_chains": "  chains longer than publisher -> speaker",
    "said_on": "date of utterance",
    "precision": "precision (paired with any gold)",
}


def record(gold: Json, article: Json, text: str, dice: random.Random, *, cleaned: bool) -> Json:
    """Make a reading record of gold that is partly wrong; a cleaned one has its blank lines taken out."""
    places = list(range(len(text) + 1))
    if cleaned:
        kept = [offset for offset in range(len(text)) if text[offset : offset + 2] not in ("\n\n", "  ")]
        places = [sum(1 for offset in kept if offset < place) for place in range(len(text) + 1)]
        text = "".join(text[offset] for offset in kept)
    statements = []
    for one in gold["statements"]:
        if one["article"] != article["id"] or dice.random() < 0.15:
            continue
        chain = [link for link in one["chain"] if link not in one["optional_links"] or dice.random() < 0.5]
        speaker = one["speaker"] if dice.random() < 0.8 else dice.choice(gold["sources"])["id"]
        statements.append(
            {
                "content": [cut(span, places, dice) for span in one["content"]],
                "speaker": speaker,
                "chain": [{"source": link} for link in (chain if dice.random() < 0.8 else chain[:1])],
                "act": one["act"] if dice.random() < 0.7 else "state",
                "mode": one["mode"] if dice.random() < 0.7 else "direct",
                "polarity": one["polarity"],
                "said_on": {"edtf": one["said_on"]} if one["said_on"] and dice.random() < 0.6 else None,
            }
        )  # fmt: skip
    sources = [
        {"key": source["id"], "name": dice.choice([source["name"], *source["aliases"][:2], "Somebody Else"])}
        for source in gold["sources"]
    ]
    return {"article": {"text": text}, "sources": sources, "statements": statements}


def cut(span: Json, places: list[int], dice: random.Random) -> Json:
    end = max(span["start"] + 1, span["end"] - dice.choice([0, 0, 40]))
    return {"start": places[span["start"]], "end": places[end]}


def test_statements(tmp_path: Path) -> None:
    dice = random.Random(4)
    texts = {one["id"]: one["text"] for one in lines(CORPORA / "wikinews" / "articles.jsonl", 1000)}
    folder = tmp_path / "statements"
    folder.mkdir()
    records = []
    for path in sorted((CORPORA / "statements").glob("gold-[123].json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        (folder / path.name).write_text(json.dumps(gold), encoding="utf-8")
        records += [
            record(gold, article, texts[article["corpus_id"]], dice, cleaned=number == 0)
            for number, article in enumerate(gold["articles"])
        ]
    dice.shuffle(records)
    texts_file = write(tmp_path / "texts.jsonl", [{"id": name, "text": text} for name, text in texts.items()])
    file = write(tmp_path / "records.jsonl", records)
    theirs = scorer("statements", folder, texts_file, file)
    figures: Any = evaluate("statements", [folder, texts_file], predictions=file).figures
    articles = len(records)
    assert f"{articles} articles scored, 0 without their text" in theirs
    assert (figures["articles"], figures["without_text"]) == (articles, 0)
    for name, words in ROWS.items():
        assert f"{words} {shown(figures[name])}\n" in theirs, name
    three = " ".join(shown(figures[name]) for name in ("act", "mode", "polarity"))
    assert f"act / mode / polarity of those found {three}\n" in theirs
    assert f"statements out of boilerplate zones {figures['zone_statements']}\n" in theirs
    assert all(0 < figures[name]["percent"] < 100 for name in ("required_content", "speaker", "chain", "act"))
    assert re.search(r"longer than publisher -> speaker [1-9]", theirs)


def shown(share: Json) -> str:
    return f"{share['hits']}/{share['of']} = {share['percent']} %"


def test_the_texts_are_found_beside_the_gold() -> None:
    figures = evaluate("statements", [CORPORA / "statements" / "gold-1.json"], read=Reading).figures
    assert (figures["articles"], figures["without_text"], figures["pred"]) == (5, 0, 0)
