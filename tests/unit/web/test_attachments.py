"""Attached files: who gets them, and what the browser keeps of them."""

from __future__ import annotations

from kb.indexing import Indexer
from kb.models import Attachment, Role, Space, SpaceKind
from kb.pages import PageText, create_page
from kb.people import invite, use_link
from kb.sharing import share_space
from kb.store import attachments
from kb.store.people import LOCAL
from tests.unit.web.conftest import PASSWORD, Site


def test_the_browser_asks_each_time_and_gets_a_file_only_while_its_person_may_see_it(
    site: Site, indexer: Indexer, space: Space
):
    page = create_page(site.store, indexer, LOCAL, space, PageText("Contract", "text"))
    with site.store.atomic() as db:
        sha256 = attachments.add(db, Attachment("", "plan.png", "image/png", b"a plan"), page.id)
    use_link(site.store, invite(site.store, LOCAL, "Ben", "ben@example.com", Role.READER).token, PASSWORD)
    browser = site.signed_in("ben@example.com")
    first = browser.get(f"/attachment/{sha256}")
    assert (first.status_code, first.content, first.headers["cache-control"]) == (200, b"a plan", "private, no-cache")
    kept = {"if-none-match": first.headers["etag"]}
    again = browser.get(f"/attachment/{sha256}", headers=kept)
    assert (again.status_code, again.content) == (304, b"")
    assert browser.get(f"/attachment/{sha256}", headers={"if-none-match": '"other"'}).status_code == 200
    share_space(site.store, LOCAL, space, SpaceKind.RESTRICTED, [LOCAL], [])
    assert browser.get(f"/attachment/{sha256}", headers=kept).status_code == 404
    assert site.visitor().get(f"/attachment/{sha256}", headers=kept).status_code == 401
