"""The history of the schema: one function a step, applied in order, never changed once released."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from kb.acronyms import definitions
from kb.store.fulltext import stemmed

schema = Migrations("baton")


class MigrationError(Exception):
    """The database does not fit this version of Baton; the message says what to do."""


def migrate(db: Database, path: Path) -> None:
    """Bring the database up to date in one transaction, after a backup copy beside it.

    :raises MigrationError: when a newer Baton wrote the database.
    """
    if not _pending(db):
        return
    if schema.applied(db):
        _back_up(db, path)
    # IMMEDIATE, then look again: two processes may start at the same moment.
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        if _pending(db):
            schema.apply(db)
    except BaseException:
        db.conn.rollback()
        raise
    db.conn.commit()


def newest_step(db: Database) -> str | None:
    """The last step that the database has taken; None where it is not one of Baton's.

    :raises MigrationError: when a newer Baton wrote the database.
    """
    known = {step.name for step in schema._migrations}
    applied = [step.name for step in schema.applied(db)]
    unknown = [name for name in applied if name not in known]
    if unknown:
        raise MigrationError(
            f"This database was written by a newer version of Baton (it knows {unknown[-1]}, this one does not). "
            "Start the newer version, or restore the backup made before the upgrade."
        )
    return applied[-1] if applied else None


def _pending(db: Database) -> bool:
    newest_step(db)
    return bool(schema.pending(db))


def _back_up(db: Database, path: Path) -> Path:
    """Copy the database, as it was before the migration, to a file beside it."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    target = path.with_name(f"{path.name}.before-migration-{stamp}")
    copy = sqlite3.connect(target)
    try:
        db.conn.backup(copy)
    finally:
        copy.close()
    return target


@schema()
def m001_people_and_spaces(db: Database) -> None:
    _run(
        db,
        """
        CREATE TABLE people (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            created_at TEXT NOT NULL
        )""",
        """
        CREATE TABLE spaces (
            id INTEGER PRIMARY KEY,
            slug TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL UNIQUE,
            created_at TEXT NOT NULL
        )""",
        # Who acts until people can sign in; the first administrator takes over what it owns.
        "INSERT INTO people VALUES (1, 'local', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
    )


