"""A SPARQL server as the store: its address, what is never sent to it, import and both APIs on it, what it cuts off."""

from __future__ import annotations

from pathlib import Path

import engines
import pytest
from starlette.testclient import TestClient
from store_samples import BASE, edition

from api.app import create_app
from api.config import ServerSettings
from kg.articles import Options
from kg.errors import KgError, QueryError, StoreError, UsageError
from kg.importer import import_files
from kg.store import Store, open_store
from kg.store.copying import digest
from kg.store.remote.address import parse
from kg.store.remote.engines import named, recognised
from kg.store.remote.speech import check, parts, without_undef

SERVERS = ["oxigraph_server", "virtuoso_server"]
ARTICLE = (
    "Ferry strands at Quarrow Point\n\n"
    "QUARROW — The ferry was overloaded, a port official told the Quarrow Herald.\n\n"
    "“Nobody was hurt,” Ottilie Varnhagen said on Monday.\n"
)
OTHER = "Mayor opens bridge\n\n“It took nine years,” Mayor Anselm Brecht said on Tuesday.\n"


# ---- addresses


def test_an_address_says_where_and_as_whom() -> None:
    address = parse(
        "https://kg@graph.example/sparql#update=/update&local=/srv/kg&engine=jena&seconds=5", {"KG_STORE_PASSWORD": "x"}
    )
    assert (address.query, address.update) == ("https://graph.example/sparql", "https://graph.example/update")
    assert (address.local, address.engine, address.seconds) == (Path("/srv/kg"), "jena", 5)
    assert (address.user, address.password) == ("kg", "x")
    assert "'x'" not in repr(address), "a password in a traceback is a password in a log"


def test_each_server_has_a_folder_of_its_own_with_a_readable_name() -> None:
    one, two = (parse(f"https://graph.example/{name}", {}).local for name in ("a", "b"))
    assert one != two
    assert str(one).startswith("kg-remote-graph.example-")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://kg:secret@graph.example/sparql", "a password in a URL is seen"),
        ("http://graph.example/sparql", "plain http sends data and passwords readable"),
        ("https://graph.example/sparql#updates=/u", "no option 'updates'"),
        ("https://graph.example/sparql#seconds=soon", "not a number"),
        ("https:///sparql", "no host"),
    ],
)
def test_an_address_that_is_wrong_or_unsafe_is_refused(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        parse(url, {})
    assert "secret" not in str(refused.value)


def test_plain_http_is_for_this_machine_or_a_network_that_is_trusted() -> None:
    for url in ("http://127.0.0.1:1/q", "http://[::1]:1/q", "http://localhost/q", "http://graph.example/q#plain=yes"):
        assert parse(url, {}).query.startswith("http://")


def test_an_engine_is_known_by_its_header_and_update_addresses_by_the_engine() -> None:
    assert recognised("Virtuoso/07.20.3229 (Linux)").name == "virtuoso"
    assert recognised("nginx").name == "generic"
    updates = {
        "oxigraph": ("http://h/query", "http://h/update"),
        "jena": ("http://h/ds/sparql", "http://h/ds/update"),
        "graphdb": ("http://h/repositories/r", "http://h/repositories/r/statements"),
        "virtuoso": ("http://h/sparql", "http://h/sparql"),
    }
    for name, (query, update) in updates.items():
        engine = named(name)
        assert engine is not None
        assert engine.update_at(query) == update


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    port = engines.free_port()
    with pytest.raises(StoreError, match="can't be reached"):
        open_store(f"http://127.0.0.1:{port}/sparql#local={tmp_path / 'local'}")
    assert not (tmp_path / "local").exists()


# ---- what is sent


@pytest.mark.parametrize(
    "query",
    [
        'DEFINE get:soft "replace" SELECT * FROM <https://evil.example/> { ?s ?p ?o }',
        "SELECT (bif:file_to_string('/etc/passwd') AS ?x) {}",
        "SELECT (sql:anything(1) AS ?x) {}",
        "SELECT (<bif:sys_stat>('x') AS ?x) {}",
        "PREFIX x: <bif:> SELECT (x:sys_stat('x') AS ?x) {}",
        "PREFIX x: <bi> SELECT (x:f:sys_stat('x') AS ?x) {}",
        "BASE <bif:> SELECT (<sys_stat>('x') AS ?x) {}",
        "SELECT (<java:java.lang.Runtime>() AS ?x) {}",
        "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
    ],
)
def test_what_reaches_into_the_servers_machine_is_not_sent(query: str) -> None:
    with pytest.raises(QueryError):
        check(query)


def test_words_in_strings_and_usual_prefixes_are_sent() -> None:
    check('PREFIX kg: <https://w3id.org/on-the-record/ns#> SELECT * { ?s kg:text "DEFINE bif:x <bif:y>" }')


def test_a_long_values_is_sent_in_parts_or_not_at_all() -> None:
    terms = '"a"@en "b"^^<urn:t> <urn:c> 4'
    [first, second] = parts(f"SELECT ?x {{ VALUES ?x {{ {terms} }} ?s ?p ?x }}", 2)
    assert '{"a"@en "b"^^<urn:t> }' in first.replace("{ ", "{")
    assert "<urn:c> 4" in second
    for whole in (
        f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {terms} }} }}",
        f"SELECT * {{ OPTIONAL {{ VALUES ?x {{ {terms} }} }} }}",
    ):
        with pytest.raises(QueryError, match="at most 2 VALUES"):
            parts(whole, 2)


