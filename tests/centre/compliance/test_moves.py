"""Schools are merged, rooms go from one hall to another, counties get other codes: what was, stays what it was."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from estation_central.collector.interfaces import Store
from estation_central.settings import CentreSettings
from tests.centre.compliance.test_reckoner import deliver, everything, reckon
from tests.support.central_here import pointed_at
from tests.support.centre import ended, record, shown, started
from tests.wire.test_reckoning import TUESDAY

MERGED = datetime(2026, 12, 9, 4, tzinfo=UTC)  # the Wednesday of 2026-W50
NOW = MERGED + timedelta(days=9)  # 2026-W51
COUNTIES = "653101", "653121"
Rows = dict[str, tuple[Any, ...]]


def sessions(*weeks: int, at: datetime = TUESDAY, first: int = 1, **words: Any) -> list[bytes]:
    """Eleven minutes, in two clips, on the Tuesday of so many weeks after the first."""
    raws: list[bytes] = []
    for week in weeks:
        when, name = at + timedelta(weeks=week), f"{week + 1:032x}"
        raws.append(started(len(raws) + first, at=when, session=name))
        raws.append(shown(len(raws) + first, at=when, session=name, seconds=300.0, language="ug-Arab"))
        raws.append(shown(len(raws) + first, at=when, session=name, content="d" * 64, seconds=360.5))
        end = {"session": name, "counting": 660.5, "attendance": 10 + week, **words}
        raws.append(ended(len(raws) + first, at=when + timedelta(minutes=11), **end))
        raws.append(record(len(raws) + first, "bulletin.shown", at=when, bulletin="flood", times=2))
    return raws


@pytest.fixture
def tables(django: Path, state: Path, database: str) -> Iterator[None]:
    """Django's tables are those of the store."""
    with pointed_at(CentreSettings(state=state, database=database)):
        yield


@pytest.fixture
def schools(tables: None, store: Store) -> Any:
    """A small school with one room, and one with two, each of which must show; they stand in two counties."""
    from estation_central.registry.adding import add
    from estation_central.registry.models import Placement, Site

    begun = datetime(2026, 11, 17, tzinfo=UTC)  # 2026-W47
    words = {"kind": "school", "policy": "every-room", "opened": date(2026, 11, 17)}
    for name, county, site in (("a-1", 0, "small"), ("b-1", 1, "large"), ("b-2", 1, "large")):
        add(name, COUNTIES[county], name, site, words, now=begun)
        deliver(store, name, sessions(0, 1), TUESDAY + timedelta(days=8))
    assert Placement.objects.count() == 3
    reckon(MERGED - timedelta(hours=1))
    return Site.objects.get(code="small"), Site.objects.get(code="large")


def weeks(site: str, query: Callable[..., Any]) -> Rows:
    """What stands in the books of a site, by week."""
    rows = query("SELECT week, site_verdict.* FROM site_verdict WHERE site = %s", site)
    return {row[0]: row[1:] for row in rows}


def verdicts(site: str, query: Callable[..., Any]) -> dict[str, tuple[Any, ...]]:
    columns = "week, verdict, rooms, met_rooms, before"
    return {row[0]: row[1:] for row in query(f"SELECT {columns} FROM site_verdict WHERE site = %s", site)}


def sums() -> dict[str, Any]:
    """Every sum of the time before the merger, by days and by whole months, by place, kind, topic and language."""
    from estation_central.compliance import figures
    from estation_central.compliance.figures import By
    from estation_central.registry.models import Region, Site

    found: dict[str, Any] = {}
    for begin, end in ((date(2026, 11, 23), date(2026, 12, 6)), (date(2026, 11, 1), date(2026, 11, 30))):
        for by in By:
            found[f"{begin} {by}"] = figures.sessions(by, begin, end)
        for region in Region.objects.all():
            of_region = figures.sessions(By.SITE, begin, end, region.path), figures.topics(begin, end, region.path)
            found[f"{begin} {region.pk}"] = of_region, figures.languages(region.code, begin, end)
        for site in ("small", "large"):
            found[f"{begin} {site}"] = figures.bulletins(begin, end, Site.objects.filter(pk=site))
    return found


