"""Gold files enter; how well our reading agrees with them leaves, as figures that anybody can compute again.

The measures are those of the field: word overlap of statements, TIMEX3 values, B-cubed and pairwise clusters.
``predictions`` scores a file instead of reading; a Result keeps what was predicted, in the same format.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from kg.errors import UsageError
from kg.evaluation.agreement import evaluate_agreement
from kg.evaluation.clusters import evaluate_entities, evaluate_events
from kg.evaluation.quotes import evaluate_quotes
from kg.evaluation.result import Result
from kg.evaluation.run import Read
from kg.evaluation.statements import evaluate_statements
from kg.evaluation.times import evaluate_times

__all__ = [
    "Result",
    "evaluate",
    "evaluate_agreement",
    "evaluate_entities",
    "evaluate_events",
    "evaluate_quotes",
    "evaluate_statements",
    "evaluate_times",
]


class _Evaluate(Protocol):
    def __call__(self, gold: Sequence[Path], *, predictions: Path | None, read: Read | None) -> Result: ...


MEASURES: dict[str, _Evaluate] = {
    "quotes": evaluate_quotes,
    "statements": evaluate_statements,
    "times": evaluate_times,
    "entities": evaluate_entities,
    "events": evaluate_events,
    "agreement": evaluate_agreement,
}


CLUSTERED = {"entities": evaluate_entities, "events": evaluate_events}


def evaluate(
    what: str,
    gold: Sequence[Path],
    *,
    predictions: Path | None = None,
    read: Read | None = None,
    gold_mentions: bool = False,
) -> Result:
    """Measure one of ``MEASURES`` on gold files; ``read`` is the house's reader unless another is given.

    ``gold_mentions`` gives the reader the spans of entities or events, so that their clusters alone are measured.

    Raises UsageError when there is no such measure, ArticleError when a gold or prediction file can't be used.
    """
    if what not in MEASURES:
        raise UsageError(f"There is no measure {what!r}; there are {', '.join(MEASURES)}")
    if gold_mentions:
        if what not in CLUSTERED:
            raise UsageError(f"Gold mentions can be given for {' and '.join(CLUSTERED)}, not for {what}")
        return CLUSTERED[what](gold, predictions=predictions, read=read, gold_mentions=True)
    return MEASURES[what](gold, predictions=predictions, read=read)
