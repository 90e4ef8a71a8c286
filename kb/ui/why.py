"""Why a result was found, in one quiet line: its words, its nearness in meaning, its age."""

from __future__ import annotations

from datetime import datetime, timedelta

from kb.models import Page
from kb.search import SearchResult
from kb.ui import words
from kb.ui.markdown import escape

SHOWN_WORDS = 5
STALE = timedelta(days=365)  # what nobody has touched for a year may no longer be so
MONTH = timedelta(days=30)
MONTHS_COUNTED = 24  # "14 months" says more than "1 year"
# The cosine from which a passage is called so. Of the first ten results on the judged handbook 82 % of those above the
# first are relevant, 35 % between it and the second, 14 % between that and the third, 9 % below.
NEARNESS = ((0.55, "very near in meaning"), (0.4, "near in meaning"), (0.3, "loosely related in meaning"))


def why(result: SearchResult, moment: datetime) -> str:
    """Why this result, as Markdown."""
    reasons = [_matched(result.matched), _nearness(result.cosine), freshness(result.page, moment)]
    return "Why: " + " · ".join(reason for reason in reasons if reason)


def freshness(page: Page, moment: datetime) -> str:
    """How fresh a page is, for instance "updated 3 days ago"; with a hint where it is stale."""
    age = moment - page.updated_at
    if age < STALE:
        return words.updated(page, moment)
    months = age // MONTH
    ago = words.counted(months, "month") if months < MONTHS_COUNTED else words.counted(age // STALE, "year")
    return f"not updated for {ago}, may be out of date"


def _matched(matched: tuple[str, ...]) -> str:
    if not matched:
        return ""
    named = ", ".join(f"“{escape(words.shortened(word, 40))}”" for word in matched[:SHOWN_WORDS])
    more = len(matched) - SHOWN_WORDS
    return f"matches {named}" + (f" and {more} more" if more > 0 else "")


def _nearness(cosine: float) -> str:
    shown = round(cosine, 2)  # the word has to fit the figure
    return next((f"{name} ({shown:.2f})" for least, name in NEARNESS if shown >= least), "")
