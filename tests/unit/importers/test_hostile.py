"""Broken and malicious input: one reason for each, and never anything on the disk."""

from __future__ import annotations

import io
import stat
import struct
import time
import zipfile
from pathlib import Path

import pytest

from kb.importers import archive as archive_module
from kb.importers import read_file, read_zip, rewrite_links
from kb.models import PageDraft, SkippedFile
from tests.unit.importers.helpers import body, draft, reason, zip_bytes


def skipped(packed: io.BytesIO) -> dict[str, str]:
    return {item.source: item.reason for item in read_zip(packed) if isinstance(item, SkippedFile)}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../up.md", "leads out of the zip"),
        ("a/../../up.md", "leads out of the zip"),
        ("/etc/x.md", "absolute path"),
        ("C:/x.md", "absolute path"),
        ("c:x.md", "absolute path"),
        ("a\\b.md", "backslash"),
        ("..\\up.md", "backslash"),
    ],
)
def test_an_entry_with_a_dangerous_name_is_skipped(name: str, why: str) -> None:
    reasons = skipped(zip_bytes({name: "x", "good.md": "x"}))
    assert list(reasons) == [name]
    assert why in reasons[name]


def test_an_entry_that_hides_its_type_behind_a_nul_is_skipped() -> None:
    content = zip_bytes({"evil.exe_.md": "x"}).getvalue().replace(b"evil.exe_.md", b"evil.exe\0.md")
    assert "NUL" in skipped(io.BytesIO(content))["evil.exe?.md"]


def test_a_symbolic_link_in_a_zip_is_skipped() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("link.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "symbolic link" in skipped(target)["link.md"]


def test_a_name_that_appears_twice_is_imported_once() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.md", "first")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.md", "second")
    items = list(read_zip(target))
    assert [item.body for item in items if isinstance(item, PageDraft)] == ["first"]
    assert "more than once" in skipped(target)["a.md"]


def test_an_encrypted_entry_is_skipped() -> None:
    content = bytearray(zip_bytes({"a.md": "x"}).getvalue())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = content.index(signature) + offset
        content[position : position + 2] = struct.pack("<H", 1)
    assert "protected by a password" in skipped(io.BytesIO(bytes(content)))["a.md"]


def test_a_zip_bomb_is_stopped_by_counting_what_comes_out() -> None:
    bomb = zip_bytes({"bomb.md": b"0" * (15 * 1024 * 1024), "good.md": "x"})
    assert skipped(bomb) == {"bomb.md": "it unpacks to hundreds of times its size, as zip bombs do"}


def test_a_file_over_the_limit_is_skipped_whatever_the_zip_says_about_its_size() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:  # not compressed, so that only its size is wrong with it
        archive.writestr("big.md", b"x" * (21 * 1024 * 1024))
    content = bytearray(target.getvalue())
    honest = skipped(io.BytesIO(bytes(content)))["big.md"]
    assert honest.startswith("it has 21 MB, and Baton reads files up to 20 MB")
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        position = content.index(signature) + offset
        content[position : position + 4] = struct.pack("<I", 10)
    assert "big.md" in skipped(io.BytesIO(bytes(content)))


def test_everything_unpacked_together_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MAX_UNPACKED_BYTES", 2500)
    reasons = skipped(zip_bytes({f"{name}.md": "x" * 1000 for name in "abcd"}))
    assert list(reasons) == ["c.md", "d.md"]
    assert "the zip unpacks to more than" in reasons["c.md"]


def test_damaged_entries_are_skipped_and_the_rest_is_read() -> None:
    content = bytearray(zip_bytes({"a.md": "hello " * 50, "b.md": "x"}).getvalue())
    content[36] ^= 0xFF
    assert skipped(io.BytesIO(bytes(content))) == {"a.md": "it is damaged inside the zip: pack the folder again"}


def test_an_unknown_compression_is_skipped() -> None:
    content = bytearray(zip_bytes({"a.md": "hello"}).getvalue())
    content[content.index(b"PK\x01\x02") + 10] = 99
    content[content.index(b"PK\x03\x04") + 8] = 99
    assert "packed in a way that Baton cannot read" in skipped(io.BytesIO(bytes(content)))["a.md"]


def test_reading_a_zip_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    list(read_zip(zip_bytes({"../up.md": "x", "a/b.md": "# x", "a/c.html": "<p>x"})))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04\0\0\0\0binary", "binary data"),
        ("text".encode("utf-16-le"), "binary data"),
        (b"\xff\xfe\xff", "encoding is not known"),
        (b"caf\xe9 \x81", "encoding is not known"),
        (b"caf\xe9 \x02", "encoding is not known"),
        (b"x" * 1_000_001, "1,000,001 characters"),
        (b"---\ntitle: " + b"[" * 5000 + b"\n---\nx", "not valid YAML"),
        (b"---\na: " + b"x" * 70_000 + b"\n---\nx", "shorten it"),
        (b"---\ndate: 2024-13-45\n---\nx", "not valid YAML"),
        (b"---\na: !!python/object:os.system {}\n---\nx", "not valid YAML"),
    ],
)
def test_a_broken_text_is_skipped(content: bytes, why: str) -> None:
    assert why in reason(content)


