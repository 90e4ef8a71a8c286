"""The screen "Page": one page to read, and what leads on from it."""

from __future__ import annotations

import streamlit as st

from index.chunking import outline, plain_text
from kb.access import Ability
from kb.guide_pages import offer_for
from kb.guide_reading import neighbours
from kb.models import Page, PageKind
from kb.pages import PageNotFound, backlinks, read_page, resolve_links
from kb.passages import passage_lines
from kb.query import matched_words
from kb.store.db import now
from kb.ui import browser, guide_offer, words
from kb.ui.addresses import Screen, address, page_address
from kb.ui.context import acting_person, can, open_baton
from kb.ui.markdown import escape, page_markdown
from kb.ui.page_actions import show_actions
from kb.ui.page_lists import show_contents, show_neighbours, show_pages
from kb.ui.person_links import person_link


def render() -> None:
    """Show the page that the address names."""
    slug = st.query_params.get("slug", "")
    query, passage = st.query_params.get("q", ""), st.query_params.get("passage", "")
    baton, person = open_baton(), acting_person()
    try:
        page = read_page(baton.store, person, slug)
    except PageNotFound:
        _show_not_found(slug)
        return
    if page.kind is PageKind.HANDOVER:
        browser.show_instead(page_address(page, query=query, passage=passage))
        return
    st.set_page_config(page_title=page.title)

    headings = outline(page.body)
    links = resolve_links(baton.store, person, page.body)
    _show_head(page, query)
    guide_offer.show(page, offer_for(baton.store, person, page))
    text, side = st.columns([7, 3], gap="large")
    with text:
        show_contents(headings, key="contents_above")
        with st.container(key="article"):
            st.markdown(page_markdown(page.body, links) or "*This page has no text yet.*")
        show_neighbours(neighbours(baton.store, person, page))
    with side, st.container(key="side"):
        show_contents(headings, key="contents_beside")
        show_pages("Related pages", baton.retriever.related(page, person), key="related")
        show_pages("Pages that link here", backlinks(baton.store, person, page), key="backlinks")
    found = passage_lines(baton.store, acting_person(), page, passage)
    browser.set_heading_ids(page.slug, [heading.anchor for heading in headings], found)
    browser.mark_words(matched_words(query, plain_text(page.body)))


def _show_head(page: Page, query: str) -> None:
    with st.container(key="head", gap="small"):
        if query:
            asked = st.session_state.get("kept_address", {})
            back = address(Screen.SEARCH, **(asked if asked.get("q") == query else {"q": query}))
            st.markdown(f"[← Back to results](<{back}>)")
        space = address(Screen.SEARCH, space=page.space.slug)
        st.markdown(f":small[[{escape(page.space.name)}](<{space}>) › {escape(words.shortened(page.title, 60))}]")
        st.title(escape(page.title), anchor=False)
        if page.tags:
            chips = [f"[{escape(tag)}](<{address(Screen.SEARCH, tag=tag)}>)" for tag in page.tags]
            with st.container(key="chips"):
                st.markdown(" ".join(chips))
        revision = f"[revision {page.revision}](<{address(Screen.HISTORY, slug=page.slug)}>)"
        owner, editor = person_link(page.owner), person_link(page.updated_by)
        when = words.updated(page, now())
        st.markdown(f":small[{words.KIND[page.kind]} · owner {owner} · {when} by {editor} · {revision}]")
        show_actions(page)


def _show_not_found(slug: str) -> None:
    st.set_page_config(page_title="Page not found")
    st.title("Page not found", anchor=False)
    name = " ".join(slug.replace("-", " ").split())[:200]
    if not name:
        st.markdown(f"The address names no page. [Search the wiki]({Screen.SEARCH}).")
        return
    search, write = address(Screen.SEARCH, q=name), address(Screen.WRITE, title=name.capitalize())
    if can(Ability.WRITE):
        place, offer = f"it is in the [trash]({Screen.TRASH})", f"\n- [Write this page](<{write}>)"
    else:
        place, offer = "it is in the trash, or not shared with you", ""
    st.markdown(
        f"There is no page at “{escape(slug[:200])}”. It may have been renamed, or {place}.\n\n"
        f"- [Search for “{escape(name)}”](<{search}>){offer}"
    )
