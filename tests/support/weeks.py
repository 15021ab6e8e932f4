"""A made-up half year of weeks and a year of sums for every site of a registry, in SQLite: pages of the real size.

And nine weeks of single sessions, which the days beside whole months are counted from.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from estation_central.compliance.sites import iso_week

WEEKS, MONTHS, DAYS = 26, 12, 63
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
_TOPICS = f"""
{NUMBERED}, topic (name, share) AS (
  VALUES ('health', 1), ('food-safety', 1), ('general-science', 1), ('rural-revitalisation', 2),
    ('mental-well-being', 2), ('low-carbon-living', 3), ('emergency-preparedness', 3), ('ecology-and-environment', 4),
    ('epidemic-prevention', 5), ('against-superstition', 7)),
language (tag, share) AS (VALUES ('zh-Hans', 1), ('ug-Arab', 2))"""
TOPICS_OF_MONTH = f"""{_TOPICS}
INSERT INTO site_topic_month (site, month, topic, language, times, milliseconds)
SELECT code, :month, topic.name, language.tag, 3 + r % 9, 900000 FROM numbered, topic, language
WHERE r % topic.share = 0 AND r % language.share = 0"""
TOPICS_OF_DAY = f"""{_TOPICS}
INSERT INTO site_topic_day (site, day, topic, language, times, milliseconds)
SELECT code, :day, topic.name, language.tag, 1, 300000 FROM numbered, topic, language
WHERE (r + :back) % 3 = 0 AND (r / 3 + :back) % (2 * topic.share) = 0 AND r % language.share = 0"""
SHOWN = """
INSERT INTO showing (station, session, week, day, evidence, enough, counting, shown, origin, series, attendance)
SELECT name, printf('%032x', :back), :week, :day, 'confirmed', r % 9 > 0, 640.0, 640.0, 'planned',
  CASE r % 2 WHEN 0 THEN '科普天地' ELSE '科普之窗' END, CASE WHEN r % 3 > 0 THEN 30 END
FROM (SELECT name, row_number() OVER (ORDER BY name) AS r FROM station) WHERE r % 7 = :back % 7"""
STAYS = """
INSERT INTO station_stay (station, first_day, last_day, site)
SELECT name, '0001-01-01', '9999-12-31', site FROM station"""


ITEMS = f"""
{NUMBERED}
INSERT INTO item_month (site, month, content, times, milliseconds)
SELECT code, :month, printf('%064x', (:back * 16 + r % 12 * 7 + :nth) % 1440), 1 + r % 3, 300000 FROM numbered"""
TOTALS = """
INSERT INTO item_total (month, content, times, milliseconds)
SELECT month, content, sum(times), sum(milliseconds) FROM item_month GROUP BY month, content"""


def fill(database: Path, items: int = 2) -> None:
    """Weeks up to the running one (of China), the months up to this one, and each day of the last two months.

    Each site showed so many items a month.
    Halls of a county show the same ones; another county's are others, and each month brings new ones.
    """
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    with sqlite3.connect(database) as link:
        link.execute(STAYS)
        for back in range(-1, WEEKS):  # and the week to come: a Monday may begin while the pages are looked at
            link.execute(VERDICTS, {"back": back, "week": iso_week(today - timedelta(weeks=back))})
        first = today.replace(day=1)
        for back in range(MONTHS):
            for sums in (SUMS, TOPICS_OF_MONTH):
                link.execute(sums, {"month": f"{first:%Y-%m}"})
            for nth in range(items):
                link.execute(ITEMS, {"month": f"{first:%Y-%m}", "back": back, "nth": nth})
            first = (first - timedelta(days=1)).replace(day=1)
        link.execute(TOTALS)
        for back in range(DAYS):
            day = today - timedelta(days=back)
            for one in (SHOWN, TOPICS_OF_DAY):
                link.execute(one, {"back": back, "day": f"{day}", "week": iso_week(day)})
    link.close()
