"""How the screens say what becomes of open items."""

from __future__ import annotations

from datetime import date, datetime

from kb.handover.actions import Action, ActionNote, Age, ItemLife, Quadrant
from kb.handover.models import Party
from kb.ui.addresses import Screen, address
from kb.ui.markdown import escape
from kb.ui.moments import day, day_here
from kb.ui.person_links import person_link
from kb.ui.words import counted, shortened

QUADRANT = {
    Quadrant.DO_NOW: "Do now",
    Quadrant.PLAN: "Plan",
    Quadrant.HAND_ON: "Hand on",
    Quadrant.LATER: "Later",
}
MEANING = {
    Quadrant.DO_NOW: "Urgent and important",
    Quadrant.PLAN: "Important, not urgent",
    Quadrant.HAND_ON: "Urgent, less important",
    Quadrant.LATER: "Neither urgent nor important",
}
ICON = {
    Quadrant.DO_NOW: ":material/bolt:",
    Quadrant.PLAN: ":material/event:",
    Quadrant.HAND_ON: ":material/forward:",
    Quadrant.LATER: ":material/low_priority:",
}
NOBODY = "nobody"
SHORT = 40  # characters of a title in a table


def open_for(age: Age, moment: datetime) -> str:
    """Since when an item is open, and how often it was carried: "open for 3 days, carried twice"."""
    return f"open for {age_words(age, moment)}"


def age_words(age: Age, moment: datetime) -> str:
    """The age alone: "3 days, carried twice"."""
    seconds = max(0, int((moment - age.opened_at).total_seconds()))
    if seconds >= 2 * 86_400:
        length = counted(seconds // 86_400, "day")
    elif seconds >= 3_600:
        length = counted(seconds // 3_600, "hour")
    else:
        length = "under an hour"
    return f"{length}{carried(age)}"


def carried(age: Age) -> str:
    """How often an item was carried, to be put after its age; "" where it was not."""
    times = {0: "", 1: ", carried once", 2: ", carried twice"}
    return times.get(age.carried, f", carried {age.carried} times")


def age_badge(age: Age, moment: datetime) -> str:
    """The age in Streamlit's Markdown; what was carried for long stands out."""
    words = open_for(age, moment)
    return f":orange-badge[:material/history: {words}]" if age.is_long else words


def due_words(due: date | None, today: date) -> str:
    """When an item is due, in Streamlit's Markdown; what is late is red."""
    if due is None:
        return "no due date"
    if due < today:
        return f":red[**overdue: {day(due)}**]"
    return "**due today**" if due == today else f"due {day(due)}"


def owner_words(owner: Party) -> str:
    """Who owns an item, in Streamlit's Markdown."""
    return escape(owner.name) if owner.name else f":orange[{NOBODY}]"


def note_link(note: ActionNote, characters: int = 200) -> str:
    """The note that an item is in, as a link; one that the viewer may not see has no name.

    :param characters: of its title at most.
    """
    if not note.slug:
        return "a note that is not shared with you"
    return f"[{escape(shortened(note.title, characters))}](<{address(Screen.HANDOVER, slug=note.slug)}>)"


def title_of(action: Action) -> str:
    """What an item is called, as plain text."""
    return action.title or action.reference or "Open item"


def since_then(life: ItemLife, moment: datetime) -> str:
    """What became of a note's item, in Streamlit's Markdown for a table's cell; "" while nothing is known."""
    if life.done:
        fixed = f": {escape(life.fix)}" if life.fix else ""
        return f"done by {person_link(life.last.actor)}, {day_here(life.last.at)}{fixed}" if life.last else ""
    if life.carried_into is not None:
        return f"carried into {note_link(life.carried_into, SHORT)}"
    return age_badge(life.age, moment) if life.age else ""
