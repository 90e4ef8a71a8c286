"""Passwords, keys and tokens in a text: what people write ("the password is ..."), and what services give out. Pure.

Forms of keys come from detect-secrets. Hashes of attachments, git commits and UUIDs are no secrets.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from importlib import import_module
from math import log2
from typing import Protocol

MIN_RANDOM = 28  # characters of a word that may be a key by its looks alone
MIN_ENTROPY = 4.2  # bits a character (Shannon); words and addresses stay below 4

# Services whose keys have a form of their own. Those that guess by words around are left to the rules below.
_PLUGINS = (
    ("aws", "AWSKeyDetector"), ("azure_storage_key", "AzureStorageKeyDetector"), ("basic_auth", "BasicAuthDetector"),
    ("discord", "DiscordBotTokenDetector"), ("github_token", "GitHubTokenDetector"),
    ("gitlab_token", "GitLabTokenDetector"), ("jwt", "JwtTokenDetector"), ("npm", "NpmDetector"),
    ("openai", "OpenAIDetector"), ("pypi_token", "PypiTokenDetector"), ("sendgrid", "SendGridDetector"),
    ("slack", "SlackDetector"), ("stripe", "StripeDetector"), ("telegram_token", "TelegramBotTokenDetector"),
)  # fmt: skip
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[\s\S]{0,20000}?-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s]*)"
)
_NAMED = re.compile(
    r"\b(?:pass(?:word|wort|wd|code|phrase)|pwd|pw|contraseña|mot de passe|hasło|heslo|kennwort|senha)\b['\"]?"
    r"(?P<about>[ \t]+(?:for|of|to|on)[ \t]+[^:=\n]{1,40}?)?"
    r"[ \t]*(?P<sign>:=|[:=]|->|→|[ \t]is\b[ \t]*:?)[ \t]*['\"`]?(?P<value>[^\s'\"`;,]{4,200})",
    re.IGNORECASE,
)
_PIN = re.compile(r"\bPIN(?: ?code)?\b[ \t]*(?:[:=]|is\b)[ \t]*(?P<value>\d{4,8})(?!\d)", re.IGNORECASE)
_KEY = re.compile(
    r"(?:api|access|secret|client|auth|account|service|encryption|shared)[ _-]?(?:key|secret|token)\b['\"]?"
    r"[ \t]*(?:[:=]|is\b)+[ \t]*['\"`]?(?P<value>[^\s'\"`;,]{12,500})"
    r"|\b(?:token|bearer|secret)['\"]?[ \t]*(?:[:=]|is\b|(?<=earer))[ \t]*['\"`]?(?P<plain>[^\s'\"`;,]{16,500})",
    re.IGNORECASE,
)
# Words after "password:" that say where it is instead of what it is.
_PLACES = re.compile(
    r"(?:see|ask|in|at|on|the|vault|keepass\w*|lastpass|1password|bitwarden|cyberark|safe|stored|kept|reset|expire[sd]?|"
    r"expiring|unchanged|changed|none|n/a|tbd|via|with|from|by|same|not|never|no|sent|required|needed|unknown|locked|"
    r"managed|rotated?|policy|http\S*|hashicorp\S*|https?:\S*|\W+)[.!]?",
    re.IGNORECASE,
)
_RANDOM = re.compile(rf"(?<![\w/+.=@-])[A-Za-z0-9+/_=-]{{{MIN_RANDOM},500}}(?![\w/+@])")
_ADDRESS = re.compile(r"(?:https?://|www\.|/attachment/|\[\[)\S*")


# İ, ı, ſ and the sign for kelvin: a pattern in any case takes them for i, s and k, folding need not.
_FOLDED_OTHERWISE = re.compile(r"[\u0130\u0131\u017f\u212a]")


class Detector(Protocol):
    """What is used of a plugin of detect-secrets."""

    denylist: Iterable[re.Pattern[str]]

    def analyze_string(self, string: str) -> Iterable[str]:
        """The secrets in one line."""


def credentials(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what it is) of each secret; masking leaves the words that name it."""
    for match in _PRIVATE_KEY.finditer(text):
        yield match.start(), match.end(), "private key"
    lines = _Lines(text)
    for start, end in lines.with_one_of("pass", "pwd", "pw", "contraseña", "hasło", "heslo", "kennwort", "senha"):
        for match in _NAMED.finditer(text, start, end):
            if _is_password(text, match):
                yield *match.span("value"), "password"
    for start, end in lines.with_one_of("pin"):
        for match in _PIN.finditer(text, start, end):
            yield *match.span("value"), "PIN"
    for start, end in lines.with_one_of("key", "secret", "token", "bearer"):
        for match in _KEY.finditer(text, start, end):
            group = "value" if match["value"] else "plain"
            if _looks_given(match[group]) and not _is_placeholder(match[group]):
                yield *match.span(group), "key"
    yield from _of_services(text)
    long_words = [match for match in _RANDOM.finditer(text) if _is_random(match.group())]
    addresses = [match.span() for match in _ADDRESS.finditer(text)] if long_words else []
    for match in long_words:
        if not any(start <= match.start() < end for start, end in addresses):
            yield match.start(), match.end(), "key"


