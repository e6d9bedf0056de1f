"""EDTF strings and their days; the dates of publication that options, metadata and feeds write."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.dates import bounds, parse_published, valid
from kg.errors import ArticleError


@pytest.mark.parametrize(
    ("edtf", "earliest", "latest"),
    [
        ("2022-02-27", date(2022, 2, 27), date(2022, 2, 27)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2022", date(2022, 1, 1), date(2022, 12, 31)),
        ("2022-02-27~", date(2022, 2, 27), date(2022, 2, 27)),
        ("2022-02?", date(2022, 2, 1), date(2022, 2, 28)),
        ("1990%", date(1990, 1, 1), date(1990, 12, 31)),
        ("2022-02-21/2022-02-27", date(2022, 2, 21), date(2022, 2, 27)),
        ("2021-12/2022", date(2021, 12, 1), date(2022, 12, 31)),
        ("198X", date(1980, 1, 1), date(1989, 12, 31)),
        ("19XX", date(1900, 1, 1), date(1999, 12, 31)),
        ("2022-22", date(2022, 6, 1), date(2022, 8, 31)),
        ("2022-36", date(2022, 10, 1), date(2022, 12, 31)),
        ("2022-02-27T23:30:00-05:00", date(2022, 2, 27), date(2022, 2, 27)),
        ("2022-02-27T16:08Z", date(2022, 2, 27), date(2022, 2, 27)),
    ],
)
def test_a_date_has_a_first_and_a_last_day(edtf: str, earliest: date, latest: date) -> None:
    assert bounds(edtf) == (earliest, latest)


def test_a_winter_may_be_the_one_before_or_after() -> None:
    assert bounds("2022-24") == (date(2022, 1, 1), date(2023, 2, 28))


@pytest.mark.parametrize("edtf", ["2014/..", "2014/", "2014-01-01/.."])
def test_an_open_end_is_none(edtf: str) -> None:
    assert bounds(edtf) == (date(2014, 1, 1), None)


@pytest.mark.parametrize("edtf", ["../2014", "/2014-12-31"])
def test_an_open_start_is_none(edtf: str) -> None:
    assert bounds(edtf) == (None, date(2014, 12, 31))


@pytest.mark.parametrize("edtf", ["XXXX-03-03", "XXXX-02-29", "XXXX-10", "XXXX", "0000"])
def test_a_symbolic_date_has_no_days(edtf: str) -> None:
    assert bounds(edtf) == (None, None)


@pytest.mark.parametrize(
    "edtf",
    [
        "", "..", "../..", "yesterday", "2022-02-30", "2022-13", "XXXX-02-30", "2022-03-01/2022-02-01", "2022-W08",
        "2022-02-27T25:00", "2022-02-27" * 20, "２０２２",
    ],
)  # fmt: skip
def test_what_is_no_edtf_is_refused(edtf: str) -> None:
    assert not valid(edtf)
    with pytest.raises(ValueError, match=r"."):
        bounds(edtf)


@given(st.dates(), st.dates())
def test_an_interval_has_the_days_of_its_ends(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    assert bounds(f"{first}/{last}") == (first, last)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    if valid(text):
        first, last = bounds(text)
        assert first is None or last is None or first <= last


@pytest.mark.parametrize(
    "text",
    [
        "2022-02-27", "2022-02-27T23:30:00-05:00", "2022-02-27 23:30", "20220227", "20220227T233000Z", "2022/02/27",
        "Sun, 27 Feb 2022 23:30:00 -0500", "Feb. 27, 2022", "27 February 2022", "Sunday, February 27, 2022 at 5:33 PM",
    ],
)  # fmt: skip
def test_a_publication_date_is_the_day_as_written(text: str) -> None:
    assert parse_published(text) == "2022-02-27"


def test_a_publication_date_keeps_its_precision() -> None:
    assert parse_published(" 2022-02 ") == "2022-02"


@pytest.mark.parametrize("text", ["Feb. 30, 2022", "2022-02-30", "02/03/2022", "yesterday", "2022-13", ""])
def test_a_date_that_nobody_can_tell_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(ArticleError, match=r"there is no date .*--published"):
        parse_published(text)
