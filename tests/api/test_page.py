"""The page: no other origin, no mark-up made of strings, and texts cut where the graph says."""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import uvicorn
from newsroom import HOSTILE, HOSTILE_URL, canonical
from starlette.testclient import TestClient

from api.app import create_app
from api.config import ServerSettings
from kg.store import Store

PAGE = Path(__file__).parents[2] / "api" / "page"
OURS = sorted(path for path in PAGE.glob("*") if path.suffix in {".js", ".css", ".html"})
VENDORED = PAGE / "graphiql"


def test_the_page_and_its_files_are_served_under_a_strict_policy(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in page.headers["content-security-policy"]
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_files_load_nothing_from_elsewhere_and_make_no_markup_of_strings(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc"):
        assert word not in text
    addresses = set(re.findall(r"https?://[^\s\"'`)>]+", text))
    names = ("http://www.w3.org/", "https://w3id.org/")  # names of namespaces, never loaded
    assert all(address.startswith(names) for address in addresses), addresses
    assert not re.search(r"<[^>]+\son\w+=|<script>|style=\"|@import|url\((?!#)", text)


def test_graphiql_is_what_the_readme_says_and_loads_only_at_its_own_address(client: TestClient) -> None:
    listed = dict(re.findall(r"\| `([\w.-]+)` \|[^|]+\| `([0-9a-f]{64})` \|", (VENDORED / "README.md").read_text()))
    assert set(listed) == {path.name for path in VENDORED.glob("*.min.*")} | set(listed)
    assert len(listed) == 4
    for name, digest in listed.items():
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == digest, name
        assert (VENDORED / name).stat().st_size < 1_500_000
    assert "NOFILE" not in (VENDORED / "LICENSE").read_text()
    assert "graphiql" not in client.get("/").text.replace('href="/graphiql"', "")
    page = client.get("/graphiql")
    assert all(
        path.startswith("/static/") for path in re.findall(r'<(?:script src|link [^>]*href)="([^"]+)"', page.text)
    )
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        assert client.get(path).status_code == 200


def test_graphiql_can_be_turned_off(store: Store) -> None:
    with TestClient(
        create_app(ServerSettings.from_env({"KG_GRAPHIQL": "0"}), store=store), base_url="http://localhost"
    ) as client:
        assert client.get("/graphiql").status_code == 404


# --- text.js, in Node

NODE = shutil.which("node")


def run_node(code: str) -> object:
    if NODE is None:
        pytest.skip("node is not installed; text.js is run in it")
    script = f'import * as text from "{(PAGE / "text.js").as_uri()}"; console.log(JSON.stringify(({code})));'
    done = subprocess.run([NODE, "--input-type=module", "-e", script], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_offsets_are_counted_as_the_graph_counts_them() -> None:
    text = "a🛥b\u0301🛥🛥c"
    found = run_node(f"[0,1,2,3,4,5,6,7].map(text.unitsOf({json.dumps(text)}))")
    assert found == [len(text[:n].encode("utf-16-le")) // 2 for n in range(8)]


def test_a_text_is_cut_at_every_span_and_nothing_is_lost() -> None:
    text = "🛥 She said that he said yes."
    outer = {"start": 11, "end": 27, "name": "outer"}
    inner = {"start": 24, "end": 27, "name": "inner"}
    beyond = {"start": 20, "end": 999, "name": "beyond"}
    empty = {"start": 5, "end": 5, "name": "empty"}
    pieces = run_node(f"text.stretches({json.dumps(text)}, {json.dumps([inner, outer, beyond, empty])})")
    assert isinstance(pieces, list)
    assert "".join(piece["text"] for piece in pieces) == text
    assert [(piece["text"], [span["name"] for span in piece["spans"]]) for piece in pieces] == [
        (text[:11], []),
        (text[11:20], ["outer"]),
        (text[20:24], ["outer", "beyond"]),
        (text[24:27], ["outer", "beyond", "inner"]),
        (text[27:], ["beyond"]),
    ]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((4, 3, 3, 0, 0), "Four outlets, three sources, none of them named."),
        ((4, 2, 3, 0, 3), "Four outlets, two to three sources, none of them named; denied three times."),
        ((5, 1, 1, 1, 0), "Five outlets, one source, named."),
        ((1, 1, 1, 0, 1), "One outlet, one source, not named; denied once."),
        ((2, 2, 2, 2, 0), "Two outlets, two sources, all of them named."),
        ((13, 3, 4, 1, 0), "13 outlets, three to four sources, one of them named."),
        ((0, 0, 0, 0, 2), "No outlets, no sources; denied two times."),
    ],
)
def test_a_claim_is_said_in_one_sentence(counts: tuple[int, ...], sentence: str) -> None:
    outlets, low, high, named, denials = counts
    claim = {
        "outletCount": outlets,
        "independentRootCount": {"low": low, "high": high},
        "namedRootCount": named,
        "denialCount": denials,
    }
    assert run_node(f"text.headline({json.dumps(claim)})") == sentence


def test_only_web_addresses_may_be_followed() -> None:
    addresses = [
        HOSTILE_URL,
        "data:text/html,x",
        "JaVaScRiPt:1",
        "file:///etc",
        "/x",
        "https://a.example/",
        "http://b.example/",
    ]
    found = run_node(f"{json.dumps(addresses)}.map(text.safeHref)")
    assert found == [None, None, None, None, None, "https://a.example/", "http://b.example/"]


def test_who_is_cited_stands_right_of_who_cites_even_in_a_circle() -> None:
    chains = [["evening", "daily", "official"], ["daily", "official"], ["rag", "blog"], ["blog", "rag"]]
    layout = run_node(f"text.layout({json.dumps(chains)}.map((chain) => chain.map((id) => ({{ id }}))))")
    assert isinstance(layout, dict)
    column = {node["id"]: node["column"] for node in layout["nodes"]}
    assert column["evening"] < column["daily"] < column["official"]
    assert len(column) == 5


# --- in a browser

BROWSER = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)


@pytest.fixture(scope="module")
def served(store: Store) -> Iterator[str]:
    if BROWSER is None:
        pytest.skip("no Chromium is installed; the page is shown in it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = create_app(ServerSettings(), store=store)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(500):
        if server.started:
            break
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def show(address: str) -> tuple[str, str]:
    """Return the document as the browser has it after its scripts ran, and what it logged."""
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={tempfile.mkdtemp(prefix='kg-browser-')}",
            "--virtual-time-budget=8000",
            "--enable-logging=stderr",
            "--dump-dom",
            address,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def test_a_hostile_article_is_shown_as_text_and_runs_nothing(served: str) -> None:
    dom, log = show(f"{served}/#/article?id={quote(canonical('article/3').value, safe='')}")
    assert "&lt;script&gt;alert('title')&lt;/script&gt;" in dom
    assert "<img" not in dom
    assert "<b>Bob" not in dom
    assert "javascript:" not in "".join(re.findall(r'href="[^"]*"', dom))
    assert not log
    shown = re.search(r'<div class="text"[^>]*>(.*?)</div>', dom, re.DOTALL)
    assert shown is not None
    assert html.unescape(re.sub(r"<[^>]+>", "", shown.group(1))) == HOSTILE
    marks = re.findall(r'<span class="mark[^"]*"[^>]*>([^<]*)</span>', shown.group(1))
    assert [html.unescape(mark) for mark in marks] == ["<img src=x onerror=alert(1)> is cheap,"]


def test_a_claim_is_drawn_from_its_outlets_to_its_root(served: str) -> None:
    dom, log = show(f"{served}/#/claim?id={quote(canonical('claim/sold').value, safe='')}")
    assert not log
    assert "Two outlets, one source, not named; denied once." in dom
    drawn = re.findall(r'<text[^>]*class="name">([^<]*)</text><text[^>]*class="role">([^<]*)</text>', dom)
    assert set(drawn) == {
        ("Evening", "outlet"),
        ("Daily", "outlet"),
        ("a senior official", "unnamed root"),
        ("a senior official", "counted with another root"),
    }
    assert "Rosa Keel" in dom


def test_graphiql_starts_without_the_net(served: str) -> None:
    dom, log = show(f"{served}/graphiql")
    assert 'class="graphiql-container"' in dom
    assert "Uncaught" not in log
