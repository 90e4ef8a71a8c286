"""Digests: what they tell, to whom, when; and mails that really leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from kb.access import RuleError
from kb.agenda import agenda
from kb.audit_log import find_entries
from kb.digest import Digest, NoMailServer, digests, readers, starts_now
from kb.digest_text import MOST_ROWS, digest_mail
from kb.formats import Formats
from kb.handover.models import Confidentiality, Note
from kb.handover.templates import template_of
from kb.handover_drafts import keep_draft, new_draft
from kb.handovers import save_note
from kb.indexing import Indexer
from kb.mail_server import MailServer, Protection
from kb.models import Account, Hours, Person, Profile, Space, SpaceKind
from kb.my_day import mark_seen
from kb.people import all_accounts, disable
from kb.profiles import save_profile
from kb.settings import Settings
from kb.sharing import share_space
from kb.store import handovers, people
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.worktime import zone_of
from tests.mail_catcher import MailCatcher, mail_caught
from tests.unit.crew import DUE, SUBMITTED_AT, Crew, hand_over, off
from tests.unit.handover_samples import shift_note
from tests.unit.test_escalation import BERLIN, MANILA, berlin, manila, new_york

SETTINGS = Settings(public_url="https://wiki.example.com")
MOMENT = DUE + timedelta(hours=2)
NIGHTS: tuple[Hours, ...] = ((22 * 60, 6 * 60),) * 5 + (None, None)
ROUND_THE_CLOCK: tuple[Hours, ...] = ((0, 0),) * 7


@pytest.fixture
def catcher() -> Iterator[MailCatcher]:
    with mail_caught() as running:
        yield running


def account_of(store: Store, person: Person) -> Account:
    return next(one for one in all_accounts(store, LOCAL) if one.person == person)


def digest_of(store: Store, person: Person, moment: datetime = MOMENT) -> Digest:
    (found,) = digests(store, SETTINGS, [account_of(store, person)], moment, send=False)
    return found


def mail_settings(catcher: MailCatcher) -> Settings:
    return replace(SETTINGS, mail_server=MailServer("127.0.0.1", catcher.port, Protection.NONE, "baton@example.com"))


def let_sign_in(store: Store, *persons: Person) -> None:
    with store.atomic() as db:
        for person in persons:
            people.set_password_hash(db, person.id, "a hash")


# ---- what it says -------------------------------------------------------------------------------------------------


def test_it_tells_what_waits_what_is_open_and_what_changed_on_ones_own_clock(
    store: Store, crew: Crew, handed_over: Note
) -> None:
    with store.atomic() as db:
        db.execute("UPDATE handover_events SET at = '2026-11-26T11:00:00Z'")
    found = digest_of(store, crew["Ana"])
    assert found.mail is not None
    assert found.mail.subject == "Baton: 1 thing waits for you, 1 overdue"
    title, place = handed_over.page.title, f"https://wiki.example.com/handover?slug={handed_over.page.slug}"
    assert (
        found.mail.text
        == f"""Hello Ana,

Waits for you
-------------
- {title}
  read it back · overdue since 27 Nov 2026, 23:30 (2 h ago) · from Sam
  {place}

Your open items
---------------
- Refund batch stuck
  overdue since 22 Nov 2026 · ACME
  {place}

What changed
------------
- {title}
  Submitted by Sam · 26 Nov 2026, 19:00
  {place}

Times are those of Asia/Manila. Of confidential notes this mail only says that there is one.
Baton: https://wiki.example.com"""
    )


def test_it_tells_whom_one_waits_for_and_nothing_where_there_is_nothing(
    store: Store, crew: Crew, handed_over: Note
) -> None:
    sam = digest_of(store, crew["Sam"], SUBMITTED_AT + timedelta(hours=1)).mail
    assert sam is not None
    assert sam.subject == "Baton: your day"
    assert "\nYou wait for\n" in sam.text
    assert "\n  Ana reads it back · due 27 Nov 2026, 16:30 (in 27 h)\n" in sam.text
    assert digest_of(store, crew["Dee"]) == Digest(account_of(store, crew["Dee"]), None)


