"""The store on disk: one writer, readers that follow generations, and nothing that lies about what it holds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from store_samples import BASE, edition

from kg.errors import StoreError, UsageError
from kg.store import open_store
from kg.store.generations import KEPT

HARBOUR = edition("harbour", "The", "harbour", "was", "sold")
MINE = edition("mine", "The", "mine", "was", "closed")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def generations(url: str) -> list[int]:
    return sorted(int(path.name) for path in Path(url, "generations").iterdir() if path.is_dir())


def test_a_second_writer_is_refused_in_words(url: str) -> None:
    with open_store(url), pytest.raises(StoreError, match=r"another `kg import` is writing to .*; wait for it"):
        open_store(url)


def test_a_second_writer_in_another_process_is_refused_and_the_first_goes_on(url: str) -> None:
    with open_store(url) as first:
        program = f"from kg.store import open_store\nopen_store({url!r})"
        second = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        first.put([HARBOUR])
        assert "another `kg import` is writing" in second.stderr
        assert first.count() == len(HARBOUR)


def test_the_next_writer_finds_what_the_last_one_put(url: str) -> None:
    with open_store(url) as writer:
        writer.put([HARBOUR])
    with open_store(url) as writer:
        assert writer.graph(HARBOUR.name) == HARBOUR


def test_readers_work_beside_the_writer_and_see_published_data_only(url: str) -> None:
    with open_store(url) as writer, open_store(url, read_only=True) as reader:
        writer.put([HARBOUR])
        assert reader.count() == 0
        writer.publish()
        assert reader.graph(HARBOUR.name) == HARBOUR


def test_an_open_reader_moves_to_each_new_generation(url: str) -> None:
    with open_store(url) as writer, open_store(url, read_only=True) as reader:
        versions = [reader.version()]
        for number in range(KEPT + 2):
            writer.put([edition(f"number-{number}", "word")])
            writer.publish()
            versions.append(reader.version())
            assert len(reader.graph_names()) == number + 1
        assert versions == ["1", "2", "3", "4", "5", "6"]


def test_the_last_three_generations_are_kept(url: str) -> None:
    with open_store(url) as writer:
        for number in range(5):
            writer.put([edition(f"number-{number}", "word")])
            writer.publish()
        assert generations(url) == [4, 5, 6]


def test_an_old_generation_stays_until_its_reader_moves_on_or_ends(url: str) -> None:
    with open_store(url) as writer:
        reader = open_store(url, read_only=True)
        for number in range(5):
            writer.put([edition(f"number-{number}", "word")])
            writer.publish()
        assert generations(url) == [1, 4, 5, 6], "the first is held, its followers are not"
        assert len(reader.graph_names()) == 5, "it moves on with its next question"
        writer.put([HARBOUR])
        writer.publish()
        assert generations(url) == [5, 6, 7]
        reader.close()
        for number in range(2):
            writer.put([edition(f"later-{number}", "word")])
            writer.publish()
        assert generations(url) == [7, 8, 9]


def test_publishing_nothing_new_makes_no_generation(url: str) -> None:
    with open_store(url) as writer:
        writer.put([HARBOUR])
        writer.publish()
        writer.put([HARBOUR])
        writer.publish()
        assert generations(url) == [1, 2]
        assert writer.version() == "2"


def test_what_was_put_and_not_published_is_published_by_the_next_writer(url: str) -> None:
    with open_store(url) as writer:
        writer.put([HARBOUR])
        unpublished = writer.version()
    with open_store(url) as writer:
        assert writer.version() not in ("1", unpublished)
        writer.publish()
        assert writer.version() == "2"
    with open_store(url, read_only=True) as reader:
        assert reader.graph(HARBOUR.name) == HARBOUR


def test_a_reader_whose_generation_was_removed_goes_on_answering(url: str) -> None:
    with open_store(url) as writer:
        writer.put([HARBOUR])
        writer.publish()
    with open_store(url, read_only=True) as reader:
        for path in Path(url, "generations").rglob("*"):
            if path.is_file():
                path.unlink()
        assert reader.graph(HARBOUR.name) == HARBOUR


def test_a_reader_refuses_to_write(url: str) -> None:
    open_store(url).close()
    with open_store(url, read_only=True) as reader:
        for attempt in (
            lambda: reader.put([HARBOUR]),
            lambda: reader.update("DROP ALL"),
            reader.publish,
        ):
            with pytest.raises(StoreError, match="reading only"):
                attempt()


def test_a_reader_sees_the_journal(url: str) -> None:
    from kg.store.journal import Receipt

    with open_store(url) as writer:
        writer.journal.received([Receipt(HARBOUR.name.value, raw_sha256="ab")])
        with open_store(url, read_only=True) as reader:
            assert reader.journal.state(HARBOUR.name.value) == "received"
            with pytest.raises(StoreError, match="can't be written"):
                reader.journal.forget([HARBOUR.name.value])


def test_reading_where_there_is_no_store_says_how_to_make_one(url: str) -> None:
    with pytest.raises(StoreError, match="there is no store here; make one with `kg import"):
        open_store(url, read_only=True)
    assert not Path(url).exists()


def test_a_folder_of_other_things_is_not_made_a_store(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(StoreError, match="holds other things than a store"):
        open_store(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_base_iri_stays_with_the_store(url: str) -> None:
    with open_store(url, base_iri=BASE) as writer:
        assert writer.base_iri == BASE
    with open_store(url, read_only=True) as reader:
        assert reader.base_iri == BASE
    with pytest.raises(UsageError, match=f"made with the base IRI {BASE}, not https://other"):
        open_store(url, base_iri="https://other.example/")


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    open_store(url).close()
    Path(url, "store.json").write_text(json.dumps({"format": 99, "base": BASE}))
    with pytest.raises(StoreError, match="newer version"):
        open_store(url)


def test_a_damaged_current_is_told_and_not_guessed(url: str) -> None:
    open_store(url).close()
    Path(url, "CURRENT").write_text("../../etc")
    with pytest.raises(StoreError, match="should hold a number"):
        open_store(url, read_only=True)


def test_an_unknown_scheme_names_the_known_ones() -> None:
    with pytest.raises(StoreError, match=r"no store is known for 'gopher'; there are http, https, memory, oxigraph"):
        open_store("gopher://example.org")


def test_a_scheme_and_a_plain_path_open_the_same_store(url: str) -> None:
    with open_store(f"oxigraph:{url}") as writer:
        writer.put([HARBOUR])
    with open_store(url) as writer:
        assert writer.count() == len(HARBOUR)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from store_samples import edition
from kg.store import open_store

store = open_store({url!r})
number = 0
while True:
    store.put([edition("same", *["old" if number % 2 else "new"] * 300), edition(f"number-{{number}}", "word")])
    print(number, flush=True)
    number += 1
"""


