"""What a person may not see leaves no trace, in any list, search or message, from the very next look on."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from index.embedder import ModelSpec
from kb import search
from kb.indexing import Indexer
from kb.lexical import lexical_query
from kb.models import Attachment, Filters, Page, PageKind, Person, Role, Space, SpaceKind
from kb.page_moves import move_page
from kb.pages import (
    PageNotFound,
    PageText,
    all_spaces,
    backlinks,
    create_page,
    edit_page,
    ensure_space,
    history,
    read_page,
    recently_updated,
    resolve_links,
    tags_in_use,
    trash_page,
)
from kb.people import disable, enable
from kb.search import MatchedBy, Retriever
from kb.sharing import share_space
from kb.store import attachments, pages, people, spaces
from kb.store.db import Store
from kb.store.people import LOCAL, SYSTEM
from kb.store.scope import Scope
from kb.teams import save_team
from tests.conftest import WordEmbedder

BODY = "Zebrafish vacation in a [[Lobby]]. ZQX stands for zonal quark exchange (ZQX). ![](/attachment/{})"


@dataclass
class World:
    """A page, "secret", that shows in every way there is, and one, "lobby", that everybody sees."""

    store: Store
    retriever: Retriever
    indexer: Indexer
    owner: Person
    secret: Page
    lobby: Page
    file: str

    def traces(self, viewer: Person) -> set[str]:
        """In which ways ``viewer`` notices the page."""
        return {name for name, notices in TRACES.items() if notices(self, viewer)}

    def hits(self, query: str, viewer: Person, **more: object) -> list[str]:
        return [hit.page.slug for hit in self.retriever.search(query, viewer, **more).results]  # type: ignore[arg-type]

    def used(self, query: str, viewer: Person) -> bool:
        """Whether an operator's value is known, or named as one to choose."""
        understood = self.retriever.search(query, viewer).understood
        value = query.partition(":")[2]  # which a note repeats
        return bool(understood.used) or "vault" in " ".join(understood.notes).replace(f"“{value}”", "").lower()


def by_meaning(world: World, viewer: Person) -> bool:
    found = {hit.page.slug: hit.matched_by for hit in world.retriever.search("holiday", viewer).results}
    return found.get("secret") is MatchedBy.MEANING


def opens(read: Callable[[], object]) -> bool:
    try:
        return bool(read())
    except PageNotFound:
        return False


def in_db(world: World, read: Callable[..., object], *arguments: object) -> bool:
    with world.store.reading() as db:
        return bool(read(db, *arguments))


TRACES: dict[str, Callable[[World, Person], bool]] = {
    "by words": lambda w, p: "secret" in w.hits("zebrafish", p),
    "by meaning": by_meaning,
    "any result": lambda w, p: "secret" in w.hits("lobby vacation carpet zzz", p),
    "listed": lambda w, p: "secret" in w.hits("-carpet", p),
    "title operator": lambda w, p: "secret" in w.hits("title:secret", p),
    "phrase": lambda w, p: "secret" in w.hits('"zebrafish vacation"', p),
    "filter": lambda w, p: "secret" in w.hits("", p, filters=Filters(tags=("vault-tag",))),
    "tag operator": lambda w, p: w.used("tag:vault-tag", p),
    "tag suggested": lambda w, p: w.used("tag:vault-ta", p),
    "owner operator": lambda w, p: w.used("owner:Vaultowner", p),
    "owner suggested": lambda w, p: w.used("owner:Vaultownr", p),
    "correction": lambda w, p: w.retriever.search("zebrafsih", p).corrected_query is not None,
    "short form": lambda w, p: "secret" in w.hits("zonal quark exchange", p),
    "related": lambda w, p: "secret" in {page.slug for page in w.retriever.related(w.lobby, p)},
    "tags": lambda w, p: "vault-tag" in tags_in_use(w.store, p),
    "owners": lambda w, p: in_db(w, lambda db: "Vaultowner" in pages.owners(db, p)),
    "counts": lambda w, p: in_db(w, lambda db: pages.count_by_kind(db, p).get(PageKind.GLOSSARY)),
    "backlinks": lambda w, p: "secret" in {page.slug for page in backlinks(w.store, p, w.lobby)},
    "link by slug": lambda w, p: resolve_links(w.store, p, "[[secret]]")["secret"].slug is not None,
    "link by title": lambda w, p: resolve_links(w.store, p, "[[The secret]]")["The secret"].slug is not None,
    "recent": lambda w, p: "secret" in {page.slug for page in recently_updated(w.store, p)},
    "address": lambda w, p: opens(lambda: read_page(w.store, p, "secret")),
    "redirect": lambda w, p: opens(lambda: read_page(w.store, p, "old-secret")),
    "history": lambda w, p: opens(lambda: history(w.store, p, w.secret)),
    "attachment": lambda w, p: in_db(w, attachments.by_sha256, w.file, p),
}
ALL, NOTHING = set(TRACES), set[str]()


