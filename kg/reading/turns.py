"""A paragraph enters, what a label at its beginning says of it leaves: "LIND: …", "President Roth: …", "Q: …"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from spacy.tokens import Token

from kg.model import Span
from kg.reading import cues
from kg.reading.draft import Draft, Paragraph
from kg.reading.utterance import Utterance

LABEL = re.compile(r"(?=[A-Z])((?:[^\s:]+ ){0,5}[^\s:]+):\s+(?=\S)")
FEWEST = 2  # labels of one speaker's form that make a transcript
SHORTEST = 4  # words of a turn
PERSONS = frozenset({"i", "we", "you", "my", "our", "your", "us", "me"})


def labels(draft: Draft) -> dict[int, tuple[Span, Token | None]]:
    """Return the paragraphs that open with a speaker's label: where they stand, the label and its last word.

    One labelled paragraph may be a list or a note; a text is a transcript when FEWEST or more paragraphs open with a
    name or an office ("Question:", "President of Ukraine:"). Linear.
    """
    found: dict[int, tuple[Span, Token | None]] = {}
    for where, paragraph in enumerate(draft.paragraphs):
        if paragraph.doc is None or paragraph.kind != "body":
            continue
        match = LABEL.match(draft.article.text, paragraph.span.start, paragraph.span.end)
        if match is None:
            continue
        end = match.end(1) - paragraph.span.start
        tokens = [token for token in paragraph.doc if token.idx < end]
        rest = paragraph.doc[len(tokens) :]
        spoken = any(token.lower_ in PERSONS or token.text == "?" for token in rest)
        if tokens and spoken and _is_speaker(tokens, draft.language):
            named = tokens[-1] if len(tokens[-1]) > 1 else None  # "Q:" and "A:" name nobody
            found[where] = (Span(match.start(1), match.end(1)), named)
    return found if len(found) >= FEWEST else {}


def _is_speaker(tokens: Sequence[Token], language: str) -> bool:
    words = [token for token in tokens if token.is_alpha]
    roles = cues.roles(language)
    if not words or any(token.pos_ in ("VERB", "AUX", "PRON", "ADV") and token.text.islower() for token in tokens):
        return False
    if any(token.lower_ in roles for token in words):
        return True
    return all(token.text[:1].isupper() for token in words if len(token) > 3)


def of_turn(where: int, paragraph: Paragraph, label: Span, head: Token | None, draft: Draft) -> Utterance | None:
    """Return the turn of a labelled paragraph: all of it behind the colon is what the label's holder said."""
    text = draft.article.text
    start = label.end + 1
    while start < paragraph.span.end and text[start].isspace():
        start += 1
    said = Span(start, paragraph.span.end)
    if len(said.of(text).split()) < SHORTEST:
        return None
    return Utterance(where, "turn", cues.NO_CUE, None, None, head, label, [said])


def goes_on(turn: Utterance | None, where: int, paragraph: Paragraph) -> bool:
    """Tell whether a paragraph without a label belongs to the turn before it: somebody there says I, we or you."""
    if turn is None or turn.where not in (where - 1, where) or paragraph.doc is None:
        return False
    return any(token.lower_ in PERSONS for token in paragraph.doc) and paragraph.doc[0].text not in ("(", "[")


def go_on(turn: Utterance, where: int, paragraph: Paragraph) -> None:
    """Take a paragraph into the turn before it."""
    turn.content = [*turn.content, paragraph.span]
    turn.where = where
