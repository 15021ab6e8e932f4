"""What the tables tell of stations, sites and regions, as the rules want it. Values out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max, Q
from msgspec import Struct, structs

from estation_central.alerts import rules
from estation_central.alerts.rules import Brought, Observed, Week
from estation_central.compliance.models import SiteVerdict
from estation_central.registry.models import Level, Region, Site
from estation_central.stations.models import BroughtHealth, HashMismatch, JournalRecord, Latest, Station
from estation_wire import codec
from estation_wire.counts import Verdict, week_of
from estation_wire.errors import WireError
from estation_wire.messages import Health
from estation_wire.records import Boot
from estation_wire.topics import Leaf
from estation_wire.values import Trust

NAMES_AT_ONCE: Final = 400  # in one statement
FORCED: Final = frozenset({"watchdog", "supervisor", "fault"})
"""Causes of a start that speak of a fault: a cut of power does not."""


class Tree(Struct, frozen=True):
    """The code of the county by a region's path (its own where it lies in none); by that code, what is above it."""

    county: Mapping[str, str]
    above: Mapping[str, tuple[str, ...]]


class Seen(Struct, frozen=True, kw_only=True):
    """Everything that a pass looks at."""

    stations: list[Observed]
    weeks: list[Week]
    tree: Tree


def look(now: datetime) -> Seen:
    """What is known at ``now`` of every station and site that is part of the network."""
    tree = _tree()
    sites = list(Site.objects.filter(closed=None).values_list("code", "region__path", "timezone"))
    weeks = {week.site: week for week in _weeks(sites, tree, now)}
    owing = {site for site, week in weeks.items() if week is not None}
    counties = {code: tree.county[path] for code, path, _ in sites}
    stations = Station.objects.filter(retired=None, site__in=counties).values_list("name", "site")
    return Seen(
        stations=list(_stations(dict(stations), counties, owing, now)),
        weeks=[week for week in weeks.values() if week is not None],
        tree=tree,
    )


def _tree() -> Tree:
    regions = {path: (code, level) for code, path, level in Region.objects.values_list("code", "path", "level")}
    county, above = {}, {}
    for path in regions:
        parts = path.split("/")[:-1]
        ways = [upper for end in range(len(parts), 0, -1) if (upper := "/".join(parts[:end]) + "/") in regions]
        at = next((place for place, upper in enumerate(ways) if regions[upper][1] == Level.COUNTY), 0)
        county[path] = regions[ways[at]][0]
        above[county[path]] = (*(regions[upper][0] for upper in ways[at:]), "")
    return Tree(county, above)


def _weeks(sites: Iterable[tuple[str, str, str]], tree: Tree, now: datetime) -> Iterable[Week]:
    """The running week of each site that owes something in it."""
    zones = {name: ZoneInfo(name) for _, _, name in sites}
    running = {name: week_of(now, zone) for name, zone in zones.items()}
    told = SiteVerdict.objects.filter(week__in=set(running.values())).values_list("site", "week", "verdict")
    verdicts = {(site, week): verdict for site, week, verdict in told}
    for code, path, name in sites:
        verdict = verdicts.get((code, running[name]))
        if verdict != Verdict.NOT_DUE:  # what was not reckoned yet may owe
            yield Week(
                site=code,
                county=tree.county[path],
                week=running[name],
                weekday=now.astimezone(zones[name]).isoweekday(),
                unmet=verdict == Verdict.NOT_MET,
            )


def _stations(
    stations: Mapping[str, str], counties: Mapping[str, str], owing: Collection[str], now: datetime
) -> Iterable[Observed]:
    (health, heard), brought = _latest(), _brought()
    quiet = [name for name in stations if name not in heard or now - heard[name] >= rules.DARK_AFTER]
    told = _told(quiet)
    resets = _resets(now)
    since = now - rules.MISMATCH_WITHIN
    mismatches = dict(HashMismatch.objects.filter(last_seen__gte=since).values_list("station", "last_seen"))
    for name, site in stations.items():
        said, at = health.get(name, (None, None))
        observed = Observed(
            station=name,
            site=site,
            county=counties[site],
            due=site in owing,
            heard=heard.get(name),
            told=told.get(name),
            resets=resets.get(name, 0),
            mismatch=mismatches.get(name),
        )
        carried, word = brought.get(name, (None, None))
        if carried is not None and word is not None and rules.by_stick(said.at if said else None, at, word):
            came = {"brought_at": word.received, "guessed": word.guessed}
            yield structs.replace(observed, **_of_health(carried), **came)
        else:
            yield observed if said is None else structs.replace(observed, **_of_health(said), heard_at=at)


def _of_health(said: Health) -> dict[str, Any]:
    return {"said_at": said.at, "worn_percent": said.card_worn_percent or 0, "catalogue": said.catalogue}


def _brought() -> dict[str, tuple[Health, Brought]]:
    """What the newest report by stick of each station says of its box."""
    found = {}
    rows = BroughtHealth.objects.values_list("station", "payload", "told", "received")
    for name, payload, told, received in rows.iterator(chunk_size=2000):
        said = _read(payload)
        if said is not None:
            found[name] = said, Brought(told=told, received=received, guessed=said.trust is Trust.GUESS)
    return found


def _read(payload: str) -> Health | None:
    """A health that is kept; None for one that a newer collector than this kept."""
    try:
        said = codec.decode_message(Leaf.HEALTH, payload.encode())
    except WireError:
        return None
    return said if isinstance(said, Health) else None


def _latest() -> tuple[dict[str, tuple[Health, datetime | None]], dict[str, datetime]]:
    """The last health of each station with the hour at which it came, and when anything of it came by network."""
    health = {}
    newest = Latest.objects.exclude(heard=None).values_list("station").annotate(at=Max("heard"))
    heard: dict[str, datetime] = dict(newest)
    rows = Latest.objects.filter(leaf=Leaf.HEALTH.value).values_list("station", "payload", "heard")
    for name, payload, at in rows.iterator(chunk_size=2000):
        said = _read(payload)
        if said is not None:
            health[name] = said, at
    return health, heard


def _told(stations: list[str]) -> dict[str, datetime]:
    """When the newest record of each came; asked only of those that are silent by network."""
    found: dict[str, datetime] = {}
    for cut in range(0, len(stations), NAMES_AT_ONCE):
        rows = JournalRecord.objects.filter(station__in=stations[cut : cut + NAMES_AT_ONCE], kind__in=("boot", "day"))
        found.update(rows.order_by().values_list("station").annotate(at=Max("received")))
    return found


def _resets(now: datetime) -> dict[str, int]:
    """How often each station was started by force within the last day; of a backlog only what is of this day."""
    since = now - rules.RESETS_WITHIN
    rows = JournalRecord.objects.filter(
        Q(received__gte=since, at__gte=since, at__lte=now), kind="boot", understood=True
    ).values_list("station", "raw")
    counted: dict[str, int] = {}
    for name, raw in rows.iterator(chunk_size=2000):
        boot = codec.decode_record(raw.encode())
        if isinstance(boot, Boot) and boot.why in FORCED:
            counted[name] = counted.get(name, 0) + 1
    return counted


def lock() -> bool:
    """Let one pass run at a time, until the transaction ends; false where another is under way."""
    if connection.vendor != "postgresql":
        return True  # the transaction itself has the only writer
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK_NUMBER])
        return bool(cursor.fetchone()[0])


_LOCK_NUMBER: Final = 0x616C7274  # «alrt»
