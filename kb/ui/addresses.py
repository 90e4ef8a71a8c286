"""The addresses of the screens, as links and as moves."""

from __future__ import annotations

from enum import StrEnum
from typing import NoReturn
from urllib.parse import quote, urlencode

import streamlit as st

from kb.models import Page, PageKind


class Screen(StrEnum):
    """A screen; the value is its path."""

    SEARCH = "/"
    MY_DAY = "/my-day"
    PAGE = "/page"
    WRITE = "/write"
    HISTORY = "/history"
    HANDOVERS = "/handovers"
    RELAY = "/relay"
    HANDOVER = "/handover"
    HANDOVER_EDIT = "/handover-edit"
    HANDOVER_DASHBOARD = "/handover-dashboard"
    ACTIONS = "/actions"
    COLLEAGUES = "/colleagues"
    COLLEAGUE = "/colleague"
    PROFILE = "/profile"
    IMPORT = "/import"
    INDEX_STATUS = "/index-status"
    TRASH = "/trash"
    PEOPLE = "/people"
    TEAMS = "/teams"
    SPACES = "/spaces"
    AUDIT = "/audit"
    SESSIONS = "/sessions"


def address(screen: Screen, anchor: str = "", **query: str) -> str:
    """The address of a screen, to put into a Markdown link."""
    given = {name: value for name, value in query.items() if value}
    return f"{screen}{'?' + urlencode(given) if given else ''}{'#' + quote(anchor) if anchor else ''}"


def go_to(screen: Screen, anchor: str = "", **query: str) -> NoReturn:
    """Show another screen in this session, in the same tab.

    The browser's address gets the anchor once the screen is drawn: see :mod:`kb.ui.browser`.
    """
    st.session_state["anchor"] = anchor
    st.switch_page(st.session_state["screens"][screen], query_params={k: v for k, v in query.items() if v})
    raise AssertionError("st.switch_page ends the run")


def page_address(page: Page, anchor: str = "", query: str = "", passage: str = "") -> str:
    """The address of a page or a handover note.

    :param query: the search that led there, so that its words can be marked.
    :param passage: the name of the passage that was found (see :mod:`kb.passages`), so that it can be marked.
    """
    screen = Screen.HANDOVER if page.kind is PageKind.HANDOVER else Screen.PAGE
    return address(screen, anchor, slug=page.slug, q=query, passage=passage)
