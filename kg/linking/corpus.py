"""A store enters, what linking needs of it leaves: editions, sources, statements and events as plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files

from pyoxigraph import Literal, NamedNode

from kg.store.base import Rows, Store, Term
from kg.vocab import KG, concept_value


@dataclass(frozen=True, slots=True)
class Edition:
    """One exact text; ``published`` is the first day it can have been published on, ``moment`` as EDTF has it."""

    iri: str
    article: str
    sha256: str
    text: str
    publisher: str | None
    outlet: str | None
    url: str | None
    title: str | None
    published: date | None
    moment: str | None = None


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A source as one edition knows it; ``names`` opens with kg:name, then the other spellings, sorted."""

    iri: str
    edition: str
    kind: str
    names: tuple[str, ...]
    unnamed: bool
    number: int | None
    roles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LocalStatement:
    """A statement of one edition; ``chain`` holds source IRIs from the publisher to the root.

    ``within`` is the statement in whose content it stands.
    """

    iri: str
    edition: str
    key: str
    text: str
    act: str
    polarity: str
    certainty: str
    speaker: str | None
    addressee: str | None
    root: str
    chain: tuple[str, ...]
    about: tuple[str, ...]
    earliest: date | None
    latest: date | None
    within: str | None = None

    @property
    def order(self) -> tuple[str, int]:
        """Return what sorts statements as they stand in their edition."""
        digits = "".join(sign for sign in self.key if sign.isdigit())
        return self.edition, int(digits or 0)


@dataclass(frozen=True, slots=True)
class LocalEvent:
    """An event of one edition."""

    iri: str
    edition: str
    kind: str
    label: str
    status: str
    trigger: str
    earliest: date | None
    latest: date | None
    place: str | None
    participants: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """All editions of a store, each list sorted by IRI, so that linking the same data gives the same links.

    ``confirmed`` and ``undone`` are what people decided on a node of an edition and its canonical node; ``alongside``
    holds, for each such pair, nodes of editions that stood for the canonical one at the time. ``related`` are their
    decisions on two statements: from, to, relation, verdict.
    """

    editions: tuple[Edition, ...] = ()
    sources: tuple[LocalSource, ...] = ()
    statements: tuple[LocalStatement, ...] = ()
    events: tuple[LocalEvent, ...] = ()
    confirmed: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    undone: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    alongside: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    related: frozenset[tuple[str, str, str, str]] = field(default_factory=frozenset)


# From the most particular class to the most general: a source carries all its superclasses.
KINDS = (
    (KG.Person, "person"),
    (KG.NewsOutlet, "outlet"),
    (KG.Channel, "channel"),
    (KG.Document, "document"),
    (KG.Place, "place"),
    (KG.Group, "group"),
    (KG.Organization, "organization"),
)


def edition_of(node: str) -> str:
    """Return the edition in which a node of an edition stands: its IRI opens with the edition's."""
    return node.partition("#")[0]


@cache
def _sparql(name: str) -> str:
    return (files("kg.linking") / "sparql" / f"{name}.rq").read_text(encoding="utf-8")


def _rows(store: Store, name: str, editions: Sequence[str] | None = None) -> Rows:
    """Ask one query of all editions, or of some of them: its line "# of:" is then filled in."""
    sparql = _sparql(name)
    if editions is not None:
        head, _, rest = sparql.partition("# of: ")
        pattern, _, rest = rest.partition("\n")
        values = " ".join(str(NamedNode(iri)) for iri in editions)
        also = "" if pattern == "?edition" else f"{pattern} ."
        sparql = f"{head}VALUES ?edition {{ {values} }} {also}\n{rest}"
    return store.select(sparql, trusted=True)


def _text(term: Term | None) -> str | None:
    return term.value if isinstance(term, NamedNode | Literal) else None


def _must(term: Term) -> str:
    assert isinstance(term, NamedNode | Literal)
    return term.value


def _concept(term: Term) -> str:
    assert isinstance(term, NamedNode)
    return concept_value(term)


def _day(term: Term | None) -> date | None:
    value = _text(term)
    return date.fromisoformat(value[:10]) if value else None


def gather(store: Store, editions: Sequence[str] | None = None) -> Corpus:
    """Read all that linking needs of these editions, or of all, and the decisions: ten queries, however many."""
    decided = decisions_of(store)
    names: dict[str, set[str]] = defaultdict(set)
    for row in _rows(store, "spellings", editions):
        names[_must(row["source"])].add(_must(row["label"]))
    roles: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in _rows(store, "roles", editions):
        roles[_must(row["source"])].add((_must(row["label"]), _concept(row["status"])))
    chains: dict[str, dict[int, str]] = defaultdict(dict)
    for row in _rows(store, "steps", editions):
        chains[_must(row["statement"])][int(_must(row["position"]))] = _must(row["source"])
    about: dict[str, set[str]] = defaultdict(set)
    for row in _rows(store, "about", editions):
        about[_must(row["statement"])].add(_must(row["event"]))
    participants: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in _rows(store, "participants", editions):
        participants[_must(row["event"])].add((_must(row["role"]), _must(row["source"])))
    return Corpus(
        editions=_editions(_rows(store, "editions", editions)),
        sources=_sources(_rows(store, "sources", editions), names, roles),
        statements=_statements(_rows(store, "statements", editions), chains, about),
        events=_events(_rows(store, "events", editions), participants),
        confirmed=decided.confirmed,
        undone=decided.undone,
        alongside=decided.alongside,
        related=decided.related,
    )


