"""The screen "Import": files in, a summary out."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.import_privacy import Fate
from kb.pages import read_page, recently_updated, trashed_pages
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, texts

WAIT_S = 60.0


def zip_of(**files: str) -> bytes:
    """A zip; ``a__b="text"`` gives a/b.md."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name.replace('__', '/')}.md", text)
    return packed.getvalue()


def run_import(app: AppTest, *files: tuple[str, bytes], sync: bool = False, space: str = "") -> AppTest:
    app.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files])
    app.checkbox[0].set_value(sync)
    app.run()
    if space:
        app.selectbox(key="import_space").set_value(space)  # and the button is pressed before that is drawn
    next(button for button in app.button if button.label == "Import").click().run()
    if "import_job" in app.session_state:
        app.session_state["import_job"].wait(WAIT_S)
        app.run()
    return app


def titles(baton: Baton) -> set[str]:
    return {page.title for page in recently_updated(baton.store, LOCAL, limit=100)}


def test_nothing_can_be_imported_before_a_file_is_chosen(open_screen: OpenScreen) -> None:
    app = open_screen("import")
    assert [(button.label, button.disabled) for button in app.button] == [("Import", True)]
    assert "Links between the files become links between the pages" in texts(app)[0]


def test_a_zip_becomes_pages_that_link_to_each_other(open_screen: OpenScreen, baton: Baton) -> None:
    files = zip_of(start="# Claims desk\n\nSee [steps](steps/next.md).", steps__next="# Next steps\n\nCall.")
    app = run_import(open_screen("import"), ("wiki.zip", files))
    assert app.success[0].value.startswith("2 pages added, 0 changed, 0 unchanged, 0 files skipped.")
    assert "(</?space=operations>)" in app.success[0].value
    assert "[[next-steps|steps]]" in read_page(baton.store, LOCAL, "claims-desk").body


def test_pages_go_into_the_space_that_was_chosen_last_although_it_was_not_drawn(
    open_screen: OpenScreen, baton: Baton
) -> None:
    run_import(open_screen("import"), ("a.md", b"# Page A"), space="Northwind")
    assert read_page(baton.store, LOCAL, "page-a").space.name == "Northwind"


def test_loose_files_are_one_folder(open_screen: OpenScreen, baton: Baton) -> None:
    app = run_import(open_screen("import"), ("a.md", b"# Page A\n\nSee [b](b.md)."), ("b.md", b"# Page B"))
    assert app.success[0].value.startswith("2 pages added")
    assert "[[page-b|b]]" in read_page(baton.store, LOCAL, "page-a").body


def test_what_is_skipped_is_told_with_the_reason(open_screen: OpenScreen) -> None:
    app = run_import(open_screen("import"), ("good.md", b"# Good"), ("bad|name.docx", b"no document"))
    assert app.success[0].value.startswith("1 page added, 0 changed, 0 unchanged, 1 file skipped.")
    table = next(text for text in texts(app) if text.startswith("| File | Why |"))
    assert table.splitlines()[2].startswith(f"| {escape('bad|name.docx')} | it is damaged")


def test_a_file_that_is_no_zip_is_one_sentence(open_screen: OpenScreen, baton: Baton) -> None:
    before = titles(baton)
    app = run_import(open_screen("import"), ("bad.zip", b"no zip"))
    assert app.error[0].value.replace("\\", "") == (
        "bad.zip is not a zip that can be opened: pack the folder again and import the new zip."
    )
    assert [button.label for button in app.button] == ["Import"]
    assert titles(baton) == before


def test_importing_the_same_again_changes_nothing(open_screen: OpenScreen) -> None:
    for sentence in ("1 page added, 0 changed, 0 unchanged", "0 pages added, 0 changed, 1 unchanged"):
        app = run_import(open_screen("import"), ("a.md", b"# Page A"))
        assert app.success[0].value.startswith(sentence)


def test_vanished_files_go_to_the_trash_when_asked(open_screen: OpenScreen, baton: Baton) -> None:
    run_import(open_screen("import"), ("wiki.zip", zip_of(a="# Page A", b="# Page B")))
    app = run_import(open_screen("import"), ("wiki.zip", zip_of(a="# Page A")))
    assert [expander.label for expander in app.expander] == ["Not in this import, still in the wiki: 1"]
    app = run_import(open_screen("import"), ("wiki.zip", zip_of(a="# Page A")), sync=True)
    assert [expander.label for expander in app.expander] == ["Moved to the trash: 1"]
    assert [page.title for page in trashed_pages(baton.store, LOCAL)] == ["Page B"]


