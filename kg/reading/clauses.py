"""A cue enters, the tokens of what is said leave: which clause it takes, and what of that is not said."""

from __future__ import annotations

from spacy.tokens import Token

from kg.reading import cues
from kg.reading.asides import day_of_saying, narrators, not_content, occasion_before, of_the_occasion, without_asides
from kg.reading.cues import Cue
from kg.reading.mending import goes_on, is_audience, lost_clause, open_clause, other_half, stray_subject
from kg.reading.speaking import can_speak
from kg.reading.syntax import (
    children,
    has_infinitive_mark,
    has_that,
    inverted_reporter,
    is_finite,
    is_name_alone,
    is_strong,
    phrase,
    quoting_verb,
    subject,
    subtree_indices,
    tagged_speaker,
)
from kg.reading.tags import (
    after_parenthesis,
    ends_sentence,
    final_tag,
    is_aside,
    is_condition,
    is_parenthesis,
    is_shown_aside,
)

ABOUT = (
    "for",
    "about",
    "over",
    "toward",
    "towards",
    "against",
    "including",
)  # "expressed concern about", however parsed
IN_VIEW_OF = frozenset({"response", "connection", "exchange", "return", "relation"})  # "declared an emergency in … to"


def said_clause(token: Token, cue: Cue, passive: bool) -> tuple[Token | None, str]:
    """Return the head of what is said and the rule that found it."""
    if "k" in cue.takes and not (token.dep_ == "acl" and token.tag_ in ("VBN", "VBD")):  # "a ring called a plasmid"
        opred = next((c for c in token.children if c.dep_ in ("oprd",)), None)
        clause = opred if opred is not None else next((c for c in token.children if c.dep_ == "ccomp"), None)
        # "called the president, who declined" is a telephone's call: nobody is called something.
        if clause is not None and not passive and not (clause.ent_type_ == "PERSON" and not children(token, "dobj")):
            return clause, "called"
    if (of_whom := cues.prepositions(token.lang_, "object").get(cue.lemma)) is not None:
        prep = next((c for c in token.children if c.dep_ in ("prep", "dative") and c.lower_ in of_whom), None)
        prep = prep or next((c for c in _under_object(token) if c.lower_ in of_whom), None)
        if prep is not None:
            return next(iter(children(prep, "pcomp", "pobj")), None), "accusation"
    if "d" in cue.takes:
        near = [token, *children(token, "dobj"), *children(token, "prep")]
        near += [grand for child in children(token, "prep") for grand in children(child, "pobj")]
        prep = next((c for node in near for c in node.children if c.dep_ == "prep" and c.lower_ == "as"), None)
        if prep is not None and any(c.lemma_.lower() in cues.verbs(token.lang_) for c in children(prep, "pcomp")):
            return None, ""  # "quoted him as saying": the participle is the cue
        if prep is not None and not passive:
            return prep, "called"
    clause = _complement(token, cue)
    if clause is not None and is_name_alone(clause):
        clause = None
    if clause is not None and clause.i < token.i and clause.dep_ == "ccomp" and cue.strong and ends_sentence(token):
        return token, "final-tag"  # what the parser makes of a long sentence before its tag is often a part of it
    if clause is not None:
        return clause, "clausal-complement"
    stated = _stated_of(token, cue)
    if stated is not None:
        return stated, "clausal-complement"
    if cue.strong and final_tag(token):
        return token, "final-tag"
    if is_aside(token, cue) or is_shown_aside(token, cue):
        return token.head, "as"
    if cue.strong and is_parenthesis(token):
        return token.head, "parenthesis"
    quoted_by = quoting_verb(token)
    if quoted_by is not None and any(c.dep_ == "prep" and c.i == token.i + 1 for c in token.children):
        behind = token.doc[token.i + 1 : token.sent.end]
        if behind[0].lower_ != "by" and any(t.tag_ in ("VBD", "VBZ", "VBP", "MD") for t in behind):
            return token, "quoted-as"
    if token.dep_ == "parataxis" and token.head.pos_ in ("VERB", "AUX", "NOUN", "PROPN", "ADJ"):
        return token.head, "parenthesis"
    if inverted_reporter(token) is not None:
        return token, "inverted"
    if token.dep_ == "ccomp" and token.head.i < token.i and cue.strong and token.head.pos_ in ("VERB", "AUX"):
        # "The talks failed, officials said": the parser sometimes hangs the cue under what is said.
        between = token.doc[token.head.i : token.i]
        if (
            any(word.text == "," for word in between)
            and not any(c.dep_ == "mark" for c in token.children)
            and children(token, "nsubj")
            and cues.verbs(token.lang_).get(token.head.lemma_.lower()) is None
        ):
            return token.head, "parenthesis"
    if "c" in cue.takes:
        clause = next(
            (child for child in token.children if child.dep_ == "xcomp" and child.pos_ in ("VERB", "AUX")), None
        )
        clause = clause or _later_infinitive(token, cue)
        if passive and cue.act in ("predict", "believe") and not children(token, "agent"):
            clause = None  # "is expected to take longer": nobody expects it in particular
        if clause is not None and (token.tag_ != "VB" or is_finite(token)):
            return clause, "infinitive"
    if "n" in cue.takes and not passive and (token.tag_ != "VB" or is_finite(token)):
        clause = next((child for child in token.children if child.dep_ == "dobj"), None)
        things = cue.lemma in cues.naming(token.lang_, "of-things")
        asked = things and clause is not None and can_speak(clause, token.lang_)
        most_of = (
            clause is not None and cue.act == "report" and bool(children(clause, "prep"))
        )  # "reported most of them"
        named = clause is not None and (clause.pos_ in ("NOUN", "PROPN") or most_of)
        if clause is not None and named and _somebody(token) and not asked:
            return clause, "noun-phrase"  # but "questioned the owner" doubts nothing, "dismissed its head" denies none
    guilty = next((c for c in children(token, "acomp", "oprd") if c.lower_ == "guilty"), None)
    if cue.lemma == "plead" and guilty is not None:
        return guilty, "plea"
    wanted = cues.prepositions(token.lang_, "verb").get(cue.lemma, frozenset())
    if "for" in wanted and not passive and (done := _for_to(token)) is not None:
        return done, "prepositional"
    for prep in children(token, "prep"):
        inner = next(iter(children(prep, "pobj", "pcomp")), None)
        if prep.lower_ in wanted and prep.i > token.i and inner is not None and not passive and _somebody(token):
            return inner, "prepositional"
    return None, ""


