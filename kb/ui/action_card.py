"""One item of the screen "Actions", and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import streamlit as st

from kb.action_lists import find_action
from kb.actions import FIX_NAME, MAX_FIX, OWNER_NAME, mark_done, reassign, reopen, say_fix, set_due
from kb.handover.actions import Action
from kb.handover.models import Party, PartyId, Priority
from kb.note_parties import choices
from kb.pages import PageNotFound
from kb.people import colleagues
from kb.ui import note_words
from kb.ui.action_words import age_badge, due_words, note_link, owner_words, title_of
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.moments import full, input_format
from kb.ui.private_words import NO_REASON, PrivateWords
from kb.ui.problems import keep_problem, told
from kb.ui.runs import hold
from kb.ui.toasts import toast_next

_JUST_DONE = "just_done"  # the origin of the item that was marked done last
_SAID = ("saved", "Save")
_CHANGING = "changing"  # of the item whose fields are open


def show(action: Action, moment: datetime, today: date) -> None:
    """Show an open item, with its buttons for who may use them."""
    with st.container(key=f"action_{action.origin}", border=True, gap="small"):
        st.markdown(_facts(action, moment, today), anchors=False)
        if not action.may_change:
            return
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Done", key=f"done_{action.origin}", icon=":material/check:", on_click=_mark_done, args=[action],
                help=f"Mark “{escape(title_of(action))}” done",
            )  # fmt: skip
            me = acting_person()
            if action.owner.id != PartyId(person=me.id):
                st.button(
                    "Take it", key=f"take_{action.origin}", icon=":material/front_hand:", type="tertiary",
                    on_click=_give, args=[action, Party(me.name, PartyId(person=me.id))],
                    help="Make yourself its owner",
                )  # fmt: skip
            st.button(
                "Change", key=f"change_{action.origin}", icon=":material/edit:", type="tertiary",
                on_click=_begin_change, args=[action], help="Another owner or due date",
            )  # fmt: skip
        if st.session_state.get(_CHANGING) == action.origin:
            _show_change(action)


def show_done(action: Action) -> None:
    """Show a done item, to be reopened."""
    when = f"Done {full(action.changed_at)}" if action.changed_at else "Done"
    facts = [when, owner_words(action.owner), _place(action)]
    with st.container(key=f"action_{action.origin}", border=True, gap="small"):
        st.markdown(
            "\n\n".join(
                [
                    f"**{escape(title_of(action))}**{_reference(action)}",
                    f"Fixed by: {escape(action.fix)}" if action.fix else ":gray[Nobody said what fixed it.]",
                    f":small[{' · '.join(facts)}]",
                ]
            )
        )
        if action.may_change:
            st.button(
                "Reopen", key=f"reopen_{action.origin}", icon=":material/refresh:", type="tertiary", on_click=_reopen,
                args=[action], help=f"Make “{escape(title_of(action))}” an open item again",
            )  # fmt: skip


def show_just_done() -> None:
    """Say what was marked done last; let people say what fixed it, or undo it."""
    origin = st.session_state.get(_JUST_DONE, "")
    if not origin:
        return
    try:
        action = find_action(open_baton().store, acting_person(), origin)
    except PageNotFound:
        action = None
    if action is None or not action.done or not action.may_change:
        del st.session_state[_JUST_DONE]
        return
    with st.container(key="just_done", border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":green[:material/check_circle:] **{escape(title_of(action))}** is done.", width="stretch")
            st.button("Undo", icon=":material/undo:", key="undo_done", on_click=_reopen, args=[action])
            st.button("Close", icon=":material/close:", key="close_done", type="tertiary", on_click=_forget)
        key = _fix_key(action)
        hold(key, action.fix)
        st.text_input(
            "What fixed it? (helps whoever has this next)", key=key, max_chars=MAX_FIX, on_change=_say_fix,
            args=[action],
        )  # fmt: skip
        _private_fix(action).show(_with_reason(lambda reason: _say_fix(action, reason)))


def _facts(action: Action, moment: datetime, today: date) -> str:
    badge = f"{note_words.priority_badge(action.priority)} " if action.priority is not Priority.NORMAL else ""
    age = age_badge(action.age, moment)
    facts = [owner_words(action.owner), due_words(action.due, today)]
    small = [_place(action)] if action.age.is_long else [age, _place(action)]
    lines = [
        f"{badge}**{escape(title_of(action))}**{_reference(action)}",
        f"Next: {escape(action.next_step)}" if action.next_step else "",
        " · ".join(facts),
        age if action.age.is_long else "",
        f":small[{' · '.join(small)}]",
    ]
    return "\n\n".join(line for line in lines if line)


def _place(action: Action) -> str:
    """The note as a link, and its client where the title does not say it."""
    client, note = action.note.client, note_link(action.note)
    return note if not client or client.casefold() in action.note.title.casefold() else f"{escape(client)} · {note}"


def _reference(action: Action) -> str:
    return f" :gray[{escape(action.reference)}]" if action.reference and action.title else ""


def _show_change(action: Action) -> None:
    """The fields of an item's owner and due date."""
    store, person = open_baton().store, acting_person()
    known: list[Party | str] = [*choices(colleagues(store, person), [])]
    owner: Party | str | None = action.owner if action.owner.id else action.owner.name or None
    hold(_owner_key(action), owner)
    for named in (owner, st.session_state[_owner_key(action)]):  # the item's, and what was typed
        if named is not None and named not in known:
            known.append(named)
    hold(_due_key(action), action.due)
    st.selectbox(
        "Owner", known, key=_owner_key(action), index=None, accept_new_options=True,
        format_func=lambda party: party if isinstance(party, str) else party.name,
        placeholder="Choose a person, or type a name",
    )  # fmt: skip
    due = _due_key(action)
    st.date_input("Due", st.session_state[due], key=due, format=input_format())
    _private_owner(action).show(_with_reason(lambda reason: _change(action, reason)))
    with st.container(horizontal=True, gap="small"):
        st.button("Save", key=f"save_{action.origin}", type="primary", on_click=_change, args=[action])
        st.button("Cancel", key=f"cancel_{action.origin}", type="tertiary", on_click=_end_change)
    st.caption("The note keeps its text: this is kept beside it.")


