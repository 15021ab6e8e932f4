"""A registry of before sites were rows of their own is taken over whole."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest

from tests.support.centre import central
from tests.support.postgres import Postgres

OLD = (
    "INSERT INTO station (name, region, title, site, site_kind, timezone, minimum_sessions, minimum_seconds, "
    "site_policy, site_share_percent) VALUES"
    " ('hall-0001', '653101', '尤勒滚村文化室', 'village-0001', 'village', 'Asia/Urumqi', 2, 700, 'any-room', 100),"
    " ('room-1', '653121', 'Room 1', 'school-0001', 'school', 'Asia/Shanghai', 1, 300, 'share', 60),"
    " ('room-2', '653121', 'Room 2', 'school-0001', 'school', 'Asia/Shanghai', 1, 300, 'share', 60)"
)
NOW = (
    "SELECT station.name, station.region, station.title, site.code, kind, timezone, minimum_sessions, "
    "minimum_seconds, policy, share_percent, region.code, region.path = region.id || '/' "
    "FROM station JOIN site ON site.code = station.site JOIN region ON region.id = site.region_id ORDER BY station.name"
)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_no_station_and_no_minimum_is_lost(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Each station keeps its name and its place; what it owed is what its site owes, and every day is its site's."""
    url = ""
    if kind == "postgres":
        cluster: Postgres = request.getfixturevalue("postgres")
        url = cluster.url(cluster.new_database())
    before = central(tmp_path, "django", "migrate", "stations", "0003_enrolment", database=url)
    assert before.returncode == 0, before.stderr
    link = psycopg.connect(url) if url else sqlite3.connect(tmp_path / "centre.sqlite3")
    with link:
        link.execute(OLD)
        link.commit()
        assert central(tmp_path, "migrate", database=url).returncode == 0
        rows = [tuple(row) for row in link.execute(NOW).fetchall()]
        stays = link.execute("SELECT station, first_day, last_day, site FROM station_stay ORDER BY 1").fetchall()
    hall = ("hall-0001", "653101", "尤勒滚村文化室", "village-0001", "village", "Asia/Urumqi", 2, 700, "any-room", 100)
    room = ("653121", "school-0001", "school", "Asia/Shanghai", 1, 300, "share", 60)
    assert rows == [
        (*hall, "653101", True),
        *(
            (name, room[0], title, *room[1:], "653121", True)
            for name, title in (("room-1", "Room 1"), ("room-2", "Room 2"))
        ),
    ]
    ever = "0001-01-01", "9999-12-31"
    assert [tuple(row) for row in stays] == [(row[0], *ever, row[3]) for row in rows]
