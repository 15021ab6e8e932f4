"""The pages of weeks: today, the regions' bars, a site's year and its week, in words that a monitor can pass on."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from estation_central.collector.sqlite import SqliteStore
from estation_central.compliance.sites import iso_week
from estation_central.stations.reopening import monday_of
from estation_wire.counts import week_of
from tests.centre.compliance.test_reckoner import deliver, reckon
from tests.support.centre import BOOT, ended, record, started
from tests.support.registry import add_station

NOW = datetime.now(UTC)  # the pages are of now; what is asked of them holds as well if a Monday begins meanwhile
THIS = week_of(NOW, UTC)
MONDAY = monday_of(THIS, UTC) + timedelta(hours=6)


def week(back: int) -> str:
    return iso_week(MONDAY.date() - timedelta(weeks=back))


def sessions(*backs: int, **words: Any) -> list[bytes]:
    """A session of eleven minutes on the Monday of each of so many weeks ago, and a word of each day between."""
    raws: list[bytes] = []
    for back in sorted(backs, reverse=True):
        at, name = MONDAY - timedelta(weeks=back), f"{back + 9:032x}"
        raws.append(started(len(raws) + 1, at=at, session=name))
        raws.append(ended(len(raws) + 1, at=at + timedelta(minutes=11), session=name, counting=660.0, **words))
    return raws


@pytest.fixture(scope="module")
def pages(django: Path) -> Any:
    """A county with a hall that shows each week, one that fell silent, one whose TV is off, and a school."""
    from django.test import Client  # noqa: PLC0415 (Django must be set up first)

    from estation_central.registry.models import ClosedWeek, Region, Site  # noqa: PLC0415

    with closing(SqliteStore(django / "centre.sqlite3")) as store:
        with store.transaction() as transaction:

            def run(words: str, *values: object) -> object:
                return transaction.run(words, values)

            for name in ("good", "quiet", "dark", "harvest"):
                add_station(run, f"wk-{name}", f"wk-{name}", region="653141", kind="village", timezone="UTC")
            for room in ("a", "b"):
                add_station(run, f"wk-school-{room}", "wk-school", region="653141", policy="every-room", timezone="UTC")
        deliver(store, "wk-good", sessions(-1, 0, 1, 2, 3, 4), NOW)
        deliver(store, "wk-quiet", sessions(4), NOW - timedelta(weeks=4))
        deliver(store, "wk-dark", sessions(1, 2, tv="off"), NOW)
        deliver(store, "wk-school-a", sessions(1), NOW)
        boot = [record(1, "day", at=MONDAY - timedelta(weeks=1), uptime=3600.0)]
        deliver(store, "wk-school-b", boot, NOW)
    opened = date.fromisocalendar(int(week(4)[:4]), int(week(4)[6:]), 1)
    Site.objects.filter(code__startswith="wk-").update(opened=opened)
    Region.objects.filter(code="653141").update(name="周县")
    for back in range(-1, 5):
        ClosedWeek.objects.create(site_id="wk-harvest", week=week(back), reason="秋收")
    reckon(NOW + timedelta(weeks=1))
    return Client(headers={"host": "localhost", "accept-language": "en"})


def text(client: Any, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_three_numbers_and_the_visits(pages: Any) -> None:
    """One met, three silent so far; whoever missed the most weeks is seen first, the good one never."""
    told = text(pages, "/today/653141/")
    assert "周县" in told
    assert "1 met 0 behind 3 silent 1 not due" in told
    assert told.index("wk-school") < told.index("wk-dark") < told.index("wk-quiet")
    assert "wk-good" not in told
    assert "wk-harvest" not in told
    assert "TV that was off" in told
    chinese = text(pages, "/today/653141/", **{"accept-language": "zh-CN"})
    for words in ("达标", "未达标", "无音讯", "最值得走访的站点", "电视未开"):
        assert words in chinese


def test_the_list_for_the_road(pages: Any) -> None:
    """What to take along stands beside each place, and how long it has been so."""
    told = text(pages, "/today/653141/route/")
    assert re.search(f"[34] weeks in a row, since {week(3)}", told)  # the hall that fell silent
    assert "spare box" in told
    assert "found:" in told


def test_a_region_has_a_bar_for_each_week(pages: Any) -> None:
    """Half a year in bars, each with its numbers in words; sites with how they stand."""
    answer = pages.get("/regions/653141/").content.decode()
    assert answer.count("<g><title>") == 26
    assert f"{week(1)}: met 1, behind 2, silent 1, not due 1" in answer
    assert re.search(r'wk-good</a>.*?class="cell met">met', answer, re.DOTALL)
    assert text(pages, "/regions/").count("周县") == 1


def test_a_sites_week_says_why(pages: Any) -> None:
    """The school missed it by a room that was up and showed nothing; the harvest says its reason."""
    told = text(pages, f"/sites/wk-school/weeks/{week(1)}/")
    for part in ("minimum not met", "1 of 2 rooms met it", "the box was up, and showed nothing", "wk-school-b"):
        assert part in told
    assert "660" in told
    assert "closed: 秋收" in text(pages, f"/sites/wk-harvest/weeks/{week(2)}/")
    assert "not reckoned" in text(pages, f"/sites/wk-good/weeks/{week(9)}/")
    for bad in ("2026-W99", "2026-48", "9999-W01", "x"):
        assert pages.get(f"/sites/wk-good/weeks/{bad}/").status_code == 404


def test_a_station_has_a_cell_for_each_week_and_its_half_year(pages: Any) -> None:
    """What it showed itself, room by room; the box's days beside it."""
    good = pages.get("/stations/wk-good/").content.decode()
    assert good.count('<rect class="met"') == 5
    assert '<rect class="met"' not in pages.get("/stations/wk-dark/").content.decode()
    rooms = [pages.get(f"/stations/wk-school-{room}/").content.decode() for room in "ab"]
    assert [room.count('<rect class="met"') for room in rooms] == [1, 0]
    assert "Days of the last half year 1" in text(pages, "/stations/wk-school-b/")


