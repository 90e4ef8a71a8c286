"""People's names as links to what colleagues see of them."""

from __future__ import annotations

from kb.models import Person
from kb.store.people import SYSTEM
from kb.ui.addresses import Screen, address
from kb.ui.markdown import escape


def person_link(person: Person) -> str:
    """The name in Streamlit's Markdown, as a link; Baton itself has nothing to show."""
    name = escape(person.name)
    return name if person == SYSTEM else f"[{name}](<{person_address(person)}>)"


def person_address(person: Person) -> str:
    """The address of the screen that shows this person."""
    return address(Screen.COLLEAGUE, id=str(person.id))
