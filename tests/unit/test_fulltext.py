"""The query's words are split and stemmed exactly as the full text does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.store.db import Store
from kb.store.fulltext import MARK_END, MARK_START, Term, match_any, tokenizer


def test_words_are_folded_and_stemmed():
    assert tokenizer().terms("The policies of Café GSA-1234!") == [
        Term("The", "the"),
        Term("policies", "polici"),
        Term("of", "of"),
        Term("Café", "cafe"),
        Term("GSA", "gsa"),
        Term("1234", "1234"),
    ]


def test_matched_words_are_marked_and_others_are_not():
    marked = tokenizer().mark(["He runs; the runner ran.", "nothing"], match_any(["running"]))
    assert marked == [f"He {MARK_START}runs{MARK_END}; the runner ran.", "nothing"]


@pytest.mark.parametrize(
    "query", ['"', "AND", "a OR b", "NEAR(a b)", "x*", "-x", "title:x", "(", "^x", "a\x00b", "\ud800"]
)
def test_nothing_that_people_type_is_syntax(store: Store, query: str):
    words = [term.word for term in tokenizer().terms(query)]
    with store.reading() as db:
        if words:
            db.execute("SELECT 1 FROM chunks_fts WHERE chunks_fts MATCH ?", [match_any(words)]).fetchall()
    assert len(tokenizer().mark(["some text"], match_any(words))) == 1


@given(st.text(max_size=100))
def test_marking_loses_no_character(text: str):
    plain = text.encode("utf-8", "replace").decode().replace("\x00", " ")
    words = [term.word for term in tokenizer().terms(text)][:10]
    if MARK_START in plain or MARK_END in plain:
        return
    (marked,) = tokenizer().mark([text], match_any(words))
    assert marked.replace(MARK_START, "").replace(MARK_END, "") == plain
