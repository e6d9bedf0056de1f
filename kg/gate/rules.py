"""An edition's graph enters, the violations of the rules that SHACL Core can't say leave.

Each rule bears the name of a deactivated shape in ``shapes/``, which holds its severity and its words. A rule stays
silent where something that it needs is missing or malformed: then a shape speaks.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator

from pyoxigraph import Literal, NamedNode

from kg.gate.report import Term, Violation
from kg.gate.shapes import Wording
from kg.graph import ArticleGraph
from kg.model import Span
from kg.vocab import KG, NAMESPACE, RDF_TYPE, concept

_INTEGER = re.compile(r"[+-]?[0-9]+")

# A focus node, the property and the value that break a rule.
Finding = tuple[Term, NamedNode | None, Term | None]


class Edition:
    """An index over one edition's graph."""

    def __init__(self, graph: ArticleGraph, classes: frozenset[NamedNode]) -> None:
        self.name = graph.name
        self.classes = classes
        self.subjects: set[Term] = set()
        self._values: dict[tuple[Term, NamedNode], list[Term]] = defaultdict(list)
        self._members: dict[Term, list[Term]] = defaultdict(list)
        for triple in graph.triples:
            self.subjects.add(triple.subject)
            self._values[triple.subject, triple.predicate].append(triple.object)
            if triple.predicate == RDF_TYPE:
                self._members[triple.object].append(triple.subject)

    def members(self, kind: NamedNode) -> list[Term]:
        return sorted(self._members.get(kind, []), key=str)

    def all(self, node: Term, predicate: NamedNode) -> list[Term]:
        return self._values.get((node, predicate), [])

    def one(self, node: Term, predicate: NamedNode) -> Term | None:
        """Return the only value; None when there is none, or more than one."""
        values = self.all(node, predicate)
        return values[0] if len(values) == 1 else None

    def text(self, node: Term, predicate: NamedNode) -> str | None:
        value = self.one(node, predicate)
        return value.value if isinstance(value, Literal) else None

    def integer(self, node: Term, predicate: NamedNode) -> int | None:
        """Return a whole number; None if it is written as none. Of a huge one the first 18 digits, still too big."""
        text = self.text(node, predicate) or ""
        # int() takes " 1", "1_000" and "١", which are no xsd:integer, and refuses 5,000 digits, which are one.
        if not _INTEGER.fullmatch(text):
            return None
        digits = int(text.lstrip("+-").lstrip("0")[:18] or "0")
        return -digits if text.startswith("-") else digits

    def span(self, mention: Term) -> Span | None:
        """Return a mention's span if it could be one: 0 <= start < end."""
        start, end = self.integer(mention, KG.start), self.integer(mention, KG.end)
        return Span(start, end) if start is not None and end is not None and 0 <= start < end else None

    def spans(self, node: Term, predicate: NamedNode) -> list[Span]:
        """Return the spans of the mentions that a property names, in text order."""
        return sorted(span for mention in self.all(node, predicate) if (span := self.span(mention)))

    def chain(self, statement: Term) -> list[Term | None] | None:
        """Return the sources of a statement's chain, from the publisher to the root; None if its steps miscount."""
        steps = {self.integer(step, KG.position): step for step in self.all(statement, KG.hasStep)}
        if not steps or set(steps) != set(range(len(self.all(statement, KG.hasStep)))):
            return None
        return [self.one(steps[position], KG.stepSource) for position in range(len(steps))]


def validate(graph: ArticleGraph, wording: Wording) -> list[Violation]:
    """Return what breaks the rules. Linear in the triples, but for sorting and the events in attributed words."""
    edition = Edition(graph, wording.classes)
    found = []
    for name, rule in RULES.items():
        shape = NamedNode(NAMESPACE + name)
        for focus, path, value in rule(edition):
            words, severity = wording.messages[shape], wording.severities[shape]
            found.append(Violation(focus, shape, path, value, words, severity))
    return found


def _one_edition(edition: Edition) -> Iterator[Finding]:
    editions, articles = edition.members(KG.Edition), edition.members(KG.Article)
    if editions != [edition.name]:
        yield edition.name, RDF_TYPE, next((other for other in editions if other != edition.name), None)
    elif len(articles) > 1:
        yield edition.name, KG.editionOf, articles[1]


def _own_nodes(edition: Edition) -> Iterator[Finding]:
    for node in edition.subjects:
        if node != edition.name and not (
            isinstance(node, NamedNode) and node.value.startswith(f"{edition.name.value}#")
        ):
            yield node, None, None


def _classed(edition: Edition) -> Iterator[Finding]:
    for node in edition.subjects:
        classes = edition.all(node, RDF_TYPE)
        if not classes:
            yield node, RDF_TYPE, None
        for other in set(classes) - edition.classes:
            yield node, RDF_TYPE, other


def _digest(edition: Edition) -> Iterator[Finding]:
    text, sha256 = edition.text(edition.name, KG.text), edition.text(edition.name, KG.sha256)
    if text is not None and sha256 is not None and hashlib.sha256(text.encode()).hexdigest() != sha256:
        yield edition.name, KG.sha256, edition.one(edition.name, KG.sha256)


