"""A card on which a film can no longer be read: the others are shown, and a stick puts it right."""

from __future__ import annotations

import re
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

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


def test_a_film_that_cannot_be_read_costs_its_own_turn_and_a_stick_mends_it(tmp_path: Path):
    """The card fails under one of two films: the other is shown, and the stick brings the bad one anew."""
    now = datetime.now(UTC)
    paths = [film(seconds, turned) for seconds, turned in zip(SECONDS, (0, 120), strict=True)]
    films = [pictures.Film(path) for path in paths]
    hall = Hall(tmp_path / "hall", paths, now, minimum=Minimum(sessions=1, seconds=30))
    hall.sign(now + timedelta(days=2))
    card = machine.card(tmp_path, hall.root, inside=True)
    words = machine_inside.arguments(tmp_path)
    with machine.booted(tmp_path, card, {}, *words) as tv:
        box = BoxInside(machine_inside.Inside(tmp_path))
        tv.see("the welcome", pictures.welcome, BOOT_WITHIN)
        tv.put_in(hall.stick())
        tv.see("the station's name", pictures.named, STICK_WITHIN)
        box.record("provisioned", 60.0)
        tv.pull_out()
    bad, good = (hall.published.contents[f"video-{number}"] for number in (0, 1))
    dead = dead_blocks(card, f"/estation/cache/{bad}", tmp_path)
    with ExitStack() as stack:
        more = {"CARD": f"blkdebug:{dead}:{card}"}
        tv = stack.enter_context(machine.booted(tmp_path, card, more, *words))
        inside = machine_inside.Inside(tmp_path)
        box = BoxInside(inside)
        tv.see("a card", pictures.card, BOOT_WITHIN)
        box.wait("the box's head", lambda: box.unit("core", "ActiveState") == ["active"], STICK_WITHIN)
        press_for(tv, box, films[1])
        ended = box.record("session.ended", 240.0)
        shown = {each["content"]: each for each in box.records() if each["kind"] == "clip.shown"}
        assert shown[good]["shown"] > 0.9 * SECONDS[1], shown  # «completed» wants a sound card, and none is plugged
        assert bad not in shown or not shown[bad]["completed"]
        assert ended["reason"] in {"completed", "fault", "missing"}
        assert box.record("fault", STICK_WITHIN, what="card-rots")
        tv.put_in(hall.stick())
        box.wait("the film anew", lambda: readable(inside, bad), STICK_WITHIN)
        tv.pull_out()


def readable(inside: machine_inside.Inside, content: str) -> bool:
    """Whether every block of a film can be read off the card."""
    told = inside.tried(f"dd if=/var/lib/estation/cache/{content} of=/dev/null bs=64k iflag=direct")
    return told[0] == 0
