"""One opening of the template editor: its draft, which is kept with every change, and how its fields are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from kb.handover import adapting
from kb.handover.definition import Definition
from kb.handover.template_writings import template_pieces, with_template_pieces
from kb.private_data import PrivateData, masked
from kb.store.templates import Published
from kb.template_adapting import TemplateDraft, keep_template_draft
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.problems import told
from kb.ui.runs import hold


@dataclass
class TemplateForm:
    """``base`` is the published version that the draft began with; ``newest`` the one that counts now."""

    draft: TemplateDraft
    base: Published | None = None
    newest: Published | None = None

    @property
    def stale(self) -> bool:
        """Whether somebody published another version since the draft began."""
        return self.newest is not None and self.newest.version != self.draft.base

    @property
    def published(self) -> set[str]:
        """The keys of the sections that notes may have been written with."""
        known = self.newest.definition.sections if self.newest else ()
        return {section.key for section in (*known, *self.shipped.sections)}

    @property
    def shipped(self) -> Definition:
        """The shipped template that this is an adaptation of."""
        return adapting.shipped_definition(self.draft.definition)

    def key(self, *names: str) -> str:
        """The session state's key of a field. What replaces the whole text gives its fields other names."""
        number = st.session_state.get(f"template_round_{self.draft.key}", 0)
        return "_".join(["template", self.draft.key, str(number), *names])

    def begun(self, value: Any, *names: str) -> str:
        """The key of a field, which holds this value where it was not drawn before."""
        key = self.key(*names)
        hold(key, value)
        return key

    def keep(self, **changes: Any) -> None:
        """Keep the draft with these changes."""
        with told():
            self._keep(replace(self.draft, **changes))

    def _keep(self, draft: TemplateDraft) -> None:
        """Keep this draft; where another window changed it too, as one of its own, which the address then names."""
        before, self.draft = draft.key, keep_template_draft(open_baton().store, acting_person(), draft)
        if self.draft.key != before:
            st.session_state[_other(self.draft.key)] = before
            st.query_params["draft"] = self.draft.key
        st.session_state[_known(self.draft.key)] = self.draft.times

    def notice_other_window(self) -> bool:
        """Whether another window changed the draft since this one drew it: then all fields begin anew."""
        key = self.draft.key
        seen = st.session_state.setdefault(_known(key), self.draft.times)
        if seen == self.draft.times:
            return False
        st.session_state[_known(key)] = self.draft.times
        self._begin_anew()
        return True

    @property
    def other_window(self) -> str:
        """The key of the draft that this one was, until another window changed it too; "" for none."""
        return str(st.session_state.get(_other(self.draft.key), ""))

    def forget_other_window(self) -> None:
        """Say no more that there is another draft."""
        st.session_state.pop(_other(self.draft.key), None)

    def _begin_anew(self) -> None:
        name = f"template_round_{self.draft.key}"
        st.session_state[name] = st.session_state.get(name, 0) + 1

    def change(self, definition: Definition) -> None:
        """Keep another definition."""
        self.keep(definition=definition)

    def put(self, draft: TemplateDraft) -> None:
        """Put another text into all fields."""
        with told():
            self._keep(draft)
            self._begin_anew()

    def put_definition(self, definition: Definition) -> None:
        """Put another definition into all fields."""
        self.put(replace(self.draft, definition=definition))

    def mask(self, wanted: Sequence[PrivateData]) -> None:
        """Replace these in the draft. The fields begin anew, and what was asked about stays asked."""
        asked = st.session_state.get(self.key("private"), ())
        definition, clients = self.draft.definition, self.draft.clients
        changed = masked(open_baton().store, template_pieces(definition, clients), wanted)
        definition, clients = with_template_pieces(definition, clients, changed)
        self.put(replace(self.draft, definition=definition, clients=clients))
        st.session_state[self.key("private")] = asked

    def on_template(self, attribute: str, key: str) -> Callable[[], None]:
        """What a field of the whole template does when it changes."""
        return lambda: self.change(replace(self.draft.definition, **{attribute: st.session_state[key]}))

    def on_section(self, section: str, attribute: str, key: str, *, negated: bool = False) -> Callable[[], None]:
        """What a field of a section does when it changes."""

        def changed() -> None:
            value = st.session_state[key]
            value = not value if negated else value
            self.change(adapting.with_section(self.draft.definition, section, **{attribute: value}))

        return changed

    def on_field(
        self, section: str, field: str, attribute: str, key: str, read: Callable[[Any], Any] = lambda value: value
    ) -> Callable[[], None]:
        """What a field of a section's field does when it changes. ``read`` makes the attribute of what it holds."""
        return lambda: self.change(
            adapting.with_field(self.draft.definition, section, field, **{attribute: read(st.session_state[key])})
        )


def _known(key: str) -> str:
    """Where a session remembers how often a draft was kept when it drew it last."""
    return f"template_known_{key}"


def _other(key: str) -> str:
    """Where a session remembers which draft another one was."""
    return f"template_other_{key}"


def named(word: str, thing: str) -> str:
    """A label that the eye sees as ``word`` and a screen reader with what it is about: the style hides that."""
    return f"{word} :small[{escape(thing)}]".strip()
