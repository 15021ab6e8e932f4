"""``wire-bytes``: what a day of 10 sessions of 10 minutes costs on the wire, IP, TCP and TLS headers included.

The real core and journal live a simulated day; every message goes over a real TLS connection with a client certificate
to a real mosquitto, and a centre on the other side answers. The kernel counts (TCP_INFO of the box's own
socket): bytes and segments both ways; each segment costs 52 bytes of IPv4 and TCP headers. Each session's
picture is on the wire too, up to the centre's limit for a day. The peer is the same day with a heartbeat each
minute, as many players send one, reckoned from the cost of one health measured in the same run.
"""

from __future__ import annotations

import queue
import random
import socket
import struct
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from estation_box.drivers.mqtt import Broker, MqttLink, Will
from estation_box.drivers.two_copies import TwoCopies
from estation_box.reporting import service as reporting
from estation_box.reporting.interfaces import Arrived, Connected, StationIdentity
from estation_box.reporting.service import Reporter
from estation_central.collector.statements import PICTURES_A_DAY
from estation_wire import codec
from estation_wire.messages import Ack, Events, Health, Hello, Picture, Stored
from estation_wire.planner import Slot
from estation_wire.records import SessionEnded
from estation_wire.topics import Leaf, Topic, listen, parse
from tests.bench.disk_writes import CLIP_SECONDS, DAY_SECONDS, SESSIONS
from tests.bench.result import Result, command
from tests.support.box import REGION, START, STATION, SimulatedBox, TableShelf, item, profile
from tests.support.mosquitto import HOST, Mosquitto

BAR_BYTES: Final = 250_000
HEADERS_BYTES: Final = 52  # IPv4 20, TCP 20, the time-stamp option 12
PICTURE_BYTES: Final = 7_000  # a 320-px JPEG of a film at quality 60, as measured in the demo
_SEGMENTS: Final = struct.Struct("=QQII")  # bytes_acked, bytes_received, segs_out, segs_in at offset 120 of tcp_info


class WireCentre:
    """The other side of a real broker: stores, answers, and asks for a picture in each session."""

    def __init__(self, broker: Mosquitto) -> None:
        self.watermark = 0
        self.asked = 0
        self.ended = 0
        self.now = START
        self._client = broker.client()
        self._client.on_message = self._heard
        for leaf in (Leaf.HELLO, Leaf.EVENTS, Leaf.REPLY):
            self._client.subscribe(listen(leaf), qos=1)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _heard(self, _client: Any, _data: Any, message: Any) -> None:
        told = codec.decode_message(parse(message.topic).leaf, message.payload)
        if isinstance(told, Hello):
            self._ack(tuple(state.journal for state in told.journals), told.nonce)
        elif isinstance(told, Events):
            for raw in told.records:
                record = codec.decode_record(bytes(raw))
                self.watermark = max(self.watermark, record.seq)
                self.ended += isinstance(record, SessionEnded)
                if record.__class__.__name__ == "SessionStarted":
                    self._picture()
            self._ack((told.journal,), None)

    def _ack(self, journals: tuple[str, ...], nonce: str | None) -> None:
        stored = tuple(Stored(journal=name, watermark=self.watermark) for name in journals)
        self._send(Leaf.ACK, Ack(v=1, time=self.now, journals=stored, nonce=nonce))

    def _picture(self) -> None:
        if self.asked >= PICTURES_A_DAY:
            return
        self.asked += 1
        expires = self.now + timedelta(hours=1)
        self._send(Leaf.COMMAND, Picture(v=1, id=f"{self.asked:032x}", issued=self.now, expires=expires))

    def _send(self, leaf: Leaf, message: Any) -> None:
        self._client.publish(str(Topic(REGION, STATION, leaf)), codec.encode(message), qos=1)


