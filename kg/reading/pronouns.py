"""A pronoun enters, the source that it means leaves: whom its sentence binds it to, else last speaker or subject."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from spacy.tokens import Token

from kg.model import Span
from kg.reading import cues
from kg.reading.draft import Paragraph
from kg.reading.syntax import children, phrase
from kg.reading.weighing import chosen

if TYPE_CHECKING:
    from kg.reading.actors import Cast, Figure

HE = {"he": "m", "him": "m", "his": "m", "she": "f", "her": "f", "hers": "f"}
TURN = 1200  # characters that a pronoun may stand behind the last speaker's last mention
PASSED = 5  # sentences back in which somebody may have been brought in
CLIMB = 8  # clauses above a pronoun's own that are looked at


def meant_by(
    cast: Cast, where: int, head: Token, *, before: Figure | None, barred: Collection[Figure] = ()
) -> Figure | None:
    """Return whom a pronoun means; None for nobody that is known, and for "there" and "what".

    ``before`` is the last speaker. ``barred`` are those whom it can't mean: who says something doesn't name himself in
    it ("He said Lind was ill" is another man than Lind), nor is he told by himself ("Lind had told him").
    """
    paragraph = cast.draft.paragraphs[where]
    place = paragraph.locate(head).start
    word = head.lower_
    if word in ("i", "we", "me", "us", "you", "there", "what"):
        return before if word in ("i", "we", "me") else None
    if word in HE:
        beside = _subject_beside(cast, where, paragraph, head)
        out = [*barred, *([beside] if beside is not None else [])]
        return _person(cast, where, head, before, out)
    if word in ("they", "them", "their"):
        groups = [f for f in cast.figures if f.kind in ("group", "organization") or (f.number or 0) > 1 or f.unnamed]
        return _latest(groups, place, before)
    if word in ("it", "which", "its"):
        things = [f for f in cast.figures if f.kind in ("organization", "outlet", "document", "channel", "place")]
        return _latest(things, place, before)
    return None


def _subject_beside(cast: Cast, where: int, paragraph: Paragraph, pronoun: Token) -> Figure | None:
    """Return the subject of the verb whose object a pronoun is: in "Lind had told her" nobody is told by herself."""
    if pronoun.dep_ not in ("dobj", "dative", "pobj"):
        return None
    verb = pronoun.head if pronoun.dep_ != "pobj" else pronoun.head.head
    who = next(iter(children(verb, "nsubj")), None)
    return cast.named_at(where, paragraph.locate(who)) if who is not None else None


def _just_named(cast: Cast, where: int, paragraph: Paragraph, pronoun: Token) -> Figure | None:
    """ "And the head of the fund, Ana Lind, she has explained": spoken language names first and says "she" then."""
    if pronoun.i < 2 or pronoun.nbor(-1).text != "," or pronoun.dep_ not in ("nsubj", "nsubjpass"):
        return None
    before = pronoun.nbor(-2)
    if before.pos_ != "PROPN" or before.sent.start != pronoun.sent.start or before.dep_ in ("pobj", "dobj"):
        return None
    figure = cast.named_at(where, paragraph.locate(before))
    return figure if figure is not None and figure.kind == "person" else None


def _person(cast: Cast, where: int, pronoun: Token, before: Figure | None, barred: Collection[Figure]) -> Figure | None:
    """Return whom "he" or "she" means: whom its own sentence binds it to, else the last speaker.

    Rather than the last speaker it means who is the subject of a later sentence; without a last speaker the latest
    subject, else the nearest person.
    """
    place = cast.draft.paragraphs[where].locate(pronoun).start
    gender = HE[pronoun.lower_]
    people = [f for f in cast.figures if f.kind == "person" and (f.number or 1) == 1 and f.gender in ("", gender)]
    people = [f for f in people if not _is_anybody(f, pronoun.lang_) and not any(f is other for other in barred)]
    choice: Figure | None = _bound(cast, where, pronoun, people)
    why = "the subject or object of a clause that it stands under or beside"
    if choice is None and any(before is f for f in people) and before is not None:
        since = before.last_before(place)
        if place - since < TURN:
            choice, why = before, "the last speaker"
            later = max(people, key=lambda f: max((s for s in f.leads if since < s < place), default=-1))
            if any(since < s < place for s in later.leads):
                choice, why = later, "the subject of a sentence since the last speaker"
            elif (beside := _only_one_beside(cast, where, pronoun, people, before)) is not None:
                choice, why = beside, "the only person of the sentence before"
    if choice is None:
        why = "the latest subject"
        choice = max(people, key=lambda f: max((s for s in f.subjects if s < place), default=-1), default=None)
        if choice is None or not any(s < place for s in choice.subjects):
            choice, why = max(people, key=lambda f: f.last_before(place), default=None), "the nearest person"
    since = choice.last_before(place) if choice is not None else -1
    described = _described(cast, where, pronoun, since)
    if described is not None and (figure := cast.who(where, described, _written(cast, where, described))) is not None:
        choice, why = figure, "somebody without a name whom a later clause has for its subject"
    if choice is None or choice.last_before(place) < 0:
        return None
    chosen(place, choice, people, why)
    choice.gender = choice.gender or gender
    return choice


def _only_one_beside(cast: Cast, where: int, pronoun: Token, people: list[Figure], before: Figure) -> Figure | None:
    """Return the only person whom the sentence before names, in one paragraph; None where the last speaker is there.

    "For Roth, a teacher, it was a loss. He said": the last speaker of the paragraph before is another man.
    """
    start = pronoun.sent.start
    if start == 0:
        return None
    paragraph = cast.draft.paragraphs[where]
    first, last = pronoun.doc[start - 1].sent, pronoun.doc[start - 1]
    span = Span(paragraph.locate(first).start, paragraph.locate(last).end)
    if any(span.contains(place) for place in before.mentions):
        return None
    if any(HE.get(token.lower_) == HE[pronoun.lower_] for token in first):
        return None  # "She had met her rival, Ruth Berg, before. … she said": the last speaker goes on
    if any(quote.span.overlaps(span) for quote in cast.draft.quotes):
        return None
    named = [f for f in people if any(span.contains(place) for place in f.mentions)]
    return named[0] if len(named) == 1 else None


def _described(cast: Cast, where: int, pronoun: Token, since: int) -> Token | None:
    """Return a person without a name whom this sentence or the one before brings in: "There was a woman", "My husband".

    The nearest of those that stand behind ``since``, that no figure is yet, and whose noun fits the pronoun's gender.
    Sentences that go on with the same pronoun are passed, and one that does not ("There was a woman. She was sad. She
    said").
    """
    paragraph, doc, language = cast.draft.paragraphs[where], pronoun.doc, pronoun.lang_
    first, silent = pronoun.sent.start, 0
    for _ in range(PASSED):
        if first == 0 or silent == 2:
            break
        before = doc[first - 1].sent
        first = before.start
        goes_on = any(HE.get(t.lower_) == HE[pronoun.lower_] and t.dep_ in ("nsubj", "nsubjpass") for t in before)
        silent = 0 if goes_on else silent + 1
    for token in reversed(doc[first : pronoun.i]):
        place = paragraph.locate(token)
        if place.start <= since:
            return None
        subject = token.dep_ == "nsubj" or (
            token.dep_ == "attr" and any(child.dep_ == "expl" for child in token.head.children)
        )
        if not subject or token.pos_ != "NOUN" or token.tag_ != "NN":
            continue
        if cues.roles(language).get(token.lemma_.lower()) != "person" or token.lemma_.lower() in cues.naming(
            language, "anybody"
        ):
            continue
        if cues.gender_of([token.lemma_], language) not in ("", HE[pronoun.lower_]):
            continue
        if any(quote.span.overlaps(place) for quote in cast.draft.quotes):
            continue
        return token
    return None


def _written(cast: Cast, where: int, token: Token) -> Span:
    return cast.draft.paragraphs[where].locate(token.doc[slice(*phrase(token))])


def _is_anybody(figure: Figure, language: str) -> bool:
    """Tell whether a source is nobody certain, whom no "he" takes up: "everyone", "the average person"."""
    return figure.unnamed and figure.head in cues.naming(language, "anybody")


def _bound(cast: Cast, where: int, pronoun: Token, people: list[Figure]) -> Figure | None:
    """Return whom the pronoun's own sentence binds it to, the name right before it first.

    Of each clause above or before the pronoun's, the nearest first: its subject, else whose the subject is ("Lind's
    sister asked him, but he declined"), else its object ("The press asked Lind, but he declined"). A clause that
    stands before the main one counts too ("After Lind was hurt, she said").
    """
    if pronoun.dep_ not in ("nsubj", "nsubjpass"):
        return None
    named = _just_named(cast, where, cast.draft.paragraphs[where], pronoun)
    if named is not None:
        return named
    for verb in _clauses(pronoun):
        subject = next((c for c in verb.children if c.dep_ in ("nsubj", "nsubjpass") and c.i < pronoun.i), None)
        if subject is None or subject == pronoun:
            continue
        owners = children(subject, "poss")
        objects = [c for c in verb.children if c.dep_ in ("dobj", "dative") and c.i < pronoun.i]
        if subject.lower_ in HE and HE[subject.lower_] == HE[pronoun.lower_] and verb.sent == pronoun.sent:
            figure = _figure_at(cast, where, subject) or _bound(cast, where, subject, people)
            return figure if any(figure is one for one in people) else None
        for token in (subject, *owners, *objects):
            figure = _figure_at(cast, where, token)
            if figure is not None and any(figure is one for one in people):
                return figure
            if token == subject and figure is not None and figure.kind == "person" and figure.gender == "":
                break
    return None


def _clauses(pronoun: Token) -> Iterator[Token]:
    """Yield the verbs of the clauses above the pronoun's own, and of those that stand before it, the nearest first."""
    verb = pronoun.head
    before = [child for child in verb.children if child.dep_ in ("advcl", "ccomp", "parataxis") and child.i < pronoun.i]
    for child in reversed(before):
        yield child
        yield from (inner for inner in child.children if inner.dep_ == "ccomp" and inner.i > child.i)
    for _ in range(CLIMB):
        if verb.head == verb:
            return
        verb = verb.head
        if verb.pos_ in ("VERB", "AUX"):
            yield verb


def _figure_at(cast: Cast, where: int, token: Token) -> Figure | None:
    place = cast.draft.paragraphs[where].locate(token)
    named = cast.named_at(where, place)
    if named is not None:
        return named
    return next((f for f in cast.figures if any(span.contains(place) for span in f.mentions)), None)


def _latest(figures: list[Figure], place: int, before: Figure | None) -> Figure | None:
    if before is not None and any(before is f for f in figures) and before.last_before(place) >= 0:
        chosen(place, before, figures, "the last speaker")
        return before
    choice = max(figures, key=lambda f: f.last_before(place), default=None)
    if choice is None or choice.last_before(place) < 0:
        return None
    chosen(place, choice, figures, "the nearest of its kind")
    return choice


def named_in(cast: Cast, where: int, spans: Collection[Span]) -> list[Figure]:
    """Return the figures whose names stand inside spans of a paragraph."""
    return [figure for place, figure in cast.at.get(where, ()) if any(span.contains(place) for span in spans)]
