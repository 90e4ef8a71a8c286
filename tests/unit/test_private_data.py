"""Personal data and secrets: not saved by accident, never told by the refusal, kept only for a reason."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from kb import handovers
from kb.access import RuleError
from kb.audit_log import export_csv, find_entries
from kb.drafts import Draft, find_draft, keep_draft, save_draft
from kb.handover.models import Answer, NoteItem, NoteText, PartyId
from kb.handover.templates import template_of
from kb.handover.writings import note_pieces, with_pieces
from kb.handovers import save_note, submit_note
from kb.indexing import Indexer
from kb.models import Person, Space
from kb.pages import PageText, create_page, edit_page, history, page_pieces, restore_revision, with_page_pieces
from kb.private_data import KEY_FILE, PrivateData, PrivateDataFound, look, masked
from kb.space_choice import SpaceChoice
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.unit.handover_samples import NOW, shift_note

CARD, OTHER_CARD = "4111 1111 1111 1111", "5500005555555559"
SECRET = "Summer2026!"
REASON = "A test card of the bank"
SHIFT = template_of("shift")


@pytest.fixture(autouse=True)
def _four_in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "now", lambda: NOW)


@pytest.fixture
def page_text() -> PageText:
    return PageText("Refunds", f"How to refund.\n\nUse {CARD}.\nThe password is {SECRET}")


def named(found: tuple[PrivateData, ...] | list[PrivateData]) -> list[str]:
    return [str(one) for one in found]


def everything_stored(store: Store) -> str:
    """Every value of every table, without the drafts."""
    with store.reading() as db:
        names = [name for name in db.table_names() if name != "drafts"]
        return "\n".join(str(row) for name in names for row in db[name].rows)


def test_a_page_is_refused_and_nothing_tells_what_it_held(
    store: Store, indexer: Indexer, space: Space, page_text: PageText
) -> None:
    with pytest.raises(PrivateDataFound) as refused:
        create_page(store, indexer, LOCAL, space, page_text)
    assert named(refused.value.found) == ["card number ending 1111 in the text, line 3", "password in the text, line 4"]
    told = f"{refused.value} {refused.value!r} {refused.value.found!r} {everything_stored(store)}"
    assert [value for value in (CARD, "".join(CARD.split()), SECRET) if value in told] == []


def test_a_reason_lets_it_be_saved_and_is_asked_for_once(
    store: Store, indexer: Indexer, space: Space, page_text: PageText
) -> None:
    page = create_page(store, indexer, LOCAL, space, page_text, private_reason=f"  {REASON}\n")
    more = replace(page_text, title="Refunds of cards", body=page_text.body.replace(CARD, CARD.replace(" ", "")))
    page = edit_page(store, indexer, LOCAL, page, more)  # the same card, written otherwise
    with pytest.raises(PrivateDataFound) as refused:
        edit_page(store, indexer, LOCAL, page, replace(more, body=f"{more.body}\n{OTHER_CARD}"))
    assert named(refused.value.found) == ["card number ending 5559 in the text, line 5"]
    entries, _ = find_entries(store, LOCAL, AuditFilter(actions=("private_data.kept",)))
    assert [(entry.subject_id, entry.detail) for entry in entries] == [
        (page.id, f"card number ending 1111 in the text, line 3; password in the text, line 4. Reason: {REASON}")
    ]
    assert REASON in export_csv(store, LOCAL, AuditFilter())


def test_a_reason_counts_for_its_page_only(store: Store, indexer: Indexer, space: Space, page_text: PageText) -> None:
    create_page(store, indexer, LOCAL, space, page_text, private_reason=REASON)
    with pytest.raises(PrivateDataFound):
        create_page(store, indexer, LOCAL, space, page_text)


@pytest.mark.parametrize(
    "reason", ["ok", "x" * 201, f"It is {CARD} only", "The PESEL 44051401359 too", "only 4111-1111-1111-1111", SECRET]
)
def test_a_reason_is_one_and_holds_nothing_private_itself(
    store: Store, indexer: Indexer, space: Space, page_text: PageText, reason: str
) -> None:
    with pytest.raises(RuleError) as refused:
        create_page(store, indexer, LOCAL, space, page_text, private_reason=reason)
    assert not isinstance(refused.value, PrivateDataFound)
    assert reason not in str(refused.value)


def test_title_tags_search_words_and_summary_are_looked_at_too(store: Store, indexer: Indexer, space: Space) -> None:
    text = PageText(f"Card {CARD}", "", (f"card-{OTHER_CARD}", "ok"), (f"card {CARD}",))
    with pytest.raises(PrivateDataFound) as refused:
        create_page(store, indexer, LOCAL, space, text)
    assert named(refused.value.found) == [
        "card number ending 1111 in the title", "card number ending 1111 in “Also found by”",
    ]  # fmt: skip
    page = create_page(store, indexer, LOCAL, space, PageText("Refunds", "one"))
    with pytest.raises(PrivateDataFound) as refused:
        edit_page(store, indexer, LOCAL, page, PageText("Refunds", "two"), summary=f"Added card {CARD}")
    assert named(refused.value.found) == ["card number ending 1111 in “What did you change?”"]


def test_a_text_that_does_not_change_and_a_phone_number_ask_nothing(
    store: Store, indexer: Indexer, space: Space, page_text: PageText
) -> None:
    page = create_page(store, indexer, LOCAL, space, PageText("Desk", "Call +48 22 555 01 23."))
    with store.atomic() as db:
        db.execute("UPDATE pages SET body = ? WHERE id = ?", [page_text.body, page.id])  # written by an older Baton
    assert edit_page(store, indexer, LOCAL, page, PageText("Desk", page_text.body)).revision == 1


def test_an_old_revision_does_not_bring_it_back_unseen(
    store: Store, indexer: Indexer, space: Space, page_text: PageText
) -> None:
    page = create_page(store, indexer, LOCAL, space, PageText("Desk", "one"))
    with store.atomic() as db:
        db.execute("UPDATE revisions SET body = ? WHERE page_id = ?", [page_text.body, page.id])
    page = edit_page(store, indexer, LOCAL, page, PageText("Desk", "two"))
    assert [revision.number for revision in history(store, LOCAL, page)] == [2, 1]
    with pytest.raises(PrivateDataFound):
        restore_revision(store, indexer, LOCAL, page, 1)


def test_a_draft_is_kept_as_typed_and_saved_for_a_reason(
    store: Store, indexer: Indexer, space: Space, page_text: PageText
) -> None:
    draft = keep_draft(store, LOCAL, Draft("k", page_text, SpaceChoice.of(space)))
    with pytest.raises(PrivateDataFound):
        save_draft(store, indexer, LOCAL, draft)
    kept = find_draft(store, LOCAL, "k")
    assert kept is not None
    assert kept.text == page_text
    assert save_draft(store, indexer, LOCAL, kept, private_reason=REASON).body == page_text.body
    assert find_draft(store, LOCAL, "k") is None


# ---- notes ------------------------------------------------------------------------------------------------------


def note_text(stranger: Person) -> NoteText:
    text = shift_note(receiver="Ines", receiver_id=PartyId(stranger.id), client=f"ACME {CARD}")
    item = replace(text.items[0], details={"background": f"Log in.\nThe password is {SECRET}"})
    resolved = Answer(rows=({"what": "a", "fix": "b"}, {"what": "c", "fix": "IBAN DE89 3704 0044 0532 0130 00"}))
    return replace(
        text, items=(NoteItem("First", next_step="Go"), item), answers={**text.answers, "resolved": resolved}
    )


WHERE = [
    "card number ending 1111 in “Client or process”",
    "password in “Background” of item 2, line 2",
    "IBAN ending 3000 in “Fix” in row 2 of “Resolved this shift”",
]


def test_a_note_is_refused_when_saved_and_when_submitted_until_there_is_a_reason(
    store: Store, indexer: Indexer, space: Space, stranger: Person
) -> None:
    text = note_text(stranger)
    for save in (save_note, submit_note):
        with pytest.raises(PrivateDataFound) as refused:
            save(store, indexer, LOCAL, text, space)
        assert named(refused.value.found) == WHERE
    note = save_note(store, indexer, LOCAL, text, space, private_reason=REASON)
    note = submit_note(store, indexer, LOCAL, note.text, space, note)
    assert note.version == 1
    assert find_entries(store, LOCAL, AuditFilter(actions=("private_data.kept",)))[1] == 1


def test_masking_changes_what_is_masked_and_nothing_else(store: Store, stranger: Person) -> None:
    text = note_text(stranger)
    pieces = note_pieces(SHIFT, text)
    card, password, iban = look(store, pieces)
    some = with_pieces(SHIFT, text, masked(store, pieces, [card, password]))
    assert some.header.client == "ACME [card number removed]"
    assert some.items[1].details["background"] == "Log in.\nThe password is [password removed]"
    assert some.answers == text.answers
    assert some.items[0] == text.items[0]
    assert named(look(store, note_pieces(SHIFT, some))) == [str(iban)]
    assert with_pieces(SHIFT, text, {}) == text


def test_a_masked_name_is_nobodys_account(store: Store, stranger: Person) -> None:
    text = shift_note(receiver=f"Ines {CARD}", receiver_id=PartyId(stranger.id))
    pieces = note_pieces(SHIFT, text)
    header = with_pieces(SHIFT, text, masked(store, pieces, look(store, pieces))).header
    assert (header.receiver, header.receiver_id) == ("Ines [card number removed]", None)


def test_masking_a_page(store: Store, page_text: PageText) -> None:
    pieces = page_pieces(page_text)
    changed = with_page_pieces(page_text, masked(store, pieces, look(store, pieces)))
    assert changed.body == "How to refund.\n\nUse [card number removed].\nThe password is [password removed]"
    assert look(store, page_pieces(changed)) == []


def test_what_was_edited_away_is_not_masked(store: Store, page_text: PageText) -> None:
    found = look(store, page_pieces(page_text))
    other = PageText("Refunds", f"Use {OTHER_CARD}.")
    assert masked(store, page_pieces(other), found) == {}


# ---- the key ----------------------------------------------------------------------------------------------------


def test_fingerprints_have_a_key_of_the_installation(store: Store, tmp_path: Path, page_text: PageText) -> None:
    pieces = page_pieces(page_text)
    first = look(store, pieces)
    key = store.path.with_name(KEY_FILE)
    assert (len(key.read_bytes()), stat.S_IMODE(key.stat().st_mode)) == (32, 0o600)
    assert look(store, pieces) == first
    assert [path.name for path in key.parent.iterdir() if KEY_FILE in path.name] == [KEY_FILE]
    key.unlink()
    assert {one.fingerprint for one in look(store, pieces)}.isdisjoint(one.fingerprint for one in first)


def test_a_text_beyond_what_is_looked_at_once_is_looked_at_whole(store: Store) -> None:
    text = PageText("Long", "some words\n" * 60_000 + f"Use {CARD}.")
    assert named(look(store, page_pieces(text))) == ["card number ending 1111 in the text, line 60001"]
