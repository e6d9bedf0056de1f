"""A cue and its clause enter, the tokens leave that the parser took off the clause: its subject, its other half."""

from __future__ import annotations

from spacy.tokens import Token

from kg.reading import cues
from kg.reading.cues import Cue
from kg.reading.syntax import children, has_infinitive_mark, has_that, is_finite, is_strong, subtree_indices


def stray_subject(verb: Token, clause: Token, cue: Cue) -> set[int]:
    """ "indicated a homicide probe is ongoing": the clause's subject hangs under the cue as its object."""
    if children(clause, "nsubj", "nsubjpass", "expl", "csubj"):
        return set()
    strays = [
        c
        for c in verb.children
        if c.dep_ in ("dobj",) and verb.i < c.i < clause.i and c.right_edge.i + 1 == clause.left_edge.i
    ]
    if strays and clause.dep_ == "xcomp" and has_infinitive_mark(clause):
        return subtree_indices(strays[-1])
    if clause.dep_ == "ccomp" and is_finite(clause) and "a" not in cue.takes and ("s" in cue.takes or "o" in cue.takes):
        # "said because of the rain the outlook is poor": a finite clause has its subject somewhere before it.
        return set(range(verb.i + 1, clause.left_edge.i))
    if not strays or clause.tag_ not in ("VBD", "VBZ", "VBP", "VBN", "MD"):
        return set()
    return subtree_indices(strays[-1])


def other_half(verb: Token, clause: Token) -> set[int]:
    """ "said the boat named Alda sailed on Monday was lost": the parser makes two clauses of one."""
    later = [c for c in children(verb, "ccomp", "advcl") if c.i > clause.i and is_finite(c)]
    if not later or clause.i < verb.i:
        return set()
    if children(later[-1], "nsubj", "nsubjpass", "expl", "csubj") or later[-1].dep_ == "advcl":
        # "asked whether he was concerned that it could fail"
        follows = later[-1].left_edge.i == clause.right_edge.i + 1
        return subtree_indices(later[-1]) if follows and has_that(later[-1]) else set()
    return set(range(clause.right_edge.i + 1, later[-1].right_edge.i + 1))


def goes_on(verb: Token, clause: Token) -> set[int]:
    """ "said he died, but the force had only lately come to know": a clause in the tense of reports belongs to it."""
    after = next((c for c in children(verb, "conj") if c.i > clause.i and children(c, "nsubj", "nsubjpass")), None)
    if after is None or verb.tag_ != "VBD" or after.lemma_.lower() in cues.verbs(after.lang_):
        return set()
    back = cues.naming(after.lang_, "back-shift")
    if not any(c.lower_ in back for c in children(after, "aux", "auxpass")):
        return set()
    return set(range(clause.right_edge.i + 1, after.right_edge.i + 1))


def open_clause(verb: Token) -> set[int]:
    """ "saying an attack on the base produced no casualties": a clause without "that" which the parser took apart."""
    stray = next((c for c in verb.children if c.dep_ in ("dobj", "xcomp") and c.i > verb.i and c.tag_ != "VB"), None)
    if stray is None or stray.lower_ in ("it", "so", "this", "that", "what", "something", "nothing", "them"):
        return set()
    if verb.tag_ == "VB" and not is_finite(verb):
        return set()
    stop = verb.i + 1
    finite = False
    aside = {i for c in stray.subtree if c.dep_ == "relcl" for i in subtree_indices(c)}
    for token in verb.doc[verb.i + 1 : verb.sent.end]:
        after = verb.doc[token.i + 1] if token.i + 1 < len(verb.doc) else token
        if verb.dep_ == "relcl" and token.i > verb.right_edge.i:
            break  # "the firm, which reported a loss, will be sold"
        if token.i in aside:
            stop = token.i + 1
            continue
        if token.text == "," and not finite and (_is_subject(after) or is_strong(after)):
            return set()  # "announced layoffs, some workers left"
        if token.text in (";", "“", '"', "``", "''") or (token.text == "," and (finite or after.dep_ == "cc")):
            break
        if not finite and token.i > stray.i and stray.dep_ == "dobj" and _opens_another(token):
            return set()
        finite = finite or (token.tag_ in ("VBD", "VBZ", "VBP", "MD") and token.dep_ != "relcl" and token.i > stray.i)
        finite = finite or (verb.lemma_.lower() == "say" and _is_past(token, stray))
        stop = token.i + 1
    return set(range(verb.i + 1, stop)) if finite else set()


def _is_past(token: Token, noun: Token) -> bool:
    """ "said three fields of barley burned": nobody says fields; what the parser takes for a participle is the verb."""
    return token.dep_ == "acl" and token.tag_ == "VBN" and token.head == noun and not children(token, "agent")


def lost_clause(verb: Token) -> set[int]:
    """ "with two papers reporting the ferry had sunk": a clause right behind a cue that the parser hangs elsewhere.

    Where the saying happened, by what and when may stand between the two ("announced via Twitter, …").
    """
    doc, stop = verb.doc, verb.sent.end
    begins = verb.i + 1
    between = {c.left_edge.i: c for c in verb.children if c.dep_ in ("prep", "advmod", "npadvmod") and c.i > verb.i}
    while (aside := between.get(begins)) is not None:
        begins = aside.right_edge.i + 1
        if begins < stop and doc[begins].text == ",":
            begins += 1
    for token in doc[begins:stop]:
        if not is_finite(token) or is_strong(token):
            continue
        subjects = children(token, "nsubj", "nsubjpass", "expl")
        if not subjects or subjects[0].left_edge.i != begins or subjects[0].i > token.i:
            return set()
        return {i for i in subtree_indices(token) if i >= begins}
    return set()


def _is_subject(first: Token) -> bool:
    """Tell whether a token begins a subject."""
    node = first
    while node.head != node and node.dep_ in ("det", "amod", "compound", "poss", "nummod"):
        node = node.head
    return node.dep_ in ("nsubj", "nsubjpass", "expl") and node.left_edge == first


def is_audience(noun: Token) -> bool:
    after = noun.nbor(1)
    starts = after.pos_ in ("PROPN", "NOUN", "PRON", "DET", "NUM", "ADJ") or after.tag_ in ("EX", "PRP$")
    return noun.lower_ in cues.naming(noun.lang_, "audience") and starts


def _opens_another(token: Token) -> bool:
    """Tell whether a word before the verb shows that the noun before it is no subject: "a loss which could …"."""
    if token.tag_ in ("WDT", "WP", "WRB", "TO") or token.dep_ == "mark" or token.lower_ in ("so", "as"):
        return True
    after = token.doc[token.i + 1] if token.i + 1 < len(token.doc) else None
    return token.dep_ == "cc" and after is not None and after.tag_ in ("VBD", "VBZ", "VBP", "MD", "VB")
