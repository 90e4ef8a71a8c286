"""Which screens are opened, and as whom: what the wiki itself says is the most."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from kb.handover.models import NoteFilter, NoteState
from kb.handovers import find_notes
from kb.models import Person
from kb.store.db import Connection, Store
from tests.load.screens.opening import Stop

SEARCHED = "refund batch waits for approval"
# Every state that a note can be in; OVERDUE is told by the clock.
STATES = tuple(NoteState)


class EmptyWiki(RuntimeError):
    """The wiki lacks what the screens shall be opened with; the message says what."""


@dataclass(frozen=True, slots=True)
class Cast:
    """As whom the screens are opened: a lead, who has most open notes to receive, and a member who has few."""

    lead: Person
    receiver: Person
    member: Person


def cast_of(store: Store) -> Cast:
    """:raises EmptyWiki: when there are no such people."""
    with store.reading() as db:
        lead = _first(db, "people.role IN ('lead', 'administrator')", "open DESC")
        receiver = _first(db, "people.role != 'system'", "received DESC", lead)
        member = _first(db, "people.role = 'author' AND parts > 0", "parts", lead, receiver)
    return Cast(lead, receiver, member)


def stops(store: Store, cast: Cast) -> list[Stop]:
    """The screens in the order in which they are opened.

    :raises EmptyWiki: when there is no note.
    """
    lead, receiver, member = cast.lead.id, cast.receiver.id, cast.member.id
    client = _busiest_client(store)
    return [
        Stop("Home, lead", lead, "", "Baton"),
        Stop("Search, lead", lead, "", "Baton", urlencode({"q": SEARCHED})),
        *(Stop(f"My day, {who}", person, "my-day", "My day") for who, person in _each(cast)),
        Stop("Relay, lead", lead, "relay", "Relay"),
        Stop("Relay, a week", lead, "relay", "Relay", change=("relay_span", ("Week",))),
        Stop("Relay, receiver, only mine", receiver, "relay", "Relay", change=("relay_mine", True)),
        *(Stop(f"Actions, {who}", person, "actions", "Actions") for who, person in _each(cast)),
        Stop("Actions, only mine", receiver, "actions", "Actions", change=("actions_mine", True)),
        Stop("Actions, overdue", lead, "actions", "Actions", change=("actions_overdue", True)),
        Stop("Actions, one client", lead, "actions", "Actions", change=("actions_client", client)),
        Stop("Actions, done lately", lead, "actions", "Actions", change=("actions_view", ("Done lately",))),
        Stop("Handover dashboard", lead, "handover-dashboard", "Handover dashboard"),
        Stop(
            "Handover dashboard, 12 months", lead, "handover-dashboard", "Handover dashboard",
            change=("dashboard_period", "Last 12 months"),
        ),
        Stop(
            "Handover dashboard, by client", lead, "handover-dashboard", "Handover dashboard",
            change=("dashboard_split", ("Client",)),
        ),
        *(Stop(f"Handover notes, {who}", person, "handovers", "Handover notes") for who, person in _each(cast)),
        *(
            Stop(f"Handover notes, {name}", receiver, "handovers", "Handover notes", change=change)
            for name, change in (
                ("wait for me", ("notes_my_turn", True)),
                ("only mine", ("notes_mine", True)),
                ("overdue", ("notes_state", "Overdue")),
                ("one client", ("notes_client", client)),
                ("by words", ("notes_text", receiver_word(cast))),
            )
        ),
        *_notes(store, cast),
        Stop("New note, shift", member, "handover-edit", "Shift handover note", "template=shift"),
        Stop("New note, client", member, "handover-edit", "Client or project handover note", "template=client"),
        *_edits(store),
        Stop("Templates", lead, "templates", "Templates"),
    ]  # fmt: skip


def receiver_word(cast: Cast) -> str:
    """A word of many notes' headers."""
    return cast.receiver.name.split()[0]


def _each(cast: Cast) -> tuple[tuple[str, int], ...]:
    return ("lead", cast.lead.id), ("receiver", cast.receiver.id), ("member", cast.member.id)


def _notes(store: Store, cast: Cast) -> list[Stop]:
    """A note in each state, read by the lead, the last by its receiver; and the largest."""
    found = []
    for state in STATES:
        for who in (cast.receiver, cast.lead):
            notes, _ = find_notes(store, who, NoteFilter((state,)), limit=1)
            if notes:
                query = urlencode({"slug": notes[0].slug})
                found.append(Stop(f"Note, {state}", who.id, "handover", notes[0].title, query))
                break
    with store.reading() as db:
        row = db.execute(
            """SELECT pages.slug, pages.title, pages.owner_id, count(*) AS items FROM handover_items
               JOIN pages ON pages.id = handover_items.page_id
               GROUP BY pages.id ORDER BY items DESC, pages.id LIMIT 1"""
        ).fetchone()
    if row is None:
        raise EmptyWiki("There is no handover note with items.")
    slug, title, owner, items = row
    return [*found, Stop(f"Note, {items} items", owner, "handover", title, urlencode({"slug": slug}))]


def _edits(store: Store) -> list[Stop]:
    """A usual note and the largest, which can still be edited, opened to be edited by who wrote them."""
    found = []
    with store.reading() as db:
        for order in ("abs(items - 10), pages.id DESC", "items DESC, pages.id"):
            row = db.execute(
                f"""SELECT pages.slug, pages.owner_id, count(*) AS items FROM handovers
                    JOIN pages ON pages.id = handovers.page_id
                    JOIN people ON people.id = pages.owner_id AND people.role != 'reader'
                    JOIN handover_items ON handover_items.page_id = pages.id
                    WHERE state IN ('draft', 'submitted', 'acknowledged') GROUP BY pages.id ORDER BY {order} LIMIT 1"""  # noqa: S608  constants
            ).fetchone()
            if row:
                query = urlencode({"slug": row[0]})
                found.append(Stop(f"Edit a note, {row[2]} items", row[1], "handover-edit", "Edit: ", query))
    return found


def _first(db: Connection, condition: str, order: str, *but: Person) -> Person:
    rows = db.execute(
        f"""SELECT people.id, people.name, count(hp.page_id) AS parts,
                   count(CASE WHEN h.state IN ('submitted', 'questions', 'read back') THEN 1 END) AS open,
                   count(CASE WHEN h.state IN ('submitted', 'questions', 'read back') AND part = 'receiver' THEN 1 END)
                       AS received
            FROM people LEFT JOIN handover_people AS hp ON hp.person_id = people.id
            LEFT JOIN handovers AS h USING (page_id)
            WHERE people.disabled_at IS NULL AND people.email IS NOT NULL GROUP BY people.id
            HAVING {condition} ORDER BY {order}, people.id"""  # noqa: S608  constants of this module
    )
    taken = {person.id for person in but}
    found = next((Person(number, name) for number, name, *_ in rows if number not in taken), None)
    if found is None:
        raise EmptyWiki(f"There is nobody here with {condition}.")
    return found


def _busiest_client(store: Store) -> str:
    with store.reading() as db:
        row = db.execute(
            "SELECT client FROM handovers WHERE client != '' GROUP BY client ORDER BY count(*) DESC, client LIMIT 1"
        ).fetchone()
    if row is None:
        raise EmptyWiki("There is no handover note with a client.")
    return str(row[0])
