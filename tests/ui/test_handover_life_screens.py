"""The screens of a note's life: whose turn it is, questions, the read-back, the acknowledgement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.handover.models import Note, NoteState, PartyId
from kb.handovers import SPACE, read_note, submit_note
from kb.models import Person
from kb.pages import ensure_space
from kb.questions import ask
from kb.read_backs import confirm, kept_read_back, note_read_backs, note_seals, read_back
from kb.store import audit
from kb.store.audit import AuditFilter
from kb.store.db import now
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, act_as, texts
from tests.unit.handover_samples import shift_note

HOSTILE = "<b>bold</b> [link](https://evil.example) ![x](https://evil.example/x.png) $1$ :red[red]"
SUMMARY = "I call the bank about the refund batch."


@pytest.fixture
def note(baton: Baton, rita: Person) -> Note:
    start = now() + timedelta(hours=1)
    text = shift_note(
        sender="local",
        sender_id=PartyId(LOCAL.id),
        receiver="Rita",
        receiver_id=PartyId(rita.id),
        effective=start,
        acknowledge_by=start + timedelta(hours=1),
    )
    return submit_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))


def field(app: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(f for f in [*app.text_area, *app.text_input, *app.checkbox] if f.label == label)


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def everything(app: AppTest) -> str:
    return "\n".join([*texts(app), *(info.value for info in app.info), *(w.value for w in app.warning)])


def test_a_note_is_asked_about_answered_read_back_and_acknowledged(
    open_screen: OpenScreen, baton: Baton, note: Note, rita: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, slug = baton.store, note.page.slug
    act_as(rita, store, monkeypatch)
    app = open_screen("handover", slug=slug)
    assert not app.exception
    assert "**Your turn:** read the note, ask what is unclear, then [read it back](#read-back)." in everything(app)
    field(app, "Blocking: I cannot take over before this is answered").check()  # and at once, before it is drawn:
    field(app, "Your question").set_value(HOSTILE)
    press(app, "Ask")
    assert not app.exception
    assert read_note(store, rita, slug).state is NoteState.QUESTIONS
    assert escape(HOSTILE) in everything(app)
    assert "local answers the blocking question next." in everything(app)
    act_as(LOCAL, store, monkeypatch)
    app = open_screen("handover", slug=slug)
    assert "**Your turn:** [answer the blocking question](#questions)." in everything(app)
    field(app, "Your answer").set_value("The blue one.").run()
    press(app, "Answer")
    act_as(rita, store, monkeypatch)
    app = open_screen("handover", slug=slug)
    assert "The blue one." in everything(app)
    field(app, "What I understood").set_value(SUMMARY).run()
    press(app, "Give read-back")
    assert [error.value for error in app.error] == [
        escape("Tick each critical item that you understood. Not ticked yet: Refund batch stuck.")
    ]
    assert kept_read_back(store, rita, read_note(store, rita, slug)).summary == SUMMARY
    app = open_screen("handover", slug=slug)  # as after a reload: what was typed is kept
    assert field(app, "What I understood").value == SUMMARY
    field(app, escape("Refund batch stuck · INC-4711 · Call the bank")).check().run()
    press(app, "Give read-back")
    assert not app.exception
    assert "local confirms the read-back next." in everything(app)
    assert "Confirm" not in [button.label for button in app.button]
    act_as(LOCAL, store, monkeypatch)
    app = open_screen("handover", slug=slug)
    press(app, "Ask again")
    assert [error.value for error in app.error] == [escape("Say what is missing or misunderstood.")]
    field(app, "What is missing or misunderstood (to ask again)").set_value("And Ana?").run()
    press(app, "Ask again")
    act_as(rita, store, monkeypatch)
    app = open_screen("handover", slug=slug)
    assert "local asks for another read-back: And Ana?" in everything(app).replace("\\", "")
    read_back(store, rita, read_note(store, rita, slug), SUMMARY, {0})
    act_as(LOCAL, store, monkeypatch)
    app = press(open_screen("handover", slug=slug), "Confirm")
    assert not app.exception
    (seal,) = note_seals(store, LOCAL, note)
    assert [code.value for code in app.code] == [seal.sha256]
    assert "Confirmed by **local**" in everything(app)


def test_the_second_of_two_senders_is_told(open_screen: OpenScreen, baton: Baton, note: Note, rita: Person) -> None:
    given = read_back(baton.store, rita, note, SUMMARY, {0})
    app = open_screen("handover", slug=note.page.slug)
    confirm(baton.store, LOCAL, given, note_read_backs(baton.store, LOCAL, given)[0])
    press(app, "Confirm")
    assert not app.exception
    assert "Confirmed by **local**" in everything(app)


def test_a_list_says_whose_turn_it_is(
    open_screen: OpenScreen, baton: Baton, note: Note, rita: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_screen("handovers")
    (row,) = [text for text in texts(app) if text.startswith("## ")]
    assert ":gray-badge[Waits for Rita]" in row
    act_as(rita, baton.store, monkeypatch)
    app = open_screen("handovers")
    (row,) = [text for text in texts(app) if text.startswith("## ")]
    assert ":blue-badge[:material/front_hand: Your turn]" in row
    field(app, "Waits for me").check().run()
    assert len([text for text in texts(app) if text.startswith("## ")]) == 1
    ask(baton.store, rita, note, "Why?", blocking=True)
    app = open_screen("handovers")
    field(app, "Waits for me").check().run()
    assert not [text for text in texts(app) if text.startswith("## ")]


def test_people_and_teams_are_chosen_and_names_can_be_typed(
    open_screen: OpenScreen, baton: Baton, rita: Person
) -> None:
    app = open_screen("handover-edit", template="shift")
    boxes = {box.label: box for box in app.selectbox}
    assert boxes["From"].options == ["local", "Rita"]
    assert boxes["From"].value.name == "local"
    assert boxes["To"].value is None


def test_a_note_can_be_taken_along_and_showing_that_makes_no_file(
    open_screen: OpenScreen, baton: Baton, note: Note
) -> None:
    app = open_screen("handover", slug=note.page.slug)
    assert not app.exception
    assert [button.label for button in app.get("download_button")] == ["PDF", "HTML", "Markdown"]
    with baton.store.reading() as db:
        assert audit.count(db, AuditFilter(actions=("note.exported",))) == 0
