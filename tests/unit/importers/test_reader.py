"""Folders and zips: what is read, in which order, and what is left out."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from kb.importers import DOCUMENT_SUFFIXES, ImportSourceError, count_files, read_file, read_folder, read_path, read_zip
from kb.importers import archive as archive_module
from kb.importers import folder as folder_module
from kb.models import PageDraft, SkippedFile
from tests.unit.importers.helpers import PNG, zip_bytes

FILES: dict[str, bytes] = {
    "z.md": b"last",
    "a/b.md": b"# B\n\n![x](i.png)",
    "a/i.png": PNG,
    "a/unused.jpg": b"\xff\xd8\xff",
    "a.txt": b"Hello there.",
    "tool.exe": b"MZ",
    "LICENSE": b"x",
    "notes": b"x",
    ".hidden.md": b"x",
    ".git/config.md": b"x",
    "node_modules/p/README.md": b"x",
    "__MACOSX/a/._b.md": b"x",
    "~$lock.docx": b"x",
    "_config.yml": b"x",
    "broken.md": b"---\na: [\n---\nx",
}
EXPECTED = [
    ("a.txt", "A"),
    ("a/b.md", "B"),
    ("broken.md", None),
    ("notes", None),
    ("tool.exe", None),
    ("z.md", "Z"),
]


def outline(items: list[PageDraft | SkippedFile]) -> list[tuple[str, str | None]]:
    return [(item.source, item.title if isinstance(item, PageDraft) else None) for item in items]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def test_a_folder_is_read_in_the_order_of_its_paths(root: Path) -> None:
    items = list(read_folder(root))
    assert outline(items) == EXPECTED
    assert count_files(root) == len(items)
    assert list(read_path(root)) == items


def test_a_zip_gives_the_same_as_the_folder(root: Path, tmp_path: Path) -> None:
    packed = zip_bytes(dict(reversed(FILES.items())))
    from_folder, from_zip = list(read_folder(root)), list(read_zip(packed))
    assert from_zip == from_folder
    assert packed.read(2) == b"" or not packed.closed  # the caller's file stays open
    path = tmp_path / "docs.ZIP"
    path.write_bytes(packed.getvalue())
    assert list(read_path(path)) == from_folder
    assert count_files(path) == len(from_folder)


def test_sources_keep_the_folder_at_the_top_of_a_zip() -> None:
    assert outline(list(read_zip(zip_bytes({"docs-main/a.md": "x"})))) == [("docs-main/a.md", "A")]


def test_files_are_read_one_at_a_time(root: Path) -> None:
    items = read_folder(root)
    assert next(items).source == "a.txt"
    (root / "z.md").write_text("changed later")
    assert [item.body for item in items if isinstance(item, PageDraft)][-1] == "changed later"


def test_an_unknown_kind_of_document_is_named(root: Path) -> None:
    reasons = {item.source: item.reason for item in read_folder(root) if isinstance(item, SkippedFile)}
    assert reasons["tool.exe"] == "it is not a kind of document that Baton reads: .exe"
    assert reasons["notes"] == "it is not a kind of document that Baton reads: notes"


@pytest.mark.parametrize(("name", "hint"), [("a.doc", "save it as .docx or .pdf"), ("a.csv", "save it as .xlsx")])
def test_a_document_in_another_format_is_told_how_to_come_in(name: str, hint: str) -> None:
    assert _reason(read_file(name, b"x")) == f"it is not a kind of document that Baton reads: {name[1:]}: {hint}"


def test_one_document_is_read_with_the_images_beside_it(root: Path) -> None:
    (item,) = read_path(root / "a" / "b.md")
    assert isinstance(item, PageDraft)
    assert (item.source, item.title, item.body) == ("b.md", "B", "![x](i.png)")
    assert [attachment.content for attachment in item.attachments] == [PNG]
    assert count_files(root / "a" / "b.md") == 1


def test_an_uploaded_document_is_read_from_its_bytes() -> None:
    assert read_file("x.MD", b"# T") == PageDraft(source="x.MD", title="T", body="")
    assert "and Baton reads files up to 20 MB" in _reason(read_file("x.md", b"x" * (20 * 1024 * 1024 + 1)))
    assert ".docx" in DOCUMENT_SUFFIXES


def _reason(item: PageDraft | SkippedFile) -> str:
    assert isinstance(item, SkippedFile)
    return item.reason


@pytest.mark.parametrize("name", ["none", "none.zip", "none.md", "a.txt"])
def test_what_cannot_be_read_as_a_folder_says_so(root: Path, name: str) -> None:
    with pytest.raises(ImportSourceError, match=r"there is no|is not a folder"):
        list(read_folder(root / name))


@pytest.mark.parametrize("name", ["none", "none.zip", "none.md"])
def test_a_path_to_nothing_says_so(root: Path, name: str) -> None:
    with pytest.raises(ImportSourceError, match="check the path"):
        list(read_path(root / name))
    with pytest.raises(ImportSourceError, match="check the path"):
        count_files(root / name)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut"])
def test_what_is_no_zip_says_so(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ImportSourceError, match="not a zip that can be opened: pack the folder again"):
        list(read_zip(io.BytesIO(content)))
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(ImportSourceError, match=r"x\.zip is not a zip"):
        list(read_path(tmp_path / "x.zip"))


def test_links_inside_the_folder_are_followed_and_links_out_of_it_never(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "secret.md").write_text("secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.md").write_text("secret")
    (tmp_path / "secret.png").write_bytes(PNG)
    (root / "sub" / "real.md").write_text("real ![i](i.png)")
    (root / "inside.md").symlink_to("sub/real.md")
    (root / "absolute.md").symlink_to(root / "sub" / "real.md")
    (root / "out.md").symlink_to(tmp_path / "secret.md")
    (root / "dangling.md").symlink_to("nowhere.md")
    (root / "loop.md").symlink_to("loop.md")
    (root / "sub" / "up").symlink_to("..")
    (root / "outfolder").symlink_to(tmp_path / "outside")
    (root / "sub" / "i.png").symlink_to(tmp_path / "secret.png")
    items = list(read_folder(root))
    assert outline(items) == [
        ("absolute.md", "Absolute"),
        ("dangling.md", None),
        ("inside.md", "Inside"),
        ("loop.md", None),
        ("out.md", None),
        ("outfolder", None),
        ("sub/i.png", None),
        ("sub/real.md", "Real"),
    ]
    assert _reason(items[4]) == "it is a link to a place outside the folder, which is never followed"
    assert isinstance(items[7], PageDraft)
    assert items[7].body == "real *i*"
    assert "secret" not in repr(items).replace("secret.", "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_skipped(root: Path) -> None:
    (root / "z.md").chmod(0)
    *_, last = read_folder(root)
    assert _reason(last) == "it cannot be read (Permission denied): allow the account that runs Baton to read it"


def test_a_file_that_cannot_be_opened_is_skipped(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def refuse(self: Path, *args: object, **kwargs: object) -> object:
        if self.name == "z.md":
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    *_, last = read_folder(root)
    assert _reason(last) == "it cannot be read (Permission denied): allow the account that runs Baton to read it"


def test_a_pipe_is_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe.md")
    assert outline(list(read_folder(root))) == EXPECTED


def test_a_file_name_that_is_not_utf8_is_skipped(root: Path) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.md")).write_bytes(b"x")
    items = {item.source: item for item in read_folder(root)}
    assert _reason(items["caf\ufffd.md"]) == "its name is not valid UTF-8: rename the file and import it again"


def test_too_many_files_are_left_out_with_one_reason(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "MAX_ENTRIES", 3)
    monkeypatch.setattr(archive_module, "MAX_ENTRIES", 3)
    files: dict[str, bytes | str] = {f"{name}.md": "x" for name in "abcdef"}
    zipped = list(read_zip(zip_bytes(files)))
    assert outline(zipped) == [("a.md", "A"), ("b.md", "B"), ("c.md", "C"), ("d.md", None)]
    assert _reason(zipped[-1]).startswith("this and 2 more files were left out: one import holds at most 3 files")
    assert "were left out" in _reason(list(read_folder(root))[-1])
