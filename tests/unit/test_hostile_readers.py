"""Somebody who guesses at what they may not see learns nothing: not its text, and not that it exists."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kb.access import NotAllowed
from kb.handovers import note_events, read_note
from kb.indexing import Indexer
from kb.models import Attachment, Page, Person, Space, SpaceKind
from kb.pages import (
    PageNotFound,
    PageText,
    create_page,
    edit_page,
    ensure_space,
    history,
    read_page,
    resolve_links,
    restore_from_trash,
    restore_revision,
    trash_page,
)
from kb.passages import passage_lines
from kb.search import Retriever
from kb.sharing import share_space, sharing_of
from kb.store import attachments, pages
from kb.store.db import Store
from kb.store.people import LOCAL


@pytest.fixture
def vault(store: Store) -> Space:
    space = ensure_space(store, LOCAL, "Vault")
    return share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL], []).space


@pytest.fixture
def secret(store: Store, indexer: Indexer, vault: Space) -> Page:
    page = create_page(store, indexer, LOCAL, vault, PageText("Merger", "Initech is bought in May.", ("deal",)))
    with store.atomic() as db:
        pages.add_redirect(db, "former-merger", page.id)
    return page


@pytest.fixture
def missing(secret: Page) -> Page:
    """A page that is not there, as somebody might make it up."""
    return replace(secret, id=4711, slug="nothing")


def said(act: Callable[[], object]) -> tuple[type[Exception], str]:
    """What an attempt is answered with."""
    with pytest.raises((PageNotFound, NotAllowed)) as caught:
        act()
    return type(caught.value), str(caught.value)


def test_a_guessed_address_says_the_same_as_a_wrong_one(store: Store, secret: Page, stranger: Person):
    for read in (read_page, read_note):
        wrong = said(lambda read=read: read(store, stranger, "nowhere"))  # type: ignore[misc]
        for slug in ("merger", "former-merger"):
            found = said(lambda read=read, slug=slug: read(store, stranger, slug))  # type: ignore[misc]
            assert (found[0], found[1].replace(slug, "nowhere")) == wrong


def test_a_guessed_page_says_the_same_as_a_made_up_one(
    store: Store, indexer: Indexer, secret: Page, missing: Page, stranger: Person
):
    text = PageText("Mine now", "")
    attempts: list[Callable[[Page], object]] = [
        lambda page: history(store, stranger, page),
        lambda page: edit_page(store, indexer, stranger, page, text),
        lambda page: restore_revision(store, indexer, stranger, page, 1),
        lambda page: trash_page(store, stranger, page),
        lambda page: restore_from_trash(store, indexer, stranger, page),
    ]
    for attempt in attempts:
        wrong = said(lambda attempt=attempt: attempt(missing))  # type: ignore[misc]
        assert said(lambda attempt=attempt: attempt(secret)) == wrong  # type: ignore[misc]
    assert read_page(store, LOCAL, "merger") == secret


def test_a_page_in_the_trash_is_hidden_like_any_other(store: Store, secret: Page, missing: Page, stranger: Person):
    trash_page(store, LOCAL, secret)
    for act in (history, trash_page):
        assert said(lambda act=act: act(store, stranger, secret)) == said(  # type: ignore[misc,operator]
            lambda act=act: act(store, stranger, missing)  # type: ignore[misc,operator]
        )


def test_a_guessed_space_says_the_same_as_a_made_up_one(store: Store, indexer: Indexer, vault: Space, stranger: Person):
    made_up = Space(4711, "nothing", "Nothing")
    for attempt in (
        lambda space: sharing_of(store, stranger, space),
        lambda space: create_page(store, indexer, stranger, space, PageText("In", "")),
    ):
        assert said(lambda attempt=attempt: attempt(vault)) == said(lambda attempt=attempt: attempt(made_up))  # type: ignore[misc]
    assert said(lambda: ensure_space(store, stranger, "Vault")) == said(lambda: ensure_space(store, stranger, "Volt"))


def test_search_and_links_treat_hidden_names_as_unknown_ones(
    store: Store, retriever: Retriever, secret: Page, stranger: Person, write
):
    write("Lobby", "Carpet.")
    for hidden, unknown in (("tag:deal", "tag:xxxx"), ("space:vault", "space:xxxxx"), ("title:merger", "title:xxxxxx")):
        found, nothing = (retriever.search(query, stranger) for query in (hidden, unknown))
        value, made_up = hidden.partition(":")[2], unknown.partition(":")[2]
        assert found.results == nothing.results == ()
        notes = tuple(note.replace(value, made_up) for note in found.understood.notes)
        assert notes == nothing.understood.notes
    links = resolve_links(store, stranger, "[[merger]] [[former-merger]] [[Merger]] [[nowhere]]")
    assert {target.slug for target in links.values()} == {None}


def test_related_passages_and_events_of_a_page_held_in_hand_are_hidden(
    store: Store, retriever: Retriever, secret: Page, stranger: Person
):
    assert retriever.related(secret, stranger) == []
    name = retriever.search("Initech", LOCAL).results[0].passage_id
    assert passage_lines(store, LOCAL, secret, name) == ["Initech is bought in May."]
    assert passage_lines(store, stranger, secret, name) == []
    with pytest.raises((PageNotFound, AttributeError)):
        note_events(store, stranger, secret)  # type: ignore[arg-type]


def test_the_name_of_a_file_written_into_ones_own_page_opens_nothing(
    store: Store, indexer: Indexer, secret: Page, space: Space, stranger: Person
):
    with store.atomic() as db:
        sha256 = attachments.add(db, Attachment("deal.pdf", "deal.pdf", "application/pdf", b"terms"), secret.id)
    mine = create_page(store, indexer, stranger, space, PageText("Mine", f"![](/attachment/{sha256})"))
    edit_page(store, indexer, stranger, mine, PageText("Mine", f"Again ![](/attachment/{sha256})"))
    with store.reading() as db:
        assert attachments.by_sha256(db, sha256, stranger) is None
        assert attachments.by_sha256(db, sha256, LOCAL) is not None


def test_results_held_in_hand_tell_nothing_new_once_a_space_is_closed(
    store: Store, indexer: Indexer, retriever: Retriever, stranger: Person
):
    space = ensure_space(store, LOCAL, "Soon closed")
    lines = [f"Rule {number} concerns desks and chairs in the large hall by the river." for number in range(12)]
    text = PageText("House rules", "\n".join([*lines[:9], "Vacation is asked for two weeks ahead.", *lines[9:]]))
    create_page(store, indexer, LOCAL, space, text)
    held = retriever.search("holiday", stranger)
    assert retriever.with_nearest_sentences(held).results[0].snippet != held.results[0].snippet
    share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL], [])
    assert retriever.with_nearest_sentences(held).results[0].snippet == held.results[0].snippet
