"""A question in SPARQL enters; its answer leaves, whole or in pieces, from a thread or from a process of the pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from api.limits import Runner
from kg.store.base import Store
from kg.store.guard import has_dataset

#: Returns when the client has hung up.
Gone = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the media type to answer in, one that the store knows. The text has passed the guard, or is ours.

    Without ``union`` a query that names no graph sees the unnamed one alone. ``shape`` is the text without its IRIs and
    strings (:func:`kg.store.guard.shape`): queries of one shape cost about the same; "" when it is not known.
    """

    text: str
    accept: str
    union: bool = True
    shape: str = ""


@dataclass(slots=True)
class Answer:
    """An answer: ``body`` when it came in one piece; else ``pieces``, which raise CutOff when the rest never comes."""

    media: str
    version: str
    body: bytes | None = None
    pieces: AsyncIterator[bytes] | None = None
    timings: dict[str, float] = field(default_factory=dict)  # milliseconds


class CutOff(Exception):  # noqa: N818  it says what happened to the answer
    """The rest of an answer, whose beginning was sent, will not come: the connection must be cut."""


class Answers(Protocol):
    """Answers questions in SPARQL; Refusal 504 at the deadline, 503 when too many wait, 429 when one client does."""

    @property
    def version(self) -> str:
        """Return the version of the data that a question asked now is answered from."""

    async def ask(self, question: Question, *, client: str, gone: Gone | None = None) -> Answer:
        """Answer; ``client`` is whose turn it is, and ``gone`` returns when nobody waits for the answer any more."""

    async def start(self) -> None:
        """Be ready to answer."""

    def close(self) -> None: ...


class ThreadAnswers:
    """Answers in threads of the server: for stores that no other process can open (memory:), or that answer elsewhere.

    Only the guard protects the server then, and a query that runs past its time goes on.
    """

    def __init__(self, store: Store, runner: Runner) -> None:
        self._store = store
        self._runner = runner

    @property
    def version(self) -> str:
        return self._store.version()

    async def start(self) -> None:
        """Nothing to do."""

    async def ask(self, question: Question, *, client: str, gone: Gone | None = None) -> Answer:
        version = self.version
        body, media = await self._runner.run(_evaluate, question)
        return Answer(media.partition(";")[0], version, body)

    def close(self) -> None:
        """Nothing to do: the runner is closed by its owner."""


def _evaluate(store: Store, question: Question) -> tuple[bytes, str]:
    if question.union:
        return store.query(question.text, accept=question.accept, trusted=True)
    return store.query(question.text, accept=question.accept, trusted=True, union=False)


def sees_union(question: Question) -> bool:
    """Tell whether the question sees all graphs where it names none: not when it names its own dataset."""
    return question.union and not has_dataset(question.text)
