"""A box's journal and reporter, a line and a centre, and the time that passes for all of them."""

from __future__ import annotations

import random
from datetime import timedelta

from estation_box.clock.moment import Moment
from estation_box.journal.service import Journal
from estation_box.reporting.interfaces import StationIdentity
from estation_box.reporting.service import Reporter
from estation_box.simulated.journal_store import SimulatedJournalStore
from estation_box.simulated.link import SimulatedCentre, SimulatedLink, Weather
from estation_wire import codec
from estation_wire.messages import Events, Health, Hello, Message, Reply
from estation_wire.records import StickSeen
from estation_wire.values import CONTRACT_MAJOR, Trust, Tv
from tests.journal.values import BOOT, START, ids

IDENTITY = StationIdentity("653101", "hall-0007", "0.1.0", BOOT)


class Note:
    """A small document in memory."""

    def __init__(self):
        self.data = None

    def read(self):
        return self.data

    def write(self, data):
        self.data = data


class World:
    def __init__(self, journal: Journal | None = None, *, seed: int = 0, trust: Trust = Trust.NETWORK, health=300.0):
        self.chance = random.Random(seed)
        self.journal = journal or Journal(SimulatedJournalStore(ids()), Note())
        self.centre = SimulatedCentre()
        self.link = SimulatedLink(IDENTITY, self.centre, self.chance)
        self.memory = Note()
        self.up = 0.0
        self.trust = trust
        self.heard = []
        self.condition = {}
        self.health_seconds = health
        self.written = 0
        self.restart()

    def restart(self):
        """Core is started again: a new reporter over the same journal and memory."""
        self.reporter = Reporter(
            self.journal, self.link, IDENTITY, self.memory, self.chance, health_seconds=self.health_seconds
        )

    @property
    def moment(self) -> Moment:
        return Moment(START + timedelta(seconds=self.up), self.up, BOOT, self.trust)

    def connect(self, weather: Weather | None = None):
        self.link.weather = weather or self.link.weather
        self.take(self.link.connect())

    def disconnect(self):
        self.take(self.link.disconnect())

    def take(self, event):
        self.heard += self.reporter.handle(event, self.moment)

    def write(self, count: int = 1):
        for _ in range(count):
            self.written += 1
            self.journal.append(self.moment, StickSeen, taken=self.written, refused=0)

    def health(self) -> Health:
        stamp = {"v": CONTRACT_MAJOR, "at": self.moment.at, "trust": self.trust, "boot": BOOT, "up": self.up}
        return Health(**stamp, **{"undelivered": self.journal.undelivered(), "tv": Tv.UNKNOWN, **self.condition})

    def run(self, seconds: float, step: float = 1.0):
        """Let time pass."""
        end = self.up + seconds
        while self.up < end:
            self.link.carry(self.up, self.moment.at, self.take)
            self.reporter.tick(self.moment, self.health())
            self.link.carry(self.up, self.moment.at, self.take)
            self.up += step

    def heard_by_centre(self, kind: type[Message]) -> list:
        return [message for message in self.centre.messages if isinstance(message, kind)]

    @property
    def batches(self) -> list[Events]:
        return self.heard_by_centre(Events)

    @property
    def hellos(self) -> list[Hello]:
        return self.heard_by_centre(Hello)

    @property
    def replies(self) -> list[Reply]:
        return self.heard_by_centre(Reply)

    def stored(self) -> list[int]:
        """The numbers that the centre holds, of all journals one after another."""
        return [codec.decode_record(raw).taken for rows in self.centre.records.values() for raw in rows]
