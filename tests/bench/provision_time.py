"""`provision-time`: stick in to «provisioned», without content; and one stick with 18 profiles for 18 rooms.

The seconds are those of the real `estation-sync` process from its start to its end, on this machine. The rooms are
named by the real core and the real sync code in one process, with one button.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from estation_box.programme.courtesy import Press
from estation_wire import stick as layout
from studio import profiles
from tests.bench.result import Result, command, percentile
from tests.provisioning.hall import Hall
from tests.support.library import Made, make_profile, make_stick
from tests.support.sync_box import Box

TRIES = 5
ROOMS = 18
LIMIT_SECONDS = 10.0


def run() -> list[Result]:
    """Seconds of one box, and how many of the rooms are what they were meant to be."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make_stick(folder / "library", videos=1)
        shutil.rmtree(made.stick / layout.CONTENT)
        seconds = percentile([_seconds(folder / f"box-{number}", made) for number in range(TRIES)], 0.5)
        right, presses = _school(folder / "school", made)
    shared = {"command": command("provision-time")}
    return [
        Result(
            id="provision-time", value=round(seconds, 2), unit="s p50", bar="at most 10 s, 0 keys typed",
            ok=seconds <= LIMIT_SECONDS, **shared,
        ),
        Result(
            id="provision-time-rooms", value=right, unit="right rooms", bar=f"{ROOMS} of {ROOMS} boxes",
            ok=right == ROOMS, **shared,
        ),
        Result(
            id="provision-time-presses", value=presses, unit="presses of the button",
            bar=f"at most one a box ({ROOMS})",
            ok=presses <= ROOMS, **shared,
        ),
    ]  # fmt: skip


def _seconds(folder: Path, made: Made) -> float:
    """One new box with a stick that nobody has used."""
    stick = shutil.copytree(made.stick, folder / "stick")
    box = Box(folder, made.root)
    began = time.monotonic()
    box.run(stick)
    taken = time.monotonic() - began
    assert box.profile is not None, "the box is still bare"
    return taken


def _school(folder: Path, made: Made) -> tuple[int, int]:
    """Eighteen new boxes, one after the other, with one stick: each is named as its screen said before the press."""
    stick = shutil.copytree(made.stick, folder / "stick")
    (stick / layout.profile("hall-0007")).unlink()
    rooms = [f"room-{number:02d}" for number in range(1, ROOMS + 1)]
    for room in rooms:
        profile = make_profile(made.authority.pem, room, name=f"教室 {room}")
        (stick / layout.profile(room)).write_bytes(profiles.sign(made.studio, profile))
    right = presses = 0
    for room in rooms:
        hall = Hall(folder / room, made.root)
        hall.put_in(stick)
        if hall.box.profile is None and room in hall.screen:
            hall.press(Press.LONG)
            presses += 1
        named = hall.box.profile
        right += named is not None and named.station == room and f"教室 {room}" in hall.screen
    return right, presses
