"""What a receiver would have to ask about: vague words, no owner, no date, short forms that nobody explained. Pure.

Advisory: remarks for the writer before submission. What must be there is :mod:`kb.handover.gate`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kb.acronyms import definitions
from kb.handover.models import Answer, NoteItem, NoteText, Priority
from kb.handover.templates import FieldKind, HandoverTemplate


class Unclear(StrEnum):
    """Why something is unclear."""

    VAGUE = "vague"
    NO_OWNER = "no owner"
    NO_DATE = "no date"
    SHORT_FORM = "short form"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the writer could say more clearly.

    :ivar place: key of the section, as in the gate's messages.
    :ivar row: number of the item or table row, from 1; 0 in a text.
    :ivar field: key of the field; "" in a text.
    :ivar words: as written; "" where something lacks.
    """

    kind: Unclear
    place: str
    row: int
    field: str
    words: str
    remedy: str


# Few and precise: each leaves open when, who, what or how much, and has a remedy.
_VAGUE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE), remedy)
    for words, remedy in (
        (r"asap|as soon as possible|soonest|immediately when possible", "By when? Give a day and a time."),
        (r"(?<!as )soon(?! as\b)|shortly|in due course|in the near future|sometime|at some point|when (?:you have|there is) time",  # noqa: E501
         "When? Give a day and a time."),
        (r"the usual(?: way| process| procedure| suspects| people)?|as usual|as always|like always|business as usual",
         "The receiver may not know what is usual: say it, or link the page."),
        (r"as (?:already )?(?:discussed|agreed|mentioned|explained)(?! with [A-Z])|like we said|as per (?:our )?discussion",  # noqa: E501
         "Say what was agreed: the next reader was not there."),
        (r"someone|somebody|anyone|anybody", "Who? Name a person or a team."),
        (r"etc\.?|and so on|and so forth|and stuff", "Finish the list, or say where the whole list is."),
        (r"tbd|tba|tbc|to be (?:determined|confirmed|decided|defined)", "Say who decides, and by when."),
        (r"keep an eye on|be careful with|handle with care",
         "Say what to look at, how often, and what to do when it happens."),
        (r"the other (?:guy|one|thing)|that (?:thing|guy)|stuff|whatever|something like that",
         "Name it: the receiver cannot ask you later."),
        (r"if (?:needed|necessary|required|applicable|possible)|where (?:appropriate|needed)|as (?:needed|required|appropriate)",  # noqa: E501
         "How does one see that it is? Give the condition."),
        (r"from time to time|now and then|once in a while|every so often", "How often? Give a number or a day."),
        (r"a (?:few|couple of) (?:hours|days|weeks)|some(?: more)? time", "How long? Give a number."),
    )
)  # fmt: skip
_OPENS_WITH_PRONOUN = re.compile(r"^\s*(?:he|she|they|it|this|that|them|him)\b(?!['’])", re.IGNORECASE)
_SHORT_FORM = re.compile(r"(?<![\w/.@#-])[A-Z][A-Z0-9]{1,5}(?:s\b)?(?![\w@]|-\d|[.]\w|/\w)")
_QUOTED = re.compile(r"`[^`\n]*`|https?://\S+|\[\[[^\]]*\]\]|!?\[[^\]]*\]\([^)]*\)|\S+@\S+|[\w-]*\d[\w-]*")
# Everybody in this work knows these; whoever writes for clients reads them daily.
COMMON_SHORT_FORMS = frozenset(
    """
    AM API BPO CEO CET CEST CFO COO CSV CTO EOD ET EU EUR EST FAQ FTE GBP GMT HR HTML ID IDS II III INR IST IT IV KPI
    KPO MS NO NOT OK PC PDF PHP PIN PLN PM PR PST QA TV UAT UI UK UN URL US USA USD UTC VAT VIP VPN XLS XML ZIP AND OR
    IF THE ALL DO NEVER ALWAYS MUST ONLY SLA SLAS KPIS TODO FYI ASAP TBD TBA TBC NB PS RE AN AT IN ON TO BY NEW OLD
    """.split()  # noqa: SIM905  longer as a list
)


