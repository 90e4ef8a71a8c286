"""Importing documents: links, attachments, idempotence, and files that cannot be read."""

import io
import zipfile
from pathlib import Path

import pytest

from kb.access import RuleError
from kb.audit_log import find_entries
from kb.import_privacy import HOLD, Fate, PrivateChoice, PrivateChoices, PrivateDocument
from kb.importers import ImportSourceError
from kb.imports import MOVED_AWAY, ImportReport, import_documents
from kb.indexing import Indexer
from kb.models import Page, Person, Role, Space, SpaceKind
from kb.page_moves import move_page
from kb.pages import PageText, all_spaces, edit_page, ensure_space, history, read_page, trash_page, trashed_pages
from kb.search import Retriever
from kb.sharing import rename_space, share_space
from kb.space_choice import SpaceChoice
from kb.store import attachments, pages, people
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


LEAVE_CHANGED = "---\ntitle: Leave types\nredirect_from: [/time-off/]\n---\nThirteen days."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "wiki"
    (root / "travel").mkdir(parents=True)
    (root / "leave.md").write_text(
        "---\ntitle: Leave types\ntags: [people]\nredirect_from: [/time-off/]\n---\n"
        "See [booking](travel/book.md#early)."
    )
    (root / "travel" / "book.md").write_text(
        "# Book travel\n\n## Early\n\n[Leave](/time-off/) first.\n\n![map](map.png)\n"
    )
    (root / "travel" / "map.png").write_bytes(PNG)
    (root / "broken.md").write_bytes(b"\x00\x01\x02 not text")
    return root


@pytest.fixture
def imported(store: Store, indexer: Indexer, folder: Path) -> ImportReport:
    return import_documents(store, indexer, LOCAL, folder, SpaceChoice.named("Handbook"))


def again(store: Store, indexer: Indexer, folder: Path, *, sync: bool = False) -> tuple[int, int, int, int]:
    report = import_documents(store, indexer, LOCAL, folder, SpaceChoice.named("Handbook"), sync=sync)
    return len(report.added), len(report.changed), report.unchanged, len(report.vanished)


def test_one_bad_file_never_stops_the_rest(imported: ImportReport):
    assert sorted(imported.added) == ["Book travel", "Leave types"]
    assert [skip.source for skip in imported.skipped] == ["broken.md"]
    assert imported.space == Space(imported.space.id, "handbook", "Handbook")


def test_links_between_files_become_wiki_links_and_images_attachments(store: Store, imported: ImportReport):
    leave = read_page(store, LOCAL, "leave-types")
    assert (leave.body, leave.tags, leave.source) == ("See [[book-travel#early|booking]].", ("people",), "leave.md")
    travel = read_page(store, LOCAL, "book-travel")
    assert "[[leave-types|Leave]] first." in travel.body
    sha256 = travel.body.partition("/attachment/")[2][:64]
    with store.reading() as db:
        found = attachments.by_sha256(db, sha256, LOCAL)
    assert found is not None
    assert (found.content, found.media_type) == (PNG, "image/png")


def test_a_former_address_leads_to_the_page(store: Store, imported: ImportReport):
    assert read_page(store, LOCAL, "time-off").slug == "leave-types"


def test_an_imported_page_is_found(retriever: Retriever, imported: ImportReport):
    assert retriever.search("booking leave", LOCAL).results[0].page.slug in ("leave-types", "book-travel")


def test_importing_again_changes_nothing(store: Store, indexer: Indexer, folder: Path, imported: ImportReport):
    assert again(store, indexer, folder) == (0, 0, 2, 0)
    assert read_page(store, LOCAL, "leave-types").revision == 1


def test_a_changed_file_becomes_a_new_revision(store: Store, indexer: Indexer, folder: Path, imported: ImportReport):
    (folder / "leave.md").write_text(LEAVE_CHANGED)
    assert again(store, indexer, folder) == (0, 1, 1, 0)
    page = read_page(store, LOCAL, "leave-types")
    assert (page.body, page.revision) == ("Thirteen days.", 2)


