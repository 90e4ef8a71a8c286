"""The shipped templates of handover notes as data: one definition drives form, gate, read view and search text.

Leads adapt them to a client or a team: see :mod:`kb.handover.definition`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kb.handover.models import Priority


class FieldKind(StrEnum):
    """What a field holds; all are kept as text, dates as ISO 8601."""

    TEXT = "text"
    LONG = "long"  # several lines
    DATE = "date"
    CHOICE = "choice"
    PAGE = "page"  # a wiki page, by title or address


class SectionKind(StrEnum):
    """How a section is answered."""

    TEXT = "text"  # Markdown
    FACTS = "facts"  # one row of fields
    TABLE = "table"  # any number of rows
    ITEMS = "items"  # the note's open items


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a section, or a further column of the open items."""

    key: str
    title: str
    kind: FieldKind = FieldKind.TEXT
    options: tuple[str, ...] = ()
    required: bool = False
    hidden: bool = False  # kept in a definition, not asked for


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a note. ``required``: a submitted note answers it, if only with "None" where ``may_be_none``.

    ``carries``: the answer is still true for the next note of the same client, so a new note may start from it.
    ``common``: what this template makes of the fields that every open item has; empty for the usual ones.
    ``hidden_fields``: those that are no longer asked for, so that earlier answers keep their names.
    """

    key: str
    title: str
    help: str
    kind: SectionKind = SectionKind.TEXT
    fields: tuple[Field, ...] = ()
    required: bool = True
    may_be_none: bool = True
    carries: bool = False
    hidden: bool = False  # kept in a definition, not asked for
    common: tuple[Field, ...] = ()
    hidden_fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class HandoverTemplate:
    """A kind of handover note. A changed template gets a new version; notes keep the one they were written with."""

    key: str
    version: int
    name: str
    subject: str  # how a title begins
    when: str
    sections: tuple[Section, ...]
    hidden: tuple[Section, ...] = ()  # no longer asked for; earlier answers keep their names

    @property
    def items_section(self) -> Section:
        """The section of the open items; every template has exactly one."""
        return next(section for section in self.sections if section.kind is SectionKind.ITEMS)

    def section(self, key: str) -> Section:
        """The section with this key.

        :raises KeyError: when the template has none.
        """
        return {section.key: section for section in self.sections}[key]


# What every open item has: first in the form, since a hurried writer fills in what is in view.
ITEM_TITLE = Field("title", "Item", required=True)
ITEM_REFERENCE = Field("reference", "Reference")
ITEM_NEXT_STEP = Field("next_step", "What to do next", FieldKind.LONG, required=True)
ITEM_OWNER = Field("owner", "Owner")
ITEM_DUE = Field("due", "Due", FieldKind.DATE)
ITEM_PRIORITY = Field("priority", "Priority", FieldKind.CHOICE, tuple(Priority))


ITEM_FIELDS = (ITEM_TITLE, ITEM_REFERENCE, ITEM_NEXT_STEP, ITEM_OWNER, ITEM_DUE, ITEM_PRIORITY)


def common_fields(section: Section) -> tuple[Field, ...]:
    """The fields that every open item has, as this section names and orders them; without those it hides."""
    return tuple(field for field in section.common or ITEM_FIELDS if not field.hidden)


def item_fields(section: Section) -> tuple[Field, ...]:
    """All fields of the open items in this section, in the order of the form's columns."""
    return (*common_fields(section), *section.fields)


