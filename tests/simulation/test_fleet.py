"""The simulated fleet keeps the contract: what it writes is in the centre's tables, each record once and in order."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import statistics
import time
from collections.abc import Iterator

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from estation_wire import codec
from estation_wire.values import Trust
from tests.simulation import fleet, fleet_packets
from tests.simulation.fleet import Break, Broker, Fleet, Manner, plans
from tests.simulation.fleet_packets import Packet, PacketError, Reader
from tests.support import broker as real
from tests.support.centre import Process

STATIONS = 40
UNTIL_SECONDS = 60.0
HEARD = "SELECT count(*) FROM latest WHERE leaf = 'health' AND heard IS NOT NULL"
MANNER = Manner(backlog=140, health_every=1.0, session_every=2.0, cut_every=3.0, dark=0.3, wrong_clocks=0.3)


@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(1, 50))
def test_packets_are_cut_right_however_they_come(payloads: list[bytes], piece: int) -> None:
    """Whole, in pieces, many at once: the same packets."""
    sent = b"".join(fleet_packets.publish(f"a/{n}", each, n + 1) for n, each in enumerate(payloads))
    reader, came = Reader(), []
    for cut in range(0, len(sent), piece):
        came += [fleet_packets.published(each) for each in reader.feed(sent[cut : cut + piece])]
    assert came == [(f"a/{n}", each, (n + 1).to_bytes(2)) for n, each in enumerate(payloads)]


def test_a_packet_as_the_standard_writes_it() -> None:
    """The frame in the module's docstring; a length that cannot be is refused."""
    frame = bytes.fromhex("32 09 00 03 61 2f 62 00 07 68 69")
    assert fleet_packets.publish("a/b", b"hi", 7) == frame
    assert list(Reader().feed(frame)) == [Packet(3, 2, frame[2:])]
    for wrong in (b"\x30\xff\xff\xff\xff", b"\x30\xff\xff\xff\x7f"):
        with pytest.raises(PacketError):
            list(Reader().feed(wrong))


def test_the_same_seed_is_the_same_fleet() -> None:
    """Who is in it, whose clock is wrong, what each record says."""
    one, two, other = plans(200, 1, MANNER), plans(200, 1, MANNER), plans(200, 2, MANNER)
    assert one == two != other
    assert 30 < sum(plan.trust is Trust.GUESS for plan in one) < 90
    assert [one[0].raw(seq) for seq in range(1, 17)] == [two[0].raw(seq) for seq in range(1, 17)]
    assert all(codec.decode_record(one[0].raw(seq)).seq == seq for seq in range(1, 17))


def test_the_same_seed_breaks_at_the_same_moments() -> None:
    """When whose power is cut and whose line, and for how long; who is never cut off has no break."""
    (plan,) = plans(1, 4, MANNER._replace(cut_every=600.0, dark=60.0, outage_every=3600.0, outage=900.0))
    told = {kind: list(itertools.islice(fleet.breaks(plan, kind), 2000)) for kind in Break}
    assert told == {kind: list(itertools.islice(fleet.breaks(plan, kind), 2000)) for kind in Break}
    means = {kind: [statistics.fmean(each) for each in zip(*told[kind], strict=True)] for kind in Break}
    assert means[Break.POWER] == pytest.approx([600.0, 60.0], rel=0.1)
    assert means[Break.LINE] == pytest.approx([3600.0, 900.0], rel=0.1)
    assert list(fleet.breaks(plan._replace(outage_every=0.0), Break.LINE)) == []


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[real.Broker]:
    """A broker with TLS, the collector, and a database."""
    with (
        real.Broker(tmp_path_factory.mktemp("fleet")) as running,
        Process(running.folder, "collect", "--port", str(running.tls_port)) as process,
    ):
        process.wait_for("connected to")
        yield running


