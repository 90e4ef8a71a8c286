"""A digest as a mail: what waits, what is due, whom one waits for, what changed; as text and as HTML. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import jinja2

from kb.agenda import Agenda
from kb.formats import Formats
from kb.handover.actions import Action
from kb.handover.life import STATE_NAMES, STEP_NAMES
from kb.handover.times import from_now
from kb.my_day import Task, Waiting
from kb.store.seen_steps import SeenStep

MOST_ROWS = 20  # of a section; who has more opens Baton
_FOLDER = jinja2.FileSystemLoader(Path(__file__).with_name("digest_pages"))
_HTML = jinja2.Environment(
    loader=_FOLDER, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_TEXT = _HTML.overlay(autoescape=False)  # a text has nothing to escape
_TO_DO = {
    Task.READ_BACK: "read it back",
    Task.ANSWER: "answer the question",
    Task.CONFIRM: "confirm the read-back",
    Task.CHANGE: "change it and submit it again",
    Task.FINISH: "finish the draft",
}
_DOES = {Task.READ_BACK: "reads it back", Task.ANSWER: "answers", Task.CONFIRM: "confirms the read-back"}


@dataclass(frozen=True, slots=True)
class DigestMail:
    """What is mailed. ``subject`` names no note: it is shown on locked screens."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Row:
    title: str
    facts: tuple[str, ...]
    url: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    rows: tuple[_Row, ...]
    more: int


def digest_mail(found: Agenda, formats: Formats, url: str, moment: datetime) -> DigestMail:
    """The mail for one person, on their clock and in their formats.

    :param url: of Baton, without a slash at the end.
    """
    page = _Page(formats, url, moment)
    sections = [
        page.section("Waits for you", map(page.waiting, found.day.waiting)),
        page.section("Your open items", map(page.item, _by_due(found.items))),
        page.section("You wait for", map(page.awaited, found.day.awaited)),
        page.section("What changed", map(page.change, found.day.changes)),
    ]
    waits, late = len(found.day.waiting), sum(one.overdue for one in found.day.waiting)
    subject = f"Baton: {waits} {'thing waits' if waits == 1 else 'things wait'} for you" if waits else "Baton: your day"
    subject = f"{subject}, {late} overdue" if late else subject
    values = {
        "subject": subject,
        "name": found.person.name,
        "sections": [section for section in sections if section.rows],
        "url": url,
        "zone": formats.zone.key,
    }
    text = _TEXT.get_template("digest.txt").render(values)
    return DigestMail(subject, text, _HTML.get_template("digest.html").render(values))


@dataclass(frozen=True, slots=True)
class _Page:
    """How rows are made for one reader."""

    formats: Formats
    url: str
    moment: datetime

    def section(self, title: str, rows: Iterable[_Row]) -> _Section:
        everything = tuple(rows)
        return _Section(title, everything[:MOST_ROWS], max(0, len(everything) - MOST_ROWS))

    def waiting(self, one: Waiting) -> _Row:
        facts = [_TO_DO[one.task], self._due(one), f"from {one.who}" if one.who else ""]
        if one.instead_of:
            facts.append(f"you stand in for {one.instead_of.name}")
        return _row(one.title, facts, self._note(one.slug), late=one.overdue)

    def awaited(self, one: Waiting) -> _Row:
        # A confidential note does not say who.
        does = f"{one.who or 'somebody'} {_DOES.get(one.task, 'changes it')}"
        return _row(one.title, [does, self._due(one)], self._note(one.slug), late=one.overdue)

    def item(self, item: Action) -> _Row:
        late = item.due is not None and item.due < self.formats.on_clock(self.moment).date()
        due = f"{'overdue since' if late else 'due'} {self.formats.day(item.due)}" if item.due else ""
        place = f"{self.url}/actions" if not item.note.slug else self._note(item.note.slug)
        return _row(item.title, [due, item.note.client], place, late=late)

    def change(self, step: SeenStep) -> _Row:
        what = STEP_NAMES[step.step] if step.step else STATE_NAMES[step.state]
        return _row(
            step.title,
            [
                f"{what} by {step.actor.name}",
                self.formats.clock(step.at, self.moment),
                "you have no part in it any more" if step.left else "",
            ],
            self._note(step.slug),
        )

    def _due(self, one: Waiting) -> str:
        if one.due is None:
            return ""
        due = f"{self.formats.full(one.due)} ({from_now(one.due, self.moment)})"
        return f"overdue since {due}" if one.overdue else f"due {due}"

    def _note(self, slug: str) -> str:
        return f"{self.url}/handover?slug={slug}" if slug else f"{self.url}/my-day"


def _by_due(items: Sequence[Action]) -> list[Action]:
    return sorted(items, key=lambda item: (item.due is None, item.due or date.max))


def _row(title: str, facts: Iterable[str], url: str, *, late: bool = False) -> _Row:
    """A row in which nothing that people wrote can begin a line of its own."""
    return _Row(_line(title), tuple(_line(fact) for fact in facts if fact), url, late)


def _line(text: str) -> str:
    return " ".join(text.split())
