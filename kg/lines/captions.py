"""A line enters; whether it is the caption of a picture or its credit leaves."""

from __future__ import annotations

import re

from kg.lines.cutting import ends_sentence
from kg.lines.shapes import is_quoting
from kg.lines.words import lists, plain

_BRACKET = re.compile(r"[(\[]([^()\[\]]{2,90})[)\]][.\s]{0,4}$")
_LONGEST_CREDIT = 9


def is_caption(line: str, text: str, language: str) -> bool:
    """Tell whether a line opens like a caption or ends with a credit; ``text`` is the line as :func:`plain`."""
    known = lists(language)
    if known.caption_opens.match(text.lstrip("([*_ ")):
        return True
    bracket = _BRACKET.search(line)
    if bracket is not None and "://" not in bracket.group():
        inside = plain(bracket.group(1))
        agencies = known.caption_agency.findall(inside)
        if known.caption_credit.match(inside) or known.caption_photo.fullmatch(inside) or len(agencies) > 1:
            return True
        if agencies and "/" in inside:  # "(A Name/Reuters)"
            return True
    tail = text[-40:].rpartition("/")
    if tail[1] and len(line) <= 300 and known.caption_agency.fullmatch(tail[2].rstrip(".)")):
        return True  # "A Name/AFP/Getty Images"
    return _ends_with_credit(line, text, language)


def ends_with_agency(line: str, language: str) -> bool:
    """Tell whether a short paragraph ends with an agency in brackets after its full stop: "… on Monday. (Reuters)".

    At the end of a story that is the story's credit, not a caption's: the caller knows.
    """
    bracket = _BRACKET.search(line) if len(line) <= 350 else None
    return (
        bracket is not None
        and bracket.group().startswith("(")
        and not is_quoting(line)
        and ends_sentence(line[: bracket.start()].rstrip())
        and lists(language).caption_agency.fullmatch(plain(bracket.group(1))) is not None
    )


def _ends_with_credit(line: str, text: str, language: str) -> bool:
    """Tell whether a line ends "… Photo: A Name/Agency" or is nothing but that."""
    marks = list(lists(language).caption_credit.finditer(text))
    if not marks:
        return False
    mark, word = marks[-1], marks[-1].group()
    after = text[mark.end() :].strip()
    names = " ".join(line.split())[-len(after) :].split() if after else []
    return (
        0 < len(names) <= _LONGEST_CREDIT
        and not ends_sentence(after.rstrip("."))
        and names[0][:1].isupper()
        and sum(1 for name in names if name[:1].isupper()) * 3 >= len(names) * 2
        # "Photo:" may stand anywhere before the name; "photo by" must open a sentence.
        and (mark.start() == 0 or word[-1] in ":." or text[: mark.start()].rstrip(" ([|-–—")[-1:] in ".!?\"”'")
    )
