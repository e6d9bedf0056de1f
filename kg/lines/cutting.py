"""A text enters; its paragraphs leave as spans, in order: lines and blank lines decide, hard line breaks are undone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from kg.model import Span

_ENDS = re.compile(r"""[.!?…。؟][)\]"'”’»*_]*$""")
_BULLET = re.compile(r"(?:[-*•‣▪●·–—+]|\(?\d{1,2}[.)]|#{1,6})\s+\S")
# The widest hard line break in use (mail 72-78, wires 69, terminals 80-100); a longer line is a paragraph of its own.
# Narrower than a newspaper's column is a list.
_NARROWEST, _USUAL, _WIDEST = 30, 55, 110
_INDENT = 2


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # both without the white space around the words
    indent: int
    text: str
    follows: bool  # no blank line stands before it

    @property
    def width(self) -> int:
        return self.indent + self.end - self.start


def ends_sentence(words: str) -> bool:
    """Tell whether these words end like a sentence: a full stop or its like, closing marks after it allowed."""
    return _ENDS.search(words[-12:].rstrip()) is not None


def cut(text: str, *, fixed: tuple[Span, ...] = ()) -> list[Span]:
    """Cut a text into paragraphs: spans in order, never overlapping, without white space at their ends.

    Every line is a paragraph, so that a headline never fuses with the next sentence, unless the text has hard line
    breaks: lines of like width that break off in mid-sentence, as mail and wires have them; then the lines are joined
    (the span holds the line breaks) up to a blank line, an indented line, a bullet or a line that ends early.
    ``fixed`` spans (a headline over two lines) are kept as paragraphs. Linear in the text.
    """
    lines = _lines(text)
    breaks = _breaks(lines)
    blocks: list[Span] = []
    held = iter(fixed)
    hold = next(held, None)
    previous: _Line | None = None
    for line in lines:
        while hold is not None and hold.end <= line.start:
            hold = next(held, None)
        if hold is not None and hold.start < line.end:
            if hold.start >= line.start:
                blocks.append(hold)
            previous = None
        elif previous is not None and line.follows and _goes_on(previous, line, breaks):
            blocks[-1] = Span(blocks[-1].start, line.end)
            previous = line
        else:
            blocks.append(Span(line.start, line.end))
            previous = line
    return blocks


def _lines(text: str) -> list[_Line]:
    """Return the lines that hold more than white space."""
    lines: list[_Line] = []
    start = 0
    follows = False
    for raw in text.split("\n"):
        words = raw.strip()
        if words:
            indent = len(raw) - len(raw.lstrip())
            lines.append(_Line(start + indent, start + indent + len(words), indent, words, follows))
        follows = bool(words)
        start += len(raw) + 1
    return lines


@dataclass(frozen=True, slots=True)
class _Breaks:
    """How a text breaks its lines: at a width (None: it does not), with paragraphs told by their indent or not."""

    width: int | None
    by_indent: bool = False


def _breaks(lines: list[_Line]) -> _Breaks:
    pairs = [(a, b) for a, b in pairwise(lines) if b.follows and b.indent - a.indent < _INDENT]
    if len(pairs) < 2:
        return _Breaks(None)
    width = max(a.width for a, _ in pairs)
    # The first line of a wire story is short where its dateline was taken away.
    later = [(a, b) for a, b in pairs if a is not lines[0]]
    broken = sum(1 for a, _ in pairs if not ends_sentence(a.text))
    full = sum(1 for a, b in later if _is_full(a, b, width))
    # Two full lines that break off prove it; of wide ones one is enough.
    proofs = sum(1 for a, b in later if _is_full(a, b, width) and not ends_sentence(a.text))
    if not _NARROWEST <= width <= _WIDEST or proofs < (1 if width >= _USUAL else 2):
        return _Breaks(None)
    if broken * 2 < len(pairs) or full * 5 < len(later) * 3:
        return _Breaks(None)
    indented = sum(
        1 for a, b in pairwise(lines) if b.follows and b.indent - a.indent >= _INDENT and ends_sentence(a.text)
    )
    return _Breaks(width, by_indent=indented >= 2)


def _is_full(line: _Line, after: _Line, width: int) -> bool:
    """Tell whether the next line's first word had no room left (a tenth of the width is let pass)."""
    return line.width + 1 + len(after.text.split(None, 1)[0]) > width * 0.9


def _goes_on(line: _Line, after: _Line, breaks: _Breaks) -> bool:
    """Tell whether the line after is the rest of this one's sentence or paragraph."""
    if after.indent - line.indent >= _INDENT or _BULLET.match(after.text):
        return False
    if breaks.width is not None and _is_full(line, after, breaks.width):
        return True
    if ends_sentence(line.text) or " " not in line.text:
        return False
    if breaks.by_indent and not line.text.isupper():
        return True
    if not after.text[0].islower():
        return False
    # Without a common width only a sentence that visibly breaks off is joined, never a name or a headline in capitals.
    return breaks.width is not None or (
        25 <= line.width <= _WIDEST
        and line.text[-1] not in ":;|"
        and (ends_sentence(after.text) or after.width >= 25)
        and any(word[0].islower() and len(word) > 3 for word in line.text.split())
    )