def test_loose_files_never_empty_a_space(open_screen: OpenScreen, baton: Baton) -> None:
    run_import(open_screen("import"), ("wiki.zip", zip_of(a="# Page A", b="# Page B")))
    app = run_import(open_screen("import"), ("a.md", b"# Page A"), sync=True)
    assert "upload one zip that holds all files of the space" in app.error[0].value
    assert trashed_pages(baton.store, LOCAL) == []


def test_more_can_be_imported_afterwards(open_screen: OpenScreen) -> None:
    app = run_import(open_screen("import"), ("a.md", b"# Page A"))
    next(button for button in app.button if button.label == "Import more").click().run()
    assert [(button.label, button.disabled) for button in app.button] == [("Import", True)]


CARD = "4111 1111 1111 1111"


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    if "import_job" in app.session_state:
        app.session_state["import_job"].wait(WAIT_S)
        app.run()
    return app


def choice(app: AppTest, name: str) -> Any:
    """The choice of one file, or of all files."""
    return next(one for one in app.segmented_control if one.label == f"What to do with {name}")


def test_what_looks_private_waits_for_a_decision(open_screen: OpenScreen, baton: Baton) -> None:
    files = zip_of(a="# Page A", b=f"# Page B\n\nUse {CARD}.")
    app = run_import(open_screen("import"), ("wiki.zip", files))
    assert not app.exception
    assert app.success[0].value.startswith("1 page added, 0 changed, 0 unchanged, 0 files skipped.")
    assert "**b.md**  \ncard number ending 1111 in the text" in texts(app)
    assert CARD not in "\n".join(texts(app))
    assert [one.label for one in app.segmented_control] == ["What to do with b.md"]  # "all" would be one
    assert [button.disabled for button in app.button if button.key == "import_decided"] == [True]
    choice(app, "b.md").set_value(Fate.MASKED).run()
    press(app, "Import 1 file")
    assert not app.exception
    assert app.success[0].value.startswith("1 page added, 0 changed, 1 unchanged")
    assert read_page(baton.store, LOCAL, "page-b").body == "Use [card number removed]."
    assert [expander.label for expander in app.expander] == [
        "Looked private, imported with it masked: 1", "Added: 1",
    ]  # fmt: skip
    assert "import_work" not in app.session_state  # the files are not held for longer


def test_each_file_that_looks_private_is_decided_by_itself(open_screen: OpenScreen, baton: Baton) -> None:
    files = zip_of(**{name: f"# Page {name}\n\nUse {CARD}." for name in ("a", "b", "c")})
    app = run_import(open_screen("import"), ("wiki.zip", files))
    choice(app, "all files").set_value(Fate.MASKED).run()
    choice(app, "b.md").set_value(Fate.KEPT).run()
    choice(app, "c.md").set_value(Fate.HELD).run()
    next(button for button in app.button if button.label == "Import 2 files").click().run()
    assert [error.value for error in app.error] == ["Say in a few words why it has to stay."]
    app.text_input(key="import_reason").set_value(f"Card {CARD}").run()
    next(button for button in app.button if button.label == "Import 2 files").click().run()
    assert app.error[0].value.startswith("The reason itself holds")
    app.text_input(key="import_reason").set_value("A test card of the bank").run()
    press(app, "Import 2 files")
    assert not app.exception
    assert app.success[0].value.startswith("2 pages added, 0 changed, 0 unchanged")
    assert read_page(baton.store, LOCAL, "page-a").body == "Use [card number removed]."
    assert read_page(baton.store, LOCAL, "page-b").body == f"Use {CARD}."
    # What is left is asked again; what was decided is not.
    assert [one.label for one in app.segmented_control] == ["What to do with c.md"]
    choice(app, "c.md").set_value(Fate.MASKED).run()
    press(app, "Import 1 file")
    assert read_page(baton.store, LOCAL, "page-c").body == "Use [card number removed]."
    assert not app.segmented_control