def _rest_of_object(verb: Token, noun: Token) -> set[int]:
    """ "criticised the council for not paying, not asking": further participles that the parser hangs on the cue."""
    inner = [c for prep in (*children(verb, "prep"), *children(noun, "prep")) for c in children(prep, "pcomp")]
    last = max((c.right_edge.i for c in inner if c.i > noun.i), default=None)
    rest: set[int] = set()
    for child in children(verb, "advcl"):
        if last is not None and child.tag_ == "VBG" and last < child.left_edge.i <= last + 2:
            rest |= set(range(last + 1, child.right_edge.i + 1))
            last = child.right_edge.i
    return rest


def _for_to(verb: Token) -> Token | None:
    """Return the infinitive of "calling for the killers to be brought to justice"."""
    return next(
        (
            c
            for c in children(verb, "advcl", "ccomp", "xcomp")
            if c.i > verb.i and has_infinitive_mark(c) and any(m.lower_ == "for" for m in children(c, "mark"))
        ),
        None,
    )


def _later_infinitive(verb: Token, cue: Cue) -> Token | None:
    """Return the infinitive of "declined through a spokeswoman to discuss", "vowed to down tools", however parsed."""
    if cue.act == "urge" and "a" in cue.takes:
        # "encouraged supporters at a rally to ask": the parser hangs it on whom it is said to, or beyond.
        after = [t for c in children(verb, "dobj", "prep") for t in c.subtree]
        inner = (t for t in after if t.dep_ in ("acl", "relcl") and t.tag_ == "VB" and has_infinitive_mark(t))
        whom = next((c for c in children(verb, "dobj") if c.i > verb.i and can_speak(c, verb.lang_)), None)
        beyond = (
            c
            for c in children(verb, "advcl", "conj")
            if whom is not None and has_infinitive_mark(c) and c.left_edge.i == whom.right_edge.i + 1
        )
        return next(inner, None) or next(beyond, None)
    if cue.act not in ("refuse", "threaten", "promise", "offer"):
        return None
    far = next((c for c in children(verb, "advcl") if c.i > verb.i and c.tag_ == "VB" and has_infinitive_mark(c)), None)
    if far is not None:
        return far
    return next((c for c in children(verb, "prep") if c.tag_ == "TO" and c.i == verb.i + 1), None)


def _somebody(verb: Token) -> bool:
    """Tell whether a verb has a subject who could speak: "the storm claimed two lives" says nothing."""
    who = subject(verb)[0]
    return who is not None and can_speak(who, verb.lang_)


def _stated_of(verb: Token, cue: Cue) -> Token | None:
    """Return the infinitive of "reported him to be dead", whose subject is the verb's object."""
    if "a" in cue.takes or "c" in cue.takes or not ({"s", "p"} & set(cue.takes)):
        return None
    whom = next((c for c in children(verb, "dobj") if c.i > verb.i), None)
    return next(
        (c for c in children(verb, "xcomp") if whom is not None and c.i > whom.i and has_infinitive_mark(c)), None
    )


