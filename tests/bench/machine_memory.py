"""The whole machine in 448 MiB, as the image runs: a film in 720p while a stick with as much again is taken in.

Counted: processes that the kernel ended for want of memory, sessions that were not shown to their end, and what was
left at the tightest moment. The figure of the machine is QEMU's; a Pi's kernel takes some of 512 MB for itself and its
screen, which is why it gets less here.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.bench.result import Result, command
from tests.support import machine, machine_inside
from tests.support.hall import Hall, film
from tests.support.library import make_video, padded
from tests.support.machine_box import BoxInside
from tests.system import pictures
from tests.system.office import BOOT_WITHIN, press_for

ID: Final = "machine-memory"
MIB: Final = 448
FILM_SECONDS: Final = 60.0
FRAMES_A_SECOND: Final = 25
MORE: Final = (6, 15_000_000)  # films and bytes of each: 90 MB that are copied, checked and synced meanwhile
STICK_WITHIN: Final = 600.0


def run() -> list[Result]:
    """Boot, provision, play, and take the second stick in meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="machine-memory-"))
    try:
        with ExitStack() as stack:
            return _measure(folder, stack)
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, stack: ExitStack) -> list[Result]:
    shown = film(FILM_SECONDS, rate=FRAMES_A_SECOND)
    more = [padded(make_video(folder / f"{number}.mp4", pattern=number), MORE[1]) for number in range(MORE[0])]
    now = datetime.now(UTC)
    hall = Hall(folder / "hall", [shown], now)
    hall.sign(now + timedelta(days=2))
    card = machine.card(folder, hall.root, inside=True)
    words = machine_inside.arguments(folder)
    tv = stack.enter_context(machine.booted(folder, card, {"MEMORY": str(MIB)}, *words))
    inside = machine_inside.Inside(folder)
    box = BoxInside(inside)
    tv.see("the welcome", pictures.welcome, BOOT_WITHIN)
    tv.put_in(hall.stick())
    tv.see("the station's name", pictures.named, STICK_WITHIN)
    tv.pull_out()
    hall.add(more)
    hall.sign(now + timedelta(days=2))
    tv.put_in(hall.stick())
    tv.see("that the stick is copied", pictures.copying, STICK_WITHIN, every=0.5)
    press_for(tv, box, pictures.Film(shown, FRAMES_A_SECOND))
    lowest, synced = _watch(box, inside)
    ended = [each for each in box.records() if each["kind"] == "session.ended"]
    killed = inside.run("journalctl -k --no-pager -o cat | grep -ciE 'out of memory|oom-kill' || true")
    swaps = inside.run("cat /proc/swaps").splitlines()[1:]
    assert synced, "the stick was not taken in while the film played"
    assert all("zram" in line for line in swaps), swaps
    return [
        _row("killed", float(killed), "processes", "0", ok=killed == "0"),
        _row("dropped", float(sum(each["reason"] != "completed" for each in ended)), "sessions", "0",
             ok=bool(ended) and all(each["reason"] == "completed" for each in ended)),
        _row("left", lowest, "MiB", "told", ok=True),
    ]  # fmt: skip


def _watch(box: BoxInside, inside: machine_inside.Inside) -> tuple[float, bool]:
    """Until film and stick are over: the least memory that was available (MiB), and whether both were."""
    lowest, ends = float(MIB), time.monotonic() + STICK_WITHIN
    while time.monotonic() < ends:
        available = inside.run("awk '/MemAvailable/{print $2}' /proc/meminfo")
        lowest = min(lowest, int(available) / 1024)
        kinds = [each["kind"] for each in box.records()]
        if "session.ended" in kinds and kinds.count("stick.seen") >= 2:
            return lowest, True
    return lowest, False


def _row(what: str, value: float, unit: str, bar: str, *, ok: bool) -> Result:
    return Result(id=f"{ID}-{what}", value=round(value, 1), unit=unit, bar=bar, ok=ok, command=command(ID))