@schema()
def m002_pages_and_revisions(db: Database) -> None:
    _run(
        db,
        """
        CREATE TABLE pages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            slug TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            space_id INTEGER NOT NULL REFERENCES spaces(id),
            title TEXT NOT NULL,
            body TEXT NOT NULL,
            tags TEXT NOT NULL,            -- JSON list
            keywords TEXT NOT NULL,        -- JSON list: search words that the text lacks
            owner_id INTEGER NOT NULL REFERENCES people(id),
            revision INTEGER NOT NULL,
            private_to INTEGER REFERENCES people(id),  -- NULL: whoever may see the space
            source TEXT,                   -- path inside the import that it came from
            source_hash TEXT,              -- what that file held: tells a changed file from an edited page
            chunked_revision INTEGER,      -- the revision that the chunks were made of
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            updated_by INTEGER NOT NULL REFERENCES people(id),
            trashed_at TEXT,
            UNIQUE (space_id, source)
        )""",
        "CREATE INDEX pages_updated ON pages(updated_at)",
        """
        CREATE TABLE revisions (
            page_id INTEGER NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            title TEXT NOT NULL,
            body TEXT NOT NULL,
            tags TEXT NOT NULL,
            summary TEXT NOT NULL,
            author_id INTEGER NOT NULL REFERENCES people(id),
            created_at TEXT NOT NULL,
            PRIMARY KEY (page_id, number)
        )""",
        """
        CREATE TABLE page_tags (
            page_id INTEGER NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
            tag TEXT NOT NULL,
            PRIMARY KEY (tag, page_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX page_tags_page ON page_tags(page_id)",
        """
        CREATE TABLE page_links (
            page_id INTEGER NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
            target TEXT NOT NULL,          -- the slug or title that the wiki link names
            PRIMARY KEY (target, page_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX page_links_page ON page_links(page_id)",
        # Former addresses of a page, so that old links go on working.
        """
        CREATE TABLE redirects (
            slug TEXT PRIMARY KEY,
            page_id INTEGER NOT NULL REFERENCES pages(id) ON DELETE CASCADE
        ) WITHOUT ROWID""",
        """
        CREATE TABLE attachments (
            sha256 TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            media_type TEXT NOT NULL,
            content BLOB NOT NULL
        )""",
    )


@schema()
def m003_chunks_and_full_text(db: Database) -> None:
    _run(
        db,
        # AUTOINCREMENT: an id is never given twice, so an index that is behind cannot mistake one chunk for another.
        """
        CREATE TABLE chunks (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            page_id INTEGER NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            anchor TEXT NOT NULL,
            title TEXT NOT NULL,
            headings TEXT NOT NULL,        -- heading path below the title, ' > ' between
            text TEXT NOT NULL,            -- what a reader reads, without markup
            keywords TEXT NOT NULL,        -- the page's tags and keywords
            content_hash TEXT NOT NULL,    -- SHA-256 of what is embedded
            embedding BLOB                 -- float32, unit length; NULL: pending
        )""",
        "CREATE INDEX chunks_page ON chunks(page_id)",
        "CREATE INDEX chunks_pending ON chunks(id) WHERE embedding IS NULL",
        """
        CREATE VIRTUAL TABLE chunks_fts USING fts5(
            title, headings, text, keywords,
            content='chunks', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
        )""",
        "CREATE VIRTUAL TABLE chunks_vocabulary USING fts5vocab(chunks_fts, row)",
        """
        CREATE TRIGGER chunks_inserted AFTER INSERT ON chunks BEGIN
            INSERT INTO chunks_fts(rowid, title, headings, text, keywords)
            VALUES (new.id, new.title, new.headings, new.text, new.keywords);
        END""",
        """
        CREATE TRIGGER chunks_deleted AFTER DELETE ON chunks BEGIN
            INSERT INTO chunks_fts(chunks_fts, rowid, title, headings, text, keywords)
            VALUES ('delete', old.id, old.title, old.headings, old.text, old.keywords);
        END""",
        """
        CREATE TRIGGER chunks_updated AFTER UPDATE OF title, headings, text, keywords ON chunks BEGIN
            INSERT INTO chunks_fts(chunks_fts, rowid, title, headings, text, keywords)
            VALUES ('delete', old.id, old.title, old.headings, old.text, old.keywords);
            INSERT INTO chunks_fts(rowid, title, headings, text, keywords)
            VALUES (new.id, new.title, new.headings, new.text, new.keywords);
        END""",
    )


@schema()
def m004_generations(db: Database) -> None:
    _run(
        db,
        # Every change of an embedding, in order: an index that is behind applies what came after its own generation.
        """
        CREATE TABLE chunk_changes (
            generation INTEGER PRIMARY KEY AUTOINCREMENT,
            chunk_id INTEGER NOT NULL
        )""",
        """
        CREATE TRIGGER chunk_embedding_inserted AFTER INSERT ON chunks WHEN new.embedding IS NOT NULL BEGIN
            INSERT INTO chunk_changes(chunk_id) VALUES (new.id);
        END""",
        """
        CREATE TRIGGER chunk_embedding_updated AFTER UPDATE OF embedding ON chunks BEGIN
            INSERT INTO chunk_changes(chunk_id) VALUES (new.id);
        END""",
        """
        CREATE TRIGGER chunk_embedding_deleted AFTER DELETE ON chunks WHEN old.embedding IS NOT NULL BEGIN
            INSERT INTO chunk_changes(chunk_id) VALUES (old.id);
        END""",
        # One row: what every embedding in chunks was made with. epoch counts the switches to a new index.
        """
        CREATE TABLE index_state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            model TEXT NOT NULL,           -- JSON of the model's name and prompts
            chunker TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            rebuilt_at TEXT
        )""",
        "INSERT INTO index_state VALUES (1, '', '', 0, NULL)",
        # A full rebuild collects its embeddings here, out of the readers' sight, until it switches.
        """
        CREATE TABLE rebuilds (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model TEXT NOT NULL,
            chunker TEXT NOT NULL,
            started_at TEXT NOT NULL
        )""",
        """
        CREATE TABLE staged_embeddings (
            rebuild_id INTEGER NOT NULL REFERENCES rebuilds(id) ON DELETE CASCADE,
            content_hash TEXT NOT NULL,
            embedding BLOB NOT NULL,
            PRIMARY KEY (rebuild_id, content_hash)
        )""",
    )


@schema()
def m005_handovers(db: Database) -> None:
    _run(
        db,
        # A note's text lives in its page (found, revised and trashed like any other); here is what only a note has.
        """
        CREATE TABLE handovers (
            page_id INTEGER PRIMARY KEY REFERENCES pages(id) ON DELETE CASCADE,
            template TEXT NOT NULL,
            template_version INTEGER NOT NULL,
            state TEXT NOT NULL,
            version INTEGER NOT NULL,      -- 0: a draft that was never submitted
            title TEXT NOT NULL,           -- '' while the page's title follows from the other fields
            client TEXT NOT NULL,
            sender TEXT NOT NULL,
            receiver TEXT NOT NULL,
            backup TEXT NOT NULL,
            lead TEXT NOT NULL,
            effective_at TEXT,
            acknowledge_by TEXT,
            zone TEXT NOT NULL,            -- IANA name: the clock that the writer meant
            status TEXT NOT NULL,          -- stable, watch or critical
            confidentiality TEXT NOT NULL,
            links TEXT NOT NULL,           -- JSON list of page addresses or titles
            answers TEXT NOT NULL,         -- JSON object: section key -> text, rows, or that there is nothing
            submitted_at TEXT
        )""",
        "CREATE INDEX handovers_state ON handovers(state, acknowledge_by)",
        "CREATE INDEX handovers_client ON handovers(client COLLATE NOCASE, template)",
        """
        CREATE TABLE handover_items (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            page_id INTEGER NOT NULL REFERENCES handovers(page_id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            title TEXT NOT NULL,
            reference TEXT NOT NULL,
            next_step TEXT NOT NULL,
            owner TEXT NOT NULL,
            due TEXT,                      -- a date
            priority TEXT NOT NULL,
            done INTEGER NOT NULL,
            details TEXT NOT NULL          -- JSON object: the template's further columns
        )""",
        "CREATE INDEX handover_items_page ON handover_items(page_id, position)",
        # Every step of a note's life. A submitted version is the revision that its step names.
        """
        CREATE TABLE handover_events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            page_id INTEGER NOT NULL REFERENCES handovers(page_id) ON DELETE CASCADE,
            state TEXT NOT NULL,
            version INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            reason TEXT NOT NULL,
            actor_id INTEGER NOT NULL REFERENCES people(id),
            at TEXT NOT NULL
        )""",
        "CREATE INDEX handover_events_page ON handover_events(page_id)",
    )


@schema()
def m006_drafts(db: Database) -> None:
    _run(
        db,
        """
        CREATE TABLE drafts (
            person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
            form TEXT NOT NULL,            -- 'page' or 'handover'
            key TEXT NOT NULL,             -- the slug that is edited, or a new one's own key
            content TEXT NOT NULL,         -- JSON object of the form's fields
            saved_at TEXT NOT NULL,
            PRIMARY KEY (person_id, form, key)
        ) WITHOUT ROWID""",
    )


@schema()
def m007_shipped_guides(db: Database) -> None:
    _run(
        db,
        """
        CREATE TABLE shipped_guides (
            slug TEXT PRIMARY KEY,
            page_id INTEGER NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
            loaded_hash TEXT NOT NULL,     -- the shipped text that the page was last given
            loaded_revision INTEGER NOT NULL,
            declined_hash TEXT             -- a newer shipped text that somebody chose not to take
        )""",
    )


@schema()
def m008_pages_that_few_may_find(db: Database) -> None:
    # What a search leaves out, found without reading every page: few rows, so small indexes.
    _run(
        db,
        "CREATE INDEX pages_private ON pages(private_to) WHERE private_to IS NOT NULL",
        "CREATE INDEX pages_trashed ON pages(trashed_at) WHERE trashed_at IS NOT NULL",
    )


@schema()
def m009_words_as_written(db: Database) -> None:
    _run(
        db,
        # The words themselves, not their stems, for spelling. Which chunk holds which word is all it knows.
        """
        CREATE VIRTUAL TABLE chunk_words USING fts5(
            title, headings, text, keywords,
            content='chunks', content_rowid='id', detail='none', columnsize=0,
            tokenize='unicode61 remove_diacritics 0'
        )""",
        "CREATE VIRTUAL TABLE chunk_words_vocabulary USING fts5vocab(chunk_words, row)",
        """
        CREATE TRIGGER chunk_words_inserted AFTER INSERT ON chunks BEGIN
            INSERT INTO chunk_words(rowid, title, headings, text, keywords)
            VALUES (new.id, new.title, new.headings, new.text, new.keywords);
        END""",
        """
        CREATE TRIGGER chunk_words_deleted AFTER DELETE ON chunks BEGIN
            INSERT INTO chunk_words(chunk_words, rowid, title, headings, text, keywords)
            VALUES ('delete', old.id, old.title, old.headings, old.text, old.keywords);
        END""",
        """
        CREATE TRIGGER chunk_words_updated AFTER UPDATE OF title, headings, text, keywords ON chunks BEGIN
            INSERT INTO chunk_words(chunk_words, rowid, title, headings, text, keywords)
            VALUES ('delete', old.id, old.title, old.headings, old.text, old.keywords);
            INSERT INTO chunk_words(rowid, title, headings, text, keywords)
            VALUES (new.id, new.title, new.headings, new.text, new.keywords);
        END""",
        "INSERT INTO chunk_words(chunk_words) VALUES ('rebuild')",
    )


@schema()
def m010_definitions(db: Database) -> None:
    _run(
        db,
        """
        CREATE TABLE definitions (
            chunk_id INTEGER NOT NULL REFERENCES chunks(id) ON DELETE CASCADE,
            short TEXT NOT NULL,           -- casefolded
            name TEXT NOT NULL,            -- what it stands for, as written
            stems TEXT NOT NULL,           -- of the name, as full text has them
            PRIMARY KEY (chunk_id, short, name)
        ) WITHOUT ROWID""",
        "CREATE INDEX definitions_by_short ON definitions(short)",
        "CREATE INDEX definitions_by_stems ON definitions(stems)",
    )
    for chunk_id, text in db.execute("SELECT id, text FROM chunks").fetchall():
        db.conn.executemany(
            "INSERT INTO definitions VALUES (?, ?, ?, ?)",
            [(chunk_id, short, name, stemmed(name)) for short, name in definitions(text)],
        )


@schema()
def m011_accounts_and_sessions(db: Database) -> None:
    _run(
        db,
        "ALTER TABLE people ADD COLUMN email TEXT",
        "ALTER TABLE people ADD COLUMN role TEXT NOT NULL DEFAULT 'reader'",
        "ALTER TABLE people ADD COLUMN password_hash TEXT",  # argon2id; NULL: no password was set
        "ALTER TABLE people ADD COLUMN disabled_at TEXT",
        "CREATE UNIQUE INDEX people_email ON people(email COLLATE NOCASE)",
        # Everything that "local" wrote is taken over by the first administrator, who becomes this row.
        "UPDATE people SET role = 'administrator' WHERE id = 1",
        # Who acts where no person does: shipped guides, scripts.
        "INSERT INTO people(id, name, role, created_at) "
        "VALUES (0, 'Baton', 'system', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
        # Accounts elsewhere (OpenID Connect) that sign in as a person.
        """
        CREATE TABLE identities (
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
            created_at TEXT NOT NULL,
            PRIMARY KEY (issuer, subject)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            token_hash TEXT NOT NULL UNIQUE,  -- SHA-256 of the cookie's value, which is stored nowhere
            person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
            created_at TEXT NOT NULL,
            seen_at TEXT NOT NULL,
            address TEXT NOT NULL,
            agent TEXT NOT NULL               -- the browser, as it names itself
        )""",
        "CREATE INDEX sessions_person ON sessions(person_id)",
        """
        CREATE TABLE one_time_links (
            token_hash TEXT PRIMARY KEY,
            purpose TEXT NOT NULL,            -- setup, invite or reset
            person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
            created_by INTEGER NOT NULL REFERENCES people(id),
            created_at TEXT NOT NULL,
            expires_at TEXT NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX one_time_links_person ON one_time_links(person_id)",
        # Browsers that a person has signed in with before: their guesses are counted apart from everybody else's.
        """
        CREATE TABLE known_browsers (
            token_hash TEXT PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
            seen_at TEXT NOT NULL
        ) WITHOUT ROWID""",
        """
        CREATE TABLE failures (
            bucket TEXT PRIMARY KEY,          -- SHA-256 of what is counted: an account, a browser or an address
            count INTEGER NOT NULL,
            last_at TEXT NOT NULL
        ) WITHOUT ROWID""",
    )


@schema()
def m012_spaces_teams_and_audit(db: Database) -> None:
    _run(
        db,
        "ALTER TABLE spaces ADD COLUMN kind TEXT NOT NULL DEFAULT 'open'",
        """
        CREATE TABLE teams (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE COLLATE NOCASE,
            queue TEXT NOT NULL,
            lead_id INTEGER REFERENCES people(id),
            created_at TEXT NOT NULL
        )""",
        """
        CREATE TABLE team_members (
            team_id INTEGER NOT NULL REFERENCES teams(id) ON DELETE CASCADE,
            person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
            PRIMARY KEY (team_id, person_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX team_members_person ON team_members(person_id)",
        # With whom a restricted or confidential space is shared: a person or a team.
        """
        CREATE TABLE space_members (
            space_id INTEGER NOT NULL REFERENCES spaces(id) ON DELETE CASCADE,
            person_id INTEGER REFERENCES people(id) ON DELETE CASCADE,
            team_id INTEGER REFERENCES teams(id) ON DELETE CASCADE,
            CHECK ((person_id IS NULL) != (team_id IS NULL)),
            UNIQUE (space_id, person_id),
            UNIQUE (space_id, team_id)
        )""",
        "CREATE INDEX space_members_person ON space_members(person_id)",
        "CREATE INDEX space_members_team ON space_members(team_id)",
        # The rule of who may see a space, in one place. The same pair may come twice.
        """
        CREATE VIEW space_readers(person_id, space_id) AS
            SELECT people.id, spaces.id FROM people JOIN spaces
            WHERE people.disabled_at IS NULL AND (
                spaces.kind = 'open' OR people.role = 'system'
                OR (spaces.kind = 'restricted' AND people.role = 'administrator'))
            UNION ALL
            SELECT people.id, space_members.space_id FROM space_members
            JOIN people ON people.id = space_members.person_id
            WHERE people.disabled_at IS NULL
            UNION ALL
            SELECT people.id, space_members.space_id FROM space_members
            JOIN team_members ON team_members.team_id = space_members.team_id
            JOIN people ON people.id = team_members.person_id
            WHERE people.disabled_at IS NULL""",
        "CREATE INDEX pages_space ON pages(space_id)",
        # Which page shows or offers which file: who may see one of the pages may see the file.
        """
        CREATE TABLE page_attachments (
            sha256 TEXT NOT NULL REFERENCES attachments(sha256),
            page_id INTEGER NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
            PRIMARY KEY (sha256, page_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX page_attachments_page ON page_attachments(page_id)",
        # Who did what to what, when, from where. Ids and words of the program's own, never what people wrote.
        """
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            actor_id INTEGER REFERENCES people(id),  -- NULL: nobody who is known, as at a failed sign-in
            action TEXT NOT NULL,
            subject TEXT NOT NULL,            -- what it was done to: "page", "person", "space", ...
            subject_id INTEGER,
            detail TEXT NOT NULL,
            address TEXT NOT NULL
        )""",
        "CREATE INDEX audit_actor ON audit(actor_id)",
        "CREATE INDEX audit_subject ON audit(subject, subject_id)",
        "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN "
        "SELECT RAISE(ABORT, 'The audit log is append-only.'); END",
        "CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit BEGIN "
        "SELECT RAISE(ABORT, 'The audit log is append-only.'); END",
    )
    attached = re.compile(r"/attachment/([0-9a-f]{64})")
    known = {row[0] for row in db.execute("SELECT sha256 FROM attachments")}
    rows = db.execute("SELECT id, body FROM pages UNION ALL SELECT page_id, body FROM revisions").fetchall()
    db.conn.executemany(
        "INSERT OR IGNORE INTO page_attachments VALUES (?, ?)",
        [(sha256, page) for page, body in rows for sha256 in attached.findall(body) if sha256 in known],
    )


@schema()
def m013_profiles(db: Database) -> None:
    _run(
        db,
        # Where and when a person works. A person without a row has the defaults of kb.models.Profile.
        """
        CREATE TABLE profiles (
            person_id INTEGER PRIMARY KEY REFERENCES people(id) ON DELETE CASCADE,
            zone TEXT NOT NULL,               -- IANA name
            country TEXT NOT NULL,            -- ISO 3166-1 alpha-2, for public holidays; '' for none
            region TEXT NOT NULL,             -- ISO 3166-2 without the country; '' for none
            hours TEXT NOT NULL,              -- JSON list of seven: [start, end] in minutes of the day, or null
            language TEXT NOT NULL            -- locale of dates and numbers, for instance en_GB
        )""",
        """
        CREATE TABLE absences (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
            first_day TEXT NOT NULL,
            last_day TEXT NOT NULL,
            stand_in_id INTEGER REFERENCES people(id)
        )""",
        "CREATE INDEX absences_person ON absences(person_id, last_day)",
    )


@schema()
def m014_changes_of_place(db: Database) -> None:
    # Which page and space a chunk is in is kept in memory too, beside the vectors, so that a search can leave out what
    # a person may not see. So a chunk without an embedding is news as well, and so is a page's move to another space.
    _run(
        db,
        "DROP TRIGGER chunk_embedding_inserted",
        """
        CREATE TRIGGER chunk_added AFTER INSERT ON chunks BEGIN
            INSERT INTO chunk_changes(chunk_id) VALUES (new.id);
        END""",
        "DROP TRIGGER chunk_embedding_deleted",
        """
        CREATE TRIGGER chunk_removed AFTER DELETE ON chunks BEGIN
            INSERT INTO chunk_changes(chunk_id) VALUES (old.id);
        END""",
        """
        CREATE TRIGGER page_moved AFTER UPDATE OF space_id ON pages WHEN new.space_id != old.space_id BEGIN
            INSERT INTO chunk_changes(chunk_id) SELECT id FROM chunks WHERE page_id = new.id;
        END""",
        # What lists and filters ask of a page, without its text, which stands before them in the row.
        "DROP INDEX pages_space",
        "CREATE INDEX pages_space ON pages(space_id, trashed_at, private_to, kind, owner_id, updated_at)",
    )


@schema()
def m016_the_life_of_a_note(db: Database) -> None:
    _run(
        db,
        "ALTER TABLE handovers ADD COLUMN superseded_by INTEGER REFERENCES handovers(page_id) ON DELETE SET NULL",
        "ALTER TABLE handover_events ADD COLUMN step TEXT NOT NULL DEFAULT ''",  # '': taken before this was kept
        # Whose account a name in a note's header stands for; the name itself stays in handovers.
        """
        CREATE TABLE handover_parties (
            page_id INTEGER NOT NULL REFERENCES handovers(page_id) ON DELETE CASCADE,
            part TEXT NOT NULL,               -- sender, receiver, backup or lead
            person_id INTEGER REFERENCES people(id),
            team_id INTEGER,                  -- no reference: a note goes on saying which team it was once that is gone
            CHECK ((person_id IS NULL) != (team_id IS NULL)),
            PRIMARY KEY (page_id, part)
        ) WITHOUT ROWID""",
        "CREATE INDEX handover_parties_person ON handover_parties(person_id)",
        "CREATE INDEX handover_parties_team ON handover_parties(team_id)",
        # The people behind the names: a team is each of its members.
        """
        CREATE VIEW handover_people(page_id, part, person_id, by_team) AS
            SELECT page_id, part, person_id, 0 FROM handover_parties WHERE person_id IS NOT NULL
            UNION SELECT page_id, part, team_members.person_id, 1 FROM handover_parties
            JOIN team_members ON team_members.team_id = handover_parties.team_id""",
        """
        CREATE TABLE handover_questions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            page_id INTEGER NOT NULL REFERENCES handovers(page_id) ON DELETE CASCADE,
            version INTEGER NOT NULL,
            parent_id INTEGER REFERENCES handover_questions(id) ON DELETE CASCADE,  -- NULL: the thread begins here
            is_answer INTEGER NOT NULL,
            blocking INTEGER NOT NULL,
            author_id INTEGER NOT NULL REFERENCES people(id),
            text TEXT NOT NULL,
            at TEXT NOT NULL
        )""",
        "CREATE INDEX handover_questions_page ON handover_questions(page_id)",
        """
        CREATE TABLE handover_read_backs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            page_id INTEGER NOT NULL REFERENCES handovers(page_id) ON DELETE CASCADE,
            version INTEGER NOT NULL,
            person_id INTEGER NOT NULL REFERENCES people(id),
            summary TEXT NOT NULL,
            ticked TEXT NOT NULL,             -- JSON list of positions of open items
            at TEXT NOT NULL,
            verdict TEXT,                     -- NULL: the sender has not said anything yet
            judge_id INTEGER REFERENCES people(id),
            remark TEXT NOT NULL,
            judged_at TEXT
        )""",
        "CREATE INDEX handover_read_backs_page ON handover_read_backs(page_id, version)",
        # The proof of each acknowledged version. No references: it outlives what it proves.
        """
        CREATE TABLE handover_seals (
            sequence INTEGER PRIMARY KEY,     -- 1, 2, 3 ... without a gap
            page_id INTEGER NOT NULL,
            version INTEGER NOT NULL,
            content TEXT NOT NULL,            -- canonical JSON
            sha256 TEXT NOT NULL,             -- of the previous hash and the content
            previous TEXT NOT NULL,
            at TEXT NOT NULL,
            UNIQUE (page_id, version)
        )""",
        "CREATE TRIGGER handover_seals_are_not_changed BEFORE UPDATE ON handover_seals BEGIN "
        "SELECT RAISE(ABORT, 'Seals are append-only.'); END",
        "CREATE TRIGGER handover_seals_are_not_removed BEFORE DELETE ON handover_seals BEGIN "
        "SELECT RAISE(ABORT, 'Seals are append-only.'); END",
    )


@schema()
def m017_adapted_templates(db: Database) -> None:
    _run(
        db,
        # What leads made of the shipped templates. Notes name the version that they were written with, so that a row
        # is never changed or removed; the newest of an adaptation is the one that is offered.
        """
        CREATE TABLE handover_templates (
            version INTEGER PRIMARY KEY,      -- 1001, 1002 ... over all templates; shipped ones have 1 to 1000
            key TEXT NOT NULL,                -- of the shipped template: shift, role or client
            adaptation INTEGER NOT NULL,      -- the version that it began with
            number INTEGER NOT NULL,          -- 1, 2, 3 ... within the adaptation
            shipped INTEGER NOT NULL,         -- the version of the shipped template that it was compared with last
            name TEXT NOT NULL,
            definition TEXT NOT NULL,         -- JSON
            space_id INTEGER NOT NULL REFERENCES spaces(id),  -- whoever sees it is offered the template
            clients TEXT NOT NULL,            -- JSON list of names; [] is for no client in particular
            team_id INTEGER,                  -- whose notes begin with it; no reference: it may be removed
            retired INTEGER NOT NULL,         -- 1: no longer offered
            changes TEXT NOT NULL,            -- JSON list of sentences
            author_id INTEGER NOT NULL REFERENCES people(id),
            at TEXT NOT NULL,
            UNIQUE (adaptation, number)
        )""",
        "CREATE INDEX handover_templates_key ON handover_templates(key, adaptation, number)",
        "CREATE TRIGGER handover_templates_are_not_changed BEFORE UPDATE ON handover_templates BEGIN "
        "SELECT RAISE(ABORT, 'Templates are append-only.'); END",
        "CREATE TRIGGER handover_templates_are_not_removed BEFORE DELETE ON handover_templates BEGIN "
        "SELECT RAISE(ABORT, 'Templates are append-only.'); END",
    )


@schema()
def m018_actions(db: Database) -> None:
    _run(
        db,
        # Which item it is, in every version and every note that carries it. Sealed columns stay as they are.
        "ALTER TABLE handover_items ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
        "UPDATE handover_items SET origin = lower(hex(randomblob(8)))",
        "CREATE INDEX handover_items_origin ON handover_items(origin, page_id)",
        # The notes that an item was submitted in, in that order. It lives in the last one that stands.
        """
        CREATE TABLE item_places (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            origin TEXT NOT NULL,
            page_id INTEGER NOT NULL REFERENCES handovers(page_id) ON DELETE CASCADE,
            at TEXT NOT NULL,                 -- when the note was first submitted with it
            UNIQUE (origin, page_id)
        )""",
        "CREATE INDEX item_places_page ON item_places(page_id)",
        # What became of an item since its note was submitted: beside the note, whose text stays as it was sealed.
        """
        CREATE TABLE actions (
            origin TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            owner_id INTEGER REFERENCES people(id),  -- NULL: a name without an account
            due TEXT,                         -- a date
            done INTEGER NOT NULL,
            fix TEXT NOT NULL,                -- what fixed it; '' while nobody said
            changes INTEGER NOT NULL,         -- of all kinds: who acts on an older count is told
            changed_at TEXT
        ) WITHOUT ROWID""",
        "CREATE INDEX actions_open ON actions(done, owner_id, owner)",
        """
        CREATE TABLE action_events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            origin TEXT NOT NULL REFERENCES actions(origin) ON DELETE CASCADE,
            page_id INTEGER NOT NULL,         -- the note that it lived in
            change TEXT NOT NULL,
            detail TEXT NOT NULL,
            actor_id INTEGER NOT NULL REFERENCES people(id),
            at TEXT NOT NULL
        )""",
        "CREATE INDEX action_events_origin ON action_events(origin)",
        "CREATE TRIGGER action_events_are_not_changed BEFORE UPDATE ON action_events BEGIN "
        "SELECT RAISE(ABORT, 'What happened to an item is append-only.'); END",
        # They go only with the item, which goes with the last note that it was in.
        "CREATE TRIGGER action_events_are_not_removed BEFORE DELETE ON action_events "
        "WHEN EXISTS (SELECT 1 FROM actions WHERE origin = old.origin) BEGIN "
        "SELECT RAISE(ABORT, 'What happened to an item is append-only.'); END",
        """
        CREATE TRIGGER item_without_a_place AFTER DELETE ON item_places
        WHEN NOT EXISTS (SELECT 1 FROM item_places WHERE origin = old.origin) BEGIN
            DELETE FROM actions WHERE origin = old.origin;
        END""",
        # The copies of an item in notes that stand: submitted, not cancelled, not in the trash.
        """
        CREATE VIEW item_copies(place, origin, page_id, at, item_id) AS
            SELECT item_places.id, item_places.origin, item_places.page_id, item_places.at, handover_items.id
            FROM item_places
            JOIN handover_items ON handover_items.origin = item_places.origin
                AND handover_items.page_id = item_places.page_id
            JOIN handovers ON handovers.page_id = item_places.page_id
            JOIN pages ON pages.id = item_places.page_id
            WHERE handovers.state NOT IN ('draft', 'cancelled') AND pages.trashed_at IS NULL""",
        # Where each item lives now: one row an item.
        """
        CREATE VIEW action_places(place, origin, page_id, at, item_id) AS
            SELECT place, origin, page_id, at, item_id FROM item_copies AS here
            WHERE NOT EXISTS (
                SELECT 1 FROM item_places AS later JOIN item_copies ON item_copies.place = later.id
                WHERE later.origin = here.origin AND later.id > here.place)""",
        # A person's finished rounds of the focus timer on one day, their last; nothing else of it is kept.
        """
        CREATE TABLE focus_rounds (
            person_id INTEGER PRIMARY KEY REFERENCES people(id) ON DELETE CASCADE,
            day TEXT NOT NULL,                -- on the person's calendar
            rounds INTEGER NOT NULL,
            last_round TEXT NOT NULL          -- the browser's name of it, so that none counts twice
        )""",
        # What was submitted before.
        """
        INSERT INTO item_places(origin, page_id, at)
            SELECT i.origin, i.page_id, coalesce(
                (SELECT min(at) FROM handover_events AS e WHERE e.page_id = i.page_id AND e.state = 'submitted'),
                handovers.submitted_at, '')
            FROM handover_items AS i JOIN handovers ON handovers.page_id = i.page_id
            WHERE handovers.version > 0 ORDER BY 3, i.id""",
        """
        INSERT INTO actions(origin, owner, owner_id, due, done, fix, changes)
            SELECT i.origin, i.owner, CASE WHEN i.owner != '' THEN (
                       SELECT min(id) FROM people
                       WHERE name = i.owner COLLATE NOCASE AND disabled_at IS NULL AND role != 'system'
                       HAVING count(*) = 1) END,
                   i.due, i.done, '', 0
            FROM handover_items AS i JOIN handovers ON handovers.page_id = i.page_id WHERE handovers.version > 0""",
    )


@schema()
def m019_what_people_have_seen(db: Database) -> None:
    _run(
        db,
        # Up to which step of notes' lives a person has seen what changed. No reference: steps go with their notes.
        """
        CREATE TABLE seen_steps (
            person_id INTEGER PRIMARY KEY REFERENCES people(id) ON DELETE CASCADE,
            event_id INTEGER NOT NULL,
            at TEXT NOT NULL
        )""",
        "CREATE INDEX handover_events_at ON handover_events(at)",
        # Which notes are somebody's own, and when a note came into its state.
        "CREATE INDEX pages_owner ON pages(owner_id, kind)",
        "DROP INDEX handover_events_page",
        "CREATE INDEX handover_events_page ON handover_events(page_id, id, state, at)",
        "CREATE INDEX absences_stand_in ON absences(stand_in_id, last_day)",
    )


@schema()
def m020_advice(db: Database) -> None:
    _run(
        db,
        # What a read-back covers of its note, as both people saw it. Beside the read-back: no seal holds advice.
        """
        CREATE TABLE read_back_coverage (
            read_back_id INTEGER PRIMARY KEY REFERENCES handover_read_backs(id) ON DELETE CASCADE,
            content TEXT NOT NULL,            -- JSON list, one object an item
            at TEXT NOT NULL
        )""",
        # Personal data that somebody kept in a page for a reason. The value itself is not here: only its keyed hash,
        # whose key is a file beside the database.
        """
        CREATE TABLE private_data_reasons (
            page_id INTEGER NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
            fingerprint TEXT NOT NULL,        -- HMAC-SHA-256 of kind and value
            reason TEXT NOT NULL,
            person_id INTEGER NOT NULL REFERENCES people(id),
            audit_id INTEGER NOT NULL REFERENCES audit(id),
            at TEXT NOT NULL,
            PRIMARY KEY (page_id, fingerprint)
        ) WITHOUT ROWID""",
        "CREATE INDEX private_data_reasons_audit ON private_data_reasons(audit_id)",
        # Pages that were written because of a handover note.
        """
        CREATE TABLE pages_from_notes (
            page_id INTEGER PRIMARY KEY REFERENCES pages(id) ON DELETE CASCADE,
            note_id INTEGER REFERENCES pages(id) ON DELETE SET NULL,
            cause TEXT NOT NULL,              -- 'solved': an item that was resolved; 'undocumented': a gap
            words TEXT NOT NULL,              -- the item or responsibility, as the note says it
            person_id INTEGER NOT NULL REFERENCES people(id),
            at TEXT NOT NULL
        )""",
        "CREATE INDEX pages_from_notes_note ON pages_from_notes(note_id)",
    )


@schema()
def m021_calendar_addresses(db: Database) -> None:
    _run(
        db,
        # Where a person's calendar program reads their due dates. The token itself is stored nowhere.
        """
        CREATE TABLE calendar_addresses (
            person_id INTEGER PRIMARY KEY REFERENCES people(id) ON DELETE CASCADE,
            token_hash TEXT NOT NULL UNIQUE,  -- SHA-256
            made_at TEXT NOT NULL,
            read_at TEXT                      -- when a calendar last read it
        )""",
    )


@schema()
def m022_how_handovers_go(db: Database) -> None:
    # What the measures of many notes read, without the texts beside it.
    _run(
        db,
        "CREATE INDEX handover_events_steps ON handover_events(page_id, step, state, version, at)",
        "CREATE INDEX handover_items_unowned ON handover_items(page_id) WHERE NOT done AND owner = ''",
    )


@schema()
def m023_open_items_by_index_alone(db: Database) -> None:
    _run(
        db,
        # What the box of thousands of open items asks of each: two rows fewer to read.
        "DROP INDEX actions_open",
        "CREATE INDEX actions_open ON actions(done, owner_id, owner, due)",
        "DROP INDEX handover_items_origin",
        "CREATE INDEX handover_items_origin ON handover_items(origin, page_id, priority)",
    )


@schema()
def m024_embeddings_by_hash(db: Database) -> None:
    # What is saved looks for the embeddings that its passages have already: without it, through all passages.
    _run(db, "CREATE INDEX chunks_embedded ON chunks(content_hash) WHERE embedding IS NOT NULL")


def _run(db: Database, *statements: str) -> None:
    for statement in statements:
        db.conn.execute(statement)
