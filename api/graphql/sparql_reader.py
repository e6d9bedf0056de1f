"""Lists and IRIs enter; places, whole nodes, counts and facets leave, by SPARQL: for stores without an index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pyoxigraph import Literal, NamedNode

from api.graphql.asking import Asking, Key
from api.graphql.patterns import Names, where
from kg.graph import literal
from kg.store.index.conditions import ALWAYS
from kg.store.index.definitions import DERIVED, KINDS
from kg.store.index.reading import NOTHING, After, Facet, Found, Tree, Wanted
from kg.store.index.values import plain
from kg.vocab import KG, NAMESPACE, RDF_TYPE

#: IRIs in one VALUES; more are asked for in several queries. Virtuoso takes 10,000 lines in one query.
BLOCK = 2_000


class SparqlReader(Asking):
    """Asks the store; a key is an IRI."""

    indexed = False

    def keys(self, iris: Sequence[str], tree: Tree = NOTHING) -> Found:
        return self.nodes(iris, tree)

    def nodes(self, keys: Sequence[Key], tree: Tree = NOTHING) -> Found:
        """Read nodes and all that the steps lead to: one query, whose branches are the ways of the steps."""
        found = Found()
        for start in range(0, len(keys), BLOCK):
            block = keys[start : start + BLOCK]
            self._nodes(block, tree, found)
            found.nodes.update({key: found.nodes.get(key, {}) for key in block})
        found.iris = {key: key for key in found.nodes}
        for properties in found.nodes.values():
            for values in properties.values():
                values.sort(key=str)
        self._complete(keys, tree, found)
        return found

    def _nodes(self, block: Sequence[Key], tree: Tree, found: Found) -> None:
        roots = values("r", block)
        branches = [values("s", block)]
        ties: list[str] = []
        ways = list(_ways("?r", tree, Names()))
        branches += [f"{roots} {way}" for way, _, _ in ways]
        for way, start, predicate in ways:
            if predicate is not None:
                ties.append(
                    f'{{ SELECT DISTINCT (?s AS ?p) ({start} AS ?o) ("{predicate}" AS ?back) {{ {roots} {way} }} }}'
                )
        union = " UNION ".join(f"{{ {branch} }}" for branch in branches)
        nodes = f"{{ {{ SELECT DISTINCT ?s {{ {union} }} }} ?s ?p ?o FILTER(?p != {KG.text}) }}"
        query = f"SELECT ?s ?p ?o ?back {{ {' UNION '.join([nodes, *ties])} }}"
        for subject, predicate, value, back in self.select(query).rows:
            if isinstance(back, Literal):
                assert isinstance(value, NamedNode)
                assert isinstance(predicate, NamedNode)
                pointing = found.back.setdefault((back.value, value.value), [])
                if predicate.value not in pointing:
                    pointing.append(predicate.value)
                continue
            assert isinstance(subject, NamedNode)
            assert isinstance(predicate, NamedNode)
            if predicate == RDF_TYPE:
                name = "a"
            elif predicate.value.startswith(NAMESPACE):
                name = predicate.value[len(NAMESPACE) :]
            else:
                continue
            if value is not None:
                found.nodes.setdefault(subject.value, {}).setdefault(name, []).append(plain(value, str))

    def _complete(self, keys: Sequence[Key], tree: Tree, found: Found) -> None:
        """Note where nothing points at a node, so that nobody asks again; and nodes of which nothing is said."""
        for (predicate, backwards), further in tree.items():
            ends: list[Key] = []
            for key in keys:
                if backwards:
                    ends += found.back.setdefault((predicate, key), [])
                else:
                    ends += found.nodes.get(key, {}).get(predicate, [])
            ends = list(dict.fromkeys(ends))
            for end in ends:
                found.nodes.setdefault(end, {})
                found.iris[end] = end
            self._complete(ends, further, found)

    def page(
        self,
        wanted: Wanted,
        *,
        first: int,
        after: After | None = None,
        parents: Sequence[Key] = (),
        tree: Tree = NOTHING,
        count: bool = False,
        facets: tuple[Facet, ...] = (),
    ) -> Found:
        """Return places; then, by a second query, their nodes. Of several parents by a UNION with a branch for each."""
        found = Found()
        if wanted.relation is None:
            query = self._branch(wanted, first, after, None)
        else:
            branches = [f"{{ {self._branch(wanted, first, after, iri)} }}" for iri in parents]
            query = f"SELECT ?parent ?node ?key {{ {' UNION '.join(branches)} }}"
        numeric = wanted.kind.orders[wanted.order].numeric
        for row in self.select(query):
            node, parent = row.get("node"), row.get("parent")
            if isinstance(node, NamedNode):
                owner = parent.value if isinstance(parent, NamedNode) else 0
                found.places.setdefault(owner, []).append((node.value, _key(row.get("key"), numeric)))
        for places in found.places.values():
            # UNION promises no order.
            places.sort(key=lambda place: place[0])
            places.sort(key=lambda place: place[1], reverse=wanted.kind.orders[wanted.order].descending)
        if found.places:
            read = self.nodes(list(dict.fromkeys(key for places in found.places.values() for key, _ in places)), tree)
            found.nodes, found.iris, found.back = read.nodes, read.iris, read.back
        if count:
            found.totals = self.count(wanted, parents)
        for name, most in facets:
            counted = self.facet(wanted, name, most, parents)
            found.facets.update(counted.facets)
            found.nodes = counted.nodes | found.nodes
            found.iris.update(counted.iris)
        return found

    def count(self, wanted: Wanted, parents: Sequence[Key] = ()) -> dict[Key, int]:
        kind = wanted.kind
        test = _filter(wanted)
        if wanted.relation is None:
            rows = self.select(f"SELECT (COUNT(DISTINCT ?node) AS ?n) {{ {kind.pattern} {test} }}")
            return {0: int(_key(next(iter(rows)).get("n"), True))}
        rows = self.select(
            f"SELECT ?parent (COUNT(DISTINCT ?node) AS ?n) {{ {values('parent', parents)} {_tie(wanted)} "
            f"{kind.pattern} {test} }} GROUP BY ?parent"
        )
        owners = ((row.get("parent"), row.get("n")) for row in rows)
        return {owner.value: int(_key(n, True)) for owner, n in owners if isinstance(owner, NamedNode)}

    def facet(self, wanted: Wanted, name: str, first: int, parents: Sequence[Key] = ()) -> Found:
        kind = wanted.kind
        names = Names()
        if name in kind.relations:
            relation = kind.relations[name]
            pattern = names.rename(relation.pattern, node="?node", target="?value")
            # In a group of its own: a pattern that binds its node by BIND must not find it bound.
            pattern += f" {{ {names.rename(KINDS[relation.target].pattern, node='?value')} }}"
        else:
            pattern = names.rename(kind.columns[name].pattern, node="?node", value="?value")
            if kind.columns[name].scheme == "flag":
                pattern = f"BIND(EXISTS {{ {pattern} }} AS ?value)"
        tie, group = "", "?value"
        if wanted.relation is not None:
            tie, group = f"{values('parent', parents)} {_tie(wanted)}", "?parent ?value"
        rows = self.select(
            f"SELECT {group} (COUNT(DISTINCT ?node) AS ?n) {{ {tie} {kind.pattern} {_filter(wanted)} {pattern} }} "
            f"GROUP BY {group}"
        )
        counted: dict[Key, list[tuple[Any, int]]] = defaultdict(list)
        for row in rows:
            if "value" in row:
                parent = row.get("parent")
                owner = parent.value if isinstance(parent, NamedNode) else 0
                value = plain(row["value"], str)
                counted[owner].append((int(value) if isinstance(value, bool) else value, int(_key(row["n"], True))))
        found = Found()
        commonest = found.facets[name, first] = {
            owner: sorted(places, key=lambda place: (-place[1], place[0]))[:first] for owner, places in counted.items()
        }
        if name in kind.relations and commonest:
            read = self.nodes(list(dict.fromkeys(key for places in commonest.values() for key, _ in places)))
            found.nodes, found.iris = read.nodes, read.iris
        return found

    def texts(self, keys: Sequence[Key]) -> dict[Key, str]:
        found = {}
        for row in self.select(f"SELECT ?s ?o {{ {values('s', keys)} ?s {KG.text} ?o }}"):
            subject, text = row["s"], row["o"]
            if isinstance(subject, NamedNode) and isinstance(text, Literal):
                found[subject.value] = text.value
        return found

    def _branch(self, wanted: Wanted, first: int, after: After | None, parent: str | None) -> str:
        """Return the SELECT of one page, with one row more than asked for: it tells whether there are more."""
        kind, order = wanted.kind, wanted.kind.orders[wanted.order]
        having = ""
        if after is not None:
            sign = "<" if order.descending else ">"
            key = literal(after.key)
            beyond = f"STR(?node) > {literal(after.iri)}"
            having = f"HAVING({order.aggregate} {sign} {key} || ({order.aggregate} = {key} && {beyond}))"
        variables, fixed = "?node", ""
        if parent is not None:
            variables, fixed = "?parent ?node", f"{values('parent', [parent])} {_tie(wanted)}"
        way = "DESC(?key)" if order.descending else "?key"
        # A node without anything to sort by still stands in the list.
        sorting = order.sorting if order.sorting.startswith("OPTIONAL") else f"OPTIONAL {{ {order.sorting} }}"
        aggregate = f"COALESCE({order.aggregate}, {'0' if order.numeric else literal('')})"
        return (
            f"SELECT {variables} ({aggregate} AS ?key) {{ {fixed} {kind.pattern} {_filter(wanted)} {sorting} }} "
            f"GROUP BY {variables} {having} ORDER BY {way} STR(?node) LIMIT {first + 1}"
        )


def values(variable: str, iris: Sequence[str]) -> str:
    """Return a VALUES clause of these IRIs."""
    return f"VALUES ?{variable} {{ {' '.join(str(NamedNode(iri)) for iri in iris)} }}"


def _ways(start: str, tree: Tree, names: Names) -> Any:
    """Yield, for each step of a tree, the pattern from ?r to its end ?s, its start, and its name if it is backwards."""

    def walk(before: str, at: str, steps: Tree) -> Any:
        for (predicate, backwards), further in steps.items():
            yield f"{before} {_step(predicate, backwards, at, '?s')}", at, predicate if backwards else None
            if further:
                end = names.variable()
                yield from walk(f"{before} {_step(predicate, backwards, at, end)}", end, further)

    return walk("", start, tree)


def _step(predicate: str, backwards: bool, start: str, end: str) -> str:
    if predicate in DERIVED:
        # The one variable of its own that such a pattern has need not be told apart: it is not looked at.
        return DERIVED[predicate].replace("?s", start).replace("?o", end).replace("?zone", f"?zone_of_{end[1:]}")
    iri = NamedNode(f"{NAMESPACE}{predicate}")
    return f"{end} {iri} {start} ." if backwards else f"{start} {iri} {end} ."


def _tie(wanted: Wanted) -> str:
    assert wanted.relation is not None
    return Names().rename(wanted.kind.relations[wanted.relation].pattern, node="?node", target="?parent")


def _filter(wanted: Wanted) -> str:
    if wanted.condition == ALWAYS:
        return ""
    return where(wanted.condition, wanted.kind, "?node", Names())


def _key(term: object, numeric: bool) -> Any:
    text = term.value if isinstance(term, Literal) else ""
    if not numeric:
        return text
    number = float(text or 0)
    return int(number) if number == int(number) and "." not in text else number