def _owner_key(action: Action) -> str:
    return f"owner_{action.origin}"


def _due_key(action: Action) -> str:
    return f"due_{action.origin}"


def _fix_key(action: Action) -> str:
    return f"fix_{action.origin}"


def _private_owner(action: Action) -> PrivateWords:
    return PrivateWords(_owner_key(action), OWNER_NAME, said=_SAID)


def _private_fix(action: Action) -> PrivateWords:
    # Kept as soon as it is typed, so also as soon as it is masked.
    return PrivateWords(_fix_key(action), FIX_NAME, masked=lambda: _say_fix(action), said=_SAID)


def _with_reason(send: Callable[[str], None]) -> Callable[[str], None]:
    """Send words that look private as they are, if a reason is given."""
    return lambda reason: send(reason) if reason.strip() else keep_problem(NO_REASON)


def _begin_change(action: Action) -> None:
    for key in (_owner_key(action), _due_key(action)):
        st.session_state.pop(key, None)
    st.session_state[_CHANGING] = action.origin


def _end_change() -> None:
    st.session_state.pop(_CHANGING, None)


def _change(action: Action, private_reason: str = "") -> None:
    chosen, due = st.session_state.get(_owner_key(action)), st.session_state.get(_due_key(action))
    owner = chosen if isinstance(chosen, Party) else Party(chosen or "")
    store, person = open_baton().store, acting_person()
    with told():
        if due != action.due:
            action = set_due(store, person, action, due)
        if owner != action.owner:  # last: who gives an item away may not be allowed to change it afterwards
            words = _private_owner(action)
            if not words.send(
                lambda reason: reassign(store, person, action, owner, private_reason=reason), private_reason
            ):
                return
        _end_change()
        toast_next(f"“{escape(title_of(action))}” is changed")


def _mark_done(action: Action) -> None:
    with told():
        mark_done(open_baton().store, acting_person(), action)
        st.session_state[_JUST_DONE] = action.origin
        toast_next(f"“{escape(title_of(action))}” is done")  # seen wherever the screen is scrolled to


def _reopen(action: Action) -> None:
    with told():
        reopen(open_baton().store, acting_person(), action)
        _forget()
        toast_next(f"“{escape(title_of(action))}” is open again")


def _give(action: Action, owner: Party) -> None:
    with told():
        reassign(open_baton().store, acting_person(), action, owner)
        toast_next(f"“{escape(title_of(action))}” is yours")


def _say_fix(action: Action, private_reason: str = "") -> None:
    fix, store, person = st.session_state[_fix_key(action)] or "", open_baton().store, acting_person()
    with told():
        _private_fix(action).send(
            lambda reason: say_fix(store, person, action, fix, private_reason=reason), private_reason
        )


def _forget() -> None:
    st.session_state.pop(_JUST_DONE, None)
