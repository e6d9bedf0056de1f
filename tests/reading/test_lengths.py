"""Very long paragraphs are cut and nothing of them is lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model import Article, Span
from kg.reading.draft import Draft, Paragraph
from kg.reading.lengths import LONGEST, UNBROKEN, split_long


def pieces(text: str) -> list[str]:
    draft = Draft(Article("x:", text, ""), paragraphs=(Paragraph(Span(0, len(text)), "body"),))
    return [paragraph.span.of(text) for paragraph in split_long(draft).paragraphs]


def test_a_long_paragraph_is_cut_where_a_sentence_ends() -> None:
    sentence = "The harbour master said that the quay was closed. "
    parts = pieces((sentence * 400).strip())
    assert len(parts) > 1
    assert all(part.startswith("The harbour") and part.endswith("closed.") for part in parts)


def test_text_without_an_end_is_cut_at_a_word_or_anywhere() -> None:
    assert all(len(part) <= LONGEST for part in pieces("harbour " * 3000))
    assert [len(part) for part in pieces("x" * (2 * UNBROKEN + 5))] == [UNBROKEN, UNBROKEN, 5]


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from(' .!?”"Aaé\n\u200f'), min_size=1, max_size=300), st.integers(60, 120))
def test_no_character_but_white_space_is_lost(text: str, times: int) -> None:
    whole = (text * times)[: 3 * LONGEST]
    assert "".join("".join(part.split()) for part in pieces(whole)) == "".join(whole.split())
