"""What only the browser can do, in one small component: same-tab links, keys, heading ids, the address bar.

The JavaScript is a constant; nothing that people write is ever part of it. Data travels as data.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from kb.ui.addresses import Screen

_COMPONENT = st.components.v2.component("baton_browser", js=Path(__file__).with_name("browser.js").read_text("utf-8"))


def followed_link() -> tuple[Screen, str, dict[str, str]] | None:
    """Mount the component of every screen; tell which internal link or key the person used, if any.

    :return: screen, anchor and query.
    """
    event = _COMPONENT(key="browser", data={"task": "navigate"}, on_go_change=lambda: None)
    if not event.go:
        return None
    parts = urlsplit(str(event.go))
    try:
        screen = Screen(parts.path)
    except ValueError:
        return None
    return screen, parts.fragment, dict(parse_qsl(parts.query))


def set_heading_ids(anchors: Sequence[str]) -> None:
    """Give the headings of the article (container key "article") these ids in order, and scroll to the wanted one."""
    wanted = st.session_state.pop("anchor", "")
    _COMPONENT(key="article_ids", data={"task": "headings", "anchors": list(anchors), "open": wanted})


def keep_in_address(**query: str) -> None:
    """Show the query in the address bar without a new entry in the browser's history."""
    _COMPONENT(key="address", data={"task": "address", "query": query})
