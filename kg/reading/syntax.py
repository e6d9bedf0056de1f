"""Tokens of a parse enter, tokens that stand in a grammatical relation to them leave (ClearNLP labels of spaCy)."""

from __future__ import annotations

from collections.abc import Iterable

from spacy.tokens import Token

from kg.reading import cues

SUBJECTS = ("nsubj", "nsubjpass", "csubj", "expl")
RELATIVE = frozenset({"who", "which", "that", "whom"})
INHERITS = ("conj", "xcomp", "advcl", "ccomp")
NP_CUT = ("relcl", "acl", "advcl", "appos", "punct", "cc", "conj", "ccomp", "parataxis", "dep")


def children(token: Token, *labels: str) -> list[Token]:
    return [child for child in token.children if child.dep_ in labels]


def is_name_alone(clause: Token) -> bool:
    """Tell whether the parser took a name for a clause: "told the newspaper Dagens Nyt"."""
    return clause.pos_ == "PROPN" and not any(token.pos_ in ("VERB", "AUX") for token in clause.subtree)


def is_negated(token: Token) -> bool:
    """Tell whether a verb is negated by "not", "never", or by a subject that is nobody."""
    helpers = [grand for child in children(token, "aux", "auxpass") for grand in child.children]
    if any(child.dep_ == "neg" or child.lower_ in ("never", "neither", "nor") for child in [*token.children, *helpers]):
        return True
    return any(
        child.lower_ in ("nobody", "none")
        or any(g.lower_ in ("no", "neither") and g.dep_ == "det" for g in child.children)
        for child in children(token, "nsubj", "nsubjpass")
    )


def subject(verb: Token, depth: int = 0) -> tuple[Token | None, bool]:
    """Return (subject, passive) of a verb, inherited where the verb has none of its own.

    A relative pronoun is replaced by the noun that its clause hangs on; a passive's subject is its by-phrase, if any.
    """
    own = next((child for child in verb.children if child.dep_ in ("nsubj", "csubj")), None)
    own = tagged_speaker(verb) or own
    if own is not None:
        return (_antecedent(_not_according(own), verb), False)
    passive = next((child for child in verb.children if child.dep_ == "nsubjpass"), None)
    if passive is not None or any(child.dep_ == "auxpass" for child in verb.children):
        agent = next((child for child in verb.children if child.dep_ == "agent"), None)
        found = next(iter(children(agent, "pobj")), None) if agent is not None else None
        return (found, True)
    if depth > 6:
        return (None, False)
    beyond = beyond_according(verb)
    if beyond is not None:
        return (beyond, False)
    if verb.tag_ == "VBN" and verb.dep_ == "advcl" and not children(verb, "aux"):
        return (None, True)  # "Asked whether …, she declined": somebody asked
    if verb.dep_ == "acl":
        if verb.tag_ == "VBN":
            agent = next((child for child in verb.children if child.dep_ == "agent"), None)
            return (next(iter(children(agent, "pobj")), None) if agent is not None else None, True)
        return (verb.head, False) if verb.head.pos_ in ("NOUN", "PROPN", "PRON") else (None, False)
    if verb.dep_ == "relcl" and verb.head.pos_ in ("NOUN", "PROPN", "PRON"):
        return (None, False)
    if verb.dep_ == "pcomp" and verb.head.head.pos_ in ("VERB", "AUX"):
        return subject(verb.head.head, depth + 1)
    if verb.dep_ in INHERITS and verb.head.pos_ in ("VERB", "AUX"):
        if verb.dep_ == "xcomp":
            # "urged Putin to say": the object of the governing verb speaks.
            controller = next((child for child in verb.head.children if child.dep_ in ("dobj", "dative")), None)
            if controller is not None:
                return (controller, False)
        if verb.dep_ == "ccomp" and verb.tag_ not in ("VBG", "VB"):
            return (None, False)
        if verb.dep_ == "conj" and verb.tag_ in ("VBD", "VBZ", "VBP") and children(verb.head, "auxpass"):
            # "is reported to have jumped on stage and claimed": an active verb has the passive's own subject.
            return (next(iter(children(verb.head, "nsubjpass")), None), False)
        inherited = subject(verb.head, depth + 1)
        beyond = _beyond_thing(verb, inherited[0])
        return (beyond, False) if beyond is not None else inherited
    return (None, False)


