"""What can be listed, sorted, narrowed and counted: kinds of nodes with SPARQL patterns for each of their columns.

One definition serves both ways of answering: the index is filled by asking these patterns for all nodes at once, and
where there is no index the same patterns stand in the query. So the two can't disagree. Every pattern speaks of
``?node``; it binds ``?value`` (a column), ``?target`` (a relation), ``?first`` and ``?last`` (a span of days) or
``?sort`` (an order).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode

from kg.vocab import KG, concept


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted: ``aggregate`` makes the key of all ``?sort`` of one node; ties go by IRI, ascending."""

    sorting: str
    aggregate: str
    descending: bool = True
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A value of a node: a concept of ``scheme``, a class (``scheme`` "class"), a text or a number.

    With the scheme "flag" it is true of the nodes that the pattern finds and false of all others. A column that
    ``counts`` finds nodes of every kind.
    """

    pattern: str
    many: bool = False
    facet: bool = False
    scheme: str | None = None
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """Nodes that a node is tied to; ``target`` is the kind that conditions on them speak of."""

    pattern: str
    target: str
    facet: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind of node. The first of ``orders`` is the usual one. ``texts`` are columns that can be searched by a part
    of them; ``searched``, one of them, binds the words (``?value``) that a search for whole words looks through.
    ``known`` says the same as ``pattern`` where that binds ``?node`` by BIND and the nodes are given."""

    name: str
    pattern: str
    orders: Mapping[str, Order]
    columns: Mapping[str, Column] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    spans: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    searched: str | None = None
    known: str | None = None

    @property
    def usual(self) -> str:
        return next(iter(self.orders))


def _day(path: str, subject: str = "?node") -> str:
    return f"OPTIONAL {{ {subject} {path}/{KG.earliest} ?day }} BIND(COALESCE(STR(?day), '') AS ?sort)"


def _span(path: str) -> str:
    return (
        f"{path} ?time . OPTIONAL {{ ?time {KG.earliest} ?first }} OPTIONAL {{ ?time {KG.latest} ?last }} "
        "FILTER(BOUND(?first) || BOUND(?last))"
    )


def _value(predicate: NamedNode) -> str:
    return f"?node {predicate} ?value ."


def _flag(pattern: str, *, facet: bool = False) -> Column:
    return Column(pattern, facet=facet, scheme="flag")


def _tied(*predicates: NamedNode) -> str:
    """Tie a node to a target, and to the canonical node that the target was identified as.

    A UNION and no path of alternatives: engines join those badly.
    """
    return " UNION ".join(
        f"{{ ?node {predicate} ?target }} UNION {{ ?node {predicate} ?local . ?local {KG.identifiedAs} ?target }}"
        for predicate in predicates
    )


def _members(kind: NamedNode) -> str:
    return (
        f"?member a {kind} ; {KG.inEdition} ?edition . OPTIONAL {{ ?member {KG.identifiedAs} ?canonical }} "
        "BIND(COALESCE(?canonical, ?member) AS ?node)"
    )


def _known_members(kind: NamedNode) -> str:
    """Say what :func:`_members` says, of nodes that are given."""
    return (
        f"{{ ?member {KG.identifiedAs} ?node ; a {kind} ; {KG.inEdition} ?edition }} UNION "
        f"{{ ?node a {kind} ; {KG.inEdition} ?edition . BIND(?node AS ?member) "
        f"FILTER NOT EXISTS {{ ?node {KG.identifiedAs} ?canonical }} }}"
    )


def _member(pattern: str) -> str:
    """Say something of ``?member``: the editions' own nodes behind a node, or the node itself when it is one."""
    return (
        f"{{ ?member {KG.identifiedAs} ?node . {pattern} }} UNION "
        f"{{ ?node {KG.inEdition} ?own . BIND(?node AS ?member) {pattern} }}"
    )


def _works(path: str) -> str:
    """Bind ?value to how many articles a node stands in."""
    return (
        f"{{ SELECT ?node (COUNT(DISTINCT ?work) AS ?value) {{ {path} "
        f"OPTIONAL {{ ?printed {KG.identifiedAs} ?known }} BIND(COALESCE(?known, ?printed) AS ?work) }} "
        "GROUP BY ?node }"
    )


_MEMBER_PRINTED = (
    f"{{ ?local {KG.identifiedAs} ?node ; {KG.inEdition}/{KG.editionOf} ?printed }} UNION "
    f"{{ ?node {KG.inEdition}/{KG.editionOf} ?printed }}"
)
# A node that was identified as another one stands behind it.
_ITSELF = f"FILTER NOT EXISTS {{ ?node {KG.identifiedAs} ?other }}"

