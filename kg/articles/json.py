"""A JSON document enters: an article, a list of them, or an answer of a news interface around one; Articles leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from kg.articles import bounds
from kg.articles.clean import decode
from kg.articles.objects import articles_in, item_of
from kg.articles.values import Given, Item
from kg.errors import ArticleError


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """Files of one JSON document, UTF-8: ninjs, schema.org, GOV.UK, Event Registry, news-please and others."""

    name: str = "json"
    suffixes: tuple[str, ...] = (".json", ".jsonld")

    def sniff(self, source: bytes, origin: str) -> bool:
        start = source.removeprefix(b"\xef\xbb\xbf").lstrip()
        return (start[:1] == b"{" and start[1:].lstrip()[:1] in b'"}') or (
            start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"]")
        )

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        try:
            data = parse(source, given.origin)
        except ArticleError as error:
            yield error
            return
        found = list(articles_in(data))
        if not found:
            yield ArticleError(f"{given.origin}: an empty list; give one with articles in it")
        for number, one in enumerate(found, start=1):
            alone = one is data
            inner = given if alone else given.at(f"{given.origin}:{number}")
            place = given.origin if alone else f"{given.origin}, item {number}"
            try:
                yield item_of(one, inner, place=place, number=number)
            except ArticleError as error:
                yield error


FORMAT = JsonFormat()


def parse(source: bytes, origin: str) -> object:
    """Return a JSON document's value; raises ArticleError with the place of what is wrong in it.

    The parser takes 1,024 levels and no more; a document of more than ``bounds.DOCUMENT`` bytes is refused unread.
    """
    bounds.check(
        len(source),
        bounds.DOCUMENT,
        origin=origin,
        what="one JSON document",
        way_out="write one article a line (JSONL)",
    )
    try:
        return orjson.loads(source.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        decode(source, origin=origin)
        raise ArticleError(
            f"{origin}, line {error.lineno}, character {error.colno}: this is no JSON ({error.msg}); mend it"
        ) from None
