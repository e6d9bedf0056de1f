"""A Reading enters, its spans leave with their paths; and the check that a span fits its text."""

from __future__ import annotations

from collections.abc import Iterator

from kg.errors import RecordError
from kg.model import Reading, Span


def spans(reading: Reading) -> Iterator[tuple[str, Span]]:
    """Yield every span of a Reading with its path, in record order; a span may come several times."""
    optional: list[tuple[str, Span | None]] = [("article.title_span", reading.article.title_span)]
    optional += [(f"zones[{index}]", zone.span) for index, zone in enumerate(reading.zones)]
    for index, source in enumerate(reading.sources):
        path = f"sources[{index}]"
        optional += [(f"{path}.roles[{number}]", role.span) for number, role in enumerate(source.roles)]
        optional += [(f"{path}.mentions[{number}]", mention.span) for number, mention in enumerate(source.mentions)]
    for index, statement in enumerate(reading.statements):
        path = f"statements[{index}]"
        optional.append((f"{path}.speaker_span", statement.speaker_span))
        optional += [(f"{path}.content[{number}]", span) for number, span in enumerate(statement.content)]
        optional += [(f"{path}.quoted[{number}]", span) for number, span in enumerate(statement.quoted)]
        optional.append((f"{path}.cue", statement.cue))
        optional.append((f"{path}.said_on", statement.said_on.span if statement.said_on else None))
        optional += [(f"{path}.chain[{number}].evidence", link.evidence) for number, link in enumerate(statement.chain)]
    optional += [(f"times[{index}]", time.span) for index, time in enumerate(reading.times)]
    for index, event in enumerate(reading.events):
        path = f"events[{index}]"
        optional.append((f"{path}.trigger", event.trigger))
        optional.append((f"{path}.when", event.when.span if event.when else None))
        optional += [(f"{path}.mentions[{number}]", span) for number, span in enumerate(event.mentions)]
    optional += [
        (f"relations[{index}].evidence", relation.evidence) for index, relation in enumerate(reading.relations)
    ]
    optional += [(f"problems[{index}]", problem.span) for index, problem in enumerate(reading.problems)]
    return ((path, span) for path, span in optional if span is not None)


def check_span(span: Span, text: str, path: str) -> None:
    """Refuse a span that is empty, turned round or not inside the text."""
    if span.start < 0:
        raise RecordError(f"{path}: start {span.start} lies before the text; the first code point is 0")
    if span.end > len(text):
        raise RecordError(
            f"{path}: end {span.end} lies beyond the text's {len(text)} code points; count code points, half-open"
        )
    if span.start >= span.end:
        raise RecordError(f"{path}: start {span.start} is not before end {span.end}; end is the first offset after it")
