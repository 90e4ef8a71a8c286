"""What changed between two versions of a template, in words that a lead reads. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from kb.handover.definition import Definition, all_fields
from kb.handover.templates import Field, Section


def changes(old: Definition, new: Definition) -> list[str]:
    """What is different in ``new``, one sentence each, in the order of its sections; empty when nothing is."""
    found = []
    if new.name != old.name:
        found.append(f"The template is now called “{new.name}”.")
    if new.when != old.when:
        found.append("When to use it says something else.")
    before = {section.key: section for section in old.sections}
    for section in new.sections:
        earlier = before.get(section.key)
        if earlier is None:
            found.append(f"“{section.title}” is new{' and hidden' if section.hidden else ''}.")
        else:
            found += _of_section(earlier, section)
    kept = {section.key for section in new.sections}
    found += [f"“{section.title}” was removed." for section in old.sections if section.key not in kept]
    found += [f"{_place(name, after)}." for name, after in _moves(old.sections, new.sections)]
    return found


def _of_section(old: Section, new: Section) -> Iterator[str]:
    name = f"“{new.title}”"
    yield from _of_what_is_asked(old, new, "must be answered")
    if new.may_be_none != old.may_be_none:
        yield f"{name} {'may' if new.may_be_none else 'may not'} be answered with None."
    if new.carries != old.carries:
        yield f"{name} {'goes' if new.carries else 'does not go'} on into the next note."
    if new.help != old.help:
        yield f"The help text of {name} was changed."
    before = {field.key: field for field in all_fields(old)}
    for field in all_fields(new):
        if field.key not in before:
            yield f"{name}: “{field.title}” is new{' and hidden' if field.hidden else ''}."
        else:
            yield from (f"{name}: {words}" for words in _of_field(before[field.key], field))
    kept = {field.key for field in all_fields(new)}
    for field in before.values():
        if field.key not in kept:
            yield f"{name}: “{field.title}” was removed."
    for moved, after in _moves(all_fields(old), all_fields(new)):
        yield f"{name}: {_place(moved, after)}."


def _of_field(old: Field, new: Field) -> Iterator[str]:
    yield from _of_what_is_asked(old, new, "must be filled in")
    if new.options != old.options:
        added = ", ".join(option for option in new.options if option not in old.options)
        gone = ", ".join(option for option in old.options if option not in new.options)
        said = [f"{word} {options}" for word, options in (("now offers", added), ("no longer offers", gone)) if options]
        yield f"“{new.title}” {' and '.join(said) or 'offers its options in another order'}."


def _of_what_is_asked(old: Section | Field, new: Section | Field, required: str) -> Iterator[str]:
    """What sections and fields have alike: a title, and whether they are asked for and have to be answered."""
    name = f"“{new.title}”"
    if new.title != old.title:
        yield f"“{old.title}” is now called {name}."
    if new.hidden != old.hidden:
        yield f"{name} is {'no longer asked for' if new.hidden else 'asked for again'}."
    if new.required != old.required:
        yield f"{name} {required if new.required else 'may be left empty'}."


def _moves(old: Sequence[Section | Field], new: Sequence[Section | Field]) -> list[tuple[str, str]]:
    """What stands elsewhere among what both have: its name, and the name of what it follows now ("" for nothing)."""
    names = {thing.key: thing.title for thing in new}
    before = [thing.key for thing in old if thing.key in names]
    known = set(before)
    after = [thing.key for thing in new if thing.key in known]
    steady: set[str] = set()
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        steady.update(after[block.b : block.b + block.size])
    return [
        (names[key], names[after[place - 1]] if place else "") for place, key in enumerate(after) if key not in steady
    ]


def _place(name: str, after: str) -> str:
    return f"“{name}” stands after “{after}” now" if after else f"“{name}” stands first now"
