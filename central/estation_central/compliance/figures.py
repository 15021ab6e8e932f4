"""The sums of any period: sessions, seconds, attendances, bulletins, page views, by whatever they are asked for.

Sessions, attendances and page views are three figures and are never one sum. No word on attendance is unknown, never
0: `Figures.told` says of how many sessions there is one. By language there are figures of supply, by county alone.
"""
# ruff: noqa: S608 (what is put into the text are names of this module)

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from msgspec import Struct

from estation_central.compliance.tables import run
from estation_wire.counts import Evidence


class By(StrEnum):
    """What sessions are summed by."""

    COUNTY = "county"
    SITE = "site"
    KIND = "kind"
    SERIES = "series"
    WEEK = "week"


_COLUMN: Final = {
    By.COUNTY: "COALESCE(county.code, region.code)",
    By.SITE: "site.code",
    By.KIND: "site.kind",
    By.SERIES: "showing.series",
    By.WEEK: "showing.week",
}
_PLACES: Final = """
JOIN station ON station.name = {table}.station JOIN site ON site.code = station.site
JOIN region ON region.id = site.region_id
LEFT JOIN region AS county ON county.level = 'county' AND region.path LIKE county.path || '%%'"""


class Figures(Struct, frozen=True, kw_only=True):
    """Sums of one key. ``attendances`` is None where nobody counted; ``told``: the sessions of which somebody did."""

    key: str
    sessions: int
    enough: int
    seconds: float
    attendances: int | None
    told: int


class Shown(Struct, frozen=True, kw_only=True):
    """How often and how long items were shown."""

    key: str
    times: int
    seconds: float


def sessions(by: By, begin: date, end: date, region: str = "") -> list[Figures]:
    """Sessions of the local days from ``begin`` to ``end``, both included; ``region``: a region's path, or all.

    A session at a TV that was off is in no sum: nobody can have seen it.
    """
    rows = run(
        f"""
        SELECT {_COLUMN[by]}, count(*), sum(CASE WHEN showing.enough THEN 1 ELSE 0 END), sum(showing.counting),
          sum(COALESCE(counted.number, showing.attendance)), count(COALESCE(counted.number, showing.attendance))
        FROM showing {_PLACES.format(table="showing")}
        LEFT JOIN attendance_counted AS counted
          ON counted.station = showing.station AND counted.session = showing.session
        WHERE showing.day BETWEEN %s AND %s AND region.path LIKE %s AND showing.evidence <> %s
        GROUP BY {_COLUMN[by]} ORDER BY 1""",
        [f"{begin}", f"{end}", f"{region}%", Evidence.TV_OFF.value],
    )
    return [
        Figures(
            key=key,
            sessions=count,
            enough=int(enough),
            seconds=seconds,
            attendances=None if number is None else int(number),
            told=told,
        )
        for key, count, enough, seconds, number, told in rows
    ]


def topics(begin: date, end: date, region: str = "") -> list[Shown]:
    """What was shown, by topic; an item that no catalogue of ours names stands under an empty one."""
    return _items("COALESCE(item_topic.topic, '')", begin, end, region)


def languages(county: str, begin: date, end: date) -> list[Shown]:
    """What was offered in a county, by language: figures of supply. There are none of anything smaller."""
    return _items("item_shown.language", begin, end, "", county)


def bulletins(begin: date, end: date) -> list[Shown]:
    """How often each bulletin was on a screen."""
    rows = run(
        "SELECT bulletin, sum(times) FROM bulletin_shown WHERE day BETWEEN %s AND %s GROUP BY bulletin ORDER BY 1",
        [f"{begin}", f"{end}"],
    )
    return [Shown(key=key, times=int(times), seconds=0.0) for key, times in rows]


def page_views(begin: date, end: date) -> dict[str, int]:
    """How often each bulletin's public page was opened: a figure of its own."""
    rows = run(
        "SELECT bulletin, sum(views) FROM page_view WHERE day BETWEEN %s AND %s GROUP BY bulletin ORDER BY 1",
        [f"{begin}", f"{end}"],
    )
    return {bulletin: int(views) for bulletin, views in rows}


def count_view(bulletin: str, day: date) -> None:
    """Somebody opened the public page of a bulletin. Of who it was nothing is known here, and nothing is kept."""
    run(
        "INSERT INTO page_view (bulletin, day, views) VALUES (%s, %s, 1) "
        "ON CONFLICT (bulletin, day) DO UPDATE SET views = page_view.views + 1",
        [bulletin, f"{day}"],
    )


def _items(column: str, begin: date, end: date, region: str, county: str = "") -> list[Shown]:
    where = "AND COALESCE(county.code, region.code) = %s" if county else ""
    rows = run(
        f"""
        SELECT {column}, sum(item_shown.times), sum(item_shown.milliseconds)
        FROM item_shown JOIN showing
          ON showing.station = item_shown.station AND showing.session = item_shown.session
        {_PLACES.format(table="showing")}
        LEFT JOIN item_topic ON item_topic.content = item_shown.content
        WHERE showing.day BETWEEN %s AND %s AND region.path LIKE %s AND showing.evidence <> %s {where}
        GROUP BY {column} ORDER BY 1""",
        [f"{begin}", f"{end}", f"{region}%", Evidence.TV_OFF.value, *([county] if county else [])],
    )
    return [Shown(key=key, times=int(times), seconds=int(milliseconds) / 1000) for key, times, milliseconds in rows]
