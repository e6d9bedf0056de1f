"""A small newsroom to ask: three outlets, one of which repeats another, a denial, and one article full of traps."""

from __future__ import annotations

import hashlib

from sample_readings import at, by_hand

from kg.graph import edition_iri
from kg.linking import link
from kg.mapping import to_graph
from kg.model import (
    Article,
    Event,
    Link,
    Mention,
    Outlet,
    Published,
    Reading,
    Role,
    Run,
    Source,
    Span,
    Statement,
    When,
    Zone,
)
from kg.store import Store, open_store

DAILY = """Bridge sold before the vote
A senior official told the Daily that the bridge was sold before the vote.
Minister Rosa Keel denied it: “The bridge was not sold,” she said.
"""
EVENING = """Bridge was sold, Daily reports
The bridge was sold before the vote, a senior official told the Daily.
"""
#: Every string of this article is one that a page must not run, follow or mis-measure.
HOSTILE = """<script>alert('title')</script>
🛥🛥 “<img src=x onerror=alert(1)> is cheap,” said </mark><b>Bob</b>.
"""
HOSTILE_URL = "javascript:alert(document.domain)"


def article(text: str, outlet: str, day: str, *, title: str, url: str | None = None) -> Article:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Article(
        iri=edition_iri(sha256, outlet),
        text=text,
        sha256=sha256,
        title=title,
        title_span=Span(0, len(title)),
        outlet=Outlet(outlet, "option"),
        published=Published(day, "metadata"),
        language="en",
        url=url,
    )


def daily() -> Reading:
    """An unnamed official told the Daily; the minister denies it."""
    sold = at("the bridge was sold before the vote", text=DAILY)
    return Reading(
        article=article(DAILY, "Daily", "2031-05-01", title="Bridge sold before the vote"),
        zones=(Zone(Span(0, 27), "title"),),
        sources=(
            Source("a1", "person", "a senior official", True, mentions=(_mention("A senior official", DAILY),)),
            Source(
                "a2",
                "person",
                "Rosa Keel",
                roles=(Role("Minister", "current", at("Minister", text=DAILY)),),
                mentions=(Mention(at("Rosa Keel", text=DAILY), "name"),),
            ),
            Source("o1", "outlet", "Daily", mentions=(Mention(at("Daily", text=DAILY), "name"),)),
        ),
        statements=(
            Statement(
                key="s1",
                speaker="a1",
                content=(sold,),
                chain=(Link("o1", "publishes"), Link("a1", "tell", evidence=at("told", text=DAILY))),
                mode="indirect",
                act="state",
                speaker_span=at("A senior official", text=DAILY),
                cue=at("told", text=DAILY),
                about=("e1",),
                confidence=0.9,
                rule="clausal-complement",
            ),
            Statement(
                key="s2",
                speaker="a2",
                content=(at("The bridge was not sold,", text=DAILY),),
                quoted=(at("The bridge was not sold,", text=DAILY),),
                chain=(Link("o1", "publishes"), Link("a2", "say", evidence=at("said", text=DAILY))),
                mode="direct",
                act="deny",
                polarity="negative",
                speaker_span=at("she", text=DAILY),
                cue=at("said", text=DAILY),
                said_on=When("2031-05-01"),
                about=("e1",),
                confidence=0.9,
                rule="quotation",
            ),
        ),
        events=(
            Event("e1", "business", "the bridge was sold", "alleged", at("sold", nth=2, text=DAILY), When("2031-04")),
        ),
        run=Run("by-hand", "1"),
    )


def evening() -> Reading:
    """The Evening repeats what the Daily's official told the Daily."""
    return Reading(
        article=article(EVENING, "Evening", "2031-05-02", title="Bridge was sold, Daily reports"),
        zones=(Zone(Span(0, 30), "title"),),
        sources=(
            Source("a1", "person", "a senior official", True, mentions=(_mention("a senior official", EVENING),)),
            Source("o1", "outlet", "Evening"),
            Source("o2", "outlet", "Daily", mentions=(Mention(at("Daily", nth=2, text=EVENING), "name"),)),
        ),
        statements=(
            Statement(
                key="s1",
                speaker="a1",
                content=(at("The bridge was sold before the vote", text=EVENING),),
                chain=(
                    Link("o1", "publishes"),
                    Link("o2", "report", evidence=at("Daily", nth=2, text=EVENING)),
                    Link("a1", "tell", evidence=at("told", text=EVENING)),
                ),
                mode="indirect",
                act="state",
                cue=at("told", text=EVENING),
                confidence=0.8,
                rule="clausal-complement",
            ),
        ),
        run=Run("by-hand", "1"),
    )


def hostile() -> Reading:
    """Mark-up in the title, the text and a name; an address that would run a script; characters of two UTF-16 units."""
    bob = "</mark><b>Bob</b>"
    words = at("<img src=x onerror=alert(1)> is cheap,", text=HOSTILE)
    return Reading(
        article=article(
            HOSTILE, "<i>Rag</i>", "2031-05-03", title="<script>alert('title')</script>", url=HOSTILE_URL
        ),
        sources=(
            Source("a1", "person", bob, mentions=(Mention(at(bob, text=HOSTILE), "name"),)),
            Source("o1", "outlet", "<i>Rag</i>"),
        ),
        statements=(
            Statement(
                key="s1",
                speaker="a1",
                content=(words,),
                quoted=(words,),
                chain=(Link("o1", "publishes"), Link("a1", "say", evidence=at("said", text=HOSTILE))),
                mode="direct",
                act="state",
                speaker_span=at(bob, text=HOSTILE),
                cue=at("said", text=HOSTILE),
                confidence=0.7,
                rule="quotation",
            ),
        ),
        run=Run("by-hand", "1"),
    )


def readings() -> list[Reading]:
    return [by_hand(), daily(), evening(), hostile()]


def newsroom() -> Store:
    """Return a linked store in memory that holds them all."""
    store = open_store("memory:")
    store.put([to_graph(reading) for reading in readings()])
    link(store)
    return store


def _mention(words: str, text: str) -> Mention:
    return Mention(at(words, text=text), "nominal")