def test_who_stands_in_is_told_for_whom(store: Store, crew: Crew, handed_over: Note) -> None:
    off(store, crew["Ana"], "2026-11-26", "2026-11-30", crew["Dee"])
    mail = digest_of(store, crew["Dee"]).mail
    assert mail is not None
    assert " · from Sam · you stand in for Ana\n" in mail.text


@pytest.mark.parametrize("by", ["space", "marking"])
def test_of_a_confidential_note_only_that_there_is_one(
    store: Store, indexer: Indexer, space: Space, crew: Crew, by: str
) -> None:
    level = Confidentiality.CONFIDENTIAL if by == "marking" else Confidentiality.INTERNAL
    changes = {"title": "Zebra", "client": "Umbra", "confidentiality": level}
    note = hand_over(store, indexer, space, crew, **changes)
    draft = save_note(store, indexer, crew["Sam"], shift_note(**changes | {"title": "Zebra later"}), space)
    text = shift_note(**changes | {"title": "Zebra in a form"})
    keep_draft(store, crew["Sam"], replace(new_draft(template_of("shift"), "UTC", MOMENT), text=text))
    if by == "space":
        share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL, *crew.values()], [])
    off(store, crew["Ana"], "2026-11-26", "2026-11-30", crew["Dee"])
    mails = {name: digest_of(store, crew[name]).mail for name in ("Sam", "Ana", "Dee")}
    for name, mail in mails.items():
        assert mail is not None
        told = (mail.text + mail.html).replace("Baton", "").replace(f"Hello {name},", "").casefold()
        words = ("zebra", "umbra", "sam", "ana ", "refund", "bank", "inc-4711", note.page.slug, draft.page.slug, "slug")
        assert [word for word in words if word in told] == []
    assert mails["Ana"] is not None
    assert "- A confidential note\n  read it back · overdue since" in mails["Ana"].text
    assert "- An item of a confidential note\n" in mails["Ana"].text
    assert "- A confidential note\n  Submitted by somebody · " in mails["Ana"].text
    assert mails["Sam"] is not None
    assert "- A confidential note\n  somebody reads it back · overdue since" in mails["Sam"].text
    assert "- A confidential note\n  finish the draft\n  https://wiki.example.com/my-day\n" in mails["Sam"].text
    assert "- A draft\n  finish the draft\n  https://wiki.example.com/my-day\n" in mails["Sam"].text


def test_what_is_not_there_may_not_be_told(store: Store, crew: Crew, handed_over: Note) -> None:
    with store.reading() as db:
        assert handovers.tellable_among(db, [handed_over.page.slug, "gone", ""]) == {handed_over.page.slug}


def test_hostile_words_are_only_text(store: Store, indexer: Indexer, space: Space, crew: Crew) -> None:
    hostile = "<script>alert(1)</script> {{ 7*7 }} \"' <img src=x>"
    hand_over(store, indexer, space, crew, title=hostile, client="<b>x</b>")
    with store.atomic() as db:
        db.execute("UPDATE people SET name = '<i>Ana</i>' WHERE id = ?", [crew["Ana"].id])
        db.execute("UPDATE pages SET title = title || char(10) || char(10) || 'Your open items'")
    mail = digest_of(store, account_of(store, crew["Ana"]).person).mail
    assert mail is not None
    assert f"- {hostile} Your open items\n" in mail.text
    assert [mark for mark in ("<script", "<img", "<b>x", "<i>") if mark in mail.html] == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} &#34;&#39; &lt;img src=x&gt;" in mail.html
    assert "\n" not in mail.subject


