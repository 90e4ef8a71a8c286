"""One-time links as people get them: shown once to whoever made them and, where mail is set up, mailed as well."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kb import people
from kb.addresses import link_address
from kb.mail import MailNotSent, send_mail
from kb.models import Account, Person, Role
from kb.people import NewLink, Purpose
from kb.settings import Settings
from kb.store import audit
from kb.store.db import Store


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that was just made. ``address`` holds its token: show it once, keep it nowhere."""

    account: Account
    purpose: Purpose
    address: str = field(repr=False)
    expires_at: datetime
    mailed: bool = False
    mail_problem: str = ""  # why the mail was not sent, where one should have been


def invite(store: Store, settings: Settings, actor: Person, name: str, email: str, role: Role) -> Invitation:
    """Add a person and send them the link with which they set their password. Takes seconds where mail is slow.

    :raises NotAllowed: when ``actor`` may not manage people.
    :raises PersonError: when name, address or role cannot be used.
    """
    return _told(store, settings, actor, people.invite(store, actor, name, email, role))


def renew(store: Store, settings: Settings, actor: Person, person_id: int) -> Invitation:
    """Send a new link to somebody who has lost the first one, or their password.

    :raises NotAllowed: when ``actor`` may not manage people.
    :raises PersonError: when the account is disabled or unknown.
    """
    return _told(store, settings, actor, people.new_link(store, actor, person_id))


def _told(store: Store, settings: Settings, actor: Person, link: NewLink) -> Invitation:
    # After the transaction: the link holds whatever the mail server says, and nobody waits for it.
    address, problem = link_address(settings, link.token), ""
    if settings.mail_server is None:
        return Invitation(link.account, link.purpose, address, link.expires_at)
    try:
        send_mail(settings.mail_server, link.account.email, *_mail(settings, link, address))
    except MailNotSent as error:
        problem = str(error)
    with store.atomic() as db:
        action = "link.not_mailed" if problem else "link.mailed"
        audit.record(db, actor, action, "person", link.account.person.id)
    return Invitation(link.account, link.purpose, address, link.expires_at, not problem, problem)


def _mail(settings: Settings, link: NewLink, address: str) -> tuple[str, str]:
    """Subject and text."""
    # The reader's zone is not known: the one that everybody can convert.
    expires = f"{link.expires_at:%d %B %Y, %H:%M} UTC".lstrip("0")
    if link.purpose is Purpose.RESET:
        subject = "Baton: choose a new password"
        first = "an administrator made this one-time link, with which you choose a new password for Baton:"
    else:
        subject = "Baton: you are invited"
        first = f"you are invited to Baton ({settings.url}). With this one-time link you choose your password:"
    return subject, (
        f"Hello {link.account.person.name},\n\n{first}\n\n{address}\n\n"
        f"It works once, until {expires}. Pass it on to nobody: whoever opens it signs in as you.\n"
        "If you did not expect this mail, tell your administrator.\n"
    )
