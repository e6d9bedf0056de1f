"""Feeds: each entry an article, and what is only a part of one says so."""

from __future__ import annotations

import json

import pytest
from article_items import HTML, STORY, article, articles, refusal, refusals

from kg.model import Published

LONG = HTML.replace("<", "&lt;")


def rss(items: str, version: str = "2.0") -> bytes:
    return (
        f'<?xml version="1.0"?><rss version="{version}" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>The Lantern</title><language>en-gb</language>{items}</channel></rss>"
    ).encode()


WHOLE = (
    f"<item><title>Harbour &amp; town</title><link>https://lantern.example/1</link><description>Short.</description>"
    f"<content:encoded>{LONG}</content:encoded><pubDate>Mon, 09 Mar 2026 23:30:00 -0500</pubDate></item>"
)
SUMMARY = "<item><title>Ferry</title><link>https://lantern.example/2</link><description>It stops, he said.</description></item>"


def test_content_is_the_article_and_a_summary_is_an_excerpt() -> None:
    whole, summary = articles(rss(WHOLE + SUMMARY), "feed.xml")
    assert (whole.text, whole.excerpt) == (STORY, False)
    assert (summary.text, summary.excerpt) == ("It stops, he said.", True)


def test_an_entry_brings_its_title_address_outlet_and_language() -> None:
    read = article(rss(WHOLE), "feed.xml")
    assert (read.title, read.url, read.language) == ("Harbour & town", "https://lantern.example/1", "en")
    assert read.outlet is not None
    assert (read.outlet.name, read.outlet.origin, read.title_origin) == ("The Lantern", "metadata", "metadata")
    assert read.origin == "feed.xml:1"


def test_the_day_of_an_entry_is_the_one_that_is_printed_in_its_own_time_zone() -> None:
    assert article(rss(WHOLE), "feed.xml").published == Published("2026-03-09", "metadata")


def test_content_that_was_cut_is_an_excerpt() -> None:
    cut = WHOLE.replace("was announced.", "was … Read more")
    assert article(rss(cut), "feed.xml").excerpt


@pytest.mark.parametrize("version", ["0.91", "0.92", "2.0"])
def test_rss_is_read_in_all_its_versions(version: str) -> None:
    assert article(rss(WHOLE, version), "data").text == STORY


def test_rss_1_and_rss_09_are_rdf() -> None:
    for namespace in ("http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"):
        feed = (
            f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{namespace}"><channel>'
            f"<title>The Lantern</title></channel><item><title>Ferry</title><link>https://lantern.example/2</link>"
            "<description>It stops, he said.</description></item></rdf:RDF>"
        )
        assert article(feed.encode(), "data").text == "It stops, he said."


def test_atom_is_read() -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Lantern</title><entry><title>Ferry</title>'
        '<link href="https://lantern.example/2"/><published>2026-03-09T10:00:00Z</published><author><name>Ada Merrow</name>'
        f'</author><content type="html">{LONG}</content></entry></feed>'
    )
    read = article(feed.encode(), "data")
    assert (read.text, read.authors, read.excerpt) == (STORY, ("Ada Merrow",), False)
    assert read.published == Published("2026-03-09", "metadata")


def test_json_feed_is_read() -> None:
    items = [
        {"id": "1", "url": "https://lantern.example/1", "title": "Harbour", "content_html": HTML,
         "date_published": "2026-03-09T10:00:00Z", "authors": [{"name": "Ada Merrow"}]},
        {"id": "2", "summary": "It stops, he said."},
    ]  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "The Lantern", "items": items}
    whole, summary = articles(json.dumps(feed).encode(), "feed.json")
    assert (whole.text, whole.authors, whole.excerpt) == (STORY, ("Ada Merrow",), False)
    assert (summary.text, summary.excerpt) == ("It stops, he said.", True)


def test_a_headline_alone_is_refused_with_the_address_to_import() -> None:
    items = "<item><title>Ferry</title><link>https://lantern.example/2</link></item>" + WHOLE
    assert refusals(rss(items), "feed.xml") == [
        "feed.xml:1: the entry holds a headline and no text; import its page: kg import https://lantern.example/2"
    ]


def test_a_sitemap_is_told_from_a_feed() -> None:
    sitemap = b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'
    assert "a sitemap" in refusal(sitemap, "sitemap.xml")


# Entries without an address of their own


@pytest.mark.parametrize(
    ("guid", "url"),
    [
        ("<guid>https://lantern.example/9</guid>", "https://lantern.example/9"),
        ("<guid isPermaLink='false'>https://lantern.example/?p=9</guid>", "https://lantern.example/?p=9"),
        ("<guid isPermaLink='false'>tag:lantern.example,2026:9</guid>", "tag:lantern.example,2026:9"),
        ("<guid isPermaLink='false'>9 / b</guid>", "https://lantern.example/rss#9%20%2F%20b"),
        ("<guid>9</guid>", "https://lantern.example/rss#9"),
        ("<guid>9</guid><link>https://lantern.example/nine</link>", "https://lantern.example/nine"),
        ("<link>/nine</link>", "https://lantern.example/nine"),
        ("", None),
    ],
)
def test_an_entry_without_an_address_is_known_by_its_guid_in_that_feed(guid: str, url: str | None) -> None:
    feed = rss(f"<item><title>Pier</title>{guid}<description>It stops, he said.</description></item>")
    assert article(feed, "https://lantern.example/rss").url == url


def test_a_guid_of_a_feed_without_an_address_is_no_address() -> None:
    feed = rss("<item><title>Pier</title><guid>9</guid><description>It stops, he said.</description></item>")
    assert article(feed, "feed.xml").url is None
    linked = feed.replace(b"<item>", b"<link>https://lantern.example/</link><item>", 1)
    assert article(linked, "feed.xml").url == "https://lantern.example/#9"


def test_a_feed_goes_by_the_address_that_it_gives_itself() -> None:
    feed = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>The Lantern</title>'
        b'<link rel="self" href="https://lantern.example/atom"/><link href="https://lantern.example/"/>'
        b"<entry><id>9</id><title>Pier</title><summary>It stops, he said.</summary></entry></feed>"
    )
    assert article(feed, "https://mirror.example/atom").url == "https://lantern.example/atom#9"


@pytest.mark.parametrize(("id_", "url"), [('"9"', "https://lantern.example/f#9"), ("9", "https://lantern.example/f#9")])
def test_an_item_of_a_json_feed_is_known_by_its_id(id_: str, url: str) -> None:
    feed = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "The Lantern", '
        f'"items": [{{"id": {id_}, "content_text": "It stops, he said."}}]}}'
    )
    assert article(feed.encode(), "https://lantern.example/f").url == url
