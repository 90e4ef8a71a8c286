"""The query's words are split and stemmed exactly as the full text does."""

import re
import sqlite3
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.store import fulltext
from kb.store.db import Store
from kb.store.fulltext import MARK_END, MARK_START, TOKENIZE, Term, match_any, tokenizer

# That Porter's stemmer knows.
ENDINGS = re.findall(
    r"\w+",
    "s es ies sses ed eed ing y e ational tional enci anci izer bli alli entli eli ousli ization ation ator alism "
    "iveness fulness ousness aliti iviti biliti logi icate ative alize iciti ical ful ness al ance ence er ic able "
    "ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize ll",
)


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
    marked = tokenizer().mark(["He runs; the runner ran.", "nothing"], ["running"])
    assert marked == [f"He {MARK_START}runs{MARK_END}; the runner ran.", "nothing"]


@pytest.mark.parametrize(
    "query", ['"', "AND", "a OR b", "NEAR(a b)", "x*", "-x", "title:x", "(", "^x", "a\x00b", "\ud800"]
)
def test_nothing_that_people_type_is_syntax(store: Store, query: str):
    words = [term.word for term in tokenizer().terms(query)]
    with store.reading() as db:
        if words:
            db.execute("SELECT 1 FROM chunks_fts WHERE chunks_fts MATCH ?", [match_any(words)]).fetchall()
    assert tokenizer().mark(["some text"], words) == ["some text"]


@given(st.text(max_size=100))
def test_marking_loses_no_character(text: str):
    plain = text.encode("utf-8", "replace").decode().replace("\x00", " ")
    words = [term.word for term in tokenizer().terms(text)][:10]
    if MARK_START in plain or MARK_END in plain:
        return
    (marked,) = tokenizer().mark([text], words)
    assert marked.replace(MARK_START, "").replace(MARK_END, "") == plain


_PHRASES = st.lists(st.lists(st.sampled_from(["run", "ran", "the", "café", "GSA", "12"]), min_size=1, max_size=3))


@given(
    st.lists(st.sampled_from(["runs", "running", "The", "cafe", "gsa", "12", "other", "12.", "(GSA", "run-the"])),
    _PHRASES.map(lambda phrases: [" ".join(words) for words in phrases]),
)
@example(["GSA", "12", "12", "runs", "the", "cafe", "gsa"], ["GSA 12", "the café GSA", "café", "12", "12 12"])
def test_words_are_marked_as_the_full_text_marks_them(words: list[str], phrases: list[str]):
    text = " ".join(words)
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='{TOKENIZE}')")
        db.execute("INSERT INTO texts(text) VALUES (?)", [text])
        found = db.execute(
            "SELECT highlight(texts, 0, ?, ?) FROM texts WHERE texts MATCH ?",
            [MARK_START, MARK_END, match_any(phrases) or '""'],
        ).fetchone()
    assert tokenizer().mark([text], phrases) == [found[0] if found else text]


def test_stems_are_kept_up_to_a_bound(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fulltext, "KNOWN_WORDS", 3)
    own = fulltext.Tokenizer()
    for text in ("policies of clients", "clients running late", "x" * 50, "policies"):
        assert [term.stem for term in own.terms(text)] == [term.stem for term in tokenizer().terms(text)]


@given(st.text(st.sampled_from("abcdefghilmnorstuvyz"), min_size=1, max_size=8), st.sampled_from(ENDINGS))
@example("hop", "ing")
@example("", "ies")
@example("rel", "ational")
@example("s", "ky")
def test_no_word_is_passed_over_whose_stem_is_wanted(beginning: str, ending: str):
    word = beginning + ending
    for written in (word, word.upper()):
        assert fulltext._alike([(tokenizer().stem(word),)])(written)