def _inside(edition: Edition) -> Iterator[Finding]:
    text = edition.text(edition.name, KG.text)
    for mention in edition.members(KG.Mention):
        span = edition.span(mention)
        if text is not None and span and span.end > len(text):
            yield mention, KG.end, edition.one(mention, KG.end)


def _words(edition: Edition) -> Iterator[Finding]:
    text = edition.text(edition.name, KG.text)
    for mention in edition.members(KG.Mention):
        span, exact = edition.span(mention), edition.text(mention, KG.exact)
        if text is None or exact is None or not span or span.end > len(text):
            continue
        if span.of(text) != exact:
            yield mention, KG.exact, edition.one(mention, KG.exact)


def _positions(edition: Edition) -> Iterator[Finding]:
    for statement in edition.members(KG.Statement):
        steps = edition.all(statement, KG.hasStep)
        counted = [edition.integer(step, KG.position) for step in steps]
        if None not in counted and set(counted) != set(range(len(steps))):
            yield statement, KG.hasStep, None


def _publisher(edition: Edition) -> Iterator[Finding]:
    for statement in edition.members(KG.Statement):
        chain, article = edition.chain(statement), edition.one(statement, KG.reportedIn)
        if chain and article and chain[0] and len(edition.all(article, KG.publisher)) < 2:
            publisher = edition.one(article, KG.publisher)
            if chain[0] != publisher:
                yield statement, KG.hasStep, chain[0]


def _root(edition: Edition) -> Iterator[Finding]:
    for statement in edition.members(KG.Statement):
        chain, root = edition.chain(statement), edition.one(statement, KG.rootSource)
        if chain and chain[-1] and root and chain[-1] != root:
            yield statement, KG.rootSource, root


def _speaker(edition: Edition) -> Iterator[Finding]:
    for statement in edition.members(KG.Statement):
        chain, speaker = edition.chain(statement), edition.one(statement, KG.speaker)
        if chain and chain[-1] and speaker and chain[-1] != speaker:
            yield statement, KG.speaker, speaker


def _rings(edition: Edition) -> Iterator[Finding]:
    for statement in edition.members(KG.Statement):
        walked: set[Term] = set()
        outer = edition.one(statement, KG.embeddedIn)
        while outer is not None and outer != statement and outer not in walked:
            walked.add(outer)
            outer = edition.one(outer, KG.embeddedIn)
        if outer == statement:
            yield statement, KG.embeddedIn, edition.one(statement, KG.embeddedIn)


def _joined(edition: Edition) -> Iterator[Finding]:
    text = edition.text(edition.name, KG.text)
    for statement in edition.members(KG.Statement):
        spans, said = edition.spans(statement, KG.content), edition.text(statement, KG.contentText)
        if text is None or not said or not spans or len(spans) != len(edition.all(statement, KG.content)):
            continue
        # A quotation may run over a line's end; the line break is no part of what was said.
        if " ".join(said.split()) != " … ".join(" ".join(span.of(text).split()) for span in spans):
            yield statement, KG.contentText, edition.one(statement, KG.contentText)


def _quoted(edition: Edition) -> Iterator[Finding]:
    for statement in edition.members(KG.Statement):
        content = edition.spans(statement, KG.content)
        for mention in edition.all(statement, KG.quoted):
            span = edition.span(mention)
            if span and content and not any(span.overlaps(other) for other in content):
                yield statement, KG.quoted, mention


def _attributed(edition: Edition) -> Iterator[Finding]:
    actual = concept("status", "actual")
    events = [event for event in edition.members(KG.Event) if edition.one(event, KG.eventStatus) == actual]
    # Of a chain of one step the article itself is the root: what it says in its own voice may be a fact.
    said = [
        span
        for statement in edition.members(KG.Statement)
        if len(edition.all(statement, KG.hasStep)) > 1
        for span in edition.spans(statement, KG.content)
    ]
    places: dict[Term, list[Span]] = {event: edition.spans(event, KG.trigger) for event in events}
    for mention in edition.members(KG.Mention) if events else ():
        for denoted in edition.all(mention, KG.denotes):
            if denoted in places and (span := edition.span(mention)):
                places[denoted].append(span)
    for event, spans in places.items():
        if spans and all(any(words.contains(span) for words in said) for span in spans):
            yield event, KG.eventStatus, actual


RULES: dict[str, Callable[[Edition], Iterator[Finding]]] = {
    "GraphShape-edition": _one_edition,
    "GraphShape-own": _own_nodes,
    "GraphShape-classed": _classed,
    "EditionShape-digest": _digest,
    "MentionShape-span": _inside,
    "MentionShape-words": _words,
    "StatementShape-positions": _positions,
    "StatementShape-publisher": _publisher,
    "StatementShape-root": _root,
    "StatementShape-speakerLast": _speaker,
    "StatementShape-ring": _rings,
    "StatementShape-joined": _joined,
    "StatementShape-quotedWithin": _quoted,
    "EventShape-attributed": _attributed,
}
