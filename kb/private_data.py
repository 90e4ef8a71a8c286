"""Personal data and secrets are not saved by accident: found, named without being shown, kept only for a reason.

What was found leaves this module without its value, but for a hash that is keyed with a file beside the database: so
neither an error, the audit log nor a stolen copy of the database tells it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.access import RuleError
from kb.models import Person
from kb.privacy import FindingKind
from kb.store import audit, private_data
from kb.store.db import Connection, Store, StoreError
from kb.writings import Place, PrivateValue, Written, masked_pieces, private_values

KEY_FILE = "private-data.key"  # in the data folder; lost, people are asked once more
MAX_REASON = 200  # characters
MIN_REASON = 5  # characters; less is no reason
WORDS: Place = ("", 0, "")  # of a text that is no field of a form
NAMED = 12  # of what was found that the audit log names one by one


@dataclass(frozen=True, slots=True)
class PrivateData:
    """Something private in a text, without its value.

    :ivar place: where in the form, for going there; ``label`` says it in words.
    :ivar shown: what it is: "card number ending 4242", "password".
    :ivar fingerprint: the same for the same value in any place.
    """

    place: Place
    label: str
    shown: str
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.shown} in {self.label}"


class PrivateDataFound(RuleError):
    """Nothing was saved, since the text holds private data for which nobody gave a reason: ``found``."""

    def __init__(self, found: Sequence[PrivateData]) -> None:
        super().__init__(
            f"Not saved, because of what looks private: {listed(found)}. Mask or remove it, or say why it has to stay."
        )
        self.found = tuple(found)


def look(store: Store, pieces: Iterable[Written]) -> list[PrivateData]:
    """What is private in these pieces, in their order. Reads no database; call it outside any transaction.

    :raises StoreError: when the key of the fingerprints cannot be read.
    """
    return [told for _, told in _look(store, pieces)]


def masked(store: Store, pieces: Sequence[Written], wanted: Iterable[PrivateData]) -> dict[Place, str]:
    """The pieces that change when these are masked, by place. What is not in the pieces any more is left out.

    :raises StoreError: when the key of the fingerprints cannot be read.
    """
    chosen = {(one.place, one.fingerprint) for one in wanted}
    return masked_pieces(
        pieces, [value for value, told in _look(store, pieces) if (told.place, told.fingerprint) in chosen]
    )


@dataclass(frozen=True, slots=True)
class Examined:
    """A text that was looked at, and the reason given for what is private in it; "" for none."""

    found: tuple[PrivateData, ...]
    reason: str

    def new(self, known: Collection[str]) -> list[PrivateData]:
        """What is private and not among these fingerprints, for which a reason was given now.

        :raises PrivateDataFound: when there is such and no reason was given.
        """
        new = [one for one in self.found if one.fingerprint not in known]
        if new and not self.reason:
            raise PrivateDataFound(new)
        return new

    def require_reason(self, db: Connection, actor: Person, page_id: int) -> None:
        """Let the text be saved, in the transaction that saves it, if nothing private is new or a reason was given.

        :raises PrivateDataFound: otherwise.
        """
        new = self.new(private_data.known(db, page_id) if self.found else ())
        if not new:
            return
        line = audit.record(db, actor, "private_data.kept", "page", page_id, listed(new, NAMED))
        private_data.add(db, actor, page_id, [one.fingerprint for one in new], self.reason, line)


def examine(store: Store, pieces: Iterable[Written], reason: str = "") -> Examined:
    """Look at a text that is about to be saved, outside the transaction that saves it.

    :param reason: why private data in it has to stay.
    :raises RuleError: when the reason is too short or too long, or is private itself.
    """
    found = _look(store, pieces)
    reason = " ".join(reason.split())
    if found and reason:
        check_reason(reason, [value.value for value, _ in found])
    return Examined(tuple(told for _, told in found), reason)


def of_words(label: str, text: str) -> list[Written]:
    """One short text, such as an answer, as the pieces that are looked at. ``label`` names it: "your answer"."""
    return [Written(WORDS, label, text)]


def check_reason(reason: str, values: Iterable[str] = ()) -> None:
    """See whether this can be a reason.

    :param values: what it gives the reason for, which it must not repeat.
    :raises RuleError: when it is too short or too long, or is private itself.
    """
    if not MIN_REASON <= len(reason) <= MAX_REASON:
        raise RuleError(f"Say in {MIN_REASON} to {MAX_REASON} characters why it has to stay.")
    inside = [_plain(value) for value in values]
    if private_values([Written(("", 0, ""), "", reason)]) or any(value in _plain(reason) for value in inside):
        raise RuleError("The reason itself holds what should not be written down. Say it without.")


def _look(store: Store, pieces: Iterable[Written]) -> list[tuple[PrivateValue, PrivateData]]:
    values = private_values(pieces)
    if not values:
        return []
    key = _key(store.path.with_name(KEY_FILE))
    return [
        (one, PrivateData(one.place, one.label, one.shown, _fingerprint(key, one.finding.kind, one.value)))
        for one in values
    ]


def _fingerprint(key: bytes, kind: FindingKind, value: str) -> str:
    """HMAC-SHA-256: without the key nobody can try all card numbers. 64 hexadecimal digits."""
    plain = value if kind is FindingKind.SECRET else _plain(value)
    return hmac.new(key, f"{kind}\n{plain}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _plain(value: str) -> str:
    return re.sub(r"[\s.-]", "", value).casefold()


def _key(path: Path) -> bytes:
    """The key of this installation, made by the first who needs it."""
    try:
        if not path.exists():
            _make_key(path)
        return path.read_bytes()
    except OSError as error:
        raise StoreError(
            f"Nothing was saved: {path.name} in the data folder cannot be used. Check its rights."
        ) from error


def _make_key(path: Path) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, secrets.token_bytes(32))
        os.fsync(file)
        os.link(unfinished, path)  # fails where another process was faster: then its key counts
    except FileExistsError:
        return
    finally:
        os.close(file)
        unfinished.unlink()


def listed(found: Sequence[PrivateData], at_most: int = 5) -> str:
    """What was found, and where, in one line."""
    named = "; ".join(map(str, found[:at_most]))
    more = len(found) - at_most
    return f"{named}; and {more} more" if more > 0 else named