def unclear(template: HandoverTemplate, text: NoteText, known: Collection[str] = ()) -> list[Remark]:
    """What the writer could say more clearly, in the order of the note.

    :param known: short forms that the wiki explains, in any case; those that the note itself explains are found here.
    """
    places = list(_texts(template, text))
    explained = {short for _, _, _, words in places for short, _ in definitions(words)}
    explained |= {word.casefold() for word in (*known, *COMMON_SHORT_FORMS)}
    remarks = _of_items(template.items_section.key, text.items)
    mentioned: set[str] = set()
    for place, row, field, words in places:
        remarks += [Remark(Unclear.VAGUE, place, row, field, w, remedy) for w, remedy in vague_words(words)]
        if field == "next_step" and (pronoun := _OPENS_WITH_PRONOUN.match(words)):
            remedy = "Who or what is meant? Name it: a list shows the next step by itself."
            remarks.append(Remark(Unclear.VAGUE, place, row, field, pronoun.group().strip(), remedy))
        for short in short_forms(words):
            folded = short.casefold()
            if folded not in explained and folded.removesuffix("s") not in explained and folded not in mentioned:
                mentioned.add(folded)
                remedy = f"Write it out once, such as “full name ({short})”, or explain it on a page."
                remarks.append(Remark(Unclear.SHORT_FORM, place, row, field, short, remedy))
    order = {section.key: number for number, section in enumerate(template.sections)}
    return sorted(remarks, key=lambda remark: (order[remark.place], remark.row))


def vague_words(text: str) -> list[tuple[str, str]]:
    """(words, remedy) of what leaves open when, who or what; each wording once, in the order of the text."""
    plain = _QUOTED.sub(lambda match: " " * len(match.group()), text)
    found = sorted((m.start(), m.group(), remedy) for pattern, remedy in _VAGUE for m in pattern.finditer(plain))
    return list({words.casefold(): (words, remedy) for _, words, remedy in reversed(found)}.values())[::-1]


def short_forms(text: str) -> list[str]:
    """Words in capitals that may be short forms, each once; no references, addresses or shouted sentences."""
    found: dict[str, None] = {}
    for line in _QUOTED.sub(" ", text).splitlines():
        words = re.findall(r"[^\W\d_]{2,}", line)
        # A line in capitals is loud, not abbreviated.
        if len(words) > 3 and sum(word.isupper() for word in words) > len(words) / 2:
            continue
        found |= dict.fromkeys(match.group() for match in _SHORT_FORM.finditer(line))
    return list(found)


def _of_items(place: str, items: Collection[NoteItem]) -> list[Remark]:
    """Open items without an owner, and urgent ones without a date."""
    remarks = []
    for row, item in enumerate(items, start=1):
        if item.done:
            continue
        if not item.owner:
            remarks.append(Remark(Unclear.NO_OWNER, place, row, "owner", "", "Who does it? Name a person or a team."))
        urgent = item.priority in (Priority.CRITICAL, Priority.HIGH)
        if item.due is None and urgent and not _DATED.search(item.next_step):
            remarks.append(Remark(Unclear.NO_DATE, place, row, "due", "", "By when? Give a date."))
    return remarks


# A figure or a day in the next step is a date enough.
_DATED = re.compile(
    r"\d{1,2}[:.]\d\d|\b\d{1,2}(?:st|nd|rd|th)?\s+[A-Z][a-z]{2}|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\btoday\b|\btomorrow\b|\bend of (?:day|shift|week|month)\b|\bEOD\b|\b\d{1,2}\s?[ap]m\b|\bhourly\b|\bdaily\b",
    re.IGNORECASE,
)


def _texts(template: HandoverTemplate, text: NoteText) -> Iterator[tuple[str, int, str, str]]:
    """(section, row, field, words) of everything that was written freely."""
    for section in template.sections:
        answer = text.answers.get(section.key, Answer())
        if answer.text:
            yield section.key, 0, "", answer.text
        for row, cells in enumerate(answer.rows, start=1):
            for field in section.fields:
                if field.kind in (FieldKind.TEXT, FieldKind.LONG) and cells.get(field.key):
                    yield section.key, row, field.key, cells[field.key]
    place = template.items_section
    for row, item in enumerate(text.items, start=1):
        if not item.done:
            yield place.key, row, "title", item.title
            yield place.key, row, "next_step", item.next_step
            for field in place.fields:
                if field.kind in (FieldKind.TEXT, FieldKind.LONG) and item.details.get(field.key):
                    yield place.key, row, field.key, item.details[field.key]
