"""The seven messages between a box and the centre, one type each.

Unknown fields are accepted, so that a minor version may add some; a newer major version is refused
(`estation_wire.codec`). Everything works in the subset of MQTT 3.1.1 that every broker keeps.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Raw, Struct

from estation_wire.values import (
    BASE64_PATTERN,
    CONTRACT_MAJOR,
    BootId,
    CommandId,
    ContentId,
    Count,
    Instant,
    JournalId,
    Major,
    Name,
    Nonce,
    Reason,
    RecordHash,
    Seconds,
    Sequence,
    SessionId,
    Title,
    Trust,
    Tv,
    Watermark,
    Week,
    refuse_far,
)


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every message has: the contract's major version, always sent."""

    v: Major


class Status(Message, frozen=True, kw_only=True, omit_defaults=True):
    """``.../status``: retained; the broker sends the offline form as Last Will."""

    online: bool
    boot: BootId
    firmware: Name
    contract: Name = f"{CONTRACT_MAJOR}.0"
    safe: Annotated[str, Meta(max_length=64, description="the unit that failed, where the box is in safe mode")] = ""


Held = Annotated[int, Meta(ge=0, le=2**53 - 1, description="record number; 0 when the journal holds nothing")]


class JournalState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the box holds of one journal.

    ``first`` and ``last`` are 0 when it holds nothing. ``hash`` is that of the record at ``watermark``,
    left out when the box holds it no more. Records between the watermark and ``first`` are lost.
    """

    journal: JournalId
    first: Held
    last: Held
    watermark: Watermark
    hash: RecordHash | None = None


class Hello(Message, frozen=True, kw_only=True, omit_defaults=True):
    """``.../hello``: on each connect; the ack that repeats ``nonce`` is authoritative."""

    nonce: Nonce
    journals: Annotated[tuple[JournalState, ...], Meta(max_length=16)]
    at: Instant
    trust: Trust
    boot: BootId
    up: Seconds

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.at)


class Playing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is on the screen."""

    session: SessionId
    content: ContentId | None = None
    title: Title = ""
    position: Seconds = 0.0


class Health(Message, frozen=True, kw_only=True, omit_defaults=True):
    """``.../health``: every 300 s and on change; retained, QoS 0, never journalled."""

    at: Instant
    trust: Trust
    boot: BootId
    up: Seconds
    undelivered: Count
    tv: Tv
    catalogue: Count = 0
    programme: Count = 0
    disk_free_bytes: Count | None = None
    temperature_celsius: Annotated[float, Meta(ge=-60, le=150)] | None = None
    card_worn_percent: Annotated[int, Meta(ge=0, le=110)] | None = None
    playing: Playing | None = None
    next_session: Instant | None = None
    fault: Reason | None = None

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.at, self.next_session)


class Events(Message, frozen=True, kw_only=True, omit_defaults=True):
    """``.../events``: 1 to 100 records of one journal, in order, each as the very bytes that were stored."""

    journal: JournalId
    records: Annotated[tuple[Raw, ...], Meta(min_length=1, max_length=100)]


class Stored(Struct, frozen=True, kw_only=True):
    """Everything of ``journal`` up to ``watermark`` is stored at the centre."""

    journal: JournalId
    watermark: Watermark


class WeekMet(Struct, frozen=True, kw_only=True):
    """A school's week is met, whichever room did it."""

    week: Week
    met: bool


class Ack(Message, frozen=True, kw_only=True, omit_defaults=True):
    """``.../ack``: the watermarks, the centre's time, and for a school whether its week is met."""

    time: Instant
    journals: Annotated[tuple[Stored, ...], Meta(max_length=16)]
    nonce: Nonce | None = None
    week: WeekMet | None = None

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.time)


class Command(Message, frozen=True, kw_only=True, tag_field="do", omit_defaults=True):
    """``.../command``: the base; kept by the centre and sent after a hello until it expires."""

    id: CommandId
    issued: Instant
    expires: Instant

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.issued, self.expires)


class Sync(Command, frozen=True, kw_only=True, tag="sync", omit_defaults=True):
    """Refresh the library now."""


class Play(Command, frozen=True, kw_only=True, tag="play", omit_defaults=True):
    """Play these items of the catalogue; never in a lesson hour, postponable like any start."""

    contents: Annotated[tuple[ContentId, ...], Meta(min_length=1, max_length=50)]


class Stop(Command, frozen=True, kw_only=True, tag="stop", omit_defaults=True):
    """End the running session."""


class Bulletin(Command, frozen=True, kw_only=True, tag="bulletin", omit_defaults=True):
    """Carry a signed bulletin; a box that cannot verify it refuses."""

    document: Annotated[str, Meta(min_length=1, max_length=65536)]


class Identify(Command, frozen=True, kw_only=True, tag="identify", omit_defaults=True):
    """Show the station's name on its screen for some seconds."""


class Picture(Command, frozen=True, kw_only=True, tag="picture", omit_defaults=True):
    """Send the box's own output, 320 px wide, in the reply."""


class CollectLogs(Command, frozen=True, kw_only=True, tag="collect-logs", omit_defaults=True):
    """Send the last lines of the box's own log in the reply."""


class Reboot(Command, frozen=True, kw_only=True, tag="reboot", omit_defaults=True):
    """Start the box again once nothing is shown."""


class Update(Command, frozen=True, kw_only=True, tag="update", omit_defaults=True):
    """Install the firmware that the signed library names."""


AnyCommand = Sync | Play | Stop | Bulletin | Identify | Picture | CollectLogs | Reboot | Update

REPLY_LIMIT_BYTES: Final = 64 * 1024 - 1  # divisible by three, so that the length of the base64 says it exactly
Attachment = Annotated[
    bytes,
    Meta(
        max_length=REPLY_LIMIT_BYTES,
        description="base64 on the wire",
        extra_json_schema={"pattern": BASE64_PATTERN},
    ),
]


class Reply(Message, frozen=True, kw_only=True, omit_defaults=True):
    """``.../reply``: what became of a command."""

    command: CommandId
    outcome: Literal["accepted", "done", "refused"]
    reason: Reason = ""
    media_type: Literal["image/jpeg", "text/plain"] | None = None
    attachment: Attachment | None = None


def first_lost(state: JournalState) -> tuple[Sequence, Sequence] | None:
    """The range that a box declares as held no more before the centre had it, if any."""
    if state.first > state.watermark + 1:
        return state.watermark + 1, state.first - 1
    return None