@pytest.fixture
def space(store: Store) -> Space:
    with store.atomic() as db:
        return spaces.add(db, "vault", "Vault")


@pytest.fixture
def world(store: Store, retriever: Retriever, indexer: Indexer, space: Space) -> World:
    with store.atomic() as db:
        owner = people.add(db, "Vaultowner", "owner@example.com", Role.AUTHOR)
    lobby = create_page(
        store, indexer, LOCAL, ensure_space(store, LOCAL, "Open"), PageText("Lobby", "Carpet, vacation.", ("hall",))
    )
    secret = create_page(
        store, indexer, owner, space, PageText("The secret", "", ()), kind=PageKind.GLOSSARY, slug="secret"
    )
    with store.atomic() as db:
        file = attachments.add(db, Attachment("a.png", "a.png", "image/png", b"picture"), secret.id)
        pages.add_redirect(db, "old-secret", secret.id)
    secret = edit_page(
        store, indexer, owner, secret, PageText("The secret", BODY.format(file), ("vault-tag",), ("ledger",))
    )
    return World(store, retriever, indexer, owner, secret, lobby, file)


def share(world: World, kind: SpaceKind, *with_people: Person) -> None:
    share_space(world.store, LOCAL, world.secret.space, kind, [LOCAL, *with_people], ())


def test_whoever_may_see_a_page_meets_it_everywhere(world: World, stranger: Person):
    assert world.traces(stranger) == ALL


def test_a_space_that_is_closed_is_out_of_sight_at_once(world: World, stranger: Person):
    assert world.traces(stranger) == ALL
    share(world, SpaceKind.RESTRICTED)
    assert world.traces(stranger) == NOTHING
    share(world, SpaceKind.CONFIDENTIAL)
    assert (world.traces(stranger), world.traces(LOCAL)) == (NOTHING, ALL)
    share(world, SpaceKind.CONFIDENTIAL, stranger)
    assert world.traces(stranger) == ALL
    share(world, SpaceKind.OPEN)
    assert world.traces(stranger) == ALL


def test_a_space_is_named_to_those_who_see_it_only(world: World, stranger: Person):
    share(world, SpaceKind.CONFIDENTIAL)
    assert [space.name for space in all_spaces(world.store, stranger)] == ["Open"]
    assert not world.used("space:vault", stranger)
    assert not world.used("space:vaul", stranger)
    assert world.used("space:vault", LOCAL)


def test_an_administrator_sees_restricted_spaces_but_not_confidential_ones(world: World):
    with world.store.atomic() as db:
        other = people.add(db, "Ada", "ada@example.com", Role.ADMINISTRATOR)
    share(world, SpaceKind.RESTRICTED)
    assert world.traces(other) == ALL
    share(world, SpaceKind.CONFIDENTIAL)
    assert world.traces(other) == NOTHING