def test_a_long_list_is_cut_and_says_so(store: Store, crew: Crew, handed_over: Note) -> None:
    found = agenda(store, crew["Ana"], MOMENT)
    many = replace(found, items=found.items * (MOST_ROWS + 3))
    mail = digest_mail(many, Formats(zone_of("UTC")), "https://wiki.example.com", MOMENT)
    assert (mail.text.count("- Refund batch stuck\n"), mail.html.count(">Refund batch stuck</a>")) == (20, 20)
    assert "\n- and 3 more\n" in mail.text
    assert ">and 3 more</li>" in mail.html


# ---- to whom and when ---------------------------------------------------------------------------------------------


def test_who_can_sign_in_gets_one(store: Store, crew: Crew) -> None:
    assert readers(store) == []
    let_sign_in(store, crew["Ana"], crew["Ben"], crew["Sam"])
    disable(store, LOCAL, crew["Ben"].id)
    assert [one.person.name for one in readers(store)] == ["Ana", "Sam"]
    assert [one.person.name for one in readers(store, [" SAM@example.com", "sam@example.com"])] == ["Sam"]
    for email in ("ben@example.com", "cleo@example.com", "nobody@example.com", ""):
        with pytest.raises(RuleError, match="Nobody who can sign in has the e-mail address"):
            readers(store, [email])


@pytest.mark.parametrize(
    ("profile", "moment", "starts"),
    [
        (BERLIN, berlin("2026-11-27T08:59"), False),
        (BERLIN, berlin("2026-11-27T09:00"), True),
        (BERLIN, berlin("2026-11-27T09:59"), True),
        (BERLIN, berlin("2026-11-27T10:00"), False),
        (BERLIN, berlin("2026-11-28T09:00"), False),  # a Saturday
        (BERLIN, berlin("2026-12-25T09:00"), False),  # a public holiday
        (MANILA, manila("2026-11-27T09:30"), True),
        (MANILA, berlin("2026-11-27T09:30"), False),
        # Half an hour beside UTC, asked at each full hour of UTC.
        (Profile("Asia/Kolkata"), datetime.fromisoformat("2026-11-27T03:00Z"), False),
        (Profile("Asia/Kolkata"), datetime.fromisoformat("2026-11-27T04:00Z"), True),
        (Profile("Asia/Kolkata"), datetime.fromisoformat("2026-11-27T05:00Z"), False),
        # A night shift belongs to the evening, also to the last one before a holiday.
        (replace(BERLIN, hours=NIGHTS), berlin("2026-11-27T22:00"), True),
        (replace(BERLIN, hours=NIGHTS), berlin("2026-11-28T00:00"), False),
        (replace(BERLIN, hours=NIGHTS), berlin("2026-12-24T22:00"), True),
        (replace(BERLIN, hours=NIGHTS), berlin("2026-12-25T22:00"), False),
        (replace(BERLIN, hours=ROUND_THE_CLOCK), berlin("2026-11-27T00:00"), True),
        (replace(BERLIN, hours=ROUND_THE_CLOCK), berlin("2026-11-27T01:00"), False),
        # 02:30 is skipped on 28 March 2027: the shift begins at 03:00. It comes twice on 31 October: only once a shift.
        (replace(BERLIN, hours=((150, 600),) * 7), berlin("2027-03-28T01:30"), False),
        (replace(BERLIN, hours=((150, 600),) * 7), berlin("2027-03-28T03:30"), True),
        (replace(BERLIN, hours=((150, 600),) * 7), datetime.fromisoformat("2027-10-31T00:30Z"), True),
        (replace(BERLIN, hours=((150, 600),) * 7), datetime.fromisoformat("2027-10-31T01:30Z"), False),
        (replace(BERLIN, hours=(None,) * 7), berlin("2026-11-27T09:00"), False),
        (Profile(), datetime.fromisoformat("2026-11-27T09:00Z"), True),  # nothing is set
    ],
)
def test_a_day_starts_with_its_shift(store: Store, crew: Crew, profile: Profile, moment: datetime, starts: bool):
    save_profile(store, LOCAL, crew["Ana"].id, profile)
    assert starts_now(store, account_of(store, crew["Ana"]), moment) is starts


