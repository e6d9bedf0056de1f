"""A Reading enters, its record leaves: plain dicts, lists, strings, numbers and None, ready for JSON."""

from __future__ import annotations

from kg.model import (
    Article,
    Event,
    Link,
    Problem,
    Reading,
    Relation,
    Role,
    Source,
    Span,
    Statement,
    TimeExpression,
    When,
)

Record = dict[str, object]
VERSION = 1


def to_record(reading: Reading) -> Record:
    """Return the record of a Reading; every field is there, the unknown ones as None."""
    return {
        "record": VERSION,
        "article": _article(reading.article),
        "zones": [{**_span(zone.span), "kind": zone.kind} for zone in reading.zones],
        "sources": [_source(source) for source in reading.sources],
        "statements": [_statement(statement) for statement in reading.statements],
        "times": [_time(time) for time in reading.times],
        "events": [_event(event) for event in reading.events],
        "relations": [_relation(relation) for relation in reading.relations],
        "run": {
            "reader": reading.run.reader,
            "version": reading.run.version,
            "model": reading.run.model,
            "model_version": reading.run.model_version,
            "model_sha256": reading.run.model_sha256,
        },
        "problems": [_problem(problem) for problem in reading.problems],
    }


def _span(span: Span) -> Record:
    return {"start": span.start, "end": span.end}


def _open_span(span: Span | None) -> Record | None:
    return None if span is None else _span(span)


def _flat_span(span: Span | None) -> Record:
    return {"start": None, "end": None} if span is None else _span(span)


def _when(when: When | None) -> Record | None:
    return None if when is None else {"edtf": when.edtf, **_flat_span(when.span)}


def _article(article: Article) -> Record:
    outlet, published = article.outlet, article.published
    return {
        "iri": article.iri,
        "sha256": article.sha256,
        "text": article.text,
        "title": article.title,
        "title_span": _open_span(article.title_span),
        "outlet": None if outlet is None else {"name": outlet.name, "from": outlet.origin},
        "authors": list(article.authors),
        "published": None if published is None else {"edtf": published.edtf, "from": published.origin},
        "language": article.language,
        "origin": article.origin,
        "url": article.url,
        "title_from": article.title_origin,
        "authors_from": article.authors_origin,
        "language_from": article.language_origin,
        "excerpt": article.excerpt,
    }


def _role(role: Role) -> Record:
    return {"label": role.label, "status": role.status, **_flat_span(role.span)}


def _source(source: Source) -> Record:
    return {
        "key": source.key,
        "kind": source.kind,
        "name": source.name,
        "unnamed": source.unnamed,
        "number": source.number,
        "roles": [_role(role) for role in source.roles],
        "mentions": [{**_span(mention.span), "kind": mention.kind} for mention in source.mentions],
    }


def _link(link: Link) -> Record:
    return {
        "source": link.source,
        "act": link.act,
        "certainty": link.certainty,
        "evidence": _open_span(link.evidence),
    }


def _statement(statement: Statement) -> Record:
    return {
        "key": statement.key,
        "speaker": statement.speaker,
        "speaker_span": _open_span(statement.speaker_span),
        "addressee": statement.addressee,
        "mode": statement.mode,
        "act": statement.act,
        "polarity": statement.polarity,
        "certainty": statement.certainty,
        "modality": statement.modality,
        "content": [_span(span) for span in statement.content],
        "quoted": [_span(span) for span in statement.quoted],
        "cue": _open_span(statement.cue),
        "said_on": _when(statement.said_on),
        "embedded_in": statement.embedded_in,
        "about": list(statement.about),
        "chain": [_link(link) for link in statement.chain],
        "confidence": statement.confidence,
        "rule": statement.rule,
    }


def _time(time: TimeExpression) -> Record:
    return {
        **_span(time.span),
        "value": time.value,
        "edtf": time.edtf,
        "type": time.type,
        "resolution": time.resolution,
        "anchor": time.anchor,
    }


def _event(event: Event) -> Record:
    return {
        "key": event.key,
        "kind": event.kind,
        "label": event.label,
        "status": event.status,
        "trigger": _span(event.trigger),
        "when": _when(event.when),
        "where": event.where,
        "participants": [{"role": one.role, "source": one.source} for one in event.participants],
        "mentions": [_span(span) for span in event.mentions],
    }


def _relation(relation: Relation) -> Record:
    return {
        "key": relation.key,
        "relation": relation.relation,
        "target": relation.target,
        "by": list(relation.by),
        "certainty": relation.certainty,
        "evidence": _open_span(relation.evidence),
    }


def _problem(problem: Problem) -> Record:
    return {**_flat_span(problem.span), "step": problem.step, "message": problem.message}
