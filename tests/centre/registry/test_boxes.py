"""The boxes of a network: what each is, which are spare, and how one comes back into use. Either kind of database."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.central_here import here
from tests.support.registry_files import REGIONS, SITES, STATIONS

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


@pytest.fixture
def halls(tables: None) -> Iterator[list[Any]]:
    """Two counties with a hall each; a box serves in the first, another broke there, a third was stolen, one is new."""
    from django.conf import settings
    from django.test import override_settings

    from estation_central.registry import moving
    from estation_central.registry.adding import add
    from estation_central.registry.models import Box, Why

    made = [
        add(f"hall-{n}", code, f"Hall {n}", f"site-{n}", {}, now=NOW) for n, code in enumerate(("653101", "653121"))
    ]
    for serial, why in (("broke", Why.BROKEN), ("stole", Why.STOLEN), ("serve", None)):
        moving.assign(Box.objects.create(serial=serial), made[0], NOW)
        if why is not None:
            moving.take_away(made[0], LATER, why)
    moving.assign(Box.objects.create(serial="other"), made[1], NOW)
    Box.objects.create(serial="fresh")
    with override_settings(CENTRE=msgspec.structs.replace(settings.CENTRE, demo=False)):
        yield made


def somebody(role: str, **scope: Any) -> Any:
    from django.contrib.auth.models import User
    from django.test import Client

    from estation_central.accounts.models import Grant

    user = User.objects.create_user(f"{role}-{len(scope)}")
    Grant.objects.create(user=user, role=role, **scope)
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    client.force_login(user)
    return client


def listed(client: Any, asked: str = "") -> list[str]:
    """The serial numbers in the list."""
    rows = client.get(f"/boxes/{asked}").content.decode().partition("<tbody>")[2]
    return re.findall(r"<tr><td>(\w+) ", rows)


def test_every_box_is_in_one_state(halls) -> None:
    """In service, spare, in repair, stolen: the numbers add up to all, and each list has its own."""
    client = somebody("technician")
    assert listed(client) == ["broke", "fresh", "other", "serve", "stole"]
    states = {"serving": ["other", "serve"], "spare": ["fresh"], "repair": ["broke"], "stolen": ["stole"]}
    for state, serials in {**states, "scrapped": []}.items():
        assert listed(client, f"?state={state}") == serials
    told = client.get("/boxes/").content.decode()
    counts = re.findall(r"state=(\w+)\"[^>]*><b>(\d+)</b>", told)
    assert dict(counts) == {state: str(len(serials)) for state, serials in {**states, "scrapped": []}.items()}
    assert listed(client, "?q=hall-0") == ["serve"]
    assert listed(client, "?q=STOL") == ["stole"]
    assert listed(client, "?state=spare&q=stole") == []
    assert listed(client, "?state=nonsense") == ["broke", "fresh", "other", "serve", "stole"]


def test_the_list_says_since_when_and_what_was_last(halls) -> None:
    """Where it serves and when it was heard there; of one that is away, where it served last and why it left."""
    from estation_central.stations.models import Latest

    Latest.objects.create(station="hall-0", leaf="health", region="653101", payload=b"", heard=LATER)
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", somebody("monitor").get("/boxes/").content.decode()))
    assert "serve in service Hall 0 hall-0 2026-11-24 heard 2026-11-27 11:00 UTC" in told
    assert "broke in repair last at Hall 0 hall-0 2026-11-27 broken" in told
    assert "other in service Hall 1 hall-1 2026-11-24 never heard there" in told


def test_a_repaired_box_is_good_by_one_tap(halls) -> None:
    """It is in the pool again and can serve; the log has it, with the one who said so."""
    from auditlog.models import LogEntry

    from estation_central.registry import moving
    from estation_central.registry.models import Box

    client = somebody("technician")
    assert "repaired: good again" in client.get("/boxes/?state=repair").content.decode()
    answer = client.post("/boxes/broke/condition/", {"to": "good", "state": "repair"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/boxes/?state=repair")
    assert listed(client, "?state=spare") == ["broke", "fresh"]
    entry = LogEntry.objects.filter(object_pk="broke").latest("timestamp")
    assert (entry.actor.username, entry.changes_dict["condition"]) == ("technician-0", ["repair", "good"])
    moving.assign(Box.objects.get(serial="broke"), halls[1], LATER)


@pytest.mark.parametrize(
    ("serial", "to", "becomes"),
    [
        ("serve", "repair", "good"),  # it serves: it is taken from its station first
        ("fresh", "repair", "repair"),
        ("fresh", "stolen", "good"),
        ("stole", "good", "good"),
        ("stole", "scrapped", "stolen"),
        ("broke", "scrapped", "scrapped"),
    ],
)
def test_what_a_box_may_be_said_to_be(halls, serial: str, to: str, becomes: str) -> None:
    """A step that makes sense is taken; another is refused in words, and nothing changes."""
    from estation_central.registry.models import Box

    client = somebody("technician")
    told = client.post(f"/boxes/{serial}/condition/", {"to": to}, follow=True).content.decode()
    assert Box.objects.get(serial=serial).condition == becomes
    assert ("cannot become that" in told or "take it from there first" in told) == (to != becomes)
    assert client.post(f"/boxes/{serial}/condition/", {"to": "gold"}).status_code == 404


def test_whose_boxes_somebody_sees(halls) -> None:
    """A county's technician: those that serve or served last there, and the new ones; a monitor, no new ones."""
    from estation_central.registry import moving
    from estation_central.registry.models import Box, Region

    county = Region.objects.get(code="653121")
    technician, monitor = somebody("technician", region=county), somebody("monitor", region=county)
    assert listed(technician) == ["fresh", "other"]
    assert listed(monitor) == ["other"]
    assert '<button name="to"' not in monitor.get("/boxes/").content.decode()
    assert monitor.post("/boxes/other/condition/", {"to": "repair"}).status_code == 403
    assert technician.post("/boxes/broke/condition/", {"to": "good"}).status_code == 404
    moving.take_away(halls[0], LATER, "moved")
    moving.assign(Box.objects.get(serial="serve"), halls[1], LATER)
    assert listed(monitor) == ["other", "serve"]


def test_from_the_command_line(django: Path, state: Path, tmp_path: Path) -> None:
    """The same list, for whoever is at the server."""
    boxes = "serial,condition,station\na1,good,h1\na2,good,\na3,repair,\n"
    for name, content in (("regions", REGIONS), ("sites", SITES), ("stations", STATIONS), ("boxes", boxes)):
        (tmp_path / f"{name}.csv").write_text(content)
        assert here(state, "registry", "import", "--yes", str(tmp_path / f"{name}.csv")).returncode == 0
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert here(state, "registry", "boxes").stdout == f"a1 serving h1 {today}\na2 spare\na3 repair\n"
    assert here(state, "registry", "boxes", "--state", "spare").stdout == "a2 spare\n"
