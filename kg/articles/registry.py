"""The formats that articles come in: a file's name and bytes enter, the format that reads it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

from kg.articles.values import Given, Inner, Item
from kg.errors import ArticleError

GROUP = "kg.formats"
# As pyproject.toml registers them; in a checkout that was never installed nobody else would name them.
_HOUSE = {
    name: f"kg.articles.{module}:FORMAT"
    for name, module in {
        "archive": "archive", "compressed": "compressed", "csv": "tables", "feed": "feed", "html": "html",
        "json": "json", "jsonfeed": "jsonfeed", "jsonl": "jsonl", "mail": "mail", "mbox": "mbox",
        "mediawiki": "mediawiki", "newsml": "newsml", "nitf": "nitf", "pdf": "pdf", "text": "text", "warc": "warc",
        "xml": "xml",
    }.items()
}  # fmt: skip
# Whatever is JSON is JSON, whatever is gzip is gzip: these are asked when no closer format knows the bytes.
_LAST = ("compressed", "archive", "json", "csv", "xml", "text")
_LEFTOVER = ("xml", "text")
# How much of a file a format is shown to tell whether it is its own.
SNIFFED = 65_536


class Known(Protocol):
    """What every format has. ``suffixes`` (".txt") are how files of it are found in folders."""

    @property
    def name(self) -> str: ...

    @property
    def suffixes(self) -> tuple[str, ...]: ...

    def sniff(self, source: bytes, origin: str) -> bool:
        """Tell whether these first bytes (64 kB, or all there are) are of this format, whatever the name says."""


@runtime_checkable
class Format(Known, Protocol):
    """A format of articles."""

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        """Yield the articles of a file in order, and an ArticleError for each that can't be taken; never raise one."""


@runtime_checkable
class Container(Known, Protocol):
    """A format of files around files: what lies inside is looked at as if it were a file of its own."""

    def unpack(self, source: bytes, given: Given) -> Iterator[Inner]:
        """Yield what lies inside in order, each within ``bounds.MEMBER`` bytes; raise ArticleError when it breaks."""


@cache
def formats() -> tuple[Format | Container, ...]:
    """Return the registered formats by name, those that take much (JSON, tables, XML, text) last."""
    targets = _HOUSE | {point.name: point.value for point in entry_points(group=GROUP)}
    found: dict[str, Format | Container] = {}
    for name, target in sorted(targets.items()):
        module, _, attribute = target.partition(":")
        found[name] = getattr(import_module(module), attribute)
    return tuple(
        sorted(found.values(), key=lambda one: (_LAST.index(one.name) + 1 if one.name in _LAST else 0, one.name))
    )


def suffixes() -> frozenset[str]:
    """Return the endings of file names that some format reads."""
    return frozenset(suffix for known in formats() for suffix in known.suffixes)


def choose(source: bytes, *, origin: str) -> Format | Container:
    """Return the format of a file: by its bytes first, since names lie; by its name's ending where bytes don't tell.

    Of formats that know the bytes, one whose ending the name has wins, then the closest. A name asks for its format
    where only plain text or nothing else takes the bytes. Raises ArticleError when there is none at all.
    """
    start, name = source[:SNIFFED], origin.lower()
    knowing = [known for known in formats() if known.sniff(start, origin)]
    named = [known for known in formats() if any(name.endswith(suffix) for suffix in known.suffixes)]
    sure = [known for known in knowing if known.name not in _LAST] or [
        known for known in knowing if known.name not in _LEFTOVER
    ]
    for candidates in ([known for known in sure if known in named], sure, named, knowing):
        if candidates:
            return candidates[0]
    names = ", ".join(known.name for known in formats())
    raise ArticleError(f"{origin}: none of the formats here ({names}) reads this; save the article as plain text")


def is_known(start: bytes, *, origin: str) -> bool:
    """Tell whether a format other than plain text and unknown XML knows these first bytes."""
    return any(known.name not in _LEFTOVER and known.sniff(start, origin) for known in formats())
