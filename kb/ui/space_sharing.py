"""Who sees a space: the fields, and the question before it changes. A part of the screen "Spaces"."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import streamlit as st

from kb.models import Person, SpaceKind, Team
from kb.people import colleagues
from kb.sharing import Change, Sharing, StaleSharing, change_of_sharing, share_space
from kb.teams import all_teams
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.problems import show_problem, told
from kb.ui.toasts import toast_next

KIND = {SpaceKind.OPEN: "Open", SpaceKind.RESTRICTED: "Restricted", SpaceKind.CONFIDENTIAL: "Confidential"}
WHO_SEES = {
    SpaceKind.OPEN: "Everybody who can sign in sees it.",
    SpaceKind.RESTRICTED: "The people and teams below see it, and administrators.",
    SpaceKind.CONFIDENTIAL: "Only the people and teams below see it; administrators do not.",
}
_BADGE = {
    SpaceKind.OPEN: ":green-badge[:material/public: Open]",
    SpaceKind.RESTRICTED: ":orange-badge[:material/group: Restricted]",
    SpaceKind.CONFIDENTIAL: ":red-badge[:material/lock: Confidential]",
}
LISTED = 20  # names in a question; more nobody reads


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who shall see a space."""

    kind: SpaceKind
    people: tuple[Person, ...] = ()
    teams: tuple[Team, ...] = ()


def kind_badge(kind: SpaceKind) -> str:
    """The kind of a space as a coloured badge, in Markdown."""
    return _BADGE[kind]


def shared_with(sharing: Sharing) -> str:
    """With whom, in a few words, in Markdown."""
    names = [*(team.name for team in sharing.teams), *(person.name for person in sharing.people)]
    if not names:
        return "shared with nobody yet"
    shown = ", ".join(escape(name) for name in names[:4])
    return f"shared with {shown}" + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def choose_sharing(key: str, sharing: Sharing | None) -> Callable[[], Chosen]:
    """The fields; filled with how it is shared now.

    :return: tells what they hold whenever it is asked, also before a change is drawn: a button's step has to.
    """
    store, person = open_baton().store, acting_person()
    now_people, now_teams = (sharing.people, sharing.teams) if sharing else ((person,), ())
    # Who is disabled stays where they were, and can be taken out.
    people = {one.id: one for one in (*colleagues(store, person), *now_people)}
    teams = {team.id: team for team in all_teams(store, person)}
    kinds = list(SpaceKind)
    kind = st.radio(
        "Who sees it", kinds, index=kinds.index(sharing.space.kind) if sharing else 0, key=f"{key}_kind",
        format_func=KIND.__getitem__, captions=[WHO_SEES[kind] for kind in kinds],
    )  # fmt: skip

    def chosen() -> Chosen:
        held = st.session_state
        kind = held.get(f"{key}_kind")
        if kind is None or kind is SpaceKind.OPEN:
            return Chosen(SpaceKind.OPEN, now_people if sharing else (), now_teams)
        chosen_people = held.get(f"{key}_people", [one.id for one in now_people])
        chosen_teams = held.get(f"{key}_teams", [team.id for team in now_teams])
        return Chosen(kind, tuple(people[n] for n in chosen_people), tuple(teams[n] for n in chosen_teams))

    if kind is None or kind is SpaceKind.OPEN:
        return chosen
    left, right = st.columns(2)
    left.multiselect(
        "People", list(people), [one.id for one in now_people], key=f"{key}_people",
        format_func=lambda number: people[number].name, placeholder="Choose people",
    )  # fmt: skip
    right.multiselect(
        "Teams", list(teams), [team.id for team in now_teams], key=f"{key}_teams",
        format_func=lambda number: teams[number].name, placeholder="Choose teams",
    )  # fmt: skip
    return chosen


def forget(key: str) -> None:
    """Let the fields begin anew, with how it is shared now."""
    for field in ("kind", "people", "teams"):
        st.session_state.pop(f"{key}_{field}", None)


def show(sharing: Sharing) -> None:
    """The fields of one space with their button."""
    st.header("Sharing", anchor=False)
    key = f"space_{sharing.space.id}"
    if f"{key}_kind" not in st.session_state:  # the fields begin
        st.session_state[f"{key}_begun"] = st.session_state[f"{key}_read"] = sharing
    as_read: Sharing = st.session_state[f"{key}_read"]
    chosen = choose_sharing(key, st.session_state[f"{key}_begun"])()
    if chosen.kind is SpaceKind.OPEN:
        chosen = Chosen(SpaceKind.OPEN, as_read.people, as_read.teams)
    pressed = st.button("Save sharing", type="primary", key="save_sharing")
    st.caption("A change takes effect at everybody's next click.")
    if not pressed:
        return
    change: Change | None = None
    with _told_what_changed(key):
        change = change_of_sharing(
            open_baton().store, acting_person(), sharing.space, chosen.kind, chosen.people, chosen.teams,
            as_read=as_read,
        )  # fmt: skip
    if change is None:
        show_problem()
    elif change.gaining or change.losing:
        _ask(as_read, chosen, change, key)
    else:
        _share(as_read, chosen, key)
        st.rerun()


@st.dialog("Change who sees this space?")
def _ask(as_read: Sharing, chosen: Chosen, change: Change, key: str) -> None:
    st.markdown(f"**{escape(as_read.space.name)}** becomes {kind_badge(chosen.kind)}")
    if change.gaining:
        st.markdown(f"**See it from now on ({len(change.gaining):,}):** {_names(change.gaining)}")
    if change.losing:
        st.markdown(f"**No longer see it ({len(change.losing):,}):** {_names(change.losing)}")
    with st.container(horizontal=True):
        confirmed = st.button(
            "Change", type="primary", key="confirm_sharing", on_click=_share, args=[as_read, chosen, key]
        )
        kept = st.button("Cancel", key="keep_sharing")
    if confirmed or kept:
        st.rerun()


def _names(people: tuple[Person, ...]) -> str:
    rest = f" and {len(people) - LISTED:,} more" if len(people) > LISTED else ""
    return ", ".join(escape(person.name) for person in people[:LISTED]) + rest


def _share(as_read: Sharing, chosen: Chosen, key: str) -> None:
    with _told_what_changed(key):
        share_space(
            open_baton().store, acting_person(), as_read.space, chosen.kind, chosen.people, chosen.teams,
            as_read=as_read,
        )  # fmt: skip
        toast_next("Saved")
        forget(key)


@contextlib.contextmanager
def _told_what_changed(key: str) -> Iterator[None]:
    """As :func:`told`; who was told what somebody else changed meanwhile can save over it."""
    with told():
        try:
            yield
        except StaleSharing as error:
            st.session_state[f"{key}_read"] = error.current
            raise
