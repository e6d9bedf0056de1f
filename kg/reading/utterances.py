"""Parsed paragraphs and quotations enter, utterances leave: cue, content and speaker as words, not yet as sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from spacy.tokens import Doc, Token

from kg.model import Span
from kg.reading import cues
from kg.reading.cues import Cue
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.lexicon import table
from kg.reading.syntax import children, is_negated, phrase, runs, subject, subtree_indices

NEAR = 120  # characters between a quotation and a cue that may claim it, within one sentence
FLOAT = 260  # characters back to the last speaker for a quotation without a cue
FEWEST = 2  # tokens of content


@dataclass(slots=True)
class Utterance:
    """A statement in the making; offsets count in the article, tokens in the paragraph's parse."""

    where: int
    rule: str
    cue: Cue
    cue_span: Span | None
    verb: Token | None
    speaker: Token | None
    speaker_span: Span | None
    content: list[Span]
    addressee: Token | None = None
    negated: bool = False
    passive: bool = False
    quotes: list[Quote] = field(default_factory=list)
    inherits: "Utterance | None" = None

    @property
    def start(self) -> int:
        return min(span.start for span in self.content)

    @property
    def end(self) -> int:
        return max(span.end for span in self.content)


def find_utterances(draft: Draft) -> list[Utterance]:
    """Find all utterances of the story and the titles, in text order; nested ones are kept."""
    found: list[Utterance] = []
    last: Utterance | None = None
    waiting: Utterance | None = None
    for where, paragraph in enumerate(draft.paragraphs):
        if paragraph.doc is None or paragraph.kind not in ("body", "title"):
            continue
        quotes = [quote for quote in draft.quotes if paragraph.span.start <= quote.span.start < paragraph.span.end]
        here = _in_paragraph(draft, where, paragraph, quotes)
        if waiting is not None and quotes and quotes[0].span.start - paragraph.span.start <= 1:
            # "He said:" and the quotation in a paragraph of its own.
            waiting.where = where
            _absorb(waiting, quotes[0])
            found.append(waiting)
            last, quotes = waiting, quotes[1:]
        bare = [item for item in here if item.cue.strong and not item.content and item.speaker is not None]
        here = _with_quotes(draft, where, paragraph, quotes, here, last)
        ends = paragraph.span.of(draft.article.text).rstrip().endswith(":")
        waiting = bare[-1] if ends and bare and not bare[-1].content else None
        here.sort(key=lambda item: (item.start, -item.end))
        found += here
        if here:
            quoted = [item for item in here if item.quotes]
            last = (quoted or here)[-1]
    return found


def _in_paragraph(draft: Draft, where: int, paragraph: Paragraph, quotes: list[Quote]) -> list[Utterance]:
    assert paragraph.doc is not None
    found: list[Utterance] = []
    for token in paragraph.doc:
        place = paragraph.span.start + token.idx
        if any(quote.span.start < place < quote.span.end - 1 for quote in quotes):
            continue
        for make in (_of_verb, _of_according, _of_noun, _of_adjective):
            item = make(draft, where, paragraph, token, quotes)
            if item is not None:
                found.append(item)
                break
    return found


