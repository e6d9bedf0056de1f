"""Plain text: what bytes become the text that all offsets count in, and which are refused."""

import hashlib
from pathlib import Path

import pytest

from kg.articles import Item, Options, load
from kg.articles.clean import MAX_BYTES
from kg.errors import ArticleError
from kg.model import Article

STORY = "The harbour will be sold in March, the mayor of Port Alda told reporters at the town hall on Monday."


def only(source: bytes, origin: str = "notes.txt") -> Item:
    items = list(load(source, origin=origin, options=Options()))
    assert len(items) == 1
    return items[0]


def article(source: bytes) -> Article:
    item = only(source)
    assert isinstance(item, Article), item
    return item


def refusal(source: bytes) -> str:
    item = only(source)
    assert isinstance(item, ArticleError), item
    return str(item)


def test_the_text_is_kept_as_decoded_and_its_hash_names_the_edition() -> None:
    read = article(STORY.encode())
    assert read.text == STORY
    assert read.sha256 == hashlib.sha256(STORY.encode()).hexdigest()
    assert read.iri.endswith(f"edition/{read.sha256}")
    assert read.origin == "notes.txt"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_become_line_feeds(end: str) -> None:
    assert article(f"One.{end}{end}Two.{end}".encode()).text == "One.\n\nTwo.\n"


def test_the_same_story_with_other_line_ends_is_the_same_edition() -> None:
    assert article(b"One.\r\nTwo.").iri == article(b"One.\nTwo.").iri


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert article(b"\xef\xbb\xbf" + STORY.encode()).text == STORY


def test_a_byte_that_is_no_utf8_is_refused_with_its_place_and_a_way_out() -> None:
    source = b"Caf" + b"\xe9 owners protest"
    assert refusal(source).startswith("notes.txt, byte 3: 0xE9 is not UTF-8; convert it with: iconv -f WINDOWS-1252")


def test_the_byte_offset_counts_the_byte_order_mark() -> None:
    assert "byte 4:" in refusal(b"\xef\xbb\xbfA\xff")


def test_utf16_is_named_and_refused() -> None:
    assert "UTF-16LE" in refusal(STORY.encode("utf-16"))


@pytest.mark.parametrize("source", [b"", b"  \n\t\r\n ", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", "\u2003\u00a0".encode()])
def test_a_file_without_words_is_refused(source: bytes) -> None:
    assert "notes.txt" in refusal(source)


def test_a_nul_becomes_the_replacement_character_and_moves_no_offset() -> None:
    read = article(b"A\x00B\x01C\x7fD")
    assert read.text == "A\ufffdB\ufffdC\ufffdD"


def test_tabs_stay() -> None:
    assert article(b"A\tB").text == "A\tB"


def test_nel_and_the_separators_of_unicode_end_lines() -> None:
    assert article("A\u0085B\u2028C\u2029D".encode()).text == "A\nB\nC\nD"


def test_quotation_marks_of_windows_that_were_read_as_latin1_are_put_right() -> None:
    assert article("\u0093Yes,\u0094 she said".encode()).text == "“Yes,” she said"


def test_non_characters_that_no_xml_may_hold_are_replaced() -> None:
    assert article("A\ufffeB\uffffC".encode()).text == "A\ufffdB\ufffdC"


def test_marks_of_writing_direction_stay() -> None:
    text = "\u200fאמר\u200e he said \u202eabc\u202c and \u2066x\u2069"
    assert article(text.encode()).text == text


def test_combining_characters_are_not_normalised() -> None:
    text = "Zele\u0301nsky and Ze\u0142e\u0144ski"
    assert article(text.encode()).text == text


def test_a_book_is_refused_with_its_size() -> None:
    message = refusal(b"word " * (MAX_BYTES // 5 + 1))
    assert "2,000,005 bytes" in message
    assert "split it" in message


def test_html_is_not_read_as_text_whatever_its_name() -> None:
    page = f"<!DOCTYPE html><html><body><p>{STORY}</p></body></html>".encode()
    for origin in ("page.html", "page.txt", "page"):
        item = only(page, origin=origin)
        assert isinstance(item, Article)
        assert item.text == STORY


def test_the_head_of_a_file_gives_title_author_date_and_outlet(tmp_path: Path) -> None:
    text = (
        "THE ALDA GAZETTE\n\nFerry line closes after forty years\n\nAnna Bell – March 3, 2021\n\n"
        "The ferry between Port Alda and Skarne made its last trip on Tuesday, its owner said.\n"
    )
    read = article(text.encode())
    assert read.title == "Ferry line closes after forty years"
    assert read.title_span is not None
    assert read.title_span.of(read.text) == read.title
    assert read.authors == ("Anna Bell",)
    assert read.published is not None
    assert (read.published.edtf, read.published.origin) == ("2021-03-03", "text")
    assert read.outlet is not None
    assert (read.outlet.name, read.outlet.origin) == ("The Alda Gazette", "text")


def test_an_outlet_known_from_the_text_alone_is_not_in_the_editions_name() -> None:
    read = article(b"The Daily Lantern\n\nFerry line closes\n\nBy Anna Bell\n\n" + STORY.encode())
    assert read.outlet is not None
    assert read.iri.endswith(read.sha256)


def test_a_month_and_a_day_are_no_date_of_publication() -> None:
    assert article(b"PORT ALDA, March 3 (MPA) - " + STORY.encode()).published is None
