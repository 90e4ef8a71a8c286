"""How the audit log's lines read on the screen; the exported file has the program's own words."""

from __future__ import annotations

from kb.audit_details import Names, with_names
from kb.store.audit import AuditEntry

ACTION = {
    "session.began": "signed in",
    "session.refused": "failed to sign in",
    "session.ended": "signed out",
    "session.others_ended": "signed out everywhere else",
    "session.all_ended": "signed a person out everywhere",
    "password.changed": "changed the password",
    "link.setup_used": "set Baton up",
    "link.invite_used": "used an invitation",
    "link.invite_made": "made a new invitation",
    "link.reset_used": "chose a new password with a link",
    "link.reset_made": "made a link for a new password",
    "link.mailed": "mailed a one-time link",
    "link.not_mailed": "could not mail a one-time link",
    "person.invited": "invited a person",
    "person.renamed": "changed a name or e-mail address",
    "person.role_changed": "changed a role",
    "person.disabled": "disabled a person",
    "person.enabled": "enabled a person",
    "person.added": "came with a company account",
    "person.linked": "linked a company account",
    "person.unlinked": "unlinked a company account",
    "profile.changed": "changed a profile",
    "absence.added": "added an absence",
    "absence.removed": "removed an absence",
    "team.created": "made a team",
    "team.changed": "changed a team",
    "team.removed": "removed a team",
    "space.created": "made a space",
    "space.renamed": "renamed a space",
    "space.shared": "changed who sees a space",
    "page.created": "wrote a page",
    "page.edited": "edited a page",
    "page.imported": "imported a page",
    "page.trashed": "moved a page to the trash",
    "page.restored": "restored a page",
    "page.moved": "moved a page to another space",
    "page.reassigned": "gave a page to another owner",
    "note.draft": "saved a draft of a note",
    "note.submitted": "submitted a note",  # until notes had receivers with accounts; now note.submit and so on
    "note.cancelled": "cancelled a note",
    "note.closed": "closed a note",
    "note.submit": "submitted a note",
    "note.ask": "asked about a note",
    "note.block": "asked a blocking question",
    "note.answer": "answered a question",
    "note.read_back": "read a note back",
    "note.confirm": "confirmed a read-back",
    "note.decline": "asked for another read-back",
    "note.return": "returned a note",
    "note.close": "closed a note",
    "note.reopen": "reopened a note",
    "note.cancel": "cancelled a note",
    "note.supersede": "replaced a note",
    "note.pass_on": "gave a note to another receiver",
    "note.exported": "downloaded a note",
    "measures.exported": "exported how handovers go",
    "private_data.kept": "kept private data, for a reason",
    "calendar.made": "made an address for a calendar",
    "calendar.removed": "took away the address of a calendar",
    "digest.sent": "mailed a digest",
    "digest.not_sent": "could not mail a digest",
    "action.done": "marked an item done",
    "action.reopened": "reopened an item",
    "action.owner": "gave an item to another owner",
    "action.due": "changed when an item is due",
    "action.fix": "said what fixed an item",
    "template.published": "published a template",
    "template.retired": "took a template out of use",
    "audit.exported": "exported the audit log",
}
SUBJECT = {
    "page": "page or note", "person": "person", "space": "space", "team": "team", "session": "session",
    "template": "template", "audit": "audit log", "measures": "handover dashboard",
}  # fmt: skip


def action(name: str) -> str:
    """What was done, in words: "disabled a person"."""
    return ACTION.get(name, name.replace(".", ": ").replace("_", " "))


def detail(entry: AuditEntry, names: Names) -> str:
    """The details, as plain text: with names where the reader may know them, "person 12" otherwise."""
    return with_names(entry.action, entry.detail, names)


def subject(entry: AuditEntry, names: Names) -> str:
    """What it was done to, as plain text: its name where the reader may know it, "page 123" otherwise."""
    if entry.subject_id is None:
        return SUBJECT.get(entry.subject, entry.subject) if entry.subject != "person" else "an unknown account"
    return names.get((entry.subject, entry.subject_id), f"{entry.subject} {entry.subject_id}")
