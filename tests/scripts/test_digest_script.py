"""`scripts/digest.py` as cron calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kb.handover.models import PartyId
from kb.handovers import submit_note
from kb.indexing import Indexer
from kb.models import Hours, Person, Profile, Space
from kb.profiles import save_profile
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.mail_catcher import mail_caught
from tests.people import add_person, sign_up
from tests.unit.permission_world import ready_text

ROOT = Path(__file__).resolve().parents[2]


def call(store: Store, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "digest.py"), *arguments],
        env={**given, "BATON_DATA": str(store.path.parent), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def ana(store: Store, indexer: Indexer, space: Space) -> Person:
    """Ana, for whom a note waits; Ben, for whom nothing does, can sign in, too."""
    found = add_person(store, "Ana")
    for person in (found, add_person(store, "Ben")):
        sign_up(store, person)
    text = ready_text()
    header = replace(text.header, title="Bank holiday", receiver="Ana", receiver_id=PartyId(found.id))
    submit_note(store, indexer, LOCAL, replace(text, header=header), space)
    return found


def test_digests_are_printed_and_nothing_is_mailed_unasked(store: Store, ana: Person) -> None:
    with mail_caught() as catcher:
        mail = f"smtp://127.0.0.1:{catcher.port}?from=baton@example.com"
        ended = call(store, BATON_SMTP_URL=mail)
        assert (ended.returncode, ended.stderr, catcher.messages) == (0, "", [])
    head = "To: ana@example.com\nSubject: Baton: 1 thing waits for you\n\nHello Ana,\n\nWaits for you\n"
    assert ended.stdout.startswith(f"{head}-------------\n- Bank holiday\n  read it back · due ")
    assert ended.stdout.count("Hello ") == 1
    assert call(store, "--html", "ANA@example.com").stdout.startswith("<!doctype html>\n")
    assert call(store, "ben@example.com").stdout == "Nothing to tell.\n"
    ana_json, ben_json = json.loads(call(store, "--json").stdout)
    assert (ana_json["email"], ana_json["subject"], ana_json["sent"], ana_json["problem"]) == (
        "ana@example.com", "Baton: 1 thing waits for you", False, None,
    )  # fmt: skip
    assert ben_json == {
        "email": "ben@example.com", "subject": None, "text": None, "html": None, "sent": False, "problem": None,
    }  # fmt: skip


def test_mails_are_sent_to_whom_there_is_something_to_tell(store: Store, ana: Person) -> None:
    with mail_caught() as catcher:
        ended = call(store, "--send", BATON_SMTP_URL=f"smtp://127.0.0.1:{catcher.port}?from=baton@example.com")
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        0, "Mailed 1 of 2 digests; for 1 there was nothing to tell.\n", "",
    )  # fmt: skip
    assert catcher.recipients == [["ana@example.com"]]
    assert [part.get_content_type() for part in catcher.messages[0].iter_parts()] == ["text/plain", "text/html"]


def test_a_refused_mail_is_told(store: Store, ana: Person) -> None:
    with mail_caught() as catcher:
        catcher.refused = "ana@example.com"
        ended = call(store, "--send", BATON_SMTP_URL=f"smtp://127.0.0.1:{catcher.port}?from=baton@example.com")
    assert (ended.returncode, catcher.messages) == (1, [])
    assert ended.stdout == "Mailed 0 of 2 digests; for 1 there was nothing to tell.\n"
    assert ended.stderr == (
        f"Not sent to ana@example.com: the mail server 127.0.0.1:{catcher.port} does not take mail for this address.\n"
    )


def test_only_those_whose_day_begins_get_theirs(store: Store, ana: Person) -> None:
    def told(begins: datetime) -> str:
        """What the script says where the working day is two hours long and begins with the hour of this moment."""
        first = begins.hour * 60
        days: tuple[Hours, ...] = ((first, (first + 120) % 1440),) * 7
        save_profile(store, LOCAL, ana.id, Profile("UTC", hours=days))
        return call(store, "--starting", "ana@example.com").stdout.partition("\n")[0]

    while True:
        present = datetime.now(UTC)
        now_told = told(present)
        if datetime.now(UTC).hour == present.hour:  # else the hour ended while the script ran: once more
            break
    assert (now_told, told(present + timedelta(hours=3))) == ("To: ana@example.com", "Nothing to tell.")


def test_what_cannot_be_done_ends_with_2_and_says_why(store: Store, ana: Person) -> None:
    unset = call(store, "--send")
    assert (unset.returncode, unset.stdout, unset.stderr) == (
        2, "", "No mail can be sent: set BATON_SMTP_URL first.\n",
    )  # fmt: skip
    nobody = call(store, "nobody@example.com")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert nobody.stderr == "Nobody who can sign in has the e-mail address 'nobody@example.com'.\n"
    wrong = call(store, BATON_SMTP_URL="mail.example.com")
    assert (wrong.returncode, wrong.stderr.startswith("BATON_SMTP_URL ")) == (2, True)