def test_a_late_stick_opens_a_week_again_and_the_page_says_what_it_was(pages: Any, django: Path) -> None:
    """The silent hall's reports come by stick: three weeks become met, and say that they were not."""
    with closing(SqliteStore(django / "centre.sqlite3")) as store:
        late = [(started, {}), (ended, {"counting": 660.0})]
        raws = [
            make(number, at=MONDAY - timedelta(weeks=3) + timedelta(minutes=number), session="9" * 32, **words)
            for number, (make, words) in enumerate(late, 3)
        ]
        deliver(store, "wk-quiet", raws, NOW)
    reckon(NOW + timedelta(weeks=1))
    told = text(pages, f"/sites/wk-quiet/weeks/{week(3)}/")
    assert "minimum met" in told
    assert "re-opened: 1 late record" in told
    assert "before: minimum not met" in told
    assert 'class="again"' in pages.get("/sites/wk-quiet/").content.decode()


def test_a_week_that_the_registry_closes_is_not_due_on_the_station_s_page_either(pages: Any) -> None:
    """The harvest is in the registry alone, the box never heard of it: list, week and row of weeks say the same."""
    for path in (f"/stations/wk-harvest/{week(0)}/", "/stations/wk-harvest/", f"/stations/wk-harvest/{week(3)}/"):
        told = text(pages, path)
        assert "nothing is due this week" in told, path
        assert "minimum not met" not in told, path
    assert "本周无任务" in text(pages, "/stations/wk-harvest/", **{"accept-language": "zh-CN"})
    assert "minimum not met" in text(pages, f"/stations/wk-quiet/{week(2)}/")
    for number in range(1, 99):
        answer = pages.get(f"/?page={number}").content.decode()
        if "wk-harvest" in answer:
            break
    line = answer[answer.index("wk-harvest") :]
    assert 'class="verdict not_due"' in line[: line.index("</tr>")]


def test_the_numbers_above_the_list_are_of_all_stations(pages: Any, django: Path) -> None:
    """Of sixty halls more than a page holds some met the week and some are online: each page says how many of all."""
    from estation_central.stations.models import Latest, Station  # noqa: PLC0415 (models want Django set up)

    now = datetime.now(UTC)
    names = [f"many-{n:02}" for n in range(60)]
    with closing(SqliteStore(django / "centre.sqlite3")) as store:
        with store.transaction() as transaction:

            def run(words: str, *values: object) -> object:
                return transaction.run(words, values)

            for name in names:
                add_station(run, name, name, region="653142", kind="village", timezone="UTC")
        for name in names[::20]:
            deliver(store, name, sessions(-1, 0), NOW)
    for place, name in enumerate(names[:9]):
        said = json.dumps({"v": 1, "online": place % 3 > 0, "boot": BOOT, "firmware": "1.0"})
        heard = now - timedelta(hours=1) if place == 8 else now
        Latest.objects.create(station=name, leaf="status", region="653142", payload=said, heard=None)
        Latest.objects.create(station=name, leaf="health", region="653142", payload="", heard=heard)
    reckon(NOW + timedelta(weeks=1))
    count = Station.objects.filter(retired=None).count()
    found = [pages.get(f"/?page={number + 1}").content.decode() for number in range(-(-count // 50))]
    assert len(found) > 1
    met = sum(page.count('<span class="verdict met">') for page in found)
    online = sum(page.count('<span class="dot on"') for page in found)
    assert (met >= 3, online >= 5) == (True, True)
    for page in found:
        assert re.findall(r"<b>(\d+)<small> / (\d+)</small>", page) == [
            (f"{met}", f"{count}"),
            (f"{online}", f"{count}"),
        ]
