"""Agreement of two readings of one short article, small enough to be counted by hand."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from kg.errors import ArticleError, UsageError
from kg.evaluation import evaluate_agreement

TEXT = "The quay is closed, Ana Reyes told the Harbour Post. She denied that the crew was arrested."


def at(words: str) -> dict[str, int]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words)}


def statement(key: str, content: str, cue: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key, "article": "quay", "content": [at(content)], "quoted": [], "cue": at(cue),
        "speaker_span": None, "speaker": "reyes", "accepted_speakers": [], "addressee": None,
        "chain": ["lantern", "post", "reyes"], "optional_links": [], "mode": "indirect", "act": "state",
        "polarity": "positive", "certainty": "certain", "said_on": None, "embedded_in": None, "required": True,
        "kind": "speech", **more,
    }  # fmt: skip


def source(key: str, name: str, kind: str = "person", **more: Any) -> dict[str, Any]:
    return {"id": key, "name": name, "kind": kind, "unnamed": False, "aliases": [], "article": None, **more}


def reading() -> dict[str, Any]:
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    return {
        "articles": [{"id": "quay", "corpus_id": "quay", "sha256": sha256}],
        "sources": [
            source("lantern", "The Lantern", "outlet"),
            source("post", "Harbour Post", "outlet"),
            source("reyes", "Ana Reyes"),
        ],
        "statements": [
            statement("s1", "The quay is closed", "told"),
            statement("s2", "the crew was arrested", "denied", act="deny", polarity="negative"),
        ],
        "zones": [{"article": "quay", **at("The quay is closed"), "kind": "title"}],
        "claims": [{"id": "c1", "statements": ["s1"], "denials": ["s2"]}],
    }


@pytest.fixture
def other() -> dict[str, Any]:
    return copy.deepcopy(reading())


def agreement(tmp_path: Path, other: dict[str, Any]) -> Any:
    for name, data in (("a", reading()), ("b", other)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "story.json").write_text(json.dumps(data), encoding="utf-8")
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "quay.txt").write_text(TEXT, encoding="utf-8")
    return evaluate_agreement([tmp_path / "a", tmp_path / "b"]).figures["all"]


def test_a_reading_agrees_with_itself(tmp_path: Path, other: dict[str, Any]) -> None:
    figures = agreement(tmp_path, other)
    for name in ("statements", "sources", "zones", "denials"):
        assert figures[name]["F"] == 100, name
    for name in ("speaker", "chain", "cue", "act", "mode", "polarity", "certainty", "said_on"):
        assert (figures[name]["hits"], figures[name]["of"]) == (2, 2), name


def test_sources_under_other_ids_are_known_by_their_names(tmp_path: Path, other: dict[str, Any]) -> None:
    text = json.dumps(other).replace('"reyes"', '"mayor"').replace('"post"', '"p1"')
    figures = agreement(tmp_path, json.loads(text))
    assert figures["sources"]["both"] == 3
    assert figures["speaker"]["hits"] == figures["chain"]["hits"] == 2


def test_an_optional_link_may_be_left_out_and_another_not(tmp_path: Path, other: dict[str, Any]) -> None:
    other["statements"][0]["optional_links"] = ["post"]
    for one in other["statements"]:
        one["chain"] = ["lantern", "post", "reyes"] if one["id"] == "s1" else ["lantern", "reyes"]
    assert agreement(tmp_path, other)["chain"]["hits"] == 1


def test_a_statement_that_one_reading_lacks_lowers_f(tmp_path: Path, other: dict[str, Any]) -> None:
    other["statements"].pop()
    other["claims"] = []
    figures = agreement(tmp_path, other)
    # one of two and one of one: 2 * 1 / (2 + 1)
    assert figures["statements"] == {"A": 2, "B": 1, "both": 1, "F": 66.7}
    assert figures["required_found"] == {"hits": 2, "of": 3, "percent": 66.7}
    # the denial is not in both readings, so it says nothing of claims
    assert figures["denials"]["A"] == 0


def test_readings_without_claims_are_compared_all_the_same(tmp_path: Path, other: dict[str, Any]) -> None:
    del other["claims"]
    figures = agreement(tmp_path, other)
    assert figures["denials"]["B"] == 0
    assert figures["statements"]["F"] == 100


def test_contents_that_share_less_than_half_of_their_words_are_two_statements(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    other["statements"][0]["content"] = [at("closed")]
    assert agreement(tmp_path, other)["statements"]["both"] == 1


def test_an_exact_copy_is_paired_with_itself_and_not_with_its_original(tmp_path: Path, other: dict[str, Any]) -> None:
    for data in (first := reading(), other):
        data["articles"].append({**data["articles"][0], "id": "copy", "corpus_id": "copy"})
        data["statements"].append({**data["statements"][0], "id": "s3", "article": "copy"})
    for name, data in (("a", first), ("b", other)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "story.json").write_text(json.dumps(data), encoding="utf-8")
    (tmp_path / "quay.txt").write_text(TEXT, encoding="utf-8")
    figures: Any = evaluate_agreement([tmp_path / "a", tmp_path / "b", tmp_path / "quay.txt"]).figures
    assert figures["all"]["statements"]["both"] == 3


def test_one_folder_or_a_missing_story_or_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two folders"):
        evaluate_agreement([tmp_path])
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "story.json").write_text(json.dumps(reading()), encoding="utf-8")
    with pytest.raises(ArticleError, match="same stories"):
        evaluate_agreement([tmp_path / "a", tmp_path / "b"])
    (tmp_path / "b" / "story.json").write_text(json.dumps(reading()), encoding="utf-8")
    with pytest.raises(ArticleError, match="text is not there"):
        evaluate_agreement([tmp_path / "a", tmp_path / "b"])
