"""One box that floods, or whose batch the database refuses, costs the others little."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest

from estation_central.collector.inbox import STATION_BYTES, STATION_MESSAGES, Inbox
from estation_central.collector.interfaces import Arrival, Store, StoreRefusedError
from estation_central.collector.service import REJECTED_ALIKE, Collector
from tests.support.centre import NOW, MemoryLink, events, record

FLOOD = "estation/v1/653101/hall-0666/events"


def honest(number: int) -> Arrival:
    return events([record(1)], station=f"hall-{number:05}")


@pytest.mark.parametrize("payload", [b"x", b"x" * 200_000], ids=["small", "large"])
def test_a_box_that_floods_fills_its_own_room_alone(payload: bytes) -> None:
    """A hundred thousand messages of one box between those of a thousand others: every other one is taken, in order."""
    inbox = Inbox()
    for number in range(1000):
        for _ in range(100):
            inbox.put(Arrival(FLOOD, payload))
        inbox.put(honest(number))
    taken = []
    while (arrival := inbox.take(0.0)) is not None:
        taken.append(arrival)
    flood = [each for each in taken if each.topic == FLOOD]
    assert [each for each in taken if each.topic != FLOOD] == [honest(number) for number in range(1000)]
    assert 0 < len(flood) <= STATION_MESSAGES
    assert sum(len(each.payload) for each in flood) <= STATION_BYTES
    assert inbox.dropped == 100_000 - len(flood)


def test_the_room_of_a_box_is_free_again_when_its_messages_are_taken() -> None:
    """A box that was too fast once is heard again."""
    inbox = Inbox()
    for _ in range(3):
        for _ in range(2 * STATION_MESSAGES):
            inbox.put(Arrival(FLOOD, b"x"))
        taken = 0
        while inbox.take(0.0) is not None:
            taken += 1
        assert taken == STATION_MESSAGES
    assert not inbox._stations


def test_where_many_honest_ones_have_filled_it_the_rest_waits_and_is_not_dropped() -> None:
    """The broker's thread stands still until the loop has taken some, and not for ever."""
    inbox = Inbox(messages=10)
    broker = threading.Thread(target=lambda: [inbox.put(honest(number)) for number in range(1000)])
    broker.start()
    assert [inbox.take(10.0) for _ in range(1000)] == [honest(number) for number in range(1000)]
    broker.join(10)
    assert inbox.dropped == 0
    inbox = Inbox(messages=10, patience=0.01)
    for number in range(15):
        inbox.put(honest(number))
    assert inbox.dropped == 5


class Choosy:
    """A store whose database takes nothing from hall-00007, and counts its transactions."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.begun = 0

    @contextmanager
    def transaction(self):
        """A transaction that may be refused."""
        self.begun += 1
        with self.store.transaction() as transaction:
            yield transaction
            if transaction.run("SELECT 1 FROM journal_record WHERE station = %s", ("hall-00007",)):
                message = "no"
                raise StoreRefusedError(message)

    def close(self) -> None:
        """Let go."""
        self.store.close()


def test_one_refused_batch_among_hundreds_costs_some_commits(store: Store, query) -> None:
    """Four hundred boxes report together, and one of them what the database refuses: the others need few commits."""
    choosy, link = Choosy(store), MemoryLink()
    collector = Collector(choosy, link)
    link.arrivals.extend(honest(number) for number in range(400))
    while link.arrivals:
        collector.turn(NOW, 100.0)
    assert query("SELECT count(*) FROM journal_record") == [(399,)]
    assert len(link.take_acks()) == 399
    assert choosy.begun < 30


def test_a_broken_box_does_not_push_others_out_of_the_quarantine(store: Store, query) -> None:
    """Of one station that sends nothing but garbage a few examples are kept; a second one's is seen beside them."""
    link = MemoryLink()
    collector = Collector(store, link)
    link.arrivals.extend(Arrival(FLOOD, b"{") for _ in range(100))
    link.arrivals.append(Arrival("estation/v1/653101/hall-0002/events", b"["))
    while link.arrivals:
        collector.turn(NOW, 100.0)
    collector.turn(NOW + timedelta(seconds=9), 109.0)
    assert query("SELECT count(*) FROM quarantine WHERE topic = %s", FLOOD) == [(REJECTED_ALIKE,)]
    assert query("SELECT count(*) FROM quarantine WHERE topic LIKE %s", "%hall-0002%") == [(1,)]
    assert collector.counters.malformed == 101
