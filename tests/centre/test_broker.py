"""The real broker with the configuration that `estation-central init` writes: who may touch what, by which way."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from estation_central.authority.folder import Authority
from estation_central.broker import folder
from estation_central.collector.mqtt import BrokerAddress, MqttLink
from tests.support.broker import Broker, Client
from tests.support.centre import REGION, STATION

BRANCH = f"estation/v1/{REGION}/{STATION}"
WAYS = ["tcp", "websockets"]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture
def heard(broker: Broker) -> Iterator[Client]:
    """Everything that boxes get through, as the collector hears it."""
    with broker.collector() as collector:
        for leaf in ("status", "hello", "health", "events", "reply"):
            collector.subscribe(f"estation/v1/+/+/{leaf}")
        yield collector


def test_a_station_touches_its_own_branch_alone(broker: Broker, heard: Client) -> None:
    """A stolen box can neither speak for another hall nor listen to it, nor speak in the centre's place."""
    for way in WAYS:
        with broker.box(STATION, way) as box:
            for leaf in ("ack", "command"):
                box.subscribe(f"{BRANCH}/{leaf}")
            box.subscribe("#")
            box.subscribe(f"estation/v1/{REGION}/hall-0008/ack")
            box.publish(f"{BRANCH}/hello", way)
            box.publish(f"{BRANCH}/events", way)
            with broker.collector() as centre:
                centre.publish(f"{BRANCH}/ack", "for you")
                centre.publish(f"estation/v1/{REGION}/hall-0008/ack", "for another")
                centre.publish(f"{BRANCH}/command", "the last")
            assert box.wait_for("the last") == ["for you", "the last"]
    for topic in (f"{BRANCH}/ack", f"estation/v1/{REGION}/hall-0008/hello", f"estation/v1/653102/{STATION}/hello", "x"):
        with broker.box(STATION, "tcp") as box:  # mosquitto 2.0 cuts the line for it
            box.publish(topic, "forged")
    with broker.box(STATION, "tcp") as box:
        box.publish(f"{BRANCH}/status", "end")
    assert heard.wait_for("end") == ["tcp", "tcp", "websockets", "websockets", "end"]


def test_without_a_certificate_of_ours_nobody_comes_in(broker: Broker, tmp_path: Path) -> None:
    """Somebody else's certificate opens no door."""
    stranger = Authority(tmp_path / "stranger")
    stranger.make(["localhost"], datetime.now(UTC))
    for way in WAYS:
        assert not broker.can_connect(stranger.pair("collector"), way)
        assert not broker.can_connect(None, way)


def test_a_revoked_box_is_shut_out_by_both_ways(broker: Broker) -> None:
    """After a theft the old box is heard no more, and its successor is."""
    station = "hall-0009"
    branch = f"estation/v1/{REGION}/{station}"
    stolen = broker.certificate(station)
    broker.authority.revoke(station, datetime.now(UTC))
    folder.write_access(broker.folder / "broker", broker.authority)
    successor = broker.certificate(station)
    folder.write_access(broker.folder / "broker", broker.authority)
    for again in (broker.reload, broker.restart):  # the WebSocket listener takes its list at a reload only
        again()
        with broker.collector() as listening:
            listening.subscribe(f"{branch}/hello")
            for way in WAYS:
                broker.client(stolen, way).try_to_connect((f"{branch}/hello", "from the stolen box"))
                with broker.client(successor, way) as box:
                    box.publish(f"{branch}/hello", f"successor by {way}")
            assert listening.wait_for("successor by websockets") == ["successor by tcp", "successor by websockets"]


def test_the_demonstration_listener_only_listens(broker: Broker) -> None:
    """The line that can be pasted shows messages, and nobody can speak through that door, whatever name he gives."""
    command = [
        "mosquitto_sub",
        "-h",
        "127.0.0.1",
        "-p",
        str(broker.demo_port),
        "-t",
        "estation/#",
        "-C",
        "1",
        "-W",
        "10",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        time.sleep(0.3)
        forged = [
            "mosquitto_pub",
            "-h",
            "127.0.0.1",
            "-p",
            str(broker.demo_port),
            "-u",
            "collector",
            "-t",
            BRANCH + "/ack",
        ]
        subprocess.run([*forged, "-m", "forged"], check=False, timeout=10, capture_output=True)
        with broker.box(STATION, "tcp") as box:
            box.publish(f"{BRANCH}/health", "seen")
        told, _ = watching.communicate(timeout=15)
    assert told == "seen\n"


@pytest.mark.parametrize("way", WAYS)
def test_the_collector_comes_in_by_both_ways(broker: Broker, way: str) -> None:
    """The collector's own link works over TLS and over WebSocket, and after the broker was killed."""
    authority = broker.authority
    certificate, key = authority.pair("collector")
    port = broker.websocket_port if way == "websockets" else broker.tls_port
    address = BrokerAddress(
        host="localhost", port=port, transport=way, authority=authority.certificate, certificate=certificate, key=key
    )
    with MqttLink(address) as link:
        _until(lambda: link.connected)
        broker.stop(signal.SIGKILL)
        _until(lambda: not link.connected)
        broker.start()
        _until(lambda: link.connected)
        with broker.box(STATION, "tcp") as box:
            box.subscribe(f"{BRANCH}/ack")
            box.publish(f"{BRANCH}/hello", "good day")
            arrival = link.take(10.0)
            assert arrival is not None
            assert arrival == (f"{BRANCH}/hello", b"good day", False)
            link.publish(f"{BRANCH}/ack", b"and to you")
            assert box.wait_for("and to you") == ["and to you"]


def _until(reached: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)
