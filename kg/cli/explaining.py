"""A reading and the decisions behind it enter; leaves what a person wants to see who asks why it was read so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.model import Reading, Span, Statement
    from kg.reading.weighing import Weighed

MARKS = """[s1: content]   {s1: cue}   <s1: speaker>   (zone) before a line that is not the story"""


@dataclass(frozen=True, slots=True)
class _Marked:
    span: Span
    opening: str
    closing: str


def explain(reading: Reading, decisions: Iterable[Weighed] | None) -> Iterator[str]:
    """Yield lines: the text with its spans marked, then each statement with rule, evidence and what was passed over.

    ``decisions`` None says that the reader keeps none (a plug-in, a ready-made record): evidence is shown all the same.
    """
    article = reading.article
    yield article.title or article.origin or article.iri
    yield f"  read by {reading.run.reader} {reading.run.version}"
    yield ""
    yield MARKS
    yield ""
    yield from _marked_text(reading)
    yield ""
    kept = list(decisions or ())
    told: set[Weighed] = set()
    for statement in reading.statements:
        mine = [decision for decision in kept if _is_of(decision, statement)]
        told.update(mine)
        yield from _statement(reading, statement, mine)
    rest = [decision for decision in kept if decision not in told]
    if rest:
        yield "other decisions (who is spoken to, who is cited, what became no statement)"
        yield from (f"  {line}" for decision in rest for line in _decision(reading, decision))
    if decisions is None:
        yield "This reader does not tell what it passed over."
    for problem in reading.problems:
        place = f"{problem.span.start}-{problem.span.end}: " if problem.span else ""
        yield f"problem in {problem.step}: {place}{problem.message}"


def _is_of(decision: Weighed, statement: Statement) -> bool:
    if decision.what == "speaker":
        spans: list[Span] = [statement.speaker_span] if statement.speaker_span else []
    elif decision.what == "rule":
        spans = [statement.cue] if statement.cue else []
    else:
        spans = [statement.content[0]]
    return any(span.start <= decision.at < span.end for span in spans)


def _marked_text(reading: Reading) -> Iterator[str]:
    """Yield the lines of the text with the spans of statements in brackets; a longer span stands around a shorter."""
    text = reading.article.text
    marked = [
        mark
        for statement in reading.statements
        for mark in (
            *(_Marked(span, f"[{statement.key}: ", "]") for span in statement.content),
            *([_Marked(statement.cue, f"{{{statement.key}: ", "}")] if statement.cue else ()),
            *([_Marked(statement.speaker_span, f"<{statement.key}: ", ">")] if statement.speaker_span else ()),
        )
    ]
    opened = sorted(marked, key=lambda mark: (mark.span.start, -mark.span.end))
    closed = sorted(marked, key=lambda mark: (mark.span.end, -mark.span.start))
    places = sorted({place for mark in marked for place in (mark.span.start, mark.span.end)})
    pieces: list[str] = []
    at, first, last = 0, 0, 0
    for place in places:
        pieces.append(text[at:place])
        while last < len(closed) and closed[last].span.end == place:
            pieces.append(closed[last].closing)
            last += 1
        while first < len(opened) and opened[first].span.start == place:
            pieces.append(opened[first].opening)
            first += 1
        at = place
    pieces.append(text[at:])
    zones = {number: zone.kind for zone in reading.zones for number in _lines_of(text, zone.span)}
    for number, line in enumerate("".join(pieces).split("\n")):
        kind = f"({zones[number]}) " if number in zones else ""
        yield f"  {kind}{line}".rstrip()


def _lines_of(text: str, span: Span) -> range:
    """Return the numbers of the lines that a span touches, counted from nought."""
    return range(text.count("\n", 0, span.start), text.count("\n", 0, span.end) + 1)


def _statement(reading: Reading, statement: Statement, decisions: list[Weighed]) -> Iterator[str]:
    names = {source.key: source.name or "(unknown)" for source in reading.sources}
    rule = statement.rule or "no rule named"
    yield (
        f"{statement.key}  {statement.mode}, {statement.act}, {statement.polarity}, {statement.certainty}"
        f"   rule {rule}, confidence {statement.confidence:.2f}"
    )
    for span in statement.content:
        yield f"  content  {_quoted(reading, span)}"
    if statement.cue:
        yield f"  cue      {_quoted(reading, statement.cue)}"
    if statement.speaker_span:
        who = names[statement.speaker] if statement.speaker else "nobody named"
        yield f"  speaker  {_quoted(reading, statement.speaker_span)} is {who}"
    for position, link in enumerate(statement.chain):
        evidence = f", on the word {_quoted(reading, link.evidence)}" if link.evidence else ""
        yield f"  link {position}   {names[link.source]} ({link.act}, {link.certainty}){evidence}"
    if statement.addressee:
        yield f"  told to  {names[statement.addressee]}"
    if statement.said_on:
        written = f", from {_quoted(reading, statement.said_on.span)}" if statement.said_on.span else ""
        yield f"  said on  {statement.said_on.edtf}{written}"
    if statement.embedded_in:
        yield f"  inside   {statement.embedded_in}"
    for decision in decisions:
        yield from (f"  {line}" for line in _decision(reading, decision))
    yield ""


def _decision(reading: Reading, decision: Weighed) -> Iterator[str]:
    word = reading.article.text[decision.at :].split(maxsplit=1)[0] if decision.what == "speaker" else ""
    what = f"“{word}” at {decision.at} means" if word else f"{decision.what} at {decision.at}:"
    yield f"taken    {what} {decision.taken}: {decision.why}"
    for other in decision.others:
        yield f"  passed over  {' '.join(other.split())}"


def _quoted(reading: Reading, span: Span) -> str:
    words = " ".join(span.of(reading.article.text).split())
    return f"{span.start}-{span.end} “{words}”"
