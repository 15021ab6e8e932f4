"""What the collector needs from outside: a database that can do transactions, and a broker."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from estation_central.collector.rules import Key, Mark, PictureOrder, Row
from estation_central.collector.schools import Room, Shown, SiteWeek


class StoreUnavailableError(Exception):
    """The database cannot be reached, or broke off; nothing was stored. Try again later."""


class StoreRefusedError(Exception):
    """The database refuses these very values; nothing was stored. Trying again will not help."""


class Arrival(NamedTuple):
    """One message as it came. ``retained`` ones were kept by the broker: they do not say that the box lives."""

    topic: str
    payload: bytes
    retained: bool = False


class Latest(NamedTuple):
    """The newest of a kind of message of one station; ``heard`` is None where the box itself was not heard."""

    station: str
    leaf: str
    region: str
    payload: str
    heard: datetime | None


class Rejected(NamedTuple):
    """Something that was dropped, cut to a size that may be kept: topic, reason, the payload's first bytes."""

    at: datetime
    topic: str
    reason: str
    payload: bytes


class Lost(NamedTuple):
    """Records ``first`` to ``last`` of a journal will never come."""

    key: Key
    first: int
    last: int


class Mismatch(NamedTuple):
    """At ``seq`` the box holds another record than we: two cards go by one journal's name."""

    key: Key
    seq: int
    theirs: str


class Answer(NamedTuple):
    """What a station says became of a command."""

    station: str
    command: str
    outcome: str
    reason: str
    media_type: str
    attachment: bytes


class Outgoing(NamedTuple):
    """A command to send: the topic's region and station, and the payload."""

    command: str
    region: str
    station: str
    body: str


class Brought(NamedTuple):
    """What a report by stick says of its box: see `stations.models.BroughtHealth`."""

    key: Key
    seq: int
    told: datetime
    payload: str


class Changes(msgspec.Struct, kw_only=True):
    """All that one transaction writes."""

    rows: list[tuple[Key, Row]] = msgspec.field(default_factory=list)
    marks: dict[Key, Mark] = msgspec.field(default_factory=dict)
    lost: list[Lost] = msgspec.field(default_factory=list)
    mismatches: list[Mismatch] = msgspec.field(default_factory=list)
    pictures: list[tuple[str, PictureOrder]] = msgspec.field(default_factory=list)
    answers: list[Answer] = msgspec.field(default_factory=list)
    brought: list[Brought] = msgspec.field(default_factory=list)


class Schools(Protocol):
    """What a transaction knows of schools; it raises what `Transaction` does."""

    def rooms(self, stations: Collection[str]) -> Mapping[str, Room]:
        """Those of ``stations`` (at least one) that are rooms of a school, by the registry."""

    def book(self, parts: Sequence[Shown], at: datetime) -> None:
        """Keep parts of sessions of the running week, and note whether their sites have met it by them."""

    def met(self, sites: Collection[str]) -> Collection[SiteWeek]:
        """Weeks that ``sites`` (at least one) have met, as far as is booked."""


class Transaction(Protocol):
    """One transaction. Every method raises `StoreUnavailableError` or `StoreRefusedError`, and nothing else."""

    schools: Schools

    def lock(self, keys: Collection[Key], make: Collection[Key]) -> Mapping[Key, Mark]:
        """Lock the watermark rows of ``keys`` in key order until the end; missing ones of ``make`` begin at nothing.

        A key is missing from the result where there is no row: not asked for, or the station has too many journals.
        """

    def record_at(self, key: Key, seq: int) -> str | None:
        """The text of one stored record."""

    def write(self, changes: Changes, at: datetime, meanwhile: Iterator[None]) -> None:
        """Write everything that a round decided; ``meanwhile`` is gone through while the database takes rows in."""

    def keep_latest(self, latest: Sequence[Latest]) -> None:
        """Replace the newest message of each kind and station."""

    def keep_rejected(self, rejected: Sequence[Rejected]) -> None:
        """Add to the quarantine, which forgets its oldest beyond its limit."""

    def due_commands(
        self, at: datetime, greeted: Mapping[str, str] | None = None, regions: Sequence[str] = ()
    ) -> list[Outgoing]:
        """Commands never sent that are due and not expired, of every station of ``regions`` that ever said hello.

        No region is all of them.

        With ``greeted`` (station to region): of these stations only, and those sent but not answered as well.
        """

    def mark_sent(self, commands: Sequence[str], at: datetime) -> None:
        """Note that these commands were handed to the broker."""


class Store(Protocol):
    """The database. It connects by itself when it is asked for a transaction."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction: committed, durably, when the block ends; undone when it raises."""

    def close(self) -> None:
        """Let the connection go; the next transaction makes a new one."""


class Link(Protocol):
    """The broker. It connects and connects again by itself; what is not taken in time is dropped and counted."""

    def take(self, wait: float) -> Arrival | None:
        """The oldest message not taken yet; waits at most ``wait`` seconds for one."""

    def publish(self, topic: str, payload: bytes) -> None:
        """Hand a message to the broker at QoS 1; dropped where there is no room."""

    @property
    def dropped(self) -> int:
        """How many messages there was no room for, since the start."""