def test_a_page_that_moves_is_seen_by_those_of_its_new_space(world: World, stranger: Person):
    share(world, SpaceKind.RESTRICTED)
    assert world.traces(stranger) == NOTHING
    page = world.secret
    for space, seen in ((world.lobby.space, ALL), (world.secret.space, NOTHING)):
        page = move_page(world.store, LOCAL, page, space)
        assert page.space.id == space.id
        assert world.traces(stranger) == seen


def test_another_process_knows_of_a_move_at_once(world: World, embedder: WordEmbedder, stranger: Person):
    share(world, SpaceKind.RESTRICTED)
    elsewhere = Store.open(world.store.path)
    other = Retriever(elsewhere, embedder)
    assert [hit.page.slug for hit in other.search("zebrafish", stranger).results] == ["lobby"]
    move_page(world.store, LOCAL, world.secret, world.lobby.space)
    assert [hit.page.slug for hit in other.search("zebrafish", stranger).results] == ["secret", "lobby"]
    elsewhere.close()


def test_whoever_joins_a_team_sees_what_is_shared_with_it(world: World, stranger: Person):
    team = save_team(world.store, LOCAL, "Night", "", LOCAL, [])
    share_space(world.store, LOCAL, world.secret.space, SpaceKind.CONFIDENTIAL, [], [team])
    assert world.traces(stranger) == NOTHING
    team = save_team(world.store, LOCAL, "Night", "", LOCAL, [stranger], team)
    assert world.traces(stranger) == ALL
    save_team(world.store, LOCAL, "Night", "", LOCAL, [], team)
    assert world.traces(stranger) == NOTHING


def test_a_disabled_person_sees_nothing_at_all(world: World, stranger: Person):
    disable(world.store, LOCAL, stranger.id)
    assert world.traces(stranger) == NOTHING
    assert world.hits("carpet", stranger) == []
    enable(world.store, LOCAL, stranger.id)
    assert world.traces(stranger) == ALL


def test_a_private_page_is_its_owners_alone(world: World, stranger: Person):
    with world.store.atomic() as db:
        db.execute("UPDATE pages SET private_to = owner_id WHERE id = ?", [world.secret.id])
    assert (world.traces(stranger), world.traces(LOCAL), world.traces(world.owner)) == (NOTHING, NOTHING, ALL)


def test_a_page_in_the_trash_is_nobodys(world: World, stranger: Person):
    trash_page(world.store, world.owner, world.secret)
    assert world.traces(stranger) == NOTHING
    assert world.traces(world.owner) == {"history"}  # of the trash, from where they may restore it


def test_nothing_shows_without_the_model_either(world: World, embedder: WordEmbedder, stranger: Person):
    share(world, SpaceKind.RESTRICTED)
    embedder.available = False
    assert world.traces(stranger) == NOTHING
    assert world.hits("zebrafish", LOCAL) == ["secret"]


def test_a_page_that_waits_for_its_embedding_is_hidden_and_found_alike(world: World, store: Store, stranger: Person):
    share(world, SpaceKind.RESTRICTED)
    create_page(store, Indexer(store, None), LOCAL, world.secret.space, PageText("Pending", "Quicksilver."))
    create_page(store, Indexer(store, None), LOCAL, world.lobby.space, PageText("Waiting", "Quicksilver."))
    assert world.hits("quicksilver", stranger)[0] == "waiting"
    assert "pending" not in world.hits("quicksilver", stranger)
    assert set(world.hits("quicksilver", LOCAL)[:2]) == {"pending", "waiting"}


def test_synonyms_of_a_hidden_page_have_no_say(world: World, store: Store, indexer: Indexer, stranger: Person):
    text = PageText("Synonyms", "- trolley, carpet")
    create_page(store, indexer, world.owner, world.secret.space, text, slug="synonyms")
    world.retriever.embedder = None
    assert "lobby" in world.hits("trolley", stranger)
    share(world, SpaceKind.RESTRICTED)
    assert world.hits("trolley", stranger) == []


