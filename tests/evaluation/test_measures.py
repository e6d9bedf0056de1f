"""The measures, counted by hand on gold small enough to count."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sample_readings import TEXT, at, by_hand

from kg.errors import ArticleError, UsageError
from kg.evaluation import evaluate, evaluate_quotes
from kg.evaluation.naming import is_chain, is_named
from kg.evaluation.quotes import quotation_type, with_marks
from kg.evaluation.words import Words, pair
from kg.graph import edition_iri
from kg.model import Article, Mention, Reading, Source, Span, TimeExpression
from kg.record import dump_line

Json = dict[str, Any]


def write(path: Path, *items: Json) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return path


def place(words: str, *, nth: int = 1, text: str = TEXT) -> list[int]:
    span = at(words, nth=nth, text=text)
    return [span.start, span.end]


def bounds(words: str, *, nth: int = 1) -> Json:
    start, end = place(words, nth=nth)
    return {"start": start, "end": end}


def read_by_hand(article: Article) -> Reading:
    """A reader that knows one article."""
    assert article.text == TEXT
    return replace(by_hand(), article=article)


@pytest.fixture
def quotes_gold(tmp_path: Path) -> Path:
    """Three attributions: a quotation cut in two, a report, a belief that nobody found."""
    attributions = [
        {
            "content": [place("“The ferry 🛥 is held,”"), place("“until the crew is paid.”")],
            "source": [place("Mayor Ilse Brandt")],
            "cue": [place("said")],
        },
        {
            "content": [place("that two sailors were arrested")],
            "source": [place("Harbour Post")],
            "cue": [place("told")],
        },
        {"content": [place("confirmed them")], "source": [place("Two dockers")], "cue": [place("held at")]},
    ]
    return write(tmp_path / "gold.jsonl", {"id": "ferry", "text": TEXT, "attributions": attributions})


def test_a_quotation_counts_when_half_its_words_are_found_and_its_source_is_touched(quotes_gold: Path) -> None:
    figures: Any = evaluate_quotes([quotes_gold], read=read_by_hand).figures
    # the reading has four statements; two of them meet gold content: the quotation wholly, the report by 4 of 9 words
    # or more ("two sailors were arrested on Sunday night" has 7 words, "that two sailors were arrested" 5, shared 4)
    assert (figures["gold"], figures["pred"]) == (3, 4)
    assert figures["content50"] == {"P": 50.0, "R": 66.7, "F": 57.1}
    # the report's source is the official, not the Post
    assert figures["AR50"] == {"P": 25.0, "R": 33.3, "F": 28.6}
    assert figures["content_exact"] == {"P": 25.0, "R": 33.3, "F": 28.6}
    assert figures["attribution_accuracy"] == 50.0
    assert figures["recall_by_type"]["direct"] == {"n": 1, "content50": 100.0, "AR50": 100.0}
    assert figures["recall_by_type"]["indirect"] == {"n": 2, "content50": 50.0, "AR50": 0.0}
    assert figures["precision_by_rule"]["split-quotation"] == {"pred": 1, "content50": 100.0, "AR50": 100.0}
    assert figures["cost"]["articles"] == 1


def test_only_utterances_are_speech(quotes_gold: Path) -> None:
    figures: Any = evaluate_quotes([quotes_gold], read=read_by_hand).figures
    # gold speech: the quotation and "told"; ours: the quotation, "told" and "denied"
    assert figures["speech_content50"] == {"P": 66.7, "R": 100.0, "F": 80.0}
    assert figures["speech_AR50"] == {"P": 33.3, "R": 50.0, "F": 40.0}


def test_written_predictions_score_like_the_reading(quotes_gold: Path, tmp_path: Path) -> None:
    result = evaluate_quotes([quotes_gold], read=read_by_hand)
    result.write_predictions(tmp_path / "predicted.jsonl")
    again = evaluate_quotes([quotes_gold], predictions=tmp_path / "predicted.jsonl")
    assert {**again.figures, "cost": None} == {**result.figures, "cost": None}


def test_a_span_of_ours_is_widened_over_its_quotation_marks() -> None:
    text = 'She said, "It is late." Then “she left”, they say.'
    assert with_marks(at("It is late.", text=text), text).of(text) == '"It is late."'
    assert with_marks(at("It is late", text=text), text).of(text) == '"It is late."'
    assert with_marks(at("she left", text=text), text).of(text) == "“she left”"
    assert with_marks(at("Then", text=text), text).of(text) == "Then"
    assert with_marks(at("they say", text=text), text).of(text) == "they say"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("“It is late.”", "direct"),
        ("“It is late” “and dark,”", "direct"),
        ("“It is late,” he said, “and dark.”", "mixed"),
        ("that it is “late”", "mixed"),
        ("“late” it is", "mixed"),
        ("that it is late", "indirect"),
    ],
)
def test_a_quotation_is_direct_when_it_stands_inside_its_marks(words: str, kind: str) -> None:
    assert quotation_type(words) == kind


def test_the_largest_overlap_is_paired_first() -> None:
    gold = [frozenset({1, 2, 3}), frozenset({3, 4})]
    ours = [frozenset({3, 4, 5}), frozenset({1, 2, 3})]
    assert [(i, j) for _, i, j in pair(gold, ours)] == [(0, 1), (1, 0)]


def test_a_word_counts_when_one_of_its_characters_is_touched() -> None:
    words = Words.of("two old  ferries")
    assert words.within([Span(2, 5)]) == {0, 1}
    assert words.within([Span(7, 9)]) == frozenset()
    assert words.within([Span(8, 10), Span(0, 1)]) == {0, 2}


def test_times_are_relaxed_strict_and_valued(tmp_path: Path) -> None:
    gold = write(
        tmp_path / "gold.jsonl",
        {
            "id": "ferry",
            "text": TEXT,
            "timex": [
                {**bounds("Monday"), "type": "DATE", "value": "2031-03-03"},
                {**bounds("Sunday night"), "type": "TIME", "value": "2031-03-02"},
                {**bounds("the report"), "type": "DURATION", "value": "P1D"},
            ],
        },
    )
    figures: Any = evaluate("times", [gold], read=read_by_hand).figures
    assert (figures["gold"], figures["pred"]) == (3, 2)
    assert figures["relaxed"] == {"P": 100.0, "R": 66.7, "F": 80.0}
    assert figures["strict"] == {"P": 50.0, "R": 33.3, "F": 40.0}
    assert figures["value"] == {"P": 50.0, "R": 33.3, "F": 40.0}
    assert figures["date_value_recall"] == 50.0


def test_only_the_annotated_sentences_of_meantime_are_asked_for(tmp_path: Path) -> None:
    late = "\n".join(["One.", "Two.", "Three.", TEXT.splitlines()[2], "Five.", "Six."]) + "\nOn Monday it sailed."
    start = late.index("Monday")
    timex = [{"start": start, "end": start + 6, "type": "DATE", "value": "2031-03-03"}]
    document = {"id": "ferry", "topic": "corpus_ferry", "text": late, "timex": timex}
    gold = write(tmp_path / "gold.jsonl", document)

    def read(article: Article) -> Reading:
        places = [Span(start, start + 6), Span(late.rindex("Monday"), late.rindex("Monday") + 6)]
        times = tuple(TimeExpression(place, "2031-03-03", "2031-03-03", "DATE") for place in places)
        return Reading(article, times=times)

    figures: Any = evaluate("times", [gold], read=read).figures
    assert (figures["gold"], figures["pred"]) == (1, 1)


def test_gold_of_dates_asks_for_points_of_the_calendar_alone(tmp_path: Path) -> None:
    dates = [{**bounds("Monday"), "when": "2031-03-03"}, {**bounds("Sunday night"), "notAfter": "2031-03-02"}]
    gold = write(tmp_path / "gold.jsonl", {"id": "ferry", "text": TEXT, "dates": dates})

    def read(article: Article) -> Reading:
        lasting = TimeExpression(at("the crew"), "P1D", None, "DURATION")
        vague = TimeExpression(at("the arrests"), "PAST_REF", None, "DATE")
        reading = read_by_hand(article)
        return replace(reading, times=(*reading.times, lasting, vague))

    figures: Any = evaluate("times", [gold], read=read).figures
    assert (figures["gold"], figures["pred"]) == (1, 1)
    assert figures["value"]["F"] == 100.0


def test_clusters_across_documents(tmp_path: Path) -> None:
    def mention(start: int, name: str) -> Json:
        return {"start": start, "end": start + 1, "instance": name}

    gold = write(
        tmp_path / "gold.jsonl",
        {"id": "d1", "text": "a b", "events": [mention(0, "A"), mention(2, "A")]},
        {"id": "d2", "text": "c d", "events": [mention(0, "A"), mention(2, "B")]},
    )
    predicted = write(
        tmp_path / "predicted.jsonl",
        {
            "id": "d1",
            "mentions": [{"start": 0, "end": 1, "cluster": "x"}, {"start": 2, "end": 3, "cluster": "x"}],
        },
        {"id": "d2", "mentions": [{"start": 2, "end": 3, "cluster": "x"}]},
    )
    figures: Any = evaluate("events", [gold], predictions=predicted).figures
    # ours: {a b d} and {c}; gold: {a b c} and {d}
    # B-cubed precision (2/3 + 2/3 + 1 + 1/3) / 4, recall (2/3 + 2/3 + 1/3 + 1) / 4
    assert figures["B3"] == {"P": 66.7, "R": 66.7, "F": 66.7}
    # one right pair (a b) of our three and of the gold's three
    assert figures["pairwise"] == {"P": 33.3, "R": 33.3, "F": 33.3}
    assert (figures["gold_clusters"], figures["pred_clusters"], figures["mentions_found"]) == (2, 2, 75.0)


def test_events_of_ecb_are_actions_of_selected_sentences(tmp_path: Path) -> None:
    def mention(start: int, kind: str, *, selected: bool = True) -> Json:
        return {"start": start, "end": start + 1, "kind": kind, "cluster": f"c{start}", "selected": selected}

    mentions = [
        mention(0, "ACTION_OCCURRENCE"),
        mention(2, "NEG_ACTION_STATE"),
        mention(4, "ACTION_STATE", selected=False),
        mention(6, "HUMAN_PART_PER"),
        mention(8, "TIME_DATE"),
    ]
    gold = write(tmp_path / "gold.jsonl", {"id": "d1", "text": "a b c d e", "mentions": mentions})
    nothing = write(tmp_path / "predicted.jsonl", {"id": "d1", "mentions": []})
    assert evaluate("events", [gold], predictions=nothing).figures["mentions"] == 2
    assert evaluate("entities", [gold], predictions=nothing).figures["mentions"] == 1


def test_entities_are_clustered_by_linking(tmp_path: Path) -> None:
    """Two documents name one person; the reader knows him in each, linking knows that he is one."""
    texts = {"d1": "Ivo Marlen spoke.", "d2": "Then Ivo Marlen left."}
    gold = write(
        tmp_path / "gold.jsonl",
        *(
            {
                "id": name,
                "text": text,
                "entities": [{"start": text.index("Ivo"), "end": text.index("Marlen") + 6, "instance": "P1"}],
            }
            for name, text in texts.items()
        ),
    )  # fmt: skip

    def read(article: Article) -> Reading:
        mention = Mention(at("Ivo Marlen", text=article.text), "name")
        return Reading(article, sources=(Source("a1", "person", "Ivo Marlen", mentions=(mention,)),))

    result = evaluate("entities", [gold], read=read)
    figures: Any = result.figures
    assert figures["pairwise"] == {"P": 100.0, "R": 100.0, "F": 100.0}
    predictions: Any = result.predictions
    assert len({one["mentions"][0]["cluster"] for one in predictions}) == 1


def test_a_long_gold_mention_is_not_taken_for_a_name_inside_it(tmp_path: Path) -> None:
    text = "The spokesman of the Alda company left."
    end = at("company", text=text).end
    gold = write(
        tmp_path / "g.jsonl", {"id": "d", "text": text, "entities": [{"start": 0, "end": end, "instance": "P"}]}
    )

    def read(article: Article) -> Reading:
        mention = Mention(at("Alda company", text=text), "name")
        return Reading(article, sources=(Source("a1", "organization", "Alda company", mentions=(mention,)),))

    assert evaluate("entities", [gold], read=read).figures["mentions_found"] == 0.0


PERSON = {"id": "a1-brandt", "name": "Ilse Brandt", "kind": "person", "unnamed": False, "aliases": ["Mayor Brandt"]}
OUTLET = {"id": "post", "name": "Harbour Post", "kind": "outlet", "unnamed": False, "aliases": [{"text": "Post"}]}
OFFICIAL = {"id": "a1-official", "name": "senior official", "kind": "person", "unnamed": True, "aliases": []}


@pytest.mark.parametrize(
    ("name", "source", "same"),
    [
        ("Ilse Brandt", PERSON, True),
        ("Brandt", PERSON, True),
        ("Brandt Ilse", PERSON, False),
        ("the Harbour Post", OUTLET, True),
        ("www.post.com", OUTLET, True),
        ("Evening Post", OUTLET, False),
        ("a very senior official", OFFICIAL, True),
        ("an official", OFFICIAL, True),
        ("a junior clerk", OFFICIAL, False),
        (None, PERSON, False),
        ("Brandt", None, False),
    ],
)
def test_a_name_means_a_source(name: str | None, source: Json | None, same: bool) -> None:
    assert is_named(name, source) == same


def test_optional_links_may_be_missing_from_a_chain() -> None:
    sources = {one["id"]: one for one in (PERSON, OUTLET, OFFICIAL)}
    gold = ["post", "a1-official", "a1-brandt"]
    optional = frozenset({"a1-official"})
    assert is_chain(["Harbour Post", "Brandt"], gold, optional, sources)
    assert is_chain(["Harbour Post", "an official", "Brandt"], gold, optional, sources)
    assert not is_chain(["Harbour Post", "Brandt"], gold, frozenset(), sources)
    assert not is_chain(["Harbour Post", "an official"], gold, optional, sources)
    assert not is_chain(["Harbour Post", "Brandt", "Brandt"], gold, optional, sources)


@pytest.fixture
def statements_gold(tmp_path: Path) -> Path:
    sha256 = by_hand().article.sha256
    common = {"article": "a1", "optional_links": [], "mode": "direct", "act": "state", "polarity": "positive"}
    statements = [
        {
            **common,
            "content": [bounds("The ferry 🛥 is held"), bounds("until the crew is paid")],
            "speaker": "brandt",
            "chain": ["lantern", "brandt"],
            "said_on": "2031-03-03",
        },
        {
            **common,
            "content": [bounds("two sailors were arrested on Sunday night")],
            "speaker": "official",
            "chain": ["lantern", "post", "official"],
            "mode": "indirect",
            "said_on": None,
        },
        {
            **common,
            "content": [bounds("the arrests")],
            "speaker": "official",
            "accepted_speakers": ["post"],
            "chain": ["lantern", "official"],
            "polarity": "negative",
            "act": "admit",
            "said_on": "2031-03-03",
        },
        {**common, "content": [bounds("them")], "speaker": None, "chain": ["lantern"], "said_on": None},
        {**common, "content": [bounds("By Ana")], "speaker": None, "chain": ["lantern"], "required": False},
    ]
    gold = {
        "articles": [
            {"id": "a1", "corpus": "tales", "corpus_id": "t1", "sha256": sha256, "published": "2031-03-04"},
            {"id": "a2", "corpus": "tales", "corpus_id": "t2", "sha256": "00" * 32, "published": "2031-03-04"},
        ],
        "sources": [
            {"id": "lantern", "name": "The Lantern", "kind": "outlet"},
            {"id": "post", "name": "Harbour Post", "kind": "outlet"},
            {"id": "brandt", "name": "Ilse Brandt", "kind": "person"},
            {"id": "official", "name": "senior official", "kind": "person", "unnamed": True},
        ],
        "statements": statements,
        "zones": [{"article": "a1", **bounds("The Lantern could not verify the report"), "kind": "promotion"}],
    }
    (tmp_path / "gold").mkdir()
    (tmp_path / "tales").mkdir()
    write(tmp_path / "tales" / "articles.jsonl", {"id": "t1", "text": TEXT})
    path = tmp_path / "gold" / "gold-1.json"
    path.write_text(json.dumps(gold), encoding="utf-8")
    return path


def check_statement_figures(figures: Any) -> None:
    assert (figures["articles"], figures["without_text"]) == (1, 1)
    assert figures["required_content"] == {"hits": 3, "of": 4, "percent": 75.0}
    assert figures["speaker"] == {"hits": 2, "of": 4, "percent": 50.0}
    assert figures["chain"] == {"hits": 2, "of": 4, "percent": 50.0}
    assert figures["long_chains"] == {"hits": 1, "of": 1, "percent": 100.0}
    assert figures["act"] == {"hits": 2, "of": 3, "percent": 66.7}
    assert figures["mode"] == {"hits": 2, "of": 3, "percent": 66.7}
    assert figures["polarity"] == {"hits": 3, "of": 3, "percent": 100.0}
    assert figures["said_on"] == {"hits": 1, "of": 2, "percent": 50.0}
    assert figures["precision"] == {"hits": 3, "of": 4, "percent": 75.0}
    assert figures["zone_statements"] == 1
    assert figures["confused_speakers"] == [{"gold": "senior official", "read": "Ilse Brandt", "n": 1}]
    assert figures["confused_acts"] == [{"gold": "admit", "read": "deny", "n": 1}]
    assert figures["precision_by_rule"]["clausal-complement"] == {"pred": 1, "paired": 100.0}


def test_statements_are_found_and_attributed(statements_gold: Path) -> None:
    check_statement_figures(evaluate("statements", [statements_gold], read=read_by_hand).figures)


def test_texts_may_be_compressed_and_only_gold_of_a_folder_is_gold(statements_gold: Path) -> None:
    plain = statements_gold.parents[1] / "tales" / "articles.jsonl"
    packed = statements_gold.parents[1] / "articles.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    reading = statements_gold.parent / "a" / "set-1.json"
    reading.parent.mkdir()
    reading.write_bytes(statements_gold.read_bytes())
    check_statement_figures(evaluate("statements", [statements_gold.parent, packed], read=read_by_hand).figures)
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(ArticleError, match="a whole gzip file"):
        evaluate("statements", [statements_gold.parent, packed], read=read_by_hand)


def test_records_score_like_the_reading_that_made_them(statements_gold: Path, tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    file.write_bytes(dump_line(by_hand()))
    check_statement_figures(evaluate("statements", [statements_gold.parent], predictions=file).figures)


def test_records_of_a_cleaned_text_are_carried_over(statements_gold: Path, tmp_path: Path) -> None:
    """The text of the record opens with another headline, so that every offset has moved."""
    headline = "Breaking: "
    record = json.loads(dump_line(by_hand()))
    record["article"]["text"] = headline + TEXT

    def move(value: Any) -> Any:
        if isinstance(value, dict):
            offsets = {
                name: value[name] + len(headline) for name in ("start", "end") if isinstance(value.get(name), int)
            }
            return {name: move(one) for name, one in value.items()} | offsets
        return [move(one) for one in value] if isinstance(value, list) else value

    file = write(tmp_path / "records.jsonl", move(record))
    check_statement_figures(evaluate("statements", [statements_gold], predictions=file).figures)


def test_the_table_shows_each_figure_on_its_line(quotes_gold: Path) -> None:
    table = evaluate_quotes([quotes_gold], read=read_by_hand).table()
    assert table.startswith("kg eval quotes\n")
    assert "  AR50                  P 25.0  R 33.3  F 28.6\n" in table
    assert "    direct    n 1  content50 100.0  AR50 100.0\n" in table


def test_gold_of_another_kind_is_refused(quotes_gold: Path) -> None:
    with pytest.raises(ArticleError, match="ferry: there is no field timex and no dates"):
        evaluate("times", [quotes_gold], read=read_by_hand)


def test_a_broken_line_is_refused_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": 1}\n{"id"\n', encoding="utf-8")
    with pytest.raises(ArticleError, match=r"gold\.jsonl, line 2"):
        evaluate("quotes", [path])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="No such file"):
        evaluate("quotes", [tmp_path / "none.jsonl"])


def test_an_unknown_measure_is_refused(quotes_gold: Path) -> None:
    with pytest.raises(UsageError, match="'jokes'; there are quotes, statements, times, entities, events"):
        evaluate("jokes", [quotes_gold])


def test_gold_without_date_takes_it_from_the_text_as_an_import_does(tmp_path: Path) -> None:
    text = "Ferry held at Alda Bay\nMarch 4, 2031\n\nThe ferry was held on Monday, the mayor said in a statement.\n"
    gold = write(tmp_path / "gold.jsonl", {"id": "d", "text": text, "timex": []})
    seen: list[Article] = []

    def read(article: Article) -> Reading:
        seen.append(article)
        return Reading(article)

    evaluate("times", [gold], read=read)
    assert seen[0].published is not None
    assert seen[0].published.edtf == "2031-03-04"
    assert seen[0].iri == edition_iri(seen[0].sha256)


def test_chains_of_one_document_are_joined_by_their_link(tmp_path: Path) -> None:
    def mention(start: int, kind: str, number: str, link: str = "") -> Json:
        return {"start": start, "end": start + 1, "type": kind, "id": number, "link": link, "coreftype": "coref"}

    gold = write(
        tmp_path / "gold.jsonl",
        {
            "id": "d1",
            "text": "a b c d",
            "mentions": [
                mention(0, "person", "1", "A_Page"), mention(2, "person", "2"),
                mention(4, "event", "3"), mention(6, "time", "4"),
            ],
        },
        {"id": "d2", "text": "a b", "mentions": [mention(0, "person", "9", "A_Page"), mention(2, "place", "2")]},
    )  # fmt: skip
    nothing = write(tmp_path / "p.jsonl", {"id": "d1", "mentions": []}, {"id": "d2", "mentions": []})
    figures: Any = evaluate("entities", [gold], predictions=nothing).figures
    assert (figures["mentions"], figures["gold_clusters"]) == (4, 3)
    assert evaluate("events", [gold], predictions=nothing).figures["mentions"] == 1


GIVEN = "The gizmo of Norrfisk was shown on Monday. Critics welcomed the gizmo, and its unveiling drew a crowd."


@pytest.mark.parametrize(
    ("what", "words", "kept"),
    [("entities", ["The gizmo", "the gizmo", "a crowd"], 2), ("events", ["shown", "unveiling", "crowd"], 3)],
)
def test_given_mentions_are_all_clustered(what: str, words: list[str], kept: int, tmp_path: Path) -> None:
    mentions = [
        {
            **dict(zip(("start", "end"), place(word, text=GIVEN), strict=True)),
            "cluster": str(number),
            "kind": "ACTION" if what == "events" else "NON_HUMAN",
        }
        for number, word in enumerate(words)
    ]
    gold = write(tmp_path / "gold.jsonl", {"id": "d", "text": GIVEN, "mentions": mentions})
    own: Any = evaluate(what, [gold]).figures
    told: Any = evaluate(what, [gold], gold_mentions=True).figures
    assert own["mentions_found"] < told["mentions_found"] == 100.0
    assert told["pred_clusters"] == kept, "what is written alike in one article is one"


def test_given_mentions_belong_to_clusters_and_to_our_own_reader(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", {"id": "d", "text": GIVEN, "mentions": []})
    with pytest.raises(UsageError, match="entities and events, not for quotes"):
        evaluate("quotes", [gold], gold_mentions=True)
    with pytest.raises(UsageError, match="our own reader"):
        evaluate("events", [gold], predictions=gold, gold_mentions=True)
