"""The box's one clock: it starts at its RTC or at the floor, runs by the monotonic clock, and learns the truth.

From the network (a synchronised system clock, the centre's answer), from a stick's signed time that the keeper
confirmed, or from the keeper's hand.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from estation_box.clock import rules
from estation_box.clock.interfaces import Document, RealTimeClock, SystemClock
from estation_box.clock.memory import Memory, Saved
from estation_box.clock.moment import Moment
from estation_box.clock.rules import Refusal
from estation_wire.values import Trust

__all__ = ["ClockService", "ClockStep", "Refusal", "Saved"]
log = logging.getLogger(__name__)


class ClockStep(NamedTuple):
    """Truth arrived: what was taken for ``was`` is ``now``. Core appends a ``clock.set`` record at ``now``."""

    was: datetime
    now: Moment
    source: Trust


class ClockService:
    """What time it is, and how far that can be believed. No method raises."""

    def __init__(
        self,
        system: SystemClock,
        saved: Document,
        kept: Document,
        boot: str,
        image_build: datetime,
        *,
        rtc: RealTimeClock | None = None,
    ) -> None:
        """``saved`` survives the power; ``kept`` lives as long as the boot, in the runtime folder."""
        self._system = system
        self._rtc = rtc
        self._boot = boot
        self._memory = Memory(saved, kept, boot)
        self._offer: rules.Offer | None = None
        self._told_of_refusal = False
        before = self._memory.saved() or Saved(image_build)
        self._rtc_is_ours = before.rtc
        self._rtc_set_up: float | None = None
        up = system.up()
        self._looked_up = up - rules.LOOK_SECONDS
        learnt = self._memory.kept()
        # a core that takes over saves at once: one that is killed every few minutes would else never do so
        self._saved_up = up if learnt is None else up - rules.SAVE_SECONDS
        self._reading = learnt or self._after_power_cut(before, up, image_build)
        self._memory.keep(self._reading)

    def moment(self) -> Moment:
        """Now."""
        up = self._system.up()
        return Moment(rules.read(self._reading, up), up, self._boot, self._reading.trust)

    def tend(self, moment: Moment) -> ClockStep | None:
        """Let time pass (about once a second): follow the system's clock where it is synchronised, save the time.

        Where it is not and somebody has set it wrong, it is set right: TLS looks at the dates by it.
        """
        if moment.up - self._saved_up >= rules.SAVE_SECONDS:
            self.save(moment)
        if moment.up - self._looked_up < rules.LOOK_SECONDS:
            return None
        self._looked_up = moment.up
        step = None
        wall, up = self._system.wall(), self._system.up()
        if self._system.synchronised():
            step = self._learn(rules.believe(self._reading, wall, up), wall)
        elif rules.is_astray(self._reading, wall, up):
            self._system.set(self.moment().at)
        if self._reading.trust is Trust.NETWORK and self._rtc_is_due(moment.up):
            self._set_rtc()
        return step

    def heard_network(self, time: datetime, moment: Moment) -> ClockStep | None:
        """The centre says that it was ``time`` at ``moment``; the step where earlier records must be dated again.

        A synchronised system clock is believed more than the centre, since its way here is measured better; but not
        one that lies below the floor. Where both agree, the centre vouches for the system's clock.
        """
        reading, told, told_up = self._reading, time, moment.up
        if self._system.synchronised() and rules.sane(time):
            wall, up = self._system.wall(), self._system.up()
            followed = rules.believe(reading, wall, up)
            if abs(wall - time - timedelta(seconds=up - moment.up)) <= rules.LEAP:
                told, told_up = wall, up
            elif followed is not None:
                return self._learn(followed, wall)
        step = self._learn(rules.believe_centre(reading, told, told_up), told)
        if step is not None:
            self._system.set(self.moment().at)
        return step

    def seen_signed(self, time: datetime, moment: Moment) -> None:
        """A signed document says that it was ``time`` when it was made: it is not earlier now."""
        before = self._reading
        self._reading = rules.raise_floor(before, time, moment.up)
        self._memory.keep(self._reading)
        if rules.floor_rose(before, self._reading):
            self.save(moment)  # a box that is switched on for its stick alone learns from it too

    def offer(self, time: datetime, moment: Moment) -> None:
        """``time`` is the newest signed one of a stick: the floor rises to it, and the keeper may `confirm` it."""
        self.seen_signed(time, moment)
        offer = rules.Offer(time, moment.up)
        if rules.sane(time) and rules.offered(offer, self._reading, moment.up) is not None:
            self._offer = offer

    def offered(self, moment: Moment) -> datetime | None:
        """The stick's time, running on, while the keeper may confirm it; None where there is nothing to confirm."""
        return rules.offered(self._offer, self._reading, moment.up) if self._offer is not None else None

    def confirm(self, moment: Moment) -> ClockStep | None:
        """One press of the keeper on the offered time; None where nothing was offered, or no longer is."""
        at = self.offered(moment)
        return self._told_by_a_person(at, moment, Trust.STICK) if at is not None else None

    def set_by_hand(self, instant: datetime, moment: Moment) -> ClockStep | Refusal:
        """The keeper says that it is ``instant``, which has its zone; why that is not taken, where it is not."""
        refusal = rules.refusal(self._reading, instant, moment.up)
        return refusal if refusal is not None else self._told_by_a_person(instant, moment, Trust.HAND)

    def save(self, moment: Moment) -> None:
        """Keep the time for the next boot; every 10 minutes, at a step, and at the end."""
        self._saved_up = moment.up
        floor = rules.floor_at(self._reading, moment.up).replace(microsecond=0)
        proven = rules.proven_at(self._reading, moment.up).replace(microsecond=0)
        self._memory.save(Saved(floor, proven, self._rtc_is_ours))

    def _after_power_cut(self, before: Saved, up: float, image_build: datetime) -> rules.Reading:
        """By the RTC where this box has set it and it still runs; else a guess at the floor or above."""
        proven = rules.floor_of(image_build, before.proven)
        floor = rules.floor_of(proven, before.floor)
        guess = rules.first(self._system.wall(), up, floor, proven)
        if self._rtc is None or not before.rtc:
            return guess
        told = self._rtc.read()
        reading = rules.from_rtc(told, up, floor, proven) if told is not None else None
        if reading is not None:
            self._system.set(reading.at)
            return reading
        # somebody else may set it now: it is not ours any more, and the next boot must know that
        self._rtc_is_ours = False
        self._memory.save(Saved(floor, proven))
        return guess

    def _learn(self, after: rules.Reading | None, told: datetime) -> ClockStep | None:
        """Take the network's time; the step where it is one."""
        if after is None:
            if not self._told_of_refusal:
                log.warning("the network says %s, which is before %s: not believed", told, self._reading.floor)
            self._told_of_refusal = True
            return None
        self._told_of_refusal = False
        before, self._reading = self._reading, after
        self._memory.keep(after)
        return self._step(before) if rules.is_a_step(before, after) else None

    def _told_by_a_person(self, instant: datetime, moment: Moment, trust: Trust) -> ClockStep:
        before, self._offer = self._reading, None
        self._reading = rules.set_to(before, instant, moment.up, trust)
        self._memory.keep(self._reading)
        self._system.set(self.moment().at)
        return self._step(before)

    def _step(self, before: rules.Reading) -> ClockStep:
        """The time is another than ``before`` had it: tell the RTC and the card."""
        after = self._reading
        now = Moment(after.at, after.up, self._boot, after.trust)
        self._set_rtc()
        self.save(now)
        return ClockStep(rules.read(before, after.up), now, after.trust)

    def _rtc_is_due(self, up: float) -> bool:
        return self._rtc_set_up is None or up - self._rtc_set_up >= rules.RTC_SECONDS

    def _set_rtc(self) -> None:
        """Where it cannot be set, what it holds is not this box's word, and the next boot does not believe it."""
        if self._rtc is not None:
            now = self.moment()
            self._rtc_set_up = now.up
            self._rtc_is_ours = self._rtc.set(now.at)