def test_a_merger_leaves_both_schools_their_past(schools: Any, query: Callable[..., Any]) -> None:
    """The small school's met weeks stay met, the large one had two rooms then; from the merger on it has three."""
    from estation_central.registry import moving

    small, large = schools
    before = weeks("small", query), weeks("large", query), sums()
    assert [row[:3] for row in verdicts("large", query).values()] == [
        ("not met", 2, 0), ("met", 2, 2), ("met", 2, 2), ("not met", 2, 0)
    ]  # fmt: skip
    moving.merge(small, large, MERGED)
    reckon(NOW)
    after = weeks("small", query), weeks("large", query)
    assert after[0] == {week: row for week, row in before[0].items() if week < "2026-W50"}
    assert [verdicts("small", query)[week][0] for week in ("2026-W48", "2026-W49")] == ["met", "met"]
    past = {week: row for week, row in before[1].items() if week < "2026-W50"}
    assert {week: row for week, row in after[1].items() if week < "2026-W50"} == past
    assert {week: row[1] for week, row in verdicts("large", query).items() if week >= "2026-W50"} == {
        "2026-W50": 3, "2026-W51": 3
    }  # fmt: skip
    assert sums() == before[2]
    assert query("SELECT count(*) FROM showing") == [(6,)]


def test_the_week_of_the_merger_is_the_one_that_took_over(schools: Any, query: Callable, store: Store) -> None:
    """Monday's session in the small school is not lost: it counts once, for the large one, with its room."""
    from estation_central.registry import moving

    small, large = schools
    for name in ("a-1", "b-1", "b-2"):
        deliver(store, name, sessions(2, first=11), MERGED)  # on the Tuesday before
    moving.merge(small, large, MERGED)
    reckon(NOW)
    assert verdicts("large", query)["2026-W50"] == ("met", 3, 3, "")
    assert "2026-W50" not in verdicts("small", query)
    (count,) = query("SELECT sum(sessions) FROM site_month")
    assert int(count[0]) == 9


def test_a_room_that_was_given_up_before_the_merger_invents_no_week(schools: Any, query: Callable[..., Any]) -> None:
    """It stays in the small school's books, and the week of the merger is the large one's all the same."""
    from estation_central.registry import moving
    from estation_central.registry.adding import add

    small, large = schools
    gone = add("a-0", COUNTIES[0], "a-0", "small", {}, now=TUESDAY)
    moving.retire(gone, MERGED - timedelta(weeks=1), (MERGED - timedelta(weeks=1)).date())
    moving.merge(small, large, MERGED)
    reckon(NOW)
    assert sorted(verdicts("small", query)) == ["2026-W47", "2026-W48", "2026-W49"]
    assert verdicts("large", query)["2026-W50"][1] == 3


def test_a_stick_that_comes_after_the_merger_is_of_the_school_that_was(schools: Any, query: Callable, store) -> None:
    """The room's report of November is brought in December: the small school's week says that it was opened again."""
    from estation_central.registry import moving

    small, large = schools
    moving.merge(small, large, MERGED)
    reckon(MERGED)
    assert verdicts("small", query)["2026-W47"][0] == "not met"
    before = weeks("large", query)
    deliver(store, "a-1", sessions(-1, first=11), MERGED + timedelta(days=1))
    assert reckon(MERGED + timedelta(days=1)) == 2  # what one room says may be of both
    verdict = verdicts("small", query)["2026-W47"]
    assert verdict[0] == "met"
    assert verdict[-1].startswith('["not met"')
    assert {week: row for week, row in weeks("large", query).items() if week < "2026-W50"} == {
        week: row for week, row in before.items() if week < "2026-W50"
    }


