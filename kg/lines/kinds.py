"""Paragraphs that the head left open enter; captions, promotion, biographies and boilerplate among them are told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.lines.cutting import ends_sentence
from kg.lines.shapes import bare, in_capitals
from kg.lines.words import Phrases, lists, plain

_QUOTE = re.compile(r"[“”\"«»„]|''|``")
_TAGS = re.compile(r"</?[a-zA-Z!][^<>]{0,300}>|\{\{[<%][^{}]{0,300}[%>]\}\}|&(?:nbsp|amp|#\d{1,5});")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_BRACKET = re.compile(r"[(\[]([^()\[\]]{2,90})[)\]][.\s]*$")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?")
_CELL = re.compile(r"\t+| {2,}|\s\|\s?")
_CITATION = re.compile(r"""["“”].{3,250}["“”] — .{2,80}, \w+\.? \d{1,2}, \d{4}$""")
# Longer paragraphs than these many words are the story, whatever they open with or hold.
_OPENING, _HOLDING, _CAPTION, _NOTE = 60, 40, 90, 130
_TAIL = 8


@dataclass(frozen=True, slots=True)
class Known:
    """What helps to tell the lines: who wrote the article, and its language."""

    authors: tuple[str, ...]
    language: str


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
                # In capitals beside a row of a table: its heading.
                beside = words[i + 1] if i + 1 < len(words) else ""
                found[i] = "boilerplate" if _is_row(beside) else "promotion"
            if found[i] is None and i != last and _ends_with_agency(line, known.language):
                found[i] = "caption"
    _label_biographies(words, found, known)
    return found


def kind_of_line(line: str, language: str) -> str | None:
    """Return "caption", "promotion", "boilerplate" or "byline" (credits of a wire) for what one line says, else None."""
    if len(line) > 1500:
        return None
    if not any(sign.isalnum() for sign in line):
        return "boilerplate"
    known = lists(language)
    text = plain(bare(line))
    count = len(text.split())
    quoted = _QUOTE.search(line) is not None
    if _is_page(line, text, count) or _says(known.boilerplate, text, count, quoted, longest=_NOTE):
        return "boilerplate"
    if count <= _OPENING and known.byline_credit.match(text.lstrip("([")):
        return "byline"
    if count <= _CAPTION and _is_caption(line, text, language):
        return "caption"
    if _says(known.promotions, text, count, quoted, longest=_OPENING) or _is_address(text, count):
        return "promotion"
    return None


def _says(phrases: Phrases, text: str, count: int, quoted: bool, *, longest: int) -> bool:
    if text.strip(" .!:*") in phrases.whole or text.strip(" *") in phrases.whole:
        return True
    if count > longest:
        return False
    opening = phrases.opens.match(text.lstrip("([*_ "))
    if opening is not None and (opening.group()[-1] == ":" or (not quoted and count <= longest * 2 // 3)):
        return True
    return count <= _HOLDING and not quoted and bool(phrases.holds.search(text) or phrases.ends.search(text))


def _is_page(line: str, text: str, count: int) -> bool:
    """Tell whether a line is a piece of the page: tags, a bar of links, a table's row, a time stamp, a reference."""
    if "<" in line or "{{" in line or "&" in line:
        rest = _TAGS.sub(" ", line)
        if not any(sign.isalnum() for sign in rest):
            return True
    parts = [part.strip() for part in re.split(r"\s[|·•]\s", line)]
    if len(parts) >= 2 and all(len(part.split()) <= 4 for part in parts) and not ends_sentence(line):
        return True
    if _is_row(line):
        return True
    stamp = _CLOCK.sub("", text, count=1)
    if (
        stamp != text
        and count <= 5
        and not any(s.isalpha() for s in re.sub(r"\b(?:[ap]\.?m\.?|[a-z]{2,4}t|utc)\b", "", stamp))
    ):
        return True
    return count <= _OPENING and _CITATION.search(line) is not None


def _is_row(line: str) -> bool:
    """Tell whether a line is a row (or joined rows) of a table with numbers in it."""
    cells = [cell for cell in _CELL.split(line[:600]) if cell.strip()]
    numbers = sum(1 for cell in cells if any(sign.isdigit() for sign in cell))
    # Some writers put two spaces between sentences: the cells of a table are short.
    return len(cells) >= 3 and numbers * 2 >= len(cells) and max(len(cell.split()) for cell in cells) <= 6


def _is_address(text: str, count: int) -> bool:
    rest = _EMAIL.sub("", _URL.sub("", text))
    return rest != text and (not any(s.isalpha() for s in rest) or (count <= 6 and not ends_sentence(rest)))


