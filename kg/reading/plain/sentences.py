"""A paragraph and its quotations enter, sentences of tokens leave; no parse is needed, a quotation is never torn."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.model import Span
from kg.reading.draft import Quote
from kg.reading.plain.words import Words

TOKEN = re.compile(r"[^\W_]+(?:[-’'&/][^\W_]+)*|[^\w\s]|_")
MARKS = frozenset("“”„«»\"‘’'‚›‹")
STOPS = frozenset(".!?…")
BREAKS = frozenset(",:;–—()")
LONGEST = 240  # tokens; a longer stretch without a full stop is cut, so that no rule looks farther


@dataclass(frozen=True, slots=True)
class Tok:
    """A word or a sign; ``quote`` is the number of the quotation that it stands in, -1 outside."""

    start: int
    end: int
    text: str
    quote: int

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_break(self) -> bool:
        return self.text in BREAKS or self.text in STOPS or (len(self.text) == 1 and self.text in MARKS)


def sentences(text: str, span: Span, quotes: Sequence[Quote], words: Words) -> Iterator[list[Tok]]:
    """Yield the sentences of a paragraph. A full stop inside a quotation ends one only with the quotation itself."""
    starts = [quote.span.start for quote in quotes]
    found: list[Tok] = []
    for match in TOKEN.finditer(text, span.start, span.end):
        at = bisect_right(starts, match.start()) - 1
        inside = at if at >= 0 and match.end() <= quotes[at].span.end else -1
        found.append(Tok(match.start(), match.end(), match.group(), inside))
    current: list[Tok] = []
    for i, tok in enumerate(found):
        current.append(tok)
        after = found[i + 1] if i + 1 < len(found) else None
        if after is None or _ends(found, i, after, words) or len(current) >= LONGEST:
            yield current
            current = []


def _ends(toks: list[Tok], i: int, after: Tok, words: Words) -> bool:
    tok = toks[i]
    opens = after.is_capital or after.text in MARKS or after.text in "–—-"
    if after.start == tok.end or not opens:
        return False
    if tok.quote >= 0 and after.quote == tok.quote:
        return False
    if tok.text in MARKS:
        return i > 0 and toks[i - 1].text in STOPS
    if tok.text not in STOPS:
        return False
    if tok.text != "." or i == 0:
        return True
    before = toks[i - 1].text
    short = (len(before) == 1 and before.isalpha()) or before.lower() in words.of("abbreviation")
    return not short and not (before.isdigit() and len(before) <= 2)