def test_hidden_words_are_no_reason_for_or_against_a_correction(
    world: World, store: Store, indexer: Indexer, stranger: Person
):
    """A word that only hidden pages hold neither counts as known nor stands before one that all may see."""
    create_page(store, indexer, LOCAL, world.lobby.space, PageText("Rails", "The station opens at six."))
    for number in range(3):
        text = PageText(f"Files {number}", "Stationn, statiom and statron are misprints.")
        create_page(store, indexer, LOCAL, world.secret.space, text)
    share(world, SpaceKind.RESTRICTED)
    assert world.retriever.search("statiom opening", stranger).corrected_query == "station opening"
    assert world.retriever.search("statoin opening", stranger).corrected_query == "station opening"


def test_results_are_those_of_a_wiki_without_what_is_hidden(
    world: World, store: Store, indexer: Indexer, stranger: Person
):
    """What a word is worth must not tell that hidden pages hold it."""
    for title, body in (("A", "falcon plan"), ("B", "osprey plan"), ("C", "heron"), ("D", "plan")):
        create_page(store, indexer, LOCAL, world.lobby.space, PageText(title, body))
    share(world, SpaceKind.RESTRICTED)
    world.retriever.embedder = None

    def scores() -> dict[str, float]:
        return {r.page.slug: round(r.score, 6) for r in world.retriever.search("falcon osprey plan", stranger).results}

    before = scores()
    assert before["a"] == before["b"] > before["d"]
    for number in range(6):
        create_page(store, indexer, LOCAL, world.secret.space, PageText(f"Hidden {number}", "falcon lake"))
    after = scores()
    assert after["a"] == after["b"]
    assert after == pytest.approx(before, abs=0.01)  # the mean length of a passage counts those of all


def test_nothing_hidden_gives_the_same_as_looking_at_each(world: World, store: Store):
    """The short way, where a person sees everything, and the long one agree."""
    with store.reading() as db:
        mirrored = world.retriever._mirror.caught_up(db, search.chunks.index_state(db))
        seen = mirrored.seen(db, Scope(SYSTEM))
        assert seen.everything
        masked = type(seen)(seen.mask)
        query = "zebrafish carpet vacation secret"
        short, long = lexical_query(db, query, seen), lexical_query(db, query, masked)
        assert (short.postings, short.idf) == (None, long.idf)
        assert search.word_shares(db, short, seen) == pytest.approx(search.word_shares(db, long, masked))


def test_hidden_pages_do_not_spend_the_budget_of_words(
    world: World, store: Store, indexer: Indexer, stranger: Person, monkeypatch: pytest.MonkeyPatch
):
    """Who sees little finds all of it, also by words that are common elsewhere."""
    create_page(store, indexer, LOCAL, world.lobby.space, PageText("Only", "tariff of the ferry"))
    for number in range(8):
        create_page(store, indexer, LOCAL, world.secret.space, PageText(f"Elsewhere {number}", "tariff ferry"))
    share(world, SpaceKind.RESTRICTED)
    monkeypatch.setattr("kb.lexical.POSTING_BUDGET", 6)
    with store.reading() as db:
        mirrored = world.retriever._mirror.caught_up(db, search.chunks.index_state(db))
        seen = mirrored.seen(db, Scope(stranger))
        assert {term.word for term in lexical_query(db, "tariff ferry carpet", seen).terms} == {
            "tariff",
            "ferry",
            "carpet",
        }
        everything = mirrored.seen(db, Scope(SYSTEM))
        assert [term.word for term in lexical_query(db, "tariff ferry carpet", everything).terms] == ["carpet"]


def test_another_models_vectors_change_nothing(world: World, store: Store, stranger: Person):
    share(world, SpaceKind.RESTRICTED)
    with store.atomic() as db:
        search.chunks.set_index_state(db, ModelSpec("another").to_json(), "1")
    assert world.traces(stranger) == NOTHING
