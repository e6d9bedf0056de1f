"""A JSON object and a map of its fields enter; its text and its metadata leave.

A map says where each field stands: ``text=details.body; title=title | headline``, or the same as rows of a table with
tabs. Fields: text, excerpt (taken where there is no text), title, published, outlet, authors, language, url. A path is
keys with dots between; ``[0]`` takes one of a list, ``[]`` each, ``[role=main]`` those with that value. ``a | b`` takes
the first that gives something, ``a+b`` joins with a space, ``a&b`` without; ``"words"`` stand for themselves. After
``[]`` a join is made in each: ``parts[].title+body``. The house's own maps are ``fieldmaps.tsv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from kg import outlets
from kg.articles.markup import plain_text
from kg.articles.metadata import Metadata, names_of
from kg.errors import ArticleError, UsageError
from kg.resources import table

FIELDS = ("text", "excerpt", "title", "published", "outlet", "authors", "language", "url")
_RULES = ("when", "not", "other", "list")
_STEP = re.compile(r"(?P<key>[^.\[\]]+)?(?:\[(?P<index>[^\]]*)\])?")
_HOST = re.compile(r"(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})/?", re.IGNORECASE)
# Seconds or milliseconds since 1970, from 1980 on: less is a number of something else.
_EPOCH = range(315_532_800, 4_102_444_800)
# Values that one path may give; beyond that it is data, not an article.
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Where the fields stand in one make of JSON. ``rules`` say for which objects it is meant."""

    name: str
    paths: Mapping[str, str]
    rules: tuple[tuple[str, str], ...] = ()

    def fits(self, data: Mapping[str, Any]) -> bool:
        """Tell whether this object is of this make."""
        return all(
            _gives(data, path) == (rule == "when") for rule, path in self.rules if rule in ("when", "not")
        ) and bool(self.rules or self.name == "other")

    def refuses(self, data: Mapping[str, Any]) -> str | None:
        """Return why an object of this make is no article, if it says so itself."""
        for rule, path in self.rules:
            if rule == "other" and _gives(data, path):
                kind = next(iter(_values(data, path.split("|")[0].split("=")[0].strip())), "something else")
                return f"this is {kind!r} by its own word, not a text; import the story that it belongs to"
        return None

    @property
    def lists(self) -> bool:
        """Tell whether objects of this make only point at articles."""
        return any(rule == "list" for rule, _ in self.rules)


@cache
def house_maps() -> tuple[FieldMap, ...]:
    """Return the maps of ``fieldmaps.tsv`` in their order."""
    paths: dict[str, dict[str, str]] = {}
    rules: dict[str, list[tuple[str, str]]] = {}
    for row in table(files("kg.articles") / "fieldmaps.tsv"):
        paths.setdefault(row["map"], {})
        rules.setdefault(row["map"], [])
        if row["field"] in _RULES:
            rules[row["map"]].append((row["field"], row["path"]))
        else:
            paths[row["map"]][row["field"]] = row["path"]
    return tuple(FieldMap(name, paths[name], tuple(rules[name])) for name in paths)


@cache
def parse_map(words: str) -> FieldMap:
    """Return the map of that name, or the one that these words write out; raises UsageError for what is none."""
    known = {one.name: one for one in house_maps()}
    if words.strip() in known:
        return known[words.strip()]
    paths: dict[str, str] = {}
    for line in re.split(r"[\n;]", words):
        row = line.strip()
        if not row or row.startswith("#"):
            continue
        field, mark, path = row.partition("\t" if "\t" in row else "=")
        if not mark or field.strip() not in FIELDS or not path.strip():
            raise UsageError(
                f"--map: {row!r} is no line of a map; write it like text=details.body, one of {', '.join(FIELDS)}, "
                f"or name one of {', '.join(known)}"
            )
        paths[field.strip()] = path.strip()
    if not {"text", "excerpt"} & paths.keys():
        raise UsageError("--map: it does not say where the text stands; add text=PATH")
    return FieldMap("given", paths)


def map_of(data: Mapping[str, Any], given: str | None) -> FieldMap:
    """Return the map that was given, else the house's that fits the object; the last, "other", fits any."""
    if given is not None:
        return parse_map(given)
    return next(one for one in house_maps() if one.fits(data))


def fields_of(data: Mapping[str, Any], known: FieldMap, place: str) -> tuple[str, bool, Metadata]:
    """Return an object's text, whether it is an excerpt only, and its metadata.

    Raises ArticleError where there is no text.
    """
    refusal = known.refuses(data)
    if refusal:
        raise ArticleError(f"{place}: {refusal}")
    text = _text(data, known.paths.get("text"))
    excerpt = not text
    text = text or _text(data, known.paths.get("excerpt"))
    url = _one(data, known.paths.get("url"))
    if not text:
        if known.lists and url:
            raise ArticleError(f"{place}: the address of an article without its text; import the page: kg import {url}")
        looked = " or ".join(path for path in (known.paths.get("text"), known.paths.get("excerpt")) if path)
        raise ArticleError(
            f"{place}: the field text is missing; it holds the article. Looked for {looked} (map {known.name}); "
            "say where it stands with --map text=PATH"
        )
    return text, excerpt, metadata_of(data, known)


