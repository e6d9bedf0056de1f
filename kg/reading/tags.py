"""A verb of saying enters, what its place in a sentence tells leaves: a tag at its end, a parenthesis, an aside."""

from __future__ import annotations

from spacy.tokens import Doc, Token

from kg.reading import cues
from kg.reading.cues import Cue
from kg.reading.syntax import RELATIVE, children, is_finite, is_name_alone, is_strong

MARKS = ("“", "”", '"', "``", "''")


def tag_speaker(verb: Token) -> Token | None:
    """Return who speaks in a sentence's tag; see :func:`final_tag`.

    The parser takes the speaker for an apposition ("a tender, a government official told the agency") or an object
    ("…, a resident of the village, who gave his name as Petro, told the paper"): words and commas tell better.
    """
    doc, first = verb.doc, verb.sent.start
    stop = verb.i
    while stop > first and (
        doc[stop - 1].dep_ in ("aux", "auxpass", "advmod", "neg") or doc[stop - 1].tag_ in ("MD", "RB")
    ):
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


def final_tag(verb: Token) -> int | None:
    """Return the comma before the tag of a sentence: "…, a senior official told the Courier on Monday."

    Whatever the parse: a subject right behind a comma, its verb of saying, and nothing said after it.
    """
    doc = verb.doc
    if not is_finite(verb):
        return None
    if verb.dep_ == "ccomp" and verb.head.i < verb.i and is_strong(verb.head) and is_finite(verb.head):
        return None  # "Roth said that the governor, Ana Lind, had told him"
    who = tag_speaker(verb)
    comma = (
        None if who is None else next((doc[i] for i in range(who.i, verb.sent.start, -1) if doc[i].text == ","), None)
    )
    if who is None or comma is None or comma.i <= verb.sent.start + 2:
        return None
    if any(child.i > verb.i and not is_name_alone(child) for child in children(verb, "ccomp", "xcomp")):
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
    if is_condition(doc, verb.sent.start, comma.i) and not after_parenthesis(verb, set()):
        return None
    return comma.i


def ends_sentence(verb: Token) -> bool:
    """Tell whether a sentence without quotation marks ends in this tag and holds no other: "…, the minister said." """
    comma = final_tag(verb)
    if comma is None or after_parenthesis(verb, set()):
        return False
    known = cues.verbs(verb.lang_)
    for token in verb.doc[verb.sent.start : comma]:
        if token.text in MARKS or token.text == ";":
            return False
        cue = known.get(token.lemma_.lower()) if token.pos_ == "VERB" else None
        if cue is not None and "s" in cue.takes and is_finite(token) and token.dep_ == "ROOT":
            return False
    return True


def is_condition(doc: Doc, first: int, comma: int) -> bool:
    """Tell whether a stretch before a comma is a clause of time or condition: "Even when the fund closed, he said"."""
    lead = doc[first : min(first + 3, comma)]
    opens = any(token.dep_ == "mark" or token.tag_ == "WRB" for token in lead if token.dep_ not in ("nsubj", "dobj"))
    return opens and not any(token.text == "," for token in doc[first:comma])


def is_aside(verb: Token, cue: Cue) -> bool:
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


def is_shown_aside(verb: Token, cue: Cue) -> bool:
    """Tell whether a participle stands in "As revealed at the trial, …", ", as announced by the council,"."""
    if verb.dep_ != "advcl" or verb.tag_ not in ("VBN", "VBD") or not cue.strong or "q" in cue.takes:
        return False
    first = verb.doc[verb.i - 1] if verb.i > verb.sent.start else None
    if first is None or first.lower_ != "as" or children(verb, "nsubj", "dobj", "ccomp", "xcomp", "oprd", "acomp"):
        return False
    if verb.head.pos_ not in ("VERB", "AUX") or not is_finite(verb.head):
        return False
    return first.is_sent_start or first.nbor(-1).text in (",", "—", "–", "(")


def is_parenthesis(verb: Token) -> bool:
    """ "On Friday, the boss told the Courier, Lind would go": a clause of its own between commas says its head."""
    if verb.dep_ != "advcl" or verb.head.i < verb.i or not is_finite(verb) or children(verb, "mark", "ccomp", "xcomp"):
        return False
    who = next((c for c in children(verb, "nsubj") if c.i < verb.i), None)
    if who is None or who.lower_ in RELATIVE or any(c.tag_ == "WRB" for c in verb.children):
        return False
    doc, last = verb.doc, verb.right_edge.i
    before = doc[who.left_edge.i - 1] if who.left_edge.i > verb.sent.start else None
    return before is not None and before.text == "," and last + 1 < len(doc) and doc[last + 1].text == ","


def after_parenthesis(verb: Token, content: set[int]) -> set[int]:
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
