"""When to send, when to send again, what of the centre's words is followed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from estation_wire.messages import CollectLogs, Command, Health, Picture
from estation_wire.values import Trust

RESEND_SECONDS: Final = 30.0  # slow satellite links answer within 10
RESEND_LIMIT_SECONDS: Final = 1800.0
GATHER_SECONDS: Final = 2.0  # a session's last clip and its end travel in one batch
GREET_AFTER: Final = 2  # a batch unanswered twice: the centre may be another than it was, so greet again
ROUND_TRIP_SECONDS: Final = 20.0  # an answer older than this tells the time too badly (by 10 s at worst)
CHANGE_SECONDS: Final = 10.0  # the shortest time between two tellings of health: a TV that flickers costs 440 B each
RECONNECT_LIMIT_SECONDS: Final = 300.0  # 24,139 boxes at 1.5 ms of a broker's processor each: 36 s of its time
KNOWN_COMMANDS: Final = 64  # the centre keeps a command until it expires: days, and a few commands a day
LOG_EVERY_SECONDS: Final = 3600.0  # one line for all that was refused in an hour


class Phase(StrEnum):
    """How far reporting has come on this connection."""

    OFFLINE = "offline"
    GREETING = "greeting"
    READY = "ready"
    DELIVERING = "delivering"


class Event(StrEnum):
    """What moves it on."""

    CONNECTED = "the link is up"
    LOST = "the link is down"
    WELCOMED = "the centre answered the hello"
    SENT = "a batch is on its way"
    DELIVERED = "the centre has the batch"
    UNANSWERED = "the centre does not answer"


_NEXT: Final[Mapping[tuple[Phase, Event], Phase]] = {
    (Phase.OFFLINE, Event.CONNECTED): Phase.GREETING,
    (Phase.GREETING, Event.CONNECTED): Phase.GREETING,
    (Phase.GREETING, Event.WELCOMED): Phase.READY,
    (Phase.GREETING, Event.LOST): Phase.OFFLINE,
    (Phase.READY, Event.CONNECTED): Phase.GREETING,
    (Phase.READY, Event.SENT): Phase.DELIVERING,
    (Phase.READY, Event.LOST): Phase.OFFLINE,
    (Phase.DELIVERING, Event.CONNECTED): Phase.GREETING,
    (Phase.DELIVERING, Event.DELIVERED): Phase.READY,
    (Phase.DELIVERING, Event.UNANSWERED): Phase.GREETING,
    (Phase.DELIVERING, Event.LOST): Phase.OFFLINE,
}


def follow(phase: Phase, event: Event) -> Phase:
    """The phase after ``event``; the same where the event means nothing in it."""
    return _NEXT.get((phase, event), phase)


def resend_after(attempts: int) -> float:
    """Seconds to wait for an answer after ``attempts`` sendings (1 at least): 30 s, doubling to 30 minutes."""
    return min(RESEND_SECONDS * 2.0 ** min(attempts - 1, 16), RESEND_LIMIT_SECONDS)


def reconnect_after(attempts: int, chance: float) -> float:
    """Seconds to wait before connecting again after ``attempts`` failures; ``chance`` is uniform in 0 to 1.

    Full jitter, so that the boxes of a broker that came back do not come all at once.
    """
    return chance * min(2.0 ** min(attempts, 16), RECONNECT_LIMIT_SECONDS)


def way_in(ways: int, failures: int) -> int:
    """Which of ``ways`` to try after so many failures in a row: one after the other, the good one again first."""
    return failures % ways


def repeatable(command: Command) -> bool:
    """Whether doing it again harms nobody: who asks for a picture again has not got it."""
    return isinstance(command, Picture | CollectLogs)


def expired(command: Command, now: datetime, trust: Trust) -> bool:
    """Whether the command came too late; only a clock that follows the network can tell."""
    return trust is Trust.NETWORK and now > command.expires


def health_changed(before: Health | None, now: Health) -> bool:
    """Whether somebody at the centre would see another station; what drifts by itself is no change."""
    return before is None or _seen(before) != _seen(now)


def _seen(health: Health) -> tuple[object, ...]:
    playing = (health.playing.session, health.playing.content) if health.playing else None
    return (
        health.trust,
        health.tv,
        health.catalogue,
        health.programme,
        health.next_session,
        health.fault,
        playing,
    )