def metadata_of(data: Mapping[str, Any], known: FieldMap) -> Metadata:
    """Return what an object says beside its text."""
    return Metadata(
        outlet=_outlet(_one(data, known.paths.get("outlet"))),
        published=_one(data, known.paths.get("published"), dated=True),
        url=_one(data, known.paths.get("url")),
        title=_title(_one(data, known.paths.get("title"))),
        authors=_authors(data, known.paths.get("authors")),
        language=_one(data, known.paths.get("language")),
    )


def _text(data: Mapping[str, Any], path: str | None) -> str:
    if path is None:
        return ""
    parts = [plain_text(value) for value in _values(data, path) if isinstance(value, str)]
    return "\n\n".join(part for part in parts if part.strip())


def _one(data: Mapping[str, Any], path: str | None, *, dated: bool = False) -> str | None:
    for value in _values(data, path) if path else ():
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:2000]
        if dated and isinstance(value, int | float) and not isinstance(value, bool):
            seconds = int(value) if int(value) in _EPOCH else int(value) // 1000
            if seconds in _EPOCH:
                return datetime.fromtimestamp(seconds, UTC).date().isoformat()
            if 1900 <= value <= 2100 or 19_000_101 <= value <= 21_001_231:  # 2022 or 20220227
                return str(int(value))
    return None


def _title(title: str | None) -> str | None:
    return None if title is None else " ".join(plain_text(title).split())[:500] or None


def _outlet(name: str | None) -> str | None:
    """Return the outlet's name; a domain stands for its outlet where the table knows it."""
    host = _HOST.fullmatch(name) if name else None
    if host is None:
        return name
    entry = outlets.by_domain(host.group(1))
    return entry.name if entry else (urlsplit(f"//{host.group(1)}").hostname or "").removeprefix("www.")


def _authors(data: Mapping[str, Any], path: str | None) -> tuple[str, ...]:
    found: list[str] = []
    for value in _values(data, path) if path else ():
        name = value.get("name") if isinstance(value, dict) else value
        if isinstance(name, str):
            found.extend(names_of(name))
    return tuple(dict.fromkeys(found))


def _gives(data: Mapping[str, Any], path: str) -> bool:
    """Tell whether a path gives anything; ``type=picture`` asks for one value."""
    for alternative in path.split("|"):
        where, equals, wanted = alternative.strip().partition("=")
        values = list(_of_path(data, alternative.strip() if "[" in where and equals else where))
        if any(value == wanted for value in values) if equals and "[" not in where else values:
            return True
    return False


def _values(data: Mapping[str, Any], path: str) -> list[Any]:
    """Return what the first alternative that gives something gives; lists are taken apart, null is nothing."""
    for alternative in path.split("|"):
        found = [value for value in _of_path(data, alternative.strip()) if value != ""]
        if found:
            return found
    return []


def _of_path(data: Any, path: str) -> list[Any]:
    joints = re.split(r"([+&])", path)
    if len(joints) == 1:
        return list(_walk(data, path))[:_MOST]
    head, each, last = joints[0].rpartition("[].")
    if each:  # parts[].title+body: the join is made in each part
        return [
            joined
            for part in list(_walk(data, f"{head}[]"))[:_MOST]
            for joined in _of_path(part, "".join([last, *joints[1:]]))
        ]
    words = [" ".join(str(value) for value in _walk(data, one) if isinstance(value, str)) for one in joints[::2]]
    if joints[1] == "&" and not all(words):
        return []
    joined = words[0]
    for glue, word in zip(joints[1::2], words[1:], strict=True):
        joined += (" " if glue == "+" else "") + word
    return [joined.strip()] if joined.strip() else []


def _walk(data: Any, path: str) -> Iterator[Any]:
    if path.startswith('"'):
        yield path.strip('"')
        return
    found = [data]
    for step in _STEP.finditer(path):
        key, index = step.group("key"), step.group("index")
        if key is not None:
            found = [one[key] for one in found if isinstance(one, dict) and one.get(key) is not None]
        if index is not None:
            found = [picked for one in found if isinstance(one, list) for picked in _pick(one, index)]
    for one in found:
        yield from one if isinstance(one, list) else [one]


def _pick(values: list[Any], index: str) -> list[Any]:
    if index == "":
        return values
    if index.isdecimal():
        return values[int(index) : int(index) + 1] if len(index) < 6 else []
    key, _, wanted = index.partition("=")
    return [one for one in values if isinstance(one, dict) and one.get(key) == wanted]
