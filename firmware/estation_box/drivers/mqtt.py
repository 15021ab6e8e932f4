"""MQTT 3.1.1 with paho: TLS with the private CA and our certificate, straight or through WebSocket (path /mqtt).

Two threads: ours connects, waits and connects again; paho's moves bytes. Both only put `LinkEvent` values on
the queue that is given.
"""

from __future__ import annotations

import contextlib
import logging
import random
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from estation_box.reporting import rules
from estation_box.reporting.interfaces import Arrived, Connected, Disconnected, LinkEvent

KEEPALIVE_SECONDS: Final = 600
CONNECT_SECONDS: Final = 10.0  # for a name, a route and a TCP connection
HANDSHAKE_SECONDS: Final = 30.0  # a firewall that swallows TLS must not hold us for longer; a slow link needs 5
FAREWELL_SECONDS: Final = 1.0  # systemd waits for us at shutdown
MAX_UNSENT: Final = 64  # a batch, a hello, a status and a few replies and healths: more means a stuck connection
MAX_PAYLOAD_BYTES: Final = 128 * 1024  # above every limit of the contract; the rest of a larger one is cut off here
WEBSOCKET_PATH: Final = "/mqtt"
X509_V_FLAG_NO_CHECK_TIME: Final = 0x200000  # OpenSSL's x509_vfy.h; the ssl module has no name for it
log = logging.getLogger(__name__)


class Broker(NamedTuple):
    """Where the broker is, and who we are to it. A port of 0 means that there is no such way in.

    ``authority``: the private CA in PEM; ``certificate`` and ``key``: files in PEM.
    """

    host: str
    port: int
    websocket_port: int
    authority: str
    certificate: Path
    key: Path


class Will(NamedTuple):
    """What the broker publishes, retained, when we are gone without a word; and we when we go with one."""

    topic: str
    payload: bytes


class _Traffic:
    """What one connection took and what of it is on its way; each count is written by one thread only."""

    def __init__(self) -> None:
        self.taken = 0
        self.sent = 0


class _Context(ssl.SSLContext):
    handshake_seconds = HANDSHAKE_SECONDS


