"""Builds the collector from its parts and runs it until it is told to stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from estation_central.collector import metrics
from estation_central.collector.mqtt import ALL, BrokerAddress, MqttLink
from estation_central.collector.service import Collector
from estation_central.collector.stores import store_of
from estation_central.settings import CentreSettings


def run(settings: CentreSettings, broker: BrokerAddress, regions: Sequence[str], metrics_port: int = 0) -> None:
    """Collect until SIGTERM or SIGINT. What was not acknowledged by then, the boxes send again.

    ``regions``: county codes; none is all.
    ``metrics_port``: where Prometheus asks, on this machine alone; 0 is nowhere.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with MqttLink(broker, regions or ALL) as link:
        collector = Collector(store_of(settings), link, regions)
        if metrics_port:
            metrics.serve(metrics_port, collector.counters, link)
        while not stop.is_set():
            stop.wait(collector.turn(datetime.now(UTC), time.monotonic()))
        collector.finish(datetime.now(UTC))