def test_an_edit_stays_while_its_file_stays(store: Store, indexer: Indexer, folder: Path, imported: ImportReport):
    page = read_page(store, LOCAL, "leave-types")
    edit_page(store, indexer, LOCAL, page, PageText(page.title, "Our own words."))
    assert again(store, indexer, folder) == (0, 0, 2, 0)
    assert read_page(store, LOCAL, "leave-types").body == "Our own words."
    (folder / "leave.md").write_text(LEAVE_CHANGED)
    again(store, indexer, folder)
    assert [r.body for r in history(store, LOCAL, page)][:2] == ["Thirteen days.", "Our own words."]


def test_vanished_files_are_reported_and_trashed_only_when_asked(
    store: Store, indexer: Indexer, folder: Path, imported: ImportReport
):
    (folder / "travel" / "book.md").unlink()
    assert again(store, indexer, folder)[3] == 1
    assert trashed_pages(store, LOCAL) == []
    assert again(store, indexer, folder, sync=True)[3] == 1
    assert [page.slug for page in trashed_pages(store, LOCAL)] == ["book-travel"]


def test_a_file_that_comes_back_takes_its_page_out_of_the_trash(
    store: Store, indexer: Indexer, folder: Path, imported: ImportReport, retriever: Retriever
):
    text = (folder / "travel" / "book.md").read_text()
    (folder / "travel" / "book.md").unlink()
    again(store, indexer, folder, sync=True)
    (folder / "travel" / "book.md").write_text(text)
    # The page that links to it has its link back as well.
    assert again(store, indexer, folder) == (0, 2, 0, 0)
    assert read_page(store, LOCAL, "book-travel").title == "Book travel"


def test_an_import_takes_no_page_out_of_the_trash_that_its_person_may_not_restore(
    store: Store, indexer: Indexer, folder: Path, imported: ImportReport, stranger: Person
):
    trash_page(store, LOCAL, read_page(store, LOCAL, "book-travel"))
    report = import_documents(store, indexer, stranger, folder, SpaceChoice.named("Handbook"))
    assert [(file.source, file.reason) for file in report.skipped if file.source.endswith("book.md")] == [
        ("travel/book.md", "Its page is in the trash, and local's: they can restore it, or a lead.")
    ]
    assert [page.slug for page in trashed_pages(store, LOCAL)] == ["book-travel"]


def test_a_zip_imports_as_a_folder_does(store: Store, indexer: Indexer, folder: Path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, path.relative_to(folder))
        archive.writestr("../escape.md", "# Out")
    packed.seek(0)
    report = import_documents(store, indexer, LOCAL, packed, SpaceChoice.named("Handbook"))
    assert sorted(report.added) == ["Book travel", "Leave types"]
    assert len(report.skipped) == 2
    assert not (folder.parent / "escape.md").exists()


def test_a_path_that_is_not_there_is_an_error_with_its_name(store: Store, indexer: Indexer, tmp_path: Path):
    with pytest.raises(ImportSourceError, match="nowhere"):
        import_documents(store, indexer, LOCAL, tmp_path / "nowhere", SpaceChoice.named("Handbook"))


def test_a_chosen_space_stays_the_same_one_when_it_gets_another_name(store: Store, indexer: Indexer, folder: Path):
    vault = ensure_space(store, LOCAL, "Vault")
    choice = SpaceChoice.of(vault)
    rename_space(store, LOCAL, vault, "Safe")
    report = import_documents(store, indexer, LOCAL, folder, choice)
    assert (report.space.id, report.space.name) == (vault.id, "Safe")
    assert "Vault" not in [space.name for space in all_spaces(store, LOCAL)]


# ---- what looks private -------------------------------------------------------------------------------------------

CARD = "4111 1111 1111 1111"
REASON = "A test card of the bank"
FOUND = ("card number ending 1111 in the title", "card number ending 1111 in the text, line 3")


@pytest.fixture
def private_folder(folder: Path) -> Path:
    (folder / "cards.md").write_text(f"---\ntitle: Card {CARD}\n---\nSee [leave](leave.md).\n\nUse {CARD}.")
    (folder / "leave.md").write_text("# Leave types\n\nSee [cards](cards.md).")
    return folder