ROLE = HandoverTemplate(
    key="role",
    version=1,
    name="Role handover",
    subject="Role handover",
    when="You leave, move to another role, or go on long leave, and somebody takes over your work.",
    sections=(
        Section(
            "leaving",
            "Reason and last day",
            "Why you hand over, until when you are here, and how you may be reached afterwards.",
            SectionKind.FACTS,
            (
                Field(
                    "reason",
                    "Reason",
                    FieldKind.CHOICE,
                    ("Leaving the company", "Moving to another role", "Long leave", "Other"),
                    required=True,
                ),
                Field("last_day", "Last day", FieldKind.DATE, required=True),
                Field("contact_after", "Contact afterwards"),
            ),
            may_be_none=False,
        ),
        Section(
            "responsibilities",
            "Responsibilities",
            "Everything you do regularly, and who does it from now on.",
            SectionKind.TABLE,
            (
                Field("task", "Task", required=True),
                Field("frequency", "How often"),
                Field("next_due", "Next due", FieldKind.DATE),
                Field("page", "How-to page", FieldKind.PAGE),
                Field("new_owner", "New owner"),
            ),
            carries=True,
        ),
        Section(
            "items",
            "Open work",
            "What is begun and not finished. One row each; say what to do next.",
            SectionKind.ITEMS,
            (Field("state", "State so far"), Field("blocker", "Blocked by")),
        ),
        Section(
            "calendar",
            "Next 90 days",
            "Dates that the receiver must not miss.",
            SectionKind.TABLE,
            (
                Field("date", "Date", FieldKind.DATE),
                Field("what", "What happens", required=True),
                Field("prepare", "What to prepare"),
            ),
        ),
        Section(
            "decisions",
            "Decisions made and options rejected",
            "What was decided, why, and what was tried or turned down, so that nobody decides it again.",
            carries=True,
        ),
        Section(
            "workarounds",
            "What only I know",
            "Workarounds, habits and tricks that are written down nowhere.",
            carries=True,
        ),
        Section(
            "systems",
            "Systems and access",
            "What to transfer or revoke. Name the place where a secret is kept, never the secret.",
            SectionKind.TABLE,
            (
                Field("system", "System", required=True),
                Field("access", "Access"),
                Field("action", "Transfer or revoke", FieldKind.CHOICE, ("Transfer", "Revoke", "Keep")),
                Field("new_holder", "New holder"),
                Field("secret_place", "Where the secret is kept"),
            ),
            carries=True,
        ),
        Section(
            "contacts",
            "Contacts and introductions",
            "People the receiver needs, and introductions still to make.",
            SectionKind.TABLE,
            (
                Field("name", "Name", required=True),
                Field("role", "Role or company"),
                Field("subject", "For what"),
                Field("introduced", "Introduced", FieldKind.CHOICE, ("Yes", "Still to do")),
            ),
            carries=True,
        ),
        Section(
            "risks",
            "Recurring problems and risks",
            "What goes wrong again and again, the early signs, and what helps.",
            carries=True,
        ),
        Section(
            "pages",
            "Pages I own",
            "Wiki pages that need a new owner.",
            SectionKind.TABLE,
            (Field("page", "Page", FieldKind.PAGE, required=True), Field("new_owner", "New owner")),
            carries=True,
        ),
        Section(
            "shadowing",
            "Shadowing sessions",
            "Sessions in which the receiver watches, then does the work while you watch.",
            SectionKind.TABLE,
            (
                Field("topic", "Topic", required=True),
                Field("date", "Date", FieldKind.DATE),
                Field("who", "With whom"),
                Field("state", "State", FieldKind.CHOICE, ("Planned", "Watched", "Done alone")),
            ),
        ),
    ),
)

SHIFT = HandoverTemplate(
    key="shift",
    version=1,
    name="Shift handover",
    subject="Shift handover",
    when="Your shift ends and the next one goes on with the same work.",
    sections=(
        Section(
            "shift",
            "Shift and site",
            "Which shift ends, where, and when both shifts are here at once.",
            SectionKind.FACTS,
            (
                Field("shift", "Shift", required=True),
                Field("site", "Site"),
                Field("overlap", "Overlap window"),
                Field("severity", "Overall severity", FieldKind.CHOICE, ("Low", "Medium", "High", "Critical")),
            ),
            may_be_none=False,
        ),
        Section(
            "big_picture",
            "Big picture",
            "Volumes, backlog and the SLA clock, in a few lines.",
        ),
        Section(
            "items",
            "Open items",
            "What the next shift must go on with. One row each; say what to do next.",
            SectionKind.ITEMS,
            (
                Field("severity", "Severity", FieldKind.CHOICE, ("Sev 1", "Sev 2", "Sev 3", "Sev 4")),
                Field("situation", "Situation", FieldKind.LONG),
                Field("background", "Background", FieldKind.LONG),
                Field("tried", "Tried so far", FieldKind.LONG),
                Field("stuck", "Stuck where", FieldKind.LONG),
            ),
        ),
        Section(
            "contingencies",
            "If this, then that",
            "What may happen, and what to do then.",
            SectionKind.TABLE,
            (Field("if", "If", required=True), Field("then", "Then", required=True)),
            carries=True,
        ),
        Section(
            "resolved",
            "Resolved this shift",
            "What was fixed, and what is left to follow up.",
            SectionKind.TABLE,
            (
                Field("what", "What", required=True),
                Field("cause", "Cause"),
                Field("fix", "Fix"),
                Field("follow_up", "Follow-up"),
            ),
        ),
        Section(
            "changes",
            "Changes, outages and workarounds",
            "Changes made, systems down, and temporary workarounds with the date on which they end.",
            SectionKind.TABLE,
            (
                Field("what", "What", required=True),
                Field("kind", "Kind", FieldKind.CHOICE, ("Change", "Outage", "Workaround")),
                Field("expires", "Ends on", FieldKind.DATE),
            ),
            carries=True,
        ),
        Section(
            "promises",
            "Promises made to the client",
            "What was promised, to whom and by when.",
            SectionKind.TABLE,
            (
                Field("promise", "Promise", required=True),
                Field("to", "To whom"),
                Field("by", "By", FieldKind.DATE),
                Field("owner", "Owner"),
            ),
            carries=True,
        ),
        Section("staffing", "Staffing and absences", "Who is missing, who stands in, who is new."),
        Section("coming_up", "Coming up next shift", "Deadlines, releases, visits and calls of the next hours."),
        Section(
            "reachable",
            "Reachable until",
            "Until when and how the next shift can still reach you.",
            SectionKind.FACTS,
            (Field("until", "Until", required=True), Field("how", "How")),
        ),
    ),
)

