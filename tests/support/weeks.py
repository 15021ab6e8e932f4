"""A made-up half year of weeks and a year of sums for every site of a registry, in SQLite: pages of the real size."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from estation_central.compliance.sites import iso_week

WEEKS, MONTHS = 26, 12
NUMBERED = "WITH numbered AS (SELECT code, row_number() OVER (ORDER BY code) AS r FROM site)"
VERDICTS = f"""
{NUMBERED}, told AS (
  SELECT code, r, CASE WHEN r % 97 = 0 AND :back < 9 THEN 7 WHEN r % 61 = 0 AND :back < 5 THEN 8
    ELSE (r * 7 + :back * 13) % 10 END AS what FROM numbered)
INSERT INTO site_verdict (site, week, verdict, cause, lost, shut, rooms, met_rooms,
  sessions_confirmed, sessions_unknown, sessions_guessed, sessions_off,
  seconds_confirmed, seconds_unknown, seconds_guessed, seconds_off, reopened_at, reopened_why, late, before)
SELECT code, :week, CASE WHEN what < 6 THEN 'met' WHEN what = 6 THEN 'not due' ELSE 'not met' END,
  CASE what WHEN 7 THEN 'silent' WHEN 8 THEN 'no-session' WHEN 9 THEN 'too-short' ELSE '' END,
  CASE WHEN what = 9 AND r % 3 = 0 THEN 'power' ELSE '' END, CASE WHEN what = 6 THEN '农忙' ELSE '' END, 1, what < 6,
  what < 6, 0, 0, 0, CASE WHEN what < 6 THEN 640.0 WHEN what = 9 THEN 200.0 ELSE 0.0 END, 0.0, 0.0, 0.0, NULL, '', 0, ''
FROM told"""
SUMS = f"""
{NUMBERED}
INSERT INTO site_month (site, month, series, sessions, enough, seconds, attendances, told)
SELECT code, :month, CASE r % 2 WHEN 0 THEN '科普天地' ELSE '科普之窗' END, 4, 3, 2600.0, 120 + r % 40, 3
FROM numbered"""


ITEMS = f"""
{NUMBERED}
INSERT INTO item_month (site, month, content, times, milliseconds)
SELECT code, :month, printf('%064x', (:back * 16 + r % 12 * 7 + :nth) % 1440), 1 + r % 3, 300000 FROM numbered"""
TOTALS = """
INSERT INTO item_total (month, content, times, milliseconds)
SELECT month, content, sum(times), sum(milliseconds) FROM item_month GROUP BY month, content"""


def fill(database: Path, items: int = 2) -> None:
    """Weeks up to the running one (of China), and the months up to this one; each site showed so many items a month.

    Halls of a county show the same ones; another county's are others, and each month brings new ones.
    """
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    with sqlite3.connect(database) as link:
        for back in range(-1, WEEKS):  # and the week to come: a Monday may begin while the pages are looked at
            link.execute(VERDICTS, {"back": back, "week": iso_week(today - timedelta(weeks=back))})
        first = today.replace(day=1)
        for back in range(MONTHS):
            link.execute(SUMS, {"month": f"{first:%Y-%m}"})
            for nth in range(items):
                link.execute(ITEMS, {"month": f"{first:%Y-%m}", "back": back, "nth": nth})
            first = (first - timedelta(days=1)).replace(day=1)
        link.execute(TOTALS)
    link.close()