def _of_verb(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    if token.pos_ not in ("VERB", "AUX") and not token.tag_.startswith("VB"):
        return None
    cue = cues.verbs(draft.language).get(token.lemma_.lower())
    if cue is None:
        return None
    who, passive = subject(token)
    if token.tag_ == "VBG" and cue.strong:
        who = _main_speaker(token) or who
    if who is None and not passive and cue.strong:
        who = _beside(token, quotes, paragraph)
    written = _written(token, who)
    who = _issuer(who, draft.language)
    clause, rule = _clause(token, cue, passive)
    content: set[int] = set()
    if clause is not None:
        content = subtree_indices(clause)
        if rule in ("parenthesis", "as"):
            content -= subtree_indices(token)
        content -= _not_content(token, clause)
    if rule == "called" and clause is not None:
        # "called the raid “cowardly”", "described him as a liar": the object is what it is said of.
        for child in token.children:
            if child.dep_ in ("dobj", "prep", "dative") and token.i < child.i <= clause.i:
                content |= subtree_indices(child)
        if token.i < clause.i:
            content |= set(range(token.i + 1, clause.right_edge.i + 1)) if clause.right_edge.i - token.i < 40 else set()
    if rule == "noun-phrase" and clause is not None:
        content = _without_asides(clause)
    if rule in ("clausal-complement", "") and clause is not None and clause.i > token.i:
        content |= _stray_subject(token, clause)
    if clause is not None and clause.i < token.i and rule in ("clausal-complement", "parenthesis"):
        content |= _after_parenthesis(token, content)
    if rule in ("", "noun-phrase") and cue.lemma in OPEN_CLAUSE:
        opened = _open_clause(token)
        if opened:
            content, rule = opened, "open-clause"
    spans = _spans(paragraph, content)
    if not spans and not cue.strong:
        return None
    utterance = Utterance(
        where=where,
        rule=rule or "quotation",
        cue=cue,
        cue_span=paragraph.locate(token),
        verb=token,
        speaker=who,
        speaker_span=_located(paragraph, written),
        content=spans,
        addressee=_addressee(token, clause, cue),
        negated=is_negated(token),
        passive=passive,
    )
    return utterance


OPEN_CLAUSE = frozenset(
    {"say", "state", "claim", "report", "announce", "confirm", "indicate", "allege", "add", "argue", "note"}
)


def _without_asides(head: Token) -> set[int]:
    """Return the tokens of a noun phrase without relative clauses and appositions set off by commas."""
    out = subtree_indices(head)
    for token in head.subtree:
        if token.dep_ in ("relcl", "appos", "advcl") and token.head.i in out:
            before = token.doc[token.left_edge.i - 1] if token.left_edge.i else None
            if before is not None and before.text in (",", "—", "–", "("):
                out -= subtree_indices(token)
    return out


def _stray_subject(verb: Token, clause: Token) -> set[int]:
    """ "indicated a homicide probe is ongoing": the clause's subject hangs under the cue as its object."""
    if children(clause, "nsubj", "nsubjpass", "expl", "csubj"):
        return set()
    strays = [
        c
        for c in verb.children
        if c.dep_ in ("dobj",) and verb.i < c.i < clause.i and c.right_edge.i + 1 == clause.left_edge.i
    ]
    if not strays or clause.tag_ not in ("VBD", "VBZ", "VBP", "VBN", "MD"):
        return set()
    return subtree_indices(strays[-1])


def _open_clause(verb: Token) -> set[int]:
    """ "saying an attack on the base produced no casualties": a clause without "that" which the parser took apart."""
    stray = next((c for c in verb.children if c.dep_ == "dobj" and c.i > verb.i), None)
    if stray is None or stray.lower_ in ("it", "so", "this", "that", "what", "something", "nothing"):
        return set()
    stop = verb.i + 1
    finite = False
    for token in verb.doc[verb.i + 1 : verb.sent.end]:
        if token.text in (";", "“", '"', "``") or (token.text == "," and finite):
            break
        finite = finite or (token.tag_ in ("VBD", "VBZ", "VBP", "MD") and token.dep_ != "relcl" and token.i > stray.i)
        stop = token.i + 1
    return set(range(verb.i + 1, stop)) if finite else set()


def _after_parenthesis(verb: Token, content: set[int]) -> set[int]:
    """ "The rail would be examined, Roberts said, to determine why": what goes on after the second comma is said as well."""
    edge = max(
        [
            verb.i,
            *(
                c.right_edge.i
                for c in verb.children
                if c.dep_ in ("nsubj", "prt", "dobj", "dative") and c.i not in content
            ),
        ]
    )
    doc = verb.doc
    if edge + 2 >= verb.sent.end or doc[edge + 1].text != ",":
        return set()
    first = doc[edge + 2]
    if (
        first.tag_ in ("VBG", "VBN")
        or first.lower_
        in ("as", "while", "after", "before", "when", "according", "who", "whose", "with", "though", "although")
        or first.text in ("“", '"', "``")
    ):
        return set()
    return set(range(edge + 2, verb.sent.end))


def _written(verb: Token, who: Token | None) -> Token | None:
    """Return the speaker as it stands at the cue: the relative pronoun rather than what it refers to."""
    own = next(
        (child for child in verb.children if child.dep_ == "nsubj" and child.lower_ in ("who", "which", "that")), None
    )
    return own if own is not None and who is not None else who


def _main_speaker(participle: Token) -> Token | None:
    """ "…, adding that": a participle set off by a comma speaks for the subject of the cue before it in the sentence."""
    before = participle.doc[participle.i - 1] if participle.i > participle.sent.start else None
    if before is None or before.text not in (",", "”", '"', "''"):
        return None
    for token in reversed(participle.doc[participle.sent.start : participle.i]):
        cue = cues.verbs("en").get(token.lemma_.lower())
        if cue is not None and cue.strong and token.tag_ in ("VBD", "VBZ", "VBP", "VBN") and token.pos_ == "VERB":
            who, passive = subject(token)
            if who is not None and not passive:
                return who
    return None


@cache
def _media(language: str) -> frozenset[str]:
    return frozenset(row["lemma"] for row in table(language, "media"))


def _issuer(who: Token | None, language: str) -> Token | None:
    """Return whose statement, letter or post it is; the noun itself where the sentence does not tell."""
    if who is None or who.lemma_.lower() not in _media(language):
        return who
    owner = next(iter(children(who, "poss")), None)
    if owner is not None:
        return owner
    for prep in children(who, "prep"):
        if prep.lower_ in ("from", "by", "of"):
            return next(iter(children(prep, "pobj")), who)
    if who.dep_ == "dobj" and who.head.pos_ == "VERB":
        return subject(who.head)[0] or who
    return who


def _beside(verb: Token, quotes: list[Quote], paragraph: Paragraph) -> Token | None:
    """ "…,” Bozell notes.": the parser took the cue for a noun; the name between quotation and cue is the speaker."""
    after_quote = any(0 <= paragraph.span.start + verb.idx - quote.span.end <= 2 for quote in quotes)
    if after_quote:
        # "…,” said a protester who …": the parser takes the speaker for the object.
        speaker = next(
            (c for c in verb.children if c.i > verb.i and c.dep_ in ("dobj", "attr", "npadvmod", "oprd")), None
        )
        if speaker is not None and speaker.pos_ in ("NOUN", "PROPN", "PRON"):
            return speaker
    for at in (verb.i - 1, verb.i + 1):
        if not 0 <= at < len(verb.doc):
            continue
        token = verb.doc[at]
        if token.pos_ not in ("PROPN", "PRON") or token.tag_ in ("WP", "WDT"):
            continue
        start = at
        while start > 0 and verb.doc[start - 1].pos_ == "PROPN":
            start -= 1
        place = paragraph.span.start + verb.doc[start].idx
        if any(0 <= place - quote.span.end <= 2 for quote in quotes):
            return token
    return None


def _clause(token: Token, cue: Cue, passive: bool) -> tuple[Token | None, str]:
    """Return the head of what is said and the rule that found it."""
    if cue.lemma == "call":
        prep = next((c for c in token.children if c.dep_ == "prep" and c.lower_ == "for"), None)
        if prep is not None:
            return next(iter(children(prep, "pobj", "pcomp")), None), "noun-phrase"
        opred = next((c for c in token.children if c.dep_ in ("oprd",)), None)
        clause = opred if opred is not None else next((c for c in token.children if c.dep_ == "ccomp"), None)
        if clause is not None and not passive:
            return clause, "called"
    if cue.lemma == "accuse":
        prep = next((c for c in token.children if c.dep_ == "prep" and c.lower_ == "of"), None)
        if prep is not None:
            return next(iter(children(prep, "pcomp", "pobj")), None), "accusation"
    if cue.lemma in (
        "describe",
        "depict",
        "portray",
        "characterize",
        "cite",
        "list",
        "refer",
        "dismiss",
        "hail",
        "denounce",
    ):
        near = [token, *children(token, "dobj"), *children(token, "prep")]
        near += [grand for child in children(token, "prep") for grand in children(child, "pobj")]
        prep = next((c for node in near for c in node.children if c.dep_ == "prep" and c.lower_ == "as"), None)
        if prep is not None and not passive:
            return prep, "called"
    clause = _complement(token, cue)
    if clause is not None:
        return clause, "clausal-complement"
    if token.dep_ == "advcl" and any(child.dep_ == "mark" and child.lower_ == "as" for child in token.children):
        return token.head, "as"
    if token.dep_ == "parataxis" and token.head.pos_ in ("VERB", "AUX", "NOUN", "PROPN", "ADJ"):
        return token.head, "parenthesis"
    if token.dep_ == "ccomp" and token.head.i < token.i and cue.strong and token.head.pos_ in ("VERB", "AUX"):
        # "The talks failed, officials said": the parser sometimes hangs the cue under what is said.
        between = token.doc[token.head.i : token.i]
        if (
            any(word.text == "," for word in between)
            and not any(c.dep_ == "mark" for c in token.children)
            and children(token, "nsubj")
        ):
            if cues.verbs("en").get(token.head.lemma_.lower()) is None:
                return token.head, "parenthesis"
    if "c" in cue.takes:
        clause = next(
            (child for child in token.children if child.dep_ == "xcomp" and child.pos_ in ("VERB", "AUX")), None
        )
        if clause is not None:
            return clause, "infinitive"
    if "n" in cue.takes and not passive:
        clause = next((child for child in token.children if child.dep_ == "dobj"), None)
        if clause is not None and clause.pos_ in ("NOUN", "PROPN") and subject(token)[0] is not None:
            return clause, "noun-phrase"
    return None, ""


def _complement(token: Token, cue: Cue) -> Token | None:
    """Return the clause that a verb takes: the one after it, else one before it that ends at its subject."""
    found = [child for child in token.children if child.dep_ == "ccomp"]
    found = [c for c in found if c.tag_ != "VBG" or "c" in cue.takes or cue.strong]
    after = [child for child in found if child.i > token.i]
    if after:
        return after[0]
    for child in reversed(found):
        stop = min(
            [token.i, *(c.left_edge.i for c in token.children if c.dep_ in ("nsubj", "nsubjpass") and c.i > child.i)]
        )
        between = token.doc[child.right_edge.i + 1 : stop]
        if not any(word.text in (";", "but") or word.is_sent_end for word in between):
            return child
    return None


def _not_content(verb: Token, clause: Token) -> set[int]:
    """Return what stands inside a clause and is not said: the cue with its helpers, and later participle cues."""
    out: set[int] = set()
    if verb.i in subtree_indices(clause):
        out |= subtree_indices(verb) if verb.dep_ in ("parataxis", "advcl", "ccomp") else {verb.i}
    for child in verb.children:
        if child is not clause and child.dep_ in (
            "nsubj", "nsubjpass", "aux", "auxpass", "neg", "dative", "prep", "npadvmod", "advmod", "agent", "prt", "mark"
        ):  # fmt: skip
            out |= subtree_indices(child)
    for child in clause.children:
        if child.dep_ == "mark" and child.lower_ in ("that", "if", "whether") and child.lower_ == "that":
            out.add(child.i)
        if (
            child.dep_ == "conj"
            and cues.verbs("en").get(child.lemma_.lower())
            and not children(child, "nsubj", "nsubjpass")
        ):
            # "said there was no deal and urged the crowd": the parser hangs the second cue under the clause.
            if cues.verbs("en")[child.lemma_.lower()].strong and child.tag_ == verb.tag_ and clause.i > verb.i:
                out |= subtree_indices(child) | {c.i for c in clause.children if c.dep_ == "cc" and c.i < child.i}
        if child.dep_ == "advcl" and child.tag_ == "VBG" and cues.verbs("en").get(child.lemma_.lower()):
            before = child.doc[child.left_edge.i - 1] if child.left_edge.i else None
            if before is not None and before.text in (",", "”", '"') and cues.verbs("en")[child.lemma_.lower()].strong:
                out |= subtree_indices(child)
    return out


def _spans(paragraph: Paragraph, indices: set[int]) -> list[Span]:
    """Return trimmed spans of token runs; what is left of a run must hold a word."""
    assert paragraph.doc is not None
    found = []
    for first, end in runs(indices):
        end = _sentence_stop(paragraph.doc, first, end)
        span = _trim(paragraph.doc, first, end, paragraph)
        if span is not None:
            found.append(span)
    return found


def _sentence_stop(doc: Doc, first: int, end: int) -> int:
    """Return where a run of tokens ends: not after a quotation that closed with its sentence (“… victims[.]” She …)."""
    text = doc.text
    for token in doc[first : end - 1]:
        if token.text in ("”", '"', "''") and token.i > first + 1:
            before = text[: token.idx].rstrip("])")[-1:]
            after = text[token.idx + len(token) :]
            if before in (".", "!", "?") and after[:1].isspace() and after.lstrip()[:1].isupper():
                return token.i + 1
    return end


def _trim(doc: Doc, first: int, end: int, paragraph: Paragraph) -> Span | None:
    while first < end and (doc[first].is_space or doc[first].text in (",", ".", ";", ":", "—", "–", "-", "--", "that")):
        first += 1
    while end > first and (
        doc[end - 1].is_space or doc[end - 1].text in (",", ".", ";", ":", "—", "–", "-", "--", "!", "?")
    ):
        end -= 1
    if end <= first or not any(token.is_alpha or token.like_num for token in doc[first:end]):
        return None
    return paragraph.locate(doc[first:end])


def _located(paragraph: Paragraph, head: Token | None) -> Span | None:
    if head is None:
        return None
    first, end = phrase(head)
    return paragraph.locate(head.doc[first:end])


def _addressee(verb: Token, clause: Token | None, cue: Cue) -> Token | None:
    """Return who is spoken to: the object of "told", the "to" phrase of "said to"."""
    if cue.lemma in ("tell", "inform", "assure", "remind", "warn", "notify", "brief", "ask", "urge", "promise", "advise",
                     "invite", "order", "instruct", "beg", "implore", "command", "encourage", "press"):  # fmt: skip
        for child in verb.children:
            if child.dep_ in ("dobj", "dative") and child is not clause:
                return child
        if clause is not None and clause.dep_ in ("ccomp", "xcomp"):
            inner = next((c for c in clause.children if c.dep_ == "nsubj" and clause.tag_ == "VB"), None)
            if inner is not None and any(c.dep_ == "aux" and c.lower_ == "to" for c in clause.children):
                return inner
        if any(child.dep_ == "auxpass" for child in verb.children):
            return next((child for child in verb.children if child.dep_ == "nsubjpass"), None)
    for child in verb.children:
        if child.dep_ in ("prep", "dative") and child.lower_ in ("to",):
            return next(iter(children(child, "pobj")), None)
    return None


def _of_according(
    draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]
) -> Utterance | None:
    if token.lower_ != "according" or token.i + 1 >= len(token.doc):
        return None
    prep = token.doc[token.i + 1]
    if prep.lower_ != "to":
        return None
    who = next(iter(children(prep, "pobj", "pcomp")), None) or next(iter(children(token, "pobj")), None)
    if who is None:
        return None
    clause = token.head
    while clause.dep_ not in ("ROOT", "ccomp", "conj", "relcl", "advcl", "parataxis") and clause.head is not clause:
        clause = clause.head
    content = subtree_indices(clause) - subtree_indices(token) - subtree_indices(prep)
    for child in clause.children:
        if child.dep_ in ("cc",) or (child.dep_ == "mark"):
            content.discard(child.i)
    spans = _spans(paragraph, content)
    if not spans:
        return None
    cue = Cue("according to", "p", "state", "positive", "certain", "say")
    return Utterance(where, "according-to", cue, paragraph.locate(token.doc[token.i : token.i + 2]), token, who,
                     _located(paragraph, who), spans)  # fmt: skip


