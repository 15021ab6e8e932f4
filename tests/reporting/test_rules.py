from __future__ import annotations

from estation_box.reporting.rules import (
    RECONNECT_LIMIT_SECONDS,
    Event,
    Phase,
    follow,
    reconnect_after,
    resend_after,
    way_in,
)


def test_answers_are_waited_for_thirty_seconds_and_then_twice_as_long_up_to_half_an_hour():
    assert [resend_after(attempts) for attempts in (1, 2, 3, 6, 7, 8, 10_000)] == [30, 60, 120, 960, 1800, 1800, 1800]


def test_boxes_come_back_spread_over_five_minutes():
    """A broker that was away is not run over by 24,139 boxes in one second."""
    waits = [reconnect_after(10_000, number / 1000) for number in range(1000)]
    assert (min(waits), max(waits) > 299, max(waits) <= RECONNECT_LIMIT_SECONDS) == (0, True, True)
    assert sorted(waits) == waits
    assert reconnect_after(1, 1.0) == 2.0


def test_the_ways_in_are_tried_in_turn_and_the_good_one_first():
    assert [way_in(2, failures) for failures in (0, 1, 2, 3)] == [0, 1, 0, 1]
    assert way_in(1, 7) == 0


def test_what_means_nothing_changes_nothing():
    assert follow(Phase.OFFLINE, Event.DELIVERED) is Phase.OFFLINE
    assert follow(Phase.OFFLINE, Event.CONNECTED) is Phase.GREETING
