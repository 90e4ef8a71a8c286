"""What is private in documents that are imported: told by kind and place, kept out until the importer decides.

What was found leaves without its value, as everywhere (:mod:`kb.private_data`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kb.models import PageDraft
from kb.pages import PageText, page_pieces, with_page_pieces
from kb.private_data import Examined, PrivateData, check_reason, look, masked
from kb.store import private_data
from kb.store.db import Store
from kb.store.imported import ImportedSource


class Fate(StrEnum):
    """What became of a document in which something private was found."""

    HELD = "not imported"
    MASKED = "imported with it masked"
    KEPT = "imported as it is"


@dataclass(frozen=True, slots=True)
class PrivateDocument:
    """A document with something private in it.

    :ivar found: what and where, without its value: "card number ending 1111 in the text, line 3".
    """

    source: str
    found: tuple[str, ...]
    fate: Fate


@dataclass(frozen=True, slots=True)
class PrivateChoice:
    """What the importer wants with documents that look private; without a choice they are not imported.

    :ivar mask: replace what was found.
    :ivar reason: why it has to stay.
    """

    mask: bool = False
    reason: str = ""

    def check(self) -> None:
        """:raises RuleError: when the reason is too short, too long, or private itself."""
        if self.reason.strip():
            check_reason(self.reason)

    @property
    def fate(self) -> Fate:
        """What becomes of documents with something private."""
        if self.mask:
            return Fate.MASKED
        return Fate.KEPT if self.reason.strip() else Fate.HELD


HOLD = PrivateChoice()


@dataclass(frozen=True, slots=True)
class PrivateChoices:
    """What the importer wants with each document that looks private.

    :ivar others: with documents that have no choice of their own.
    :ivar own: by the document's source.
    """

    others: PrivateChoice = HOLD
    own: Mapping[str, PrivateChoice] = field(default_factory=dict)

    @property
    def masks(self) -> bool:
        """Whether something is to be masked."""
        return any(choice.mask for choice in (self.others, *self.own.values()))

    def of(self, source: str) -> PrivateChoice:
        """What the importer wants with this document."""
        return self.own.get(source, self.others)

    def check(self) -> None:
        """:raises RuleError: when a reason is too short, too long, or private itself."""
        for choice in {self.others, *self.own.values()}:
            choice.check()


HOLD_ALL = PrivateChoices()


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A document that was looked at.

    :ivar draft: what is imported: masked, if the importer wants that.
    :ivar cleared: the document with everything masked; how it may be in the wiki already.
    :ivar found: what is private in the document as it came and was not kept before for a reason.
    """

    draft: PageDraft
    cleared: PageDraft
    found: tuple[PrivateData, ...]
    choice: PrivateChoice = field(default=HOLD)

    @property
    def examined(self) -> Examined:
        """For the transaction that saves the draft."""
        return Examined(() if self.choice.mask else self.found, " ".join(self.choice.reason.split()))

    def told(self) -> PrivateDocument:
        """What the report says of it."""
        return PrivateDocument(self.draft.source, tuple(map(str, self.found)), self.choice.fate)


def look_at(
    store: Store,
    drafts: Sequence[PageDraft],
    known: Mapping[str, ImportedSource],
    choices: PrivateChoices,
    progress: Callable[[str, int, int], None],
) -> dict[str, LookedAt]:
    """What is private in these documents, by their source; all of them are in it.

    :param known: the pages of earlier imports: what somebody had a reason for there is not private again.
    :param progress: told (what, done, total).
    :raises StoreError: when the key of the fingerprints cannot be read.
    """
    looked = {}
    for done, draft in enumerate(drafts, start=1):
        looked[draft.source] = _look_at(store, draft, known.get(draft.source), choices.of(draft.source))
        progress("Looking through", done, len(drafts))
    return looked


def _look_at(store: Store, draft: PageDraft, before: ImportedSource | None, choice: PrivateChoice) -> LookedAt:
    text = PageText(draft.title, draft.body, draft.tags, draft.keywords)
    pieces = page_pieces(text)
    found = look(store, pieces)
    if found and before:
        with store.reading() as db:
            reasons = private_data.known(db, before.page_id)
        found = [one for one in found if one.fingerprint not in reasons]
    if not found:
        return LookedAt(draft, draft, (), choice)
    other = with_page_pieces(text, masked(store, pieces, found))
    cleared = replace(draft, title=other.title, body=other.body, tags=other.tags, keywords=other.keywords)
    return LookedAt(cleared if choice.mask else draft, cleared, tuple(found), choice)
