"""A name that was read and a gold source enter; whether they are one leaves: names vary, descriptions vary more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Gold = Mapping[str, Any]

_ARTICLE = re.compile(r"^(?:the|a|an) ")
# "www.example.com" and "edition.example.com" stand for the outlet Example
_ADDRESS = re.compile(r"^www |^edition | com$| org$| co uk$| cn$")
_REMARK = re.compile(r"\(.*?\)")
_DESCRIBED = ("group", "organization", "document", "channel")
# The bare words of a description, and the labels that annotators put into ids: a1-unnamed-official
_EMPTY = {"the", "a", "an", "of", "to", "s", "who", "at", "on", "in", "and"} | {
    *("a1", "a2", "a3", "not", "named", "unnamed", "unspecified")
}
SHARED_WORDS = 0.5
SHORTEST_TAIL = 5


def plain(name: str | None) -> str:
    """Return a name in lower case, its words joined by one blank, without a leading article."""
    return _ARTICLE.sub("", re.sub(r"\W+", " ", (name or "").lower()).strip())


def names_of(source: Gold) -> set[str]:
    """Return all plain names of a gold source: its name, its id, its aliases (strings, or objects that hold one)."""
    names = {plain(source.get("name")), plain(source["id"].replace("_", " "))}
    for alias in source.get("aliases", []):
        fields = ("text", "alias", "name", "form")
        names.add(plain(alias if isinstance(alias, str) else next((alias[f] for f in fields if alias.get(f)), None)))
    return names - {""}


def is_named(name: str | None, source: Gold | None) -> bool:
    """Say whether a name that was read means a gold source.

    It does when it is one of the source's names (also as a web address), a person's name that ends in the same word,
    a longer form that ends in one of the names, or, for what is described rather than named, when the words agree.
    """
    ours = plain(name)
    if not ours or source is None:
        return False
    names = names_of(source)
    described = source.get("unnamed") or source.get("kind") in _DESCRIBED
    return (
        ours in names
        or _ADDRESS.sub("", ours) in {_ADDRESS.sub("", other) for other in names}
        or (_is_person(source) and any(ours.split()[-1] == other.split()[-1] for other in names))
        or any(ours.endswith(f" {other}") and len(other) >= SHORTEST_TAIL for other in names)
        or (bool(described) and any(_agree(_REMARK.sub("", name or ""), other) for other in names))
    )


def _is_person(source: Gold) -> bool:
    return source.get("kind") == "person" and not source.get("unnamed")


def _agree(name: str, other: str) -> bool:
    words, others = set(plain(name).split()) - _EMPTY, set(other.split()) - _EMPTY
    if not words or not others:
        return False
    return words <= others or others <= words or len(words & others) / len(words | others) >= SHARED_WORDS


def is_chain(
    read: Sequence[str | None], gold: Sequence[str], optional: frozenset[str], sources: Mapping[str, Gold]
) -> bool:
    """Say whether a chain that was read is the gold chain, from which optional links may be missing."""
    if not gold:
        return not read
    first, *rest = gold
    if read and is_named(read[0], sources.get(first)) and is_chain(read[1:], rest, optional, sources):
        return True
    return first in optional and is_chain(read, rest, optional, sources)
