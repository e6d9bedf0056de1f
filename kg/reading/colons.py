"""A quotation behind a colon enters, its utterance leaves where the sentence before tells who speaks without a cue."""

from __future__ import annotations

from kg.reading import cues
from kg.reading.cues import Cue
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.speaking import can_speak, located
from kg.reading.syntax import children, subject
from kg.reading.utterance import Utterance

FARTHEST = 40  # tokens back from the colon


def behind_colon(draft: Draft, where: int, paragraph: Paragraph, quote: Quote) -> Utterance | None:
    """ "Bolton gave another account: “…”", "Lind was blunt: “…”": who the sentence is about speaks.

    "Ana Lind: “…”" at a paragraph's beginning has no verb at all. The sentence's subject has to be somebody.
    """
    assert paragraph.doc is not None
    place = quote.span.start - paragraph.span.start
    before = [token for token in paragraph.doc if token.idx < place][-FARTHEST:]
    while before and (before[-1].is_space or before[-1].text in ("“", '"', "``", "''")):
        before.pop()
    if not before or before[-1].text != ":":
        return None
    sentence = [token for token in before if token.sent.start == before[-1].sent.start]
    verbs = [t for t in sentence if t.pos_ in ("VERB", "AUX") and t.tag_ in ("VBD", "VBZ", "VBP") and t.dep_ != "relcl"]
    for verb in verbs[:1]:
        who, passive = subject(verb)
        if who is None or passive or who.i > before[-1].i or not can_speak(who, draft.language):
            return None
        known = cues.verbs(draft.language).get(verb.lemma_.lower())
        act = known.act if known is not None else "state"
        cue = Cue(verb.lemma_.lower(), "s", act, "positive", "certain", "say")
        return Utterance(where, "colon", cue, paragraph.locate(verb), verb, who, located(paragraph, who),
                         [quote.span], quotes=[quote])  # fmt: skip
    name = sentence[-2] if len(sentence) > 1 else None
    if not verbs and name is not None and name.pos_ == "PROPN" and len(sentence) <= 7 and not children(name, "prep"):
        return Utterance(where, "colon", cues.NO_CUE, None, None, name, located(paragraph, name),
                         [quote.span], quotes=[quote])  # fmt: skip
    return None
