"""Documents of a team's earlier wiki -> pages. Idempotent: what did not change is left alone."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from kb.access import Ability, may_manage, require, require_space
from kb.import_privacy import HOLD_ALL, Fate, LookedAt, PrivateChoices, PrivateDocument, look_at
from kb.importers import LinkResolver, Resolve, count_files, read_path, read_zip, rewrite_links
from kb.indexing import Indexer, write_chunks
from kb.locks import only_one
from kb.models import PageDraft, PageKind, Person, SkippedFile, Space
from kb.pages import PageError, PageText, checked, free_slug, link_targets, slug_of
from kb.private_data import PrivateDataFound
from kb.space_choice import SpaceChoice, chosen_space
from kb.store import attachments, audit, chunks, imported, pages
from kb.store.access import sees_space
from kb.store.db import Connection, Store, now
from kb.store.imported import ImportedSource

# Of a page that was moved: where it is now, is not for everybody to know.
MOVED_AWAY = "It was imported before, and its page is not in this space any more, nor where you may change it."
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: titles of added and changed pages, and what was left out, with the reasons.

    ``private`` are documents in which personal data or a secret was found, and what became of them.
    ``vanished`` are pages of earlier imports whose file was not there this time; ``trashed`` of them went to the trash.
    ``unmatched`` are choices for documents that were not there.
    """

    space: Space
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    skipped: tuple[SkippedFile, ...]
    vanished: tuple[str, ...]
    trashed: int
    private: tuple[PrivateDocument, ...]
    unmatched: tuple[str, ...]


