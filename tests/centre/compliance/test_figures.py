"""Sums of a period: three figures that are never one, and unknown that is never 0."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_central.collector.sqlite import SqliteStore
from estation_central.compliance import periods
from tests.centre.compliance.test_reckoner import deliver, reckon
from tests.support.centre import CONTENT, ended, record, shown, started
from tests.support.registry import add_station
from tests.wire.test_reckoning import TUESDAY

DAY = date(2026, 11, 24)
LATER = TUESDAY + timedelta(days=7)
OTHER = "d" * 64


@pytest.fixture(scope="module")
def told(django: Path) -> None:
    """A hall with two sessions a week apart, and a school whose TV was off; two counties."""
    from estation_central.compliance.models import ItemTopic  # noqa: PLC0415 (models want Django set up)

    one, two, dark = "1" * 32, "2" * 32, "3" * 32
    hall = [
        started(1, at=TUESDAY, session=one), shown(2, session=one, seconds=200.5, language="ug-Arab"),
        shown(3, session=one, content=OTHER, seconds=400.0, language="zh-Hans"),
        ended(4, at=TUESDAY, session=one, counting=600.5, series="科普天地", attendance=30),
        record(5, "attendance.counted", session=one, number=41, source="keeper"),
        started(6, at=LATER, session=two), shown(7, session=two, seconds=60.0, language="ug-Arab"),
        ended(8, at=LATER, session=two, counting=60.0, series="科普之窗"),
        record(9, "bulletin.shown", at=TUESDAY, bulletin="flood", times=3),
    ]  # fmt: skip
    school = [started(1, at=TUESDAY, session=dark), shown(2, session=dark, language="zh-Hans")]
    school += [ended(3, at=TUESDAY, session=dark, counting=700.0, tv="off", attendance=50)]
    with closing(SqliteStore(django / "centre.sqlite3")) as store:
        with store.transaction() as transaction:

            def run(words: str, *values: object) -> object:
                return transaction.run(words, values)

            add_station(run, "fig-hall", "fig-hall", region="653111", kind="village")
            add_station(run, "fig-school", "fig-school", region="653112")
        deliver(store, "fig-hall", hall, LATER)
        deliver(store, "fig-school", school, LATER)
    ItemTopic.objects.update_or_create(content=CONTENT, defaults={"topic": "health"})
    reckon(LATER)


def paths(*codes: str) -> list[str]:
    from estation_central.registry.models import Region  # noqa: PLC0415 (models want Django set up)

    return [Region.objects.get(code=code).path for code in codes]


@pytest.mark.usefixtures("told")
def test_sessions_of_a_period_and_a_region() -> None:
    """A session counts on its local day; a dark TV counts nowhere; a later word on attendance stands."""
    from estation_central.compliance.figures import By, Figures, sessions  # noqa: PLC0415 (models want Django set up)

    ((hall, school),) = (paths("653111", "653112"),)
    first = Figures(key="653111", sessions=1, enough=1, seconds=600.5, attendances=41, told=1)
    assert sessions(By.COUNTY, DAY, DAY, hall) == [first]
    both = Figures(key="fig-hall", sessions=2, enough=1, seconds=660.5, attendances=41, told=1)
    assert sessions(By.SITE, DAY, DAY + timedelta(days=7), hall) == [both]
    assert [each.key for each in sessions(By.SERIES, DAY, DAY + timedelta(days=7), hall)] == ["科普之窗", "科普天地"]
    (second,) = sessions(By.WEEK, DAY + timedelta(days=1), DAY + timedelta(days=9), hall)
    assert (second.key, second.attendances, second.told) == ("2026-W49", None, 0)
    assert sessions(By.KIND, DAY, DAY, school) == []


@pytest.mark.usefixtures("told")
def test_items_by_topic_and_by_language_of_a_county() -> None:
    """What no catalogue names stands apart, and a language is a figure of a county's supply."""
    from estation_central.compliance.figures import Shown, languages, topics  # noqa: PLC0415 (models want Django set up)

    (hall,) = paths("653111")
    end = DAY + timedelta(days=9)
    assert topics(DAY, end, hall) == [
        Shown(key="", times=1, seconds=400.0),
        Shown(key="health", times=2, seconds=260.5),
    ]
    assert languages("653111", DAY, DAY) == [
        Shown(key="ug-Arab", times=1, seconds=200.5),
        Shown(key="zh-Hans", times=1, seconds=400.0),
    ]
    assert languages("653112", DAY, end) == []


