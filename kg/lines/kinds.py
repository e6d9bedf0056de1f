"""Paragraphs that the head left open enter; which of them are captions, promotion, biographies, boilerplate leaves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from kg.lines.captions import ends_with_agency, is_caption
from kg.lines.cutting import ends_sentence
from kg.lines.shapes import bare, byline, date_alone, in_capitals, is_date_words, is_quoting
from kg.lines.tail import Known, label_below_headings, label_biographies
from kg.lines.words import Phrases, lists, plain

_TAGS = re.compile(r"</?[a-zA-Z!][^<>]{0,300}>|\{\{[<%][^{}]{0,300}[%>]\}\}|&(?:nbsp|amp|#\d{1,5});")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?!\d)")
_CELL = re.compile(r"\t+| {2,}|\s\|\s?")
_BAR = re.compile(r"\s[|·•]\s")
_CITATION = re.compile(r"""["“”].{3,250}["“”] — .{2,80}, \w+\.? \d{1,2}, \d{4}$""")
# Longer paragraphs than these many words are the story, whatever they open with or hold.
_OPENING, _HOLDING, _CAPTION, _NOTE = 60, 40, 90, 130
_LONGEST = 1500
_EMPHASIS = ("*", "_")  # Markdown's signs of emphasis


def label(words: Sequence[str], kinds: Sequence[str | None], known: Known) -> list[str | None]:
    """Return the kind of each paragraph; None for the story."""
    found = list(kinds)
    # A text that is set in capitals throughout, as old wires are, says nothing by them.
    shouts = sum(1 for line in words if in_capitals(line[:300])) * 5 > len(words) * 2
    last = max((i for i, kind in enumerate(found) if kind is None), default=-1)
    for i, line in enumerate(words):
        if found[i] is None:
            found[i] = kind_of_line(line, known.language)
            if found[i] is None and not shouts and _is_shouted(line):
                # In capitals above the row of a table: its heading.
                below = words[i + 1] if i + 1 < len(words) else ""
                found[i] = "boilerplate" if _is_row(below) else "promotion"
            if found[i] is None and i != last and ends_with_agency(line, known.language):
                found[i] = "caption"
    _label_notes(words, found)
    label_biographies(words, found, known)
    label_below_headings(words, found, known)
    return found


def _label_notes(words: Sequence[str], found: list[str | None]) -> None:
    """Label paragraphs in italics throughout at the end of a story in Markdown: what the editors add to it."""
    for i in range(len(words) - 1, 0, -1):
        line = words[i].strip()
        if found[i] is None and line[:1] in _EMPHASIS and line[-1:] in _EMPHASIS and line[1:2].isalnum():
            if is_quoting(line.lstrip("*_ ")) or len(line.split()) > _NOTE:
                return
            found[i] = "boilerplate"
        elif found[i] is None:
            return


@lru_cache(maxsize=8192)
def kind_of_line(line: str, language: str) -> str | None:
    """Return "caption", "promotion", "boilerplate" or "byline" for a line that says what it is, else None.

    Kept for the latest lines: lists and tables repeat theirs, and the head asks thrice.
    """
    if len(line) > _LONGEST:
        return None
    if not any(sign.isalnum() for sign in line):
        return "boilerplate"
    known = lists(language)
    text = plain(bare(line))
    count = len(text.split())
    if _is_page(line, text, count, language) or _says(known.boilerplate, line, text, count, longest=_NOTE):
        return "boilerplate"
    if count <= _OPENING and known.byline_credit.match(text.lstrip("([")):
        return "byline"
    if count <= _CAPTION and is_caption(line, text, language):
        return "caption"
    if _says(known.promotions, line, text, count, longest=_OPENING) or _is_address(text, count):
        return "promotion"
    if line[0] == "[" and line[-1] == "]" and count <= 20 and not ends_sentence(line[:-1]):
        return "promotion"  # "[Another story's headline]", as some papers set their links
    if count <= 12 and byline(line, language) is not None:
        return "byline"
    return "dateline" if count <= 12 and date_alone(bare(line), language) else None


def _says(phrases: Phrases, line: str, text: str, count: int, *, longest: int) -> bool:
    if text.strip(" .!:*") in phrases.whole or text.strip(" *") in phrases.whole:
        return True
    if count > longest:
        return False
    quoting = is_quoting(line)
    opening = phrases.opens.match(text.lstrip("([*_ "))
    if opening is not None and (opening.group()[-1] == ":" or (not quoting and count <= longest * 2 // 3)):
        return True
    if count <= _HOLDING and not quoting and text.rstrip(" .!*_").rpartition(". ")[2] in phrases.closes:
        return True
    return count <= _HOLDING and not quoting and bool(phrases.holds.search(text) or phrases.ends.search(text))


def _is_page(line: str, text: str, count: int, language: str) -> bool:
    """Tell whether a line is a piece of the page: tags, a bar of links, a table's row, a time stamp, a reference."""
    if ("<" in line or "{{" in line or "&" in line) and not any(sign.isalnum() for sign in _TAGS.sub(" ", line)):
        return True
    parts = _BAR.split(line)
    if len(parts) >= 2 and all(len(part.split()) <= 4 for part in parts) and not ends_sentence(line):
        return True
    if _is_row(line):
        return True
    if count <= 6 and (not any(sign.isalpha() for sign in text) or _CLOCK.search(text)):
        return is_date_words(text, language) and date_alone(bare(line), language) is None
    return count <= _OPENING and _CITATION.search(line) is not None


def _is_row(line: str) -> bool:
    """Tell whether a line is a row (or joined rows) of a table with numbers in it."""
    cells = [cell for cell in _CELL.split(line[:600]) if cell.strip()]
    numbers = sum(1 for cell in cells if any(sign.isdigit() for sign in cell))
    # Some writers put two spaces between sentences: the cells of a table are short.
    return len(cells) >= 3 and numbers * 2 >= len(cells) and max(len(cell.split()) for cell in cells) <= 6


def _is_address(text: str, count: int) -> bool:
    """Tell whether a line is a URL or an e-mail address, with a few words that lead to it at most."""
    rest = _EMAIL.sub("", _URL.sub("", text))
    return rest != text and (not any(sign.isalpha() for sign in rest) or (count <= 6 and not ends_sentence(rest)))


def _is_shouted(line: str) -> bool:
    """Tell whether a line is set in capitals, as links to other stories and advertisements are."""
    return len(line) <= 220 and in_capitals(line) and not ends_sentence(line) and not is_quoting(line[:1])
