"""Filters of many shapes over the synthetic statements, each as a page and as a page that is counted."""

from __future__ import annotations

from typing import Any

PAGE = """query ($filter: StatementFilter, $order: StatementOrder) {
  statements(filter: $filter, orderBy: $order) { nodes { id text act speaker { name } } } }"""
COUNTED = """query ($filter: StatementFilter, $order: StatementOrder) {
  statements(filter: $filter, orderBy: $order) { totalCount facets { act { value count } outlet { label count } }
    nodes { id text act speaker { name } } } }"""

SELECTIVE, BROAD = "Person 7", "Person"
SPEAKER: dict[str, Any] = {"speaker": {"name": SELECTIVE}}
MONTH = {"from": "2021-01-01", "to": "2021-01-31"}
#: Name -> filter and order.
SHAPES: dict[str, tuple[dict[str, Any] | None, str]] = {
    "everything": (None, "NEWEST"),
    "speaker by name, few": (SPEAKER, "NEWEST"),
    "speaker by name, most": ({"speaker": {"name": BROAD}}, "NEWEST"),
    "speaker by name, none": ({"speaker": {"name": "Nobody"}}, "NEWEST"),
    "outlet by name": ({"outlet": {"name": "Outlet 7"}}, "NEWEST"),
    "unnamed root": ({"root": {"unnamed": True}}, "NEWEST"),
    "one act": ({"act": ["DENY"]}, "NEWEST"),
    "most acts": ({"act": ["STATE", "WARN"]}, "NEWEST"),
    "an act of none": ({"act": ["OFFER"]}, "NEWEST"),
    "a range, all": ({"confidence": {"min": 0.5}}, "NEWEST"),
    "a range, none": ({"confidence": {"min": 0.95}}, "NEWEST"),
    "a month": ({"published": MONTH}, "NEWEST"),
    "one day": ({"published": {"on": "2021-01-01"}}, "NEWEST"),
    "since a day": ({"published": {"from": "2021-01-01"}}, "NEWEST"),
    "part of the text, most": ({"text": "bri"}, "NEWEST"),
    "part of the text, few": ({"text": "uixotr"}, "NEWEST"),
    "words, most": ({"search": "bridge"}, "NEWEST"),
    "words, few": ({"search": "quixotry"}, "NEWEST"),
    "words, act and outlet": ({"search": "bridge", "act": ["DENY"], "outlet": {"name": "Outlet 7"}}, "NEWEST"),
    "part of the text and speaker": ({"text": "bri"} | SPEAKER, "NEWEST"),
    "not an act": ({"not": {"act": ["STATE"]}}, "NEWEST"),
    "not a speaker": ({"not": SPEAKER}, "NEWEST"),
    "act or speaker": ({"or": [{"act": ["DENY"]}, SPEAKER]}, "NEWEST"),
    "act and speaker": ({"act": ["DENY"]} | SPEAKER, "NEWEST"),
    "article, outlet": ({"inArticle": {"outlet": {"name": "Outlet 7"}}}, "NEWEST"),
    "article, statement, speaker": ({"inArticle": {"statement": SPEAKER}}, "NEWEST"),
    "claim, statement, speaker": ({"inClaim": {"statement": SPEAKER}}, "NEWEST"),
    "event, statement, act": ({"aboutEvent": {"statement": {"act": ["DENY"]}}}, "NEWEST"),
    "oldest, speaker": (SPEAKER, "OLDEST"),
    "oldest, not an act": ({"not": {"act": ["STATE"]}}, "OLDEST"),
    "oldest, one act": ({"act": ["DENY"]}, "OLDEST"),
}
