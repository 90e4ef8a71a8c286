"""The calendar's address: open to who knows the token of one, and to nothing else."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from icalendar import Calendar
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from kb.calendar_feed import make_address, remove_address
from kb.handover.models import PartyId
from kb.handovers import submit_note
from kb.indexing import Indexer
from kb.models import Person, Space
from kb.people import disable
from kb.sessions import TOUCH_AFTER, my_sessions
from kb.settings import Settings
from kb.store.db import Store, to_text
from kb.store.people import LOCAL
from kb.web.gate import Gate
from kb.web.headers import SecurityHeaders
from kb.web.request_log import RequestLog
from kb.web.routes import routes
from tests.people import add_person, sign_up
from tests.unit.permission_world import ready_text
from tests.unit.web.conftest import Site


@pytest.fixture
def ana(site: Site) -> Person:
    return add_person(site.store, "Ana")


@pytest.fixture
def visitor(site: Site) -> TestClient:
    """A calendar program: it has no cookie and follows nothing. In front of it stands what stands there for real."""

    def open_baton() -> object:
        return site.baton

    app = Starlette(
        routes=routes(open_baton),  # type: ignore[arg-type]
        middleware=[
            Middleware(RequestLog),
            Middleware(SecurityHeaders, open_baton=open_baton),
            Middleware(Gate, open_baton=open_baton),
        ],
    )
    return TestClient(app, base_url="http://testserver", follow_redirects=False)


def path(store: Store, person: Person) -> str:
    return make_address(store, Settings(), person).removeprefix("http://127.0.0.1:8501")


def test_a_calendar_is_read_without_a_session(
    site: Site, visitor: TestClient, ana: Person, indexer: Indexer, space: Space
) -> None:
    text = ready_text()
    text = replace(text, header=replace(text.header, receiver="Ana", receiver_id=PartyId(ana.id)))
    submit_note(site.store, indexer, LOCAL, text, space)
    answer = visitor.get(path(site.store, ana))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-disposition"] == 'inline; filename="baton.ics"'
    assert "set-cookie" not in answer.headers
    assert [event["summary"].partition(":")[0] for event in Calendar.from_ical(answer.content).events] == [
        "Read back", "Due",
    ]  # fmt: skip


def test_a_calendar_can_be_asked_for_without_its_text(site: Site, visitor: TestClient, ana: Person) -> None:
    address = path(site.store, ana)
    answer = visitor.head(address)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert [visitor.request(method, address).status_code for method in ("POST", "PUT", "DELETE")] == [405] * 3


@pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?token=%ff%00", "?token=" + "a" * 5000, "?x=1"])
def test_without_a_right_token_there_is_nothing(site: Site, visitor: TestClient, ana: Person, query: str) -> None:
    path(site.store, ana)
    answer = visitor.get(f"/calendar.ics{query}", headers={"accept": "text/html"})
    assert (answer.status_code, answer.text) == (
        404, "There is no calendar at this address. Make a new one in My profile.",
    )  # fmt: skip


def test_former_and_removed_addresses_and_those_of_disabled_people_are_closed(
    site: Site, visitor: TestClient, ana: Person
) -> None:
    first, second = path(site.store, ana), path(site.store, ana)
    assert [visitor.get(one).status_code for one in (first, second)] == [404, 200]
    remove_address(site.store, ana)
    assert visitor.get(second).status_code == 404
    third = path(site.store, ana)
    assert visitor.get(third).status_code == 200
    disable(site.store, LOCAL, ana.id)
    assert visitor.get(third).status_code == 404


def test_no_other_address_takes_the_token(site: Site, visitor: TestClient, ana: Person) -> None:
    query = path(site.store, ana).partition("?")[2]
    for other in ("/", "/calendar.ics/", "/Calendar.ics", "//calendar.ics", "/attachment/0", "/my-day"):
        assert visitor.get(f"{other}?{query}").status_code == 401


def test_reading_a_calendar_keeps_no_session_alive(site: Site, visitor: TestClient, ana: Person) -> None:
    token = sign_up(site.store, ana).token
    (session,) = my_sessions(site.store, ana)
    before = session.seen_at - 2 * TOUCH_AFTER
    with site.store.atomic() as db:
        db.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", [to_text(before), session.id])
    cookie = {"cookie": f"baton_session={token}"}
    assert visitor.get(path(site.store, ana), headers=cookie).status_code == 200
    assert my_sessions(site.store, ana)[0].seen_at == before
    visitor.get("/attachment/0", headers=cookie)  # a click does
    assert my_sessions(site.store, ana)[0].seen_at > before


def test_no_log_line_holds_the_token(
    site: Site, visitor: TestClient, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    address = path(site.store, ana)
    with caplog.at_level(logging.DEBUG):
        visitor.get(address)
        visitor.get("/calendar.ics?token=wrong-token")
        visitor.get(address.replace("?token=", "/"))  # somebody copied it wrongly
    ours = [record for record in caplog.records if record.name.startswith("kb")]
    assert [(record.route, record.status) for record in ours] == [  # type: ignore[attr-defined]
        ("/calendar.ics", 200), ("/calendar.ics", 404), ("/calendar.ics/*", 401),
    ]  # fmt: skip
    told = "\n".join(str(vars(record)) for record in ours)
    assert [secret for secret in (address.partition("=")[2], "wrong-token") if secret in told] == []
