"""``card-wear``: what the box writes on its card in a day of 24 hours and 10 sessions, as QEMU's block layer counts it.

One idle hour and one session of 10 minutes without new content, both of the guest's time: with ``-icount`` and
``sleep=off`` its clock goes on at once where nothing is to be done, so that an idle hour takes minutes. File system,
journal of the file system and everything else in the image are in it. A day is 24 such hours and 10 such sessions.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from estation_wire.profile import Minimum
from tests.bench.result import Result, command
from tests.support import machine, machine_inside
from tests.support.hall import Hall
from tests.support.library import make_video
from tests.support.machine_box import BoxInside
from tests.support.machine_inside import Inside
from tests.system import pictures
from tests.system.office import BOOT_WITHIN, STICK_WITHIN

ROOT: Final = Path(__file__).resolve().parents[2]
FILM_SECONDS: Final = (200.0, 200.0, 200.0)
SETTLED_SECONDS: Final = 900.0  # after its boot: the rules are expanded, the clock has been saved once
HOUR: Final = 3600.0
SESSIONS, HOURS = 10, 24
BAR_BYTES: Final = 10_000_000
SKIPPING: Final = ("-icount", "shift=1,sleep=off", "-smp", "1")
ALONE: Final = "tcg,thread=single"
RESTS_SECONDS: Final = 60.0  # after a session: what the kernel still holds back is written by then
LOOK_EVERY: Final = 1.0
WITHIN: Final = 3000.0  # of this machine's seconds


class Wear:
    """A box in QEMU whose own time is asked for, and what it has written."""

    def __init__(self, tv: machine.Machine, inside: Inside) -> None:
        self._tv, self._inside = tv, inside

    def pass_until(self, up: float) -> tuple[float, int]:
        """Wait until the guest's kernel has run for ``up`` seconds; how long it has then, and the bytes written."""
        ends = time.monotonic() + WITHIN
        while (now := float(self._inside.run("cat /proc/uptime").split()[0])) < up:
            assert time.monotonic() < ends, f"the guest's clock is at {now:.0f} s, not at {up:.0f}"
            time.sleep(LOOK_EVERY)
        return now, self._tv.written()


def run() -> list[Result]:
    """Bytes a day, and of what they are made."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as name:
        hour, session = _measured(Path(name))
    print(f"an idle hour: {hour / 1e3:.0f} kB; a session of 10 minutes: {session / 1e3:.0f} kB", flush=True)
    value = HOURS * hour + SESSIONS * session
    return [
        Result(
            id="card-wear", value=round(value / 1e6, 2), unit="MB a day of 24 h and 10 sessions", bar="at most 10 MB",
            ok=value <= BAR_BYTES, command=command("card-wear"),
        )
    ]  # fmt: skip


def _measured(folder: Path) -> tuple[float, float]:
    """Bytes of an idle hour, and of a session."""
    films = [
        make_video(folder / f"{each}.mp4", seconds=seconds, size="640x360", pattern=each + 1)
        for each, seconds in enumerate(FILM_SECONDS)
    ]
    now = datetime.now(UTC)
    hall = Hall(folder / "hall", films, now, minimum=Minimum(sessions=1, seconds=30))
    hall.sign(now + timedelta(days=2))
    card = machine.card(folder, hall.root, inside=True)
    words = machine_inside.arguments(folder)
    with machine.booted(folder, card, {}, *words) as tv:
        tv.see("the welcome", pictures.welcome, BOOT_WITHIN)
        tv.put_in(hall.stick())
        BoxInside(Inside(folder)).record("stick.seen", STICK_WITHIN, taken=len(films))
        tv.pull_out()
    with machine.booted(folder, card, {"ACCEL": ALONE}, *words, *SKIPPING) as tv:
        inside = Inside(folder)
        wear, box = Wear(tv, inside), BoxInside(inside)
        began, before = wear.pass_until(SETTLED_SECONDS)
        ended, idle = wear.pass_until(began + HOUR)
        box.press()
        over = box.record("session.ended", WITHIN)
        assert over["reason"] == "completed", over
        _, after = wear.pass_until(over["up"] + RESTS_SECONDS)
    return (idle - before) * HOUR / (ended - began), float(after - idle)
