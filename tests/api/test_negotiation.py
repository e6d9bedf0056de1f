"""Content negotiation, as RFC 9110 has it."""

import pytest

from api.negotiation import RESULTS, choose

OFFERS = list(RESULTS)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/sparql-results+json"),
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv;q=0.5, text/tab-separated-values;q=0.8", "text/tab-separated-values"),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "application/xml"),
        ("text/*", "text/xml"),
        ("text/*;q=0.3, text/csv;q=0", "text/xml"),
        ("*/*;q=0.1, application/sparql-results+xml;q=0.2", "application/sparql-results+xml"),
        ("application/json; charset=utf-8; q=1.0", "application/json"),
        ("text/turtle", None),
        ("text/csv;q=0", None),
        ("*/*;q=0", None),
        ("nonsense", None),
    ],
)
def test_the_offer_that_the_client_wants_most_is_chosen(accept: str | None, chosen: str | None) -> None:
    assert choose(accept, OFFERS) == chosen


def test_a_special_range_overrules_a_general_one() -> None:
    assert choose("text/turtle;q=0.1, */*;q=0.5", ["text/turtle", "application/n-triples"]) == "application/n-triples"
