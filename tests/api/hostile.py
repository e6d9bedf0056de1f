"""Queries that mean harm, each with the name of its trick; ``{canary}`` is an address that must not be called."""

from __future__ import annotations

K = 1_000
DIGITS = [f"VALUES ?d{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(14)]
MANY = " ".join(DIGITS)
S = "?s ?p ?o"


def joins(count: int) -> str:
    return " . ".join(f"?a{n} ?b{n} ?a{n + 1}" for n in range(count))


def chain(count: int, separator: str = "") -> str:
    return "".join(f"BIND(CONCAT(?a{n},{separator}?a{n}) AS ?a{n + 1}) " for n in range(count))


NESTING = {
    "groups": "SELECT * " + "{" * 30 * K + "}" * 30 * K,
    "groups never closed": "SELECT * " + "{" * 30 * K,
    "groups just below the bound": "SELECT * " + "{" * 99 + "}" * 99,
    "parentheses": "ASK { FILTER" + "(" * 20 * K + "1" + ")" * 20 * K + " }",
    "collections": "ASK { ?s ?p " + "(" * 20 * K + ")" * 20 * K + " }",
    "blank nodes": "ASK { ?s ?p " + "[ ?p " * 9 * K + "1" + "]" * 9 * K + " }",
    "optionals": "ASK {" + "OPTIONAL {" * 6 * K + "}" * 6 * K + "}",
    "optionals in a row": "ASK {" + "OPTIONAL {} " * 5 * K + "}",
    "binds in a row": "ASK {" + "".join(f"BIND(1 AS ?x{n})" for n in range(3 * K)) + "}",
    "unions": "ASK { {}" + "UNION {} " * 6 * K + "}",
    "unions below the bound": "ASK { {}" + "UNION {} " * 2_600 + "}",
    "sums": "ASK { FILTER(1" + "+1" * 30 * K + ") }",
    "negations": "ASK { FILTER(" + "!" * 60 * K + "1) }",
    "negations below the bound": "ASK { FILTER(" + "!" * 7_900 + "1) }",
    "minus signs": "ASK { FILTER(" + "- " * 7_900 + "?a) }",
    "ors": "ASK { FILTER(?a" + "||?a" * 12 * K + ") }",
    "path sequences": "ASK { ?s <h:p>" + "/<h:p>" * 9 * K + " ?o }",
    "path alternatives": "ASK { ?s <h:p>" + "|<h:p>" * 3_900 + " ?o }",
    "path groups": "ASK { ?s " + "(" * 30 * K + "<h:p>" + ")" * 30 * K + " ?o }",
    "triple terms": "ASK { ?s ?p " + "<<( ?s ?p " * 5 * K + "1" + ")>>" * 5 * K + " }",
    "triple terms below the bound": "ASK { ?s ?p " + "<<( ?s ?p " * 98 + "1" + ")>>" * 98 + " }",
    "exists": "ASK {" + "FILTER EXISTS {" * 4 * K + "}" * 4 * K + "}",
    "sub-selects": "SELECT * {" + "{ SELECT * {" * 4 * K + "}}" * 4 * K + "}",
    "closing first": "}" * 30 * K + "{" * 30 * K,
}
SLOW = {
    "cartesian product": f"SELECT * {{ {MANY} }}",
    "cartesian product, counted": f"SELECT (COUNT(*) AS ?n) {{ {MANY} }}",
    "cartesian product, sorted": f"SELECT * {{ {MANY} }} ORDER BY ?d0 ?d1 ?d2",
    "cartesian product, distinct": f"SELECT DISTINCT * {{ {MANY} }}",
    "cartesian product, grouped": f"SELECT ?d0 ?d1 ?d2 ?d3 ?d4 ?d5 ?d6 (COUNT(*) AS ?n) {{ {MANY} }} "
    "GROUP BY ?d0 ?d1 ?d2 ?d3 ?d4 ?d5 ?d6",
    "cartesian product of the data": "SELECT * { " + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(6)) + " }",
    "cartesian product, constructed": "CONSTRUCT { ?s0 ?p0 ?o3 } WHERE { "
    + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(4))
    + " }",
    "join of 600 patterns": f"SELECT * {{ {joins(600)} }}",
    "join of 2,000 patterns": f"SELECT * {{ {joins(2_000)} }}",
    "join of 200 patterns, counted": f"SELECT (COUNT(*) AS ?n) {{ {joins(200)} }}",
    "path of any length, both ends open": "SELECT (COUNT(*) AS ?n) { ?a (!<h:x>)* ?b . ?c (!<h:x>)* ?d }",
    "path over path": "SELECT (COUNT(*) AS ?n) { ?a ((!<h:x>)|^(!<h:x>))* ?b . ?b ((!<h:x>)|^(!<h:x>))* ?c }",
    "path, zero or one, nested": "SELECT (COUNT(*) AS ?n) "
    "{ ?a ((((!<h:x>)?)*)+)* ?b . ?c ((((!<h:x>)?)*)+)* ?d . ?e !<h:x>* ?f }",
    "filter over a product": f"SELECT * {{ {MANY} FILTER(?d0 + ?d1 + ?d2 + ?d3 + ?d4 + ?d5 > 1000) }}",
    "regular expression over a product": f"SELECT * {{ {MANY} FILTER(REGEX(STR(?d0), '^(a+)+$')) }}",
    "exists in a product": f"SELECT * {{ {MANY} FILTER NOT EXISTS {{ ?s ?p ?d1 . ?x ?y ?d2 }} FILTER(?d3 > 10) }}",
    "minus a product": f"SELECT (COUNT(*) AS ?n) {{ {MANY} MINUS {{ {MANY} }} }}",
    "optional products": f"SELECT (COUNT(*) AS ?n) {{ {{ {MANY} }} OPTIONAL {{ {MANY} }} }}",
    "union of products": f"SELECT (COUNT(*) AS ?n) {{ {' UNION '.join(['{ ' + MANY + ' }'] * 5)} }}",
    "sub-select of products": "SELECT (COUNT(*) AS ?n) "
    f"{{ {{ SELECT DISTINCT ?d0 {{ {MANY} }} }} {{ SELECT ?d1 {{ {MANY} }} }} }}",
    "offset without end": f"SELECT * {{ {MANY} }} OFFSET 99999999999",
    "describe of a product": f"DESCRIBE ?s {{ ?s ?p ?o . {MANY} }}",
    "random order": f"SELECT * {{ {MANY} }} ORDER BY RAND()",
}
GREEDY = {
    "text doubled 33 times": f"SELECT ?a33 {{ BIND('x' AS ?a0) {chain(33)} }}",
    "text doubled with commas": "SELECT (STRLEN(?a40) AS ?n) "
    f"{{ BIND('x' AS ?a0) {chain(40, chr(39) + ',' + chr(39) + ',')} }}",
    "replace that grows": "SELECT ?a16 { BIND('aaaaaaaa' AS ?a0) "
    + "".join(f"BIND(REPLACE(?a{n}, 'a', 'aaaaaaaa') AS ?a{n + 1}) " for n in range(16))
    + "}",
    "group_concat of a product": f"SELECT (GROUP_CONCAT(?d0; separator='xxxxxxxxxxxxxxxx') AS ?x) {{ {MANY} }}",
    "encode_for_uri of doubled text": f"SELECT (ENCODE_FOR_URI(?a28) AS ?x) {{ BIND('é' AS ?a0) {chain(28)} }}",
    "distinct long texts": f"SELECT DISTINCT (CONCAT(STR(?d0),STR(?d1),STR(?d2),STR(?d3),STR(?d4),?a12) AS ?x) "
    f"{{ BIND('xxxx' AS ?a0) {chain(12)} {MANY} }}",
}
CALLS = {
    "service": "SELECT * {{ SERVICE <{canary}> {{ ?s ?p ?o }} }}",
    "service in small letters": "SELECT * {{ service <{canary}> {{ ?s ?p ?o }} }}",
    "service, silent": "SELECT * {{ SERVICE SILENT <{canary}> {{ ?s ?p ?o }} }}",
    "service by a prefix": "PREFIX h: <{canary}> SELECT * {{ SERVICE h: {{ ?s ?p ?o }} }}",
    "service by a variable": "SELECT * {{ VALUES ?e {{ <{canary}> }} SERVICE ?e {{ ?s ?p ?o }} }}",
    "service in exists": "ASK {{ FILTER EXISTS {{ SERVICE <{canary}> {{ ?s ?p ?o }} }} }}",
    "service in a bind": "ASK {{ BIND(EXISTS {{ SERVICE <{canary}> {{ ?s ?p ?o }} }} AS ?x) }}",
    "service in a sub-select": "SELECT * {{ {{ SELECT * {{ SERVICE <{canary}> {{ ?s ?p ?o }} }} }} }}",
    "service in a construct": "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ SERVICE <{canary}> {{ ?s ?p ?o }} }}",
    "service in a describe": "DESCRIBE ?s {{ SERVICE <{canary}> {{ ?s ?p ?o }} }}",
    "service behind a comment": "SELECT * {{ SERVICE# not this }}\n<{canary}> {{ ?s ?p ?o }} }}",
    "service behind a lone carriage return": "SELECT * {{ # this\rSERVICE <{canary}> {{ ?s ?p ?o }} }}",
    "service in escapes": "SELECT * {{ \\u0053ERVICE <{canary}> {{ ?s ?p ?o }} }}",
    "service in long escapes": "SELECT * {{ \\U00000053ERVICE <{canary}> {{ ?s ?p ?o }} }}",
    "service behind a broken string": 'SELECT * {{ ?s ?p "it\'s" . SERVICE <{canary}> {{ ?s ?p "it\'s" }} }}',
    "service between comparisons": "SELECT * {{ FILTER(?a<?b) SERVICE <{canary}> {{}} FILTER(?a>?b) }}",
    "service of a long name": "SELECT * {{ SERVICE <{canary}?x=" + "x" * 30_000 + "> {{ ?s ?p ?o }} }}",
    "service glued to silent": "SELECT * {{ SERVICESILENT <{canary}> {{ ?s ?p ?o }} }}",
    "service glued to a boolean": "SELECT * {{ ?s ?p trueSERVICE <{canary}> {{ ?s ?p ?o }} }}",
    "service glued to a name": "PREFIX : <{canary}> SELECT * {{ SERVICE: {{ ?s ?p ?o }} }}",
    "load": "LOAD <{canary}>",
    "load glued to silent": "LOADSILENT <{canary}>",
    "load glued to a name": "PREFIX : <{canary}> LOAD:",
    "load into a graph": "LOAD SILENT <{canary}> INTO GRAPH <h:g>",
    "load after a query": "SELECT * {{ ?s ?p ?o }} ; LOAD <{canary}>",
    "from an address": "SELECT * FROM <{canary}> {{ ?s ?p ?o }}",
    "from named an address": "SELECT * FROM NAMED <{canary}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "describe an address": "DESCRIBE <{canary}>",
}
ODD = {
    "a giant literal": f"SELECT ('{'x' * 60_000}' AS ?x) {{}}",
    "a giant literal, too long": f"SELECT ('{'x' * 200_000}' AS ?x) {{}}",
    "NUL": "SELECT ('\x00' AS ?x) {}",
    "NUL in an IRI": "SELECT * { ?s <h:\x00> ?o }",
    "NUL for white space": "SELECT\x00*\x00{}",
    "control characters": "SELECT ('\x01\x02\x1b[31m' AS ?x) {}",
    "huge VALUES": f"SELECT * {{ VALUES ?x {{ {'1 ' * 7_900} }} }}",
    "huger VALUES": f"SELECT * {{ VALUES ?x {{ {'1 ' * 30_000} }} }}",
    "huge IN": f"ASK {{ FILTER(1 IN ({','.join(['1'] * 3_900)})) }}",
    "a number without end": f"SELECT ({'9' * 60_000} AS ?x) {{}}",
    "a decimal to the power": "SELECT (1e999999999 * 1e999999999 AS ?x) {}",
    "division by zero": "SELECT (1/0 AS ?x) {}",
    "half a surrogate": "SELECT ('\\uD800' AS ?x) {}",
    "only comments": "#" * 60_000,
    "only white space": " " * 60_000,
    "many prefixes": "".join(f"PREFIX p{n}: <h:{n}> " for n in range(2_500)) + "ASK {}",
    "the same variable twice": "SELECT ?x ?x (1 AS ?x) {}",
    "a language tag of 10,000 letters": f"SELECT ('x'@{'a' * 10_000} AS ?x) {{}}",
    "a date of no calendar": 'SELECT ("99999999999-13-45T99:99:99Z"^^'
    "<http://www.w3.org/2001/XMLSchema#dateTime> + 1 AS ?x) {}",
    "an empty text": "",
}
GROUPS = {"nesting": NESTING, "slow": SLOW, "greedy": GREEDY, "calls": CALLS, "odd": ODD}


def queries(canary: str) -> list[tuple[str, str]]:
    """Return (name, query) of all, the canary's address put in."""
    return [
        (f"{group}: {name}", text.format(canary=canary) if group == "calls" else text)
        for group, texts in GROUPS.items()
        for name, text in texts.items()
    ]
