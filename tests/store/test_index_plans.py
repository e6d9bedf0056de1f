"""What SQLite does for a list: which tables it reads whole, how much it works, and when it is stopped."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date

import pytest
from big_index import FEW, HALF, NOBODY, big, of
from sample_readings import by_hand

from kg.linking import link
from kg.mapping import to_graph
from kg.store import open_store
from kg.store.index import Index, index_of, lists
from kg.store.index.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Condition,
    Contains,
    Ids,
    Not,
    OneOf,
    Overlap,
    Range,
    Related,
    Search,
)
from kg.store.index.definitions import STATEMENT
from kg.store.index.reading import After, DeadlineError, Tree, Wanted, Watch
from kg.store.index.watch import Read, rows_of

KEEL = Contains("name", "keel")
SAID = Related("speaker", where=KEEL)
MAY = Overlap("published", date(2031, 5, 1), date(2031, 5, 31))
DENIED = OneOf("act", ("deny",))
#: A filter, and the tables that may be read whole to work it out: texts that are searched for a part, and nothing else.
SHAPES: dict[str, tuple[Condition, set[str]]] = {
    "everything": (ALWAYS, set()),
    "one of a column": (DENIED, set()),
    "one of many columns": (OneOf("stance", ("denies",)), set()),
    "a range": (Range("confidence", 0.5, 0.6), set()),
    "some ids": (Ids(("https://example.org/a",)), set()),
    "a month": (MAY, set()),
    "since a day": (Overlap("published", date(2031, 5, 1), None), set()),
    "until a day": (Overlap("published", None, date(2031, 5, 1)), set()),
    "one day": (Overlap("published", date(2031, 5, 1), date(2031, 5, 1), exactly=True), set()),
    "words": (Search(("ferry", "held")), set()),
    "a part of the text": (Contains("text", "ferry"), {"statement__text"}),
    "a speaker by name": (Related("speaker", where=KEEL), {"source__name"}),
    "a speaker by words": (Related("speaker", where=Search(("keel",))), set()),
    "a speaker by IRI": (Related("speaker", iris=("https://example.org/a",)), set()),
    "an unnamed root": (Related("root", where=OneOf("unnamed", (True,))), set()),
    "two relations deep": (Related("article", where=Related("outlet", where=KEEL)), {"source__name"}),
    "there and back": (Related("event", where=Related("statement", where=SAID)), {"source__name"}),
    "both": (All((DENIED, Related("speaker", where=KEEL), MAY)), {"source__name"}),
}  # fmt: skip
#: What holds for most nodes can be found by looking at all of them only.
BROAD: dict[str, Condition] = {
    "not": Not(DENIED),
    "not this speaker": Not(Related("speaker", where=KEEL)),
    "either": AnyOf((DENIED, Related("speaker", where=KEEL))),
}
SCAN = re.compile(r"SCAN (?:TABLE )?(\w+)")


@pytest.fixture(scope="module")
def index() -> Index:
    store = open_store("memory:")
    store.put([to_graph(by_hand())])
    link(store)
    store.publish()
    found = index_of(store)
    assert found is not None
    return found


def tables(index: Index) -> set[str]:
    with index.lease() as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def read_whole(index: Index, read: Read) -> set[str]:
    """Return the tables of the index that a statement reads from end to end."""
    aliases = {alias: table for table, alias in re.findall(r"(?:FROM|JOIN) (\w+) (\w+)", read.text)}
    with index.lease() as database:
        steps = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {read.text}", read.parameters)]
    found = {aliases.get(name, name) for step in steps for name in SCAN.findall(step)}
    # Words are searched by their own index, which SQLite calls a scan of a virtual table.
    return {name for name in found & tables(index) if not name.endswith("__words")}


def asked(index: Index, wanted: Wanted, *, counted: bool) -> Iterator[Read]:
    reads: list[Read] = []
    watch = Watch(told=reads.append)
    index._remembered.clear()
    facets = (("act", 10), ("outlet", 10), ("stance", 10)) if counted else ()
    tree: Tree = {("speaker", False): {("identifiedAs", False): {}}, ("to", True): {}}
    index.page(wanted, first=20, tree=tree, count=counted, facets=facets, watch=watch)
    index.page(wanted, first=20, after=After("2031-05-01", "https://a/b"), tree=tree, watch=watch)
    assert len(reads) == 2
    yield from reads


@pytest.mark.parametrize("counted", [False, True], ids=["page", "counted"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_filter_is_worked_out_from_its_small_side(index: Index, shape: str, *, counted: bool) -> None:
    condition, may = SHAPES[shape]
    for read in asked(index, Wanted(STATEMENT, "newest", condition), counted=counted):
        # A page is a walk along the order: it begins at the first row and ends with the last that it needs.
        allowed = may if counted and condition != ALWAYS else may | {"statement"}
        assert read_whole(index, read) <= allowed, read.text


@pytest.mark.parametrize("shape", BROAD)
def test_what_most_nodes_meet_reads_them_once_and_no_other_table_more_often(index: Index, shape: str) -> None:
    for read in asked(index, Wanted(STATEMENT, "newest", BROAD[shape]), counted=True):
        assert read_whole(index, read) <= {"statement", "source__name"}, read.text


def test_what_is_counted_is_found_once_for_page_number_and_facets(index: Index) -> None:
    [first, _] = asked(index, Wanted(STATEMENT, "newest", Related("speaker", where=KEEL)), counted=True)
    assert first.text.count("instr(") == 1


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setattr(lists, "LOOK", request.param)


def texts(index: Index, wanted: Wanted, *, counted: bool) -> tuple[list[str], list[str]]:
    index._remembered.clear()
    found = index.page(wanted, first=2, count=counted)
    first = [found.iris[key] for key, _ in found.places.get(0, [])]
    if len(first) < 3:
        return first, []
    last, k = found.places[0][1]
    rest = index.page(wanted, first=9, after=After(k, found.iris[last]), count=counted)
    return first, [rest.iris[key] for key, _ in rest.places.get(0, [])]


@pytest.mark.parametrize("look", [1, 2, 3, 1_000], indirect=True)
@pytest.mark.usefixtures("look")
def test_pages_are_the_same_however_many_rows_are_looked_at_and_when_they_are_counted(index: Index) -> None:
    some = 0
    for condition in [condition for condition, _ in SHAPES.values()] + list(BROAD.values()) + [Contains("text", "the")]:
        for order in STATEMENT.orders:
            wanted = Wanted(STATEMENT, order, condition)
            page = texts(index, wanted, counted=False)
            assert page == texts(index, wanted, counted=True)
            assert len(set(page[0] + page[1])) == index.count(wanted)[0]
            some += bool(page[1])
    assert some > 6


# --- work

SMALL, LARGE = 3_000, 30_000


@pytest.fixture(scope="module")
def sizes() -> tuple[Index, Index]:
    return big(SMALL), big(LARGE)


def plain_work(index: Index, wanted: Wanted) -> int:
    return work(index, wanted, counted=True, facets=False)


def work(index: Index, wanted: Wanted, *, counted: bool, facets: bool = True, after: After | None = None) -> int:
    """Return how many hundreds of instructions SQLite runs for a page."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    index._remembered.clear()
    with index.lease() as database:
        database.set_progress_handler(step, 100)
    try:
        some = (("act", 10), ("speaker", 10)) if counted and facets else ()
        index.page(wanted, first=20, count=counted, facets=some, after=after)
    finally:
        with index.lease() as database:
            database.set_progress_handler(None, 0)
    return steps


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param(ALWAYS, id="everything"),
        pytest.param(OneOf("act", ("deny",)), id="a column"),
        pytest.param(Not(OneOf("act", ("deny",))), id="not"),
        pytest.param(of(HALF), id="a name of many"),
        pytest.param(of(FEW), id="a name of few"),
        pytest.param(Not(of(FEW)), id="not a name"),
        pytest.param(AnyOf((of(HALF), OneOf("act", ("deny",)))), id="either"),
        pytest.param(Contains("text", "the"), id="a common part"),
        pytest.param(Overlap("published", date(1, 1, 1), None), id="all days"),
        pytest.param(Overlap("published", date(2, 1, 1), date(2, 1, 31)), id="a month of none"),
        pytest.param(Range("confidence", 0.5, None), id="a range of none"),
        pytest.param(OneOf("act", ("offer",)), id="a value of none"),
    ],
)
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_a_page_costs_what_a_page_holds(sizes: tuple[Index, Index], order: str, condition: Condition) -> None:
    small, large = (work(index, Wanted(STATEMENT, order, condition), counted=False) for index in sizes)
    assert large <= small * 1.5 + 20


