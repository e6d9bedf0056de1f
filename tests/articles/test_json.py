"""JSON of many makes: fields where each make has them, and a map for the others."""

from __future__ import annotations

import json

import pytest
from article_items import HTML, STORY, article, articles, refusal

from kg.articles import Options
from kg.articles.fieldmap import house_maps
from kg.errors import UsageError

MAKES = {
    "ninjs 1": {"uri": "urn:x:1", "type": "text", "versioncreated": "2026-03-09T10:00:00Z", "headline": "Harbour",
                "byline": "By Ada Merrow", "body_xhtml": HTML, "infosource": [{"name": "Meridian Press"}]},
    "ninjs 2": {"uri": "urn:x:1", "versioncreated": "2026-03-09T10:00:00Z", "by": "Ada Merrow, Meridian Press",
                "headlines": [{"role": "short", "value": "H"}, {"role": "main", "value": "Harbour"}],
                "bodies": [{"role": "x", "contenttype": "text/html", "value": HTML}],
                "infosources": [{"name": "Meridian Press"}]},
    "ninjs 3": {"uri": "urn:x:1", "versionCreated": "2026-03-09T10:00:00Z", "by": "Ada Merrow",
                "headlines": [{"role": "main", "value": "Harbour"}], "copyrightHolder": "Meridian Press",
                "bodies": [{"contentType": "text/vnd.IPTC.NITF",
                            "value": f"<nitf><body><body.content>{HTML}</body.content></body></nitf>"}]},
    "news-please": {"maintext": STORY, "title": "Harbour", "date_publish": "2026-03-09 10:00:00",
                    "authors": ["Ada Merrow"], "source_domain": "meridian.example", "language": "en", "url": "https://meridian.example/1"},
    "newspaper": {"text": STORY, "title": "Harbour", "publish_date": "2026-03-09 10:00:00", "authors": ["Ada Merrow"],
                  "source_url": "https://meridian.example", "top_image": ""},
    "Event Registry": {"uri": "7", "lang": "eng", "dateTimePub": "2026-03-09T10:00:00Z", "date": "2026-03-09",
                       "title": "Harbour", "body": STORY, "url": "https://meridian.example/1",
                       "source": {"uri": "meridian.example", "title": "Meridian Press"},
                       "authors": [{"name": "Ada Merrow"}]},
    "schema.org": {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Harbour",
                   "articleBody": STORY, "datePublished": "2026-03-09", "author": {"name": "Ada Merrow"},
                   "publisher": {"name": "Meridian Press"}},
    "Guardian": {"webUrl": "https://meridian.example/1", "webPublicationDate": "2026-03-09T10:00:00Z",
                 "webTitle": "Harbour", "fields": {"body": HTML, "byline": "Ada Merrow", "publication": "Meridian Press"}},
    "another": {"headline": "Harbour", "content": HTML, "published_at": 1773050400, "author": "Ada Merrow",
                "source": {"name": "Meridian Press"}},
}  # fmt: skip


@pytest.mark.parametrize("make", MAKES)
def test_each_make_gives_text_title_date_author_and_outlet(make: str) -> None:
    read = article(json.dumps(MAKES[make]).encode(), "a.json")
    assert read.text == STORY
    assert read.title == "Harbour"
    assert read.published is not None
    assert (read.published.edtf, read.published.origin) == ("2026-03-09", "metadata")
    assert read.authors == ("Ada Merrow",)
    assert read.outlet is not None
    assert read.outlet.name in ("Meridian Press", "meridian.example")
    assert not read.excerpt


def test_a_line_of_json_lines_may_be_of_any_make() -> None:
    lines = b"\n".join(json.dumps(make).encode() for make in MAKES.values())
    assert [read.text for read in articles(lines, "set.jsonl")] == [STORY] * len(MAKES)


