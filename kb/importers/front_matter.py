"""The block of data at the top of a page: which of it Baton uses, and what to say when it is broken."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from kb.importers.limits import MAX_FRONT_MATTER_CHARACTERS
from kb.importers.sources import SkipFileError

_YAML = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_REDIRECT_KEYS = ("redirect_from", "redirects", "aliases", "permalink")
_MAX_ITEMS = 200  # tags, keywords or redirects of one page


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What Baton uses of a page's front matter. ``moved_to`` is where an otherwise empty page sends its readers."""

    title: str = ""
    tags: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()
    moved_to: str = ""


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """The front matter of ``text`` and the text after it.

    A page that only begins with a horizontal line (``---``) has none.

    :raises SkipFileError: it has front matter that cannot be read; the reason names the line of the file.
    """
    if match := _YAML.match(text):
        data = _load_yaml(match[1])
    elif match := _TOML.match(text):
        data = _load_toml(match[1])
    else:
        return FrontMatter(), text
    if data is None:
        data = {}
    if not isinstance(data, dict):
        return FrontMatter(), text
    redirects = [item for key in _REDIRECT_KEYS for item in _strings(data.get(key), split_commas=False)]
    front_matter = FrontMatter(
        title=_scalar(data.get("title")),
        tags=_strings(data.get("tags"), split_commas=True),
        keywords=_strings(data.get("keywords"), split_commas=True),
        redirects=unique_strings(redirects),
        moved_to=_scalar(data.get("redirect_to")),
    )
    return front_matter, text[match.end() :]


def _load_yaml(block: str) -> object:
    if len(block) > MAX_FRONT_MATTER_CHARACTERS:
        raise SkipFileError(
            f"its front matter has {len(block):,} characters: shorten it to {MAX_FRONT_MATTER_CHARACTERS:,}"
        )
    try:
        return yaml.safe_load(block)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if error.context_mark and (not mark or mark.index >= len(block.rstrip())):
            mark = error.context_mark  # a bracket that never closes is wrong where it opens
        # Marks count from 0 below the opening line of dashes; people count lines of the file from 1.
        line = mark.line + 2 if mark else 2
        raise SkipFileError(
            f"its front matter is not valid YAML: line {line} of the file, {error.problem}: correct it and import again"
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: a date such as 2024-13-45. RecursionError: thousands of nested brackets.
        raise SkipFileError(
            f"its front matter, from line 2 of the file, is not valid YAML ({type(error).__name__}): correct it"
        ) from error


def _load_toml(block: str) -> object:
    try:
        return tomllib.loads(block[:MAX_FRONT_MATTER_CHARACTERS])
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SkipFileError(
            f"its front matter, from line 2 of the file, is not valid TOML: {error}: correct it and import again"
        ) from error


def _scalar(value: object) -> str:
    """One line of text; "" for lists, mappings, and nothing."""
    if value is None or isinstance(value, (list, dict, set, bytes)):
        return ""
    if isinstance(value, int) and value.bit_length() > 4096:  # Python refuses to print such a number
        return ""
    return " ".join(str(value).split())


def _strings(value: object, *, split_commas: bool) -> tuple[str, ...]:
    """A list, or one string that may hold several separated by commas."""
    if isinstance(value, list):
        return unique_strings(_scalar(item) for item in value)
    text = _scalar(value)
    return unique_strings(text.split(",") if split_commas else [text])


def unique_strings(items: Iterable[str]) -> tuple[str, ...]:
    """Stripped, without empty ones and repetitions, in order."""
    return tuple(dict.fromkeys(item.strip() for item in items if item.strip()))[:_MAX_ITEMS]
