"""Where a summary changes or lacks facts of an item: figures, dates, names, and what must not be done. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kb.handover.calendar import Day, as_value
from kb.handover.facts import Fact, FactKind, contradicts, facts, names, same, same_word
from kb.handover.models import NoteItem
from kb.handover.polarity import Stem, opposed, polarity
from kb.text import STOP_WORDS


class Change(StrEnum):
    """How a summary differs from an item."""

    CHANGED = "changed"
    LACKING = "lacking"
    NEGATED = "negated"


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact of the item that the summary does not give as it is.

    :ivar item: as the item says it; ``summary``: as the summary does, "" where it lacks.
    :ivar kind: None for a negation.
    :ivar matters: without it the receiver may do the wrong thing; references and names in passing do not.
    """

    change: Change
    item: str
    summary: str = ""
    kind: FactKind | None = None
    matters: bool = True


_FIRST_PERSON = re.compile(r"\b(?:I|I['’](?:ll|m|ve)|i|me|my|we|our|us|We|My|Our)\b")
_FORBIDS = re.compile(r"\s*(?:please\s+)?(?:do not|don['’]t|never|must not|no)\s+[a-z]+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_ROLE_WORDS = frozenset(["team", "shift", "desk", "lead", "group", "squad", "queue", "the"])
# Lacking, these are pointed out and do not make an item "partly": the item is recognised without them.
_IN_PASSING = (FactKind.REFERENCE, FactKind.NAME, FactKind.EMAIL)


def differences(
    item: NoteItem,
    passage: str,
    *,
    on: date | None,
    receiver: str,
    known: Collection[str],
    note_words: Collection[str] = (),
    stem: Stem,
) -> list[Difference]:
    """What the passage (all that a summary says of this item) changes or lacks.

    Facts of title, next step, reference, owner and due date may be lacking; those of the details can only be changed,
    since nobody repeats the whole background.

    :param known: casefolded words of the names of the note's people.
    :param note_words: casefolded words of all items: none of them is the name of somebody else.
    """
    said = f"{item.title}\n{item.next_step}"
    wanted = _unique(
        [*facts(said, on), *names(_lower_titles(item.title) + "\n" + item.next_step, known, at_start=False)]
    )
    heard = [*facts(passage, on), *names(passage, known)]
    heard_words = {word.casefold() for word in _WORD.findall(passage)}
    if item.reference:
        wanted.append(Fact(FactKind.REFERENCE, re.sub(r"[^A-Z0-9]", "", item.reference.upper()), item.reference))
    background = facts("\n".join(item.details.values()), on)
    everything = [*wanted, *background, *_due_facts(item), *_owner_facts(item)]
    free = [
        fact
        for fact in heard
        if not any(same(fact, other) for other in everything)
        and not (fact.kind is FactKind.NAME and set(fact.value.split()) & (set(note_words) - set(known)))
    ]
    found = _of_due(item, wanted, heard, free)
    for fact in wanted:
        if any(same(fact, other) for other in heard) or _is_owner(fact, item) or _said_in_words(fact, heard_words):
            continue
        difference = _difference(fact, free)
        # "One" and short forms such as SAP stand in many sentences: worth a word only where another is said instead.
        if difference.change is Change.CHANGED or not (fact.value == "1" or _is_short_form(fact)):
            found.append(difference)
    found += _of_owner(item, passage, free, heard_words, receiver)
    # A title names a problem ("customers cannot export"); what should and should not be done is in the next step. Only
    # one that forbids ("Do not restart ...") says it itself.
    said = item.next_step or item.title
    if item.next_step and _FORBIDS.match(item.title):
        said = f"{item.title}.\n{item.next_step}"
    word = opposed(polarity(said, stem), polarity(passage, stem), stem)
    if word:
        found.append(Difference(Change.NEGATED, _written(said, word, stem), _written(passage, word, stem)))
    return found


def _difference(fact: Fact, free: list[Fact]) -> Difference:
    other = contradicts(
        fact, [f for f in free if fact.kind is not FactKind.NAME or _is_short_form(f) == _is_short_form(fact)]
    )
    if other is None:
        return Difference(Change.LACKING, fact.text, "", fact.kind, fact.kind not in _IN_PASSING)
    free.remove(other)
    return Difference(Change.CHANGED, fact.text, other.text, fact.kind)


def _of_due(item: NoteItem, wanted: list[Fact], heard: list[Fact], free: list[Fact]) -> list[Difference]:
    """The due date is said by any date that agrees with it; where the next step gives a date, that one counts."""
    due = _due_facts(item)
    if not due or any(fact.kind is FactKind.DATE for fact in wanted) or any(same(due[0], other) for other in heard):
        return []
    others = [fact for fact in free if fact.kind is FactKind.DATE]
    if others:
        return [Difference(Change.CHANGED, due[0].text, others[0].text, FactKind.DATE)]
    return [Difference(Change.LACKING, due[0].text, "", FactKind.DATE)]


def _of_owner(
    item: NoteItem, passage: str, free: list[Fact], heard_words: Collection[str], receiver: str
) -> list[Difference]:
    words = [word.casefold() for word in _WORD.findall(item.owner) if word.casefold() not in _ROLE_WORDS]
    if not words or any(same_word(word, heard) for word in words for heard in heard_words):
        return []
    is_receiver = not receiver or bool({w.casefold() for w in _WORD.findall(receiver)} & set(words))
    if is_receiver and _FIRST_PERSON.search(passage):
        return []
    other = next((fact for fact in free if fact.kind is FactKind.NAME and not _is_short_form(fact)), None)
    if other is None:
        return [Difference(Change.LACKING, item.owner, "", FactKind.NAME)]
    return [Difference(Change.CHANGED, item.owner, other.text, FactKind.NAME)]


def _due_facts(item: NoteItem) -> list[Fact]:
    if item.due is None:
        return []
    value = as_value(Day(item.due.year, item.due.month, item.due.day))
    return [Fact(FactKind.DATE, value[0], item.due.isoformat())] if value else []


def _owner_facts(item: NoteItem) -> list[Fact]:
    return [Fact(FactKind.NAME, item.owner.casefold(), item.owner)] if item.owner else []


def _is_owner(fact: Fact, item: NoteItem) -> bool:
    return fact.kind is FactKind.NAME and any(same(fact, owner) for owner in _owner_facts(item))


def _is_short_form(fact: Fact) -> bool:
    return fact.kind is FactKind.NAME and fact.text.isupper()


def _said_in_words(fact: Fact, heard_words: Collection[str]) -> bool:
    """Whether a name is said in small letters, or inside another word's place."""
    return fact.kind is FactKind.NAME and any(
        same_word(part, word) for part in fact.value.split() for word in heard_words
    )


def _lower_titles(title: str) -> str:
    """A title whose words are all capitalised tells nothing about names."""
    words = [word for word in _WORD.findall(title) if word.casefold() not in STOP_WORDS]
    return title.lower() if len(words) > 2 and all(word[0].isupper() for word in words) else title


def _unique(found: list[Fact]) -> list[Fact]:
    kept: list[Fact] = []
    for fact in found:
        if not any(fact.kind is other.kind and same(fact, other) for other in kept):
            kept.append(fact)
    return kept


def _written(text: str, stem_of_word: str, stem: Stem) -> str:
    """The few words around the one with this stem, as people see them; with the negation before it."""
    words = text.split()
    for place, word in enumerate(words):
        bare = "".join(_WORD.findall(word)[:1]).casefold()
        if bare and stem(bare) == stem_of_word:
            return " ".join(words[max(0, place - 3) : place + 2])
    return stem_of_word
