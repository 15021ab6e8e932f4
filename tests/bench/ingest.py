"""``ingest``: how fast the centre takes what boxes send, from the MQTT packet to COMMIT and acknowledgement.

Boxes with a backlog of 140 records each (batches of 100 and 40, what a prefecture sends after a week away) behind a
real mosquitto, real collectors, a real PostgreSQL with the centre's own tables. The peer is the least that anybody
must do: psycopg's plain COPY (text) of the very same rows into the same table, in commits of the same size; it keeps
two cores busy, the client's and the database's. Ours is measured with a collector for each core, side by side, each
for its half of the counties, and with one for all. They and the peer take turns; a figure is the median of the rounds.
The receive half alone is measured beside ``mosquitto_sub`` on the same retained messages.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from estation_central.collector import months, rules, statements
from estation_central.collector.mqtt import BrokerAddress, MqttLink
from estation_central.collector.postgres import PostgresStore
from estation_central.collector.service import ROUND_ROWS, Collector
from estation_wire import codec
from estation_wire.messages import Events
from estation_wire.topics import Leaf, Topic, listen
from tests.bench.broker_plain import GIVE_UP_SECONDS, Crowd, mosquitto
from tests.bench.result import Result, command
from tests.support.centre import NOW, central, ended, record, shown, started
from tests.support.mosquitto import HOST
from tests.support.postgres import Postgres

STATIONS: Final = 1000
BACKLOG: Final = 140
BATCH: Final = 100
ROUNDS: Final = 5
BAR: Final = 0.5
MESSAGES: Final = 20_000
REGIONS: Final = ("653101", "653102")
SIDE_BY_SIDE: Final = {"two": [REGIONS[:1], REGIONS[1:]], "one": [REGIONS]}
"""The regions of each collector."""
READY_SECONDS: Final = 20.0
COLUMNS: Final = ", ".join(statements.ROW_COLUMNS)


class Measured(NamedTuple):
    """Rows a second of one round: first arrivals and replays at two collectors and at one, and the peer's."""

    two: float
    two_again: float
    one: float
    one_again: float
    copied: float


def journal(station: int) -> str:
    """The journal of a station."""
    return f"{station:032x}"


def records(station: int) -> list[bytes]:
    """A backlog: sessions with their clips, a fault and a day between them."""
    made: list[bytes] = []
    while len(made) < BACKLOG:
        at = NOW - timedelta(minutes=30 * (BACKLOG - len(made)))
        session, seq = f"{station:016x}{len(made):016x}", len(made) + 1
        made += [started(seq, at=at, session=session, length=620.0, series="科普之窗")]
        made += [shown(seq + 1 + clip, at=at, session=session, seconds=155.0) for clip in range(4)]
        made += [ended(seq + 5, at=at, counting=620.0, session=session, series="科普之窗")]
        made += [record(seq + 6), record(seq + 7, "day", uptime=7200.0)]
    return made[:BACKLOG]


def batches(station: int, raws: list[bytes]) -> list[tuple[str, bytes]]:
    """The same as messages."""
    topic = str(Topic(REGIONS[station % 2], f"hall-{station:05}", Leaf.EVENTS))
    cuts = [raws[cut : cut + BATCH] for cut in range(0, len(raws), BATCH)]
    events = (Events(v=1, journal=journal(station), records=tuple(map(msgspec.Raw, each))) for each in cuts)
    return [(topic, codec.encode(each)) for each in events]


def _collect(line: Connection, url: str, port: int, regions: Sequence[str]) -> None:
    """A collector's own loop, as `collector.app` has it, until it is told to end; then what it counted."""
    with MqttLink(BrokerAddress(host=HOST, port=port), regions) as link, closing(PostgresStore(url)) as store:
        collector = Collector(store, link)
        while not link.connected:
            time.sleep(0.01)
        line.send("here")
        while not line.poll():
            collector.turn(datetime.now(UTC), time.monotonic())
        line.send((collector.counters.stored, collector.counters.doubled))


@contextmanager
def collecting(url: str, port: int, shares: Sequence[Sequence[str]], rows: int) -> Iterator[None]:
    """Collectors side by side, a process for each of ``shares``; each row must be stored once and doubled once."""
    lines = []
    for regions in shares:
        line, theirs = get_context("fork").Pipe()
        get_context("fork").Process(target=_collect, args=(theirs, url, port, regions), daemon=True).start()
        lines.append(line)
    assert all(line.poll(READY_SECONDS) and line.recv() for line in lines)
    yield
    for line in lines:
        line.send("end")
    counted = [line.recv() for line in lines]
    assert [sum(each) for each in zip(*counted, strict=True)] == [rows, rows], counted


def _seconds(crowd: Crowd) -> float:
    """From the first packet to the last ack."""
    crowd.send()
    seconds = crowd.seconds(GIVE_UP_SECONDS)
    assert seconds is not None, "boxes were not answered"
    return seconds


def _month(url: str, month: date) -> None:
    """The peer's month is there before it begins."""
    with closing(PostgresStore(url)) as store, store.transaction() as transaction:
        months.make(transaction.run, month)