def test_a_room_that_goes_and_comes_back_and_a_rebuild(schools: Any, query: Callable[..., Any], store: Store) -> None:
    """Lent for a week: that week is the other county's. A reckoning from the records says the same."""
    from estation_central.compliance import figures, reckoner
    from estation_central.compliance.figures import By
    from estation_central.registry import moving
    from estation_central.stations.models import Station

    small, large = schools
    lent = Station.objects.get(name="b-2")
    moving.place(lent, small, MERGED)
    reckon(MERGED)
    moving.place(Station.objects.get(name="b-2"), large, MERGED + timedelta(weeks=1))
    for name in ("a-1", "b-1", "b-2"):
        deliver(store, name, sessions(2, 3, first=11), NOW)
    reckon(NOW)
    told = verdicts("small", query), verdicts("large", query)
    assert [each["2026-W50"][:3] for each in told] == [("met", 2, 2), ("met", 1, 1)]
    assert [each["2026-W51"][:3] for each in told] == [("met", 1, 1), ("met", 2, 2)]
    assert [
        (each.key, each.sessions) for each in figures.sessions(By.COUNTY, date(2026, 12, 7), date(2026, 12, 13))
    ] == [("653101", 2), ("653121", 1)]
    kept, figures_kept = everything(), sums()
    reckoner.forget()
    reckon(NOW)
    assert everything() == kept
    assert sums() == figures_kept


def test_a_county_with_another_code_keeps_its_sums_and_weeks(schools: Any, query: Callable[..., Any]) -> None:
    """Only the code by which they are asked for is another one; a room that moves there takes nothing along."""
    from estation_central.compliance import figures
    from estation_central.compliance.figures import By
    from estation_central.registry import moving
    from estation_central.registry.models import Region
    from estation_central.stations.models import Station

    small, _ = schools
    days = date(2026, 11, 23), date(2026, 12, 6)
    before = {each.key: each.sessions for each in figures.sessions(By.COUNTY, *days)}
    spoken = figures.languages("653121", *days)
    kept = weeks("large", query)
    moving.change_code(Region.objects.get(code="653121"), "653199", MERGED.date())
    moving.place(Station.objects.get(name="b-1"), small, MERGED)
    moving.place(Station.objects.get(name="a-1"), schools[1], MERGED)
    reckon(NOW)
    assert before == {"653101": 2, "653121": 4}
    assert {each.key: each.sessions for each in figures.sessions(By.COUNTY, *days)} == {"653101": 2, "653199": 4}
    assert figures.languages("653199", *days) == spoken != []
    assert figures.languages("653121", *days) == []
    past = {week: row for week, row in kept.items() if week < "2026-W50"}
    assert {week: row for week, row in weeks("large", query).items() if week < "2026-W50"} == past


def test_a_new_room_owes_nothing_for_the_time_before_it(schools: Any, query: Callable[..., Any], store: Store) -> None:
    """A third room in December does not undo what two rooms met in November; what it shows itself counts at once."""
    from estation_central.registry.adding import add

    before = weeks("large", query)
    add("b-3", COUNTIES[1], "b-3", "large", {}, now=MERGED)
    reckon(MERGED)
    after = weeks("large", query)
    assert {week for week in before if before[week] != after[week]} == {"2026-W50"}
    assert verdicts("large", query)["2026-W50"][1] == 3
    deliver(store, "b-3", sessions(0), NOW)  # it was there before anybody wrote it down
    reckon(MERGED)
    assert [verdicts("large", query)[week][:3] for week in ("2026-W47", "2026-W48", "2026-W49")] == [
        ("not met", 2, 0), ("met", 3, 3), ("not met", 3, 2)
    ]  # fmt: skip


def test_a_hall_whose_only_box_went_has_no_line_for_what_follows(schools: Any, query: Callable[..., Any]) -> None:
    """It stays open, without a station: its past stands, nothing is invented after it."""
    from estation_central.registry import moving
    from estation_central.stations.models import Station

    small, large = schools
    before = weeks("small", query)
    moving.place(Station.objects.get(name="a-1"), large, MERGED)
    reckon(NOW)
    assert weeks("small", query) == {week: row for week, row in before.items() if week < "2026-W50"}
    small.refresh_from_db()
    assert small.closed is None


def test_the_ledger_judges_each_school_by_its_own_weeks(schools: Any) -> None:
    """The large school is not paid for the small one's weeks, nor held to them; the small one has its own still."""
    from estation_central.ledger import batches, rules
    from estation_central.registry import moving

    small, large = schools
    terms = rules.Terms(version=2, least_percent=60, silent_counts=True)
    moving.merge(small, large, MERGED)
    reckon(MERGED)
    one, two = batches.decide(terms, ["small", "large"], 2026)
    assert (one.due, one.met, one.counted) == (True, 2, 3)  # W47 to W49
    assert (two.due, two.met, two.counted) == (False, 2, 4)  # and the running one
    assert batches.every_site() == ["large"]


