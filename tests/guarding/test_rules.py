from __future__ import annotations

from estation_box.guarding.rules import BUDGET_SECONDS, Promise


def test_idleness_is_healthy_when_nothing_is_due():
    promise = Promise(0.0)
    promise.seen(1e6, on_screen=False, moving=False)
    assert promise.holds(1e6)


def test_a_picture_that_stands_still_for_longer_than_any_repair_breaks_the_promise():
    """Then PID 1 is not told that core lives, and starts it anew."""
    promise = Promise(0.0)
    promise.seen(10.0, on_screen=True, moving=True)
    promise.seen(10.0 + BUDGET_SECONDS, on_screen=True, moving=False)
    assert promise.holds(10.0 + BUDGET_SECONDS)
    assert not promise.holds(10.1 + BUDGET_SECONDS)


def test_a_repair_that_helped_makes_it_good():
    promise = Promise(0.0)
    promise.seen(100.0, on_screen=True, moving=True)
    assert promise.holds(100.0 + BUDGET_SECONDS)
