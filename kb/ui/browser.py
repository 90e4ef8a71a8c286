"""What only the browser can do, in small components: same-tab links, keys, heading ids, the address bar.

The JavaScript is a constant; nothing that people write is ever part of it. Data travels as data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st


def _component(name: str, *scripts: str) -> Callable[..., object]:
    """A component whose module is these scripts: what one declares, the others may call."""
    module = "\n".join(Path(__file__).with_name(script).read_text("utf-8") for script in scripts)
    return st.components.v2.component(name, js=module)


_COMPONENT = _component("baton_browser", "browser.js", "passage.js")
# Of its own: Streamlit sends a component's whole script each time that it is drawn, and this one is with every search.
_ADDRESS = _component("baton_address", "address.js")


def follow_links_and_keys() -> None:
    """Let links in people's text stay in the tab, and keys reach the search box, on every screen."""
    _COMPONENT(key="browser", data={"task": "navigate"})


def show_instead(to: str) -> None:
    """Show the screen at this address in the place of the present one."""
    _COMPONENT(key="browser_redirect", data={"task": "redirect", "to": to})


def leave_for(to: str) -> None:
    """Leave the screens for a page of another kind, such as the sign-in page."""
    _COMPONENT(key="browser_leave", data={"task": "leave", "to": to})


def set_heading_ids(page: str, anchors: Sequence[str], passage: Sequence[str] = ()) -> None:
    """Give the headings of the article (container key "article") these ids in order, and scroll to the wanted one.

    :param passage: the lines of a passage that a search found: they are marked, and scrolled to where the heading
        alone would leave them out of sight. Lines that the article does not have are ignored.
    :param page: what is shown, for instance a slug: the wanted heading is scrolled to once for each.
    """
    data = {
        "task": "headings",
        "page": page,
        "anchors": list(anchors),
        "passage": list(passage),
        "open": st.session_state.pop("anchor", ""),
    }
    _COMPONENT(key="browser_headings", data=data)


def mark_words(found: Sequence[str]) -> None:
    """Mark these words in the article (container key "article")."""
    _COMPONENT(key="browser_words", data={"task": "words", "words": list(found)})


def keep_in_address(**query: str) -> None:
    """Show the query in the address bar without a new entry in the browser's history."""
    _ADDRESS(key="browser_address", data={"query": query})


def focus(box: str) -> None:
    """Put the cursor into the text input with this key."""
    _COMPONENT(key="browser_focus", data={"task": "focus", "box": box})
