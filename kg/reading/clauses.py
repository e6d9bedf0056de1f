"""A cue enters, the tokens of what is said leave: which clause it takes, and what of that is not said."""

from __future__ import annotations

from spacy.tokens import Doc, Token

from kg.model import Span
from kg.reading import cues
from kg.reading.cues import Cue
from kg.reading.draft import Paragraph
from kg.reading.speaking import can_speak
from kg.reading.syntax import (
    RELATIVE,
    children,
    has_infinitive_mark,
    inverted_reporter,
    is_finite,
    phrase,
    runs,
    second_cue_of,
    subject,
    subtree_indices,
    tagged_speaker,
)

MARKS = ("“", "”", '"', "``", "''")
ABOUT = ("for", "about", "over", "toward", "towards", "against")  # "expressed concern about", however parsed
OF_THE_CUE = frozenset(
    {"nsubj", "nsubjpass", "aux", "auxpass", "neg", "dative", "prep", "npadvmod", "advmod", "agent", "prt", "mark"}
)


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
    if clause is not None and clause.i < token.i and clause.dep_ == "ccomp" and cue.strong and _ends_sentence(token):
        return token, "final-tag"  # what the parser makes of a long sentence before its tag is often a part of it
    if clause is not None:
        return clause, "clausal-complement"
    stated = _stated_of(token, cue)
    if stated is not None:
        return stated, "clausal-complement"
    if cue.strong and _final_tag(token):
        return token, "final-tag"
    if _is_aside(token, cue):
        return token.head, "as"
    if cue.strong and _is_parenthesis(token):
        return token.head, "parenthesis"
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
        asked = cue.lemma == "question" and clause is not None and can_speak(clause, token.lang_)
        if clause is not None and clause.pos_ in ("NOUN", "PROPN") and _somebody(token) and not asked:
            return clause, "noun-phrase"  # but "questioned the owner" doubts nothing
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


def _is_parenthesis(verb: Token) -> bool:
    """ "On Friday, the boss told the Courier, Lind would go": a clause of its own between commas says its head."""
    if verb.dep_ != "advcl" or verb.head.i < verb.i or not is_finite(verb) or children(verb, "mark", "ccomp", "xcomp"):
        return False
    who = next((c for c in children(verb, "nsubj") if c.i < verb.i), None)
    if who is None or who.lower_ in RELATIVE or any(c.tag_ == "WRB" for c in verb.children):
        return False
    doc, last = verb.doc, verb.right_edge.i
    before = doc[who.left_edge.i - 1] if who.left_edge.i > verb.sent.start else None
    return before is not None and before.text == "," and last + 1 < len(doc) and doc[last + 1].text == ","


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
        hung = next((t for t in whom if t.dep_ in ("acl", "ccomp", "relcl") and _has_that(t) and is_finite(t)), None)
        if hung is not None and any(m.dep_ == "mark" for m in hung.children if m.lower_ == "that"):
            return hung
    for child in reversed(found):
        stop = min(
            [token.i, *(c.left_edge.i for c in token.children if c.dep_ in ("nsubj", "nsubjpass") and c.i > child.i)]
        )
        between = token.doc[child.right_edge.i + 1 : stop]
        if not any(word.text in (";", "but") or word.is_sent_end for word in between):
            return child
    return None


def is_open(clause: Token) -> bool:
    """Tell whether a clause asks: "whether it was", "how it went"."""
    return clause.left_edge.lower_ in ("whether", "if") or clause.left_edge.tag_ in ("WRB", "WP", "WDT")


def clause_in_medium(verb: Token) -> Token | None:
    """Return the clause of "said in a statement that …", which the parser hangs on the statement."""
    for prep in children(verb, "prep"):
        if prep.lower_ in ("in", "on", "at", "during", "via", "through") and prep.i > verb.i:
            clause = next((t for t in prep.subtree if t.dep_ in ("acl", "ccomp", "relcl") and _has_that(t)), None)
            if clause is not None:
                return clause
    return None


def _has_that(clause: Token) -> bool:
    return any(child.lower_ == "that" and (child.dep_ == "mark" or child.tag_ == "IN") for child in clause.children)


def _not_content(verb: Token, clause: Token) -> set[int]:
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


def _narrators(clause: Token) -> set[int]:
    """Return what the narrator adds behind a comma: ", before reversing course", ", despite photos of windows"."""
    out: set[int] = set()
    for child in clause.children:
        if child.i < clause.i or child.dep_ != "prep" or child.doc[child.i - 1].text != ",":
            continue
        if child.lower_ in ("despite", "per") or (child.lower_ in ("before", "after") and children(child, "pcomp")):
            out |= subtree_indices(child)
    return out


def _of_the_occasion(verb: Token, clause: Token, cue: Cue) -> set[int]:
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


