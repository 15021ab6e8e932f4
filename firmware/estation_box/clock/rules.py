"""How far the clock can be believed, and what it may never go below. Pure.

Two floors. The *floor* is the latest of the image's build, the last saved time and the signed times seen: nobody
who is not vouched for is believed below it. The *proven* floor is the latest of the image's build and the time as
the centre itself last told it: down to there the centre is believed, and then the floor comes down to what it says.
So a signed time, a keeper or a time server that was wrong by years does not lock the truth out for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from estation_wire.values import EARLIEST_YEAR, LATEST_YEAR, Trust

LEAP: Final = timedelta(seconds=60)  # records are dated again above this; a start more than this late is a miss
ROUNDING: Final = timedelta(seconds=60)  # by how much truth may lie below the floor: the floor is told by other clocks
RTC_BEHIND: Final = timedelta(minutes=10)  # a box that ran for 70 days at 100 ppm saved a floor so far ahead of its RTC
DRIFT: Final = 200e-6  # no quartz of a board is that fast; what is proven shall not run ahead of the truth
LOOK_SECONDS: Final = 10.0  # how often the kernel is asked whether its clock is synchronised
SAVE_SECONDS: Final = 600.0  # by so much a box without a clock is late at worst after a power cut
RTC_SECONDS: Final = 86400.0  # how often the RTC is set while the network tells the time: it loses 2 s a week
OFFER_SECONDS: Final = 120.0  # a keeper reads the card and finds the button; after that nobody stands there


class Reading(NamedTuple):
    """At ``up`` monotonic seconds of this boot it was ``at``, believed as far as ``trust``.

    ``floor``: at that instant it was certainly not earlier than this. ``proven``: the centre is believed down to
    here. ``told``: what it was at that instant by the centre's last word in this boot; None where there was none.
    """

    at: datetime
    up: float
    trust: Trust
    floor: datetime
    proven: datetime
    told: datetime | None = None


class Offer(NamedTuple):
    """The signed time of a stick that came at ``up``, for the keeper to confirm."""

    time: datetime
    up: float


class Refusal(StrEnum):
    """Why the clock cannot be set by hand, in words for the keeper."""

    NO_ZONE = "the time must come with its zone"
    FAR = "that year cannot be meant"
    KNOWN = "the time is known from the network and need not be set"
    EARLY = "it is certainly later than that: look at the year and the month"


def floor_of(image_build: datetime, *seen: datetime | None) -> datetime:
    """What the clock may never go below: the latest of the image's build, the last saved and the signed times seen."""
    return max(image_build, *(instant for instant in seen if instant is not None and sane(instant)), image_build)


def sane(instant: datetime) -> bool:
    """Whether an instant lies in the years that the contract knows."""
    return EARLIEST_YEAR <= instant.year <= LATEST_YEAR


def first(wall: datetime, up: float, floor: datetime, proven: datetime) -> Reading:
    """The clock at the start of the process: what the system says, but never below the floor, and only a guess."""
    return Reading(max(wall, floor) if sane(wall) else floor, up, Trust.GUESS, floor, proven)


def from_rtc(told: datetime, up: float, floor: datetime, proven: datetime) -> Reading | None:
    """The clock after a power cut by an RTC that this box had set; None where it has lost the time."""
    if not sane(told) or told < floor - RTC_BEHIND:
        return None
    return Reading(max(told, floor), up, Trust.RTC, floor, proven)


def read(reading: Reading, up: float) -> datetime:
    """The time at ``up``. It runs by the monotonic clock alone, so that no step of the system's clock is seen."""
    return reading.at + elapsed(reading, up)


def elapsed(reading: Reading, up: float) -> timedelta:
    """The time since the reading, by the monotonic clock."""
    return timedelta(seconds=max(up - reading.up, 0.0))


def run_on(reading: Reading, up: float) -> Reading:
    """The same clock as it reads at ``up``.

    The floor rises with a guess alone. Above a guess it stays, so that what was believed can be set right in the
    same boot: a keeper who mistook the year, a time server that came to its senses.
    """
    passed = elapsed(reading, up)
    return reading._replace(
        at=reading.at + passed,
        up=max(up, reading.up),
        floor=reading.floor + passed if reading.trust is Trust.GUESS else reading.floor,
        told=reading.told + passed * (1 - DRIFT) if reading.told is not None else None,
    )


