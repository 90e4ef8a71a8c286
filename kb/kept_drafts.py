"""What the drafts of pages and of notes share: no window writes over another's text, and a draft is saved once."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kb.access import RuleError
from kb.models import Person
from kb.store import drafts
from kb.store.db import Connection

_TIMES = "kept"  # in a draft's content: how often it was kept


class DraftGone(RuleError):
    """The draft was saved or discarded in another window."""

    def __init__(self) -> None:
        super().__init__(
            "This draft was saved or discarded in another window. Nothing you see here is lost: "
            "save again to save it from here too."
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as one window kept it. ``times`` is how often it was kept; 0: it is not."""

    form: str
    key: str
    times: int = 0
    at: datetime | None = None


def new_key() -> str:
    """A key that no other draft has."""
    return secrets.token_hex(6)


def keep(db: Connection, actor: Person, before: Kept, content: dict[str, Any], *, blank: bool) -> Kept:
    """Keep the content; a blank one is forgotten instead.

    :param before: the draft as this window knows it.
    :return: what it is now: with a new key where another window continued, saved or discarded it meanwhile.
    """
    content = json.loads(json.dumps(content))  # as the store keeps it: tuples become lists
    stored = drafts.get(db, actor, before.form, before.key)
    if stored and content_of(stored) == content:
        return Kept(before.form, before.key, times_of(stored), stored.saved_at)
    key, times = before.key, before.times
    if times != (times_of(stored) if stored else 0):
        key, times = new_key(), 0
    if blank:
        drafts.drop(db, actor, before.form, key)
        return Kept(before.form, key)
    return Kept(before.form, key, times + 1, drafts.keep(db, actor, before.form, key, {**content, _TIMES: times + 1}))


def end(db: Connection, actor: Person, kept: Kept | None) -> None:
    """Forget a draft in the transaction that saves what it says; None, or one that is not kept, changes nothing.

    :raises DraftGone: when another window ended it, or went on with it.
    """
    if kept is None or not kept.times:
        return
    stored = drafts.get(db, actor, kept.form, kept.key)
    if stored is None or times_of(stored) != kept.times:
        raise DraftGone
    drafts.drop(db, actor, kept.form, kept.key)


def times_of(stored: drafts.Draft) -> int:
    """How often a stored draft was kept; older ones do not say, and count as once."""
    return int(stored.content.get(_TIMES, 1))


def content_of(stored: drafts.Draft) -> dict[str, Any]:
    """What was kept."""
    return {name: value for name, value in stored.content.items() if name != _TIMES}
