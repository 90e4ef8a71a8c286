"""`scripts/people.py` as an administrator calls it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kb import people
from kb.access import NotAllowed
from kb.audit_log import find_entries
from kb.models import Role
from kb.people import all_accounts
from kb.sessions import my_sessions
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL, SYSTEM
from tests.mail_catcher import mail_caught
from tests.people import PASSWORD, add_person, sign_up

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"^http://127\.0\.0\.1:8501/link\?token=([\w-]{43})$", re.MULTILINE)


def call(store: Store, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "people.py"), *arguments],
        env={**given, "BATON_DATA": str(store.path.parent), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def answer(store: Store, *arguments: str) -> dict[str, object]:
    """What the script prints with --json."""
    ended = call(store, *arguments, "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    return dict(json.loads(ended.stdout))


def test_an_invitation_prints_a_link_that_works(store: Store):
    ended = call(store, "invite", "Ines Pereira", "ines@example.com", "--role", "lead")
    assert (ended.returncode, ended.stderr) == (0, "")
    found = LINK.search(ended.stdout)
    assert found is not None
    assert ended.stdout.startswith("Ines Pereira is invited as lead.\n")
    assert people.use_link(store, found[1], PASSWORD).person.name == "Ines Pereira"
    again = call(store, "link", "INES@example.com")
    assert LINK.search(again.stdout)
    assert find_entries(store, LOCAL, AuditFilter(actor_id=SYSTEM.id))[1] == 2


def test_everybody_is_listed_with_role_and_state(store: Store):
    sign_up(store, add_person(store, "Ines"))
    people.disable(store, LOCAL, add_person(store, "Zoe", Role.READER).id)
    listed = call(store, "list").stdout.splitlines()
    assert [line.split()[:4] for line in listed] == [
        ["NAME", "E-MAIL", "ROLE", "STATE"],
        ["Ines", "ines@example.com", "author", "active"],
        ["local", "-", "administrator", "invited"],
        ["Zoe", "zoe@example.com", "reader", "disabled"],
    ]
    rows = answer(store, "list")["people"]
    assert isinstance(rows, list)
    assert rows[2] == {
        "name": "Zoe",
        "email": "zoe@example.com",
        "role": "reader",
        "state": "disabled",
        "last_seen": "",
    }


def test_disabling_ends_every_session_and_enabling_lets_in_again(store: Store):
    ines = add_person(store, "Ines")
    sign_up(store, ines)
    disabled = answer(store, "disable", "ines@example.com")
    assert (disabled["state"], disabled["owned_pages"]) == ("disabled", 0)
    with pytest.raises(NotAllowed):
        my_sessions(store, ines)
    refused = call(store, "link", "ines@example.com")
    assert (refused.returncode, refused.stderr) == (1, "Ines is disabled: enable the account first.\n")
    enabled = call(store, "enable", "ines@example.com")
    assert enabled.stdout == "Ines can sign in again, with the password they had.\n"
    assert my_sessions(store, ines) == []


def test_a_role_is_changed(store: Store):
    add_person(store, "Ines")
    assert answer(store, "role", "ines@example.com", "administrator")["role"] == "administrator"
    assert {one.person.name: one.role for one in all_accounts(store, LOCAL)}["Ines"] is Role.ADMINISTRATOR


def test_sessions_are_listed_without_control_characters_and_ended(store: Store):
    ines = add_person(store, "Ines")
    sign_up(store, ines, "192.0.2.7", "Firefox\x1b[2J")
    listed = call(store, "sessions", "ines@example.com").stdout
    assert "192.0.2.7" in listed
    assert "Firefox?[2J" in listed
    assert call(store, "sessions", "ines@example.com", "--end").stdout == (
        "Ines is signed out everywhere (sessions ended: 1).\n"
    )
    assert my_sessions(store, ines) == []
    assert call(store, "sessions", "ines@example.com").stdout == "Not signed in anywhere.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["disable", "nobody@example.com"], "Nobody has the e-mail address 'nobody@example.com'"),
        (["invite", "Ines", "no-address"], "Give an e-mail address such as"),
        (["role", "ana@example.com", "reader"], "Ana is the only administrator"),
        (["disable", "ana@example.com"], "Ana is the only administrator"),
    ],
)
def test_what_is_refused_ends_with_1_and_says_why(store: Store, arguments: list[str], said: str):
    people.set_role(store, LOCAL, add_person(store, "Ana").id, Role.ADMINISTRATOR)
    ended = call(store, *arguments)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert said in ended.stderr


def test_a_link_is_mailed_where_mail_is_set_up_and_printed_where_it_fails(store: Store):
    with mail_caught() as catcher:
        mail = {"BATON_SMTP_URL": f"smtp://127.0.0.1:{catcher.port}?from=baton@example.com"}
        sent = call(store, "invite", "Ines", "ines@example.com", **mail)
        failed = call(store, "invite", "Zoe", catcher.refused, **mail)
    assert catcher.recipients == [["ines@example.com"]]
    assert "Mailed to ines@example.com as well." in sent.stdout
    assert failed.returncode == 0
    assert LINK.search(failed.stdout)
    assert "The mail was not sent: the mail server" in failed.stderr


def test_every_command_is_in_the_readme(store: Store):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    (\w+) ", call(store, "--help").stdout, re.MULTILINE)
    assert commands == ["list", "invite", "disable", "enable", "link", "role", "sessions"]
    assert [name for name in commands if f"scripts/people.py {name}" not in readme] == []