def test_no_day_starts_while_somebody_is_away(store: Store, crew: Crew) -> None:
    off(store, crew["Ben"], "2026-11-27", "2026-11-30")
    days = [f"2026-{day}T09:00" for day in ("11-26", "11-27", "11-30", "12-01")]
    assert [starts_now(store, account_of(store, crew["Ben"]), berlin(day)) for day in days] == [
        True, False, False, True,
    ]  # fmt: skip
    assert starts_now(store, account_of(store, crew["Cleo"]), new_york("2026-11-27T09:00"))


# ---- mails --------------------------------------------------------------------------------------------------------


def test_a_mail_has_text_and_html_and_goes_to_its_reader_alone(
    store: Store, crew: Crew, handed_over: Note, catcher: MailCatcher
) -> None:
    accounts = [account_of(store, crew[name]) for name in ("Ana", "Dee", "Sam")]
    moment = SUBMITTED_AT + timedelta(hours=1)
    found = list(digests(store, mail_settings(catcher), accounts, moment, send=True))
    assert [(one.account.person.name, one.sent, one.mail is None) for one in found] == [
        ("Ana", True, False), ("Dee", False, True), ("Sam", True, False),
    ]  # fmt: skip
    assert catcher.recipients == [["Ana@example.com"], ["Sam@example.com"]]
    message, told = catcher.messages[0], found[0].mail
    assert told is not None
    assert (message["Subject"], message.get_content_type()) == (told.subject, "multipart/alternative")
    text, html = message.iter_parts()
    assert text.get_content().replace("\r\n", "\n").strip() == told.text.strip()
    assert (html.get_content_type(), html.get_content().replace("\r\n", "\n").strip()) == (
        "text/html", told.html.strip(),
    )  # fmt: skip
    assert [(one.action, one.subject_id) for one in find_entries(store, LOCAL, AuditFilter())[0]][:2] == [
        ("digest.sent", crew["Sam"].id), ("digest.sent", crew["Ana"].id),
    ]  # fmt: skip


def test_a_mail_that_is_refused_is_told_and_the_others_leave(
    store: Store, crew: Crew, handed_over: Note, catcher: MailCatcher
) -> None:
    catcher.refused = "Ana@example.com"
    accounts = [account_of(store, crew[name]) for name in ("Ana", "Sam")]
    moment = SUBMITTED_AT + timedelta(hours=1)
    ana, sam = digests(store, mail_settings(catcher), accounts, moment, send=True)
    assert (ana.sent, sam.sent, sam.problem, catcher.recipients) == (False, True, "", [["Sam@example.com"]])
    assert ana.problem == f"the mail server 127.0.0.1:{catcher.port} does not take mail for this address"
    assert [one.action for one in find_entries(store, LOCAL, AuditFilter())[0]][:2] == [
        "digest.sent", "digest.not_sent",
    ]  # fmt: skip


def test_who_was_disabled_just_now_gets_none_and_the_others_do(store: Store, crew: Crew, handed_over: Note) -> None:
    accounts = [account_of(store, crew[name]) for name in ("Ana", "Sam")]
    disable(store, LOCAL, crew["Ana"].id)
    ana, sam = digests(store, SETTINGS, accounts, MOMENT, send=False)
    assert (ana.mail, sam.mail is not None) == (None, True)


def test_without_a_mail_server_nothing_leaves(store: Store, crew: Crew, handed_over: Note) -> None:
    with pytest.raises(NoMailServer, match="set BATON_SMTP_URL first"):
        list(digests(store, SETTINGS, [], MOMENT, send=True))


def test_what_was_seen_is_told_no_more(store: Store, crew: Crew, handed_over: Note) -> None:
    moment = SUBMITTED_AT + timedelta(minutes=1)
    assert digest_of(store, crew["Cleo"], moment).mail is not None
    mark_seen(store, crew["Cleo"], 10**9)
    assert digest_of(store, crew["Cleo"], moment).mail is None
