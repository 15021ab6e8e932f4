"""Puts regions, sites and stations into a centre's tables in SQL, of either kind of database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

SITE: Final = {
    "kind": "school",
    "timezone": "Asia/Shanghai",
    "minimum_sessions": 1,
    "minimum_seconds": 600,
    "policy": "any-room",
    "share_percent": 100,
}
_REGION: Final = """
INSERT INTO region (code, name, name_en, level, path) VALUES (%s, %s, '', 'county', '') ON CONFLICT DO NOTHING"""
_PATH: Final = "UPDATE region SET path = id || '/' WHERE path = ''"
_SITE: Final = f"""
INSERT INTO site (code, title, languages, region_id, {", ".join(SITE)})
SELECT %s, %s, '[]', id, {", ".join(["%s"] * len(SITE))} FROM region WHERE code = %s ON CONFLICT DO NOTHING"""
_STATION: Final = "INSERT INTO station (name, region, title, site) VALUES (%s, %s, %s, %s)"


def add_station(run: Callable[..., Any], name: str, site: str, *, region: str = "653101", **words: Any) -> None:
    """One station; its county and its site are made where they are not there. ``words``: the new site's columns."""
    run(_REGION, region, region)
    run(_PATH)
    run(_SITE, site, site, *(SITE | words).values(), region)
    run(_STATION, name, region, "room", site)
