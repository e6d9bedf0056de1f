"""The table of outlets: by domain, by name, in running text."""

from pathlib import Path

import pytest

from kg import outlets
from kg.errors import LexiconError


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.nytimes.com/2022/02/27/world/x.html", "The New York Times"),
        ("http://en.kremlin.ru/events/1", "Kremlin.ru"),
        ("kyivindependent.com", "The Kyiv Independent"),
        ("https://KYIVINDEPENDENT.com:443/a?b#c", "The Kyiv Independent"),
    ],
)
def test_a_url_belongs_to_the_outlet_of_its_domain(url: str, name: str) -> None:
    found = outlets.by_domain(url)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("url", ["https://notnytimes.com/", "https://nytimes.com.evil.example/", "http://[", "", "com"])
def test_a_host_that_only_looks_like_one_belongs_to_nobody(url: str) -> None:
    assert outlets.by_domain(url) is None


@pytest.mark.parametrize("name", ["The Guardian", "the guardian", "GUARDIAN", " Guardian "])
def test_case_and_article_do_not_count_in_a_name(name: str) -> None:
    found = outlets.by_name(name)
    assert found is not None
    assert found.name == "The Guardian"


def names(text: str) -> list[tuple[str, str]]:
    return [(span.of(text), entry.name) for span, entry in outlets.find_names(text)]


def test_names_are_found_in_running_text_the_longest_first() -> None:
    text = "He told the Washington Post, the Guardian and RIA Novosti; Reuters’ reporter asked AFP."
    assert names(text) == [
        ("the Washington Post", "The Washington Post"),
        ("the Guardian", "The Guardian"),
        ("RIA Novosti", "RIA Novosti"),
        ("Reuters", "Reuters"),
        ("AFP", "Agence France-Presse"),
    ]


def test_a_line_break_inside_a_name_does_not_hide_it() -> None:
    assert names("the New York\nTimes reported") == [("the New York\nTimes", "The New York Times")]


def test_everyday_words_are_no_outlets() -> None:
    assert names("Time flies in the sun. People of Nature, a guardian, met the Post and Reutersville.") == []


def test_match_at_counts_from_the_whole_text() -> None:
    text = "said CNN."
    found = outlets.match_at(text, 5)
    assert found is not None
    assert found[0].of(text) == "CNN"
    assert outlets.match_at(text, 0) is None


def test_every_row_has_a_kind_and_no_name_or_domain_twice() -> None:
    entries = outlets.outlets().entries
    assert len(entries) > 300
    strong = [
        name
        for entry in entries
        for name in {name.lower().removeprefix("the ") for name in (entry.name, *entry.aliases)}
    ]
    assert sorted(name for name in set(strong) if strong.count(name) > 1) == []
    domains = [domain for entry in entries for domain in entry.domains]
    assert sorted(domain for domain in set(domains) if domains.count(domain) > 1) == []


HEAD = "name\taliases\tweak\tdomains\tcountry\tkind\n"


def test_a_table_of_the_user_wins_over_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = tmp_path / "mine.tsv"
    extra.write_text(HEAD + "The Daily Lantern\tLantern of Alda\t\tdailylantern.example\t\tnewspaper\n")
    monkeypatch.setenv("KG_OUTLETS", str(extra))
    outlets.outlets.cache_clear()
    try:
        found = outlets.by_domain("https://www.dailylantern.example/a")
        assert found is not None
        assert found.name == "The Daily Lantern"
        assert names("as the Lantern of Alda wrote") == [("Lantern of Alda", "The Daily Lantern")]
        assert outlets.by_name("Reuters") is not None
    finally:
        outlets.outlets.cache_clear()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (HEAD + "X\t\t\t\t\tpaper\n", "'paper'"),
        ("name\tkind\nX\tblog\n", "column aliases, country, domains, weak is missing"),
    ],
)
def test_a_bad_table_is_refused(table: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = tmp_path / "mine.tsv"
    extra.write_text(table)
    monkeypatch.setenv("KG_OUTLETS", str(extra))
    outlets.outlets.cache_clear()
    try:
        with pytest.raises(LexiconError, match=message):
            outlets.outlets()
    finally:
        outlets.outlets.cache_clear()


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("PORT ALDA (AP) — The harbour will be sold.", "The Associated Press"),
        ("PORT ALDA, March 9 (Reuters) - The harbour will be sold.", "Reuters"),
        ("Harbour to be sold\n\nBy Ada Merrow, Reuters\n\nThe harbour will be sold.", "Reuters"),
        ("MINSK, March 9. /TASS/ The harbour will be sold.", "TASS"),
        ("Harbour sold\nAssociated Press\nThe harbour was sold.", "The Associated Press"),
        ("Reuters reported on Monday that the harbour will be sold.", None),
        ("Mayor sues Reuters\n\nShe went to court on Monday.", None),
        ("Reuters names new editor\n\nShe will begin in May.", None),
        ("The harbour will be sold, the mayor told Reuters.", None),
        ("", None),
    ],
)
def test_the_agency_that_the_first_lines_credit_is_found(text: str, agency: str | None) -> None:
    found = outlets.agency_tag(text)
    assert (found[1].name if found else None) == agency
    if found:
        assert outlets.by_name(found[0].of(text)) == found[1]
