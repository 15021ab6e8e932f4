"""For how many hours the boxes have seen their TVs on, by local month: what of the electricity was for the programme.

A TV that tells nothing is unknown and never 0: `TvMonth.known` says of how many days there is a word.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from estation_central.compliance.tables import instant, run
from estation_wire import codec
from estation_wire.records import Day
from estation_wire.values import Trust


class TvMonth(Struct, frozen=True, kw_only=True):
    """One station's month. ``days``: power-on days that it has told of; ``seconds``: None where no TV was ever seen."""

    station: str
    month: str
    days: int
    known: int
    seconds: float | None


class Told(NamedTuple):
    """A `day` record of a station, and when it came."""

    station: str
    zone: str
    received: datetime
    day: Day


def months(told: Iterable[Told]) -> list[TvMonth]:
    """The sums by station and month. Pure. A day is that of its record; a guessed one that of its coming."""
    sums: dict[tuple[str, str], tuple[int, int, float]] = {}
    for each in told:
        at = each.received if each.day.trust is Trust.GUESS else each.day.at
        key = each.station, f"{at.astimezone(ZoneInfo(each.zone)):%Y-%m}"
        days, known, seconds = sums.get(key, (0, 0, 0.0))
        seen = each.day.tv_on
        sums[key] = days + 1, known + (seen is not None), seconds + (seen or 0.0)
    return [
        TvMonth(station=station, month=month, days=days, known=known, seconds=seconds if known else None)
        for (station, month), (days, known, seconds) in sorted(sums.items())
    ]


def tv_months(since: datetime, region: str = "") -> list[TvMonth]:
    """The months of what was received ``since`` an instant; ``region``: a region's path, or all."""
    rows = run(
        """
        SELECT station.name, site.timezone, journal_record.received, journal_record.raw
        FROM journal_record JOIN station ON station.name = journal_record.station
        JOIN site ON site.code = station.site JOIN region ON region.id = site.region_id
        WHERE journal_record.kind = 'day' AND journal_record.understood AND journal_record.received >= %s
          AND region.path LIKE %s
        ORDER BY 1, journal_record.journal, journal_record.seq""",
        [f"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00", f"{region}%"],
    )
    return months(_told(rows))


def _told(rows: Iterable[tuple[str, str, datetime | str, str]]) -> Iterable[Told]:
    for station, zone, received, raw in rows:
        record = codec.decode_record(raw.encode())
        if isinstance(record, Day):
            yield Told(station, zone, instant(received), record)