def floor_at(reading: Reading, up: float) -> datetime:
    """It is certainly not earlier than this at ``up``: what may be saved for the next boot.

    While the time is a guess, it is the floor and the time since, and not the guess: a clock that was
    once wrong by years shall not hold every later boot there.
    """
    now = run_on(reading, up)
    return now.floor if now.trust is Trust.GUESS else now.at


def proven_at(reading: Reading, up: float) -> datetime:
    """The proven floor that may be saved at ``up``: the centre's word and the time since, or what it was before."""
    now = run_on(reading, up)
    return now.proven if now.told is None else max(now.proven, now.told)


def is_astray(reading: Reading, wall: datetime, up: float) -> bool:
    """Whether the system's clock shows quite another time than the box knows; a guess knows nothing better."""
    return reading.trust is not Trust.GUESS and abs(read(reading, up) - wall) > LEAP


def believe(reading: Reading, told: datetime, up: float) -> Reading | None:
    """The clock after the system's time servers told the time; None where that is below the floor.

    Nobody vouches for a time server: it does not touch what is proven.
    """
    now = run_on(reading, up)
    if not sane(told) or told < now.floor - ROUNDING:
        return None
    return now._replace(at=max(told, now.floor), trust=Trust.NETWORK)


def believe_centre(reading: Reading, told: datetime, up: float) -> Reading | None:
    """The clock after the centre told the time; None where that is below what is proven.

    The private authority vouches for the centre: a floor that lies above its word was wrong, and comes down to it.
    """
    now = run_on(reading, up)
    if not sane(told) or told < now.proven - ROUNDING:
        return None
    at = max(told, now.proven)
    return now._replace(at=at, trust=Trust.NETWORK, floor=min(now.floor, at), told=at)


def raise_floor(reading: Reading, signed: datetime, up: float) -> Reading:
    """The clock after a signed time was seen: it raises the floor, and the clock with it, but not the trust.

    Not where the centre has told the time and the signed one lies in its future: whoever signed had a wrong clock.
    """
    now = run_on(reading, up)
    if not sane(signed) or (now.told is not None and signed > now.at):
        return now
    return now._replace(at=max(now.at, signed), floor=max(now.floor, signed))


def floor_rose(before: Reading, after: Reading) -> bool:
    """Whether the floor is another than time alone would have made it: worth a page on the card."""
    return after.floor - run_on(before, after.up).floor > LEAP


def offered(offer: Offer, reading: Reading, up: float) -> datetime | None:
    """The time that the keeper may confirm; None above a guess, after `OFFER_SECONDS`, or where it is later already."""
    if reading.trust is not Trust.GUESS or up - offer.up >= OFFER_SECONDS:
        return None
    at, floor = offer.time + timedelta(seconds=up - offer.up), run_on(reading, up).floor
    return max(at, floor) if at >= floor - ROUNDING else None


def refusal(reading: Reading, instant: datetime, up: float) -> Refusal | None:
    """Why a keeper's time is not taken; None where it is. To the minute is good enough."""
    if instant.tzinfo is None:
        return Refusal.NO_ZONE
    if not sane(instant):
        return Refusal.FAR
    if reading.trust is Trust.NETWORK:
        return Refusal.KNOWN
    return Refusal.EARLY if instant < run_on(reading, up).floor - ROUNDING else None


def set_to(reading: Reading, instant: datetime, up: float, trust: Trust) -> Reading:
    """The clock after a person said what time it is: by hand, or by one press on the time of a stick."""
    now = run_on(reading, up)
    return now._replace(at=max(instant.astimezone(UTC), now.floor), trust=trust)


def is_a_step(before: Reading, after: Reading) -> bool:
    """Whether earlier records of this boot must be dated again: truth arrived, or it is quite another."""
    return before.trust is not after.trust or abs(read(before, after.up) - after.at) > LEAP
