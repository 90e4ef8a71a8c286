"""Which space a draft is meant for: by id, since names change and a name can come to mean another space."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kb.access import Ability, require, require_space
from kb.models import Person, Space, SpaceKind
from kb.pages import STANDARD_SPACES, PageError, ensure_space
from kb.store import spaces
from kb.store.access import sees_space
from kb.store.db import Store


@dataclass(frozen=True, slots=True)
class SpaceChoice:
    """A space as a writer chose it; ``name`` is what it was called then.

    Without an ``id`` it is known by name only: a standard space, or one that was chosen before ids were kept.
    ``is_new``: the writer typed the name of a space that there was not.
    """

    name: str
    id: int | None = None
    is_new: bool = False

    @classmethod
    def of(cls, space: Space) -> SpaceChoice:
        """The choice of this space."""
        return cls(space.name, space.id)

    @classmethod
    def named(cls, name: str) -> SpaceChoice:
        """The choice of the space of this name, made when there is none."""
        return cls(name, is_new=True)

    @classmethod
    def of_content(cls, content: str | Mapping[str, Any]) -> SpaceChoice:
        """The choice as a draft holds it; older drafts hold a name."""
        return cls(content) if isinstance(content, str) else cls(**content)


def choose(name: str, offered: Iterable[Space], before: SpaceChoice) -> SpaceChoice:
    """What a field that offers these spaces, and takes new names, says.

    :param before: what was chosen until now; the field may show it by a name that it had earlier.
    """
    if name == before.name:
        return before
    known = next((space for space in offered if space.name.casefold() == name.casefold()), None)
    return SpaceChoice.of(known) if known else SpaceChoice.named(name)


def labels(offered: Iterable[Space], chosen: SpaceChoice) -> list[str]:
    """The names to offer, the chosen one as the writer chose it, so that a rename meanwhile changes no field."""
    names = [chosen.name if space.id == chosen.id else space.name for space in offered]
    return list(dict.fromkeys([*names, chosen.name] if chosen.name else names))


def is_open(offered: Iterable[Space], chosen: SpaceChoice) -> bool:
    """Whether everybody sees the chosen space; one that there is not yet is made open."""
    kinds = [
        space.kind for space in offered if chosen.id == space.id or (chosen.id is None and chosen.name == space.name)
    ]
    return all(kind is SpaceKind.OPEN for kind in kinds)


def chosen_space(store: Store, actor: Person, choice: SpaceChoice) -> Space:
    """The space that was chosen; made only where the writer typed a new name, or it is a standard one.

    :raises PageError: when there is no space of an old draft's name any more, or the name cannot be used.
    :raises NotAllowed: when the person may not write, see the space or make it.
    """
    if choice.is_new or (choice.id is None and (not choice.name or choice.name in STANDARD_SPACES)):
        return ensure_space(store, actor, choice.name)
    with store.reading() as db:
        require(db, actor, Ability.WRITE)
        if choice.id is None:
            found = spaces.by_name(db, choice.name)
            if found is None or not sees_space(db, actor, found.id):
                raise PageError(
                    f"There is no space “{choice.name}” any more, or it is not shared with you. Choose another one."
                )
            return found
        found = spaces.by_id(db, choice.id)
        # What does not exist is refused with the same words as what is hidden.
        require_space(db, actor, found or Space(choice.id, "", choice.name))
        assert found is not None  # noqa: S101  nobody sees a space that there is not
        return found
