"""The broker's thread rests after what nobody waits for, and reads a crowd or a box that waits at once."""

from __future__ import annotations

import pytest

from estation_central.collector.inbox import ALONE_SECONDS, BUSY_SECONDS, REST_SECONDS, Calm

HEALTH, EVENTS = "estation/v1/653101/hall-0001/health", "estation/v1/653101/hall-0001/events"


@pytest.mark.parametrize("topic", [HEALTH, HEALTH.replace("health", "status")])
def test_it_rests_after_a_message_that_stands_alone(topic: str) -> None:
    """One every twelve milliseconds, as a prefecture lives: a rest after the first that comes after each rest."""
    calm, up, rested = Calm(), 0.0, 0.0
    for _ in range(800):
        rest = calm.rest(topic, max(up, rested))
        rested = max(up, rested) + rest
        up += 0.0125
    assert rested == pytest.approx(up, abs=2 * REST_SECONDS)
    assert calm.rest(topic, rested + ALONE_SECONDS) == REST_SECONDS


def test_it_reads_on_while_a_crowd_is_there() -> None:
    """A broker that was away hands over the health of all at once: after one rest there is none to its end."""
    calm = Calm()
    up = calm.rest(HEALTH, 0.0)
    assert [calm.rest(HEALTH, up + number / 10_000) for number in range(20_000)] == [0.0] * 20_000


@pytest.mark.parametrize("leaf", ["events", "hello", "reply"])
def test_it_does_not_rest_while_a_box_waits(leaf: str) -> None:
    """After a batch more of them are likely: for a second nothing is slowed down, health neither."""
    calm = Calm()
    assert calm.rest(EVENTS.replace("events", leaf), 10.0) == 0.0
    assert calm.rest(HEALTH, 10.0 + BUSY_SECONDS / 2) == 0.0
    assert calm.rest(HEALTH, 10.0 + BUSY_SECONDS) == REST_SECONDS
