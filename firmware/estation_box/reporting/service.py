"""Reporting: tells the centre what the journal holds, and hears what the centre wants.

On each connection the box says hello and waits for the answer that repeats its nonce; then one batch of
records is on its way at a time, the next once the centre has it. A record counts as delivered only when
the centre says so.
"""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

import msgspec

from estation_box.clock.moment import Moment
from estation_box.reporting import rules
from estation_box.reporting.commands import KnownCommands, Outcome
from estation_box.reporting.interfaces import (
    Arrived,
    Connected,
    Document,
    Link,
    LinkEvent,
    Spool,
    StationIdentity,
)
from estation_box.reporting.refusals import Refusals
from estation_box.reporting.rules import Event, Phase
from estation_wire import codec
from estation_wire.errors import WireError
from estation_wire.messages import (
    REPLY_LIMIT_BYTES,
    Ack,
    AnyCommand,
    Events,
    Health,
    Hello,
    Reply,
    Status,
    WeekMet,
)
from estation_wire.topics import QOS, RETAINED, TO_BOX, Leaf, Topic, parse
from estation_wire.values import CONTRACT_MAJOR, Trust

REASON_CHARACTERS: Final = 500
log = logging.getLogger(__name__)


class CommandHeard(NamedTuple):
    """Somebody at the centre wants this; it is not expired as far as that can be told, and new."""

    command: AnyCommand


class TimeHeard(NamedTuple):
    """It is ``time`` now, by the centre's clock and half the round trip; right to 10 s."""

    time: datetime


class WeekHeard(NamedTuple):
    """Whether the school's week is met."""

    week: WeekMet


Heard = CommandHeard | TimeHeard | WeekHeard


def status(identity: StationIdentity, *, online: bool, safe: str = "") -> tuple[str, bytes]:
    """The topic and payload of a status; the offline form is the Last Will. ``safe``: what failed, in safe mode."""
    told = Status(v=CONTRACT_MAJOR, online=online, boot=identity.boot, firmware=identity.firmware, safe=safe)
    return str(Topic(identity.region, identity.station, Leaf.STATUS)), codec.encode(told)


def subscriptions(identity: StationIdentity) -> tuple[str, ...]:
    """The topics to which the link listens."""
    return tuple(str(Topic(identity.region, identity.station, leaf)) for leaf in TO_BOX)


