"""The proof that an acknowledged version is unchanged: what is sealed, as one text with one hash. Pure.

A seal holds the database's rows as they were, so that even a changed space in a JSON column is found, and each seal's
hash covers the one before it, so that none can be changed, added or taken out in between.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.handover.models import ReadBack, Seal, Step

FIRST = "0" * 64  # what the first seal of a database has as the hash before it

# Steps that an acknowledged version may still take; every other one is about the next version.
_AFTERWARDS = frozenset(map(str, (Step.ASK, Step.ANSWER, Step.CLOSE, Step.REOPEN, Step.SUPERSEDE)))

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the database no longer says what was sealed. ``row`` names it within the table; "" in tables of one."""

    table: str
    row: str
    field: str
    message: str


def canonical(content: Mapping[str, Any]) -> str:
    """The content as the only JSON text that stands for it: keys sorted, no spaces, no escapes but the needed ones."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_odd_value)


def sealed_hash(previous: str, text: str) -> str:
    """SHA-256 of the hash before it, a line feed, and the canonical text in UTF-8; 64 hexadecimal digits."""
    return hashlib.sha256(f"{previous}\n{text}".encode("utf-8", "surrogateescape")).hexdigest()


def differences(sealed: Tables, live: Tables) -> list[Difference]:
    """Where ``live`` is not what ``sealed`` says, in the order of the sealed tables.

    Columns that the sealed rows do not have were added by a later version of Baton and are left out.
    """
    found = []
    for table, rows in sealed.items():
        here = {_key(row): row for row in live.get(table, ())}
        for row in rows:
            known = here.pop(_key(row), None)
            if known is None:
                found.append(Difference(table, _key(row), "", "is gone"))
                continue
            found += [
                Difference(table, _key(row), name, "was changed")
                for name, value in row.items()
                if name not in known or not _same(known[name], value)
            ]
        found += [Difference(table, key, "", "was added") for key in here]
    return found


def sealed_read_back(found: Iterable[ReadBack], seals: Iterable[Seal], version: int) -> ReadBack | None:
    """The read-back that acknowledged a version: the one that its seal names, whatever else was added to it."""
    named = next((seal.read_back for seal in seals if seal.version == version), None)
    return next((given for given in found if given.id == named), None)


def late_rows(version: int, newest: int, added: Tables) -> list[Difference]:
    """The rows that came after the seal of a version, and that nobody can have added by a step that notes know.

    :param newest: the note's version now. What is about a later version than the sealed one is sealed with that.
    :param added: the rows that have a higher id than the sealed ones.
    """
    found = []
    for table, rows in added.items():
        for row in rows:
            about = row["version"]
            late = about < version or (about == version and not _may_follow(table, row))
            if late or about > newest:
                message = "was added after the seal" if late else f"is about version {about}, which there is not"
                found.append(Difference(table, _key(row), "", message))
    return found


def _may_follow(table: str, row: Row) -> bool:
    """Whether a row about the sealed version can come after the seal: the note goes on, what it says does not."""
    if table == "handover_questions":
        return not row["blocking"]
    return table == "handover_events" and row["step"] in _AFTERWARDS


def _key(row: Row) -> str:
    return ", ".join(str(row[name]) for name in ("id", "part", "number", "position") if name in row)


def _same(live: Any, sealed: Any) -> bool:
    # Through JSON: 1, 1.0, true and '1' are not the same.
    return canonical({"": live}) == canonical({"": sealed})


def _odd_value(value: Any) -> str:
    """A value that Baton never writes, such as a BLOB, so that comparing it finds it different."""
    return f"{type(value).__name__} {value!r}"
