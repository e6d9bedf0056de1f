"""A token enters, the utterance that it introduces leaves: verbs, "according to", nouns and adjectives of saying."""

from __future__ import annotations

from functools import cache

from spacy.tokens import Token

from kg.reading import cues
from kg.reading.clauses import content_of, said_clause
from kg.reading.cues import Cue
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.lexicon import table
from kg.reading.spans import spans_of
from kg.reading.speaking import addressee, as_written, beside, can_speak, issuer, located, main_speaker
from kg.reading.syntax import (
    beyond_according,
    children,
    has_that,
    inverted_reporter,
    is_finite,
    is_negated,
    phrase,
    quoting_verb,
    second_cue_of,
    subject,
    subtree_indices,
)
from kg.reading.tags import MARKS, tag_speaker
from kg.reading.utterance import Utterance


def of_verb(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    if token.pos_ not in ("VERB", "AUX") and not token.tag_.startswith("VB"):
        return None
    cue = cues.of_verb(token, draft.language)
    if cue is None:
        return None
    who, passive = subject(token)
    first_cue = second_cue_of(token)
    if first_cue is not None:
        # "demanded that she publish her papers and threatened to sue": the second cue goes with the first.
        who, passive = subject(first_cue)
    if token.tag_ == "VBG" and cue.strong:
        who = main_speaker(token) or who
    quoted = _quoted_as_saying(token)
    if quoted is not None:
        who, passive = quoted[0], False
        cue = cues.of_verb(quoted[1], draft.language) or cue
    between = _name_behind_quote(token, quotes, paragraph) if cue.strong else None
    if between is not None and (who is None or who.i not in range(between[0].i, token.i)):
        who, passive = between[-1], False
    if who is not None and cue.strong and _is_quoted(who, quotes, paragraph):
        who = None  # "“Full panic mode,” said Lind": the parser takes what is said for the speaker
    if who is None and not passive and cue.strong:
        who = beside(token, quotes, paragraph)
    cited = _cited_as(token)
    if cited is not None:
        who, passive = subject(quoting_verb(token) or token.head.head)
    written = as_written(token, who) if cited is None else cited
    who = issuer(who, draft.language)
    if (
        (token.tag_ == "VBG" or (token.dep_ == "relcl" and _is_accorded(token.head)))
        and token.lemma_.lower() in cues.naming(draft.language, "citing")
        and any(_is_cited(c, draft.language) for c in children(token, "dobj"))
    ):
        return None  # whom a report cites is a link of its chain
    clause, rule = said_clause(token, cue, passive)
    content, rule = content_of(token, clause, cue, rule)
    if between is not None and content:
        # "“…,” coach Ana Lind said": whatever the parser makes of it, who speaks is not what is said.
        content -= set(range(between[0].i, token.i))
    if rule == "final-tag" and not passive and (speaker := tag_speaker(token)) is not None:
        who = written = speaker
    if rule == "infinitive" and clause is not None and clause.lemma_ in anonymity(draft.language):
        return None
    reporter = inverted_reporter(token)
    before = who is None and clause is not None and clause.i < token.i  # ", reported the Courier, citing officials"
    if reporter is not None and (rule == "parenthesis" or (rule == "clausal-complement" and before)):
        who = written = reporter
    if (told := _told_by_cited(token, draft.language)) is not None:
        cited, content, rule = told[0], subtree_indices(told[1]), "clausal-complement"
        content -= {mark.i for mark in children(told[1], "mark")}
    cited = cited if cited is not None else _quoted_at_the_end(token, rule)
    spans = spans_of(paragraph, content)
    if not spans and not cue.strong:
        return None
    utterance = Utterance(
        where=where,
        rule=rule or "quotation",
        cue=cue,
        cue_span=paragraph.locate(token),
        verb=token,
        speaker=who,
        speaker_span=located(paragraph, written),
        content=spans,
        addressee=addressee(token, clause, cue),
        negated=is_negated(token),
        passive=passive,
        cited=cited if cited is not None else _cited(token, clause, draft.language),
    )
    return utterance


def _name_behind_quote(verb: Token, quotes: list[Quote], paragraph: Paragraph) -> list[Token] | None:
    """Return the words between a quotation that ends in a comma and its verb, where they are a name or an office."""
    place = paragraph.span.start + verb.idx
    last = next((quote for quote in reversed(quotes) if quote.span.end <= place), None)
    if last is None or place - last.span.end > 90:
        return None
    edge = last.span.end - paragraph.span.start
    words = [t for t in verb.doc[max(0, verb.i - 14) : verb.i] if t.idx >= edge]
    if words and words[0].text == ",":
        words = words[1:]
    elif (
        verb.doc[max(0, words[0].i - 2) : words[0].i].text.strip("“”\"' ")[-1:] not in (",", "?", "!")
        if words
        else True
    ):
        return None
    if not words or words[-1].pos_ != "PROPN":
        return None
    allowed = ("PROPN", "NOUN", "ADJ", "DET", "ADP", "PART")
    return words if all(t.pos_ in allowed and t.text not in MARKS for t in words) else None


def _is_quoted(token: Token, quotes: list[Quote], paragraph: Paragraph) -> bool:
    place = paragraph.span.start + token.idx
    return any(quote.span.start < place < quote.span.end - 1 for quote in quotes)


@cache
def anonymity(language: str) -> frozenset[str]:
    """Return the verbs of "asked not to be named": a condition, nothing that is said about the matter."""
    return frozenset(row["word"] for row in table(language, "phrases") if row["class"] == "anonymity")


def _cited(verb: Token, clause: Token | None, language: str) -> Token | None:
    """Return whom the speaker cites: "the paper reported …, citing officials"; reasons are nobody ("citing costs")."""
    heads = [verb, *([clause] if clause is not None else [])]
    heads += [child for head in heads for child in children(head, "acomp", "attr", "xcomp")]
    for head in heads:
        for child in head.children:
            quoting = child.tag_ == "VBG" and child.lemma_.lower() in cues.naming(language, "citing")
            example = any(prep.lower_ == "as" for prep in children(child, "prep"))  # "citing as an example …"
            if quoting and not example and child.dep_ in ("advcl", "prep", "acl"):
                cited = next(iter(children(child, "dobj", "pobj")), None)
                return cited if cited is not None and _is_cited(cited, language) else None
    return None


def _quoted_at_the_end(verb: Token, rule: str) -> Token | None:
    """Return whom "…, the paper quoted the officials as saying" quotes: what they said stands before it."""
    if rule not in ("final-tag", "clausal-complement") or verb.lemma_.lower() not in cues.naming(verb.lang_, "quoting"):
        return None
    says = [c for prep in children(verb, "prep") if prep.lower_ == "as" for c in children(prep, "pcomp")]
    return next(iter(children(verb, "dobj")), None) if says and not children(says[0], "ccomp", "dobj") else None


def _told_by_cited(verb: Token, language: str) -> tuple[Token, Token] | None:
    """Return whom "the paper cited a source that it failed" cites, and the clause of what that one said."""
    if verb.lemma_.lower() not in cues.naming(language, "citing"):
        return None
    for whom in children(verb, "dobj"):
        clause = next((c for c in children(whom, "acl", "ccomp", "relcl") if has_that(c) and is_finite(c)), None)
        if clause is not None and _is_cited(whom, language):
            return whom, clause
    return None


def _is_cited(noun: Token, language: str) -> bool:
    """Tell whether somebody is cited, and no reason: models take "COVID-19 concerns" for a name."""
    reason = noun.pos_ == "NOUN" and noun.lemma_.lower() in cues.nouns(language)
    return can_speak(noun, language) and (not reason or noun.lemma_.lower() in cues.roles(language))


def _cited_as(participle: Token) -> Token | None:
    """Return who is quoted in "the paper quoted him as saying", "he was quoted as saying"."""
    verb = quoting_verb(participle)
    if verb is None:
        return None
    whom = next(iter(children(verb, "dobj", "nsubjpass")), None)
    if whom is not None and whom.tag_ in ("WP", "WDT") and verb.dep_ == "relcl":
        return verb.head  # "Ana Lind, who was quoted by the Courier as saying"
    return whom


def _quoted_as_saying(verb: Token) -> tuple[Token, Token] | None:
    """Return who speaks in "…, Lind was quoted as saying", the subject of the passive, and the verb of his saying."""
    if verb.lemma_.lower() not in cues.naming(verb.lang_, "quoting"):
        return None
    says = next((c for prep in children(verb, "prep") if prep.lower_ == "as" for c in children(prep, "pcomp")), None)
    who = next(iter(children(verb, "nsubjpass")), None)
    return (who, says) if who is not None and says is not None else None


def of_according(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    if token.lower_ != "according" or token.i + 1 >= len(token.doc):
        return None
    prep = token.doc[token.i + 1]
    if prep.lower_ != "to":
        return None
    who = next(iter(children(prep, "pobj", "pcomp")), None) or next(iter(children(token, "pobj")), None)
    beyond: set[int] = set()
    if who is None:
        # "According to the agency, the mayor said": the parser takes the agency for the subject of "said".
        subjects = [t for t in token.sent if t.dep_ == "nsubj" and t.left_edge.i == prep.i + 1]
        who = next((t for t in subjects if children(t, "appos")), None)
        if who is None:
            return None
        beyond = set(range(*phrase(who)))
    clause = token.head
    while clause.dep_ not in ("ROOT", "ccomp", "conj", "relcl", "advcl", "parataxis") and clause.head != clause:
        clause = clause.head
    content = subtree_indices(clause) - subtree_indices(token) - subtree_indices(prep) - beyond
    stray = beyond_according(clause)
    if stray is not None and not children(clause, "nsubj", "nsubjpass", "expl"):
        content |= subtree_indices(stray)
    for child in clause.children:
        if child.dep_ in ("cc",) or (child.dep_ == "mark"):
            content.discard(child.i)
    end = phrase(who)[1]
    if token.i - 1 > token.sent.start and token.doc[token.i - 1].text == "," and token.doc[end : end + 1].text == ",":
        # "One child was, according to the fire service, among the dead": the sentence runs on behind the comma.
        content |= set(range(end + 1, clause.sent.end)) if clause.dep_ == "ROOT" else set()
    spans = spans_of(paragraph, content)
    if not spans:
        return None
    cue = Cue("according to", "p", "state", "positive", "certain", "say")
    return Utterance(where, "according-to", cue, paragraph.locate(token.doc[token.i : token.i + 2]), token, who,
                     located(paragraph, who), spans, cited=_cited_beside(who))  # fmt: skip


def _is_accorded(noun: Token) -> bool:
    """Tell whether a noun stands behind "according to"."""
    return noun.dep_ == "pobj" and noun.head.i > 0 and noun.head.nbor(-1).lower_ == "according"


def _cited_beside(who: Token) -> Token | None:
    """Return whom a source cites itself: "according to the agency, which cited two officials"."""
    for clause in children(who, "relcl", "acl"):
        if clause.lemma_.lower() in cues.naming(who.lang_, "citing"):
            cited = next(iter(children(clause, "dobj")), None)
            return cited if cited is not None and _is_cited(cited, who.lang_) else None
    return None


def of_adjective(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    if token.pos_ not in ("ADJ", "VERB") or token.dep_ not in ("acomp", "ccomp", "ROOT", "conj"):
        return None
    cue = cues.adjectives(draft.language).get(token.lower_)
    if cue is None:
        return None
    clause = next((child for child in token.children if child.dep_ == "ccomp"), None)
    if clause is None:
        return None
    who = subject(token.head if token.dep_ == "acomp" else token)[0]
    spans = spans_of(paragraph, subtree_indices(clause) - {mark.i for mark in clause.children if mark.dep_ == "mark"})
    if who is None or not spans:
        return None
    verb = token.head if token.dep_ == "acomp" else token
    return Utterance(where, "adjective", cue, paragraph.locate(token), verb, who, located(paragraph, who), spans,
                     negated=is_negated(verb))  # fmt: skip