def test_a_killed_writer_leaves_whole_graphs_and_all_that_it_acknowledged(url: str) -> None:
    program = KILLED.format(tests=str(Path(__file__).parent), url=url)
    for round_ in range(3):
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            acknowledged = -1
            for line in process.stdout:
                acknowledged = int(line)
                if acknowledged >= 3 + round_:
                    os.kill(process.pid, signal.SIGKILL)
                    break
            for line in process.stdout:
                acknowledged = int(line)
        with open_store(url) as store:
            whole = [edition("same", *[word] * 300) for word in ("old", "new")]
            assert store.graph(whole[0].name) in whole
            names = {name.value for name in store.graph_names()}
            assert {f"{BASE}edition/number-{number}" for number in range(acknowledged + 1)} <= names


FULL = """
import resource, sys
sys.path.insert(0, {tests!r})
from store_samples import edition
from kg.errors import StoreError
from kg.store import open_store

with open_store({url!r}) as store:
    store.put([edition("kept", "word")])
    store.publish()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # No file may grow past 64 kB: what a full disk looks like to the engine.
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    try:
        for number in range(1_000):
            store.put([edition(f"number-{{number}}", *["word"] * 300)])
        print("never full")
    except StoreError as error:
        print("told" if "make room" in str(error) else error)
    kept = {{name.value for name in store.graph_names()}}
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    store.put([edition("after", "word")])
    store.publish()
    assert kept <= {{name.value for name in store.graph_names()}}, "what was acknowledged is lost"
    print(store.graph(edition("after").name) == edition("after", "word"))
"""


def test_a_full_disk_is_told_and_forgotten_when_there_is_room(url: str) -> None:
    program = FULL.format(tests=str(Path(__file__).parent), url=url)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["told", "True"], done.stderr
    with open_store(url, read_only=True) as reader:
        assert edition("after", "word") == reader.graph(edition("after").name)


def test_a_put_is_on_the_disk_when_it_returns(url: str, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: whether a put is synchronised can't be seen from inside")
    program = (
        f"import os, sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom store_samples import edition\n"
        f"from kg.store import open_store\nstore = open_store({url!r})\nos.write(2, b'MARK before')\n"
        "store.put([edition('harbour', 'sold')])\nos.write(2, b'MARK after')\n"
    )
    trace = tmp_path / "trace"
    command = [strace, "-f", "-y", "-e", "trace=fsync,fdatasync,write", "-o", str(trace), sys.executable, "-c", program]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")
    calls = trace.read_text(errors="replace")
    put = calls[calls.index("MARK before") : calls.index("MARK after")]
    synchronised = [line for line in put.splitlines() if "sync(" in line and "/primary/" in line]
    assert synchronised, "nothing of the store was synchronised before the put was acknowledged"


def test_readers_never_see_half_an_article_while_generations_change(url: str) -> None:
    whole = [edition("same", *[word] * 60) for word in ("old", "new")]
    torn: list[object] = []
    stop = threading.Event()
    with open_store(url) as writer:
        writer.put(whole[:1])
        writer.publish()
        with open_store(url, read_only=True) as reader:
            seen: set[str] = set()

            def read() -> None:
                while not stop.is_set():
                    graph = reader.graph(whole[0].name)
                    seen.add(graph.digest())
                    if graph not in whole:
                        torn.append(graph)
                    stop.wait(0.001)  # the writer is of this process, too: let it have its turn

            threads = [threading.Thread(target=read) for _ in range(2)]
            for thread in threads:
                thread.start()
            for number in range(20):
                writer.put([whole[number % 2]])
                writer.publish()
            stop.set()
            for thread in threads:
                thread.join()
    assert torn == []
    assert seen == {graph.digest() for graph in whole}