def _is_shouted(line: str) -> bool:
    """Tell whether a line in capitals stands in the story: a link to another story or an advertisement."""
    return len(line) <= 220 and in_capitals(line) and not ends_sentence(line) and not _QUOTE.match(line)


def _is_caption(line: str, text: str, language: str) -> bool:
    known = lists(language)
    if known.caption_opens.match(text.lstrip("([*_ ")):
        return True
    bracket = _BRACKET.search(line)
    if bracket is not None and not _URL.search(bracket.group()):
        inside = plain(bracket.group(1))
        credit = known.caption_credit.match(inside)
        agencies = known.caption_agency.findall(inside)
        if credit or len(agencies) > 1 or (agencies and "/" in inside):
            return True
        if agencies and inside in ("getty images", "getty", "ap photo", "shutterstock", "alamy", "file photo"):
            return True
    return _ends_with_credit(line, text, language)


def _ends_with_credit(line: str, text: str, language: str) -> bool:
    """Tell whether the line ends "… Photo: A Name/Agency"."""
    last = None
    for last in lists(language).caption_credit.finditer(text):
        pass
    if last is None:
        return False
    after = text[last.end() :].strip()
    written = " ".join(line.split())[-len(after) :] if after else ""
    return (
        (last.group()[-1] in ":." or "by" in last.group() or "courtesy" in last.group())
        and 0 < len(after.split()) <= 9
        and not ends_sentence(after.rstrip("."))
        and written[:1].isupper()
        and sum(1 for word in written.split() if word[:1].isupper()) * 3 >= len(written.split()) * 2
        and (last.start() == 0 or text[: last.start()].rstrip(" ([|-–—")[-1:] in ".!?\"”'" or last.group()[-1] in ":.")
    )


def _ends_with_agency(line: str, language: str) -> bool:
    """Tell whether a short paragraph inside the text ends with an agency in brackets after its full stop."""
    bracket = _BRACKET.search(line) if len(line) <= 350 else None
    return (
        bracket is not None
        and _QUOTE.search(line) is None
        and bracket.group().startswith("(")
        and ends_sentence(line[: bracket.start()].rstrip())
        and lists(language).caption_agency.fullmatch(plain(bracket.group(1))) is not None
    )


def _label_biographies(words: Sequence[str], kinds: list[str | None], known: Known) -> None:
    """Label notes on authors, from the end upwards: the first paragraph of the story stops the search."""
    told = lists(known.language)
    floor = max(0, len(words) - _TAIL)
    tail = len(words)
    while tail > floor and (kinds[tail - 1] not in (None, "title") or _is_note(words[tail - 1], known)):
        tail -= 1
        if kinds[tail] is None:
            kinds[tail] = "biography"
    # A line "Author: A Name" makes a note of what stands under it, whatever its sentences are.
    for i in range(max(1, len(words) - _TAIL), len(words)):
        line = plain(words[i])
        if (
            told.biography_opens.match(line)
            and len(line.split()) <= _NOTE
            and kinds[i] in (None, "byline", "biography")
        ):
            kinds[i] = "biography"
            below = i + 1
            if ":" in line and len(line.split()) <= 8 and below < len(words) and kinds[below] is None:
                kinds[below] = "biography"


def _is_note(line: str, known: Known) -> bool:
    """Tell whether a paragraph at the end tells of somebody's working life as a journalist, not of the story."""
    text = plain(bare(line))
    count = len(text.split())
    if not 4 <= count <= _NOTE or _QUOTE.search(line):
        return False
    told = lists(known.language)
    if told.biography_opens.match(text):
        return True
    opening = text[: text.find(" ", 60) if len(text) > 60 else len(text)]
    ours = any(plain(author) in opening for author in known.authors if len(author.split()) > 1)
    phrase = told.biography_phrase.search(text)
    job = _job(text, known.language)
    if ours:
        return bool(phrase or job)
    # Of somebody who is not known to have written the article, the job must come first and more must be told of it.
    return not known.authors and job is not None and job < 90 and phrase is not None


def _job(text: str, language: str) -> int | None:
    """Return where a journalist's job is given to the one that the paragraph opens with ("… is a senior reporter")."""
    found = re.match(r"(?:\S+ ){1,5}?(?:is|was|are|were)(?: also)? (?:an?|the|our)? ?(?:[\w',-]+ ){0,5}", text)
    if found is None:
        return None
    job = lists(language).biography_job.search(text, found.end() - 1 if False else 0, found.end() + 25)
    return job.start() if job else None
