"""The small types that every message, record and document is made of, with their limits.

Everything from outside is bounded here, in the type, so that a decoder refuses it once and the rest
of the code may believe what it holds.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

CONTRACT_MAJOR: Final = 1
"""The major version of the contract that this code speaks. A newer major is refused."""

REGION_PATTERN: Final = r"^[0-9]{6}\Z"
STATION_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,47}\Z"
HEX32_PATTERN: Final = r"^[0-9a-f]{32}\Z"
HEX64_PATTERN: Final = r"^[0-9a-f]{64}\Z"
NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]*\Z"
LANGUAGE_PATTERN: Final = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z"
WEEK_PATTERN: Final = r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])\Z"
BASE64_PATTERN: Final = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z"
ONE_LINE_PATTERN: Final = r"^[^\u0000-\u001f\u007f]*\Z"
NO_NUL_PATTERN: Final = r"^[^\u0000]*\Z"  # a NUL is legal JSON, but PostgreSQL can store it in no text column
ZONE_PATTERN: Final = r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*){0,3}\Z"
HOST_PATTERN: Final = r"^[A-Za-z0-9:][A-Za-z0-9.:-]*\Z"

EARLIEST_YEAR: Final = 1970  # a box without a clock wakes up there
LATEST_YEAR: Final = 2999  # far from year 9999, where adding a time zone's offset overflows
INSTANT_PATTERN: Final = (
    r"^(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])\Z"
)
"""How an instant is written. The decoder is more lenient (a small ``t`` or ``z``, a space for the T)."""

Major = Annotated[int, Meta(ge=1, le=999, description="major version of the contract")]
Region = Annotated[str, Meta(pattern=REGION_PATTERN, description="county code (GB/T 2260)")]
Station = Annotated[str, Meta(pattern=STATION_PATTERN, description="station name, one box on one TV")]
JournalId = Annotated[str, Meta(pattern=HEX32_PATTERN, description="random id of one journal")]
BootId = Annotated[str, Meta(pattern=HEX32_PATTERN, description="random id of one boot")]
SessionId = Annotated[str, Meta(pattern=HEX32_PATTERN, description="random id of one session")]
CommandId = Annotated[str, Meta(pattern=HEX32_PATTERN, description="random id of one command")]
Nonce = Annotated[str, Meta(pattern=HEX32_PATTERN, description="random, repeated in the answer")]
ContentId = Annotated[str, Meta(pattern=HEX64_PATTERN, description="SHA-256 of the block list")]
RecordHash = Annotated[str, Meta(pattern=HEX64_PATTERN, description="SHA-256 of a record's bytes")]
Language = Annotated[str, Meta(pattern=LANGUAGE_PATTERN, description="BCP 47 tag, script where it matters")]
Week = Annotated[str, Meta(pattern=WEEK_PATTERN, description="ISO 8601 week in local time")]

Instant = Annotated[
    datetime,
    Meta(tz=True, description="RFC 3339 instant, sent in UTC", extra_json_schema={"pattern": INSTANT_PATTERN}),
]
Seconds = Annotated[float, Meta(ge=0, le=1e9, description="seconds")]
Sequence = Annotated[int, Meta(ge=1, le=2**53 - 1, description="record number in a journal, from 1, no gaps")]
Watermark = Annotated[int, Meta(ge=0, le=2**53 - 1, description="everything up to here is stored; 0 is nothing")]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=NAME_PATTERN)]
Title = Annotated[str, Meta(max_length=200, pattern=ONE_LINE_PATTERN, description="words for people, one line")]
Reason = Annotated[str, Meta(max_length=500, pattern=NO_NUL_PATTERN, description="why, in plain words")]
Zone = Annotated[str, Meta(min_length=1, max_length=64, pattern=ZONE_PATTERN, description="IANA time zone")]


class Trust(StrEnum):
    """How far the box's clock can be believed, best first. See the clock's table of design."""

    NETWORK = "network"
    RTC = "rtc"
    STICK = "stick"
    HAND = "hand"
    GUESS = "guess"


class Tv(StrEnum):
    """What is known of the TV while something was shown."""

    ON = "on"
    UNKNOWN = "unknown"
    OFF = "off"


class Origin(StrEnum):
    """Who asked for a session."""

    PLANNED = "planned"
    MAKE_UP = "make-up"
    KEEPER = "keeper"
    COMMAND = "command"


def refuse_far(*instants: datetime | None) -> None:
    """Raise `ValueError` for an instant outside the years of the contract; every type with an instant calls it."""
    for instant in instants:
        if instant is not None and not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
            msg = f"Expected an instant of the years {EARLIEST_YEAR} to {LATEST_YEAR}, got {instant.isoformat()}"
            raise ValueError(msg)


def fitting(text: str, most: int) -> str:
    """``text`` as it may stand in a `Title` or `Reason`: one line, UTF-8, at most ``most`` characters.

    Nothing is checked on the way out, so whoever puts words from outside (a file's name, another program's
    complaint) into a record brings them through here; else the centre would refuse the record.
    """
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text.encode(errors="replace").decode()).strip()[:most]


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` has the shape of one of this module's patterns."""
    return re.match(pattern, text) is not None