def _occasion_before(verb: Token) -> set[int]:
    """ "Speaking to the Courier, she said, “…”": on what occasion it was said."""
    first = verb.sent[0]
    if first.tag_ not in ("VBG", "VBN") or first.lemma_.lower() not in cues.naming(verb.lang_, "occasion"):
        return set()
    comma = next((t for t in verb.doc[first.i : verb.i] if t.text == ","), None)
    who = next((c for c in children(verb, "nsubj") if c.i < verb.i), None)
    if comma is None or who is None or comma.i + 1 < who.left_edge.i:
        return set()
    return set(range(first.i, comma.i + 1))


def _is_next_cue(verb: Token, clause: Token) -> bool:
    """ "before it announced a tender, an official told the agency": the clause behind the comma is another cue."""
    if clause.i < verb.i:
        return False
    before = clause.doc[clause.left_edge.i - 1]
    if _is_strong(clause) and _final_tag(clause) is not None:
        return True
    cue = cues.verbs(clause.lang_).get(clause.lemma_.lower())
    return before.text == "," and cue is not None and cue.strong and bool(children(verb, "dobj", "oprd", "attr"))


def _is_strong(verb: Token) -> bool:
    if verb.tag_ not in ("VBD", "VBZ", "VBP", "VBG", "VBN", "VB"):
        return False
    cue = cues.verbs(verb.lang_).get(verb.lemma_.lower())
    return cue is not None and cue.strong


def tag_speaker(verb: Token) -> Token | None:
    """Return who speaks in a sentence's tag; see :func:`_final_tag`.

    The parser takes the speaker for an apposition ("a tender, a government official told the agency") or an object
    ("…, a resident of the village, who gave his name as Petro, told the paper"): words and commas tell better.
    """
    doc, first = verb.doc, verb.sent.start
    stop = verb.i
    while stop > first and (doc[stop - 1].dep_ in ("aux", "advmod", "neg") or doc[stop - 1].tag_ in ("MD", "RB")):
        stop -= 1
    if doc[stop - 1].text == ",":
        stop -= 1
    for _ in range(4):
        comma = next((i for i in range(stop - 1, first, -1) if doc[i].text == ","), None)
        if comma is None or comma + 1 >= stop:
            return None
        opening = doc[comma + 1]
        if opening.tag_ in ("WP", "WDT", "WP$", "IN") or opening.lower_ == "whose":
            stop = comma  # ", who gave his name as Petro,"
            continue
        head = _first_noun(doc, comma + 1, stop)
        return head if head is not None and doc[comma - 1].text != "," else None
    return None


def _first_noun(doc: Doc, first: int, stop: int) -> Token | None:
    """Return the head of the noun phrase that a stretch opens with and that nothing but its own phrases follow."""
    if doc[first].tag_ not in ("DT", "PRP$", "PRP", "NNP", "NN", "NNS", "NNPS", "JJ", "CD", "PDT"):
        return None
    last = next(
        (
            i
            for i in range(first, stop)
            if doc[i].pos_ in ("NOUN", "PROPN", "PRON")
            and (i + 1 == stop or (doc[i + 1].pos_ not in ("NOUN", "PROPN", "PART", "ADJ") and doc[i + 1].text != "-"))
        ),
        None,
    )
    if last is None:
        return None
    relative = next((i for i in range(last + 1, stop) if doc[i].tag_ in ("WP", "WDT")), stop)
    if any(
        doc[i].tag_ in ("VBD", "VBZ", "VBP", "MD", "CC", ":") or doc[i].text in ("“", "”", '"', "''", "``")
        for i in range(first, relative)
    ):
        return None
    if relative == stop and stop - last > 12:
        return None
    return doc[last]


def _final_tag(verb: Token) -> int | None:
    """Return the comma before the tag of a sentence: "…, a senior official told the Courier on Monday."

    Whatever the parse: a subject right behind a comma, its verb of saying, and nothing said after it.
    """
    doc = verb.doc
    if not is_finite(verb):
        return None
    who = tag_speaker(verb)
    comma = (
        None if who is None else next((doc[i] for i in range(who.i, verb.sent.start, -1) if doc[i].text == ","), None)
    )
    if who is None or comma is None or comma.i <= verb.sent.start + 2:
        return None
    if any(child.dep_ in ("ccomp", "xcomp") and child.i > verb.i for child in verb.children):
        return None
    after = doc[verb.i + 1 : verb.sent.end]
    if len(after) > 22 or any(token.text in (":", "“", '"', "``", "''", ";") for token in after):
        return None
    if any(
        token.tag_ in ("VBD", "VBZ", "VBP", "MD") and token.dep_ not in ("relcl", "advcl", "aux") for token in after
    ):
        return None
    before = doc[verb.sent.start : comma.i]
    if not any(token.tag_ in ("VBD", "VBZ", "VBP", "MD") for token in before):
        return None
    # "If the plan fails, the minister said" needs more to follow; "When asked, he said no" says it.
    if _is_condition(doc, verb.sent.start, comma.i) and not _after_parenthesis(verb, set()):
        return None
    return comma.i


