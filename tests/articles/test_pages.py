"""Web pages: the story without what stands around it, and where each of its facts comes from."""

from __future__ import annotations

import json

import pytest
from article_items import HTML, PARAGRAPHS, STORY, article, refusal

from kg.articles.pagemeta import without_site
from kg.articles.pagetree import decode_page
from kg.model import Outlet, Published

LINKED = {
    "@context": "https://schema.org",
    "@graph": [
        {"@id": "#org", "@type": "NewsMediaOrganization", "name": "The Stellmark Courier"},
        {"@type": "NewsArticle", "headline": "Another story", "datePublished": "2020-01-01"},
        {
            "@type": ["NewsArticle"],
            "headline": "Harbour to be sold",
            "datePublished": "2026-03-09T08:00:00+01:00",
            "author": [{"@type": "Person", "name": "Ada Merrow"}, {"@type": "Organization", "name": "Wire"}],
            "publisher": {"@id": "#org"},
            "inLanguage": "en-GB",
        },
    ],
}


def page(head: str = "", body: str = "", *, title: str = "Harbour to be sold | The Stellmark Courier") -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>"
        '<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>'
        f"<article><h1>Harbour to be sold</h1>{body or HTML}</article>"
        '<aside><h3>Most read</h3><a href="/x">Ten ways to cook a crab</a></aside>'
        "<footer>All rights reserved</footer></body></html>"
    ).encode()


