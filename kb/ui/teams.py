"""The screen "Teams": who works together, who leads, and where work for any of them waits."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from kb.access import Ability, abilities
from kb.models import Person, Team
from kb.people import colleagues
from kb.teams import MAX_NAME, StaleTeam, all_teams, may_change, remove_team, save_team, spaces_shared_with
from kb.ui.addresses import Screen, address, go_to
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.problems import show_problem, told
from kb.ui.toasts import toast_next
from kb.ui.words import counted

SHOWN_MEMBERS = 12  # names in the list; the team's own view has all


def render() -> None:
    """Show the screen: every team, or the one that the address names."""
    st.set_page_config(page_title="Teams")
    store, person = open_baton().store, acting_person()
    wanted = st.query_params.get("id", "")
    teams = all_teams(store, person)
    manages = Ability.MANAGE_TEAMS in abilities(store, person)
    if wanted:
        team = next((team for team in teams if str(team.id) == wanted), None)
        st.markdown(f"[All teams](<{address(Screen.TEAMS)}>)")
        with st.container(key="team"):
            _show_team(team, manages=manages)
        return
    st.title("Teams", anchor=False)
    show_problem()
    st.markdown("A space can be shared with a team, and work can wait in its queue for any of its members.")
    if manages:
        with st.expander("Make a team", icon=":material/group_add:", expanded=not teams, key="make_team"):
            _show_form(None, manages=True)
    if not teams:
        st.info("There are no teams yet.", icon=":material/groups:")
    with st.container(key="teams", gap="small"):
        for team in teams:
            with st.container(border=True):
                st.markdown(_row(team), anchors=False)


def _row(team: Team) -> str:
    names = [escape(member.name) for member in team.members]
    shown = ", ".join(names[:SHOWN_MEMBERS])
    rest = f" and {len(names) - SHOWN_MEMBERS} more" if len(names) > SHOWN_MEMBERS else ""
    facts = [counted(len(names), "member")]
    facts.append(f"led by {escape(team.lead.name)}" if team.lead else "no lead")
    if team.queue:
        facts.append(f"queue “{escape(team.queue)}”")
    title = f"## [{escape(team.name)}](<{address(Screen.TEAMS, id=str(team.id))}>)"
    return "\n\n".join([title, f":small[{' · '.join(facts)}]", *([f"{shown}{rest}"] if names else [])])


def _show_team(team: Team | None, *, manages: bool) -> None:
    if team is None:
        st.title("Team not found", anchor=False)
        st.markdown("This team was removed, or never was. Choose from the list of all teams.")
        return
    st.set_page_config(page_title=team.name)
    st.title(escape(team.name), anchor=False)
    show_problem()
    if not may_change(open_baton().store, acting_person(), team):
        st.markdown(_row(team), anchors=False)
        st.caption("Its lead or an administrator can change it.")
        return
    _show_form(team, manages=manages)
    if not manages:
        st.caption("You lead this team: you choose its members and its queue. Its name and lead an administrator sets.")
        return
    st.header("Remove", anchor=False)
    if st.button("Remove this team …", icon=":material/group_remove:", key="remove_team"):
        _ask_to_remove(team)


def _show_form(team: Team | None, *, manages: bool) -> None:
    key = f"team_{team.id if team else 'new'}"
    if f"{key}_queue" not in st.session_state:  # the fields begin
        st.session_state[f"{key}_begun"] = st.session_state[f"{key}_read"] = team
    as_read: Team | None = st.session_state[f"{key}_read"]
    team = st.session_state[f"{key}_begun"]
    members = team.members if team else ()
    # Who is disabled stays a member, and can be taken out.
    people = {person.id: person for person in (*colleagues(open_baton().store, acting_person()), *members)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name", team.name if team else "", key=f"{key}_name", max_chars=MAX_NAME, disabled=not manages, width=260
        )
        st.text_input(
            "Queue", team.queue if team else "", key=f"{key}_queue", max_chars=MAX_NAME, width=260,
            placeholder="for instance ACME back office", help="Where work waits that any member may take.",
        )  # fmt: skip
        st.selectbox(
            "Lead", [None, *people], key=f"{key}_lead", disabled=not manages, width=240,
            index=[None, *people].index(team.lead.id) if team and team.lead else 0,
            format_func=lambda number: people[number].name if number else "Nobody",
        )  # fmt: skip
    st.multiselect(
        "Members", list(people), [member.id for member in members], key=f"{key}_members",
        format_func=lambda number: people[number].name, placeholder="Choose people",
    )  # fmt: skip
    st.caption("Who joins or leaves sees the spaces shared with the team, or no longer sees them, at their next click.")
    label, icon = ("Save", ":material/check:") if team else ("Make the team", ":material/group_add:")
    st.button(label, type="primary", icon=icon, key=f"{key}_save", on_click=_save, args=[as_read, key, people])


def _save(team: Team | None, key: str, people: Mapping[int, Person]) -> None:
    # Read now, not when the button was drawn: the last change may not be drawn yet.
    name, queue, lead, chosen = (st.session_state[f"{key}_{field}"] for field in ("name", "queue", "lead", "members"))
    members = [people[number] for number in chosen]
    with told():
        try:
            saved = save_team(
                open_baton().store, acting_person(), name or "", queue or "", people.get(lead), members, team
            )
        except StaleTeam as error:
            st.session_state[f"{key}_read"] = error.current  # who was told can save over it
            raise
        toast_next("Saved" if team else f"{escape(saved.name)} is a team now")
        # The fields begin anew: with what was saved, or empty for the next team.
        for field in ("name", "queue", "lead", "members"):
            st.session_state.pop(f"{key}_{field}", None)


@st.dialog("Remove this team?")
def _ask_to_remove(team: Team) -> None:
    store, person = open_baton().store, acting_person()
    st.markdown(f"**{escape(team.name)}** with its {counted(len(team.members), 'member')} is removed for good.")
    if shared := spaces_shared_with(store, person, team):
        names = ", ".join(f"**{escape(space.name)}**" for space in shared)
        st.markdown(f"Its members no longer see {names}, unless the space is shared with them in another way.")
    st.caption("Spaces that you cannot see yourself may be shared with it too.")
    with st.container(horizontal=True):
        confirmed = st.button("Remove", type="primary", key="confirm_remove", on_click=_remove, args=[team])
        kept = st.button("Cancel", key="keep_team")
    if confirmed and "problem" not in st.session_state:
        go_to(Screen.TEAMS)
    if confirmed or kept:
        st.rerun()


def _remove(team: Team) -> None:
    with told():
        remove_team(open_baton().store, acting_person(), team)
        toast_next(f"{escape(team.name)} is removed")
