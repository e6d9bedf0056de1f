"""Utterances enter; the chain from the publisher to the root leaves: who told whom, through which outlet."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import replace
from functools import cache

from kg import outlets
from kg.model import Certainty, Link, Span, Statement
from kg.reading import cues
from kg.reading.actors import Cast, Figure
from kg.reading.draft import Draft
from kg.reading.lexicon import table
from kg.reading.syntax import children
from kg.reading.told import Told
from kg.reading.utterance import Utterance


def told_outlet(draft: Draft, cast: Cast, utterance: Utterance) -> tuple[Figure, int] | None:
    """Return the outlet right behind "told", which the parser puts into the clause ("told NPR he"), and its end."""
    cue = utterance.cue_span
    if cue is None or utterance.cue.lemma != "tell":
        return None
    for span, figure in cast.at.get(utterance.where, ()):
        between = draft.article.text[cue.end : span.start].strip().lower() if span.start >= cue.end else "-"
        if between in ("", "the") and figure.kind in ("outlet", "organization"):
            if not draft.article.text[span.end :].startswith((" of ", " from ")):
                perhaps_outlet(draft, figure)
            if figure.kind == "outlet":
                return figure, span.end
    return None


def perhaps_outlet(draft: Draft, figure: Figure) -> None:
    """Who is told things and is a named body, but no institution, is an outlet, though the table does not know it."""
    if figure.kind != "organization" or not figure.name or figure.unnamed:
        return
    words = {word.lower() for word in re.findall(r"\w+", figure.name)}
    if not words & _institutions(draft.language) and figure.name[:1].isupper():
        figure.kind = "outlet"


@cache
def _institutions(language: str) -> frozenset[str]:
    return frozenset(row["word"] for row in table(language, "institutions"))


def through(
    draft: Draft, cast: Cast, utterance: Utterance, speaker: Figure | None, addressee: Figure | None
) -> list[tuple[Figure, str, Span | None]]:
    """Return who passed it on between publisher and speaker: "told the Post", "in footage posted by state media"."""
    found: list[tuple[Figure, str, Span | None]] = []
    if addressee is not None and addressee.kind == "outlet" and addressee is not speaker:
        found.append((addressee, "tell", utterance.cue_span))
    elif utterance.addressee is not None and addressee is not speaker:
        # "told Ana Lind of the Courier": the reporter's outlet passes it on.
        for prep in children(utterance.addressee, "prep"):
            at = next(iter(children(prep, "pobj")), None)
            outlet = cast.outlet_at(utterance.where, at) if at is not None else None
            if prep.lower_ in ("of", "from", "at", "with") and outlet is not None and outlet is not speaker:
                found.append((outlet, "tell", utterance.cue_span))
    verb = utterance.verb
    if verb is None:
        return found
    paragraph = draft.paragraphs[utterance.where]
    for token in verb.subtree if verb.pos_ in ("VERB", "AUX") else ():
        place = paragraph.locate(token)
        if any(span.overlaps(place) for span in utterance.content):
            continue
        if token.dep_ not in ("pobj", "poss", "compound", "nsubj") or token.i == (
            utterance.speaker.i if utterance.speaker is not None else -1
        ):
            continue
        carrier = token.head if token.dep_ == "pobj" else None
        if carrier is not None and carrier.head == utterance.speaker and carrier.lower_ in ("for", "from", "with"):
            continue  # "a spokeswoman for the BBC" speaks for it, it does not pass her words on
        if carrier is None or carrier.lower_ not in ("by", "on", "in", "with", "to", "from", "via", "through", "for"):
            continue
        if carrier.lower_ == "by" and carrier.head.lemma_.lower() in cues.naming(draft.language, "quoting"):
            named = cast.named_at(utterance.where, place)
            if named is not None and named is not speaker:
                perhaps_outlet(draft, named)  # "Lind, quoted by the OPA, said"
        outlet = cast.outlet_at(utterance.where, token)
        if outlet is None or outlet is speaker or outlet is addressee or any(outlet is item[0] for item in found):
            continue
        act = (
            "broadcast"
            if any(a.lemma_ in ("broadcast", "air") for a in token.ancestors)
            else "post"
            if any(a.lemma_ in ("post", "publish", "share") for a in token.ancestors)
            else "report"
        )
        found.append((outlet, act, place))
    return found


def agency_of(draft: Draft, cast: Cast) -> Figure | None:
    """Return the agency of a dateline ("PORT ALDA (MPA) —"), unless it is the publisher itself."""
    for zone in draft.zones:
        if zone.kind != "dateline":
            continue
        match = re.search(r"\(([^()]{2,40})\)", zone.span.of(draft.article.text))
        if match is None:
            continue
        entry = outlets.by_name(match.group(1))
        name = entry.name if entry else match.group(1).strip()
        if not re.search(r"[A-Z]", name) or re.search(r"\d", name):
            continue
        publisher = cast.publisher.name or ""
        if name.lower() in publisher.lower() or "".join(w[0] for w in publisher.split() if w[:1].isupper()) == name:
            return None
        figure = next(
            (
                f
                for f in cast.figures
                if f.kind in ("outlet", "organization")
                and f.name
                and (f.name == name or "".join(w[0] for w in f.name.split() if w[:1].isupper()) == name)
            ),
            None,
        )
        if figure is None:
            figure = Figure("outlet", name)
            start = zone.span.start + match.start(1)
            figure.mention(Span(start, start + len(match.group(1))), "name")
            cast.figures.append(figure)
        figure.kind = "outlet"
        return figure
    return None


def nest(told: list[Told]) -> None:
    """Hang each statement whose cue stands inside another's content under the smallest such statement."""
    ordered = sorted(told, key=lambda item: item.content[0].start)
    starts = [item.content[0].start for item in ordered]
    # Contents span few paragraphs: what begins farther before the cue than the longest content holds nothing.
    longest = max((item.content[-1].end - item.content[0].start for item in told), default=0)
    for item in told:
        cue = item.utterance.cue_span
        if cue is None:
            continue
        holders = [
            other
            for other in ordered[bisect_left(starts, cue.start - longest) : bisect_right(starts, cue.start)]
            if other is not item
            and any(span.contains(cue) for span in other.content)
            and sum(map(len, other.content)) > sum(map(len, item.content))
        ]
        if holders:
            item.outer = min(holders, key=lambda other: sum(map(len, other.content)))


