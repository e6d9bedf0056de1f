"""A PDF enters, the Article of its text layer leaves; its lines are joined to paragraphs, offsets count in these."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kg.articles import bounds
from kg.articles.build import build
from kg.articles.clean import MAX_BYTES
from kg.articles.metadata import Metadata, names_of
from kg.articles.values import Given, Item
from kg.errors import ArticleError

_LARGEST = 60_000_000
_MOST_PAGES = 400
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad]\n(?=[^\W\d_])")
# A line of a paragraph is about as long as the others; a much shorter one ends it.
_ENDS_SHORT = 0.75
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)]*$")
_PAGE_NUMBER = re.compile(r"^\W*(?:page\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PdfFormat:
    """Files of one article."""

    name: str = "pdf"
    suffixes: tuple[str, ...] = (".pdf",)

    def sniff(self, source: bytes, origin: str) -> bool:
        return b"%PDF-" in source[:1024]

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        try:
            bounds.check(len(source), _LARGEST, origin=given.origin, what="a PDF", way_out="save its text as a file")
            text, metadata = _read(source, given.origin)
            yield build(text, given, metadata)
        except ArticleError as error:
            yield error


FORMAT = PdfFormat()


def _read(source: bytes, origin: str) -> tuple[str, Metadata]:
    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of each oddity; we tell what became of it
    try:
        reader = pypdf.PdfReader(io.BytesIO(source))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ArticleError(f"{origin}: the PDF is locked by a password; save an open copy")
        count = len(reader.pages)
        if count > _MOST_PAGES:
            raise ArticleError(f"{origin}: {count:,} pages are no article; cut it into articles")
        pages: list[str] = []
        for page in reader.pages:
            pages.append(page.extract_text())
            if sum(map(len, pages)) > MAX_BYTES:
                raise ArticleError(
                    f"{origin}: its text is longer than the {MAX_BYTES:,} that one article may have; split it"
                )
        metadata = _metadata(reader.metadata)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, RecursionError,
            NotImplementedError, ZeroDivisionError, AssertionError, MemoryError) as error:  # fmt: skip
        # pypdf raises whatever a damaged object leads to
        why = " ".join(str(error).split())[:150] or type(error).__name__
        raise ArticleError(f"{origin}: the PDF can't be read ({why}); save its text as a file") from None
    text = join_lines(pages)
    if sum(sign.isalpha() for sign in text) < 20:
        raise ArticleError(f"{origin}: the PDF has no text layer, it is a picture; run OCR over it (ocrmypdf) first")
    return text, metadata


def join_lines(pages: list[str]) -> str:
    """Join printed lines to paragraphs: hyphens at line ends and page numbers go, a short line ends a paragraph."""
    lines: list[str] = []
    for page in pages:
        printed = [line.strip() for line in page.replace("\x00", "").splitlines()]
        while printed and (not printed[-1] or _PAGE_NUMBER.match(printed[-1])):
            printed.pop()
        lines.extend(printed)
    lengths = sorted(len(line) for line in lines if len(line) > 20)
    usual = lengths[len(lengths) * 3 // 4] if lengths else 0
    found: list[str] = []
    current = ""
    for line in lines:
        if not line:
            found.append(current)
            current = ""
            continue
        current = f"{current}\n{line}" if current else line
        short = len(line) < usual * _ENDS_SHORT
        if short and (_SENTENCE_END.search(line) or "\n" not in current):
            found.append(current)
            current = ""
    found.append(current)
    joined = (_HYPHEN.sub("", one).replace("\n", " ") for one in found)
    return "\n\n".join(" ".join(one.split()) for one in joined if one.strip())


def _metadata(info: Any) -> Metadata:
    """Return what the document says of itself; its dates are those of the file, not of publication."""
    if not info:
        return Metadata()
    title, author = str(info.get("/Title") or "").strip(), str(info.get("/Author") or "").strip()
    looks_made = title.lower().endswith((".doc", ".docx", ".indd", ".pdf", ".qxd")) or title.lower().startswith(
        "microsoft"
    )
    return Metadata(
        title=" ".join(title.split())[:500] or None if not looks_made else None,
        authors=names_of(author) if " " in author else (),
    )
