"""A real mosquitto over TLS with client certificates: a plain way in, one through WebSocket, an ACL by certificate.

A station's certificate has the common name ``region/station`` and may touch that branch alone; the centre's
has the common name ``centre`` and may touch everything.
"""

from __future__ import annotations

import contextlib
import getpass
import random
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.certificates import Authority, Pair

HOST = "127.0.0.1"
PORTS = (15_000, 32_000)  # below Linux' own range, 32768 and up
START_SECONDS = 10.0
CENTRE = "centre"

_CONFIGURATION = """
user {user}
persistence false
allow_anonymous false
max_queued_messages 0
log_dest file {folder}/mosquitto.log
log_type error
log_type warning
log_type notice
acl_file {folder}/acl
{listeners}
"""
_LISTENER = """
listener {port} {host}
{protocol}
cafile {authority}
certfile {certificate}
keyfile {key}
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
"""
_ACL = """
user centre
topic readwrite estation/#

pattern write estation/v1/%u/status
pattern write estation/v1/%u/hello
pattern write estation/v1/%u/health
pattern write estation/v1/%u/events
pattern write estation/v1/%u/reply
pattern read estation/v1/%u/ack
pattern read estation/v1/%u/command
"""


def free_port() -> int:
    """A port that nobody listens on now, below those that the kernel hands out: a client takes one of those."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, random.SystemRandom().randrange(*PORTS)))
            return probe.getsockname()[1]


class Mosquitto:
    """One broker; `kill` and `start` it again on the same ports as often as a test likes."""

    def __init__(self, folder: Path, authority: Authority | None = None, server: Pair | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.authority = authority or Authority(folder / "certificates")
        self.port, self.websocket_port = free_port(), free_port()
        server = server or self.authority.server("localhost", HOST)
        common = {"host": HOST, "authority": self.authority.file, **server._asdict()}
        listeners = _LISTENER.format(port=self.port, protocol="protocol mqtt", **common)
        listeners += _LISTENER.format(port=self.websocket_port, protocol="protocol websockets", **common)
        (folder / "acl").write_text(_ACL)
        # as root it would become another user, who may not read a test's folders
        user = getpass.getuser()
        (folder / "mosquitto.conf").write_text(_CONFIGURATION.format(folder=folder, user=user, listeners=listeners))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start, and wait until it listens."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Start, and wait until both ways in are open."""
        command = [shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", str(self.folder / "mosquitto.conf")]
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        deadline = time.monotonic() + START_SECONDS
        for port in (self.port, self.websocket_port):
            while not _listens(port):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((self.folder / "output.log").read_text())
                time.sleep(0.02)

    def stop(self, how: int = signal.SIGTERM) -> None:
        """Stop in order, or kill with ``signal.SIGKILL``."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=10)
            self._process = None

    def client(self, common_name: str = CENTRE) -> paho.Client:
        """A connected paho client with a certificate of that name; the caller starts and stops its loop."""
        pair = self.authority.client(common_name, file=f"{common_name.replace('/', '-')}-{time.monotonic_ns()}")
        client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        client.tls_set(str(self.authority.file), str(pair.certificate), str(pair.key))
        client.connect(HOST, self.port, keepalive=60)
        return client


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0
