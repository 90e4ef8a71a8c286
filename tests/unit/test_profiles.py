"""Who may see and change what of profiles, what is refused, and who stands in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kb import profiles
from kb.access import NotAllowed
from kb.models import Absence, Person, Profile, Role
from kb.people import disable
from kb.profiles import (
    ProfileError,
    add_absence,
    colleague,
    colleagues,
    may_edit,
    my_profile,
    remove_absence,
    save_profile,
    stand_in_for,
)
from kb.store import audit, people
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.teams import save_team

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
MANILA = Profile("Asia/Manila", "PH", "", ((22 * 60, 6 * 60),) * 5 + (None, None), "en_PH")


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "now", lambda: NOW)


@pytest.fixture
def ines(stranger: Person) -> Person:
    return stranger


@pytest.fixture
def tomas(store: Store) -> Person:
    with store.atomic() as db:
        return people.add(db, "Tomás", "tomas@example.com", Role.READER)


@pytest.fixture
def lead(store: Store) -> Person:
    with store.atomic() as db:
        return people.add(db, "Lea", "lea@example.com", Role.LEAD)


def days(first: int, last: int) -> tuple[date, date]:
    return TODAY + timedelta(days=first), TODAY + timedelta(days=last)


def audited(store: Store) -> list[tuple[str, int | None, str]]:
    with store.reading() as db:
        found = audit.find(db, AuditFilter(subject="person"), 10)
    return [(entry.action, entry.subject_id, entry.detail) for entry in found]


def test_without_a_profile_there_are_the_defaults(store: Store, ines: Person) -> None:
    assert my_profile(store, ines) == Profile()


def test_a_profile_is_kept_and_audited_without_what_it_says(store: Store, ines: Person) -> None:
    assert save_profile(store, ines, ines.id, MANILA) == MANILA == my_profile(store, ines)
    save_profile(store, ines, ines.id, replace(MANILA, language="", country="DE", region="BE"))
    save_profile(store, ines, ines.id, replace(MANILA, language="", country="DE", region="BE"))  # nothing changed
    assert audited(store) == [
        ("profile.changed", ines.id, "country, region, language"),
        ("profile.changed", ines.id, "zone, country, hours, language"),
    ]


def test_everybody_changes_their_own_and_administrators_anybodys(store: Store, ines: Person, tomas: Person) -> None:
    save_profile(store, LOCAL, ines.id, MANILA)
    assert my_profile(store, ines) == MANILA
    added = add_absence(store, LOCAL, ines.id, *days(0, 1))
    for act in (
        lambda: save_profile(store, tomas, ines.id, Profile()),
        lambda: add_absence(store, tomas, ines.id, *days(3, 4)),
        lambda: remove_absence(store, tomas, ines.id, added),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert [may_edit(store, person, ines.id) for person in (LOCAL, ines, tomas)] == [True, True, False]
    assert colleague(store, ines, ines.id).absences == (added,)


def test_a_disabled_person_sees_and_changes_nothing(store: Store, ines: Person) -> None:
    disable(store, LOCAL, ines.id)
    for act in (
        lambda: my_profile(store, ines),
        lambda: colleague(store, ines, LOCAL.id),
        lambda: colleagues(store, ines),
        lambda: save_profile(store, ines, ines.id, MANILA),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert may_edit(store, ines, ines.id) is False


def test_colleagues_see_everything_but_the_address(store: Store, ines: Person, tomas: Person, lead: Person) -> None:
    save_profile(store, ines, ines.id, MANILA)
    added = add_absence(store, ines, ines.id, *days(1, 9), tomas)
    save_team(store, LOCAL, "Billing", "", None, [ines])
    save_team(store, LOCAL, "audit", "", None, [ines, lead])
    seen = colleague(store, tomas, ines.id)
    assert (seen.person, seen.role, seen.teams, seen.profile, seen.absences, seen.email, seen.disabled) == (
        ines, Role.AUTHOR, ("audit", "Billing"), MANILA, (added,), "", False,
    )  # fmt: skip
    assert colleague(store, lead, ines.id).email == colleague(store, ines, ines.id).email == "ines@example.com"
    assert [(c.person.name, c.email) for c in colleagues(store, tomas)] == [
        ("Ines", ""), ("Lea", ""), ("local", ""), ("Tomás", ""),
    ]  # fmt: skip
    assert [c.email for c in colleagues(store, lead)] == [
        "ines@example.com",
        "lea@example.com",
        "",
        "tomas@example.com",
    ]
    assert colleagues(store, tomas)[0] == seen


def test_disabled_colleagues_are_not_listed_but_can_be_looked_at(store: Store, ines: Person) -> None:
    disable(store, LOCAL, ines.id)
    assert [c.person for c in colleagues(store, LOCAL)] == [LOCAL]
    assert colleague(store, LOCAL, ines.id).disabled


@pytest.mark.parametrize("number", [0, 4711, -1])
def test_baton_itself_and_nobody_are_no_colleagues(store: Store, number: int) -> None:
    with pytest.raises(ProfileError, match="no such person"):
        colleague(store, LOCAL, number)
    with pytest.raises(ProfileError, match="no such person"):
        save_profile(store, LOCAL, number, MANILA)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"zone": "Mars/Olympus"}, "no time zone called Mars/Olympus"),
        ({"zone": "../../etc/passwd"}, "no time zone called"),
        ({"country": "ZZ", "region": ""}, "public holidays of this country are not known"),
        ({"region": "BY"}, "no such region"),
        ({"country": "", "region": "BY"}, "no such region"),
        ({"language": "tlh"}, "language is not known"),
        ({"hours": ()}, "for each weekday"),
        ({"hours": ((0, 1441),) * 7}, "within the day"),
        ({"hours": ((-1, 60),) * 7}, "within the day"),
        ({"hours": ((1440, 60),) * 7}, "within the day"),
    ],
)
def test_what_a_profile_cannot_say(store: Store, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        save_profile(store, LOCAL, LOCAL.id, replace(MANILA, **changes))  # type: ignore[arg-type]
    assert my_profile(store, LOCAL) == Profile()


def test_days_of_24_hours_and_no_days_can_be_kept(store: Store) -> None:
    for hours in (((0, 0),) * 7, ((0, 1440),) * 7, (None,) * 7):
        wanted = replace(MANILA, hours=hours)
        save_profile(store, LOCAL, LOCAL.id, wanted)
        assert my_profile(store, LOCAL) == wanted


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (3, 2, "last day is before the first"),
        (-5, -1, "have passed"),
        (0, 732, "two years long at most"),
        (733, 734, "within the next two years"),
        (10, 12, "from 4 Dec 2026 to 8 Dec 2026 is there already. Remove it first"),
        (5, 30, "is there already"),
        (14, 14, "is there already"),
    ],
)
def test_what_an_absence_cannot_be(store: Store, first: int, last: int, message: str) -> None:
    add_absence(store, LOCAL, LOCAL.id, *days(10, 14))
    with pytest.raises(ProfileError, match=message):
        add_absence(store, LOCAL, LOCAL.id, *days(first, last))


def test_absences_may_touch_and_one_that_began_may_be_added(store: Store) -> None:
    one = add_absence(store, LOCAL, LOCAL.id, *days(5, 9))
    other = add_absence(store, LOCAL, LOCAL.id, *days(10, 14))
    began = add_absence(store, LOCAL, LOCAL.id, *days(-3, 0))
    assert colleague(store, LOCAL, LOCAL.id).absences == (began, one, other)
    remove_absence(store, LOCAL, LOCAL.id, one)
    remove_absence(store, LOCAL, LOCAL.id, one)
    assert colleague(store, LOCAL, LOCAL.id).absences == (began, other)
    assert audited(store)[0] == ("absence.removed", LOCAL.id, f"absence {one.id}")
    assert len(audited(store)) == 4


def test_past_absences_are_not_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_absence(store, LOCAL, LOCAL.id, *days(0, 1))
    monkeypatch.setattr(profiles, "now", lambda: NOW + timedelta(days=3))
    assert colleague(store, LOCAL, LOCAL.id).absences == ()


def test_only_ones_own_absence_is_removed(store: Store, ines: Person, tomas: Person) -> None:
    theirs = add_absence(store, ines, ines.id, *days(0, 1))
    remove_absence(store, tomas, tomas.id, theirs)
    assert colleague(store, ines, ines.id).absences == (theirs,)


def test_there_is_an_end_to_absences(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "MAX_ABSENCES", 2)
    for number in range(2):
        add_absence(store, LOCAL, LOCAL.id, *days(number, number))
    with pytest.raises(ProfileError, match="2 absences already"):
        add_absence(store, LOCAL, LOCAL.id, *days(7, 7))


def test_who_cannot_stand_in(store: Store, ines: Person) -> None:
    with pytest.raises(ProfileError, match="stand in for themselves"):
        add_absence(store, ines, ines.id, *days(0, 1), ines)
    disable(store, LOCAL, ines.id)
    for nobody in (ines, Person(4711, "Nobody"), Person(0, "Baton")):
        with pytest.raises(ProfileError, match=f"{nobody.name} cannot stand in"):
            add_absence(store, LOCAL, LOCAL.id, *days(0, 1), nobody)


def test_who_is_there_receives_themselves(store: Store, ines: Person, tomas: Person) -> None:
    assert stand_in_for(store, ines, NOW) == ines
    add_absence(store, ines, ines.id, *days(1, 2), tomas)
    assert stand_in_for(store, ines, NOW) == ines
    assert stand_in_for(store, ines, NOW + timedelta(days=1)) == tomas
    assert stand_in_for(store, ines, NOW + timedelta(days=3)) == ines


def test_a_stand_in_who_is_away_has_their_own(store: Store, ines: Person, tomas: Person, lead: Person) -> None:
    add_absence(store, ines, ines.id, *days(0, 2), tomas)
    add_absence(store, tomas, tomas.id, *days(0, 1), lead)
    assert stand_in_for(store, ines, NOW) == lead
    assert stand_in_for(store, ines, NOW + timedelta(days=2)) == tomas


@pytest.mark.parametrize("ring", [True, False])
def test_where_nobody_is_there_it_stays_with_the_person(
    store: Store, ines: Person, tomas: Person, lead: Person, ring: bool
) -> None:
    add_absence(store, ines, ines.id, *days(0, 2), tomas)
    add_absence(store, tomas, tomas.id, *days(0, 2), lead)
    add_absence(store, lead, lead.id, *days(0, 2), tomas if ring else None)
    assert stand_in_for(store, ines, NOW) == ines


def test_a_stand_in_who_was_disabled_receives_nothing(store: Store, ines: Person, tomas: Person) -> None:
    add_absence(store, ines, ines.id, *days(0, 2), tomas)
    disable(store, LOCAL, tomas.id)
    assert stand_in_for(store, ines, NOW) == ines


def test_an_absence_is_counted_on_the_clock_of_who_is_away(store: Store, ines: Person, tomas: Person) -> None:
    save_profile(store, ines, ines.id, replace(MANILA, hours=((540, 1080),) * 7))
    add_absence(store, ines, ines.id, *days(1, 1), tomas)
    evening = NOW.replace(hour=15, minute=59)  # 23:59 in Manila
    assert stand_in_for(store, ines, evening) == ines
    assert stand_in_for(store, ines, evening + timedelta(minutes=1)) == tomas


def test_absences_have_no_reason() -> None:
    assert list(Absence.__slots__) == ["id", "first_day", "last_day", "stand_in"]