def _of_noun(draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]) -> Utterance | None:
    if token.pos_ != "NOUN":
        return None
    cue = cues.nouns(draft.language).get(token.lemma_.lower())
    if cue is None:
        return None
    clause = next(
        (
            child
            for child in token.children
            if child.dep_ in ("acl", "ccomp", "relcl")
            and any(mark.dep_ == "mark" and mark.lower_ == "that" for mark in child.children)
        ),
        None,
    )
    if clause is None:
        return None
    who = next((child for child in token.children if child.dep_ == "poss"), None)
    if who is None:
        prep = next((c for c in token.children if c.dep_ == "prep" and c.lower_ in ("by", "from", "of")), None)
        who = next(iter(children(prep, "pobj")), None) if prep is not None else None
    if (
        who is None
        and token.dep_ == "dobj"
        and token.head.lemma_ in ("make", "issue", "repeat", "give", "express", "raise", "send", "voice")
    ):
        who = subject(token.head)[0]
    spans = _spans(paragraph, subtree_indices(clause) - {mark.i for mark in clause.children if mark.dep_ == "mark"})
    if not spans:
        return None
    return Utterance(where, "noun-that", cue, paragraph.locate(token), token, who, _located(paragraph, who), spans)


def _of_adjective(
    draft: Draft, where: int, paragraph: Paragraph, token: Token, quotes: list[Quote]
) -> Utterance | None:
    if token.pos_ not in ("ADJ", "VERB") or token.dep_ not in ("acomp", "ccomp", "ROOT", "conj"):
        return None
    cue = cues.adjectives(draft.language).get(token.lower_)
    if cue is None:
        return None
    clause = next((child for child in token.children if child.dep_ == "ccomp"), None)
    if clause is None:
        return None
    who = subject(token.head if token.dep_ == "acomp" else token)[0]
    spans = _spans(paragraph, subtree_indices(clause) - {mark.i for mark in clause.children if mark.dep_ == "mark"})
    if who is None or not spans:
        return None
    verb = token.head if token.dep_ == "acomp" else token
    return Utterance(where, "adjective", cue, paragraph.locate(token), verb, who, _located(paragraph, who), spans,
                     negated=is_negated(verb))  # fmt: skip


