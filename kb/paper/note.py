"""What a handover note says on paper: the one definition that its Markdown, HTML and PDF are written from. Pure.

The same note gives the same paper, whenever and by whomever it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kb.handover.gate import is_answered
from kb.handover.markdown import header_facts, plain, section_markdown
from kb.handover.models import (
    Confidentiality,
    Note,
    NoteEvent,
    NoteState,
    ReadBack,
    Seal,
    Step,
    Verdict,
)
from kb.handover.seal import sealed_read_back
from kb.handover.templates import HandoverTemplate
from kb.handover.threads import Thread
from kb.handover.times import clocks
from kb.paper.tree import Linked, Nodes, Pictures, parse, tidy, without_gaps

CONFIDENTIALITY = {
    Confidentiality.INTERNAL: "Internal",
    Confidentiality.CONFIDENTIAL: "Confidential",
    Confidentiality.SHAREABLE: "May be shown to the client",
}
VERIFY = ".venv/bin/python scripts/verify_handovers.py --expect"
NOT_YET = "Not acknowledged yet"


@dataclass(frozen=True, slots=True)
class Record:
    """A note with everything that was said about it.

    ``events``, ``read_backs`` and ``seals`` are the latest first. ``zones`` are the time zones of who hands over and
    of who takes over, as far as they are known; ``linked`` says where wiki links lead; ``pictures`` are in the text.
    """

    note: Note
    template: HandoverTemplate
    events: Sequence[NoteEvent]
    threads: Sequence[Thread]
    read_backs: Sequence[ReadBack]
    seals: Sequence[Seal]
    zones: Sequence[str]
    linked: Linked
    pictures: Pictures = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """A titled part of a paper."""

    title: str
    blocks: Nodes


@dataclass(frozen=True, slots=True)
class Paper:
    """A note on paper.

    ``standing`` is whether it counts, in one or two words that every page bears; ``counts`` is False for what nobody
    may rely on. ``opening`` says the same in a sentence; ``facts`` are names and what they say.
    """

    title: str
    kind: str
    version: int
    author: str
    changed: datetime
    confidentiality: str
    standing: str
    counts: bool
    opening: Nodes
    facts: tuple[tuple[str, Nodes], ...]
    parts: tuple[Part, ...]
    keywords: tuple[str, ...]

    @property
    def name(self) -> str:
        """The kind of note and its version: "Shift handover, version 2"."""
        return f"{self.kind}, version {self.version}" if self.version else f"{self.kind}, draft"


def note_paper(record: Record) -> Paper:
    """The paper of a note."""
    note, header = record.note, record.note.text.header
    seal = _seal_of(record, note.version)
    moments = [note.page.updated_at, *(event.at for event in record.events)]
    return Paper(
        title=tidy(note.page.title),
        kind=record.template.name,
        version=note.version,
        author=tidy(header.sender or note.page.owner.name),
        changed=max(moments),
        confidentiality=CONFIDENTIALITY[header.confidentiality],
        standing=standing(note.state, seal),
        counts=seal is not None and note.state is not NoteState.SUPERSEDED,
        opening=parse(_opening(record, seal), record.linked),
        facts=tuple((name, parse(fact, record.linked)) for name, fact in header_facts(header, record.zones)),
        parts=tuple(_parts(record, seal)),
        keywords=tuple(
            word for word in (record.template.name, tidy(header.client), seal.sha256 if seal else "") if word
        ),
    )


def standing(state: NoteState, seal: Seal | None) -> str:
    """Whether a note counts, in a word or two: "Acknowledged", "Not acknowledged yet"."""
    if state is NoteState.DRAFT:
        return "Draft"
    if state is NoteState.CANCELLED:
        return "Cancelled"
    if state is NoteState.SUPERSEDED:
        return "Acknowledged, then replaced" if seal else "Replaced, not acknowledged"
    if state is NoteState.CLOSED and seal is None:
        return "Closed, not acknowledged"
    return "Acknowledged" if seal else NOT_YET


def _seal_of(record: Record, version: int) -> Seal | None:
    return next((seal for seal in record.seals if seal.version == version), None)


def _opening(record: Record, seal: Seal | None) -> str:
    """Where the note stands, in a sentence or two of Markdown."""
    note = record.note
    receiver = plain(note.text.header.receiver) or "its receiver"
    last = next((event for event in record.events if event.step not in (Step.ASK, Step.ANSWER)), None)
    reason = f" Reason: {plain(last.reason)}" if last and last.reason else ""
    match note.state:
        case NoteState.DRAFT:
            said = "This note was never handed over. Nobody may rely on it."
        case NoteState.CANCELLED:
            said = f"Nobody should follow this note.{reason}"
        case NoteState.SUPERSEDED:
            said = "A newer note of the same client replaced this one."
        case NoteState.CLOSED if seal is None:
            said = f"It was closed by hand: nobody read it back in Baton.{reason}"
        case NoteState.RETURNED:
            said = f"{receiver} returned version {note.version}.{reason}"
        case NoteState.QUESTIONS:
            said = f"Version {note.version} was handed to {receiver}, and a blocking question about it is open."
        case NoteState.READ_BACK:
            said = f"Version {note.version} was read back; the sender has not confirmed it yet."
        case NoteState.REOPENED:
            said = f"It was reopened: a new version has to be acknowledged again.{reason}"
        case _ if seal is not None:
            said = f"{_accepted(record)}{' The note is closed.' if note.state is NoteState.CLOSED else ''}"
        case _:
            said = f"Version {note.version} was handed to {receiver}, who has not read it back yet."
    earlier = next((other for other in record.seals if other.version < note.version), None)
    if earlier and seal is None:
        said += f" Version {earlier.version} was acknowledged; this version was not."
    return f"**{standing(note.state, seal)}.** {said}"


def _accepted(record: Record) -> str:
    given = _accepted_read_back(record)
    if given is None or given.judge is None:
        return f"Version {record.note.version} was acknowledged."
    judge, person = plain(given.judge.name), plain(given.person.name)
    return f"{person} read version {record.note.version} back, and {judge} confirmed it."


def _accepted_read_back(record: Record) -> ReadBack | None:
    return sealed_read_back(record.read_backs, record.seals, record.note.version)


# ---- the parts ----------------------------------------------------------------------------------------------------


def _parts(record: Record, seal: Seal | None) -> Iterable[Part]:
    note, template = record.note, record.template
    for section in template.sections:
        if content := section_markdown(section, note.text):
            yield Part(section.title, without_gaps(parse(content, record.linked, record.pictures), above=2))
    left = [section.title for section in template.sections if not is_answered(section, note.text)]
    for title, content in (
        ("Not answered yet", "\n".join(f"- {plain(name)}" for name in left)),
        ("Questions and answers", "\n\n---\n\n".join(_thread(record, thread) for thread in record.threads)),
        ("Read-backs", "\n\n".join(_read_back(record, given) for given in reversed(record.read_backs))),
        ("Acknowledgement", _acknowledgement(record, seal)),
    ):
        if content:
            yield Part(title, parse(content, record.linked))


def _thread(record: Record, thread: Thread) -> str:
    posts = []
    for post in thread.posts:
        asked = "asked a blocking question" if post.blocking else "asked"
        did = "answered" if post.is_answer else asked
        when = f"{clocks(post.at, record.zones)}, about version {post.version}"
        posts.append(f"**{plain(post.author.name)}** {did}, {when}:\n\n{_quoted(post.text)}")
    if thread.is_open:
        posts.append("**No answer yet.**")
    return "\n\n".join(posts)


def _read_back(record: Record, given: ReadBack) -> str:
    when = f"{clocks(given.at, record.zones)}, version {given.version}"
    parts = [f"**{plain(given.person.name)}** understood, {when}:", _quoted(given.summary)]
    items = record.note.text.items
    if given.version == record.note.version:  # positions in an earlier text may be others
        titles = [plain(items[place].title) for place in given.ticked if place < len(items)]
        if titles:
            parts.append("Critical items ticked as understood:\n\n" + "\n".join(f"- {title}" for title in titles))
    if given.judge and given.judged_at:
        did = "confirmed this" if given.verdict is Verdict.CONFIRMED else "asked for another read-back"
        remark = f": {plain(given.remark)}" if given.remark else ""
        parts.append(f"**{plain(given.judge.name)}** {did}, {clocks(given.judged_at, record.zones)}{remark}.")
    else:
        parts.append("**Not confirmed.**")
    return "\n\n".join(parts)


def _acknowledgement(record: Record, seal: Seal | None) -> str:
    given = _accepted_read_back(record)
    if seal is None:
        return (
            f"**{standing(record.note.state, None)}.** "
            + ("" if record.note.state is NoteState.DRAFT else f"Version {record.note.version} has no seal. ")
            + "This paper proves nothing."
        )
    facts = {
        "Version": str(seal.version),
        "Read back by": f"{plain(given.person.name)}, {clocks(given.at, record.zones)}" if given else "",
        "Confirmed by": (
            f"{plain(given.judge.name)}, {clocks(given.judged_at, record.zones)}"
            if given and given.judge and given.judged_at
            else ""
        ),
        "Seal": f"{seal.sequence}, {clocks(seal.at, record.zones)}",
    }
    lines = [f"- **{name}:** {fact}" for name, fact in facts.items() if fact]
    return "\n\n".join(
        [
            "\n".join(lines),
            "Verification hash (SHA-256):",
            f"```\n{seal.sha256}\n```",
            "It covers this version as it is in Baton, with its questions and read-backs, and every version that was "
            "sealed before. Whoever looks after Baton checks it with",
            f"```\n{VERIFY} \\\n  {seal.sha256}\n```",
            "which says “unchanged”, or names what differs. The hash is not one of this file: to trust a copy, compare "
            "its text with the note in Baton.",
        ]
    )


def _quoted(text: str) -> str:
    """What somebody wrote as plain text, as a quotation with its lines and paragraphs."""
    lines = [plain(line) for line in text.splitlines()]
    quoted = []
    for place, line in enumerate(lines):
        goes_on = line and place + 1 < len(lines) and lines[place + 1]
        quoted.append(f"> {line}\\" if goes_on else f"> {line}".rstrip())
    return "\n".join(quoted)
