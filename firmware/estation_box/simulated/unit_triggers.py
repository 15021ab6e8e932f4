"""When the stand-in for PID 1 starts a unit by itself: for paths that are there, and for timers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from estation_box.simulated.unit_files import PathTrigger, Timer, Units


class Clock(NamedTuple):
    """The clocks that the stand-in reads: seconds that never jump, and the time of day where the box stands."""

    monotonic: Callable[[], float]
    wall: Callable[[], datetime]


MACHINE: Final = Clock(time.monotonic, lambda: datetime.now().astimezone())


class Triggers:
    """Of one boot, that began at ``now``: monotonic seconds, here and below; ``wall`` is the time of day."""

    def __init__(self, units: Units, root: Path, now: float, wall: datetime) -> None:
        self._units = units
        self._root = root
        self._day = wall.date()
        self._rings = {timer: now + timer.boot_seconds for timer in units.timers if timer.boot_seconds is not None}

    def due(self, now: float, wall: datetime, idle: Callable[[str], bool]) -> set[str]:
        """The units to start now. A clock that is set to another day has passed a midnight, as for systemd."""
        due = {path.unit for path in self._units.paths if (self._root / path.path).exists() and self._wanted(path)}
        if wall.date() > self._day:
            due |= {one.unit for one in self._units.timers if one.boot_seconds is None and self._wanted(one)}
        self._day = wall.date()
        return due | self._ringing(now, idle)

    def _ringing(self, now: float, idle: Callable[[str], bool]) -> set[str]:
        """What timers by the monotonic clock start now; while it runs, the next time is put off."""
        due = set()
        for timer, at in self._rings.items():
            rings = now >= at and self._wanted(timer)
            if rings:
                due.add(timer.unit)
            if rings or not idle(timer.unit):
                self._rings[timer] = now + (timer.again_seconds or 0.0)
        return due

    def _wanted(self, trigger: PathTrigger | Timer) -> bool:
        return trigger.name in self._units.wanted
