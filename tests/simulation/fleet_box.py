"""A simulated box on a real connection: hello, batches one at a time, health; with its power cuts and its clock.

It keeps what a box keeps: its records by their number (made anew from the seed when they are sent, so that a
hundred thousand boxes fit in memory) and the watermark that the centre's answer gave it.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, cast

import msgspec

from estation_wire import codec
from estation_wire.messages import Ack, Events, Health, Hello, JournalState, Status
from estation_wire.topics import Leaf, Topic
from estation_wire.values import CONTRACT_MAJOR, Trust, Tv
from tests.simulation import fleet_packets as mqtt
from tests.simulation.fleet_packets import Kind
from tests.support.centre import ended, record, shown, started

KEEPALIVE: Final = 600
BATCH: Final = 100
RESEND_SECONDS: Final = (30.0, 60.0, 120.0, 240.0)
FIRST: Final = datetime(2026, 11, 1, tzinfo=UTC)
EVERY: Final = timedelta(minutes=30)


class Plan(NamedTuple):
    """What one box is and does; all of it follows from the fleet's seed.

    ``cut_every``: mean seconds between two cuts of power, 0 is never; ``dark``: mean seconds of one. ``outage_every``
    and ``outage``: the same of its line, without which it lives on.
    """

    region: str
    station: str
    backlog: int
    offset: float
    trust: Trust
    cut_every: float
    dark: float
    outage_every: float
    outage: float
    seed: int

    @property
    def account(self) -> str:
        """The common name of its certificate."""
        return f"{self.region}/{self.station}"

    @property
    def journal(self) -> str:
        """Its journal."""
        return hashlib.sha256(self.station.encode()).hexdigest()[:32]

    def raw(self, seq: int) -> bytes:
        """The record of that number: sessions with four clips, a fault and a day between them."""
        at, place = FIRST + EVERY * seq, (seq - 1) % 8
        session = f"{self.seed & 0xFFFFFFFF:016x}{(seq - 1) // 8:016x}"
        if place == 0:
            return started(seq, at=at, session=session, length=620.0, series="科普之窗")
        if place < 5:
            return shown(seq, at=at, session=session, seconds=155.0)
        if place == 5:
            return ended(seq, at=at, counting=620.0, session=session, series="科普之窗")
        return record(seq, at=at) if place == 6 else record(seq, "day", at=at, uptime=7200.0)


class Counted(msgspec.Struct):
    """What the fleet has done so far."""

    connected: int = 0
    welcome: int = 0
    delivered: int = 0
    records: int = 0
    health: int = 0
    cuts: int = 0
    outages: int = 0
    refused: int = 0
    resent: int = 0


class Box(asyncio.Protocol):
    """One connection of one box; what outlives it is in `Life`."""

    __slots__ = ("_identifier", "_life", "_reader", "_timer", "_tries", "settled", "transport")

    def __init__(self, life: Life) -> None:
        self._life = life
        self._reader = mqtt.Reader()
        self._identifier = 0
        self._tries = 0
        self._timer: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport | None = None
        self.settled = asyncio.Event()
        """It is let in, or gone."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The line is there: say who we are, and what is to be said when we are gone."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods alone
        life = self._life
        will = codec.encode(Status(v=CONTRACT_MAJOR, online=False, boot=life.boot, firmware="simulated"))
        topic = life.topic(Leaf.STATUS)
        self.transport.write(mqtt.connect(life.plan.station, topic, will, KEEPALIVE))

    def connection_lost(self, _error: Exception | None) -> None:
        """The line, or the power, is gone."""
        if self._timer is not None:
            self._timer.cancel()
        self.settled.set()
        self._life.gone(self)

    def data_received(self, data: bytes) -> None:
        """Whatever the broker says."""
        for packet in self._reader.feed(data):
            if packet.kind == Kind.CONNACK:
                self._let_in(packet.body)
            elif packet.kind == Kind.SUBACK:
                self._subscribed(packet.body)
            elif packet.kind == Kind.PUBLISH:
                topic, payload, identifier = mqtt.published(packet)
                if identifier and self.transport is not None:
                    self.transport.write(mqtt.puback(identifier))
                if topic.endswith("/ack"):
                    self._life.answered(self, codec.decode_message(Leaf.ACK, payload))

    def _let_in(self, body: bytes) -> None:
        if body[1:] != b"\x00" or self.transport is None:
            self._life.counted.refused += 1
            self.close()
            return
        topics = (self._life.topic(Leaf.ACK), self._life.topic(Leaf.COMMAND))
        self.transport.write(mqtt.subscribe(1, topics))

    def _subscribed(self, body: bytes) -> None:
        """A box whose subscription is refused would hear no answer for ever: like the real one it calls anew."""
        if any(code >= mqtt.REFUSED for code in body[2:]):
            self._life.counted.refused += 1
            self.close()
            return
        self._life.subscribed(self)

    def publish(self, leaf: Leaf, message: msgspec.Struct, *, qos: int = 1, retain: bool = False) -> None:
        """Send one message."""
        if self.transport is None or self.transport.is_closing():
            return
        self._identifier = self._identifier % 65535 + 1
        number = self._identifier if qos else 0
        self.transport.write(mqtt.publish(self._life.topic(leaf), codec.encode(message), number, retain=retain))

    def until_answered(self, again: Callable[[], None]) -> None:
        """Call ``again`` where no answer comes in time: after 30 s, and each time twice as long."""
        self.answered()
        wait = RESEND_SECONDS[min(self._tries, len(RESEND_SECONDS) - 1)]
        self._tries += 1
        self._timer = asyncio.get_running_loop().call_later(wait, again)

    def answered(self) -> None:
        """The answer is here."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def progress(self) -> None:
        """Something was stored: the next wait is a short one."""
        self._tries = 0

    def close(self, *, cut: bool = False) -> None:
        """Leave in order, or as a cut of power does."""
        if self.transport is not None:
            if cut:
                self.transport.abort()
            else:
                self.transport.write(mqtt.DISCONNECT)
                self.transport.close()


class Life:
    """What a box is across its connections."""

    __slots__ = (
        "_began", "_greet", "_nonce", "away", "boot", "boots", "box", "chance", "counted", "dark", "held", "on_gone",
        "plan", "watermark",
    )  # fmt: skip

    def __init__(self, plan: Plan, counted: Counted, on_gone: Callable[[Life], None]) -> None:
        self.plan, self.counted, self.on_gone = plan, counted, on_gone
        self.chance = random.Random(plan.seed)
        self.held = plan.backlog
        self.watermark = 0
        self.box: Box | None = None
        self.boot, self.boots, self._began = "", 0, 0.0
        self.dark = False
        """It has no power: it writes nothing."""
        self.away = 0.0
        """For how long it is away, where that is not for the broker's sake."""
        self._nonce = ""
        self._greet = False
        self.start()

    def start(self) -> None:
        """Power comes: another boot."""
        self.boot, self.boots = f"{self.chance.getrandbits(128):032x}", self.boots + 1
        self._began, self.dark = time.monotonic(), False

    @property
    def up(self) -> float:
        """Seconds since then."""
        return 1.0 + time.monotonic() - self._began

    def topic(self, leaf: Leaf) -> str:
        """One of its topics."""
        return str(Topic(self.plan.region, self.plan.station, leaf))

    def subscribed(self, box: Box) -> None:
        """It may speak."""
        self.box = box
        box.settled.set()
        self.counted.connected += 1
        status = Status(v=CONTRACT_MAJOR, online=True, boot=self.boot, firmware="simulated")
        box.publish(Leaf.STATUS, status, retain=True)
        if self._greet:
            self.greet()

    def greet(self) -> None:
        """Say hello now if there is a line, else as soon as there is one; again until it is answered."""
        self._greet = True
        box = self.box
        if box is None:
            return
        self._nonce = f"{self.chance.getrandbits(128):032x}"
        state = JournalState(
            journal=self.plan.journal, first=1 if self.held else 0, last=self.held, watermark=self.watermark
        )
        journals = (state,) if self.held else ()
        hello = Hello(
            v=CONTRACT_MAJOR,
            nonce=self._nonce,
            journals=journals,
            at=self.now(),
            trust=self.plan.trust,
            boot=self.boot,
            up=self.up,
        )
        box.publish(Leaf.HELLO, hello)
        box.until_answered(self.greet)

    def answered(self, box: Box, ack: Ack) -> None:
        """The centre says what it has: the answer to a hello may go back, any other only on."""
        if box is not self.box:
            return
        told = next((each.watermark for each in ack.journals if each.journal == self.plan.journal), 0)
        more = told - self.watermark
        if ack.nonce and ack.nonce == self._nonce:
            self._nonce = ""
            self.counted.welcome += 1
        elif self._nonce or more <= 0:
            return  # the answer to our hello is still to come; or this one came before
        else:
            box.progress()
        self.counted.records += more
        self.watermark = told
        box.answered()
        self.send(again=False)

    def send(self, *, again: bool) -> None:
        """The next batch, or the same again."""
        box = self.box
        if box is None:
            return
        if self.watermark >= self.held:
            self.counted.delivered += 1
            return
        self.counted.resent += again
        numbers = range(self.watermark + 1, min(self.watermark + BATCH, self.held) + 1)
        records = tuple(msgspec.Raw(self.plan.raw(seq)) for seq in numbers)
        box.publish(Leaf.EVENTS, Events(v=CONTRACT_MAJOR, journal=self.plan.journal, records=records))
        box.until_answered(lambda: self.send(again=True))

    def health(self) -> None:
        """How it is."""
        if self.box is None:
            return
        message = Health(
            v=CONTRACT_MAJOR,
            at=self.now(),
            trust=self.plan.trust,
            boot=self.boot,
            up=self.up,
            undelivered=self.held - self.watermark,
            tv=Tv.ON,
            catalogue=40,
            programme=12,
            disk_free_bytes=10**10,
            temperature_celsius=41.5,
            card_worn_percent=self.plan.seed % 30,
        )
        self.box.publish(Leaf.HEALTH, message, qos=0, retain=True)
        self.counted.health += 1

    def write(self, count: int) -> None:
        """Something happened: so many records more, which go out at once where everything before them is stored.

        Nothing happens in the dark; without a line it is kept.
        """
        if self.dark:
            return
        quiet = self.watermark >= self.held and not self._nonce
        self.held += count
        if quiet:
            self.send(again=False)

    def now(self) -> datetime:
        """What its clock says."""
        return datetime.now(UTC) + timedelta(seconds=self.plan.offset)

    def gone(self, box: Box) -> None:
        """A connection ended; one that was never let in is tried again by whoever makes it."""
        if box is self.box:
            self.box = None
            self.counted.connected -= 1
            self.on_gone(self)
