"""A broker that cannot take a subscription now: the collector asks again, and says that it listens when it does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from estation_central.collector.mqtt import BrokerAddress, MqttLink
from estation_wire.topics import FROM_BOX
from tests.simulation import fleet_packets
from tests.simulation.fleet_packets import REFUSED, Reader

CONNECT, SUBSCRIBE = 1, 8
WAIT_SECONDS = 60.0


class Choosing:
    """A cluster between two leaders, as a collector sees it: it lets it in, and refuses the first subscriptions."""

    def __init__(self, refusals: int) -> None:
        self._refusals = refusals
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.asked = 0

    def run(self) -> None:
        """One client, until it goes."""
        line, _ = self._server.accept()
        reader = Reader()
        with line, self._server:
            while data := line.recv(4096):
                for packet in reader.feed(data):
                    if packet.kind == CONNECT:
                        line.sendall(b"\x20\x02\x00\x00")
                    elif packet.kind == SUBSCRIBE:
                        self.asked += 1
                        code = REFUSED if self.asked <= self._refusals else 1
                        line.sendall(bytes((0x90, 2 + len(FROM_BOX))) + packet.body[:2] + bytes([code] * len(FROM_BOX)))
                        if code != REFUSED:
                            line.sendall(fleet_packets.publish("estation/v1/653101/hall-0007/hello", b"here", 7))


@pytest.fixture
def broker() -> Iterator[Choosing]:
    made = Choosing(refusals=1)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    yield made
    thread.join(WAIT_SECONDS)


def test_a_refused_subscription_is_asked_for_until_it_is_taken(broker: Choosing) -> None:
    """Deaf after a node's death, a collector would hear no box for ever and look well: it hears, or does not say so."""
    until = time.monotonic() + WAIT_SECONDS
    with MqttLink(BrokerAddress(host="127.0.0.1", port=broker.port)) as link:
        while (arrival := link.take(0.1)) is None:
            assert time.monotonic() < until
            assert not link.connected or broker.asked == 2
        assert (arrival.payload, broker.asked) == (b"here", 2)
        while not link.connected:
            assert time.monotonic() < until
            time.sleep(0.01)
