"""The server's Python takes short turns, and looks through no garbage that cannot be any."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from kb.web.interpreter import TURN_S, serve_many


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    turn = sys.getswitchinterval()
    yield
    sys.setswitchinterval(turn)
    gc.unfreeze()


def test_turns_are_short_and_what_is_there_is_left_alone() -> None:
    assert gc.get_freeze_count() == 0
    stays = [[] for _ in range(1000)]
    serve_many()
    assert sys.getswitchinterval() == pytest.approx(TURN_S)
    assert gc.get_freeze_count() > len(stays)
    assert not any(held is stays for held in gc.get_objects())