def everything_stored(store: Store) -> str:
    with store.reading() as db:
        return "\n".join(str(row) for name in db.table_names() for row in db[name].rows)


def imported_with(
    store: Store, indexer: Indexer, folder: Path, choice: PrivateChoice = HOLD, **own: PrivateChoice
) -> ImportReport:
    """:param own: for single documents, by their name without the ending."""
    choices = PrivateChoices(choice, {f"{name}.md": one for name, one in own.items()})
    return import_documents(store, indexer, LOCAL, folder, SpaceChoice.named("Handbook"), private=choices)


def private_page(store: Store) -> Page:
    with store.reading() as db:
        return next(pages.by_id(db, row["id"]) for row in db["pages"].rows_where("source = 'cards.md'"))  # type: ignore[misc]


def test_a_document_that_looks_private_is_not_imported_and_told_without_its_value(
    store: Store, indexer: Indexer, private_folder: Path
) -> None:
    report = imported_with(store, indexer, private_folder)
    assert report.private == (PrivateDocument("cards.md", FOUND, Fate.HELD),)
    assert sorted(report.added) == ["Book travel", "Leave types"]
    for text in (everything_stored(store), repr(report)):
        assert [part for part in (CARD, "4111-1111", "4111111111111111") if part in text] == []
    assert imported_with(store, indexer, private_folder).unchanged == 2  # and told again
    assert imported_with(store, indexer, private_folder).private == report.private


def test_masked_it_is_imported_and_its_address_tells_nothing(
    store: Store, indexer: Indexer, private_folder: Path
) -> None:
    imported_with(store, indexer, private_folder)
    report = imported_with(store, indexer, private_folder, PrivateChoice(mask=True))
    assert report.private == (PrivateDocument("cards.md", FOUND, Fate.MASKED),)
    page = private_page(store)
    assert (page.title, page.slug) == ("Card [card number removed]", "card-card-number-removed")
    assert page.body == "See [[leave-types|leave]].\n\nUse [card number removed]."
    assert read_page(store, LOCAL, "leave-types").body == "See [[card-card-number-removed|cards]]."
    assert "4111" not in everything_stored(store)
    # The same again is no news, whatever is wanted now.
    for choice in (PrivateChoice(mask=True), HOLD, PrivateChoice(reason=REASON)):
        report = imported_with(store, indexer, private_folder, choice)
        assert (report.unchanged, report.private) == (3, ())


def test_it_is_kept_for_a_reason_which_is_asked_for_once(store: Store, indexer: Indexer, private_folder: Path) -> None:
    report = imported_with(store, indexer, private_folder, PrivateChoice(reason=REASON))
    assert report.private == (PrivateDocument("cards.md", FOUND, Fate.KEPT),)
    page = private_page(store)
    assert CARD in page.body
    entries, _ = find_entries(store, LOCAL, AuditFilter(actions=("private_data.kept",)))
    assert [(entry.subject_id, entry.detail) for entry in entries] == [
        (page.id, f"{'; '.join(FOUND)}. Reason: {REASON}")
    ]
    (private_folder / "cards.md").write_text(f"# Cards\n\nUse {CARD} twice.")
    for choice in (HOLD, PrivateChoice(mask=True)):  # masking is for what nobody had a reason for
        report = imported_with(store, indexer, private_folder, choice)
        assert report.private == ()
    assert private_page(store).body == f"Use {CARD} twice."


def test_a_changed_document_that_looks_private_now_leaves_its_page_and_the_links_to_it(
    store: Store, indexer: Indexer, imported: ImportReport, folder: Path
) -> None:
    (folder / "leave.md").write_text(
        f"---\ntitle: Leave types\nredirect_from: [/time-off/]\n---\nThe password is Summer2026! and {CARD}"
    )
    report = import_documents(store, indexer, LOCAL, folder, SpaceChoice.named("Handbook"), sync=True)
    assert [(one.source, len(one.found), one.fate) for one in report.private] == [("leave.md", 2, Fate.HELD)]
    assert (report.changed, report.unchanged, report.vanished) == ((), 1, ())
    assert read_page(store, LOCAL, "leave-types").body == "See [[book-travel#early|booking]]."
    assert "[[leave-types|Leave]]" in read_page(store, LOCAL, "book-travel").body


