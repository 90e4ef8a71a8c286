"""Templates that leads adapt: publishing, versions, who is offered which, and the notes that are written with them."""

from __future__ import annotations

import ast
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import kb
from kb.access import NotAllowed
from kb.handover import adapting
from kb.handover import templates as shipped
from kb.handover.definition import definition_of
from kb.handover.models import Answer
from kb.handover.template_writings import template_pieces, with_template_pieces
from kb.handover.templates import FieldKind, Section, SectionKind, template_of
from kb.handover.text import NoteError
from kb.handovers import NotReady, read_note, save_note, submit_note
from kb.indexing import Indexer
from kb.kept_drafts import DraftGone
from kb.models import Person, Role, Space, SpaceKind
from kb.note_templates import newer_template, offered
from kb.note_templates import template_of as any_template
from kb.pages import STANDARD_SPACES
from kb.private_data import PrivateDataFound, look, masked
from kb.search import Retriever
from kb.store import audit, people, spaces, teams
from kb.store.audit import AuditFilter
from kb.store.db import Store, now
from kb.store.people import LOCAL
from kb.store.templates import Published
from kb.template_adapting import (
    StaleTemplate,
    TemplateDraft,
    TemplateError,
    TemplateNotFound,
    TemplateNotReady,
    adapted_templates,
    draft_of,
    find_template_draft,
    keep_template_draft,
    my_template_drafts,
    new_adaptation,
    on_top_of,
    publish_template,
    retire_template,
    template_versions,
)
from tests.unit.handover_samples import shift_note

WEATHER = "own_weather"


def acme(**changes: object) -> TemplateDraft:
    """A draft of a shift template for ACME, which asks for the weather and not for the staffing."""
    draft = new_adaptation("shift")
    definition, key = adapting.added_section(draft.definition, "Weather", SectionKind.TEXT)
    assert key == WEATHER
    definition = adapting.with_section(definition, key, required=True)
    definition = adapting.with_section(replace(definition, name="ACME shift"), "staffing", hidden=True)
    return replace(draft, **{"definition": definition, "clients": ("ACME",), **changes})


def renamed(draft: TemplateDraft, name: str) -> TemplateDraft:
    return replace(draft, definition=replace(draft.definition, name=name))


@pytest.fixture
def published(store: Store) -> Published:
    return publish_template(store, LOCAL, acme())


@pytest.fixture
def lead(store: Store) -> Person:
    with store.atomic() as db:
        return people.add(db, "Lena", "lena@example.com", Role.LEAD)


@pytest.fixture
def vault(store: Store) -> Space:
    """A space that only Lena sees."""
    with store.atomic() as db:
        return spaces.add(db, "vault", "Vault", SpaceKind.CONFIDENTIAL)


def names(store: Store, person: Person, client: str = "") -> list[str]:
    return [offer.template.name for offer in offered(store, person, "shift", client)]


# ---- publishing ---------------------------------------------------------------------------------------------------


def test_a_template_is_published_with_who_when_and_what_changed(store: Store, published: Published) -> None:
    assert (published.version, published.adaptation, published.number) == (1_001, 1_001, 1)
    assert published.author == LOCAL
    assert published.audience.clients == ("ACME",)
    assert published.audience.space.name == STANDARD_SPACES[2]
    assert published.changes == (
        "The template is now called “ACME shift”.",
        "“Staffing and absences” is no longer asked for.",
        "“Weather” is new.",
    )
    assert adapted_templates(store, LOCAL) == [published]


def test_the_next_version_says_what_changed_since_the_last_one(store: Store, published: Published) -> None:
    draft = draft_of(published)
    definition = adapting.with_section(draft.definition, WEATHER, title="Weather on site")
    second = publish_template(store, LOCAL, replace(draft, definition=definition, clients=("ACME", "Globex")))
    assert (second.version, second.adaptation, second.number) == (1_002, 1_001, 2)
    assert second.changes == ("“Weather” is now called “Weather on site”.", "It is for others now.")
    assert template_versions(store, LOCAL, 1_001) == [second, published]
    assert any_template(store, "shift", 1_001).section(WEATHER).title == "Weather"
    assert any_template(store, "shift", 1_002).section(WEATHER).title == "Weather on site"


def test_an_older_version_is_taken_up_again_as_a_new_one(store: Store, published: Published) -> None:
    draft = draft_of(published)
    definition, key = adapting.added_section(draft.definition, "Tides", SectionKind.TEXT)
    second = publish_template(store, LOCAL, replace(draft, definition=definition))
    third = publish_template(store, LOCAL, on_top_of(draft_of(published), second))
    assert third.number == 3
    assert third.changes == ("“Tides” is no longer asked for.",)
    assert [section.key for section in any_template(store, "shift", third.version).hidden] == ["staffing", key]


