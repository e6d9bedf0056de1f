"""A list enters; the SQL of its page, its count and its facets leaves: one statement, whatever is asked of it at once.

Under a filter there are two ways. When the list is counted, the ranks of all its nodes are found once (``hit``), and
the page, the count and the facets are taken from them. When only a page is asked for, the first thousand rows of the
order are looked at, row by row; the filter is worked out for all rows only where they do not fill the page. So a filter
that most nodes meet costs what its page costs, and one that few meet costs what it takes to find these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.store.index.conditions import ALWAYS, All, Condition, OneOf, Search
from kg.store.index.definitions import Kind
from kg.store.index.layout import ALL, column, key, side, words
from kg.store.index.sql import Sql, match, of_row, where
from kg.store.index.wanted import After, Cut, Wanted

#: Rows of an order that are looked at before a filter is worked out for all.
LOOK = 1_000
#: Below and above all sort keys: text is more than any number, bytes are more than any text.
LEAST, MOST = "-9e999", "x'FF'"
#: What a row of an answer tells: a place, a node, a tie backwards, a total; facets are counted on from the last.
PLACE, NODE, BACK, TOTAL, FACET = range(5)


@dataclass(slots=True)
class Parts:
    """A statement in the making: tables that are made first, and what is read of them."""

    sources: list[str]
    tail: list[str]


def parts(wanted: Wanted, cut: Cut, parents: Sequence[int], sql: Sql) -> Parts:
    """Return the tables ``page`` and, of facets whose values are nodes, ``f0``, ``f1``…, and what reads them."""
    made = Parts([], [])
    counted = wanted.relation is None and wanted.condition != ALWAYS
    counted = counted and (bool(cut.facets) or (cut.count and not _simple(wanted)))
    if counted:
        made.sources.append(f"hit (rank) AS MATERIALIZED ({_hits(wanted, sql)})")
    if cut.first is not None:
        if wanted.relation is not None:
            page = _pages(wanted, cut, parents, sql)
        else:
            page = _of_hits(wanted, cut, sql) if counted else _page(wanted, cut, made, sql)
        made.sources.append(f"page (parent, place, id, k) AS MATERIALIZED ({page})")
        made.tail.append(f"SELECT {PLACE}, parent, id, k FROM page")
    if cut.count:
        text = "SELECT 0 AS parent, count(*) AS n FROM hit" if counted else _count(wanted, parents, sql)
        made.tail.append(f"SELECT {TOTAL}, parent, n, NULL FROM ({text})")
    for number, (name, first) in enumerate(cut.facets):
        if wanted.condition == ALWAYS and wanted.relation is None:
            text = _kept(wanted.kind, name, first, sql)
        else:
            text = _facet(wanted, name, first, parents, sql)
        made.sources.append(f"f{number} (parent, id, n) AS MATERIALIZED ({text})")
        made.tail.append(f"SELECT {FACET + number}, parent, id, n FROM f{number}")
    return made


def _simple(wanted: Wanted) -> bool:
    """Tell whether an index counts what meets the condition without looking at each."""
    return isinstance(wanted.condition, Search) or of_row(wanted.condition, wanted.kind)


def _hits(wanted: Wanted, sql: Sql) -> str:
    kind = wanted.kind
    if isinstance(wanted.condition, Search) and wanted.condition.words:
        name = words(kind)
        return f"SELECT rowid FROM {name} WHERE {name} MATCH {sql.mark(match(wanted.condition.words))}"
    return f"SELECT t.rank FROM {kind.name} t WHERE {where(wanted.condition, kind, 't', sql)}"


# --- pages


def _of_hits(wanted: Wanted, cut: Cut, sql: Sql) -> str:
    kind, limit = wanted.kind, f"LIMIT {sql.mark((cut.first or 0) + 1)}"
    behind, by = _behind(wanted, cut.after, sql), _by(wanted)
    if wanted.usual:
        # Sort numbers, not rows.
        ranks = f"SELECT t.rank FROM hit t WHERE 1{behind} ORDER BY t.rank {limit}"
        return f"SELECT 0, t.rank, t.id, {_key(wanted)} FROM ({ranks}) h CROSS JOIN {kind.name} t ON t.rank = h.rank"
    return (
        f"SELECT 0, t.rank, t.id, {_key(wanted)} FROM hit h CROSS JOIN {kind.name} t ON t.rank = h.rank "
        f"WHERE 1{behind} ORDER BY {by} {limit}"
    )


def _page(wanted: Wanted, cut: Cut, made: Parts, sql: Sql) -> str:
    kind, condition = wanted.kind, wanted.condition
    chosen, by = f"SELECT 0, t.rank, t.id, {_key(wanted)}", _by(wanted)
    limit = f"LIMIT {sql.mark((cut.first or 0) + 1)}"
    behind = _behind(wanted, cut.after, sql)
    searched, rest = _search(condition) if wanted.usual else (None, condition)
    if searched is not None:
        # Hits come by their number, which is the rank: the first page of a common word reads twenty of them.
        name = words(kind)
        return (
            f"{chosen} FROM {name} w CROSS JOIN {kind.name} t ON t.rank = w.rowid "
            f"WHERE {name} MATCH {sql.mark(match(searched))} AND {where(rest, kind, 't', sql)}{behind} "
            f"ORDER BY w.rowid {limit}"
        )
    if condition == ALWAYS:
        return f"{chosen} FROM {kind.name} t WHERE 1{behind} ORDER BY {by} {limit}"
    k = "rank" if wanted.usual else key(wanted.order)
    falling = wanted.descending and not wanted.usual
    # With fewer rows than are looked at there is no bound, and all are looked at.
    last = f"coalesce((SELECT k FROM bound), {LEAST if falling else MOST})"
    made.sources += [
        f"bound (k) AS MATERIALIZED (SELECT t.{k} FROM {kind.name} t WHERE 1{behind} "
        f"ORDER BY {by} LIMIT 1 OFFSET {LOOK - 1})",
        f"look (parent, place, id, k) AS MATERIALIZED ({chosen} FROM {kind.name} t WHERE t.{k} "
        f"{'>=' if falling else '<='} {last} AND {where(condition, kind, 't', sql, each=True)}{behind} "
        f"ORDER BY {by} {limit})",
        # A row when more has to be found, else none: then the filter is not worked out.
        f"gate (k) AS MATERIALIZED (SELECT k FROM bound WHERE (SELECT count(*) FROM look) <= {sql.mark(cut.first)})",
    ]
    # The sign keeps SQLite from walking all the rest of the order where an index of the filter leads to few rows.
    return (
        f"SELECT parent, place, id, k FROM look UNION ALL SELECT * FROM ({chosen} FROM gate g CROSS JOIN {kind.name} t "
        f"WHERE +t.{k} {'<' if falling else '>'} g.k AND {where(condition, kind, 't', sql)} "
        f"ORDER BY {by} {limit} - (SELECT count(*) FROM look))"
    )


def _pages(wanted: Wanted, cut: Cut, parents: Sequence[int], sql: Sql) -> str:
    """Return the pages of several parents."""
    kind, by = wanted.kind, _by(wanted)
    inner = (
        f"SELECT t.rank FROM {side(kind, wanted.relation or '')} r CROSS JOIN {kind.name} t ON t.rank = r.rank "
        f"WHERE r.o = p.value AND {where(wanted.condition, kind, 't', sql)}{_behind(wanted, cut.after, sql)} "
        # The ranks of a relation stand in order, so the usual order needs no sorting.
        f"ORDER BY {'r.rank' if wanted.usual else by} LIMIT {sql.mark((cut.first or 0) + 1)}"
    )
    return (
        f"SELECT p.value, t.rank, t.id, {_key(wanted)} FROM {sql.numbers(parents)} p "
        f"CROSS JOIN {kind.name} t ON t.rank IN ({inner}) ORDER BY p.key, {by}"
    )


def _key(wanted: Wanted) -> str:
    return f"t.{key(wanted.order)}"


def _by(wanted: Wanted) -> str:
    if wanted.usual:
        return "t.rank"
    return f"{_key(wanted)}{' DESC' if wanted.descending else ''}, t.iri"


def _behind(wanted: Wanted, after: After | None, sql: Sql) -> str:
    if after is None:
        return ""
    kind, k = wanted.kind, key(wanted.order)
    sign = "<" if wanted.descending else ">"
    place, iri = sql.mark(after.key), sql.mark(after.iri)
    if not wanted.usual:
        # The first test says nothing new, but it is a range of the order's index: a page far behind begins there.
        return f" AND t.{k} {sign}= {place} AND (t.{k} {sign} {place} OR t.iri > {iri})"
    return (
        f" AND t.rank >= coalesce((SELECT a.rank FROM {kind.name} a WHERE a.{k} = {place} "
        f"AND a.iri > {iri} ORDER BY a.iri LIMIT 1), (SELECT a.rank FROM {kind.name} a "
        f"WHERE a.{k} {sign} {place} ORDER BY a.{k} {'DESC' if sign == '<' else 'ASC'}, a.iri LIMIT 1), "
        f"9223372036854775807)"
    )


# --- counts


def _count(wanted: Wanted, parents: Sequence[int], sql: Sql) -> str:
    kind = wanted.kind
    if wanted.relation is None:
        return _counted(wanted.condition, kind, sql)
    start = (
        f"SELECT r.o AS parent, count(*) AS n FROM {sql.numbers(parents)} p "
        f"CROSS JOIN {side(kind, wanted.relation)} r ON r.o = p.value"
    )
    if wanted.condition == ALWAYS:
        return f"{start} GROUP BY 1"
    test = where(wanted.condition, kind, "t", sql)
    return f"{start} CROSS JOIN {kind.name} t ON t.rank = r.rank WHERE {test} GROUP BY 1"


def _counted(condition: Condition, kind: Kind, sql: Sql) -> str:
    """Return the count of what a simple condition meets: from the kept counts where they have it."""
    match condition:
        case All(()):
            return f"SELECT 0 AS parent, n FROM facet WHERE kind = {sql.mark(kind.name)} AND name = {sql.mark(ALL)}"
        case OneOf(name, values) if kind.columns[name].facet:
            listed = sql.listed(tuple(int(value) if isinstance(value, bool) else value for value in values))
            return (
                f"SELECT 0 AS parent, coalesce(sum(n), 0) AS n FROM facet "
                f"WHERE kind = {sql.mark(kind.name)} AND name = {sql.mark(name)} AND value IN {listed}"
            )
        case Search(wanted) if wanted:
            name = words(kind)
            return f"SELECT 0 AS parent, count(*) AS n FROM {name} WHERE {name} MATCH {sql.mark(match(wanted))}"
        case _:
            return f"SELECT 0 AS parent, count(*) AS n FROM {kind.name} t WHERE {where(condition, kind, 't', sql)}"


def _kept(kind: Kind, name: str, first: int, sql: Sql) -> str:
    kept = f"kind = {sql.mark(kind.name)} AND name = {sql.mark(name)}"
    return f"SELECT 0, value, n FROM facet WHERE {kept} ORDER BY n DESC, sort, value LIMIT {sql.mark(first)}"


def _facet(wanted: Wanted, name: str, first: int, parents: Sequence[int], sql: Sql) -> str:
    """Return SQL of (parent, value, n), at least the ``first`` of each parent."""
    kind = wanted.kind
    is_node = name in kind.relations
    single = not is_node and not kind.columns[name].many
    if wanted.relation is None:
        start, parent, test = f"hit h CROSS JOIN {kind.name} t ON t.rank = h.rank", "0", "1"
        if not single:
            start = "hit t"
    else:
        start = (
            f"{sql.numbers(parents)} p CROSS JOIN {side(kind, wanted.relation)} r ON r.o = p.value "
            f"CROSS JOIN {kind.name} t ON t.rank = r.rank"
        )
        parent, test = "p.value", where(wanted.condition, kind, "t", sql)
    # A constant among the keys would be compared for each row that is sorted.
    group = "2" if wanted.relation is None else "1, 2"
    if single:
        value = f"t.{column(name)}"
        return f"SELECT {parent}, {value}, count(*) FROM {start} WHERE {value} IS NOT NULL AND {test} GROUP BY {group}"
    value = "s.o" if is_node else "s.value"
    counted = (
        f"SELECT {parent} AS parent, {value} AS value, count(*) AS n "
        f"FROM {start} CROSS JOIN {side(kind, name)} s ON s.rank = t.rank WHERE {test} GROUP BY {group}"
    )
    if not is_node:
        return counted
    # Whether a value is of the right kind is asked of each value, not of each row: rows are many, values few.
    of_kind = (
        f"SELECT f.parent, f.value, f.n FROM ({counted}) f CROSS JOIN {kind.relations[name].target} v ON v.id = f.value"
    )
    if wanted.relation is not None:
        return of_kind
    return f"{of_kind} ORDER BY f.n DESC, v.iri LIMIT {sql.mark(first)}"


def _search(condition: Condition) -> tuple[tuple[str, ...] | None, Condition]:
    """Take a search for words out of a condition that can't hold without it."""
    if isinstance(condition, Search) and condition.words:
        return condition.words, ALWAYS
    if isinstance(condition, All):
        for place, part in enumerate(condition.parts):
            if isinstance(part, Search) and part.words:
                return part.words, All(condition.parts[:place] + condition.parts[place + 1 :])
    return None, condition
