"""The pieces of text that a form holds, each with its place, and what in them should not be there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from kb.privacy import MAX_TEXT, Finding, FindingKind, blocking, masked

Place = tuple[str, int, str]  # section or field, row from 1 (0: no row), field of the row


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of text. ``label`` names its place in the program's own words: “Background” of item 2."""

    place: Place
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class PrivateValue:
    """Something private in a piece of text. ``shown`` may be shown; ``value`` never leaves the service.

    :ivar shown: "card number ending 4242"; of secrets nothing but what they are.
    :ivar label: where, with the line in a text of several.
    """

    place: Place
    label: str
    shown: str
    finding: Finding
    value: str = field(repr=False)


def private_values(pieces: Iterable[Written]) -> list[PrivateValue]:
    """What should not be saved without a reason, in the order of the pieces. Phone numbers may."""
    return [
        PrivateValue(piece.place, _where(piece, one), _shown(one, value), one, value)
        for piece in pieces
        for one in _blocking(piece.text)
        for value in [piece.text[one.start : one.end]]
    ]


def masked_pieces(pieces: Iterable[Written], wanted: Collection[PrivateValue]) -> dict[Place, str]:
    """The pieces that change when the wanted values are masked, by place."""
    changed = {}
    for piece in pieces:
        here = [one.finding for one in wanted if one.place == piece.place]
        if here:
            changed[piece.place] = masked(piece.text, here)
    return changed


def _blocking(text: str) -> Iterator[Finding]:
    """Findings of a text of any length, which is read in parts that end with a line."""
    start = 0
    while start < len(text):
        end = start + MAX_TEXT
        if end < len(text):
            end = text.rfind("\n", start, end) + 1 or end
        for one in blocking(text[start:end]):
            yield Finding(one.kind, start + one.start, start + one.end, one.name, one.masked)
        start = end


def _where(piece: Written, one: Finding) -> str:
    if "\n" not in piece.text.strip():
        return piece.label
    return f"{piece.label}, line {piece.text.count(chr(10), 0, one.start) + 1}"


def _shown(one: Finding, value: str) -> str:
    if one.kind not in (FindingKind.CARD, FindingKind.IBAN) or len(value) < 12:
        return one.name  # a card's security code is short, and secret as a whole
    return f"{one.name} ending {''.join(value.split())[-4:]}"
