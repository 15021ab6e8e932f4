"""Mosquitto with the centre's own configuration, and clients that wait for what they asked for."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from estation_central.authority.folder import Authority
from tests.support import made_centre
from tests.support.centre import REGION

WAIT_SECONDS = 10.0
Pair = tuple[Path, Path]


class Client:
    """A connected client; every call waits for the broker's word."""

    def __init__(self, authority: Path, pair: Pair | None, port: int, way: str) -> None:
        self.way_in = authority, pair
        self.heard: list[str] = []
        self._changed = threading.Condition()
        self._answered: set[int] = set()
        self.connected = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311, transport=way)
        if pair:
            self._client.tls_set(str(authority), str(pair[0]), str(pair[1]))
        else:
            self._client.tls_set(str(authority))
        self._client.on_connect = self._let_in
        self._client.on_message = self._arrived
        self._client.on_subscribe = self._settled
        self._client.on_publish = self._settled
        self._port = port

    def __enter__(self) -> Self:
        """Connect."""
        self._client.connect("localhost", self._port)
        self._client.loop_start()
        assert self.connected.wait(WAIT_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def paho(self) -> paho.Client:
        """The client itself."""
        return self._client

    def try_to_connect(self, saying: tuple[str, str] | None = None) -> bool:
        """Whether the broker lets it in; if so, publish ``saying`` (topic, payload)."""
        try:
            self._client.connect("localhost", self._port)
        except OSError:
            return False
        self._client.loop_start()
        try:
            let_in = self.connected.wait(1.0)
            if let_in and saying:
                self.publish(*saying)
            return let_in
        finally:
            self._client.loop_stop()

    def subscribe(self, topic: str) -> None:
        """Subscribe; an access list answers nothing to it, so this waits for the broker only."""
        _, number = self._client.subscribe(topic, 1)
        self._wait(number)

    def publish(self, topic: str, payload: str) -> None:
        """Publish at QoS 1; what is not allowed is answered all the same, or the line is cut."""
        self.connected.clear()
        number = self._client.publish(topic, payload, 1).mid
        with self._changed:
            self._changed.wait_for(lambda: number in self._answered or self.connected.is_set(), WAIT_SECONDS)

    def wait_for(self, payload: str) -> list[str]:
        """Everything heard until ``payload``."""
        with self._changed:
            assert self._changed.wait_for(lambda: payload in self.heard, WAIT_SECONDS), self.heard
            return list(self.heard)

    def _wait(self, number: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: number in self._answered, WAIT_SECONDS)

    def _let_in(self, _client: paho.Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        if not reason.is_failure:
            self.connected.set()

    def _settled(self, _client: paho.Client, _data: object, number: int, *_: object) -> None:
        with self._changed:
            self._answered.add(number)
            self._changed.notify_all()

    def _arrived(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        with self._changed:
            self.heard.append(message.payload.decode())
            self._changed.notify_all()


class Broker:
    """The broker of a centre in ``folder``, which is set up when there is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listens = made_centre.make(folder)
        self.tls_port, self.websocket_port, self.demo_port = listens.tls, listens.websocket, listens.demo
        self.authority = Authority(folder / "authority")
        self._keys: dict[str, Pair] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop(signal.SIGTERM)

    def start(self) -> None:
        """Start, and wait until every way in is open."""
        command = [shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", str(self.folder / "broker/mosquitto.conf")]
        log = self.folder / "mosquitto.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        deadline = time.monotonic() + WAIT_SECONDS
        for port in (self.tls_port, self.websocket_port, self.demo_port):
            while not _listens(port):
                assert self._process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.02)

    def stop(self, how: int) -> None:
        """Stop in order, or kill."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=10)
            self._process = None

    def restart(self) -> None:
        """Stop it in order and start it again."""
        self.stop(signal.SIGTERM)
        self.start()

    def reload(self) -> None:
        """Let it read its files again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)
        time.sleep(0.3)  # it says nothing that could be waited for

    def certificate(self, station: str, region: str = REGION) -> Pair:
        """A new key and certificate of a station, signed from a request as a box makes it."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, station)])
        request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
        pem = self.authority.sign_request(request.public_bytes(serialization.Encoding.PEM), station, region)
        place = self.folder / f"{station}-{time.monotonic_ns()}"
        pair = place.with_suffix(".pem"), place.with_suffix(".key")
        pair[0].write_bytes(pem)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pair[1].write_bytes(private)
        return pair

    def box(self, station: str, way: str, region: str = REGION) -> Client:
        """A client with the certificate of ``station``."""
        if station not in self._keys:
            self._keys[station] = self.certificate(station, region)
        return self.client(self._keys[station], way)

    def collector(self) -> Client:
        """A client with the collector's certificate."""
        return self.client(self.authority.pair("collector"), "tcp")

    def client(self, pair: Pair | None, way: str) -> Client:
        """A client with any certificate, or none."""
        port = self.websocket_port if way == "websockets" else self.tls_port
        return Client(self.authority.certificate, pair, port, way)

    def can_connect(self, pair: Pair | None, way: str) -> bool:
        """Whether the broker lets somebody in."""
        return self.client(pair, way).try_to_connect()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
