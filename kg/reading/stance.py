"""An utterance enters; its act, polarity, certainty, modality and mode leave."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice

from spacy.tokens import Token

from kg.model import Act, Certainty, Modality, Mode, Polarity, Span
from kg.reading import cues
from kg.reading.draft import Draft
from kg.reading.lexicon import table
from kg.reading.syntax import has_infinitive_mark, is_negated
from kg.reading.told import Told
from kg.reading.utterance import Utterance

SENTENCE = re.compile(r"(?<=[.!?])[”\"’']? (?:… )?(?=[“\"‘']?[A-Z])| … ")


@cache
def _classes(kind: str, language: str) -> frozenset[str]:
    return frozenset(row["word"] for row in table(language, "phrases") if row["class"] == kind)


def stance(draft: Draft, item: Told) -> tuple[Act, Polarity, Certainty]:
    utterance = item.utterance
    cue = utterance.cue
    act, polarity, certainty = cue.act, cue.polarity, cue.certainty
    text = draft.article.text
    words = " ".join(span.of(text) for span in item.content)
    main = _main_verb(draft, item)
    if utterance.rule == "infinitive" and cue.lemma == "tell":
        act, certainty = "urge", "underspecified"
    sentences = [part for span in item.content for part in SENTENCE.split(text[span.start : span.end + 1])]
    first = sentences[0]
    if act == "state" and all(sentence.rstrip("”\"'’ ").endswith("?") for sentence in (first, sentences[-1])):
        act = "ask"  # "Who asked us?" behind two statements makes them no question
    if act == "state" and cue.lemma in ("tell", "say") and utterance.verb is not None:
        clause = next(
            (
                c
                for c in utterance.verb.children
                if c.dep_ in ("xcomp", "ccomp")
                and c.tag_ == "VB"
                and has_infinitive_mark(c)
                and c.doc[c.left_edge.i - 1].text != ","
            ),
            None,
        )
        if clause is not None:
            act, certainty = "urge", "underspecified"
    denial = {word.lower() for word in re.findall(r"\w+", first)} & _classes("denial", draft.language)
    if act in ("state", "allege") and (denial or _has(first, "denial-phrase", draft)) and len(first.split()) <= 14:
        claims = {word.removesuffix("s") for word in re.findall(r"\w+", first.lower())} & cues.nouns(
            draft.language
        ).keys()
        act = "deny" if utterance.rule != "called" or claims else "criticize"
    if act == "state" and _has(first, "says-nothing", draft):
        act, polarity = "refuse", "negative"
    if act == "state" and item.utterance.quotes and _is_order(draft, item):
        act = "urge"
    if act == "state" and (_is_report(utterance.speaker) or _is_outlets(item)):
        act = "report"
    if act == "report" and cue.lemma in ("find", "determine") and _is_court(utterance.speaker):
        act = "state"  # a finding of law is no report
    if act == "state" and utterance.rule not in ("called", "noun-speech") and cue.lemma == "describe":
        act = "report"
    if act == "state" and main is not None and main.lemma_.lower() in _classes("forecast", draft.language):
        act = "predict"
    act, polarity = _by_object(utterance, act, polarity)
    if act == "state" and utterance.rule == "called" and _has_word(words, "scathing", draft):
        act = "criticize"
    negative_clause = main is not None and (is_negated(main) or _holds_nothing(main))
    if utterance.negated and cue.lemma in ("say", "tell"):
        certainty = "underspecified"  # "did not say that": nothing is held
    if utterance.negated and cue.lemma not in ("say", "tell") and utterance.rule != "plea":
        polarity = "positive" if polarity == "negative" else "negative"
    elif negative_clause and polarity == "positive":
        polarity = "negative"
    if certainty == "certain":
        lower = {word.lower() for word in re.findall(r"[\w']+", words)[:14]}
        if lower & _classes("possible", draft.language):
            certainty = "possible"
        elif lower & _classes("probable", draft.language):
            certainty = "probable"
    if act in ("urge", "ask", "offer", "threaten", "promise", "refuse") and certainty == "certain":
        certainty = "underspecified"
    return act, polarity, certainty


def _by_object(utterance: Utterance, act: Act, polarity: Polarity) -> tuple[Act, Polarity]:
    """Return what the object makes of a verb: "rejected the offer" refuses, "voiced doubt" doubts."""
    lemma = utterance.cue.lemma
    if utterance.rule == "plea" and utterance.verb is not None:
        after = utterance.verb.doc[utterance.verb.i + 1 : utterance.verb.i + 4]
        return ("deny", "negative") if any(word.lower_ == "not" for word in after) else ("admit", "positive")
    if utterance.rule == "infinitive" and lemma in ("advise", "counsel", "recommend", "caution") and act == "suggest":
        return "urge", polarity
    if utterance.rule != "noun-phrase" or utterance.verb is None:
        return act, polarity
    noun = next((c for c in utterance.verb.children if c.dep_ == "dobj" and c.pos_ == "NOUN"), None)
    if noun is None:
        return act, polarity
    if lemma == "claim" and noun.lemma_.lower() in _classes("claimed", noun.lang_):
        return "state", polarity  # "claimed responsibility" alleges nothing
    if lemma == "accept" and noun.lemma_.lower() in ("responsibility", "blame"):
        return "admit", polarity
    known = cues.nouns(noun.lang_).get(noun.lemma_.lower())
    that = any(c.dep_ in ("acl", "ccomp", "relcl") and any(m.dep_ == "mark" for m in c.children) for c in noun.children)
    if act == "deny" and not that and lemma in _classes("turns-down", noun.lang_):
        offered = known is not None and known.act in ("offer", "ask", "urge", "suggest", "threaten", "promise")
        return ("refuse" if offered or noun.lemma_.lower() in _classes("offered", noun.lang_) else act), polarity
    if lemma in _classes("puts-forward", noun.lang_):
        if noun.lemma_.lower() in _classes("intent", noun.lang_):
            return "promise", polarity
        if known is not None:
            return known.act, known.polarity
    return act, polarity


def _holds_nothing(verb: Token) -> bool:
    """Tell whether a clause is negative by its subject or object: "there was no crack", "nothing had been agreed"."""
    return any(
        child.left_edge.lower_ in ("no", "nothing", "nobody", "none", "neither", "not")
        for child in verb.children
        if child.dep_ in ("nsubj", "nsubjpass", "dobj", "attr")
    )


def _has_word(words: str, kind: str, draft: Draft) -> bool:
    return any(word in _classes(kind, draft.language) for word in re.findall(r"[a-z]+", words.lower()))


@cache
def _any_of(kind: str, language: str) -> re.Pattern[str]:
    """Return what finds a phrase of a class that ends with a word; nothing where the class is empty."""
    phrases = "|".join(re.escape(phrase) for phrase in sorted(_classes(kind, language)))
    return re.compile(rf"(?:{phrases})\b" if phrases else r"(?!)")


def _has(words: str, kind: str, draft: Draft) -> bool:
    plain = " ".join(words.lower().replace("’", "'").split())
    return _any_of(kind, draft.language).search(plain) is not None


def _is_outlets(item: Told) -> bool:
    """Tell whether an outlet is named for what it reports: "according to the Gazette", "the Gazette revealed"."""
    known = item.utterance.rule == "according-to" or item.utterance.cue.lemma in ("reveal", "disclose")
    return known and item.speaker is not None and item.speaker.kind == "outlet"


def _is_order(draft: Draft, item: Told) -> bool:
    """Tell whether a quotation opens with an imperative: “Publish the papers”, “Please, do not come”."""
    paragraph = draft.paragraphs[item.utterance.where]
    if not paragraph.doc:
        return False
    start = item.content[0].start - paragraph.span.start
    last = paragraph.doc[-1]
    inside = paragraph.doc.char_span(start, last.idx + len(last), alignment_mode="contract") or ()
    opening = list(islice((token for token in inside if token.is_alpha), 4))
    while opening and opening[0].lower_ in _classes("before-order", draft.language):
        opening = opening[1:]
    if not opening or opening[0].tag_ != "VB" or opening[0].lower_ in ("be", "have"):
        return False
    verb = opening[0].head if opening[0].dep_ == "aux" else opening[0]
    return not any(child.dep_ in ("nsubj", "nsubjpass", "expl") and child.i < verb.i for child in verb.children)


def _is_report(speaker: Token | None) -> bool:
    """Tell whether the speaker is a report itself: "reports said", "a news report"."""
    return speaker is not None and speaker.lemma_.lower() in _classes("account", speaker.lang_)


def _is_court(speaker: Token | None) -> bool:
    return speaker is not None and speaker.lemma_.lower() in _classes("bench", speaker.lang_)


def _main_verb(draft: Draft, item: Told) -> Token | None:
    """Return the verb at the top of the content's first clause."""
    paragraph = draft.paragraphs[item.utterance.where]
    if paragraph.doc is None:
        return None
    at = paragraph.span.start
    for first in item.content[:2]:
        inside = paragraph.doc.char_span(first.start - at, first.end - at, alignment_mode="expand") or ()
        ids = {t.i for t in inside}
        tops = [t for t in inside if t.pos_ in ("VERB", "AUX") and (t.head.i not in ids or t.head is t)]
        tops = [t for t in tops if not _is_condition(t)]
        if tops:
            return tops[0]
    return None


def _is_condition(verb: Token) -> bool:
    """ "If it did not, they would walk out" asserts what follows."""
    return any(
        c.dep_ == "mark" and c.lower_ in ("if", "unless", "because", "although", "though") for c in verb.children
    )


def modality(draft: Draft, item: Told) -> Modality | None:
    text = draft.article.text
    if text[item.content[-1].end : item.content[-1].end + 1] == "?":
        return "question"
    main = _main_verb(draft, item)
    if main is None:
        return None
    helpers = {child.lower_ for child in main.children if child.dep_ == "aux"}
    for kind in ("obligation", "conditional", "intention"):
        if helpers & _classes(kind, draft.language):
            return kind
    return None


def mode(content: tuple[Span, ...], quoted: tuple[Span, ...]) -> Mode:
    if not quoted:
        return "indirect"
    size = sum(map(len, content))
    inside = sum(max(0, min(a.end, b.end) - max(a.start, b.start)) for a in content for b in quoted)
    return "direct" if inside >= 0.9 * size else "mixed"
