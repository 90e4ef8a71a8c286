"""The screen "Audit log": who did what to what, when and from where."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from kb.audit_details import Names
from kb.audit_log import actions_in_log, export_csv, find_entries, subject_names
from kb.people import all_accounts
from kb.store.audit import AuditEntry, AuditFilter
from kb.store.db import now
from kb.store.people import SYSTEM
from kb.ui import audit_words
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.moments import beginning, full
from kb.ui.words import counted

PER_PAGE = 50
OLDER_THAN = "audit_older_than"  # where each page of lines that was turned begins; the last one is shown


def render() -> None:
    """Show the screen."""
    st.set_page_config(page_title="Audit log")
    st.title("Audit log", anchor=False)
    st.markdown("Nothing here can be changed or removed, not even by administrators.")
    store, person = open_baton().store, acting_person()
    wanted = _filters()
    turned: list[int] = st.session_state.setdefault(OLDER_THAN, [])
    entries, total = find_entries(store, person, wanted, PER_PAGE, turned[-1] if turned else None)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{counted(total, 'line')}, the latest first", width="stretch")
        st.download_button(
            "Export as CSV",
            # Called by the click, not by showing the button: so the export is made, and noted, only then.
            lambda: export_csv(store, person, wanted).encode("utf-8-sig"),
            file_name=f"baton-audit-{now():%Y-%m-%d}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="export_audit",
        )
    if not entries:
        st.info("No line fits these filters.", icon=":material/filter_alt_off:")
    else:
        _show_table(entries)
    _show_paging(entries, total, turned)


def _filters() -> AuditFilter:
    store, person = open_baton().store, acting_person()
    names = {account.person.id: account.person.name for account in all_accounts(store, person)}
    names[SYSTEM.id] = SYSTEM.name
    with st.container(key="audit_filters", horizontal=True, vertical_alignment="bottom"):
        who = st.selectbox(
            "Who", [None, *names], key="audit_who", width=200, on_change=_first_ones,
            format_func=lambda number: "Everybody" if number is None else names[number],
        )  # fmt: skip
        actions = st.multiselect(
            "What", actions_in_log(store, person), key="audit_actions", width=320, on_change=_first_ones,
            format_func=audit_words.action, placeholder="Everything",
        )  # fmt: skip
        subject = st.selectbox(
            "To what", ["", *audit_words.SUBJECT], key="audit_subject", width=160, on_change=_first_ones,
            format_func=lambda kind: audit_words.SUBJECT.get(kind, "Anything"),
        )  # fmt: skip
        number = st.number_input(
            "Its number", min_value=0, value=None, step=1, key="audit_number", width=130, on_change=_first_ones,
            disabled=not subject, help="As in “page 12”, where a name is not shown.",
        )  # fmt: skip
        since = st.date_input("From", None, key="audit_since", format="YYYY-MM-DD", width=150, on_change=_first_ones)
        until = st.date_input("To", None, key="audit_until", format="YYYY-MM-DD", width=150, on_change=_first_ones)
    return AuditFilter(
        who, tuple(actions), subject or "", int(number) if number is not None and subject else None,
        beginning(since) if since else None, beginning(until + timedelta(days=1)) if until else None,
    )  # fmt: skip


def _first_ones() -> None:
    st.session_state[OLDER_THAN] = []


def _show_table(entries: list[AuditEntry]) -> None:
    names = subject_names(open_baton().store, acting_person(), entries)
    rows = [_row(entry, names) for entry in entries]
    with st.container(key="table_audit"):
        head = ["| When | Who | What | To what | Details | From |", "|---|---|---|---|---|---|"]
        st.markdown("\n".join([*head, *rows]))


def _row(entry: AuditEntry, names: Names) -> str:
    cells = (
        full(entry.at),
        escape(entry.actor.name) if entry.actor else "somebody unknown",
        escape(audit_words.action(entry.action)),
        escape(audit_words.subject(entry, names)),
        escape(audit_words.detail(entry, names)),
        escape(entry.address),
    )
    return f"| {' | '.join(cells)} |"


def _show_paging(entries: list[AuditEntry], total: int, turned: list[int]) -> None:
    first = len(turned) * PER_PAGE
    if total <= PER_PAGE and not turned:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="audit_paging"):
        st.button("Newer", icon=":material/chevron_left:", disabled=not turned, on_click=_newer)
        st.markdown(f"{first + 1:,} to {first + len(entries):,}" if entries else "No more lines")
        st.button(
            "Older", icon=":material/chevron_right:", icon_position="right",
            disabled=len(entries) < PER_PAGE, on_click=_older, args=[entries[-1].id if entries else 0],
        )  # fmt: skip


def _newer() -> None:
    st.session_state[OLDER_THAN].pop()


def _older(last: int) -> None:
    st.session_state[OLDER_THAN].append(last)
