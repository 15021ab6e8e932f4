"""``card-wear``: what the box writes on its card in a day of 24 hours and 10 sessions, as QEMU's block layer counts it.

One idle hour and one session of 10 minutes without new content, both of the guest's time: with ``-icount`` and
``sleep=off`` its clock goes on at once where nothing is to be done, so that an idle hour takes minutes. File system,
journal of the file system and everything else in the image are in it. A day is 24 such hours and 10 such sessions.

The box is provisioned, has been told the time and reaches no network. In the hour the fetch that comes by the timer is
called once. What comes once a day or once a boot is told beside it, and is not in the figure: a boot, the rules that
are expanded anew. What a card writes inside for what is written on it, nobody sees.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from estation_wire.profile import Minimum
from tests.bench.result import Result, command
from tests.support import machine, machine_inside
from tests.support.hall import Hall
from tests.support.library import make_video
from tests.support.machine_box import BoxInside
from tests.support.machine_inside import Inside
from tests.system import pictures
from tests.system.office import BOOT_WITHIN, STICK_WITHIN

ID: Final = "card-wear"
ROOT: Final = Path(__file__).resolve().parents[2]
FILM_SECONDS: Final = (200.0, 200.0, 200.0)
SESSION_SECONDS: Final = 600
SETTLED_SECONDS: Final = 900.0  # after its boot: the rules are expanded, the clock has been saved once
HOUR: Final = 3600.0
SESSIONS, HOURS = 10, 24
BAR_BYTES: Final = 10_000_000
SKIPPING: Final = ("-icount", "shift=1,sleep=off", "-smp", "1")
NOON_UTC: Final = 4  # by the image's clock: what comes at its midnight is not in the hour, whenever this is measured
ALONE: Final = "tcg,thread=single"
RESTS_SECONDS: Final = 360.0  # what the kernel still holds back is written by then: pages wait 30 s, ext4's journal 300
LOOK_EVERY: Final = 1.0
WITHIN: Final = 3000.0  # of this machine's seconds


class Wear:
    """A box in QEMU whose own time is asked for, and what it has written."""

    def __init__(self, tv: machine.Machine, inside: Inside) -> None:
        self._tv, self._inside = tv, inside

    def pass_until(self, up: float) -> tuple[float, int]:
        """Wait until the guest's kernel has run for ``up`` seconds; how long it has then, and the bytes written."""
        ends = time.monotonic() + WITHIN
        while (now := self.up()) < up:
            assert time.monotonic() < ends, f"the guest's clock is at {now:.0f} s, not at {up:.0f}"
            time.sleep(LOOK_EVERY)
        return now, self._tv.written()

    def up(self) -> float:
        """How long the guest's kernel has run."""
        return float(self._inside.run("cat /proc/uptime", WITHIN).split()[0])


class Written(NamedTuple):
    """Bytes."""

    boot: float
    hour: float
    session: float
    expanded: float


def run() -> list[Result]:
    """Bytes a day, and of what they are made."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as name:
        written = _measured(Path(name))
    value = HOURS * written.hour + SESSIONS * written.session
    return [
        Result(
            id=ID, value=round(value / 1e6, 2), unit="MB a day of 24 h and 10 sessions", bar="at most 10 MB",
            ok=value <= BAR_BYTES, command=command(ID),
        ),
        *(_told(what, getattr(written, what)) for what in Written._fields),
    ]  # fmt: skip


def _told(what: str, count: float) -> Result:
    return Result(id=f"{ID}-{what}", value=round(count / 1e3), unit="kB", bar="told", ok=True, command=command(ID))


def _measured(folder: Path) -> Written:
    films = [
        make_video(folder / f"{each}.mp4", seconds=seconds, size="640x360", pattern=each + 1)
        for each, seconds in enumerate(FILM_SECONDS)
    ]
    now = datetime.now(UTC)
    # What somebody who presses the button sees is as long as the week's minimum.
    hall = Hall(folder / "hall", films, now, minimum=Minimum(sessions=1, seconds=SESSION_SECONDS))
    hall.sign(now + timedelta(days=2))
    card = machine.card(folder, hall.root, inside=True)
    words = machine_inside.arguments(folder)
    with machine.booted(folder, card, {}, *words) as tv:  # no figure is of this boot: as fast as can be
        inside = Inside(folder)
        tv.see("the welcome", pictures.welcome, BOOT_WITHIN)
        tv.put_in(hall.stick())
        BoxInside(inside).record("stick.seen", STICK_WITHIN, taken=len(films))
        tv.pull_out()
    noon = (now + timedelta(days=1)).replace(hour=NOON_UTC, minute=0, second=0)
    # The chip's clock goes with the guest's: else hours would pass in the kernel that the chip knows nothing of.
    words = [*words, *SKIPPING, "-rtc", f"base={noon:%Y-%m-%dT%H:%M:%S},clock=vm"]
    with machine.booted(folder, card, {"ACCEL": ALONE}, *words, lock=machine.COUNTED_LOCK) as tv:
        inside = Inside(folder)
        return _lived(Wear(tv, inside), inside)


def _lived(wear: Wear, inside: Inside) -> Written:
    """A boot, an idle hour, a session, and the rules expanded anew."""
    box = BoxInside(inside)
    box.listens(BOOT_WITHIN)
    box.estation("set-clock", box.time().isoformat(timespec="seconds"))
    began, boot = wear.pass_until(SETTLED_SECONDS)
    inside.run("systemctl start --no-block estation-fetch.service")
    ended, hour = wear.pass_until(began + HOUR)
    assert not _of(box, "session.started"), "the hour was not idle"
    _, before = wear.pass_until(ended + RESTS_SECONDS)  # what the question has moved is not the session's
    assert box.play()
    begun = box.record("session.started", WITHIN)
    wear.pass_until(begun["up"] + SESSION_SECONDS)
    over = box.record("session.ended", WITHIN)
    assert over["reason"] == "completed", over
    assert over["shown"] > SESSION_SECONDS - 2.0, over
    rests, session = wear.pass_until(over["up"] + RESTS_SECONDS)
    inside.run("systemctl start estation-sync.service", WITHIN)
    _, expanded = wear.pass_until(rests + RESTS_SECONDS)
    return Written(boot, (hour - boot) * HOUR / (ended - began), session - before, expanded - session)


def _of(box: BoxInside, kind: str) -> list[dict[str, Any]]:
    return [each for each in box.records() if each["kind"] == kind]
