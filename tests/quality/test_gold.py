"""The statements gold of our own is well-formed, and so are the two readings it was settled from; no text is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from kg.model import Act, Certainty, Mode, Polarity

GOLD = Path(__file__).parent / "gold"
FILES = sorted(GOLD.rglob("*.json"))
PUBLISHERS = {"wikinews": "wikinews", "reuters-21578": "reuters"}


def spans(statement: dict[str, Any]) -> Iterator[dict[str, int]]:
    yield from statement["content"]
    yield from statement["quoted"]
    yield from (statement[name] for name in ("cue", "speaker_span") if statement[name])


def test_all_files_are_there() -> None:
    names = {str(path.relative_to(GOLD)) for path in FILES}
    assert names == {f"{where}-{n}.json" for n in range(1, 8) for where in ("gold", "a/set", "b/set")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GOLD)))
def test_a_gold_file_is_well_formed(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    articles = {one["id"]: one for one in data["articles"]}
    sources = {one["id"] for one in data["sources"]}
    ids = {one["id"] for one in data["statements"]}
    assert (len(articles), len(sources), len(ids)) == tuple(
        len(data[name]) for name in ("articles", "sources", "statements")
    )
    assert all(len(one["sha256"]) == 64 for one in articles.values())
    assert data["notes"] == []
    for one in data["statements"]:
        chain = one["chain"]
        assert chain[0] == PUBLISHERS[articles[one["article"]]["corpus"]], one["id"]
        assert one["speaker"] is None or chain[-1] == one["speaker"], one["id"]
        assert set(chain) | set(one["accepted_speakers"]) <= sources, one["id"]
        assert set(one["optional_links"]) <= set(chain), one["id"]
        assert {one["speaker"], one["addressee"]} <= {None, *sources}, one["id"]
        assert one["embedded_in"] in {None, *ids} - {one["id"]}, one["id"]
        assert one["content"], one["id"]
        assert all(0 <= span["start"] < span["end"] for span in spans(one)), one["id"]
        for name, words in (("act", Act), ("certainty", Certainty), ("mode", Mode), ("polarity", Polarity)):
            assert one[name] in get_args(words), (one["id"], name)


def test_the_gold_has_what_was_asked_of_it() -> None:
    """150 attributed sentences and 60 chains longer than publisher and speaker."""
    every = [one for path in GOLD.glob("gold-*.json") for one in json.loads(path.read_text("utf-8"))["statements"]]
    long = [one for one in every if len(set(one["chain"]) - set(one["optional_links"])) > 2]
    assert len([one for one in every if one["required"]]) >= 150
    assert len(long) >= 60
