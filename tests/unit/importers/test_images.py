"""Images of a page."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from kb.importers import images as images_module
from kb.importers import read_folder
from kb.importers.images import media_type
from kb.models import Attachment, PageDraft
from tests.unit.importers.helpers import PNG, draft


def page_in(root: Path, text: str, files: dict[str, bytes], source: str = "docs/guide/page.md") -> PageDraft:
    """The page that ``text`` makes beside these files."""
    for name, content in {**files, source: text.encode()}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    items = list(read_folder(root))
    return next(item for item in items if isinstance(item, PageDraft) and item.source == source)


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("a.png", "docs/guide/a.png"),
        ("./img/a.png?raw=true", "docs/guide/img/a.png"),
        ("../a.png", "docs/a.png"),
        ("my%20pic.png", "docs/guide/my pic.png"),
        ("/img/a.png", "img/a.png"),
        ("/img/a.png", "docs/img/a.png"),
        ("/img/a.png", "docs/static/img/a.png"),
    ],
)
def test_an_image_beside_the_page_becomes_an_attachment(tmp_path: Path, target: str, file: str) -> None:
    page = page_in(tmp_path, f"![A *door*]({target} 'title') x", {file: PNG})
    assert page.body == f"![A door]({target}) x"
    assert page.attachments == (Attachment(target, file.rsplit("/", 1)[-1], "image/png", PNG),)


def test_an_image_shown_twice_is_one_attachment(tmp_path: Path) -> None:
    page = page_in(tmp_path, "![a](a.png) ![b][x]\n\n[x]: a.png", {"docs/guide/a.png": PNG})
    assert page.body == "![a](a.png) ![b](a.png)\n\n[x]: a.png"
    assert [attachment.target for attachment in page.attachments] == ["a.png"]


def test_images_in_links_tables_and_html_are_found(tmp_path: Path) -> None:
    text = (
        "[![a](a.png)](b.md)\n\n| x |\n|---|\n| ![p\\|q](a.png) |\n\n"
        '<img src="a.png" width="5" alt="c">\n\n{% image "a.png" "d" %}'
    )
    page = page_in(tmp_path, text, {"docs/guide/a.png": PNG, "a.png": PNG})
    assert page.body == "[![a](a.png)](b.md)\n\n| x |\n|---|\n| ![p\\|q](a.png) |\n\n![c](a.png)\n\n![d](/a.png)"
    assert [attachment.target for attachment in page.attachments] == ["a.png", "/a.png"]


def test_a_missing_image_leaves_its_description(tmp_path: Path) -> None:
    page = page_in(tmp_path, "![the door](a.png) ![](b.png) [![x](c.png)](d.md)", {})
    assert page.body == "*the door*  [x](d.md)"
    assert page.attachments == ()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.svg", b"<svg/>"), ("a.png", b"<html>"), ("a.exe", PNG), ("a.png", PNG + b"0" * 2000), ("../../../x.png", PNG)],
)
def test_what_is_no_image_of_a_fit_size_is_not_attached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    monkeypatch.setattr(images_module, "MAX_IMAGE_BYTES", 1000)
    (tmp_path / "root").mkdir()
    page = page_in(tmp_path / "root", f"![the door]({name})", {f"docs/guide/{name}": content})
    assert (page.body, page.attachments) == ("*the door*", ())


def test_all_images_of_a_page_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images_module, "MAX_PAGE_IMAGES_BYTES", 2 * len(PNG))
    files = {f"docs/guide/{name}.png": PNG for name in "abc"}
    page = page_in(tmp_path, "![a](a.png) ![b](b.png) ![c](c.png)", files)
    assert page.body == "![a](a.png) ![b](b.png) *c*"


def test_a_remote_image_becomes_a_link_because_nothing_is_fetched() -> None:
    assert draft("![A door](https://a.org/x.png)").body == "[A door](https://a.org/x.png)"
    assert draft("![](//a.org/x%20y.png?z=1)").body == "[x y.png](https://a.org/x%20y.png?z=1)"
    assert draft("[![How to](https://a.org/x.png)](https://b.org)").body == "[How to](https://b.org)"
    assert draft("![x](javascript:alert(1))").body == "*x*"


def test_an_image_inside_the_text_becomes_an_attachment() -> None:
    data = base64.b64encode(PNG).decode()
    page = draft(f"![dot](data:image/png;base64,{data}) ![bad](data:image/png;base64,AAAA)")
    assert page.body == "![dot](image-1.png) *bad*"
    assert page.attachments == (Attachment("image-1.png", "image-1.png", "image/png", PNG),)


def test_embedded_files_of_obsidian_are_found(tmp_path: Path) -> None:
    page = page_in(tmp_path, "![[my plan.png|300]] ![[Other note]]", {"docs/guide/my plan.png": PNG})
    assert page.body == "![my plan](my%20plan.png) [[Other note]]"
    assert page.attachments[0].target == "my%20plan.png"


def test_images_in_code_stay(tmp_path: Path) -> None:
    page = page_in(tmp_path, "`![a](a.png)`", {"docs/guide/a.png": PNG})
    assert (page.body, page.attachments) == ("`![a](a.png)`", ())


def test_the_first_bytes_tell_what_an_image_is() -> None:
    kinds = [media_type(start + b"\0" * 8) for start in (PNG, b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"BM")]
    assert kinds == ["image/png", "image/jpeg", "image/gif", "image/webp", None]