def _with_quotes(
    draft: Draft,
    where: int,
    paragraph: Paragraph,
    quotes: list[Quote],
    items: list[Utterance],
    last: Utterance | None,
) -> list[Utterance]:
    """Give each quotation to the utterance that it belongs to; what stays without one floats to the last speaker."""
    text = draft.article.text
    owner: dict[int, Utterance] = {}
    for number, quote in enumerate(quotes):
        best = _owner(text, paragraph, quote, items)
        if best is not None:
            owner[number] = best
    found = [item for item in items if item.content or item in owner.values()]
    previous: Utterance | None = last
    for number, quote in enumerate(quotes):
        item = owner.get(number)
        if item is not None:
            _absorb(item, quote)
            previous = item
            continue
        if not _is_speech(text, quote):
            continue
        if previous is not None and previous.quotes and _continues(text, previous, quote, found):
            if previous.where == where:
                _absorb(previous, quote)
                continue
            if previous.where < where and not text[previous.end : quote.span.start].strip("”\"' \n\r\t”,.!?“"):
                _absorb(previous, quote)
                continue
        spoken = _any_verb(draft, where, paragraph, quote)
        if spoken is not None:
            found.append(spoken)
            previous = spoken
            continue
        colon = _after_colon(text, paragraph, quote, items)
        if colon is not None:
            _absorb(colon, quote)
            if colon not in found:
                found.append(colon)
            previous = colon
            continue
        if previous is not None and quote.span.start - previous.end < FLOAT and len(_words(text, quote)) >= 5:
            cue = Cue("", "s", "state", "positive", "certain", "say")
            floating = Utterance(where, "floating-quotation", cue, None, None, previous.speaker, None, [quote.span],
                                 quotes=[quote], inherits=previous)  # fmt: skip
            found.append(floating)
            previous = floating
    return [item for item in found if item.content]


