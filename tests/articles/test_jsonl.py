"""JSON Lines: one article or one reading record a line; a bad line is refused and the rest goes on."""

import json

import pytest

from kg.articles import Item, RecordLine, load
from kg.errors import ArticleError
from kg.model import Article, Span

TEXT = "The ferry made its last trip on Tuesday, its owner said."


def items(*lines: object) -> list[Item]:
    source = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return list(load(source.encode(), origin="set.jsonl"))


def article(**fields: object) -> Article:
    (item,) = items({"text": TEXT, **fields})
    assert isinstance(item, Article), item
    return item


def refusal(line: object) -> str:
    (item,) = items(line)
    assert isinstance(item, ArticleError), item
    return str(item)


def test_the_keys_of_the_schema_become_the_fields_of_the_article() -> None:
    read = article(
        corpus="c", id="1", outlet="Capital Ledger", published="2021-03-03", title="Ferry line closes",
        url="https://capitalledger.example/ferry", byline=["Anna Bell", "Rex Dunn"], lang="en", licence="CC0",
    )  # fmt: skip
    assert read.title == "Ferry line closes"
    assert read.authors == ("Anna Bell", "Rex Dunn")
    assert read.url == "https://capitalledger.example/ferry"
    assert read.language == "en"
    assert read.origin == "set.jsonl:1"


def test_null_and_missing_fields_are_unknown() -> None:
    read = article(outlet=None, published=None, title=None, url=None, byline=None, lang=None)
    assert (read.outlet, read.published, read.title, read.url, read.authors) == (None, None, None, None, ())


def test_a_byline_may_be_one_name() -> None:
    assert article(byline="Anna Bell").authors == ("Anna Bell",)


def test_a_bad_line_is_refused_and_the_rest_goes_on() -> None:
    first, bad, last = items({"text": TEXT}, '{"text": "unfinished', {"text": TEXT + " Again."})
    assert isinstance(first, Article)
    assert isinstance(bad, ArticleError)
    assert str(bad).startswith("set.jsonl, line 2, character ")
    assert isinstance(last, Article)


def test_empty_lines_are_let_pass_but_counted() -> None:
    _, bad = items({"text": TEXT}, "", "[1]")
    assert str(bad).startswith("set.jsonl, line 3: this is a list")


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("text", 3, "a number"),
        ("title", ["a"], "a list"),
        ("outlet", {"name": "x"}, "an object"),
        ("url", True, "true"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(field: str, value: object, kind: str) -> None:
    message = refusal({"text": TEXT, field: value})
    assert f"line 1: the field {field} is {kind}" in message


def test_a_byline_of_numbers_is_refused() -> None:
    assert "the field byline" in refusal({"text": TEXT, "byline": [1]})


@pytest.mark.parametrize("text", [None, "", "   \n"])
def test_an_article_needs_text(text: str | None) -> None:
    assert refusal({"text": text}).startswith("set.jsonl, line 1: ")


def test_a_date_that_is_none_is_refused() -> None:
    assert "there is no date 'Feb. 30'" in refusal({"text": TEXT, "published": "Feb. 30"})


def test_a_byte_that_is_no_utf8_is_counted_from_the_start_of_the_file() -> None:
    good = json.dumps({"text": TEXT}).encode() + b"\n"
    _, bad = load(good + b'{"text": "caf\xe9"}', origin="set.jsonl")
    assert str(bad).startswith(f"set.jsonl, byte {len(good) + 13}: 0xE9")


def test_a_record_line_is_handed_on_undecoded() -> None:
    line, read = items({"record": 1, "article": {}}, {"text": TEXT})
    assert line == RecordLine("set.jsonl", 1, {"record": 1, "article": {}})
    assert isinstance(read, Article)


def test_control_characters_in_escapes_are_replaced() -> None:
    assert article(text="a\u0000b\r\nc").text == "a\ufffdb\nc"


def test_a_line_separator_inside_a_string_ends_no_line() -> None:
    (item,) = load('{"text": "One.\u2028Two."}'.encode(), origin="set.jsonl")
    assert isinstance(item, Article)
    assert item.text == "One.\nTwo."


def test_a_title_that_opens_the_text_is_pointed_at() -> None:
    read = article(title="Ferry line closes", text=f"Ferry line\ncloses\n\n{TEXT}")
    assert read.title_span == Span(0, len("Ferry line closes"))


def test_a_title_that_is_not_in_the_text_has_no_span() -> None:
    read = article(title="Ferry line closes")
    assert (read.title, read.title_span) == ("Ferry line closes", None)


def test_a_file_of_empty_lines_is_refused() -> None:
    (item,) = load(b"\n \n", origin="set.jsonl")
    assert isinstance(item, ArticleError)
