"""The examples and their gold: every line parses, every span fits its text, and the README prints what is measured."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from gold_readings import EXAMPLES, STORIES, articles, gold, readings

from kg.evaluation import evaluate_agreement
from kg.record import check

KEYS = {"corpus", "id", "outlet", "published", "title", "url", "byline", "lang", "licence", "text"}
SIDES = ["", "a", "b"]


def texts() -> dict[str, str]:
    return {
        hashlib.sha256(article.text.encode()).hexdigest(): article.text
        for story in STORIES
        for article in articles(story).values()
    }


def test_every_example_line_has_the_keys_that_the_readme_names() -> None:
    for path in sorted((EXAMPLES / "articles").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert set(json.loads(line)) == KEYS, path.name


def test_every_story_has_gold_and_two_readings() -> None:
    stories = {path.stem for path in (EXAMPLES / "articles").iterdir()}
    for side in SIDES:
        assert {path.stem for path in (EXAMPLES / "gold" / side).glob("*.json")} == stories
    assert sum(len(articles(story)) for story in stories) == 28


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("story", STORIES)
def test_gold_spans_and_references_hold(story: str, side: str) -> None:
    data = gold(story, side)
    known = texts()
    bodies = {article["id"]: known[article["sha256"]] for article in data["articles"]}
    sources = {source["id"] for source in data["sources"]}
    said = {one["id"]: one for one in data["statements"]}
    assert len(sources) == len(data["sources"])
    assert len(said) == len(data["statements"])
    for one in said.values():
        spans = [*one["content"], *one["quoted"], *(one[key] for key in ("cue", "speaker_span") if one[key])]
        assert one["content"], one["id"]
        for span in spans:
            assert 0 <= span["start"] < span["end"] <= len(bodies[one["article"]]), one["id"]
        named = [*one["chain"], *one["accepted_speakers"], *(one[key] for key in ("speaker", "addressee") if one[key])]
        assert set(named) <= sources, one["id"]
        assert set(one["optional_links"]) <= set(one["chain"]), one["id"]
        assert one["speaker"] in (None, one["chain"][-1]), one["id"]
        assert one["embedded_in"] is None or said[one["embedded_in"]]["article"] == one["article"]
    for place in [*data["zones"], *(mention for event in data["events"] for mention in event["mentions"])]:
        assert 0 <= place["start"] < place["end"] <= len(bodies[place["article"]])
    assert {who for event in data["events"] for who in event["participants"]} <= sources
    for claim in data["claims"]:
        assert {*claim["statements"], *claim["denials"]} <= set(said), claim["id"]
        assert {*claim["outlets"], *claim["roots"]} <= sources, claim["id"]
    for relation in data["relations"]:
        assert {relation["from"], relation["to"]} <= {*said, *sources}
        assert relation["asserted_by"] in {"reader", *sources}


@pytest.mark.parametrize("story", STORIES)
def test_the_settled_gold_makes_valid_records(story: str) -> None:
    for reading in readings(story):
        check(reading)
    assert gold(story)["settled"] is True


def test_the_readme_prints_the_agreement_that_is_measured() -> None:
    folder = EXAMPLES / "gold"
    figures: Any = evaluate_agreement([folder / "a", folder / "b"]).figures["all"]
    said = (folder / "README.md").read_text(encoding="utf-8")
    for name, value in figures.items():
        if name == "kappa":
            assert all(f"{kind} {kappa}" in said for kind, kappa in value.items())
        elif "F" in value:
            assert f"| {name} | {value['A']} | {value['B']} | {value['both']} | {value['F']} |" in said
        else:
            assert f"| {name} | {value['hits']} of {value['of']} | {value['percent']} |" in said
