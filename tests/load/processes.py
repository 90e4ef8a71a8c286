"""What processes have used, as Linux tells it."""

from __future__ import annotations

import os
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")  # a second
_CPUCLOCK_SCHED = 2  # of the kernel's clocks of a process, the exact one


def processor_s(pid: int) -> float:
    """Processor time of a process in seconds, threads that have ended included; 0.0 when there is no such process.

    Streamlit runs each script in a thread of its own, which the sum over living threads would miss.
    """
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def processor_ms(pid: int) -> float:
    """Processor time of a process in milliseconds, to the microsecond, threads that have ended included.

    The clock of another process, as clock_getcpuclockid(3) names it.

    :raises OSError: when there is no such process.
    """
    return time.clock_gettime_ns((~pid << 3) | _CPUCLOCK_SCHED) / 1e6


def child_of(parent: int, command: str) -> int | None:
    """The id of the child process whose command line holds ``command``."""
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _fields(int(folder.name))
        if fields and int(fields[1]) == parent and command in _command(folder):
            return int(folder.name)
    return None


def _fields(pid: int) -> list[str]:
    """/proc/PID/stat from the state on: state, parent, ... (see man proc)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _command(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
