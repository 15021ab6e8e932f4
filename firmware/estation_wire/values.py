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
LANGUAGE_PATTERN: Final = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z"
WEEK_PATTERN: Final = r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])\Z"

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

Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 instant, sent in UTC")]
Seconds = Annotated[float, Meta(ge=0, le=1e9, description="seconds")]
Sequence = Annotated[int, Meta(ge=1, le=2**53 - 1, description="record number in a journal, from 1, no gaps")]
Watermark = Annotated[int, Meta(ge=0, le=2**53 - 1, description="everything up to here is stored; 0 is nothing")]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*\Z")]
Title = Annotated[str, Meta(max_length=200, description="words for people, one line")]
Reason = Annotated[str, Meta(max_length=500, description="why, in plain words")]


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


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` has the shape of one of this module's patterns."""
    return re.match(pattern, text) is not None
