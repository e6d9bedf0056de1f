"""Tokens of a paragraph enter; before the parse they leave with what we know better of where sentences begin."""

from __future__ import annotations

from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from kg.reading import cues

NAME = "sentence_breaks"
CLOSING = ("”", '"', "''", "»")
STOPS = (".", "!", "?")
LONGEST = (
    250  # tokens without a full stop; what is longer is a list or no prose, and each rule looks at whole sentences
)


@Language.component(NAME)
def set_breaks(doc: Doc) -> Doc:
    """Begin a sentence after a full stop that stands inside brackets or marks (`… victims[.]" She said`) and after a
    line's end, and after LONGEST tokens without a full stop; never after a title's full stop ("Rep. Ilan Roth"). The
    parser keeps to what is set here.
    """
    since = 0
    titles = cues.naming(doc.lang_, "abbreviation")
    for token in doc[1:]:
        before = doc[token.i - 1]
        since = 0 if before.text in STOPS else since + 1
        if since >= LONGEST:
            token.is_sent_start = True
            since = 0
        if "\n" in before.text and before.is_space:
            token.is_sent_start = True
        elif before.lower_ in titles and token.text[:1].isupper():
            token.is_sent_start = False
        elif before.text in CLOSING and token.text[:1].isupper() and before.whitespace_ and token.i > 2:
            inner = doc[max(0, before.i - 4) : before.i].text.rstrip("])’'")[-1:]
            bracketed = doc[token.i - 2].text in ("]", "[.]", "[...]", "[…]")
            if inner in STOPS and bracketed:
                token.is_sent_start = True
    return doc


def keep_titles_whole(nlp: Language) -> None:
    """Make a title and its full stop one token ("Cmdr."), where the model's tokeniser would cut it in two."""
    tokenizer: Any = nlp.tokenizer  # spaCy ships no types for it
    for form in map(str.capitalize, cues.naming("en", "abbreviation")):
        if len(tokenizer(form)) > 1:
            tokenizer.add_special_case(form, [{"ORTH": form}])
