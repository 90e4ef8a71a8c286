"""The words of a text that a query matches, as the text spells them."""

from __future__ import annotations

from kb.store.fulltext import tokenizer
from kb.text import STOP_WORDS

MAX_TEXT = 200_000  # characters that are looked at
MAX_QUERY = 2_000


def matched_words(query: str, text: str) -> list[str]:
    """The different words of ``text`` with the same stem as a word of ``query``; stop words only if it has no other."""
    asked = tokenizer().terms(query[:MAX_QUERY])
    telling = [term for term in asked if term.word.casefold() not in STOP_WORDS]
    stems = {term.stem for term in telling or asked}
    if not stems:
        return []
    different = " ".join(dict.fromkeys(text[:MAX_TEXT].casefold().split()))
    return sorted({term.word for term in tokenizer().terms(different) if term.stem in stems})
