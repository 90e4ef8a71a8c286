"""A query's words -> groups of words that say the same: spellings, short and full forms, the editors' synonyms."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from kb.acronyms import LONGEST_FORM, SHORT_FORM
from kb.models import Person
from kb.store import chunks, pages, words
from kb.store.db import Connection
from kb.store.fulltext import Term, match_any, stemmed, tokenizer
from kb.store.visible import Visible, count_text
from kb.store.words import Definition
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
NAMED_ANYWHERE = 100  # chunks; of a word in small letters that stands in more, only glossaries say what it stands for
NAMED_ANYWHERE_IN_CAPITALS = 1_000  # the same for a word in capitals


@dataclass(frozen=True, slots=True)
class Alternative:
    """A word or phrase that stands for words of a query; ``weight`` is what a match is worth beside theirs.

    ``chunks`` is how many visible ones hold it, ``rows`` how many in all.
    """

    phrase: str
    weight: float
    chunks: int
    rows: int


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

    def groups(self, db: Connection, query: str, viewer: Person, seen: Visible, written: Container[str]) -> list[Group]:
        """The groups of a query that have alternatives which ``viewer`` may find.

        :param seen: the chunks that ``viewer`` may see.
        :param written: the corpus's words, casefolded; those that are not in it are not looked up.
        """
        terms = tokenizer().terms(query)[:MAX_WORDS]
        runs = list(_runs(terms))
        synonyms = self._current_synonyms(db, viewer)
        defined = _definitions(db, runs, seen)
        found: list[Group] = []
        left = MAX_ALTERNATIVES
        for run in runs:
            had = {tuple(term.stem for term in run)}
            alternatives = []
            for phrase, weight in _candidates(db, run, defined, written, synonyms, seen):
                stems = _stems(phrase)
                if not left or not stems or stems in had:
                    continue
                had.add(stems)
                rows = _rows(db, stems, phrase)
                count = _count(db, rows, phrase, seen)
                if count and rows <= MOST_CHUNKS:
                    alternatives.append(Alternative(phrase, weight, count, rows))
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
                    known.setdefault(_stems(term), []).extend(other for other in group if other != term)
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


def _definitions(db: Connection, runs: Sequence[tuple[Term, ...]], seen: Visible) -> list[Definition]:
    """What visible passages say of all short forms and full names that the runs may be."""
    shorts = [run[0].word.casefold() for run in runs if len(run) == 1 and SHORT_FORM.fullmatch(run[0].word)]
    names = [tuple(term.stem for term in run) for run in runs if len(run) > 1]
    return words.definitions(db, shorts, names, seen)


def _candidates(
    db: Connection,
    run: tuple[Term, ...],
    defined: Sequence[Definition],
    written: Container[str],
    synonyms: _Synonyms,
    seen: Visible,
) -> Iterator[tuple[str, float]]:
    stems = tuple(term.stem for term in run)
    if len(run) == 1:
        yield from ((phrase, SAME_WORD) for phrase in _spelt_otherwise(run[0].word, written))
        yield from ((phrase, SAME_NAME) for phrase in _full_names(db, run[0], defined, seen))
    else:
        joined = _as_one_word(db, run, written, seen) if len(run) == 2 else None
        if joined:
            yield joined, SAME_WORD
        yield from ((short, SAME_NAME) for short in dict.fromkeys(d.short for d in defined if d.stems == stems))
    yield from ((phrase, SYNONYM) for phrase in synonyms.get(stems, ()))


def _spelt_otherwise(word: str, written: Container[str]) -> Iterator[str]:
    yield from (other for other in other_spellings(word) if all(part in written for part in other.split()))
    yield from (pair for pair in apart(word) if all(half in written for half in pair.split()))


def _as_one_word(db: Connection, run: tuple[Term, ...], written: Container[str], seen: Visible) -> str | None:
    first, second = run
    joined = together(first.word, second.word)
    if joined is None or joined not in written:
        return None
    if first.word.casefold() not in STOP_WORDS:
        return joined
    # "in form" is hardly "inform": a small word in front joins only what is rarer than the whole.
    stem = tokenizer().stem(joined)
    rows = chunks.document_frequencies(db, {stem, second.stem})
    whole, rest = _count(db, rows.get(stem, 0), joined, seen), _count(db, rows.get(second.stem, 0), second.word, seen)
    return joined if whole >= rest else None


def _full_names(db: Connection, term: Term, defined: Sequence[Definition], seen: Visible) -> list[str]:
    """What visible passages say that a word stands for; of a common word only glossaries are believed."""
    meant = [definition for definition in defined if definition.short == term.word.casefold()]
    if not meant:
        return []
    count = _count(db, _rows(db, (term.stem,), term.word), term.word, seen)
    believed = NAMED_ANYWHERE_IN_CAPITALS if term.word.isupper() else NAMED_ANYWHERE
    return list(dict.fromkeys(d.name.casefold() for d in meant if d.in_glossary or count <= believed))


def _rows(db: Connection, stems: tuple[str, ...], phrase: str) -> int:
    """How many chunks hold a phrase, visible or not: what a look-up costs. A count ends beyond MOST_CHUNKS."""
    if len(stems) == 1:
        return chunks.document_frequencies(db, stems).get(stems[0], 0)
    return words.count_phrase(db, phrase, to=MOST_CHUNKS + 1)


def _count(db: Connection, rows: int, phrase: str, seen: Visible) -> int:
    """How many of the chunks that hold a phrase are visible."""
    return rows if seen.everything or not rows else count_text(db, match_any([phrase]), seen)


def _stems(phrase: str) -> tuple[str, ...]:
    return tuple(stemmed(phrase).split())
