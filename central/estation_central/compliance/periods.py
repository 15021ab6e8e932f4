"""Cuts a period into the whole months of which sums are kept, and the days before and after them. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)


class Days(NamedTuple):
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date


class Cut(NamedTuple):
    """``months``: the first and the last whole month, such as ``2026-11``, if there is any; ``rest``: days beside."""

    months: tuple[str, str] | None
    rest: tuple[Days, ...]


def cut(begin: date, end: date) -> Cut:
    """The period from ``begin`` to ``end``, both included, each day in exactly one part."""
    if begin > end:
        return Cut(None, ())
    first = begin if begin.day == 1 else _after(begin)
    behind = (end + DAY).replace(day=1)  # the first day of the month that is not whole any more
    if first >= behind:
        return Cut(None, (Days(begin, end),))
    last = behind - DAY
    rest = [Days(begin, first - DAY)] if begin < first else []
    rest += [Days(behind, end)] if behind <= end else []
    return Cut((f"{first:%Y-%m}", f"{last:%Y-%m}"), tuple(rest))


def _after(day: date) -> date:
    """The first day of the next month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
