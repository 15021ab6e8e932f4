"""Parts of a centre for tests: records and batches, a link in memory, real processes, and a box that sends again."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import msgspec
from paho.mqtt import client as paho

from estation_central.collector.interfaces import Arrival
from estation_wire import codec
from estation_wire.messages import Ack, Events, Hello, JournalState
from estation_wire.topics import Leaf, Topic, parse
from estation_wire.values import Trust
from tests.support.processor import busy, children

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
REGION = "653101"
STATION = "hall-0007"
BOOT = "b" * 32
JOURNAL = "a" * 32
SESSION = "5" * 32
CONTENT = "c" * 64


def record(seq: int, kind: str = "fault", *, at: datetime = NOW, **words: Any) -> bytes:
    """One record's bytes; a fault where nothing else is said."""
    if kind == "fault":
        words = {"what": "disk", "detail": f"record {seq}", **words}
    head = {"kind": kind, "seq": seq, "at": at, "boot": BOOT, "up": float(seq), "trust": "network"}
    return msgspec.json.encode(head | words)


def started(seq: int, *, at: datetime = NOW, length: float = 30.0, session: str = SESSION, **words: Any) -> bytes:
    """A session's beginning."""
    return record(seq, "session.started", at=at, session=session, origin="planned", length=length, **words)


def shown(seq: int, *, session: str = SESSION, seconds: float = 31.0, **words: Any) -> bytes:
    """A clip."""
    clip = {
        "content": CONTENT,
        "title": "科普之窗：水",
        "shown": seconds,
        "has": 31.0,
        "counting": True,
        "completed": True,
    }
    return record(seq, "clip.shown", session=session, **(clip | words))


def ended(
    seq: int, *, at: datetime = NOW, began: datetime | None = None, counting: float = 31.0, **words: Any
) -> bytes:
    """A session's end."""
    began = began or at - timedelta(seconds=counting)
    end = {"session": SESSION, "origin": "planned", "began": began, "shown": counting, "counting": counting}
    return record(seq, "session.ended", at=at, **(end | {"tv": "on", "reason": "completed"} | words))


def events(records: list[bytes], *, station: str = STATION, journal: str = JOURNAL, region: str = REGION) -> Arrival:
    """A batch as it arrives."""
    message = Events(v=1, journal=journal, records=tuple(msgspec.Raw(each) for each in records))
    return Arrival(str(Topic(region, station, Leaf.EVENTS)), codec.encode(message))


def hello(*states: JournalState, station: str = STATION, nonce: str = "f" * 32, region: str = REGION) -> Arrival:
    """A hello as it arrives."""
    message = Hello(v=1, nonce=nonce, journals=states, at=NOW, trust=Trust.NETWORK, boot=BOOT, up=1.0)
    return Arrival(str(Topic(region, station, Leaf.HELLO)), codec.encode(message))


class MemoryLink:
    """A broker in memory: tests put arrivals in and read what was published."""

    def __init__(self) -> None:
        self.arrivals: deque[Arrival] = deque()
        self.published: list[tuple[Topic, Any]] = []
        self.dropped = 0

    def take(self, wait: float) -> Arrival | None:
        """See `Link.take`; never waits."""
        return self.arrivals.popleft() if self.arrivals else None

    def publish(self, topic: str, payload: bytes) -> None:
        """See `Link.publish`."""
        parsed = parse(topic)
        self.published.append((parsed, codec.decode_message(parsed.leaf, payload)))

    def take_acks(self) -> list[Ack]:
        """The acks published since the last call."""
        acks = [message for _, message in self.published if isinstance(message, Ack)]
        self.published = [each for each in self.published if not isinstance(each[1], Ack)]
        return acks


