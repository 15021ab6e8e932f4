"""A broker's line that loses, delays and repeats, and behind it a centre that keeps its promises. No threads."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from estation_box.reporting.interfaces import Arrived, Connected, Disconnected, LinkEvent, StationIdentity
from estation_wire import codec
from estation_wire.messages import Ack, Command, Events, Hello, Message, Status, Stored
from estation_wire.topics import Leaf, Topic, parse
from estation_wire.values import CONTRACT_MAJOR


class SimulatedCentre:
    """Stores records above its watermark, in order, and tells its watermarks; refuses a batch that leaves a gap."""

    def __init__(self) -> None:
        self.records: dict[str, list[bytes]] = {}
        self.messages: list[Message] = []
        self.commands: list[Command] = []

    def backup(self) -> dict[str, list[bytes]]:
        """What is stored, to be restored later."""
        return {journal: list(rows) for journal, rows in self.records.items()}

    def restore(self, backup: dict[str, list[bytes]]) -> None:
        """The disk broke: what the backup does not have is gone."""
        self.records = {journal: list(rows) for journal, rows in backup.items()}

    def hear(self, message: Message, now: datetime) -> list[tuple[Leaf, bytes]]:
        """The answers to one message."""
        self.messages.append(message)
        if isinstance(message, Hello):
            journals = [state.journal for state in message.journals]
            answers = [(Leaf.ACK, codec.encode(self._ack(journals, now, message.nonce)))]
            return answers + [(Leaf.COMMAND, codec.encode(command)) for command in self.commands]
        if isinstance(message, Events) and self._store(message):
            return [(Leaf.ACK, codec.encode(self._ack([message.journal], now, None)))]
        return []

    def _store(self, batch: Events) -> bool:
        rows = self.records.setdefault(batch.journal, [])
        numbers = [codec.decode_head(bytes(raw)).seq for raw in batch.records]
        if numbers[0] > len(rows) + 1:
            return False
        rows.extend(bytes(raw) for seq, raw in zip(numbers, batch.records, strict=True) if seq > len(rows))
        return True

    def _ack(self, journals: list[str], now: datetime, nonce: str | None) -> Ack:
        stored = tuple(Stored(journal=each, watermark=len(self.records.get(each, ()))) for each in journals)
        return Ack(v=CONTRACT_MAJOR, time=now, journals=stored, nonce=nonce)


class Weather(NamedTuple):
    """How bad the line is: chances (0 to 1) that a message is lost or comes twice, and the longest delay in seconds."""

    lost: float = 0.0
    twice: float = 0.0
    delay: float = 0.0


class SimulatedLink:
    """See `Link`. What the line carries is delivered by `carry`, which tells what comes back to the box."""

    def __init__(self, identity: StationIdentity, centre: SimulatedCentre, chance: random.Random) -> None:
        self._identity = identity
        self._centre = centre
        self._chance = chance
        self._up = False
        self._to_centre: list[tuple[float, Leaf, bytes]] = []
        self._to_box: list[tuple[float, Leaf, bytes]] = []
        self.retained: dict[Leaf, bytes] = {}
        self.weather = Weather()
        self.checks_time = False
        self.now = 0.0

    def connect(self) -> Connected:
        """The line is there."""
        self._up = True
        return Connected()

    def disconnect(self) -> Disconnected:
        """The line breaks; what the broker has it may still deliver to the centre, to the box nothing more."""
        self._up = False
        self._to_box.clear()
        gone = Status(v=CONTRACT_MAJOR, online=False, boot=self._identity.boot, firmware=self._identity.firmware)
        self.retained[Leaf.STATUS] = codec.encode(gone)
        return Disconnected("the line is broken")

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> bool:
        """See `Link.publish`."""
        if not self._up:
            return False
        leaf = parse(topic).leaf
        if retain:
            self.retained[leaf] = payload
        self._send(self._to_centre, leaf, payload, reliable=qos > 0)
        return True

    def check_time(self, *, on: bool) -> None:
        """See `Link.check_time`."""
        self.checks_time = on

    def carry(self, now: float, at: datetime, take: Callable[[LinkEvent], object]) -> None:
        """Bring every message that is due at ``now`` seconds to where it goes; those for the box to ``take``."""
        self.now = now
        for leaf, payload in _due(self._to_centre, now):
            for answer in self._centre.hear(codec.decode_message(leaf, payload), at):
                if self._up:
                    self._send(self._to_box, *answer, reliable=False)
        for leaf, payload in _due(self._to_box, now):
            take(Arrived(str(Topic(self._identity.region, self._identity.station, leaf)), payload))

    def _send(self, way: list[tuple[float, Leaf, bytes]], leaf: Leaf, payload: bytes, *, reliable: bool) -> None:
        """A message of QoS 1 may be lost as well: brokers that are killed lose what they took."""
        lost = self._chance.random() < self.weather.lost * (0.5 if reliable else 1.0)
        copies = 0 if lost else 1 + (self._chance.random() < self.weather.twice)
        way += [(self.now + self._chance.random() * self.weather.delay, leaf, payload) for _ in range(copies)]


def _due(way: list[tuple[float, Leaf, bytes]], now: float) -> list[tuple[Leaf, bytes]]:
    due = sorted((each for each in way if each[0] <= now), key=lambda each: each[0])
    way[:] = [each for each in way if each[0] > now]
    return [(leaf, payload) for _, leaf, payload in due]