def test_a_fleet_that_loses_its_power_loses_no_record(centre: real.Broker) -> None:
    """Forty boxes are cut off every three seconds while they send a backlog and show sessions: all is there once."""
    broker = Broker("127.0.0.1", (centre.tls_port,), centre.folder / "authority/authority.pem")
    boxes: list[Fleet] = []

    async def live() -> None:
        members = Fleet(broker, fleet.signer(centre.folder), plans(STATIONS, 7, MANNER), MANNER, 7)
        boxes.append(members)
        members.greet()
        await members.connect(spread=0.5)
        members.live()
        until = time.monotonic() + UNTIL_SECONDS
        while members.counted.cuts < STATIONS // 2 or members.counted.health < STATIONS:
            assert time.monotonic() < until, members.counted
            await asyncio.sleep(0.05)
        members.calm()
        while not members.done:
            assert time.monotonic() < until, members.counted
            await asyncio.sleep(0.05)
        await members.leave()

    uvloop.run(live())
    with sqlite3.connect(centre.folder / "centre.sqlite3") as link:
        for life in boxes[0].lives:
            rows = link.execute(
                "SELECT raw FROM journal_record WHERE station = ? ORDER BY rowid", (life.plan.station,)
            ).fetchall()
            assert [raw.encode() for (raw,) in rows] == [life.plan.raw(seq) for seq in range(1, life.held + 1)]
        until = time.monotonic() + UNTIL_SECONDS
        while link.execute(HEARD).fetchall() != [(STATIONS,)]:  # it is written every five seconds
            assert time.monotonic() < until
            time.sleep(0.1)
    link.close()


def test_a_box_without_a_line_lives_on(centre: real.Broker) -> None:
    """It is the same boot before and after, and what it wrote meanwhile comes in; a cut of power is another boot."""
    broker = Broker("127.0.0.1", (centre.tls_port,), centre.folder / "authority/authority.pem")
    manner = Manner(backlog=8, health_every=1.0, session_every=0.3, outage_every=1.0, outage=0.7)
    halls = [plan._replace(station=f"{plan.station}-line") for plan in plans(STATIONS // 2, 5, manner)]
    halls += [
        plan._replace(station=f"{plan.station}-power", outage_every=0.0, cut_every=1.0, dark=0.7) for plan in halls
    ]
    members: list[Fleet] = []

    async def live() -> None:
        boxes = Fleet(broker, fleet.signer(centre.folder), halls, manner, 5)
        members.append(boxes)
        boxes.greet()
        await boxes.connect()
        boxes.live()
        until = time.monotonic() + UNTIL_SECONDS
        while min(boxes.counted.outages, boxes.counted.cuts) < STATIONS:
            assert time.monotonic() < until, boxes.counted
            await asyncio.sleep(0.05)
        boxes.calm()
        while not boxes.done or boxes.counted.connected < STATIONS:
            assert time.monotonic() < until, boxes.counted
            await asyncio.sleep(0.05)
        await boxes.leave()

    uvloop.run(live())
    lines, powers = members[0].lives[: STATIONS // 2], members[0].lives[STATIONS // 2 :]
    assert {life.boots for life in lines} == {1}
    assert sum(life.boots - 1 for life in powers) == members[0].counted.cuts
    with sqlite3.connect(centre.folder / "centre.sqlite3") as link:
        for life in members[0].lives:
            rows = link.execute("SELECT raw FROM journal_record WHERE station = ? ORDER BY rowid", (life.plan.station,))
            assert [raw.encode() for (raw,) in rows] == [life.plan.raw(seq) for seq in range(1, life.held + 1)]
    link.close()
    assert min(life.held for life in lines) > manner.backlog


def test_a_box_of_the_fleet_speaks_for_itself_alone(centre: real.Broker) -> None:
    """What it says on another's branch is not heard: its certificate is its own, as a real box's."""
    broker = Broker("127.0.0.1", (centre.tls_port,), centre.folder / "authority/authority.pem")
    (own,) = plans(1, 3, MANNER)
    stolen = own._replace(station="stolen")

    async def try_it() -> int:
        authority = fleet.signer(centre.folder)
        thief = Fleet(broker, authority, [stolen], MANNER, 1)
        thief._contexts[stolen.account] = fleet.context(broker, authority, own.account, thief._folder)
        await thief.connect()
        thief.greet()
        await asyncio.sleep(1.0)
        await thief.leave()
        return thief.counted.welcome

    assert uvloop.run(try_it()) == 0
    with sqlite3.connect(centre.folder / "centre.sqlite3") as link:
        assert link.execute("SELECT count(*) FROM latest WHERE station = 'stolen'").fetchall() == [(0,)]
    link.close()
