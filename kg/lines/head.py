"""The first lines of a text enter; headline, masthead, byline and date of publication leave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from kg.lines.cutting import ends_sentence
from kg.lines.kinds import kind_of_line
from kg.lines.shapes import bare, byline, date_alone, dateline, is_fragment, is_quoting, looks_like_outlet, names_in
from kg.lines.words import lists, plain
from kg.model import Span
from kg.outlets import by_name, find_names

# Headline, deck, masthead, tagline, byline, date, caption and share bar: no head in the corpora is longer.
_HEAD = 12
_LONGEST_TITLE = 300
# One sentence may stand between headline and byline: the deck.
_DECK = 2
# A point of a list; a motto with its author
_NO_TITLE = re.compile(r"^\d{1,2}[.)]\s|[\"”’]\s*[—–―-]")
_QUOTES = re.compile(r"[\"'“”‘’«»„`]+")


@dataclass(slots=True)
class Head:
    """What the head of a text says; ``kinds`` has an entry for each paragraph, None where nothing is said of it."""

    kinds: list[str | None]
    title: int | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    outlet: str | None = None
    mastheads: list[int] = field(default_factory=list)


def title_pattern(title: str) -> str:
    """Return a pattern for this headline with any white space between its words and any kind of quotation mark."""
    return r"\s+".join(r"[\"'“”‘’«»„`]+".join(map(re.escape, _QUOTES.split(word))) for word in title.split())


def find_title(text: str, title: str) -> list[tuple[Span, Span]]:
    """Find the lines that are this headline: (the whole lines, the headline in them), in order.

    Case, white space, a final full stop and Markdown's marks don't count.
    """
    if not title.strip() or len(title) > _LONGEST_TITLE:
        return []
    # All bounded: a line of a million blanks must not cost a million steps each.
    pattern = (
        rf"^[ \t]{{0,40}}(?P<line>[#*_>]{{0,6}} {{0,3}}(?P<title>{title_pattern(title)})[.!?…*_]{{0,6}})[ \t]{{0,40}}$"
    )
    return [
        (Span(*found.span("line")), Span(*found.span("title")))
        for found in re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE)
    ]


def read_head(
    words: Sequence[str],
    apart: Sequence[bool],
    *,
    language: str,
    titles: Sequence[bool],
    known_title: str | None,
    outlet: str | None,
    authors: tuple[str, ...],
) -> Head:
    """Read the head: ``words`` are the paragraphs, ``apart`` says that a blank line stands before, ``titles`` that one
    is the headline known from elsewhere.
    """
    head = Head(["title" if known else None for known in titles])
    story = next((i for i, line in enumerate(words) if not titles[i] and _is_story(line, language)), len(words))
    sentences = 0
    for i, line in enumerate(words[:_HEAD]):
        if head.kinds[i] is None:
            _read_line(head, i, line, language, authors, says_more=sentences < _DECK)
        sentences += head.kinds[i] is None and ends_sentence(line) and kind_of_line(line, language) is None
    unlabelled = [
        i
        for i, line in enumerate(words[: min(story + 1, _HEAD)])
        if head.kinds[i] is None and kind_of_line(line, language) is None
    ]
    # The first sentence ends the head, however short it is.
    free = list(takewhile(lambda i: i < story and is_fragment(bare(words[i]) or words[i]), unlabelled))
    _find_masthead(head, words, apart, free, outlet, language)
    if not any(titles):
        free = [i for i in free if head.kinds[i] is None]
        head.title = _guess_title(words, free, story, known_title)
        if head.title is not None:
            headline = plain(bare(words[head.title]))
            for i, line in enumerate(words):
                if head.kinds[i] is None and len(line) < _LONGEST_TITLE and plain(bare(line)) == headline:
                    head.kinds[i] = "title"
            _mark_deck(head, words, free)
    _find_lone_name(head, words, story, language)
    return head


def outlet_of_lines(words: Sequence[str], kinds: Sequence[str | None], language: str) -> str | None:
    """Return the outlet that a promotion or copyright line names as its own ("READ MORE FROM THE …"), if one does."""
    before = lists(language).outlet_before
    for line, kind in zip(words, kinds, strict=True):
        if kind in ("promotion", "boilerplate") and len(line) <= 300:
            for span, entry in find_names(line):
                if before.search(plain(line[: span.start])):
                    return entry.name
    return None


def _is_story(line: str, language: str) -> bool:
    return (len(line) >= 80 and ends_sentence(line)) or len(line) > 400 or dateline(line, language) is not None


def _read_line(head: Head, i: int, line: str, language: str, authors: tuple[str, ...], *, says_more: bool) -> None:
    """Label a date or a byline; it tells of the article (``says_more``) only while the story has not begun."""
    when = date_alone(bare(line), language)
    if when is not None:
        head.kinds[i] = "dateline"
        head.published = head.published or (when if says_more else None)
        return
    if plain(bare(line)) in {plain(author) for author in authors}:
        head.kinds[i] = "byline"
        return
    said = byline(line, language) if kind_of_line(line, language) in (None, "byline") else None
    if said is not None:
        head.kinds[i] = "byline"
        if says_more:
            head.published = head.published or said.date
            head.authors = head.authors or said.names


def _find_masthead(
    head: Head, words: Sequence[str], apart: Sequence[bool], free: list[int], outlet: str | None, language: str
) -> None:
    """Label the outlet's name and the tagline under it as boilerplate."""
    titled = [i for i, kind in enumerate(head.kinds[:_HEAD]) if kind == "title"]
    for at, i in enumerate(free[:4]):
        line = bare(words[i])
        further = bool(free[at + 1 :]) or any(t > i for t in titled) or bool(titled)
        entry = by_name(line)
        named = entry is not None or (outlet is not None and _same_name(line, outlet))
        if not (named or (further and i <= 1 and looks_like_outlet(line, language))):
            continue
        head.kinds[i] = "boilerplate"
        head.outlet = head.outlet or (entry.name if entry else _as_name(line))
        below = i + 1
        if below in free and not apart[below] and (free[at + 2 :] or any(t > below for t in titled)):
            head.kinds[below] = "boilerplate"
        return


