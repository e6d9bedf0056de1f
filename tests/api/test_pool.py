"""The processes that answer strangers: what they may do, when they die, and who is served meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from newsroom import daily, evening
from serving import Canary, Server, fill, serving

from api import sandbox
from api.answers import Answer, Question
from api.child import DEPTH, Child, Reply
from api.limits import Limits
from api.pool import Pool
from api.problems import Refusal
from api.turns import BEHIND, all_but_one, cores, may_hurry
from kg.errors import QueryError, StoreError
from kg.mapping import to_graph
from kg.store import open_store
from kg.vocab import KG

CSV = "text/csv"
COUNT = f"SELECT (COUNT(?e) AS ?n) {{ ?e a {KG.Edition} }}"
#: Twelve digits each of ten values: more rows than anybody waits for, from the first moment or after a sort.
DIGITS = " ".join(f"VALUES ?d{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(12))
ENDLESS = f"SELECT * {{ {DIGITS} }}"
SILENT = f"SELECT (COUNT(*) AS ?n) {{ {DIGITS} }}"
GREEDY = (
    "SELECT ?a33 { BIND('x' AS ?a0) " + "".join(f"BIND(CONCAT(?a{n},?a{n}) AS ?a{n + 1}) " for n in range(33)) + "}"
)

linux_only = pytest.mark.skipif(not sandbox.supported(), reason="seccomp is there on Linux, x86-64 and aarch64, only")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(fill(tmp_path_factory.mktemp("pool") / "store"))


@asynccontextmanager
async def pool(folder: Path, **limits: float) -> AsyncIterator[Pool]:
    found = Pool(folder, Limits(**limits))  # type: ignore[arg-type]
    await found.start()
    until = time.monotonic() + 20
    while len(found._idle) < found._limits.running and time.monotonic() < until:
        await asyncio.sleep(0.01)  # on a busy machine the processes take their time to begin
    try:
        yield found
    finally:
        found.close()


async def text(answer: Answer) -> str:
    if answer.pieces is not None:
        return b"".join([piece async for piece in answer.pieces]).decode()
    return (answer.body or b"").decode()


def test_a_question_is_answered_with_its_version_and_times(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=1) as workers:
            answer = await workers.ask(Question(COUNT, CSV), client="a")
            assert (await text(answer)).split() == ["n", "4"]
            assert answer.version == workers.version
            assert set(answer.timings) == {"plan", "first", "total"}

    asyncio.run(story())


def test_a_new_generation_is_followed_by_the_next_question(tmp_path: Path) -> None:
    async def story() -> None:
        with open_store(str(tmp_path / "store")) as writer:
            writer.put([to_graph(daily())])
            writer.publish()
            async with pool(tmp_path / "store", running=2) as workers:
                assert (await text(await workers.ask(Question(COUNT, CSV), client="a"))).split() == ["n", "1"]
                writer.put([to_graph(evening())])
                writer.publish()
                for _ in range(4):
                    assert (await text(await workers.ask(Question(COUNT, CSV), client="a"))).split() == ["n", "2"]

    asyncio.run(story())


def test_a_generation_stays_while_a_query_reads_it_and_no_longer(tmp_path: Path) -> None:
    async def story() -> None:
        with open_store(str(tmp_path / "store")) as writer:
            writer.put([to_graph(daily())])
            writer.publish()
            async with pool(tmp_path / "store", running=2) as workers:
                answer = await workers.ask(Question(ENDLESS, CSV), client="a")
                held = tmp_path / "store" / "generations" / answer.version

                def publish() -> None:
                    for number in range(5):
                        writer.put([to_graph(daily() if number % 2 else evening())], drop=[])
                        writer.republish()  # type: ignore[attr-defined]

                await asyncio.to_thread(publish)
                assert held.is_dir()
                assert answer.pieces is not None
                assert await anext(answer.pieces)
                await answer.pieces.aclose()  # type: ignore[attr-defined]
                assert (await text(await workers.ask(Question(COUNT, CSV), client="a"))).split() == ["n", "2"]
                await asyncio.to_thread(publish)
                assert not held.exists()

    asyncio.run(story())


def test_a_process_at_rest_holds_no_generation(tmp_path: Path) -> None:
    async def story() -> None:
        with open_store(str(tmp_path / "store")) as writer:
            writer.put([to_graph(daily())])
            writer.publish()
            async with pool(tmp_path / "store", running=1) as workers:
                first = (await workers.ask(Question(COUNT, CSV), client="a")).version
                for _ in range(4):
                    writer.republish()  # type: ignore[attr-defined]
                assert not (tmp_path / "store" / "generations" / first).exists()
                assert (await text(await workers.ask(Question(COUNT, CSV), client="a"))).split() == ["n", "1"]

    asyncio.run(story())


def test_the_last_process_is_not_for_a_client_whose_query_just_killed_one(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=2, seconds=0.5) as workers:
            with pytest.raises(Refusal):
                await workers.ask(Question(SILENT, CSV), client="hostile")
            # The one that was killed is not replaced yet.
            assert len(workers._idle) == 1
            assert workers._take("hostile") is None
            last = workers._take("polite")
            assert last is not None
            workers.release(last, Reply(asyncio.get_running_loop()))

    asyncio.run(story())


@linux_only
def test_a_query_that_takes_long_lets_others_go_first_and_its_process_comes_forward_again(folder: Path) -> None:
    def niceness(pid: int) -> set[int]:
        return {os.getpriority(os.PRIO_PROCESS, int(thread)) for thread in os.listdir(f"/proc/{pid}/task")}

    async def story() -> None:
        usual = os.getpriority(os.PRIO_PROCESS, 0)
        async with pool(folder, running=1, seconds=10) as workers:
            answer = await workers.ask(Question(ENDLESS, CSV), client="a")
            [worker] = workers._workers
            until = time.monotonic() + 5
            while niceness(worker.process.pid) == {usual} and time.monotonic() < until:
                await asyncio.sleep(0.01)
            assert niceness(worker.process.pid) == {BEHIND}
            assert answer.pieces is not None
            assert await anext(answer.pieces)
            await answer.pieces.aclose()  # type: ignore[attr-defined]
            assert (await text(await workers.ask(Question(COUNT, CSV), client="a"))).split() == ["n", "4"]
            # A process that could not come forward again would have been replaced.
            assert {level for one in workers._workers for level in niceness(one.process.pid)} == {usual}

    asyncio.run(story())


async def started(workers: Pool) -> Child:
    """Return the process that is being started."""
    while not (found := [worker for worker in workers._workers if not worker.ready]):
        await asyncio.sleep(0.001)
    return found[0]


@linux_only
@pytest.mark.skipif(len(cores()) < 2, reason="wants two cores")
def test_who_cost_a_process_its_life_leaves_one_core_to_others_and_so_does_what_replaces_it(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=3, seconds=0.3) as workers:
            with pytest.raises(Refusal):
                await workers.ask(Question(SILENT, CSV), client="hostile")
            replacement = await started(workers)
            assert os.sched_getaffinity(replacement.process.pid) == all_but_one(cores())
            while not replacement.ready:
                await asyncio.sleep(0.01)
            assert os.sched_getaffinity(replacement.process.pid) == cores()
            for client, allowed in (("hostile", all_but_one(cores())), ("other", cores())):
                taken = workers._take(client)
                assert taken is not None
                assert os.sched_getaffinity(taken.process.pid) == allowed
                behind = client == "hostile" and may_hurry()
                assert os.getpriority(os.PRIO_PROCESS, taken.process.pid) == (BEHIND if behind else 0)
                workers.release(taken, Reply(asyncio.get_running_loop()))
                assert os.sched_getaffinity(taken.process.pid) == cores()

    asyncio.run(story())


def test_at_the_deadline_the_process_is_killed_and_another_takes_its_place(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=1, seconds=0.5) as workers:
            began = time.monotonic()
            with pytest.raises(Refusal) as late:
                await workers.ask(Question(SILENT, CSV), client="a")
            assert late.value.status == 504
            assert time.monotonic() - began < 0.8
            assert (await text(await workers.ask(Question(COUNT, CSV), client="a"))).split() == ["n", "4"]
            assert workers.kills == 1

    asyncio.run(story())


@linux_only
def test_a_query_that_eats_the_memory_takes_its_process_with_it_and_no_other(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=2, memory=64 << 20) as workers:
            greedy = asyncio.create_task(workers.ask(Question(GREEDY, CSV), client="a"))
            assert (await text(await workers.ask(Question(COUNT, CSV), client="b"))).split() == ["n", "4"]
            with pytest.raises(Refusal) as refused:
                await greedy
            assert refused.value.status == 422

    asyncio.run(story())


def test_an_answer_that_cannot_be_written_in_a_format_says_so_before_its_first_byte(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=1) as workers:
            for sparql, accept in (
                ("SELECT ('\\u0001' AS ?x) {}", "application/sparql-results+xml"),
                ("CONSTRUCT { <a:b> <a:c#> 1 } {}", "application/rdf+xml"),
                ("CONSTRUCT { <a:b> <a:c> <<( <a:b> <a:c> 1 )>> } {}", "application/ld+json"),
            ):
                with pytest.raises(QueryError, match="ask for another"):
                    await workers.ask(Question(sparql, accept), client="a")

    asyncio.run(story())


def test_a_construct_holds_no_triple_twice(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=1) as workers:
            question = Question("CONSTRUCT { <a:b> <a:c> 1 } { ?s ?p ?o }", "application/n-triples")
            assert len((await text(await workers.ask(question, client="a"))).splitlines()) == 1

    asyncio.run(story())


def test_one_client_never_has_all_workers(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=2, seconds=3) as workers:
            hogs = [asyncio.create_task(workers.ask(Question(SILENT, CSV), client="hog")) for _ in range(3)]
            until = time.monotonic() + 1
            while (workers.working, workers.waiting) != (1, 2) and time.monotonic() < until:
                await asyncio.sleep(0.01)
            assert (workers.working, workers.waiting) == (1, 2)
            began = time.monotonic()
            assert (await text(await workers.ask(Question(COUNT, CSV), client="other"))).split() == ["n", "4"]
            assert time.monotonic() - began < 1.0
            for hog in hogs:
                hog.cancel()
            await asyncio.gather(*hogs, return_exceptions=True)
            assert (workers.working, workers.waiting) == (0, 0)

    asyncio.run(story())


def test_the_queue_has_an_end_for_all_and_an_earlier_one_for_each(folder: Path) -> None:
    async def story() -> list[int]:
        async with pool(folder, running=2, seconds=2, waiting=4) as workers:
            asked = [asyncio.create_task(workers.ask(Question(SILENT, CSV), client="hog")) for _ in range(4)]
            asked += [asyncio.create_task(workers.ask(Question(SILENT, CSV), client=f"c{n}")) for n in range(4)]
            refused = []
            for task in asked:
                with pytest.raises(Refusal) as caught:
                    await task
                refused.append(caught.value.status)
                assert caught.value.status == 504 or int(caught.value.headers["retry-after"]) > 0
            return refused

    statuses = asyncio.run(story())
    # the hog: one runs, two wait, one is too much for it; the others: one runs, two wait, one finds the queue full
    assert statuses[3] == 429
    assert statuses[7] == 503
    assert statuses.count(504) >= 2


def test_a_worker_that_somebody_kills_costs_no_answer(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=1) as workers:
            await workers.ask(Question(COUNT, CSV), client="a")
            [worker] = workers._workers
            slow = " ".join(f"VALUES ?d{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(6))
            task = asyncio.create_task(workers.ask(Question(f"SELECT (COUNT(*) AS ?n) {{ {slow} }}", CSV), client="a"))
            await asyncio.sleep(0.02)
            os.kill(worker.process.pid, signal.SIGKILL)
            assert (await text(await task)).split() == ["n", "1000000"]

    asyncio.run(story())


def test_who_stops_reading_holds_the_worker_back_and_not_the_memory(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=1, seconds=1.5) as workers:
            answer = await workers.ask(Question(ENDLESS, CSV), client="a")
            assert answer.pieces is not None
            await anext(answer.pieces)
            await asyncio.sleep(0.5)
            [worker] = workers._workers
            assert worker.reply is not None
            assert worker.reply.waiting < 6 << 20
            await answer.pieces.aclose()  # type: ignore[attr-defined]
            assert workers.kills == 1

    asyncio.run(story())


# --- quick questions stand behind one another


QUICK = f"SELECT ?e {{ ?e a {KG.Edition} }}"


def test_quick_questions_share_a_worker_and_each_gets_its_own_answer(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=3) as workers:
            for _ in range(5):
                await workers.ask(Question(QUICK, CSV, shape="quick"), client="a")
            most = 0

            async def one(number: int) -> None:
                nonlocal most
                asked = asyncio.create_task(
                    workers.ask(Question(f"SELECT (({number}) AS ?n) {{}}", CSV, shape="quick"), client="a")
                )
                await asyncio.sleep(0)
                most = max(most, *(len(worker.replies) for worker in workers._workers))
                assert (await text(await asked)).split() == ["n", str(number)]

            await asyncio.gather(*(one(number) for number in range(30)))
            assert 1 < most <= DEPTH
            # On a busy machine some were asked elsewhere, and the first worker comes to them still.
            until = time.monotonic() + 5
            while workers.working and time.monotonic() < until:
                await asyncio.sleep(0.01)
            assert (workers.working, workers.waiting) == (0, 0)

    asyncio.run(story())


def test_who_stands_behind_a_slow_question_is_answered_elsewhere(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=3, seconds=1.5) as workers:
            for _ in range(5):
                await workers.ask(Question(QUICK, CSV, shape="quick"), client="a")
            # It passes for a quick one, and those behind it come in the same turn of the loop.
            slow = asyncio.create_task(workers.ask(Question(SILENT, CSV, shape="quick"), client="a"))
            rest = [asyncio.create_task(workers.ask(Question(QUICK, CSV, shape="quick"), client="a")) for _ in range(3)]
            began = time.monotonic()
            for task in rest:
                assert len((await text(await task)).split()) == 5
            assert time.monotonic() - began < 1.0
            with pytest.raises(Refusal) as caught:
                await slow
            assert caught.value.status == 504
            assert time.monotonic() - began < 2.3
            assert (workers.working, workers.waiting) == (0, 0)

    asyncio.run(story())


def test_a_question_that_ends_its_process_ends_none_behind_it(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=2, memory=256 << 20) as workers:
            for _ in range(5):
                await workers.ask(Question(QUICK, CSV, shape="quick"), client="a")
            bomb = asyncio.create_task(workers.ask(Question(GREEDY, CSV, shape="quick"), client="a"))
            rest = [asyncio.create_task(workers.ask(Question(QUICK, CSV, shape="quick"), client="a")) for _ in range(3)]
            for task in rest:
                assert len((await text(await task)).split()) == 5
            with pytest.raises(Refusal) as caught:
                await bomb
            assert caught.value.status == 422

    asyncio.run(story())


def test_quick_questions_keep_no_slow_one_waiting(folder: Path) -> None:
    async def story() -> None:
        async with pool(folder, running=2, seconds=5) as workers:
            for _ in range(5):
                await workers.ask(Question(QUICK, CSV, shape="quick"), client="a")
            over = False

            async def quick() -> None:
                while not over:
                    await workers.ask(Question(QUICK, CSV, shape="quick"), client="a")

            stream = [asyncio.create_task(quick()) for _ in range(12)]
            await asyncio.sleep(0.1)
            for _ in range(5):
                began = time.monotonic()
                await workers.ask(Question(COUNT, CSV), client="a")
                assert time.monotonic() - began < 1.0
            over = True
            await asyncio.gather(*stream)

    asyncio.run(story())


# --- what a worker may do


TRIES: dict[str, str] = {
    "read a file of the system": "open('/etc/passwd').read()",
    "list a folder": "os.listdir('/')",
    "write a file": "open('/tmp/kg-sandbox-test', 'w')",
    "write into the store": "open(folder + '/x', 'w')",
    "remove a file of the store": "os.unlink(folder + '/kept')",
    "rename a file of the store": "os.rename(folder + '/kept', folder + '/moved')",
    "make a folder": "os.mkdir(folder + '/y')",
    "call somebody": "socket.create_connection(('127.0.0.1', 9), 1)",
    "make a socket of any kind": "socket.socketpair()",
    "listen": "socket.create_server(('127.0.0.1', 0))",
    "start a program": "os.execv('/bin/true', ['true'])",
    "fork": "os.fork()",
    "kill": "os.kill(os.getppid(), 0)",
    "change the owner": "os.chown(folder + '/kept', 1, 1)",
}


@linux_only
@pytest.mark.parametrize("attempt", TRIES)
def test_a_worker_may_not(attempt: str, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    program = (
        "import os, pathlib, socket, sys\nfrom api import sandbox\n"
        f"folder = {str(tmp_path)!r}\n"
        "held = sandbox.confine(pathlib.Path(folder))\n"
        f"try:\n    {TRIES[attempt]}\nexcept PermissionError:\n    print(held, 'refused')\n"
        "print(open(folder + '/kept').read())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "seccomp refused" in done.stdout, done
    assert done.stdout.endswith("kept\n")
    assert (tmp_path / "kept").exists()


@linux_only
def test_a_call_to_another_server_that_gets_past_the_guard_reaches_nobody(folder: Path) -> None:
    async def story() -> None:
        with Canary() as canary:
            async with pool(folder, running=1) as workers:
                for silent in ("", "SILENT "):
                    question = Question(f"SELECT ?s ?p ?o {{ SERVICE {silent}<{canary.url}> {{ ?s ?p ?o }} }}", CSV)
                    with contextlib.suppress(StoreError):
                        assert (await text(await workers.ask(question, client="a"))).endswith("\r\n,,\r\n")
            assert not canary.called()

    asyncio.run(story())


@linux_only
def test_a_worker_dies_with_its_server(folder: Path) -> None:
    with serving(str(folder)) as server:
        workers = server.workers()
        assert len(workers) == Limits().running
        server.process.kill()
        server.process.wait()
        until = time.monotonic() + 5
        while any(alive(worker) for worker in workers):
            assert time.monotonic() < until
            time.sleep(0.02)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


# --- over HTTP


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with serving(str(folder), KG_QUERY_SECONDS="1.5", KG_QUERY_SLOTS="3", KG_QUERY_MEMORY="256") as found:
        yield found


def test_a_failure_before_the_first_byte_has_a_status_of_its_own(server: Server) -> None:
    for sparql, status in ((SILENT, 504), (GREEDY, 422), ("SELECT * {", 400)):
        found, headers, body = server.query(sparql)
        assert (found, headers["content-type"]) == (status, "application/problem+json"), body
    assert server.query(COUNT)[2].split() == [b"n", b"4"]


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
def test_a_failure_after_it_cuts_the_connection(server: Server, encoding: str) -> None:
    with pytest.raises(http.client.IncompleteRead):
        server.query(ENDLESS, **{"accept-encoding": encoding})
    assert server.query(COUNT)[0] == 200


def test_a_long_answer_comes_whole_and_ends(server: Server) -> None:
    five = " ".join(f"VALUES ?d{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(5))
    status, headers, body = server.query(f"SELECT * {{ {five} }}")
    assert (status, headers["transfer-encoding"]) == (200, "chunked")
    assert len(body.splitlines()) == 100_001


def test_when_the_client_leaves_its_query_ends(server: Server) -> None:
    wait_for(lambda: len(server.workers()) == 3, 2.0)
    before = set(server.workers())
    connection = server.connect()
    connection.request("GET", "/sparql?" + urlencode({"query": SILENT}))
    time.sleep(0.3)
    assert set(server.workers()) == before
    connection.close()
    wait_for(lambda: set(server.workers()) != before, 1.0)
    wait_for(lambda: len(server.workers()) == 3, 2.0)


def wait_for(happens: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_when_the_client_leaves_in_the_middle_its_query_ends(server: Server) -> None:
    wait_for(lambda: len(server.workers()) == 3, 2.0)
    before = set(server.workers())
    connection = server.connect()
    connection.request("GET", "/sparql?" + urlencode({"query": ENDLESS}))
    answer = connection.getresponse()
    assert (answer.status, len(answer.read(1_000))) == (200, 1_000)
    answer.close()
    connection.close()
    wait_for(lambda: set(server.workers()) != before, 1.0)
    wait_for(lambda: len(server.workers()) == 3, 2.0)