def test_two_leads_at_once_the_second_is_told_and_loses_nothing(
    store: Store, published: Published, lead: Person
) -> None:
    hers = keep_template_draft(store, lead, renamed(draft_of(published), "Hers"))
    publish_template(store, LOCAL, renamed(draft_of(published), "His"))
    with pytest.raises(StaleTemplate, match="local published version 2 of this template") as stale:
        publish_template(store, lead, hers)
    assert find_template_draft(store, lead, hers.key) == hers
    third = publish_template(store, lead, on_top_of(hers, stale.value.current))
    assert (third.number, third.definition.name) == (3, "Hers")
    assert my_template_drafts(store, lead) == []


def test_a_draft_that_another_window_changed_is_not_published_and_loses_nothing(
    store: Store, published: Published
) -> None:
    here = keep_template_draft(store, LOCAL, renamed(draft_of(published), "Here"))
    there = keep_template_draft(store, LOCAL, renamed(here, "There"))
    assert (there.key, there.times) == (here.key, 2)
    with pytest.raises(DraftGone):
        publish_template(store, LOCAL, here)
    again = keep_template_draft(store, LOCAL, renamed(here, "Here again"))
    assert again.key != here.key
    names = {draft.definition.name for draft in my_template_drafts(store, LOCAL)}
    assert names == {"There", "Here again"}
    assert publish_template(store, LOCAL, again).number == 2
    assert my_template_drafts(store, LOCAL) == [there]


