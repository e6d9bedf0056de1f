"""Parsed paragraphs enter, name mentions leave: persons, organisations, outlets and places, where each is written."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Token
from spacy.tokens import Span as DocSpan

from kg import outlets
from kg.model import SourceKind, Span
from kg.reading import cues
from kg.reading.draft import Draft, Paragraph
from kg.reading.firms import find_firms
from kg.reading.placed import find_persons, is_shown
from kg.reading.places import lookup
from kg.reading.syntax import children

LABELS: dict[str, SourceKind] = {
    "PERSON": "person", "ORG": "organization", "GPE": "place", "LOC": "place", "FAC": "place", "NORP": "group",
}  # fmt: skip
EDGE = ' \t\n\r,.;:!?()[]{}<>“”„"‘—–-…/|*'
POSSESSIVES = ("'s", "’s", "'", "’")
SUFFIX = re.compile(r"(?:Jr|Sr)\.?|II|III|IV", re.IGNORECASE)
PERSON_WORD = re.compile(r"(?:[A-Z]\.)+|[^\W\d_][\w'’.-]*")


@dataclass(frozen=True, slots=True)
class Name:
    """One name as written: where, which kind, the paragraph, and the words without title and possessive.

    ``shown``: what stands beside it says the kind, so that its other mentions follow.
    """

    span: Span
    kind: SourceKind
    where: int
    words: str
    shown: bool = False


def find_names(draft: Draft) -> list[Name]:
    """Find the names in the story and the titles, in text order, never overlapping. Linear in text times names.

    The table of outlets wins over the model, which takes "Washington Post" for a place; titles, words that are no
    names and the ministry's last word alone are put right by rules. One word has one kind in one article: the kind
    that most of its mentions have, a full name's before all. Names that the model saw once are found again elsewhere.
    """
    text = draft.article.text
    found: list[Name] = []
    parsed = [
        (where, paragraph, paragraph.doc)
        for where, paragraph in enumerate(draft.paragraphs)
        if paragraph.doc is not None and paragraph.kind in ("body", "title")
    ]
    common = _common_words(doc for _, _, doc in parsed)
    for where, paragraph, doc in parsed:
        found += _in_paragraph(text, where, paragraph, doc, common)
    found = _agree(found)
    more = _again(text, parsed, found, common)
    return sorted([*found, *more], key=lambda name: name.span)


def _common_words(docs: Iterator[Doc]) -> frozenset[str]:
    """Return the words that the article writes in lower case too: capitals at a sentence's start name nobody."""
    return frozenset(token.text for doc in docs for token in doc if token.is_lower and token.is_alpha)


def _in_paragraph(text: str, where: int, paragraph: Paragraph, doc: Doc, common: frozenset[str]) -> list[Name]:
    firms = [paragraph.locate(piece) for piece in find_firms(doc, doc.lang_)]
    taken = [Name(span, "organization", where, " ".join(span.of(text).split())) for span in firms]
    for span, _ in outlets.find_names(paragraph.span.of(text)):
        place = Span(paragraph.span.start + span.start, paragraph.span.start + span.end)
        if not any(place.overlaps(firm) for firm in firms):
            taken.append(Name(place, "outlet", where, " ".join(place.of(text).split())))
    for entity in doc.ents:
        label = LABELS.get(entity.label_)
        if label is None:
            continue
        for piece in _without(entity, paragraph, taken):
            trimmed, kind = _trim(piece, label)
            if trimmed is None or not _is_name(trimmed, kind, common):
                continue
            span = paragraph.locate(trimmed)
            shown = kind in ("organization", "place") and is_shown(trimmed, doc.lang_)
            settled = "person" if shown else _kind(trimmed, kind)
            taken.append(Name(span, settled, where, " ".join(span.of(text).split()), shown))
    known = [_tokens(paragraph, doc, name) for name in taken]
    for piece in find_persons(doc, known, doc.lang_):
        span = paragraph.locate(piece)
        taken.append(Name(span, "person", where, " ".join(span.of(text).split())))
    return sorted(taken, key=lambda name: name.span)


def _tokens(paragraph: Paragraph, doc: Doc, name: Name) -> tuple[int, int]:
    start = paragraph.span.start
    piece = doc.char_span(name.span.start - start, name.span.end - start, alignment_mode="expand")
    return (piece.start, piece.end) if piece is not None else (0, 0)


def _without(entity: DocSpan, paragraph: Paragraph, taken: list[Name]) -> list[DocSpan]:
    """Return what of an entity no outlet's name has: "NPR Ana Lind" is an outlet and a person."""
    inside = [any(name.span.overlaps(paragraph.locate(token)) for name in taken) for token in entity]
    if not any(inside):
        return [entity]
    if all(inside):
        return []
    at = max(i for i, taken_ in enumerate(inside) if taken_)
    rest = entity[at + 1 :]
    return [rest] if len(rest) > 1 and not inside[-1] else []


