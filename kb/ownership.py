"""Who looks after which page or note, and giving that to somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.access import Ability, NotAllowed, RuleError, may_manage, require
from kb.models import Page, PageKind, Person, Role, Space
from kb.store import access, audit, pages, people
from kb.store.db import Connection, Store

GONE = "One of these pages is gone, or not shared with you any more. Look at the list again."


class OwnershipError(RuleError):
    """Pages cannot be given to this person; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class OwnedPage:
    """A page or note with its owner, as a list shows it."""

    id: int
    slug: str
    kind: PageKind
    title: str
    space: Space
    owner: Person

    @classmethod
    def of(cls, page: Page) -> OwnedPage:
        """The same page without its text."""
        return cls(page.id, page.slug, page.kind, page.title, page.space, page.owner)


def owned_by(store: Store, viewer: Person, owner: Person) -> list[OwnedPage]:
    """What ``owner`` owns and ``viewer`` may see, the trash excepted, by title.

    What ``viewer`` may not see is not counted either: whoever manages pages in those spaces gives it on.

    :raises NotAllowed: when ``viewer`` is disabled.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        return [OwnedPage.of(page) for page in pages.owned_by(db, owner, viewer)]


def possible_owners(store: Store, viewer: Person, owned: Iterable[OwnedPage]) -> list[Person]:
    """Everybody who may write and sees all of these pages' spaces, by name; nobody where ``viewer`` does not see one.

    :raises NotAllowed: when ``viewer`` is disabled.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        space_ids = {page.space.id for page in owned}
        seen = all(access.sees_space(db, viewer, space_id) for space_id in space_ids)
        return _possible_owners(db, space_ids) if seen else []


def reassign(store: Store, actor: Person, owned: Sequence[OwnedPage], new_owner: Person) -> int:
    """Give pages to a new owner, all of them or none. A draft that only its writer sees goes along.

    :return: how many changed hands; those that are the new owner's already do not count.
    :raises NotAllowed: when one is somebody else's, and ``actor`` does not manage pages.
    :raises OwnershipError: when one is gone or changed hands since it was listed, or is not the new owner's to see.
    """
    with store.atomic() as db:
        require(db, actor, Ability.WRITE)
        seen = pages.seen_by_ids(db, [page.id for page in owned], actor)
        if len(seen) < len({page.id for page in owned}):
            raise OwnershipError(GONE)
        if new_owner not in _possible_owners(db, {page.space.id for page in seen.values()}):
            raise OwnershipError(_why_not(db, new_owner))
        changing = [page for page in owned if seen[page.id].owner != new_owner]
        for page in changing:
            current = seen[page.id]
            if not may_manage(db, actor, current):
                raise NotAllowed(f"“{current.title}” is {current.owner.name}'s: they can give it on, or a lead.")
            if current.owner != page.owner:
                raise OwnershipError(f"“{current.title}” is {current.owner.name}'s meanwhile. Look at the list again.")
            pages.set_owner(db, page.id, new_owner)
            audit.record(db, actor, "page.reassigned", "page", page.id, f"owner {page.owner.id} to {new_owner.id}")
        return len(changing)


def _possible_owners(db: Connection, space_ids: Iterable[int]) -> list[Person]:
    seeing = [access.readers(db, space_id) for space_id in set(space_ids)]
    return [
        account.person
        for account in people.accounts(db)
        if not account.disabled_at
        and account.role.reaches(Role.AUTHOR)
        and all(account.person.id in readers for readers in seeing)
    ]


def _why_not(db: Connection, new_owner: Person) -> str:
    account = people.account(db, new_owner.id)
    if account is None or account.disabled_at:
        return "This person is disabled or unknown meanwhile. Choose somebody else."
    name = account.person.name
    if not account.role.reaches(Role.AUTHOR):
        return f"{name} is a reader, and only authors look after pages. Choose somebody else, or ask an administrator."
    return f"{name} does not see the space of one of these pages. Share the space with {name}, or choose somebody else."
