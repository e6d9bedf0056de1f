"""Articles and stores to import with: ready-made records (no parser needed), a plug-in reader, dumps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from kg.record import dump_line, from_record
from kg.store.base import Store

HARBOURS = ("Port Alda", "Stellmark", "Grey Quay", "Tarn Haven", "Lower Sound", "Osmund Bay")
SPEAKERS = ("Helena Brandvold", "Joren Falkwyn", "Ilse Brandt", "Tomas Verrin")


def record(number: int, *, outlet: str = "Harbour Post", words: str | None = None) -> bytes:
    """A ready-made record of one article with one statement, as a line."""
    speaker, harbour = SPEAKERS[number % len(SPEAKERS)], HARBOURS[number % len(HARBOURS)]
    said = words or f"pier {number} of {harbour} stays closed until the crew of ship {number * 7} is paid"
    text = f"Pier {number} of {harbour}\n\n“The {said},” {speaker} said on Monday.\n"
    content = text.index("The ")
    name = text.index(speaker)
    end = text.index(",”")
    data = {
        "record": 1,
        "article": {
            "text": text, "language": "en", "title": f"Pier {number} of {harbour}", "origin": f"piers.jsonl:{number}",
            "url": f"https://post.example/{number}", "outlet": {"name": outlet, "from": "metadata"},
            "published": {"edtf": f"2026-03-{number % 27 + 1:02}", "from": "metadata"},
        },
        "sources": [
            {"key": "o1", "kind": "outlet", "name": outlet, "unnamed": False, "roles": [], "mentions": []},
            {
                "key": "a1", "kind": "person", "name": speaker, "unnamed": False, "roles": [],
                "mentions": [{"start": name, "end": name + len(speaker), "kind": "name"}],
            },
        ],
        "statements": [
            {
                "key": "s1", "speaker": "a1", "mode": "direct", "act": "state", "polarity": "positive",
                "certainty": "certain", "content": [{"start": content, "end": end}],
                "quoted": [{"start": content, "end": end}], "confidence": 0.9, "rule": "hand",
                "chain": [
                    {"source": "o1", "act": "publishes", "certainty": "certain", "evidence": None},
                    {"source": "a1", "act": "say", "certainty": "certain", "evidence": None},
                ],
            }
        ],
        "run": {"reader": "hand", "version": "1"},
    }  # fmt: skip
    return dump_line(from_record(data))


def records(numbers: Iterable[int]) -> bytes:
    return b"".join(record(number) for number in numbers)


def story(number: int, *, statements: int = 10) -> bytes:
    """A ready-made record of an article as news has them: ten statements by four people in 2,500 characters."""
    parts = [f"Piers {number} to {number + statements} of {HARBOURS[number % len(HARBOURS)]}\n"]
    places: dict[str, list[tuple[int, int]]] = {speaker: [] for speaker in SPEAKERS}
    quoted: list[tuple[str, int, int]] = []

    def add(words: str) -> tuple[int, int]:
        start = sum(map(len, parts))
        parts.append(words)
        return start, start + len(words)

    for at in range(statements):
        speaker = SPEAKERS[(number + at) % len(SPEAKERS)]
        add("\n“")
        harbour = HARBOURS[(number + at) % len(HARBOURS)]
        said = add(f"Berth {number * 31 + at * 7} of {harbour} is closed to ship {number * 7 + at}")
        add(",” ")
        places[speaker].append(add(speaker))
        quoted.append((speaker, *said))
        add(
            f" said on Monday. Crew {number + at} had waited there since the storm of last week, when the wind tore "
            f"the roof off shed {at} and the cranes stood still for {at + 2} days.\n"
        )
    key = {speaker: f"a{place}" for place, speaker in enumerate(SPEAKERS, start=1)}
    data = {
        "record": 1,
        "article": {
            "text": "".join(parts), "language": "en", "title": parts[0].strip(), "origin": f"piers.jsonl:{number}",
            "url": f"https://post.example/{number}", "outlet": {"name": "Harbour Post", "from": "metadata"},
            "published": {"edtf": f"2026-03-{number % 27 + 1:02}", "from": "metadata"},
        },
        "sources": [
            {"key": "o1", "kind": "outlet", "name": "Harbour Post", "unnamed": False, "roles": [], "mentions": []},
            *(
                {
                    "key": key[speaker], "kind": "person", "name": speaker, "unnamed": False, "roles": [],
                    "mentions": [{"start": start, "end": end, "kind": "name"} for start, end in found],
                }
                for speaker, found in places.items() if found
            ),
        ],
        "statements": [
            {
                "key": f"s{place}", "speaker": key[speaker], "mode": "direct", "act": "state", "polarity": "positive",
                "certainty": "certain", "content": [{"start": start, "end": end}],
                "quoted": [{"start": start, "end": end}], "confidence": 0.9, "rule": "hand",
                "chain": [
                    {"source": "o1", "act": "publishes", "certainty": "certain", "evidence": None},
                    {"source": key[speaker], "act": "say", "certainty": "certain", "evidence": None},
                ],
            }
            for place, (speaker, start, end) in enumerate(quoted, start=1)
        ],
        "run": {"reader": "hand", "version": "1"},
    }  # fmt: skip
    return dump_line(from_record(data))


def rows(file: Path, texts: Iterable[str], *, outlet: str = "Harbour Post") -> Path:
    """Write articles as JSON Lines."""
    lines = [
        {"id": str(i), "outlet": outlet, "published": "2026-03-09", "title": f"Text {i}", "text": text}
        for i, text in enumerate(texts)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


def dump(store: Store) -> str:
    return "".join(store.graph(name).nquads() for name in store.graph_names())


# A reader that does what an article asks for; children find it by its entry point, like any other.
PLUG_IN = """
import os, signal, time
from kg.model import Reading, Run, Source

class Obedient:
    name = "obedient"
    version = "1"

    def read(self, article):
        text = article.text
        if "hang" in text:
            time.sleep(3600)
        if "spin" in text:
            while True:
                pass
        if "die" in text:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "vanish" in text and not os.path.exists(os.environ["VANISHED"]):
            open(os.environ["VANISHED"], "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        if "grow" in text:
            held = []
            while True:
                held.append(bytearray(16 * 2**20))
        if "raise" in text:
            raise RuntimeError("the reader stumbled")
        if "print" in text:
            print("a library talks on standard output")
        outlet = Source("o1", "outlet", article.outlet.name if article.outlet else None)
        return Reading(article=article, sources=(outlet,), run=Run(self.name, self.version))

READER = Obedient()
"""


def plug_in(folder: Path, *, version: str = "1") -> Path:
    """Lay the reader ``obedient`` down in a folder as an installed package would lie there."""
    folder.mkdir(exist_ok=True)
    (folder / "obedient_reader.py").write_text(PLUG_IN.replace('version = "1"', f'version = "{version}"'), "utf-8")
    info = folder / "obedient_reader-1.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: obedient-reader\nVersion: 1\n", "utf-8")
    (info / "entry_points.txt").write_text("[kg.readers]\nobedient = obedient_reader:READER\n", "utf-8")
    return folder