def _trim(entity: DocSpan, kind: SourceKind) -> tuple[DocSpan | None, SourceKind]:
    """Return an entity without articles, titles, possessive and what follows a break; and its kind after that."""
    doc, first, end = entity.doc, entity.start, entity.end
    leading = cues.naming(doc.lang_, "courtesy") | cues.naming(doc.lang_, "former") | {"the", "a", "an"}
    roles = cues.roles(doc.lang_)
    if kind in ("person", "organization"):
        for at in range(first + 1, end):
            if (
                doc[at].text in ("\n", "(", "—", "–")
                or "\n" in doc[at].text
                or (kind == "person" and doc[at].text in (",", *POSSESSIVES))
            ):
                end = at
                break
    if kind == "organization" and end - first > 3 and _is_of(doc[first : first + 3]):
        end, kind = first + 2, "person"
    while first < end and (doc[first].lower_ in leading or not doc[first].text.strip(EDGE)):
        first += 1
    while end > first and (
        doc[end - 1].text in POSSESSIVES or not doc[end - 1].text.strip(EDGE) or doc[end - 1].tag_ == "CC"
    ):
        end -= 1
    titled = first
    while titled < end - 1 and roles.get(doc[titled].lower_.rstrip(".")) == "person":
        titled += 1
    if titled > first and kind == "person":
        first = titled
    elif titled > first and kind == "organization" and _looks_personal(doc[titled:end]):
        # "Detective Constable Daniel D." is no body: titles make a person.
        first, kind = titled, "person"
    return (doc[first:end], kind) if first < end else (None, kind)


def _is_of(piece: DocSpan) -> bool:
    """Tell whether a body's name begins with somebody's: "Lydia Lind for the Harbour Trust"."""
    given, family, link = piece
    known = given.lower_ in cues.first_names(piece.doc.lang_)
    return known and family.is_title and link.pos_ == "ADP" and link.is_lower


def _looks_personal(piece: DocSpan) -> bool:
    """Tell whether two or three capitalised words could be somebody's name: none of them is a word of bodies."""
    bodies = cues.naming(piece.doc.lang_, "body")
    words = [token for token in piece if token.text not in ("-", ".")]
    return 2 <= len(words) <= 4 and all(
        token.text[:1].isupper() and token.lower_ not in bodies and not any(sign.isdigit() for sign in token.text)
        for token in words
    )


def _kind(piece: DocSpan, kind: SourceKind) -> SourceKind:
    """Put right what the model gets wrong by the name's own words and by the title before it."""
    words = [token.lower_ for token in piece]
    name = piece.text
    if set(words) & cues.naming(piece.doc.lang_, "platform") and len(words) <= 2:
        return "channel"
    the = piece.start > 0 and piece.doc[piece.start - 1].lower_ == "the"  # "told the Gazette"
    if (
        words[-1] in cues.naming(piece.doc.lang_, "outlet-word")
        and (len(words) > 1 or the)
        and kind in ("organization", "person")
    ):
        return "outlet"
    if kind in ("organization", "person") and _is_after_medium(piece, kind):
        return "outlet"
    if kind == "person" and (set(words) & cues.naming(piece.doc.lang_, "body")) and len(words) > 1:
        return "organization"
    if (
        set(words[1:]) & cues.naming(piece.doc.lang_, "place-word")
        and kind in ("person", "organization")
        and len(words) > 1
    ):
        return "place"
    if kind in ("person", "organization") and _is_titled(piece):
        return "person"
    known = lookup(name)
    if known is None or kind == "place" or piece.root.pos_ != "PROPN":
        return kind
    # A surname may be a town's, a country's name is nobody's; a whole name of several words is the place.
    sure = known.kind in ("country", "state", "capital") or len(words) > 1 or kind == "organization"
    return "place" if sure else kind


def _is_after_medium(piece: DocSpan, kind: SourceKind) -> bool:
    """Tell whether a word for outlets stands before a name: "the port's daily Al-Marfa"."""
    if piece.start == 0 or not piece[0].text[:1].isupper():
        return False
    before = piece.doc[piece.start - 1]
    if cues.roles(before.lang_).get(before.lemma_.lower()) != "outlet" or not before.is_lower:
        return False
    return kind == "organization" or before.head in piece or any(c in piece for c in children(before, "appos"))


def _is_titled(piece: DocSpan) -> bool:
    """Tell whether a title stands right before two or more words: "MP Tanya D.", "spokesman Ilan Roth"."""
    if piece.start == 0 or not _looks_personal(piece):
        return False
    before = piece.doc[piece.start - 1]
    if before.lower_ in cues.naming(before.lang_, "courtesy"):
        return True
    return cues.roles(before.lang_).get(before.lemma_.lower()) == "person" and before.dep_ in (
        "compound",
        "nsubj",
        "nmod",
        "appos",
        "amod",
        "pobj",
    )


