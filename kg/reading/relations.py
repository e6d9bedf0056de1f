"""Statements enter, what the article itself says of them leaves: corroborated, contradicted, not verified."""

from __future__ import annotations

from spacy.tokens import Token

from kg.model import Certainty, Relation, RelationKind, Span, Statement
from kg.reading.actors import Cast, Figure
from kg.reading.draft import Draft, Paragraph
from kg.reading.lexicon import table
from kg.reading.parser import body
from kg.reading.syntax import children, is_negated, phrase

REPORTS = frozenset(
    {"report", "claim", "account", "information", "statement", "allegation", "it", "they", "this", "figure", "story",
     "footage", "video", "that", "these", "which", "accounts"}
)  # fmt: skip
HEDGES = frozenset({"appear", "seem"})


def find_relations(draft: Draft, cast: Cast) -> tuple[Relation, ...]:
    """Find sentences about the report itself ("The claims were corroborated by …", "could not be verified").

    They concern the last statement before the sentence that is not part of it.
    """
    verdicts = {row["lemma"]: row for row in table(draft.language, "verdicts")}
    found: list[Relation] = []
    keys = {figure.key: figure for figure in [cast.publisher, *cast.figures]}
    for where, paragraph in enumerate(draft.paragraphs):
        if paragraph not in body(draft) or paragraph.doc is None:
            continue
        for token in paragraph.doc:
            row = verdicts.get(token.lemma_.lower())
            if row is None or token.pos_ not in ("VERB", "AUX"):
                continue
            target = _target(draft, paragraph, token)
            subject = next((c for c in _top(token).children if c.dep_ in ("nsubjpass", "nsubj")), None)
            thing = (
                subject
                if subject is not None and subject.dep_ == "nsubjpass"
                else next(iter(children(token, "dobj")), subject)
            )
            if target is None or thing is None or thing.lemma_.lower() not in REPORTS:
                continue
            negated = _is_not(token)
            relation: RelationKind
            by: tuple[str, ...] = ()
            if row["with"] == "not":
                if not negated:
                    continue
                relation = "unverified"
            else:
                if negated:
                    continue
                relation = row["relation"]  # type: ignore[assignment]
                by = _by(cast, where, paragraph, token, subject, keys)
                if not by:
                    continue
            certainty: Certainty = "probable" if token.head.lemma_ in HEDGES else "certain"
            sentence = paragraph.locate(token.sent)
            text = draft.article.text
            end = sentence.end
            while end > sentence.start and text[end - 1].isspace():
                end -= 1
            found.append(Relation(f"r{len(found) + 1}", relation, target.key, by, certainty, Span(sentence.start, end)))
    return tuple(found)


def _top(token: Token) -> Token:
    return token.head if token.dep_ == "xcomp" and not children(token, "nsubj", "nsubjpass") else token


def _is_not(token: Token) -> bool:
    if is_negated(token) or is_negated(_top(token)):
        return True
    head = token.head
    # "has yet to be verified", "it is not possible to verify", "impossible to verify"
    return (
        any(child.lower_ == "yet" for child in [*token.children, *head.children])
        or head.lower_ in ("impossible", "unable", "unclear")
        or (head.dep_ in ("acomp", "xcomp", "ROOT") and is_negated(head.head))
        or (head.lower_ in ("possible", "able") and is_negated(head.head))
    )


def _target(draft: Draft, paragraph: Paragraph, token: Token) -> Statement | None:
    sentence = paragraph.locate(token.sent)
    before = [s for s in draft.statements if s.content[-1].end <= sentence.start and s.embedded_in is None]
    return max(before, key=lambda s: s.content[-1].end, default=None)


def _by(
    cast: Cast, where: int, paragraph: Paragraph, token: Token, subject: Token | None, keys: dict[str, Figure]
) -> tuple[str, ...]:
    heads: list[Token] = []
    for agent in children(token, "agent"):
        heads += children(agent, "pobj")
    if not heads and subject is not None and subject.dep_ == "nsubj":
        heads = [subject]
    named: list[str] = []
    for head in heads:
        for item in [head, *(t for t in head.subtree if t.dep_ in ("pobj", "conj", "nmod", "poss"))]:
            span = paragraph.locate(item.doc[slice(*phrase(item))])
            figure = cast.who(where, item, span) if item == head else None
            if item != head:
                place = paragraph.locate(item)
                figure = next((f for s, f in cast.at.get(where, ()) if s.overlaps(place)), None)
            if figure is not None and figure.key and figure.key in keys and figure.key not in named:
                named.append(figure.key)
    return tuple(named)
