"""What the tags of static-site generators become in plain Markdown.

Tags of which Baton knows the meaning become that; other tags go, and the text between paired ones stays.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from urllib.parse import quote

from kb.importers.plain_text import word_set
from kb.importers.shelf import BREAK, DROPPED, Shelf, settle
from kb.importers.tags import Tag, parse_tags

_ROOTED_LINKS = frozenset({"page", "link", "url", "download", "asset", "static", "file", "path", "doc"})
_LINKS = _ROOTED_LINKS | {"ref", "relref", "post_url"}
_IMAGES = frozenset({"image", "image_with_class", "img", "figure", "picture", "responsive_image", "screenshot"})
_CODE = frozenset({"highlight", "codeblock"})
_LABELS = {
    name: name.capitalize()
    for name in word_set(
        "note info tip hint warning danger error caution important attention success example question bug seealso"
    )
}
_ALERTS = frozenset(_LABELS) | {"alert", "notice", "callout", "admonition", "message", "aside"}
_NO_LABEL = frozenset({"primary", "secondary", "light", "dark", "slim", "no-icon", "none", "true", "false"})
_SILENT = word_set(
    "include include_relative include_cached render renderTemplate layout extends import from set assign capture "
    "macro call css js if elsif elif else unless for case when cycle block increment decrement seo feed_meta toc "
    "break continue cache partial section schema style javascript stylesheet youtube vimeo"
)
_STRING = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)')""")
_PATH_OR_FILE = re.compile(r"/|\.\w{2,5}$")
_EXTERNAL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#|\.")


def convert_shortcodes(text: str, code: Shelf) -> str:
    """``text``, whose code is on the shelf ``code``, without tags of site generators."""
    if "{%" not in text and "{{" not in text and "{# " not in text:
        return text
    blocks = Shelf("s")
    return blocks.restore(settle(_render(parse_tags(text), code, blocks)))


def _render(pieces: Sequence[str | Tag], code: Shelf, blocks: Shelf) -> str:
    return "".join(piece if isinstance(piece, str) else _convert(piece, code, blocks) for piece in pieces)


def _convert(tag: Tag, code: Shelf, blocks: Shelf) -> str:
    if not tag.name:
        return _variable(tag.expression)
    name = tag.name.lower()
    if tag.content is None:
        return _single(name, tag)
    if name == "comment":
        return DROPPED
    if name in ("raw", "verbatim"):
        return _render(tag.content, code, blocks)
    if name in _CODE:
        return BREAK + code.put(_fence(tag, code.restore(_render(tag.content, code, blocks))), block=True) + BREAK
    content = _render(tag.content, code, blocks)
    if name in _ALERTS:
        lines = _without_indent(content)
        if heading := _heading(name, tag):
            lines = f"**{heading}**\n\n{lines}"
        return BREAK + blocks.put(quote_lines(lines), block=True) + BREAK
    if title := _title(tag):
        return f"{BREAK}**{title}**{BREAK}{content}{DROPPED}"
    return DROPPED + content + DROPPED


def _single(name: str, tag: Tag) -> str:
    words = tag.positional()
    if name in ("else", "elsif", "elif", "when"):
        return f" {DROPPED}"  # both texts are kept, apart
    if name in _LINKS:
        return _address(name, words[0] if words else "")
    if name in _IMAGES:
        return _image(name, tag, words)
    if name.startswith("slack_channel") and words:
        return _slack_channel(words)
    if name.startswith("embed") and _EXTERNAL.match(url := tag.named("url") or (words or [""])[0]):
        return f"<{url}>" if url.startswith("http") else DROPPED
    if name.startswith("include") and (note := tag.named("content", "text")):
        return f"{BREAK}> {' '.join(note.split())}{BREAK}"
    quoted = [argument.value for argument in tag.arguments if argument.quoted and not argument.key]
    if name not in _SILENT and "icon" not in name and len(quoted) == 1 and _is_for_people(quoted[0]):
        return quoted[0]
    return DROPPED


def _variable(expression: str) -> str:
    """A string constant is text (``{{ "/x" | relative_url }}``); the value of anything else is unknown here."""
    match = _STRING.match(expression)
    return (match[1] or match[2] or "") if match else DROPPED


def _address(name: str, target: str) -> str:
    if name in _ROOTED_LINKS and not target.startswith("/") and not _EXTERNAL.match(target):
        target = "/" + target
    return quote(target, safe="/:#?&=%+,;@!$'*()~[]._-")


def _image(name: str, tag: Tag, words: list[str]) -> str:
    path = tag.named("src", "path", "url") or (words[0] if words else "")
    if not path:
        return DROPPED
    alt = tag.named("alt", "title", "caption") or (words[-1] if len(words) > 1 else "")
    if name.startswith("image") and not path.startswith("/") and not _EXTERNAL.match(path):
        path = "/" + path  # such paths count from the root of the site
    caption = tag.named("caption", "title")
    image = f"![{_one_line(alt)}]({quote(path, safe='/:#?&=%+,;@!$*~._-')})"
    return image + (f"{BREAK}*{_one_line(caption)}*{BREAK}" if caption and caption != alt else "")


def _slack_channel(words: list[str]) -> str:
    channel = words[0] if " " in words[0] else "#" + words[0].lstrip("#")
    if len(words) == 1:
        return channel
    label = words[1]
    return label if channel in label else f"{label} ({channel})"


def _fence(tag: Tag, content: str) -> str:
    words = tag.positional()
    language = re.sub(r"[^\w+#-]", "", tag.named("lang") or (words[0] if words else ""))
    return fenced(content, language)


def fenced(content: str, language: str = "") -> str:
    """``content`` as a fenced block that none of its own lines can close."""
    longest = max((len(run) for run in re.findall("`{3,}", content)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{_trim_blank_lines(textwrap.dedent(content))}\n{fence}"


def quote_lines(text: str) -> str:
    """``text`` as a Markdown quotation."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _heading(name: str, tag: Tag) -> str:
    """What stands in bold at the top of an alert: its title, else its level, else nothing."""
    given = tag.named("title", "heading")
    if not given:
        given = next((a.value for a in tag.arguments if a.quoted and not a.key and not _is_level(a.value)), "")
    if given:
        return _one_line(given)
    levels = [tag.named("type", "style", "color", "level", "status"), *tag.positional(), name]
    level = next((level.lower() for level in levels if level.lower() in _LABELS), "")
    return _LABELS[level] + ":" if level else ""


def _is_level(word: str) -> bool:
    return not word or word.lower() in _LABELS or word.lower() in _NO_LABEL


def _title(tag: Tag) -> str:
    """The title of a tab, a fold-out or the like; "" if the tag has none that people would read."""
    if tag.name.lower() in _SILENT:
        return ""
    named = tag.named("title", "summary", "heading", "label")
    quoted = [a.value for a in tag.arguments if a.quoted and not a.key]
    return _one_line(named or (quoted[0] if quoted and _is_for_people(quoted[0]) else ""))


def _is_for_people(value: str) -> bool:
    """Whether an argument reads as text, rather than as the name of a file, a class or an icon."""
    return (" " in value or value[:1].isupper()) and not _PATH_OR_FILE.search(value)


def _one_line(text: str) -> str:
    return " ".join(text.replace("[", "(").replace("]", ")").split())


def _without_indent(text: str) -> str:
    return _trim_blank_lines(textwrap.dedent(settle(text)))


def _trim_blank_lines(text: str) -> str:
    return re.sub(r"\A(?:[ \t]*\n)+", "", text).rstrip()
