"""The screens People, Teams, Spaces, Audit log and "Where I am signed in", for each role."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kb import people, sharing, teams
from kb.application import Baton
from kb.handover.models import Step
from kb.models import Person, Role, SpaceKind
from kb.ownership import owned_by
from kb.pages import PageText, create_page, ensure_space
from kb.people import all_accounts
from kb.sessions import my_sessions, sign_in
from kb.store import people as store_people
from kb.store.people import LOCAL
from kb.ui.audit_words import ACTION
from kb.ui.markdown import escape
from tests.people import PASSWORD, add_person, sign_up
from tests.ui.conftest import OpenScreen, act_as, texts

SCREENS = ["people", "teams", "spaces", "audit", "sessions", "handover-dashboard"]
HOSTILE = "<script>alert(1)</script> [x](http://e.org) $a$ :red[b] | c"


def said(app: AppTest) -> str:
    """Everything that the screen says."""
    kinds = (app.title, app.header, app.markdown, app.caption, app.info, app.success, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind)


@pytest.mark.parametrize(
    ("role", "open_to"),
    [
        (Role.READER, {"sessions"}),
        (Role.AUTHOR, {"sessions"}),
        (Role.LEAD, {"spaces", "sessions", "handover-dashboard"}),
        (Role.ADMINISTRATOR, set(SCREENS)),
    ],
)
def test_each_role_gets_its_screens_and_a_kind_sentence_in_place_of_the_others(
    open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch, role: Role, open_to: set[str]
) -> None:
    act_as(add_person(baton.store, "Ines", role), baton.store, monkeypatch)
    for screen in SCREENS:
        app = open_screen(screen)
        assert not app.exception
        assert (app.title[0].value == "Not for your role") == (screen not in open_to)


# ---- People -------------------------------------------------------------------------------------------------------


def test_an_invitation_shows_its_link_once(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("people")
    app.text_input(key="invite_name").input("Ines Pereira").run()
    app.text_input(key="invite_email").input("ines@example.com").run()
    next(button for button in app.button if button.label == "Invite").click().run()
    assert not app.exception
    (code,) = app.code
    assert code.value.startswith("http://127.0.0.1:8501/link?token=")
    assert "It works once, until" in said(app)
    assert "| [Ines Pereira](</people?id=2>) | ines\\\\@example.com" not in said(app)
    assert "Ines Pereira" in texts(app)[-1]
    app.button(key="link_done").click().run()
    assert not app.code
    assert code.value not in said(app)


def test_an_invitation_that_cannot_be_keeps_what_was_typed(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("people")
    app.text_input(key="invite_name").input("Ines").run()
    app.text_input(key="invite_email").input("nonsense").run()
    next(button for button in app.button if button.label == "Invite").click().run()
    assert "such as maria" in app.error[0].value
    assert app.text_input(key="invite_name").value == "Ines"
    assert len(all_accounts(baton.store, LOCAL)) == 1


def test_people_are_filtered(open_screen: OpenScreen, baton: Baton) -> None:
    add_person(baton.store, "Ines")
    people.disable(baton.store, LOCAL, add_person(baton.store, "Kenji", Role.LEAD).id)
    app = open_screen("people")
    assert app.caption[1].value == "3 people"
    app.selectbox(key="people_state").set_value("disabled").run()
    assert app.caption[1].value == "1 of 3 people"
    assert "Kenji" in texts(app)[-1]
    app.text_input(key="people_text").input("nobody at all").run()
    assert app.info[0].value == "Nobody fits these filters."


def test_names_are_only_text(open_screen: OpenScreen, baton: Baton) -> None:
    mallory = add_person(baton.store, HOSTILE)
    assert escape(HOSTILE) in texts(open_screen("people"))[-1]
    assert open_screen("people", id=str(mallory.id)).title[0].value == escape(HOSTILE)
    teams.save_team(baton.store, LOCAL, HOSTILE, HOSTILE, mallory, [mallory])
    assert escape(HOSTILE) in said(open_screen("teams"))
    assert escape(HOSTILE) in said(open_screen("audit"))


@pytest.mark.parametrize("number", ["999", "0", "x", "１", "9" * 40])
def test_a_person_who_does_not_exist(open_screen: OpenScreen, number: str) -> None:
    app = open_screen("people", id=number)
    assert not app.exception
    assert app.title[0].value in ("Person not found", "People")


def test_a_role_is_changed(open_screen: OpenScreen, baton: Baton) -> None:
    ines = add_person(baton.store, "Ines Pereira")
    app = open_screen("people", id=str(ines.id))
    assert "A new role takes effect at Ines's next click." in said(app)
    app.selectbox(key=f"role_{ines.id}_author").set_value(Role.READER).run()
    app.selectbox(key=f"role_{ines.id}_author").set_value(Role.LEAD)  # and pressed before it is drawn
    next(button for button in app.button if button.label == "Change role").click().run()
    assert people.find_account(baton.store, LOCAL, "ines.pereira@example.com").role is Role.LEAD


def test_the_only_administrator_stays_one(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("people", id=str(LOCAL.id))
    app.selectbox(key=f"role_{LOCAL.id}_administrator").set_value(Role.READER).run()
    next(button for button in app.button if button.label == "Change role").click().run()
    assert "local is the only administrator" in app.error[0].value


def test_sessions_of_a_person_are_listed_and_ended(open_screen: OpenScreen, baton: Baton) -> None:
    ines = add_person(baton.store, "Ines")
    sign_up(baton.store, ines, "192.0.2.7", "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/128.0")
    app = open_screen("people", id=str(ines.id))
    assert "**Firefox on Windows**" in said(app)
    assert f"from {escape('192.0.2.7')}" in said(app)
    next(button for button in app.button if button.label == "Sign out everywhere").click().run()
    assert "Ines is not signed in anywhere." in said(app)
    assert my_sessions(baton.store, ines) == []


def test_disabling_gives_what_the_person_owns_to_the_chosen_one(open_screen: OpenScreen, baton: Baton) -> None:
    ines, kenji = add_person(baton.store, "Ines"), add_person(baton.store, "Kenji")
    space = ensure_space(baton.store, LOCAL, "Northwind")
    create_page(baton.store, baton.indexer, ines, space, PageText("Refunds of Ines", "text"))
    app = open_screen("people", id=str(ines.id))
    app.button(key="disable").click().run()
    assert "Ines owns 1 page that you can see. Who looks after that now?" in said(app)
    app.selectbox(key="disable_to").set_value(kenji)
    app.button(key="confirm_disable").click().run()
    assert not app.exception
    assert [page.title for page in owned_by(baton.store, LOCAL, kenji)] == ["Refunds of Ines"]
    assert people.find_account(baton.store, LOCAL, "ines@example.com").disabled_at is not None
    assert "Disabled since" in said(app)
    next(button for button in app.button if button.label == "Enable").click().run()
    assert people.find_account(baton.store, LOCAL, "ines@example.com").disabled_at is None


def test_one_page_of_several_is_given_away(open_screen: OpenScreen, baton: Baton) -> None:
    ines, kenji = add_person(baton.store, "Ines"), add_person(baton.store, "Kenji")
    space = ensure_space(baton.store, LOCAL, "Northwind")
    pages = [
        create_page(baton.store, baton.indexer, ines, space, PageText(title, "text")) for title in ("Same", "Same", "C")
    ]
    app = open_screen("people", id=str(ines.id))
    assert "Ines owns 3 pages and notes that you can see." in said(app)
    assert app.multiselect(key=f"give_{ines.id}").options == [
        "C (Northwind)", "Same (Northwind) [same]", "Same (Northwind) [same-2]",
    ]  # fmt: skip
    app.selectbox(key=f"give_to_{ines.id}").set_value(kenji).run()
    app.multiselect(key=f"give_{ines.id}").set_value([pages[1].id])  # and pressed before it is drawn
    app.button(key=f"give_now_{ines.id}").click().run()
    assert [page.slug for page in owned_by(baton.store, LOCAL, kenji)] == ["same-2"]


# ---- Teams --------------------------------------------------------------------------------------------------------


def test_a_team_is_made_changed_and_removed(open_screen: OpenScreen, baton: Baton) -> None:
    ines = add_person(baton.store, "Ines")
    app = open_screen("teams")
    assert app.info[0].value == "There are no teams yet."
    app.text_input(key="team_new_name").input("Night shift").run()
    app.multiselect(key="team_new_members").set_value([ines.id])  # and pressed before it is drawn
    app.button(key="team_new_save").click().run()
    (team,) = teams.all_teams(baton.store, LOCAL)
    assert (team.name, team.members) == ("Night shift", (ines,))
    assert "1 member · no lead" in said(app)
    sharing.make_space(baton.store, LOCAL, "ACME", SpaceKind.RESTRICTED, [], [team])
    app = open_screen("teams", id=str(team.id))
    app.button(key="remove_team").click().run()
    assert "Its members no longer see **ACME**" in said(app)
    app.button(key="confirm_remove").click().run()
    assert not app.exception
    assert teams.all_teams(baton.store, LOCAL) == []


def test_a_lead_of_a_team_changes_its_queue_and_not_its_name(
    open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines = add_person(baton.store, "Ines")
    own = teams.save_team(baton.store, LOCAL, "ACME", "", ines, [])
    other = teams.save_team(baton.store, LOCAL, "Other", "", None, [])
    act_as(ines, baton.store, monkeypatch)
    app = open_screen("teams", id=str(own.id))
    assert (app.text_input[0].disabled, app.text_input[1].disabled, app.selectbox[0].disabled) == (True, False, True)
    app.text_input(key=f"team_{own.id}_queue").input("ACME cases").run()
    app.button(key=f"team_{own.id}_save").click().run()
    assert teams.my_teams(baton.store, ines)[0].queue == "ACME cases"
    assert not open_screen("teams", id=str(other.id)).text_input
    assert "Make a team" not in [expander.label for expander in open_screen("teams").expander]
    assert open_screen("teams", id="77").title[0].value == "Team not found"


def test_an_older_form_brings_nobody_back_into_a_team(open_screen: OpenScreen, baton: Baton) -> None:
    ines, kenji = add_person(baton.store, "Ines"), add_person(baton.store, "Kenji")
    ada = add_person(baton.store, "Ada", Role.ADMINISTRATOR)
    team = teams.save_team(baton.store, LOCAL, "ACME", "", None, [ines, kenji])
    app = open_screen("teams", id=str(team.id))
    teams.save_team(baton.store, ada, "ACME", "", None, [ines], team)
    app.text_input(key=f"team_{team.id}_queue").input("calls").run()  # what the form began with stays
    app.button(key=f"team_{team.id}_save").click().run()
    assert "Ada changed this team meanwhile" in app.error[0].value
    assert teams.all_teams(baton.store, LOCAL)[0].members == (ines,)
    assert app.text_input(key=f"team_{team.id}_queue").value == "calls"
    assert app.multiselect(key=f"team_{team.id}_members").value == [ines.id, kenji.id]
    app.multiselect(key=f"team_{team.id}_members").set_value([ines.id]).run()
    app.button(key=f"team_{team.id}_save").click().run()
    assert not app.error
    assert (teams.all_teams(baton.store, LOCAL)[0].queue, teams.all_teams(baton.store, LOCAL)[0].members) == (
        "calls",
        (ines,),
    )


# ---- Spaces -------------------------------------------------------------------------------------------------------


def test_closing_a_space_says_who_loses_sight_and_asks(open_screen: OpenScreen, baton: Baton) -> None:
    add_person(baton.store, "Ines")
    app = open_screen("spaces", space="northwind")
    number = next(
        space.space.id for space in sharing.space_summaries(baton.store, LOCAL) if space.space.slug == "northwind"
    )
    app.radio(key=f"space_{number}_kind").set_value(SpaceKind.CONFIDENTIAL).run()
    app.button(key="save_sharing").click().run()
    assert "You would not see this space any more" in app.error[0].value
    app.multiselect(key=f"space_{number}_people").set_value([LOCAL.id]).run()
    app.button(key="save_sharing").click().run()
    assert "**No longer see it (1):** Ines" in said(app)
    app.button(key="confirm_sharing").click().run()
    assert not app.exception
    assert ":red-badge[:material/lock: Confidential]" in said(app)


def test_an_older_form_lets_nobody_back_into_a_space(open_screen: OpenScreen, baton: Baton) -> None:
    ines, kenji = add_person(baton.store, "Ines"), add_person(baton.store, "Kenji")
    ada = add_person(baton.store, "Ada", Role.ADMINISTRATOR)
    space = ensure_space(baton.store, LOCAL, "Northwind")
    sharing.share_space(baton.store, LOCAL, space, SpaceKind.RESTRICTED, [LOCAL, ines], [])
    app = open_screen("spaces", space="northwind")
    sharing.share_space(baton.store, ada, space, SpaceKind.RESTRICTED, [LOCAL], [])
    field = f"space_{space.id}_people"
    app.multiselect(key=field).set_value([LOCAL.id, ines.id, kenji.id]).run()
    app.button(key="save_sharing").click().run()
    assert "Ada changed who sees this space meanwhile" in app.error[0].value
    assert sharing.sharing_of(baton.store, LOCAL, space).people == (LOCAL,)
    assert app.multiselect(key=field).value == [LOCAL.id, ines.id, kenji.id]
    app.multiselect(key=field).set_value([LOCAL.id, kenji.id]).run()
    app.button(key="save_sharing").click().run()
    sharing.share_space(baton.store, ada, space, SpaceKind.RESTRICTED, [], [])  # while the question is open
    app.button(key="confirm_sharing").click().run()
    assert "Ada changed who sees this space meanwhile" in app.error[0].value
    app.button(key="save_sharing").click().run()
    app.button(key="confirm_sharing").click().run()
    assert not app.error
    assert sharing.sharing_of(baton.store, LOCAL, space).people == (kenji, LOCAL)


def test_a_space_is_made_and_renamed(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("spaces")
    app.text_input(key="new_space_name").input("Payroll").run()
    app.radio(key="new_space_kind").set_value(SpaceKind.CONFIDENTIAL)  # and pressed before it is drawn
    app.button(key="new_space_save").click().run()
    made = next(one for one in sharing.space_summaries(baton.store, LOCAL) if one.space.name == "Payroll")
    assert (made.space.kind, sharing.sharing_of(baton.store, LOCAL, made.space).people) == (
        SpaceKind.CONFIDENTIAL,
        (LOCAL,),
    )
    assert "Payroll" in said(app)
    app = open_screen("spaces", space="payroll")
    app.text_input[0].input("Pay")
    next(button for button in app.button if button.label == "Save name").click().run()
    assert open_screen("spaces", space="payroll").title[0].value == "Pay"


def test_a_hidden_space_is_like_one_that_does_not_exist(
    open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch
) -> None:
    sharing.make_space(baton.store, LOCAL, "Secret", SpaceKind.CONFIDENTIAL, [LOCAL], [])
    act_as(add_person(baton.store, "Kenji", Role.LEAD), baton.store, monkeypatch)
    assert "Secret" not in said(open_screen("spaces"))
    assert said(open_screen("spaces", space="secret")) == said(open_screen("spaces", space="nothing"))


# ---- Audit log ----------------------------------------------------------------------------------------------------


def test_the_log_is_filtered_and_turned(open_screen: OpenScreen, baton: Baton) -> None:
    ines = add_person(baton.store, "Ines")
    for _ in range(30):
        people.disable(baton.store, LOCAL, ines.id)
        people.enable(baton.store, LOCAL, ines.id)
    app = open_screen("audit")
    app.multiselect(key="audit_actions").set_value(["person.disabled", "person.enabled"]).run()
    assert app.caption[0].value == "60 lines, the latest first"
    assert "1 to 50" in said(app)
    next(button for button in app.button if button.label == "Older").click().run()
    assert "51 to 60" in said(app)
    assert "| local | disabled a person | Ines |" in texts(app)[-2]
    app.selectbox(key="audit_who").set_value(ines.id).run()
    assert app.info[0].value == "No line fits these filters."
    assert not app.exception


def test_what_an_administrator_may_not_see_has_a_number_for_a_name(open_screen: OpenScreen, baton: Baton) -> None:
    kenji = add_person(baton.store, "Kenji", Role.LEAD)
    secret = sharing.make_space(baton.store, kenji, "Secret", SpaceKind.CONFIDENTIAL, [kenji], []).space
    page = create_page(baton.store, baton.indexer, kenji, secret, PageText("Hidden title", "text"))
    app = open_screen("audit")
    assert "Secret" not in said(app)
    assert "Hidden title" not in said(app)
    assert f"wrote a page | page {page.id} |" in said(app)


# ---- Where I am signed in -----------------------------------------------------------------------------------------


def in_two_browsers(baton: Baton, monkeypatch: pytest.MonkeyPatch) -> Person:
    ines = add_person(baton.store, "Ines")
    sign_up(baton.store, ines, agent="Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Safari/604.1")
    act_as(ines, baton.store, monkeypatch)
    return ines


def test_other_sessions_are_ended_and_this_one_stays(
    open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines = in_two_browsers(baton, monkeypatch)
    app = open_screen("sessions")
    assert "**Safari on iPhone**" in said(app)
    assert said(app).count("This browser") == 1
    app.button(key="end_others").click().run()
    assert [session.agent for session in my_sessions(baton.store, ines)] == ["Tests"]
    assert "end_others" not in [button.key for button in app.button]


def test_a_password_is_changed_and_does_not_stay_in_memory(
    open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines = in_two_browsers(baton, monkeypatch)
    app = open_screen("sessions")
    for current, new, problem in (
        ("wrong", "another four words here", "The current password is wrong."),
        (PASSWORD, "short", "Use at least 12 characters"),
        (PASSWORD, "another four words here", ""),
    ):
        app.text_input(key="current_password").input(current)
        app.text_input(key="new_password").input(new)
        next(button for button in app.button if button.label == "Change password").click().run()
        assert not app.exception
        assert (problem in app.error[0].value) if problem else not app.error
        assert (app.session_state["current_password"], app.session_state["new_password"]) == ("", "")
    assert len(my_sessions(baton.store, ines)) == 1
    assert sign_in(baton.store, "ines@example.com", "another four words here").person == ines


def test_a_company_account_is_shown_and_unlinked(
    open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines = add_person(baton.store, "Ines", Role.AUTHOR)
    with baton.store.atomic() as db:
        store_people.add_identity(db, "https://id.example/realm", f"sub {HOSTILE}", ines.id)
    app = open_screen("people", id=str(ines.id))
    assert "**Company account** at id.example" in said(app)
    assert escape(HOSTILE) in said(app)
    next(button for button in app.button if button.label == "Unlink").click().run()
    assert not app.exception
    assert "Company account" not in said(app)


def test_every_line_of_the_log_reads_as_words() -> None:
    """Nothing is recorded for which the screen has no words."""
    recorded = {
        action
        for path in Path(people.__file__).parent.rglob("*.py")
        for action in re.findall(r'audit\.record\([^)]*?"([a-z]+\.[a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(recorded) > 25
    assert recorded - ACTION.keys() == set()
    assert {f"note.{step.replace(' ', '_')}" for step in Step} - ACTION.keys() == set()
