"""The search screen."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.handovers import submit_note
from kb.models import PageKind, Role
from kb.operators import Name, parse_query
from kb.pages import ensure_space
from kb.store import people
from kb.store.db import now, to_text
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, SavePage, TestModel, act_as, lately, texts
from tests.unit.handover_samples import shift_note

BY_WORDS = "The meaning model is still loading: these results match by words only."


def titles(app: AppTest) -> list[str]:
    return [title for text in texts(app) for title in re.findall(r"^## \[(.*?)\]\(", text, re.MULTILINE)]


def results(app: AppTest) -> list[str]:
    """The text of each result."""
    listed = next(text for text in texts(app) if text.startswith("## ["))
    return re.split(r"\n\n(?=## \[)", listed)


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def test_an_empty_box_shows_where_to_begin(open_screen: OpenScreen) -> None:
    app = open_screen()
    assert [heading.value for heading in app.header] == ["Recently updated", "Open handover notes", "Start here"]
    recent, notes, starts = texts(app)
    assert "[Invoice disputes](</page?slug=invoice-disputes>)  \n  :small[Northwind · updated lately]" in lately(recent)
    assert notes == "None. [Write one](/handover-edit)."
    assert starts == (
        "- [Guide\\: a career in international BPO](</page?slug=guide-bpo>)\n"
        "- [Guide\\: working in an international KPO team](</page?slug=guide-kpo>)\n"
        "- [Glossary of outsourcing terms](</page?slug=glossary>)"
    )


def test_open_handover_notes_are_listed(open_screen: OpenScreen, baton: Baton) -> None:
    space = ensure_space(baton.store, LOCAL, "Handovers")
    start = now() + timedelta(hours=1)
    text = shift_note(effective=start, acknowledge_by=start + timedelta(hours=1))
    note = submit_note(baton.store, baton.indexer, LOCAL, text, space)
    listed = texts(open_screen())[1]
    assert listed.startswith(f"- [{escape(note.page.title)}](</handover?slug={note.page.slug}>)  \n  :")
    assert listed.endswith("Submitted] :small[ACME]")


def test_filters_alone_list_what_fits_newest_first(open_screen: OpenScreen, save: SavePage) -> None:
    save("Fresh", "New.", tags=("billing",))
    app = open_screen(tag="billing")
    assert [line.split("]")[0] for line in texts(app)[0].splitlines()[::2]] == [
        "- [Fresh",
        "- [Refund policy",
        "- [Invoice disputes",
    ]
    assert texts(open_screen(tag="billing", kind="glossary")) == ["Nothing fits these filters."]


def test_a_result_shows_title_place_passage_and_why(open_screen: OpenScreen) -> None:
    link, place, passage, why = results(open_screen(q="duplicate charge"))[0].split("\n\n")
    assert re.fullmatch(
        r"## \[Invoice disputes\]\(</page\?slug=invoice-disputes&q=duplicate\+charge&passage=[0-9a-f]{12}#[a-z-]+>\)",
        link,
    )
    assert place.startswith(":small[Page · Northwind › When ")
    assert place.endswith(" · owner local]")
    assert ":primary-background[duplicate]" in passage
    assert lately(why) == ":small[Why: matches “duplicate”, “charge” · updated lately]"


def test_a_good_result_is_told_as_the_answer_with_its_source(open_screen: OpenScreen) -> None:
    app = open_screen(q="VPN-809 badge")
    label, answer, source = texts(app)[0].split("\n\n")
    assert label == "## Answer"
    assert ":primary-background[VPN]\\-:primary-background[809]" in answer
    assert re.fullmatch(
        r":small\[\[Remote access › Set up the VPN\]\(</page\?slug=remote-access&q=VPN-809\+badge&passage=[0-9a-f]{12}"
        r"#set-up-the-vpn>\) · Operations · updated lately\]",
        lately(source),
    )
    # The first of the results is there as well, and does not repeat what the card says.
    assert titles(app)[0] == "Remote access"
    assert [len(result.split("\n\n")) for result in results(app)][:2] == [3, 4]


def test_steps_are_told_as_a_list(open_screen: OpenScreen, save: SavePage) -> None:
    save(
        "Forklift",
        "Drive slowly.\n\nTo charge the forklift at night:\n\n1. Park it.\n1. Lift the *hood*.\n   - Mind <b>it</b>.",
    )
    _, intro, steps, _ = texts(open_screen(q="charge forklift night"))[0].split("\n\n")
    assert intro == (
        "To :primary-background[charge] the :primary-background[forklift] at :primary-background[night]\\:"
    )
    assert steps == "1. Park it.\n2. Lift the hood.\n    - Mind it."


def test_hostile_text_in_an_answer_is_text(open_screen: OpenScreen, save: SavePage) -> None:
    save("<b>*Zanzibar*</b>", "Costs $5 and $6 :red[zanzibar] [x](javascript:1) `<script>` :smile: for everybody.")
    _, answer, source = texts(open_screen(q="zanzibar costs"))[0].split("\n\n")
    assert answer == (
        ":primary-background[Costs] \\$5 and \\$6 \\:red\\[:primary-background[zanzibar]\\] \\[x\\](javascript\\:1) "
        "\\<script\\> :color[\\:]{}smile\\: for everybody."
    )
    assert source.startswith(":small[[\\<b\\>\\*Zanzibar\\*\\</b\\>](</page?")


def test_weak_results_are_never_told_as_an_answer(open_screen: OpenScreen) -> None:
    for query in ("purple dinosaur museum", "how do people park", "duplicate charge", "tag:billing"):
        assert not any(text.startswith("## Answer") for text in texts(open_screen(q=query)))


def test_without_the_model_words_alone_may_answer(open_screen: OpenScreen, model: TestModel) -> None:
    model.available = False
    app = open_screen(q="VPN-809 badge")
    assert texts(app)[0].startswith("## Answer")
    assert "in meaning" not in "".join(texts(app))


def test_what_is_old_is_said_to_be_old(open_screen: OpenScreen, baton: Baton) -> None:
    with baton.store.atomic() as db:
        db.execute(
            "UPDATE pages SET updated_at = ? WHERE slug = 'invoice-disputes'", [to_text(now() - timedelta(days=430))]
        )
    app = open_screen(q="duplicate charge")
    assert "not updated for 14 months, may be out of date]" in texts(app)[0]


def test_address_sets_box_and_filters(open_screen: OpenScreen) -> None:
    app = open_screen(q="team lead", space="northwind", kind="page,glossary", tag="billing")
    assert app.text_input(key="query").value == "team lead"
    assert app.selectbox(key="space").value == "northwind"
    assert app.session_state["kinds"] == [PageKind.PAGE, PageKind.GLOSSARY]
    assert app.multiselect(key="tags").value == ["billing"]
    assert sorted(titles(app)) == ["Invoice disputes", "Refund policy"]


def test_a_changed_filter_searches_again(open_screen: OpenScreen) -> None:
    app = open_screen(q="team lead", tag="billing")
    app.selectbox(key="space").set_value("operations").run()
    assert app.header[0].value == "Nothing found"
    assert app.session_state["kept_address"]["space"] == "operations"
    app = open_screen(q="team lead", space="northwind")
    app.multiselect(key="tags").set_value(["billing"]).run()
    assert sorted(titles(app)) == ["Invoice disputes", "Refund policy"]


def test_unknown_filters_in_the_address_are_ignored(open_screen: OpenScreen) -> None:
    app = open_screen(q="refund", space="nowhere", kind="poem", tag="nothing")
    assert not app.exception
    assert titles(app)[0] == "Refund policy"


def test_ten_results_first_then_more(open_screen: OpenScreen, save: SavePage) -> None:
    for number in range(25):
        save(f"Forklift {number}", "The forklift is charged at night.")
    app = open_screen(q="forklift", kind="page")
    assert (len(titles(app)), captions(app)) == (10, ["The best 10 results"])
    app.button[0].click().run()
    assert (len(titles(app)), captions(app)) == (20, ["The best 20 results"])
    app.text_input(key="query").set_value("forklift night").run()
    assert len(titles(app)) == 10


def test_nothing_found_says_what_to_do(open_screen: OpenScreen, model: TestModel) -> None:
    model.available = False
    app = open_screen(q="xylophone <b>", tag="billing")
    assert app.header[0].value == "Nothing found"
    advice = texts(app)[0]
    assert advice.startswith("No page answers “xylophone \\<b\\>”.")
    assert "Remove the filters" in advice
    assert "[Write the page](</write?title=xylophone+%3Cb%3E>)" in advice


def test_readers_are_not_told_to_write(
    open_screen: OpenScreen, model: TestModel, baton: Baton, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.available = False
    with baton.store.atomic() as db:
        reader = people.add(db, "Rita", "rita@example.com", Role.READER)
    act_as(reader, baton.store, monkeypatch)
    app = open_screen(q="xylophone")
    assert app.header[0].value == "Nothing found"
    assert "Ask your team" in texts(app)[0]
    assert "/write" not in texts(app)[0]


def test_words_answer_until_the_model_is_there(open_screen: OpenScreen, model: TestModel) -> None:
    model.available = False
    app = open_screen(q="duplicate charge")
    assert captions(app)[0] == BY_WORDS
    assert titles(app)[0] == "Invoice disputes"
    model.available = True
    app.run()
    assert BY_WORDS not in captions(app)


def test_a_failed_model_is_said(open_screen: OpenScreen, model: TestModel) -> None:
    model.available, model.failure = False, "The model is missing."
    assert captions(open_screen(q="refund"))[0] == (
        "The meaning model cannot be used: these results match by words only. See Index status."
    )


def test_who_may_not_see_the_index_is_not_sent_there(
    open_screen: OpenScreen, baton: Baton, model: TestModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with baton.store.atomic() as db:
        reader = people.add(db, "Rea", "rea@example.com", Role.READER)
    act_as(reader, baton.store, monkeypatch)
    model.available, model.failure = False, "The model is missing."
    assert captions(open_screen(q="refund"))[0] == (
        "The meaning model cannot be used: these results match by words only. An administrator can see why."
    )


def chips(app: AppTest) -> list[str]:
    return [button.label for button in app.button if (button.key or "").startswith("operator_")]


def test_what_was_understood_is_shown_and_taken_out_by_a_press(open_screen: OpenScreen) -> None:
    app = open_screen(q='refund "team lead" -laptop tag:Billing -type:guide updated:>2026-01 updated:2026..2027')
    assert chips(app) == [
        "“team lead”",
        "not “laptop”",
        "tag\\: Billing",
        "not type\\: guide",
        "updated\\: from 1 Feb 2026",
        "updated\\: 2026 to 2027",
    ]
    assert titles(app) == ["Refund policy", "Invoice disputes"]
    for _ in range(6):
        app.button[0].click().run()
    assert (app.text_input(key="query").value, chips(app)) == ("refund", [])
    assert len(titles(app)) == 10


def test_operators_alone_list_what_fits(open_screen: OpenScreen, save: SavePage) -> None:
    save("Fresh", "New.", tags=("billing",))
    app = open_screen(q='tag:billing -"purchase order"')
    assert app.header[0].value == "Recently updated"
    assert [line.split("]")[0] for line in texts(app)[0].splitlines()[::2]] == ["- [Fresh", "- [Refund policy"]
    assert texts(open_screen(q="tag:billing type:glossary")) == ["Nothing fits these filters."]
    assert texts(open_screen(q="type:page", tag="access", space="northwind")) == ["Nothing fits these filters."]


def test_an_operator_that_cannot_be_used_is_told_about(open_screen: OpenScreen) -> None:
    app = open_screen(q="type:<b>banana</b>")
    assert captions(app) == ["type\\: takes page, guide, glossary or handover, not “\\<b\\>banana\\</b\\>”."]
    assert (chips(app), app.header[0].value) == ([], "Recently updated")
    app = open_screen(q="refund tag:biling space:nowhere")
    assert captions(app)[0] == (
        "tag\\: no page has the tag “biling”. Did you mean billing?  \n"
        "space\\: there is no space “nowhere”. Choose one of\\: Guides, Northwind, Operations."
    )
    assert titles(app)[0] == "Refund policy"


def test_more_of_what_operators_list(open_screen: OpenScreen, save: SavePage) -> None:
    for number in range(12):
        save(f"Forklift {number}", "Charged at night.")
    app = open_screen(q="title:forklift")
    assert len(texts(app)[0].splitlines()) == 20
    next(button for button in app.button if button.label == "More").click().run()
    assert len(texts(app)[0].splitlines()) == 24


def test_tips_name_operators_that_work(open_screen: OpenScreen) -> None:
    (tips,) = (text.value for text in open_screen().markdown if text.value.startswith("| Type |"))
    typed = [line.split("|")[1].strip(" `") for line in tips.splitlines()[2:]]
    assert [len(parse_query(one).operators) for one in typed] == [1] * len(typed)
    assert {parse_query(one).operators[0].name for one in typed} == set(Name)


def test_any_query_is_fine(open_screen: OpenScreen) -> None:
    for query in ("   ", "x" * 10_000, "🎉", '"', "'; DROP TABLE pages; --", "مرحبا", "NEAR(a b)", "* OR -", "\u0000",
                  '"', "-", "tag:", '"$x$ :smile:" -"<b>*x*</b>"', "updated:>soon", "-ab " * 400):  # fmt: skip
        assert not open_screen(q=query).exception


def test_a_misspelt_query_is_corrected_and_it_is_said(open_screen: OpenScreen) -> None:
    app = open_screen(q="refnud *policy*")
    assert texts(app)[0] == "Showing results for **refund \\*policy\\***."
    assert titles(app)[0] == "Refund policy"
    assert "](</page?slug=refund-policy&q=refund+%2Apolicy%2A" in texts(app)[1]
    assert app.button(key="exactly").label == "Search instead for refnud \\*policy\\*"


def test_what_was_typed_can_be_searched_for_instead(open_screen: OpenScreen) -> None:
    app = open_screen(q="refnud policy")
    app.button(key="exactly").click().run()
    assert not any("Showing results for" in text for text in texts(app))
    assert app.session_state["kept_address"]["exact"] == "1"
    app.text_input(key="query").set_value("refnud").run()
    assert texts(app)[0] == "Showing results for **refund**."


def test_an_address_may_ask_for_what_was_typed(open_screen: OpenScreen) -> None:
    app = open_screen(q="refnud policy", exact="1")
    assert not any("Showing results for" in text for text in texts(app))
