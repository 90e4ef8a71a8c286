"""One person's account, as administrators see and change it; a part of the screen "People"."""

from __future__ import annotations

import streamlit as st

from kb import people
from kb.accounts import AccountState, state_of
from kb.invitations import renew
from kb.models import Account, Person
from kb.people import MAX_EMAIL, MAX_NAME, all_accounts
from kb.sessions import sessions_of
from kb.store.db import now
from kb.ui import one_time_link, people_words
from kb.ui.addresses import Screen, address
from kb.ui.company_account_rows import show_company_accounts
from kb.ui.context import acting_person, open_baton
from kb.ui.disable import ask_to_disable
from kb.ui.markdown import escape
from kb.ui.moments import full
from kb.ui.problems import show_problem, told
from kb.ui.reassign import show_owned
from kb.ui.session_rows import session_row
from kb.ui.toasts import toast_next
from kb.ui.words import ago


def render(person_id: int) -> None:
    """Show the account with this id."""
    st.set_page_config(page_title="People")
    accounts = all_accounts(open_baton().store, acting_person())
    account = next((account for account in accounts if account.person.id == person_id), None)
    st.markdown(f"[All people](<{address(Screen.PEOPLE)}>)")
    if account is None:
        st.title("Person not found", anchor=False)
        st.markdown("There is nobody with this number. Choose from the list of all people.")
        return
    st.set_page_config(page_title=account.person.name)
    one_time_link.show()
    with st.container(key="person"):
        _show_head(account)
        show_problem()
        _show_role(account)
        _show_sign_in(account)
        _show_name(account)
        show_owned(account.person)
        _show_end(account)


def _show_head(account: Account) -> None:
    st.title(escape(account.person.name), anchor=False)
    seen = f"last seen {ago(account.seen_at, now())}" if account.seen_at else "never signed in"
    facts = [escape(account.email) or "no e-mail address", people_words.ROLE[account.role], seen]
    st.markdown(f"{people_words.state_badge(state_of(account))} {' · '.join(facts)}")


def _show_role(account: Account) -> None:
    st.header("Role", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = f"role_{account.person.id}_{account.role}"
        role = st.selectbox(
            "Role",
            people_words.ROLES,
            index=people_words.ROLES.index(account.role),
            key=key,
            format_func=people_words.role_and_what_it_may,
            label_visibility="collapsed",
            width=480,
        )
        chosen = role or account.role
        st.button("Change role", disabled=chosen is account.role, on_click=_change_role, args=[account, key])
    st.caption(f"A new role takes effect at {escape(people_words.first_name(account))}'s next click.")


def _change_role(account: Account, key: str) -> None:
    role = st.session_state[key] or account.role
    with told():
        people.set_role(open_baton().store, acting_person(), account.person.id, role)
        toast_next(f"{escape(account.person.name)} is {people_words.ROLE[role].lower()} now")


def _show_sign_in(account: Account) -> None:
    name = escape(people_words.first_name(account))
    st.header("Sign-in", anchor=False)
    state = state_of(account)
    if state is AccountState.DISABLED:
        st.markdown(f"{name} cannot sign in: the account is disabled.")
        return
    sessions = sessions_of(open_baton().store, acting_person(), account.person)
    for session in sessions:
        st.markdown(session_row(session))
    if not sessions:
        st.markdown(f"{name} is not signed in anywhere.")
    show_company_accounts(account.person)
    with st.container(horizontal=True):
        if sessions:
            st.button("Sign out everywhere", icon=":material/logout:", on_click=_end_sessions, args=[account.person])
        st.button(
            "Make a new one-time link", icon=":material/link:", on_click=_new_link, args=[account.person],
            disabled=not account.email,
        )  # fmt: skip
    st.caption(
        f"For a forgotten password. The present one works until the link is used; then {name} is signed out elsewhere."
        if state is AccountState.ACTIVE
        else "In place of the invitation: an earlier link no longer works."
    )


def _end_sessions(person: Person) -> None:
    with told():
        people.sessions_ended(open_baton().store, acting_person(), person.id)
        toast_next(f"{escape(person.name)} is signed out everywhere")


def _new_link(person: Person) -> None:
    baton = open_baton()
    with told():
        one_time_link.show_next(renew(baton.store, baton.settings, acting_person(), person.id))


def _show_name(account: Account) -> None:
    number = account.person.id
    st.header("Name and e-mail", anchor=False)
    with st.form(f"name_{number}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name", account.person.name, key=f"name_of_{number}", max_chars=MAX_NAME, width=240)
        st.text_input("E-mail address", account.email, key=f"email_of_{number}", max_chars=MAX_EMAIL, width=280)
        st.form_submit_button("Save", on_click=_rename, args=[number])
    st.caption("With a new e-mail address, one-time links that were made before no longer work.")


def _rename(number: int) -> None:
    name, email = st.session_state[f"name_of_{number}"], st.session_state[f"email_of_{number}"]
    with told():
        people.change_account(open_baton().store, acting_person(), number, name, email)
        toast_next("Saved")


def _show_end(account: Account) -> None:
    name = escape(people_words.first_name(account))
    if account.disabled_at:
        st.header("Enable", anchor=False)
        st.markdown(
            f"Disabled since {full(account.disabled_at)}. Once enabled, {name} signs in with the password of before."
        )
        st.button("Enable", icon=":material/person_check:", on_click=_enable, args=[account.person])
        return
    if account.person == acting_person():
        return  # nobody disables their own account
    st.header("Disable", anchor=False)
    st.markdown(
        f"When {name} leaves: they can no longer sign in and are signed out at their next click. "
        "What they wrote stays, with its history."
    )
    if st.button("Disable …", icon=":material/person_off:", key="disable"):
        ask_to_disable(account)


def _enable(person: Person) -> None:
    with told():
        people.enable(open_baton().store, acting_person(), person.id)
        toast_next(f"{escape(person.name)} is enabled again")
