"""What is imported and what is refused, and how well pages are read: each file of the corpora, in one run.

    python bench/formats.py [CORPORA]           the table of docs/formats.md: format, files, articles, refused
    python bench/formats.py --reasons [CORPORA] every refusal with its reason
    python bench/formats.py --pages [CORPORA]   main text, titles and dates of html-readability

CORPORA is ../shared/corpora beside the checkout unless given. Main text is measured as F1 of its words (a bag of them,
lower case) against the expected text, mean over the pages; a title counts when it is the expected one, with or without
the outlet's name behind or before it; a date, when it is the same day. Nothing is written.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from kg.articles import load
from kg.articles.collect import find_files
from kg.articles.metadata import edtf_date
from kg.articles.registry import choose
from kg.errors import ArticleError
from kg.model import Article

ROOT = Path(__file__).parents[1]
# Gold, scorers and descriptions: nothing that news comes in.
NOT_INPUT = ("statements/", "/specification/", "README", "ATTRIBUTION", "LICENSE", "expected.html", "expected-metadata")
WORD = re.compile(r"\w+")


def files(corpora: Path) -> Iterator[Path]:
    for path in find_files(corpora):
        name = path.relative_to(corpora).as_posix()
        if not any(part in name for part in NOT_INPUT):
            yield path


def table(corpora: Path, *, reasons: bool) -> None:
    rows: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    started = time.perf_counter()
    for path in files(corpora):
        source = path.read_bytes()
        name = path.relative_to(corpora).as_posix()
        try:
            known = choose(source, origin=name).name
        except ArticleError:
            known = "unknown"
        row = rows[name.split("/")[0], known]
        row["files"] += 1
        for item in load(source, origin=name):
            if isinstance(item, ArticleError):
                row["refused"] += 1
                if reasons:
                    print(item)
            else:
                row["articles"] += 1
                if isinstance(item, Article):
                    row["excerpts"] += item.excerpt
                    row["dated"] += item.published is not None
                    row["titled"] += item.title is not None
    if reasons:
        return
    print("| folder | format | files | articles | of these excerpts | with title | with date | refused |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for (folder, known), row in sorted(rows.items()):
        figures = " | ".join(f"{row[key]:,}" for key in ("files", "articles", "excerpts", "titled", "dated", "refused"))
        print(f"| {folder} | {known} | {figures} |")
    total: Counter[str] = Counter()
    for row in rows.values():
        total.update(row)
    figures = " | ".join(f"{total[key]:,}" for key in ("files", "articles", "excerpts", "titled", "dated", "refused"))
    print(f"| all | | {figures} |")
    print(f"{time.perf_counter() - started:.0f} s on one core", file=sys.stderr)


def pages(corpora: Path) -> None:
    from lxml import html

    scores: list[float] = []
    titles: list[bool] = []
    dates: list[bool] = []
    for folder in sorted((corpora / "html-readability" / "pages").iterdir()):
        expected = json.loads((folder / "expected-metadata.json").read_text(encoding="utf-8"))
        story = " ".join(html.fromstring((folder / "expected.html").read_text(encoding="utf-8")).itertext())
        (item,) = load((folder / "source.html").read_bytes(), origin=f"{folder.name}.html")
        article = item if isinstance(item, Article) else None
        scores.append(f1(article.text if article else "", story))
        if expected.get("title"):
            titles.append(same_title(article.title if article else None, expected["title"]))
        if expected.get("publishedTime"):
            found = article.published.edtf if article and article.published else None
            dates.append(found == edtf_date(expected["publishedTime"]))
        print(f"{folder.name:30} {scores[-1]:.3f}", file=sys.stderr)
    print(f"{len(scores)} pages: F1 {sum(scores) / len(scores):.3f}; titles {sum(titles)} of {len(titles)}; ", end="")
    print(f"dates {sum(dates)} of {len(dates)}")


def f1(text: str, expected: str) -> float:
    """Return the F1 of two bags of words."""
    one, other = (Counter(WORD.findall(words.lower())) for words in (text, expected))
    shared = (one & other).total()
    return 2 * shared / (one.total() + other.total()) if shared else 0.0


def same_title(found: str | None, expected: str) -> bool:
    """Tell whether two titles are one, the outlet's name behind or before a separator aside."""
    if not found:
        return False
    title, wanted = (" ".join(words.split()).lower() for words in (found, expected))
    rest = wanted.replace(title, "", 1).strip() if title in wanted else None
    return rest == "" or (rest is not None and len(title) > 15 and (rest[0] in "-|[_–—:·»" or rest[-1] in "-|–—:·«"))


def main() -> None:
    arguments = [word for word in sys.argv[1:] if not word.startswith("--")]
    corpora = Path(arguments[0]) if arguments else ROOT.parent / "shared" / "corpora"
    if not corpora.is_dir():
        print(f"skipped: {corpora} is not there; give the folder of the corpora")
        return
    if "--pages" in sys.argv:
        pages(corpora)
    else:
        table(corpora, reasons="--reasons" in sys.argv)


if __name__ == "__main__":
    main()
