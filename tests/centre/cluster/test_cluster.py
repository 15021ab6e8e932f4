"""Three NATS servers where one mosquitto stood: the same boxes, the same collectors, and any node may die."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from estation_box.drivers.mqtt import Broker as WayIn
from estation_box.reporting.interfaces import Arrived, Connected, Disconnected
from estation_central import command
from estation_central.authority.folder import Authority
from estation_central.broker import cluster
from estation_central.broker.cluster import Node, NodeFiles
from estation_central.settings import CentreSettings
from tests.simulation import fleet
from tests.simulation.fleet import Broker, Fleet, Manner, plans
from tests.simulation.fleet_box import Life
from tests.support.box_link import Box, own_protocol
from tests.support.broker import Broker as Centre
from tests.support.broker import Client
from tests.support.centre import REGION, Process
from tests.support.enrolment import request, served
from tests.support.nats import READY_SECONDS, Cluster

STATIONS = 24
DELIVERED_SECONDS = (
    600.0  # what was lost under way is sent again after 30 s, then after 60; on a busy machine once more
)
MANNER = Manner(backlog=400, health_every=2.0, session_every=0.5)


class Standing(NamedTuple):
    """A centre whose boxes have their certificates already, and its cluster."""

    centre: Centre
    nodes: Cluster


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """Three nodes that let everybody in who is to be let in."""
    centre = Centre(tmp_path_factory.mktemp("centre"))  # its mosquitto is never started
    for name in ("hall-0001", "hall-0002"):
        centre.certificate(name)
    # The fleet's certificates were not written down by the authority: they are listed beside its own.
    accounts = [plan.account for seed in (1, 2) for plan in members(seed)]
    authority = _Listing(centre.authority.folder, accounts)
    with ExitStack() as stack:
        nodes = stack.enter_context(Cluster(centre.folder / "cluster", authority))
        nodes.wait(lambda: all(collector(centre, node).try_to_connect() for node in nodes.nodes))
        yield Standing(centre, nodes)


@pytest.fixture(scope="module")
def collected(standing: Standing) -> Iterator[Standing]:
    """A collector at the second node and at the third: NATS shares no subscription, watermarks do."""
    with ExitStack() as stack:
        for node in standing.nodes.nodes[1:]:
            process = stack.enter_context(Process(standing.centre.folder, "collect", "--port", str(node.mqtt)))
            process.wait_for(f"connected to 127.0.0.1:{node.mqtt}", READY_SECONDS)
        yield standing


class _Listing(Authority):
    def __init__(self, folder: Path, more: list[str]) -> None:
        super().__init__(folder)
        self._more = more

    def accounts(self) -> list[str]:
        return [*super().accounts(), *self._more]


def members(seed: int) -> list[fleet.Plan]:
    return [plan._replace(station=f"{plan.station}-{seed}") for plan in plans(STATIONS, seed, MANNER)]


def collector(centre: Centre, node: Node) -> Client:
    return Client(centre.authority.certificate, centre.authority.pair("collector"), node.mqtt, "tcp")


async def live(standing: Standing, seed: int, victim: int, lives: list[Life]) -> None:
    """Boxes send a backlog and show sessions; in the middle of it one node is killed, and comes back."""
    centre, nodes = standing
    ports = tuple(node.mqtt for node in nodes.nodes)
    broker = Broker("127.0.0.1", ports, centre.authority.certificate)
    boxes = Fleet(broker, fleet.signer(centre.folder), members(seed), MANNER, seed)
    lives += boxes.lives
    boxes.greet()
    coming = asyncio.create_task(boxes.connect())
    until = time.monotonic() + DELIVERED_SECONDS
    while boxes.counted.records < STATIONS * MANNER.backlog // 3:
        assert time.monotonic() < until, boxes.counted
        await asyncio.sleep(0.02)
    nodes.kill(nodes.nodes[victim])
    boxes.live()
    await asyncio.sleep(1.0)
    boxes.calm()
    nodes.start(nodes.nodes[victim])
    while not boxes.done or boxes.counted.connected < STATIONS:
        assert time.monotonic() < until, boxes.counted
        await asyncio.sleep(0.05)
    await coming
    await boxes.leave()


@pytest.mark.soak
@pytest.mark.parametrize("victim", [0, 1], ids=["the boxes' node", "a collector's node"])
def test_a_node_is_killed_in_the_stream(collected: Standing, victim: int) -> None:
    """Killed with -9: what every box wrote is in the table, once, in order."""
    lives: list[Life] = []
    uvloop.run(live(collected, victim + 1, victim, lives))
    with sqlite3.connect(collected.centre.folder / "centre.sqlite3") as link:
        for life in lives:
            asked = "SELECT raw FROM journal_record WHERE station = ? ORDER BY rowid"
            rows = link.execute(asked, (life.plan.station,)).fetchall()
            assert [raw.encode() for (raw,) in rows] == [life.plan.raw(seq) for seq in range(1, life.held + 1)]
    link.close()


def test_a_foreign_topic_is_refused(standing: Standing) -> None:
    """What a box says on another's branch reaches nobody, and it hears nothing of the other's; its own goes through."""
    centre, nodes = standing
    own, other = (f"estation/v1/{REGION}/{name}" for name in ("hall-0001", "hall-0002"))
    with (
        collector(centre, nodes.nodes[2]) as ours,
        Client(centre.authority.certificate, pair(centre, "hall-0001"), nodes.nodes[0].mqtt, "tcp") as box,
    ):
        ours.subscribe("estation/v1/+/+/reply")
        box.publish(f"{other}/reply", "stolen")
        box.publish(f"{own}/reply", "own")
        assert ours.wait_for("own") == ["own"]
        box.paho.subscribe(f"{other}/ack", 1)
        box.subscribe(f"{own}/ack")
        ours.publish(f"{other}/ack", "not for you")
        ours.publish(f"{own}/ack", "for you")
        assert box.wait_for("for you") == ["for you"]


def pair(centre: Centre, station: str) -> tuple[Path, Path]:
    (key,) = centre.folder.glob(f"{station}-*.key")
    return key.with_suffix(".pem"), key


def test_a_certificate_that_was_taken_back_opens_nothing(standing: Standing) -> None:
    """Left out of the list at the next reload; a stranger's never was in it, and no certificate is no way in."""
    centre, nodes = standing
    thief = Client(centre.authority.certificate, pair(centre, "hall-0002"), nodes.nodes[0].mqtt, "tcp")
    assert thief.try_to_connect()
    Authority(centre.authority.folder).revoke("hall-0002", datetime.now(UTC))
    nodes.write()
    nodes.reload()
    nodes.wait(lambda: not Client(*thief.way_in, nodes.nodes[0].mqtt, "tcp").try_to_connect())
    assert not Client(centre.authority.certificate, None, nodes.nodes[0].mqtt, "tcp").try_to_connect()
    with Client(centre.authority.certificate, pair(centre, "hall-0001"), nodes.nodes[0].mqtt, "tcp"):
        pass


