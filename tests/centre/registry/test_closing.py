"""Files and history: a file that closes a site leaves no station behind, and what was before goes out and never in."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import pytest

from tests.support.registry_files import NOW, everything, take


def edited(**tables: str) -> bytes:
    """What an export gives, of which somebody wrote some tables anew; as XLSX."""
    from estation_central.registry.transfer import files, giving

    told = [files.read(f"{name}.csv", content.encode())[0] for name, content in tables.items()]
    return files.write_xlsx([*(table for table in giving.tables() if table.name not in tables), *told])


MERGED = "code,kind,title,region,closed,merged_into\nschool-1,school,小学,653101100,2026-11-01,hall-1\n"


@pytest.mark.parametrize("whole", [False, True], ids=["the one row", "an export with that row changed"])
def test_a_merger_in_a_file_takes_the_stations_along(small: None, *, whole: bool) -> None:
    """They stand in the site that took over, with their history; the preview tells it; once more changes nothing."""
    from estation_central.registry.models import Placement
    from estation_central.stations.models import Station

    content = edited(sites=MERGED) if whole else MERGED
    name = "all.xlsx" if whole else "sites.csv"
    seen = take(name, content, keep=False)
    assert seen.faults == []
    assert (seen.counts["sites"].changed, seen.counts["stations"].changed) == (1, 1)
    assert [(row, before, after) for row, _site, before, after in seen.counts["stations"].changes] == [
        ("一班 (r1)", "school-1", "hall-1")
    ]
    assert Station.objects.get(name="r1").site_id == "school-1"
    assert take(name, content).digest == seen.digest
    assert Station.objects.get(name="r1").site_id == "hall-1"
    told = Placement.objects.filter(station="r1").order_by("id").values_list("site", "ended", "why")
    assert list(told) == [("school-1", NOW, "merged"), ("hall-1", None, "")]
    before = everything()
    assert take(name, content).nothing
    assert everything() == before


CLOSES, MERGES = (f"school-1,school,小学,653101100,{day}," for day in ("2026-11-01", "2026-11-01,hall-1"))


@pytest.mark.parametrize(
    ("sites", "stations", "words"),
    [
        (CLOSES, "", "Stations still stand here (r1)"),
        (MERGES.replace("-01,hall", "-25,hall"), "", "on its day"),
        (MERGES, "new,653101,二班,school-1,", "merged into 文化室 (hall-1)"),
        (MERGES, "h1,653101,文化室,school-1,", "merged into 文化室 (hall-1)"),
    ],
    ids=["left behind", "too early", "a new station", "a station of elsewhere"],
)
def test_no_station_is_left_in_a_closed_site(small: None, sites: str, stations: str, words: str) -> None:
    """What would leave a station where nothing is any more is refused, with what to do; all stays as it was."""
    from django.utils import translation

    from estation_central.registry.models import Region, Site
    from estation_central.stations.models import Station

    county = Region.objects.get(code="653101")
    other = Site.objects.create(code="hall-2", kind="village", title="x", region=county)
    Station.objects.filter(name="h1").update(site=other)
    tables = {"sites": f"code,kind,title,region,closed,merged_into\n{sites}\n"}
    if stations:
        tables["stations"] = f"name,region,title,site,retired\n{stations}\n"
    before = everything()
    with translation.override("en"):
        faults = take("all.xlsx", edited(**tables)).faults
    assert [fault.row for fault in faults] == [2], faults
    assert words in faults[0].words
    assert everything() == before


def test_a_site_closes_with_what_becomes_of_its_stations(small: None) -> None:
    """In one file: the school is given up, one room moves, one is given up with it, and is not brought back there."""
    from estation_central.registry.models import Placement, Site
    from estation_central.stations.models import Station

    assert not take("stations.csv", "name,region,title,site\nr2,653101,二班,school-1\n").faults
    sites = "code,kind,title,region,closed\nschool-1,school,小学,653101100,2026-11-01\n"
    rooms = "name,region,title,site,retired\nr1,653101,一班,hall-1,\nr2,653101,二班,school-1,2026-11-01\n"
    assert take("all.xlsx", edited(sites=sites, stations=rooms)).faults == []
    assert Site.objects.get(code="school-1").closed is not None
    assert dict(Station.objects.values_list("name", "site"))["r1"] == "hall-1"
    assert not Placement.objects.filter(site="school-1", ended=None).exists()
    back = "name,region,title,site,retired\nr2,653101,二班,school-1,\n"
    assert [fault.row for fault in take("stations.csv", back).faults] == [2]


def test_what_was_before_goes_out_too(small: None) -> None:
    """Which box served where, where stations stood, which code a county had; coming in it is passed over."""
    from estation_central.registry import moving
    from estation_central.registry.models import Region
    from estation_central.registry.transfer import files, giving

    assert not take("boxes.csv", "serial,station\na1,h1\n").faults
    assert not take("boxes.csv", "serial,condition,station\na1,stolen,\na2,good,h1\n").faults
    assert not take("sites.csv", MERGED).faults
    moving.change_code(Region.objects.get(code="653101"), "653199", NOW.date())
    told = {table.name: [cells for _number, cells in table.rows] for table in giving.tables()}
    at = "2026-11-24T11:00:00Z"
    assert told["box_assignments"] == [("a1", "h1", at, at, "stolen"), ("a2", "h1", at, "", "")]
    assert told["placements"] == [
        ("h1", "hall-1", at, "", ""),
        ("r1", "school-1", at, at, "merged"),
        ("r1", "hall-1", at, "", ""),
    ]
    assert told["region_codes"] == [
        ("653199", "喀什市", "653101", "", "2026-11-24"),
        ("653199", "喀什市", "653199", "2026-11-24", ""),
    ]
    long = files.Table("placements", ("station",), tuple((n, ("h1",)) for n in range(files.ROWS + 9)))
    outcome = take("all.xlsx", files.write_xlsx([*(t for t in giving.tables() if t.name != "placements"), long]))
    assert (outcome.faults, outcome.nothing, len(outcome.passed_over)) == ([], True, 3)
    alone = take("placements.csv", "station,site\nh1,hall-9\n")
    assert (alone.faults, alone.nothing, len(alone.passed_over)) == ([], True, 1)
