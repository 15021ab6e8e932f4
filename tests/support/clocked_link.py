"""The box's real link in a process of its own, whose wall clock a test sets: `ClockedLink`, over Debian's faketime.

The process takes one order a line (`start`, `check`, `publish TEXT`, `wall`) and tells one JSON document a line: its
answers and the events of the link. Only the wall clock is false; waits run by the monotonic one.
"""

from __future__ import annotations

import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from estation_box.drivers.mqtt import Broker, MqttLink, Will
from estation_box.reporting.interfaces import Connected, Disconnected, LinkEvent, StationIdentity
from estation_box.reporting.service import status, subscriptions
from tests.support.false_clock import FalseClock

ROOT = Path(__file__).parents[2]
IDENTITY = StationIdentity("653101", "hall-0007", "0.1.0", "b" * 32)
BRANCH = "estation/v1/653101/hall-0007"
WAIT = 15.0


class ClockedLink:
    """A box whose machine believes that it is ``wall``; `set_clock` steps it while it runs."""

    def __init__(self, folder: Path, broker: Broker, wall: datetime) -> None:
        self._clock = FalseClock(folder / "clock")
        self._told: queue.Queue[dict[str, Any]] = queue.Queue()
        self.set_clock(wall)
        where = json.dumps([str(each) for each in broker])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.clocked_link", where],
            cwd=ROOT,
            env={**os.environ, **self._clock.environment()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def set_clock(self, wall: datetime | None) -> None:
        """The machine's clock steps to ``wall``; None: to the right time."""
        self._clock.set(wall)

    def order(self, *words: str) -> None:
        """Give one order."""
        print(*words, file=self._process.stdin, flush=True)

    def next(self, event: str) -> dict[str, Any]:
        """What it tells next, which must be that event."""
        told = self._told.get(timeout=WAIT)
        assert told["event"] == event, told
        return told

    def until_disconnected(self, word: str) -> str:
        """The next reason with that word in it; it may try in vain before, for other reasons."""
        while True:
            reason = self.next("disconnected")["reason"]
            if word in reason:
                return reason

    def until_connected(self) -> None:
        """It may try in vain before."""
        while self._told.get(timeout=WAIT)["event"] != "connected":
            pass

    def wall(self) -> datetime:
        """What the machine takes for the time now."""
        self.order("wall")
        return datetime.fromisoformat(self.next("wall")["at"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()  # it ends with its orders
        try:
            self._process.wait(timeout=WAIT)
        finally:
            self._process.kill()
            self._reader.join(timeout=WAIT)
            self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._told.put(json.loads(line))


def tell(event: str, **more: object) -> None:
    print(json.dumps({"event": event, **more}), flush=True)


def link_event(event: LinkEvent) -> None:
    if isinstance(event, Connected):
        tell("connected")
    elif isinstance(event, Disconnected):
        tell("disconnected", reason=event.reason)


def main(where: str) -> None:
    host, port, websocket_port, authority, certificate, key = json.loads(where)
    broker = Broker(host, int(port), int(websocket_port), authority, Path(certificate), Path(key))
    will = Will(*status(IDENTITY, online=False))
    link = MqttLink(broker, subscriptions(IDENTITY), will, link_event, random.Random(1))
    for line in sys.stdin:
        order, _, text = line.strip().partition(" ")
        if order == "start":
            link.start()
        elif order == "check":
            link.check_time(on=True)
        elif order == "publish":
            tell("published", taken=link.publish(f"{BRANCH}/events", text.encode(), qos=1, retain=False))
        elif order == "wall":
            tell("wall", at=datetime.fromtimestamp(time.time(), UTC).isoformat())
    link.close()


if __name__ == "__main__":
    main(sys.argv[1])
