"""What `kg import`, `kg reread` and `kg quarantine retry` say: a bar, refusals, a closing table, or lines of JSON."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.importer import ImportReport, Outcome, Progress

_STAGES = {"read": "reading", "link": "linking", "publish": "publishing"}


class Talk:
    """The talk of one import: on stderr for people, and with ``as_json`` one object a line on stdout for machines.

    Each line of JSON has an ``event``: ``article`` (an outcome), ``stage`` (when one begins), ``end`` (the counts).
    """

    def __init__(self, *, quiet: bool, as_json: bool, total: int | None = None) -> None:
        from rich.console import Console

        self.quiet = quiet
        self.as_json = as_json
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._stage = ""
        self._started = time.monotonic()
        self._bar: Any = None
        if self.console.is_terminal and not quiet:
            from rich import progress

            self._bar = progress.Progress(
                progress.SpinnerColumn(),
                progress.TextColumn("{task.fields[stage]:10}"),
                progress.BarColumn(bar_width=24),
                progress.TextColumn("{task.fields[said]}"),
                progress.TimeElapsedColumn(),
                progress.TimeRemainingColumn(compact=True),
                console=self.console,
                transient=True,
            )
            self._task = self._bar.add_task("import", total=total, stage="loading", said="")

    def __enter__(self) -> Talk:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def tell(self, outcome: Outcome) -> None:
        """Say an article's fate: refusals to people, all of them to machines."""
        if outcome.state == "refused":
            # The reason often opens with the place; then once is enough.
            reason = (outcome.reason or "").removeprefix(f"{outcome.origin}: ")
            self.console.print(f"{outcome.origin} refused: {reason}", markup=False)
        if self.as_json:
            self._line({"event": "article"} | _fields(outcome))

    def wait(self, error: Exception) -> None:
        """Say that the next look tries again."""
        self.console.print(f"{error}; the next look tries again", markup=False)

    def step(self, step: Progress) -> None:
        """Move the bar, and say when a stage begins."""
        if step.stage != self._stage:
            self._stage = step.stage
            if self.as_json:
                self._line({"event": "stage", "stage": step.stage, "done": step.done})
        if self._bar:
            rate = step.done / max(time.monotonic() - self._started, 0.001)
            said = f"{step.done} read, {rate:.1f}/s" + (f", {step.refused} refused" if step.refused else "")
            title = f" · {step.title[:48]}" if step.title else ""
            # How many there will be is not known before the last file is loaded; those that wait are.
            self._bar.update(
                self._task, completed=step.done, total=step.taken, stage=_STAGES[step.stage], said=said + title
            )

    def close(self, report: ImportReport, *, timings: bool) -> None:
        """Say what came of it all."""
        if self.as_json:
            self._line(
                {
                    "event": "end",
                    "counts": report.counts,
                    "linked": report.linked,
                    "added": _fields(report.added) if report.added else None,
                    "seconds": report.seconds,
                    "elapsed": report.elapsed,
                    "peak_bytes": report.peak_bytes,
                    "version": report.version,
                }
            )
        if self.quiet:
            return
        counts = report.counts
        said = ", ".join(f"{number} {state}" for state, number in counts.items()) or "nothing to import"
        self.console.print(f"{said}; {report.elapsed:.1f} s; the store is at version {report.version}", markup=False)
        if report.linked:
            linked = ", ".join(f"{count} {what}" for what, count in report.linked.items())
            self.console.print(f"linked: {linked}", markup=False)
        if report.added and any(report.added.counts.values()):
            self.console.print(f"new: {_new(report)}", markup=False)
        if timings:
            self._timings(report)

    def _timings(self, report: ImportReport) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="")
        for column in ("stage", "seconds", "articles/s"):
            table.add_column(column, justify="left" if column == "stage" else "right")
        for stage, rate in report.rates().items():
            table.add_row(stage, f"{report.seconds[stage]:.2f}", f"{rate:.1f}")
        self.console.print(table)
        self.console.print(f"peak memory {report.peak_bytes / 2**20:.0f} MiB a process", markup=False)

    def _line(self, event: dict[str, Any]) -> None:
        import orjson

        sys.stdout.buffer.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()


def _fields(value: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(value)


def _new(report: ImportReport) -> str:
    """Return "14 actors (A, B, C …), 22 claims (“…” …)": what the store has now that it had not."""
    assert report.added is not None
    told = []
    for kind, number in report.added.counts.items():
        examples = [label if len(label) <= 60 else f"{label[:59]}…" for label in report.added.examples[kind]]
        if number:
            more = " …" if number > len(examples) else ""
            told.append(f"{number} {kind} ({'; '.join(examples)}{more})")
    return ", ".join(told)
