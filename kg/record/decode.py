"""A record enters, a Reading leaves, in the record's own order and with its types and enumerations checked."""

from __future__ import annotations

import hashlib
from typing import cast, get_args

from kg import model
from kg.errors import RecordError
from kg.graph import edition_iri
from kg.model import (
    OUTSIDE,
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
    Statement,
    TimeExpression,
    When,
    Zone,
)
from kg.record.cursor import SPAN, Cursor, flat_span
from kg.record.encode import VERSION


def decode(data: object, *, base: str) -> Reading:
    """Read a record without looking at the rules between its parts (see :mod:`kg.record.rules`)."""
    top = Cursor(data, "record").fields(
        "record", "article", "zones", "sources", "statements", "times", "events", "relations", "run", "problems"
    )
    if top["record"].value != VERSION:
        raise RecordError(f"record: the version is {top['record'].value!r}; this reader knows {VERSION}")
    article = _article(top["article"], base)
    parts = {name: Cursor(part.value, part.path, article.text).items() for name, part in top.items() if name in _LISTS}
    return Reading(
        article=article,
        zones=tuple(map(_zone, parts["zones"])),
        sources=tuple(map(_source, parts["sources"])),
        statements=tuple(map(_statement, parts["statements"])),
        times=tuple(map(_time, parts["times"])),
        events=tuple(map(_event, parts["events"])),
        relations=tuple(map(_relation, parts["relations"])),
        run=_run(top["run"]),
        problems=tuple(map(_problem, parts["problems"])),
    )


_LISTS = ("zones", "sources", "statements", "times", "events", "relations", "problems")


def _article(cursor: Cursor, base: str) -> Article:
    field = cursor.fields(
        "iri",
        "sha256",
        "text",
        "title",
        "title_span",
        "outlet",
        "authors",
        "published",
        "language",
        "origin",
        "url",
        "title_from",
        "authors_from",
        "language_from",
        "excerpt",
    )
    text = field["text"].string()
    if not text:
        raise field["text"].refuse("is empty; a record needs the text that its offsets count in")
    outlet, published = None, None
    if not field["outlet"].absent:
        named = field["outlet"].fields("name", "from")
        outlet = Outlet(named["name"].string(), _origin(named["from"]))
    if not field["published"].absent:
        dated = field["published"].fields("edtf", "from")
        published = Published(dated["edtf"].string(), _origin(dated["from"]))
    sha256 = field["sha256"].open_string() or hashlib.sha256(text.encode()).hexdigest()
    outside = outlet.name if outlet and outlet.origin in OUTSIDE else None
    return Article(
        iri=field["iri"].open_string() or edition_iri(sha256, outside, base=base),
        text=text,
        sha256=sha256,
        title=field["title"].open_string(),
        title_span=Cursor(field["title_span"].value, field["title_span"].path, text).open_span(),
        outlet=outlet,
        authors=tuple(author.string() for author in field["authors"].items()),
        published=published,
        language=field["language"].open_string(),
        origin=field["origin"].open_string(),
        url=field["url"].open_string(),
        title_origin=_open_origin(field["title_from"]),
        authors_origin=_open_origin(field["authors_from"]),
        language_origin=_open_origin(field["language_from"]),
        excerpt=field["excerpt"].boolean(False),
    )


def _origin(cursor: Cursor) -> model.Origin:
    return cast(model.Origin, cursor.choice(get_args(model.Origin)))


def _open_origin(cursor: Cursor) -> model.Origin | None:
    return None if cursor.absent else _origin(cursor)


def _zone(cursor: Cursor) -> Zone:
    field = cursor.fields(*SPAN, "kind")
    return Zone(_placed(field, cursor), cast(model.ZoneKind, field["kind"].choice(get_args(model.ZoneKind))))


def _placed(field: dict[str, Cursor], cursor: Cursor) -> model.Span:
    span = flat_span(field, cursor)
    if span is None:
        raise cursor.refuse("has no start and no end; give both")
    return span


def _source(cursor: Cursor) -> Source:
    field = cursor.fields("key", "kind", "name", "unnamed", "number", "roles", "mentions")
    return Source(
        key=field["key"].string(),
        kind=cast(model.SourceKind, field["kind"].choice(get_args(model.SourceKind))),
        name=field["name"].open_string(),
        unnamed=field["unnamed"].boolean(False),
        number=None if field["number"].absent else field["number"].integer(),
        roles=tuple(map(_role, field["roles"].items())),
        mentions=tuple(map(_mention, field["mentions"].items())),
    )


def _role(cursor: Cursor) -> Role:
    field = cursor.fields("label", "status", *SPAN)
    status = cast(model.RoleStatus, field["status"].choice(get_args(model.RoleStatus)))
    return Role(field["label"].string(), status, flat_span(field, cursor))


