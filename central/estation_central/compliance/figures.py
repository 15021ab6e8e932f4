"""The sums of any period: sessions, seconds, attendances, bulletins, page views, by whatever they are asked for.

Sessions, attendances and page views are three figures and are never one sum. No word on attendance is unknown, never
0: `Figures.told` says of how many sessions there is one. By language there are figures of supply, by county alone.
Everything is of the site at which the station stood in that week (`registry.standing`), wherever it stands by now.
"""
# ruff: noqa: S608 (what is put into the text are names of this module)

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from math import fsum
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import transaction
from django.db.models import QuerySet
from msgspec import Struct

from estation_central.compliance import periods, tables
from estation_central.compliance.models import ItemTopic
from estation_central.compliance.tables import run
from estation_central.registry.models import Level, Region, Site
from estation_wire.counts import Evidence


class By(StrEnum):
    """What sessions are summed by."""

    COUNTY = "county"
    SITE = "site"
    KIND = "kind"
    SERIES = "series"
    WEEK = "week"


_COLUMN: Final = {
    By.COUNTY: "region.path",  # folded to counties afterwards: a database compares each with every county
    By.SITE: "site.code",
    By.KIND: "site.kind",
    By.SERIES: "showing.series",
    By.WEEK: "showing.week",
}
_STAY: Final = """
JOIN station_stay AS stay
  ON stay.station = {table}.station AND {table}.day BETWEEN stay.first_day AND stay.last_day"""
_PLACES: Final = f"""{_STAY} JOIN site ON site.code = stay.site JOIN region ON region.id = site.region_id"""
_WITHIN: Final = "sums.site IN (SELECT site.code FROM site JOIN region ON region.id = site.region_id WHERE {where})"
_ANYWHERE: Final = "1 = 1"

_SESSIONS: Final = f"""
SELECT {{key}} AS key, sum(showing.sessions) AS sessions, sum(showing.enough) AS enough,
  sum(showing.seconds) AS seconds, sum(showing.attendances) AS attendances, sum(showing.told) AS told
FROM (
  SELECT stay.site AS site, showing.{{apart}} AS {{apart}}, count(*) AS sessions,
    sum(CASE WHEN showing.enough THEN 1 ELSE 0 END) AS enough, sum(showing.counting) AS seconds,
    sum(COALESCE(counted.number, showing.attendance)) AS attendances,
    count(COALESCE(counted.number, showing.attendance)) AS told
  FROM showing {_STAY.format(table="showing")}
  LEFT JOIN attendance_counted AS counted
    ON counted.station = showing.station AND counted.session = showing.session
  WHERE showing.day BETWEEN %s AND %s AND showing.evidence <> %s GROUP BY 1, 2) AS showing
JOIN site ON site.code = showing.site JOIN region ON region.id = site.region_id
WHERE {{where}} GROUP BY 1"""
_MONTHS: Final = """
SELECT {key} AS key, sum(site_month.sessions) AS sessions, sum(site_month.enough) AS enough,
  sum(site_month.seconds) AS seconds, sum(site_month.attendances) AS attendances, sum(site_month.told) AS told
FROM site_month JOIN site ON site.code = site_month.site JOIN region ON region.id = site.region_id
WHERE site_month.month BETWEEN %s AND %s AND {where} GROUP BY 1"""

_ITEMS: Final = """
SELECT {key} AS key, sum(times) AS times, sum(milliseconds) AS milliseconds
FROM {table} AS sums WHERE {span} BETWEEN %s AND %s AND {within} GROUP BY 1"""


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


def sessions(by: By, begin: date, end: date, region: str = "", sites: QuerySet[Site] | None = None) -> list[Figures]:
    """Sessions of the local days from ``begin`` to ``end``, both included; ``region``: a region's path, or all.

    ``sites``: of these alone. A session at a TV that was off is in no sum: nobody can have seen it. Whole months are
    taken from the sums that are kept of them; only by week every session is looked at.
    """
    cut = periods.Cut(None, (periods.Days(begin, end),)) if by is By.WEEK else periods.cut(begin, end)
    where, limits = _limit(region, sites)
    parts, values = [], list[Any]()
    if cut.months is not None:
        parts.append(_MONTHS.format(key=_COLUMN[by].replace("showing.", "site_month."), where=where))
        values += [*cut.months, *limits]
    for days in cut.rest:
        apart = "week" if by is By.WEEK else "series"  # first by site: few rows are left to be looked up
        parts.append(_SESSIONS.format(key=_COLUMN[by], apart=apart, where=where))
        values += [f"{days.first}", f"{days.last}", Evidence.TV_OFF.value, *limits]
    if not parts:
        return []
    rows = run(
        f"SELECT key, sum(sessions), sum(enough), sum(seconds), sum(attendances), sum(told) "
        f"FROM ({' UNION ALL '.join(parts)}) AS parts GROUP BY key ORDER BY 1",
        values,
    )
    told = [
        Figures(
            key=key,
            sessions=int(count),
            enough=int(enough),
            seconds=seconds,
            attendances=None if number is None else int(number),
            told=int(told),
        )
        for key, count, enough, seconds, number, told in rows
    ]
    return _by_county(told) if by is By.COUNTY else told


