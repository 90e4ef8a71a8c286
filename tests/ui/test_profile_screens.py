"""The screens "My profile", "Colleague" and "Colleagues", and the clock and language of all others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.formats import Formats
from kb.models import Absence, Person, Profile, Role
from kb.people import disable
from kb.profiles import add_absence, colleague, my_profile, save_profile
from kb.store import people
from kb.store.people import LOCAL
from kb.teams import save_team
from tests.ui.conftest import OpenScreen, act_as, texts

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
NINE_TO_SIX = (9 * 60, 18 * 60)
LISBON = Profile("Europe/Lisbon", "PT", "", (NINE_TO_SIX,) * 5 + (None, None))
KOLKATA = Profile("Asia/Kolkata", "IN", "KA", (NINE_TO_SIX,) * 5 + (None, None), "en_IN")
MANILA = Profile("Asia/Manila", "PH", "", ((22 * 60, 6 * 60),) * 7)

AddPerson = Callable[..., Person]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("kb.profiles", "kb.ui.colleague", "kb.ui.colleagues", "kb.ui.profile_fields",
                   "kb.ui.profile_absences", "kb.ui.moments"):  # fmt: skip
        monkeypatch.setattr(f"{module}.now", lambda: NOON)


@pytest.fixture
def add(baton: Baton) -> AddPerson:
    """Adds a person: ``add("Ines", Profile(...))``."""

    def added(name: str, profile: Profile | None = None, role: Role = Role.AUTHOR) -> Person:
        with baton.store.atomic() as db:
            person = people.add(db, name, f"{len(name)}-{abs(hash(name))}@example.com", role)
        if profile:
            save_profile(baton.store, LOCAL, person.id, profile)
        return person

    return added


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def widget(app: AppTest, kind: str, name: str, person: Person = LOCAL):  # type: ignore[no-untyped-def]
    return getattr(app, kind)(key=f"profile_{person.id}_{name}")


# ---- my profile ---------------------------------------------------------------------------------------------------


def test_a_profile_is_set_and_saved(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("profile")
    assert app.title[0].value == "My profile"
    assert "Everything is saved" in captions(app)
    widget(app, "selectbox", "zone").set_value("Asia/Kolkata").run()
    widget(app, "selectbox", "country_en_GB").set_value("IN").run()
    widget(app, "selectbox", "region_IN").set_value("KA").run()
    widget(app, "selectbox", "language").set_value("en_IN").run()
    widget(app, "time_input", "end_0").set_value(time(18, 30)).run()
    assert "Not saved yet" in captions(app)
    assert ("Next public holidays: Guru Nanak's Jayanti (Tue, 24 Nov), Christmas (Fri, 25 Dec), ") in next(
        text for text in captions(app) if text.startswith("Next")
    )
    assert any("12,34,567.8" in text for text in captions(app))
    app.button(key="save_profile").click().run()
    assert not app.exception
    office = (9 * 60, 17 * 60)
    assert my_profile(baton.store, LOCAL) == Profile(
        "Asia/Kolkata", "IN", "KA", ((9 * 60, 18 * 60 + 30), *[office] * 4, None, None), "en_IN"
    )
    assert "Everything is saved" in captions(app)
    assert app.button(key="save_profile").disabled


def test_a_country_stays_chosen_in_every_language(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("profile")
    widget(app, "selectbox", "country_en_GB").set_value("DE").run()
    widget(app, "selectbox", "region_DE").set_value("BE").run()
    widget(app, "selectbox", "language").set_value("de_DE").run()
    assert widget(app, "selectbox", "country_de_DE").value == "DE"
    assert "Deutschland" in widget(app, "selectbox", "country_de_DE").options
    app.button(key="save_profile").click().run()
    profile = my_profile(baton.store, LOCAL)
    assert (profile.country, profile.region, profile.language) == ("DE", "BE", "de_DE")
    assert "Everything is saved" in captions(app)


def test_no_label_of_a_list_changes_with_time(open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch) -> None:
    # A choice travels as its label: one that is another a minute later would be unknown.
    app = open_screen("profile")
    widget(app, "selectbox", "zone").set_value("Asia/Kathmandu").run()
    before = {box.key: box.options for box in app.selectbox}
    monkeypatch.setattr("kb.ui.profile_fields.now", lambda: NOON.replace(minute=1))
    app.run()
    assert {box.key: box.options for box in app.selectbox} == before
    assert "Local time: Tue 24 Nov, 17:46" in captions(app)


def test_every_weekday_can_be_as_monday(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("profile")
    widget(app, "time_input", "start_0").set_value(time(22, 0)).run()
    widget(app, "time_input", "end_0").set_value(time(6, 0)).run()
    widget(app, "toggle", "works_2").set_value(False).run()
    assert captions(app).count("No work") == 3
    next(button for button in app.button if button.label == "Same as Monday for all weekdays").click().run()
    assert captions(app).count("8 h, to the next day") == 5
    app.button(key="save_profile").click().run()
    assert my_profile(baton.store, LOCAL).hours == ((22 * 60, 6 * 60),) * 5 + (None, None)


def test_a_day_that_is_switched_on_has_mondays_hours(open_screen: OpenScreen) -> None:
    app = open_screen("profile")
    widget(app, "time_input", "start_0").set_value(time(0, 0)).run()
    widget(app, "time_input", "end_0").set_value(time(0, 0)).run()
    widget(app, "toggle", "works_6").set_value(True).run()
    assert widget(app, "time_input", "end_6").value == time(0, 0)
    assert captions(app).count("24 h") == 2


def test_absences_are_added_and_removed(open_screen: OpenScreen, baton: Baton, add: AddPerson) -> None:
    ines = add("Ines")
    app = open_screen("profile")
    assert "No absences planned." in texts(app)
    app.date_input(key="absence_first").set_value(date(2026, 11, 30)).run()
    app.date_input(key="absence_last").set_value(date(2026, 12, 3)).run()
    app.selectbox(key="absence_stand_in").set_value(ines).run()
    app.button(key="add_absence").click().run()
    assert f"**30 Nov 2026 to 3 Dec 2026**  \n:small[[Ines](</colleague?id={ines.id}>) stands in]" in texts(app)
    (kept,) = colleague(baton.store, LOCAL, LOCAL.id).absences
    assert kept == Absence(kept.id, date(2026, 11, 30), date(2026, 12, 3), ines)
    app.date_input(key="absence_first").set_value(date(2026, 12, 1)).run()
    app.button(key="add_absence").click().run()
    (error,) = app.error
    assert "An absence from 30 Nov 2026 to 3 Dec 2026 is there already" in error.value
    app.button(key=f"remove_absence_{kept.id}").click().run()
    assert colleague(baton.store, LOCAL, LOCAL.id).absences == ()


def test_an_absence_needs_its_first_day(open_screen: OpenScreen) -> None:
    app = open_screen("profile")
    app.button(key="add_absence").click().run()
    assert [error.value for error in app.error] == ["Choose the first day."]


def test_administrators_change_other_profiles_and_names(open_screen: OpenScreen, baton: Baton, add: AddPerson) -> None:
    ines = add("Ines", LISBON)
    app = open_screen("profile", id=str(ines.id))
    assert app.title[0].value == "Profile of Ines"
    assert "Everything is saved" in captions(app)
    widget(app, "text_input", "name", ines).set_value("Ines  Carvalho").run()
    widget(app, "selectbox", "zone", ines).set_value("Asia/Kathmandu").run()
    app.button(key="save_profile").click().run()
    seen = colleague(baton.store, LOCAL, ines.id)
    assert (seen.person.name, seen.profile.zone) == ("Ines Carvalho", "Asia/Kathmandu")


@pytest.mark.parametrize("wanted", ["1", "4711", "9" * 30])
def test_somebody_elses_profile_is_not_there(
    open_screen: OpenScreen, baton: Baton, add: AddPerson, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    act_as(add("Ines", LISBON), baton.store, monkeypatch)
    app = open_screen("profile", id=wanted)
    assert not app.exception
    if len(wanted) < 19:
        assert app.title[0].value == "Profile not found"
    else:  # no number that a person could have: one's own
        assert app.title[0].value == "My profile"


def test_a_name_that_is_taken_is_refused(open_screen: OpenScreen, add: AddPerson) -> None:
    ines = add("Ines")
    app = open_screen("profile", id=str(ines.id))
    widget(app, "text_input", "name", ines).set_value("Local").run()
    app.button(key="save_profile").click().run()
    assert app.error[0].value.startswith("Somebody is called Local already")


# ---- a colleague --------------------------------------------------------------------------------------------------


def test_a_colleague_at_work(open_screen: OpenScreen, baton: Baton, add: AddPerson) -> None:
    ines = add("Ines", LISBON)
    save_team(baton.store, LOCAL, "Billing", "", None, [ines])
    save_profile(baton.store, LOCAL, LOCAL.id, Profile("Asia/Kolkata", language="en_GB"))
    said = texts(open_screen("colleague", id=str(ines.id)))
    assert said[1].startswith(":small[Author · Billing · ")
    assert said[3:5] == [
        ":small[Local time]  \n**Tue 24 Nov, 12\\:00** Europe/Lisbon · 5 h 30 min behind you",
        ":green-badge[At work] until 18:00 their time (23:30 yours)",
    ]
    assert "- **Monday to Friday:** 09:00 to 18:00\n- **Saturday to Sunday:** no work" in said


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (MANILA, ":gray-badge[Outside working hours] back 22:00 their time (14:00 yours)"),
        (
            KOLKATA,
            ":violet-badge[Public holiday: Guru Nanak's Jayanti] back Wed 25 Nov, 09:00 their time (03:30 yours)",
        ),
        (Profile("UTC", hours=(None, None, *[NINE_TO_SIX] * 5)), ":gray-badge[Day off] back Wed 25 Nov, 09:00"),
        (Profile("UTC", hours=((0, 0),) * 7), ":green-badge[At work] around the clock"),
        (Profile("UTC", hours=(None,) * 7), ":gray-badge[Working hours not set]"),
        (Profile(), ":gray-badge[Time zone not set]"),
    ],
)
def test_presence(open_screen: OpenScreen, add: AddPerson, profile: Profile, said: str) -> None:
    assert said in texts(open_screen("colleague", id=str(add("Somebody", profile).id)))


def test_a_colleague_who_is_away(open_screen: OpenScreen, baton: Baton, add: AddPerson) -> None:
    ines, raj = add("Ines", LISBON), add("Raj")
    add_absence(baton.store, LOCAL, ines.id, date(2026, 11, 24), date(2026, 12, 3), raj)
    said = texts(open_screen("colleague", id=str(ines.id)))
    assert ":orange-badge[Away until 3 Dec] Raj stands in; back Fri 4 Dec, 09:00" in said
    assert f"- 24 Nov 2026 to 3 Dec 2026: [Raj](</colleague?id={raj.id}>) stands in" in said


def test_the_strip_says_who_works_when(open_screen: OpenScreen, baton: Baton, add: AddPerson) -> None:
    manila = add("Mika", MANILA)
    save_profile(baton.store, LOCAL, LOCAL.id, LISBON)
    app = open_screen("colleague", id=str(manila.id))
    (strip,) = [html.proto.body for html in app.get("html") if '<div class="strips">' in html.proto.body]
    assert 'aria-label="They work today: 22:00 to 06:00"' in strip
    assert 'aria-label="You work today: 09:00 to 18:00"' in strip
    assert 'class="bar" style="left:58.33%;width:33.33%"' in strip


def test_addresses_are_for_leads(
    open_screen: OpenScreen, baton: Baton, add: AddPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines, raj = add("Ines", LISBON), add("Raj")
    act_as(raj, baton.store, monkeypatch)
    said = texts(open_screen("colleague", id=str(ines.id)))
    assert said[1] == ":small[Author]"
    assert not any("Change this profile" in text for text in said)


@pytest.mark.parametrize("wanted", ["", "0", "4711", "x", "-1", "²", "9" * 40])
def test_nobody_is_there(open_screen: OpenScreen, wanted: str) -> None:
    app = open_screen("colleague", id=wanted)
    assert not app.exception
    assert app.title[0].value == "Colleague not found"


def test_a_disabled_colleague(open_screen: OpenScreen, baton: Baton, add: AddPerson) -> None:
    ines = add("Ines", LISBON)
    disable(baton.store, LOCAL, ines.id)
    app = open_screen("colleague", id=str(ines.id))
    assert [info.value for info in app.info] == ["This account is disabled: nobody can sign in to it."]


def test_names_mean_nothing_but_themselves(open_screen: OpenScreen, add: AddPerson) -> None:
    odd = add("<b>$x$</b> | [a](b) :smile:")
    assert not open_screen("colleague", id=str(odd.id)).exception
    table = next(text for text in texts(open_screen("colleagues")) if text.startswith("| Name"))
    assert "\\<b\\>\\$x\\$\\</b\\> \\| \\[a\\](b)" in table


# ---- all colleagues -----------------------------------------------------------------------------------------------


def names(app: AppTest) -> list[str]:
    table = next((text for text in texts(app) if text.startswith("| Name")), "")
    return [row.split("[")[1].split("]")[0] for row in table.splitlines()[2:]]


def test_colleagues_are_listed_and_filtered(open_screen: OpenScreen, baton: Baton, add: AddPerson) -> None:
    ines, mika = add("Ines", LISBON), add("Mika", MANILA)
    raj = add("Raj", Profile("UTC", hours=((0, 0),) * 7))
    save_team(baton.store, LOCAL, "Billing", "", None, [ines, mika])
    app = open_screen("colleagues")
    assert names(app) == ["Ines", "local", "Mika", "Raj"]
    assert captions(app)[0] == "4 people, 2 at work now"
    row = next(text for text in texts(app) if text.startswith("| Name")).splitlines()[2]
    assert row == (
        f"| [Ines](</colleague?id={ines.id}>) | 12:00 :small[Europe/Lisbon] "
        "| :green-badge[At work] :small[until 18:00] | Billing |"
    )
    app.checkbox(key="colleagues_at_work").check().run()
    assert names(app) == ["Ines", "Raj"]
    app.selectbox(key="colleagues_team").set_value("Billing").run()
    assert names(app) == ["Ines"]
    app.text_input(key="colleagues_text").set_value("raj").run()
    assert [info.value for info in app.info] == ["Nobody fits. Clear a filter to see more people."]
    assert raj.name not in names(app)


def test_the_name_or_the_team_may_be_typed(open_screen: OpenScreen, baton: Baton, add: AddPerson) -> None:
    ines = add("Ines Carvalho", LISBON)
    add("Mika", MANILA)
    save_team(baton.store, LOCAL, "Night desk", "", None, [ines])
    app = open_screen("colleagues")
    for typed in ("carv", "DESK ines", "night"):
        app.text_input(key="colleagues_text").set_value(typed).run()
        assert names(app) == ["Ines Carvalho"]


def test_many_colleagues_come_in_parts(open_screen: OpenScreen, add: AddPerson) -> None:
    for number in range(60):
        add(f"Person {number:02d}")
    app = open_screen("colleagues")
    assert len(names(app)) == 50
    next(button for button in app.button if button.label == "11 more colleagues").click().run()
    assert len(names(app)) == 61


# ---- every other screen -------------------------------------------------------------------------------------------


def test_other_screens_show_the_clock_and_language_of_the_profile(open_screen: OpenScreen, baton: Baton) -> None:
    def shown() -> str:
        return next(text for text in texts(open_screen("history", slug="shift-calendar")) if "the page now" in text)

    before = shown()
    save_profile(baton.store, LOCAL, LOCAL.id, Profile("Asia/Kathmandu", language="de_DE"))
    after = shown()
    with baton.store.reading() as db:
        saved = db.execute("SELECT updated_at FROM pages WHERE slug = 'shift-calendar'").fetchone()[0]
    moment = datetime.fromisoformat(saved)
    assert Formats().full(moment) in before
    assert Formats(ZoneInfo("Asia/Kathmandu"), "de_DE").full(moment) in after


def test_a_new_note_is_meant_on_the_clock_of_the_profile(open_screen: OpenScreen, baton: Baton) -> None:
    save_profile(baton.store, LOCAL, LOCAL.id, Profile("Asia/Kathmandu"))
    app = open_screen("handover-edit", template="shift")
    assert next(box.value for box in app.selectbox if box.label == "Time zone") == "Asia/Kathmandu"