def _ends_sentence(verb: Token) -> bool:
    """Tell whether a sentence without quotation marks ends in this tag and holds no other: "…, the minister said." """
    comma = _final_tag(verb)
    if comma is None or _after_parenthesis(verb, set()):
        return False
    known = cues.verbs(verb.lang_)
    for token in verb.doc[verb.sent.start : comma]:
        if token.text in MARKS or token.text == ";":
            return False
        cue = known.get(token.lemma_.lower()) if token.pos_ == "VERB" else None
        if cue is not None and "s" in cue.takes and is_finite(token) and token.dep_ == "ROOT":
            return False
    return True


def _is_condition(doc: Doc, first: int, comma: int) -> bool:
    """Tell whether a stretch before a comma is a clause of time or condition: "Even when the fund closed, he said"."""
    lead = doc[first : min(first + 3, comma)]
    opens = any(token.dep_ == "mark" or token.tag_ == "WRB" for token in lead if token.dep_ not in ("nsubj", "dobj"))
    return opens and not any(token.text == "," for token in doc[first:comma])


def _is_aside(verb: Token, cue: Cue) -> bool:
    """Tell whether a verb stands in "as she observed," which says the clause it hangs on."""
    if verb.dep_ != "advcl" or not (cue.strong or "e" in cue.takes) or "q" in cue.takes or not is_finite(verb):
        return False
    mark = next((c for c in verb.children if c.dep_ == "mark" and c.lower_ == "as"), None)
    if mark is None or not children(verb, "nsubj"):
        return False
    it = [child.lower_ for child in children(verb, "dobj")]
    if "e" in cue.takes:
        return it == ["it"]  # "as Lind put it"
    if it or children(verb, "xcomp", "ccomp"):
        return False
    return mark.is_sent_start or mark.doc[mark.i - 1].text in (",", "—", "–", "(")


def _opens_another(token: Token) -> bool:
    """Tell whether a word before the verb shows that the noun before it is no subject: "a loss which could …"."""
    if token.tag_ in ("WDT", "WP", "WRB", "TO") or token.dep_ == "mark" or token.lower_ in ("so", "as"):
        return True
    after = token.doc[token.i + 1] if token.i + 1 < len(token.doc) else None
    return token.dep_ == "cc" and after is not None and after.tag_ in ("VBD", "VBZ", "VBP", "MD", "VB")


def _without_asides(head: Token) -> set[int]:
    """Return the tokens of a noun phrase without relative clauses and appositions set off by commas."""
    out = subtree_indices(head)
    for token in head.subtree:
        if token.dep_ in ("relcl", "appos", "advcl") and token.head.i in out:
            before = token.doc[token.left_edge.i - 1] if token.left_edge.i else None
            if before is not None and before.text in (",", "—", "–", "("):
                out -= subtree_indices(token)
    return out


def _stray_subject(verb: Token, clause: Token, cue: Cue) -> set[int]:
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


def _other_half(verb: Token, clause: Token) -> set[int]:
    """ "said the boat named Alda sailed on Monday was lost": the parser makes two clauses of one."""
    later = [c for c in children(verb, "ccomp", "advcl") if c.i > clause.i and is_finite(c)]
    if not later or clause.i < verb.i:
        return set()
    if children(later[-1], "nsubj", "nsubjpass", "expl", "csubj") or later[-1].dep_ == "advcl":
        # "asked whether he was concerned that it could fail"
        follows = later[-1].left_edge.i == clause.right_edge.i + 1
        return subtree_indices(later[-1]) if follows and _has_that(later[-1]) else set()
    return set(range(clause.right_edge.i + 1, later[-1].right_edge.i + 1))


def _goes_on(verb: Token, clause: Token) -> set[int]:
    """ "said he died, but the force had only lately come to know": a clause in the tense of reports belongs to it."""
    after = next((c for c in children(verb, "conj") if c.i > clause.i and children(c, "nsubj", "nsubjpass")), None)
    if after is None or verb.tag_ != "VBD" or after.lemma_.lower() in cues.verbs(after.lang_):
        return set()
    back = cues.naming(after.lang_, "back-shift")
    if not any(c.lower_ in back for c in children(after, "aux", "auxpass")):
        return set()
    return set(range(clause.right_edge.i + 1, after.right_edge.i + 1))


def _is_subject(first: Token) -> bool:
    """Tell whether a token begins a subject."""
    node = first
    while node.head != node and node.dep_ in ("det", "amod", "compound", "poss", "nummod"):
        node = node.head
    return node.dep_ in ("nsubj", "nsubjpass", "expl") and node.left_edge == first


