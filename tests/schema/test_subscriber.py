"""The example that an integrator copies works against a real broker."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from tests.support import contract

PROGRAM = contract.FOLDER / "subscriber.py"
DEADLINE = 10.0  # seconds; it takes about one on an idle machine


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """The port of a mosquitto of our own, without TLS, on this machine only."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(f"listener {number} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    with subprocess.Popen(["mosquitto", "-c", settings], stderr=subprocess.DEVNULL) as broker:
        try:
            await_listening(number)
            yield number
        finally:
            broker.terminate()
            broker.wait(DEADLINE)


def await_listening(number: int) -> None:
    until = time.monotonic() + DEADLINE
    while True:
        try:
            socket.create_connection(("127.0.0.1", number), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def send(port: int, messages: list[tuple[str, bytes]]) -> None:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for topic, payload in messages:
        client.publish(topic, payload, qos=1).wait_for_publish(DEADLINE)
    client.disconnect()
    client.loop_stop()


@pytest.mark.timeout(30)
def test_the_example_prints_one_line_for_each_message(port: int):
    """An integrator sees each message as one line, and a broken one does not end the program."""
    example = json.loads((contract.FOLDER / "examples" / "good" / "status-online.json").read_text())
    here = example["topic"].rpartition("/")[0]
    deep = b"[" * 100_000
    messages = [
        (example["topic"], json.dumps(example["value"]).encode()),
        (f"{here}/health", b"\xff not JSON"),
        (f"{here}/hello", deep),
        (f"{here}/reply", b'{"reason":"\xe7\xa7\x91\xe6\x99\xae"}'),
    ]
    command = [sys.executable, PROGRAM, "127.0.0.1", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1) as program:
        try:
            assert program.stdout.readline() == "connected\n"
            await_subscription(port, program)
            send(port, messages)
            lines = [program.stdout.readline().rstrip("\n") for _ in messages]
        finally:
            program.kill()
    assert [line.split(": ")[0] for line in lines] == [
        f"653101 hall-0007 {leaf}" for leaf in ("status", "health", "hello", "reply")
    ]
    assert '"online": true' in lines[0]
    assert "not JSON" in lines[1]
    assert "科普" in lines[3]


def await_subscription(port: int, program: subprocess.Popen) -> None:
    """«Connected» is said before the broker has the subscription: a retained message tells when it has."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.publish("estation/v1/000000/nobody/status", b"{}", qos=1, retain=True).wait_for_publish(DEADLINE)
    assert program.stdout.readline().startswith("000000 nobody status")
    client.disconnect()
    client.loop_stop()


def test_the_example_is_short():
    """It can be read in a minute."""
    lines = [line for line in PROGRAM.read_text().splitlines() if line.strip()]
    assert len(lines) <= 30