def test_a_template_that_breaks_a_rule_is_not_published_and_its_draft_is_kept(store: Store) -> None:
    draft = acme()
    draft = replace(draft, definition=adapting.with_section(draft.definition, "items", hidden=True))
    draft = keep_template_draft(store, LOCAL, draft)
    with pytest.raises(TemplateNotReady, match="has to be shown"):
        publish_template(store, LOCAL, draft)
    assert find_template_draft(store, LOCAL, draft.key) == draft
    assert adapted_templates(store, LOCAL) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clients": ("Initech", " acme ")}, "“ACME shift” is for acme already."),
        ({"clients": ("x" * 121,)}, "has a long name: shorten it to 120 characters."),
        ({"clients": tuple(map(str, range(51)))}, "A template is for at most 50 clients."),
        ({"clients": (), "team": 7}, "The team was removed meanwhile."),
        ({"clients": ("B",), "team": 7}, "A template is for clients or for a team, not for both."),
    ],
)
def test_for_whom_a_template_may_be(
    store: Store, published: Published, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(TemplateNotReady, match=message):
        publish_template(store, LOCAL, renamed(acme(**changes), "Another"))


def test_names_are_unique_within_a_kind(store: Store, published: Published) -> None:
    for name in ("acme SHIFT", "Shift handover"):
        with pytest.raises(TemplateNotReady, match="Give this one a name of its own"):
            publish_template(store, LOCAL, renamed(acme(clients=("B",)), name))


def test_the_same_again_is_refused(store: Store, published: Published) -> None:
    with pytest.raises(TemplateError, match="Nothing was changed: version 1 says the same"):
        publish_template(store, LOCAL, draft_of(published))


def test_a_template_goes_out_of_use_and_back(store: Store, published: Published) -> None:
    retired = retire_template(store, LOCAL, published)
    assert (retired.number, retired.retired, retired.changes) == (2, True, ("It is no longer offered.",))
    assert names(store, LOCAL, "ACME") == ["Shift handover"]
    with pytest.raises(StaleTemplate):
        retire_template(store, LOCAL, published)
    again = publish_template(store, LOCAL, draft_of(retired))
    assert again.changes == ("It is offered again.",)
    assert names(store, LOCAL, "ACME") == ["ACME shift", "Shift handover"]


def test_publishing_is_for_leads_and_is_audited(store: Store, stranger: Person) -> None:
    with pytest.raises(NotAllowed, match="As an author you may not adapt templates of handover notes"):
        publish_template(store, stranger, acme())
    first = publish_template(store, LOCAL, acme())
    retire_template(store, LOCAL, first)
    with store.reading() as db:
        rows = db.execute("SELECT action, subject, subject_id, detail FROM audit ORDER BY id DESC LIMIT 2").fetchall()
    assert rows == [
        ("template.retired", "template", 1_002, "version 2"),
        ("template.published", "template", 1_001, "version 1"),
    ]


CARD, WHY = "4111 1111 1111 1111", "The bank's test card"


def test_no_text_of_a_template_holds_private_data_without_a_reason(store: Store, published: Published) -> None:
    draft = draft_of(published)
    definition = adapting.with_section(draft.definition, WEATHER, help=f"Like {CARD}")
    definition = adapting.with_field(definition, "promises", "to", title="IBAN DE89370400440532013000")
    definition, key = adapting.added_field(definition, "promises", "Which", FieldKind.CHOICE)
    definition = adapting.with_field(definition, "promises", key, options=("A", "password: hunter2-Xk9"))
    draft = replace(draft, definition=definition, clients=("ACME", "5500005555555559"))
    with pytest.raises(PrivateDataFound) as refused:
        publish_template(store, LOCAL, draft)
    assert list(map(str, refused.value.found)) == [
        "card number ending 5559 in “Clients or processes”",
        "IBAN ending 3000 in the name of a field of “Promises made to the client”",
        "password in the options of “Which” of “Promises made to the client”",
        "card number ending 1111 in the help text of “Weather”",
    ]
    pieces = template_pieces(draft.definition, draft.clients)
    changed = masked(store, pieces, look(store, pieces)[:3])
    definition, clients = with_template_pieces(draft.definition, draft.clients, changed)
    assert clients == ("ACME", "[card number removed]")
    promises = {field.key: field for field in definition.section("promises").fields}
    assert promises["to"].title == "IBAN [IBAN removed]"
    assert promises[key].options == ("A", "password: [password removed]")
    draft = replace(draft, definition=definition, clients=("ACME",))
    newest = publish_template(store, LOCAL, draft, private_reason=WHY)
    assert newest.changes[-1] == f"It keeps card number ending 1111 in the help text of “Weather”: {WHY}"
    with store.reading() as db:
        (line,) = audit.find(db, AuditFilter(actions=("private_data.kept",)), 9)
    assert (line.subject, line.subject_id) == ("template", newest.version)
    assert line.detail == "card number ending 1111 in the help text of “Weather”"
    # One is asked once for each value of a template.
    again = replace(draft_of(newest), definition=replace(newest.definition, when="At dawn"))
    assert publish_template(store, LOCAL, again).changes == ("When to use it says something else.",)


@pytest.mark.parametrize("sql", ["UPDATE handover_templates SET name = 'x'", "DELETE FROM handover_templates"])
def test_what_is_published_is_never_changed_or_removed(store: Store, published: Published, sql: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.atomic() as db:
        db.execute(sql)


def test_a_newer_shipped_template_is_compared_and_taken_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish_template(store, LOCAL, acme())
    news = replace(
        template_of("shift"), version=2, sections=(*template_of("shift").sections, Section("safety", "Safety", "What."))
    )
    monkeypatch.setitem(shipped._BY_VERSION, ("shift", 2), news)
    assert newer_template(store, LOCAL, "shift", 1) is news
    assert newer_template(store, LOCAL, "shift", 2) is None
    draft = draft_of(first)
    draft = replace(draft, definition=adapting.with_news(draft.definition, definition_of(news)))
    second = publish_template(store, LOCAL, draft)
    assert second.changes == ("“Safety” is new.", "It was compared with the newest shipped template.")
    assert second.definition.shipped == 2


# ---- who is offered which -----------------------------------------------------------------------------------------


def test_a_note_begins_with_the_template_for_its_client(store: Store, published: Published, stranger: Person) -> None:
    assert names(store, stranger, " aCmE ") == ["ACME shift", "Shift handover"]
    assert offered(store, stranger, "shift", "ACME")[0].why == "it is for ACME"
    assert names(store, stranger, "Globex") == ["Shift handover", "ACME shift"]
    assert [offer.template.name for offer in offered(store, stranger, "role", "ACME")] == ["Role handover"]
    assert offered(store, stranger, "weekly") == []


def test_a_team_comes_after_the_client_and_before_all(store: Store, published: Published, stranger: Person) -> None:
    with store.atomic() as db:
        team = teams.save(db, None, "Night", "", None)
        teams.set_members(db, team, [stranger.id])
    publish_template(store, LOCAL, renamed(acme(clients=(), team=team), "Night shift"))
    publish_template(store, LOCAL, renamed(acme(clients=()), "For all"))
    assert names(store, stranger, "ACME") == ["ACME shift", "Night shift", "For all", "Shift handover"]
    assert names(store, stranger, "Globex") == ["Night shift", "For all", "Shift handover", "ACME shift"]
    assert names(store, LOCAL) == ["For all", "Shift handover", "Night shift", "ACME shift"]


def test_a_template_in_a_space_that_one_does_not_see_is_not_there(
    store: Store, vault: Space, stranger: Person, lead: Person
) -> None:
    with store.atomic() as db:
        spaces.set_members(db, vault.id, [lead.id], [])
    hidden = publish_template(store, lead, acme(space="Vault"))
    assert names(store, lead, "ACME") == ["ACME shift", "Shift handover"]
    for person in (stranger, LOCAL):
        assert names(store, person, "ACME") == ["Shift handover"]
        assert newer_template(store, person, "shift", hidden.version) is None
    assert adapted_templates(store, LOCAL) == []
    with pytest.raises(TemplateNotFound):
        template_versions(store, LOCAL, hidden.adaptation)
    # Nor does a name or a client that is taken there tell of it.
    assert publish_template(store, LOCAL, acme()).number == 1


# ---- notes --------------------------------------------------------------------------------------------------------


def test_a_note_is_checked_read_and_found_by_its_adapted_template(
    store: Store, indexer: Indexer, retriever: Retriever, space: Space, published: Published
) -> None:
    start = now()
    text = shift_note(effective=start, acknowledge_by=start + timedelta(hours=1))
    text = replace(text, template_version=published.version)
    with pytest.raises(NotReady, match="“Weather” is not answered"):
        submit_note(store, indexer, LOCAL, text, space)
    text = replace(text, answers={**text.answers, WEATHER: Answer("Monsoon until Friday")})
    note = submit_note(store, indexer, LOCAL, text, space)
    assert "## Weather\n\nMonsoon until Friday" in note.page.body
    assert [hit.page.slug for hit in retriever.search("monsoon", LOCAL).results] == [note.page.slug]
    body = note.page.body
    # A later version leaves it as it was.
    draft = draft_of(published)
    publish_template(
        store,
        LOCAL,
        replace(draft, definition=adapting.with_section(draft.definition, WEATHER, title="Sky", hidden=True)),
    )
    again = read_note(store, LOCAL, note.page.slug)
    assert again.page.body == body
    assert again.text.template_version == published.version
    assert any_template(store, "shift", again.text.template_version).section(WEATHER).title == "Weather"


def test_a_draft_moves_to_the_new_version_without_losing_text(
    store: Store, indexer: Indexer, space: Space, published: Published
) -> None:
    text = replace(shift_note(), template_version=published.version, answers={WEATHER: Answer("Rain")})
    note = save_note(store, indexer, LOCAL, text, space)
    draft = draft_of(published)
    definition = adapting.with_section(draft.definition, WEATHER, hidden=True)
    publish_template(store, LOCAL, replace(draft, definition=definition))
    newer = newer_template(store, LOCAL, "shift", note.text.template_version)
    assert newer is not None
    moved = save_note(store, indexer, LOCAL, replace(note.text, template_version=newer.version), space, note)
    assert moved.text.answers == {WEATHER: Answer("Rain")}
    assert moved.page.body.endswith("## Weather (no longer asked for)\n\nRain\n")


def test_nobody_writes_with_a_template_that_they_are_not_offered(
    store: Store, indexer: Indexer, space: Space, vault: Space, stranger: Person, lead: Person
) -> None:
    with store.atomic() as db:
        spaces.set_members(db, vault.id, [lead.id], [])
    hidden = publish_template(store, lead, acme(space="Vault"))
    text = replace(shift_note(), template_version=hidden.version)
    with pytest.raises(NoteError, match="This template is no longer offered to you"):
        save_note(store, indexer, stranger, text, space)
    # Who wrote a note with it goes on with the note.
    note = save_note(store, indexer, lead, text, space)
    with store.atomic() as db:
        spaces.set_members(db, vault.id, [], [])
    assert save_note(store, indexer, lead, replace(text, answers={}), space, note).page.revision == 2


def test_only_the_lookup_with_the_store_knows_which_template_a_note_has() -> None:
    """Code that asks kb.handover.templates.template_of for a note's version would fail on adapted ones."""
    allowed = {"note_templates.py", "definition.py", "adapting.py", "template_adapting.py"}
    root = Path(kb.__file__).parent
    found = {
        path.name
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "kb.handover.templates"
        if "template_of" in {name.name for name in node.names}
    }
    assert found <= allowed
