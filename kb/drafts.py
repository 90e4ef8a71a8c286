"""The rules of page drafts: what a person has typed and not yet saved. Every call takes the acting person.

Each opening of the editor has a draft of its own, so two windows never write over each other's text.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from kb import kept_drafts
from kb.access import Ability, require
from kb.indexing import Indexer
from kb.kept_drafts import DraftGone, Kept, content_of, new_key, times_of
from kb.models import NoteOrigin, OriginCause, Page, PageKind, Person
from kb.pages import (
    MAX_BODY,
    STANDARD_SPACES,
    PageError,
    PageNotFound,
    PageText,
    checked,
    create_page,
    edit_page,
    read_page,
    recently_updated,
)
from kb.space_choice import SpaceChoice, chosen_space
from kb.store import drafts
from kb.store.db import Store

FORM = "page"
MAX_DRAFT = 2 * MAX_BODY  # characters; a text that is too long to save is still worth keeping while it is cut
MAX_SUMMARY = 200  # characters
FIRST_SPACE = STANDARD_SPACES[0]


class DraftTooLong(PageError):
    """The text is beyond what a draft can hold."""


class PageGone(PageError):
    """The page under edit went out of sight; the draft stays."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The editor's fields. ``base`` is the text that an edit began with; None: this becomes a new page."""

    key: str
    text: PageText
    space: SpaceChoice
    summary: str = ""
    slug: str = ""
    revision: int = 0
    base: PageText | None = None
    version: int = 0  # how often it was kept; 0: not kept
    kept_at: datetime | None = None
    origin: NoteOrigin | None = None  # the handover note that a new page comes of

    @property
    def is_blank(self) -> bool:
        """Whether losing it would lose nothing that was typed."""
        return not self.summary and self.text == (self.base or PageText("", ""))


def new_draft(store: Store, actor: Person, title: str = "", space: SpaceChoice | None = None) -> Draft:
    """The draft that a new page begins with. Not kept yet.

    :raises NotAllowed: when the person may not write.
    """
    with store.reading() as db:
        require(db, actor, Ability.WRITE)
    return Draft(new_key(), PageText(title, ""), space or usual_space(store, actor))


def usual_space(store: Store, actor: Person) -> SpaceChoice:
    """The space that was last written in; in an empty wiki a first one, not made yet."""
    latest = recently_updated(store, actor, PageKind.PAGE, limit=1)
    return SpaceChoice.of(latest[0].space) if latest else SpaceChoice(FIRST_SPACE)


def edit_draft(page: Page) -> Draft:
    """The draft that an edit of a page begins with. Not kept yet."""
    text = text_of(page)
    return Draft(new_key(), text, SpaceChoice.of(page.space), slug=page.slug, revision=page.revision, base=text)


def keep_draft(store: Store, actor: Person, draft: Draft) -> Draft:
    """Keep the fields as they are now; a draft without anything typed is forgotten instead.

    :return: the draft with the moment when it was kept. It has a new key when another window continued, saved or
        discarded the draft meanwhile: neither text replaces the other.
    :raises DraftTooLong: when it is longer than can be kept.
    :raises NotAllowed: when the person may not write.
    """
    if len(draft.text.body) > MAX_DRAFT:
        raise DraftTooLong(
            f"The text has {len(draft.text.body):,} characters, too many to keep as a draft: "
            f"split it into pages of at most {MAX_BODY:,}."
        )
    with store.atomic() as db:
        require(db, actor, Ability.WRITE)
        kept = kept_drafts.keep(db, actor, _kept(draft), _content(draft), blank=draft.is_blank)
    return replace(draft, key=kept.key, version=kept.times, kept_at=kept.at)


def find_draft(store: Store, actor: Person, key: str) -> Draft | None:
    """The person's draft under this key, if it is kept.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, actor, Ability.READ)
        found = drafts.get(db, actor, FORM, key)
    return _draft(found) if found else None


def unfinished_drafts(store: Store, actor: Person, slug: str = "") -> list[Draft]:
    """The person's drafts, or with a slug only those of that page; the latest first.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, actor, Ability.READ)
        found = drafts.all_of(db, actor, FORM)
    return [draft for draft in map(_draft, found) if slug in ("", draft.slug)]


