"""A station that is given up: the box is bare again, its records are home, and nothing of the place is left on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from estation_box.drivers.postbox import OUT, Postbox
from estation_box.drivers.profile_store import KEY, lives
from estation_box.library import said
from estation_box.programme.courtesy import Press
from estation_box.reporting.by_stick import Outgoing
from studio import profiles as signing
from studio.stick import write_stick
from tests.provisioning.hall import Hall, NamedBox
from tests.support.library import NOW, Made, make_profile
from tests.support.sync_box import Box, receipt_of

STATION = "hall-0007"


def order(made: Made, station: str = STATION, **words: object) -> Path:
    """A stick with which the office takes a station back."""
    signing.sign(made.studio, make_profile(made.authority.pem, station, retire=True, **{"epoch": 2, **words}))
    stick = made.stick.with_name(f"retire-{station}-{words.get('epoch', 2)}")
    stick.mkdir(exist_ok=True)
    write_stick(made.studio, stick, profiles=[signing.path_of(made.studio, station)])
    return stick


def test_a_retired_box_is_bare_and_keeps_its_films(made: Made, box: Box):
    """Name, key, certificate and request are gone; the films are public and stay; the receipt says so."""
    box.visit(made.stick)
    held = box.held()
    stick = order(made)
    synced = box.visit(stick)
    assert (synced.provisioned, synced.reasons, box.profile) == (True, (), None)
    assert held
    assert box.held() == held
    left = {path.name for path in box.state.iterdir()}
    assert not left & {"profile.json", "profile-box", "certificate.pem", "request.pem", KEY}
    assert lives(box.state) == 1
    assert said.RETIRED.about(station=STATION).zh in [line.zh for line in receipt_of(stick).lines]


def test_the_order_works_once_and_on_that_station_alone(made: Made, box: Box, tmp_path: Path):
    """The same stick again, another station's, an older one, or a bare box: nothing is done, and it is said."""
    bare = Box(tmp_path / "bare", made.root)
    assert bare.visit(order(made)).reasons == (said.PROFILE_RETIRES.about(station=STATION).zh,)
    box.visit(made.stick)
    other = box.visit(order(made, "hall-0008"))
    assert other.reasons == (said.PROFILE_OTHER.about(other="hall-0008", station=STATION).zh,)
    assert box.visit(order(made, epoch=1)).provisioned is False
    assert box.profile.station == STATION
    assert box.visit(order(made, epoch=3)).provisioned
    assert box.visit(order(made, epoch=3)).reasons == (said.PROFILE_USED.about(station=STATION).zh,)
    assert box.profile is None


@pytest.mark.parametrize("after", range(6))
def test_cut_anywhere_the_order_is_done_with_the_next_visit(made: Made, box: Box, after: int):
    """Power fails between any two steps: put in again, the box becomes bare, or is it already."""
    box.visit(made.stick)
    names = ["certificate.pem", "request.pem", KEY, "profile.json", "profile-box"]
    for name in names[:after]:
        (box.state / name).unlink(missing_ok=True)
    box.visit(order(made))
    assert box.profile is None
    assert not (box.state / KEY).exists()


def test_a_box_with_records_that_do_not_fit_on_the_stick_is_not_retired(made: Made, tmp_path: Path):
    """What the centre does not have yet is never left behind: the box stays what it is, and says why."""
    box = NamedBox(tmp_path / "named", made.root)
    box.visit(made.stick)
    stick = order(made)
    for left in (Outgoing(NOW, (), left=3), None):
        if left is None:
            (box.runtime / OUT).unlink()
        else:
            Postbox(box.runtime).send(left)
        assert box.visit(stick).reasons == (said.RETIRE_LATER.zh,)
        assert box.profile.station == STATION
        assert (box.state / KEY).exists()
    Postbox(box.runtime).send(Outgoing(NOW, ()))
    assert box.visit(stick).provisioned
    assert box.profile is None


def test_core_welcomes_people_again(made: Made, tmp_path: Path):
    """Core makes way for a new one, which knows no station; the box can become another one."""
    hall = Hall(tmp_path / "hall", made.root)
    assert hall.put_in(made.stick).provisioned
    hall.pull()
    assert hall.put_in(order(made)).provisioned
    assert hall.core.renewed
    assert hall.box.profile is None
    hall.press(Press.SHORT)
