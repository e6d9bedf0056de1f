"""An Article enters, a Reading leaves, made by any OpenAI-compatible endpoint; what isn't in the text is rejected."""

from __future__ import annotations

import os
from dataclasses import dataclass

from kg.errors import UsageError
from kg.lines import complete
from kg.model import Article, Reading
from kg.record import from_record
from kg_openai_reader.answers import Answers
from kg_openai_reader.endpoint import Endpoint, ask

NAME = "openai-compatible"
VERSION = "0.1.0"
LONGEST = 12_000  # characters of one question


@dataclass(frozen=True, slots=True)
class OpenAIReader:
    """What the entry point names; settings are read from the environment when an article is read."""

    name: str = NAME
    version: str = VERSION

    def read(self, article: Article) -> Reading:
        """Ask for each piece of the text. Raises UsageError without an endpoint, EndpointError where none answers."""
        endpoint = _endpoint()
        full, layout = complete(article)
        answers = Answers(full)
        for start, end in _pieces(full.text):
            answers.add(ask(endpoint, full.text[start:end]), start, end)
        return from_record(answers.record(layout, reader=NAME, version=VERSION, model=endpoint.model))


def _endpoint() -> Endpoint:
    url = os.environ.get("KG_OPENAI_URL")
    if not url:
        raise UsageError("The reader openai-compatible needs KG_OPENAI_URL, for example http://127.0.0.1:8080/v1")
    return Endpoint(
        url.rstrip("/"),
        os.environ.get("KG_OPENAI_MODEL", "default"),
        os.environ.get("KG_OPENAI_KEY"),
        float(os.environ.get("KG_OPENAI_TIMEOUT", "120")),
    )


def _pieces(text: str) -> list[tuple[int, int]]:
    """Cut a text at line ends into pieces that a model can bear."""
    pieces = []
    start = 0
    while len(text) - start > LONGEST:
        cut = text.rfind("\n", start + 1, start + LONGEST) + 1 or start + LONGEST
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, len(text))]


READER = OpenAIReader()
