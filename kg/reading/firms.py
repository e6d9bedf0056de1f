"""A parsed paragraph enters, the names of firms leave that a legal form ends: "Orlo and Lind Inc", "Mooring Ltd"."""

from __future__ import annotations

from spacy.tokens import Doc, Token
from spacy.tokens import Span as DocSpan

from kg.reading import cues

MOST = 8  # words of a firm's name
INSIDE = ("and", "&", "of", "de", "for", "-", ".", "'s", "’s")  # what may stand small between a name's words
EDGES = '>)]”"'  # a word that ends in one of them is outside of the name


def find_firms(doc: Doc, language: str) -> list[DocSpan]:
    """Find capitalised words that end in a legal form ("Inc", "Ltd", "AG"); models lose the first of them.

    In text order, never overlapping; linear.
    """
    forms = cues.naming(language, "legal-form")
    found: list[DocSpan] = []
    used = 0
    for token in doc:
        if token.lower_.rstrip(".") not in forms or not token.text[:1].isupper() or token.i < used:
            continue
        after = doc[token.i + 1] if token.i + 1 < len(doc) else None
        if after is not None and after.lower_.rstrip(".") in forms and after.text[:1].isupper():
            continue  # "Orlo Co Ltd": the last one ends the name
        if after is not None and after.pos_ == "PROPN" and after.text[:1].isupper() and token.whitespace_:
            continue  # "the AG Ana Lind" is somebody's office
        first = _first(doc, token.i, used, forms, language)
        words = [word for word in doc[first : token.i] if word.is_alpha]
        if words and not all(word.lower_.rstrip(".") in forms for word in words):
            found.append(doc[first : token.i + 1])
            used = token.i + 1
    return found


def _first(doc: Doc, last: int, stop: int, forms: frozenset[str], language: str) -> int:
    """Return the first word of the name that a legal form ends."""
    first = last
    while first > stop and last - first < MOST:
        before = doc[first - 1]
        if _is_word(before, language):
            first -= 1
        elif before.lower_ in INSIDE and first - 2 >= stop and _is_word(doc[first - 2], language):
            if doc[first - 2].lower_.rstrip(".") in forms or not _joins(doc, first - 1, last):
                break
            first -= 2
        else:
            break
    return first


def _is_word(token: Token, language: str) -> bool:
    if token.is_sent_start and (token.is_stop or token.pos_ in ("ADP", "SCONJ", "CCONJ", "ADV", "PRON", "DET", "VERB")):
        return False
    if cues.roles(language).get(token.lower_) == "person":
        return False  # "Chairman Orlo Lind Inc"
    return (token.text[:1].isupper() or token.text[:1].isdigit()) and token.text[-1] not in EDGES and not token.is_space


def _joins(doc: Doc, at: int, last: int) -> bool:
    """Tell whether a small word joins two words of one name: of two firms in a row each would have its own form."""
    if doc[at].lower_ not in ("and", "&"):
        return True
    whole = any(entity.start < at < entity.end for entity in doc.ents)
    return at + 1 == last or whole or bool(doc[max(0, at - 1)].is_sent_start)
