"""Readings to test with: one written by hand that has something of everything, and a strategy for any valid one."""

from __future__ import annotations

import hashlib
from typing import Any, get_args

from hypothesis import strategies as st

from kg import model
from kg.graph import edition_iri
from kg.model import (
    Article,
    Event,
    Link,
    Mention,
    Outlet,
    Participant,
    Problem,
    Published,
    Reading,
    Relation,
    Role,
    Run,
    Source,
    Span,
    Statement,
    TimeExpression,
    When,
    Zone,
)
from kg.record import canonical
from kg.vocab import EVENT_KINDS, STEP_ACTS

TEXT = """Ferry held at Alda Bay
By Ana Reyes
“The ferry 🛥 is held,” Mayor Ilse Brandt said on Monday, “until the crew is paid.”
A senior official told the Harbour Post that two sailors were arrested on Sunday night.
Brandt denied the arrests. Two dockers confirmed them. The Lantern could not verify the report.
"""


def at(words: str, *, nth: int = 1, text: str = TEXT) -> Span:
    """Return where words stand for the nth time."""
    start = -1
    for _ in range(nth):
        start = text.index(words, start + 1)
    return Span(start, start + len(words))


def by_hand() -> Reading:
    """A split quotation, a chain of three links, an unnamed source, a denial, relative dates, a relation, a problem."""
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    publisher = Link("o1", "publishes")
    return Reading(
        article=Article(
            iri=edition_iri(sha256, "The Lantern"),
            text=TEXT,
            sha256=sha256,
            title="Ferry held at Alda Bay",
            title_span=at("Ferry held at Alda Bay"),
            outlet=Outlet("The Lantern", "option"),
            authors=("Ana Reyes",),
            published=Published("2031-03-04", "metadata"),
            language="en",
            origin="ferry.txt",
            url="https://lantern.example/ferry",
            title_origin="text",
            authors_origin="json-ld",
            language_origin="inferred",
            excerpt=True,
        ),
        zones=(Zone(at("Ferry held at Alda Bay"), "title"), Zone(at("By Ana Reyes"), "byline")),
        sources=(
            Source("a1", "place", "Alda Bay", mentions=(Mention(at("Alda Bay"), "name"),)),
            Source(
                "a2",
                "person",
                "Ilse Brandt",
                roles=(Role("Mayor", "current", at("Mayor")), Role("captain of the town", "evaluative")),
                mentions=(Mention(at("Ilse Brandt"), "name"), Mention(at("Brandt", nth=2), "name")),
            ),
            Source("a3", "person", "a senior official", True, mentions=(Mention(at("A senior official"), "nominal"),)),
            Source("a10", "group", "two dockers", True, 2, mentions=(Mention(at("Two dockers"), "nominal"),)),
            Source("a11", "group", "sailors", mentions=(Mention(at("two sailors"), "nominal"),)),
            Source("o1", "outlet", "The Lantern", mentions=(Mention(at("The Lantern"), "name"),)),
            Source("o2", "outlet", "Harbour Post", mentions=(Mention(at("Harbour Post"), "name"),)),
        ),
        statements=(
            Statement(
                key="s1",
                speaker="a2",
                content=(at("The ferry 🛥 is held,"), at("until the crew is paid.")),
                chain=(publisher, Link("a2", "say", evidence=at("said"))),
                mode="direct",
                act="state",
                speaker_span=at("Mayor Ilse Brandt"),
                quoted=(at("The ferry 🛥 is held,"), at("until the crew is paid.")),
                cue=at("said"),
                said_on=When("2031-03-03", at("on Monday")),
                confidence=0.95,
                rule="split-quotation",
            ),
            Statement(
                key="s2",
                speaker="a3",
                content=(at("two sailors were arrested on Sunday night"),),
                chain=(
                    publisher,
                    Link("o2", "report", "probable", at("Harbour Post")),
                    Link("a3", "tell", evidence=at("told")),
                ),
                mode="indirect",
                act="state",
                certainty="probable",
                modality="asserted",
                speaker_span=at("A senior official"),
                addressee="o2",
                cue=at("told"),
                about=("e1",),
                confidence=0.8,
                rule="clausal-complement",
            ),
            Statement(
                key="s10",
                speaker="a2",
                content=(at("the arrests"),),
                chain=(publisher, Link("a2", "say")),
                mode="indirect",
                act="deny",
                polarity="negative",
                speaker_span=at("Brandt", nth=2),
                cue=at("denied"),
                said_on=When("2031-03-04"),
                embedded_in="s2",
                about=("e1",),
            ),
            Statement(
                key="s11",
                speaker=None,
                content=(at("the report"),),
                chain=(publisher,),
                mode="indirect",
                act="doubt",
            ),
        ),
        times=(
            TimeExpression(at("on Monday"), "2031-03-03", "2031-03-03", "DATE", "relative", "2031-03-04"),
            TimeExpression(at("Sunday night"), "2031-03-02TNI", "2031-03-02", "TIME", "relative", "2031-03-04"),
        ),
        events=(
            Event(
                key="e1",
                kind="arrest",
                label="two sailors were arrested",
                status="alleged",
                trigger=at("arrested"),
                when=When("2031-03-02", at("Sunday night")),
                where="a1",
                participants=(Participant("patient", "a11"),),
                mentions=(at("arrested"), at("arrests")),
            ),
        ),
        relations=(
            Relation("r1", "corroborates", "s2", ("a10",), "certain", at("confirmed")),
            Relation("r2", "unverified", "s2", evidence=at("could not verify the report")),
        ),
        run=Run("rules-en", "1.2", "en_core", "3.8.0", "ab" * 32),
        problems=(Problem(at("By Ana Reyes"), "names", "no parse"), Problem(None, "events", "a word list is missing")),
    )


