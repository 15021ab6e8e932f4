"""The whole machine in 448 MiB, as the image runs: a film in 720p while a stick with as much again is taken in.

The stick comes when the film is on the screen, and has been taken in whole, by the journal's order, before the film is
over; else there is no figure. Counted: processes that the kernel ended for want of memory, sessions that were not shown
to their end, and what was left at the tightest moment of the two together. The figure of the machine is QEMU's; a Pi's
kernel takes some of 512 MB for itself and its screen, which is why it gets less here.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.bench.result import Result, command
from tests.support import machine, machine_inside
from tests.support.hall import Hall, again, film
from tests.support.library import make_video, padded
from tests.support.machine_box import BoxInside
from tests.system import pictures
from tests.system.office import BOOT_WITHIN, press_for

ID: Final = "machine-memory"
MIB: Final = 448
FILM_SECONDS, TIMES = 60.0, 4  # one film that shows the same minute again: time for a reader that gives way to it
FRAMES_A_SECOND: Final = 25
MORE: Final = (6, 15_000_000)  # films and bytes of each: 90 MB that are copied, checked and synced meanwhile
STICK_WITHIN: Final = 600.0
LOOK_EVERY: Final = 1.0
LOOKS: Final = 5  # between two readings of the journal, which take the guest a second each
LOOK: Final = (
    "cut -d ' ' -f 1 /proc/uptime; awk '/^MemAvailable/{print $2}' /proc/meminfo; "
    "awk 'NR>1{used+=$4}END{print used+0}' /proc/swaps"
)


class Look(NamedTuple):
    """How the machine stood ``up`` seconds after its start. MiB."""

    up: float
    available: float
    swapped: float


def run() -> list[Result]:
    """Boot, provision, play, and take the second stick in meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="machine-memory-"))
    try:
        with ExitStack() as stack:
            return _measure(folder, stack)
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, stack: ExitStack) -> list[Result]:
    minute = film(FILM_SECONDS, rate=FRAMES_A_SECOND)
    more = [padded(make_video(folder / f"{number}.mp4", pattern=number), MORE[1]) for number in range(MORE[0])]
    now = datetime.now(UTC)
    hall = Hall(folder / "hall", [again(minute, TIMES)], now)
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
    second = hall.stick()
    press_for(tv, box, pictures.Film(minute, FRAMES_A_SECOND))
    tv.put_in(second)
    looks = _watch(box, inside)
    killed = int(inside.run("awk '$1 == \"oom_kill\"{print $2}' /proc/vmstat"))
    swaps = inside.run("cat /proc/swaps").splitlines()[1:]
    assert swaps, "no zram"
    assert all(line.startswith("/dev/zram") for line in swaps), swaps
    return _judged(box.records(), looks, killed)


def _watch(box: BoxInside, inside: machine_inside.Inside) -> list[Look]:
    """Until film and stick are over: how the machine stood."""
    looks: list[Look] = []
    ends = time.monotonic() + STICK_WITHIN
    while time.monotonic() < ends:
        for _ in range(LOOKS):
            up, available, swapped = map(float, inside.run(LOOK).split())
            looks.append(Look(up, available / 1024, swapped / 1024))
            time.sleep(LOOK_EVERY)
        kinds = [each["kind"] for each in box.records()]
        if "session.ended" in kinds and kinds.count("stick.seen") >= 2:
            return looks
    msg = f"film and stick were not over after {STICK_WITHIN:.0f} s: {kinds}"
    raise AssertionError(msg)


def _judged(records: list[dict[str, Any]], looks: list[Look], killed: int) -> list[Result]:
    """What the journal says of film and stick; no figure where both were well, but not beside each other."""
    begun, ended, seen = (
        [each for each in records if each["kind"] == kind]
        for kind in ("session.started", "session.ended", "stick.seen")
    )
    dropped = sum(each["reason"] != "completed" for each in ended) + len(begun) - 1
    taken_in = seen[-1]
    if not killed and not dropped:
        assert taken_in["taken"] == MORE[0], taken_in
        assert begun[0]["seq"] < taken_in["seq"] < ended[0]["seq"], f"not together: {begun}, {taken_in}, {ended}"
    both = [look for look in looks if look.up <= taken_in["up"]]
    seconds, swapped = both[-1].up - both[0].up, max(each.swapped for each in both)
    print(f"film and stick together for {seconds:.0f} s, at most {swapped:.0f} MiB in zram", flush=True)
    return [
        _row("killed", float(killed), "processes", "0", ok=killed == 0),
        _row("dropped", float(dropped), "sessions", "0", ok=dropped == 0),
        _row("left", min(look.available for look in both), "MiB", "told", ok=True),
    ]


def _row(what: str, value: float, unit: str, bar: str, *, ok: bool) -> Result:
    return Result(id=f"{ID}-{what}", value=round(value, 1), unit=unit, bar=bar, ok=ok, command=command(ID))
