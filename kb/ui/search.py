"""The screen "Search": one box, results while typing, and where to begin when the box is empty."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kb.access import Ability
from kb.models import Filters, PageKind, Space
from kb.pace import Turns
from kb.pages import all_spaces, tags_in_use
from kb.search import SearchResponse
from kb.store.db import now
from kb.ui import browser, notices, words
from kb.ui.context import acting_person, can, open_baton
from kb.ui.home import show_home, show_pages
from kb.ui.operators import show_tips, show_understood
from kb.ui.results import Listing, show_correction, show_nothing_found, show_results

SEARCH = "search"  # the fragment that a changed filter draws again
PAGE_SIZE = 10  # results shown first, and added by each "More results"
LOOK_AGAIN = "1s"  # how often the screen asks whether the model is loaded
ALL_SPACES = ""
# Searches that work at once. All at once, 50 people who search every 2 seconds waited up to twice as long at the median
# while searching was done in this process; now three are as quick as two, four or six (docs/benchmark.md).
TURNS = Turns(3, patience_s=5.0)
IN_ADDRESS = 1_000  # characters of a query that its address keeps; servers refuse addresses of more than a few kB


@dataclass(frozen=True, slots=True)
class _Choices:
    """What can be filtered by."""

    spaces: dict[str, Space]  # by slug
    tags: list[str]


def render() -> None:
    """Show the screen."""
    baton, person = open_baton(), acting_person()
    choices = _Choices(
        {space.slug: space for space in all_spaces(baton.store, person)},
        tags_in_use(baton.store, person),
    )
    _take_from_address(choices)
    st.title("Search the wiki", anchor=False)
    notices.show()
    with st.container(key="search"):
        box = st.container()
        st.fragment(_filters)(choices)
    found = st.container()
    with box:
        st.fragment(_search, key=SEARCH)(found)
    browser.focus("query")
    if not baton.encoder.ready:
        st.fragment(_wait_for_model, run_every=LOOK_AGAIN)()


def _search(found: DeltaGenerator) -> None:
    """The box, and in ``found`` what it finds: all that a key draws again. The filters between them stay."""
    query = st.text_input(
        "Search the wiki",
        key="query",
        type="search",
        live="250ms",
        placeholder="Ask in your own words, or type a name or a code",
        label_visibility="collapsed",
    )
    with found:
        with TURNS.turn():
            listing = _show_search((query or "").strip(), _chosen())
        if listing:
            listing.replace(open_baton().retriever.with_nearest_sentences(listing.response))


def _show_search(asked: str, filters: Filters) -> Listing | None:
    """Search, and show what was found.

    :return: the results, if there are any.
    """
    exact = bool(asked) and st.session_state.get("exact") == asked
    _keep_in_address(asked, filters, exact)
    shown = _shown(asked, filters)
    response = open_baton().retriever.search(asked, acting_person(), filters, top_k=shown + 1, correct=not exact)
    # Always these three, always in this order: what Streamlit finds in the place of something else, it fills with what
    # that held until the run is over, and a card would for a moment hold the results before it.
    said, card, below = st.container(), st.container(key="answer"), st.container()
    with said:
        show_understood(response.understood)
        if response.understood.text:
            _say_what_was_searched(response, asked)
    narrowed = Filters() != filters or Filters() != response.understood.filters
    answer = card.empty()
    with below:
        if response.understood.text:
            return _show_found(response, asked, filters, shown, answer, narrowed=narrowed)
        if narrowed:
            _show_filtered(response, asked, filters, shown)
        else:
            show_home(now())
    return None


def _show_filtered(response: SearchResponse, asked: str, filters: Filters, shown: int) -> None:
    if not response.results:
        st.markdown("Nothing fits these filters.")
        return
    with st.container(key="home"):
        st.header("Recently updated", anchor=False)
        show_pages([result.page for result in response.results[:shown]], now())
    if len(response.results) > shown:
        st.button("More", on_click=_show_more, args=[asked, filters, shown])


def _say_what_was_searched(response: SearchResponse, asked: str) -> None:
    if not response.by_meaning:
        st.caption(_by_words_only(open_baton().encoder.failure))
    if response.corrected_query:
        show_correction(response.corrected_query, asked, _search_exactly)


def _show_found(
    response: SearchResponse, asked: str, filters: Filters, shown: int, answer: DeltaGenerator, *, narrowed: bool
) -> Listing | None:
    if not response.results:
        show_nothing_found(response.understood.text, narrowed=narrowed)
        return None
    listing = show_results(response, (response.corrected_query or asked)[:IN_ADDRESS], now(), shown, answer)
    if len(response.results) > shown:
        st.button("More results", on_click=_show_more, args=[asked, filters, shown])
    return listing


def _filters(choices: _Choices) -> None:
    with st.container(key="filters", horizontal=True, vertical_alignment="bottom"):
        st.pills(
            "Kind",
            list(words.KINDS),
            selection_mode="multi",
            format_func=words.KINDS.__getitem__,
            key="kinds",
            label_visibility="collapsed",
            on_change=_search_again,
        )
        st.selectbox(
            "Space",
            [ALL_SPACES, *choices.spaces],
            format_func=lambda slug: choices.spaces[slug].name if slug else "All spaces",
            key="space",
            label_visibility="collapsed",
            width=220,
            on_change=_search_again,
        )
        st.multiselect(
            "Tags",
            choices.tags,
            key="tags",
            placeholder="Any tag",
            label_visibility="collapsed",
            width=260,
            on_change=_search_again,
        )
        show_tips()


def _search_again() -> None:
    st.rerun(SEARCH)


def _chosen() -> Filters:
    """What the filters are set to."""
    state = st.session_state
    return Filters((state["space"],) if state["space"] else (), tuple(state["kinds"]), tuple(state["tags"]))


def _take_from_address(choices: _Choices) -> None:
    """Set the box and the filters to what the address says, when somebody came from elsewhere."""
    asked = {name: st.query_params.get(name, "") for name in ("q", "exact", "space", "kind", "tag")}
    taken, kept = st.session_state.get("taken_address"), st.session_state.get("kept_address")
    waited = st.session_state.pop("waited_for_model", False)
    # Streamlit may go on to report the address that the visit began with, whatever was kept in it since.
    stale = asked == taken and any(asked.values())
    if "query" in st.session_state and (waited or stale or asked == kept):
        return
    st.session_state["taken_address"] = asked
    st.session_state["query"] = asked["q"]
    st.session_state["exact"] = asked["q"].strip() if asked["exact"] else None
    st.session_state["space"] = asked["space"] if asked["space"] in choices.spaces else ALL_SPACES
    st.session_state["kinds"] = [kind for kind in PageKind if kind in asked["kind"].split(",")]
    st.session_state["tags"] = [tag for tag in asked["tag"].split(",") if tag in choices.tags]


def _keep_in_address(asked: str, filters: Filters, exact: bool) -> None:
    kept = {
        "q": asked[:IN_ADDRESS],
        "exact": "1" if exact else "",
        "space": "".join(filters.spaces),  # the screen offers one
        "kind": ",".join(filters.kinds),
        "tag": ",".join(filters.tags),
    }
    st.session_state["kept_address"] = kept
    browser.keep_in_address(**kept)


def _shown(asked: str, filters: Filters) -> int:
    """How many results of this search to show: more once somebody asked for more, also when they come back."""
    of, shown = st.session_state.get("shown", (None, PAGE_SIZE))
    return int(shown) if of == (asked, filters) else PAGE_SIZE


def _show_more(asked: str, filters: Filters, shown: int) -> None:
    st.session_state["shown"] = ((asked, filters), shown + PAGE_SIZE)


def _search_exactly(asked: str) -> None:
    st.session_state["exact"] = asked


def _by_words_only(failure: str | None) -> str:
    if failure:
        more = "See Index status." if can(Ability.SEE_INDEX) else "An administrator can see why."
        return f"The meaning model cannot be used: these results match by words only. {more}"
    return "The meaning model is still loading: these results match by words only."


def _wait_for_model() -> None:
    """Show the screen again, with meaning, once the model is there."""
    if open_baton().encoder.ready:
        st.session_state["waited_for_model"] = True
        st.rerun()
