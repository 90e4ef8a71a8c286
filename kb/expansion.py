"""A query's words -> groups of words that say the same: spellings, short and full forms, the editors' synonyms."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from kb.acronyms import LONGEST_FORM, SHORT_FORM, initials, long_forms
from kb.models import Person
from kb.store import chunks, pages, words
from kb.store.db import Connection
from kb.store.fulltext import Term, tokenizer
from kb.synonyms import SLUG, parse_synonyms
from kb.text import STOP_WORDS
from kb.variants import apart, other_spellings, together

MAX_WORDS = 32  # of a query that are looked at
MAX_ALTERNATIVES = 12  # of one query: each costs a look-up in full text
SAME_WORD = 0.2  # weight of another spelling; measured, see docs/search-quality.md
SAME_NAME = 0.2  # of the short or the full form; the same
SYNONYM = 0.5  # of a word that an editor says means the same
MOST_CHUNKS = 10_000  # that an alternative may stand in: scoring them bounds the cost, as the posting budget does
COMMON = 5_000  # chunks; a word that stands in more of them is no short form
READ = 100  # chunks that are read for what a word in small letters stands for; if it stands in more, glossaries alone
READ_IN_CAPITALS = 1_000  # the same for a word in capitals
DEFINITIONS = 20  # passages in which a short form's meaning is looked for


@dataclass(frozen=True, slots=True)
class Alternative:
    """A word or phrase that stands for words of a query; ``weight`` is what a match is worth beside theirs."""

    phrase: str
    weight: float
    chunks: int


@dataclass(frozen=True, slots=True)
class Group:
    """Words of a query that stand side by side, and what else says the same; best first."""

    terms: tuple[Term, ...]
    alternatives: tuple[Alternative, ...]

    @property
    def phrase(self) -> str:
        """The query's own words."""
        return " ".join(term.word for term in self.terms)


class Expander:
    """Finds what else says the same as words of a query. One per process; safe to use from several threads."""

    def __init__(self) -> None:
        self._synonyms: tuple[tuple[int, int], _Synonyms] = ((0, 0), {})

    def groups(self, db: Connection, query: str, viewer: Person, written: Container[str]) -> list[Group]:
        """The groups of a query that have alternatives which ``viewer`` may find.

        :param written: the corpus's words, casefolded; those that are not in it are not looked up.
        """
        terms = tokenizer().terms(query)[:MAX_WORDS]
        synonyms = self._current_synonyms(db, viewer)
        found: list[Group] = []
        left = MAX_ALTERNATIVES
        for run in _runs(terms):
            seen = {tuple(term.stem for term in run)}
            alternatives = []
            for phrase, weight in _candidates(db, run, viewer, written, synonyms):
                stems = _stems([phrase])
                if not left or not stems or stems in seen:
                    continue
                seen.add(stems)
                count = _count(db, stems, phrase)
                if 0 < count <= MOST_CHUNKS and words.is_found(db, phrase, viewer):
                    alternatives.append(Alternative(phrase, weight, count))
                    left -= 1
            if alternatives:
                found.append(Group(run, tuple(alternatives)))
        return found

    def _current_synonyms(self, db: Connection, viewer: Person) -> _Synonyms:
        page = pages.by_slug(db, SLUG, viewer)
        if page is None:
            return {}
        key, known = self._synonyms
        if key != (page.id, page.revision):
            known = {}
            for group in parse_synonyms(page.body):
                for term in group:
                    known.setdefault(_stems([term]), []).extend(other for other in group if other != term)
            self._synonyms = (page.id, page.revision), known
        return known


_Synonyms = dict[tuple[str, ...], list[str]]  # the stems of a term -> the other terms of its groups


def _runs(terms: Sequence[Term]) -> Iterator[tuple[Term, ...]]:
    """The longest runs first, so that a name is expanded before its words are."""
    for length in range(min(LONGEST_FORM, len(terms)), 0, -1):
        for start in range(len(terms) - length + 1):
            run = tuple(terms[start : start + length])
            if any(term.word.casefold() not in STOP_WORDS for term in run):
                yield run


def _candidates(
    db: Connection, run: tuple[Term, ...], viewer: Person, written: Container[str], synonyms: _Synonyms
) -> Iterator[tuple[str, float]]:
    typed = [term.word for term in run]
    if len(run) == 1:
        yield from ((phrase, SAME_WORD) for phrase in _spelt_otherwise(typed[0], written))
        count = _count(db, (run[0].stem,), typed[0])
        yield from ((phrase, SAME_NAME) for phrase in _full_forms(db, typed[0], count, viewer))
    else:
        joined = _as_one_word(db, run, written) if len(run) == 2 else None
        if joined:
            yield joined, SAME_WORD
        yield from ((short, SAME_NAME) for short in _short_forms(db, typed, viewer, written))
    yield from ((phrase, SYNONYM) for phrase in synonyms.get(tuple(term.stem for term in run), ()))


def _spelt_otherwise(word: str, written: Container[str]) -> Iterator[str]:
    yield from other_spellings(word)
    yield from (pair for pair in apart(word) if all(half in written for half in pair.split()))


def _as_one_word(db: Connection, run: tuple[Term, ...], written: Container[str]) -> str | None:
    first, second = run
    joined = together(first.word, second.word)
    if joined is None or joined not in written:
        return None
    stem = tokenizer().stem(joined)
    counts = chunks.document_frequencies(db, {stem, second.stem})
    # "in form" is hardly "inform": a small word in front joins only what is rarer than the whole.
    small = first.word.casefold() in STOP_WORDS
    return joined if not small or counts.get(stem, 0) >= counts.get(second.stem, 0) else None


def _full_forms(db: Connection, word: str, count: int, viewer: Person) -> list[str]:
    """What the corpus says that a short form stands for. The more often a word stands, the fewer passages are read."""
    if not SHORT_FORM.fullmatch(word) or word.casefold() in STOP_WORDS or not 0 < count <= COMMON:
        return []
    limit = READ_IN_CAPITALS if word.isupper() else READ
    texts = words.texts_that_define(db, word.upper(), viewer, DEFINITIONS, glossaries_only=count > limit)
    return list(dict.fromkeys(form.casefold() for text in texts for form in long_forms(word, text)))


def _short_forms(db: Connection, typed: Sequence[str], viewer: Person, written: Container[str]) -> list[str]:
    """The short forms that the corpus gives to a full name."""
    shorts = [short for short in initials(typed) if short in written and short not in STOP_WORDS]
    return [short for short in shorts if _is_named(db, short, " ".join(typed), viewer)]


def _is_named(db: Connection, short: str, name: str, viewer: Person) -> bool:
    # Brackets are no words, so both orders are phrases; the text itself tells "ratio (AR)" from "ratio are".
    for phrase in (f"{name} {short}", f"{short} {name}"):
        if words.is_found(db, phrase, viewer):
            texts = words.texts_that_define(db, short.upper(), viewer, DEFINITIONS, glossaries_only=False)
            return any(_stems([form]) == _stems([name]) for text in texts for form in long_forms(short, text))
    return False


def _count(db: Connection, stems: tuple[str, ...], phrase: str) -> int:
    if len(stems) == 1:
        return chunks.document_frequencies(db, stems).get(stems[0], 0)
    return words.count_phrase(db, phrase)


def _stems(phrases: Sequence[str]) -> tuple[str, ...]:
    return tuple(term.stem for phrase in phrases for term in tokenizer().terms(phrase))