class Process:
    """A process of `estation-central`, with what it says in a file."""

    def __init__(self, state: Path, *arguments: str, database: str = "", **environment: str) -> None:
        self.log = state / f"{arguments[0]}.log"
        self._command = [sys.executable, "-m", "estation_central.command", *arguments]
        self._environment = centre_environment(state, database) | environment
        self._process: subprocess.Popen[bytes] | None = None
        self.returned: int | None = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop in order."""
        self.end(signal.SIGTERM)

    def start(self) -> None:
        """Start it; it may take a second until it is of use."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, env=self._environment)

    def end(self, how: int) -> int | None:
        """Send a signal and wait; the exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.send_signal(how)
        self.returned = process.wait(timeout=20)
        return self.returned

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def processor_seconds(self) -> float:
        """What it and the processes that it started have cost the processor."""
        assert self._process is not None
        return sum(map(busy, [self._process.pid, *children(self._process.pid)]))

    def wait_for(self, words: str, seconds: float = 20.0) -> str:
        """What it said, once ``words`` stand in it."""
        deadline = time.monotonic() + seconds
        while words not in (told := self.log.read_text()):
            assert time.monotonic() < deadline, told
            assert self.alive, told
            time.sleep(0.02)
        return told


def centre_environment(state: Path, database: str = "") -> dict[str, str]:
    """The environment of a centre's process."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ESTATION_", "DATABASE_"))}
    own = {"ESTATION_CENTRE_STATE": str(state), "ESTATION_CENTRE_DEMO": "1", "DATABASE_URL": database}
    return inherited | own


def central(
    state: Path, *arguments: str, database: str = "", seconds: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run one subcommand of `estation-central` to its end, which must come within ``seconds``."""
    return subprocess.run(
        [sys.executable, "-m", "estation_central.command", *arguments],
        env=centre_environment(state, database),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


class ResendingBox:
    """A box with one journal over a real connection: hello first, then a batch at a time until the centre has it."""

    def __init__(self, client: paho.Client, station: str, chance: random.Random, region: str = REGION) -> None:
        self._client, self._station, self._region = client, station, region
        self._journal = hashlib.sha256(station.encode()).hexdigest()[:32]
        self._chance = chance
        self._records: list[bytes] = []
        self._watermark = 0
        self._welcome = False
        self._answered = threading.Event()
        client.on_connect = self._connected
        client.on_message = self._heard
        client.subscribe(str(Topic(region, station, Leaf.ACK)), 1)

    @property
    def records(self) -> list[bytes]:
        """Everything that it ever wrote."""
        return self._records

    @property
    def delivered(self) -> bool:
        """Whether the centre has everything."""
        return self._watermark == len(self._records)

    def run(self, stop: threading.Event, until: float) -> None:
        """Write and send until ``stop``, then send what is left; gives up at ``until`` (monotonic)."""
        while time.monotonic() < until and not (stop.is_set() and self.delivered):
            if not stop.is_set():
                more = range(len(self._records) + 1, len(self._records) + self._chance.randint(2, 40))
                self._records += [record(seq, detail=f"{self._station} {seq}") for seq in more]
            self._answered.clear()
            self._send()
            self._answered.wait(0.3)
            stop.wait(0.01)

    def _send(self) -> None:
        if not self._welcome:
            state = JournalState(journal=self._journal, first=1, last=len(self._records), watermark=self._watermark)
            arrival = hello(state, station=self._station, region=self._region)
        else:
            rest = self._records[self._watermark : self._watermark + 100]
            if not rest:
                return
            arrival = events(rest, station=self._station, journal=self._journal, region=self._region)
        self._client.publish(arrival.topic, arrival.payload, qos=1)

    def _connected(self, client: paho.Client, *_: object) -> None:
        self._welcome = False
        client.subscribe(str(Topic(self._region, self._station, Leaf.ACK)), 1)

    def _heard(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        ack = codec.decode_message(Leaf.ACK, message.payload)
        for stored in ack.journals:
            self._watermark = stored.watermark if ack.nonce else max(self._watermark, stored.watermark)
        self._welcome = self._welcome or ack.nonce is not None
        self._answered.set()
