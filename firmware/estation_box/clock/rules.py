"""How far the clock can be believed, and what it may never go below. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from estation_wire.values import EARLIEST_YEAR, LATEST_YEAR, Trust

LEAP: Final = timedelta(seconds=60)  # records are dated again above this; a start more than this late is a miss
ROUNDING: Final = timedelta(seconds=60)  # by how much truth may lie below the floor: the floor is told by other clocks
LOOK_SECONDS: Final = 10.0  # how often the kernel is asked whether its clock is synchronised
SAVE_SECONDS: Final = 600.0  # by so much a box without a clock is late at worst after a power cut


class Reading(NamedTuple):
    """At ``up`` monotonic seconds of this boot it was ``at``, believed as far as ``trust``.

    ``floor``: at that instant it was certainly not earlier than this.
    """

    at: datetime
    up: float
    trust: Trust
    floor: datetime


def floor_of(image_build: datetime, *seen: datetime | None) -> datetime:
    """What the clock may never go below: the latest of the image's build, the last saved and the signed times seen."""
    return max(image_build, *(instant for instant in seen if instant is not None and sane(instant)), image_build)


def sane(instant: datetime) -> bool:
    """Whether an instant lies in the years that the contract knows."""
    return EARLIEST_YEAR <= instant.year <= LATEST_YEAR


def first(wall: datetime, up: float, floor: datetime) -> Reading:
    """The clock at the start of the process: what the system says, but never below the floor, and only a guess."""
    return Reading(max(wall, floor) if sane(wall) else floor, up, Trust.GUESS, floor)


def read(reading: Reading, up: float) -> datetime:
    """The time at ``up``. It runs by the monotonic clock alone, so that no step of the system's clock is seen."""
    return reading.at + elapsed(reading, up)


def floor_at(reading: Reading, up: float) -> datetime:
    """It is certainly not earlier than this at ``up``: what may be saved for the next boot.

    While the time is a guess, it is the floor and the time since, and not the guess: a clock that was
    once wrong by years shall not hold every later boot there.
    """
    return read(reading, up) if reading.trust is not Trust.GUESS else reading.floor + elapsed(reading, up)


def elapsed(reading: Reading, up: float) -> timedelta:
    """The time since the reading, by the monotonic clock."""
    return timedelta(seconds=max(up - reading.up, 0.0))


def believe(reading: Reading, told: datetime, up: float) -> Reading | None:
    """The clock after the network told the time; None where that is below the floor and cannot be true."""
    floor = floor_at(reading, up) if reading.trust is Trust.GUESS else reading.floor
    if not sane(told) or told < floor - ROUNDING:
        return None
    return Reading(max(told, floor), up, Trust.NETWORK, floor)


def raise_floor(reading: Reading, signed: datetime, up: float) -> Reading:
    """The clock after a signed time was seen: it raises the floor, and the clock with it, but not the trust."""
    now = read(reading, up)
    floor = max(reading.floor, signed) if sane(signed) else reading.floor
    return Reading(max(now, floor), up, reading.trust, max(floor, floor_at(reading, up)))


def is_a_step(before: Reading, after: Reading) -> bool:
    """Whether earlier records of this boot must be dated again: truth arrived, or it is quite another."""
    return before.trust is not after.trust or abs(read(before, after.up) - after.at) > LEAP
