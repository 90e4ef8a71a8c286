"""The words of a query, as full text looks them up and as screens mark them."""

from __future__ import annotations

from kb.operators import parse_query
from kb.store.fulltext import Term, tokenizer
from kb.text import STOP_WORDS

MAX_QUERY = 2_000  # characters that are looked at; the model reads about 1,000 of them
MAX_TEXT = 200_000  # characters of a page in which matched words are looked for


def telling_terms(query: str) -> list[Term]:
    """The different words of a query that say something about its subject; all of them where none does."""
    distinct = list({term.stem: term for term in tokenizer().terms(query[:MAX_QUERY])}.values())
    return [term for term in distinct if term.word.casefold() not in STOP_WORDS] or distinct


def matched_words(query: str, text: str) -> list[str]:
    """The different words of ``text`` with the stem of a telling word of ``query``, as the text spells them.

    The operators of ``query`` have no say, but for the words of a phrase.
    """
    stems = {term.stem for term in telling_terms(parse_query(query[:MAX_QUERY]).text)}
    if not stems:
        return []
    different = " ".join(dict.fromkeys(text[:MAX_TEXT].casefold().split()))
    return sorted({term.word for term in tokenizer().terms(different) if term.stem in stems})
