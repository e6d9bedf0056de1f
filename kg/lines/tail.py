"""The last paragraphs enter; notes on authors and what stands under "Read more:" or "Correction:" are labelled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.lines.cutting import ends_sentence
from kg.lines.shapes import bare, is_quoting
from kg.lines.words import lists, plain

# Two or three authors' notes, a newsletter line, a copyright line, a share bar: no tail in the corpora is longer.
_TAIL = 8
_LONGEST_NOTE = 130
# "Follow Ana on Twitter @analind": nobody but the writer of a note on an author leads to an account.
_ACCOUNT = re.compile(r"\bfollow (?:\w+ ){1,3}on \w+|(?<![\w.])@\w{3,}")


@dataclass(frozen=True, slots=True)
class Known:
    """What helps to tell the lines: who wrote the article, and its language."""

    authors: tuple[str, ...]
    language: str


def label_biographies(words: Sequence[str], kinds: list[str | None], known: Known) -> None:
    """Label notes on authors, from the end upwards: the first paragraph of the story stops the search."""
    told = lists(known.language)
    names = {plain(author) for author in known.authors}
    floor = max(0, len(words) - _TAIL)
    tail = len(words)
    while tail > floor and (kinds[tail - 1] not in (None, "title") or _is_note(words[tail - 1], names, known.language)):
        tail -= 1
        if kinds[tail] is None or (kinds[tail] == "promotion" and _opens_with(words[tail], names)):
            kinds[tail] = "biography"
    # A line "Author: A Name" makes a note of what stands under it, whatever its sentences are.
    for i in range(max(1, len(words) - _TAIL), len(words)):
        line = plain(words[i][:2000])
        count = len(line.split())
        if told.biography_opens.match(line) and count <= _LONGEST_NOTE and kinds[i] in (None, "byline", "biography"):
            kinds[i] = "biography"
            if ":" in line and count <= 8 and i + 1 < len(words) and kinds[i + 1] is None:
                kinds[i + 1] = "biography"


def label_below_headings(words: Sequence[str], kinds: list[str | None], known: Known) -> None:
    """Label what stands under "Read more:" (a list of headlines) and under "Correction:" (one paragraph)."""
    told = lists(known.language)
    for i, line in enumerate(words[:-1]):
        if kinds[i] not in ("promotion", "boilerplate") or len(line) > 120:
            continue
        heading = plain(bare(line)).strip(" .:*")
        if heading in told.boilerplate.heads and kinds[i + 1] is None:
            kinds[i + 1] = "boilerplate"
        elif heading in told.promotions.heads:
            below = i + 1
            while below < len(words) and kinds[below] is None and _is_headline(words[below]):
                kinds[below] = "promotion"
                below += 1


def _is_headline(line: str) -> bool:
    return len(line) <= 160 and not ends_sentence(line) and line[-1] not in ",;:"


def _opens_with(line: str, names: set[str]) -> bool:
    text = plain(bare(line[:200]))
    return any(text.startswith(name) for name in names if " " in name)


def _is_note(line: str, names: set[str], language: str) -> bool:
    """Tell whether a paragraph tells of somebody's working life as a journalist, not of the story."""
    text = plain(bare(line[:2000]))
    count = len(text.split())
    if text in names:
        return True
    if not 4 <= count <= _LONGEST_NOTE or is_quoting(line):
        return False
    told = lists(language)
    if told.biography_opens.match(text):
        return True
    phrase = told.biography_phrase.search(text)
    job = told.biography_job.match(text)
    if any(name in text[: len(name) + 40] for name in names if " " in name):
        return phrase is not None or job is not None
    # Of somebody who is not known to have written the article, both must be told: the job first, then more of it.
    return phrase is not None and ((not names and job is not None) or _ACCOUNT.search(text) is not None)
