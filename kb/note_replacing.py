"""Which note a saved draft was started from, and whether it replaces that one: kept until the draft is submitted."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from kb.models import Person
from kb.store import drafts
from kb.store.db import Connection

FORM = "note replaces"


@dataclass(frozen=True, slots=True)
class Replacing:
    """``follows`` is the address of the note that a draft was started from, and replaces unless ``leaves_old``."""

    follows: str = ""
    leaves_old: bool = False


NOTHING = Replacing()


def keep(db: Connection, actor: Person, page_id: int, replacing: Replacing) -> None:
    """Keep it with a saved draft, in the transaction that saves that."""
    if replacing.follows:
        drafts.keep(db, actor, FORM, str(page_id), asdict(replacing))
    else:
        drop(db, actor, page_id)


def kept(db: Connection, actor: Person, page_id: int) -> Replacing:
    """What was kept with a saved draft by the person who writes it."""
    found = drafts.get(db, actor, FORM, str(page_id))
    return Replacing(**found.content) if found else NOTHING


def drop(db: Connection, actor: Person, page_id: int) -> None:
    """Forget it: the note is handed over."""
    drafts.drop(db, actor, FORM, str(page_id))
