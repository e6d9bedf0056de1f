"""A piece of text enters, the JSON object of the model's answer leaves."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from importlib.resources import files
from urllib.parse import urlsplit

from kg.errors import KgError

LARGEST = 4_000_000  # bytes of an answer


class EndpointError(KgError):
    """The endpoint did not answer, or with something that is no object in JSON."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask: base URL, the model's name, a key where one is needed, seconds to wait."""

    url: str
    model: str
    key: str | None
    timeout: float


def ask(endpoint: Endpoint, text: str) -> dict[str, object]:
    """Return the answer on a piece of text. Raises EndpointError; asks once, the importer's caller decides on more."""
    if urlsplit(endpoint.url).scheme not in ("http", "https"):
        raise EndpointError(f"KG_OPENAI_URL {endpoint.url!r} is no http or https address")
    question = {
        "model": endpoint.model,
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [
            {"role": "system", "content": (files(__package__) / "question.md").read_text("utf-8")},
            {"role": "user", "content": text},
        ],
    }
    headers = {"Content-Type": "application/json"} | (
        {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    )
    request = urllib.request.Request(f"{endpoint.url}/chat/completions", json.dumps(question).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=endpoint.timeout) as reply:
            body = reply.read(LARGEST)
    except (OSError, urllib.error.URLError) as error:
        raise EndpointError(f"{endpoint.url} did not answer: {error}") from error
    try:
        words = json.loads(body)["choices"][0]["message"]["content"]
        answer = json.loads(_without_fence(words))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise EndpointError(f"{endpoint.url} answered what is no object in JSON: {body[:200]!r}") from error
    if not isinstance(answer, dict):
        raise EndpointError(f"{endpoint.url} answered JSON that is no object: {body[:200]!r}")
    return answer


def _without_fence(words: str) -> str:
    """Return JSON without the Markdown fence that models like to put around it."""
    words = words.strip()
    return words.strip("`").removeprefix("json") if words.startswith("```") else words