class _Outcome(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def import_documents(
    store: Store,
    indexer: Indexer,
    actor: Person,
    path: Path | BinaryIO,
    choice: SpaceChoice,
    *,
    sync: bool = False,
    private: PrivateChoices = HOLD_ALL,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a folder, a zip or one document into a space. A file that cannot be read never stops the others.

    A page that was moved to another space since an earlier import is found there, by who may see that space.
    A document that looks private is not imported, unless the importer has decided what to do with such documents.

    :param path: a folder, a document or a zip; or an open zip file.
    :param sync: move pages of earlier imports whose file has vanished to the trash.
    :param private: what to do with documents in which personal data or a secret is found.
    :param progress: told (what, done, total).
    :raises RuleError: when the reason to keep private data cannot be one.
    :raises ImportSourceError: when ``path`` itself cannot be read.
    :raises PageError: when the space's name cannot be used, or the space is gone.
    :raises NotAllowed: when the person may not write there, or not take pages of others to the trash.
    :raises Busy: when another import runs.
    """
    told = progress or (lambda what, done, total: None)
    private.check()
    with only_one(store.path.with_name("import.lock"), "Another import"):
        with store.reading() as db:  # said before the work begins
            require(db, actor, Ability.MANAGE_PAGES if sync else Ability.WRITE)
        drafts, skipped = _read(path, told)
        space = chosen_space(store, actor, choice)
        with store.reading() as db:
            known = imported.imported_sources(db, space)
            hidden = {source for source, one in known.items() if not sees_space(db, actor, one.space_id)}
        drafts = list({draft.source: draft for draft in drafts}.values())  # a zip can hold a name twice
        read = {draft.source for draft in drafts} | {skip.source for skip in skipped}
        # Before addresses are planned: a link would tell the one of a page that the importer may not see.
        skipped += [SkippedFile(draft.source, MOVED_AWAY) for draft in drafts if draft.source in hidden]
        drafts = [draft for draft in drafts if draft.source not in hidden]
        planned, unchanged = _unchanged(store, drafts, known) if known and not private.masks else ({}, {})
        looked = look_at(store, [draft for draft in drafts if draft.source not in unchanged], known, private, told)
        held = {source for source, one in looked.items() if _is_new_and_held(one, known)}
        told_private = [looked[source].told() for source in held]
        # As they are imported, before titles become addresses: a title that was masked must not be told by its own.
        drafts = [
            looked[draft.source].draft if draft.source in looked else draft
            for draft in drafts
            if draft.source not in held
        ]
        with store.reading() as db:
            slugs = _plan_slugs(db, drafts, known)
        resolver = LinkResolver(drafts, slugs)
        if unchanged and slugs != planned:  # what leads to a document that is left out changes with it
            again = [
                draft
                for draft in drafts
                if any(resolver(path) != slug for path, slug in unchanged.get(draft.source, {}).items())
            ]
            looked |= look_at(store, again, known, private, told)
        outcomes: dict[_Outcome, list[str]] = {outcome: [] for outcome in _Outcome}
        for done, draft in enumerate(drafts, start=1):
            told("Saving", done, len(drafts))
            one = looked.get(draft.source)
            if one is None:
                outcomes[_Outcome.UNCHANGED].append(draft.title)
                continue
            try:
                outcome = _save(store, indexer, actor, space, one, slugs[draft.source], resolver, known)
                outcomes[outcome].append(draft.title)
                if one.found and outcome is not _Outcome.UNCHANGED:
                    told_private.append(one.told())
            except PrivateDataFound:
                told_private.append(one.told())
            except PageError as error:
                skipped.append(SkippedFile(draft.source, str(error)))
        # What was moved elsewhere is no longer this import's to miss.
        gone = [
            one for one in known.values() if one.source not in read and not one.trashed and one.space_id == space.id
        ]
        if sync:
            with store.atomic() as db:
                require(db, actor, Ability.MANAGE_PAGES)
                for source in gone:
                    audit.record(db, actor, "page.trashed", "page", source.page_id, "its file vanished")
                    pages.set_trashed(db, source.page_id, now())
                    chunks.remove_of_page(db, source.page_id)
    return ImportReport(
        space=space,
        added=tuple(outcomes[_Outcome.ADDED]),
        changed=tuple(outcomes[_Outcome.CHANGED]),
        unchanged=len(outcomes[_Outcome.UNCHANGED]),
        skipped=tuple(skipped),
        vanished=tuple(source.source for source in gone),
        trashed=len(gone) if sync else 0,
        private=tuple(sorted(told_private, key=lambda one: one.source)),
        unmatched=tuple(sorted(private.own.keys() - read)),
    )


def _read(path: Path | BinaryIO, progress: Progress) -> tuple[list[PageDraft], list[SkippedFile]]:
    total = count_files(path) if isinstance(path, Path) else 0
    items: Iterator[PageDraft | SkippedFile] = read_path(path) if isinstance(path, Path) else read_zip(path)
    drafts: list[PageDraft] = []
    skipped: list[SkippedFile] = []
    for done, item in enumerate(items, start=1):
        if isinstance(item, PageDraft):
            drafts.append(item)
        else:
            skipped.append(item)
        progress("Reading", done, max(total, done))
    return drafts, skipped


def _is_new_and_held(one: LookedAt, known: dict[str, ImportedSource]) -> bool:
    """Whether there is no page of it and will be none: nothing shall link to it."""
    return bool(one.found) and one.choice.fate is Fate.HELD and one.draft.source not in known


def _unchanged(
    store: Store, drafts: list[PageDraft], known: dict[str, ImportedSource]
) -> tuple[dict[str, str], dict[str, dict[str, str | None]]]:
    """Documents whose page is as the last import made it, which looked at them and took them.

    :return: the planned addresses where no document is left out, and by the source of each unchanged document where its
        links lead then.
    """
    with store.reading() as db:
        planned = _plan_slugs(db, drafts, known)
    resolver = LinkResolver(drafts, planned)
    found = {}
    for draft in drafts:
        before, leads = known.get(draft.source), dict[str, str | None]()

        def noted(path: str, leads: dict[str, str | None] = leads) -> str | None:
            leads[path] = resolver(path)
            return leads[path]

        if before is not None and not before.trashed:
            with contextlib.suppress(PageError):  # told where it would be saved
                if before.source_hash == _source_hash(_text_of(draft, noted)):
                    found[draft.source] = leads
    return planned, found


def _plan_slugs(db: Connection, drafts: list[PageDraft], known: dict[str, ImportedSource]) -> dict[str, str]:
    """The address of every draft before any is saved, so that links among them can be written."""
    planned = {draft.source: known[draft.source].slug for draft in drafts if draft.source in known}
    taken = set(planned.values())
    for draft in drafts:
        if draft.source in planned:
            continue
        slug = base = slug_of(draft.title)
        number = 2
        while slug in taken or pages.slug_is_taken(db, slug):
            slug, number = f"{base}-{number}", number + 1
        planned[draft.source] = slug
        taken.add(slug)
    return planned


def _save(
    store: Store,
    indexer: Indexer,
    actor: Person,
    space: Space,
    looked: LookedAt,
    slug: str,
    resolver: LinkResolver,
    known: dict[str, ImportedSource],
) -> _Outcome:
    draft = looked.draft
    text = _text_of(draft, resolver)
    source_hash = _source_hash(text)
    before = known.get(draft.source)
    if before is not None and not before.trashed:
        # Masked, as an earlier import may have left it, it is not news either.
        same = [source_hash, _source_hash(_text_of(looked.cleared, resolver))] if looked.found else [source_hash]
        if before.source_hash in same:
            return _Outcome.UNCHANGED
    prepared = indexer.prepare(text.title, text.body, text.tags, text.keywords)
    links = link_targets(text.body)
    with store.atomic() as db:
        require(db, actor, Ability.WRITE)
        require_space(db, actor, space)
        if before is None:
            new = pages.NewPage(
                slug=slug,
                kind=PageKind.PAGE,
                space=space,
                title=text.title,
                body=text.body,
                tags=text.tags,
                keywords=text.keywords,
                source=draft.source,
                source_hash=source_hash,
            )
            if pages.slug_is_taken(db, slug):  # somebody wrote a page of that name since the import began
                new = replace(new, slug=free_slug(db, draft.title))
            page_id, revision = pages.add(db, new, actor, f"Imported from {draft.source}", links), 1
        else:
            page = pages.by_id(db, before.page_id)
            if page is None:
                raise PageError("The page was removed for good during the import: import again.")
            if not sees_space(db, actor, page.space.id):  # moved since the import began
                raise PageError(MOVED_AWAY)
            if page.trashed_at:
                if not may_manage(db, actor, page):
                    raise PageError(
                        f"Its page is in the trash, and {page.owner.name}'s: they can restore it, or a lead."
                    )
                pages.set_trashed(db, page.id, None)
                audit.record(db, actor, "page.restored", "page", page.id, "its file was imported")
            revision = pages.update(
                db,
                page,
                actor,
                title=text.title,
                body=text.body,
                tags=text.tags,
                keywords=text.keywords,
                summary=f"Imported again from {draft.source}",
                links=links,
                source_hash=source_hash,
            )
            page_id = page.id
        looked.examined.require_reason(db, actor, page_id)
        for attachment in draft.attachments:
            attachments.add(db, attachment, page_id)
        write_chunks(db, page_id, revision, prepared)
        audit.record(db, actor, "page.imported", "page", page_id, f"revision {revision}")
        for address in draft.redirects:
            pages.add_redirect(db, slug_of(address.strip("/").replace("/", "-")), page_id)
    return _Outcome.ADDED if before is None else _Outcome.CHANGED


def _text_of(draft: PageDraft, resolver: Resolve) -> PageText:
    body = rewrite_links(_with_attachments(draft), draft.source, resolver)
    return checked(PageText(draft.title, body, draft.tags, draft.keywords))


def _source_hash(text: PageText) -> str:
    return hashlib.sha256(json.dumps([text.title, text.body, text.tags, text.keywords]).encode()).hexdigest()


def _with_attachments(draft: PageDraft) -> str:
    body = draft.body
    for attachment in draft.attachments:
        sha256 = hashlib.sha256(attachment.content).hexdigest()
        body = body.replace(f"]({attachment.target}", f"](/attachment/{sha256}")
    return body