class _BoundedHandshake(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the signature is the standard library's
        """As the standard library does it, but not for ever."""
        if isinstance(self.context, _Context):
            self.settimeout(self.context.handshake_seconds)
        super().do_handshake(block)


class MqttLink:
    """See `estation_box.reporting.interfaces.Link`. Connects at once when entered, and again until it is left."""

    def __init__(
        self,
        broker: Broker,
        subscriptions: tuple[str, ...],
        will: Will,
        put: Callable[[LinkEvent], object],
        chance: random.Random,
        *,
        handshake_seconds: float = HANDSHAKE_SECONDS,
    ) -> None:
        self._broker = broker
        self._subscriptions = subscriptions
        self._will = will
        self._put = put
        self._chance = chance
        self._handshake_seconds = handshake_seconds
        self._ways = [way for way in (("tcp", broker.port), ("websockets", broker.websocket_port)) if way[1]]
        self._check_time = False
        self._checked_time = False
        self._client: paho.Client | None = None
        self._reason = ""
        self._closing = threading.Event()
        self._settled = threading.Event()  # the connection of now works, or never will
        self._up = threading.Event()  # it works
        self._over = threading.Event()  # it is over
        self._traffic = _Traffic()
        self._thread = threading.Thread(target=self._run, name="mqtt-link", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> bool:
        """See `Link.publish`."""
        client, traffic = self._client, self._traffic
        if client is None or not self._up.is_set() or traffic.taken - traffic.sent >= MAX_UNSENT:
            return False
        traffic.taken += 1
        return client.publish(topic, payload, qos, retain).rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def check_time(self, *, on: bool) -> None:
        """See `Link.check_time`. A connection that was made without the check is made anew with it."""
        self._check_time = on
        if on and self._up.is_set() and not self._checked_time:
            self._reason = "the clock is known now: certificates are checked in full"
            self._over.set()

    def close(self) -> None:
        """Say that we go, and end both threads; at most some seconds."""
        self._closing.set()
        self._settled.set()
        self._over.set()
        self._thread.join(timeout=CONNECT_SECONDS)

    def _run(self) -> None:
        failures = 0
        while not self._closing.is_set():
            transport, port = self._ways[rules.way_in(len(self._ways), failures)]
            worked = self._connection(transport, port)
            if worked and self._check_time and not self._checked_time:
                continue
            failures = 0 if worked else failures + 1
            self._closing.wait(rules.reconnect_after(failures, self._chance.random()))

    def _connection(self, transport: str, port: int) -> bool:
        """One connection from its beginning to its end; whether it ever worked."""
        self._settled.clear()
        self._over.clear()
        self._traffic = _Traffic()
        self._reason = f"{self._broker.host}:{port} did not answer"
        try:
            self._client = client = self._new_client(transport)
            client.connect(self._broker.host, port, KEEPALIVE_SECONDS)
        except (OSError, ValueError, paho.WebsocketConnectionError) as error:
            self._put(Disconnected(f"{self._broker.host}:{port} ({transport}): {error}"))
            return False
        client.loop_start()
        if self._settled.wait(self._handshake_seconds) and self._up.is_set() and not self._closing.is_set():
            self._over.wait()
        worked = self._up.is_set()
        self._end(client)
        self._put(Disconnected(self._reason))
        return worked

    def _end(self, client: paho.Client) -> None:
        """Leave the broker in order, where it is still there: the Last Will is for the other case."""
        if self._closing.is_set() and self._up.is_set():
            with contextlib.suppress(ValueError, RuntimeError):  # the broker went at the same moment
                client.publish(*self._will, qos=1, retain=True).wait_for_publish(timeout=FAREWELL_SECONDS)
        self._up.clear()
        self._client = None
        client.disconnect()
        client.loop_stop()

    def _new_client(self, transport: str) -> paho.Client:
        """A client of its own for each connection: nothing of an old one is sent twice behind our back."""
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id="",
            clean_session=True,
            protocol=paho.MQTTv311,
            transport="websockets" if transport == "websockets" else "tcp",
            reconnect_on_failure=False,
        )
        client.tls_set_context(self._tls())
        client.ws_set_options(path=WEBSOCKET_PATH)
        client.connect_timeout = CONNECT_SECONDS
        client.will_set(*self._will, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.user_data_set(self._traffic)
        return client

    def _tls(self) -> ssl.SSLContext:
        """Chain and name are always checked; the dates only where the clock can be believed."""
        context = _Context(ssl.PROTOCOL_TLS_CLIENT)
        context.handshake_seconds = self._handshake_seconds
        context.sslsocket_class = _BoundedHandshake
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_verify_locations(cadata=self._broker.authority)
        context.load_cert_chain(self._broker.certificate, self._broker.key)
        self._checked_time = self._check_time
        if not self._checked_time:
            context.verify_flags |= X509_V_FLAG_NO_CHECK_TIME
        return context

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._fail(client, f"the broker refuses us: {reason}")
        else:
            client.subscribe([(topic, 1) for topic in self._subscriptions])

    def _on_subscribe(self, client: paho.Client, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            self._fail(client, "the broker does not let us listen to our own topics")
        else:
            self._up.set()
            self._settled.set()
            self._put(Connected())

    def _on_disconnect(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._fail(client, f"the connection ended: {reason}")

    def _fail(self, client: paho.Client, reason: str) -> None:
        if client is self._client and not self._over.is_set():
            self._reason = reason
            self._over.set()
            self._settled.set()

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "\ufffd"
        self._put(Arrived(topic, bytes(message.payload[:MAX_PAYLOAD_BYTES])))

    def _on_publish(self, _client: paho.Client, traffic: Any, _mid: int, _reason: Any, _properties: Any) -> None:
        traffic.sent += 1