class WireBox(SimulatedBox):
    """The simulated box with the real link."""

    idle_step = 5.0

    def __init__(self, state: Path, shelf: TableShelf, broker: Mosquitto) -> None:
        self._broker = broker
        self.events: queue.Queue[Any] = queue.Queue()
        self.sent = 0
        super().__init__(state, shelf, profile(countdown_seconds=120, health_seconds=300))

    def _reporter(self, given):
        pair = self._broker.authority.client(f"{REGION}/{STATION}")
        who = StationIdentity(given.region, given.station, "estation-test", self.boot)
        broker = Broker(HOST, self._broker.port, 0, self._broker.authority.pem, pair.certificate, pair.key)
        will = Will(*reporting.status(who, online=False))
        self.link = MqttLink(broker, reporting.subscriptions(who), will, self.events.put, self._chance)
        self.link.start()
        memory = TwoCopies(self.state / "commands")
        self.reporter = Reporter(self.journal, self, who, memory, self._chance, health_seconds=given.health_seconds)
        return self.reporter

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> bool:
        self.sent += 1
        return self.link.publish(topic, payload, qos=qos, retain=retain)

    def check_time(self, *, on: bool) -> None:
        """The test's certificates are good from 2020 to 2060: nothing to check anew, one connection a day."""

    def _deliver(self, moment: Any) -> None:
        sent, self.sent = self.sent, 0
        wait = 0.05 if sent else 0.0  # each message travels alone, as on a real day: none shares a segment
        ends = time.monotonic() + wait
        while True:
            try:
                event = self.events.get(timeout=max(ends - time.monotonic(), 0)) if wait else self.events.get_nowait()
            except queue.Empty:
                break
            self.core.handle(event, moment)
            if isinstance(event, Arrived) and event.topic.endswith("/command"):
                message = codec.decode_message(Leaf.COMMAND, event.payload)
                picture = random.Random(self.sent).randbytes(PICTURE_BYTES)
                self.reporter.reply(message.id, "done", media_type="image/jpeg", attachment=picture)
        while self._answers:
            from estation_box.apps.events import PlayerSays  # noqa: PLC0415

            self.core.handle(PlayerSays(self._answers.pop(0)), moment)

    def connect(self) -> None:
        """Wait for the real connection, which `start_core` only pretends."""
        while not isinstance(event := self.events.get(timeout=20), Connected):
            self.core.handle(event, self.clock.moment())
        self.core.handle(event, self.clock.moment())

    def bytes_on_wire(self) -> int:
        info = self.link._client.socket().getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        acked, received, out, into = _SEGMENTS.unpack_from(info, 120)
        return acked + received + HEADERS_BYTES * (out + into)


def run() -> list[Result]:
    """One result: bytes a day, against the same day with a heartbeat each minute."""
    films = tuple(item(name, CLIP_SECONDS) for name in "abc")
    contents = tuple(film.id for film in films)
    slots = [Slot(rule="r", start=START + timedelta(hours=2 * n + 1), contents=contents) for n in range(SESSIONS)]
    with tempfile.TemporaryDirectory() as folder, Mosquitto(Path(folder) / "broker") as broker:
        centre = WireCentre(broker)
        box = WireBox(Path(folder), TableShelf(films, slots), broker)
        box.connect()
        for _ in range(24):
            centre.now = box.world.true
            box.run(DAY_SECONDS / 24)
        total, one = box.bytes_on_wire(), _one_health(box)
        box.link.close()
        centre.close()
    if centre.ended != SESSIONS or centre.asked != PICTURES_A_DAY:
        msg = f"the day was not as planned: {centre.ended} sessions told, {centre.asked} pictures"
        raise RuntimeError(msg)
    peer = total + one * (DAY_SECONDS // 60 - DAY_SECONDS // 300)
    return [
        Result(
            id="wire-bytes", value=round(total / 1000, 1), unit="kB a day", peer="a heartbeat each minute",
            peer_value=round(peer / 1000, 1), ratio=round(total / peer, 2), bar="at most 250 kB", ok=total <= BAR_BYTES,
            command=command("wire-bytes"),
        )
    ]  # fmt: skip


def _one_health(box: WireBox) -> int:
    """What one health costs on this wire."""
    before = box.bytes_on_wire()
    health: Health = box.core._health(box.clock.moment())
    for _ in range(10):
        box.publish(str(Topic(REGION, STATION, Leaf.HEALTH)), codec.encode(health), qos=0, retain=True)
        time.sleep(0.05)
    return (box.bytes_on_wire() - before) // 10
