"""When the stand-in for PID 1 starts a unit by itself: for paths that are there, and for timers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from estation_box.simulated.unit_files import PathTrigger, Timer, Units


class Triggers:
    """Of one boot, that began at ``now``: monotonic seconds, here and below."""

    def __init__(self, units: Units, root: Path, now: float) -> None:
        self._units = units
        self._root = root
        self._midnight = now + _seconds_to_midnight()
        self._rings = {timer: now + timer.boot_seconds for timer in units.timers if timer.boot_seconds is not None}

    def due(self, now: float, idle: Callable[[str], bool]) -> set[str]:
        """The units to start now."""
        due = {path.unit for path in self._units.paths if (self._root / path.path).exists() and self._wanted(path)}
        if now >= self._midnight:
            due |= {one.unit for one in self._units.timers if one.boot_seconds is None and self._wanted(one)}
            self._midnight = now + _seconds_to_midnight()
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


def _seconds_to_midnight() -> float:
    now = datetime.now().astimezone()
    return (now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - now).total_seconds()
