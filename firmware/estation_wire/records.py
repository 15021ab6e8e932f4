"""Journal records: what happened at a station, numbered without gaps, kept until the centre has it.

One real record, as it is stored, sent and hashed::

    {"kind":"clip.shown","seq":41,"at":"2026-11-24T11:00:31Z","boot":"…32 hex…","up":812.4,
     "trust":"network","session":"…32 hex…","content":"…64 hex…","title":"…","shown":30.9,"has":31.0,
     "counting":true,"language":"zh-Hans","completed":true}

Fields that a receiver does not know are accepted and kept; so are kinds that it does not know.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct

from estation_wire.values import (
    ONE_LINE_PATTERN,
    BootId,
    ContentId,
    Count,
    Instant,
    Language,
    Name,
    Origin,
    Reason,
    Seconds,
    Sequence,
    SessionId,
    Title,
    Trust,
    Tv,
    Week,
    refuse_far,
)

BootCause = Literal["power", "watchdog", "supervisor", "fault", "command", "update", "unknown"]
EndReason = Literal[
    "completed", "power", "keeper", "command", "fault", "tv-off", "bulletin", "missing", "lesson", "closed"
]
Part = Annotated[int, Meta(ge=1, le=1000, description="1, then one more each time the session goes on")]
ShortReason = Annotated[str, Meta(max_length=96, pattern=ONE_LINE_PATTERN, description="why; twenty fit in a record")]


class Stamp(Struct, frozen=True, kw_only=True):
    """When a record was made, and how far that can be believed."""

    seq: Sequence
    at: Instant
    boot: BootId
    up: Seconds
    trust: Trust

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.at)


class Head(Stamp, frozen=True, kw_only=True):
    """What every record has, known kind or not."""

    kind: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z.-]*\Z")]


class Record(Stamp, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """The base of every known kind."""


class Boot(Record, frozen=True, kw_only=True, tag="boot", omit_defaults=True):
    """The box came up; ``why`` is the best that is known of the cause."""

    why: BootCause
    firmware: Name


class Day(Record, frozen=True, kw_only=True, tag="day", omit_defaults=True):
    """One power-on day summed up; what is not known is left out, never 0."""

    uptime: Seconds
    resets: Count = 0
    hottest_celsius: Annotated[float, Meta(ge=-60, le=150)] | None = None
    tv_on: Seconds | None = None
    card_written_bytes: Count | None = None


class ClockSet(Record, frozen=True, kw_only=True, tag="clock.set", omit_defaults=True):
    """Truth arrived: at ``up`` of ``boot`` it is ``at``. Earlier records of the boot are dated again."""

    was: Instant
    source: Trust

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.at, self.was)


class SessionStarted(Record, frozen=True, kw_only=True, tag="session.started", omit_defaults=True):
    """A showing began, or went on after an interruption (``part`` above 1)."""

    session: SessionId
    origin: Origin
    part: Part = 1
    series: Title = ""
    rule: Name | None = None
    planned: Instant | None = None
    length: Seconds = 0.0

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.at, self.planned)


class ClipShown(Record, frozen=True, kw_only=True, tag="clip.shown", omit_defaults=True):
    """One item of a session: seconds really shown, of the seconds that it has.

    ``resumed``: an earlier part of the session began it, so that it is no other time that it was shown.
    """

    session: SessionId
    content: ContentId
    title: Title
    shown: Seconds
    has: Seconds
    counting: bool
    completed: bool
    language: Language | None = None
    subtitles: Language | None = None
    fault: Reason | None = None
    resumed: bool = False


class SessionEnded(Record, frozen=True, kw_only=True, tag="session.ended", omit_defaults=True):
    """One part of a session ended; ``shown`` and ``counting`` are the seconds of this part."""

    session: SessionId
    origin: Origin
    began: Instant
    shown: Seconds
    counting: Seconds
    tv: Tv
    reason: EndReason
    part: Part = 1
    series: Title = ""
    attendance: Count | None = None

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.at, self.began)


class AttendanceCounted(Record, frozen=True, kw_only=True, tag="attendance.counted", omit_defaults=True):
    """Person-times at a session, by whom counted."""

    session: SessionId
    number: Count
    source: Literal["button", "beam", "keeper"]


class Postponed(Record, frozen=True, kw_only=True, tag="postponed", omit_defaults=True):
    """A start was put off; it becomes a make-up, not before ``until`` where that is known."""

    rule: Name
    planned: Instant
    reason: Reason
    until: Instant | None = None

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.at, self.planned, self.until)


class WeekClosed(Record, frozen=True, kw_only=True, tag="week.closed", omit_defaults=True):
    """The site owes nothing in this week."""

    week: Week
    reason: Reason


class PlaceChosen(Record, frozen=True, kw_only=True, tag="place.chosen", omit_defaults=True):
    """A mobile station stands at this place; later sessions are booked there, until the power-on day is over."""

    place: Name
    name: Title = ""


class BulletinShown(Record, frozen=True, kw_only=True, tag="bulletin.shown", omit_defaults=True):
    """A bulletin was on the screen."""

    bulletin: Name
    times: Count


class LibraryChanged(Record, frozen=True, kw_only=True, tag="library.changed", omit_defaults=True):
    """The box holds a new catalogue or programme."""

    catalogue: Count
    programme: Count
    source: Literal["stick", "network", "neighbour"]


class StickSeen(Record, frozen=True, kw_only=True, tag="stick.seen", omit_defaults=True):
    """A stick was read: what was taken from it, and what was refused and why."""

    taken: Count
    refused: Count
    reasons: Annotated[tuple[ShortReason, ...], Meta(max_length=20)] = ()


class Provisioned(Record, frozen=True, kw_only=True, tag="provisioned", omit_defaults=True):
    """The box took a profile."""

    station: Name
    epoch: Count


class Fault(Record, frozen=True, kw_only=True, tag="fault", omit_defaults=True):
    """Something is wrong; repeated faults fold into one record with a count."""

    what: Name
    detail: Reason
    rung: Annotated[int, Meta(ge=0, le=5, description="rung of the ladder that acted; 0 is none")] = 0
    times: Count = 1


class Recovered(Record, frozen=True, kw_only=True, tag="recovered", omit_defaults=True):
    """What was wrong is right again."""

    what: Name
    after: Seconds
    rung: Annotated[int, Meta(ge=0, le=5)] = 0


class UpdateInstalled(Record, frozen=True, kw_only=True, tag="update.installed", omit_defaults=True):
    """A new firmware is in use."""

    firmware: Name


class UpdateRolledBack(Record, frozen=True, kw_only=True, tag="update.rolled-back", omit_defaults=True):
    """A new firmware did not prove itself; the one before is in use."""

    firmware: Name
    reason: Reason


AnyRecord = (
    Boot
    | Day
    | ClockSet
    | SessionStarted
    | ClipShown
    | SessionEnded
    | AttendanceCounted
    | Postponed
    | WeekClosed
    | PlaceChosen
    | BulletinShown
    | LibraryChanged
    | StickSeen
    | Provisioned
    | Fault
    | Recovered
    | UpdateInstalled
    | UpdateRolledBack
)
KINDS: Final[tuple[type[Record], ...]] = get_args(AnyRecord)
"""Every kind of record of this contract, for schema files and tests."""