def test_the_pages_of_a_station_that_went(schools: Any) -> None:
    """Its row of weeks and its week go by the school where it stood, and the old school's week names its room."""
    from django.test import Client

    from estation_central.compliance import weeks as reckoned
    from estation_central.registry import moving
    from estation_central.registry.models import ClosedWeek
    from estation_central.stations.models import Station

    small, large = schools
    large.minimum_seconds = 900  # the same eleven minutes would not be enough there
    large.save()
    ClosedWeek.objects.create(site=small, week="2026-W47", reason="秋收")
    moving.merge(small, large, MERGED)
    reckon(NOW)
    room = Station.objects.get(name="a-1")
    assert reckoned.of_station(room, "2026-W51", 5) == [
        ("2026-W47", "not_due"), ("2026-W48", "met"), ("2026-W49", "met"), ("2026-W50", "silent"),
        ("2026-W51", "silent"),
    ]  # fmt: skip
    assert [each.station for each in reckoned.rooms(small, "2026-W48")] == ["a-1"]
    assert [each.station for each in reckoned.rooms(large, "2026-W48")] == ["b-1", "b-2"]
    assert [each.station for each in reckoned.rooms(large, "2026-W50")] == ["a-1", "b-1", "b-2"]
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    for week, words in (("2026-W48", b"minimum met: 660 s of 600 s"), ("2026-W47", b"nothing is due this week")):
        told = client.get(f"/stations/a-1/{week}/").content
        assert words in told
        assert b'In this week it stood at <a href="/sites/small/">' in told
    after = client.get("/stations/a-1/2026-W50/").content
    assert b"0 s of 900 s" in after
    assert b"it stood at" not in after


def test_places_that_share_a_station_are_reckoned_together(schools: Any) -> None:
    """In one transaction, and when either changes; others are not touched."""
    from estation_central.compliance import reckoner, terms
    from estation_central.registry import moving
    from estation_central.registry.adding import add
    from estation_central.registry.models import Site

    add("c-1", COUNTIES[0], "c-1", "third", {}, now=MERGED)
    reckon(MERGED)
    moving.merge(*schools, MERGED)
    assert {each.terms.site for each in reckoner.due(terms.places(MERGED), MERGED)} == {"small", "large"}
    reckon(MERGED)
    Site.objects.filter(code="large").update(minimum_seconds=700)
    found = terms.places(MERGED)
    assert {each.terms.site for each in reckoner.due(found, MERGED)} == {"small", "large"}
    assert sorted(sorted(each.terms.site for each in some) for some in reckoner.together(found)) == [
        ["large", "small"], ["third"]
    ]  # fmt: skip
    assert reckon(MERGED) == 2
    assert reckon(MERGED) == 0


def test_an_item_that_gets_its_topic_later_has_it_in_every_month(schools: Any) -> None:
    """The library is read after its films were shown: with the next pass the sums know the topic, and only then."""
    from estation_central.compliance import figures, reckoner

    november = date(2026, 11, 1), date(2026, 11, 30)
    reckon(MERGED)
    assert [(each.key, each.times) for each in figures.topics(*november)] == [("", 6)]
    figures.name_topics({"d" * 64: "farming", "e" * 64: "law"})
    assert reckon(MERGED) == 2
    told = [(each.key, each.times, each.seconds) for each in figures.topics(*november)]
    assert told == [("", 3, 900.0), ("farming", 3, 1081.5)]
    figures.name_topics({"d" * 64: "farming", "e" * 64: "health"})  # nobody has shown the other one
    assert reckon(MERGED) == 0
    figures.name_topics({"d" * 64: "health"})
    assert reckon(MERGED) == 2
    assert [each.key for each in figures.topics(*november)] == ["", "health"]
    kept = everything()
    reckoner.forget()
    reckon(MERGED)
    assert everything() == kept
