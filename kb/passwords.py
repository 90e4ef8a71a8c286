"""Passwords: which ones are taken, and how they are kept."""

from __future__ import annotations

import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from kb.access import RuleError

MIN_LENGTH = 12  # characters; NIST SP 800-63B: length and a list of common ones, no other rules
MAX_LENGTH = 1_000  # characters; hashing more would only cost time
_HASHER = PasswordHasher()  # argon2id with the parameters of RFC 9106 for little memory: 64 MiB, 3 passes
_AT_ONCE = threading.BoundedSemaphore(4)  # so that many attempts cannot fill the memory: 256 MiB at most


class WeakPassword(RuleError):
    """This password is not taken; the message says why."""


def check_password(password: str) -> None:
    """:raises WeakPassword: when it is too short, too long, or one of the common ones."""
    if len(password) < MIN_LENGTH:
        raise WeakPassword(f"Use at least {MIN_LENGTH} characters: a few words that do not belong together do well.")
    if len(password) > MAX_LENGTH:
        raise WeakPassword(f"Use at most {MAX_LENGTH} characters.")
    if _plain(password) in _common():
        raise WeakPassword("Many people use this password, so it is guessed first. Choose another one.")


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its salt and parameters. Takes some 50 ms, on purpose."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def verify_password(hashed: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed. Takes as long where nothing was, so that time tells nothing."""
    hashed_or_not = hashed or _nobody()
    try:
        with _AT_ONCE:
            right = _HASHER.verify(hashed_or_not, password[: MAX_LENGTH + 1])
        return right and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_new_hash(hashed: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(hashed)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """The most used passwords of published leaks, and what people make of them to fill twelve characters."""
    words = [_plain(word) for word in FREQUENCY_LISTS["passwords"]]
    longer = {word * (-(-MIN_LENGTH // len(word))) for word in words}
    return frozenset(words) | longer | {word * 2 for word in words} | {word * 3 for word in words}


def _plain(password: str) -> str:
    return password.casefold()
