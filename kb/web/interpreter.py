"""How Python shares the one thread that it runs at a time among the people who wait for it."""

from __future__ import annotations

import gc
import sys

# A screen takes 10 to 100 ms of Python; one that only has a line to send waits for its turn a few times, each time as
# long as this. Python's own 5 ms made such a wait the longest part of a search (docs/benchmark.md).
TURN_S = 0.0005


def serve_many() -> None:
    """Set Python up for a process that serves many people, once all that stays was made.

    Turns are short; and the garbage collector leaves alone what is there by now, which it would look through, again and
    again, while everybody waits.
    """
    sys.setswitchinterval(TURN_S)
    gc.collect()
    gc.freeze()
