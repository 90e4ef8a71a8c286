"""The company accounts that a person signs in with, each with a way to unlink it; nothing where there is none."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from kb.company_accounts import company_accounts, unlink
from kb.models import CompanyAccount, Person
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.moments import full
from kb.ui.problems import told
from kb.ui.toasts import toast_next


def show_company_accounts(person: Person) -> None:
    """Show them, and what unlinking does."""
    accounts = company_accounts(open_baton().store, acting_person(), person)
    for number, account in enumerate(accounts):
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"company_account_{number}"):
            st.markdown(
                f"**Company account** at {escape(urlsplit(account.issuer).netloc or account.issuer)}, known there as "
                f"{escape(account.subject)}  \n:small[linked {full(account.linked_at)}]",
                width="stretch",
            )
            st.button(
                "Unlink", key=f"unlink_{number}", icon=":material/link_off:", on_click=_unlink, args=[person, account]
            )
    if accounts:
        st.caption(
            "Once unlinked, it signs in no longer: at its next attempt, Baton asks for the password. Somebody without "
            "a password needs a new one-time link from an administrator first."
        )


def _unlink(person: Person, account: CompanyAccount) -> None:
    with told():
        unlink(open_baton().store, acting_person(), person, account)
        toast_next("Unlinked")