DATES = ("2022-02-27", "2022-02", "2022", "2022-02-27/2022-03-01")
_words = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z"), include_characters="\n\t\r"), max_size=12
)
_texts = st.text(
    st.sampled_from("abc 🛥“”\"'\\\n\té́…") | st.characters(codec="utf-8", categories=("L", "P")), min_size=4, max_size=80
)


def _one(kind: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(kind))


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Any valid Reading, in canonical order."""
    text = draw(_texts)
    spans = st.lists(st.integers(0, len(text)), min_size=2, max_size=2, unique=True).map(
        lambda cut: Span(min(cut), max(cut))
    )

    def maybe(strategy: st.SearchStrategy[Any]) -> Any:
        return draw(st.none() | strategy)

    def apart(least: int) -> tuple[Span, ...]:
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2 * least, max_size=4)))
        return tuple(Span(*pair) for pair in zip(cuts[::2], cuts[1::2], strict=False))

    def when() -> When | None:
        return maybe(st.builds(When, st.sampled_from(DATES), st.none() | spans))

    sha256 = hashlib.sha256(text.encode()).hexdigest()
    kinds = draw(st.dictionaries(spans, _one(model.MentionKind), max_size=5))
    keys = draw(st.lists(st.text("as019;,/é", min_size=1, max_size=4), min_size=2, max_size=5, unique=True))
    publisher, *others = keys
    sources = [
        Source(
            key=key,
            kind="outlet" if key == publisher else draw(_one(model.SourceKind)),
            name=maybe(_words),
            unnamed=draw(st.booleans()),
            number=maybe(st.integers(1, 10**9)),
            roles=tuple(draw(st.lists(st.builds(Role, _words, _one(model.RoleStatus), st.none() | spans), max_size=2))),
            mentions=tuple(Mention(span, kinds[span]) for span in draw(st.sets(st.sampled_from(sorted(kinds)))))
            if kinds
            else (),
        )
        for key in keys
    ]
    places = [source.key for source in sources if source.kind == "place"]
    certainties = _one(model.Certainty)
    events = [
        Event(
            key=f"e{number}",
            kind=draw(st.sampled_from(EVENT_KINDS)),
            label=draw(_words),
            status=draw(_one(model.EventStatus)),
            trigger=draw(spans),
            when=when(),
            where=maybe(st.sampled_from(places)) if places else None,
            participants=tuple(
                draw(st.lists(st.builds(Participant, st.sampled_from(["agent", "patient"]), st.sampled_from(keys))))
            ),
            mentions=tuple(draw(st.lists(spans, max_size=2))),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    statements: list[Statement] = []
    for number in range(draw(st.integers(0, 4))):
        content, cue = apart(1), maybe(spans)
        if any((one.cue, one.content) == (cue, content) for one in statements):
            continue
        links = st.builds(Link, st.sampled_from(keys), st.sampled_from(STEP_ACTS), certainties, st.none() | spans)
        chain = (Link(publisher, "publishes"), *draw(st.lists(links, max_size=3)))
        statements.append(
            Statement(
                key=f"s{number * 7}",
                speaker=maybe(st.just(chain[-1].source)),
                content=content,
                chain=chain,
                mode=draw(_one(model.Mode)),
                act=draw(_one(model.Act)),
                polarity=draw(_one(model.Polarity)),
                certainty=draw(certainties),
                modality=maybe(_one(model.Modality)),
                speaker_span=maybe(spans),
                addressee=maybe(st.sampled_from(others)),
                quoted=apart(0),
                cue=cue,
                said_on=when(),
                embedded_in=maybe(st.sampled_from([one.key for one in statements])) if statements else None,
                about=tuple(draw(st.lists(st.sampled_from([event.key for event in events])))) if events else (),
                confidence=draw(st.floats(0, 1)),
                rule=draw(_words),
            )
        )
    dates = st.none() | st.sampled_from(DATES)
    times = {
        span: TimeExpression(
            span, draw(_words), draw(dates), draw(_one(model.TimexType)), draw(_one(model.Resolution)), draw(dates)
        )
        for span in draw(st.sets(spans, max_size=3))
    }
    relations = [
        Relation(
            key=f"r{number}",
            relation=draw(_one(model.RelationKind)),
            target=draw(st.sampled_from([one.key for one in statements])),
            by=tuple(draw(st.lists(st.sampled_from(keys), max_size=3))),
            certainty=draw(certainties),
            evidence=maybe(spans),
        )
        for number in range(draw(st.integers(0, 2)) if statements else 0)
    ]
    reading = Reading(
        article=Article(
            iri=edition_iri(sha256),
            text=text,
            sha256=sha256,
            title=maybe(_words),
            title_span=maybe(spans),
            outlet=maybe(st.builds(Outlet, _words, _one(model.Origin))),
            authors=tuple(draw(st.lists(_words, max_size=3))),
            published=maybe(st.builds(Published, st.sampled_from(DATES), _one(model.Origin))),
            language=maybe(st.sampled_from(["en", "de-AT"])),
            origin=maybe(_words),
            url=maybe(_words),
            title_origin=maybe(_one(model.Origin)),
            authors_origin=maybe(_one(model.Origin)),
            language_origin=maybe(_one(model.Origin)),
            excerpt=draw(st.booleans()),
        ),
        zones=tuple(Zone(span, draw(_one(model.ZoneKind))) for span in apart(0)),
        sources=tuple(sources),
        statements=tuple(statements),
        times=tuple(times.values()),
        events=tuple(events),
        relations=tuple(relations),
        run=Run(draw(_words), draw(_words), maybe(_words), maybe(_words), maybe(_words)),
        problems=tuple(draw(st.lists(st.builds(Problem, st.none() | spans, _words, _words), max_size=2))),
    )
    return canonical(reading)
