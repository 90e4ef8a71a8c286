"""A search's results as a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kb.access import Ability
from kb.search import SearchResponse, SearchResult
from kb.synonyms import SLUG
from kb.ui import words
from kb.ui.addresses import Screen, address, page_address
from kb.ui.answer import answer_markdown
from kb.ui.context import can
from kb.ui.markdown import escape, marked
from kb.ui.why import why


@dataclass(frozen=True, slots=True)
class Listing:
    """Results as they are on the screen, which may get better ones in their place."""

    response: SearchResponse
    query: str
    moment: datetime
    shown: int
    card: DeltaGenerator
    listed: DeltaGenerator

    def replace(self, better: SearchResponse) -> None:
        """Show the same results with better passages, and a better answer, where they are better."""
        if better.answer and better.answer != self.response.answer:
            _show_answer(self.card, better, self.query, self.moment)
        if better.results[: self.shown] != self.response.results[: self.shown]:
            self.listed.markdown(_listed(better, self.shown, self.query, self.moment), anchors=False)


def show_results(response: SearchResponse, query: str, moment: datetime, shown: int, card: DeltaGenerator) -> Listing:
    """Show the answer, at most ``shown`` results, and how many there are.

    :param card: where the answer goes, if there is one.
    """
    if response.answer:
        _show_answer(card, response, query, moment)
    more = len(response.results) > shown
    if response.good_match:
        st.caption(f"The best {shown} results" if more else words.counted(len(response.results), "result"))
    else:
        _show_no_good_match(response.understood.text)
    with st.container(key="results"):
        listed = st.markdown(_listed(response, shown, query, moment), anchors=False)
    return Listing(response, query, moment, shown, card, listed)


def _show_answer(card: DeltaGenerator, response: SearchResponse, query: str, moment: datetime) -> None:
    assert response.answer  # noqa: S101  the caller looked
    card.markdown(answer_markdown(response.answer, response.results[0], query, moment), anchors=False)


def _listed(response: SearchResponse, shown: int, query: str, moment: datetime) -> str:
    """The results as one text: each element of its own would cost the server as much as a tenth of the search."""
    return "\n\n".join(
        _result(result, query, moment, answers=response.answer is not None and result.rank == 1)
        for result in response.results[:shown]
    )


def _result(result: SearchResult, query: str, moment: datetime, *, answers: bool) -> str:
    """A result; the one that answers does not say again what the card above it says."""
    page = result.page
    place = " › ".join(escape(name) for name in (page.space.name, *result.headings))
    parts = [
        f"## [{escape(page.title)}](<{page_address(page, result.anchor, query, result.passage_id)}>)",
        f":small[{words.KIND[page.kind]} · {place} · owner {escape(page.owner.name)}]",
        "" if answers else marked(result.snippet),
        f":small[{why(result, moment)}]",
    ]
    return "\n\n".join(part for part in parts if part)


def show_correction(corrected: str, asked: str, search_exactly: Callable[[str], None]) -> None:
    """Say what was searched for instead of a misspelt query, and offer to search for what was typed."""
    with st.container(key="correction", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"Showing results for **{escape(words.shortened(corrected, 200))}**.", width="content")
        label = f"Search instead for {escape(words.shortened(asked, 200))}"
        st.button(label, key="exactly", type="tertiary", on_click=search_exactly, args=[asked])


def _show_no_good_match(query: str) -> None:
    """Say that the results below are weak, and what else there is to do."""
    then = " Ask your team."
    if can(Ability.WRITE):
        write = address(Screen.WRITE, title=words.shortened(query, 200))
        then = f" Ask your team, then [write the page](<{write}>): the next person will find it."
    st.header("No good match", anchor=False)
    st.markdown(f"Probably no page answers “{escape(words.shortened(query, 100))}”.{then} The nearest pages are:")


def show_nothing_found(query: str, *, narrowed: bool) -> None:
    """Say that nothing was found, and what to do about it."""
    ideas = ["- Use fewer words, or other ones: the search understands what you mean."]
    if narrowed:
        ideas.append("- Remove the filters, chosen or typed: the answer may be in another space.")
    if can(Ability.WRITE):
        write = address(Screen.WRITE, title=words.shortened(query, 200))
        ideas.append(f"- Know the answer? [Write the page](<{write}>).")
        ideas.append(
            f"- Does your team say it in another word? Add a line such as “client, customer, account” to the page "
            f"[Synonyms](<{address(Screen.PAGE, slug=SLUG)}>)."
        )
        ideas.append("- Ask your team, then write down what they say: the next person will find it.")
    else:
        ideas.append("- Ask your team; whoever knows the answer can write it down for the next person.")
    st.header("Nothing found", anchor=False)
    st.markdown(f"No page answers “{escape(words.shortened(query, 100))}”.\n\n" + "\n".join(ideas))