STATEMENT = Kind(
    "statement",
    f"?node a {KG.Statement} .",
    {
        "newest": Order(_day(f"{KG.reportedIn}/{KG.published}"), "MAX(?sort)"),
        "oldest": Order(_day(f"{KG.reportedIn}/{KG.published}"), "MAX(?sort)", descending=False),
        "in_text": Order(f"?node {KG.content}/{KG.start} ?sort .", "MIN(?sort)", descending=False, numeric=True),
    },
    {
        "act": Column(_value(KG.speechAct), facet=True, scheme="act"),
        "mode": Column(_value(KG.mode), facet=True, scheme="mode"),
        "polarity": Column(_value(KG.polarity), facet=True, scheme="polarity"),
        "certainty": Column(_value(KG.certainty), facet=True, scheme="certainty"),
        "modality": Column(_value(KG.modality), scheme="modality"),
        "stance": Column(
            f"{{ ?node {KG.expresses} ?any BIND('affirms' AS ?value) }} UNION "
            f"{{ ?node {KG.denies} ?any BIND('denies' AS ?value) }}",
            many=True,
            facet=True,
        ),
        "confidence": Column(_value(KG.confidence)),
        # Somebody stands between the outlet and the root.
        "second_hand": _flag(
            f"?node {KG.hasStep} ?step ; {KG.rootSource} ?root . ?step {KG.position} ?at ; {KG.stepSource} ?between . "
            "FILTER(?at > 0 && ?between != ?root)"
        ),
    },
    {
        "speaker": Relation(_tied(KG.saidBy, KG.speaker), "source", facet=True),
        "addressee": Relation(_tied(KG.saidTo, KG.addressee), "source"),
        "source": Relation(
            f"{{ ?node {KG.hasStep}/{KG.stepSource} ?target }} UNION "
            f"{{ ?node {KG.hasStep}/{KG.stepSource}/{KG.identifiedAs} ?target }}",
            "source",
        ),
        "root": Relation(_tied(KG.rootSource), "source", facet=True),
        "outlet": Relation(
            f"{{ ?node {KG.reportedIn}/{KG.publisher} ?target }} UNION "
            f"{{ ?node {KG.reportedIn}/{KG.publisher}/{KG.identifiedAs} ?target }}",
            "source",
            facet=True,
        ),
        "corroborator": Relation(
            f"?relation {KG.to} ?node ; {KG.relation} {concept('relation', 'corroborates')} . "
            f"{{ ?relation {KG.bySource} ?target }} UNION {{ ?relation {KG.bySource}/{KG.identifiedAs} ?target }}",
            "source",
        ),
        "event": Relation(_tied(KG.aboutEvent), "event", facet=True),
        "affirmed": Relation(f"?node {KG.expresses} ?target .", "claim"),
        "denied": Relation(f"?node {KG.denies} ?target .", "claim"),
        "claim": Relation(f"?node {KG.expresses}|{KG.denies} ?target .", "claim", facet=True),
        "article": Relation(_tied(KG.reportedIn), "article"),
        "edition": Relation(f"?node {KG.inEdition} ?target .", "edition"),
    },
    {
        "said": _span(f"?node {KG.saidOn}"),
        "published": _span(f"?node {KG.reportedIn}/{KG.published}"),
    },
    {"text": _value(KG.contentText)},
    searched=_value(KG.contentText),
)

SOURCE = Kind(
    "source",
    # Places are sources by their class alone; they are listed when they speak or act, that is, as actors.
    f"?node a {KG.Source} . {_ITSELF} FILTER(!EXISTS {{ ?node a {KG.Place} }} || EXISTS {{ ?node a {KG.Actor} }})",
    {
        "most_quoted": Order(
            f"OPTIONAL {{ {{ ?sort {KG.saidBy} ?node }} UNION {{ ?sort {KG.speaker} ?node }} }}",
            "COUNT(DISTINCT ?sort)",
            numeric=True,
        ),
        "name": Order(
            f"OPTIONAL {{ ?node {KG.name} ?name }} BIND(COALESCE(STR(?name), '') AS ?sort)",
            "MIN(?sort)",
            descending=False,
        ),
    },
    {
        "class": Column(
            f"?node a ?value . FILTER(?value IN ({', '.join(map(str, (KG.Person, KG.NewsOutlet, KG.Group, KG.GeopoliticalEntity, KG.Organization, KG.Channel, KG.Document)))}))",  # noqa: E501
            many=True,
            facet=True,
            scheme="class",
        ),
        "unnamed": _flag(f"?node {KG.unnamed} true .", facet=True),
        "articles": Column(_works(_MEMBER_PRINTED), counts=True),
    },
    texts={"name": f"?node {KG.name}|{KG.altLabel} ?value ."},
    searched=f"?node {KG.name}|{KG.altLabel} ?value .",
)
ACTOR = replace(
    SOURCE,
    name="actor",
    pattern=f"?node a {KG.Actor} . {_ITSELF} FILTER NOT EXISTS {{ ?node {KG.unnamed} true }}",
)

