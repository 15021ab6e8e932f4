"""The box's one clock: it starts at the floor, runs by the monotonic clock, and learns the truth from the network."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec

from estation_box.clock import rules
from estation_box.clock.interfaces import Document, SystemClock
from estation_box.clock.moment import Moment
from estation_wire.values import Trust

MAX_BYTES: Final = 256
KEPT_BYTES: Final = 512
log = logging.getLogger(__name__)


class Saved(msgspec.Struct, frozen=True):
    """The document of the last saved time: ``{"floor":"2026-11-24T11:00:31Z"}``."""

    floor: datetime


class Kept(msgspec.Struct, frozen=True):
    """What this boot has learnt of the time, kept until the power fails: a core that is killed knows it still."""

    boot: str
    reading: rules.Reading


class ClockStep(NamedTuple):
    """Truth arrived: what was taken for ``was`` is ``now``. Core appends a ``clock.set`` record at ``now``."""

    was: datetime
    now: Moment
    source: Trust


class ClockService:
    """What time it is, and how far that can be believed. No method raises."""

    def __init__(self, system: SystemClock, saved: Document, kept: Document, boot: str, image_build: datetime) -> None:
        """``saved`` survives the power; ``kept`` lives as long as the boot, in the runtime folder."""
        self._system = system
        self._saved = saved
        self._kept = kept
        self._boot = boot
        up = system.up()
        floor = rules.floor_of(image_build, self._last_saved())
        self._reading = self._this_boot() or rules.first(system.wall(), up, floor)
        self._looked_up = up - rules.LOOK_SECONDS
        self._saved_up = up

    def moment(self) -> Moment:
        """Now."""
        up = self._system.up()
        return Moment(rules.read(self._reading, up), up, self._boot, self._reading.trust)

    def tend(self, moment: Moment) -> ClockStep | None:
        """Let time pass (about once a second): follow the system's clock where it is synchronised, save the time."""
        if moment.up - self._saved_up >= rules.SAVE_SECONDS:
            self.save(moment)
        if moment.up - self._looked_up < rules.LOOK_SECONDS:
            return None
        self._looked_up = moment.up
        return self._believe(self._system.wall(), self._system.up()) if self._system.synchronised() else None

    def heard_network(self, time: datetime, moment: Moment) -> ClockStep | None:
        """The centre says that it was ``time`` at ``moment``; the step where earlier records must be dated again.

        A synchronised system clock is believed more than the centre: its way here is measured better.
        """
        if self._system.synchronised():
            return self.tend(moment)
        step = self._believe(time, moment.up)
        if step is not None:
            self._system.set(self.moment().at)
        return step

    def seen_signed(self, time: datetime, moment: Moment) -> None:
        """A signed document says that it was ``time`` when it was made: it is not earlier now."""
        self._reading = rules.raise_floor(self._reading, time, moment.up)

    def save(self, moment: Moment) -> None:
        """Keep the time for the next boot; every 10 minutes, and at the end."""
        self._saved_up = moment.up
        floor = rules.floor_at(self._reading, moment.up).replace(microsecond=0)
        try:
            self._saved.write(msgspec.json.encode(Saved(floor=floor)))
        except OSError as error:
            log.warning("the time was not saved: %s", error)

    def _believe(self, told: datetime, up: float) -> ClockStep | None:
        before = self._reading
        after = rules.believe(before, told, up)
        if after is None:
            log.warning("the network says %s, which is before %s: not believed", told, before.floor)
            return None
        self._reading = after
        self._keep()
        if not rules.is_a_step(before, after):
            return None
        was = rules.read(before, after.up)
        return ClockStep(was, Moment(after.at, after.up, self._boot, after.trust), Trust.NETWORK)

    def _last_saved(self) -> datetime | None:
        try:
            document = self._saved.read() or b""
            return msgspec.json.decode(document[:MAX_BYTES], type=Saved).floor.astimezone(UTC)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, OverflowError):
            return None

    def _keep(self) -> None:
        try:
            self._kept.write(msgspec.json.encode(Kept(self._boot, self._reading)))
        except OSError as error:
            log.warning("the time was not kept for a successor: %s", error)

    def _this_boot(self) -> rules.Reading | None:
        try:
            kept = msgspec.json.decode((self._kept.read() or b"")[:KEPT_BYTES], type=Kept)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return kept.reading if kept.boot == self._boot else None
