"""A card on which a film can no longer be read, or nothing can be written: a box shows what there is.

One box is provisioned; each test wears a copy of its card.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from estation_wire.profile import Minimum
from tests.support import machine, machine_inside
from tests.support.hall import Hall, film
from tests.support.machine_box import BoxInside
from tests.system import pictures
from tests.system.office import BOOT_WITHIN, STICK_WITHIN, press_for

pytestmark = [pytest.mark.system, pytest.mark.soak]
SECONDS = (16.0, 24.0)
BLOCK_SECTORS = 8
EVERY_BLOCKS = 64  # one dead block in 256 KiB


def dead_blocks(card: Path, name: str, where: Path) -> Path:
    """A list for QEMU's blkdebug: reading some blocks of a file on the data partition fails."""
    data = where / "data"
    machine.run("dd", f"if={card}", f"of={data}", "bs=1M", f"skip={machine.DATA}")  # grown to the card's end by now
    machine.run("e2fsck", "-fy", data, good=(0, 1))
    told = machine.run("debugfs", "-R", f"blocks {name}", data)
    blocks = [int(number) for number in re.findall(r"\d+", told)][::EVERY_BLOCKS]
    assert len(blocks) > 4, told
    rule = '[inject-error]\nevent = "read_aio"\niotype = "read"\nerrno = "5"\nsector = "{}"\n'
    path = where / "dead"
    path.write_text("".join(rule.format(machine.DATA * 2048 + block * BLOCK_SECTORS) for block in blocks))
    return path


class Worn(NamedTuple):
    """A box that was provisioned with two films and is off, and its card."""

    hall: Hall
    films: list[pictures.Film]
    card: Path

    def again(self, folder: Path) -> Path:
        """A copy of the card."""
        machine.run("cp", "--sparse=always", self.card, folder / "card.img")
        return folder / "card.img"


@pytest.fixture(scope="module")
def worn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worn]:
    folder, now = tmp_path_factory.mktemp("worn"), datetime.now(UTC)
    paths = [film(seconds, turned) for seconds, turned in zip(SECONDS, (0, 120), strict=True)]
    hall = Hall(folder / "hall", paths, now, minimum=Minimum(sessions=1, seconds=30))
    hall.sign(now + timedelta(days=2))
    card = machine.card(folder, hall.root, inside=True)
    with machine.booted(folder, card, {}, *machine_inside.arguments(folder)) as tv:
        inside = machine_inside.Inside(folder)
        tv.see("the welcome", pictures.welcome, BOOT_WITHIN)
        tv.put_in(hall.stick())
        tv.see("the station's name", pictures.named, STICK_WITHIN)
        BoxInside(inside).record("provisioned", 60.0)
        tv.pull_out()
        inside.run("sync")
    yield Worn(hall, [pictures.Film(path) for path in paths], card)
    shutil.rmtree(folder)


def test_a_film_that_cannot_be_read_costs_its_own_turn_and_a_stick_mends_it(worn: Worn, tmp_path: Path):
    """The card fails under one of two films: the other is shown to its end, and the stick brings the bad one anew."""
    hall, card = worn.hall, worn.again(tmp_path)
    bad, good = (hall.published.contents[f"video-{number}"] for number in (0, 1))
    dead = dead_blocks(card, f"/estation/cache/{bad}", tmp_path)
    words = machine_inside.arguments(tmp_path)
    with machine.booted(tmp_path, card, {"CARD": f"blkdebug:{dead}:{card}"}, *words) as tv:
        inside = machine_inside.Inside(tmp_path)
        box = BoxInside(inside)
        tv.see("a card", pictures.card, BOOT_WITHIN)
        box.listens(STICK_WITHIN)
        press_for(tv, box, worn.films[1])
        ended = box.record("session.ended", 240.0)
        shown = {each["content"]: each for each in box.records() if each["kind"] == "clip.shown"}
        assert shown[good]["shown"] > 0.9 * SECONDS[1], shown  # «completed» wants a sound card, and none is plugged
        assert bad not in shown or not shown[bad]["completed"]
        assert ended["reason"] in {"completed", "fault", "missing"}
        assert box.record("fault", STICK_WITHIN, what="card-rots")
        tv.put_in(hall.stick())
        box.wait("the film anew", lambda: readable(inside, bad), STICK_WITHIN)
        tv.pull_out()


def test_a_card_that_takes_nothing_any_more_still_shows_its_programme(worn: Worn, tmp_path: Path):
    """Each write fails from the plug on: the box is the station that it was, says so, and shows a film on a press."""
    card, refusing = worn.again(tmp_path), tmp_path / "refusing"
    refusing.write_text('[inject-error]\nevent = "write_aio"\niotype = "write"\nerrno = "5"\n')
    words = machine_inside.arguments(tmp_path)
    with machine.booted(tmp_path, card, {"CARD": f"blkdebug:{refusing}:{card}"}, *words) as tv:
        inside = machine_inside.Inside(tmp_path)
        box = BoxInside(inside)
        tv.see("the trouble on a card", lambda seen: pictures.card(seen) and pictures.trouble(seen), BOOT_WITHIN)
        assert not pictures.welcome(tv.picture()), "a box that has a programme asks for a stick"
        assert "ext4 ro," in inside.run("grep ' /data ' /proc/mounts")
        assert inside.tried("ls -lR /data >/dev/null") == (0, ""), "what only ext4's journal holds is read as well"
        press_for(tv, box, worn.films[0])
        health = box.estation("status")["health"]
        assert "the card is read-only" in health["fault"]
        assert health["undelivered"] > 0
        tv.see("the other film", worn.films[1].on, SECONDS[0] + 30.0, every=0.5)
        tv.see("the card after both", pictures.card, SECONDS[1] + 30.0)
        assert box.unit("core", "NRestarts") == ["0"]


def readable(inside: machine_inside.Inside, content: str) -> bool:
    """Whether every block of a film can be read off the card."""
    told = inside.tried(f"dd if=/var/lib/estation/cache/{content} of=/dev/null bs=64k iflag=direct")
    return told[0] == 0
