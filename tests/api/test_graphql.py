"""What GraphQL answers over the newsroom."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from newsroom import DAILY, HOSTILE, Ask, canonical, daily
from sample_readings import TEXT
from starlette.testclient import TestClient

from api.graphql.execution import GraphQLRequest, execute
from api.graphql.schema import schema_sdl
from api.limits import Limits
from kg.mapping import to_graph
from kg.store import open_store

SOLD = canonical("claim/sold").value
KEEL = canonical("actor/rosa-keel").value
DAILY_IRI = canonical("actor/daily").value


def nodes(data: dict[str, Any], name: str, field: str) -> list[Any]:
    return [node[field] for node in data[name]["nodes"]]


def test_a_claim_says_who_carries_it_and_who_stands_behind_it(ask: Ask) -> None:
    claim = ask(
        """query ($id: ID!) { node(id: $id) { ... on Claim { label outletCount outlets { name } namedRootCount
            independentRootCount { low high } roots { __typename name unnamed } denialCount
            denials { totalCount nodes { text speaker { name } } }
            statements { totalCount nodes { outlet { name } } } } } }""",
        id=SOLD,
    )["node"]
    assert claim == {
        "label": "the bridge was sold",
        "outletCount": 2,
        "outlets": [{"name": "Daily"}, {"name": "Evening"}],
        "namedRootCount": 0,
        "independentRootCount": {"low": 1, "high": 1},
        "roots": [{"__typename": "UnnamedSource", "name": "a senior official", "unnamed": True}],
        "denialCount": 1,
        "denials": {"totalCount": 1, "nodes": [{"text": "The bridge was not sold,", "speaker": {"name": "Rosa Keel"}}]},
        "statements": {"totalCount": 2, "nodes": [{"outlet": {"name": "Evening"}}, {"outlet": {"name": "Daily"}}]},
    }


def test_a_chain_runs_from_the_publisher_to_the_root(ask: Ask) -> None:
    data = ask("""{ statements(filter: { outlet: { name: "evening" } }) { nodes { chain {
        position act describedAs certainty source { __typename name } evidence { exact } } rootSource { name } } } }""")
    (statement,) = data["statements"]["nodes"]
    assert [(s["position"], s["act"], s["source"]["__typename"], s["source"]["name"]) for s in statement["chain"]] == [
        (0, "PUBLISHES", "Outlet", "Evening"),
        (1, "REPORT", "Outlet", "Daily"),
        (2, "TELL", "UnnamedSource", "a senior official"),
    ]
    assert [step["evidence"] and step["evidence"]["exact"] for step in statement["chain"]] == [None, "Daily", "told"]


def test_a_statement_says_how_it_was_said(ask: Ask) -> None:
    data = ask("""{ statements(filter: { speaker: { name: "KEEL" } }) { totalCount nodes {
        text act mode polarity certainty stance confidence rule saidOn { edtf resolution } claim { label }
        speaker { id name kind unnamed } speakerSpan { exact kind } cue { exact } quoted { exact } addressee { name }
        about { label } relations { relation basis declared confidence from { text } to { text } } } } }""")
    assert data["statements"]["totalCount"] == 1
    statement = data["statements"]["nodes"][0]
    assert statement == {
        "text": "The bridge was not sold,",
        "act": "DENY",
        "mode": "DIRECT",
        "polarity": "NEGATIVE",
        "certainty": "CERTAIN",
        "stance": "DENIES",
        "confidence": 0.9,
        "rule": "quotation",
        "saidOn": {"edtf": "2031-05-01", "resolution": "INFERRED"},
        "claim": {"label": "the bridge was sold"},
        "speaker": {"id": KEEL, "name": "Rosa Keel", "kind": "PERSON", "unnamed": False},
        "speakerSpan": {"exact": "she", "kind": None},
        "cue": {"exact": "said"},
        "quoted": [{"exact": "The bridge was not sold,"}],
        "addressee": None,
        "about": [{"label": "the sale of the bridge"}],
        "relations": [
            {
                "relation": "CONTRADICTS",
                "basis": "OPPOSITE_POLARITY",
                "declared": False,
                "confidence": 0.8,
                "from": {"text": "The bridge was not sold,"},
                "to": {"text": "the bridge was sold before the vote"},
            }
        ],
    }


def test_what_an_article_says_of_a_statement_is_told_apart_from_what_a_rule_found(ask: Ask) -> None:
    data = ask("""{ statements(filter: { text: "two sailors" }) { nodes { relations {
        relation declared by { name unnamed ... on UnnamedSource { number } } evidence { exact } } } } }""")
    relations = data["statements"]["nodes"][0]["relations"]
    assert relations == [
        {
            "relation": "CORROBORATES",
            "declared": True,
            "by": [{"name": "two dockers", "unnamed": True, "number": 2}],
            "evidence": {"exact": "confirmed"},
        },
        {"relation": "UNVERIFIED", "declared": True, "by": [], "evidence": {"exact": "could not verify the report"}},
    ]


def test_offsets_come_in_code_points_and_in_utf_16(ask: Ask) -> None:
    data = ask("""{ statements { nodes { text content { start end startUtf16 endUtf16 exact prefix suffix
        edition { text sha256 } } } } }""")
    spans = [span for statement in data["statements"]["nodes"] for span in statement["content"]]
    assert len(spans) == 9
    for span in spans:
        text = span["edition"]["text"]
        units = text.encode("utf-16-le")
        assert text[span["start"] : span["end"]] == span["exact"]
        assert units[2 * span["startUtf16"] : 2 * span["endUtf16"]].decode("utf-16-le") == span["exact"]
        assert text[: span["start"]].endswith(span["prefix"])
        assert text[span["end"] :].startswith(span["suffix"])
    moved = {span["edition"]["text"] for span in spans if span["endUtf16"] != span["end"]}
    assert moved == {TEXT, HOSTILE}


def test_a_split_quotation_keeps_its_stretches_in_order(ask: Ask) -> None:
    data = ask(
        """{ statements(filter: { mode: [DIRECT], speaker: { name: "brandt" } }) { nodes { content { exact } } } }"""
    )
    assert [span["exact"] for span in data["statements"]["nodes"][0]["content"]] == [
        "The ferry 🛥 is held,",
        "until the crew is paid.",
    ]


def test_an_actor_has_one_node_its_spellings_roles_and_statements(ask: Ask) -> None:
    data = ask("""{ actors(filter: { name: "mayor brandt" }) { totalCount nodes { name kind spellings
        roles { label status count evidence { exact } }
        statements(first: 1) { totalCount pageInfo { hasNextPage } } } } }""")
    assert data["actors"]["totalCount"] == 1
    actor = data["actors"]["nodes"][0]
    assert actor["spellings"] == ["Ilse Brandt", "Mayor Brandt"]
    assert actor["statements"] == {"totalCount": 2, "pageInfo": {"hasNextPage": True}}
    assert {(role["label"], role["status"]) for role in actor["roles"]} == {
        ("Mayor", "CURRENT"),
        ("captain of the town", "EVALUATIVE"),
    }
    assert [role["evidence"] for role in actor["roles"] if role["label"] == "Mayor"] == [[{"exact": "Mayor"}]]


def test_unnamed_sources_are_sources_and_no_actors(ask: Ask) -> None:
    data = ask(
        "{ sources(first: 50) { nodes { id __typename name unnamed } } actors(first: 50) { nodes { id unnamed } } }"
    )
    unnamed = [source for source in data["sources"]["nodes"] if source["unnamed"]]
    assert sorted(source["name"] for source in unnamed) == ["a senior official"] * 3 + ["two dockers"]
    assert len({source["id"] for source in unnamed}) == 4
    assert not any(actor["unnamed"] for actor in data["actors"]["nodes"])
    assert len(data["actors"]["nodes"]) == len({actor["id"] for actor in data["actors"]["nodes"]})


def test_an_article_has_its_edition_zones_and_statements_in_the_order_of_the_text(ask: Ask) -> None:
    data = ask("""{ articles(filter: { text: "ferry" }) { totalCount nodes { title outlet { name } authors url
        language published { edtf } edition { sha256 zones { zone exact } run { reader version model } }
        editions { id } statements { nodes { text } } } } }""")
    assert data["articles"]["totalCount"] == 1
    article = data["articles"]["nodes"][0]
    assert (article["title"], article["outlet"]["name"], article["authors"]) == (
        "Ferry held at Alda Bay",
        "The Lantern",
        ["Ana Reyes"],
    )
    assert [(zone["zone"], zone["exact"]) for zone in article["edition"]["zones"]] == [
        ("TITLE", "Ferry held at Alda Bay"),
        ("BYLINE", "By Ana Reyes"),
    ]
    assert article["edition"]["run"] == {"reader": "rules-en", "version": "1.2", "model": "en_core"}
    assert [statement["text"] for statement in article["statements"]["nodes"]] == [
        "The ferry 🛥 is held, … until the crew is paid.",
        "two sailors were arrested on Sunday night",
        "the arrests",
        "the report",
    ]


def test_an_event_gathers_what_its_articles_say(ask: Ask) -> None:
    data = ask("""{ events { nodes { label kind statuses earliest latest place { name } articles { title }
        participants { role actor { name } } triggers { exact } statements { totalCount } } } }""")
    assert data["events"]["nodes"] == [
        {
            "label": "the sale of the bridge",
            "kind": "BUSINESS",
            "statuses": ["ALLEGED"],
            "earliest": "2031-04-01",
            "latest": "2031-04-30",
            "place": None,
            "articles": [{"title": "Bridge sold before the vote"}],
            "participants": [],
            "triggers": [{"exact": "sold"}],
            "statements": {"totalCount": 2},
        },
        {
            "label": "two sailors were arrested",
            "kind": "ARREST",
            "statuses": ["ALLEGED"],
            "earliest": "2031-03-02",
            "latest": "2031-03-02",
            "place": {"name": "Alda Bay"},
            "articles": [{"title": "Ferry held at Alda Bay"}],
            "participants": [{"role": "patient", "actor": {"name": "sailors"}}],
            "triggers": [{"exact": "arrested"}],
            "statements": {"totalCount": 2},
        },
    ]


@pytest.mark.parametrize(
    ("wanted", "texts"),
    [
        ({"speaker": {"ids": [KEEL]}}, ["The bridge was not sold,"]),
        ({"speaker": {"unnamed": True}, "outlet": {"ids": [DAILY_IRI]}}, ["the bridge was sold before the vote"]),
        (
            {"source": {"ids": [DAILY_IRI]}, "act": ["STATE"]},
            ["The bridge was sold before the vote", "the bridge was sold before the vote"],
        ),
        ({"root": {"name": "dockers"}}, []),
        ({"act": ["DENY"]}, ["The bridge was not sold,", "the arrests"]),
        ({"mode": ["INDIRECT"], "act": ["DOUBT"]}, ["the report"]),
        ({"polarity": ["NEGATIVE"], "published": {"to": "2031-03-31"}}, ["the arrests"]),
        ({"published": {"from": "2031-05-03"}}, ["<img src=x onerror=alert(1)> is cheap,"]),
        ({"saidOn": {"from": "2031-03-03", "to": "2031-03-03"}}, ["The ferry 🛥 is held, … until the crew is paid."]),
        ({"text": "FERRY"}, ["The ferry 🛥 is held, … until the crew is paid."]),
        ({"text": "é\"'\\"}, []),
        ({"claim": [SOLD], "stance": ["DENIES"]}, ["The bridge was not sold,"]),
        ({"certainty": ["PROBABLE"]}, ["two sailors were arrested on Sunday night"]),
        ({"addressee": {"name": "harbour post"}}, ["two sailors were arrested on Sunday night"]),
        ({"article": [canonical("article/2").value]}, ["The bridge was sold before the vote"]),
        ({"about": [canonical("event/sale").value], "act": ["STATE"]}, ["the bridge was sold before the vote"]),
        ({"act": []}, []),
    ],
)
def test_statements_can_be_narrowed(ask: Ask, wanted: dict[str, Any], texts: list[str]) -> None:
    query = "query ($filter: StatementFilter) { statements(filter: $filter) { totalCount nodes { text } } }"
    data = ask(query, filter=wanted)
    assert nodes(data, "statements", "text") == texts
    assert data["statements"]["totalCount"] == len(texts)


def test_claims_articles_and_events_can_be_narrowed(ask: Ask) -> None:
    data = ask("""{
        two: claims(filter: { minOutlets: 2 }) { nodes { label } }
        unnamed: claims(filter: { maxNamedRoots: 0 }) { nodes { label } }
        denied: claims(filter: { denied: true, text: "sailors" }) { nodes { label } }
        undenied: claims(filter: { denied: false }) { totalCount }
        april: events(filter: { date: { from: "2031-04-20", to: "2031-04-20" } }) { nodes { label } }
        arrests: events(filter: { kind: [ARREST], status: [ALLEGED], text: "SAILORS" }) { totalCount }
        may: articles(filter: { published: { from: "2031-05-02", to: "2031-05-02" } }) { nodes { title } }
        daily: articles(filter: { outlet: { name: "daily" } }) { nodes { title } } }""")
    assert nodes(data, "two", "label") == ["the bridge was sold"]
    assert set(nodes(data, "unnamed", "label")) == {"the bridge was sold", "two sailors were arrested"}
    assert nodes(data, "denied", "label") == ["two sailors were arrested"]
    assert data["undenied"]["totalCount"] == 3
    assert nodes(data, "april", "label") == ["the sale of the bridge"]
    assert data["arrests"]["totalCount"] == 1
    assert nodes(data, "may", "title") == ["Bridge was sold, Daily reports"]
    assert nodes(data, "daily", "title") == ["Bridge sold before the vote"]


@pytest.mark.parametrize("name", ["statements", "actors", "sources", "events", "articles", "claims"])
def test_pages_joined_are_the_whole_in_the_same_order(ask: Ask, name: str) -> None:
    whole = ask(f"{{ {name}(first: 100) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage }} }} }}")[name]
    assert whole["totalCount"] == len(whole["nodes"]) > 1
    assert not whole["pageInfo"]["hasNextPage"]
    query = f"""query ($after: Cursor) {{ {name}(first: 2, after: $after) {{
        edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
    seen: list[str] = []
    after = None
    while True:
        page = ask(query, after=after)[name]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["edges"][-1]["cursor"] == page["pageInfo"]["endCursor"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == [node["id"] for node in whole["nodes"]]


def test_a_nested_connection_has_pages_too(ask: Ask) -> None:
    query = """query ($id: ID!, $after: Cursor) { node(id: $id) { ... on Article { statements(first: 3, after: $after) {
        nodes { text } pageInfo { hasNextPage endCursor } totalCount } } } }"""
    first = ask(query, id=canonical("article/0").value)["node"]["statements"]
    assert (len(first["nodes"]), first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, 4, True)
    rest = ask(query, id=canonical("article/0").value, after=first["pageInfo"]["endCursor"])["node"]["statements"]
    assert [node["text"] for node in rest["nodes"]] == ["the report"]
    assert not rest["pageInfo"]["hasNextPage"]


def test_nodes_come_in_the_order_of_their_ids_and_null_where_there_is_none(ask: Ask) -> None:
    ids = [KEEL, "https://example.org/nobody", SOLD, KEEL]
    data = ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)
    assert data["nodes"] == [
        {"__typename": "Actor", "id": KEEL},
        None,
        {"__typename": "Claim", "id": SOLD},
        {"__typename": "Actor", "id": KEEL},
    ]


def test_every_node_of_an_answer_can_be_asked_for_by_its_id(ask: Ask) -> None:
    data = ask("""{ statements { nodes { id __typename
        edition { id __typename run { id __typename } } article { id __typename }
        content { id __typename } chain { id __typename source { id __typename } } saidOn { id __typename }
        relations { id __typename } claim { id __typename } about { id __typename } } } }""")
    found: dict[str, str] = {}

    def gather(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                gather(item)
        elif isinstance(value, dict):
            if "id" in value:
                found[value["id"]] = value["__typename"]
            for item in value.values():
                gather(item)

    gather(data)
    assert len(set(found.values())) > 9
    ids = sorted(found)
    for start in range(0, len(ids), 100):
        answer = ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", ids=ids[start : start + 100])
        assert {node["id"]: node["__typename"] for node in answer["nodes"]} == {
            iri: found[iri] for iri in ids[start : start + 100]
        }


def test_the_schema_of_the_docs_is_the_schema_of_the_code() -> None:
    path = Path(__file__).parents[2] / "docs" / "schema.graphql"
    assert path.read_text(encoding="utf-8") == schema_sdl(), "write it again with `make docs`"


def test_a_store_that_was_never_linked_answers_too() -> None:
    store = open_store("memory:")
    store.put([to_graph(daily())])
    query = """{ actors { nodes { name statements { totalCount } } } claims { totalCount }
        articles { nodes { title outlet { name } edition { text } statements { nodes { stance claim { label }
        speaker { name } outlet { name } } } } } }"""
    answer = execute(store, GraphQLRequest(query, {}), Limits(), True)
    data = orjson.loads(answer.body)["data"]
    assert {(a["name"], a["statements"]["totalCount"]) for a in data["actors"]["nodes"]} == {
        ("Rosa Keel", 1),
        ("Daily", 0),
    }
    (article,) = data["articles"]["nodes"]
    assert article["edition"]["text"] == DAILY
    assert article["outlet"]["name"] == "Daily"
    assert [s["speaker"]["name"] for s in article["statements"]["nodes"]] == ["a senior official", "Rosa Keel"]
    assert data["claims"]["totalCount"] == 0


def test_a_client_of_the_page_gets_what_its_queries_ask(client: TestClient) -> None:
    """The documents of the page are valid: they are read out of data.js as a browser would put them together."""
    source = (Path(__file__).parents[2] / "api" / "page" / "data.js").read_text(encoding="utf-8")
    constants = dict(re.findall(r"const ([A-Z]+) =\s+[`\"]([^`\"]*)[`\"];", source))
    queries = re.findall(r"^  (\w+):\s+[`\"]([^`\"]*)[`\"],$", source, re.MULTILINE)
    assert len(queries) >= 14
    for _ in range(3):
        constants = {name: fill(text, constants) for name, text in constants.items()}
    for name, query in queries:
        variables = {"id": SOLD} if "$id" in query else {}
        answer = client.post("/graphql", json={"query": fill(query, constants), "variables": variables}).json()
        assert "errors" not in answer, (name, answer["errors"])


def fill(text: str, constants: dict[str, str]) -> str:
    for name, value in constants.items():
        text = text.replace("${" + name + "}", value)
    return text