def decisions_of(store: Store) -> Corpus:
    """Return a corpus that holds what people decided, and nothing else."""
    decisions: dict[str, set[tuple[str, str]]] = defaultdict(set)
    alongside: dict[tuple[str, str], set[str]] = defaultdict(set)
    related: set[tuple[str, str, str, str]] = set()
    for row in _rows(store, "decisions"):
        pair, verdict = (_must(row["from"]), _must(row["to"])), _concept(row["verdict"])
        if "relation" in row:
            related.add((*pair, _concept(row["relation"]), verdict))
            continue
        decisions[verdict].add(pair)
        if "alongside" in row:
            alongside[pair].add(_must(row["alongside"]))

    return Corpus(
        confirmed=frozenset(decisions["confirmed"]),
        undone=frozenset(decisions["undone"]),
        alongside={pair: tuple(sorted(nodes)) for pair, nodes in alongside.items()},
        related=frozenset(related),
    )


def text_of(store: Store, edition: str) -> str:
    (row,) = store.select(f"SELECT ?text WHERE {{ {NamedNode(edition)} {KG.text} ?text }}", trusted=True)
    return _must(row["text"])


def _editions(rows: Rows) -> tuple[Edition, ...]:
    found = {
        _must(row["edition"]): Edition(
            iri=_must(row["edition"]),
            article=_must(row["article"]),
            sha256=_must(row["sha256"]),
            text=_must(row["text"]),
            publisher=_text(row.get("publisher")),
            outlet=_text(row.get("outlet")),
            url=_text(row.get("url")),
            title=_text(row.get("title")),
            published=_day(row.get("earliest")),
            moment=_text(row.get("moment")),
        )
        for row in rows
    }
    return tuple(found[iri] for iri in sorted(found))


def _sources(
    asked: Rows, names: dict[str, set[str]], roles: dict[str, set[tuple[str, str]]]
) -> tuple[LocalSource, ...]:
    classes: dict[str, set[Term]] = defaultdict(set)
    rows: dict[str, dict[str, Term]] = {}
    for row in asked:
        iri = _must(row["source"])
        classes[iri].add(row["class"])
        rows[iri] = row
    found = []
    for iri, row in sorted(rows.items()):
        name = _text(row.get("name"))
        number = _text(row.get("number"))
        kind = next((kind for term, kind in KINDS if term in classes[iri]), "organization")
        spellings = ([name] if name else []) + sorted(names[iri] - {name})
        found.append(
            LocalSource(
                iri=iri,
                edition=_must(row["edition"]),
                kind=kind,
                names=tuple(spellings),
                unnamed=_text(row["unnamed"]) == "true",
                number=int(number) if number else None,
                roles=tuple(sorted(roles[iri])),
            )
        )
    return tuple(found)


def _statements(
    asked: Rows, chains: dict[str, dict[int, str]], about: dict[str, set[str]]
) -> tuple[LocalStatement, ...]:
    found = {}
    for row in asked:
        iri = _must(row["statement"])
        found[iri] = LocalStatement(
            iri=iri,
            edition=_must(row["edition"]),
            key=_must(row["key"]),
            text=_must(row["text"]),
            act=_concept(row["act"]),
            polarity=_concept(row["polarity"]),
            certainty=_concept(row["certainty"]),
            speaker=_text(row.get("speaker")),
            addressee=_text(row.get("addressee")),
            root=_must(row["root"]),
            chain=tuple(source for _, source in sorted(chains[iri].items())),
            about=tuple(sorted(about[iri])),
            earliest=_day(row.get("earliest")),
            latest=_day(row.get("latest")),
            within=_text(row.get("within")),
        )
    return tuple(found[iri] for iri in sorted(found))


def _events(asked: Rows, participants: dict[str, set[tuple[str, str]]]) -> tuple[LocalEvent, ...]:
    found = {}
    for row in asked:
        iri = _must(row["event"])
        found[iri] = LocalEvent(
            iri=iri,
            edition=_must(row["edition"]),
            kind=_concept(row["kind"]),
            label=_must(row["label"]),
            status=_concept(row["status"]),
            trigger=_must(row["trigger"]),
            earliest=_day(row.get("earliest")),
            latest=_day(row.get("latest")),
            place=_text(row.get("place")),
            participants=tuple(sorted(participants[iri])),
        )
    return tuple(found[iri] for iri in sorted(found))
