"""The library at the centre: verified like in a box, with the documents and the keys that a place would have."""

from __future__ import annotations

import re
import shutil
from argparse import Namespace
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from estation_box.drivers.library_store import LibraryStore
from estation_central import believing
from estation_central.collector.sqlite import SqliteStore
from estation_central.settings import CentreSettings
from estation_wire.bulletins import BULLETINS_NAME
from estation_wire.counts import week_of
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Programme, decode_document
from estation_wire.profile import Minimum
from studio import profiles
from studio.delegation import delegate, publish_as, revoke
from studio.keyring import Keyring
from studio.repository import Repository
from studio.stick import write_stick
from tests.support.library import ZONE, Made, make_profile, make_stick
from tests.support.registry import add_station
from tests.support.sync_box import Box
from tests.support.trusting import COUNTY, again, bulletin_of, programme_of, refreshed, rules

DESK = f"{COUNTY}-emergency"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A publisher with a county and its emergency desk."""
    made = make_stick(tmp_path_factory.mktemp("publisher"), videos=1, station=None, now=NOW)
    for role in (COUNTY, DESK):
        delegate(made.studio, role, now=NOW)
    publish_as(made.studio, COUNTY, {PROGRAMME_NAME: programme_of(made, "county")}, now=NOW)
    publish_as(made.studio, DESK, {BULLETINS_NAME: bulletin_of("storm")}, now=NOW)
    return made


def take(library: Path, state: Path, root: Path | None = None) -> int:
    """``estation-central library``."""
    return believing.run(Namespace(library=library, root=root), CentreSettings(state=state))


def test_a_place_has_the_same_programme_here_as_in_its_box(made, django, tmp_path, capsys):
    """The county's own rule is in it for its halls and for nobody else; topics are known; keys are the public ones."""
    from estation_central.compliance.models import ItemTopic  # noqa: PLC0415 (models want Django set up)
    from estation_central.publication import library  # noqa: PLC0415

    repository = made.studio / "repository"
    assert take(repository, tmp_path) == 2
    assert "--root" in capsys.readouterr().err
    assert take(repository, tmp_path, made.root) == 0
    assert f"{COUNTY}, {DESK}" in capsys.readouterr().out
    box = Box(tmp_path / "box", made.root)
    refreshed(box, again(made), COUNTY)
    assert {rule.id for rule in library.document(Programme, COUNTY).rules} == rules(box)
    assert f"{COUNTY}:county" in rules(box)
    assert f"{COUNTY}:county" not in {rule.id for rule in library.document(Programme, "650102").rules}
    items = decode_document(
        Catalogue, Repository(repository, Keyring(made.studio / "keys")).document(CATALOGUE_NAME)
    ).items
    known = dict(ItemTopic.objects.filter(content__in=[item.id for item in items]).values_list("content", "topic"))
    assert known == {item.id: str(item.topic) for item in items} != {}
    desk = next(voice for voice in library.voices() if voice.role == DESK)
    assert (desk.threshold, len(desk.keys), {len(bytes.fromhex(key)) for key in desk.keys.values()}) == (2, 2, {32})
    assert library.voices(["nobody"]) == ()
    private = [path.read_bytes() for path in (made.studio / "keys").glob("*.pem")]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "library").rglob("*") if path.is_file())
    assert not any(key in kept for key in private)


def test_the_page_of_the_coming_week_says_what_the_box_will_do(made, django, tmp_path):
    """The slots of the box's own table; where there is none, a lesson or a closed week is the reason."""
    from django.test import Client  # noqa: PLC0415 (Django must be set up first)

    from estation_central.publication.models import Published  # noqa: PLC0415
    from estation_central.registry.models import ClosedWeek, Site  # noqa: PLC0415

    with closing(SqliteStore(django / "centre.sqlite3")) as store, store.transaction() as transaction:

        def run(words: str, *values: object) -> object:
            return transaction.run(words, values)

        add_station(run, "come-hall", "s-come", region=COUNTY, kind="village", timezone=ZONE, minimum_seconds=1)
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    Published.objects.all().delete()
    assert "No published library" in text(client, "come-hall")
    assert take(made.studio / "repository", tmp_path, made.root) == 0
    box = Box(tmp_path / "box", made.root)
    sign(made, station="hall-0007", region=COUNTY, minimum=Minimum(sessions=1, seconds=1))
    box.visit(write_again(made))
    now = datetime.now(UTC)
    with LibraryStore(box.state / "library.db") as held:
        table = held.slots(now, now + timedelta(days=7), yielding=True)
    told = text(client, "come-hall")
    assert table
    assert told.count("shown · the programme says so") == len(table)
    for slot in table:
        assert f"{slot.start.astimezone(ZoneInfo(ZONE)):%H:%M}" in told
    always = {"days": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "begin": "00:00", "end": "24:00"}
    Site.objects.filter(pk="s-come").update(hours={"lessons": [always]})
    assert text(client, "come-hall").count("it would disturb a lesson") == len(table)
    weeks = {week_of(slot.start, ZoneInfo(ZONE)) for slot in table}
    ClosedWeek.objects.bulk_create(ClosedWeek(site_id="s-come", week=week, reason="秋收") for week in weeks)
    assert text(client, "come-hall").count("nothing is owed · 秋收") == len(table)
    assert "本周停播" in text(client, "come-hall", **{"accept-language": "zh-CN"})


def sign(made: Made, **changes: object) -> None:
    """The studio signs a profile for the stick."""
    profiles.sign(made.studio, make_profile(made.authority.pem, **changes))


def write_again(made: Made) -> Path:
    """The stick with the library and every profile that was signed."""
    write_stick(made.studio, made.stick, profiles=sorted((made.studio / profiles.FOLDER).glob("*.json")))
    return made.stick


def text(client: Any, station: str, **headers: str) -> str:
    answer = client.get(f"/stations/{station}/programme/", headers=headers)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_what_is_not_the_publishers_is_not_taken_and_changes_nothing(made, django, tmp_path, capsys):
    """A changed document, another publisher, an older library and an empty folder: each is refused in words."""
    from estation_central.publication import library  # noqa: PLC0415 (models want Django set up)

    old = shutil.copytree(made.studio / "repository", tmp_path / "old")
    assert take(old, tmp_path / "state", made.root) == 0
    before = library.document(Programme, COUNTY)
    revoke(made.studio, DESK, now=NOW)
    assert take(made.studio / "repository", tmp_path / "state", made.root) == 0
    assert [voice.role for voice in library.voices()] == [COUNTY]
    changed = shutil.copytree(made.studio / "repository", tmp_path / "changed")
    for path in (changed / "targets").glob(f"*.{PROGRAMME_NAME}"):
        path.write_bytes(path.read_bytes().replace(b"FREQ=WEEKLY", b"FREQ=HOURLY"))
    other = make_stick(tmp_path / "other", videos=1, station=None, now=NOW)
    capsys.readouterr()
    for folder, root in ((old, None), (changed, None), (other.studio / "repository", None), (tmp_path, None)):
        assert take(folder, tmp_path / "state", root) == 2, folder
        assert "name the studio's folder `repository`" in capsys.readouterr().err
    assert take(other.studio / "repository", tmp_path / "state", other.root) == 2
    assert "another root" in capsys.readouterr().err
    assert library.document(Programme, COUNTY) == before
    assert [voice.role for voice in library.voices()] == [COUNTY]
