"""What the collector counted, for Prometheus, which reads the counters itself: the loop does nothing for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from estation_central.collector.service import Counters

HERE: Final = "127.0.0.1"
SAID: Final = {
    "messages": "messages taken off the broker",
    "stored": "records stored",
    "doubled": "records that were stored already",
    "refused": "batches that would have left a gap",
    "malformed": "messages that are none",
    "rounds": "transactions",
    "outages": "times that the database was away",
}


class Linked(Protocol):
    """What is asked of the link."""

    connected: bool

    @property
    def dropped(self) -> int:
        """Messages there was no room for."""


def serve(port: int, counters: Counters, link: Linked) -> None:
    """Answer on this machine's ``port`` from now on, in a thread of its own. Raises `OSError`."""
    registry = CollectorRegistry()
    registry.register(_Collected(counters, link))
    start_http_server(port, HERE, registry)


class _Collected:
    def __init__(self, counters: Counters, link: Linked) -> None:
        self._counters = counters
        self._link = link

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        for name, said in SAID.items():
            yield CounterMetricFamily(f"estation_collector_{name}", said, value=getattr(self._counters, name))
        said = "messages there was no room for"
        yield CounterMetricFamily("estation_collector_dropped", said, value=self._link.dropped)
        yield GaugeMetricFamily("estation_collector_connected", "1: the broker is there", value=self._link.connected)