def script(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def test_the_story_is_taken_and_what_stands_around_it_is_not() -> None:
    assert article(page(), "page.html").text == STORY


def test_json_ld_wins_over_meta_tags_and_the_one_of_the_pages_own_headline_counts() -> None:
    head = (
        script(LINKED)
        + '<meta property="article:published_time" content="2026-03-10"><meta name="author" content="X Y">'
    )
    read = article(page(head), "page.html")
    assert (read.title, read.title_origin) == ("Harbour to be sold", "json-ld")
    assert read.published == Published("2026-03-09", "json-ld")
    assert (read.authors, read.authors_origin) == (("Ada Merrow",), "json-ld")
    assert read.outlet == Outlet("The Stellmark Courier", "json-ld")
    assert (read.language, read.language_origin) == ("en", "json-ld")


def test_meta_tags_come_next_and_say_so() -> None:
    head = (
        '<meta property="og:title" content="Harbour to be sold - The Stellmark Courier">'
        '<meta property="og:site_name" content="The Stellmark Courier">'
        '<meta property="article:published_time" content="2026-03-10T07:00:00Z">'
        '<meta name="author" content="By Ada Merrow and Jon Vale">'
        '<link rel="canonical" href="https://courier.example/harbour">'
    )
    read = article(page(head), "page.html")
    assert (read.title, read.title_origin) == ("Harbour to be sold", "meta-tag")
    assert read.published == Published("2026-03-10", "meta-tag")
    assert (read.authors, read.authors_origin) == (("Ada Merrow", "Jon Vale"), "meta-tag")
    assert read.url == "https://courier.example/harbour"


def test_visible_elements_come_after_meta_tags() -> None:
    body = (
        f'<p class="byline">By Ada Merrow</p><time class="published" datetime="2026-03-11T09:00">Wednesday</time>{HTML}'
    )
    read = article(page(body=body), "page.html")
    assert (read.title, read.title_origin) == ("Harbour to be sold", "markup")
    assert read.published == Published("2026-03-11", "markup")
    assert (read.authors, read.authors_origin) == (("Ada Merrow",), "markup")


def test_a_time_of_the_last_change_is_no_date_of_publication() -> None:
    body = f'<time class="updated" datetime="2026-03-12">Thursday</time>{HTML}'
    assert article(page(body=body), "page.html").published is None


def test_an_option_wins_over_the_page() -> None:
    read = article(page(script(LINKED)), "page.html", published="2026-01-01", title="Given")
    assert (read.title, read.title_origin) == ("Given", "option")
    assert read.published == Published("2026-01-01", "option")


def test_a_broken_block_of_json_ld_costs_nothing() -> None:
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": </script>' + script(LINKED)
    assert article(page(head), "page.html").title_origin == "json-ld"


def test_json_ld_with_raw_line_breaks_in_its_strings_is_read() -> None:
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Harbour\nto be sold"}</script>'
    read = article(page(head), "page.html")
    assert (read.title, read.title_origin) == ("Harbour to be sold", "json-ld")


def test_a_page_whose_story_is_drawn_by_script_is_read_from_its_json_ld() -> None:
    body = "\n".join(PARAGRAPHS * 3)
    linked = {"@type": "NewsArticle", "headline": "Harbour to be sold", "articleBody": body}
    shell = b"<!DOCTYPE html><html><head>" + script(linked).encode() + b"</head><body><div id=root></div></body></html>"
    assert article(shell, "page.html").text == "\n\n".join(PARAGRAPHS * 3)


def test_the_preview_of_a_story_that_must_be_paid_for_is_an_excerpt() -> None:
    paid = {"@type": "NewsArticle", "headline": "Harbour to be sold", "isAccessibleForFree": False, "wordCount": 900}
    assert article(page(script(paid)), "page.html").excerpt
    assert not article(page(script(paid | {"isAccessibleForFree": True})), "page.html").excerpt


def test_the_address_of_a_page_that_was_fetched_is_its_url() -> None:
    read = article(page(), "https://www.theguardian.com/world/2026/03/09/harbour")
    assert read.url == "https://www.theguardian.com/world/2026/03/09/harbour"
    assert read.outlet == Outlet("The Guardian", "domain")
    assert read.published == Published("2026-03-09", "url")


def test_quotation_marks_that_browsers_draw_are_written() -> None:
    body = HTML + "<p>The mayor said <q>we will <b>sell</b></q> and left the room before anybody could ask her why.</p>"
    assert "The mayor said “we will sell” and left" in article(page(body=body), "page.html").text


def test_captions_and_scripts_are_no_story() -> None:
    body = (
        HTML + "<figure><img><figcaption>The pier, seen from the sea</figcaption></figure><script>alert('x')</script>"
    )
    assert article(page(body=body), "page.html").text == STORY


@pytest.mark.parametrize(
    ("encoding", "declared"), [("utf-8", ""), ("cp1252", "iso-8859-1"), ("iso8859-2", "iso-8859-2"), ("utf-16", "")]
)
def test_a_page_is_decoded_as_browsers_do(encoding: str, declared: str) -> None:
    text = f"<html><head><meta charset='{declared}'></head><body><p>Müller sagte: é</p></body></html>"
    assert "Müller sagte: é" in decode_page(text.encode(encoding))


def test_a_page_without_a_story_is_refused_with_a_way_out() -> None:
    assert "no story is found in this page" in refusal(b"<html><body><script>x()</script></body></html>", "app.html")


@pytest.mark.parametrize(
    ("title", "without"),
    [
        ("Bridge closed | The Lantern", "Bridge closed"),
        ("The Lantern – Bridge closed", "Bridge closed"),
        ("Bridge closed - Reuters", "Bridge closed"),
        ("Sale - or no sale", "Sale - or no sale"),
        ("The Lantern", "The Lantern"),
    ],
)
def test_the_outlets_name_is_no_part_of_a_title(title: str, without: str) -> None:
    assert without_site(title, site="The Lantern", url="https://lantern.example/x") == without


def test_a_paragraph_that_is_nothing_but_a_link_is_promotion() -> None:
    body = f'{HTML}<p>MORE: <a href="/x">Five bridges that failed and why nobody was told</a></p><h3><a href="/y">Ferry stops</a></h3>'
    assert article(page(body=body), "page.html").text == STORY
    linked = HTML.replace("Jon Vale", '<a href="/vale">Jon Vale</a>')
    assert article(page(body=linked), "page.html").text == STORY
