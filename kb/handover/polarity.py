"""What a text says should not happen, against what another says should: "do not restart" and "restart". Pure.

Embeddings of the two are near each other, so a rule has to tell them apart. It compares single words: a negation
said in other words ("leave it running") is not noticed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kb.text import STOP_WORDS

_CLAUSE = re.compile(r"[.,;:!?\n()–—]+|\s-\s|\b(?:but|and then|then|because|so that|otherwise)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NEGATIONS = (
    "not no never without cannot dont doesnt didnt wont cant mustnt shouldnt isnt arent nobody nothing "
    "none neither nor avoid stop forbidden prohibited refrain"
)
_NOT = frozenset(_NEGATIONS.split())
# "Do not pay before approval" and "pay only after approval" say the same.
_CONDITION = frozenset(["until", "till", "before", "unless", "only", "after", "once", "except"])
_PLACING = frozenset(["in", "at", "on", "for", "of", "from", "with", "the", "as"])
_NEEDED = frozenset(["missing", "lack", "lacks", "lacking", "lacked"])
_LIMIT = re.compile(r"\b(before|after|above|below|over|under)\s+(?:the\s+)?(\S*\d\S*)", re.IGNORECASE)
_SIDES = ({"before", "after"}, {"above", "below"})
_OPPOSITES = [
    ("approve", "reject"), ("accept", "decline"), ("accept", "reject"), ("open", "close"), ("enable", "disable"),
    ("include", "exclude"), ("increase", "decrease"), ("raise", "lower"), ("start", "stop"), ("allow", "block"),
    ("block", "unblock"), ("block", "release"), ("hold", "release"), ("lock", "unlock"), ("keep", "delete"),
    ("keep", "remove"), ("add", "remove"), ("renew", "cancel"), ("pause", "resume"), ("confirm", "cancel"),
    ("old", "new"), ("manual", "automatic"), ("manually", "automatically"), ("grant", "revoke"), ("pass", "fail"),
]  # fmt: skip
Stem = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Polarity:
    """The stems that a text negates and those that it says plainly; what follows a negated word is neither.

    :ivar conditional: stems of clauses with a condition; ``without``: of clauses in which something may not lack.
    :ivar limits: (word, figure) such as ("before", "22:00").
    """

    negated: frozenset[str]
    plain: frozenset[str]
    conditional: frozenset[str]
    without: frozenset[str]
    limits: frozenset[tuple[str, str]]


def polarity(text: str, stem: Stem) -> Polarity:
    """What the text says plainly, and what not: the first word with a meaning after a negation."""
    negated: set[str] = set()
    plain: set[str] = set()
    conditional: set[str] = set()
    without: set[str] = set()
    for clause in _CLAUSE.split(text):
        waiting = uncertain = False
        words = set(clause.casefold().split())
        stems: set[str] = set()
        lacks = bool(_NEEDED & words)
        for match in _WORD.finditer(clause):
            word = match.group().casefold().replace("’", "'")
            if word in _NOT or word.endswith("n't") or word == "not":
                waiting = True
            elif word in STOP_WORDS or word.isdigit():
                waiting = waiting and word not in _PLACING  # "not in the first run" says nothing against a run
            elif waiting:
                stems.add(stem(word))
                negated.add(stem(word))
                waiting, uncertain = False, True
            elif not (uncertain or lacks):
                stems.add(stem(word))
                plain.add(stem(word))
        if words & _CONDITION:
            conditional |= stems
        if "without" in words:
            without |= stems
    limits = frozenset((word.casefold(), figure.rstrip(".,;:")) for word, figure in _LIMIT.findall(text))
    return Polarity(frozenset(negated), frozenset(plain), frozenset(conditional), frozenset(without), limits)


def opposed(said: Polarity, heard: Polarity, stem: Stem) -> str:
    """The stem about which two texts say the opposite; "" where there is none."""
    conditional = (said.conditional | said.without) & heard.conditional
    for word, figure in sorted(said.limits):
        for heard_word, heard_figure in sorted(heard.limits):
            if figure == heard_figure and {_side(word), _side(heard_word)} in _SIDES:
                return word
    for word in sorted((said.negated & heard.plain) - heard.negated - said.plain):
        if word not in conditional:
            return word
    for word in sorted((said.plain & heard.negated) - said.negated - heard.plain):
        if word not in conditional:
            return word
    for pair in _OPPOSITES:
        one, other = (stem(word) for word in pair)
        for a, b in ((one, other), (other, one)):
            # Whoever repeats the word itself has understood it, whatever else is said.
            repeated = a in heard.plain or b in said.plain or {a, b} & (said.negated | heard.negated)
            if a in said.plain and b in heard.plain and not repeated:
                return a
    return ""


def _side(word: str) -> str:
    return {"over": "above", "under": "below"}.get(word, word)
