"""The screen "People": who has an account, and inviting somebody. One person's account is :mod:`kb.ui.person`."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from kb import invitations
from kb.accounts import AccountFilter, matching, state_of
from kb.models import Account, Role
from kb.people import MAX_EMAIL, MAX_NAME, all_accounts
from kb.store.db import now
from kb.ui import one_time_link, people_words, person
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.problems import show_problem, told
from kb.ui.words import ago, counted

PER_PAGE = 50
NAME, EMAIL, ROLE = "invite_name", "invite_email", "invite_role"


def render() -> None:
    """Show the screen: everybody, or the person that the address names."""
    number = st.query_params.get("id", "")
    if number.isascii() and number.isdigit() and len(number) < 10:
        person.render(int(number))
        return
    st.set_page_config(page_title="People")
    st.title("People", anchor=False)
    one_time_link.show()
    show_problem()
    accounts = all_accounts(open_baton().store, acting_person())
    _show_invitation(only_me=len(accounts) == 1)
    wanted = _filters()
    found = matching(accounts, wanted)
    everybody = counted(len(accounts), "person").replace("persons", "people")
    st.caption(everybody if len(found) == len(accounts) else f"{len(found):,} of {everybody}")
    if not found:
        st.info("Nobody fits these filters.", icon=":material/filter_alt_off:")
        return
    _show_table(found)


def _show_invitation(*, only_me: bool) -> None:
    with st.expander("Invite somebody", icon=":material/person_add:", expanded=only_me, key="invite"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Name", key=NAME, max_chars=MAX_NAME, width=240, autocomplete="off")
            st.text_input("E-mail address", key=EMAIL, max_chars=MAX_EMAIL, width=280, autocomplete="off")
            st.selectbox(
                "Role", people_words.ROLES, index=1, key=ROLE, format_func=people_words.role_and_what_it_may, width=420
            )
        mails = open_baton().settings.mail_server is not None
        st.caption(
            "They get a one-time link, with which they choose a password. "
            + ("It is mailed to them, and shown to you." if mails else "It is shown to you, to pass on.")
        )
        st.button("Invite", type="primary", icon=":material/person_add:", on_click=_invite)


def _invite() -> None:
    baton, state = open_baton(), st.session_state
    with told():
        made = invitations.invite(
            baton.store, baton.settings, acting_person(), state[NAME], state[EMAIL], state[ROLE] or Role.AUTHOR
        )
        one_time_link.show_next(made)
        state[NAME] = state[EMAIL] = ""


def _filters() -> AccountFilter:
    with st.container(key="people_filters", horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Name or e-mail", key="people_text", type="search", live="250ms", width=260)
        role = st.selectbox(
            "Role", [None, *people_words.ROLES], key="people_role", width=180,
            format_func=lambda role: people_words.ROLE[role] if role else "All",
        )  # fmt: skip
        state = st.selectbox(
            "State", [None, *people_words.STATE], key="people_state", width=160,
            format_func=lambda state: people_words.STATE[state] if state else "All",
        )  # fmt: skip
    return AccountFilter(text or "", role, state)


def _show_table(accounts: list[Account]) -> None:
    last = -(-len(accounts) // PER_PAGE)
    first = (st.pagination(last, key="people_pages") - 1) * PER_PAGE if last > 1 else 0
    moment = now()
    rows = [_row(account, moment) for account in accounts[first : first + PER_PAGE]]
    with st.container(key="table_people"):
        st.markdown("\n".join(["| Name | E-mail | Role | State | Last seen |", "|---|---|---|---|---|", *rows]))


def _row(account: Account, moment: datetime) -> str:
    you = " (you)" if account.person == acting_person() else ""
    seen = ago(account.seen_at, moment) if account.seen_at else "never"
    link = address(Screen.PEOPLE, id=str(account.person.id))
    cells = (
        f"[{escape(account.person.name)}](<{link}>){you}",
        escape(account.email),
        people_words.ROLE[account.role],
        people_words.state_badge(state_of(account)),
        seen,
    )
    return f"| {' | '.join(cells)} |"