EVENT = Kind(
    "event",
    _members(KG.Event),
    {
        "newest": Order(_day(str(KG.time), "?member"), "MIN(?sort)"),
        "oldest": Order(_day(str(KG.time), "?member"), "MIN(?sort)", descending=False),
    },
    {
        "kind": Column(_member(f"?member {KG.eventKind} ?value ."), many=True, facet=True, scheme="kind"),
        "status": Column(_member(f"?member {KG.eventStatus} ?value ."), many=True, facet=True, scheme="status"),
        "articles": Column(_works(_MEMBER_PRINTED), counts=True),
        "has_place": _flag(_member(f"?member {KG.place} ?where .")),
    },
    {
        "participant": Relation(
            _member(
                f"{{ ?member {KG.participation}/{KG.participant} ?target }} UNION "
                f"{{ ?member {KG.participation}/{KG.participant}/{KG.identifiedAs} ?target }}"
            ),
            "source",
        ),
        "statement": Relation(
            f"{{ ?target {KG.aboutEvent} ?node }} UNION {{ ?target {KG.aboutEvent}/{KG.identifiedAs} ?node }}",
            "statement",
        ),
    },
    {"date": _member(_span(f"?member {KG.time}"))},
    {"text": f"{{ ?node {KG.label} ?value }} UNION {{ ?member {KG.identifiedAs} ?node ; {KG.label} ?value }}"},
    searched=f"{{ ?node {KG.label} ?value }} UNION {{ ?member {KG.identifiedAs} ?node ; {KG.label} ?value }}",
    known=_known_members(KG.Event),
)

ARTICLE = Kind(
    "article",
    _members(KG.Article),
    {
        "newest": Order(_day(str(KG.published), "?member"), "MAX(?sort)"),
        "oldest": Order(_day(str(KG.published), "?member"), "MAX(?sort)", descending=False),
    },
    {"language": Column(_member(f"?member {KG.inEdition}/{KG.language} ?value ."), many=True, facet=True)},
    {
        "outlet": Relation(
            _member(
                f"{{ ?member {KG.publisher} ?target }} UNION {{ ?member {KG.publisher}/{KG.identifiedAs} ?target }}"
            ),
            "source",
            facet=True,
        ),
        "statement": Relation(
            f"{{ ?target {KG.reportedIn} ?node }} UNION {{ ?target {KG.reportedIn}/{KG.identifiedAs} ?node }}",
            "statement",
        ),
    },
    {"published": _member(_span(f"?member {KG.published}"))},
    {"text": _member(f"{{ ?member {KG.title} ?value }} UNION {{ ?member {KG.inEdition}/{KG.text} ?value }}")},
    searched=_member(f"{{ ?member {KG.title} ?value }} UNION {{ ?member {KG.inEdition}/{KG.text} ?value }}"),
    known=_known_members(KG.Article),
)

# The headline board: what most outlets carry, and of those what most statements say.
_BOARD = (
    f"OPTIONAL {{ ?node {KG.outletCount} ?outlets }} OPTIONAL {{ ?node {KG.statementCount} ?statements }} "
    "BIND(COALESCE(?outlets, 0) * 1000000 + COALESCE(?statements, 0) AS ?sort)"
)
_CLAIM_TEXT = (
    f"{{ ?node {KG.label} ?value }} UNION {{ ?said {KG.expresses} ?node . ?said {KG.contentText} ?value }} "
    f"UNION {{ ?said {KG.denies} ?node . ?said {KG.contentText} ?value }}"
)
CLAIM = Kind(
    "claim",
    f"?node a {KG.Claim} .",
    {
        "most_outlets": Order(_BOARD, "MAX(?sort)", numeric=True),
        "most_denied": Order(
            f"OPTIONAL {{ ?node {KG.denialCount} ?n }} BIND(COALESCE(?n, 0) AS ?sort)", "MAX(?sort)", numeric=True
        ),
    },
    {
        "outlets": Column(_value(KG.outletCount)),
        "roots_low": Column(_value(KG.rootCountLow)),
        "roots_high": Column(_value(KG.rootCountHigh)),
        "named_roots": Column(_value(KG.namedRootCount)),
        "statements": Column(_value(KG.statementCount)),
        "denials": Column(_value(KG.denialCount)),
        "denied": _flag(f"?denial {KG.denies} ?node .", facet=True),
    },
    {
        "root": Relation(f"?node {KG.hasRoot} ?target .", "source"),
        "outlet": Relation(f"?node {KG.carriedBy} ?target .", "source", facet=True),
        "statement": Relation(f"?target {KG.expresses}|{KG.denies} ?node .", "statement"),
    },
    texts={"text": _CLAIM_TEXT},
    searched=_CLAIM_TEXT,
)