def _any_verb(draft: Draft, where: int, paragraph: Paragraph, quote: Quote) -> Utterance | None:
    """ "…,” Bennett shot back": after a quotation that ends in a comma any verb with its subject there is a cue."""
    assert paragraph.doc is not None
    inside = quote.span.of(draft.article.text).rstrip("”\"' »")
    if inside[-1:] not in (",", "?", "!"):
        return None
    after = quote.span.end - paragraph.span.start
    tokens = [token for token in paragraph.doc if token.idx >= after][:7]
    for token in tokens:
        if token.pos_ == "VERB" and token.tag_ in ("VBD", "VBZ", "VBP"):
            who, passive = subject(token)
            if who is None or passive or not any(who.i == other.i for other in tokens):
                return None
            cue = Cue(token.lemma_.lower(), "s", "state", "positive", "certain", "say")
            return Utterance(where, "quotation", cue, paragraph.locate(token), token, who, _located(paragraph, who),
                             [quote.span], quotes=[quote])  # fmt: skip
        if token.text in (".", ";"):
            return None
    return None


def _words(text: str, quote: Quote) -> list[str]:
    return quote.span.of(text).split()


def _is_speech(text: str, quote: Quote) -> bool:
    words = _words(text, quote)
    return len(words) >= 4 and (
        quote.span.of(text).rstrip("”\"' »")[-1:] in ".,!?…—" or len(words) >= 8 or not quote.closed
    )


