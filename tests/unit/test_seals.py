"""An acknowledged version is provable: a change of a single byte is found, wherever it is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kb import handovers
from kb.handover.models import Note, PartyId
from kb.handover.seal import FIRST, canonical, differences, sealed_hash, sealed_read_back
from kb.handovers import submit_note
from kb.indexing import Indexer
from kb.models import Person, Role, Space
from kb.note_endings import close_note, reopen_note
from kb.people import change_account
from kb.questions import answer, ask, note_threads
from kb.read_backs import confirm, decline, note_read_backs, note_seals, read_back
from kb.store import people
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.template_adapting import new_adaptation, publish_template
from kb.verification import Finding, verify_handovers
from tests.unit.handover_samples import NOW, shift_note

ROOT = Path(__file__).resolve().parents[2]
SUMMARY = "I call the bank about the refund batch; Ünï."


@pytest.fixture(autouse=True)
def _four_in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "now", lambda: NOW)


@pytest.fixture
def rita(store: Store) -> Person:
    with store.atomic() as db:
        return people.add(db, "Rita", "rita@example.com", Role.READER)


@pytest.fixture
def acknowledged(store: Store, indexer: Indexer, space: Space, rita: Person) -> Note:
    """A note that every table has rows of, acknowledged at the second read-back."""
    text = shift_note(receiver="Rita", receiver_id=PartyId(rita.id), links=("a",), title="Own", backup="B", lead="L")
    template = publish_template(store, LOCAL, new_adaptation("shift"))
    note = submit_note(store, indexer, LOCAL, replace(text, template_version=template.version), space)
    note = ask(store, rita, note, "Which bank?", blocking=True)
    note = answer(store, LOCAL, note, note_threads(store, LOCAL, note)[0].id, "The blue one.")
    note = read_back(store, rita, note, "I do what has to be done.", {0})
    note = decline(store, LOCAL, note, note_read_backs(store, LOCAL, note)[0], "Which is?")
    note = read_back(store, rita, note, SUMMARY, {0})
    return confirm(store, LOCAL, note, note_read_backs(store, LOCAL, note)[0])


def found(store: Store) -> list[tuple[str, str]]:
    return [(finding.place, finding.message) for finding in verify_handovers(store).findings]


@pytest.fixture
def forged(store: Store) -> Iterator[Any]:
    """A connection that changes what it likes: no triggers, no references."""
    with store.atomic() as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            db.execute(f'DROP TRIGGER "{name}"')
    with store._connection() as db:
        db.conn.execute("PRAGMA foreign_keys=OFF")
        db.conn.execute("PRAGMA ignore_check_constraints=ON")
        yield db.conn
        db.conn.execute("PRAGMA foreign_keys=ON")


# ---- pure ---------------------------------------------------------------------------------------------------------


def test_one_text_stands_for_a_content() -> None:
    content = {"b": [1, None, "ü\n"], "a": {"d": 1.5, "c": True}}
    assert canonical(content) == '{"a":{"c":true,"d":1.5},"b":[1,null,"ü\\n"]}'
    assert sealed_hash(FIRST, "{}") == "5649d09ed68c17156095d175eef152856c5b1a81c117c409c1e00f096aa6838e"
    assert sealed_hash(FIRST, "{}") != sealed_hash("1" * 64, "{}")


def test_rows_that_are_gone_added_or_changed_are_told_apart() -> None:
    sealed = {"t": [{"id": 1, "a": "x", "b": 1}, {"id": 2, "a": "y", "b": None}]}
    assert differences(sealed, sealed) == []
    live = {"t": [{"id": 1, "a": "x ", "b": "1", "new": 0}, {"id": 3, "a": "", "b": 0}]}
    assert [(d.row, d.field, d.message) for d in differences(sealed, live)] == [
        ("1", "a", "was changed"), ("1", "b", "was changed"), ("2", "", "is gone"), ("3", "", "was added"),
    ]  # fmt: skip


def test_a_seal_names_its_acknowledgement(store: Store, acknowledged: Note) -> None:
    given = note_read_backs(store, LOCAL, acknowledged)
    (proof,) = note_seals(store, LOCAL, acknowledged)
    assert proof.read_back == given[0].id
    forged = replace(given[0], id=given[0].id + 1, summary="I take over the bank account too.")
    assert sealed_read_back([forged, *given], [proof], 1) == given[0]
    assert sealed_read_back([forged, *given], [proof], 2) is None
    assert sealed_read_back([forged], [replace(proof, read_back=None)], 1) is None


@pytest.mark.parametrize(
    ("sql", "place", "message"),
    [
        (
            "INSERT INTO handover_read_backs(page_id, version, person_id, summary, ticked, at, verdict, "
            "judge_id, remark) SELECT page_id, version, person_id, 'And the bank account.', ticked, at, verdict, "
            "judge_id, remark FROM handover_read_backs WHERE id = 2",
            "handover_read_backs (3)", "was added after the seal",
        ),
        (
            "INSERT INTO handover_read_backs(page_id, version, person_id, summary, ticked, at, remark) "
            "SELECT page_id, 2, person_id, summary, ticked, at, '' FROM handover_read_backs WHERE id = 2",
            "handover_read_backs (3)", "is about version 2, which there is not",
        ),
        (
            "INSERT INTO handover_events(page_id, state, version, revision, reason, actor_id, at, step) "
            "SELECT page_id, state, version, revision, 'again', actor_id, at, step FROM handover_events "
            "WHERE step = 'confirm'",
            "handover_events (8)", "was added after the seal",
        ),
        (
            "INSERT INTO handover_questions(page_id, version, is_answer, blocking, author_id, text, at) "
            "SELECT page_id, version, 0, 1, author_id, 'May I keep it?', at FROM handover_questions WHERE id = 1",
            "handover_questions (3)", "was added after the seal",
        ),
    ],
)  # fmt: skip
def test_a_row_that_nobody_can_have_added_after_the_seal_is_found(
    store: Store, acknowledged: Note, sql: str, place: str, message: str
) -> None:
    with store.atomic() as db:
        db.execute(sql)
    assert found(store) == [(place, message)]


def test_a_seal_that_is_no_json_any_more_names_nobody(store: Store, forged: Any, acknowledged: Note) -> None:
    forged.execute("UPDATE handover_seals SET content = 'x' || content")
    forged.commit()
    assert [seal.read_back for seal in note_seals(store, LOCAL, acknowledged)] == [None]


# ---- what is no change --------------------------------------------------------------------------------------------


def test_nothing_is_found_in_what_people_may_do_afterwards(
    store: Store, indexer: Indexer, space: Space, rita: Person, acknowledged: Note
) -> None:
    assert found(store) == []
    with store.atomic() as db:
        db.execute("UPDATE people SET email = 'local@example.com' WHERE id = 1")
    change_account(store, LOCAL, rita.id, "Rita Moreno", "rita@example.com")
    asked = ask(store, rita, acknowledged, "And afterwards?")
    answer(store, LOCAL, asked, note_threads(store, LOCAL, asked)[1].id, "Nothing.")
    assert found(store) == []
    closed = close_note(store, rita, acknowledged)
    assert found(store) == []
    reopened = reopen_note(store, rita, closed, "Once more")
    changed = replace(
        reopened.text, items=(), answers={**reopened.text.answers, "items": reopened.text.answers["staffing"]}
    )
    note = submit_note(store, indexer, LOCAL, changed, space, reopened)
    assert found(store) == []
    note = read_back(store, rita, note, SUMMARY, set())
    confirm(store, LOCAL, note, note_read_backs(store, LOCAL, note)[0])
    report = verify_handovers(store)
    assert (report.seals, report.findings) == (2, ())


def test_an_empty_database_has_nothing_to_verify(store: Store) -> None:
    assert verify_handovers(store).seals == 0


# ---- every byte ---------------------------------------------------------------------------------------------------

COLUMNS = {
    "pages": ("slug", "kind", "title", "body", "tags", "keywords", "revision", "created_at"),
    "handovers": (
        "template", "template_version", "state", "version", "title", "client", "sender", "receiver", "backup", "lead",
        "effective_at", "acknowledge_by", "zone", "status", "confidentiality", "links", "answers", "submitted_at",
    ),
    "handover_parties": ("part", "person_id", "team_id"),
    "handover_items": (
        "id", "page_id", "position", "title", "reference", "next_step", "owner", "due", "priority", "done", "details",
    ),
    "handover_templates": ("version", "key", "definition"),
    "revisions": ("page_id", "number", "title", "body", "tags", "summary", "author_id", "created_at"),
    "handover_questions": (
        "id", "page_id", "version", "parent_id", "is_answer", "blocking", "author_id", "text", "at",
    ),
    "handover_read_backs": (
        "id", "page_id", "version", "person_id", "summary", "ticked", "at", "verdict", "judge_id", "remark",
        "judged_at",
    ),
    "handover_events": ("id", "page_id", "state", "version", "revision", "reason", "actor_id", "at", "step"),
    "handover_seals": ("sequence", "page_id", "version", "content", "sha256", "previous", "at"),
}  # fmt: skip


def test_a_change_in_any_column_of_any_row_is_found(store: Store, acknowledged: Note, forged: Any) -> None:
    cases = 0
    for table, columns in COLUMNS.items():
        rows = forged.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()  # noqa: S608
        for row in rows:
            where = " AND ".join(f"{name} IS ?" for name in columns)
            for place, name in enumerate(columns):
                for changed in _changes(row[place]):
                    forged.execute("BEGIN")
                    # "IS NOT" matters: sequence 1 may have become another row's number.
                    forged.execute(f"UPDATE {table} SET {name} = ? WHERE {where}", [changed, *row])  # noqa: S608
                    forged.commit()
                    assert found(store), (table, name, row[place], changed)
                    forged.execute("BEGIN")
                    now = [changed if at == place else value for at, value in enumerate(row)]
                    forged.execute(f"UPDATE {table} SET {name} = ? WHERE {where}", [row[place], *now])  # noqa: S608
                    forged.commit()
                    cases += 1
    assert found(store) == []
    assert cases > 250


def _changes(value: Any) -> list[Any]:
    """The value with a byte changed at its begin, in its middle and at its end, and with one more."""
    if value is None:
        return [1]
    if isinstance(value, int):
        return [value + 1000]
    places = sorted({0, len(value) // 2, len(value) - 1}) if value else []
    flipped = [value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :] for at in places]
    return [*flipped, value + " "]


def test_a_row_that_is_taken_out_or_slipped_in_is_found(store: Store, acknowledged: Note, forged: Any) -> None:
    for table in COLUMNS:
        for sql in (
            f"DELETE FROM {table} WHERE rowid = (SELECT min(rowid) FROM {table})"  # noqa: S608
            if table != "handover_parties"
            else "DELETE FROM handover_parties",
        ):
            forged.execute("SAVEPOINT before")
            rows = forged.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
            forged.execute(sql)
            forged.execute("RELEASE before")
            forged.commit()
            if table == "pages":
                assert verify_handovers(store).findings
            assert found(store), table
            forged.execute(f"DELETE FROM {table}")  # noqa: S608
            marks = ", ".join("?" * len(rows[0]))
            forged.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
            forged.commit()
    assert found(store) == []
    forged.execute(
        "INSERT INTO handover_items(page_id, position, title, reference, next_step, owner, priority, done, details) "
        "VALUES (?, 1, 'x', '', '', '', 'low', 0, '{}')",
        [acknowledged.page.id],
    )
    forged.commit()
    assert [message for _, message in found(store)] == ["was added"]


def test_findings_name_the_note_the_version_and_the_field(store: Store, acknowledged: Note, forged: Any) -> None:
    forged.execute("UPDATE handover_read_backs SET summary = summary || '.' WHERE verdict = 'confirmed'")
    forged.commit()
    assert verify_handovers(store).findings == (
        Finding("Own", acknowledged.page.id, 1, 1, "handover_read_backs.summary (2)", "was changed"),
    )


def test_the_database_itself_refuses_to_change_a_seal(store: Store, acknowledged: Note) -> None:
    for sql in ("UPDATE handover_seals SET at = ''", "DELETE FROM handover_seals"):
        with pytest.raises(Exception, match="Seals are append-only"), store.atomic() as db:
            db.execute(sql)


def test_a_chain_that_was_made_anew_does_not_hold_the_hash_known_outside(
    store: Store, acknowledged: Note, forged: Any
) -> None:
    known = verify_handovers(store).newest
    assert verify_handovers(store, known).findings == ()
    content = forged.execute("SELECT content FROM handover_seals").fetchone()[0].replace("ACME", "ACNE")
    forged.execute("UPDATE handover_seals SET content = ?, sha256 = ?", [content, sealed_hash(FIRST, content)])
    forged.execute("UPDATE handovers SET client = 'ACNE'")
    forged.commit()
    (finding,) = [f for f in verify_handovers(store, known).findings if f.page_id == 0]
    assert finding.message == f"no seal has the hash {known}: it was changed or taken out"


# ---- the script ---------------------------------------------------------------------------------------------------


def run(store: Store, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "verify_handovers.py"), *options],
        env={"BATON_DATA": str(store.path.parent), "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_script_finds_one_flipped_byte_in_the_file(store: Store, acknowledged: Note) -> None:
    clean = run(store)
    assert (clean.returncode, clean.stderr) == (0, "")
    assert clean.stdout.startswith("1 acknowledged version, unchanged.")
    store.close()
    with store._connection() as db:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = store.path.read_bytes()
    # The first place is not in the seal, whose text is JSON with other words around it, but in a live row.
    for place in _places(raw, SUMMARY.encode()):
        at = place + len(SUMMARY.encode()) - 2
        store.path.write_bytes(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
        bad = run(store, "--json")
        assert bad.returncode == 1, bad.stderr
        (first, *_) = json.loads(bad.stdout)["findings"]
        assert (first["note"], first["version"]) == ("Own", 1)
    assert len(_places(raw, SUMMARY.encode())) == 2  # the read-back's row and the seal
    store.path.write_bytes(raw)
    assert run(store).returncode == 0


def _places(raw: bytes, wanted: bytes) -> list[int]:
    return [at for at in range(len(raw)) if raw.startswith(wanted, at)]


def test_the_script_says_when_it_cannot_tell(tmp_path: Path, store: Store) -> None:
    missing = Store(tmp_path / "nowhere" / "baton.db")
    assert run(missing).returncode == 2
    assert run(store).stdout == "No note was acknowledged yet: there is nothing to verify.\n"
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "baton.db").write_bytes(b"no database at all" * 1000)
    assert run(Store(broken / "baton.db")).returncode == 2
