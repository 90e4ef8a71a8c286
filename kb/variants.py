"""Other spellings of an English word: British and American, together and apart. Pure.

Rules give candidates; which of them are words is for the corpus to say.
"""

from __future__ import annotations

import re

from kb.text import STOP_WORDS

# Each of a pair is a spelling of the other, with the same endings.
_PAIRS = [
    ("licence", "license"), ("defence", "defense"), ("offence", "offense"), ("pretence", "pretense"),
    ("practice", "practise"), ("programme", "program"), ("grey", "gray"), ("judgement", "judgment"),
    ("acknowledgement", "acknowledgment"), ("enquiry", "inquiry"), ("enquiries", "inquiries"), ("ageing", "aging"),
    ("artefact", "artifact"), ("sceptical", "skeptical"), ("fulfil", "fulfill"), ("enrol", "enroll"),
    ("instalment", "installment"), ("skilful", "skillful"), ("jewellery", "jewelry"), ("maths", "math"),
    ("email", "e mail"),
]  # fmt: skip
_PARTICLES = frozenset(["in", "on", "up", "out", "off", "over", "down", "back"])
_PREFIXES = frozenset(["on", "up", "out", "off", "over", "down", "back", "re", "co", "non"])
_ENDINGS = ("", "s", "d", "ed", "ing", "ment", "ments")
_BY_WORD: dict[str, str] = {}
for _one, _other in _PAIRS:
    for _ending in _ENDINGS:
        _BY_WORD.setdefault(_one + _ending, _other + _ending)
        _BY_WORD.setdefault(_other + _ending, _one + _ending)

_RULES = [
    (re.compile(r"(?<=[a-z]{3})our(?=(?:s|ed|ing|able|ful|ite|ites|al|hood|ly)?$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})or(?=(?:s|ed|ing|able|ful|ite|ites|al|hood|ly)?$)"), "our"),
    (re.compile(r"(?<=[a-z]{3})is(?=(?:e|es|ed|ing|er|ers|ation|ations|ational)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{3})iz(?=(?:e|es|ed|ing|er|ers|ation|ations|ational)$)"), "is"),
    (re.compile(r"(?<=[a-z]{3})ys(?=(?:e|es|ed|ing|er|ers)$)"), "yz"),
    (re.compile(r"(?<=[a-z]{3})yz(?=(?:e|es|ed|ing|er|ers)$)"), "ys"),
    (re.compile(r"(?<=[a-z]{2})tre(?=s?$)"), "ter"),
    (re.compile(r"(?<=[a-z]{2})ter(?=s?$)"), "tre"),
    (re.compile(r"(?<=[a-z]{2})ogue(?=s?$)"), "og"),
    (re.compile(r"(?<=[a-z]{2})og(?=s?$)"), "ogue"),
    # Two syllables before the l: travelled and traveled, but not filled and filed.
    (re.compile(r"([aeiou][^aeiou]+[aeiou])ll(?=(?:ed|ing|er|ers|ation|ations)$)"), r"\1l"),
    (re.compile(r"([aeiou][^aeiou]+[aeiou])l(?=(?:ed|ing|er|ers|ation|ations)$)"), r"\1ll"),
]


def other_spellings(word: str) -> list[str]:
    """How else the word may be spelt, casefolded, itself left out; candidates that may be no words."""
    word = word.casefold()
    found = [_BY_WORD[word]] if word in _BY_WORD else []
    found += [rule.sub(instead, word) for rule, instead in _RULES if rule.search(word)]
    return [other for other in dict.fromkeys(found) if other != word]


def apart(word: str) -> list[str]:
    """The word as two: "onboarding" as "on boarding", casefolded.

    A half is a word of three letters or more that means something, or a particle, as in "log in" and "on boarding".
    """
    word = word.casefold()
    if not word.isalpha() or not 5 <= len(word) <= 30:
        return []
    halves = [(word[:place], word[place:]) for place in range(2, len(word) - 1)]
    return [
        f"{first} {second}"
        for first, second in halves
        if (_tells(first) or first in _PREFIXES) and (_tells(second) or (_tells(first) and second in _PARTICLES))
    ]


def together(first: str, second: str) -> str | None:
    """The two words as one: "on boarding" as "onboarding", "e mail" as "email"; None where they are none."""
    joined = (first + second).casefold()
    long_enough = len(second) > 1 and (len(first) > 1 or first in ("e", "E"))
    return joined if long_enough and joined.isalpha() else None


def _tells(half: str) -> bool:
    return len(half) > 2 and half not in STOP_WORDS