_CONFIDENCE = f"OPTIONAL {{ ?node {KG.confidence} ?n }} BIND(COALESCE(?n, 0) AS ?sort)"
RELATION = Kind(
    "relation",
    f"?node a {KG.StatementRelation} .",
    {"most_sure": Order(_CONFIDENCE, "MAX(?sort)", numeric=True)},
    {
        "relation": Column(_value(KG.relation), facet=True, scheme="relation"),
        "basis": Column(_value(KG.basis), facet=True, scheme="basis"),
        "confidence": Column(_value(KG.confidence)),
        "certainty": Column(_value(KG.certainty), scheme="certainty"),
        "same_speaker": _flag(f"?node {KG.from_}/{KG.saidBy} ?who . ?node {KG.to}/{KG.saidBy} ?who ."),
    },
    {
        "from": Relation(f"?node {KG.from_} ?target .", "statement"),
        "to": Relation(f"?node {KG.to} ?target .", "statement"),
        "statement": Relation(f"?node {KG.from_}|{KG.to} ?target .", "statement"),
        "by": Relation(_tied(KG.bySource), "source"),
        # One speaker at both ends: what is in tension with itself.
        "speaker": Relation(f"?node {KG.from_}/{KG.saidBy} ?target . ?node {KG.to}/{KG.saidBy} ?target .", "source"),
    },
)
TIME = Kind(
    "time",
    f"?node a {KG.TimeSpan} ; {KG.edtf} ?edtf .",
    {
        "oldest": Order(
            f"OPTIONAL {{ ?node {KG.earliest} ?day }} BIND(COALESCE(STR(?day), '') AS ?sort)",
            "MIN(?sort)",
            descending=False,
        )
    },
    {"resolution": Column(_value(KG.resolution), facet=True, scheme="resolution")},
    spans={
        "date": f"?node a {KG.TimeSpan} . "
        f"OPTIONAL {{ ?node {KG.earliest} ?first }} OPTIONAL {{ ?node {KG.latest} ?last }} "
        "FILTER(BOUND(?first) || BOUND(?last))"
    },
)
LINK = Kind(
    "link",
    f"?node a {KG.IdentityLink} .",
    {"least_sure": Order(_CONFIDENCE, "MIN(?sort)", descending=False, numeric=True)},
    {
        "basis": Column(_value(KG.basis), facet=True, scheme="basis"),
        "confidence": Column(_value(KG.confidence)),
        "verdict": Column(
            f"?node {KG.from_} ?a ; {KG.to} ?b . ?decision a {KG.Decision} ; {KG.from_} ?a ; {KG.to} ?b ; "
            f"{KG.verdict} ?value .",
            many=True,
            scheme="verdict",
        ),
    },
    {"to": Relation(f"?node {KG.to} ?target .", "source"), "from": Relation(f"?node {KG.from_} ?target .", "source")},
)
DECISION = Kind(
    "decision",
    f"?node a {KG.Decision} .",
    {"newest": Order(f"OPTIONAL {{ ?node {KG.decidedOn} ?at }} BIND(COALESCE(STR(?at), '') AS ?sort)", "MAX(?sort)")},
    {"verdict": Column(_value(KG.verdict), facet=True, scheme="verdict")},
)

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (STATEMENT, SOURCE, ACTOR, EVENT, ARTICLE, CLAIM, RELATION, TIME, LINK, DECISION)
}

#: Properties that are followed backwards; the index keeps them that way round as well.
BACKWARDS = ("identifiedAs", "from", "to", "revises", "copyOf")
#: Ties that no single property names: from an edition to its mentions that are zones.
DERIVED: dict[str, str] = {"zoneMention": f"?o {KG.inEdition} ?s ; {KG.zone} ?zone ."}
