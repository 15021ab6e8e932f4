"""Power-on days: the calendar of a box that may not know the date. Pure.

A power-on day begins at a power-up once the day before has run for at least one hour, and every 24 hours in a box
that stays on. Only the time that the box ran counts, by the monotonic clock; no wall clock is asked.
"""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple

from msgspec import Meta, Struct
from msgspec.structs import replace

from estation_wire.values import BootId, Count, Seconds

HOUR_SECONDS: Final = 3600.0  # a hall that is switched on twice in an hour has not begun another day
DAY_SECONDS: Final = 86400.0
COLDEST_CELSIUS, HOTTEST_CELSIUS = -60.0, 150.0  # beyond them a sensor is broken, and a record would be refused

Monotonic = Annotated[float, Meta(ge=0, le=1e12)]


class DayFacts(Struct, frozen=True, kw_only=True):
    """What may be known of the machine now; None where it is not.

    ``card_written_bytes``: what was written to the card since this power-up, a counter that only grows.
    """

    temperature_celsius: float | None = None
    tv_on: bool | None = None
    card_written_bytes: int | None = None


class DayEnded(Struct, frozen=True, kw_only=True):
    """One power-on day summed up, as the record `Day` wants it; what was never known is None."""

    uptime: float
    resets: int = 0
    hottest_celsius: float | None = None
    tv_on: float | None = None
    card_written_bytes: int | None = None


class RunningDay(Struct, frozen=True, kw_only=True):
    """The day so far, counted up to ``up`` of ``boot``.

    ``began``: at which monotonic second of ``boot`` the day began, or the box was switched on in it.
    ``card_mark``: how far the counter of the card's bytes has been summed up in this boot.
    """

    boot: BootId
    up: Monotonic
    began: Monotonic
    uptime: Seconds = 0.0
    resets: Count = 0
    hottest_celsius: float | None = None
    tv_on: Seconds | None = None
    card_written_bytes: Count | None = None
    card_mark: Count = 0


class Turn(NamedTuple):
    """The day that runs now, and the one that has ended with it."""

    day: RunningDay
    ended: DayEnded | None = None


def power_up(day: RunningDay | None, boot: str, up: float) -> Turn:
    """The box was switched on: a new day where there was none or the former has run for an hour, else the same."""
    if day is None:
        return Turn(RunningDay(boot=boot, up=up, began=up))
    if day.uptime >= HOUR_SECONDS:
        return Turn(RunningDay(boot=boot, up=up, began=up), _summed_up(day, day.uptime))
    return Turn(replace(day, boot=boot, up=up, began=up, resets=day.resets + 1, card_mark=0))


def advance(day: RunningDay, up: float, facts: DayFacts) -> RunningDay:
    """Let the day run on to ``up``, with what is known now."""
    passed = max(up - day.up, 0.0)
    card, mark = day.card_written_bytes, day.card_mark
    if facts.card_written_bytes is not None:
        written = facts.card_written_bytes
        card = (card or 0) + (written - mark if written >= mark else written)  # below the mark: it began anew
        mark = written
    return replace(
        day,
        up=max(up, day.up),
        uptime=day.uptime + passed,
        hottest_celsius=_hotter(day.hottest_celsius, facts.temperature_celsius),
        tv_on=day.tv_on if facts.tv_on is None else (day.tv_on or 0.0) + (passed if facts.tv_on else 0.0),
        card_written_bytes=card,
        card_mark=mark,
    )


def turn(day: RunningDay) -> Turn:
    """The day ends after 24 hours, to the second; what it ran beyond them is the beginning of the next."""
    over = day.uptime - DAY_SECONDS
    if over < 0:
        return Turn(day)
    began = max(day.up - over, 0.0)
    fresh = RunningDay(boot=day.boot, up=day.up, began=began, uptime=over, card_mark=day.card_mark)
    return Turn(fresh, _summed_up(day, DAY_SECONDS))


def is_an_hour(before: RunningDay, after: RunningDay) -> bool:
    """Whether the day has just become one that the next power-up ends: a cut right after shall find that out."""
    return before.uptime < HOUR_SECONDS <= after.uptime


def _hotter(before: float | None, now: float | None) -> float | None:
    if now is None or not COLDEST_CELSIUS <= now <= HOTTEST_CELSIUS:
        return before
    return now if before is None else max(before, now)


def _summed_up(day: RunningDay, uptime: float) -> DayEnded:
    return DayEnded(
        uptime=round(uptime, 1),
        resets=day.resets,
        hottest_celsius=day.hottest_celsius,
        tv_on=round(min(day.tv_on, uptime), 1) if day.tv_on is not None else None,
        card_written_bytes=day.card_written_bytes,
    )
