"""Digests: what waits for each person, to print or to mail. No mail leaves without a mail server in the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from kb.access import NotAllowed, RuleError
from kb.agenda import Agenda, agenda
from kb.digest_text import DigestMail, digest_mail
from kb.formats import Formats
from kb.mail import MailNotSent, send_mail
from kb.models import Account
from kb.people import all_accounts
from kb.settings import Settings
from kb.store import audit, profiles
from kb.store.db import Store
from kb.store.people import SYSTEM
from kb.worktime import local_time, shift_starts, zone_of

_HOUR = timedelta(hours=1)


class NoMailServer(RuleError):
    """There is no mail server to hand mails to."""

    def __init__(self) -> None:
        super().__init__("No mail can be sent: set BATON_SMTP_URL first.")


@dataclass(frozen=True, slots=True)
class Digest:
    """One person's digest. ``mail`` is None where there is nothing to tell; ``problem`` is why it was not mailed."""

    account: Account
    mail: DigestMail | None
    sent: bool = False
    problem: str = ""


def readers(store: Store, emails: Iterable[str] = ()) -> list[Account]:
    """Who can get a digest: everybody who can sign in, or those of them with these e-mail addresses.

    :raises RuleError: when an address is nobody's who can sign in.
    """
    able = [one for one in all_accounts(store, SYSTEM) if one.can_sign_in and one.email and not one.disabled_at]
    wanted = list(dict.fromkeys(email.strip().casefold() for email in emails))  # nobody gets two
    known = {one.email.casefold(): one for one in able}
    for email in wanted:
        if email not in known:
            raise RuleError(f"Nobody who can sign in has the e-mail address {email!r}.")
    return [known[email] for email in wanted] if wanted else able


def starts_now(store: Store, account: Account, moment: datetime) -> bool:
    """Whether the person's working day begins within the hour of ``moment`` on their clock.

    Each hour of a clock is another one: who asks once an hour finds each beginning once, whatever the zone.
    """
    with store.reading() as db:
        profile = profiles.profile(db, account.person.id)
        local = local_time(profile, moment)
        absences = profiles.absences(db, account.person.id, local.date() - timedelta(days=1))
    # Computed in UTC: arithmetic on a local time would be wrong in an hour that the clocks show twice.
    hour = moment - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return bool(shift_starts(profile, absences, hour, hour + _HOUR))


def digests(
    store: Store, settings: Settings, accounts: Iterable[Account], moment: datetime, *, send: bool
) -> Iterator[Digest]:
    """The digest of each person, mailed as it is made where ``send`` says so.

    :raises NoMailServer: when mails are wanted and there is no mail server.
    """
    if send and settings.mail_server is None:
        raise NoMailServer
    for account in accounts:
        with store.reading() as db:
            profile = profiles.profile(db, account.person.id)
        found = _agenda(store, account, moment)
        formats = Formats(zone_of(profile.zone), profile.language)
        mail = digest_mail(found, formats, settings.url, moment) if found and not found.is_empty else None
        yield _sent(store, settings, Digest(account, mail)) if send and mail else Digest(account, mail)


def _agenda(store: Store, account: Account, moment: datetime) -> Agenda | None:
    try:
        return agenda(store, account.person, moment)
    except NotAllowed:  # disabled just now; the others get theirs
        return None


def _sent(store: Store, settings: Settings, digest: Digest) -> Digest:
    problem = ""
    assert settings.mail_server is not None and digest.mail is not None  # noqa: S101, PT018  asked above
    try:
        send_mail(settings.mail_server, digest.account.email, digest.mail.subject, digest.mail.text, digest.mail.html)
    except MailNotSent as error:
        problem = str(error)
    with store.atomic() as db:
        action = "digest.not_sent" if problem else "digest.sent"
        audit.record(db, SYSTEM, action, "person", digest.account.person.id)
    return Digest(digest.account, digest.mail, not problem, problem)
