"""The link against a real mosquitto: TLS, client certificates, both ways in, the ACL and the Last Will."""

from __future__ import annotations

import contextlib
import queue
import random
import signal
import socket
import threading
from datetime import UTC, datetime

import pytest

from estation_box.drivers.mqtt import Broker, MqttLink, Will
from estation_box.reporting.interfaces import Arrived, Connected, Disconnected, StationIdentity
from estation_box.reporting.service import status, subscriptions
from tests.support.certificates import Authority
from tests.support.mosquitto import HOST, Mosquitto

IDENTITY = StationIdentity("653101", "hall-0007", "0.1.0", "b" * 32)
BRANCH = "estation/v1/653101/hall-0007"
WAIT = 15.0


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as running:
        yield running


class Box:
    """One link with its events."""

    def __init__(self, broker: Mosquitto, *, host=HOST, port=None, websocket_port=None, authority=None, **more):
        pair = broker.authority.client("653101/hall-0007")
        where = Broker(
            host=host,
            port=broker.port if port is None else port,
            websocket_port=broker.websocket_port if websocket_port is None else websocket_port,
            authority=authority or broker.authority.pem,
            certificate=pair.certificate,
            key=pair.key,
        )
        self.events = queue.Queue(1000)
        will = Will(*status(IDENTITY, online=False))
        self.link = MqttLink(where, subscriptions(IDENTITY), will, self.events.put, random.Random(1), **more)

    def __enter__(self):
        self.link.start()
        return self

    def __exit__(self, *_):
        self.link.close()

    def next(self, kind):
        """The next event of that kind, within the deadline."""
        while True:
            event = self.events.get(timeout=WAIT)
            if isinstance(event, kind):
                return event