def _as_name(line: str) -> str:
    """Return a masthead as a name: a line in capitals gets them at the heads of its words only."""
    words = line.split()
    return " ".join(word.capitalize() if line.isupper() and len(word) > 1 else word for word in words)


def _same_name(line: str, outlet: str) -> bool:
    return plain(line).removeprefix("the ") == plain(outlet).removeprefix("the ")


def _guess_title(words: Sequence[str], free: list[int], story: int, known_title: str | None) -> int | None:
    """Return the paragraph that is the headline: what is repeated, else the first line that is no sentence."""
    if story >= len(words):
        return None
    if known_title is not None:
        known = set(plain(known_title).split())
        return next((i for i in free if _alike(set(plain(words[i]).split()), known)), None)
    free = [i for i in free if _may_be_title(bare(words[i]))]
    lines = [plain(bare(words[i])) for i in free]
    return next((i for i, line in zip(free, lines, strict=True) if lines.count(line) > 1), free[0] if free else None)


def _may_be_title(line: str) -> bool:
    return (
        len(line.split()) >= 3
        and (line[0].isupper() or line[0].isdigit() or is_quoting(line[0]) or line[0] in "'‘’")
        and line[-1] not in ":-–—"
        and not _NO_TITLE.search(line)
        and sum(sign.isalpha() for sign in line) * 2 > len(line)
    )


def _alike(words: set[str], others: set[str]) -> bool:
    return len(words & others) >= 0.6 * len(words | others)


def _mark_deck(head: Head, words: Sequence[str], free: list[int]) -> None:
    """Label the lines between headline and byline as part of the headline."""
    assert head.title is not None
    signed = next(
        (i for i in range(head.title + 1, min(len(words), _HEAD)) if head.kinds[i] in ("byline", "dateline")), 0
    )
    for i in range(head.title + 1, signed):
        if head.kinds[i] is None and i in free:
            head.kinds[i] = "title"


def _find_lone_name(head: Head, words: Sequence[str], story: int, language: str) -> None:
    """Label as byline a name that stands alone beside the date, and what stands between byline and date."""
    for i, line in enumerate(words[: min(story, _HEAD)]):
        if head.kinds[i] is not None or len(line) > 80 or kind_of_line(line, language) is not None:
            continue
        before, after = head.kinds[i - 1] if i else None, head.kinds[i + 1] if i + 1 < len(words) else None
        if before == "byline" and after == "dateline":
            head.kinds[i] = "byline"
        elif "dateline" in (before, after) and not head.authors:
            names = names_in(bare(line), language)
            if names and (by_name(names[0]) is None or head.outlet):
                head.kinds[i] = "byline"
                head.authors = names
