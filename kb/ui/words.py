"""How the screens say things: the same words for the same thing everywhere."""

from __future__ import annotations

import textwrap
from datetime import datetime

from kb.models import Page, PageKind
from kb.ui.moments import reader

LONG_CLIENT = 60  # characters of a client that a row of a list shows

KIND = {
    PageKind.PAGE: "Page",
    PageKind.GUIDE: "Guide",
    PageKind.GLOSSARY: "Glossary",
    PageKind.HANDOVER: "Handover note",
}
KINDS = {
    PageKind.PAGE: "Pages",
    PageKind.GUIDE: "Guides",
    PageKind.GLOSSARY: "Glossary",
    PageKind.HANDOVER: "Handover notes",
}


def updated(page: Page, moment: datetime) -> str:
    """When the page changed, for instance "updated 3 days ago"."""
    return f"updated {ago(page.updated_at, moment)}"


def ago(then: datetime, moment: datetime) -> str:
    """How long ago something was, in the largest unit that fits."""
    seconds = max(0, int((moment - then).total_seconds()))
    for unit, length in (("year", 365 * 86_400), ("month", 30 * 86_400), ("week", 7 * 86_400), ("day", 86_400)):
        if seconds >= length:
            return counted(seconds // length, unit) + " ago"
    for unit, length in (("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return counted(seconds // length, unit) + " ago"
    return "just now"


def counted(number: int, thing: str) -> str:
    """A number with its thing, for instance "1 page", "2,000 pages"."""
    return f"{reader().number(number)} {thing}{'' if number == 1 else 's'}"


def shortened(text: str, characters: int) -> str:
    """The text on one line, cut between words where it is too long."""
    return textwrap.shorten(text, characters, placeholder="…") if len(text) > characters else text


def size(number: int) -> str:
    """A size on disk, for instance "3.4 MB"."""
    amount = float(number)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{reader().decimal(amount)} {unit}"
        amount /= 1000
    return f"{reader().decimal(amount)} GB"