def _owner(text: str, paragraph: Paragraph, quote: Quote, items: list[Utterance]) -> Utterance | None:
    """Return the utterance that a quotation belongs to: the one whose clause it overlaps, else the nearest strong cue."""
    overlapping = [item for item in items if any(span.overlaps(quote.span) for span in item.content)]
    if overlapping:
        # The innermost clause that reaches into the quotation, but not a clause that only holds a scare quote deep inside.
        return min(overlapping, key=lambda item: (item.rule == "adjective", item.end - item.start, item.start))
    best: tuple[int, int, Utterance] | None = None
    for item in items:
        if (
            not item.cue.strong
            or item.cue_span is None
            or item.verb is None
            or item.rule in ("according-to", "noun-that")
        ):
            continue
        region = _region(paragraph, item)
        if region.start >= quote.span.end:
            gap = text[quote.span.end : region.start]
            side = 0
        else:
            gap = text[region.end : quote.span.start]
            side = 1
        if len(gap) > NEAR or "\n\n" in gap or _sentence_ends(gap, quote, text, side):
            continue
        if side == 1 and item.content and not item.quotes and len(gap) > 60:
            continue
        # Words between: "…," the minister told reporters on Monday. Fewer are better; after beats before on a tie.
        key = (len(gap.split()), side)
        if best is None or key < best[:2]:
            best = (*key, item)
    return best[2] if best else None


