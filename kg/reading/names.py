"""Parsed paragraphs enter, name mentions leave: persons, organisations, outlets and places, where each is written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spacy.tokens import Span as DocSpan

from kg import outlets
from kg.model import SourceKind, Span
from kg.reading.draft import Draft, Paragraph
from kg.reading.lexicon import table

LABELS: dict[str, SourceKind] = {
    "PERSON": "person", "ORG": "organization", "GPE": "place", "LOC": "place", "FAC": "place", "NORP": "group",
}  # fmt: skip
EDGE = ' \t\n\r,.;:!?()[]{}“”„"‘—–-…/|*'


@dataclass(frozen=True, slots=True)
class Name:
    """One name as written: where, which kind, the paragraph, and the words without title and possessive."""

    span: Span
    kind: SourceKind
    where: int
    words: str


def find_names(draft: Draft) -> list[Name]:
    """Find the names in the story and the titles, in text order, never overlapping.

    The table of outlets wins over the model, which takes "Washington Post" for a place. One word has one kind in one
    article: the kind that most of its mentions have, a full name's before all.
    """
    found: list[Name] = []
    for where, paragraph in enumerate(draft.paragraphs):
        if paragraph.doc is None or paragraph.kind not in ("body", "title"):
            continue
        found += _in_paragraph(draft.article.text, where, paragraph)
    return _agree(found)


def _in_paragraph(text: str, where: int, paragraph: Paragraph) -> list[Name]:
    assert paragraph.doc is not None
    taken: list[Name] = []
    for span, entry in outlets.find_names(paragraph.span.of(text)):
        place = Span(paragraph.span.start + span.start, paragraph.span.start + span.end)
        taken.append(Name(place, "outlet", where, entry.name))
    for entity in paragraph.doc.ents:
        kind = LABELS.get(entity.label_)
        if kind is None:
            continue
        trimmed = _trim(entity)
        if trimmed is None:
            continue
        span = paragraph.locate(trimmed)
        words = span.of(text)
        if any(span.overlaps(other.span) for other in taken) or not _is_name(words, kind):
            continue
        taken.append(Name(span, kind, where, " ".join(words.split())))
    return sorted(taken, key=lambda name: name.span)


def _classes() -> dict[str, str]:
    return {row["word"]: row["class"] for row in table("en", "phrases")}


def _trim(entity: DocSpan) -> DocSpan | None:
    doc, first, end = entity.doc, entity.start, entity.end
    courtesy = {word for word, kind in _classes().items() if kind == "courtesy"}
    while first < end and (
        doc[first].lower_ in ("the", "a", "an", "former", *courtesy) or not doc[first].text.strip(EDGE)
    ):
        first += 1
    while end > first and (doc[end - 1].text in ("'s", "’s", "'", "’") or not doc[end - 1].text.strip(EDGE)):
        end -= 1
    if entity.label_ == "PERSON":
        # "Defense Minister Andriy Z.": the model takes the title into the name; a title is a noun of the role list.
        roles = {row["lemma"] for row in table("en", "roles")}
        while first < end - 1 and doc[first].lower_ in roles:
            first += 1
        for at in range(first, end):
            if doc[at].text in ("'s", "’s", "\n", ",", "(", "—", "–"):
                end = at
                break
    return doc[first:end] if first < end else None


def _is_name(words: str, kind: SourceKind) -> bool:
    if not re.search(r"[^\W\d_]", words) or ("\n" in words.strip() and kind == "person"):
        return False
    if kind == "person":
        return words[:1].isupper() and not re.search(r"[\d@#/]", words)
    return words[:1].isupper() or words[:1].isdigit()


def _agree(names: list[Name]) -> list[Name]:
    """Let the mentions of one word agree on its kind; a surname of a full name is a person whatever the model says."""
    families = {name.words.split()[-1].lower() for name in names if name.kind == "person" and " " in name.words}
    votes: dict[str, dict[SourceKind, int]] = {}
    for name in names:
        votes.setdefault(name.words.lower(), {}).setdefault(name.kind, 0)
        votes[name.words.lower()][name.kind] += 1
    agreed = []
    for name in names:
        kinds = votes[name.words.lower()]
        kind = max(kinds, key=lambda kind: (kind == "outlet", kinds[kind], kind))
        if " " not in name.words and name.words.lower() in families and kind != "outlet":
            kind = "person"
        agreed.append(Name(name.span, kind, name.where, name.words))
    return agreed
