"""Many searches within a second are told from a few, and wait for each other."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kb.pace import Pace, Turns


def test_the_pace_is_high_from_so_many_events_within_the_seconds():
    pace = Pace(3, seconds=1.0)
    for moment in (0.0, 0.4, 0.9):
        assert not pace.is_high(moment)
        pace.count(moment)
    assert pace.is_high(1.0)
    assert not pace.is_high(1.1)


def test_events_apart_are_never_a_high_pace():
    pace = Pace(2, seconds=1.0)
    for moment in (0.0, 1.1, 2.2, 3.3):
        pace.count(moment)
        assert not pace.is_high(moment)


def test_no_more_than_so_many_work_at_once_and_everybody_has_a_turn():
    turns = Turns(2, patience_s=60.0)
    at_work, most = 0, 0
    counting = threading.Lock()

    def work(_: int) -> None:
        nonlocal at_work, most
        with turns.turn():
            with counting:
                at_work += 1
                most = max(most, at_work)
            threading.Event().wait(0.002)
            with counting:
                at_work -= 1

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(work, range(40)))) == 40
    assert most == 2


def test_work_that_hangs_keeps_nobody_away():
    turns = Turns(1, patience_s=0.01)
    with turns.turn():
        with turns.turn():  # after its patience
            pass
        with turns.turn():  # which gave no turn back that it did not have
            assert not turns._free.acquire(blocking=False)


def test_work_that_fails_gives_its_turn_back():
    turns = Turns(1, patience_s=60.0)
    with pytest.raises(ZeroDivisionError), turns.turn():
        raise ZeroDivisionError
    with turns.turn():
        pass