def test_values_that_say_nothing_can_be_left_out() -> None:
    assert without_undef('SELECT * { VALUES ?x { UNDEF } ?s ?p "VALUES ?x { UNDEF }" }').count("UNDEF") == 1


# ---- the store


@pytest.fixture(params=SERVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url = f"{request.getfixturevalue(request.param)}#local={tmp_path / 'local'}"
    with open_store(url) as opened:
        opened.put([], drop=opened.graph_names())
    return str(url)


def news(folder: Path) -> list[Path]:
    for name, text in (("ferry.txt", ARTICLE), ("bridge.txt", OTHER)):
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / "ferry.txt", folder / "bridge.txt"]


@pytest.mark.slow
def test_an_import_gives_the_same_graphs_on_a_server_and_both_apis_answer_from_it(url: str, tmp_path: Path) -> None:
    options = Options(outlet="Herald", published="2026-03-09")
    with open_store("memory:") as here, open_store(url) as there:
        import_files(news(tmp_path), store=here, options=options)
        first = import_files(news(tmp_path), store=there, options=options)
        again = import_files(news(tmp_path), store=there, options=options)
        assert [outcome.state for outcome in first.outcomes] == ["imported", "imported"]
        assert [outcome.state for outcome in again.outcomes] == ["unchanged", "unchanged"]
        assert digest(there) == digest(here)
    with open_store(url, read_only=True) as reader:
        assert answers(reader) == ["Anselm Brecht", "Ottilie Varnhagen"]


def answers(store: Store) -> list[str]:
    """Ask a server over this store by SPARQL, by a named question and by GraphQL who said something."""
    kg = "PREFIX kg: <https://w3id.org/on-the-record/ns#> "
    query = kg + "SELECT DISTINCT ?name { ?s a kg:DirectQuotation ; kg:saidBy/kg:name ?name } ORDER BY ?name"
    with TestClient(create_app(ServerSettings(), store=store), base_url="http://localhost") as client:
        rows = client.post("/sparql", data={"query": query}).json()["results"]["bindings"]
        names = [row["name"]["value"] for row in rows]
        named_rows = client.get("/queries/said_by").json()["results"]["bindings"]
        assert set(names) <= {row["name"]["value"] for row in named_rows}
        found = client.post(
            "/graphql", json={"query": "{ statements(first: 50) { nodes { speaker { name } } } }"}
        ).json()
        assert "errors" not in found, found
        assert set(names) <= {(node["speaker"] or {}).get("name") for node in found["data"]["statements"]["nodes"]}
    return names


def test_one_process_writes_at_a_time(url: str) -> None:
    with open_store(url), pytest.raises(StoreError, match="another `kg import` is writing"):
        open_store(url)


def test_a_reader_without_the_writers_folder_finds_the_base_iri_in_the_data(url: str, tmp_path: Path) -> None:
    with open_store(url, base_iri=None) as writer:
        linking = edition("x", "word")
        writer.put([linking.__class__.of(linking.name.__class__(f"{BASE}graph/linking"), linking.triples)])
    elsewhere = url.replace(str(tmp_path / "local"), str(tmp_path / "elsewhere"))
    with open_store(elsewhere, read_only=True) as reader:
        assert reader.base_iri == BASE
        assert reader.version().startswith("live.")
        with pytest.raises(StoreError, match="reading only"):
            reader.put([linking])
    with open_store(url) as writer:
        writer.put([], drop=writer.graph_names())


def test_readers_of_the_same_folder_hear_of_each_publication(url: str) -> None:
    with open_store(url) as writer, open_store(url, read_only=True) as reader:
        before = reader.version()
        writer.put([edition("harbour", "sold")])
        assert reader.version() != before, "on a server what is put is seen at once"
        writer.publish()
        assert reader.version() == writer.version() == str(int(before) + 1)


def test_graphs_are_replaced_by_the_graph_store_protocol_where_the_address_says_so(
    oxigraph_server: str, tmp_path: Path
) -> None:
    with open_store(f"{oxigraph_server}#graphs=/store&local={tmp_path / 'local'}") as store:
        harbour = edition("harbour", "The", "harbour")
        store.put([harbour])
        assert store.graph(harbour.name) == harbour
        store.put([], drop=[harbour.name])
        assert harbour.name not in store.graph_names()


def test_an_answer_that_virtuoso_cuts_off_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "virtuoso").mkdir()
    with (
        engines.virtuoso(tmp_path / "virtuoso", most_rows=20) as url,
        open_store(f"{url}#local={tmp_path / 'l'}") as store,
        pytest.raises(KgError, match="cuts answers off at 20 rows"),
    ):
        store.put([edition("harbour", *["word"] * 30)])
