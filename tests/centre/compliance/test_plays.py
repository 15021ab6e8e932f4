"""The library and its plays: what was shown how often and where, and what lies there unshown."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from estation_central.publication.believing import Library
from estation_wire.audience import Topic
from estation_wire.library import Catalogue, Item, Series, Track
from tests.centre.compliance.test_reckoner import deliver, reckon
from tests.support.central_here import pointed_at
from tests.support.centre import ended, shown, started
from tests.support.registry import add_station
from tests.wire.test_reckoning import TUESDAY

WATER, TEA, GONE, OWN, UNKNOWN = (f"{n:064x}" for n in range(1, 6))
DECEMBER = TUESDAY + timedelta(days=14)
AUTUMN = "first=2026-11&last=2026-12"
SUMS = "SELECT month, content, sum(times), sum(milliseconds) FROM item_month GROUP BY month, content ORDER BY 1, 2"
TOTALS = "SELECT month, content, times, milliseconds FROM item_total ORDER BY 1, 2"


def film(content: str, title: str, title_en: str, **words: Any) -> Item:
    rest = {"size": 9, "kind": "video", "titles": {"zh-Hans": title, "en": title_en}, "topic": Topic.HEALTH}
    return Item(id=content, seconds=302.0, counts=True, **rest | words)


def take(day: datetime, *items: Item, own: tuple[Item, ...] = ()) -> None:
    """A publication with these items, and what the second county publishes itself."""
    from estation_central.publication import library

    series = (Series(id="window", titles={"zh-Hans": "科普之窗", "en": "Science window"}),)
    documents = {
        "catalogue.json": msgspec.json.encode(Catalogue(v=1, version=1, items=items, series=series)),
        "653102.catalogue.json": msgspec.json.encode(Catalogue(v=1, version=1, items=own)),
    }
    library.take(Library(documents, ()), day)


def session(first: int, at: datetime, name: str, *contents: str, **words: Any) -> list[bytes]:
    """A session with these items, each shown for 100 seconds."""
    raws = [started(first, at=at, session=name)]
    raws += [shown(first + n, session=name, content=each, seconds=100.0) for n, each in enumerate(contents, 1)]
    end = {"counting": 100.0 * len(contents)} | words
    return [*raws, ended(first + len(contents) + 1, at=at, session=name, **end)]


@pytest.fixture
def told(django: Path, database: str, state: Path, store: Any, query: Any) -> Iterator[Any]:
    """Two halls in two counties; five items, of which one is unshown, one gone, and one that no catalogue names."""
    from django.conf import settings
    from django.test import override_settings

    centre = msgspec.structs.replace(settings.CENTRE, state=state, database=database, demo=False)
    add_station(query, "hall-a", "site-a", region="653101")
    add_station(query, "hall-b", "site-b", region="653102")
    with pointed_at(centre), override_settings(CENTRE=centre):
        tracks = (Track(kind="audio", number=1, language="ug-Arab"),)
        water = film(WATER, "水", "Water", series="window", tracks=tracks)
        tea, own = film(TEA, "茶", "Tea"), film(OWN, "本县", "Our county")
        take(TUESDAY - timedelta(days=30), water, film(GONE, "旧", "Old"))
        take(TUESDAY, water, tea, own=(own,))
        one, two, three, dark = (f"{n:032x}" for n in range(1, 5))
        deliver(store, "hall-a", session(1, TUESDAY, one, WATER, WATER, GONE), TUESDAY)
        deliver(store, "hall-a", session(6, DECEMBER, two, WATER), DECEMBER)
        deliver(store, "hall-b", session(1, TUESDAY, three, WATER, UNKNOWN), TUESDAY)
        deliver(store, "hall-b", session(5, TUESDAY, dark, TEA, tv="off"), TUESDAY)
        reckon(DECEMBER)
        yield query


def browse(query: str, county: str = "", language: str = "en") -> Any:
    """The page, as a monitor of a county, or of everything, reads it."""
    from django.contrib.auth.models import User
    from django.test import Client

    from estation_central.accounts.models import Grant
    from estation_central.registry.models import Region

    user, made = User.objects.get_or_create(username=f"monitor-{county}")
    if made:
        Grant.objects.create(user=user, role="monitor", region=Region.objects.get(code=county) if county else None)
    client = Client(headers={"host": "localhost", "accept-language": language})
    client.force_login(user)
    return client.get(f"/library/?{query}")


def lines(answer: Any) -> list[str]:
    """The rows of the table, as text."""
    assert answer.status_code == 200
    rows = re.findall(r"<tr><td>(.*?)</tr>", answer.content.decode(), re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


def test_each_item_says_how_often_and_at_how_many_sites_it_was_shown(told: Any) -> None:
    """Most shown first; the unshown, what the library let go and what nobody named stand there as such."""
    water, old, unknown, own, tea = lines(browse(AUTUMN))
    assert water == "Water Science window · health Uyghur 5:02 2026-10-25 4 400 2"
    assert re.fullmatch(r"Old health in the library until 2026-11-24 .* 5:02 2026-10-25 1 100 1", old)
    assert unknown == f"an item that no catalogue here ever named {UNKNOWN[:12]} – – – 1 100 1"
    assert re.fullmatch("Our county health · published by 653102 .* never shown", own)
    assert re.fullmatch("Tea health .* 2026-11-24 never shown", tea)  # a TV that was off counts nothing
    text = browse(AUTUMN).content.decode()
    assert "5 items" in text
    assert "2 of them not shown" in text


def test_the_reader_chooses_months_order_and_language(told: Any) -> None:
    """December alone; the least shown first; by title in Chinese."""
    december = lines(browse("first=2026-12&last=2026-12"))
    assert re.search("5:02 2026-10-25 1 100 1$", december[0])
    assert len(december) == 3  # what is gone was not shown in it
    assert re.search("never shown$", lines(browse(f"{AUTUMN}&order=least"))[0])
    titles = [line.split()[0] for line in lines(browse(f"{AUTUMN}&order=title", language="zh-CN"))]
    assert titles[:4] == sorted(titles[:4])
    assert "水 科普之窗 · 健康 维吾尔语" in " ".join(lines(browse(AUTUMN, language="zh-CN")))
    assert len(lines(browse(""))) >= 3
    for bad in ("first=2026-12&last=2026-11", "first=x&last=2026-12", "first=2026-13", "order=x", "last=2026-11%0A"):
        assert browse(bad).status_code == 400, bad


def test_a_county_sees_its_own_plays(told: Any) -> None:
    """Sums and sites are those of its halls; a neighbour's own film is none that it left unshown."""
    first, second = lines(browse(AUTUMN, "653101"))[:2]
    assert first.endswith("3 300 1")
    assert second.startswith("Old")
    ours, theirs = (" ".join(lines(browse(AUTUMN, county))) for county in ("653101", "653102"))
    assert ("Our county" in ours, "Our county" in theirs) == (False, True)
    assert (UNKNOWN[:12] in ours, UNKNOWN[:12] in theirs) == (False, True)


