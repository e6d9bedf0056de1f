"""One writer for updates and mutations: turns in their order, and the truth about a change whose process died."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from newsroom import daily, newsroom
from pyoxigraph import NamedNode
from serving import Server, fill, serving

from api.limits import Limits
from api.problems import Refusal
from api.writer import Writer
from api.writer_child import WriterChild
from api.writer_process import TENURE
from kg import crash
from kg.errors import StoreBusy, UsageError
from kg.linking import link
from kg.store import Store, open_in_turn, open_store, queue
from kg.store.purge import purge
from kg.writing import Change, Outcome

HARBOUR = "https://example.org/harbour"
PUT = f"INSERT DATA {{ GRAPH <{HARBOUR}> {{ <h:a> <h:b> 1 , 2 , 3 }} }}"
LIMITS = Limits(seconds=20)


def one(folder: str, change: Change, limits: Limits = LIMITS) -> Outcome:
    """Make one change as a server would, in a process of its own."""

    async def go() -> Outcome:
        child = WriterChild(Path(folder), limits)
        try:
            return await child.apply(change)
        finally:
            await child.end()

    return asyncio.run(go())


def seen(folder: str) -> tuple[int, str]:
    """Return how many triples readers see in the graph, and the version."""
    with open_store(folder, read_only=True) as reader:
        return len(reader.graph(NamedNode(HARBOUR))), reader.version()


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return fill(tmp_path / "store")


# --- what became of a change whose process died


def test_a_change_that_dies_before_the_gate_has_seen_it_left_nothing(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_CRASH", f"{crash.WRITING[0]}:1")
    with pytest.raises(Refusal, match="was killed; nothing was changed") as refused:
        one(folder, Change("update", "all", text=PUT))
    assert (refused.value.status, refused.value.more) == (503, {"changed": False})
    monkeypatch.delenv("KG_CRASH")
    with open_store(folder) as writer:
        assert len(writer.graph(NamedNode(HARBOUR))) == 0
        writer.publish()
    assert seen(folder)[0] == 0
    assert one(folder, Change("update", "all", text=PUT)).version == seen(folder)[1]


def test_a_change_that_dies_after_it_has_passed_is_acknowledged_and_seen(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_CRASH", f"{crash.WRITING[1]}:1")
    outcome = one(folder, Change("drop", "all", graph=HARBOUR))
    assert (outcome.existed, outcome.triples) == (False, 0)
    monkeypatch.setenv("KG_CRASH", f"{crash.WRITING[1]}:1")
    outcome = one(folder, Change("update", "all", text=PUT))
    assert seen(folder) == (3, outcome.version)


def test_where_the_store_can_not_be_asked_the_answer_says_that_it_is_not_known_and_where_to_look(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = seen(folder)[1]
    monkeypatch.setenv("KG_CRASH", "generation:1")  # whoever publishes dies of it, the process that looks, too
    with pytest.raises(Refusal, match="not known whether") as refused:
        one(folder, Change("update", "all", text=PUT))
    assert (refused.value.status, refused.value.more) == (503, {"changed": None, "version": int(before)})
    monkeypatch.delenv("KG_CRASH")
    with open_store(folder) as writer:
        writer.publish()
    count, version = seen(folder)
    assert count == 3
    assert int(version) > int(before)


def test_a_change_that_is_late_is_given_up_and_left_nothing(folder: str) -> None:
    cross = " ".join(f"GRAPH ?g{n} {{ ?a{n} ?b{n} ?c{n} }}" for n in range(5))
    slow = f"INSERT {{ GRAPH <{HARBOUR}> {{ <h:a> <h:n> ?n }} }} WHERE {{ SELECT (COUNT(*) AS ?n) {{ {cross} }} }}"
    with pytest.raises(Refusal, match="given up; nothing was changed") as refused:
        one(folder, Change("update", "all", text=slow), replace(LIMITS, seconds=3.0))
    assert refused.value.status == 504
    assert seen(folder)[0] == 0


# --- turns


def test_a_mutation_among_updates_that_never_end_waits_for_those_before_it_only() -> None:
    store = newsroom()
    served: list[str] = []

    async def go() -> None:
        writer = Writer("memory:", LIMITS, store=store)
        stop = asyncio.Event()

        async def updates(name: str) -> None:
            while not stop.is_set():
                await writer.apply(Change("update", "all", text=PUT))
                served.append(name)

        clients = [asyncio.create_task(updates(f"update {n}")) for n in range(4)]
        loop = asyncio.get_running_loop()
        for number in range(5):
            while len(served) < 8 * (number + 1):
                await asyncio.sleep(0)
            ahead = len(served) + writer.waiting

            def job(store: Store) -> int:
                served.append("mutation")
                return store.count()

            # As a mutation does: from a thread of its own.
            assert await asyncio.to_thread(writer.run_here, loop, job) > 0
            place = len(served) - 1 - served[::-1].index("mutation")
            # A thread needs a moment to be in the queue, in which each client may be served once more.
            assert place <= ahead + len(clients), served[ahead:]
        stop.set()
        await asyncio.gather(*clients)
        writer.close()

    asyncio.run(go())
    assert served.count("mutation") == 5


def test_too_many_that_wait_are_told_so_and_the_others_are_served() -> None:
    store = newsroom()

    async def go() -> None:
        writer = Writer("memory:", replace(LIMITS, waiting=3), store=store)
        held = threading.Event()
        first = [asyncio.create_task(writer.run(lambda store: held.wait(10))) for _ in range(3)]
        await asyncio.sleep(0.05)
        with pytest.raises(Refusal, match="nothing was changed") as refused:
            await writer.apply(Change("update", "all", text=PUT))
        assert refused.value.status == 503
        held.set()
        assert await asyncio.gather(*first) == [True] * 3
        assert writer.waiting == 0
        writer.close()

    asyncio.run(go())


def test_writers_of_other_processes_get_the_store_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    url = fill(tmp_path / "store")
    order: list[int] = []
    first = open_store(url)

    def come(number: int) -> None:
        with open_in_turn(url, patience=20):
            order.append(number)

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=come, args=[number]))
        threads[-1].start()
        folder = tmp_path / "store" / queue.FOLDER
        while not folder.exists() or len(list(folder.iterdir())) <= number:
            time.sleep(0.001)
    first.close()
    for thread in threads:
        thread.join()
    assert order == [*range(6)]
    assert not queue.anybody(tmp_path / "store")


def test_a_writer_that_was_killed_while_it_waited_holds_nobody_up(tmp_path: Path) -> None:
    root = tmp_path / "store"
    url = fill(root)
    (root / queue.FOLDER).mkdir(exist_ok=True)
    (root / queue.FOLDER / f"{1:020}-1-0").touch()  # without its lock: nobody lives who holds it
    with open_in_turn(url, patience=0), pytest.raises(StoreBusy):
        open_in_turn(url, patience=0.05)
    assert list((root / queue.FOLDER).iterdir()) == []


@pytest.mark.slow
def test_a_purge_beside_a_server_takes_the_edition_from_its_readers_and_leaves_them_the_rest(tmp_path: Path) -> None:
    url = fill(tmp_path / "store")
    edition = daily().article.iri
    count = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{edition}> {{ ?s ?p ?o }} }}"
    with serving(url, KG_WRITABLE="1") as server:
        assert server.query(count)[2].split()[1] != b"0"
        purge(lambda: open_in_turn(url, patience=10), edition, relink=link)
        for number in range(8):  # answers of all of its processes, none of them kept
            status, _, body = server.query(f"{count} # {number}")
            assert (status, body.split()) == (200, [b"n", b"0"])
        assert update(server, PUT) == 204
        assert server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0] == 200


def test_a_purge_of_what_is_no_iri_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no IRI"):
        purge(lambda: open_store(fill(tmp_path / "store")), "no iri", relink=link)


@pytest.mark.slow
def test_an_import_gets_its_turn_while_updates_never_end(tmp_path: Path) -> None:
    """Counted in versions: between two updates of the server's process nobody publishes but who has the turn."""
    url = fill(tmp_path / "store")
    with serving(url, KG_WRITABLE="1") as server:
        done: list[int] = []
        stop = threading.Event()

        def updates() -> None:
            while not stop.is_set():
                done.append(update(server, PUT))

        clients = [threading.Thread(target=updates) for _ in range(3)]
        for client in clients:
            client.start()
        try:
            for _ in range(3):
                before = len(done)
                while len(done) < before + 3:
                    time.sleep(0.005)
                with open_in_turn(url, patience=10) as importing:
                    held = len(done)
                    importing.put([], drop=[NamedNode(HARBOUR)])
                    importing.publish()
                # Three were waited for; answers of three may be on their way; a tenure ends, and no other begins.
                assert held - before <= 3 + 3 + TENURE
        finally:
            stop.set()
            for client in clients:
                client.join()
    assert set(done) == {204}


def update(server: Server, text: str) -> int:
    headers = {"content-type": "application/sparql-update", "authorization": "Bearer all"}
    return server.request("POST", "/sparql", text, headers)[0]
