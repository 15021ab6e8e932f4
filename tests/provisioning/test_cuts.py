"""Kills and pulled sticks while a box gets its name and leaves its records: nothing is half done."""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from estation_box.drivers.folder import Folder
from estation_box.drivers.postbox import Postbox
from estation_box.library import said
from estation_box.library.interfaces import UnreadableError
from estation_box.reporting.by_stick import Letter, Outgoing
from estation_wire import stick as layout
from studio import profiles
from tests.provisioning.hall import NamedBox
from tests.support.library import Made, make_profile
from tests.support.sync_box import receipt_of

ROOMS, WANTED, KILLS = ("room-01", "room-02", "room-03"), "room-02", 25
JOURNAL = "a" * 32
RECORDS = (b'{"seq":1}', b'{"seq":2}')


class CutStick:
    """See `Stick`: somebody pulls it after so many calls."""

    def __init__(self, root: Path, calls: int) -> None:
        self._folder = Folder(root)
        self.left = calls

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.__exit__()

    def __getattr__(self, name):
        self.left -= 1
        if self.left < 0:
            raise UnreadableError(said.UNREADABLE, "pulled")
        return getattr(self._folder, name)


@pytest.fixture
def school(made: Made) -> Made:
    """A stick with three rooms' profiles and no videos."""
    (made.stick / layout.profile("hall-0007")).unlink()
    for video in (made.stick / layout.CONTENT).iterdir():
        video.unlink()
    for room in ROOMS:
        envelope = profiles.sign(made.studio, make_profile(made.authority.pem, room))
        (made.stick / layout.profile(room)).write_bytes(envelope)
    return made


def fresh(folder: Path, made: Made) -> NamedBox:
    """A bare box before which somebody has chosen, with two records to take along."""
    box = NamedBox(folder, made.root)
    box.desk.choose(WANTED)
    Postbox(box.runtime).send(Outgoing(datetime(2026, 11, 23, tzinfo=UTC), (Letter(JOURNAL, 1, RECORDS),)))
    return box


def whole(box: NamedBox, stick: Path) -> None:
    """One more visit, and the box is the chosen room, with its receipt and its records on the stick."""
    box.visit(stick)
    assert box.profile is not None
    assert box.profile.station == WANTED
    assert receipt_of(stick, WANTED).epoch == 1
    (report,) = (stick / layout.reports(WANTED)).glob("*.report")
    sealed = layout.unseal(report.read_bytes(), layout.REPORT_KIND, layout.REPORT_LIMIT_BYTES)
    assert layout.read_report(sealed)[1] == RECORDS
    assert [path.name for path in (stick / layout.RETURNED).iterdir()] == [WANTED]


def test_a_box_killed_while_it_gets_its_name_is_bare_or_named_and_never_another(school, tmp_path):
    """Kill -9 at 25 random points: with the next start it is the room that was chosen, with one receipt."""
    killed(school, tmp_path, KILLS)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_five_hundred_kills_name_no_box_wrongly(school, tmp_path):
    """The same five hundred times: the name, the receipt and the records that the stick takes home."""
    killed(school, tmp_path, 500)


def killed(school: Made, tmp_path: Path, kills: int) -> None:
    chance = random.Random(4)
    box = fresh(tmp_path / "whole", school)
    began = time.monotonic()
    whole(box, school.stick)
    length = time.monotonic() - began
    for number in range(kills):
        for left in sorted((school.stick / layout.RETURNED).rglob("*"), reverse=True):
            left.rmdir() if left.is_dir() else left.unlink()
        box = fresh(tmp_path / f"box-{number}", school)
        child = os.fork()
        if child == 0:
            try:
                box.visit(school.stick)
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0, length))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert box.profile is None or box.profile.station == WANTED
        whole(box, school.stick)


def test_a_stick_pulled_at_any_moment_is_only_put_in_again(school, tmp_path):
    """After each single step the stick is gone: the box is bare or named, and the next time all is well."""
    calls, finished = 0, False
    while not finished:
        calls += 4
        box = fresh(tmp_path / f"box-{calls}", school)
        with CutStick(school.stick, calls) as stick:
            box.visit(stick)
            finished = stick.left > 0
        assert box.profile is None or box.profile.station == WANTED
        box.desk.choose(WANTED)  # people answer the same question again
        whole(box, school.stick)
        for left in sorted((school.stick / layout.RETURNED).rglob("*"), reverse=True):
            left.rmdir() if left.is_dir() else left.unlink()