def _beyond_thing(verb: Token, who: Token | None) -> Token | None:
    """Return who asked in "it found transfers which could cost it millions and had asked": no transfer asks.

    The parser hangs the second verb under the relative clause; a noun in the plural or of no role, said of by "which",
    gives way to the subject of the clause that it stands in.
    """
    if verb.dep_ != "conj" or verb.head.dep_ != "relcl" or who is None or who != verb.head.head:
        return None
    if who.pos_ != "NOUN" or who.lemma_.lower() in cues.roles(verb.lang_) or who.lower_ in cues.roles(verb.lang_):
        return None
    governor = who.head
    while governor.pos_ not in ("VERB", "AUX") and governor.head != governor:
        governor = governor.head
    return subject(governor)[0] if governor.pos_ in ("VERB", "AUX") and governor != verb.head else None


def quoting_verb(participle: Token) -> Token | None:
    """Return the verb of "quoted him as saying", wherever the parser hangs the "as"."""
    prep = participle.head
    if participle.dep_ != "pcomp" or prep.lower_ != "as" or participle.tag_ != "VBG":
        return None
    quoting = cues.naming(participle.lang_, "quoting")
    if prep.head.lemma_.lower() in quoting:
        return prep.head
    before = (token for token in reversed(prep.doc[prep.sent.start : prep.i]) if token.pos_ == "VERB")
    last = next(before, None)
    return last if last is not None and last.lemma_.lower() in quoting and last.head != prep else None


def tagged_speaker(verb: Token) -> Token | None:
    """ "Karvelia, the diplomat said, had accepted": of two subjects the one behind the comma is the verb's."""
    both = [child for child in children(verb, "nsubj") if child.i < verb.i and child.lower_ not in RELATIVE]
    if len(both) < 2:
        return None
    last = both[-1]
    return last if last.left_edge.i and last.doc[last.left_edge.i - 1].text == "," else None


def _not_according(noun: Token) -> Token:
    """ "According to the agency, the mayor, Ana Lind, said": the parser takes the agency for the subject of "said"."""
    first = noun.left_edge.i
    if first < 2 or noun.doc[first - 1].lower_ != "to" or noun.doc[first - 2].lower_ != "according":
        return noun
    return next((child for child in noun.children if child.dep_ == "appos"), noun)


def beyond_according(verb: Token) -> Token | None:
    """ "According to Reuters, the mayor, Ana Lind, said": the parser takes the mayor for what Reuters is."""
    for token in children(verb, "prep"):
        if token.lower_ != "according" or token.i > verb.i:
            continue
        for to in children(token, "prep"):
            for outlet in children(to, "pobj"):
                found = next((c for c in children(outlet, "appos") if c.doc[c.left_edge.i - 1].text == ","), None)
                if found is not None and verb.i - found.right_edge.i <= 2:
                    return found
    return None


def second_cue_of(verb: Token) -> Token | None:
    """Return the verb of saying that a later one goes with: "A said there was no deal and urged the crowd to stay".

    The parser hangs "urged" under the clause that was said. It goes with the cue where it has the cue's tense and the
    clause's own subject is none who could urge (or a pronoun, which in "he said he was ill and asked" is the speaker).
    """
    clause = verb.head
    if verb.dep_ != "conj" or clause.dep_ != "ccomp" or children(verb, "nsubj", "nsubjpass", "expl"):
        return None
    governor = clause.head
    if governor.i > clause.i or verb.tag_ != governor.tag_ or verb.tag_ not in ("VBD", "VBZ"):
        return None
    if clause.tag_ != verb.tag_:
        return governor
    within = next(iter(children(clause, "nsubj", "nsubjpass", "expl")), None)
    named = within is not None and (within.pos_ == "PROPN" or within.ent_type_ in ("PERSON", "ORG", "GPE", "NORP"))
    return None if named else governor


