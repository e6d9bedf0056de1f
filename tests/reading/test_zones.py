"""Paragraphs and zones: what is the story, what stands around it, and what the head says of the article.

``kinds("…")`` gives (kind, words) of every stretch of a text; ``zoned`` reads an article with metadata.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.lines import complete, full_date, lay_out
from kg.lines.shapes import byline, dateline
from kg.model import Article, Outlet, Zone
from kg.reading.draft import Draft
from kg.reading.zones import find_zones

BODY = "The ferry between Port Alda and Skarne made its last trip on Tuesday, its owner told reporters on the quay."
MORE = "Nobody came to see it go, and the crew of nine went home by bus when the engines had cooled down."


def zoned(text: str, **known: Any) -> Draft:
    return find_zones(Draft(Article("https://x.example/edition/1", text, "0" * 64, **known)))


def kinds(text: str, **known: Any) -> list[tuple[str, str]]:
    return [(paragraph.kind, paragraph.span.of(text)) for paragraph in zoned(text, **known).paragraphs]


def kind_in_story(line: str) -> str:
    """Return what a line is that stands between two paragraphs of the story."""
    found = {words: kind for kind, words in kinds(f"{BODY}\n\n{line}\n\n{MORE}")}
    return found[line]


def kind_at_end(line: str, **known: Any) -> str:
    found = {words: kind for kind, words in kinds(f"{BODY}\n\n{MORE}\n\n{line}", **known)}
    return found[line]


# --- paragraphs


def test_every_line_is_a_paragraph_so_that_a_headline_never_fuses() -> None:
    text = f"Ferry line closes after forty years\n{BODY}\n{MORE}"
    assert kinds(text) == [("title", "Ferry line closes after forty years"), ("body", BODY), ("body", MORE)]


def test_hard_line_breaks_are_undone() -> None:
    wrapped = (
        "The ferry between Port Alda and Skarne made its last trip on\n"
        "Tuesday, its owner told reporters on the quay. Nobody came to\n"
        "see it go."
    )
    assert kinds(f"{wrapped}\n\n{wrapped}") == [("body", wrapped), ("body", wrapped)]


def test_an_indent_opens_a_paragraph_among_hard_line_breaks() -> None:
    first = "The ferry line will close,\nits owner told reporters who had come to the quay in the\nrain on Tuesday."
    second = "He said that the crew of nine would be paid to the end of\nthe year and not a day longer."
    third = "The union said that it would ask for more than that, and\nthat it would ask soon."
    text = f"{first}\n    {second}\n    {third}"
    assert kinds(text) == [("body", first), ("body", second), ("body", third)]


def test_a_list_of_short_lines_is_not_joined() -> None:
    assert [words for _, words in kinds(f"{BODY}\n\nMonday\nTuesday\nWednesday\n\n{MORE}")][1:4] == [
        "Monday",
        "Tuesday",
        "Wednesday",
    ]


# --- the head


def test_a_headline_that_stands_twice_is_title_both_times() -> None:
    text = (
        f"Ferry line closes after forty years\n\nThe Kyiv Independent\n\nFerry line closes after forty years\n\n{BODY}"
    )
    assert [kind for kind, _ in kinds(text)] == ["title", "boilerplate", "title", "body"]
    assert zoned(text).article.outlet == Outlet("The Kyiv Independent", "text")


def test_a_headline_from_the_metadata_is_found_over_line_breaks_and_with_a_full_stop() -> None:
    draft = zoned(
        f"Ferry line closes;\nOwner blames the bridge.\n\n{BODY}", title="Ferry line closes; Owner blames the bridge"
    )
    assert draft.article.title_span is not None
    assert draft.article.title_span.of(draft.article.text) == "Ferry line closes;\nOwner blames the bridge"
    assert draft.zones[0].kind == "title"


def test_a_lead_that_is_a_sentence_is_no_headline() -> None:
    text = f"Ferry owners say that the line may close.\n\n{BODY}"
    assert [kind for kind, _ in kinds(text)] == ["body", "body"]
    assert zoned(text).article.title is None


def test_masthead_and_tagline_are_boilerplate_and_name_the_outlet() -> None:
    text = f"THE ALDA GAZETTE\nThe paper of the bay since 1888\n\nFerry line closes\n\nBy Anna Bell\n\n{BODY}"
    assert [kind for kind, _ in kinds(text)] == ["boilerplate", "boilerplate", "title", "byline", "body"]
    assert zoned(text).article.outlet == Outlet("The Alda Gazette", "text")


def test_metadata_is_never_overwritten_by_the_text() -> None:
    text = f"The Daily Lantern\n\nFerry line closes\n\nBy Anna Bell\n\n{BODY}"
    article = zoned(text, title="Another", authors=("Rex Dunn",), outlet=Outlet("Capital Ledger", "metadata")).article
    assert (article.title, article.authors) == ("Another", ("Rex Dunn",))
    assert article.outlet == Outlet("Capital Ledger", "metadata")


@pytest.mark.parametrize(
    ("line", "names", "date"),
    [
        ("By Anna Bell", ("Anna Bell",), None),
        ("BY ANNA BELL IN LONDON", ("ANNA BELL",), None),
        ("By Anna Bell in Kyiv and Rex Dunn in Warsaw", ("Anna Bell", "Rex Dunn"), None),
        ("By Anna Bell, Political Editor", ("Anna Bell",), None),
        ("Anna Bell – February 27, 2022", ("Anna Bell",), "2022-02-27"),
        ("Anna Bell | The Daily Lantern | 3 March 2021 10:15 GMT", ("Anna Bell",), "2021-03-03"),
        ("Posted by Anna Bell on March 3, 2021", ("Anna Bell",), "2021-03-03"),
        ("By Agnès de la Tour", ("Agnès de la Tour",), None),
        ("By staff reporters", (), None),
    ],
)
def test_a_byline_gives_its_names_and_its_date(line: str, names: tuple[str, ...], date: str | None) -> None:
    found = byline(line, "en")
    assert found is not None
    assert (found.names, found.date) == (names, date)


@pytest.mark.parametrize(
    "line", ["By Monday the army had left", "By the river", "On March 3, 2021, Anna Bell left", "Anna Bell", "By 2021"]
)
def test_what_only_opens_like_a_byline_is_none(line: str) -> None:
    assert byline(line, "en") is None


@pytest.mark.parametrize(
    ("words", "iso"),
    [
        ("Friday, January 4, 2019", "2019-01-04"),
        ("27 February 2022", "2022-02-27"),
        ("the 1st of March 2022", "2022-03-01"),
        ("Sept. 5, 2020", "2020-09-05"),
        ("2022-02-27", "2022-02-27"),
        ("27.02.2022", "2022-02-27"),
        ("02/27/2022", "2022-02-27"),
        ("27/02/2022", "2022-02-27"),
        ("03/04/2022", None),
        ("Feb. 27", None),
        ("February 2022", None),
        ("February 30, 2022", None),
        ("May 3", None),
    ],
)
def test_a_full_date_has_day_month_and_year(words: str, iso: str | None) -> None:
    found = full_date(words)
    assert (found.iso if found else None) == iso


@pytest.mark.parametrize("line", ["Thursday, January 24, 2019", "Published: March 3, 2021 10:15 GMT", "3 March 2021"])
def test_a_date_alone_in_the_head_is_a_dateline_and_dates_the_article(line: str) -> None:
    text = f"{line}\n\n{BODY}"
    assert kinds(text)[0] == ("dateline", line)
    published = zoned(text).article.published
    assert published is not None
    assert published.origin == "text"


def test_a_date_on_the_line_under_the_byline_is_not_joined_to_it() -> None:
    text = f"Ferry line closes\nBy Anna Bell, Political Reporter\n10 March 2026\n\n{BODY}"
    assert [kind for kind, _ in kinds(text)] == ["title", "byline", "dateline", "body"]
    assert zoned(text).article.authors == ("Anna Bell",)


def test_a_date_alone_after_the_story_has_begun_does_not_date_the_article() -> None:
    assert zoned(f"{BODY}\n\n{MORE}\n\nMarch 3, 2021\n\n{BODY}").article.published is None


def test_a_date_in_the_story_does_not_date_the_article() -> None:
    assert zoned(f"On March 3, 2021, the ferry made its last trip, its owner said.\n\n{BODY}").article.published is None


@pytest.mark.parametrize(
    "opening",
    [
        "PORT ALDA (MPA) —",
        "MOSCOW, Feb 27 (Agency) -",
        "Washington (AFP) –",
        "(Reuters) -",
        "NEW YORK —",
        "DES MOINES, Iowa, Aug. 10 (UPI) —",
        "KYIV, Ukraine —",
        "KYIV/WARSAW (Reuters) -",
    ],
)
def test_a_dateline_inside_a_paragraph_is_cut_off(opening: str) -> None:
    assert kinds(f"{opening} {BODY}") == [("dateline", opening), ("body", BODY)]


@pytest.mark.parametrize(
    "opening", ["NATO — the alliance —", "On October 1 -", "BREAKING NEWS -", "Mother-in-law —", "He said —"]
)
def test_a_dash_alone_makes_no_dateline(opening: str) -> None:
    assert dateline(f"{opening} {BODY}", "en") is None


# --- captions


@pytest.mark.parametrize(
    "line",
    [
        "Anna Bell greets troops during a drill outside Skarne, on Sept. 12, 2021. (Getty Images)",
        "The east wall of the dam, seen from the path on Sunday. Photo: Ivo Stranne",
        "The east wall of the dam on Sunday. Photograph by Ivo Stranne",
        "Soldiers in Skarne last year. (Ivo Stranne/AFP)",
        "Ivo Stranne/AFP/Getty Images",
        "FILE PHOTO: The dam in 1961, the year it opened",
        "In this photo provided by the ministry, soldiers walk to a bus.",
        "Photo: Lantern Archive",
        "Soldiers in Skarne last year. (Reuters)",
    ],
)
def test_captions_and_credits_are_told(line: str) -> None:
    assert kind_in_story(line) == "caption"


@pytest.mark.parametrize(
    "line",
    [
        "The ministry published a photo by mistake and took it down an hour later, a spokesman said.",
        "Her image: that of a woman who never smiled, as the mayor put it to us.",
        "“I saw the photo,” he said. (He would not say where.)",
        "The town has 4,200 people (see the map).",
        "The agency quoted him as saying so. (The ministry denied it.)",
    ],
)
def test_a_story_that_speaks_of_pictures_is_no_caption(line: str) -> None:
    assert kind_in_story(line) == "body"


def test_the_agency_at_the_end_of_the_story_makes_no_caption() -> None:
    assert kind_at_end("The crew went home by bus. (Reuters)") == "body"


# --- promotion


@pytest.mark.parametrize(
    "line",
    [
        "500,000 PEOPLE FLEE THE FLOODS IN ALDA",
        "CLICK HERE TO READ MORE FROM THE WASHINGTON EXAMINER",
        "Read more: Are you living under a dam?",
        "Sign up for our weekly newsletter, and get the bay’s news every Friday.",
        "Related: The last ferry",
        "Follow us on Twitter",
        "https://dailylantern.example/ferry",
        "Got a view? Email letters@dailylantern.example",
        "[The last ferry: a history in pictures]",
        "More from our correspondents in the north",
        "Follow Lantern.example on Twitter and Facebook for the news of the bay.",
        "Log in or create an account to continue",
        "MORE : The cartoon of the week by Rex Dunn",
    ],
)
def test_promotion_is_told(line: str) -> None:
    assert kind_in_story(line) == "promotion"


@pytest.mark.parametrize(
    "line",
    [
        "He asked people to subscribe to the fund, and more than four thousand of them did so on the first day.",
        "“CLOSE THE FERRY,” the sign said.",
        "Watch towers stood on both banks of the river.",
        "More than forty people were killed, the ministry said.",
        "More soldiers will follow, he said.",
        "Support US forces or leave, the mayor told them.",
        "“Read more,” she told the class.",
        "Related firms were searched as well, police said.",
        "GDP fell.",
    ],
)
def test_a_story_that_opens_like_promotion_stays_the_story(line: str) -> None:
    assert kind_in_story(line) == "body"


def test_headlines_under_read_more_are_promotion() -> None:
    text = f"{BODY}\n\n{MORE}\n\nRead more:\n\nThe ferry that nobody wanted\n\nA bridge for the bay"
    assert [kind for kind, _ in kinds(text)] == ["body", "body", "promotion", "promotion", "promotion"]


def test_a_text_in_capitals_throughout_is_a_story() -> None:
    lines = "THE FERRY MADE ITS LAST TRIP\nITS OWNER TOLD REPORTERS SO\nNOBODY CAME TO SEE IT GO"
    assert "promotion" not in [kind for kind, _ in kinds(lines)]


def test_a_promotion_names_the_outlet_that_the_text_does_not() -> None:
    text = f"{BODY}\n\nCLICK HERE TO READ MORE FROM THE WASHINGTON EXAMINER\n\n{MORE}"
    assert zoned(text).article.outlet == Outlet("The Washington Examiner", "text")


# --- biographies


@pytest.mark.parametrize(
    "line",
    [
        "Author: Anna Bell is the political editor of the Lantern. She studied in Skarne.",
        "Anna Bell is a senior reporter who covers the north for the Lantern.",
        "Rex Dunn is a columnist for the Lantern. He lives in Port Alda.",
        "Anna Bell covers ferries and fog, and takes the side of neither. Follow Anna on Twitter @annabell.",
    ],
)
def test_notes_on_authors_at_the_end_are_biographies(line: str) -> None:
    assert kind_at_end(line) == "biography"


def test_a_note_on_the_known_author_needs_no_job() -> None:
    line = "Anna Bell lives in Port Alda with two elderly dogs."
    assert kind_at_end(line, authors=("Anna Bell",)) == "biography"


def test_what_stands_under_author_and_a_name_is_a_biography() -> None:
    text = f"{BODY}\n\nAuthor: Rex Dunn\n\nBorn and raised in Skarne. Alda High School. Member of nine unions."
    assert [kind for kind, _ in kinds(text)] == ["body", "biography", "biography"]


@pytest.mark.parametrize(
    "line",
    [
        "Anna Bell is a reporter.",
        "Rex Dunn is the minister who closed the line; he lives in Port Alda.",
        "“Anna Bell is a reporter who covers the north,” he said.",
        "Rex Dunn, who covers his face in public, follows nobody on the quay.",
    ],
)
def test_a_person_of_the_story_has_no_biography(line: str) -> None:
    assert kind_at_end(line) == "body"


def test_a_journalist_in_the_middle_of_the_story_is_the_story() -> None:
    assert kind_in_story("Anna Bell is a reporter who covers the north for the Lantern.") == "body"


# --- boilerplate


@pytest.mark.parametrize(
    "line",
    [
        "© 2022 The Daily Lantern",
        "Copyright 2022 The Associated Press. All rights reserved.",
        "Share this: Mail | Print",
        "Correction: An earlier version of this article named the wrong mayor.",
        "This story has been updated.",
        "Editor’s note: Some names were changed.",
        "10:32 GMT",
        "5:15 p.m.",
        "--",
        "* * *",
        "Advertisement",
        '<div class="ad"></div>',
        "APR7    69.80    0.40",
        "We use cookies to make this site better.",
        "This version corrects the spelling of the town to Alda, not Olda.",
        "Page editor: Anna Bell",
        "Article last amended: Mar 17 at 3:24 (history)",
        "Comments and public postings are the property of those who wrote them.",
    ],
)
def test_what_belongs_to_the_page_is_boilerplate(line: str) -> None:
    assert kind_in_story(line) == "boilerplate"


@pytest.mark.parametrize(
    "line",
    [
        "Copyright law does not cover it, the court said.",
        "The council met at 10:32 and voted.",
        "In 2019  it was 30.  In 2020  it was 40.  In 2021  nobody counted any more, the director said.",
        "Shares fell 3%.",
        "Sources in the ministry said so.",
    ],
)
def test_a_story_with_numbers_and_rights_stays_the_story(line: str) -> None:
    assert kind_in_story(line) == "body"


def test_the_paragraph_under_correction_belongs_to_it() -> None:
    text = f"{BODY}\n\n{MORE}\n\nCORRECTION:\n\nThe name of the mayor was wrong in this article; it is Bell."
    assert [kind for kind, _ in kinds(text)] == ["body", "body", "boilerplate", "boilerplate"]


def test_the_credits_of_a_wire_are_a_byline() -> None:
    assert kind_at_end("(Reporting by Anna Bell; Editing by Rex Dunn)") == "byline"


# --- what the draft says


def test_zones_are_the_paragraphs_that_are_not_the_story() -> None:
    draft = zoned(f"Ferry line closes\n\nBy Anna Bell\n\nPORT ALDA (MPA) — {BODY}\n\nSUBSCRIBE NOW FOR LESS\n\n{MORE}")
    assert [(zone.span, zone.kind) for zone in draft.zones] == [
        (paragraph.span, paragraph.kind) for paragraph in draft.paragraphs if paragraph.kind != "body"
    ]
    assert all(isinstance(zone, Zone) for zone in draft.zones)


def test_characters_that_could_not_be_read_are_told_as_a_problem() -> None:
    (problem,) = zoned("The \ufffd ferry \ufffd left.").problems
    assert problem.message == "2 characters could not be read (U+FFFD), the first at 4"


def test_completing_an_article_twice_changes_nothing() -> None:
    text = f"THE ALDA GAZETTE\n\nFerry line closes\n\nAnna Bell – March 3, 2021\n\n{BODY}"
    once, layout = complete(Article("https://x.example/edition/1", text, "0" * 64))
    assert complete(once) == (once, layout)


TEXTS = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [BODY, MORE, "Ferry line closes", "By Anna Bell", "", "  ", "March 3, 2021", "The Guardian", "- one",
             "PORT ALDA (MPA) — ", "Read more:", "Author: Rex Dunn", "Photo: X",
             "(Reuters)", "\u202e", "\u00a0", "“", "#"]
        ),
        max_size=12,
    ).map("\n".join),
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(TEXTS, st.one_of(st.none(), st.text(max_size=30), st.just("Ferry line closes")))
def test_paragraphs_tile_any_text_without_overlap(text: str, title: str | None) -> None:
    layout = lay_out(text, title=title, authors=("Anna Bell",))
    at = 0
    for block in layout.blocks:
        assert at <= block.span.start < block.span.end <= len(text)
        assert not text[at : block.span.start].strip()
        assert block.span.of(text) == block.span.of(text).strip()
        at = block.span.end
    assert not text[at:].strip()
    if layout.title_span is not None:
        assert len(layout.title_span) > 0


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_completing_any_article_twice_changes_nothing(text: str) -> None:
    once, _ = complete(Article("https://x.example/edition/1", text, "0" * 64))
    assert complete(once)[0] == once


@pytest.mark.parametrize("unit", [" ", "\n", "(", "“", "<", "A\n", "a@", "1\t", "By Anna Bell\n", "word "])
def test_two_megabytes_of_anything_are_cut(unit: str) -> None:
    text = unit * (2_000_000 // len(unit)) + "end"
    assert lay_out(text, title="A b").blocks[-1].span.end == len(text)


# --- real articles

SHARED = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[2].parent / "shared")


def test_no_statement_of_the_gold_stands_in_a_zone_that_holds_none() -> None:
    """Promotion, biographies, bylines and boilerplate are not read: what is lost there is lost for good."""
    gold = sorted((SHARED / "corpora/statements").glob("gold-*.json"))
    texts = SHARED / "corpora/wikinews/articles.jsonl"
    if not gold or not texts.is_file():
        pytest.skip(f"needs corpora/statements and corpora/wikinews in {SHARED}")
    articles = {data["id"]: data for data in map(json.loads, texts.read_text(encoding="utf-8").splitlines())}
    found = missed = lost = 0
    for path in gold:
        data = json.loads(path.read_text(encoding="utf-8"))
        blocks = {}
        for entry in data["articles"]:
            article = articles[entry["corpus_id"]]
            blocks[entry["id"]] = lay_out(article["text"], title=article["title"], outlet="Wikinews").blocks
        for zone in data["zones"]:
            if zone["kind"] in ("dateline", "caption", "title", "byline", "promotion", "biography"):
                hit = any(
                    block.kind == zone["kind"] and block.span.start <= zone["start"] < block.span.end
                    for block in blocks[zone["article"]]
                )
                found, missed = found + hit, missed + (not hit)
        for statement in data["statements"]:
            for content in statement["content"]:
                lost += any(
                    block.kind not in ("body", "title", "caption")
                    and block.span.start < content["end"]
                    and content["start"] < block.span.end
                    for block in blocks[statement["article"]]
                )
    assert (missed, lost) == (0, 0)
    assert found >= 30
