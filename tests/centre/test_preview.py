"""The centre's preview: the box's own planner, asked without a box."""

from __future__ import annotations

from argparse import Namespace
from datetime import timedelta

import pytest

from estation_box.drivers.library_store import LibraryStore
from estation_central import previewing
from estation_central.previewing import planned, read_profile
from estation_wire.hours import Calendar, Window
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Programme, decode_document
from estation_wire.planner import preview
from studio import profiles
from studio.keyring import Keyring
from studio.repository import Repository
from tests.support.library import NOW, Made, make_profile, make_stick
from tests.support.sync_box import Box


@pytest.fixture
def made(tmp_path) -> Made:
    return make_stick(tmp_path)


def ask(profile, library) -> int:
    """``estation-central preview PROFILE LIBRARY``."""
    return previewing.run(Namespace(profile=profile, library=library, begin=NOW.isoformat(), days=14))


def sign(made: Made, **changes):
    profile = make_profile(made.authority.pem, **changes)
    profiles.sign(made.studio, profile)
    return profiles.path_of(made.studio, profile.station)


def test_the_preview_is_what_the_box_will_have_in_its_table(made, tmp_path):
    """Whoever plans at the office sees the very sessions that the hall will see."""
    path = sign(made, epoch=7)
    repository = Repository(made.studio / "repository", Keyring(made.studio / "keys"))
    programme = decode_document(Programme, repository.document(PROGRAMME_NAME))
    catalogue = decode_document(Catalogue, repository.document(CATALOGUE_NAME))
    _, expanded = planned(read_profile(path), programme, catalogue, NOW, timedelta(days=14))
    box = Box(tmp_path / "box", made.root)
    box.visit(made.stick)
    with LibraryStore(box.state / "library.db") as store:
        assert store.slots(NOW, NOW + timedelta(days=14), yielding=True) == list(expanded.slots)
    assert expanded.slots


def test_a_lesson_is_named_as_the_reason(made, capsys):
    every_hour = Window(days=("MO", "TU", "WE", "TH", "FR", "SA", "SU"), begin="00:00", end="24:00")
    path = sign(made, calendar=Calendar(lessons=(every_hour,)))
    library = made.studio / "repository"
    assert ask(path, library) == 0
    told = capsys.readouterr().out.splitlines()
    assert told
    assert all("lesson" in line and line.startswith("–") for line in told)


def test_what_is_shown_is_ticked_with_its_zone(made, capsys):
    path = sign(made)
    assert ask(path, made.studio / "repository") == 0
    assert capsys.readouterr().out.startswith("✓ ")


def test_what_cannot_be_read_is_told_with_what_to_do(made, tmp_path, capsys):
    path = sign(made)
    assert ask(path, tmp_path) == 2
    assert "name the studio's folder" in capsys.readouterr().err
    assert ask(made.root, made.studio / "repository") == 2
    assert "no profile" in capsys.readouterr().err
    assert ask(tmp_path / "missing", made.studio / "repository") == 2


def test_the_preview_and_the_boxs_reasons_come_from_one_function(made):
    profile = read_profile(sign(made))
    repository = Repository(made.studio / "repository", Keyring(made.studio / "keys"))
    programme = decode_document(Programme, repository.document(PROGRAMME_NAME))
    catalogue = decode_document(Catalogue, repository.document(CATALOGUE_NAME))
    hours, expanded = planned(profile, programme, catalogue, NOW, timedelta(days=14))
    judged = preview(expanded.slots, hours, float(profile.minimum.seconds))
    assert [each.slot for each in judged] == list(expanded.slots)