@pytest.mark.usefixtures("told")
def test_bulletins_and_page_views_are_figures_of_their_own() -> None:
    """Three times on a screen, twice opened on a phone; nothing of who opened it."""
    from estation_central.compliance import figures  # noqa: PLC0415 (models want Django set up)

    shown_times = {each.key: each.times for each in figures.bulletins(DAY, DAY)}
    assert shown_times["flood"] >= 3
    for _ in range(2):
        figures.count_view("flood-2026", DAY)
    figures.count_view("flood-2026", DAY + timedelta(days=1))
    assert figures.page_views(DAY, DAY)["flood-2026"] == 2
    assert figures.page_views(DAY, DAY + timedelta(days=1))["flood-2026"] == 3


@given(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(-3, 900))
def test_a_period_is_cut_into_whole_months_and_the_days_beside(begin: date, days: int) -> None:
    """Each day of it stands in exactly one part, leap years and turns of the year included."""
    end = begin + timedelta(days=days)
    cut = periods.cut(begin, end)
    found = [first + timedelta(days=n) for first, last in cut.rest for n in range((last - first).days + 1)]
    for each in (begin + timedelta(days=n) for n in range(days + 1)):
        if cut.months is not None and cut.months[0] <= f"{each:%Y-%m}" <= cut.months[1]:
            assert each not in found
            found.append(each)
    assert sorted(found) == [begin + timedelta(days=n) for n in range(days + 1)]
    if cut.months is not None:
        assert begin <= date.fromisoformat(f"{cut.months[0]}-01")
        assert f"{end + timedelta(days=1):%Y-%m}" > cut.months[1]


@pytest.mark.usefixtures("told")
def test_the_sums_of_months_are_those_of_their_days() -> None:
    """November and December whole, or day by day: the same sessions, seconds and attendances, by whatever key."""
    from estation_central.compliance.figures import By, sessions  # noqa: PLC0415 (models want Django set up)
    from estation_central.registry.models import Site  # noqa: PLC0415

    first, last = date(2026, 11, 1), date(2026, 12, 31)
    (hall,) = paths("653111")
    for by in (By.COUNTY, By.SITE, By.KIND, By.SERIES):
        whole = sessions(by, first, last, hall)
        assert whole
        every_day = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        days = [each for day in every_day for each in sessions(by, day, day, hall)]
        for each in whole:
            own = [day for day in days if day.key == each.key]
            assert sum(day.sessions for day in own) == each.sessions
            assert sum(day.seconds for day in own) == pytest.approx(each.seconds)
            assert sum(day.attendances or 0 for day in own) == (each.attendances or 0)
            assert sum(day.told for day in own) == each.told
    assert sessions(By.SITE, first, last, sites=Site.objects.none()) == []
    (own,) = sessions(By.SITE, first, last, sites=Site.objects.filter(pk="fig-hall"))
    assert own.sessions == 2


@pytest.mark.usefixtures("told")
def test_the_months_of_topics_and_languages_are_those_of_their_days() -> None:
    """A period of any length: whole months are kept, days are counted, and nothing is in both or in neither."""
    from estation_central.compliance.figures import Shown, languages, topics  # noqa: PLC0415 (models want Django set up)
    from estation_central.registry.models import Site  # noqa: PLC0415

    first, last = date(2007, 1, 1), date(2026, 12, 31)
    (hall,) = paths("653111")
    for ask in (lambda begin, end: topics(begin, end, hall), lambda begin, end: languages("653111", begin, end)):
        whole = ask(first, last)
        assert whole
        assert ask(date(2026, 11, 1), date(2026, 11, 30)) != whole  # the second session was in December
        month = date(2026, 11, 1)
        days = [each for n in range(61) for each in ask(month + timedelta(days=n), month + timedelta(days=n))]
        for each in whole:
            own = [day for day in days if day.key == each.key]
            assert sum(day.times for day in own) == each.times
            assert sum(day.seconds for day in own) == pytest.approx(each.seconds)
        assert ask(date(2026, 10, 7), date(2027, 1, 9)) == whole
    mine = Site.objects.filter(pk="fig-hall")
    assert topics(first, last, sites=mine) == topics(first, last, hall)
    assert topics(first, last, sites=Site.objects.none()) == topics(last, first) == []
    assert topics(date(2026, 11, 1), date(2026, 11, 30), hall) == [
        Shown(key="", times=1, seconds=400.0),
        Shown(key="health", times=1, seconds=200.5),
    ]


