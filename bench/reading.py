"""How fast the reader reads: articles of 500 words a second on one core, and what two processes gain, in one run.

    python bench/reading.py [ARTICLES.jsonl]

Without a file it takes the example articles. Both sides take turns; median of five. Prints a ratio with the input's
size, the machine's cores and the commit.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from kg.articles import collect
from kg.model import Article
from kg.reading import read
from kg.reading.parser import load

ROOT = Path(__file__).parents[1]
ROUNDS = 5


def one(article: Article) -> int:
    return len(read(article).statements)


def peak(_: int) -> float:
    """Return the most memory that this worker has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def main() -> None:
    paths = sys.argv[1:] or [str(ROOT / "examples" / "articles")]
    articles = [item for item in collect(paths) if isinstance(item, Article)][:60]
    words = sum(len(article.text.split()) for article in articles)
    load()
    alone: list[float] = []
    parse_only: list[float] = []
    pooled: list[float] = []
    nlp = load().nlp
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(one, articles[:4]))  # each process loads its model
        for _ in range(ROUNDS):
            started = time.perf_counter()
            for article in articles:
                one(article)
            alone.append(time.perf_counter() - started)
            started = time.perf_counter()
            for article in articles:
                list(nlp.pipe(article.text.splitlines(), batch_size=32))
            parse_only.append(time.perf_counter() - started)
            started = time.perf_counter()
            list(pool.map(one, articles, chunksize=1))
            pooled.append(time.perf_counter() - started)
        memory = max(pool.map(peak, range(4)))
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    single = statistics.median(alone)
    print(
        json.dumps(
            {
                "articles": len(articles),
                "words": words,
                "articles_of_500_words_a_second": round(words / 500 / single, 1),
                "parse_alone_to_read": round(statistics.median(parse_only) / single, 2),
                "two_processes_to_one": round(single / statistics.median(pooled), 2),
                "peak_mb_a_worker": round(memory),
                "cores": os.cpu_count(),
                "rounds": ROUNDS,
                "commit": commit,
            }
        )
    )


if __name__ == "__main__":
    main()