def _complement(token: Token, cue: Cue) -> Token | None:
    """Return the clause that a verb takes: the one after it, else one before it that ends at its subject."""
    found = [c for c in token.children if c.dep_ == "ccomp"]
    found = [c for c in found if c.tag_ != "VBG" or is_finite(c) or "c" in cue.takes or cue.strong]
    found = [c for c in found if not _is_next_cue(token, c)]
    if cue.lemma in cues.naming(token.lang_, "knowing"):
        found = [c for c in found if not is_open(c)]  # "decided who would go", "knew what it was": nothing is told
    after = [child for child in found if child.i > token.i]
    if after:
        return after[0]
    if (inside := clause_in_medium(token)) is not None and (cue.strong or "p" in cue.takes):
        return inside
    if "a" in cue.takes:
        # "told a crowd at a rally for veterans that …": the parser hangs it on whom it is told to.
        whom = [t for c in children(token, "dobj", "prep") if c.i > token.i for t in c.subtree]
        hung = next((t for t in whom if t.dep_ in ("acl", "ccomp", "relcl") and has_that(t) and is_finite(t)), None)
        if hung is not None and any(m.dep_ == "mark" for m in hung.children if m.lower_ == "that"):
            return hung
        # "told the Courier the fraud showed": a name has no clause of its own without "who" or "which".
        for named in (c for c in children(token, "dobj") if c.i > token.i and c.pos_ == "PROPN"):
            bare = next((c for c in children(named, "relcl") if _is_bare(c)), None)
            if bare is not None:
                return bare
    for child in reversed(found):
        stop = min(
            [token.i, *(c.left_edge.i for c in token.children if c.dep_ in ("nsubj", "nsubjpass") and c.i > child.i)]
        )
        between = token.doc[child.right_edge.i + 1 : stop]
        if not any(word.text in (";", "but") or word.is_sent_end for word in between):
            return child
    return None


def _is_bare(clause: Token) -> bool:
    """Tell whether a clause that the parser takes for a relative one has its own subject and no relative word."""
    if not is_finite(clause) or not children(clause, "nsubj", "nsubjpass", "expl"):
        return False
    before = [token for token in clause.subtree if token.i < clause.i]
    return bool(before) and not any(token.tag_ in ("WP", "WDT", "WP$", "WRB", "IN") for token in before)


def is_open(clause: Token) -> bool:
    """Tell whether a clause asks: "whether it was", "how it went"."""
    return clause.left_edge.lower_ in ("whether", "if") or clause.left_edge.tag_ in ("WRB", "WP", "WDT")


def clause_in_medium(verb: Token) -> Token | None:
    """Return the clause of "said in a statement that …", which the parser hangs on the statement."""
    for prep in children(verb, "prep"):
        if prep.lower_ in ("in", "on", "at", "during", "via", "through") and prep.i > verb.i:
            clause = next((t for t in prep.subtree if t.dep_ in ("acl", "ccomp", "relcl") and has_that(t)), None)
            if clause is not None and not _is_of_others(clause.head, prep):
                return clause
    return None


def _is_of_others(noun: Token, prep: Token) -> bool:
    """Tell whether a claim is spoken about: "comment on claims that …", "said in response to a report that …"."""
    if noun.lemma_.lower() not in cues.nouns(noun.lang_):
        return False
    return prep.lower_ == "on" or noun.head != prep


def _is_next_cue(verb: Token, clause: Token) -> bool:
    """ "before it announced a tender, an official told the agency": the clause behind the comma is another cue."""
    if clause.i < verb.i:
        return False
    before = clause.doc[clause.left_edge.i - 1]
    if is_strong(clause) and final_tag(clause) is not None:
        return True
    cue = cues.verbs(clause.lang_).get(clause.lemma_.lower())
    return before.text == "," and cue is not None and cue.strong and bool(children(verb, "dobj", "oprd", "attr"))


def _under_object(verb: Token) -> list[Token]:
    """Return prepositions of a verb that the parser hangs on its object: "accused the president of hiding it"."""
    whom = [c for c in children(verb, "dobj") if c.i > verb.i]
    return [
        prep
        for noun in whom
        for prep in children(noun, "prep")
        if children(prep, "pcomp") or (noun.pos_ in ("PROPN", "PRON") and children(prep, "pobj"))
    ]


def _is_in_view_of(preposition: Token) -> bool:
    """Tell whether a phrase is one like "in response to", which belongs to what is announced."""
    return preposition.lower_ == "in" and any(c.lower_ in IN_VIEW_OF for c in children(preposition, "pobj"))


