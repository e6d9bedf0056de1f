"""A cue and its clause enter, the tokens inside that are not said leave: the cue, the narrator, the occasion."""

from __future__ import annotations

from spacy.tokens import Token

from kg.reading import cues
from kg.reading.cues import Cue
from kg.reading.syntax import children, second_cue_of, subtree_indices
from kg.reading.tags import MARKS

OF_THE_CUE = frozenset(
    {"nsubj", "nsubjpass", "aux", "auxpass", "neg", "dative", "prep", "npadvmod", "advmod", "agent", "prt", "mark"}
)


def not_content(verb: Token, clause: Token) -> set[int]:
    """Return what stands inside a clause and is not said: the cue with its helpers, and later participle cues."""
    out: set[int] = set()
    if verb.i in subtree_indices(clause):
        out |= subtree_indices(verb) if verb.dep_ in ("parataxis", "advcl", "ccomp") else {verb.i}
    for child in verb.children:
        if child != clause and child.dep_ in OF_THE_CUE:
            inside = subtree_indices(child)
            out |= inside - subtree_indices(clause) if clause.i in inside else inside
    for child in clause.children:
        if child.dep_ == "mark" and child.lower_ == "that":
            out.add(child.i)
        if child.dep_ == "conj" and child.lemma_.lower() in cues.verbs(child.lang_) and second_cue_of(child) == verb:
            # "said there was no deal and urged the crowd": the parser hangs the second cue under the clause.
            out |= subtree_indices(child) | {c.i for c in clause.children if c.dep_ == "cc" and c.i < child.i}
        for cited in (child, *(children(child, "advcl") if child.dep_ in ("acomp", "attr", "xcomp") else ())):
            if cited.dep_ in ("advcl", "prep", "acl") and cited.lower_ == "citing":
                out |= subtree_indices(cited)
        cue = cues.verbs(child.lang_).get(child.lemma_.lower())
        if child.dep_ == "advcl" and child.tag_ == "VBG" and cue is not None:
            before = child.doc[child.left_edge.i - 1] if child.left_edge.i else None
            if before is not None and before.text in (",", *MARKS, "—", "–", "-", "--") and cue.strong:
                out |= subtree_indices(child)
            elif before is not None and before.text == "," and before.i and before.nbor(-1).text in MARKS:
                out |= subtree_indices(child)  # "said, “I won’t go”, calling it a trap"
    return out


def narrators(clause: Token) -> set[int]:
    """Return what the narrator adds behind a comma: ", before reversing course", ", despite photos of windows"."""
    out: set[int] = set()
    for child in clause.children:
        if child.i < clause.i or child.dep_ != "prep" or child.doc[child.i - 1].text != ",":
            continue
        if child.lower_ in ("despite", "per") or (child.lower_ in ("before", "after") and children(child, "pcomp")):
            out |= subtree_indices(child)
    return out


def of_the_occasion(verb: Token, clause: Token, cue: Cue) -> set[int]:
    """ "declined to comment when reached by phone", "said it was open without giving details": how, not what."""
    out: set[int] = set()
    silent = cues.naming(verb.lang_, "withheld")
    for child in (*clause.children, *verb.children):
        if child.i < clause.i:
            continue
        if child.dep_ == "prep" and child.lower_ == "without":
            if any(
                c.lemma_.lower() in silent or c.lemma_ in ("give", "provide", "offer") for c in children(child, "pcomp")
            ):
                out |= subtree_indices(child)
        elif (
            cue.act == "refuse"
            and child.dep_ == "advcl"
            and any(c.tag_ == "WRB" or c.lower_ == "after" for c in child.children)
        ):
            out |= subtree_indices(child)
    return out


def occasion_before(verb: Token) -> set[int]:
    """ "Speaking to the Courier, she said, “…”": on what occasion it was said."""
    first = verb.sent[0]
    if first.tag_ not in ("VBG", "VBN") or first.lemma_.lower() not in cues.naming(verb.lang_, "occasion"):
        return set()
    comma = next((t for t in verb.doc[first.i : verb.i] if t.text == ","), None)
    who = next((c for c in children(verb, "nsubj") if c.i < verb.i), None)
    if comma is None or who is None or comma.i + 1 < who.left_edge.i:
        return set()
    return set(range(first.i, comma.i + 1))


def without_asides(head: Token) -> set[int]:
    """Return the tokens of a noun phrase without relative clauses and appositions set off by commas."""
    out = subtree_indices(head)
    for token in head.subtree:
        if token.dep_ in ("relcl", "appos", "advcl") and token.head.i in out:
            before = token.doc[token.left_edge.i - 1] if token.left_edge.i else None
            if before is not None and before.text in (",", "—", "–", "("):
                out -= subtree_indices(token)
    return out
