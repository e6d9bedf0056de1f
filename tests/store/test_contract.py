"""What every store promises: the same tests on memory, disk, a disk opened again, a reader's generation, servers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator

import pytest
from engines import engine_of
from pyoxigraph import Literal, NamedNode, Triple
from store_samples import BASE, edition

from kg.errors import QueryError, StoreError
from kg.graph import ArticleGraph, literal
from kg.store import Store
from kg.store.journal import Commit, Receipt
from kg.vocab import KG

#: How each engine says where the fault in a text is.
WHERE = {"oxigraph": r"error at 1:\d+", "virtuoso": r"line \d+: syntax error", "jena": r"line \d+, column \d+"}
PREFIX = "PREFIX kg: <https://w3id.org/on-the-record/ns#>\n"
HARBOUR = edition("harbour", "The", "harbour", "was", "sold")
MINE = edition("mine", "The", "mine", "was", "closed")

Filled = Callable[..., Store]


def exact_words(store: Store) -> list[str]:
    rows = store.select(PREFIX + "SELECT ?exact WHERE { ?mention kg:exact ?exact } ORDER BY ?exact")
    return [row["exact"].value for row in rows if isinstance(row["exact"], Literal)]


# ---- graphs go in and come out


def test_a_graph_comes_back_as_it_was_put(filled: Filled) -> None:
    store = filled(HARBOUR, MINE)
    assert store.graph(HARBOUR.name) == HARBOUR
    assert store.graph_names() == [HARBOUR.name, MINE.name]
    assert store.count() == len(HARBOUR) + len(MINE)


def test_the_digest_survives_the_round_trip(filled: Filled) -> None:
    assert filled(HARBOUR).graph(HARBOUR.name).digest() == HARBOUR.digest()


@pytest.mark.parametrize(
    "text",
    [
        'He said: "no".',
        "back\\slash and \\u0041",
        "line\nfeed, carriage\r\nreturn, tab\t",
        "’curly‘ — “quotes”",
        "𝔘nicode beyond the BMP 🛳️",
        "right-to-left mark \u200f and override \u202e",
        "\u0001 control and \u007f",
        "} ; DROP ALL ; {",
        "",
    ],
)
def test_any_text_comes_back_character_by_character(filled: Filled, text: str) -> None:
    name = NamedNode(BASE + "edition/text")
    store = filled(ArticleGraph.of(name, [Triple(name, KG.text, literal(text))]))
    assert store.select(PREFIX + "SELECT ?text { ?edition kg:text ?text }").rows == ((Literal(text),),)


def test_a_graph_that_nobody_put_is_empty(filled: Filled) -> None:
    assert filled(HARBOUR).graph(MINE.name) == ArticleGraph(MINE.name, frozenset())


def test_replacing_a_graph_leaves_nothing_of_the_old_one(store: Store) -> None:
    store.put([edition("harbour", "An", "older", "text")])
    store.put([HARBOUR])
    assert store.graph(HARBOUR.name) == HARBOUR
    assert exact_words(store) == ["The", "harbour", "sold", "was"]


def test_replacing_one_graph_leaves_every_other_digest_unchanged(store: Store) -> None:
    others = [edition(f"other-{number}", "word", str(number)) for number in range(5)]
    store.put([HARBOUR, *others])
    store.put([edition("harbour", "Another", "text")])
    assert [store.graph(other.name).digest() for other in others] == [other.digest() for other in others]


def test_a_dropped_graph_is_gone(store: Store) -> None:
    store.put([HARBOUR, MINE])
    store.put([], drop=[HARBOUR.name])
    assert store.graph_names() == [MINE.name]
    assert store.count() == len(MINE)


def test_dropping_what_is_not_there_is_no_error(store: Store) -> None:
    store.put([MINE], drop=[HARBOUR.name])
    assert store.graph_names() == [MINE.name]


def test_an_empty_graph_is_a_dropped_graph(store: Store) -> None:
    store.put([HARBOUR])
    store.put([ArticleGraph(HARBOUR.name, frozenset())])
    assert store.graph_names() == []


def test_of_two_graphs_with_one_name_the_later_stays(store: Store) -> None:
    store.put([edition("harbour", "first"), HARBOUR])
    assert store.graph(HARBOUR.name) == HARBOUR


def test_the_version_changes_with_the_data_and_only_then(store: Store) -> None:
    empty = store.version()
    store.put([HARBOUR])
    put = store.version()
    store.put([HARBOUR])
    again = store.version()
    store.put([], drop=[HARBOUR.name])
    assert empty != put
    assert again == put
    assert store.version() not in (empty, put)


# ---- errors leave nothing


def test_an_error_while_graphs_are_made_leaves_nothing(store: Store) -> None:
    def graphs() -> Iterator[ArticleGraph]:
        yield HARBOUR
        raise ValueError("the second article can't be mapped")

    with pytest.raises(ValueError, match="second article"):
        store.put(graphs())
    assert store.count() == 0


@pytest.mark.parametrize(
    "second_half",
    ["CREATE GRAPH <https://example.org/id/edition/harbour>", "DROP GRAPH <https://example.org/none>"],
)
def test_an_update_that_fails_half_way_leaves_nothing(store: Store, second_half: str) -> None:
    store.put([HARBOUR])
    if engine_of(store) == "jena":
        pytest.skip("ARQ takes CREATE of what is there and DROP of what is not for no errors, as SILENT")
    undone = engine_of(store) != "virtuoso"  # there each operation of an update is a transaction of its own
    with pytest.raises(QueryError, match="Nothing was changed" if undone else "before the fault may be changed"):
        store.update(
            f"INSERT DATA {{ GRAPH <https://example.org/g> {{ <https://a.b> a <https://a.c> }} }} ; {second_half}"
        )
    assert (store.graph_names() == [HARBOUR.name]) is undone


def test_an_update_that_is_no_sparql_changes_nothing(store: Store) -> None:
    store.put([HARBOUR])
    with pytest.raises(QueryError, match=rf"The update is not SPARQL 1.1: .*{WHERE[engine_of(store)]}"):
        store.update("DROP ALL ; INSERT DATA {")
    assert store.graph(HARBOUR.name) == HARBOUR


def test_an_update_writes(store: Store) -> None:
    store.put([HARBOUR])
    store.update(
        PREFIX + "DELETE { GRAPH ?g { ?m kg:exact ?exact } } WHERE { GRAPH ?g { ?m kg:exact ?exact } "
        'FILTER(?exact = "sold") }'
    )
    assert exact_words(store) == ["The", "harbour", "was"]


def test_writes_of_many_threads_take_turns(store: Store) -> None:
    name = NamedNode(BASE + "counter")
    store.put([ArticleGraph.of(name, [Triple(name, KG.number, literal(0))])])
    add_one = PREFIX + "DELETE { GRAPH ?g { ?s kg:number ?n } } INSERT { GRAPH ?g { ?s kg:number ?next } } "
    add_one += "WHERE { GRAPH ?g { ?s kg:number ?n } BIND(?n + 1 AS ?next) }"

    def work() -> None:
        for _ in range(10):
            store.update(add_one)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.graph(name) == ArticleGraph.of(name, [Triple(name, KG.number, literal(40))])


# ---- questions


def test_select_gives_variables_and_rows_with_gaps(filled: Filled) -> None:
    store = filled(HARBOUR)
    rows = store.select(
        PREFIX + "SELECT ?word ?none WHERE { ?m kg:exact ?word ; kg:start ?n OPTIONAL { ?m kg:end ?none } } ORDER BY ?n"
    )
    assert rows.variables == ("word", "none")
    assert rows.rows[1] == (Literal("harbour"), None)
    assert [list(row) for row in rows] == [["word"]] * 4


def test_ask_answers_yes_and_no(filled: Filled) -> None:
    store = filled(HARBOUR)
    assert store.ask(PREFIX + 'ASK { ?mention kg:exact "harbour" }') is True
    assert store.ask(PREFIX + 'ASK { ?mention kg:exact "mine" }') is False


def test_construct_gives_each_triple_once(filled: Filled) -> None:
    store = filled(HARBOUR)
    triples = store.construct(PREFIX + "CONSTRUCT { ?e a kg:Edition } WHERE { ?m kg:inEdition ?e ; kg:exact ?word }")
    assert [triple.subject for triple in triples] == [HARBOUR.name]


def test_describe_gives_a_node(filled: Filled) -> None:
    triples = filled(HARBOUR, MINE).construct(f"DESCRIBE {MINE.name}")
    assert set(triples) == {triple for triple in MINE.triples if triple.subject == MINE.name}


def test_the_union_holds_each_fact_once(filled: Filled) -> None:
    store = filled(HARBOUR, MINE)
    rows = store.select(PREFIX + "SELECT (COUNT(*) AS ?n) WHERE { ?mention kg:inEdition ?edition }")
    assert rows.rows == ((literal(8),),)


def test_a_join_over_two_graphs_needs_no_graph_clause(filled: Filled) -> None:
    linking = NamedNode(BASE + "graph/linking")
    link = ArticleGraph.of(linking, [Triple(MINE.name, KG.revises, HARBOUR.name)])
    rows = filled(HARBOUR, MINE, link).select(
        PREFIX + "SELECT ?new ?old WHERE { ?a kg:revises ?b . ?a kg:text ?new . ?b kg:text ?old }"
    )
    assert rows.rows == ((literal("The mine was closed"), literal("The harbour was sold")),)


def test_from_chooses_the_graphs(filled: Filled) -> None:
    store = filled(HARBOUR, MINE)
    from_mine = f"{PREFIX} SELECT ?text FROM {MINE.name} WHERE {{ ?edition kg:text ?text }}"
    assert store.select(from_mine).rows == ((literal("The mine was closed"),),)
    named = f"{PREFIX} SELECT ?text FROM NAMED {MINE.name} WHERE {{ GRAPH ?g {{ ?edition kg:text ?text }} }}"
    assert store.select(named).rows == ((literal("The mine was closed"),),)
    only_named = f"{PREFIX} SELECT ?text FROM NAMED {MINE.name} WHERE {{ ?edition kg:text ?text }}"
    assert len(store.select(only_named)) == 0, "FROM NAMED alone leaves the default graph empty"


def test_a_word_from_in_a_string_or_an_iri_is_no_dataset(filled: Filled) -> None:
    rows = filled(HARBOUR).select(
        PREFIX + 'SELECT ?m WHERE { ?m kg:exact ?w FILTER(?w != "FROM" && ?m != <https://a.b/from>) } # from here'
    )
    assert len(rows) == 4


# ---- serialisation


@pytest.mark.parametrize(
    ("accept", "media_type", "piece"),
    [
        ("application/sparql-results+json", "application/sparql-results+json", b'"value":"harbour"'),
        ("application/sparql-results+xml", "application/sparql-results+xml", b"<literal>harbour</literal>"),
        ("text/csv", "text/csv", b"harbour\r\n"),
        ("text/tab-separated-values", "text/tab-separated-values", b'"harbour"\n'),
        ("text/turtle", "application/sparql-results+json", b'"value":"harbour"'),
        ("text/html", "application/sparql-results+json", b'"value":"harbour"'),
    ],
)
def test_a_select_is_written_in_the_format_asked_for(
    filled: Filled, accept: str, media_type: str, piece: bytes
) -> None:
    query = PREFIX + "SELECT ?word WHERE { ?mention kg:exact ?word }"
    body, given = filled(HARBOUR).query(query, accept=accept)
    assert given.split(";")[0] == media_type
    assert piece in body


def test_an_ask_is_written_in_json_and_xml(filled: Filled) -> None:
    store = filled(HARBOUR)
    body, _ = store.query("ASK { ?s ?p ?o }", accept="application/sparql-results+json")
    assert json.loads(body) == {"head": {}, "boolean": True}
    body, _ = store.query("ASK { ?s ?p ?o }", accept="application/sparql-results+xml")
    assert b"<boolean>true</boolean>" in body


@pytest.mark.parametrize(
    ("accept", "media_type", "piece"),
    [
        ("application/n-triples", "application/n-triples", b'> <https://w3id.org/on-the-record/ns#exact> "sold" .\n'),
        ("text/turtle", "text/turtle", b'kg:exact "sold"'),
        ("application/ld+json", "application/ld+json", b'"@value":"sold"'),
        ("application/rdf+xml", "application/rdf+xml", b">sold</"),
        ("application/n-quads", "application/n-quads", b'ns#exact> "sold" .\n'),
        ("text/csv", "application/n-triples", b'ns#exact> "sold" .\n'),
    ],
)
def test_a_graph_is_written_in_the_format_asked_for(filled: Filled, accept: str, media_type: str, piece: bytes) -> None:
    query = PREFIX + "CONSTRUCT { ?m kg:exact ?word } WHERE { ?m kg:exact ?word ; kg:inEdition ?e . ?any a kg:Mention }"
    body, given = filled(HARBOUR).query(query, accept=accept)
    assert given == media_type
    assert body.count(piece) == 1


# ---- refusals


def test_bad_sparql_is_refused_with_the_engines_words(filled: Filled) -> None:
    store = filled(HARBOUR)
    with pytest.raises(QueryError, match=rf"The query is not SPARQL 1.1: .*{WHERE[engine_of(store)]}"):
        store.select("SELECT ?x WHERE {")


def test_each_form_of_query_has_its_own_call(filled: Filled) -> None:
    store = filled(HARBOUR)
    with pytest.raises(QueryError, match="not a SELECT"):
        store.select("ASK {}")
    with pytest.raises(QueryError, match="not an ASK"):
        store.ask("SELECT * { ?s ?p ?o }")
    with pytest.raises(QueryError, match="not a CONSTRUCT"):
        store.construct("ASK {}")


def test_service_is_refused_by_every_call(filled: Filled) -> None:
    store = filled(HARBOUR)
    calls: list[Callable[[str], object]] = [
        store.select,
        store.ask,
        store.construct,
        lambda sparql: store.query(sparql, accept="text/csv"),
    ]
    for call in calls:
        with pytest.raises(QueryError, match="SERVICE"):
            call("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")


def test_load_is_refused_in_an_update(store: Store) -> None:
    with pytest.raises(QueryError, match="LOAD"):
        store.update("LOAD <http://127.0.0.1:1/>")


def test_a_query_that_would_crash_the_engine_is_refused(filled: Filled) -> None:
    with pytest.raises(QueryError, match="nested"):
        filled(HARBOUR).select("SELECT * WHERE " + "{" * 2_240 + "}" * 2_240)


def test_a_trusted_query_may_hold_thousands_of_values(filled: Filled) -> None:
    store = filled(HARBOUR)
    harbour = f"<{HARBOUR.name.value}#char=4,11>"
    values = " ".join(f"<{BASE}node/{number}>" for number in range(10_000))
    query = f"{PREFIX} SELECT ?word WHERE {{ VALUES ?m {{ {values} {harbour} }} ?m kg:exact ?word }}"
    assert store.select(query, trusted=True).rows == ((Literal("harbour"),),)
    with pytest.raises(QueryError, match="at most"):
        store.select(query)


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.count()


# ---- journal and spool


def test_a_store_keeps_its_articles_states_and_bytes(store: Store) -> None:
    sha256 = store.spool.put(b"The harbour was sold")
    store.journal.received([Receipt(HARBOUR.name.value, raw_sha256=sha256)])
    store.put([HARBOUR])
    store.journal.committed([Commit(HARBOUR.name.value, len(HARBOUR), HARBOUR.digest(), "rules-en 0.1")])
    [entry] = store.journal.by_raw(sha256)
    assert (entry.state, entry.triples, entry.digest) == ("committed", len(HARBOUR), HARBOUR.digest())
    assert store.spool.get(entry.raw_sha256) == b"The harbour was sold"
