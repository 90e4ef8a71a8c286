"""The screen "Actions", and the age of items in the form and the read view."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kb import actions
from kb.action_lists import find_action
from kb.application import Baton
from kb.carrying import carried_items
from kb.handover.models import Note, NoteItem, Party, PartyId, Priority
from kb.handovers import SPACE, submit_note
from kb.models import Person, Role
from kb.pages import ensure_space
from kb.store import people
from kb.store.db import now
from kb.store.people import LOCAL
from kb.ui.handover_rows import Rows, item_of, row_of
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, act_as, texts
from tests.unit.handover_samples import ITEM, shift_note

HOSTILE = "<b>bold</b> [link](https://evil.example) $1$ :red[red]"
LATER = NoteItem("Tidy the shelf", next_step="Ask", owner="The bank", due=date(2099, 1, 1), priority=Priority.LOW)


def submit(baton: Baton, rita: Person, *items: NoteItem, **header: object) -> Note:
    start = now() + timedelta(hours=1)
    text = shift_note(receiver="Rita", receiver_id=PartyId(rita.id), effective=start,
                      acknowledge_by=start + timedelta(hours=1), **header)  # fmt: skip
    space = ensure_space(baton.store, LOCAL, SPACE)
    return submit_note(baton.store, baton.indexer, LOCAL, replace(text, items=items), space)


def button(app: AppTest, label: str, place: int = 0):  # type: ignore[no-untyped-def]
    return [button for button in app.button if button.label == label][place]


def headings(app: AppTest) -> list[str]:
    return [text for text in texts(app) if text.startswith("## ")]


def cards(app: AppTest) -> list[str]:
    return [text for text in texts(app) if "open for" in text and "**" in text]


def box_of(app: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(field for field in [*app.checkbox, *app.selectbox, *app.text_input] if field.label == label)


def test_without_open_items_the_screen_says_what_will_be_here(open_screen: OpenScreen) -> None:
    app = open_screen("actions")
    assert not app.exception
    assert [success.value for success in app.success] == ["Nothing is open."]


def test_items_stand_by_urgent_and_important_with_owner_due_and_age(
    open_screen: OpenScreen, baton: Baton, rita: Person
) -> None:
    submit(baton, rita, replace(ITEM, title=HOSTILE, due=date(2026, 11, 2)), LATER, client="ACME")
    app = open_screen("actions")
    assert not app.exception
    assert headings(app) == [
        "## :material/bolt: Do now :gray[1]",
        "## :material/event: Plan :gray[0]",
        "## :material/forward: Hand on :gray[0]",
        "## :material/low_priority: Later :gray[1]",
    ]
    first, second = cards(app)
    assert f"**{escape(HOSTILE)}**" in first
    assert "Ana · :red[**overdue: 2 Nov 2026**]\n\n:small[open for under an hour · [" in first
    assert "The bank · due 1 Jan 2099" in second
    assert f"[{escape('Shift handover: ACME')}" in second


def test_one_click_marks_an_item_done_then_people_say_what_fixed_it_or_undo(
    open_screen: OpenScreen, baton: Baton, rita: Person
) -> None:
    note = submit(baton, rita, ITEM)
    origin = note.text.items[0].origin
    app = open_screen("actions")
    button(app, "Done").click().run()
    assert not app.exception
    assert [success.value for success in app.success] == ["Nothing is open."]
    box_of(app, "What fixed it? (helps whoever has this next)").set_value("Sent again").run()
    action = find_action(baton.store, LOCAL, origin)
    assert (action.done, action.fix) == (True, "Sent again")
    app.segmented_control[0].set_value("Done lately").run()
    assert any("Fixed by: Sent again" in text for text in texts(app))
    button(app, "Undo").click().run()
    assert find_action(baton.store, LOCAL, origin).done is False
    app.segmented_control[0].set_value("Open").run()
    assert len(cards(app)) == 1


def test_one_click_takes_an_item_and_two_give_it_on(open_screen: OpenScreen, baton: Baton, rita: Person) -> None:
    note = submit(baton, rita, ITEM)
    origin = note.text.items[0].origin
    app = open_screen("actions")
    button(app, "Take it").click().run()
    assert find_action(baton.store, LOCAL, origin).owner.id == PartyId(LOCAL.id)
    assert "Take it" not in [each.label for each in app.button]
    button(app, "Change").click().run()
    owner = next(box for box in app.selectbox if box.key == f"owner_{origin}")
    assert (owner.value.name, owner.options) == ("local", ["local", "Rita"])
    owner.set_value(Party("Rita", PartyId(rita.id)))
    app.date_input[0].set_value(date(2027, 1, 5))
    button(app, "Save").click().run()
    assert not app.exception
    action = find_action(baton.store, LOCAL, origin)
    assert (action.owner, action.due) == (Party("Rita", PartyId(rita.id)), date(2027, 1, 5))
    assert "Save" not in [each.label for each in app.button]


def test_who_acts_on_what_changed_meanwhile_is_told(open_screen: OpenScreen, baton: Baton, rita: Person) -> None:
    note = submit(baton, rita, ITEM)
    app = open_screen("actions")
    seen = find_action(baton.store, rita, note.text.items[0].origin)
    actions.mark_done(baton.store, rita, seen)
    button(app, "Done").click().run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        escape("Rita marked this item done just now, after you opened it. Look again.")
    ]


def test_filters_narrow_and_can_be_taken_back(open_screen: OpenScreen, baton: Baton, rita: Person) -> None:
    submit(baton, rita, ITEM, LATER)
    app = open_screen("actions")
    box_of(app, "Owner").set_value("The bank").run()
    assert len(cards(app)) == 1
    box_of(app, "Only mine").check().run()
    assert not cards(app)
    assert [info.value for info in app.info] == ["No open item fits these filters."]
    button(app, "Show all").click().run()
    assert not app.exception
    assert len(cards(app)) == 2


def test_a_long_quadrant_comes_in_parts(open_screen: OpenScreen, baton: Baton, rita: Person) -> None:
    submit(baton, rita, *(replace(ITEM, title=f"Item {number}") for number in range(8)))
    app = open_screen("actions")
    assert len(cards(app)) == 6
    button(app, "More of “Do now” (2)").click().run()
    assert len(cards(app)) == 8


def test_who_has_no_part_sees_items_without_buttons(
    open_screen: OpenScreen, baton: Baton, rita: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(baton, rita, ITEM)
    with baton.store.atomic() as db:
        other = people.add(db, "Olu", "olu@example.com", Role.AUTHOR)
    act_as(other, baton.store, monkeypatch)
    app = open_screen("actions")
    assert len(cards(app)) == 1
    assert not [each.label for each in app.button if each.label in ("Done", "Take it", "Change")]


def carried(baton: Baton, rita: Person, note: Note) -> Note:
    return submit(baton, rita, *carried_items(baton.store, LOCAL, note))


def table(app: AppTest) -> list[list[str]]:
    """The rows of the note's items as it is read."""
    (text,) = [text for text in texts(app) if text.startswith("| Priority")]
    return [line.strip("| ").split(" | ") for line in text.splitlines()[2:]]