def test_front_matter_of_odd_types_is_no_danger() -> None:
    page = draft(b"---\ntitle: 0x" + b"f" * 5000 + b"\ntags: &a [*a, {b: c}]\nkeywords: 2024-01-05\n---\nx")
    assert (page.title, page.tags, page.keywords) == ("Page", (), ("2024-01-05",))


def test_an_alias_bomb_in_yaml_is_no_danger() -> None:
    lines = ["a: &a [x, x]"] + [
        f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    page = draft("---\n" + "\n".join([*lines, "tags: *i"]) + "\n---\ntext")
    assert page.tags == ()


def test_control_characters_are_removed() -> None:
    assert body("a\x08b\x1b[0m\x7f c\u2028d\x0be \ufdd0c0\ufdd1") == "ab[0m c\nde c0"


ATTACKS = {
    "quotes": ">" * 10_000 + " x",
    "lists": "\n".join(" " * (2 * n) + "- x" for n in range(300)),
    "list marks": "- " * 10_000 + "x",
    "brackets": "[" * 10_000 + "x",
    "closed brackets": "[" * 4_000 + "x" + "](y)" * 4_000,
    "images": "![" * 4_000 + "x" + "](y)" * 4_000,
    "links": "[a](" * 4_000,
    "titles": '[a](b "' * 4_000,
    "angle links": "[a](<" * 4_000,
    "backticks": "".join("`" * (n % 300) + " " for n in range(1500)),
    "emphasis": "*a_ " * 4_000,
    "tags": "<a " * 10_000,
    "attributes": "<a x='\" " * 4_000,
    "quoted attributes": '<a "<a" ' * 4_000,
    "open elements": "<b>" * 140 + "x <i> " * 1000,
    "list items": "<ul>" + "<li>x" * 2_000 + "</ul>",
    "list siblings": "<ul><li>" + "<ul></ul>" * 1_000 + "</ul>",
    "cells": "<table><tr>" + "<td colspan=999 rowspan=999>x" * 2_000 + "</table>",
    "rows": "<table>" + "<tr><td rowspan=50 colspan=50>x" * 1_000 + "</table>",
    "comments": "<!-- " * 10_000,
    "liquid": "{% x " * 10_000,
    "liquid pairs": "{% a %}" * 4_000 + "{% enda %}" * 300,
    "liquid raws": "{% raw %}" * 4_000,
    "liquid quotes": "{% a " + '"b ' * 400 + "%}" + ('{% a "b "c "d %}' * 1_000),
    "variables": "{{ " * 10_000,
    "hugo": "{{< a " * 10_000,
    "admonitions": '!!! note "x"\n' * 4_000,
    "nested admonitions": "\n".join("    " * n + "!!! note" for n in range(300)),
    "directives": ":::a\n" * 4_000,
    "spaces": "x" + " " * 40_000 + "y\n#" + " " * 20_000 + "{#\n:::" + " " * 20_000 + "\n!!! a" + " " * 20_000 + '"',
    "blank lines": "\n" * 40_000 + "x" + " \n" * 20_000 + "y",
    "entities": "&" * 10_000 + "&amp" * 4_000,
    "attribute lists": "{: " * 10_000 + "\n" + "{:" * 10_000,
    "alerts": "> " * 1_000 + "[!NOTE]",
    "tables": "|" * 10_000 + "\n" + "|-" * 10_000 + "|\n",
    "references": "\n".join(f"[{n}]: x" for n in range(4_000)),
    "open references": "[a\n" * 4_000,
    "headings": "# " * 4_000 + "\n" + "=" * 10_000,
    "toc": "* TOC\n" * 4_000 + "- " + " " * 10_000 + "{:toc",
    "jsx": "{/*" * 4_000 + "*" * 10_000,
    "data": "![x](data:image/png;base64," + "A" * 40_000 + " )",
}


@pytest.mark.parametrize("suffix", [".md", ".txt", ".html"])
@pytest.mark.parametrize("name", ATTACKS)
def test_no_text_takes_long(name: str, suffix: str) -> None:
    """Ten times what these take; a regular expression that runs wild takes a hundred times as long."""
    started = time.process_time()
    item = read_file("attack" + suffix, ATTACKS[name].encode())
    if isinstance(item, PageDraft):
        rewrite_links(item.body, item.source, lambda path: None)
    assert time.process_time() - started < 5