class Centre:
    """Listens to everything and keeps what it hears."""

    def __init__(self, broker: Mosquitto):
        self.heard = queue.Queue()
        self.client = broker.client()
        self.client.on_message = lambda _c, _d, message: self.heard.put((message.topic, message.payload))
        listening = threading.Event()
        self.client.on_subscribe = lambda *_: listening.set()
        self.client.on_connect = lambda client, *_: client.subscribe("estation/#", 1)
        self.client.loop_start()
        assert listening.wait(WAIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.disconnect()
        self.client.loop_stop()

    def next(self, topic):
        while True:
            heard = self.heard.get(timeout=WAIT)
            if heard[0] == topic:
                return heard[1]


@pytest.mark.parametrize("way", ["8883", "443"])
def test_both_ways_in_carry_words_both_ways(broker, way):
    """A school that lets only WebSocket out reports like a hall with an open line."""
    only = {"websocket_port": 0} if way == "8883" else {"port": 0}
    with Centre(broker) as centre, Box(broker, **only) as box:
        box.next(Connected)
        assert box.link.publish(f"{BRANCH}/events", b"records", qos=1, retain=False)
        assert centre.next(f"{BRANCH}/events") == b"records"
        centre.client.publish(f"{BRANCH}/command", b"identify", 1)
        assert box.next(Arrived) == Arrived(f"{BRANCH}/command", b"identify")


def test_where_one_way_is_closed_the_other_is_taken(broker):
    with socket.socket() as nobody:
        nobody.bind((HOST, 0))  # bound, and nobody listens
        with Box(broker, port=nobody.getsockname()[1]) as box:
            assert "refused" in box.next(Disconnected).reason
            box.next(Connected)


def test_the_broker_tells_that_a_box_is_gone(tmp_path):
    """A box whose connection breaks is shown offline by the broker's Last Will."""
    with Mosquitto(tmp_path) as own, Centre(own) as centre, Box(own, websocket_port=0) as box:
        box.next(Connected)
        box.link._client.socket().shutdown(socket.SHUT_RDWR)
        assert centre.next(f"{BRANCH}/status") == status(IDENTITY, online=False)[1]
        box.next(Connected)  # it comes back by itself


def test_a_box_that_goes_in_order_says_so_itself(broker):
    with Centre(broker) as centre:
        with Box(broker) as box:
            box.next(Connected)
        assert centre.next(f"{BRANCH}/status") == status(IDENTITY, online=False)[1]
        assert not box.link.publish(f"{BRANCH}/events", b"too late", qos=1, retain=False)


def test_a_broker_of_another_authority_is_refused(broker, tmp_path):
    """Somebody who stands between hall and centre is not spoken to."""
    with Box(broker, authority=Authority(tmp_path, "Another").pem, websocket_port=0) as box:
        assert "certificate verify failed" in box.next(Disconnected).reason


def test_a_broker_with_another_name_is_refused(tmp_path):
    authority = Authority(tmp_path / "authority")
    elsewhere = authority.server("elsewhere.example")
    with Mosquitto(tmp_path / "broker", authority, elsewhere) as own:
        for way in ({"websocket_port": 0}, {"port": 0}):
            with Box(own, **way) as box:
                assert "certificate verify failed" in box.next(Disconnected).reason


def test_an_unknown_date_does_not_lock_a_box_out_and_a_known_one_is_checked(tmp_path):
    """A box in 1970 reaches its centre; once it knows the time, an expired certificate is refused."""
    authority = Authority(tmp_path / "authority")
    expired = authority.server("localhost", HOST, ends=datetime(2021, 1, 1, tzinfo=UTC))
    with Mosquitto(tmp_path / "broker", authority, expired) as own, Box(own, websocket_port=0) as box:
        box.next(Connected)
        box.link.check_time(on=True)
        assert "checked in full" in box.next(Disconnected).reason
        assert "expired" in box.next(Disconnected).reason


def test_a_sound_certificate_stands_the_full_check(broker):
    with Box(broker, websocket_port=0) as box:
        box.next(Connected)
        box.link.check_time(on=True)
        box.next(Disconnected)
        box.next(Connected)
        box.link.check_time(on=True)
        assert box.link.publish(f"{BRANCH}/health", b"{}", qos=0, retain=True)


def test_a_station_cannot_speak_or_listen_in_anothers_name(broker):
    """A stolen box touches its own branch and nothing else."""
    with Centre(broker) as centre, Box(broker) as box:
        box.next(Connected)
        topics = []
        for foreign in ("653101/hall-0008/events", "653102/hall-0007/events", "653101/hall-0007/command"):
            box.link.publish(f"estation/v1/{foreign}", b"forged", qos=1, retain=False)
            # mosquitto 2.0.11 with `max_queued_messages 0` ends the connection of one that it denies; it comes back
            while not topics or topics.pop() != f"{BRANCH}/events":
                box.link.publish(f"{BRANCH}/events", b"own", qos=1, retain=False)
                with contextlib.suppress(queue.Empty):
                    topics.append(centre.heard.get(timeout=0.2)[0])
                assert not {"estation/v1/653101/hall-0008/events", "estation/v1/653102/hall-0007/events"} & set(topics)
                assert f"{BRANCH}/command" not in topics


def test_a_client_without_a_certificate_of_ours_is_turned_away(broker, tmp_path):
    stranger = Authority(tmp_path, "Stranger").client("653101/hall-0007")
    where = Broker(HOST, broker.port, 0, broker.authority.pem, *stranger)
    events = queue.Queue()
    link = MqttLink(where, subscriptions(IDENTITY), Will("x", b""), events.put, random.Random(1))
    link.start()
    assert isinstance(events.get(timeout=WAIT), Disconnected)
    link.close()
    assert not [event for event in events.queue if isinstance(event, Connected)]


def test_a_broker_that_was_killed_is_found_again(tmp_path):
    with Mosquitto(tmp_path) as own, Box(own) as box:
        box.next(Connected)
        own.stop(signal.SIGKILL)
        box.next(Disconnected)
        assert not box.link.publish(f"{BRANCH}/events", b"x", qos=1, retain=False)
        own.start()
        box.next(Connected)
        assert box.link.publish(f"{BRANCH}/events", b"x", qos=1, retain=False)


def test_a_port_that_answers_nothing_is_given_up(broker):
    """A firewall that takes the connection and swallows every byte does not hold the box for ever."""
    with (
        socket.create_server((HOST, 0)) as swallower,
        Box(broker, port=swallower.getsockname()[1], handshake_seconds=0.5) as box,
    ):
        assert "timed out" in box.next(Disconnected).reason
        box.next(Connected)
