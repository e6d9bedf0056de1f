"""A step and a Draft enter; the Draft leaves with what the step found, but for the paragraphs that it fails on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kg.model import Problem
from kg.reading.draft import Draft, Paragraph

Step = Callable[[Draft], Draft]
MOST = 20  # paragraphs that one step may fail on before it is given up for the whole article
UNREAD = "unread"  # the kind of a paragraph that a step doesn't get to see


def guarded(name: str, step: Step, draft: Draft) -> Draft:
    """Run a step. Each paragraph that it fails on is told as a problem with its span, and the others are read.

    The step needs no care of its own: where it fails, halving finds the shortest beginning of the article that it fails
    on, and the last paragraph of that is hidden from it. That costs log2(paragraphs) runs for each such paragraph, and
    nothing where nothing fails. A step that fails without any paragraph, or on more than ``MOST``, is left out whole.
    """
    hidden: dict[int, Exception] = {}
    while True:
        failed = _error(step, _without(draft, hidden))
        if isinstance(failed, Draft):
            return _restored(failed, draft, name, hidden)
        culprit = _first_to_fail(step, draft, hidden) if len(hidden) < MOST else None
        if culprit is None:
            problem = Problem(None, name, f"{_words(failed)}; the step was left out")
            return replace(draft, problems=(*draft.problems, problem))
        hidden[culprit[0]] = culprit[1]


def _error(step: Step, draft: Draft) -> Draft | Exception:
    try:
        return step(draft)
    except Exception as error:  # noqa: BLE001 -- the boundary: one paragraph is refused and the article goes on
        return error


def _without(draft: Draft, hidden: dict[int, Exception], *, stop: int | None = None) -> Draft:
    """Return the Draft with the hidden paragraphs, and all from ``stop`` on, out of the step's sight."""
    if not hidden and stop is None:
        return draft
    last = len(draft.paragraphs) if stop is None else stop
    return replace(
        draft,
        paragraphs=tuple(
            replace(paragraph, kind=UNREAD, doc=None) if i in hidden or i >= last else paragraph
            for i, paragraph in enumerate(draft.paragraphs)
        ),
    )


def _first_to_fail(step: Step, draft: Draft, hidden: dict[int, Exception]) -> tuple[int, Exception] | None:
    """Return the paragraph with which the step begins to fail, and its error; None when it fails on nothing at all."""
    low, high = 0, len(draft.paragraphs)
    if isinstance(_error(step, _without(draft, hidden, stop=0)), Exception):
        return None
    error: Exception | None = None
    while high - low > 1 or error is None:
        middle = (low + high) // 2 if high - low > 1 else high
        result = _error(step, _without(draft, hidden, stop=middle))
        if isinstance(result, Exception):
            high, error = middle, result
        elif middle == high:
            return None  # it fails no more: the step isn't deterministic
        else:
            low = middle
    return high - 1, error


def _restored(read: Draft, draft: Draft, name: str, hidden: dict[int, Exception]) -> Draft:
    if not hidden:
        return read
    told = [Problem(draft.paragraphs[i].span, name, _words(hidden[i])) for i in sorted(hidden)]
    paragraphs: list[Paragraph] = list(read.paragraphs)
    for i in hidden:
        paragraphs[i] = draft.paragraphs[i]
    return replace(read, paragraphs=tuple(paragraphs), problems=(*read.problems, *told))


def _words(error: Exception | Draft) -> str:
    return f"{type(error).__name__}: {error}"