class Reporter:
    """One station's reporting over one link. No method raises or waits."""

    def __init__(
        self,
        journal: Spool,
        link: Link,
        identity: StationIdentity,
        memory: Document,
        chance: random.Random,
        *,
        health_seconds: float = 300.0,
    ) -> None:
        self._journal = journal
        self._link = link
        self._identity = identity
        self._commands = KnownCommands(memory)
        self._chance = chance
        self._health_seconds = health_seconds
        self._refusals = Refusals()
        self.phase = Phase.OFFLINE
        self._nonce: str | None = None
        self._awaited = 0  # the last number of the batch on its way
        self._greetings = 0  # hellos since the last answer to one
        self._attempts = 0  # sendings of a batch since the watermark last moved
        self._sent_up = self._greeted_up = 0.0
        self._noticed_up: float | None = None
        self._health: Health | None = None
        self._health_up = 0.0

    def handle(self, event: LinkEvent, moment: Moment) -> tuple[Heard, ...]:
        """What happened to the link; what core must know of it."""
        if isinstance(event, Arrived):
            return self._arrived(event, moment)
        if isinstance(event, Connected):
            self._enter(Event.CONNECTED)
            self._publish(Leaf.STATUS, status(self._identity, online=True)[1])
            self._health, self._greetings, self._attempts = None, 0, 0
            self._greet(moment)
        else:
            level = logging.DEBUG if self.phase is Phase.OFFLINE else logging.INFO  # once, not at each attempt
            log.log(level, "the centre is not reached: %s", event.reason)
            self._enter(Event.LOST)
        return ()

    def tick(self, moment: Moment, health: Health) -> None:
        """Let time pass (at least once a second): send, send again, tell ``health`` when it is time."""
        self._refusals.tell(moment.up)
        self._link.check_time(on=moment.trust is Trust.NETWORK)
        if self.phase is Phase.OFFLINE:
            return
        self._tell_health(health, moment)
        waited = moment.up - self._sent_up
        if self.phase is Phase.READY:
            self._notice(moment)
        elif self.phase is Phase.GREETING and waited >= rules.resend_after(self._greetings):
            self._greet(moment)
        elif self.phase is Phase.DELIVERING and waited >= rules.resend_after(self._attempts):
            self._unanswered(moment)

    def reply(
        self,
        command: str,
        outcome: Outcome,
        reason: str = "",
        *,
        media_type: Literal["image/jpeg", "text/plain"] | None = None,
        attachment: bytes | None = None,
    ) -> None:
        """Answer a command; where an attachment exceeds 64 kB, the answer says so instead."""
        if attachment is not None and len(attachment) > REPLY_LIMIT_BYTES:
            outcome, reason, media_type, attachment = "refused", "the answer is too large", None, None
        self._commands.note(command, outcome)
        told = Reply(
            v=CONTRACT_MAJOR,
            command=command,
            outcome=outcome,
            reason=reason[:REASON_CHARACTERS],
            media_type=media_type,
            attachment=attachment,
        )
        self._publish(Leaf.REPLY, codec.encode(told))

    # delivering

    def _greet(self, moment: Moment) -> None:
        held = self._journal.state()
        self._nonce = f"{self._chance.getrandbits(128):032x}"
        hello = Hello(
            v=CONTRACT_MAJOR,
            nonce=self._nonce,
            journals=(held,) if held else (),
            at=moment.at,
            trust=moment.trust,
            boot=moment.boot,
            up=round(moment.up, 3),
        )
        self._publish(Leaf.HELLO, codec.encode(hello))
        self._greetings += 1
        self._sent_up = self._greeted_up = moment.up

    def _unanswered(self, moment: Moment) -> None:
        """Send the batch again; where that does not help, the centre may have gone back: greet it."""
        if self._attempts < rules.GREET_AFTER:
            self._deliver(moment)
        else:
            self._enter(Event.UNANSWERED)
            self._greet(moment)

    def _notice(self, moment: Moment) -> None:
        """Records that come together travel together."""
        if not self._journal.undelivered():
            self._noticed_up = None
        elif self._noticed_up is None:
            self._noticed_up = moment.up
        elif moment.up - self._noticed_up >= rules.GATHER_SECONDS:
            self._deliver(moment)

    def _deliver(self, moment: Moment) -> None:
        """Send the next batch, or the same again: both begin above the watermark."""
        batch = self._journal.batch()
        if batch is None:
            self._enter(Event.DELIVERED)
            return
        self._enter(Event.SENT)
        self._noticed_up, self._awaited = None, batch.last
        records = tuple(msgspec.Raw(raw) for raw in batch.records)
        self._publish(Leaf.EVENTS, codec.encode(Events(v=CONTRACT_MAJOR, journal=batch.journal, records=records)))
        self._attempts += 1
        self._sent_up = moment.up

    def _tell_health(self, health: Health, moment: Moment) -> None:
        since = moment.up - self._health_up
        changed = rules.health_changed(self._health, health)
        if since >= self._health_seconds or self._health is None or (changed and since >= rules.CHANGE_SECONDS):
            self._health, self._health_up = health, moment.up
            self._publish(Leaf.HEALTH, codec.encode(health))

    # hearing

    def _arrived(self, event: Arrived, moment: Moment) -> tuple[Heard, ...]:
        try:
            region, station, leaf = parse(event.topic)
            if (region, station) != self._identity[:2] or leaf not in TO_BOX:
                self._refusals.count(f"{event.topic} is not for this box")
                return ()
            message = codec.decode_message(leaf, event.payload)
        except WireError as error:
            self._refusals.count(error)
            return ()
        if isinstance(message, Ack):
            return self._acknowledged(message, moment)
        return self._commanded(message, moment) if isinstance(message, AnyCommand) else ()

    def _acknowledged(self, ack: Ack, moment: Moment) -> tuple[Heard, ...]:
        welcome = ack.nonce is not None and ack.nonce == self._nonce
        before = self._watermark()
        for stored in ack.journals:
            self._journal.acknowledge(stored.journal, stored.watermark, authoritative=welcome)
        after = self._watermark()
        if after != before:
            self._attempts = 0
        if welcome:
            self._enter(Event.WELCOMED)
            self._deliver(moment)
        elif self.phase is Phase.DELIVERING and after >= self._awaited:
            self._enter(Event.DELIVERED)
            self._deliver(moment)
        return self._heard(ack, moment, welcome=welcome)

    def _watermark(self) -> int:
        held = self._journal.state()
        return held.watermark if held else -1

    def _heard(self, ack: Ack, moment: Moment, *, welcome: bool) -> tuple[Heard, ...]:
        heard: list[Heard] = []
        if welcome:
            self._nonce, self._greetings = None, 0  # a repetition of this answer is an old one
            round_trip = moment.up - self._greeted_up
            if round_trip <= rules.ROUND_TRIP_SECONDS:
                heard.append(TimeHeard(ack.time + timedelta(seconds=round_trip / 2)))
        if ack.week is not None:
            heard.append(WeekHeard(ack.week))
        return tuple(heard)

    def _commanded(self, command: AnyCommand, moment: Moment) -> tuple[Heard, ...]:
        outcome = self._commands.outcome(command.id)
        if command.id in self._commands and (outcome is None or not rules.repeatable(command)):
            if outcome is not None:
                self.reply(command.id, outcome, "this command was dealt with before")
            return ()
        if rules.expired(command, moment.at, moment.trust):
            self.reply(command.id, "refused", "this command came after its expiry")
            return ()
        self._commands.note(command.id, None)
        return (CommandHeard(command),)

    def _publish(self, leaf: Leaf, payload: bytes) -> None:
        topic = str(Topic(self._identity.region, self._identity.station, leaf))
        self._link.publish(topic, payload, qos=QOS[leaf], retain=leaf in RETAINED)

    def _enter(self, event: Event) -> None:
        self.phase = rules.follow(self.phase, event)
        if event is Event.LOST:
            self._nonce = None
