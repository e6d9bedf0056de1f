"""The guard of query texts: SERVICE in every disguise, and every shape that overflows the engine's stack."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kg.errors import QueryError
from kg.store.guard import DEEPEST, LONGEST, MOST_TOKENS, check, has_dataset

CALLS = [
    "SELECT * { SERVICE <http://h/> { ?s ?p ?o } }",
    "SELECT * { service <http://h/> { ?s ?p ?o } }",
    "SELECT * { SeRvIcE SILENT <http://h/> { ?s ?p ?o } }",
    "PREFIX h: <http://h/> SELECT * { SERVICE h:sparql { ?s ?p ?o } }",
    "SELECT * { SERVICE ?where { ?s ?p ?o } }",
    "SELECT * { SERVICE#comment\n<http://h/> { ?s ?p ?o } }",
    "SELECT * { # a comment that ends\rSERVICE <http://h/> { ?s ?p ?o } }",
    "SELECT * {SERVICE<http://h/>{}}",
    "ASK { FILTER EXISTS { SERVICE <http://h/> { ?s ?p ?o } } }",
    "ASK { FILTER NOT EXISTS{SERVICE <http://h/> { ?s ?p ?o } } }",
    "ASK { { SELECT * { SERVICE <http://h/> { ?s ?p ?o } } } }",
    "ASK { BIND(EXISTS { SERVICE <http://h/> {} } AS ?x) }",
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <http://h/> { ?s ?p ?o } }",
    "DESCRIBE ?s { SERVICE <http://h/> { ?s ?p ?o } }",
    """SELECT * { ?s ?p "it's" . SERVICE <http://h/> { ?s ?p "it's" } }""",
    '''SELECT * { ?s ?p """a "quoted" # word""" SERVICE <http://h/> { } }''',
    "SELECT * { ?s ?p 'a\\'' SERVICE <http://h/> { ?s ?p 'b' } }",
    "SELECT * { FILTER(?a<?b) SERVICE <http://h/> {} FILTER(?a>?b) }",
    "SELECT * { ?s <http://a#b> ?o SERVICE <http://h/> {} }",
    "ASK { \\u0053ERVICE <http://h/> {} }",
    "ASK { ?s ?p '\\u0027 SERVICE <http://h/> {} #' }",
    "INSERT { ?s ?p ?o } WHERE { SERVICE <http://h/> { ?s ?p ?o } }",
    "LOAD <http://h/>",
    "LOADSILENT <http://h/>",
    "DROP ALL;LOADSILENT<http://h/>INTO GRAPH<http://g/>",
    "SELECT * { SERVICESILENT <http://h/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p trueSERVICE <http://h/> { ?s ?p ?o } }",
    "PREFIX : <http://h/> SELECT * { service: { ?s ?p ?o } }",
    "PREFIX h: <http://h/> SELECT * { SERVICEh:x { ?s ?p ?o } }",
    "PREFIX : <http://h/> SELECT * { ?s ?p falseSERVICE:x { ?s ?p ?o } }",
    "SELECT * { ?s ?p 'x'@en--ltrSERVICE <http://h/> { } }",
    "DROP ALL ; load silent <http://h/> INTO GRAPH <http://g/>",
]

HARMLESS = [
    'SELECT * { ?s ?p "SERVICE <http://h/> { }" }',
    "SELECT * { ?s ?p 'LOAD <http://h/>' }",
    '''SELECT * { ?s ?p """a "SERVICE" """ }''',
    "SELECT * { ?s <http://h/SERVICE/LOAD> ?o }",
    "PREFIX s: <http://h/> SELECT ?service $load { ?service s:service $load ; s:load-of s:Service }",
    "SELECT * { ?s ?p ?o } # SERVICE <http://h/>",
    "SELECT * { ?s ?p 'selfservice'@en }",
    "SELECT * { ?s ?p '\\u00e9t\\u00E9' }",
]


@pytest.mark.parametrize("sparql", CALLS)
def test_every_call_to_another_server_is_refused(sparql: str) -> None:
    with pytest.raises(QueryError, match=r"SERVICE|LOAD|write it as it is"):
        check(sparql)


@pytest.mark.parametrize("sparql", HARMLESS)
def test_the_same_words_in_strings_names_and_comments_are_taken(sparql: str) -> None:
    check(sparql)


