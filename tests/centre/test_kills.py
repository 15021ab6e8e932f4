"""Collector and PostgreSQL die at random moments while boxes send: every record is stored once, in order."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support import made_centre
from tests.support.broker import Broker
from tests.support.centre import Process, ResendingBox
from tests.support.postgres import Postgres

STATIONS = ("hall-0001", "hall-0002", "hall-0003")
KILLS = 5
SEED = 20261124
SOAK_KILLS = 100
SOAK_SECONDS = 3600.0


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@contextlib.contextmanager
def boxes_that_send(broker: Broker, chance: random.Random, seconds: float = 60.0) -> Iterator[list[ResendingBox]]:
    """Boxes that write and send while the block runs, and deliver all that is left before it ends."""
    stop, until = threading.Event(), time.monotonic() + seconds
    with contextlib.ExitStack() as stack:
        boxes, threads = [], []
        for name in STATIONS:
            client = stack.enter_context(broker.box(name, "tcp"))
            boxes.append(ResendingBox(client.paho, name, random.Random(chance.random())))
            threads.append(threading.Thread(target=boxes[-1].run, args=(stop, until)))
        for thread in threads:
            thread.start()
        yield boxes
        stop.set()
        for thread in threads:
            thread.join()
    assert all(box.delivered for box in boxes)


def check(url: str, boxes: list[ResendingBox]) -> None:
    """The database holds exactly what the boxes wrote, in the order of each journal."""
    with psycopg.connect(url) as connection:
        for name, box in zip(STATIONS, boxes, strict=True):
            rows = connection.execute(
                "SELECT raw FROM journal_record WHERE station = %s ORDER BY received, seq", (name,)
            ).fetchall()
            assert len(box.records) > 50
            assert [raw.encode() for (raw,) in rows] == box.records


def collector(state: Path, broker: Broker, url: str) -> Process:
    return Process(state, "collect", "--port", str(broker.tls_port), database=url)


def test_the_collector_is_killed(broker: Broker, postgres: Postgres) -> None:
    """A collector that dies at any moment costs nothing but a moment."""
    chance = random.Random(SEED)
    url = postgres.url(postgres.new_database("made"))
    process = collector(broker.folder, broker, url)
    with process, boxes_that_send(broker, chance) as boxes:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.8, 1.8))  # half a second of it is its start
            process.end(signal.SIGKILL)
            process.start()
    check(url, boxes)


def test_the_database_is_killed(broker: Broker) -> None:
    """A database that dies at any moment costs nothing but a moment, and the collector stays."""
    chance = random.Random(SEED)
    with made_centre.postgres() as cluster:  # one of its own, which may be killed
        url = cluster.url(made_centre.MADE)
        process = collector(broker.folder, broker, url)
        with process, boxes_that_send(broker, chance) as boxes:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.4, 1.2))
                cluster.kill()
                cluster.start()
            assert process.alive
        assert process.returned == 0
        check(url, boxes)


@pytest.mark.soak
def test_a_hundred_kills_of_everything(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Collector, broker and database, each at any moment, a hundred times: nothing is lost and nothing is doubled."""
    chance = random.Random(SEED)
    with Broker(tmp_path_factory.mktemp("soak")) as broker, made_centre.postgres() as cluster:
        url = cluster.url(made_centre.MADE)
        process = collector(broker.folder, broker, url)
        with process, boxes_that_send(broker, chance, SOAK_SECONDS) as boxes:
            for _ in range(SOAK_KILLS):
                time.sleep(chance.uniform(0.3, 2.5))
                victim = chance.choice(("collector", "broker", "database"))
                if victim == "collector":
                    process.end(signal.SIGKILL)
                    process.start()
                elif victim == "broker":
                    broker.stop(signal.SIGKILL)
                    broker.start()
                else:
                    cluster.kill()
                    cluster.start()
        check(url, boxes)
