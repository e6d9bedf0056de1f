"""The formats that articles come in: a file's name and first bytes enter, the format that reads it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol

from kg.articles.options import Options
from kg.articles.values import Item
from kg.errors import ArticleError

GROUP = "kg.formats"
# As pyproject.toml registers them; in a checkout that was never installed nobody else would name them.
_HOUSE = {"jsonl": "kg.articles.jsonl:FORMAT", "text": "kg.articles.text:FORMAT"}


class Format(Protocol):
    """A file format. ``suffixes`` (".txt") are how files of it are found in folders."""

    @property
    def name(self) -> str: ...

    @property
    def suffixes(self) -> tuple[str, ...]: ...

    def sniff(self, source: bytes, origin: str) -> bool:
        """Tell whether these first bytes (4 kB at the least, if there are as many) look like this format."""

    def load(self, source: bytes, *, origin: str, options: Options, base_iri: str) -> Iterator[Item]:
        """Yield the articles of a file in order, and an ArticleError for each that can't be taken; never raise."""


@cache
def formats() -> tuple[Format, ...]:
    """Return the registered formats by name, plain text last: it takes whatever is text."""
    targets = {point.name: point.value for point in entry_points(group=GROUP)}
    found: dict[str, Format] = {}
    for name, target in sorted((_HOUSE | targets).items()):
        module, _, attribute = target.partition(":")
        found[name] = getattr(import_module(module), attribute)
    return tuple(sorted(found.values(), key=lambda known: (known.name == "text", known.name)))


def suffixes() -> frozenset[str]:
    """Return the endings of file names that some format reads."""
    return frozenset(suffix for known in formats() for suffix in known.suffixes)


def choose(source: bytes, *, origin: str) -> Format:
    """Return the format of a file: that of its name's ending, else the first that knows its first bytes.

    Raises ArticleError when none does.
    """
    name = origin.lower()
    for known in formats():
        if any(name.endswith(suffix) for suffix in known.suffixes):
            return known
    for known in formats():
        if known.sniff(source, origin):
            return known
    names = ", ".join(known.name for known in formats())
    raise ArticleError(f"{origin}: none of the formats here ({names}) reads this; save the article as plain text")