def test_a_note_shows_what_became_of_its_items(open_screen: OpenScreen, baton: Baton, rita: Person) -> None:
    first = submit(baton, rita, ITEM, LATER, replace(LATER, title="Order paper"))
    second = submit(baton, rita, *carried_items(baton.store, LOCAL, first)[1:2])
    seen = find_action(baton.store, LOCAL, first.text.items[0].origin)
    actions.mark_done(baton.store, rita, actions.reassign(baton.store, LOCAL, seen, Party("Bo")), "Sent again")
    still, done, gone = table(open_screen("handover", slug=first.page.slug))
    assert (done[0], done[3]) == (":gray-badge[:material/check: Done]", "Bo :gray[(here: Ana)]")
    assert done[1].startswith("Refund batch stuck :gray[INC-4711] :small[· done by [Rita](")
    assert done[1].endswith(": Sent again]")
    assert gone[0] == ":gray-badge[:material/redo: Carried on]"
    assert gone[1].startswith("Tidy the shelf :small[· carried into [")
    assert f"slug={second.page.slug}" in gone[1]
    assert still[1] == "Order paper :small[· open for under an hour]"
    (row,) = table(open_screen("handover", slug=second.page.slug))
    assert row[1] == "Tidy the shelf :small[· open for under an hour, carried once]"