def _is_name(piece: DocSpan, kind: SourceKind, common: frozenset[str]) -> bool:
    words = piece.text
    if not re.search(r"[^\W\d_]", words):
        return False
    if len(piece) == 1:
        token = piece[0]
        if token.pos_ not in ("PROPN", "NOUN", "ADJ") or _is_plain(token, common):
            return False
        if kind == "group" and token.dep_ in ("amod", "compound", "nmod", "advmod"):
            return False  # "Afghan officials": an adjective names nobody
    if kind == "person":
        return words[:1].isupper() and not re.search(r"[\d@#/\n]", words)
    return words[:1].isupper() or (words[:1].isdigit() and len(piece) > 1)


def _is_plain(token: Token, common: frozenset[str]) -> bool:
    """Tell whether one capitalised word is an everyday word that opens a sentence or a title."""
    plain = token.lower_ in common or token.lower_.removesuffix("s") in common
    if plain and (token.is_sent_start or token.tag_ not in ("NNP", "NNPS")):
        return True
    if token.is_sent_start and token.tag_ == "NNS" and token.lemma_.lower() in cues.roles(token.lang_):
        return True
    return token.tag_ in ("NNS", "VB", "VBG", "JJ", "RB", "UH") and token.ent_type_ not in ("NORP", "GPE")


def _agree(names: list[Name]) -> list[Name]:
    """Let the mentions of one word agree on its kind; a surname of a full name is a person whatever the model says."""
    families = {surname(name.words).lower() for name in names if name.kind == "person" and " " in name.words}
    votes: dict[str, Counter[SourceKind]] = defaultdict(Counter)
    for name in names:
        votes[name.words.lower()][name.kind] += 1
    shown = {name.words.lower(): name.kind for name in names if name.shown}
    agreed = []
    for name in names:
        kinds = votes[name.words.lower()]
        kind = max(kinds, key=lambda kind: (kind in ("outlet", "channel"), kinds[kind], kind))
        if " " not in name.words and name.words.lower() in families and kind != "outlet":
            kind = "person"
        kind = shown.get(name.words.lower(), kind)
        agreed.append(replace(name, kind=kind))
    return agreed


def surname(words: str) -> str:
    """Return the last word of a person's name that is no suffix: "Lind" of "Ivo Lind Jr."."""
    parts = words.split()
    while len(parts) > 2 and SUFFIX.fullmatch(parts[-1]):
        parts.pop()
    return parts[-1].rstrip(",")


def _again(
    text: str, parsed: list[tuple[int, Paragraph, Doc]], found: list[Name], common: frozenset[str]
) -> list[Name]:
    """Find the surnames and whole names again where the model missed them.

    A sentence's first word is a name again where the parser takes it for a noun, not where the article writes it small.
    """
    kinds: dict[str, SourceKind] = {}
    for name in found:
        if name.kind in ("person", "organization") and " " in name.words:
            kinds.setdefault(name.words, name.kind)
            if name.kind == "person" and len(surname(name.words)) > 2:
                kinds.setdefault(surname(name.words), "person")
    taken: dict[int, list[Span]] = defaultdict(list)
    for name in found:
        taken[name.where].append(name.span)
    more: list[Name] = []
    longest = max((len(words.split()) for words in kinds), default=0)
    for where, paragraph, doc in parsed:
        spans = taken[where]
        used = -1
        for token in doc:
            if token.i <= used or not token.text[:1].isupper():
                continue
            if token.is_sent_start and token.pos_ != "PROPN" and (token.pos_ != "NOUN" or token.lower_ in common):
                continue
            for size in range(min(longest, len(doc) - token.i), 0, -1):
                piece = doc[token.i : token.i + size]
                kind = kinds.get(piece.text)
                if kind is None:
                    continue
                span = paragraph.locate(piece)
                beside = doc[piece.end] if piece.end < len(doc) else None
                if not any(span.overlaps(other) and not _is_shorter(other, span) for other in spans) and not (
                    size == 1 and beside is not None and beside.pos_ == "PROPN" and beside.i == token.head.i
                ):
                    more.append(Name(span, kind, where, piece.text))
                used = piece.end - 1
                break
    for name in more:
        found[:] = [other for other in found if not (other.where == name.where and name.span.overlaps(other.span))]
    return more


def _is_shorter(one: Span, other: Span) -> bool:
    """Tell whether a name is only a part of a longer one: "Florida" of "Florida Highway Patrol"."""
    return other.contains(one) and len(one) < len(other)
