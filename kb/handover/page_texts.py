"""The pages that come of a note: how a problem was solved, and what nobody has described yet. Pure.

What people wrote is put in so that it shows exactly as they typed it.
"""

from __future__ import annotations

from collections.abc import Iterable

from kb.handover.how_to import Task
from kb.handover.markdown import plain, wiki_link
from kb.handover.solved import Solved
from kb.tidying import cut

MAX_PHRASE = 160  # characters of a search phrase: what somebody may type, no whole story
MAX_TITLE = 120  # characters; a longer wording goes on in the text


def solved_body(solved: Solved, source: str) -> str:
    """The text of a page on a problem that was solved.

    :param source: Markdown that says from which note.
    """
    problem = [plain(solved.words), *(f"**{name}:** {_lines(value)}" for name, value in solved.problem)]
    sections = [
        ("Problem", "\n\n".join(problem)),
        ("Cause", _lines(solved.cause) or "*Not known yet.*"),
        ("Fix", _lines(solved.fix) or "*What exactly was done?*"),
        ("Follow-up", _lines(solved.follow_up)),
    ]
    return _page(sections, source)


def task_body(task: Task, source: str) -> str:
    """The text of a page that is still to be written: what the note says, and what the writer has to add."""
    facts = "\n".join(f"- **{name}:** {_lines(value)}" for name, value in task.facts)
    sections = [
        ("What this is for", plain(task.words)),
        ("What the handover note says", facts),
        ("How to do it", "1. *First step*"),
        ("When it goes wrong", "*Whom to ask, what to try.*"),
    ]
    return _page(sections, source)


def search_phrases(solved: Solved) -> tuple[str, ...]:
    """The original wording, for finding the page by: as the next person with the problem may put it."""
    said = [solved.words, solved.reference, *(value for _, value in solved.problem)]
    return tuple(dict.fromkeys(phrase for text in said if (phrase := _phrase(text))))


def page_title(words: str) -> str:
    """A title of the words."""
    return cut(" ".join(words.split()), MAX_TITLE)


def source_of(slug: str, title: str, when: str) -> str:
    """From which note a page comes, as Markdown."""
    named = wiki_link(title)[2:-2]
    link = f"[[{slug}|{named}]]" if named else f"[[{slug}]]"
    return f"From the handover note {link}{f', {when}' if when else ''}."


def _page(sections: Iterable[tuple[str, str]], source: str) -> str:
    parts = [f"## {title}\n\n{text}" for title, text in sections if text]
    return "\n\n".join([*parts, *([source] if source else [])]) + "\n"


def _lines(text: str) -> str:
    return "\\\n".join(plain(line) for line in text.splitlines() if line.strip())


def _phrase(text: str) -> str:
    words = " ".join(text.split())
    if len(words) <= MAX_PHRASE:
        return words
    return words[:MAX_PHRASE].rpartition(" ")[0] or words[:MAX_PHRASE]
