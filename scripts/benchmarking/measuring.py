"""What a process costs, and how latencies are told."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds per query."""

    p50: float
    p95: float
    max: float


def latency(milliseconds: Sequence[float]) -> Latency:
    """Nearest-rank percentiles: a value that was measured, never one between two."""
    ordered = sorted(milliseconds)
    return (
        Latency(nearest_rank(ordered, 50), nearest_rank(ordered, 95), ordered[-1])
        if ordered
        else Latency(0.0, 0.0, 0.0)
    )


def nearest_rank(ordered: Sequence[float], percent: int) -> float:
    """The percentile of values that are sorted, at least one: one of them, never one between two."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def resident_mb(pid: int | str = "self") -> float:
    """Memory that a process holds now (RSS), in MB. Linux only."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / MEGABYTE
    return 0.0


def processor_ms(pid: int) -> float:
    """Processor time that a process has used, in ms, to the microsecond: hardly depends on how busy a machine is."""
    nanoseconds = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # the thread has ended meanwhile
            nanoseconds += int((thread / "schedstat").read_text().split()[0])
    return nanoseconds / 1e6


def cpu_flags() -> tuple[str, ...]:
    """Which of the CPU's extensions matter to a model: what /proc/cpuinfo lists."""
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
    try:
        held = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return ()
    return tuple(flag for flag in wanted if flag in held)
