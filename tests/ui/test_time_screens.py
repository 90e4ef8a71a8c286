"""Time on the screens of notes: the suggested acknowledge-by, who stands in, and to whom an overdue note went."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.handover.models import Note, PartyId
from kb.handover_drafts import unfinished_drafts
from kb.handovers import SPACE, read_note, submit_note
from kb.models import Person, Role
from kb.pages import ensure_space
from kb.profiles import add_absence, save_profile
from kb.store import people
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.clock import own_clock
from tests.ui.conftest import OpenScreen, act_as, texts
from tests.unit.handover_samples import shift_note
from tests.unit.test_escalation import BERLIN, MANILA, NEW_YORK, berlin, new_york

THURSDAY = berlin("2026-11-26T12:00")
SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock() -> Iterator[SetClock]:
    """Makes it a moment for notes and their screens."""
    with own_clock(THURSDAY) as clock:
        yield clock.set


@pytest.fixture
def cast(baton: Baton, set_clock: SetClock) -> dict[str, Person]:
    """Ana in Manila receives, Ben in Berlin is the backup, Cleo in New York the lead, Dee in Berlin stands by."""
    with baton.store.atomic() as db:
        found = {
            name: people.add(db, name, f"{name}@example.com", Role.READER) for name in ("Ana", "Ben", "Cleo", "Dee")
        }
    for name, profile in {"Ana": MANILA, "Ben": BERLIN, "Cleo": NEW_YORK, "Dee": BERLIN}.items():
        save_profile(baton.store, LOCAL, found[name].id, profile)
    return found


def hand_over(baton: Baton, cast: dict[str, Person], due: datetime, title: str = "") -> Note:
    text = shift_note(
        sender="local", sender_id=PartyId(LOCAL.id), receiver="Ana", receiver_id=PartyId(cast["Ana"].id), backup="Ben",
        backup_id=PartyId(cast["Ben"].id), lead="Cleo", lead_id=PartyId(cast["Cleo"].id), effective=THURSDAY,
        acknowledge_by=due, title=title,
    )  # fmt: skip
    return submit_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))


def off(baton: Baton, person: Person, first: str, last: str, stand_in: Person | None = None) -> None:
    add_absence(baton.store, LOCAL, person.id, date.fromisoformat(first), date.fromisoformat(last), stand_in)


def field(app: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(one for one in [*app.selectbox, *app.datetime_input] if one.label == label)


def choose(app: AppTest, label: str, name: str) -> AppTest:
    box = field(app, label)
    box.options = [*box.options, name] if name not in box.options else box.options  # AppTest does not know new ones
    return box.set_value(name).run()


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def wait_buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button if button.label.startswith("Acknowledge by")]


def everything(app: AppTest) -> str:
    parts = [*texts(app), *(one.value for kind in (app.info, app.warning, app.error) for one in kind)]
    return "\n".join(parts)


# ---- the form -----------------------------------------------------------------------------------------------------


def test_a_time_within_the_receivers_hours_is_suggested_and_one_click_takes_it(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], set_clock: SetClock
) -> None:
    set_clock(berlin("2026-12-25T08:00"))
    app = open_screen("handover-edit", template="shift")
    assert wait_buttons(app) == []  # nobody receives it yet
    app = choose(app, "To", "Ben")
    assert not app.exception
    assert wait_buttons(app) == [escape("Acknowledge by Mon 28 Dec, 10:00 their time (09:00 yours)")]
    assert (
        "1 hour of Ben's working time. Fri 25 Dec is a public holiday for Ben (Christmas Day), "
        "Sat 26 Dec to Sun 27 Dec are not working days for Ben; Ben starts Mon 28 Dec, 09:00 their time (08:00 yours)."
    ) in captions(app)
    (warning,) = [one.value for one in app.warning]
    assert warning == (
        "The chosen time to acknowledge is 09:00 for Ben: a public holiday for Ben (Christmas Day). You can keep it."
    )
    app = next(button for button in app.button if button.key == "take_deadline").click().run()
    assert not app.exception
    assert not app.warning
    assert wait_buttons(app) == []
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert draft.text.header.acknowledge_by == berlin("2026-12-28T10:00")


def test_a_writers_own_choice_stays(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], set_clock: SetClock
) -> None:
    app = open_screen("handover-edit", template="shift")
    field(app, "Acknowledge by").set_value(datetime(2026, 11, 28, 12, 0)).run()
    for name in ("Ben", "Ana"):
        app = choose(app, "To", name)
        assert field(app, "Acknowledge by").value == datetime(2026, 11, 28, 12, 0)
        assert len(app.warning) == 1  # a Saturday
    assert unfinished_drafts(baton.store, LOCAL)[0].text.header.acknowledge_by == berlin("2026-11-28T13:00")


def test_for_somebody_away_the_stand_ins_time_is_suggested(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person]
) -> None:
    off(baton, cast["Ana"], "2026-11-26", "2026-12-03", cast["Dee"])
    app = choose(open_screen("handover-edit", template="shift"), "To", "Ana")
    assert wait_buttons(app) == []  # the hour that a new note begins with is within Dee's day
    assert "1 hour of Dee's working time. Ana is away until 3 Dec and Dee stands in; Dee starts" in captions(app)


def test_a_name_without_an_account_gets_no_suggestion(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person]
) -> None:
    app = choose(open_screen("handover-edit", template="shift"), "To", "the day shift")
    assert not app.exception
    assert (wait_buttons(app), len(app.warning)) == ([], 0)


# ---- an overdue note ----------------------------------------------------------------------------------------------


def test_an_overdue_note_reaches_the_backup_on_monday_and_then_the_lead(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], set_clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    due = berlin("2026-11-27T18:00")  # on Friday after work: nobody is called at the weekend
    note = hand_over(baton, cast, due)
    act_as(cast["Ben"], baton.store, monkeypatch)
    set_clock(berlin("2026-11-30T08:59"))
    app = open_screen("handover", slug=note.page.slug)
    assert "Ana reads it back next. As the backup you [may read it back](#read-back) too." in everything(app)
    assert (
        "**Overdue** since Fri 27 Nov, 18:00. With the backup **Ben** from 09:00. Not earlier: Sat 28 Nov to "
        "Sun 29 Nov are not working days for Ben."
    ) in everything(app)
    set_clock(berlin("2026-11-30T09:00"))
    app = open_screen("handover", slug=note.page.slug)
    assert "**Your turn:** read the note" in everything(app)
    assert "With the backup **Ben** since 09:00." in everything(app)
    assert "With the lead **Cleo** from 09:00 their time (15:00 yours)." in everything(app)
    (row,) = [text for text in texts(open_screen("handovers")) if text.startswith("## ")]
    assert "Your turn" in row
    set_clock(new_york("2026-11-30T09:00"))
    act_as(LOCAL, baton.store, monkeypatch)
    (row,) = [text for text in texts(open_screen("handovers")) if text.startswith("## ")]
    assert "Waits for Cleo" in row


def test_a_note_says_who_is_away_and_who_stands_in(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = hand_over(baton, cast, THURSDAY + timedelta(days=2))
    off(baton, cast["Ana"], "2026-11-26", "2026-12-03", cast["Dee"])
    app = open_screen("handover", slug=note.page.slug)
    assert "Dee reads it back next." in everything(app)
    assert "Ana is away until 3 Dec; Dee stands in." in everything(app)
    act_as(cast["Dee"], baton.store, monkeypatch)
    app = open_screen("handover", slug=note.page.slug)
    assert "Ana is away until 3 Dec; **you stand in**." in everything(app)
    assert "**Your turn:** read the note" in everything(app)


# ---- my day -------------------------------------------------------------------------------------------------------


def rows(app: AppTest) -> list[str]:
    return [text for text in texts(app) if text.startswith("### ")]


def test_my_day_is_friendly_when_nothing_waits(open_screen: OpenScreen, cast: dict[str, Person]) -> None:
    app = open_screen("my-day")
    assert not app.exception
    assert [one.value for one in app.success] == ["Nothing waits for you."]
    assert "You wait for nobody." in captions(app)
    assert "Nothing new in the notes that you take part in." in captions(app)


def test_my_day_shows_what_waits_for_whom_and_what_changed(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = hand_over(baton, cast, berlin("2026-11-27T18:00"))
    app = open_screen("my-day")
    assert not app.exception
    (row,) = rows(app)
    assert ":gray-badge[:material/hourglass_empty: Ana reads it back]" in row
    act_as(cast["Ana"], baton.store, monkeypatch)
    app = open_screen("my-day")
    (row,) = rows(app)
    assert f"(</handover?slug={note.page.slug}#read-back>)" in row
    assert ":blue-badge[:material/record_voice_over: Read it back]" in row
    assert "From local · Shift handover · ACME · acknowledge by 28 Nov 2026, 01:00" in row  # on her own clock
    set_clock(berlin("2026-11-30T09:30"))
    act_as(cast["Ben"], baton.store, monkeypatch)
    (row,) = rows(open_screen("my-day"))
    assert ":red-badge[:material/alarm: Overdue, 2 days ago]" in row
    assert ":violet-badge[:material/alarm: Came to you as the backup]" in row


def test_what_was_seen_is_news_no_more(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    note = hand_over(baton, cast, berlin("2026-11-27T18:00"))
    act_as(cast["Cleo"], baton.store, monkeypatch)
    app = open_screen("my-day")
    (change,) = [text for text in texts(app) if text.startswith("**Submitted version 1**")]
    assert f"[{escape(note.page.title)}](</handover?slug={note.page.slug}>)" in change
    app = next(button for button in app.button if button.key == "mark_seen").click().run()
    assert not app.exception
    assert "Nothing new in the notes that you take part in." in captions(app)


def test_a_stand_in_sees_for_whom(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over(baton, cast, berlin("2026-11-27T18:00"))
    off(baton, cast["Ana"], "2026-11-26", "2026-12-03", cast["Dee"])
    act_as(cast["Dee"], baton.store, monkeypatch)
    app = open_screen("my-day")
    assert "You stand in for Ana: what waits for them waits for you." in captions(app)
    assert ":violet-badge[:material/swap_horiz: You stand in for Ana]" in rows(app)[0]


def test_titles_on_my_day_are_only_text(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "<b>x</b> ](https://evil.example) ![x](https://evil.example/x.png) :red[red]"
    hand_over(baton, cast, berlin("2026-11-27T18:00"), title=hostile)
    act_as(cast["Ana"], baton.store, monkeypatch)
    app = open_screen("my-day")
    assert rows(app)[0].startswith(f"### [{escape(hostile)}](</handover?slug=")
    assert any(f"[{escape(hostile)}](<" in text for text in texts(app) if text.startswith("**Submitted"))


# ---- relay --------------------------------------------------------------------------------------------------------


def drawing(app: AppTest) -> str:
    return next(one.value for one in reversed(app.get("html")) if 'class="relay"' in one.value)


def test_the_relay_is_friendly_when_nothing_is_under_way(open_screen: OpenScreen, cast: dict[str, Person]) -> None:
    app = open_screen("relay")
    assert not app.exception
    assert [one.value for one in app.success] == ["No handover is under way in this time."]


def test_the_relay_draws_handovers_and_says_them_in_a_table(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person]
) -> None:
    hostile = "<b>x</b> | ](https://evil.example) :red[red]"
    note = hand_over(baton, cast, berlin("2026-11-27T18:00"), title=hostile)
    app = open_screen("relay")
    assert not app.exception
    assert f'<a href="/handover?slug={note.page.slug}">' in drawing(app)
    assert "&lt;b&gt;x&lt;/b&gt;" in drawing(app)
    assert "1 handover under way" in captions(app)
    (table,) = [text for text in texts(app) if text.startswith("| Note")]
    (row,) = table.splitlines()[2:]
    assert row.startswith(f"| [{escape(hostile)}](</handover?slug={note.page.slug}>) | local | Ana |")
    assert row.endswith(":blue-badge[:material/outbox: Submitted] waits for Ana |")
    app = app.segmented_control[0].set_value("Week").run()
    assert not app.exception
    assert 'class="tick day' in drawing(app)
    app.checkbox(key="relay_mine").check().run()
    assert not app.exception
    assert drawing(app)


def test_the_lead_whom_it_came_to_names_another_receiver(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = hand_over(baton, cast, berlin("2026-11-27T16:30"))
    act_as(cast["Cleo"], baton.store, monkeypatch)
    set_clock(berlin("2026-11-27T17:00"))
    app = open_screen("handover", slug=note.page.slug)
    assert "Pass the note on" not in [button.label for button in app.button]  # it is with Ben
    set_clock(new_york("2026-11-30T09:05"))
    app = open_screen("handover", slug=note.page.slug)
    box = field(app, "New receiver")
    assert [name for name in box.options if name in ("Ana", "Ben", "Cleo", "Dee", "local")] == ["Ben", "Cleo", "Dee"]
    press(app, "Pass the note on")
    assert [error.value for error in app.error][-1] == "Choose who takes over, and by when."
    app = choose(app, "New receiver", "Dee")
    assert not app.exception
    # An hour of Dee's time in Berlin, at most to the end of the day there, on Cleo's clock.
    assert field(app, "Acknowledge by, on your clock").value == datetime(2026, 11, 30, 10, 15)
    next(area for area in app.text_area if area.label == "Why?").set_value("Ana is ill").run()
    press(app, "Pass the note on")
    assert not app.exception
    assert [toast.value for toast in app.toast] == ["Passed on: the new receiver finds it in My day and at the bell"]
    after = read_note(baton.store, LOCAL, note.page.slug)
    assert (after.version, after.text.header.receiver_id) == (2, PartyId(cast["Dee"].id))
    assert "**Passed on** by" in everything(app)
    assert escape("To Dee instead of Ana: Ana is ill") in everything(app)


def test_the_relay_moves_to_other_times_and_back_to_now(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], set_clock: SetClock
) -> None:
    hand_over(baton, cast, berlin("2026-11-27T16:30"), title="Later on")

    def shown(app: AppTest) -> str:
        return next(one.value for one in app.caption if " to " in one.value and ":" in one.value)

    app = open_screen("relay")  # the reader's clock is UTC, where it is 11:00
    now_shown = shown(app)
    assert now_shown == escape("Thu 26 Nov, 07:00 to Fri 27 Nov, 07:00")
    assert 'class="due"' not in drawing(app)  # it is due at 15:30 of the next day
    press(app, "Later")
    assert shown(app) == escape("Thu 26 Nov, 19:00 to Fri 27 Nov, 19:00. Now is before what is shown.")
    assert ('class="due"' in drawing(app), 'class="now"' in drawing(app)) == (True, False)
    press(app, "Earlier")
    press(app, "Earlier")
    assert shown(app) == escape("Wed 25 Nov, 19:00 to Thu 26 Nov, 19:00")
    press(app, "Now")
    assert shown(app) == now_shown
    assert next(button for button in app.button if button.label == "Now").disabled
    app.session_state["relay_shift"] = -26 * 7 * 24
    app.run()
    assert [button.label for button in app.button if button.disabled] == ["Earlier"]
    assert not app.exception


def test_an_empty_time_of_the_relay_can_be_left(
    open_screen: OpenScreen, baton: Baton, cast: dict[str, Person], set_clock: SetClock
) -> None:
    hand_over(baton, cast, berlin("2026-11-27T16:30"))
    app = open_screen("relay")
    for _ in range(3):  # before the note takes effect
        press(app, "Earlier")
    assert [one.value for one in app.success] == ["No handover is under way in this time."]
    press(app, "Now")
    assert not app.success