def drop_draft(store: Store, actor: Person, draft: Draft) -> None:
    """Forget a draft of the person.

    :raises NotAllowed: when the person is disabled.
    """
    with store.atomic() as db:
        require(db, actor, Ability.READ)
        drafts.drop(db, actor, FORM, draft.key)


def save_draft(store: Store, indexer: Indexer, actor: Person, draft: Draft, *, private_reason: str = "") -> Page:
    """Make the draft a page, or the page's next revision. The draft ends in the same transaction.

    An edit that changes nothing saves nothing, and returns the page as it is.

    :param private_reason: why personal data or a secret in the text has to stay.
    :raises PrivateDataFound: when it holds such data and no reason was given.
    :raises DraftGone: when another window saved or discarded it; kept once more, it can be saved.
    :raises StaleEdit: when somebody saved the page since the edit began.
    :raises PageGone: when the page went to the trash since.
    :raises PageError: when the text breaks a rule.
    """
    if draft.version and find_draft(store, actor, draft.key) is None:
        raise DraftGone
    draft = keep_draft(store, actor, draft)
    text = checked(draft.text)
    if draft.base is None:
        page = create_page(
            store, indexer, actor, chosen_space(store, actor, draft.space), text, private_reason=private_reason,
            origin=draft.origin, ends=_kept(draft),
        )  # fmt: skip
    else:
        page = _page_under_edit(store, actor, draft)
        if text == draft.base:
            drop_draft(store, actor, draft)
            return page
        page = edit_page(
            store, indexer, actor, replace(page, revision=draft.revision), text, summary=_one_line(draft.summary),
            private_reason=private_reason, ends=_kept(draft),
        )  # fmt: skip
    return page


def rebase_draft(draft: Draft, theirs: Page, text: PageText | None = None) -> Draft:
    """The draft as an edit that begins with ``theirs``: saving it puts it on top of that revision."""
    return replace(draft, text=text or draft.text, revision=theirs.revision, base=text_of(theirs))


def as_new_page(store: Store, actor: Person, draft: Draft) -> Draft:
    """Turn the draft of an edit into one of a new page."""
    new = replace(draft, key=new_key(), slug="", revision=0, base=None, summary="", version=0, kept_at=None)
    new = keep_draft(store, actor, new)
    drop_draft(store, actor, draft)
    return new


def text_of(page: Page) -> PageText:
    """What people write of a page."""
    return PageText(page.title, page.body, page.tags, page.keywords)


def _page_under_edit(store: Store, actor: Person, draft: Draft) -> Page:
    try:
        return read_page(store, actor, draft.slug)
    except PageNotFound as error:
        raise PageGone(
            "This page is in the trash now, or no longer shared with you. Your text is kept as a draft: restore the "
            "page from the trash and save again, or save your text as a new page."
        ) from error


def _one_line(summary: str) -> str:
    return " ".join(summary.split())[:MAX_SUMMARY]


def _kept(draft: Draft) -> Kept:
    return Kept(FORM, draft.key, draft.version, draft.kept_at)


def _content(draft: Draft) -> dict[str, Any]:
    return {name: value for name, value in asdict(draft).items() if name not in ("key", "version", "kept_at")}


def _draft(stored: drafts.Draft) -> Draft:
    content = {name: value for name, value in content_of(stored).items() if name != "version"}  # older ones have it
    base, origin = content["base"], content.get("origin")
    return Draft(
        **{
            **content,
            "text": _text(content["text"]),
            "space": SpaceChoice.of_content(content["space"]),
            "base": _text(base) if base else None,
            "origin": NoteOrigin(origin["note_id"], OriginCause(origin["cause"]), origin["words"]) if origin else None,
        },
        key=stored.key,
        version=times_of(stored),
        kept_at=stored.saved_at,
    )


def _text(content: dict[str, Any]) -> PageText:
    return PageText(content["title"], content["body"], tuple(content["tags"]), tuple(content["keywords"]))