def test_the_form_shows_how_old_an_item_is_and_points_out_what_is_carried_too_often(
    open_screen: OpenScreen, baton: Baton, rita: Person
) -> None:
    note = submit(baton, rita, ITEM)
    for _ in range(2):
        note = carried(baton, rita, note)
    app = open_screen("handover-edit", template="shift")
    box_of(app, "Client or process").set_value("ACME").run()
    next(each for each in app.button if each.label.startswith("Start from the last note")).click().run()
    assert not app.exception
    assert ages(app) == ["under an hour, carried twice"]
    assert not app.warning
    note = carried(baton, rita, note)
    app = open_screen("handover-edit", slug=note.page.slug)
    assert ages(app) == ["under an hour, carried 3 times"]
    assert [warning.value.split(".")[0] for warning in app.warning] == ["Carried more than twice: “Refund batch stuck”"]


def ages(app: AppTest) -> list[str]:
    """What the table of items says of their age."""
    (frame,) = [frame.value for frame in app.dataframe if "age" in frame.value]
    return list(frame["age"])


def test_an_item_keeps_being_itself_while_it_is_edited_in_the_form(
    open_screen: OpenScreen, baton: Baton, rita: Person
) -> None:
    note = submit(baton, rita, ITEM)
    item = note.text.items[0]
    rows = Rows([row_of(item, "2 days")])
    rows.take_table({"edited_rows": {"0": {"title": "Renamed"}}, "added_rows": [{"title": "New", "origin": "forged"}]})
    assert [(each.title, each.origin) for each in (item_of(row) for row in rows.said())] == [
        ("Renamed", item.origin), ("New", "forged"),
    ]  # fmt: skip
    again = submit_note(
        baton.store, baton.indexer, LOCAL,
        replace(note.text, items=tuple(replace(item_of(row), next_step="Go") for row in rows.said())),
        note.page.space, note,
    )  # fmt: skip
    assert again.text.items[0].origin == item.origin
    assert again.text.items[1].origin != "forged"


CARD = "4111 1111 1111 1111"


def type_owner(app: AppTest, origin: str, name: str) -> None:
    """What a browser does with a name that is not in the list, and AppTest cannot."""
    box = next(box for box in app.selectbox if box.key == f"owner_{origin}")
    box.options = [*box.options, name]
    box.set_value(name)


def test_what_fixed_it_waits_where_it_looks_private(open_screen: OpenScreen, baton: Baton, rita: Person) -> None:
    origin = submit(baton, rita, ITEM).text.items[0].origin
    app = open_screen("actions")
    button(app, "Done").click().run()
    box_of(app, "What fixed it? (helps whoever has this next)").set_value(f"Card {CARD}, twice").run()
    assert not app.exception
    assert find_action(baton.store, LOCAL, origin).fix == ""
    assert any("Not saved yet: this looks private" in text for text in texts(app))
    button(app, "Save it as it is").click().run()
    assert [error.value for error in app.error] == ["Say in a few words why it has to stay."]
    button(app, "Mask").click().run()
    assert not app.exception
    assert find_action(baton.store, LOCAL, origin).fix == "Card [card number removed], twice"
    assert box_of(app, "What fixed it? (helps whoever has this next)").value == "Card [card number removed], twice"
    assert not any("looks private" in text for text in texts(app))


def test_an_owner_that_looks_private_is_masked_or_stays_for_a_reason(
    open_screen: OpenScreen, baton: Baton, rita: Person
) -> None:
    origin = submit(baton, rita, ITEM).text.items[0].origin
    app = open_screen("actions")
    button(app, "Change").click().run()
    type_owner(app, origin, f"Desk {CARD}")
    app.date_input[0].set_value(date(2027, 1, 5))
    button(app, "Save").click().run()
    assert not app.exception
    assert find_action(baton.store, LOCAL, origin).owner.name == "Ana"
    next(box for box in app.text_input if box.label == "Or say why it has to stay").set_value("Their test card")
    button(app, "Save it as it is").click().run()
    assert not app.exception
    found = find_action(baton.store, LOCAL, origin)
    assert (found.owner.name, found.due) == (f"Desk {CARD}", date(2027, 1, 5))
    button(app, "Change").click().run()
    type_owner(app, origin, "Desk password: hunter2-Xk9")
    button(app, "Save").click().run()
    button(app, "Mask").click().run()
    assert not app.exception
    button(app, "Save").click().run()
    assert find_action(baton.store, LOCAL, origin).owner.name == "Desk password: [password removed]"