@pytest.mark.parametrize("order", STATEMENT.orders)
@pytest.mark.parametrize("places", [2, 15])
@pytest.mark.parametrize(
    "condition", [pytest.param(ALWAYS, id="everything"), pytest.param(of(HALF), id="a name of many")]
)
def test_a_page_far_behind_costs_what_the_first_does(
    sizes: tuple[Index, Index], order: str, condition: Condition, places: int
) -> None:
    wanted, index, at = Wanted(STATEMENT, order, condition), sizes[1], LARGE // places
    way = "DESC" if STATEMENT.orders[order].descending else "ASC"
    with index.lease() as database:
        k, iri = database.execute(
            f"SELECT k_{order}, iri FROM statement ORDER BY k_{order} {way}, iri LIMIT 1 OFFSET {at}"
        ).fetchone()
    far = work(index, wanted, counted=False, after=After(k, iri))
    assert far <= work(index, wanted, counted=False) * 2 + 40


def test_the_whole_list_counted_costs_the_same_at_any_size(sizes: tuple[Index, Index]) -> None:
    small, large = (work(index, Wanted(STATEMENT, "newest"), counted=True) for index in sizes)
    assert large <= small + 2


@pytest.mark.parametrize(
    ("condition", "rows", "each"),
    [
        # Instructions for each statement that meets it: found, counted, and by two facets.
        pytest.param(of(HALF), LARGE // 2, 100, id="a name of many"),
        pytest.param(Not(of(HALF)), LARGE // 2, 150, id="not a name"),
        pytest.param(OneOf("act", ("deny",)), LARGE // 4, 100, id="a column"),
        pytest.param(Contains("text", "the"), LARGE, 100, id="a common part"),
        pytest.param(Overlap("published", date(1, 1, 1), None), LARGE, 100, id="all days"),
        # And of those that few meet it costs what the search for the speakers does, not what there are of statements.
        pytest.param(of(FEW), LARGE // 100, 200, id="a name of few"),
        pytest.param(of(NOBODY), 1, 6_000, id="a name of none"),
        pytest.param(All((Contains("text", "the"), of(FEW))), LARGE // 100, 250, id="a common part of few"),
    ],
)
def test_what_is_counted_costs_in_proportion_to_what_meets_it(
    sizes: tuple[Index, Index], condition: Condition, rows: int, each: int
) -> None:
    wanted = Wanted(STATEMENT, "newest", condition)
    assert sizes[1].count(wanted)[0] in range(rows - 1, rows + 2)
    assert work(sizes[1], wanted, counted=True) * 100 <= rows * each


def test_what_an_index_counts_is_not_looked_at_one_by_one(sizes: tuple[Index, Index]) -> None:
    denied = Wanted(STATEMENT, "newest", OneOf("act", ("deny", "warn")))
    reads: list[Read] = []
    for index, rows in zip(sizes, (SMALL, LARGE), strict=True):
        index._remembered.clear()
        assert index.page(denied, first=20, count=True, watch=Watch(told=reads.append)).totals == {0: rows // 2}
    assert all("FROM facet" in read.text and "hit" not in read.text for read in reads)
    small, large = (plain_work(index, denied) for index in sizes)
    assert large <= small * 1.5 + 20


# --- time


def test_one_long_statement_is_stopped_when_the_time_is_over(sizes: tuple[Index, Index]) -> None:
    began = time.perf_counter()
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with sizes[0].lease() as database:
        with pytest.raises(DeadlineError):
            rows_of(database, "page", endless, [], Watch(time.perf_counter() + 0.05))
        assert time.perf_counter() - began < 10  # without its end it would run for ever
        # The connection is as good as before, and nothing stops the next.
        assert rows_of(database, "page", "SELECT count(*) FROM statement", [], Watch()) == [(SMALL,)]


def test_a_broad_filter_keeps_to_its_time(sizes: tuple[Index, Index]) -> None:
    broad = Wanted(STATEMENT, "in_text", Not(AnyOf((of(FEW), Contains("text", "zzz"), of(NOBODY)))))
    sizes[1]._remembered.clear()
    with pytest.raises(DeadlineError):
        sizes[1].count(broad, watch=Watch(time.perf_counter() - 1))
    assert sizes[1].count(broad)[0] > LARGE // 2  # what was stopped is not taken for counted
