"""Which screens of administration a person is offered, and what somebody else reads who opens one by its address."""

from __future__ import annotations

import streamlit as st

from kb.access import Ability, abilities
from kb.models import Role
from kb.teams import my_teams
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, open_baton

NEEDED = {
    Screen.PEOPLE: Ability.MANAGE_PEOPLE,
    Screen.TEAMS: Ability.MANAGE_TEAMS,
    Screen.SPACES: Ability.SHARE_SPACES,
    Screen.AUDIT: Ability.READ_AUDIT,
}
_WHOSE = {Role.LEAD: "leads and administrators", Role.ADMINISTRATOR: "administrators"}


def offered() -> frozenset[Screen]:
    """The screens of administration that the acting person may use now."""
    store, person = open_baton().store, acting_person()
    has = abilities(store, person)
    screens = {screen for screen, ability in NEEDED.items() if ability in has}
    if has and any(team.lead == person for team in my_teams(store, person)):
        screens.add(Screen.TEAMS)  # whoever leads one looks after its members and its queue
    return frozenset(screens)


def show_refusal(screen: Screen, title: str) -> bool:
    """Say kindly whose screen this is, when it is not the acting person's.

    :param title: of the screen.
    :return: whether it was said, so that nothing else is to be shown.
    """
    if screen in offered():
        return False
    st.title(title, anchor=False)
    whose = _WHOSE[NEEDED[screen].least]
    st.info(
        f"This screen is for {whose}. Ask one of them if you need something here, "
        f"or go on with [search]({address(Screen.SEARCH)}).",
        icon=":material/lock:",
    )
    return True
