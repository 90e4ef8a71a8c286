"""The figures as pictures for docs/benchmark.md. Needs matplotlib, which nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarking.quality import Quality
from benchmarking.sizes import AtSize
from benchmarking.tables import WANTED_P50_MS, WANTED_P95_MS

OURS, OTHERS, SECOND = "#1f5fa8", "#9aa4b0", "#c2571a"
STAGE_COLOURS = ("#1f5fa8", "#6fa3d8", "#c2571a", "#e3a368", "#6b8f3c", "#9aa4b0")
# Text stays sharp and small; the same figures give the same file. White, so that a dark page shows it as a sheet.
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "baton",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
}


def draw(quality: Sequence[Quality], sizes: Sequence[AtSize], folder: Path) -> None:
    """Write ``benchmark-quality.svg`` and ``benchmark-sizes.svg``, each when there is something to draw."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_STYLE):
        if quality:
            _save(_quality(quality), folder / "benchmark-quality.svg")
        if sizes:
            _save(_sizes(sizes), folder / "benchmark-sizes.svg")


def _quality(found: Sequence[Quality]) -> Figure:
    corpora = list(dict.fromkeys(q.corpus for q in found))
    figure = Figure(figsize=(9, 0.6 + 0.42 * len({q.contender for q in found})), layout="constrained")
    axes = figure.subplots(1, len(corpora), sharey=True, squeeze=False)[0]
    for place, (corpus, panel) in enumerate(zip(corpora, axes, strict=True)):
        rows = [q for q in found if q.corpus == corpus][::-1]
        colours = [OURS if q.version == "this one" else OTHERS for q in rows]
        bars = panel.barh([q.contender for q in rows], [q.ndcg_10 for q in rows], color=colours, height=0.65)
        panel.bar_label(bars, fmt="%.3f", padding=3)
        panel.set(title=corpus, xlim=(0, 1), xlabel="nDCG@10 (higher is better)")
        panel.tick_params(axis="y", length=0, labelleft=place == 0)
    return figure


def _sizes(found: Sequence[AtSize]) -> Figure:
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    growth, stages = figure.subplots(1, 2)
    _growth(growth, found)
    _stages(stages, found)
    return figure


def _growth(panel: Axes, found: Sequence[AtSize]) -> None:
    passages = [s.passages for s in found]
    for name, colour, wanted, values in (
        ("p50", OURS, WANTED_P50_MS, [s.latency.p50 for s in found]),
        ("p95", SECOND, WANTED_P95_MS, [s.latency.p95 for s in found]),
    ):
        panel.plot(passages, values, marker="o", color=colour, label=name)
        panel.axhline(wanted, color=colour, linestyle=":", linewidth=1, label=f"{name} wanted at 100,000")
    panel.set(xscale="log", ylim=(0, None), xlabel="passages", ylabel="a search, ms", title="Latency")
    panel.set_xticks(passages, [f"{n:,}" for n in passages])
    panel.minorticks_off()
    panel.legend(frameon=False, fontsize=8)


def _stages(panel: Axes, found: Sequence[AtSize]) -> None:
    labels = [f"{s.passages:,}" for s in found]
    under = [0.0] * len(found)
    for stage, colour in zip(found[0].by_stage, STAGE_COLOURS, strict=False):
        values = [s.by_stage[stage].p50 for s in found]
        panel.bar(labels, values, bottom=under, label=stage, color=colour, width=0.6)
        under = [below + value for below, value in zip(under, values, strict=True)]
    panel.set(xlabel="passages", ylabel="p50 of a stage, ms", title="Where the time goes")
    panel.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
