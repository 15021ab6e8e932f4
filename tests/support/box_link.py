"""The box's own link to a broker, by one way in, and what it was told; and the door beside it in a node of NATS."""

from __future__ import annotations

import queue
import random
import socket
import ssl
import time
from typing import Self, TypeVar

from estation_box.drivers.mqtt import Broker, MqttLink, Will
from estation_box.reporting.interfaces import Arrived, Connected, Disconnected, LinkEvent, StationIdentity
from estation_box.reporting.service import status, subscriptions
from tests.support.centre import BOOT

WAIT_SECONDS = 60.0
Event = TypeVar("Event", Connected, Arrived, Disconnected)


class Box:
    """A box's own driver, and what it told."""

    def __init__(self, broker: Broker, region: str, station: str) -> None:
        self.events: queue.Queue[LinkEvent] = queue.Queue()
        identity = StationIdentity(region, station, "0.1.0", BOOT)
        will = Will(*status(identity, online=False))
        self.link = MqttLink(broker, subscriptions(identity), will, self.events.put, random.Random(1))

    def __enter__(self) -> Self:
        """Call, again and again until it is let in."""
        self.link.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave in order."""
        self.link.close()

    def next(self, kind: type[Event]) -> Event:
        """The next event of that kind."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            event = self.events.get(timeout=max(0.0, until - time.monotonic()))
            if isinstance(event, kind):
                return event


def own_protocol(broker: Broker) -> str:
    """What a node answers who opens its WebSocket at the path of NATS's own protocol."""
    context = ssl.create_default_context(cadata=broker.authority)
    context.load_cert_chain(broker.certificate, broker.key)
    with (
        socket.create_connection((broker.host, broker.websocket_port), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname=broker.host) as line,
    ):
        line.sendall(
            b"GET / HTTP/1.1\r\nHost: node\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        said = b""
        while b"INFO" not in said:
            said += line.recv(4096)
        words = b'CONNECT {"verbose":true,"pedantic":false}\r\nPING\r\n'
        line.sendall(bytes([0x82, 0x80 | len(words), 0, 0, 0, 0]) + words)  # one masked frame, the mask is zeros
        while more := line.recv(4096):
            said += more
        return said.decode(errors="replace")
