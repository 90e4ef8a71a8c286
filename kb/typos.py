"""Queries with one typing error each, to measure what correction is worth. Pure."""

from __future__ import annotations

import random
import re
import string

SHORTEST = 5  # letters of a word that gets an error
SEED = 7  # of the errors: the same in every run

_WORD = re.compile(rf"[^\W\d_]{{{SHORTEST},}}")


def misspelt(text: str, chance: random.Random) -> str:
    """The text with one error in one of its words: two letters swapped, one missing, doubled or replaced.

    A text without a word that is long enough stays as it is.
    """
    found = list(_WORD.finditer(text))
    if not found:
        return text
    word = chance.choice(found)
    return text[: word.start()] + _with_error(word.group(), chance) + text[word.end() :]


def _with_error(word: str, chance: random.Random) -> str:
    place = chance.randrange(len(word) - 1)
    swaps = [at for at in range(len(word) - 1) if word[at].casefold() != word[at + 1].casefold()]
    match chance.choice(["swapped", "missing", "doubled", "replaced"]):
        case "swapped" if swaps:
            place = chance.choice(swaps)
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        case "missing":
            return word[:place] + word[place + 1 :]
        case "doubled":
            return word[:place] + word[place] + word[place:]
        case _:
            letters = [letter for letter in string.ascii_lowercase if letter != word[place].casefold()]
            return word[:place] + chance.choice(letters) + word[place + 1 :]
