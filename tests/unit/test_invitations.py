"""One-time links: shown, mailed where mail is set up, and lost by nothing that the mail server does."""

from __future__ import annotations

import pytest

from kb.access import NotAllowed
from kb.addresses import link_address
from kb.audit_log import find_entries
from kb.invitations import invite, renew
from kb.mail_server import MailServer, Protection
from kb.models import Person, Role
from kb.people import LinkGone, PersonError, Purpose, all_accounts, change_account, find_link
from kb.settings import Settings
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL, SYSTEM
from tests.mail_catcher import MailCatcher, mail_caught
from tests.people import add_person, sign_up

SETTINGS = Settings(public_url="https://baton.example.com")


def mailing(catcher: MailCatcher) -> Settings:
    server = MailServer("127.0.0.1", catcher.port, Protection.NONE, "baton@example.com")
    return Settings(public_url="https://baton.example.com", mail_server=server)


def token_of(address: str) -> str:
    return address.removeprefix("https://baton.example.com/link?token=")


def actions(store: Store) -> list[str]:
    return [entry.action for entry in find_entries(store, LOCAL, AuditFilter())[0]]


def test_the_address_of_a_link():
    assert link_address(SETTINGS, "a-b_c&d") == "https://baton.example.com/link?token=a-b_c%26d"


def test_an_invitation_leads_to_a_link_that_works(store: Store):
    made = invite(store, SETTINGS, LOCAL, "Ines", "ines@example.com", Role.LEAD)
    link = find_link(store, token_of(made.address))
    assert (link.purpose, link.person.name, link.role, link.email) == ("invite", "Ines", Role.LEAD, "ines@example.com")
    assert (made.purpose, made.mailed, made.mail_problem) == (Purpose.INVITE, False, "")
    assert actions(store) == ["person.invited"]


def test_an_invitation_is_mailed_where_mail_is_set_up(store: Store):
    with mail_caught() as catcher:
        made = invite(store, mailing(catcher), LOCAL, "Ines", "ines@example.com", Role.LEAD)
    (message,) = catcher.messages
    assert (catcher.recipients, message["Subject"]) == ([["ines@example.com"]], "Baton: you are invited")
    assert made.address in message.get_content()
    assert "until " + f"{made.expires_at:%d %B %Y, %H:%M} UTC".lstrip("0") in message.get_content()
    assert (made.mailed, made.mail_problem) == (True, "")
    assert actions(store) == ["link.mailed", "person.invited"]


def test_a_new_password_is_mailed_in_words_of_its_own(store: Store):
    ines = add_person(store, "Ines")
    sign_up(store, ines)
    with mail_caught() as catcher:
        made = renew(store, mailing(catcher), LOCAL, ines.id)
    assert (made.purpose, catcher.messages[0]["Subject"]) == (Purpose.RESET, "Baton: choose a new password")


def test_a_mail_that_is_not_sent_loses_neither_the_person_nor_the_link(store: Store):
    with mail_caught() as catcher:
        settings = mailing(catcher)
        made = invite(store, settings, LOCAL, "Ines", catcher.refused, Role.AUTHOR)
    assert (made.mailed, made.mail_problem) == (
        False,
        f"the mail server 127.0.0.1:{catcher.port} does not take mail for this address",
    )
    assert find_link(store, token_of(made.address)).person.name == "Ines"
    assert actions(store) == ["link.not_mailed", "person.invited"]


def test_a_link_is_in_no_representation_and_nowhere_in_the_database(store: Store):
    made = invite(store, SETTINGS, LOCAL, "Ines", "ines@example.com", Role.LEAD)
    token = token_of(made.address)
    assert token not in repr(made)
    files = [path for path in store.path.parent.iterdir() if path.is_file()]
    assert {path.name for path in files} >= {"baton.db", "baton.db-wal"}
    assert not any(token.encode() in path.read_bytes() for path in files)


def test_a_link_that_went_to_a_wrong_address_ends_when_the_address_is_corrected(store: Store):
    made = invite(store, SETTINGS, LOCAL, "Ben", "ben@exampel.com", Role.LEAD)
    number = made.account.person.id
    for name, email in (("Benjamin", "ben@exampel.com"), ("Benjamin", "Ben@exampel.com")):
        change_account(store, LOCAL, number, name, email)
        assert find_link(store, token_of(made.address)).person.name == "Benjamin"
    change_account(store, LOCAL, number, "Benjamin", "ben@example.com")
    with pytest.raises(LinkGone):
        find_link(store, token_of(made.address))
    assert find_link(store, token_of(renew(store, SETTINGS, LOCAL, number).address)).email == "ben@example.com"


@pytest.mark.parametrize("role", [Role.READER, Role.AUTHOR, Role.LEAD])
def test_only_administrators_invite(store: Store, role: Role):
    actor = add_person(store, "Kenji", role)
    with pytest.raises(NotAllowed, match="Ask an administrator"):
        invite(store, SETTINGS, actor, "Ines", "ines@example.com", Role.READER)
    with pytest.raises(NotAllowed, match="Ask an administrator"):
        renew(store, SETTINGS, actor, LOCAL.id)
    assert [account.person.name for account in all_accounts(store, LOCAL)] == ["Kenji", "local"]


def test_scripts_act_as_baton_itself(store: Store):
    made = invite(store, SETTINGS, SYSTEM, "Ines", "ines@example.com", Role.ADMINISTRATOR)
    assert renew(store, SETTINGS, SYSTEM, made.account.person.id).address != made.address
    entries, _ = find_entries(store, LOCAL, AuditFilter())
    assert {entry.actor for entry in entries} == {Person(0, "Baton")}


@pytest.mark.parametrize(
    "email", ["a,b@example.com", "a@example.com;b@example.com", "a(b)@example.com", "a@b", "@b.org"]
)
def test_an_address_that_mail_would_take_for_another_one_is_refused(store: Store, email: str):
    with pytest.raises(PersonError, match=r"such as maria@example\.com"):
        invite(store, SETTINGS, LOCAL, "Ines", email, Role.READER)


def test_names_hold_no_control_characters(store: Store):
    assert invite(
        store, SETTINGS, LOCAL, "I\x1b[2Jnes\x00 \x9bP", "i@example.com", Role.READER
    ).account.person.name == ("I [2Jnes P")
