"""The words of the menu: its pages, what a key can make the box do, and what the menu must know. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from estation_box.remote.offer import Shelf

COLUMNS: Final = 5
ROWS: Final = 2  # of topics; the tools stand below them
PAGE: Final = 5  # films that fit on the screen, each large enough for ten metres
SHORT_SECONDS: Final = 300.0  # «five minutes now»
MAX_COUNT: Final = 9999  # people; the largest hall holds fewer
OPEN_SECONDS: Final = 60.0  # then the card is there again
BAR_SECONDS: Final = 8.0


class Stage(StrEnum):
    """What the room sees behind the menu."""

    CARD = "nothing is shown"
    COUNTDOWN = "a countdown runs"
    SESSION = "a session is shown"
    PAUSED = "somebody has stopped the picture"
    OTHER = "something that no key steers"


class Scene(StrEnum):
    """What the menu shows."""

    SHUT = "nothing"
    TOPICS = "topics and tools"
    FILMS = "the films of a topic"
    BAR = "what is playing"
    COUNT = "how many people"
    CLOSED = "why this week is closed"
    CLOCK = "the time by hand"
    INFO = "how the box is"


class Tool(StrEnum):
    """The tiles below the topics."""

    FIVE = "five minutes now"
    COUNT = "count"
    CLOSED = "closed because"
    CLOCK = "clock"
    INFO = "info"


class Act(StrEnum):
    """What the box does."""

    PLAY = "play these"
    PAUSE = "pause"
    RESUME = "go on"
    NEXT = "the next film"
    REWIND = "ten seconds back"
    LANGUAGE = "another language"
    STOP = "stop"
    LATER = "an hour later"
    COUNTED = "so many people"
    CLOSE = "this week is closed"
    SET_CLOCK = "this is the time"


class Reason(StrEnum):
    """Why a week is closed."""

    HOLIDAYS = "holidays"
    EXAMS = "examinations"
    HARVEST = "harvest"
    REPAIR = "repair"


TOOLS: Final = tuple(Tool)
REASONS: Final = tuple(Reason)
FIELDS: Final = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1))
"""What UP and DOWN change on the clock's page, field by field."""


class Deed(Struct, frozen=True, kw_only=True):
    """What the box shall do, and with what."""

    act: Act
    contents: tuple[str, ...] = ()
    number: int = 0
    reason: Reason | None = None
    at: datetime | None = None


class Menu(Struct, frozen=True, kw_only=True):
    """Where people are in the menu. ``at``: the tile, film, reason or field; ``shelf``: which topic's films."""

    scene: Scene = Scene.SHUT
    at: int = 0
    shelf: int = 0
    number: int = 0
    typed: bool = False
    clock: datetime | None = None


class Known(Struct, frozen=True, kw_only=True):
    """What the menu must know: what is held, how many were counted last, the local time, and which turn it is."""

    shelves: tuple[Shelf, ...] = ()
    counted: int = 0
    local: datetime | None = None
    turn: int = 0
