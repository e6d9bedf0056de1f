"""A parsed paragraph and the names known in it enter, the persons leave whom only their place in a sentence shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spacy.tokens import Doc, Token
from spacy.tokens import Span as DocSpan

from kg.reading import cues

MOST = 4  # words of a person's name
OLD = (5, 110)  # years of age of who is in the news
APART = 6  # tokens from a name to the noun that says what somebody is


def find_persons(doc: Doc, taken: Iterable[tuple[int, int]], language: str) -> list[DocSpan]:
    """Find two to four capitalised words that no name covers, where somebody's name stands.

    That is: the holder of an office in apposition ("Ana Lind, the mayor of Oldwick,", "the mayor, Ana Lind,"), the
    subject of "is the mayor", or the subject of a verb of saying. ``taken`` are token ranges [first, end) of the names
    that are known already. In text order; linear.
    """
    used = {i for first, end in taken for i in range(first, end)}
    found: list[DocSpan] = []
    for head in doc:
        if head.pos_ != "PROPN" or not head.text[:1].isupper() or (head.i + 1 < len(doc) and _goes_on(head)):
            continue
        first = head.i
        while first > 0 and first - 1 not in used and _goes_on(doc[first - 1]):
            first -= 1
        piece = doc[first : head.i + 1]
        if not 2 <= len(piece) <= MOST or used & set(range(piece.start, piece.end)):
            continue
        if _is_somebody(piece, language) and any(_stands_for_a_person(head, language)):
            found.append(piece)
    return found


def is_shown(piece: DocSpan, language: str) -> bool:
    """Tell whether what stands behind a name is said of persons alone: "Lind, 49,", "Lind, a former nurse,".

    The model takes a surname that is a town's or a firm's too for the town or the firm.
    """
    if not all(token.is_title and token.pos_ == "PROPN" for token in piece) or len(piece) > MOST:
        return False
    if piece.end + 1 >= len(piece.doc) or piece.doc[piece.end].text != ",":
        return False
    age, close = piece.doc[piece.end + 1], piece.doc[piece.end + 2 : piece.end + 3].text
    if close == "," and age.text.isascii() and age.text.isdigit() and OLD[0] <= int(age.text) <= OLD[1]:
        return True
    return any(
        child.dep_ == "appos" and is_office(child, language) and child.i - piece.end <= APART
        for child in piece.root.children
    )


def _goes_on(token: Token) -> bool:
    """Tell whether a token and the one behind it are one name."""
    after = token.nbor(1)
    return token.pos_ == after.pos_ == "PROPN" and token.head.i <= after.i + 2 and token.text[:1].isupper()


def _is_somebody(piece: DocSpan, language: str) -> bool:
    """Tell whether none of the words is one of bodies, places or offices, and each looks like a word of a name."""
    bodies, places = cues.naming(language, "body"), cues.naming(language, "place-word")
    return all(
        token.is_title
        and token.is_alpha
        and token.ent_type_ in ("", "PERSON", "ORG")
        and token.lower_ not in bodies
        and token.lower_ not in places
        and token.lower_ not in cues.roles(language)
        for token in piece
    )


def _stands_for_a_person(head: Token, language: str) -> Iterator[bool]:
    yield any(child.dep_ == "appos" and is_office(child, language) for child in head.children)
    yield head.dep_ == "appos" and _apposed_to_office(head, language)
    if head.dep_ == "nsubj":
        verb = head.head
        yield verb.lemma_ == "be" and any(c.dep_ == "attr" and is_office(c, language) for c in verb.children)
        cue = cues.verbs(language).get(verb.lemma_.lower())
        yield cue is not None and "s" in cue.takes and verb.tag_ in ("VBD", "VBZ")


def _apposed_to_office(head: Token, language: str) -> bool:
    """Tell whether an office stands before the name; the parser hangs "Lind" of "mayor of Oldwick, Ana Lind" deeper."""
    node = head.head
    for _ in range(3):
        if is_office(node, language):
            return True
        if node.dep_ not in ("pobj", "prep", "poss") or node.head == node:
            return False
        node = node.head
    return False


def is_office(noun: Token, language: str) -> bool:
    """Tell whether a noun says what one person is: "mayor", "spokeswoman"."""
    return cues.roles(language).get(noun.lemma_.lower()) == "person" and noun.tag_ not in ("NNS", "NNPS")
