"""Whether every acknowledged note still says what was acknowledged: each seal, the chain, and the tables beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kb.handover.seal import FIRST, Difference, differences, late_rows, sealed_hash
from kb.store import seals
from kb.store.db import Connection, Store
from kb.store.seals import NoteFacts, StoredSeal

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was sealed. ``note`` is its title as sealed; ``place`` names table, row and field."""

    note: str
    page_id: int
    version: int
    sequence: int | None  # of the seal; None where there is none
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk over all seals found. ``newest`` is the hash that covers everything; "" while nothing is sealed."""

    seals: int
    newest: str
    findings: tuple[Finding, ...]


def verify_handovers(store: Store, expected: str = "", progress: Progress | None = None) -> Verification:
    """Compare every seal with its hash, with the one before it, and with what the tables say now.

    :param expected: a hash known from outside the database, such as from a printed note: it must be in the chain.
    :param progress: told of every seal.
    """
    findings: list[Finding] = []
    hashes: list[str] = []
    with store.reading() as db, seals.exact_texts(db):
        facts = {fact.page_id: fact for fact in seals.all_facts(db)}
        total, sealed = seals.count(db), set[tuple[int, int]]()
        previous, last = FIRST, 0
        for number, seal in enumerate(seals.all_seals(db), start=1):
            findings += _check_seal(db, seal, previous, last, facts)
            sealed.add((seal.page_id, seal.version))
            hashes.append(seal.sha256)
            previous, last = seal.sha256, seal.sequence
            if progress:
                progress("Verifying", number, total)
        for fact in facts.values():
            findings += _check_note(fact, sealed)
    if expected and expected not in hashes:
        findings.append(
            Finding("", 0, 0, None, "handover_seals", f"no seal has the hash {expected}: it was changed or taken out")
        )
    return Verification(len(hashes), hashes[-1] if hashes else "", tuple(findings))


def _check_seal(
    db: Connection, seal: StoredSeal, previous: str, last: int, facts: Mapping[int, NoteFacts]
) -> Iterator[Finding]:
    content = _read(seal.content)
    title = _title(content) or (facts[seal.page_id].title if seal.page_id in facts else "")

    def finding(place: str, message: str) -> Finding:
        return Finding(_shown(title), seal.page_id, seal.version, seal.sequence, _shown(place), message)

    if seal.sequence != last + 1:
        yield finding("handover_seals", f"seal {last + 1} is missing before it")
    if seal.previous != previous:
        yield finding("handover_seals.previous", "does not follow the seal before it")
    if sealed_hash(seal.previous, seal.content) != seal.sha256:
        yield finding("handover_seals", "the seal itself was changed: its hash does not fit")
    if content is None:
        yield finding("handover_seals.content", "cannot be read")
        return
    for name in ("sequence", "page_id", "version", "at"):
        if content.get(name) != getattr(seal, name):
            yield finding(f"handover_seals.{name}", "is not what was sealed")
    try:
        found = list(_compare(db, content, facts))
    except (KeyError, TypeError, AttributeError):
        yield finding("handover_seals.content", "cannot be compared: it is not what Baton seals")
        return
    for difference in found:
        row = f" ({difference.row})" if difference.row else ""
        field = f".{difference.field}" if difference.field else ""
        yield finding(f"{difference.table}{field}{row}", difference.message)


def _compare(db: Connection, content: Mapping[str, Any], facts: Mapping[int, NoteFacts]) -> list[Difference]:
    """What the tables say differently from a seal."""
    page_id, rows = content["page_id"], content["rows"]
    fact = facts.get(page_id)
    if fact is None:
        return [Difference("handovers", "", "", "the note is no longer in the database")]
    last = {table: max((row["id"] for row in found if "id" in row), default=0) for table, found in rows.items()}
    live = seals.rows_of(db, page_id, content["revision"], last)
    # Where the note was submitted again since, the present rows are those of a later version.
    later = fact.version != content["version"] and fact.last_version != content["version"]
    left_out = seals.present_tables() if later else frozenset()
    added = seals.rows_after(db, page_id, last)
    return differences(
        {table: found for table, found in rows.items() if table not in left_out},
        {table: found for table, found in live.items() if table not in left_out},
    ) + late_rows(content["version"], fact.version, added)


def _check_note(fact: NoteFacts, sealed: set[tuple[int, int]]) -> Iterator[Finding]:
    """What the rows of a note say against each other."""

    def finding(version: int, place: str, message: str) -> Finding:
        return Finding(_shown(fact.title), fact.page_id, version, None, place, message)

    for version in fact.acknowledged:
        if (fact.page_id, version) not in sealed:
            yield finding(version, "handover_seals", "was acknowledged, but its seal is missing")
    if any(page_id == fact.page_id for page_id, _ in sealed):
        if fact.state != fact.last_state:
            yield finding(
                fact.version, "handovers.state", f"says {fact.state!r}, its last step says {fact.last_state!r}"
            )
        if fact.version != fact.last_version:
            yield finding(fact.version, "handovers.version", f"its steps end with version {fact.last_version}")


def _read(text: Any) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except (ValueError, TypeError):
        return None
    return content if isinstance(content, dict) else None


def _title(content: Mapping[str, Any] | None) -> str:
    try:
        return str(content["rows"]["revisions"][0]["title"]) if content else ""
    except (KeyError, IndexError, TypeError):
        return ""


def _shown(text: str) -> str:
    """The text without bytes that are no text any more."""
    return text.encode("utf-8", "replace").decode("utf-8")