def content_of(token: Token, clause: Token | None, cue: Cue, rule: str) -> tuple[set[int], str]:
    """Return the tokens of what a verb says, and the rule that found them after all."""
    content: set[int] = set()
    if rule == "final-tag":
        comma = final_tag(token)
        if comma is None:
            return set(), rule
        more = after_parenthesis(token, set())
        if more:
            return more if is_condition(token.doc, token.sent.start, comma) else more | set(
                range(token.sent.start, comma)
            ), "parenthesis"
        return set(range(token.sent.start, comma)), rule
    if rule == "quoted-as":
        # "quoted her as saying despite the drought, the harvest was good": all that follows in the sentence is said.
        return set(range(token.i + 1, token.sent.end)), "clausal-complement"
    reporter = inverted_reporter(token) if rule == "inverted" else None
    if reporter is not None:
        sentence = set(range(token.sent.start, token.sent.end))
        return sentence - set(range(token.i - 1, phrase(reporter)[1] + 1)), "parenthesis"
    if clause is not None:
        content = subtree_indices(clause)
        if rule in ("parenthesis", "as"):
            content -= subtree_indices(token)
        content -= not_content(token, clause)
        content -= narrators(clause) | of_the_occasion(token, clause, cue)
        if tagged_speaker(token) is not None:
            # "Karvelia, the diplomat said, had accepted": the first subject belongs to what is said.
            content |= subtree_indices(next(c for c in children(token, "nsubj")))
    if rule == "called" and clause is not None:
        # "called the raid “cowardly”", "described him as a liar": the object is what it is said of.
        for child in token.children:
            if child.dep_ in ("dobj", "prep", "dative") and token.i < child.i <= clause.i:
                content |= subtree_indices(child)
        if token.i < clause.i:
            content |= set(range(token.i + 1, clause.right_edge.i + 1)) if clause.right_edge.i - token.i < 40 else set()
    if rule == "accusation" and clause is not None and clause.i > token.i:
        # "accused the firm of hiding it": whom it accuses belongs to what it says.
        whom = [c for c in children(token, "dobj", "nsubjpass") if c.lower_ not in ("who", "which", "that")]
        content = subtree_indices(clause.head) | {i for c in whom for i in subtree_indices(c)}
    if rule == "plea" and clause is not None:
        content |= {i for c in children(token, "prep") if c.lower_ == "to" for i in subtree_indices(c)}
        content |= set(range(token.i + 1, clause.i))
    if rule in ("noun-phrase", "prepositional") and clause is not None:
        content = without_asides(clause) - {mark.i for mark in children(clause, "mark") if mark.lower_ == "for"}
        if cue.act in ("ask", "urge"):
            # "requested equipment from the city": whom it is asked of is the addressee.
            content -= {i for c in children(clause, "prep") if c.lower_ == "from" for i in subtree_indices(c)}
        if rule == "noun-phrase":
            # "blaming Karvelia for the attack": what for belongs to it.
            content |= {
                i
                for c in children(token, "prep")
                if c.i > clause.i
                and (c.lower_ in ABOUT or _is_in_view_of(c) or (c.lower_ == "at" and cue.lemma == "express"))
                for i in subtree_indices(c)
            }
            content |= _rest_of_object(token, clause)
            reported = next((c for c in children(clause, "acl", "ccomp", "relcl") if has_that(c)), None)
            if reported is not None and cue.act == "deny" and clause.lemma_.lower() in cues.nouns(token.lang_):
                # "rejected suggestions that the alarm had failed": the suggestion is denied.
                content = subtree_indices(reported)
    if rule in ("clausal-complement", "") and clause is not None and clause.i > token.i:
        content |= stray_subject(token, clause, cue) | other_half(token, clause)
    if rule == "clausal-complement" and clause is not None and clause.i > token.i:
        content |= goes_on(token, clause)
    if rule == "infinitive" and clause is not None and clause.tag_ == "TO":
        content = {i for i in subtree_indices(token) if i >= clause.i}
    if rule == "infinitive" and clause is not None:
        # "threatened to boycott the game unless …": the condition belongs to the threat.
        for child in children(token, "advcl"):
            if child.i > clause.i and any(
                c.dep_ == "mark" and c.lower_ in ("unless", "if", "until") for c in child.children
            ):
                content |= subtree_indices(child)
    if clause is not None and rule in ("clausal-complement", "parenthesis"):
        content -= occasion_before(token)
    if clause is not None and clause.i > token.i and rule == "clausal-complement":
        content -= day_of_saying(token, clause)
    if clause is not None and clause.i < token.i and rule in ("clausal-complement", "parenthesis"):
        content |= after_parenthesis(token, content)
    first = token.i + 1
    if "a" in cue.takes and first in content and first + 1 in content and is_audience(token.doc[first]):
        content.discard(first)  # "told reporters Bonn saw no need": parsers read "reporters Bonn"
    if rule in ("", "noun-phrase") and "o" in cue.takes:
        opened = open_clause(token)
        if opened:
            content, rule = opened, "open-clause"
    if rule == "" and not content and cue.strong and "s" in cue.takes and (lost := lost_clause(token)):
        content, rule = lost, "open-clause"
    return content, rule
