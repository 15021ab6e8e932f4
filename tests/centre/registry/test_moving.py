"""What becomes of stations, boxes, schools and counties in ten years; in SQLite and in PostgreSQL."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


@pytest.fixture
def school(tables: None):
    """A school of two rooms in a village of a county."""
    from estation_central.registry.adding import add

    words = {"kind": "school", "minimum_seconds": 300}
    return [add(f"room-{n}", "653101", f"Room {n}", "school-0001", words, now=NOW) for n in (1, 2)]


def box(serial: str):
    from estation_central.registry.models import Box

    return Box.objects.create(serial=serial)


def test_a_station_outlives_its_box(school) -> None:
    """The box is stolen, another one takes its place: the station is the same, and both boxes are known."""
    from estation_central.registry import moving
    from estation_central.registry.models import Box, BoxAssignment, Why

    stolen, spare = box("a1"), box("a2")
    moving.assign(stolen, school[0], NOW)
    assert moving.take_away(school[0], LATER, Why.STOLEN) == stolen
    moving.assign(spare, school[0], LATER)
    told = BoxAssignment.objects.order_by("began", "id").values_list("box", "station", "began", "ended", "why")
    assert list(told) == [("a1", "room-1", NOW, LATER, "stolen"), ("a2", "room-1", LATER, None, "")]
    assert Box.objects.get(serial="a1").condition == "stolen"


def test_a_stolen_box_serves_nobody_and_none_serves_two(school) -> None:
    """What is in repair, stolen, or at another station is refused with a word that says what to do."""
    from django.core.exceptions import ValidationError

    from estation_central.registry import moving
    from estation_central.registry.models import Why

    one, two = box("a1"), box("a2")
    moving.assign(one, school[0], NOW)
    with pytest.raises(ValidationError, match="room-1"):
        moving.assign(one, school[1], NOW)
    moving.assign(two, school[0], NOW)  # the first goes to the pool
    moving.assign(one, school[1], NOW)
    moving.take_away(school[1], LATER, Why.BROKEN)
    with pytest.raises(ValidationError, match="a1"):
        moving.assign(one, school[1], LATER)


def test_a_merged_school_goes_on_in_the_other(school) -> None:
    """All rooms stand in the school that took over; what they were before is still told."""
    from estation_central.registry import moving
    from estation_central.registry.models import Placement, Site
    from estation_central.stations.models import Station

    old = Site.objects.get(code="school-0001")
    new = Site.objects.create(code="school-0002", kind="school", title="Second school", region=old.region)
    assert moving.merge(old, new, LATER) == 2
    assert set(Station.objects.values_list("site", flat=True)) == {"school-0002"}
    told = Placement.objects.filter(station="room-1").order_by("id").values_list("site", "began", "ended", "why")
    assert list(told) == [("school-0001", NOW, LATER, "merged"), ("school-0002", LATER, None, "")]
    assert Site.objects.get(code="school-0001").closed == LATER.date()


def test_nothing_moves_into_a_closed_school(school) -> None:
    """A site that was given up takes no station, and no other site."""
    from django.core.exceptions import ValidationError

    from estation_central.registry import moving
    from estation_central.registry.models import Placement, Site

    old = Site.objects.get(code="school-0001")
    closed = Site.objects.create(
        code="school-0002", kind="school", title="x", region=old.region, closed=date(2026, 1, 1)
    )
    with pytest.raises(ValidationError):
        moving.merge(old, closed, LATER)
    with pytest.raises(ValidationError):
        moving.merge(old, old, LATER)
    assert set(Placement.objects.values_list("site", "ended")) == {("school-0001", None)}


def test_a_county_gets_another_code(school) -> None:
    """The region and its sites stay; the code it had is kept; stations speak by the old one until they are renamed."""
    from estation_central.registry import moving
    from estation_central.registry.models import Region, Site
    from estation_central.stations.models import Station

    county = Region.objects.get(code="653101")
    moving.change_code(county, "653199", date(2027, 1, 1))
    moving.change_code(Region.objects.get(pk=county.pk), "653198", date(2028, 1, 1))
    told = county.codes.order_by("id").values_list("code", "began", "ended")
    assert list(told) == [
        ("653101", None, date(2027, 1, 1)),
        ("653199", date(2027, 1, 1), date(2028, 1, 1)),
        ("653198", date(2028, 1, 1), None),
    ]
    assert Site.objects.get(code="school-0001").region.code == "653198"
    assert Station.objects.get(name="room-1").region == "653101"


def test_a_station_that_is_given_up_frees_its_box(school) -> None:
    """The box goes to the pool, the station stays in the books and takes no other."""
    from django.core.exceptions import ValidationError

    from estation_central.registry import moving
    from estation_central.registry.models import Placement

    one = box("a1")
    moving.assign(one, school[0], NOW)
    moving.retire(school[0], LATER, LATER.date())
    moving.assign(one, school[1], LATER)
    assert not Placement.objects.filter(station="room-1", ended=None).exists()
    with pytest.raises(ValidationError):
        moving.assign(box("a2"), school[0], LATER)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("Region", {"code": "6531", "name": "x", "level": "county", "path": "x"}),
        ("Region", {"code": "6531", "name": "x", "level": "planet", "path": "x"}),
        ("Site", {"code": "s", "kind": "ship", "title": "x"}),
        ("Site", {"code": "s", "kind": "school", "title": "x", "minimum_sessions": 0}),
        ("Site", {"code": "s", "kind": "school", "title": "x", "share_percent": 101}),
        ("Site", {"code": "s", "kind": "school", "title": "x", "merged_into_id": "school-0001"}),
        ("Site", {"code": "s", "kind": "school", "title": "x", "opened": date(2026, 2, 1), "closed": date(2026, 1, 1)}),
        ("ClosedWeek", {"week": "2026-W40", "reason": "harvest"}),
        ("ClosedWeek", {"week": "2026-W40", "reason": "", "site_id": "school-0001"}),
        ("Box", {"serial": "x", "condition": "fine"}),
        ("BoxAssignment", {"box_id": "a1", "station_id": "room-2", "began": NOW}),
        ("BoxAssignment", {"box_id": "a2", "station_id": "room-1", "began": NOW}),
        ("BoxAssignment", {"box_id": "a2", "station_id": "room-2", "began": LATER, "ended": NOW, "why": "broken"}),
        ("BoxAssignment", {"box_id": "a2", "station_id": "room-2", "began": NOW, "ended": LATER, "why": ""}),
        ("Placement", {"station_id": "room-1", "site_id": "school-0001", "began": NOW}),
        ("Officer", {"site_id": "school-0001", "name": "", "phone": "13800000000"}),
    ],
)
def test_the_database_itself_refuses_what_cannot_be(school, table: str, words: dict) -> None:
    """Whoever writes past our forms is stopped by the tables."""
    from django.db import IntegrityError, transaction

    from estation_central.registry import models, moving

    moving.assign(box("a1"), school[0], NOW)
    box("a2")
    if table == "Site":
        words = {"region_id": models.Region.objects.get().pk, **words}
    with pytest.raises(IntegrityError), transaction.atomic():
        getattr(models, table).objects.bulk_create([getattr(models, table)(**words)])


def test_a_moved_region_takes_all_below_it_along(school) -> None:
    """A township that goes to another county keeps its villages, and they are found below the new county."""
    from estation_central.registry.models import Region, Site
    from estation_central.registry.queries import below

    old = Region.objects.get(code="653101")
    new = Region.objects.create(code="653121", name="疏附县", level="county")
    township = Region.objects.create(code="653101100", name="乡", level="township", parent=old)
    village = Region.objects.create(code="653101100200", name="村", level="village", parent=township)
    Site.objects.create(code="hall", kind="village", title="文化室", region=village)
    township.parent = new
    township.save()
    village.refresh_from_db()
    assert village.path == f"{new.pk}/{township.pk}/{village.pk}/"
    assert list(Site.objects.filter(below(new)).values_list("code", flat=True)) == ["hall"]


def test_an_officers_data_goes_with_the_duty(school) -> None:
    """The day after the last day of duty, name and phone are in no table any more."""
    from estation_central.registry.erasing import erase
    from estation_central.registry.models import Officer

    for name, until in (("甲", date(2026, 11, 24)), ("乙", None)):
        Officer.objects.create(site_id="school-0001", name=name, phone="13800000000", until=until)
    assert erase(date(2026, 11, 24)) == 0
    assert erase(date(2026, 11, 25)) == 1
    assert list(Officer.objects.values_list("name", flat=True)) == ["乙"]


def test_which_places_have_no_working_station(school) -> None:
    """A station that was heard, or whose report a stick brought, works; a site without one is named."""
    from estation_central.registry.models import Region, Site
    from estation_central.registry.queries import uncovered_sites, uncovered_villages
    from estation_central.stations.models import Latest

    township = Region.objects.create(
        code="653101100", name="乡", level="township", parent=Region.objects.get(code="653101")
    )
    villages = [
        Region.objects.create(code=f"65310110020{n}", name=f"{n}村", level="village", parent=township) for n in (1, 2)
    ]
    Site.objects.create(code="hall", kind="village", title="文化室", region=villages[0])
    Latest.objects.create(station="room-1", leaf="health", region="653101", heard=NOW)
    assert list(uncovered_sites(Site.objects.all(), NOW).values_list("code", "fitted")) == [("hall", 0)]
    a_month_on = NOW + timedelta(days=31)
    assert set(uncovered_sites(Site.objects.all(), a_month_on).values_list("code", "fitted")) == {
        ("hall", 0),
        ("school-0001", 2),
    }
    assert [each.name for each in uncovered_villages(Region.objects.all())] == ["2村"]


def test_why_a_site_owes_nothing_in_a_week(school) -> None:
    """Its own closed weeks, those of its calendar, and what lies between two terms."""
    from estation_central.registry.models import Calendar, ClosedWeek, Site
    from estation_central.registry.queries import hours_of

    terms = {"terms": [{"first": "2026-W36", "last": "2027-W03"}]}
    year = Calendar.objects.create(code="year", title="School year", hours=terms)
    Site.objects.filter(code="school-0001").update(calendar=year)
    ClosedWeek.objects.create(site_id="school-0001", week="2026-W47", reason="roof")
    ClosedWeek.objects.create(calendar=year, week="2026-W40", reason="国庆")
    hours = hours_of(Site.objects.select_related("calendar"))["school-0001"]
    assert [hours.closed(week) for week in ("2026-W47", "2026-W40", "2026-W48")] == ["roof", "国庆", None]
    assert hours.closed("2026-W30") == "学期之间 · between two terms"