def _by_county(told: Iterable[Figures]) -> list[Figures]:
    """Sums of regions' paths as those of their counties, by code; a region above all counties stands by itself."""
    known = {path: (code, level) for path, code, level in Region.objects.values_list("path", "code", "level")}
    found: dict[str, list[Figures]] = {}
    for each in told:
        ids = each.key.split("/")[:-1]
        above = [known[f"{'/'.join(ids[: depth + 1])}/"] for depth in range(len(ids))]
        code = next((code for code, level in above if level == Level.COUNTY), above[-1][0])
        found.setdefault(code, []).append(each)
    return [_sum(code, found[code]) for code in sorted(found)]


def _sum(key: str, parts: Sequence[Figures]) -> Figures:
    numbers = [each.attendances for each in parts if each.attendances is not None]
    return Figures(
        key=key,
        sessions=sum(each.sessions for each in parts),
        enough=sum(each.enough for each in parts),
        seconds=fsum(each.seconds for each in parts),
        attendances=sum(numbers) if numbers else None,
        told=sum(each.told for each in parts),
    )


def _limit(region: str, sites: QuerySet[Site] | None) -> tuple[str, list[Any]]:
    """What limits a statement over ``site`` and ``region`` to a region and to sites, and its values."""
    words, values = (["region.path LIKE %s"], [f"{region}%"]) if region else (list[str](), list[Any]())
    if sites is not None:
        try:
            asked, more = sites.order_by().values("code").query.sql_with_params()
        except EmptyResultSet:  # Django knows already that there are none
            return "1 = 0", []
        if " WHERE " in asked:  # whoever may see the whole network is not asked for each row
            words.append(f"site.code IN ({asked})")
            values = [*values, *more]
    return " AND ".join(words) or _ANYWHERE, values


def topics(begin: date, end: date, region: str = "", sites: QuerySet[Site] | None = None) -> list[Shown]:
    """What was shown, by topic; an item that no catalogue of ours names stands under an empty one."""
    return _items("topic", begin, end, _limit(region, sites))


def name_topics(topics: Mapping[str, str]) -> None:
    """Keep the topic of each item, by its content id; items of older catalogues keep theirs, and are counted still.

    Sites that showed an item which has another topic now are reckoned once more in the next pass.
    """
    with transaction.atomic():
        tables.lock_topics(alone=True)
        before = dict(ItemTopic.objects.values_list("content", "topic"))
        changed = [content for content, topic in topics.items() if before.get(content) != topic]
        rows = [ItemTopic(content=content, topic=topics[content]) for content in changed]
        ItemTopic.objects.bulk_create(
            rows, batch_size=500, update_conflicts=True, unique_fields=["content"], update_fields=["topic"]
        )
        tables.reckon_again(changed)


def languages(county: str, begin: date, end: date) -> list[Shown]:
    """What was offered in a county, by language: figures of supply. There are none of anything smaller."""
    path = Region.objects.filter(code=county, level=Level.COUNTY).values_list("path", flat=True).first()
    return [] if path is None else _items("language", begin, end, _limit(path, None))


def bulletins(begin: date, end: date, sites: QuerySet[Site] | None = None) -> list[Shown]:
    """How often each bulletin was on a screen; ``sites``: on a screen of these."""
    where, values = _limit("", sites)
    rows = run(
        f"SELECT bulletin, sum(times) FROM bulletin_shown {_PLACES.format(table='bulletin_shown')} "
        f"WHERE day BETWEEN %s AND %s AND {where} GROUP BY bulletin ORDER BY 1",
        [f"{begin}", f"{end}", *values],
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


def _items(key: str, begin: date, end: date, limit: tuple[str, list[Any]]) -> list[Shown]:
    """Sums of items by a column: whole months from the sums that are kept of months, the days beside from theirs."""
    where, limits = limit
    cut, parts, values = periods.cut(begin, end), list[str](), list[Any]()
    words = {"key": key, "within": where if where == _ANYWHERE else _WITHIN.format(where=where)}
    if cut.months is not None:
        parts.append(_ITEMS.format(table="site_topic_month", span="month", **words))
        values += [*cut.months, *limits]
    for days in cut.rest:
        parts.append(_ITEMS.format(table="site_topic_day", span="day", **words))
        values += [f"{days.first}", f"{days.last}", *limits]
    if not parts:
        return []
    rows = run(
        f"SELECT key, sum(times), sum(milliseconds) FROM ({' UNION ALL '.join(parts)}) AS parts GROUP BY key "
        "ORDER BY 1",
        values,
    )
    return [Shown(key=key, times=int(times), seconds=int(milliseconds) / 1000) for key, times, milliseconds in rows]