def _copied(url: str, rows: list[tuple[Any, ...]]) -> float:
    """Seconds of plain COPY."""
    with psycopg.connect(url, autocommit=True) as connection:
        begun = time.monotonic()
        for cut in range(0, len(rows), ROUND_ROWS):
            statement = f"COPY journal_record ({COLUMNS}) FROM STDIN"
            with connection.transaction(), connection.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows[cut : cut + ROUND_ROWS]:
                    copy.write_row(row)
        return time.monotonic() - begun


def _rows(every: list[list[bytes]]) -> list[tuple[Any, ...]]:
    now = datetime.now(UTC)
    told = ((n, rules.read_row(raw)) for n, raws in enumerate(every) for raw in raws)
    return [(f"hall-{n:05}", journal(n), *row[:7], row.raw, now) for n, row in told]


def stored(postgres: Postgres, folder: Path) -> Iterator[Measured]:
    """Rounds of ours, the same once more, and the peer's, each in a fresh database."""
    every = [records(station) for station in range(STATIONS)]
    rows = _rows(every)
    with mosquitto(folder) as port:
        crowd = Crowd(port, [batches(station, raws) for station, raws in enumerate(every)])
        for _ in range(ROUNDS):
            took: list[float] = []
            for shares in SIDE_BY_SIDE.values():
                url = postgres.url(postgres.new_database("made"))
                with collecting(url, port, shares, len(rows)):
                    took += [_seconds(crowd), _seconds(crowd)]
            beside = postgres.url(postgres.new_database("made"))
            _month(beside, rows[0][-1].date().replace(day=1))
            yield Measured(*(len(rows) / each for each in (*took, _copied(beside, rows))))
        crowd.close()


def _retain(port: int, payload: bytes) -> None:
    """Let the broker hold one message for each of so many boxes."""
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.max_inflight_messages_set(1000)
    client.connect(HOST, port, keepalive=600)
    client.loop_start()
    last = [
        client.publish(f"estation/v1/{REGIONS[0]}/hall-{n:05}/events", payload, 1, retain=True) for n in range(MESSAGES)
    ]
    for each in last:
        each.wait_for_publish(60)
    client.loop_stop()


def received(folder: Path) -> tuple[float, float]:
    """Messages a second: the collector's link with its inbox, and ``mosquitto_sub``; medians of the rounds."""
    payload = batches(0, records(0)[:38])[0][1]
    ours, theirs = [], []
    with mosquitto(folder) as port:
        _retain(port, payload)
        for _ in range(ROUNDS):
            begun = time.monotonic()
            with MqttLink(BrokerAddress(host=HOST, port=port)) as link:
                for number in range(MESSAGES):
                    assert link.take(60.0) is not None, f"{number} of {MESSAGES} came, {link.dropped} were dropped"
                ours.append(MESSAGES / (time.monotonic() - begun))
            asked = ["mosquitto_sub", "-h", HOST, "-p", str(port), "-q", "1", "-t", listen(Leaf.EVENTS)]
            begun = time.monotonic()
            subprocess.run([*asked, "-C", str(MESSAGES)], stdout=subprocess.DEVNULL, check=True, timeout=120)
            theirs.append(MESSAGES / (time.monotonic() - begun))
    return statistics.median(ours), statistics.median(theirs)


def run() -> list[Result]:
    """Three ratios: stored, replayed, received."""
    with tempfile.TemporaryDirectory() as name, Postgres() as postgres:
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE made")
        made = central(postgres.folder, "migrate", database=postgres.url("made"))
        assert made.returncode == 0, made.stderr
        rounds = []
        for each in stored(postgres, Path(name) / "broker"):
            print({field: round(value) for field, value in each._asdict().items()}, flush=True)
            rounds.append(each)
        ours, theirs = received(Path(name) / "receive")
    return [
        _row("ingest", [each.two for each in rounds], rounds, "two collectors, MQTT packet to COMMIT and ack"),
        _row("ingest-replays", [each.two_again for each in rounds], rounds, "two collectors, every record a replay"),
        _row("ingest-one", [each.one for each in rounds], rounds, "one collector for all counties"),
        _row("ingest-one-replays", [each.one_again for each in rounds], rounds, "one collector, every record a replay"),
        Result(
            id="ingest-receive", value=round(ours), unit="messages/s", peer="mosquitto_sub", peer_value=round(theirs),
            ratio=round(ours / theirs, 2), bar="at least 0.15 of it", ok=ours / theirs >= 0.15,
            command=command("ingest"),
        ),
    ]  # fmt: skip


def _row(name: str, ours: list[float], rounds: list[Measured], what: str) -> Result:
    ratio = statistics.median(mine / each.copied for mine, each in zip(ours, rounds, strict=True))
    return Result(
        id=name, value=round(statistics.median(ours)), unit="rows/s", ratio=round(ratio, 2), ok=ratio >= BAR,
        peer="plain COPY of the same rows (psycopg, text)", bar=f"at least {BAR} of it; {what}",
        peer_value=round(statistics.median(each.copied for each in rounds)), command=command("ingest"),
    )  # fmt: skip