def _antecedent(token: Token, verb: Token) -> Token:
    if token.lower_ not in RELATIVE:
        return token
    clause = verb
    for _ in range(8):
        if clause.dep_ == "relcl":
            break
        if clause.dep_ not in ("xcomp", "conj", "ccomp", "advcl"):
            return token
        clause = clause.head
    if clause.dep_ != "relcl":
        return token
    noun = clause.head
    # "…, reported the Courier, who urged": skip a reporting parenthesis between noun and relative clause.
    verb = noun.doc[max(phrase(noun)[0] - 1, 0)]
    if inverted_reporter(verb) == noun and verb.i - 2 >= verb.sent.start:
        return _head_of(noun.doc[verb.i - 2])
    return noun


def inverted_reporter(verb: Token) -> Token | None:
    """Return who reports in ", reported the Courier," whatever the parse: a name right behind a verb behind a comma."""
    cue = cues.verbs(verb.lang_).get(verb.lemma_.lower())
    if cue is None or not cue.strong or "a" in cue.takes:
        return None  # "…, told the Courier" is told to it
    if verb.tag_ not in ("VBD", "VBZ") or verb.i - verb.sent.start < 3 or verb.doc[verb.i - 1].text != ",":
        return None
    who = next((c for c in children(verb, "nsubj", "dobj") if c.i > verb.i and phrase(c)[0] == verb.i + 1), None)
    if who is None or not (
        who.pos_ == "PROPN" or (who.pos_ == "NOUN" and who.lemma_.lower() in cues.roles(verb.lang_))
    ):
        return None
    after = verb.doc[phrase(who)[1] : phrase(who)[1] + 1]
    if len(after) and after[0].text not in (",", "."):
        return None
    own = next((c for c in children(verb, "nsubj") if c.i < verb.i), None)
    if own is not None and (own.right_edge.i != verb.i - 1 or who.ent_type_ != "ORG"):
        return None  # "Lind, a nurse, reported Roth" has its subject; "…, Lind, reported the Courier, who" has not
    return who


def _head_of(token: Token) -> Token:
    """Return the head of the noun phrase that a token ends."""
    while token.head.i > token.i - 6 and token.dep_ in ("compound", "amod", "nmod", "flat") and token.head != token:
        token = token.head
    return token


def phrase(head: Token) -> tuple[int, int]:
    """Return first token and end of a noun phrase around its head, without its clauses and appositions."""
    keep = {head.i}
    stack = [child for child in head.children if child.dep_ not in NP_CUT]
    while stack:
        token = stack.pop()
        keep.add(token.i)
        stack.extend(
            child
            for child in token.children
            if child.dep_ not in ("relcl", "acl", "advcl", "appos", "parataxis", "ccomp")
        )
    first = last = head.i
    while first - 1 in keep:
        first -= 1
    while last + 1 in keep:
        last += 1
    doc = head.doc
    while first < head.i and doc[first].is_punct and doc[first].text not in '“"$':
        first += 1
    while last > head.i and (doc[last].is_punct or doc[last].is_space or doc[last].dep_ == "case"):
        last -= 1
    return first, last + 1


def subtree_indices(token: Token) -> set[int]:
    return {item.i for item in token.subtree}


def runs(indices: Iterable[int]) -> list[tuple[int, int]]:
    """Return half-open runs of consecutive indices, sorted."""
    found: list[tuple[int, int]] = []
    for index in sorted(indices):
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


def has_infinitive_mark(verb: Token) -> bool:
    return any(child.dep_ == "aux" and child.lower_ == "to" for child in verb.children)


def is_finite(verb: Token) -> bool:
    """Tell whether a verb stands in a tense of its own or with a helper that does ("had said", "has been saying")."""
    return verb.tag_ in ("VBD", "VBZ", "VBP") or any(
        child.dep_ in ("aux", "auxpass") and child.tag_ in ("VBD", "VBZ", "VBP", "MD") for child in verb.children
    )


def is_verb(token: Token) -> bool:
    return token.pos_ in ("VERB", "AUX") or token.tag_.startswith("VB")


def has_that(clause: Token) -> bool:
    return any(child.lower_ == "that" and (child.dep_ == "mark" or child.tag_ == "IN") for child in clause.children)


def is_strong(verb: Token) -> bool:
    if verb.tag_ not in ("VBD", "VBZ", "VBP", "VBG", "VBN", "VB"):
        return False
    cue = cues.verbs(verb.lang_).get(verb.lemma_.lower())
    return cue is not None and cue.strong
