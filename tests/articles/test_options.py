"""Option before metadata before URL before text, and where each was taken from."""

import json

import pytest

from kg.articles import Options, load
from kg.articles.metadata import edtf_date, language_tag, names_of, url_date
from kg.errors import UsageError
from kg.model import Article, Outlet, Published

TEXT = (
    "The Daily Lantern\n\nFerry line closes\n\nAnna Bell – March 3, 2021\n\n"
    "The ferry made its last trip on Tuesday, its owner said, and nobody came to see it go."
)
URL = "https://www.theguardian.com/world/2021/03/02/ferry-line-closes"


def one(options: Options, **fields: object) -> Article:
    line = json.dumps({"text": TEXT, **fields}).encode()
    (item,) = load(line, origin="set.jsonl", options=options)
    assert isinstance(item, Article), item
    return item


def test_an_option_wins_over_everything() -> None:
    options = Options(
        outlet="The Stellmark Courier", published="2021-03-09", title="Given", authors=("X Y",), url="u:x"
    )
    read = one(options, outlet="Capital Ledger", published="2021-03-08", title="Other", byline=["Z"], url=URL)
    assert read.outlet == Outlet("The Stellmark Courier", "option")
    assert read.published == Published("2021-03-09", "option")
    assert (read.title, read.authors, read.url) == ("Given", ("X Y",), "u:x")


def test_metadata_wins_over_url_and_text() -> None:
    read = one(Options(), outlet="Capital Ledger", published="2021-03-08T07:00:00Z", url=URL)
    assert read.outlet == Outlet("Capital Ledger", "metadata")
    assert read.published == Published("2021-03-08", "metadata")


def test_the_url_gives_outlet_and_date_when_nothing_else_does() -> None:
    read = one(Options(), url=URL)
    assert read.outlet == Outlet("The Guardian", "domain")
    assert read.published == Published("2021-03-02", "url")


def test_the_text_comes_last() -> None:
    read = one(Options())
    assert read.outlet == Outlet("The Daily Lantern", "text")
    assert read.published == Published("2021-03-03", "text")


def test_what_nobody_says_stays_unknown() -> None:
    (read,) = load(b"They met again on Sunday, a spokesman said.", origin="a.txt")
    assert isinstance(read, Article)
    assert (read.outlet, read.published, read.title, read.authors) == (None, None, None, ())


@pytest.mark.parametrize(
    ("fields", "ending"),
    [
        ({"outlet": "Capital Ledger"}, "-capital-ledger"),
        ({"url": URL}, "-the-guardian"),
    ],
)
def test_an_outlet_known_from_outside_is_in_the_editions_name(fields: dict[str, object], ending: str) -> None:
    assert one(Options(), **fields).iri.endswith(ending)


def test_one_text_in_two_outlets_is_two_editions() -> None:
    assert one(Options(outlet="A")).iri != one(Options(outlet="B")).iri


@pytest.mark.parametrize("bad", ["Feb. 30", "2022-02-30", "2022-13", "yesterday", ""])
def test_a_date_that_is_none_is_misuse(bad: str) -> None:
    with pytest.raises(UsageError, match="--published"):
        Options(published=bad)


def test_a_language_that_is_none_is_misuse() -> None:
    with pytest.raises(UsageError, match="--language"):
        Options(language="English language")


@pytest.mark.parametrize(
    ("printed", "edtf"),
    [
        ("2022-02-27", "2022-02-27"),
        ("2022-02", "2022-02"),
        ("2022", "2022"),
        ("20220227", "2022-02-27"),
        ("2022-02-27T23:10:00+02:00", "2022-02-27"),
        ("2013-05-24 8:14:40 -0400", "2013-05-24"),
        ("Mon, 28 Feb 2022 10:00:00 GMT", "2022-02-28"),
        ("2022-02-31", None),
        ("soon", None),
    ],
)
def test_dates_of_metadata_are_read_to_the_day_they_print(printed: str, edtf: str | None) -> None:
    assert edtf_date(printed) == edtf


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2022/02/27/title", "2022-02-27"),
        ("https://a.example/news/2022-2-7-title", "2022-02-07"),
        ("https://a.example/20220227/title", "2022-02-27"),
        ("https://a.example/2022/02/title", None),
        ("https://a.example/2022/13/40/title", None),
        ("https://a.example/id/20229999", None),
        ("http://[", None),
    ],
)
def test_a_urls_path_may_hold_the_day(url: str, day: str | None) -> None:
    assert url_date(url) == day


@pytest.mark.parametrize(
    ("tag", "language"), [("en", "en"), ("en-GB", "en"), ("eng", "en"), ("uk_UA", "uk"), ("und", None), ("?", None)]
)
def test_language_tags_are_cut_to_the_language(tag: str, language: str | None) -> None:
    assert language_tag(tag) == language


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ada Merrow", ("Ada Merrow",)),
        ("Ada Merrow and Jon Vale", ("Ada Merrow", "Jon Vale")),
        ("Ada Merrow, Jon Vale and Eva Lind", ("Ada Merrow", "Jon Vale", "Eva Lind")),
        ("Ada Merrow, Reuters", ("Ada Merrow",)),
        ("Von Ada Merrow, chief correspondent", ("Ada Merrow",)),
        ("Ada Merrow; Jon Vale", ("Ada Merrow", "Jon Vale")),
        ("ada-merrow", ("Ada Merrow",)),
        ("https://x.example/ada", ()),
        ("ada@x.example", ()),
    ],
)
def test_a_byline_is_cut_to_the_names_in_it(byline: str, names: tuple[str, ...]) -> None:
    assert names_of(byline) == names
