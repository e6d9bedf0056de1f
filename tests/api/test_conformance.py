"""The W3C's tests of the SPARQL Protocol, the Graph Store Protocol and Service Description, on the running server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse
from serving import Server, fill, serving
from w3c import SUITES, Case, Manifest, same_graph

from kg.store.wording import COMMON

TOKEN = {"authorization": "Bearer all"}
SD = COMMON["sd"]

pytestmark = pytest.mark.skipif(not SUITES.is_dir(), reason=f"the W3C test suites are not at {SUITES.name}/")


def suite(*parts: str) -> list[object]:
    file = SUITES.joinpath("sparql11", *parts)
    tests = list(Manifest(file).tests()) if file.exists() else []
    return [pytest.param(test, id=test.name) for test in tests]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(fill(tmp_path_factory.mktemp("w3c") / "store"), KG_WRITABLE="1") as found:
        yield found


@pytest.fixture
def empty(server: Server) -> Server:
    kind = {"content-type": "application/sparql-update", **TOKEN}
    assert server.request("POST", "/sparql", "DROP ALL", kind)[0] == 204
    return server


@pytest.mark.parametrize("test", suite("protocol", "manifest.ttl"))
def test_protocol(empty: Server, test: Case) -> None:
    run(empty, test, {"/sparql/": "/sparql"})


@pytest.mark.parametrize("test", suite("graph-store-protocol", "manifest-direct.ttl"))
def test_graph_store_direct(empty: Server, test: Case) -> None:
    run(empty, test, {"/gsp": "/graphs"})


@pytest.mark.parametrize("test", suite("graph-store-protocol", "manifest-indirect.ttl"))
def test_graph_store_indirect(empty: Server, test: Case) -> None:
    run(empty, test, {"/gsp": "/graphs"})


def run(server: Server, test: Case, paths: dict[str, str]) -> None:
    """Send a test's requests in order and look at each answer."""
    for name, file in test.data:
        kind = {"content-type": "application/n-triples", **TOKEN}
        status, _, body = server.request("PUT", f"/graphs?graph={name}", file.read_bytes(), kind)
        assert status in (201, 204), body
    location = ""
    for number, request in enumerate(test.requests):
        path = request.path
        for theirs, ours in paths.items():
            path = path.replace(theirs, ours, 1) if path.startswith(theirs) else path
        headers = dict(request.headers)
        if "update" in test.name or request.method in ("PUT", "DELETE") or "/graphs" in path:
            headers |= TOKEN
        status, answered, body = server.request(
            request.method, path.replace("$LOCATION$", location), request.body, headers
        )
        assert request.takes(status), f"request {number}: {status} instead of {request.status}: {body[:300]!r}"
        location = answered.get("location", location)
        media = answered.get("content-type", "").partition(";")[0]
        if request.form == "boolean":
            found = orjson.loads(body)["boolean"]
            assert request.boolean in (None, found)
        elif request.form == "tabular":
            assert media in ("application/sparql-results+json", "application/sparql-results+xml", "text/csv")
            assert orjson.loads(body)["results"]["bindings"]
        elif request.form == "RDF":
            list(parse(body, format=RdfFormat.from_media_type(media)))
        if request.content_type:
            assert answered["content-type"].replace(" ", "") == request.content_type.replace(" ", "")
        if request.graph is not None:
            assert same_graph(body, request.graph, f"http://127.0.0.1{path}"), body.decode()


# --- service description: three tests that its manifest names and leaves to the implementer


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    with serving(fill(tmp_path_factory.mktemp("sd") / "store")) as server:
        status, headers, body = server.request("GET", "/sparql", headers={"accept": "text/turtle"})
        assert (status, headers["content-type"]) == (200, "text/turtle; charset=utf-8")
        store = Store()
        store.extend(parse(body, format=RdfFormat.TURTLE))
        yield f"http://127.0.0.1:{server.port}/sparql", store


def test_a_get_on_the_endpoint_returns_rdf(described: tuple[str, Store]) -> None:
    assert len(described[1]) > 50


def test_the_description_has_a_matching_endpoint(described: tuple[str, Store]) -> None:
    url, store = described
    [found] = store.quads_for_pattern(None, NamedNode(SD + "endpoint"), None)
    assert found.object == NamedNode(url)


#: https://www.w3.org/ns/sparql-service-description# : property -> the classes of its subjects and of its values
SCHEMA = {
    "endpoint": ("Service", None),
    "feature": ("Service", None),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "supportedLanguage": ("Service", None),
    "resultFormat": ("Service", None),
    "inputFormat": ("Service", None),
    "defaultDataset": ("Service", "Dataset"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("Dataset", "NamedGraph"),
    "name": ("NamedGraph", None),
    "graph": ("NamedGraph", "Graph"),
}
INSTANCES = {
    "feature": {"DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery"},
    "supportedLanguage": {"SPARQL10Query", "SPARQL11Query", "SPARQL11Update"},
}


def test_the_description_conforms_to_its_schema(described: tuple[str, Store]) -> None:
    _, store = described
    kinds: dict[object, set[str]] = {}
    a = NamedNode(COMMON["rdf"] + "type")
    for quad in store.quads_for_pattern(None, a, None):
        kinds.setdefault(quad.subject, set()).add(quad.object.value)  # type: ignore[union-attr]
    seen = set()
    for quad in store:
        predicate = quad.predicate.value
        if not predicate.startswith(SD):
            continue
        name = predicate.removeprefix(SD)
        subject, value = SCHEMA[name]
        seen.add(name)
        assert SD + subject in kinds[quad.subject], quad
        assert not isinstance(quad.object, Literal)
        if value is not None:
            assert SD + value in kinds[quad.object], quad
        if name in INSTANCES:
            assert quad.object.value.removeprefix(SD) in INSTANCES[name]  # type: ignore[union-attr]
    assert seen == set(SCHEMA) - {"inputFormat"}


def test_the_figures_of_the_description_are_those_of_the_data(described: tuple[str, Store]) -> None:
    _, store = described
    void = COMMON["void"]
    dataset = next(store.quads_for_pattern(None, NamedNode(SD + "defaultDataset"), None)).object
    [total] = store.quads_for_pattern(dataset, NamedNode(void + "triples"), None)  # type: ignore[arg-type]
    parts = store.query(f"SELECT (SUM(?n) AS ?all) {{ ?p <{void}property> ?x ; <{void}triples> ?n }}")
    assert next(iter(parts))["all"].value == total.object.value  # type: ignore[union-attr]


def test_the_suites_are_whole() -> None:
    parts = ("protocol", "manifest.ttl"), ("graph-store-protocol", "manifest-direct.ttl")
    counts = [len(suite(*part)) for part in (*parts, ("graph-store-protocol", "manifest-indirect.ttl"))]
    assert counts == [34, 4, 9]


def test_the_folder_is_the_shared_one() -> None:
    assert Path(SUITES, "sparql11").is_dir()
