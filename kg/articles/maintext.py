"""A page's cleaned tree enters, the paragraphs of its story leave.

Two extractors look for the story: trafilatura, and a density measure after Readability. Where they agree, the first
is taken; where one finds far less, the text of the page's own JSON-LD decides, else the one that found more.
"""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING

from kg.articles.density import story_paragraphs
from kg.articles.markup import paragraphs

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_WORD = re.compile(r"\w+")
# Under that share of the longer text an extractor has lost the story or taken a part of it.
_FAR_LESS = 0.6
# trafilatura writes TEI.
_AS_HTML = {"head": "h3", "lb": "br", "list": "ul", "item": "li", "row": "tr", "cell": "td", "quote": "blockquote"}
# Of a paragraph that is a link only a label ("MORE: ") may stand outside it.
_LABEL = 0.15
_LONGEST_PROMOTION = 250
_CAPTIONS = ("figcaption",)
# A story's own words in JSON-LD are a witness only when they are more than a lead.
_WITNESS = 120


def main_paragraphs(tree: HtmlElement, *, body: str | None = None, url: str | None = None) -> list[str]:
    """Return the paragraphs of the story, none where the page holds none. ``body`` is JSON-LD's articleBody."""
    for caption in list(tree.iter(*_CAPTIONS)):
        caption.drop_tree()
    _drop_promotion(tree)
    found = [_trafilatura(tree, url), _density(tree)]
    witness = _words(body) if body else Counter()
    if witness.total() >= _WITNESS:
        best = max(found, key=lambda one: _agreement(_words(" ".join(one)), witness))
        if _agreement(_words(" ".join(best)), witness) < 0.5:  # the page draws its story by script
            return [line.strip() for line in (body or "").split("\n") if line.strip()]
        return best
    first, second = found
    sizes = [sum(map(len, one)) for one in found]
    if sizes[0] < _FAR_LESS * sizes[1]:
        return second
    return first or second


def _drop_promotion(tree: HtmlElement) -> None:
    """Take away paragraphs, points and headings that are nothing but a link: "Read more: five bridges that failed"."""
    for block in list(tree.iter("p", "li", "h2", "h3", "h4", "h5")):
        words = " ".join(str(block.text_content()).split())
        links = " ".join(" ".join(str(link.text_content()).split()) for link in block.iter("a"))
        if links and len(words) < _LONGEST_PROMOTION and len(words) - len(links) <= _LABEL * len(words):
            block.drop_tree()


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


def _agreement(words: Counter[str], witness: Counter[str]) -> float:
    shared = (words & witness).total()
    return 2 * shared / (words.total() + witness.total()) if shared else 0.0


def _trafilatura(tree: HtmlElement, url: str | None) -> list[str]:
    import trafilatura

    # Without its fallbacks: they are slow, and on 45 pages they spoilt more than they saved (docs/formats.md).
    document = trafilatura.bare_extraction(
        deepcopy(tree), url=url, fast=True, include_comments=False, include_tables=True, with_metadata=False
    )
    body = getattr(document, "body", None)
    if body is None:
        return []
    for element in body.iter():
        element.tag = _AS_HTML.get(element.tag, element.tag)
    return paragraphs(body)


def _density(tree: HtmlElement) -> list[str]:
    story = story_paragraphs(tree)
    return [] if story is None else paragraphs(story)
