"""JSON Lines enter: one article or one reading record a line; Articles and RecordLines leave.

An article's keys: corpus, id, outlet, published, title, url, byline (a name or a list of names), lang, licence, text.
Only text must be there; null means unknown. Further keys are let pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kg.articles.build import build
from kg.articles.clean import check_size, decode
from kg.articles.metadata import Metadata, edtf_date
from kg.articles.options import Options
from kg.articles.values import Item, RecordLine
from kg.errors import ArticleError

# Escapes ("\u2019") make a line up to six times as long as its text.
_LONGEST_LINE = 12_000_000


@dataclass(frozen=True, slots=True)
class JsonLinesFormat:
    """Files of one JSON object a line, UTF-8; empty lines are let pass."""

    name: str = "jsonl"
    suffixes: tuple[str, ...] = (".jsonl", ".ndjson")

    def sniff(self, source: bytes, origin: str) -> bool:
        start = source[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
        return start.startswith((b'{"', b"{ ", b"{}"))

    def load(self, source: bytes, *, origin: str, options: Options, base_iri: str) -> Iterator[Item]:
        found = False
        for number, (start, line) in enumerate(_lines(source), start=1):
            if not line.strip():
                continue
            found = True
            try:
                yield _item(line, number, start, origin=origin, options=options, base_iri=base_iri)
            except ArticleError as error:
                yield error
        if not found:
            yield ArticleError(f"{origin}: the file is empty; write one JSON object a line")


FORMAT = JsonLinesFormat()


def _lines(source: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield where each line begins and the line; only LF ends one (U+2028 may stand inside a JSON string)."""
    start = len(b"\xef\xbb\xbf") if source.startswith(b"\xef\xbb\xbf") else 0
    while start < len(source):
        end = source.find(b"\n", start)
        end = len(source) if end < 0 else end
        yield start, source[start:end]
        start = end + 1


def _item(line: bytes, number: int, start: int, *, origin: str, options: Options, base_iri: str) -> Item:
    place = f"{origin}, line {number}"
    if len(line) > _LONGEST_LINE:
        check_size(len(line), origin=place)
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        decode(line, origin=origin, offset=start)  # names the byte, when that is what is wrong
        raise ArticleError(
            f"{place}, character {error.pos + 1}: this is no JSON ({error.msg}); mend the line"
        ) from None
    if not isinstance(data, dict):
        raise ArticleError(f'{place}: this is {_kind(data)}; write an object like {{"text": "…"}}')
    if "record" in data:
        return RecordLine(origin, number, data)
    return _article(data, place, number, origin=origin, options=options, base_iri=base_iri)


def _article(data: Mapping[str, Any], place: str, number: int, *, origin: str, options: Options, base_iri: str) -> Item:
    text = _string(data, "text", place)
    if text is None:
        raise ArticleError(f"{place}: the field text is missing; it holds the article")
    published = _string(data, "published", place)
    if published is not None and edtf_date(published) is None:
        raise ArticleError(f"{place}: there is no date {published!r} (field published); write it like 2022-02-27")
    metadata = Metadata(
        outlet=_string(data, "outlet", place),
        published=published,
        url=_string(data, "url", place),
        title=_string(data, "title", place),
        authors=_names(data, place),
        language=_string(data, "lang", place),
    )
    try:
        return build(text, origin=f"{origin}:{number}", options=options, base_iri=base_iri, metadata=metadata)
    except ArticleError as error:
        raise ArticleError(str(error).replace(f"{origin}:{number}", place, 1)) from None


def _string(data: Mapping[str, Any], field: str, place: str) -> str | None:
    value = data.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ArticleError(f"{place}: the field {field} is {_kind(value)}; it must be a text or null")
    return (value if field == "text" else " ".join(value.split())) or None


def _names(data: Mapping[str, Any], place: str) -> tuple[str, ...]:
    value = data.get("byline")
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ArticleError(f"{place}: the field byline is {_kind(value)}; it must be a list of names, a name or null")
    return tuple(name for name in (" ".join(name.split()) for name in names) if name)


def _kind(value: object) -> str:
    kinds = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return kinds.get(type(value), "null")
