"""A box's clock in a hall whose power comes and goes: the real service and documents, a simulated machine and RTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from estation_box.clock.service import ClockService
from estation_box.drivers.two_copies import TwoCopies
from estation_box.simulated.rtc import SimulatedRtc
from estation_box.simulated.system_clock import SimulatedSystemClock

BUILD = datetime(2026, 6, 1, tzinfo=UTC)
TRUE = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


class HallClock:
    """`cut` and `kill` end the process; `tend` lets seconds pass; ``box`` is the clock service that runs now."""

    def __init__(self, folder: Path, *, fitted: bool = False, true: datetime = TRUE) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._boots = 0
        self.system = SimulatedSystemClock(true, EPOCH)
        self.rtc = SimulatedRtc(lambda: self.system.true)
        self.rtc.fitted = fitted
        self._start()

    def _start(self) -> None:
        kept = TwoCopies(self._folder / f"runtime-{self._boots}")
        boot = f"{self._boots:032x}"
        self.box = ClockService(self.system, TwoCopies(self._folder / "clock"), kept, boot, BUILD, rtc=self.rtc)

    def kill(self) -> None:
        """Core is killed without a word, and started again in the same boot."""
        self._start()

    def cut(self, seconds: float = 60.0) -> None:
        """The power fails without a word, and comes back after so long."""
        self._boots += 1
        self.system = SimulatedSystemClock(self.system.true + timedelta(seconds=seconds), EPOCH)
        self.system.may_set = True
        self.rtc.cut_power()
        self._start()

    def run(self, seconds: float, step: float = 10.0) -> list:
        """Let time pass, with a look every ``step`` seconds; the steps of the clock in it."""
        steps = []
        for _ in range(round(seconds / step)):
            self.system.advance(step)
            steps.append(self.box.tend(self.box.moment()))
        return [each for each in steps if each is not None]

    def hear(self, time: datetime):
        return self.box.heard_network(time, self.box.moment())

    def by_hand(self, instant: datetime):
        return self.box.set_by_hand(instant, self.box.moment())

    def offer(self, time: datetime) -> None:
        self.box.offer(time, self.box.moment())

    def confirm(self):
        return self.box.confirm(self.box.moment())

    @property
    def offered(self) -> datetime | None:
        return self.box.offered(self.box.moment())

    @property
    def now(self) -> datetime:
        return self.box.moment().at

    @property
    def trust(self):
        return self.box.moment().trust
