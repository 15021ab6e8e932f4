"""The collector's loop: take messages off the link, settle them in one transaction, then acknowledge."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from estation_central.collector import rules, schools
from estation_central.collector.interfaces import (
    Arrival,
    Latest,
    Link,
    Rejected,
    Store,
    StoreRefusedError,
    StoreUnavailableError,
    Transaction,
)
from estation_central.collector.round import Item, Round
from estation_wire import codec, topics
from estation_wire.errors import MalformedError, WireError
from estation_wire.messages import Ack, Events, Hello, Reply, Status
from estation_wire.topics import FROM_BOX, Leaf, Topic

ROUND_ROWS: Final = 2000  # one COMMIT for so many rows: beyond it a bigger transaction gains nothing
ROUND_MESSAGES: Final = 500  # so many hellos and small batches are settled in well under 100 ms
WAIT_SECONDS: Final = 0.2  # how long an idle loop sleeps on the link: commands and stop are seen as soon
LINGER_SECONDS: Final = 0.05  # after messages that nobody waits for: 80 of health a second are taken in 20 turns
LATEST_SECONDS: Final = 5.0  # health is written in one batch as often as this
COMMANDS_SECONDS: Final = 1.0
LATEST_ROOM: Final = 20_000  # stations and kinds kept in memory between two writes; written early beyond it
REJECTED_ROOM: Final = 20  # malformed messages kept for a look in each write; the rest is counted
REJECTED_ALIKE: Final = 3  # of them from one station: a broken box must not push the others' out of sight
REJECTED_TOPIC: Final = 128
REJECTED_BYTES: Final = 512
SAY_SECONDS: Final = 10.0  # at most one line of the log about malformed messages as often as this
SHOWN: Final = frozenset({Leaf.STATUS, Leaf.HEALTH, Leaf.HELLO})  # of the others only the hour is kept
BACK_OFF_SECONDS: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

_log = logging.getLogger("estation.collector")


class Counters(msgspec.Struct):
    """What was counted since the start."""

    messages: int = 0
    stored: int = 0
    doubled: int = 0
    refused: int = 0
    malformed: int = 0
    rounds: int = 0
    outages: int = 0


class Collector:
    """Decides in one thread. What it has not acknowledged, the box sends again.

    ``regions``: whose stations the link reaches; none named is all.
    """

    def __init__(self, store: Store, link: Link, regions: Sequence[str] = ()) -> None:
        self._store = store
        self._link = link
        self._regions = regions
        self._held: list[Item] = []
        self._ahead: list[Item] = []
        self._latest: dict[tuple[str, str], Latest] = {}
        self._rejected: list[Rejected] = []
        self._register = schools.Register()
        self._said: tuple[float, int] = (float("-inf"), 0)
        self._latest_at = 0.0
        self._commands_at = 0.0
        self._failures = 0
        self._retry_at = 0.0
        self.counters = Counters()

    def turn(self, at: datetime, up: float) -> float:
        """One turn of the loop at ``at`` (UTC) and ``up`` (monotonic seconds); how long to rest before the next.

        Takes at most one round of messages, and waits `WAIT_SECONDS` on the link when there is none.
        """
        if up < self._retry_at:
            return min(WAIT_SECONDS, self._retry_at - up)
        taken, waited_for = self.counters.messages, bool(self._held)
        try:
            if not self._held:
                self._held = [item for item in self._arriving(at, WAIT_SECONDS) if item is not None]
            if self._held:
                waited_for = True
                self._settle(self._held, at)
                self._held, self._ahead = self._ahead, []
            self._housekeeping(at, up)
        except StoreUnavailableError as error:
            self._fall_back(error, up)
        else:
            self._failures = 0
        self._say(up)
        return LINGER_SECONDS if self.counters.messages > taken and not waited_for else 0.0

    def finish(self, at: datetime) -> None:
        """Write what is kept in memory, once; for a clean stop."""
        try:
            self._write_latest(at)
        except StoreUnavailableError:
            _log.warning("stopping without the database: the latest health is not written")
        self._store.close()

    def _fall_back(self, error: StoreUnavailableError, up: float) -> None:
        pause = BACK_OFF_SECONDS[min(self._failures, len(BACK_OFF_SECONDS) - 1)]
        self._failures += 1
        self.counters.outages += 1
        self._retry_at = up + pause
        self._store.close()
        _log.warning("database: %s; trying again in %.1f s, boxes keep what is not acknowledged", error, pause)

    def _arriving(self, at: datetime, wait: float) -> Iterator[Item | None]:
        """One round as it is read, a message at a time; None for a message that is settled apart."""
        rows = 0
        for _ in range(ROUND_MESSAGES):
            arrival = self._link.take(wait)
            if arrival is None:
                return
            wait = 0.0
            item = self._read(arrival, at)
            yield item
            rows += len(item.body.rows) if item is not None and isinstance(item.body, rules.Batch) else 0
            if rows >= ROUND_ROWS:
                return

    def _reading_ahead(self, at: datetime) -> Iterator[None]:
        """Read the next round, while the database takes the rows of this one in: it has a core of its own."""
        if not self._ahead:
            for item in self._arriving(at, 0.0):
                self._ahead += [item] if item is not None else []
                yield

    def _read(self, arrival: Arrival, at: datetime) -> Item | None:
        """The item that changes the database; status and health are kept aside, malformed ones are counted."""
        self.counters.messages += 1
        try:
            topic = topics.parse(arrival.topic)
            if topic.leaf not in FROM_BOX:
                msg = f"{topic.leaf.value} is not sent by a box"
                raise MalformedError(msg)
            message = codec.decode_message(topic.leaf, arrival.payload)
            text = rules.storable(arrival.payload) if topic.leaf in SHOWN else ""
            batch = rules.read_batch(topic.station, message) if isinstance(message, Events) else None
        except WireError as error:
            self._reject(arrival.topic, arrival.payload, str(error), at)
            return None
        spoken = not arrival.retained and not (isinstance(message, Status) and not message.online)
        self._keep_latest(topic, text, at if spoken else None)
        if batch is not None:
            return Item(topic, batch)
        return Item(topic, message) if isinstance(message, Hello | Reply) else None

    def _keep_latest(self, topic: Topic, text: str, heard: datetime | None) -> None:
        """Keep the newest; a message that the broker sends in the box's stead does not say that the box lives."""
        key = topic.station, topic.leaf.value
        before = self._latest.get(key)
        if heard is None and before is not None:
            heard = before.heard
        self._latest[key] = Latest(topic.station, topic.leaf.value, topic.region, text, heard)

    def _reject(self, topic: str, payload: bytes, reason: str, at: datetime) -> None:
        self.counters.malformed += 1
        place = topic.rpartition("/")[0][:REJECTED_TOPIC]
        alike = sum(each.topic.startswith(place) for each in self._rejected)
        if len(self._rejected) < REJECTED_ROOM and alike < REJECTED_ALIKE:
            words = [text.encode("ascii", "backslashreplace").decode().replace("\0", "") for text in (topic, reason)]
            self._rejected.append(Rejected(at, words[0][:REJECTED_TOPIC], words[1][:300], payload[:REJECTED_BYTES]))

    def _settle(self, items: list[Item], at: datetime) -> None:
        try:
            done = self._commit(items, at)
        except StoreRefusedError as error:
            self._settle_apart(items, error, at)
            return
        self.counters.rounds += 1
        self.counters.stored += len(done.changes.rows)
        self.counters.doubled += done.doubled
        self.counters.refused += done.refused
        for _ in range(done.crowded):
            self._reject("", b"", "a station with too many journals", at)
        for topic, ack in done.acks:
            self._acknowledge(topic, ack)
        if done.greeted:
            self._send_commands(at, {topic.station: topic.region for topic in done.greeted})

    def _settle_apart(self, items: list[Item], error: StoreRefusedError, at: datetime) -> None:
        """One message that the database refuses is sought by halves: it costs the others some commits, not hundreds."""
        if len(items) == 1:
            self._reject(str(items[0].topic), b"", f"the database refuses it: {error}", at)
            return
        middle = len(items) // 2
        self._settle(items[:middle], at)
        self._settle(items[middle:], at)

    def _commit(self, items: list[Item], at: datetime) -> Round:
        keys = {key for item in items for key in item.keys}
        make = {key for item in items if isinstance(item.body, rules.Batch) for key in item.keys}
        make |= {
            rules.Key(item.topic.station, state.journal)
            for item in items
            if isinstance(item.body, Hello)
            for state in item.body.journals
            if rules.begins_late(state)
        }
        done = Round(at=at)
        with self._store.transaction() as transaction:
            done.settle(items, transaction.lock(keys, make), transaction.record_at)
            transaction.write(done.changes, at, self._reading_ahead(at))
            self._tell_schools(done, transaction, at)
        return done

    def _tell_schools(self, done: Round, transaction: Transaction, at: datetime) -> None:
        """Book what schools showed, and say in the acks to their rooms whether the week is met."""
        spoken = {topic.station for topic, _ in done.acks}
        rooms = self._register.rooms(spoken, at, transaction.schools.rooms)
        if not rooms:
            return
        shown = schools.shown(done.changes.rows, rooms, at)
        if shown:
            transaction.schools.book(shown, at)
        met = transaction.schools.met({room.site for room in rooms.values()})
        done.acks = [
            (topic, msgspec.structs.replace(ack, week=schools.told(rooms[topic.station], at, met)))
            if topic.station in rooms
            else (topic, ack)
            for topic, ack in done.acks
        ]

    def _housekeeping(self, at: datetime, up: float) -> None:
        if up - self._latest_at >= LATEST_SECONDS or len(self._latest) >= LATEST_ROOM:
            self._latest_at = up
            self._write_latest(at)
        if up - self._commands_at >= COMMANDS_SECONDS:
            self._commands_at = up
            self._send_commands(at, None)

    def _write_latest(self, at: datetime) -> None:
        if not self._latest and not self._rejected:
            return
        try:
            with self._store.transaction() as transaction:
                transaction.keep_latest(sorted(self._latest.values()))
                transaction.keep_rejected(self._rejected)
        except StoreRefusedError as error:
            _log.warning("the latest health of %d stations is dropped at %s: %s", len(self._latest), at, error)
        self._latest.clear()
        self._rejected.clear()

    def _send_commands(self, at: datetime, greeted: Mapping[str, str] | None) -> None:
        """Send first, note afterwards: a command sent twice is dropped by its id, one never sent is missed."""
        with self._store.transaction() as transaction:
            due = transaction.due_commands(at, greeted, self._regions)
            for each in due:
                self._link.publish(str(Topic(each.region, each.station, Leaf.COMMAND)), each.body.encode())
            if due:
                transaction.mark_sent([each.command for each in due], at)

    def _acknowledge(self, topic: Topic, ack: Ack) -> None:
        self._link.publish(str(Topic(topic.region, topic.station, Leaf.ACK)), codec.encode(ack))

    def _say(self, up: float) -> None:
        last, count = self._said
        total = self.counters.malformed + self._link.dropped
        if total > count and up - last >= SAY_SECONDS:
            self._said = (up, total)
            reason = f"; the first of them: {self._rejected[0].reason}" if self._rejected else ""
            _log.warning("%d messages dropped (%d since the start)%s", total - count, total, reason)
