"""Many searches within a second are told from a few."""

from kb.pace import Pace


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
