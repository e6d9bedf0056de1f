"""A sentence of tokens enters, its utterances leave: what is said, the words for who says it, and through whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kg.model import Span
from kg.reading.cues import Cue
from kg.reading.plain.edges import clause_start, has_words, next_break, sentence_start
from kg.reading.plain.phrases import Phrase, phrase_at
from kg.reading.plain.sentences import MARKS, Tok
from kg.reading.plain.subject import find_subject, with_apposition
from kg.reading.plain.words import Saying, Words

ACCORDING = Cue("laut", "p", "state", "positive", "certain", "say")
REACH = 24  # tokens between a verb and its particle


@dataclass(slots=True)
class Said:
    """An utterance in the making; ``content`` are token ranges of the sentence."""

    rule: str
    cue: Cue
    cue_span: Span | None
    speaker: Phrase | None
    content: list[tuple[int, int]]
    addressee: Phrase | None = None
    cited: Phrase | None = None
    negated: bool = False
    same_speaker: bool = False
    plural: bool = False
    after: int = 0  # the token behind the clause of the cue
    first: int = 0  # and the one that opens it
    spans: list[Span] = field(default_factory=list)


def find_said(toks: Sequence[Tok], words: Words) -> list[Said]:
    """Find the utterances of a sentence by its cues, in text order. Linear: every look ahead is bounded."""
    found: list[Said] = []
    used: set[int] = set()
    for i, tok in enumerate(toks):
        if tok.quote >= 0 or not tok.is_word or i in used:
            continue
        item = _according(toks, i, words) or _so(toks, i, words) or _verb(toks, i, words, found)
        if item is not None:
            found.append(item)
            used.update(range(i, min(item.after, i + 2)))
    return [item for item in found if item.content or "s" in item.cue.takes]


def _according(toks: Sequence[Tok], i: int, words: Words) -> Said | None:
    """ "laut X", "nach Angaben von X", "X zufolge": all else of the sentence is said."""
    lower = toks[i].lower
    cue_end = i + 1
    speaker: Phrase | None = None
    first, end = i, i + 1
    if lower in words.of("according"):
        speaker = phrase_at(toks, i + 1, words)
    elif lower in words.of("after") and i + 1 < len(toks):
        at = i + 1
        if toks[at].lower in words.of("own"):
            return None
        if toks[at].lower not in words.of("accounts"):
            return None
        cue_end = at + 1
        of = at + 1
        if of < len(toks) and toks[of].lower in words.of("of"):
            of += 1
        speaker = phrase_at(toks, of, words)
    elif lower in words.of("behind"):
        begin = clause_start(toks, i)
        speaker = next((p for p in (phrase_at(toks, at, words) for at in range(begin, i)) if p and p.end == i), None)
        if speaker is not None:
            first = speaker.first
    if speaker is None or (speaker.pronoun and lower not in words.of("behind")):
        return None
    speaker = with_apposition(toks, speaker, words)
    end = max(i + 1, speaker.end, speaker.beside.end if speaker.beside else 0)
    end = _past_relative(toks, end, words)
    start, stop = min(sentence_start(toks, words), first), len(toks)
    content = [(a, b) for a, b in ((start, first), (end, stop)) if has_words(toks, a, b)]
    span = Span(toks[i].start, toks[cue_end - 1].end)
    return Said("according-to", ACCORDING, span, speaker, content, after=end, first=first)


def _past_relative(toks: Sequence[Tok], at: int, words: Words) -> int:
    """Return the token behind "…, das den Bau plant," which belongs to the speaker; the same one without such."""
    if at + 1 < len(toks) and toks[at].text == "," and toks[at + 1].lower in words.of("relative"):
        stop = next_break(toks, at + 1)
        if stop < len(toks) and toks[stop].text == ",":
            return stop + 1
    return at


def _so(toks: Sequence[Tok], i: int, words: Words) -> Said | None:
    """ "„…“, so die Ministerin.", "…, so Lind weiter": the part before is said."""
    if toks[i].lower not in words.of("so") or i == 0 or not toks[i - 1].is_break:
        return None
    speaker = phrase_at(toks, i + 1, words)
    if speaker is None or speaker.pronoun:
        return None
    speaker = with_apposition(toks, speaker, words)
    end = max(speaker.end, speaker.beside.end if speaker.beside else 0)
    if end < len(toks) and toks[end].is_word and toks[end].lower not in words.of("further"):
        return None
    stop = next_break(toks, end)
    content = [(sentence_start(toks, words), i)]
    if stop + 1 < len(toks) and toks[stop].text == ",":
        content.append((stop + 1, len(toks)))
    cue = replace(ACCORDING, lemma="so", takes="s")
    return Said("so", cue, Span(toks[i].start, toks[i].end), speaker, content, after=end, first=i)


def _verb(toks: Sequence[Tok], i: int, words: Words, found: list[Said]) -> Said | None:
    matched = _saying(toks, i, words)
    if matched is None:
        return None
    saying, particle = matched
    start = clause_start(toks, i)
    # "hat den Vorwurf zurückgewiesen": the helper stands where else the verb does.
    finite = next((at for at in range(start, i) if toks[at].lower in words.of("have")), i)
    who = find_subject(toks, finite, start, words)
    if who is None:
        return None
    speaker, after = who.phrase, who.after
    if speaker is None and not found:
        return None
    nobody = speaker is not None and speaker.pronoun and toks[speaker.first].lower in words.of("nobody")
    if nobody != ("i" in saying.takes):
        return None  # "hieß es" is nobody's and yet said
    addressee, after = _addressee(toks, after, words, person="a" in saying.takes and speaker is not None)
    if who.final:
        after = i + 1
    item = Said("", saying.cue, Span(toks[i].start, toks[i].end), speaker, [], addressee, first=who.first)
    item.negated = any(tok.lower in words.of("negation") for tok in toks[after : next_break(toks, after)][:6])
    item.same_speaker = speaker is None
    item.plural = toks[finite].lower.endswith(tuple(words.of("plural-ending")))
    perfect = finite < i
    stop = next_break(toks, max(after, i + 1 if perfect else 0, particle + 1))
    item.after = max(stop, after)
    if nobody:
        item.speaker = _circle(toks, after, words)
    _content(toks, item, saying, words, Around(start, i, finite, after, stop, particle, final=who.final, nobody=nobody))
    item.cited = _citing(toks, item.first, item.after, words)
    return item


def _circle(toks: Sequence[Tok], at: int, words: Words) -> Phrase | None:
    """ "hieß es aus Regierungskreisen": who may be behind what nobody is named for."""
    if at < len(toks) and toks[at].lower in words.of("attribute"):
        found = phrase_at(toks, at + 1, words)
        named = found is not None and found.noun is not None and found.noun.kind != "document"
        return found if named else None
    return None


def _saying(toks: Sequence[Tok], i: int, words: Words) -> tuple[Saying, int] | None:
    """Return the verb of saying at a token, and where its particle stands (-1: it has none)."""
    lower = toks[i].lower
    if toks[i].is_capital and i > 0 and toks[i - 1].text not in MARKS and not toks[i - 1].is_break:
        return None
    joined = words.joined.get(lower)
    if joined is not None:
        return joined, -1
    for saying in words.forms.get(lower, ()):
        if not saying.particle:
            return saying, -1
        for at in range(i + 1, min(i + REACH, len(toks))):
            if toks[at].lower == saying.particle and toks[at].quote < 0:
                after = toks[at + 1] if at + 1 < len(toks) else None
                if after is None or after.is_break or after.lower in words.of("coordinator"):
                    return saying, at
    return None


@dataclass(frozen=True, slots=True)
class Around:
    """Where things stand about a verb of saying: its clause's start, the verb, the finite verb, the token behind
    subject and addressee, the sign that ends the clause, the particle (-1: none)."""

    start: int
    verb: int
    finite: int
    after: int
    stop: int
    particle: int
    final: bool
    nobody: bool


def _content(toks: Sequence[Tok], item: Said, saying: Saying, words: Words, at: Around) -> None:
    """Find what is said: behind a colon or comma, before the cue, or as its object."""
    takes, stop = saying.takes, at.stop
    sign = toks[stop].text if stop < len(toks) else ""
    if at.final:
        # "Wie die Behörde mitteilte, …" and "…, wie die Behörde mitteilte."
        before = [(sentence_start(toks, words), item.first - 1)] if item.first > 1 else []
        behind = [(stop + 1, len(toks))] if sign == "," else []
        item.content = [(a, b) for a, b in before + behind if has_words(toks, a, b)]
        item.rule = "as"
        return
    if sign == ":" and stop + 1 < len(toks):
        item.content, item.rule = [(stop + 1, len(toks))], "colon"
        return
    inverted = item.speaker.first > at.finite if item.speaker is not None else at.nobody
    ahead = inverted and at.start == at.finite and at.finite > 1
    if "s" in takes and ahead:
        item.content.append((sentence_start(toks, words), at.finite - 1))
        item.rule = "parenthesis"
    if sign == "," and stop + 1 < len(toks):
        _behind_comma(toks, item, saying, words, stop + 1, ahead=ahead)
    if not item.content:
        _object(toks, item, saying, words, at)


def _behind_comma(toks: Sequence[Tok], item: Said, saying: Saying, words: Words, at: int, *, ahead: bool) -> None:
    takes = saying.takes
    first = toks[at].lower
    rest = (at, _until_next_cue(toks, at, words))
    if first in words.of("that") and "s" in takes:
        item.content.append((at + 1, rest[1]))
    elif first in words.of("clause") and "s" in takes:
        item.content.append(rest)
    elif "z" in takes and _infinitive(toks, *rest, words):
        item.content.append(rest)
        item.rule = "infinitive"
    elif "s" in takes and (ahead or toks[at].quote >= 0 or _is_clause(toks, rest, words)):
        item.content.append(rest)
    item.rule = item.rule or ("clausal-complement" if item.content else "")


def _object(toks: Sequence[Tok], item: Said, saying: Saying, words: Words, at: Around) -> None:
    """ "bestritt die Vorwürfe", "warnte vor Böen", "hat den Vorwurf zurückgewiesen": what is said is a phrase."""
    begin = max(at.finite + 1, at.after)
    end = at.verb if at.finite < at.verb else at.particle if at.particle > begin else next_break(toks, begin)
    for i in range(begin, end):
        if toks[i].lower in saying.after and has_words(toks, i + 1, end):
            item.content, item.rule = [(i + 1, end)], "prepositional"
            return
    while begin < end and toks[begin].lower in words.of("negation"):
        begin += 1
    if begin >= end or "n" not in saying.takes or any(tok.quote >= 0 for tok in toks[begin:end]):
        return
    if toks[begin].lower in words.of("this") or phrase_at(toks, begin, words) is not None:
        item.content, item.rule = [(begin, end)], "noun-phrase"


def _is_clause(toks: Sequence[Tok], rest: tuple[int, int], words: Words) -> bool:
    """Tell whether a stretch holds a verb in the subjunctive of reports, or is long enough to be a clause."""
    some = [tok.lower for tok in toks[rest[0] : rest[1]]]
    report = words.of("subjunctive") | words.of("past-subjunctive") | words.of("auxiliary")
    return any(word in report for word in some) or len(some) >= 5


def _infinitive(toks: Sequence[Tok], first: int, end: int, words: Words) -> bool:
    marks, ending = words.of("infinitive-mark"), tuple(words.of("infinitive-ending"))
    for at in range(first, end):
        lower = toks[at].lower
        after = toks[at + 1] if at + 1 < end else None
        if lower in marks and after is not None and after.lower.endswith(ending) and not after.is_capital:
            return True
        inside = any(mark in lower[2:-3] for mark in marks) and len(lower) > 7
        if inside and lower.endswith(ending) and not toks[at].is_capital:
            return True  # "einzuführen"
    return False


def _until_next_cue(toks: Sequence[Tok], first: int, words: Words) -> int:
    """Return where what is said ends: before "und fügte hinzu", else with the sentence."""
    for at in range(first + 1, len(toks) - 1):
        if (
            toks[at].lower in words.of("coordinator")
            and toks[at].quote < 0
            and _saying(toks, at + 1, words) is not None
        ):
            return at - 1 if toks[at - 1].text == "," else at
    return len(toks)


def _addressee(toks: Sequence[Tok], at: int, words: Words, *, person: bool) -> tuple[Phrase | None, int]:
    """ "sagte Lind der Zeitung „Courier“", "gegenüber Reportern": whom it was told, and the token behind."""
    if at < len(toks) and toks[at].lower in words.of("towards"):
        found = phrase_at(toks, at + 1, words)
        if found is not None:
            return found, found.end
        return None, at
    found = phrase_at(toks, at, words)
    if found is None or found.pronoun:
        return None, at
    outlet = found.noun is not None and found.noun.noun in words.of("outlet-noun")
    if outlet or toks[found.first].lower in words.of("reporters") or person:
        return found, found.end
    return None, at


def _citing(toks: Sequence[Tok], first: int, end: int, words: Words) -> Phrase | None:
    """ "unter Berufung auf Beamte": whom a report cites."""
    for at in range(first, min(end, len(toks) - 2)):
        if toks[at].lower in words.of("citing") and toks[at + 1].lower in words.of("citing-on"):
            return phrase_at(toks, at + 2, words)
    return None