def _turn(utterance: Utterance) -> Span | None:
    """Return where the speaker of a quotation without a cue was last written: where the turn began."""
    while utterance.inherits is not None:
        utterance = utterance.inherits
    return utterance.speaker_span


def _is_publisher(figure: Figure, cast: Cast) -> bool:
    names = [re.sub(r"^the ", "", (name or "").lower()) for name in (figure.name, cast.publisher.name)]
    return figure.kind in ("outlet", "organization") and names[0] == names[1] != ""


def link(draft: Draft, cast: Cast, item: Told, statement: Statement, agency: Figure | None) -> Statement:
    """Build the chain: publisher, the dateline's agency, outer speakers, who passed it on, the root."""
    links = [Link("o1", "publishes")]
    steps: list[tuple[Figure, str, Certainty, Span | None]] = []
    if agency is not None:
        steps.append((agency, "report", "certain", None))
    stack: list[Told] = []
    outer = item.outer
    while outer is not None and len(stack) < 6:
        if outer.utterance.cue.act != "refuse":  # "declined to comment on the union's claim": the claim is not theirs
            stack.append(outer)
        outer = outer.outer
    for told in [*reversed(stack), item]:
        steps += [(figure, act, "certain", span) for figure, act, span in told.through]
        if told.speaker is not None:
            certainty = told.utterance.cue.certainty if told is not item else "certain"
            act = told.utterance.cue.step
            if told.speaker.kind == "document":
                act = "document"
            steps.append((told.speaker, act, certainty, told.utterance.cue_span or _turn(told.utterance)))
    seen: list[Figure] = [cast.publisher]
    for figure, act, certainty, span in steps:
        if figure in seen and not (figure is cast.publisher and figure is item.speaker and len(seen) == 1):
            if figure is item.speaker and figure is not cast.publisher:
                at = seen.index(figure)
                del seen[at], links[at]
            else:
                continue
        if figure is cast.publisher or _is_publisher(figure, cast):
            continue
        seen.append(figure)
        links.append(Link(figure.key, act, certainty, span))
    speaker = item.speaker.key if item.speaker is not None else None
    if speaker is not None and links[-1].source != speaker:
        speaker = links[-1].source if item.speaker is cast.publisher else speaker
    addressee = item.addressee.key if item.addressee is not None and item.addressee is not item.speaker else None
    return replace(statement, chain=tuple(links), speaker=speaker, addressee=addressee)