def test_a_bad_reason_stops_the_import_before_it_begins(store: Store, indexer: Indexer, folder: Path) -> None:
    for reason in ("ok", f"It is {CARD}"):
        with pytest.raises(RuleError):
            imported_with(store, indexer, folder, PrivateChoice(reason=reason))
    assert "Imported from" not in everything_stored(store)


def test_each_document_that_looks_private_has_a_choice_of_its_own(store: Store, indexer: Indexer, folder: Path) -> None:
    for name in ("kept", "hidden", "other", "held"):
        (folder / f"{name}.md").write_text(f"# {name.capitalize()}\n\nUse {CARD}.")
    report = imported_with(
        store, indexer, folder, PrivateChoice(mask=True), kept=PrivateChoice(reason=REASON), held=HOLD, nowhere=HOLD
    )
    assert {one.source: one.fate for one in report.private} == {
        "kept.md": Fate.KEPT, "hidden.md": Fate.MASKED, "other.md": Fate.MASKED, "held.md": Fate.HELD,
    }  # fmt: skip
    assert report.unmatched == ("nowhere.md",)
    assert read_page(store, LOCAL, "kept").body == f"Use {CARD}."
    assert read_page(store, LOCAL, "hidden").body == "Use [card number removed]."
    # Decided one by one, it is the same.
    report = imported_with(store, indexer, folder, HOLD, held=PrivateChoice(mask=True))
    assert [(one.source, one.fate) for one in report.private] == [("held.md", Fate.MASKED)]
    with pytest.raises(RuleError, match="The reason itself"):
        imported_with(store, indexer, folder, HOLD, kept=PrivateChoice(reason=f"It is {CARD}"))


# ---- pages that were moved since ----------------------------------------------------------------------------------


@pytest.fixture
def vault(store: Store) -> Space:
    return ensure_space(store, LOCAL, "Vault")


@pytest.fixture
def ana(store: Store) -> Person:
    with store.atomic() as db:
        return people.add(db, "Ana", "ana@example.com", Role.AUTHOR)


def import_as(store: Store, indexer: Indexer, actor: Person, folder: Path, space: str = "Handbook") -> ImportReport:
    return import_documents(store, indexer, actor, folder, SpaceChoice.named(space))


def test_a_moved_page_is_found_where_it_is_now(
    store: Store, indexer: Indexer, imported: ImportReport, folder: Path, vault: Space
) -> None:
    page = move_page(store, LOCAL, read_page(store, LOCAL, "leave-types"), vault)
    assert again(store, indexer, folder) == (0, 0, 2, 0)
    (folder / "leave.md").write_text(LEAVE_CHANGED)
    assert again(store, indexer, folder, sync=True) == (0, 1, 1, 0)
    found = read_page(store, LOCAL, "leave-types")
    assert (found.id, found.space, found.body) == (page.id, vault, "Thirteen days.")
    # Without its file it is no longer this import's to miss, and stays where somebody put it.
    (folder / "leave.md").unlink()
    assert again(store, indexer, folder, sync=True)[3] == 0
    # Moved on and back it is still the same one.
    move_page(store, LOCAL, move_page(store, LOCAL, found, ensure_space(store, LOCAL, "Else")), imported.space)
    (folder / "leave.md").write_text(LEAVE_CHANGED)
    assert again(store, indexer, folder) == (0, 1, 1, 0)  # the other page links to it again


