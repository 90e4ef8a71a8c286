"""A short text that is sent at once, such as an answer or a reason: where it looks private, it waits for a decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from kb.private_data import WORDS, PrivateData, PrivateDataFound, look, masked, of_words
from kb.ui.acting import act_at_once, refuse
from kb.ui.context import open_baton
from kb.ui.private_box import show_private_box
from kb.writings import Written

Send = Callable[[str], object]  # takes why private data has to stay; "" without a reason
ON_SCREEN = "Until you decide, the text is on your screen only."
NO_REASON = "Say in a few words why it has to stay."


@dataclass(frozen=True, slots=True)
class PrivateWords:
    """What is private in the text of one field.

    :ivar field: the field's key in the session state.
    :ivar name: as the service calls the text: "your answer".
    :ivar masked: called after the field's text was changed by masking.
    :ivar said: what was not done with the text, and the button that does it.
    """

    field: str
    name: str
    masked: Callable[[], None] = lambda: None
    said: tuple[str, str] = ("sent", "Send")

    def send(self, step: Send, reason: str = "") -> bool:
        """Take the step.

        :return: whether it was taken; otherwise the box of :meth:`show` says what waits for a decision.
        """
        try:
            step(reason)
        except PrivateDataFound as error:
            st.session_state[self._key] = error.found
            return False
        st.session_state.pop(self._key, None)
        return True

    def show(self, keep: Callable[[str], None] | None = None, held: str = ON_SCREEN) -> str | None:
        """Show what is still in the text of that for which it was not sent; nothing where there is nothing.

        :param keep: called with the reason before the next run, when the text is to be sent as it is.
        :param held: says where the text is meanwhile.
        :return: without ``keep`` the reason, when the text is to be sent as it is; else None.
        """
        asked = {one.fingerprint for one in st.session_state.get(self._key, ())}
        if not asked:
            return None
        left = [one for one in look(open_baton().store, self._pieces()) if one.fingerprint in asked]
        if left:
            return show_private_box(left, self._mask, name=self.field, said=self.said, held=held, keep=keep)
        st.session_state.pop(self._key)
        if st.session_state.get(self.field):
            st.success(f"Nothing private is left: {self.said[1].lower()} it.", icon=":material/check:")
        return None

    def _mask(self, wanted: Sequence[PrivateData]) -> None:
        changed = masked(open_baton().store, self._pieces(), wanted)
        st.session_state[self.field] = changed.get(WORDS, st.session_state.get(self.field) or "")
        self.masked()

    def _pieces(self) -> list[Written]:
        text = st.session_state.get(self.field)
        return of_words(self.name, text if isinstance(text, str) else "")  # a list may hold what was chosen, not typed

    @property
    def _key(self) -> str:
        return f"private_found_{self.field}"


@dataclass(frozen=True, slots=True)
class Sending:
    """A field that a button sends, also when something else stands there after the click: bound to what is drawn.

    :ivar place: where :func:`kb.ui.acting.show_refused` says why it was refused.
    :ivar done: what to say afterwards.
    """

    words: PrivateWords
    place: str
    step: Send
    done: str

    def show_private(self, held: str = ON_SCREEN) -> None:
        """Show what looks private and waits for a decision."""
        self.words.show(self._keep, held)

    def button(self, label: str, **look: Any) -> None:
        """The button that sends the field.

        :param look: what :func:`st.button` takes; the key among them.
        """
        st.button(label, on_click=self._send, **look)

    def _send(self, reason: str = "") -> None:
        act_at_once(self.place, lambda: self.words.send(self.step, reason), self.done)

    def _keep(self, reason: str) -> None:
        if reason.strip():
            self._send(reason)
        else:
            refuse(self.place, NO_REASON)
