"""Whatever the line and the centre do, in the end every record is stored once and in order."""

from __future__ import annotations

import logging
import tracemalloc

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estation_box.reporting.interfaces import Arrived
from estation_box.simulated.link import Weather
from estation_wire import codec
from estation_wire.messages import Ack, Identify, Stored
from estation_wire.topics import Leaf
from tests.journal.values import DAY, START, journal
from tests.reporting.world import World

BRANCH = "estation/v1/653101/hall-0007"
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 130)),
        st.tuples(st.just("run"), st.integers(1, 200)),
        st.tuples(st.sampled_from(["connect", "disconnect", "restart", "backup", "restore"]), st.just(0)),
    ),
    max_size=25,
)
WEATHER = st.builds(Weather, lost=st.floats(0, 0.6), twice=st.floats(0, 0.6), delay=st.floats(0, 50))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, weather=WEATHER, seed=st.integers(0, 2**32))
def test_every_record_is_stored_once_and_in_order_whatever_happens(steps, weather, seed):
    """Messages are lost, doubled and late; the line breaks; core restarts; the centre is put back to a backup."""
    world = World(seed=seed)
    world.link.weather = weather
    backup = world.centre.backup()
    for step, number in steps:
        if step == "write":
            world.write(number)
        elif step == "run":
            world.run(number, step=2.0)
        elif step == "connect":
            world.connect()
        elif step == "disconnect":
            world.disconnect()
        elif step == "restart":
            world.disconnect()
            world.restart()
        elif step == "backup":
            backup = world.centre.backup()
        else:
            world.centre.restore(backup)
    world.disconnect()
    world.run(60, step=5.0)  # what was under way arrives or does not
    world.connect(Weather())
    world.run(200)
    assert world.stored() == list(range(1, world.written + 1))
    assert world.journal.undelivered() == 0


def test_a_week_without_a_broker_and_a_centre_put_back_to_yesterday(tmp_path):
    """A hall without a line for a week, and a centre whose disk broke: all is there afterwards, once, in order."""
    world = World(journal(tmp_path))
    world.connect()
    for _ in range(3):
        _one_day(world)
    yesterday = world.centre.backup()
    _one_day(world)
    world.disconnect()
    for _ in range(7):
        _one_day(world)
    assert world.journal.undelivered() == 7 * 30
    world.centre.restore(yesterday)
    world.connect()
    world.run(120)
    assert world.stored() == list(range(1, world.written + 1)) == list(range(1, 11 * 30 + 1))
    assert len(world.centre.records) == 1
    assert world.journal.undelivered() == 0
    world.journal.close()
    assert journal(tmp_path).state().watermark == world.written


def _one_day(world: World) -> None:
    for _ in range(30):
        world.write()
        world.run(DAY / 30, step=96.0)
        world.journal.tend(world.moment)


def _garbage() -> st.SearchStrategy[tuple[str, bytes]]:
    """Topics and payloads near the contract's and far from it; none is a message that the box may take."""
    sound = codec.encode(Ack(v=1, time=START, journals=(Stored(journal="a" * 32, watermark=1),)))
    order = codec.encode(Identify(v=1, id="1" * 32, issued=START, expires=START))
    ours = st.sampled_from([f"{BRANCH}/ack", f"{BRANCH}/command"])
    foreign = st.one_of(
        st.text(max_size=200),
        st.sampled_from([f"{BRANCH}/status", f"{BRANCH}/", BRANCH, "estation/v2/653101/hall-0007/ack", "$SYS/x", ""]),
        st.sampled_from(["estation/v1/653101/hall-0008/ack", "estation/v1/653102/hall-0007/command"]),
    )
    torn = st.builds(lambda raw, at: raw[: at % len(raw)], st.sampled_from([sound, order]), st.integers(0, 1000))
    bad = st.one_of(
        st.binary(max_size=300),
        torn,
        st.sampled_from([b"[" * 3000, b'{"v":2}', b"{}", b'{"v":1,"do":"dance"}', b"x" * 100_000, b'{"v":1e999}']),
        st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=10).map(
            lambda value: repr(value).encode("utf-8", "replace")
        ),
    )
    return st.one_of(st.tuples(ours, bad), st.tuples(foreign, st.one_of(bad, st.sampled_from([sound, order]))))


def test_ten_thousand_malformed_messages_are_dropped_with_one_line(caplog):
    """Whatever comes that is not the centre's word changes nothing, costs no memory and one line of the log."""
    world = World()
    world.write(3)
    world.connect()
    world.run(20)
    sent: list[int] = []

    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(_garbage(), min_size=100, max_size=110))
    def flood(messages):
        for topic, payload in messages:
            world.take(Arrived(topic, payload))
        sent.append(len(messages))

    world.heard.clear()
    with caplog.at_level(logging.INFO):
        flood()
        tracemalloc.start()
        for number in range(3000):
            world.take(Arrived(f"{BRANCH}/ack", b"\xff%d" % number))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        world.run(60)
    assert (world.heard, world.journal.undelivered()) == ([], 0)
    assert sum(sent) >= 10_000
    assert peak < 100_000
    (line,) = [record.message for record in caplog.records]
    assert line.startswith(f"{sum(sent) + 3000} messages were dropped")
    assert Leaf.ACK.value in line