def test_a_page_that_was_moved_out_of_sight_is_left_out_and_nothing_tells_where_it_is(
    store: Store, indexer: Indexer, imported: ImportReport, folder: Path, vault: Space, ana: Person
) -> None:
    move_page(store, LOCAL, read_page(store, LOCAL, "leave-types"), vault)
    share_space(store, LOCAL, vault, SpaceKind.CONFIDENTIAL, [LOCAL], [])
    (folder / "leave.md").write_text(LEAVE_CHANGED)
    (folder / "new.md").write_text("# New\n\nSee [leave](leave.md).")
    report = import_as(store, indexer, ana, folder)
    assert [(skip.source, skip.reason) for skip in report.skipped if skip.source != "broken.md"] == [
        ("leave.md", MOVED_AWAY)
    ]
    assert report.added == ("New",)
    assert "leave-types" not in read_page(store, ana, "new").body
    assert [text for text in ("Vault", "leave-types", "Leave types") if text in repr(report)] == []
    assert read_page(store, LOCAL, "leave-types").body == "See [[book-travel#early|booking]]."


def test_what_was_moved_into_a_space_is_not_taken_for_a_page_of_its_import(
    store: Store, indexer: Indexer, imported: ImportReport, folder: Path, vault: Space, tmp_path: Path
) -> None:
    move_page(store, LOCAL, read_page(store, LOCAL, "leave-types"), vault)
    other = tmp_path / "other"
    other.mkdir()
    (other / "leave.md").write_text("# Leave\n\nOf another client.")
    report = import_documents(store, indexer, LOCAL, other, SpaceChoice.named("Vault"), sync=True)
    assert (report.added, report.changed, report.vanished) == (("Leave",), (), ())
    assert read_page(store, LOCAL, "leave-types").body == "See [[book-travel#early|booking]]."
    assert again(store, indexer, folder) == (0, 0, 2, 0)


def test_a_page_moves_to_a_space_that_holds_another_file_of_its_name(
    store: Store, indexer: Indexer, imported: ImportReport, folder: Path, vault: Space, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "leave.md").write_text("# Leave\n\nOf another client.")
    import_as(store, indexer, LOCAL, other, "Vault")
    move_page(store, LOCAL, read_page(store, LOCAL, "leave-types"), vault)
    for path, space in ((folder, "Handbook"), (other, "Vault")):
        report = import_as(store, indexer, LOCAL, path, space)
        assert (report.added, report.changed, report.vanished) == ((), (), ())


# ---- what is looked through again -----------------------------------------------------------------------------------


def looked_through(store: Store, indexer: Indexer, folder: Path, choice: PrivateChoice = HOLD) -> tuple[int, int, int]:
    """How many documents an import looked through for private data, left as they were, and left out as private."""
    seen = []

    def told(what: str, done: int, total: int) -> None:
        if what == "Looking through":
            seen.append(done)

    space = SpaceChoice.named("Handbook")
    report = import_documents(store, indexer, LOCAL, folder, space, private=PrivateChoices(choice), progress=told)
    return len(seen), report.unchanged, len(report.private)


def test_only_documents_that_changed_are_looked_through_again(store: Store, indexer: Indexer, folder: Path) -> None:
    assert looked_through(store, indexer, folder) == (2, 0, 0)
    assert looked_through(store, indexer, folder) == (0, 2, 0)
    (folder / "leave.md").write_text(LEAVE_CHANGED + " The password is Summer2026!")
    assert looked_through(store, indexer, folder) == (1, 1, 1)
    # It was not taken, so it is news again.
    assert looked_through(store, indexer, folder) == (1, 1, 1)


def test_a_document_that_leads_to_one_that_is_left_out_stays_unchanged(
    store: Store, indexer: Indexer, folder: Path
) -> None:
    (folder / "secret.md").write_text("# Secret\n\nThe password is Summer2026!")
    (folder / "leave.md").write_text("# Leave types\n\nSee [the secret](secret.md).")
    assert looked_through(store, indexer, folder) == (3, 0, 1)
    assert looked_through(store, indexer, folder)[1:] == (2, 1)
    assert "[[" not in read_page(store, LOCAL, "leave-types").body


def test_who_wants_private_data_masked_has_every_document_looked_through(
    store: Store, indexer: Indexer, folder: Path
) -> None:
    looked_through(store, indexer, folder)
    assert looked_through(store, indexer, folder, PrivateChoice(mask=True)) == (2, 2, 0)
