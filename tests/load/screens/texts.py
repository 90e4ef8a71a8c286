"""What is written in the notes: sentences of an outsourcing team's work, put together by chance with a seed. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

from kb.handover.models import Answer, NoteItem, Priority
from kb.handover.templates import Field, FieldKind, HandoverTemplate, SectionKind

_THINGS = (
    "refund batch", "vendor master change", "duplicate invoice", "chargeback file", "payroll adjustment",
    "claims backlog", "address update", "credit note run", "mailbox migration", "VPN certificate",
    "password reset queue", "month-end close", "bank statement import", "shipping label printer", "return portal",
    "loyalty points sync", "customs form", "order hold", "escalated complaint", "knowledge base article",
    "timesheet correction", "tax certificate", "purchase order match", "contract renewal", "data export",
    "monitoring alert", "licence renewal", "access review", "training session",
)  # fmt: skip
_STATES = (
    "is stuck", "waits for approval", "failed twice", "is half done", "needs a second check", "has to be sent again",
    "is blocked by the bank", "waits for the client", "was reopened", "is close to its deadline", "shows wrong totals",
)  # fmt: skip
_STEPS = (
    "Call the client's finance desk and ask for the missing reference", "Check the totals against the ledger",
    "Send the corrected file and wait for the receipt", "Ask the team lead to approve the exception",
    "Restart the import and read its log", "Compare the two records and merge them", "Tell the client when it is done",
    "Open a ticket with the vendor and add the screenshots", "Update the procedure page with the new limit",
    "Confirm the cut-off with the bank", "Collect the three approvals before noon", "Train the new colleague on it",
)  # fmt: skip
_WHY = (
    "The file was rejected because the header has one column too many.",
    "The vendor changed the format without notice.", "Two people worked on the same case.",
    "The approval matrix lists somebody who has left.", "The client wants a call before anything is changed.",
    "The nightly job ran out of time.", "The amount is above the limit of the team.",
    "Nobody has found the signed form yet.", "The test system shows the same result.",
    "It happened after the update of the portal.",
)  # fmt: skip
_ROUND = ("Morning", "Late", "Night", "Weekend")


class Writer:
    """Writes what people would."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def thing(self) -> str:
        """What something is about."""
        return self._chance.choice(_THINGS)

    def sentence(self) -> str:
        """What is the matter, and why."""
        chance = self._chance
        return f"The {self.thing()} {chance.choice(_STATES)}. {chance.choice(_WHY)}"

    def paragraph(self) -> str:
        """A few sentences."""
        return " ".join(self.sentence() for _ in range(self._chance.randrange(1, 3)))

    def step(self) -> str:
        """What to do next."""
        return f"{self._chance.choice(_STEPS)} for case {self._chance.randrange(100, 999)}."

    def items(self, template: HandoverTemplate, count: int, owners: Sequence[str], today: date) -> list[NoteItem]:
        """New open items; some are done at once, a few are critical, and these have an owner."""
        return [self._item(template, owners, today) for _ in range(count)]

    def answers(self, template: HandoverTemplate, today: date) -> dict[str, Answer]:
        """An answer to every section; two of five of those that may be say that there is nothing."""
        found = {}
        for section in template.sections:
            if section.kind is SectionKind.ITEMS:
                continue
            if section.may_be_none and self._chance.random() < 0.4:
                found[section.key] = Answer(nothing=True)
            elif section.kind is SectionKind.TEXT:
                found[section.key] = Answer(self.paragraph())
            else:
                rows = 1 if section.kind is SectionKind.FACTS else self._chance.randrange(1, 4)
                found[section.key] = Answer(rows=tuple(self._row(section.fields, today) for _ in range(rows)))
        return found

    def _item(self, template: HandoverTemplate, owners: Sequence[str], today: date) -> NoteItem:
        chance = self._chance
        priority = chance.choices(tuple(Priority), (3, 10, 4, 1))[0]
        owned = priority is Priority.CRITICAL or chance.random() < 0.8
        return NoteItem(
            f"{self.thing().capitalize()} {chance.choice(_STATES)}",
            reference=f"INC-{chance.randrange(10_000, 99_999)}" if chance.random() < 0.7 else "",
            next_step=self.step(),
            owner=chance.choice(owners) if owned else "",
            due=today + timedelta(days=chance.randrange(1, 30)) if chance.random() < 0.6 else None,
            priority=priority,
            details=self._row(template.items_section.fields, today, least=0.3),
        )

    def _row(self, fields: Sequence[Field], today: date, least: float = 0.7) -> dict[str, str]:
        return {
            field.key: self._value(field, today) for field in fields if field.required or self._chance.random() < least
        }

    def _value(self, field: Field, today: date) -> str:
        if field.kind is FieldKind.CHOICE:
            return self._chance.choice(field.options)
        if field.kind is FieldKind.DATE:
            return (today + timedelta(days=self._chance.randrange(90))).isoformat()
        if field.kind is FieldKind.LONG:
            return self.sentence()
        return self._chance.choice(_ROUND) if field.key == "shift" else self.thing().capitalize()
