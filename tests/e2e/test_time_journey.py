"""An overdue note reaches its backup at work, not on their days off; and the time-line leads to it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from playwright.sync_api import expect

from kb.handover.models import PartyId
from kb.handovers import SPACE, submit_note
from kb.indexing import Indexer
from kb.models import Profile, Role
from kb.pages import ensure_space
from kb.profiles import save_profile
from kb.store import people
from kb.store.db import Store, now, to_text
from kb.store.people import LOCAL
from tests.e2e.conftest import OpenAs
from tests.e2e.hands import drawn
from tests.unit.handover_samples import shift_note

AROUND_THE_CLOCK = Profile("Asia/Kolkata", "", "", ((0, 0),) * 7)


def test_an_overdue_note_waits_for_the_backups_working_day(store: Store, open_as: OpenAs) -> None:
    with store.atomic() as db:
        tora, ravi, bela = (
            people.add(db, name, f"{name}@example.com", role)
            for name, role in (("Tora", Role.AUTHOR), ("Ravi", Role.READER), ("Bela", Role.READER))
        )
    # As if today, yesterday and tomorrow were Bela's weekend: it is one of them wherever she is.
    today = now().weekday()
    days_off = {(today + day) % 7 for day in (-1, 0, 1)}
    weekend = replace(AROUND_THE_CLOCK, hours=tuple(None if day in days_off else (0, 0) for day in range(7)))
    save_profile(store, LOCAL, ravi.id, AROUND_THE_CLOCK)
    save_profile(store, LOCAL, bela.id, weekend)
    start = now() + timedelta(hours=1)
    text = shift_note(
        sender="Tora", sender_id=PartyId(tora.id), receiver="Ravi", receiver_id=PartyId(ravi.id), backup="Bela",
        backup_id=PartyId(bela.id), client="Orion", effective=start, acknowledge_by=start + timedelta(hours=1),
    )  # fmt: skip
    note = submit_note(store, Indexer(store, None), tora, text, ensure_space(store, LOCAL, SPACE))
    with store.atomic() as db:  # an hour and a half later, as the note sees it
        past = [to_text(now() - timedelta(minutes=minutes)) for minutes in (90, 60)]
        db.execute("UPDATE handovers SET effective_at = ?, acknowledge_by = ? WHERE page_id = ?", [*past, note.page.id])
        db.execute("UPDATE handover_events SET at = ? WHERE page_id = ?", [past[0], note.page.id])

    hers = open_as(bela)
    hers.goto("/my-day")
    expect(hers.get_by_text("Nothing waits for you.")).to_be_visible()
    hers.goto("/relay")
    expect(hers.get_by_role("img", name=re.compile("^Shift handover: Orion.*overdue, waits for Ravi$"))).to_be_visible()
    drawn(hers)
    hers.get_by_role("link", name="Shift handover: Orion").click()  # within the same tab
    expect(hers.get_by_text("With the backup Bela from")).to_be_visible()

    save_profile(store, LOCAL, bela.id, AROUND_THE_CLOCK)  # she works after all
    hers.goto("/my-day")
    expect(hers.get_by_text("Came to you as the backup")).to_be_visible()
    drawn(hers)
    hers.get_by_role("link", name="Shift handover: Orion").first.click()
    expect(hers.get_by_text("With the backup Bela since")).to_be_visible()
    expect(hers.get_by_text("Your turn:")).to_be_visible()