class _Lines:
    """The lines of a text, to be found by words in any case: all that is written of a password stands on one line.

    Searching for words first is many times faster than patterns in any case.
    """

    def __init__(self, text: str) -> None:
        self._text, self._folded = text, text.casefold()
        self._all = bool(_FOLDED_OTHERWISE.search(text))

    def with_one_of(self, *words: str) -> Iterator[tuple[int, int]]:
        """Start and end of each line with one of the words, in order."""
        held = [word for word in words if word in self._folded]
        if held or self._all:
            ends = self._ends
            numbers = range(len(ends)) if self._all else sorted({n for word in held for n in self._numbers(word)})
            for number in numbers:
                yield ends[number - 1] + 1 if number else 0, ends[number]

    def _numbers(self, word: str) -> Iterator[int]:
        place, ends = self._folded.find(word), self._folded_ends
        while place >= 0:
            number = bisect(ends, place)
            yield number
            place = self._folded.find(word, ends[number])

    @cached_property
    def _ends(self) -> list[int]:
        return _ends(self._text)

    @cached_property
    def _folded_ends(self) -> list[int]:
        # Folding keeps the line feeds, but not how far they are from each other.
        return _ends(self._folded)


def _ends(text: str) -> list[int]:
    """Where each line ends, without its line feed."""
    return [*(match.start() for match in re.finditer("\n", text)), len(text)]


def _is_password(text: str, match: re.Match[str]) -> bool:
    value, sign = match["value"], match["sign"]
    if _is_placeholder(value) or _PLACES.fullmatch(value):
        return False
    is_word = bool(re.fullmatch(r"[^\W\d_]+[.!?]?", value)) and value[1:] == value[1:].lower()
    if "is" in sign.casefold():
        return not is_word  # "the password is expired" against "the password is Summer2026!"
    if not is_word:
        return True
    # "Password: sunshine" against "Password: rotated every month".
    rest = text[match.end() :].split("\n", 1)[0]
    return not re.match(r"[ \t]+[^\W\d_]", rest)


def _is_placeholder(value: str) -> bool:
    return value[0] in "[<{*•$%(" or len(set(value)) < 3 or bool(re.fullmatch(r"(?:x+|\.+|…+|your\S*)", value, re.I))


def _looks_given(value: str) -> bool:
    """Whether letters and digits are mixed, as in what a service gives out."""
    return bool(re.search(r"\d", value)) and bool(re.search(r"[A-Za-z]", value)) and not value.startswith("http")


def _is_random(word: str) -> bool:
    """Whether a long word is mixed beyond what people write. Hexadecimal alone is a hash or a UUID."""
    if re.fullmatch(r"[0-9a-fA-F-]+", word) or not _looks_given(word):
        return False
    if not (re.search(r"[a-z]", word) and re.search(r"[A-Z]", word)) or word.count("-") + word.count("/") > 3:
        return False
    return _entropy(word) >= MIN_ENTROPY


def _entropy(word: str) -> float:
    shares = [word.count(letter) / len(word) for letter in set(word)]
    return -sum(share * log2(share) for share in shares)


def _of_services(text: str) -> Iterator[tuple[int, int, str]]:
    # Where a form is nowhere in the text it is in none of its lines.
    searched = [(name, plugin) for name, plugin in _detectors() if any(form.search(text) for form in plugin.denylist)]
    for line in re.finditer(r"[^\r\n]+", text) if searched else ():
        for name, plugin in searched:
            yield from _in_line(line.group(), line.start(), name, plugin)


def _in_line(line: str, offset: int, name: str, plugin: Detector) -> Iterator[tuple[int, int, str]]:
    for secret in plugin.analyze_string(line):
        if not secret or _is_placeholder(secret):
            continue
        # Some plugins give only a part of the key, such as its prefix.
        around = "" if name == "password" else r"[\w+/=.-]*"
        for match in re.finditer(f"{around}{re.escape(secret)}{around}", line):
            yield offset + match.start(), offset + match.end(), name


@lru_cache(maxsize=1)
def _detectors() -> list[tuple[str, Detector]]:
    """Loaded when first needed: detect-secrets takes a moment."""
    found = []
    for module, name in _PLUGINS:
        plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
        found.append(("password" if name == "BasicAuthDetector" else "key", plugin))
    return found