def way_in(standing: Standing, files: tuple[Path, Path], *, websocket: bool) -> WayIn:
    node = standing.nodes.nodes[0]
    ports = (0, node.websocket) if websocket else (node.mqtt, 0)
    return WayIn("127.0.0.1", *ports, standing.centre.authority.certificate.read_text(), *files)


@pytest.mark.parametrize("websocket", [False, True], ids=["8883", "443"])
def test_the_boxs_own_driver_comes_in_by_both_ways(standing: Standing, *, websocket: bool) -> None:
    """A school that lets only WebSocket out is heard and spoken to; on another's branch nobody hears it, by neither."""
    centre, nodes = standing
    branch = f"estation/v1/{REGION}/hall-0001"
    with (
        collector(centre, nodes.nodes[2]) as ours,
        Box(way_in(standing, pair(centre, "hall-0001"), websocket=websocket), REGION, "hall-0001") as box,
    ):
        box.next(Connected)
        ours.subscribe("estation/v1/+/+/events")
        assert box.link.publish(f"estation/v1/{REGION}/hall-0009/events", b"forged", qos=1, retain=False)
        assert box.link.publish(f"{branch}/events", b"records", qos=1, retain=False)
        assert ours.wait_for("records") == ["records"]
        ours.publish(f"estation/v1/{REGION}/hall-0009/command", "not for you")
        ours.publish(f"{branch}/command", "identify")
        assert box.next(Arrived) == Arrived(f"{branch}/command", b"identify")


