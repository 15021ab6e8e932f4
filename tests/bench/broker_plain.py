"""A plain mosquitto for benches, and a crowd of boxes behind one connection that send the next batch on its ack."""

from __future__ import annotations

import getpass
import multiprocessing
import shutil
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from estation_wire.topics import Leaf, listen
from tests.support.mosquitto import HOST, START_SECONDS, _listens, free_port

CONFIGURATION: Final = """
listener {port} 127.0.0.1
user {user}
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 1000
log_type error
log_dest file {folder}/mosquitto.log
"""
AT_ONCE: Final = 500  # boxes that have a batch under way at the same moment
GIVE_UP_SECONDS: Final = 300.0

Batches = Sequence[Sequence[tuple[str, bytes]]]
"""Of each box: its batches in order, each a topic and a payload."""


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """A broker without TLS, with the queue limits of `estation-central init`; its port."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "mosquitto.conf"
    path.write_text(CONFIGURATION.format(port=port, user=getpass.getuser(), folder=folder))
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    process = subprocess.Popen([program, "-c", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + START_SECONDS
        while not _listens(port):
            assert process.poll() is None, (folder / "mosquitto.log").read_text()
            assert time.monotonic() < ends
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(10)


class Crowd:
    """Boxes in a process of their own; `send` lets each send its batches, the next on the ack of the last."""

    def __init__(self, port: int, batches: Batches) -> None:
        context = multiprocessing.get_context("fork")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_crowd, args=(theirs, port, batches), daemon=True)
        self._process.start()
        assert self._line.poll(GIVE_UP_SECONDS)
        self._line.recv()

    def send(self) -> None:
        """Let them begin."""
        self._line.send("go")

    def seconds(self, wait: float = 0.0) -> float | None:
        """How long it took from the first batch to the last ack; None where it is not over after ``wait``."""
        return float(self._line.recv()) if self._line.poll(wait) else None

    def close(self) -> None:
        """Send them home."""
        self._line.send("")
        self._process.join(10)


def _crowd(line: Connection, port: int, batches: Batches) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.max_inflight_messages_set(1000)
    subscribed = threading.Event()
    waiting: dict[str, deque[tuple[str, bytes]]] = {}
    later: deque[Sequence[tuple[str, bytes]]] = deque()
    done, at_once = threading.Event(), threading.Lock()
    left = [0]

    def begin() -> None:
        with at_once:
            each = later.popleft() if later else None
        if each is None:
            return
        place = each[0][0].rpartition("/")[0]
        waiting[place] = deque(each[1:])
        client.publish(*each[0], qos=1)

    def heard(_client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        more = waiting.get(message.topic.rpartition("/")[0])
        if more is None:
            return
        if more:
            client.publish(*more.popleft(), qos=1)
            return
        left[0] -= 1
        begin()
        if not left[0]:
            done.set()

    client.on_message = heard
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_connect = lambda *_: client.subscribe(listen(Leaf.ACK), 0)
    client.connect(HOST, port, keepalive=600)
    client.loop_start()
    assert subscribed.wait(START_SECONDS)
    line.send("here")
    while line.recv():
        done.clear()
        waiting.clear()
        later.extend(batches)
        left[0] = len(batches)
        begun = time.monotonic()
        for _ in range(min(AT_ONCE, len(batches))):
            begin()
        assert done.wait(GIVE_UP_SECONDS), f"{left[0]} boxes were not answered"
        line.send(time.monotonic() - begun)
    client.loop_stop()
