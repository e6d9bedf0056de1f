"""Settled gold of a story enters, the Readings that a perfect reader would hand over leave: one an article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from kg.articles import Options, collect
from kg.graph import BASE_IRI
from kg.linking import link
from kg.mapping import to_graph
from kg.model import (
    Article,
    Event,
    Link,
    Mention,
    Participant,
    Reading,
    Relation,
    Role,
    Run,
    Source,
    Span,
    Statement,
    When,
    Zone,
)
from kg.store import Store, open_store

EXAMPLES = Path(__file__).parents[2] / "examples"
STORIES = sorted(path.stem for path in (EXAMPLES / "gold").glob("*.json"))
DECLARED = ("corroborates", "contradicts", "unverified")


@cache
def gold(story: str, of: str = "") -> Any:
    """Return the settled gold of a story, or reading ``a`` or ``b`` of it."""
    return json.loads((EXAMPLES / "gold" / of / f"{story}.json").read_text(encoding="utf-8"))


@cache
def articles(story: str) -> dict[str, Article]:
    """Return the story's articles as an import would load them, by their ids in the gold."""
    lines = EXAMPLES / "articles" / f"{story}.jsonl"
    if lines.exists():
        ids = [json.loads(line)["id"] for line in lines.read_text(encoding="utf-8").splitlines()]
        files = [str(lines)]
    else:
        texts = sorted((EXAMPLES / "articles" / story).glob("*.txt"))
        ids, files = [f"{story}/{path.stem}" for path in texts], [str(path) for path in texts]
    loaded = list(collect(files, options=Options(), base_iri=BASE_IRI))
    return {one: article for one, article in zip(ids, loaded, strict=True) if isinstance(article, Article)}


def readings(story: str) -> Iterator[Reading]:
    """Yield one Reading an article. Times are left empty: the gold has none apart from those of events."""
    data = gold(story)
    for name, article in articles(story).items():
        assert article.sha256 == next(one["sha256"] for one in data["articles"] if one["id"] == name)
        yield _reading(data, name, article)


def _reading(data: Any, name: str, article: Article) -> Reading:
    said = list(_distinct(one for one in data["statements"] if one["article"] == name))
    happened = [
        (one, [_span(mention) for mention in one["mentions"] if mention["article"] == name]) for one in data["events"]
    ]
    happened = [(one, mentions) for one, mentions in happened if mentions]
    publisher = said[0]["chain"][0]
    used = {key for one in said for key in (*one["chain"], one["addressee"]) if key}
    used |= {key for one, _ in happened for key in one["participants"]}
    places = {one["place"]: f"place-{one['id']}" for one, _ in happened if one["place"]}
    known = {source["id"]: source for source in data["sources"]}
    return Reading(
        article=article,
        zones=tuple(Zone(_span(zone), zone["kind"]) for zone in data["zones"] if zone["article"] == name),
        sources=(
            *(_source(known[key], name, article, said, outlet=key == publisher) for key in sorted(used)),
            *(Source(key, "place", place) for place, key in places.items()),
        ),
        statements=tuple(_statement(one, known, happened) for one in said),
        events=tuple(_event(one, mentions, places) for one, mentions in happened),
        relations=tuple(_relations(data, said, publisher)),
        run=Run("by-hand", "1"),
    )


def _distinct(statements: Iterable[Any]) -> Iterator[Any]:
    """Leave out the second of two statements with one cue and one content ("the A and the B published"): no record
    holds both."""
    seen = set()
    for one in statements:
        place = json.dumps([one["cue"], one["content"]])
        if place not in seen:
            seen.add(place)
            yield one


def _span(one: Any) -> Span:
    return Span(one["start"], one["end"])


def _spans(listed: Iterable[Any]) -> tuple[Span, ...]:
    return tuple(sorted(map(_span, listed)))


def _source(source: Any, name: str, article: Article, said: list[Any], *, outlet: bool) -> Source:
    roles = [role for role in source["roles"] if role["article"] == name]
    written = [one for one in (source["name"], *source["aliases"]) if re.search(rf"\b{re.escape(one)}", article.text)]
    if source["kind"] == "person" and not source["unnamed"]:
        labels = {role["label"].lower() for role in source["roles"]}
        names = [one for one in written if one.istitle() and not any(label in one.lower() for label in labels)]
    else:
        names = [one for one in written if source["unnamed"]]
    full = source["name"] if source["name"] in written or not names else max(names, key=len)
    places = {_span(one["speaker_span"]) for one in said if one["speaker"] == source["id"] and one["speaker_span"]}
    return Source(
        key=source["id"],
        kind="outlet" if outlet else source["kind"],
        name=article.outlet.name if outlet and article.outlet else full,
        unnamed=source["unnamed"],
        number=source.get("number"),
        roles=tuple(Role(role["label"], role["status"]) for role in roles),
        mentions=tuple(Mention(span, "nominal" if source["unnamed"] else "name") for span in sorted(places)),
    )


def _statement(one: Any, known: dict[str, Any], happened: list[tuple[Any, list[Span]]]) -> Statement:
    content = _spans(one["content"])
    chain = one["chain"]
    return Statement(
        key=one["id"],
        speaker=one["speaker"],
        content=content,
        chain=tuple(
            Link(key, "publishes" if not n else _step(known[key], last=n == len(chain) - 1, told=one["addressee"]))
            for n, key in enumerate(chain)
        ),
        mode=one["mode"],
        act=one["act"],
        polarity=one["polarity"],
        certainty=one["certainty"],
        speaker_span=_span(one["speaker_span"]) if one["speaker_span"] else None,
        addressee=one["addressee"],
        quoted=_spans(one["quoted"]),
        cue=_span(one["cue"]) if one["cue"] else None,
        said_on=When(one["said_on"]) if one["said_on"] else None,
        embedded_in=one["embedded_in"],
        about=tuple(
            event["id"]
            for event, mentions in happened
            if any(span.overlaps(mention) for span in content for mention in mentions)
        ),
        confidence=1.0,
        rule="by hand",
    )


def _step(source: Any, *, last: bool, told: str | None) -> str:
    if source["kind"] == "document":
        return "document"
    if not last:
        return "report"
    return "tell" if told else "say"


def _event(one: Any, mentions: list[Span], places: dict[str, str]) -> Event:
    return Event(
        key=one["id"],
        kind=one["kind"],
        label=one["label"],
        status=one["status"],
        trigger=mentions[0],
        when=When(one["date"]) if one["date"] else None,
        where=places.get(one["place"]),
        participants=tuple(Participant("agent", key) for key in one["participants"]),
        mentions=tuple(mentions[1:]),
    )


def _relations(data: Any, said: list[Any], publisher: str) -> Iterator[Relation]:
    """Yield what the article itself declares of its own statements, not what a reader of several would see."""
    here = {one["id"]: one for one in said}
    for n, one in enumerate(data["relations"], start=1):
        if one["asserted_by"] != publisher or one["to"] not in here or one["relation"] not in DECLARED:
            continue
        speaker = here.get(one["from"], {}).get("speaker")
        by = () if one["relation"] == "unverified" or speaker is None else (speaker,)
        yield Relation(key=f"r{n}", relation=one["relation"], target=one["to"], by=by)


def store_of(*stories: str) -> Store:
    """Return a store in memory that holds the stories' gold as readings, linked."""
    store = open_store("memory:", base_iri=BASE_IRI)
    store.put(to_graph(reading) for story in stories for reading in readings(story))
    link(store)
    return store
