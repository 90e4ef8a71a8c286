"""How good the read-back coverage is: on judged cases, with cross-validation over notes, beside two plain baselines."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from index.embedder import Embedder
from kb.handover.differences import Change, Difference
from kb.handover.readback import DEFAULT, Comparison, ItemCoverage, ItemState, Setting, compared, judged, state_of
from kb.readback_cases import JudgedSummary, Judgement

FOLDS = 5
MENTIONED = (0.45, 0.50, 0.55, 0.60, 0.65)
ACTIONS = (0.20, 0.30, 0.40)
WORD_WEIGHTS = (0.0, 0.2, 0.4)
TITLE_MARGINS = (0.0, 0.1, 0.2)
STATES = tuple(ItemState)
# Thresholds of the baselines: covered from the first, partly from the second.
BASELINE_GRID = [(a / 20, b / 20) for a in range(2, 19) for b in range(1, a)]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of a yes-or-no question, with the usual shares; NaN where nothing was counted."""

    hits: int
    false_alarms: int
    misses: int

    @property
    def precision(self) -> float:
        """Of what was said, the share that is right."""
        said = self.hits + self.false_alarms
        return self.hits / said if said else float("nan")

    @property
    def recall(self) -> float:
        """Of what is right, the share that was said."""
        there = self.hits + self.misses
        return self.hits / there if there else float("nan")

    @property
    def f1(self) -> float:
        """The harmonic mean of both: 2 TP / (2 TP + FP + FN)."""
        all_counts = 2 * self.hits + self.false_alarms + self.misses
        return 2 * self.hits / all_counts if all_counts else float("nan")


