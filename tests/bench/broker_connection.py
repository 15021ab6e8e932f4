"""``broker-connection``: what one connection costs the broker: memory while it stands, processor while it is made.

Simulated boxes (`tests/simulation/fleet.py`), each with a certificate of its own and a whole handshake, over TLS at a
mosquitto with the centre's own configuration; each subscribes to its two topics and says its status. No bar hangs on
it: it is an input of `docs/million.md`.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from estation_central.authority.folder import Authority
from estation_central.broker import folder as broker_folder
from estation_central.broker.configuration import Listeners
from tests.bench.result import Result, command
from tests.simulation.fleet import Broker, Manner, plans
from tests.simulation.fleet_processes import Crowd, widen
from tests.support.centre import central
from tests.support.mosquitto import HOST, START_SECONDS, _listens, free_port
from tests.support.processor import busy

BOXES: Final = 5000
CONNECT_SECONDS: Final = 600.0
SETTLE_SECONDS: Final = 3.0
MANNER: Final = Manner(backlog=0)


def resident(process: int) -> float:
    """Kilobytes of a process in memory."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def measure(state: Path) -> tuple[float, float]:
    """Kilobytes, and milliseconds of a core, of one connection."""
    authority = Authority(state / "authority")
    listeners = Listeners(address=HOST, tls=free_port(), websocket=free_port())
    path = broker_folder.write(state / "broker", authority, listeners)
    with (state / "broker.log").open("wb") as log:
        broker = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(path)], stdout=log, stderr=log)
    try:
        until = time.monotonic() + START_SECONDS
        while not _listens(listeners.tls):
            assert time.monotonic() < until, (state / "broker.log").read_text()
            time.sleep(0.02)
        way_in = Broker(HOST, (listeners.tls,), authority.certificate)
        with Crowd(state, [way_in], plans(BOXES, 1, MANNER), MANNER) as crowd:
            before = resident(broker.pid), busy(broker.pid)
            crowd.say("connect")
            crowd.wait("connected", BOXES, CONNECT_SECONDS)
            time.sleep(SETTLE_SECONDS)
            after = resident(broker.pid), busy(broker.pid)
    finally:
        broker.terminate()
        broker.wait(30)
    return (after[0] - before[0]) / BOXES, (after[1] - before[1]) / BOXES * 1000


def run() -> list[Result]:
    """Both figures."""
    widen()
    with tempfile.TemporaryDirectory() as name:
        made = central(Path(name), "init", "--host", HOST, "--listen", HOST, seconds=300.0)
        assert made.returncode == 0, made.stderr
        kilobytes, milliseconds = measure(Path(name))
    told = f"told, no bar; {BOXES} boxes, TLS with client certificates"
    return [
        Result(id=f"broker-connection-{name}", value=round(value, 2), unit=unit, bar=told, ok=True,
               command=command("broker-connection"))
        for name, value, unit in (("memory", kilobytes, "kB"), ("processor", milliseconds, "ms of a core"))
    ]  # fmt: skip
