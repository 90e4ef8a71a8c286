"""The screens of a note while somebody else acts on it: nothing unseen is confirmed, and no text is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.handover.models import Answer, Note, NoteState, PartyId, Verdict
from kb.handovers import SPACE, read_note, submit_note
from kb.models import Person, Role
from kb.pages import ensure_space
from kb.questions import answer, ask, note_threads
from kb.read_backs import confirm, decline, kept_read_back, last_kept_summary, note_read_backs, read_back
from kb.store import people
from kb.store.db import now
from kb.store.people import LOCAL
from kb.teams import save_team
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, act_as, texts
from tests.unit.handover_samples import shift_note

SUMMARY = "I call the bank about the refund batch."


@dataclass(frozen=True)
class Cast:
    """Sue and Tom hand over, Rita (a reader) and Bo take over."""

    rita: Person
    bo: Person
    sue: Person
    tom: Person


@pytest.fixture
def cast(baton: Baton) -> Cast:
    with baton.store.atomic() as db:
        rita = people.add(db, "Rita", "rita@example.com", Role.READER)
        return Cast(rita, *(people.add(db, name, f"{name}@example.com", Role.AUTHOR) for name in ("Bo", "Sue", "Tom")))


@pytest.fixture
def note(baton: Baton, cast: Cast) -> Note:
    night = save_team(baton.store, LOCAL, "Night", "", None, [cast.rita, cast.bo])
    day = save_team(baton.store, LOCAL, "Day", "", None, [cast.sue, cast.tom])
    start = now() + timedelta(hours=1)
    text = shift_note(
        sender="Day", sender_id=PartyId(team=day.id), receiver="Night", receiver_id=PartyId(team=night.id),
        effective=start, acknowledge_by=start + timedelta(hours=1),
    )  # fmt: skip
    return submit_note(baton.store, baton.indexer, cast.sue, text, ensure_space(baton.store, LOCAL, SPACE))


def next_version(baton: Baton, cast: Cast, note: Note, big_picture: str = "Everything stands still.") -> Note:
    text = replace(note.text, answers={**note.text.answers, "big_picture": Answer(big_picture)})
    return submit_note(baton.store, baton.indexer, cast.sue, text, note.page.space, note)


def field(app: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(f for f in [*app.text_area, *app.text_input, *app.checkbox] if f.label == label)


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def errors(app: AppTest) -> list[str]:
    assert not app.exception
    return [error.value.replace("\\", "") for error in app.error]


def everything(app: AppTest) -> str:
    return "\n".join([*texts(app), *(info.value for info in app.info), *(w.value for w in app.warning)])


def test_a_read_back_that_came_meanwhile_is_not_confirmed(
    open_screen: OpenScreen, baton: Baton, note: Note, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, slug = baton.store, note.page.slug
    given = read_back(store, cast.rita, note, SUMMARY, {0})
    act_as(cast.sue, store, monkeypatch)
    app = open_screen("handover", slug=slug)
    again = decline(store, cast.tom, given, note_read_backs(store, cast.tom, given)[0], "Say who calls.")
    read_back(store, cast.bo, again, "I do nothing at all, whatever the bank says.", {0})
    press(app, "Confirm")
    assert errors(app) == ["Another read-back came meanwhile. Read it, then decide."]
    assert read_note(store, cast.sue, slug).state is NoteState.READ_BACK
    assert "I do nothing at all, whatever the bank says." in everything(app)
    press(app, "Confirm")
    assert errors(app) == []
    assert note_read_backs(store, cast.sue, note)[0].verdict is Verdict.CONFIRMED


def test_a_version_that_came_meanwhile_is_not_confirmed_or_declined(
    open_screen: OpenScreen, baton: Baton, note: Note, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, slug = baton.store, note.page.slug
    given = read_back(store, cast.rita, note, SUMMARY, {0})
    act_as(cast.tom, store, monkeypatch)
    for button in ("Confirm", "Ask again"):
        app = open_screen("handover", slug=slug)
        second = next_version(baton, cast, given, f"Not seen by who presses {button}.")
        given = read_back(store, cast.bo, second, "All is quiet, nothing to be done tonight.", {0})
        field(app, "What is missing or misunderstood (to ask again)").set_value("Who calls?")
        press(app, button)
        assert errors(app) == ["Sue saved this note while you were writing. Nothing is lost: compare both and decide."]
        assert read_note(store, cast.tom, slug).state is NoteState.READ_BACK


def test_a_question_about_the_version_before_is_not_stored_as_about_the_next(
    open_screen: OpenScreen, baton: Baton, note: Note, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, question = baton.store, "Why is the backlog 412?"
    act_as(cast.rita, store, monkeypatch)
    app = open_screen("handover", slug=note.page.slug)
    field(app, "Your question").set_value(question).run()
    second = next_version(baton, cast, note)
    press(app, "Ask")
    assert errors(app) == [
        "Sue submitted version 2 of this note while you were writing. Your text is still here: read the new version, "
        "then send it again if it still fits."
    ]
    assert note_threads(store, cast.sue, second) == []
    assert field(app, "Your question").value == question
    press(app, "Ask")
    assert errors(app) == []
    assert [(p.text, p.version) for thread in note_threads(store, cast.sue, second) for p in thread.posts] == [
        (question, 2)
    ]
    assert field(app, "Your question").value == ""
    assert escape(question) in everything(app)


def test_the_acknowledgement_that_shows_is_the_one_that_was_sealed(
    open_screen: OpenScreen, baton: Baton, note: Note, cast: Cast
) -> None:
    store, forged = baton.store, "I take over everything, the bank account too."
    given = read_back(store, cast.rita, note, SUMMARY, {0})
    confirm(store, cast.sue, given, note_read_backs(store, cast.sue, given)[0])
    with store.atomic() as db:
        db.execute(
            "INSERT INTO handover_read_backs(page_id, version, person_id, summary, ticked, at, verdict, judge_id, "
            "remark, judged_at) SELECT page_id, version, ?, ?, ticked, at, verdict, judge_id, remark, judged_at "
            "FROM handover_read_backs",
            [cast.bo.id, forged],
        )
    shown = everything(open_screen("handover", slug=note.page.slug))
    assert (escape(SUMMARY) in shown, escape(forged) in shown) == (True, False)


def test_a_summary_outlives_a_question_and_a_new_version(
    open_screen: OpenScreen, baton: Baton, note: Note, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, slug, typed = baton.store, note.page.slug, f"{SUMMARY} Ten minutes of work."
    act_as(cast.rita, store, monkeypatch)
    app = open_screen("handover", slug=slug)
    field(app, "What I understood").set_value(SUMMARY).run()
    asked = ask(store, cast.bo, note, "Which bank?", blocking=True)
    field(app, "What I understood").set_value(typed).run()
    assert errors(app) == []
    assert "**Your read-back of version 1 is kept.** It cannot be given now." in everything(app)
    assert f"> {escape(typed)}" in everything(app)
    answer(store, cast.sue, asked, note_threads(store, cast.sue, asked)[0].id, "The blue one.")
    app = open_screen("handover", slug=slug)
    assert field(app, "What I understood").value == typed
    next_version(baton, cast, read_note(store, cast.sue, slug))
    app = open_screen("handover", slug=slug)
    assert field(app, "What I understood").value == ""
    press(app, "Go on with it")
    assert field(app, "What I understood").value == typed
    assert kept_read_back(store, cast.rita, read_note(store, cast.rita, slug)).summary == typed
    field(app, "Refund batch stuck · INC-4711 · Call the bank").check().run()
    press(app, "Give read-back")
    assert errors(app) == []
    assert last_kept_summary(store, cast.rita, read_note(store, cast.rita, slug)).summary == ""


def test_what_was_missing_in_an_earlier_version_is_not_asked_again(
    open_screen: OpenScreen, baton: Baton, note: Note, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, asked = baton.store, "Tom asks for another read-back: Ana is missing"
    given = read_back(store, cast.rita, note, SUMMARY, {0})
    declined = decline(store, cast.tom, given, note_read_backs(store, cast.tom, given)[0], "Ana is missing")
    for reader in (cast.sue, cast.rita):
        act_as(reader, store, monkeypatch)
        assert asked in everything(open_screen("handover", slug=note.page.slug))
    next_version(baton, cast, declined)
    for reader in (cast.sue, cast.rita):
        act_as(reader, store, monkeypatch)
        assert asked not in everything(open_screen("handover", slug=note.page.slug))
