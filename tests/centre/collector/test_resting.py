"""The loop rests a moment after messages that nobody waits for, and never before an acknowledgement."""

from __future__ import annotations

from estation_central.collector.interfaces import Arrival, Store
from estation_central.collector.service import LINGER_SECONDS, Collector
from tests.bench.live_fleet import health
from tests.support.centre import NOW, REGION, STATION, MemoryLink, events, record


def test_health_is_taken_in_few_turns_and_a_batch_at_once(store: Store) -> None:
    """After health alone it rests; after a batch, and where nothing came, it looks again at once."""
    link = MemoryLink()
    collector = Collector(store, link)
    spoken = Arrival(f"estation/v1/{REGION}/{STATION}/health", health(1, NOW))
    for arrivals, rest in (
        ([spoken], LINGER_SECONDS),
        ([events([record(1)])], 0.0),
        ([spoken, events([record(2)]), spoken], 0.0),
        ([], 0.0),
    ):
        link.arrivals.extend(arrivals)
        assert collector.turn(NOW, 1.0) == rest
    assert len(link.take_acks()) == 2
