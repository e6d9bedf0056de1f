"""Editions enter, pairs leave: which edition is a copy of which, and which revises which."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from kg.linking.corpus import Edition

SHINGLE = 5  # words; facts of near-duplicate detection in news use 4 to 6
SAME_TEXT = 0.6  # Jaccard of shingles above which two articles are one story's copies
PART_OF = 0.8  # a copy that cut its last paragraphs: share of the shorter text found in the longer
SHORTEST = 40  # shingles; below that a shared quotation alone could look like a copy


@dataclass(frozen=True, slots=True)
class Copy:
    """``later`` is a copy of ``earlier``; ``score`` is the larger of Jaccard and containment; basis as kgs:basis-…"""

    later: str
    earlier: str
    basis: str
    score: float


def shingles(text: str) -> frozenset[str]:
    """Return the runs of five words of a text, lower case, without marks."""
    words = re.findall(r"\w+", text.lower())
    return frozenset(" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))


def _age(edition: Edition) -> tuple[str, str]:
    return (edition.published.isoformat() if edition.published else "9999"), edition.iri


def _comes_before(one: Edition, other: Edition) -> bool:
    """Tell which of two copies is the original: the one whose outlet the other credits, else the older one."""
    credited = [bool(a.outlet) and str(a.outlet) in b.text for a, b in ((one, other), (other, one))]
    if credited[0] != credited[1]:
        return credited[0]
    return _age(one) < _age(other)


def find_copies(editions: Iterable[Edition]) -> list[Copy]:
    """Find syndicated and re-posted copies; editions of one URL are revisions, not copies.

    Candidates by MinHash LSH (Broder 1997), each verified on the whole sets of shingles; near-linear in the editions.
    """
    editions = sorted(editions, key=_age)
    found: dict[str, Copy] = {}
    by_hash: dict[str, Edition] = {}
    sets: dict[str, frozenset[str]] = {}
    for edition in editions:
        first = by_hash.setdefault(edition.sha256, edition)
        if first is not edition:
            found[edition.iri] = Copy(edition.iri, first.iri, "same-text", 1.0)
        else:
            sets[edition.iri] = shingles(edition.text)
    of_iri = {edition.iri: edition for edition in editions}
    for later, earlier in _candidates(sets):
        if _comes_before(of_iri[later], of_iri[earlier]):
            later, earlier = earlier, later
        if later in found or (of_iri[later].url and of_iri[later].url == of_iri[earlier].url):
            continue
        shared = len(sets[later] & sets[earlier])
        jaccard = shared / len(sets[later] | sets[earlier])
        contained = shared / min(len(sets[later]), len(sets[earlier]))
        if jaccard >= SAME_TEXT or contained >= PART_OF:
            found[later] = Copy(later, earlier, "near-text", round(max(jaccard, contained), 2))
    return [found[iri] for iri in sorted(found)]


def _candidates(sets: dict[str, frozenset[str]]) -> list[tuple[str, str]]:
    long_enough = {iri: words for iri, words in sets.items() if len(words) >= SHORTEST}
    if len(long_enough) < 2:
        return []
    if len(long_enough) <= 60:  # every pair costs less than importing the sketches' library (1.5 s)
        names = sorted(long_enough)
        return [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if long_enough[a] & long_enough[b]]
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(threshold=0.4, num_perm=128)
    sketches = {}
    for iri, words in long_enough.items():
        sketch = MinHash(num_perm=128, seed=1)
        sketch.update_batch([word.encode() for word in words])
        sketches[iri] = sketch
        lsh.insert(iri, sketch)
    pairs = {
        tuple(sorted((iri, other))) for iri, sketch in sketches.items() for other in lsh.query(sketch) if other != iri
    }
    return sorted((a, b) for a, b in pairs)


def revisions(editions: Iterable[Edition]) -> list[tuple[str, str]]:
    """Return (later, earlier) for editions of one URL, each with its direct predecessor."""
    by_url: dict[str, list[Edition]] = defaultdict(list)
    for edition in editions:
        if edition.url:
            by_url[edition.url].append(edition)
    pairs = []
    for group in by_url.values():
        group = sorted(group, key=_age)
        pairs += [(later.iri, earlier.iri) for earlier, later in pairwise(group)]
    return sorted(pairs)
