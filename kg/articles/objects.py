"""A JSON object of any make enters, an Article or a line of a reading record leaves.

Our own make has the keys corpus, id, outlet, published, title, url, byline (a name or a list of names), lang, licence,
text. Only text must be there; null means unknown; further keys are let pass. Other makes are read by their field map.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kg.articles.build import build
from kg.articles.fieldmap import fields_of, map_of, metadata_of
from kg.articles.metadata import Metadata, edtf_date
from kg.articles.values import Given, Item, RecordLine
from kg.errors import ArticleError

# Under what others put their lists of articles, outermost first.
_WRAPPERS = ("response", "articles", "results", "docs", "items", "data", "news", "stories", "hits", "@graph", "_source")
_LAYERS = 4


def item_of(data: object, given: Given, *, place: str, number: int) -> Item:
    """Return what an object holds. ``place`` is for messages; ``given.origin`` names the article.

    Raises ArticleError for one that is no article.
    """
    if not isinstance(data, dict):
        raise ArticleError(f'{place}: this is {kind(data)}; write an object like {{"text": "…"}}')
    if "record" in data:
        return RecordLine(given.origin.rpartition(":")[0] or given.origin, number, data)
    known = map_of(data, given.options.map)
    try:
        if known.name == "other" and data.get("text") is not None:
            text = _string(data, "text", place) or ""
            return build(text, given, _own_metadata(data, place))
        text, excerpt, metadata = fields_of(data, known, place)
        return build(text, given, metadata, excerpt=excerpt)
    except ArticleError as error:
        raise ArticleError(str(error).replace(f"{given.origin}: ", f"{place}: ", 1)) from None


def articles_in(data: Any, layers: int = _LAYERS) -> Iterator[Any]:
    """Yield the objects that stand for articles in a JSON document: itself, its members, or those of its wrapper."""
    if isinstance(data, list):
        yield from data
        return
    if isinstance(data, dict) and layers and not {"text", "record", "uri", "@type"} & data.keys():
        for name in _WRAPPERS:
            inner = data.get(name)
            if isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner):
                for one in inner:
                    yield from articles_in(one, layers - 1) if "_source" in one else [one]
                return
            if isinstance(inner, dict):
                yield from articles_in(inner, layers - 1)
                return
    yield data


def _own_metadata(data: Mapping[str, Any], place: str) -> Metadata:
    """Return the metadata of our own make, strictly: what is wrong in it is told, not passed over."""
    published = _string(data, "published", place)
    if published is not None and edtf_date(published) is None:
        raise ArticleError(f"{place}: there is no date {published!r} (field published); write it like 2022-02-27")
    other = metadata_of(data, map_of({}, None))
    return Metadata(
        outlet=_string(data, "outlet", place) or other.outlet,
        published=published or other.published,
        url=_string(data, "url", place) or other.url,
        title=_string(data, "title", place) or other.title,
        authors=_names(data, place) or other.authors,
        language=_string(data, "lang", place) or other.language,
    )


def _string(data: Mapping[str, Any], field: str, place: str) -> str | None:
    value = data.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ArticleError(f"{place}: the field {field} is {kind(value)}; it must be a text or null")
    return (value if field == "text" else " ".join(value.split())) or None


def _names(data: Mapping[str, Any], place: str) -> tuple[str, ...]:
    value = data.get("byline")
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ArticleError(f"{place}: the field byline is {kind(value)}; it must be a list of names, a name or null")
    return tuple(name for name in (" ".join(name.split()) for name in names) if name)


def kind(value: object) -> str:
    """Return what kind of JSON a value is, for messages."""
    kinds = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return kinds.get(type(value), "null")
