"""Collectors side by side, each for its regions, and one box that floods the line: real broker, real database."""

from __future__ import annotations

import random
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
    stop, until = threading.Event(), time.monotonic() + 90.0
    with Broker(tmp_path / "centre") as broker, ExitStack() as stack:
        for number, region in enumerate(("653101", "653101", "653102")):
            state = tmp_path / f"collector-{number}"
            state.mkdir()
            (state / "authority").symlink_to(broker.folder / "authority")
            words = ["collect", "--port", str(broker.tls_port), "--region", region]
            process = stack.enter_context(Process(state, *words, database=url))
            process.wait_for("connected to")
        boxes = []
        for name in NAMES:
            client = stack.enter_context(broker.box(name, "tcp"))
            boxes.append(ResendingBox(client.paho, name, random.Random(name)))
        threads = [threading.Thread(target=box.run, args=(stop, until)) for box in boxes]
        for thread in threads:
            thread.start()
        time.sleep(3.0)  # seconds of traffic
        stop.set()
        for thread in threads:
            thread.join()
        assert all(box.delivered for box in boxes)
    with psycopg.connect(url) as connection:
        for name, box in zip(NAMES, boxes, strict=True):
            asked = "SELECT raw FROM journal_record WHERE station = %s ORDER BY seq"
            assert [raw.encode() for (raw,) in connection.execute(asked, (name,))] == box.records