@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: {"articles": {"results": [one]}},
                                  lambda one: {"response": {"status": "ok", "results": [one]}},
                                  lambda one: {"hits": {"hits": [{"_source": one}]}}])  # fmt: skip
def test_lists_and_answers_of_interfaces_are_unwrapped(wrap: object) -> None:
    assert callable(wrap)
    read = article(json.dumps(wrap(MAKES["news-please"])).encode(), "answer.json")
    assert (read.text, read.origin) == (STORY, "answer.json:1")


def test_a_gov_uk_item_is_read_by_its_map() -> None:
    item = {
        "base_path": "/government/news/harbour", "content_id": "x", "title": "Harbour", "locale": "en",
        "first_published_at": "2026-03-09T10:00:00Z", "details": {"body": f"<div>{HTML}</div>"},
        "links": {"organisations": [{"title": "Department for Harbours"}]},
    }  # fmt: skip
    read = article(json.dumps(item).encode(), "item.json")
    assert read.text == STORY
    assert read.url == "https://www.gov.uk/government/news/harbour"
    assert read.outlet is not None
    assert read.outlet.name == "Department for Harbours"


def test_a_map_says_where_the_fields_of_any_other_json_stand() -> None:
    data = {
        "kopf": [{"art": "dach", "wort": "x"}, {"art": "haupt", "wort": "Hafen"}],
        "teile": [{"t": "Eins", "w": "Zwei."}],
    }
    read = article(json.dumps(data).encode(), "a.json", map="text=teile[].t+w; title=kopf[art=haupt].wort")
    assert (read.text, read.title) == ("Eins Zwei.", "Hafen")


def test_a_map_may_be_a_table_or_the_name_of_one_of_ours() -> None:
    data = json.dumps({"inhalt": STORY, "datum": "2026-03-09"}).encode()
    read = article(data, "a.json", map="# ours\ntext\tbody | inhalt\npublished\tdatum\n")
    assert read.published is not None
    assert article(json.dumps(MAKES["another"]).encode(), "a.json", map="other").text == STORY


@pytest.mark.parametrize("bad", ["title=headline", "text", "texte=body", "nosuchmap"])
def test_a_map_that_is_none_is_misuse(bad: str) -> None:
    with pytest.raises(UsageError, match="--map"):
        Options(map=bad)


def test_an_excerpt_says_so() -> None:
    data = {
        "source": {"name": "Meridian"},
        "publishedAt": "2026-03-09",
        "title": "H",
        "content": "It was … [+900 chars]",
    }
    assert article(json.dumps({"articles": [data]}).encode(), "newsapi.json").excerpt


def test_gdelts_quotations_are_an_excerpt() -> None:
    quotes = [{"pre": "The mayor said", "quote": "we were never asked", "post": "and left."}]
    read = article(json.dumps({"url": "https://a.example/1", "title": "H", "quotes": quotes}).encode(), "gqg.jsonl")
    assert (read.text, read.excerpt) == ("The mayor said we were never asked and left.", True)


def test_gdelts_lists_are_refused_with_the_address_to_import() -> None:
    data = {
        "articles": [
            {"url": "https://a.example/1", "title": "H", "seendate": "20260309T100000Z", "domain": "a.example"}
        ]
    }
    assert "kg import https://a.example/1" in refusal(json.dumps(data).encode(), "artlist.json")


def test_a_picture_says_itself_that_it_is_no_story() -> None:
    data = {"uri": "urn:x", "type": "picture", "versioncreated": "2026-03-09", "headline": "H", "description_text": "D"}
    assert "'picture'" in refusal(json.dumps(data).encode(), "a.json")


def test_an_object_without_a_text_is_refused_with_the_option_that_helps() -> None:
    assert "--map text=PATH" in refusal(b'{"kopf": "Hafen"}', "a.json")


def test_each_of_our_maps_says_where_the_text_stands() -> None:
    assert all({"text", "excerpt"} & one.paths.keys() for one in house_maps())
