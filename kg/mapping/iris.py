"""A Reading enters, the names of its nodes leave: made of spans, so a re-read gives the same names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from kg.model import Reading, Source, Span, Statement, TimeExpression

Object = NamedNode | Literal


@dataclass(frozen=True, slots=True)
class Names:
    """The node of each key, span or part of one edition."""

    edition: NamedNode
    sources: dict[str, NamedNode]
    statements: dict[str, NamedNode]
    events: dict[str, NamedNode]
    relations: dict[str, NamedNode]
    expressions: dict[Span, TimeExpression]

    @classmethod
    def of(cls, reading: Reading) -> Names:
        edition = reading.article.iri
        return cls(
            edition=NamedNode(edition),
            sources=_numbered((one.key, f"{edition}#source={_source(one)}") for one in reading.sources),
            statements=_numbered((one.key, f"{edition}#statement={_statement(one)}") for one in reading.statements),
            events=_numbered((one.key, f"{edition}#event={_span(one.trigger)}") for one in reading.events),
            relations={
                one.key: NamedNode(f"{edition}#relation={quote(one.key, safe='')}") for one in reading.relations
            },
            expressions={time.span: time for time in reading.times},
        )

    def mention(self, span: Span) -> NamedNode:
        """Name a span as RFC 5147 does: ``#char=start,end``."""
        return self.part(f"char={_span(span)}")

    def open_mention(self, span: Span | None) -> NamedNode | None:
        return None if span is None else self.mention(span)

    def time(self, span: Span) -> NamedNode:
        return self.part(f"time={_span(span)}")

    def part(self, fragment: str) -> NamedNode:
        """Name a node of the edition that has its own word: ``#article``, ``#run``, ``#author=0``."""
        return NamedNode(f"{self.edition.value}#{fragment}")


def below(node: NamedNode, fragment: str) -> NamedNode:
    """Name a part of a node: ``<statement>;step=0``."""
    return NamedNode(f"{node.value};{fragment}")


def facts(subject: NamedNode, *pairs: tuple[NamedNode, Object | None]) -> Iterator[Triple]:
    """Say these things of a node; what is None stays unsaid."""
    return (Triple(subject, predicate, value) for predicate, value in pairs if value is not None)


def _span(span: Span) -> str:
    return f"{span.start},{span.end}"


def _source(source: Source) -> str:
    # A key can't be taken for a span or a number: quoting leaves neither "," nor ";" in it.
    return _span(source.mentions[0].span) if source.mentions else quote(source.key, safe="")


def _statement(statement: Statement) -> str:
    cue = "-" if statement.cue is None else _span(statement.cue)
    return ";".join([cue, *map(_span, statement.content)])


def _numbered(named: Iterable[tuple[str, str]]) -> dict[str, NamedNode]:
    """Give the second node of a name ";2", the third ";3"."""
    seen: Counter[str] = Counter()
    nodes = {}
    for key, name in named:
        seen[name] += 1
        nodes[key] = NamedNode(name if seen[name] == 1 else f"{name};{seen[name]}")
    return nodes