def _is_audience(noun: Token) -> bool:
    after = noun.nbor(1)
    starts = after.pos_ in ("PROPN", "NOUN", "PRON", "DET", "NUM", "ADJ") or after.tag_ in ("EX", "PRP$")
    return noun.lower_ in cues.naming(noun.lang_, "audience") and starts


def _open_clause(verb: Token) -> set[int]:
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
        if token.i in aside:
            stop = token.i + 1
            continue
        if token.text == "," and not finite and (_is_subject(after) or _is_strong(after)):
            return set()  # "announced layoffs, some workers left"
        if token.text in (";", "“", '"', "``", "''") or (token.text == "," and (finite or after.dep_ == "cc")):
            break
        if not finite and token.i > stray.i and stray.dep_ == "dobj" and _opens_another(token):
            return set()
        finite = finite or (token.tag_ in ("VBD", "VBZ", "VBP", "MD") and token.dep_ != "relcl" and token.i > stray.i)
        stop = token.i + 1
    return set(range(verb.i + 1, stop)) if finite else set()


def _after_parenthesis(verb: Token, content: set[int]) -> set[int]:
    """ "The rail would be examined, Roberts said, to determine why": what follows the second comma is said, too."""
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
        or first.text in ("“", '"', "``", "''")
    ):
        return set()
    return set(range(edge + 2, verb.sent.end))


def content_of(token: Token, clause: Token | None, cue: Cue, rule: str) -> tuple[set[int], str]:
    """Return the tokens of what a verb says, and the rule that found them after all."""
    content: set[int] = set()
    if rule == "final-tag":
        comma = _final_tag(token)
        if comma is None:
            return set(), rule
        more = _after_parenthesis(token, set())
        if more:
            return more if _is_condition(token.doc, token.sent.start, comma) else more | set(
                range(token.sent.start, comma)
            ), "parenthesis"
        return set(range(token.sent.start, comma)), rule
    reporter = inverted_reporter(token) if rule == "inverted" else None
    if reporter is not None:
        sentence = set(range(token.sent.start, token.sent.end))
        return sentence - set(range(token.i - 1, phrase(reporter)[1] + 1)), "parenthesis"
    if clause is not None:
        content = subtree_indices(clause)
        if rule in ("parenthesis", "as"):
            content -= subtree_indices(token)
        content -= _not_content(token, clause)
        content -= _narrators(clause) | _of_the_occasion(token, clause, cue)
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
        content = _without_asides(clause) - {mark.i for mark in children(clause, "mark") if mark.lower_ == "for"}
        if cue.act in ("ask", "urge"):
            # "requested equipment from the city": whom it is asked of is the addressee.
            content -= {i for c in children(clause, "prep") if c.lower_ == "from" for i in subtree_indices(c)}
        if rule == "noun-phrase":
            # "blaming Karvelia for the attack": what for belongs to it.
            content |= {
                i
                for c in children(token, "prep")
                if c.i > clause.i and (c.lower_ in ABOUT or (c.lower_ == "at" and cue.lemma == "express"))
                for i in subtree_indices(c)
            }
            reported = next((c for c in children(clause, "acl", "ccomp", "relcl") if _has_that(c)), None)
            if reported is not None and cue.act == "deny" and clause.lemma_.lower() in cues.nouns(token.lang_):
                # "rejected suggestions that the alarm had failed": the suggestion is denied.
                content = subtree_indices(reported)
    if rule in ("clausal-complement", "") and clause is not None and clause.i > token.i:
        content |= _stray_subject(token, clause, cue) | _other_half(token, clause)
    if rule == "clausal-complement" and clause is not None and clause.i > token.i:
        content |= _goes_on(token, clause)
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
        content -= _occasion_before(token)
    if clause is not None and clause.i < token.i and rule in ("clausal-complement", "parenthesis"):
        content |= _after_parenthesis(token, content)
    first = token.i + 1
    if "a" in cue.takes and first in content and first + 1 in content and _is_audience(token.doc[first]):
        content.discard(first)  # "told reporters Bonn saw no need": parsers read "reporters Bonn"
    if rule in ("", "noun-phrase") and "o" in cue.takes:
        opened = _open_clause(token)
        if opened:
            content, rule = opened, "open-clause"
    return content, rule


def spans_of(paragraph: Paragraph, indices: set[int]) -> list[Span]:
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
    for token in doc[first : end - 1]:
        if token.text in ("”", '"', "''") and token.i > first + 1:
            before = doc[max(0, token.i - 4) : token.i].text.rstrip("])")[-1:]
            after = doc[token.i + 1 : token.i + 3].text
            if before in (".", "!", "?") and token.whitespace_ and after.lstrip()[:1].isupper():
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
