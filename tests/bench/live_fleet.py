"""``live-fleet``: what the collector costs while 24,139 stations live, each with its health every 300 seconds.

That is eighty messages a second, over a real mosquitto to the real collector in a process of its own, which writes the
latest health of each station into PostgreSQL every five seconds. Counted is the processor time of the collector and
of the database's process that serves it, as the kernel counts it, over minutes; a core is one second of it a second.
"""

from __future__ import annotations

import itertools
import multiprocessing
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final

import psycopg
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from estation_central.collector.mqtt import BrokerAddress, MqttLink
from estation_central.collector.postgres import PostgresStore
from estation_central.collector.service import Collector
from estation_wire import codec
from estation_wire.messages import Health
from estation_wire.topics import Leaf, Topic
from estation_wire.values import Trust, Tv
from tests.bench.broker_plain import mosquitto
from tests.bench.result import Result, command
from tests.support.centre import BOOT, central
from tests.support.mosquitto import HOST
from tests.support.postgres import Postgres
from tests.support.processor import busy

STATIONS: Final = 24_139
EVERY_SECONDS: Final = 300.0
MEASURED_SECONDS: Final = 180.0
SETTLE_SECONDS: Final = 15.0
BAR_PERCENT: Final = 2.0
REGION: Final = "653101"


def _collect(url: str, port: int, stop: Event) -> None:
    """The collector's own loop, as `collector.app` has it, without the signals."""
    with MqttLink(BrokerAddress(host=HOST, port=port)) as link, closing(PostgresStore(url)) as store:
        collector = Collector(store, link)
        while not stop.is_set():
            stop.wait(collector.turn(datetime.now(UTC), time.monotonic()))
        collector.finish(datetime.now(UTC))


def health(number: int, at: datetime) -> bytes:
    """What a station says of itself."""
    return codec.encode(
        Health(
            v=1, at=at, trust=Trust.NETWORK, boot=BOOT, up=float(number), undelivered=number % 7, tv=Tv.ON,
            catalogue=40, programme=12, disk_free_bytes=10**10 + number, temperature_celsius=41.5, card_worn_percent=3,
            next_session=at + timedelta(days=2),
        )
    )  # fmt: skip


def _speak(client: paho.Client, seconds: float, numbers: itertools.count[int]) -> int:
    """Let the stations speak in their turn, evenly over time; how many messages."""
    begun, sent = time.monotonic(), 0
    while (now := time.monotonic() - begun) < seconds:
        while sent < now * STATIONS / EVERY_SECONDS:
            number = next(numbers) % STATIONS
            topic = Topic(REGION, f"room-{number:05}", Leaf.HEALTH)
            client.publish(str(topic), health(number, datetime.now(UTC)), qos=0, retain=True)
            sent += 1
        time.sleep(0.005)
    return sent


def _serving(url: str) -> int:
    """The database's process that serves the collector."""
    with psycopg.connect(url) as connection:
        asked = "SELECT pid FROM pg_stat_activity WHERE application_name = 'estation-collector'"
        ((process,),) = connection.execute(asked).fetchall()
    return int(process)


def measure(postgres: Postgres, folder: Path) -> tuple[float, float, int]:
    """Percent of a core: the collector, its database's process; and messages a second."""
    context = multiprocessing.get_context("fork")
    url, stop, numbers = postgres.url("made"), context.Event(), itertools.count()
    with mosquitto(folder) as port:
        process = context.Process(target=_collect, args=(url, port, stop), daemon=True)
        process.start()
        assert process.pid is not None
        client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        client.connect(HOST, port, keepalive=600)
        client.loop_start()
        _speak(client, SETTLE_SECONDS, numbers)
        serving = _serving(url)
        begun, before = time.monotonic(), (busy(process.pid), busy(serving))
        sent = _speak(client, MEASURED_SECONDS, numbers)
        took, after = time.monotonic() - begun, (busy(process.pid), busy(serving))
        stop.set()
        process.join(30)
        client.loop_stop()
    with psycopg.connect(url) as connection:
        ((kept,),) = connection.execute("SELECT count(*) FROM latest WHERE leaf = 'health' AND heard IS NOT NULL")
    said = min(next(numbers), STATIONS)
    assert kept > 0.99 * said, f"{kept} of {said} stations' health is in the database"
    ours, theirs = (100 * (now - then) / took for now, then in zip(after, before, strict=True))
    return ours, theirs, round(sent / took)


def run() -> list[Result]:
    """Percent of a core, both processes together."""
    with tempfile.TemporaryDirectory() as name, Postgres() as postgres:
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE made")
        made = central(postgres.folder, "migrate", database=postgres.url("made"))
        assert made.returncode == 0, made.stderr
        ours, theirs, rate = measure(postgres, Path(name))
    print({"collector": round(ours, 2), "database": round(theirs, 2), "messages a second": rate}, flush=True)
    return [
        Result(
            id="live-fleet", value=round(ours + theirs, 2), unit="% of a core", ok=ours + theirs <= BAR_PERCENT,
            bar=f"at most 2, database included; {STATIONS} stations, health every 300 s ({rate} messages/s)",
            command=command("live-fleet"),
        )
    ]  # fmt: skip