def test_by_websocket_nobody_comes_in_without_a_certificate_of_ours(standing: Standing, tmp_path: Path) -> None:
    """Neither without one, nor with a stranger's, nor with a box's own in the other protocol that NATS speaks."""
    centre, nodes = standing
    stranger = Authority(tmp_path / "stranger")
    stranger.make(["localhost"], datetime.now(UTC))
    for files in (None, stranger.pair("collector")):
        client = Client(centre.authority.certificate, files, nodes.nodes[0].websocket, "websockets")
        assert not client.try_to_connect()
    assert "Authorization Violation" in own_protocol(way_in(standing, pair(centre, "hall-0001"), websocket=True))


def test_lists_reach_the_nodes_by_themselves(django: Path, standing: Standing, tmp_path: Path) -> None:
    """Enrolled: let in after a reload, with nothing else done. Taken back: shut out, the line that is open as well."""
    centre, nodes = standing
    key = ec.generate_private_key(ec.SECP256R1())
    files = tmp_path / "box.pem", tmp_path / "box.key"
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    users = [centre.folder / "cluster" / node.name / "users.conf" for node in nodes.nodes]
    with served(centre.folder) as office:
        files[0].write_bytes(office.ask(office.add("hall-0003"), request("hall-0003", key)).body)
        nodes.wait(lambda: all("hall-0003" in path.read_text() for path in users))
        with Box(way_in(standing, files, websocket=True), REGION, "hall-0003") as box:
            box.next(Disconnected)
            nodes.reload()
            box.next(Connected)
            office.command("revoke", "hall-0003")
            assert not any("hall-0003" in path.read_text() for path in users)
            nodes.reload()
            box.next(Disconnected)
        for port, way in ((nodes.nodes[0].mqtt, "tcp"), (nodes.nodes[0].websocket, "websockets")):
            assert not Client(centre.authority.certificate, files, port, way).try_to_connect()


def test_the_command(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three folders, each whole, whose certificates have the name that boxes call; two nodes are no cluster.

    Written again, a node keeps its certificate, unless it is called by another name now.
    """
    settings = CentreSettings(state=state)
    nodes = [word for name in "abc" for word in ("--node", f"{name}={name}.example")]
    renamed = ["--host", "centre.example", *nodes]
    alike = [*nodes[:4], "--node", "c=a.example"]
    told = [command._parser().parse_args(["cluster", *words]) for words in (nodes, nodes[:4], renamed, alike)]
    assert told[0].run(told[0], settings) == 0
    before = (state / "cluster/a/node.key").read_bytes()
    assert told[0].run(told[0], settings) == 0
    files = {"nats.conf", "users.conf", "authority.pem", "node.pem", "node.key"}
    for name in "abc":
        assert {path.name for path in (state / "cluster" / name).iterdir()} == files
    assert (state / "cluster/a/node.key").read_bytes() == before
    assert told[2].run(told[2], settings) == 0
    made = x509.load_pem_x509_certificate((state / "cluster/b/node.pem").read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["b.example", "centre.example", "localhost"]
    for wrong in (told[1], told[3]):
        capsys.readouterr()
        assert wrong.run(wrong, settings) == 2
        assert "3 or 5 nodes" in capsys.readouterr().err


def test_what_a_node_is_told() -> None:
    """Each names the others, keeps three copies, syncs what it acknowledges; a later generation has its branch."""
    ports = {"mqtt": 8883, "websocket": 443, "route": 6222, "plain": 4222}
    nodes = [Node(name=n, host=f"{n}.example", listen="0.0.0.0", **ports) for n in "abc"]
    files = NodeFiles(**{name: Path("/n") / name for name in ("authority", "certificate", "key", "store", "users")})
    text = cluster.configuration(nodes[1], nodes, files)
    assert '["tls://a.example:6222", "tls://c.example:6222"]' in text
    for line in ("stream_replicas: 3", "sync_interval: always", "verify_and_map: true", 'listen: "127.0.0.1:4222"'):
        assert line in text
    assert 'listen: "0.0.0.0:443"' in text
    assert text.count("verify_and_map: true") == 2
    listed = cluster.users("collector", ["653101/hall-0001.2"])
    assert 'user: "CN=653101/hall-0001.2"' in listed
    assert '"estation.v1.653101.hall-0001.events"' in listed
