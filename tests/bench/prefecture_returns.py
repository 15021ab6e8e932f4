"""``prefecture-returns``: a whole prefecture comes back after a week without its centre.

24,139 simulated boxes (`tests/simulation/fleet.py`), TLS with a certificate each, over two brokers with the centre's
own configuration, a collector beside each, one PostgreSQL. Twice: with everybody connected already, from the first
hello to the last record's acknowledgement; and with reconnects spread over 300 s, as the contract wants them, until the
centre has told every box that it has everything. ``STATIONS=2000`` in the environment makes it smaller, which its row
then says.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import psycopg

from estation_central.authority.folder import Authority
from estation_central.broker import folder as broker_folder
from estation_central.broker.configuration import Listeners
from tests.bench.result import Result, command
from tests.simulation.fleet import SPREAD_SECONDS, Broker, Manner, plans
from tests.simulation.fleet_processes import Crowd, widen
from tests.support.centre import Process, central
from tests.support.mosquitto import HOST, START_SECONDS, _listens, free_port
from tests.support.postgres import Postgres

STATIONS: Final = int(os.environ.get("STATIONS", "24139"))
MANNER: Final = Manner(backlog=140, health_every=300.0)
BROKERS: Final = 2  # 20,000 files a process here
BAR_ROWS: Final = 9400
BAR_SECONDS: Final = 600.0
CONNECT_SECONDS: Final = 900.0
GIVE_UP_SECONDS: Final = 1800.0
SIZE: Final = """
SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'journal_record'::regclass"""


@contextmanager
def brokers(state: Path) -> Iterator[list[Broker]]:
    """Mosquittos of one authority, as `estation-central init` configures one."""
    authority, running, made = Authority(state / "authority"), [], []
    try:
        for number in range(BROKERS):
            listeners = Listeners(address=HOST, tls=free_port(), websocket=free_port())
            path = broker_folder.write(state / f"broker-{number}", authority, listeners)
            with (state / f"broker-{number}.log").open("wb") as log:
                running.append(subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(path)], stdout=log, stderr=log))
            until = time.monotonic() + START_SECONDS
            while not _listens(listeners.tls):
                assert time.monotonic() < until, (state / f"broker-{number}.log").read_text()
                time.sleep(0.02)
            made.append(Broker(HOST, (listeners.tls,), authority.certificate))
        yield made
    finally:
        for process in running:
            process.terminate()
            process.wait(30)


@contextmanager
def centre(state: Path, postgres: Postgres, seed: int) -> Iterator[tuple[Crowd, str]]:
    """Brokers, a collector beside each, an empty database, and a fleet that is not connected yet."""
    url = postgres.url(postgres.new_database("made"))
    with ExitStack() as stack:
        made = stack.enter_context(brokers(state))
        for broker in made:
            process = Process(state, "collect", "--port", str(broker.ports[0]), database=url)
            stack.enter_context(process).wait_for(f"connected to {HOST}:{broker.ports[0]}", CONNECT_SECONDS)
        yield stack.enter_context(Crowd(state, made, plans(STATIONS, seed, MANNER), MANNER)), url


def stored(url: str) -> tuple[int, int]:
    """Rows, and how many different ones."""
    with psycopg.connect(url) as connection:
        asked = "SELECT count(*), count(DISTINCT (station, journal, seq)) FROM journal_record"
        ((rows, different),) = connection.execute(asked).fetchall()
        ((size,),) = connection.execute(SIZE).fetchall()
        print({"bytes a record, indexes included": round(size / rows)}, flush=True)
    return rows, different


def connected_already(state: Path, postgres: Postgres) -> float:
    """Rows a second, from the first hello to the last acknowledgement."""
    total = STATIONS * MANNER.backlog
    with centre(state, postgres, 1) as (crowd, url):
        crowd.say("connect")
        print({"connected in": round(crowd.wait("connected", STATIONS, CONNECT_SECONDS), 1)}, flush=True)
        crowd.say("greet")
        seconds = crowd.wait("records", total, GIVE_UP_SECONDS)
        print({"records in": round(seconds, 1), "counted": crowd.counted()}, flush=True)
        assert stored(url) == (total, total)
    return total / seconds


def spread(state: Path, postgres: Postgres) -> float:
    """Seconds until every box has everything acknowledged, where they come back over `SPREAD_SECONDS`."""
    total = STATIONS * MANNER.backlog
    with centre(state, postgres, 2) as (crowd, url):
        crowd.say("greet")
        crowd.say("connect", SPREAD_SECONDS)
        seconds = crowd.wait("records", total, GIVE_UP_SECONDS)
        print({"all in": round(seconds, 1), "counted": crowd.counted()}, flush=True)
        assert stored(url) == (total, total)
    return seconds


def run() -> list[Result]:
    """Both runs, in databases of their own."""
    widen()
    with tempfile.TemporaryDirectory() as name, Postgres() as postgres:
        state = Path(name)
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE made")
        for arguments in (("init", "--host", HOST, "--listen", HOST), ("migrate",)):
            made = central(state, *arguments, database=postgres.url("made"), seconds=300.0)
            assert made.returncode == 0, made.stderr
        rate, seconds = connected_already(state, postgres), spread(state, postgres)
    size = f"{STATIONS} stations x {MANNER.backlog} records, {BROKERS} brokers, TLS with client certificates"
    return [
        Result(
            id="prefecture-returns", value=round(rate), unit="rows/s", bar=f"at least {BAR_ROWS}; {size}",
            ok=rate >= BAR_ROWS, command=command("prefecture-returns"),
        ),
        Result(
            id="prefecture-returns-spread", value=round(seconds), unit="s",
            bar=f"all acknowledged within {BAR_SECONDS:.0f} s, reconnects over {SPREAD_SECONDS:.0f} s; {size}",
            ok=seconds <= BAR_SECONDS, command=command("prefecture-returns"),
        ),
    ]  # fmt: skip
