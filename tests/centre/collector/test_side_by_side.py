"""Collectors side by side, each for its regions, and one box that floods the line: real broker, real database."""

from __future__ import annotations

import random
import shutil
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg

from tests.support.broker import Broker
from tests.support.centre import Process, ResendingBox
from tests.support.postgres import Postgres

NAMES = ("hall-0001", "hall-0002", "hall-0003", "hall-0004")


def test_two_collectors_of_one_region_and_one_of_another_store_once(postgres: Postgres, tmp_path: Path) -> None:
    """Two collectors hear the same boxes, a third hears none of them: every record is there once, in order."""
    url = postgres.url(postgres.new_database("made"))
    with Broker(tmp_path / "centre") as broker, ExitStack() as stack:
        for number, region in enumerate(("653101", "653101", "653102")):
            state = tmp_path / f"collector-{number}"
            state.mkdir()
            (state / "authority").symlink_to(broker.folder / "authority")
            words = ["collect", "--port", str(broker.tls_port), "--region", region]
            process = stack.enter_context(Process(state, *words, database=url))
            process.wait_for("connected to")
        boxes = [at(stack, broker, name, "653101") for name in NAMES]
        live(boxes, seconds=3.0, patience=90.0)
        assert all(box.delivered for box in boxes)
    with psycopg.connect(url) as connection:
        for name, box in zip(NAMES, boxes, strict=True):
            assert stored(connection, name) == box.records


def test_a_broker_for_each_region_with_its_collector_beside_it(postgres: Postgres, tmp_path: Path) -> None:
    """A box at the other region's broker is heard by nobody; at its own each record is stored once.

    Two brokers that know nothing of each other, a collector beside each, one database.
    """
    url = postgres.url(postgres.new_database("made"))
    first, second = Broker(tmp_path / "first"), Broker(twin(tmp_path / "first", tmp_path / "second"))
    regions = {first: "653101", second: "653102"}
    with ExitStack() as stack:
        for broker, region in regions.items():
            stack.enter_context(broker)
            words = ["collect", "--port", str(broker.tls_port), "--region", region]
            stack.enter_context(Process(broker.folder, *words, database=url)).wait_for("connected to")
        lost = at(stack, second, "hall-0001", "653101")
        own = at(stack, second, "hall-0002", "653102")
        live([lost], seconds=1.0, patience=3.0)
        live([own], seconds=1.0, patience=60.0)
        assert (own.delivered, lost.delivered, bool(lost.records)) == (True, False, True)
        with psycopg.connect(url) as connection:
            assert stored(connection, "hall-0001") == []
        home = at(stack, first, "hall-0001", "653101")
        home.records.extend(lost.records)
        live([home], seconds=1.0, patience=60.0)
        assert home.delivered
    with psycopg.connect(url) as connection:
        for name, box in (("hall-0001", home), ("hall-0002", own)):
            assert stored(connection, name) == box.records


def twin(folder: Path, other: Path) -> Path:
    """Another centre's folder, with the same private authority: a box's certificate is good at both brokers."""
    shutil.copytree(folder / "authority", other / "authority")
    return other


def at(stack: ExitStack, broker: Broker, name: str, region: str) -> ResendingBox:
    """A box of a region, connected to this broker."""
    client = stack.enter_context(broker.box(name, "tcp", region))
    return ResendingBox(client.paho, name, random.Random(name), region)


def live(boxes: list[ResendingBox], seconds: float, patience: float) -> None:
    """They write for so long, and send until all is stored or their patience is over."""
    stop, until = threading.Event(), time.monotonic() + patience
    threads = [threading.Thread(target=box.run, args=(stop, until)) for box in boxes]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()


def stored(connection: psycopg.Connection[tuple[str]], name: str) -> list[bytes]:
    """What of a station is in the table, in order."""
    asked = "SELECT raw FROM journal_record WHERE station = %s ORDER BY seq"
    return [raw.encode() for (raw,) in connection.execute(asked, (name,))]
