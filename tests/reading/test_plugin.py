"""A plug-in reader asks an OpenAI-compatible endpoint; what it answers is verified, and made-up words are rejected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from articles import article

from kg.errors import KgError, UsageError
from kg.model import Reading
from kg.record import from_record, to_record

PLUGIN = Path(__file__).parents[2] / "examples" / "plugins" / "openai-compatible"
TEXT = (
    "Ana Lind, the mayor of Oldwick, said on Monday that the ships were ready. “We sail,” she told Reuters.\n\n"
    "An official denied the claim."
)
Json = dict[str, Any]
ANSWER: Json = {
    "sources": [
        {"id": "a", "name": "Ana Lind", "kind": "person",
         "roles": [{"label": "mayor of Oldwick", "status": "current"},
                   {"label": "queen of Oldwick", "status": "current"}]},
        {"id": "b", "name": "Reuters", "kind": "outlet"},
        {"id": "c", "name": "An official", "kind": "person", "unnamed": True, "number": 1},
        {"id": "d", "name": "Otto Made-Up", "kind": "person"},
    ],
    "statements": [
        {"speaker": "a", "speaker_words": "Ana Lind", "content": ["the ships were ready"], "cue": "said",
         "act": "state", "mode": "indirect", "certainty": "certain"},
        {"speaker": "a", "speaker_words": "she", "content": ["We sail,"], "quoted": ["We sail,"], "cue": "told",
         "mode": "direct", "act": "state", "through": ["b"]},
        {"speaker": "a", "content": ["the ships were unready"], "cue": "said", "mode": "indirect", "act": "state"},
        {"speaker": "c", "content": ["the claim"], "cue": "refuted", "mode": "indirect", "act": "deny",
         "polarity": "negative"},
        {"speaker": "d", "content": ["We sink"], "mode": "direct", "act": "shout"},
    ],
}  # fmt: skip


class Stub(BaseHTTPRequestHandler):
    """An endpoint that answers what the test put into ``reply`` and keeps what it was asked."""

    asked: list[Json] = []  # noqa: RUF012 -- the handler class is made anew for each server
    reply: Callable[[Json], bytes]

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append({"path": self.path, "key": self.headers.get("Authorization"), **question})
        body = type(self).reply(question)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        return


def chat(answer: object) -> bytes:
    words = answer if isinstance(answer, str) else json.dumps(answer)
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": words}}]}).encode()


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Stub]]:
    handler = type("Handler", (Stub,), {"asked": [], "reply": staticmethod(lambda question: chat(ANSWER))})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("KG_OPENAI_URL", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("KG_OPENAI_MODEL", "tiny")
    monkeypatch.syspath_prepend(str(PLUGIN))
    yield handler
    server.shutdown()
    server.server_close()
    thread.join()


def read(text: str = TEXT) -> Reading:
    from kg_openai_reader import READER

    reading = READER.read(article(text))
    assert isinstance(reading, Reading)
    return reading


def test_what_stands_in_the_text_is_taken_and_what_does_not_is_rejected_and_counted(stub: type[Stub]):
    reading = read()
    names = {one.key: one.name for one in reading.sources}
    found = [
        (names[one.speaker or ""], [span.of(TEXT) for span in one.content], one.cue.of(TEXT) if one.cue else None)
        for one in reading.statements
    ]
    assert found == [
        ("Ana Lind", ["the ships were ready"], "said"),
        ("Ana Lind", ["We sail,"], "told"),
        ("An official", ["the claim"], None),
    ]
    assert [names[link.source] for link in reading.statements[1].chain] == ["Examiner", "Reuters", "Ana Lind"]
    assert [role.label for one in reading.sources for role in one.roles] == ["mayor of Oldwick"]
    assert [problem.message for problem in reading.problems] == [
        "2 of 5 statements rejected: their words don't stand in the text",
        "3 cues, speakers, roles or names left out: they don't stand in the text",
    ]
    assert (reading.run.reader, reading.run.model) == ("openai-compatible", "tiny")
    assert from_record(to_record(reading)) == reading


def test_the_article_is_asked_about_as_chat_completion(stub: type[Stub]):
    read()
    (question,) = stub.asked
    assert (question["path"], question["model"], question["key"]) == ("/v1/chat/completions", "tiny", None)
    assert question["messages"][-1] == {"role": "user", "content": TEXT}


def test_a_long_article_is_asked_about_piece_by_piece(stub: type[Stub]):
    text = "\n".join([TEXT] + ["The weather was fine all day long, and nobody spoke." * 20] * 30 + [TEXT])
    reading = read(text)
    assert "".join(question["messages"][-1]["content"] for question in stub.asked) == text
    assert len(stub.asked) > 2
    # What an answer says of a piece that does not hold it is rejected there; both other pieces give their statements.
    assert [span.of(text) for one in reading.statements for span in one.content].count("the ships were ready") == 2
    assert len([one for one in reading.sources if one.name == "Ana Lind"]) == 1


@pytest.mark.parametrize("answer", ["sorry, no", "[]", '{"statements": 7, "sources": "x"}', "{}", "```json\n{}\n```"])
def test_an_answer_that_is_none_is_an_error_or_empty(stub: type[Stub], answer: str):
    stub.reply = staticmethod(lambda question: chat(answer))
    if answer.startswith(("sorry", "[")):
        with pytest.raises(KgError, match="answered"):
            read()
    else:
        assert read().statements == ()


def test_without_an_endpoint_the_way_out_is_named(stub: type[Stub], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("KG_OPENAI_URL")
    with pytest.raises(UsageError, match="KG_OPENAI_URL"):
        read()


@pytest.mark.slow
def test_an_import_names_the_plug_in_by_its_entry_point(stub: type[Stub], tmp_path: Path):
    """As pip would install it: a folder with the metadata of the entry point on the path."""
    info = tmp_path / "site" / "kg_openai_reader-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kg-openai-reader\nVersion: 0.1.0\n")
    declared = (PLUGIN / "pyproject.toml").read_text("utf-8").split('[project.entry-points."kg.readers"]')[1]
    (info / "entry_points.txt").write_text("[kg.readers]\n" + declared.replace('"', "").strip() + "\n")
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    paths = os.pathsep.join([str(tmp_path / "site"), str(PLUGIN)])
    kg = [sys.executable, "-m", "kg"]
    env = os.environ | {"PYTHONPATH": paths}
    store = str(tmp_path / "store")
    options = ["--outlet", "Examiner", "--published", "2024-05-15", "--reader", "openai-compatible"]
    done = subprocess.run([*kg, "import", "a.txt", "--store", store, *options], cwd=tmp_path, env=env,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    asked = "PREFIX kg: <https://w3id.org/on-the-record/ns#> SELECT ?r WHERE { ?run a kg:ExtractionRun ; kg:reader ?r }"
    out = subprocess.run([*kg, "query", asked, "--store", store, "--format", "csv"], cwd=tmp_path, env=env,
                         capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert "openai-compatible" in out
