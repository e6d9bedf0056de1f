"""A page's cleaned tree enters, the element that holds the story leaves: where paragraphs stand close, with few links.

After Mozilla's Readability (https://github.com/mozilla/readability), cut down to what news pages need.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_UNLIKELY = re.compile(
    r"-ad-|banner|breadcrumb|combx|comment|community|cover-wrap|disqus|extra|footer|gdpr|header|legends|menu|related|remark|"
    r"replies|rss|shoutbox|sidebar|skyscraper|social|sponsor|supplemental|ad-break|agegate|pagination|pager|popup|promo|"
    r"newsletter|subscribe|recommend|outbrain|taboola|cookie|consent|most-read|trending",
    re.IGNORECASE,
)
_LIKELY = re.compile(r"and|article|body|column|content|main|shadow|story|text|entry", re.IGNORECASE)
_POSITIVE = re.compile(r"article|body|content|entry|hentry|h-entry|main|page|post|text|blog|story", re.IGNORECASE)
_NEGATIVE = re.compile(
    r"-ad-|hidden|^hid$| hid$| hid |^hid |banner|combx|comment|com-|contact|footer|gdpr|masthead|media|meta|outbrain|"
    r"promo|related|scroll|share|shoutbox|sidebar|skyscraper|sponsor|shopping|tags|widget|caption|newsletter|teaser",
    re.IGNORECASE,
)
_TAGS = {
    "div": 5, "article": 8, "main": 5, "pre": 3, "td": 3, "blockquote": 3, "address": -3, "ol": -3, "ul": -3, "dl": -3,
    "dd": -3, "dt": -3, "li": -3, "form": -3, "h1": -5, "h2": -5, "h3": -5, "h4": -5, "th": -5,
}  # fmt: skip
_BLOCKS = frozenset(
    ("blockquote", "dl", "div", "ol", "p", "pre", "table", "ul", "section", "article", "figure", "main")
)
_NEVER = ("nav", "footer", "form", "aside", "header", "figure")
_COMMA = re.compile("[,،﹐︐﹑⹁⸴⸲，、]")
_LEAST = 25
_ANCESTORS = 5


def story_paragraphs(tree: HtmlElement) -> HtmlElement | None:
    """Return a new element with the story's blocks in order, None where no element holds one. Linear in the tree."""
    tree = deepcopy(tree)
    _drop_unlikely(tree)
    scores = _scores(tree)
    if not scores:
        return None
    ranked = sorted(scores, key=lambda one: -scores[one])
    top = _common(ranked, scores)
    story = _with_siblings(top, scores)
    _drop_lists_of_links(story)
    return story


def _drop_unlikely(tree: HtmlElement) -> None:
    body = tree.find("body")
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.getparent() is None or element is body:
            continue
        about = f"{element.get('class') or ''} {element.get('id') or ''}"
        hidden = "display:none" in (element.get("style") or "").replace(" ", "") or element.get("aria-hidden") == "true"
        unlikely = (
            _UNLIKELY.search(about)
            and not _LIKELY.search(about)
            and element.tag not in ("body", "a", "html", "article", "main")
        )
        if hidden or unlikely or element.tag in ("nav", "footer") or element.get("role") in _ROLES:
            element.drop_tree()


_ROLES = ("menu", "menubar", "complementary", "navigation", "alert", "alertdialog", "dialog", "banner", "contentinfo")


def _weight(element: HtmlElement) -> int:
    weight = 0
    for about in (element.get("class"), element.get("id")):
        if about:
            weight += 25 * (_POSITIVE.search(about) is not None) - 25 * (_NEGATIVE.search(about) is not None)
    return weight


def _scores(tree: HtmlElement) -> dict[HtmlElement, float]:
    scores: dict[HtmlElement, float] = {}
    for element in tree.iter("p", "td", "pre", "div", "section", "h2", "h3", "h4", "h5", "h6", "blockquote"):
        # A div with words of its own and no block in it is a paragraph that was not called one.
        if element.tag in ("div", "section", "blockquote") and any(
            child.tag in _BLOCKS for child in element.iter() if child is not element
        ):
            words = " ".join([element.text or "", *((child.tail or "") for child in element)])
        else:
            words = str(element.text_content())
        words = " ".join(words.split())
        if len(words) < _LEAST:
            continue
        score = 1 + len(_COMMA.findall(words)) + min(len(words) // 100, 3)
        for level, ancestor in enumerate(element.iterancestors()):
            if level >= _ANCESTORS or ancestor.tag == "html":
                break
            if ancestor not in scores:
                scores[ancestor] = _TAGS.get(str(ancestor.tag), 0) + _weight(ancestor)
            scores[ancestor] += score / (1 if level == 0 else 2 if level == 1 else level * 3)
    return {element: score * (1 - _link_density(element)) for element, score in scores.items()}


def _link_density(element: HtmlElement) -> float:
    length = len(" ".join(str(element.text_content()).split()))
    linked = sum(len(" ".join(str(one.text_content()).split())) for one in element.iter("a"))
    return min(1.0, linked / length) if length else 0.0


def _common(ranked: list[HtmlElement], scores: dict[HtmlElement, float]) -> HtmlElement:
    """Return the top element, or the ancestor that it shares with three others nearly as good."""
    top = ranked[0]
    close = [one for one in ranked[1:6] if scores[one] >= 0.75 * scores[top]]
    if len(close) >= 3:
        for ancestor in top.iterancestors():
            if ancestor.tag in ("body", "html"):
                break
            if sum(ancestor in list(one.iterancestors()) for one in close) >= 3:
                return ancestor
    # An only child's parent has the same words, and brothers to look at.
    parent = top.getparent()
    while parent is not None and parent.tag not in ("body", "html") and len(parent) == 1:
        top, parent = parent, parent.getparent()
    return top


def _with_siblings(top: HtmlElement, scores: dict[HtmlElement, float]) -> HtmlElement:
    from lxml import html as lxml_html

    story = lxml_html.Element("div")
    parent = top.getparent()
    threshold = max(10.0, scores.get(top, 0.0) * 0.2)
    for one in list(parent) if parent is not None and parent.tag != "html" else [top]:
        bonus = scores.get(top, 0.0) * 0.2 if one.get("class") and one.get("class") == top.get("class") else 0.0
        keep = one is top or (one in scores and scores[one] + bonus >= threshold)
        if not keep and one.tag == "p":
            words, density = " ".join(str(one.text_content()).split()), _link_density(one)
            keep = (len(words) > 80 and density < 0.25) or (
                0 < len(words) <= 80 and density == 0 and ". " in words + " "
            )
        if keep:
            one.tail = None
            story.append(one)
    return story


def _drop_lists_of_links(story: HtmlElement) -> None:
    for element in list(story.iter(*_NEVER, "ul", "ol", "dl", "table", "div", "section")):
        if element is story or element.getparent() is None:
            continue
        words = " ".join(str(element.text_content()).split())
        if element.tag in ("nav", "footer", "form", "aside"):
            drop = True
        elif element.tag in ("header", "figure"):
            drop = len(words) < 400
        else:
            density = _link_density(element)
            bad = _weight(element) < 0 and len(_COMMA.findall(words)) < 10
            drop = density > 0.5 or (density > 0.2 and len(words) < 200 and element.tag != "div") or bad
        if drop:
            element.drop_tree()