def test_the_bounds_are_told_with_their_figures() -> None:
    with pytest.raises(QueryError, match="at most 65,536"):
        check("#" * (LONGEST + 1))
    with pytest.raises(QueryError, match="more than 8,000"):
        check("; " * (MOST_TOKENS + 1))
    with pytest.raises(QueryError, match="more than 100 levels"):
        check("SELECT * " + "{" * (DEEPEST + 1))


def test_closing_signs_in_advance_buy_no_depth() -> None:
    with pytest.raises(QueryError, match="nested"):
        check("}" * 500 + "{" * (DEEPEST + 1))


def test_a_dataset_is_seen_only_where_it_is_one() -> None:
    assert has_dataset("SELECT * FROM <http://g/> { ?s ?p ?o }")
    assert has_dataset("SELECT * # which?\nfrom\nnamed <http://g/> { ?s ?p ?o }")
    assert not has_dataset("SELECT * { ?from <http://h/from> 'from' } # from")


# Each shape as rich as the guard lets it be. What the engine says of it does not matter; that it lives does. Joins
# are kept small: thousands of them do not crash the planner but keep it busy for minutes, and against that only a
# deadline helps, no count of words.
SHAPES = {
    "groups": "SELECT * WHERE " + "{" * 100 + "}" * 100,
    "groups never closed": "SELECT * WHERE " + "{" * 100,
    "parentheses": "ASK { FILTER(" + "(" * 97 + "1" + ")" * 97 + ") }",
    "functions": "ASK { FILTER(" + "STR(" * 97 + "1" + ")" * 97 + ") }",
    "collections": "ASK { ?s ?p " + "(" * 98 + ")" * 98 + " }",
    "blank nodes": "ASK { ?s ?p " + "[ ?p " * 98 + "1" + "]" * 98 + " }",
    "path groups": "ASK { ?s " + "(" * 98 + "<h:p>" + ")" * 98 + " ?o }",
    "nested optionals": "ASK {" + "OPTIONAL {" * 98 + "}" * 98 + "}",
    "nested exists": "ASK {" + "FILTER EXISTS {" * 98 + "}" * 98 + "}",
    "sub-selects": "SELECT * {" + "{ SELECT * {" * 49 + "}}" * 49 + "}",
    "triple terms": "ASK { ?s ?p " + "<<( ?s ?p " * 98 + "1" + ")>>" * 98 + " }",
    "optionals": "ASK {" + "OPTIONAL {} " * 2_600 + "}",
    "minus": "ASK {" + "MINUS {} " * 2_600 + "}",
    "unions": "ASK { {}" + "UNION {} " * 2_600 + "}",
    "binds": "ASK {" + "".join(f"BIND(1 AS ?x{n}) " for n in range(1_330)) + "}",
    "filters": "ASK {" + "FILTER(1) " * 1_990 + "}",
    "sums": "ASK { FILTER(1" + "+1" * 3_990 + ") }",
    "ors": "ASK { FILTER(?a" + "||?a" * 2_600 + ") }",
    "negations": "ASK { FILTER(" + "!" * 7_990 + "1) }",
    "minus signs": "ASK { FILTER(" + "- " * 7_990 + "?a) }",
    "path sequences": "ASK { ?s <h:p>" + "/<h:p>" * 100 + " ?o }",
    "path alternatives": "ASK { ?s <h:p>" + "|<h:p>" * 3_990 + " ?o }",
    "graphs": "ASK {" + "GRAPH ?g {} " * 60 + "}",
    "values": "ASK { VALUES ?x {" + "1 " * 7_990 + "} }",
    "in lists": "ASK { FILTER(1 IN (1" + ",1" * 3_990 + ")) }",
}
PROGRAM = """
import sys, threading
from kg.errors import QueryError
from kg.store import open_store

def ask():
    with open_store("memory:") as store:
        try:
            store.query(sys.stdin.read(), accept="text/csv")
        except QueryError as error:
            print(error)

threading.stack_size(8 * 1024 * 1024)
thread = threading.Thread(target=ask)
thread.start()
thread.join()
print("alive")
"""


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_that_passes_the_guard_kills_the_process(shape: str) -> None:
    sparql = SHAPES[shape]
    check(sparql)
    answer = subprocess.run([sys.executable, "-c", PROGRAM], input=sparql, capture_output=True, text=True, check=False)
    assert answer.stdout.endswith("alive\n"), f"{answer.returncode}: {answer.stderr[-500:]}"
