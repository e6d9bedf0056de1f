"""A kind enters; the names of its tables and the SQL that makes them leave."""

from __future__ import annotations

from collections.abc import Iterator

from kg.store.index.definitions import KINDS, Kind

FORMAT = 3
#: The name under which the table of facets has the number of all nodes of a kind.
ALL = ""


def key(order: str) -> str:
    return f"k_{order}"


def column(name: str) -> str:
    return f"c_{name}"


def side(kind: Kind, name: str) -> str:
    """Return the table of a column with many values, a relation, a span or a text of a kind."""
    return f"{kind.name}__{name}"


def words(kind: Kind) -> str:
    return f"{kind.name}__words"


def by_first(kind: Kind, span: str) -> str:
    """Return the index of spans by their first day."""
    return f"{side(kind, span)}_first"


def wide(kind: Kind, span: str) -> str:
    """Return the index of the spans that are longer than a day or open, by their last day."""
    return f"{side(kind, span)}_wide"


def tables(kind: Kind) -> Iterator[str]:
    """Yield the CREATE TABLE statements of a kind.

    ``rank`` grows in the usual order, so that a page of it is a range of the primary key; there is room between two
    ranks for nodes that come later.
    """
    single = [column(name) for name, found in kind.columns.items() if not found.many]
    keys = [key(order) for order in kind.orders]
    yield (
        f"CREATE TABLE {kind.name} (rank INTEGER PRIMARY KEY, id INTEGER NOT NULL, iri TEXT NOT NULL, "
        f"{', '.join(keys + single)})"
    )
    for name, found in kind.columns.items():
        if found.many:
            yield f"CREATE TABLE {side(kind, name)} (value, rank INTEGER, PRIMARY KEY (value, rank)) WITHOUT ROWID"
    for name in kind.relations:
        yield f"CREATE TABLE {side(kind, name)} (o INTEGER, rank INTEGER, PRIMARY KEY (o, rank)) WITHOUT ROWID"
    for name in kind.spans:
        yield f"CREATE TABLE {side(kind, name)} (rank INTEGER, first TEXT, last TEXT)"
    for name in kind.texts:
        yield f"CREATE TABLE {side(kind, name)} (rank INTEGER, folded TEXT)"
    if kind.searched is not None:
        # Without the text itself: only the words are kept. The row's number is the rank, so hits come in order.
        yield (
            f"CREATE VIRTUAL TABLE {words(kind)} USING fts5(text, content='', detail=none, "
            "tokenize='unicode61 remove_diacritics 0')"
        )


def indices(kind: Kind) -> Iterator[str]:
    """Yield the CREATE INDEX statements of a kind, to be run when its tables are filled."""
    yield f"CREATE UNIQUE INDEX {kind.name}_id ON {kind.name} (id)"
    for order, found in kind.orders.items():
        way = "DESC" if found.descending else "ASC"
        yield f"CREATE INDEX {kind.name}_{key(order)} ON {kind.name} ({key(order)} {way}, iri)"
    for name, chosen in kind.columns.items():
        if chosen.many:
            yield f"CREATE INDEX {side(kind, name)}_rank ON {side(kind, name)} (rank, value)"
        else:
            yield f"CREATE INDEX {kind.name}_{column(name)} ON {kind.name} ({column(name)})"
    for name in kind.relations:
        yield f"CREATE INDEX {side(kind, name)}_rank ON {side(kind, name)} (rank, o)"
    for name in kind.spans:
        yield f"CREATE INDEX {by_first(kind, name)} ON {side(kind, name)} (first, last, rank)"
        yield f"CREATE INDEX {wide(kind, name)} ON {side(kind, name)} (last, first, rank) WHERE last IS NOT first"
    for name in (*kind.spans, *kind.texts):
        yield f"CREATE INDEX {side(kind, name)}_rank ON {side(kind, name)} (rank)"


def all_tables() -> Iterator[str]:
    for kind in KINDS.values():
        yield from tables(kind)


def all_indices() -> Iterator[str]:
    yield "CREATE UNIQUE INDEX node_iri ON node (iri)"
    yield "CREATE INDEX facet_top ON facet (kind, name, n DESC, sort, value)"
    for kind in KINDS.values():
        yield from indices(kind)