def test_the_sums_of_all_sites_follow_every_change(told: Any, store: Any) -> None:
    """More records, a clock put right, a TV that turns out dark, a hall that stands elsewhere: both tables agree."""
    query = told
    name = f"{9:032x}"
    woke = datetime(1970, 1, 1, 1, tzinfo=UTC)
    guessed = [
        started(9, at=woke, session=name, trust="guess"),
        shown(10, at=woke, session=name, content=TEA, seconds=50.0, trust="guess"),
        ended(11, at=woke, session=name, counting=50.0, trust="guess"),
    ]
    deliver(store, "hall-a", guessed, DECEMBER)
    reckon(DECEMBER)
    assert query(SUMS) == query(TOTALS)
    before = query(TOTALS)
    query("UPDATE station SET site = 'site-b' WHERE name = 'hall-a'")
    reckon(DECEMBER + timedelta(days=1))
    assert query(TOTALS) == before == query(SUMS)
    assert {site for (site,) in query("SELECT site FROM item_month")} == {"site-b"}
    query("DELETE FROM journal_record WHERE station = 'hall-a' AND seq > 5")  # a copy of yesterday was put back
    query("UPDATE watermark SET watermark = 5 WHERE station = 'hall-a'")
    reckon(DECEMBER + timedelta(days=2))
    assert query(SUMS) == query(TOTALS)
    assert len(query(TOTALS)) == len(before) - 2  # nothing stands there with a sum of nothing
