"""A cast enters; its persons leave with the offices and labels that the article gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spacy.tokens import Token

from kg.model import Role, RoleStatus, Span
from kg.reading import cues
from kg.reading.draft import Paragraph
from kg.reading.placed import is_office
from kg.reading.syntax import children, phrase

if TYPE_CHECKING:
    from kg.reading.actors import Cast, Figure

BEFORE_NAME = ("compound", "amod", "nmod", "poss", "case", "nummod", "appos", "advmod", "punct", "nsubj")
NO_LABEL = ("det", "nummod", "poss", "predet")


def find_roles(cast: Cast) -> None:
    """Give the persons their roles: before the name, behind it in apposition, and by "X is the …".

    "former Defense Minister" is former, "dictator" evaluative (evaluative.tsv), the others current; each label once.
    """
    for where, places in list(cast.at.items()):
        paragraph = cast.draft.paragraphs[where]
        for span, figure in places:
            head = cast.token_at(paragraph, span) if figure.kind == "person" else None
            if head is None:
                continue
            _before(cast, paragraph, span, figure, head)
            for child in head.children:
                if child.dep_ == "appos" and child.pos_ == "NOUN" and is_office(child, child.lang_):
                    _add(cast, paragraph, figure, *phrase(child))
            if (
                head.dep_ == "appos"
                and head.head.pos_ in ("NOUN", "PROPN")
                and is_office(head.head, head.lang_)
                and head.head.i < head.i
            ):
                _add(cast, paragraph, figure, *phrase(head.head))
            if head.dep_ == "nsubj" and head.head.lemma_ == "be":
                for child in children(head.head, "attr"):
                    if is_office(child, child.lang_):
                        _add(cast, paragraph, figure, *phrase(child), past=head.head.tag_ == "VBD")


def _before(cast: Cast, paragraph: Paragraph, span: Span, figure: Figure, head: Token) -> None:
    """ "former Ukrainian Defense Minister Andriy Z.": the words of the noun phrase before the name."""
    doc = head.doc
    first = next((t.i for t in doc if paragraph.span.start + t.idx >= span.start), head.i)
    start = first
    while (
        start > 0
        and doc[start - 1].dep_ in BEFORE_NAME
        and (doc[start - 1].is_alpha or doc[start - 1].text in ("-", "’s", "'s") or "." in doc[start - 1].text)
        and not doc[start - 1].is_sent_end
        and doc[start - 1].ent_type_ != "PERSON"
    ):
        start -= 1
    if start < first and any(is_office(doc[i], doc.lang_) for i in range(start, first)):
        _add(cast, paragraph, figure, start, first)


def _add(cast: Cast, paragraph: Paragraph, figure: Figure, first: int, end: int, *, past: bool = False) -> None:
    doc = paragraph.doc
    assert doc is not None
    courtesy = cues.naming(doc.lang_, "courtesy")
    while first < end and (
        doc[first].dep_ in NO_LABEL
        or doc[first].lower_ in courtesy
        or doc[first].is_punct
        or doc[first].lower_ in ("another", "'s", "’s")
    ):
        first += 1
    if first >= end:
        return
    span = paragraph.locate(doc[first:end])
    label = " ".join(span.of(cast.text).split())
    status: RoleStatus = "current"
    if any(doc[i].lemma_.lower() in cues.evaluative(doc.lang_) for i in range(first, end)):
        status = "evaluative"
    elif past or any(_is_former(doc[i]) for i in range(first, end)):
        status = "former"
    figure.roles.setdefault(label.lower(), Role(label, status, span))


def _is_former(token: Token) -> bool:
    return token.lower_ in cues.naming(token.lang_, "former") or token.lower_.startswith("ex-")