def _mention(cursor: Cursor) -> Mention:
    field = cursor.fields(*SPAN, "kind")
    return Mention(_placed(field, cursor), cast(model.MentionKind, field["kind"].choice(get_args(model.MentionKind))))


def _statement(cursor: Cursor) -> Statement:
    field = cursor.fields(
        "key", "speaker", "speaker_span", "addressee", "mode", "act", "polarity", "certainty", "modality", "content",
        "quoted", "cue", "said_on", "embedded_in", "about", "chain", "confidence", "rule",
    )  # fmt: skip
    modality = None if field["modality"].absent else field["modality"].choice(get_args(model.Modality))
    return Statement(
        key=field["key"].string(),
        speaker=field["speaker"].open_string(),
        content=tuple(span.span() for span in field["content"].items()),
        chain=tuple(map(_link, field["chain"].items())),
        mode=cast(model.Mode, field["mode"].choice(get_args(model.Mode))),
        act=cast(model.Act, field["act"].choice(get_args(model.Act))),
        polarity=cast(model.Polarity, field["polarity"].choice(get_args(model.Polarity), "positive")),
        certainty=_certainty(field["certainty"]),
        modality=cast(model.Modality | None, modality),
        speaker_span=field["speaker_span"].open_span(),
        addressee=field["addressee"].open_string(),
        quoted=tuple(span.span() for span in field["quoted"].items()),
        cue=field["cue"].open_span(),
        said_on=_when(field["said_on"]),
        embedded_in=field["embedded_in"].open_string(),
        about=tuple(key.string() for key in field["about"].items()),
        confidence=field["confidence"].number(0.5),
        rule=field["rule"].string(""),
    )


def _certainty(cursor: Cursor) -> model.Certainty:
    return cast(model.Certainty, cursor.choice(get_args(model.Certainty), "certain"))


def _when(cursor: Cursor) -> When | None:
    if cursor.absent:
        return None
    field = cursor.fields("edtf", *SPAN)
    return When(field["edtf"].string(), flat_span(field, cursor))


def _link(cursor: Cursor) -> Link:
    field = cursor.fields("source", "act", "certainty", "evidence")
    return Link(
        field["source"].string(),
        field["act"].string(),
        _certainty(field["certainty"]),
        field["evidence"].open_span(),
    )


def _time(cursor: Cursor) -> TimeExpression:
    field = cursor.fields(*SPAN, "value", "edtf", "type", "resolution", "anchor")
    return TimeExpression(
        span=_placed(field, cursor),
        value=field["value"].string(),
        edtf=field["edtf"].open_string(),
        type=cast(model.TimexType, field["type"].choice(get_args(model.TimexType))),
        resolution=cast(model.Resolution, field["resolution"].choice(get_args(model.Resolution), "explicit")),
        anchor=field["anchor"].open_string(),
    )


def _event(cursor: Cursor) -> Event:
    field = cursor.fields("key", "kind", "label", "status", "trigger", "when", "where", "participants", "mentions")
    return Event(
        key=field["key"].string(),
        kind=field["kind"].string(),
        label=field["label"].string(),
        status=cast(model.EventStatus, field["status"].choice(get_args(model.EventStatus))),
        trigger=field["trigger"].span(),
        when=_when(field["when"]),
        where=field["where"].open_string(),
        participants=tuple(map(_participant, field["participants"].items())),
        mentions=tuple(span.span() for span in field["mentions"].items()),
    )


def _participant(cursor: Cursor) -> Participant:
    field = cursor.fields("role", "source")
    return Participant(field["role"].string(), field["source"].string())


def _relation(cursor: Cursor) -> Relation:
    field = cursor.fields("key", "relation", "target", "by", "certainty", "evidence")
    return Relation(
        key=field["key"].string(),
        relation=cast(model.RelationKind, field["relation"].choice(get_args(model.RelationKind))),
        target=field["target"].string(),
        by=tuple(key.string() for key in field["by"].items()),
        certainty=_certainty(field["certainty"]),
        evidence=field["evidence"].open_span(),
    )


def _run(cursor: Cursor) -> Run:
    if cursor.absent:
        return Run("unknown", "0")
    field = cursor.fields("reader", "version", "model", "model_version", "model_sha256")
    return Run(
        reader=field["reader"].string(),
        version=field["version"].string(),
        model=field["model"].open_string(),
        model_version=field["model_version"].open_string(),
        model_sha256=field["model_sha256"].open_string(),
    )


def _problem(cursor: Cursor) -> Problem:
    field = cursor.fields(*SPAN, "step", "message")
    return Problem(flat_span(field, cursor), field["step"].string(), field["message"].string())
