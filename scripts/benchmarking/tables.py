"""The figures as tables that people read, in Markdown. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarking.encoding import EncodeRate
from benchmarking.quality import Quality
from benchmarking.sizes import AtSize

# What is wanted at the largest size of the size benchmark.
WANTED_P50_MS, WANTED_P95_MS, WANTED_START_S, WANTED_NOTE_MS = 35.0, 70.0, 15.0, 300.0
WANTED_RATIO = 2.0  # of the encode rates, where the CPU computes in bfloat16
WANTED_FILTERED = 1.5  # p95 of who may see a part, over that of who may see everything
WANTED_FOUND = 0.99  # of what a wiki of their own would give; words and meaning weigh the same there within rounding
WANTED_AT = 100_000  # passages


def quality_table(found: Sequence[Quality]) -> str:
    """One row per corpus and contender."""
    return _table(
        ["corpus", "contender", "nDCG@10", "recall@100", "documents/s", "p50 ms", "p95 ms", "memory MB"],
        [
            [
                q.corpus,
                q.contender if q.version == "this one" else f"{q.contender} ({q.version})",
                f"{q.ndcg_10:.3f}",
                f"{q.recall_100:.3f}",
                f"{q.documents_per_s:.0f}",
                f"{q.p50_ms:.0f}",
                f"{q.p95_ms:.0f}",
                f"{q.memory_mb:,.0f}",
            ]
            for q in found
        ],
    )


def encode_table(found: EncodeRate) -> str:
    """Baton's embedder beside the plain one."""
    return _table(
        [f"{found.texts:,} passages", "passages/s", "one query, ms"],
        [
            ["Baton", f"{found.baton_per_s:.0f}", f"{found.query_ms:.1f}"],
            ["SentenceTransformer.encode, float32", f"{found.plain_per_s:.0f}", f"{found.plain_query_ms:.1f}"],
            ["ratio (median of rounds)", f"{found.ratio:.2f}", f"{found.plain_query_ms / found.query_ms:.2f}"],
            ["cosine of both, mean (least)", f"{found.agreement_mean:.5f} ({found.agreement_min:.5f})", ""],
        ],
    )


def sizes_table(found: Sequence[AtSize]) -> str:
    """One row per size."""
    return _table(
        [
            "passages", "pages", "p50 ms", "p95 ms", "max ms", "processor ms (p50, p95)", "first answer s",
            "note found ms (p50, max)", "memory MB", "search MB", "database MB", "load",
        ],
        [
            [
                f"{s.passages:,}",
                f"{s.pages:,}",
                f"{s.latency.p50:.0f}",
                f"{s.latency.p95:.0f}",
                f"{s.latency.max:.0f}",
                f"{s.processor.p50:.0f}, {s.processor.p95:.0f}",
                f"{s.first_answer_s:.1f}",
                f"{s.note_found.p50:.0f}, {s.note_found.max:.0f}",
                f"{s.memory_mb:,.0f}",
                f"{s.search_memory_mb:,.0f}",
                f"{s.database_mb:,.0f}",
                f"{s.load:.1f}",
            ]
            for s in found
        ],
    )  # fmt: skip


def parts_table(found: AtSize) -> str:
    """By shape of query and by stage of a search, at one size."""
    return _table(
        [f"at {found.passages:,} passages", "p50 ms", "p95 ms", "max ms"],
        [
            [part, f"{taken.p50:.1f}", f"{taken.p95:.1f}", f"{taken.max:.1f}"]
            for parts in (found.by_shape, found.by_stage)
            for part, taken in parts.items()
        ],
    )


def shares_table(found: AtSize) -> str:
    """People who may see a part of the wiki, beside who may see everything, at one size."""
    everything = found.latency
    return _table(
        [f"of {found.passages:,} passages", "may see", "p50 ms", "p95 ms", "p95, times", "found", "same first page"],
        [
            ["all", f"{found.passages:,}", f"{everything.p50:.1f}", f"{everything.p95:.1f}", "1", "", ""],
            *(
                [
                    share,
                    f"{seen.passages:,}",
                    f"{seen.latency.p50:.1f}",
                    f"{seen.latency.p95:.1f}",
                    f"{seen.latency.p95 / everything.p95:.2f}",
                    f"{seen.found:.3f}",
                    f"{seen.first:.3f}",
                ]
                for share, seen in found.by_share.items()
            ),
        ],
    )


def missed(sizes: Sequence[AtSize], encode: EncodeRate | None, *, bfloat16: bool) -> list[str]:
    """A sentence for each figure that is not as wanted."""
    sentences = []
    if encode is not None and bfloat16 and encode.ratio < WANTED_RATIO:
        sentences.append(f"Encoding is {encode.ratio:.2f} times as fast as plain; wanted is {WANTED_RATIO:g}.")
    for s in sizes:
        if s.passages > WANTED_AT * 1.1:
            continue  # nothing was promised there
        checks = (
            ("p50", s.latency.p50, WANTED_P50_MS, "ms"),
            ("p95", s.latency.p95, WANTED_P95_MS, "ms"),
            ("the first answer by meaning", s.first_answer_s, WANTED_START_S, "s"),
            ("a note saved and found", s.note_found.p50, WANTED_NOTE_MS, "ms"),
        )
        sentences += [
            f"At {s.passages:,} passages {what} takes {value:.0f} {unit}; wanted is less than {wanted:g}."
            for what, value, wanted, unit in checks
            if value >= wanted
        ]
        for share, seen in s.by_share.items():
            who = f"At {s.passages:,} passages somebody who may see {share}"
            if seen.latency.p95 > WANTED_FILTERED * s.latency.p95:
                times = seen.latency.p95 / s.latency.p95
                sentences.append(f"{who} waits {times:.2f} times as long at p95; wanted is at most {WANTED_FILTERED}.")
            if seen.found < WANTED_FOUND:
                sentences.append(f"{who} finds {seen.found:.3f} of it; wanted is at least {WANTED_FOUND}.")
    return sentences


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
