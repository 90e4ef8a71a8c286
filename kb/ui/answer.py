"""The card above a search's results: the answer, and where it stands."""

from __future__ import annotations

from datetime import datetime

from kb.answers import Answer
from kb.search import SearchResult
from kb.ui import words
from kb.ui.addresses import page_address
from kb.ui.markdown import escape, marked


def answer_markdown(answer: Answer, source: SearchResult, query: str, moment: datetime) -> str:
    """The card.

    :param source: the result that the answer is from.
    """
    page = source.page
    name = " › ".join(escape(part) for part in (page.title, *source.headings[-1:]))
    link = f"[{name}](<{page_address(page, source.anchor, query, source.passage_id)}>)"
    facts = f":small[{link} · {escape(page.space.name)} · {words.updated(page, moment)}]"
    return "\n\n".join(["## Answer", *_blocks(answer), facts])


def _blocks(answer: Answer) -> list[str]:
    told = [marked(line.text) for line in answer.lines if line.item is None]
    items = _items(answer)
    if answer.cut_after:
        last = items or told
        last[-1] += " …"
    if answer.cut_before:
        told.append("…")
    return [part for part in (" ".join(told), "\n".join(items)) if part]


def _items(answer: Answer) -> list[str]:
    """The list, nested as on the page; what is cut off above it is not missed."""
    lines = []
    outer: list[int] = []
    for line in answer.lines:
        if line.item is None:
            continue
        while outer and outer[-1] >= line.item.level:
            outer.pop()
        sign = "-" if line.item.number is None else f"{line.item.number}."
        lines.append(f"{'    ' * len(outer)}{sign} {marked(line.text)}")
        outer.append(line.item.level)
    return lines