CLIENT = HandoverTemplate(
    key="client",
    version=1,
    name="Client or project handover",
    subject="Client handover",
    when="A client, a process or a project moves to another team.",
    sections=(
        Section(
            "scope",
            "Scope and contract",
            "What is ours to do, what is not, and the dates of the contract.",
            SectionKind.FACTS,
            (
                Field("in_scope", "In scope", FieldKind.LONG, required=True),
                Field("out_of_scope", "Out of scope", FieldKind.LONG),
                Field("starts", "Contract starts", FieldKind.DATE),
                Field("ends", "Contract ends", FieldKind.DATE),
            ),
            may_be_none=False,
            carries=True,
        ),
        Section(
            "stakeholders",
            "Stakeholders",
            "Who matters at the client, what they prefer, what they are sensitive about.",
            SectionKind.TABLE,
            (
                Field("name", "Name", required=True),
                Field("role", "Role"),
                Field("preferences", "Prefers"),
                Field("sensitivities", "Sensitive about"),
            ),
            carries=True,
        ),
        Section(
            "service_levels",
            "SLAs and KPIs",
            "What was agreed, and where we stand.",
            SectionKind.TABLE,
            (
                Field("measure", "Measure", required=True),
                Field("target", "Target"),
                Field("current", "Current"),
                Field("remark", "Remark"),
            ),
            carries=True,
        ),
        Section(
            "processes",
            "Process topics",
            "Each process, who owns it, where it is described, and how ready the receiver is.",
            SectionKind.TABLE,
            (
                Field("topic", "Topic", required=True),
                Field("owner", "Owner"),
                Field("page", "Procedure page", FieldKind.PAGE),
                Field("exceptions", "Exceptions"),
                Field("controls", "Controls"),
                Field("validated", "How validated"),
                Field("readiness", "Readiness", FieldKind.CHOICE, ("Not started", "In training", "Shadowing", "Ready")),
            ),
            carries=True,
        ),
        Section(
            "systems",
            "Systems, access and data",
            "Systems used and the rules for their data. Name the place where a secret is kept, never the secret.",
            SectionKind.TABLE,
            (
                Field("system", "System", required=True),
                Field("access", "Access"),
                Field("data_rules", "Data rules"),
                Field("secret_place", "Where the secret is kept"),
            ),
            carries=True,
        ),
        Section(
            "calendar",
            "Calendar, peaks and cut-offs",
            "Dates, busy times and cut-off hours.",
            SectionKind.TABLE,
            (
                Field("when", "When", required=True),
                Field("what", "What", required=True),
                Field("prepare", "What to prepare"),
            ),
            carries=True,
        ),
        Section("standing", "Where things stand", "The state of the work in a few lines."),
        Section(
            "items",
            "Milestones, backlog and deferred items",
            "What is still open. One row each; say what to do next.",
            SectionKind.ITEMS,
            (
                Field("kind", "Kind", FieldKind.CHOICE, ("Milestone", "Backlog", "Deferred")),
                Field("state", "State so far"),
            ),
        ),
        Section(
            "log",
            "Decisions, risks and issues",
            "What was decided, what may go wrong, what is wrong.",
            SectionKind.TABLE,
            (
                Field("kind", "Kind", FieldKind.CHOICE, ("Decision", "Risk", "Issue")),
                Field("what", "What", required=True),
                Field("consequence", "Why it matters"),
                Field("owner", "Owner"),
            ),
            carries=True,
        ),
        Section(
            "escalation",
            "Escalation",
            "Whom to call, by severity, and how fast.",
            SectionKind.TABLE,
            (
                Field("severity", "Severity", required=True),
                Field("who", "Who", required=True),
                Field("how", "How"),
                Field("within", "Within"),
            ),
            carries=True,
        ),
        Section("quality", "Quality history", "Audits, error rates, complaints, and what was learned.", carries=True),
        Section(
            "exit",
            "Exit criteria and end of hypercare",
            "What must be true before the old team lets go, and until when it still helps.",
            SectionKind.FACTS,
            (
                Field("criteria", "Exit criteria", FieldKind.LONG, required=True),
                Field("hypercare_ends", "Hypercare ends", FieldKind.DATE),
            ),
            carries=True,
        ),
        Section(
            "acceptance",
            "Acceptance",
            "Who accepts the handover for delivery, for quality and for the client.",
            SectionKind.TABLE,
            (
                Field("side", "Side", FieldKind.CHOICE, ("Delivery", "Quality", "Client"), required=True),
                Field("who", "Who"),
                Field("date", "Accepted on", FieldKind.DATE),
                Field("remark", "Remark"),
            ),
        ),
    ),
)

TEMPLATES = (SHIFT, ROLE, CLIENT)  # the most frequent first
_BY_VERSION = {(template.key, template.version): template for template in TEMPLATES}


KIND_NAMES = {template.key: template.name for template in TEMPLATES}  # by key: an adapted one stays of its kind


def template_of(key: str, version: int | None = None) -> HandoverTemplate:
    """A shipped template; None gives its newest version. :func:`kb.note_templates.template_of` knows adapted ones too.

    :raises KeyError: when there is none.
    """
    if version is None:
        version = max((known for name, known in _BY_VERSION if name == key), default=0)
    return _BY_VERSION[key, version]
