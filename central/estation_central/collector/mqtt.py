"""The broker, by paho-mqtt: MQTT 3.1.1, clean session, QoS 1. Its thread only fills the inbox."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, Self

import paho.mqtt.client as paho
from msgspec import Struct
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from estation_central.collector.inbox import Calm, Inbox
from estation_central.collector.interfaces import Arrival
from estation_wire.topics import FROM_BOX, listen

KEEPALIVE_SECONDS: Final = 30  # the centre's own line is cheap; a dead broker is seen within 45 s
LARGEST_BYTES: Final = 256 * 1024  # of any message of the contract; anything larger never enters the inbox
OUTGOING_MESSAGES: Final = 20_000  # acks waiting for a slow broker; beyond it they are dropped and boxes resend
INFLIGHT_MESSAGES: Final = 1000
WEBSOCKET_PATH: Final = "/mqtt"
ALL: Final = ("+",)  # regions
ASK_AGAIN_SECONDS: Final = 2.0  # a cluster that has lost a node refuses subscriptions until it has chosen its leaders

_log = logging.getLogger("estation.collector.mqtt")


class BrokerAddress(Struct, frozen=True, kw_only=True):
    """Where the broker is and who we are to it; all three certificates or none (a plain listener, for tests)."""

    host: str
    port: int
    transport: Literal["tcp", "websockets"] = "tcp"
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class MqttLink:
    """A link to one broker for some regions; use it with ``with``."""

    def __init__(self, address: BrokerAddress, regions: Sequence[str] = ALL) -> None:
        self._address = address
        self._filters = [(listen(leaf, region), 1) for region in regions for leaf in FROM_BOX]
        self._inbox = Inbox()
        self._calm = Calm()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"collector-{secrets.token_hex(6)}",  # two collectors of one name would throw each other out
            clean_session=True,
            protocol=paho.MQTTv311,
            transport=address.transport,
        )
        self._client.max_inflight_messages_set(INFLIGHT_MESSAGES)
        self._client.max_queued_messages_set(OUTGOING_MESSAGES)
        self._client.reconnect_delay_set(min_delay=1, max_delay=30)
        if address.transport == "websockets":
            self._client.ws_set_options(WEBSOCKET_PATH)
        if address.authority:
            self._client.tls_set(str(address.authority), str(address.certificate), str(address.key))
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_connect_fail = self._failed
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._arrived
        self._again: threading.Timer | None = None
        self.connected = False
        """Whether the broker has let us in, and has taken every subscription."""

    def __enter__(self) -> Self:
        self._client.connect_async(self._address.host, self._address.port, KEEPALIVE_SECONDS)
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ask_no_more()
        self._client.disconnect()
        self._client.loop_stop()

    def take(self, wait: float) -> Arrival | None:
        """See `Link.take`."""
        return self._inbox.take(wait)

    def publish(self, topic: str, payload: bytes) -> None:
        """See `Link.publish`."""
        self._client.publish(topic, payload, qos=1)

    @property
    def dropped(self) -> int:
        """See `Link.dropped`."""
        return self._inbox.dropped

    def _connected(self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            _log.warning("the broker refuses us: %s", reason)
            return
        client.subscribe(self._filters)

    def _subscribed(
        self, client: paho.Client, _data: Any, _number: int, reasons: Sequence[ReasonCode], _properties: Any
    ) -> None:
        """Who is refused a subscription hears nothing, and is never told so again: it asks until it is taken."""
        if any(reason.is_failure for reason in reasons):
            _log.warning("the broker refuses a subscription; asking again in %.0f s", ASK_AGAIN_SECONDS)
            self._ask_no_more()
            self._again = threading.Timer(ASK_AGAIN_SECONDS, client.subscribe, [self._filters])
            self._again.daemon = True
            self._again.start()
            return
        self.connected = True
        _log.info("connected to %s:%d", self._address.host, self._address.port)

    def _ask_no_more(self) -> None:
        if self._again is not None:
            self._again.cancel()

    def _failed(self, _client: paho.Client, _data: Any) -> None:
        _log.warning("no broker at %s:%d; trying again", self._address.host, self._address.port)

    def _disconnected(
        self, _client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        self.connected = False
        self._ask_no_more()
        _log.warning("the broker is gone (%s); connecting again", reason)

    def _arrived(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "?"  # no topic of ours: counted as malformed by the loop
        payload = bytes(message.payload[: LARGEST_BYTES + 1])  # one byte too many is refused as well as a megabyte
        self._inbox.put(Arrival(topic, payload, message.retain))
        rest = self._calm.rest(topic, time.monotonic())
        if rest:  # even a sleep of nothing gives the processor away
            time.sleep(rest)