@dataclass(frozen=True, slots=True)
class Measured:
    """Predictions against judgements.

    :ivar missing: the positive class is "the summary does not mention the item".
    :ivar not_covered: the positive class is "missing or partly": somebody should look at it.
    :ivar facts: the differences pointed out, as (change, fact); ``by_change`` for each kind of change.
    """

    pairs: int
    missing: Figures
    not_covered: Figures
    facts: Figures
    by_change: dict[Change, Figures]
    confusion: dict[tuple[ItemState, ItemState], int]  # (judged, predicted) -> pairs
    macro_f1: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is printed: as shipped, by cross-validation (overall and per fold), and the baselines."""

    notes: int
    shipped: Measured
    cross_validated: Measured | None
    folds: list[tuple[Setting, Measured]]
    baselines: dict[str, Measured]
    wrong: list[tuple[JudgedSummary, int, ItemCoverage]]


def evaluate(cases: Sequence[JudgedSummary], embedder: Embedder, *, cross_validate: bool = True) -> Report:
    """Measure on these cases. Without ``cross_validate`` only the shipped setting, as is right for held-out cases."""
    found = [compared(case.items, case.text, embedder) for case in cases]
    shipped = _predict(cases, found, DEFAULT)
    wrong = [
        (case, n, one)
        for case, predicted in zip(cases, shipped, strict=True)
        for n, (one, label) in enumerate(zip(predicted, case.judgements, strict=True))
        if one.state is not label.state or _compared_facts(one, label) != (0, 0)
    ]
    notes = len({case.note for case in cases})
    report = Report(notes, measured(cases, shipped), None, [], {}, wrong)
    if not cross_validate or notes < FOLDS:
        return report
    of_setting = _grid(cases, found)
    folds, crossed = _cross_validated(cases, of_setting)
    baselines = {}
    for name, score in (("word overlap", _overlap), ("nearest sentence by cosine", _cosine)):
        scores = [score(comparison) for comparison in found]
        of_thresholds = {
            t: [_by_threshold(c, s, *t) for c, s in zip(cases, scores, strict=True)] for t in BASELINE_GRID
        }
        baselines[name] = measured(cases, _cross_validated(cases, of_thresholds)[1])
    return Report(notes, report.shipped, measured(cases, crossed), folds, baselines, wrong)


def measured(cases: Sequence[JudgedSummary], predicted: Sequence[Sequence[ItemCoverage]]) -> Measured:
    """Predictions of whole summaries against their judgements."""
    pairs = [
        (label, one)
        for case, ones in zip(cases, predicted, strict=True)
        for label, one in zip(case.judgements, ones, strict=True)
    ]
    confusion = Counter((label.state, one.state) for label, one in pairs)
    by_change = {change: _facts(pairs, change) for change in Change}
    per_state = [_figures(pairs, lambda state, wanted=state_: state is wanted).f1 for state_ in STATES]  # type: ignore[misc]
    return Measured(
        pairs=len(pairs),
        missing=_figures(pairs, lambda state: state is ItemState.MISSING),
        not_covered=_figures(pairs, lambda state: state is not ItemState.COVERED),
        facts=_sum(by_change.values()),
        by_change=by_change,
        confusion=dict(confusion),
        macro_f1=float(np.nanmean(per_state)),
    )


def _figures(pairs: Sequence[tuple[Judgement, ItemCoverage]], positive: Callable[[ItemState], bool]) -> Figures:
    counts = Counter((positive(label.state), positive(one.state)) for label, one in pairs)
    return Figures(counts[True, True], counts[False, True], counts[True, False])


# ---- facts ----------------------------------------------------------------------------------------------------------


def _facts(pairs: Sequence[tuple[Judgement, ItemCoverage]], change: Change) -> Figures:
    """Differences of one kind of change, over the pairs whose item is judged to be mentioned."""
    hits = said = there = 0
    for label, one in pairs:
        if label.state is ItemState.MISSING:
            continue  # what an item that is missing lacks is no question
        wanted, found = _wanted(label, change), [d for d in one.differences if d.change is change]
        hits += _matched(wanted, found)
        said += len(found)
        there += len(wanted)
    return Figures(hits, said - hits, there - hits)


def _wanted(label: Judgement, change: Change) -> list[str]:
    if change is Change.NEGATED:
        return [""] if label.negated else []
    return list(label.changed if change is Change.CHANGED else label.lacking)


def _matched(wanted: Sequence[str], found: Sequence[Difference]) -> int:
    """How many of the wanted facts were found, each used once; the shorter text has to be in the longer."""
    left = [difference.item.casefold() for difference in found]
    hits = 0
    for fact in (text.casefold() for text in wanted):
        match = next((text for text in left if fact in text or text in fact), None)
        if match is not None:
            left.remove(match)
            hits += 1
    return hits


def _compared_facts(one: ItemCoverage, label: Judgement) -> tuple[int, int]:
    """(false alarms, misses) over all changes; none where the item is missing."""
    figures = _sum([_facts([(label, one)], change) for change in Change])
    return figures.false_alarms, figures.misses


def _sum(figures: Iterable[Figures]) -> Figures:
    parts = list(figures)
    return Figures(sum(f.hits for f in parts), sum(f.false_alarms for f in parts), sum(f.misses for f in parts))


# ---- cross-validation -----------------------------------------------------------------------------------------------

Predictions = list[list[ItemCoverage]]
Key = TypeVar("Key")


def _predict(cases: Sequence[JudgedSummary], found: Sequence[Comparison], setting: Setting) -> Predictions:
    return [judged(f, setting, on=c.on, receiver=c.receiver) for c, f in zip(cases, found, strict=True)]


def _grid(cases: Sequence[JudgedSummary], found: Sequence[Comparison]) -> dict[Setting, Predictions]:
    """The predictions of every setting. What needs no new comparison of facts is derived from what was compared."""
    predictions = {}
    for mentioned, weight, margin in itertools.product(MENTIONED, WORD_WEIGHTS, TITLE_MARGINS):
        first = _predict(cases, found, Setting(mentioned, ACTIONS[0], weight, margin))
        for action in ACTIONS:
            setting = Setting(mentioned, action, weight, margin)
            predictions[setting] = [[replace(one, state=state_of(one, setting)) for one in ones] for ones in first]
    return predictions


def _cross_validated(
    cases: Sequence[JudgedSummary], predictions: Mapping[Key, Predictions]
) -> tuple[list[tuple[Key, Measured]], Predictions]:
    """Per fold of notes the setting that is best on the other folds, and what it predicts on this one.

    A note is in one fold with all its summaries, since they share their items.
    """
    notes = list(dict.fromkeys(case.note for case in cases))
    fold_of = {note: place % FOLDS for place, note in enumerate(notes)}
    crossed: Predictions = [[] for _ in cases]
    folds = []
    for fold in range(FOLDS):
        inside = [n for n, case in enumerate(cases) if fold_of[case.note] == fold]
        outside = [n for n in range(len(cases)) if n not in set(inside)]
        best = max(predictions, key=lambda setting: _quality(cases, predictions[setting], outside))
        for n in inside:
            crossed[n] = predictions[best][n]
        folds.append((best, measured([cases[n] for n in inside], [crossed[n] for n in inside])))
    return folds, crossed


def _quality(cases: Sequence[JudgedSummary], predictions: Predictions, places: Sequence[int]) -> float:
    return measured([cases[n] for n in places], [predictions[n] for n in places]).macro_f1


# ---- baselines ------------------------------------------------------------------------------------------------------


def _overlap(found: Comparison) -> list[float]:
    """The share of the item's words that the summary has in its best passage."""
    return [float(row.max(initial=0.0)) for row in found.words[0]]


def _cosine(found: Comparison) -> list[float]:
    """The cosine of the item's whole text and the nearest clause."""
    single = [n for n, (first, end) in enumerate(found.windows) if end == first + 1]
    return [float(row[single].max(initial=0.0)) for row in found.cosine[0]]


def _by_threshold(case: JudgedSummary, scores: Sequence[float], covered: float, partly: float) -> list[ItemCoverage]:
    states = [
        ItemState.COVERED if score >= covered else ItemState.PARTLY if score >= partly else ItemState.MISSING
        for score in scores
    ]
    return [ItemCoverage(i, state, "", s, s) for i, state, s in zip(case.items, states, scores, strict=True)]