def _region(paragraph: Paragraph, item: Utterance) -> Span:
    assert item.cue_span is not None
    spans = [item.cue_span, *([item.speaker_span] if item.speaker_span else [])]
    if item.speaker_span and abs(item.speaker_span.start - item.cue_span.start) > 150:
        spans = [item.cue_span]
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    if item.content:
        end = max(end, item.end)
    return Span(start, end)


def _sentence_ends(gap: str, quote: Quote, text: str, side: int) -> bool:
    """Tell whether a sentence ends in the gap; after a quotation that closes with a full stop the next words begin one."""
    if side == 0 and quote.span.of(text).rstrip("”\"' »")[-1:] == ".":
        after = text[quote.span.end :].lstrip()[:1]
        return not after.islower()
    for i, sign in enumerate(gap[:-1]):
        if sign in ".!?" and gap[i + 1].isspace() and not (i and gap[i - 1].isupper()):
            return True
    return gap.rstrip()[-1:] in (".", "!", "?") and side == 1


def _continues(text: str, previous: Utterance, quote: Quote, items: list[Utterance]) -> bool:
    """Tell whether a quotation goes on where the last one stopped, with nothing or only its cue between."""
    stop = max(
        previous.end,
        previous.cue_span.end if previous.cue_span else 0,
        previous.speaker_span.end if previous.speaker_span else 0,
    )
    if quote.span.start < stop:
        return False
    gap = text[stop : quote.span.start]
    if previous.verb is not None and previous.cue_span is not None and quote.span.start - previous.cue_span.end < 220:
        base = previous.cue_span.start - previous.verb.idx
        rest = text[base + previous.verb.sent.end_char : quote.span.start]
        if base + previous.verb.sent.end_char <= quote.span.start and not rest.strip():
            gap = ""
    if any(item is not previous and item.cue_span and stop <= item.cue_span.start < quote.span.start for item in items):
        return False
    return len(gap.strip()) <= 45


def _after_colon(text: str, paragraph: Paragraph, quote: Quote, items: list[Utterance]) -> Utterance | None:
    before = text[paragraph.span.start : quote.span.start].rstrip()
    if not before.endswith((":", "—", "–")):
        return None
    near = [
        item
        for item in items
        if item.cue_span and item.cue_span.end <= quote.span.start and quote.span.start - item.cue_span.end < 200
    ]
    return near[-1] if near else None


def _absorb(item: Utterance, quote: Quote) -> None:
    """Take a quotation into an utterance's content; spans that touch or overlap become one."""
    item.quotes.append(quote)
    spans = sorted([*item.content, quote.span])
    merged = [spans[0]]
    for span in spans[1:]:
        if span.start <= merged[-1].end + 1:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    item.content = merged
