"""``compliance``: the weeks of a whole network from its session records, and what one SQL statement takes for the same.

24,139 stations of 3,578 sites, 52 weeks, a session a week each: 2.5 million records in PostgreSQL, with TVs that are
off, guessed clocks and every policy of schools. Ours is ``estation-central reckon --all`` as an operator runs it, with
its two processes and all that it writes: dates put right, weeks that were opened again, causes, every session. The
peer is one statement that reads the same rows and gives met or not and the four columns by site and week, by the clock
as it was told; it has 256 MB of working memory and PostgreSQL's own parallel workers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg

from tests.bench.result import Result, command
from tests.support.centre import central, centre_environment
from tests.support.postgres import Postgres

STATIONS: Final = 24_139
WEEKS: Final = 52
PROCESSES: Final = 2
TODAY: Final = datetime.now(UTC).date()
BEGIN: Final = TODAY - timedelta(days=TODAY.weekday(), weeks=WEEKS)
"""A Monday: the last of the weeks is over on whatever day this is run, since neither reckons what is still to come."""
BAR_SECONDS: Final = 60.0
BAR_RATIO: Final = 2.0
MAKE: Final = (
    """
    INSERT INTO region (code, name, name_en, level, path)
    SELECT (653100 + n)::text, 'county ' || n, '', 'county', '' FROM generate_series(1, 12) AS n""",
    "UPDATE region SET path = id || '/'",
    f"""
    INSERT INTO site (code, title, languages, region_id, kind, timezone, minimum_sessions, minimum_seconds, policy,
      share_percent, opened)
    SELECT 'site-' || n, 'site ' || n, '[]', (SELECT min(id) FROM region) + n % 12,
      CASE WHEN n < 2339 THEN 'village' ELSE 'school' END,
      CASE WHEN n % 2 = 0 THEN 'Asia/Shanghai' ELSE 'Asia/Urumqi' END, 1, CASE WHEN n < 2339 THEN 600 ELSE 300 END,
      (ARRAY['any-room', 'any-room', 'share', 'every-room'])[1 + n % 4], 60, '{BEGIN}'
    FROM generate_series(0, 3577) AS n""",
    f"""
    INSERT INTO station (name, region, title, site)
    SELECT 'room-' || to_char(n, 'FM00000'), '653101', 'room',
      'site-' || CASE WHEN n < 2339 THEN n ELSE 2339 + (n - 2339) % 1239 END
    FROM generate_series(0, {STATIONS - 1}) AS n""",
    f"""
    INSERT INTO placement (station_id, site_id, began, why)
    SELECT name, site, timestamptz '{BEGIN} 00:00:00+00', '' FROM station""",
    f"""
    CREATE TABLE journal_record_year PARTITION OF journal_record
    FOR VALUES FROM ('{BEGIN} 00:00:00+00') TO ('{BEGIN + timedelta(weeks=WEEKS + 1)} 00:00:00+00')""",
    f"""
    INSERT INTO journal_record (station, journal, seq, at, boot, up, trust, kind, understood, raw, received)
    SELECT station, journal, seq, at, boot, up, trust, kind, true,
      format('{{"kind":"%s","seq":%s,"at":"%s","boot":"%s","up":%s,"trust":"%s","session":"%s","origin":"planned",',
        kind, seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), boot, up, trust, session)
      || CASE WHEN part = 0 THEN '"series":"科普之窗","length":620.0}}' ELSE
      format('"began":"%s","shown":%s,"counting":%s,"tv":"%s","reason":"completed","series":"科普之窗"}}',
        to_char((at - make_interval(secs => secs)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), secs, secs, tv)
      END, at + interval '1 hour'
    FROM (
      SELECT 'room-' || to_char(s, 'FM00000') AS station, md5(s::text) AS journal, w * 2 + part + 1 AS seq,
        timestamptz '{BEGIN} 03:00:00+00' + make_interval(weeks => w, hours => (s * 7 + w * 13) % 150)
        + make_interval(secs => part * secs) AS at, md5(s || 'b' || w) AS boot, 1000 + part * secs AS up,
        CASE WHEN (s + w) % 37 = 0 THEN 'guess' ELSE 'network' END AS trust,
        CASE WHEN part = 0 THEN 'session.started' ELSE 'session.ended' END AS kind, part, md5(s || '-' || w) AS session,
        secs, (ARRAY['on', 'on', 'on', 'unknown', 'off'])[1 + (s * 3 + w) % 5] AS tv
      FROM generate_series(0, {WEEKS - 1}) AS w, generate_series(0, {STATIONS - 1}) AS s,
        LATERAL (SELECT ((s * 31 + w * 17) % 900 + 200)::float8 AS secs) AS long,
        generate_series(0, 1) AS part) AS told""",
    """
    INSERT INTO watermark (station, journal, watermark, hash)
    SELECT station, journal, max(seq), '' FROM journal_record GROUP BY station, journal""",
    "ANALYZE",
)
PEER: Final = """
WITH part AS (
  SELECT station, site.code AS site, site.timezone AS zone, minimum_seconds, minimum_sessions, policy, share_percent,
    raw::jsonb AS r
  FROM journal_record JOIN station ON station.name = journal_record.station JOIN site ON site.code = station.site
  WHERE journal_record.kind = 'session.ended' AND understood),
session AS (
  SELECT station, site, minimum_seconds, minimum_sessions, policy, share_percent, r->>'session' AS session,
    to_char(min((r->>'began')::timestamptz) AT TIME ZONE zone, 'IYYY-"W"IW') AS week,
    sum((r->>'counting')::float8) AS counting, bool_or(r->>'tv' = 'off') AS off,
    bool_or(r->>'trust' = 'guess') AS guess, bool_or(r->>'tv' = 'unknown') AS unknown
  FROM part GROUP BY station, site, zone, minimum_seconds, minimum_sessions, policy, share_percent, r->>'session'),
shown AS (
  SELECT *, counting >= minimum_seconds AS enough, CASE WHEN off THEN 'off' WHEN guess THEN 'guessed'
    WHEN unknown THEN 'unknown' ELSE 'confirmed' END AS evidence FROM session),
room AS (
  SELECT site, station, week, policy, share_percent,
    count(*) FILTER (WHERE enough AND evidence <> 'off') >= min(minimum_sessions) AS met,
    count(*) FILTER (WHERE enough AND evidence = 'off') AS n1, sum(counting) FILTER (WHERE evidence = 'off') AS s1,
    count(*) FILTER (WHERE enough AND evidence = 'guessed') AS n2,
    sum(counting) FILTER (WHERE evidence = 'guessed') AS s2,
    count(*) FILTER (WHERE enough AND evidence = 'unknown') AS n3,
    sum(counting) FILTER (WHERE evidence = 'unknown') AS s3,
    count(*) FILTER (WHERE enough AND evidence = 'confirmed') AS n4,
    sum(counting) FILTER (WHERE evidence = 'confirmed') AS s4
  FROM shown GROUP BY site, station, week, policy, share_percent)
SELECT room.site, week, count(*) FILTER (WHERE met) >= greatest(1, ceil(
    CASE policy WHEN 'any-room' THEN 0 WHEN 'share' THEN share_percent / 100.0 ELSE 1 END * max(rooms.n))) AS met,
  sum(n1), sum(s1), sum(n2), sum(s2), sum(n3), sum(s3), sum(n4), sum(s4)
FROM room JOIN (SELECT site, count(*) AS n FROM station GROUP BY site) AS rooms ON rooms.site = room.site
GROUP BY room.site, week, policy, share_percent"""
OURS: Final = """
SELECT site, week, verdict = 'met', sessions_off, sessions_guessed, sessions_unknown, sessions_confirmed
FROM site_verdict"""


def fill(url: str) -> None:
    """A year of the network."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in MAKE:
            connection.execute(statement)  # type: ignore[call-overload]


def ours(postgres: Postgres, url: str) -> float:
    """Seconds of the command, its start and its end with it."""
    asked = [sys.executable, "-m", "estation_central.command", "reckon", "--all", "--processes", str(PROCESSES)]
    begun = time.monotonic()
    subprocess.run(asked, env=centre_environment(postgres.folder, url), check=True, timeout=1800)
    return time.monotonic() - begun


def theirs(url: str) -> tuple[float, list[tuple[object, ...]]]:
    """Seconds of the statement, and its rows."""
    with psycopg.connect(url, options="-c work_mem=256MB") as connection:
        begun = time.monotonic()
        rows = connection.execute(PEER).fetchall()
        return time.monotonic() - begun, rows


def differing(url: str, rows: list[tuple[object, ...]]) -> int:
    """Site-weeks of which the two say otherwise: none, in these data, where no clock is put right."""
    told = {row[:2]: (row[2], *(int(str(row[place])) for place in (3, 5, 7, 9))) for row in rows}
    with psycopg.connect(url) as connection:
        found = {row[:2]: row[2:] for row in connection.execute(OURS)}
    empty = (False, 0, 0, 0, 0)
    return sum(found.get(key, empty) != told.get(key, empty) for key in found.keys() | told.keys())


def run() -> list[Result]:
    """Seconds of a whole reckoning, beside the statement's; and that they agree."""
    with Postgres() as postgres:
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE made")
        url = postgres.url("made")
        made = central(postgres.folder, "migrate", database=url)
        assert made.returncode == 0, made.stderr
        fill(url)
        before, rows = theirs(url)
        took = ours(postgres, url)
        after, rows = theirs(url)
        wrong = differing(url, rows)
    peer = (before + after) / 2  # one before and one after ours: what else runs here touches both
    print({"ours": round(took, 1), "theirs": [round(before, 1), round(after, 1)], "cores": os.cpu_count()}, flush=True)
    return [
        Result(
            id="compliance", value=round(took, 1), unit="s", peer="one SQL aggregate of the same rows",
            peer_value=round(peer, 1), ratio=round(peer / took, 2), ok=took <= BAR_SECONDS and took <= BAR_RATIO * peer,
            bar=f"at most 60 s and 2x; {STATIONS} stations, {WEEKS} weeks, {len(rows)} site-weeks",
            command=command("compliance"),
        ),
        Result(
            id="compliance-agree", value=float(wrong), unit="site-weeks differ", ok=not wrong,
            bar="0, where no clock was put right", command=command("compliance"),
        ),
    ]  # fmt: skip