@pytest.mark.usefixtures("told")
def test_the_sums_by_site_go_on_on_the_next_page(django: Path) -> None:
    """A hundred sites a page; the way to the next one keeps what was asked for."""
    from django.test import Client  # noqa: PLC0415 (Django must be set up first)

    from estation_central.compliance.models import SiteMonth  # noqa: PLC0415
    from estation_central.registry.models import Region, Site  # noqa: PLC0415

    county = Region.objects.get(code="653111")
    many = [
        Site(code=f"page-{n:03}", kind="village", title=f"第{n}文化室", region=county, timezone="UTC")
        for n in range(130)
    ]
    Site.objects.bulk_create(many)
    sums = {"month": "2024-03", "series": "", "sessions": 4, "enough": 3, "seconds": 2600.0, "told": 0}
    SiteMonth.objects.bulk_create(SiteMonth(site=each.code, **sums) for each in many)
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    asked = "by=site&begin=2024-01-01&end=2024-12-31&region=653111"
    first = client.get(f"/sums/?{asked}").content.decode()
    assert first.count("第") == 100
    (after,) = re.findall(r'<a href="([^"]+)">after', first)
    second = client.get(f"/sums/{after.replace('&amp;', '&')}").content.decode()
    assert second.count("第") == 30
    assert "page-129" in second
    assert "page-129" not in first
    assert "page=1" in second


@pytest.mark.usefixtures("told")
def test_the_pages_of_sums_and_of_the_year() -> None:
    """By county, topic, language of a county; the year in a sentence in both languages, each figure a link."""
    from django.test import Client  # noqa: PLC0415 (Django must be set up first)

    client = Client(headers={"host": "localhost", "accept-language": "en"})
    period = "begin=2026-11-01&end=2026-12-31"

    def text(path: str, **headers: str) -> str:
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.content)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))

    assert "653111 2 1 660 41 1" in text(f"/sums/?by=county&region=653111&{period}")
    assert re.search(r"科普天地 1 1 60\d 41 1", text(f"/sums/?by=series&region=653111&{period}"))
    assert "health 2 260" in text(f"/sums/?by=topic&region=653111&{period}")
    assert "Uyghur 2 260" in text(f"/sums/?by=language&region=653111&{period}")
    for way, word in (("topic", "健康 2"), ("language", "维吾尔语 2")):
        chinese = text(f"/sums/?by={way}&region=653111&{period}", **{"accept-language": "zh-CN"})
        assert word in chinese, chinese
    assert "health 2 260" in text("/sums/?by=topic&region=653111&begin=2010-01-05&end=2026-12-30")
    assert "flood" in text(f"/sums/?by=bulletin&{period}")
    for wrong in (
        "by=language&begin=2026-11-01&end=2026-11-30",
        "by=topic&begin=2006-01-01&end=2026-12-31",
        "by=county&begin=2026-12-01&end=2026-11-01",
        "by=x",
        "begin=yesterday",
    ):
        assert client.get(f"/sums/?{wrong}").status_code == 400, wrong
    year = client.get("/years/2026/").content.decode()
    assert re.search(r'href="/sums/\?by=kind[^"]*">\d+</a> sessions', year)
    assert "人次" in text("/years/2026/", **{"accept-language": "zh-CN"})
    assert client.get("/years/1999/").status_code == 404
