"""How often each item of the library was shown, at how many sites: kept by month, asked for any months.

There is a row for each site, month and item (`item_month`), and one for each month and item (`item_total`), which is
their sum: of a whole network, the first are some hundred thousand a year. Both are brought up to date with the sites,
in the same transaction, by what differs.
"""
# ruff: noqa: S608 (what is put into the text are names and signs of this module)

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from msgspec import Struct

from estation_central.compliance import tables
from estation_central.compliance.tables import Changed, Row
from estation_central.publication.models import Offered
from estation_central.registry.models import Site
from estation_wire.counts import Evidence

_ITEMS: Final = """
SELECT stay.site, substr(showing.day, 1, 7), item_shown.content,
  sum(item_shown.times), sum(item_shown.milliseconds)
FROM item_shown JOIN showing ON showing.station = item_shown.station AND showing.session = item_shown.session
JOIN station_stay AS stay ON stay.station = showing.station AND showing.day BETWEEN stay.first_day AND stay.last_day
WHERE item_shown.station IN ({stations}) AND showing.evidence <> %s GROUP BY 1, 2, 3"""


class Months(NamedTuple):
    """From ``first`` to ``last``, both included; such as ``2026-11``."""

    first: str
    last: str


class Play(Struct, kw_only=True):
    """An item, and how often and how long it was shown. ``item``: None where no catalogue here ever named it."""

    content: str
    item: Offered | None
    times: int
    seconds: float


def bring_up_to_date(sites: Collection[str], stations: Sequence[str]) -> None:
    """Let the months of ``sites`` be what the showings of their ``stations`` say; in the caller's transaction."""
    ours = set(sites)
    rows: list[Row] = []
    if stations:
        asked = _ITEMS.format(stations=", ".join(["%s"] * len(stations)))
        found = tables.run(asked, [*stations, Evidence.TV_OFF.value])
        rows = [(*key, int(times), int(milliseconds)) for *key, times, milliseconds in found if key[0] in ours]
    _add_up(tables.replace(tables.ITEM_MONTH, sites, rows))


def _add_up(changed: Changed) -> None:
    """Move the sums of all sites by what differs. In the order of their keys: several reckon side by side."""
    sums: dict[Row, tuple[int, int]] = {}
    for sign, rows in ((-1, changed.gone), (1, changed.fresh)):
        for _site, *key, times, milliseconds in rows:
            before = sums.get(tuple(key), (0, 0))
            sums[tuple(key)] = (before[0] + sign * times, before[1] + sign * milliseconds)
    moved = {key: sums[key] for key in sorted(sums) if sums[key] != (0, 0)}
    tables.add_up(tables.ITEM_TOTAL, moved)
    less = [key for key, figures in moved.items() if min(figures) < 0]
    if less:
        with connection.cursor() as cursor:
            cursor.executemany(
                "DELETE FROM item_total WHERE month = %s AND content = %s AND times = 0 AND milliseconds = 0", less
            )


def listed(months: Months, sites: QuerySet[Site] | None) -> list[Play]:
    """Every item of the library, and every other that was shown; ``sites``: as far as these showed it, None: all."""
    sums = _sums(months, sites)
    items = {each.content: each for each in Offered.objects.filter(gone=None)}
    items |= Offered.objects.in_bulk([content for content in sums if content not in items])
    return [
        Play(content=content, item=items.get(content), times=times, seconds=milliseconds / 1000)
        for content in {**items, **sums}
        for times, milliseconds in [sums.get(content, (0, 0))]
    ]


def sites_of(contents: Sequence[str], months: Months, sites: QuerySet[Site] | None) -> dict[str, int]:
    """At how many of ``sites`` each item was shown; ``contents``: those of a page."""
    if not contents:
        return {}
    where, values = _limit(sites)
    rows = tables.run(
        f"SELECT content, count(DISTINCT site) FROM item_month WHERE content IN ({', '.join(['%s'] * len(contents))}) "
        f"AND month BETWEEN %s AND %s AND {where} GROUP BY content",
        [*contents, *months, *values],
    )
    return dict(rows)


def _sums(months: Months, sites: QuerySet[Site] | None) -> dict[str, tuple[int, int]]:
    """Times and milliseconds, by the content of items that were shown."""
    where, values = _limit(sites)
    table = "item_total" if sites is None else "item_month"
    rows = tables.run(
        f"SELECT content, sum(times), sum(milliseconds) FROM {table} WHERE month BETWEEN %s AND %s AND {where} "
        "GROUP BY content",
        [*months, *values],
    )
    return {content: (int(times), int(milliseconds)) for content, times, milliseconds in rows}


def _limit(sites: QuerySet[Site] | None) -> tuple[str, Sequence[Any]]:
    if sites is None:
        return "1 = 1", ()
    try:
        asked, values = sites.order_by().values("code").query.sql_with_params()
    except EmptyResultSet:  # Django knows already that there are none
        return "1 = 0", ()
    return f"site IN ({asked})", values
