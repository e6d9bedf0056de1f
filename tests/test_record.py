"""The reading record: what a Reading becomes as JSON, and what of it is refused, with which words."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from sample_readings import TEXT, at, by_hand, readings

from kg.errors import RecordError
from kg.model import Mention, Reading, Source, Span, Statement
from kg.record import canonical, check, dump_line, from_record, load_line, natural, to_record


@given(readings())
def test_a_record_gives_back_its_reading(reading: Reading) -> None:
    assert from_record(to_record(reading)) == reading


@given(readings())
def test_a_line_of_json_gives_back_its_reading(reading: Reading) -> None:
    line = dump_line(reading)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert load_line(line) == reading
    assert from_record(json.loads(line)) == reading


@given(readings())
def test_canonical_order_is_reached_in_one_step(reading: Reading) -> None:
    turned = replace(
        reading,
        zones=reading.zones[::-1],
        sources=reading.sources[::-1],
        statements=reading.statements[::-1],
        times=reading.times[::-1],
        events=reading.events[::-1],
        relations=reading.relations[::-1],
    )
    assert canonical(turned) == reading
    assert canonical(reading) == reading


def test_the_hand_written_reading_comes_back() -> None:
    assert load_line(dump_line(by_hand())) == by_hand()


def test_the_fields_have_the_names_of_the_design() -> None:
    record: Any = to_record(by_hand())
    assert record["record"] == 1
    assert record["article"]["outlet"] == {"name": "The Lantern", "from": "option"}
    assert record["article"]["published"] == {"edtf": "2031-03-04", "from": "metadata"}
    assert record["zones"][1]["kind"] == "byline"
    said = at("said")
    statement = record["statements"][0]
    assert statement["cue"] == {"start": said.start, "end": said.end}
    assert statement["chain"][1] == {
        "source": "a2",
        "act": "say",
        "certainty": "certain",
        "evidence": {"start": said.start, "end": said.end},
    }
    monday = at("on Monday")
    assert statement["said_on"] == {"edtf": "2031-03-03", "start": monday.start, "end": monday.end}
    assert record["times"][0] == {
        "start": monday.start,
        "end": monday.end,
        "value": "2031-03-03",
        "edtf": "2031-03-03",
        "type": "DATE",
        "resolution": "relative",
        "anchor": "2031-03-04",
    }
    confirmed = at("confirmed")
    assert record["relations"][0] == {
        "key": "r1",
        "relation": "corroborates",
        "target": "s2",
        "by": ["a10"],
        "certainty": "certain",
        "evidence": {"start": confirmed.start, "end": confirmed.end},
    }
    assert record["problems"][1] == {"start": None, "end": None, "step": "events", "message": "a word list is missing"}


def test_a_small_record_is_enough() -> None:
    reading = from_record(
        {
            "record": 1,
            "article": {"text": "Rain, said Ann.", "outlet": {"name": "The Lantern", "from": "option"}},
            "sources": [{"key": "o1", "kind": "outlet"}, {"key": "a1", "kind": "person", "name": "Ann"}],
            "statements": [
                {
                    "key": "s1",
                    "speaker": "a1",
                    "mode": "indirect",
                    "act": "state",
                    "content": [{"start": 0, "end": 4, "exact": "Rain"}],
                    "chain": [{"source": "o1", "act": "publishes"}, {"source": "a1", "act": "say"}],
                }
            ],
        }
    )
    digest = hashlib.sha256(b"Rain, said Ann.").hexdigest()
    assert reading.article.sha256 == digest
    assert reading.article.iri == f"https://w3id.org/on-the-record/id/edition/{digest}-the-lantern"
    (statement,) = reading.statements
    assert (statement.polarity, statement.certainty, statement.cue) == ("positive", "certain", None)
    assert reading.run.reader == "unknown"


def test_an_outlet_found_in_the_text_is_no_part_of_the_edition_name() -> None:
    record = {"record": 1, "article": {"text": "The Lantern", "outlet": {"name": "The Lantern", "from": "text"}}}
    digest = hashlib.sha256(b"The Lantern").hexdigest()
    assert from_record(record, base="https://a.example/").article.iri == f"https://a.example/edition/{digest}"


def test_the_iri_of_a_record_is_kept() -> None:
    record = {"record": 1, "article": {"text": "Rain.", "iri": "https://a.example/rain"}}
    assert from_record(record).article.iri == "https://a.example/rain"


def test_own_fields_of_a_reader_are_passed_over() -> None:
    record: Any = to_record(by_hand())
    record["statements"][0]["x-tokens"] = [1, 2]
    assert from_record(record) == by_hand()


def test_s2_stands_before_s10() -> None:
    assert sorted(["s10", "s2", "s1b", "s1", "a3"], key=natural) == ["a3", "s1", "s1b", "s2", "s10"]


Change = Callable[[Any], None]


def _drop(path: str) -> Change:
    *parts, last = path.split(".")

    def change(record: Any) -> None:
        del _walk(record, parts)[_step(last)]

    return change


def _set(path: str, value: object) -> Change:
    *parts, last = path.split(".")

    def change(record: Any) -> None:
        _walk(record, parts)[_step(last)] = value

    return change


def _walk(record: Any, parts: list[str]) -> Any:
    for part in parts:
        record = record[_step(part)]
    return record


def _step(part: str) -> str | int:
    return int(part) if part.isdigit() else part


LENGTH = len(TEXT)
REFUSED: list[tuple[str, Change, str]] = [
    ("another version", _set("record", 2), "record: the version is 2; this reader knows 1"),
    ("no text", _drop("article.text"), "article.text: null stands where a string must"),
    ("a text of nothing", _set("article.text", ""), "article.text: is empty"),
    ("a lone surrogate", _set("article.title", "a\ud800"), "article.title: holds U+D800 at 1"),
    ("a control character", _set("article.title", "ab\x00"), "article.title: holds U+0000 at 2"),
    ("a digest of another text", _set("article.sha256", "00"), "article.sha256: the text's digest is "),
    ("a relative IRI", _set("article.iri", "rain"), "article.iri: 'rain' is no absolute IRI"),
    ("an IRI with a fragment", _set("article.iri", "https://a.example/#b"), "article.iri: 'https://a.example/#b'"),
    ("no such date", _set("article.published.edtf", "2031-02-30"), "article.published.edtf: '2031-02-30' is no EDTF"),
    (
        "a misspelt field",
        _set("statements.1.speakr", "a3"),
        "statements[1]: there is no field 'speakr'; did you mean speaker",
    ),
    ("a word for a number", _set("zones.0.start", "0"), "zones[0].start: a string stands where a whole number must"),
    ("a truth value for a number", _set("zones.0.start", True), "zones[0].start: a truth value stands where"),
    ("a list for an object", _set("article", []), "article: a list stands where an object must"),
    ("an object for a list", _set("zones", {}), "zones: an object stands where a list must"),
    ("an unknown act", _set("statements.0.act", "shout"), "statements[0].act: 'shout' is none of state, report"),
    ("an unknown link act", _set("statements.0.chain.1.act", "yell"), "statements[0].chain[1].act: 'yell' is none of"),
    ("an unknown kind of event", _set("events.0.kind", "party"), "events[0].kind: 'party' is none of attack"),
    ("two of one key", _set("sources.1.key", "a1"), "sources[1].key: 'a1' names an earlier one of sources"),
    ("a key of nothing", _set("events.0.key", ""), "events[0].key: is 0 characters long"),
    ("an endless key", _set("events.0.key", "9" * 101), "events[0].key: is 101 characters long"),
    (
        "a span beyond the text",
        _set("statements.3.content.0.end", LENGTH + 9),
        f"statements[3].content[0]: end {LENGTH + 9} lies beyond the text's {LENGTH} code points; "
        "count code points, half-open",
    ),
    ("a span before the text", _set("zones.0.start", -1), "zones[0]: start -1 lies before the text"),
    ("an empty span", _set("zones.0.end", 0), "zones[0]: start 0 is not before end 0"),
    ("half a span", _set("problems.1.start", 3), "problems[1].end: null stands where a whole number must"),
    ("a mention nowhere", _set("sources.0.mentions.0", {"kind": "name"}), "sources[0].mentions[0]: has no start"),
    ("zones that overlap", _set("zones.1.start", 5), "zones: the zones 0-22 and 5-"),
    ("content that overlaps", _set("statements.0.content.1.start", at("The ferry").end), "statements[0].content: the"),
    ("no content", _set("statements.0.content", []), "statements[0].content: is empty"),
    ("an unknown speaker", _set("statements.0.speaker", "a99"), "statements[0].speaker: there is no source 'a99'"),
    ("an unknown event", _set("statements.1.about", ["e9"]), "statements[1].about[0]: there is no event 'e9'"),
    ("an unknown outer statement", _set("statements.2.embedded_in", "s9"), "statements[2].embedded_in: there is no"),
    (
        "a ring of statements",
        _set("statements.1.embedded_in", "s10"),
        "statements[1].embedded_in: 's2' would stand inside itself",
    ),
    ("no chain", _set("statements.0.chain", []), "statements[0].chain: is empty; it begins with the publisher"),
    (
        "a chain from a person",
        _set("statements.3.chain.0.source", "a2"),
        "statements[3].chain[0].source: 'a2' is of kind person; a chain begins with the publisher, an outlet",
    ),
    (
        "two publishers",
        _set("statements.3.chain.0.source", "o2"),
        "statements[3].chain[0].source: is 'o2', but other chains begin with 'o1'",
    ),
    (
        "a speaker who is not the root",
        _set("statements.1.speaker", "a2"),
        "statements[1].speaker: is 'a2', but the chain ends at 'a3'",
    ),
    ("too sure", _set("statements.1.confidence", 1.5), "statements[1].confidence: 1.5 does not lie between 0 and 1"),
    ("no number", _set("statements.1.confidence", float("nan")), "statements[1].confidence: nan does not lie"),
    ("nobody counted", _set("sources.3.number", 0), "sources[3].number: 0 people say nothing"),
    ("an event at a person", _set("events.0.where", "a2"), "events[0].where: 'a2' is of kind person"),
    ("a part without a role", _set("events.0.participants.0.role", ""), "events[0].participants[0].role: is empty"),
    ("a relation to nothing", _set("relations.0.target", "s7"), "relations[0].target: there is no statement 's7'"),
    ("a relation by nobody", _set("relations.0.by", ["a7"]), "relations[0].by[0]: there is no source 'a7'"),
    ("a time without a value", _drop("times.0.value"), "times[0].value: null stands where a string must"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), [pytest.param(c, w, id=name) for name, c, w in REFUSED])
def test_a_broken_record_is_refused_by_its_path(change: Change, words: str) -> None:
    record = copy.deepcopy(to_record(by_hand()))
    change(record)
    with pytest.raises(RecordError) as refusal:
        from_record(record)
    assert str(refusal.value).startswith(words)


def test_words_that_do_not_stand_there_are_refused_with_where_they_stand() -> None:
    record: Any = to_record(by_hand())
    held = at("is held,")
    # a reader that counts UTF-16 units is one too far behind the ship
    record["statements"][0]["content"][0] = {"start": held.start + 1, "end": held.end + 1, "exact": "is held,"}
    with pytest.raises(RecordError, match=rf"these words stand at {held.start}-{held.end}; count code points"):
        from_record(record)


def test_one_span_has_one_mention_kind() -> None:
    record: Any = to_record(by_hand())
    record["sources"][4]["mentions"].append({**record["sources"][0]["mentions"][0], "kind": "nominal"})
    with pytest.raises(RecordError, match=r"^sources\[4\].mentions\[1\]: this span is a name elsewhere"):
        from_record(record)


def test_one_span_has_one_time() -> None:
    record: Any = to_record(by_hand())
    record["times"].append(record["times"][0])
    with pytest.raises(RecordError, match=r"^times\[2\]: an earlier expression"):
        from_record(record)


def test_the_same_words_are_not_said_twice() -> None:
    record: Any = to_record(by_hand())
    record["statements"].append({**record["statements"][0], "key": "s12"})
    record["statements"][4]["content"] = record["statements"][4]["content"][::-1]
    with pytest.raises(RecordError, match=r"^statements\[4\]: has the cue and the content of 's1'"):
        from_record(record)


def test_the_path_counts_in_the_order_of_the_record_that_came_in() -> None:
    record: Any = to_record(by_hand())
    record["statements"].reverse()
    record["statements"][0]["confidence"] = 7
    with pytest.raises(RecordError, match=r"^statements\[0\]\.confidence"):
        from_record(record)


def test_a_line_that_is_no_json_is_refused() -> None:
    with pytest.raises(RecordError, match="the record is no JSON"):
        load_line(b'{"record": 1')


def test_a_null_speaker_lets_the_chain_end_at_the_last_known_link() -> None:
    record: Any = to_record(by_hand())
    record["statements"][1]["speaker"] = None
    assert from_record(record).statements[1].chain[-1].source == "a3"


def test_confidence_keeps_four_digits() -> None:
    record: Any = to_record(by_hand())
    record["statements"][0]["confidence"] = 0.123456
    assert from_record(record).statements[0].confidence == 0.1235


def test_the_trigger_is_a_mention_of_its_event() -> None:
    record: Any = to_record(by_hand())
    record["events"][0]["mentions"] = []
    assert from_record(record).events[0].mentions == (at("arrested"),)


def test_a_reading_of_our_own_is_checked_by_the_same_rules() -> None:
    reading = by_hand()
    first = replace(reading.statements[0], content=(Span(3, LENGTH + 1),))
    with pytest.raises(RecordError, match=r"^statements\[0\].content\[0\]: end"):
        check(replace(reading, statements=(first, *reading.statements[1:])))


def test_a_long_row_of_embedded_statements_is_no_ring() -> None:
    text = "a" * 3_001
    article = from_record({"record": 1, "article": {"text": text}}).article
    outlet = Source("o1", "outlet", None, mentions=(Mention(Span(0, 1), "name"),))
    link = by_hand().statements[3].chain
    statements = [
        Statement(
            key=f"s{number}",
            speaker=None,
            content=(Span(number, number + 1),),
            chain=link,
            mode="indirect",
            act="state",
            embedded_in=f"s{number + 1}" if number < 2_999 else None,
        )
        for number in range(3_000)
    ]
    check(Reading(article=article, sources=(outlet,), statements=tuple(statements)))


def test_numbers_come_back_as_they_were() -> None:
    assert orjson.loads(dump_line(by_hand())) == to_record(by_hand())


def test_the_example_of_the_documentation_is_a_record() -> None:
    page = (Path(__file__).parents[1] / "docs" / "record.md").read_text(encoding="utf-8")
    reading = load_line(page.partition("```json\n")[2].partition("```")[0])
    (statement,) = reading.statements
    assert statement.content[0].of(reading.article.text) == "Rain is coming"
    assert statement.cue is not None
    assert statement.cue.of(reading.article.text) == "said"
