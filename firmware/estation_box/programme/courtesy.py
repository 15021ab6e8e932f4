"""What one press means: the box obeys whoever stands before it. A table and two functions. Pure.

There is one button (later also the remote's keys): a short press is «later» while a countdown runs and «show something
now» while nothing does; a long one is «tomorrow», «stop» while something is shown, and «my phone» while nothing is. A
second short one at once after the first is «double»: «the next film», while one is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from estation_box.programme.rules import House, next_day

LATER: Final = timedelta(hours=1)
SECOND_THOUGHT_SECONDS: Final = 15.0  # how long after «later» a second press makes it «tomorrow»


class Press(StrEnum):
    """How the button was pressed."""

    SHORT = "short"
    LONG = "long"
    DOUBLE = "double"


class Scene(StrEnum):
    """What the room sees when it is pressed."""

    CARD = "nothing is shown"
    COUNTDOWN = "a countdown runs"
    PUT_OFF = "a start has just been put off"
    SESSION = "a session is shown"
    CLOCK_OFFERED = "a stick offers its time"
    BULLETIN = "an emergency bulletin is shown"


class Act(StrEnum):
    """What the box does."""

    PLAY = "play now"
    LATER = "put off by an hour"
    TOMORROW = "put off to tomorrow"
    STOP = "stop"
    BELIEVE = "believe the offered time"
    NEXT = "the next film"
    PHONE = "a page for somebody's phone"


_ACTS: Final[Mapping[tuple[Scene, Press], Act]] = {
    (Scene.CARD, Press.SHORT): Act.PLAY,
    (Scene.CARD, Press.LONG): Act.PHONE,
    (Scene.COUNTDOWN, Press.SHORT): Act.LATER,
    (Scene.COUNTDOWN, Press.LONG): Act.TOMORROW,
    (Scene.PUT_OFF, Press.SHORT): Act.TOMORROW,
    (Scene.PUT_OFF, Press.LONG): Act.TOMORROW,
    (Scene.PUT_OFF, Press.DOUBLE): Act.TOMORROW,
    (Scene.SESSION, Press.LONG): Act.STOP,
    (Scene.SESSION, Press.DOUBLE): Act.NEXT,
    (Scene.CLOCK_OFFERED, Press.SHORT): Act.BELIEVE,
}


def meaning(scene: Scene, press: Press) -> Act | None:
    """What a press does in this scene; None where it means nothing."""
    return _ACTS.get((scene, press))


def put_off_until(act: Act, now: datetime, house: House) -> datetime:
    """Until when nothing begins by itself after `Act.LATER` or `Act.TOMORROW`: an hour, or local midnight."""
    return next_day(now, house) if act is Act.TOMORROW else now + LATER
