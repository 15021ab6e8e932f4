from __future__ import annotations

import random
from itertools import pairwise

import pytest

from estation_wire.supervisor_words import DEFAULTS, HIGHEST, LOWEST, MAX_PAUSE_S, PHASES
from tests.support import supervisor  # noqa: F401 -- makes the supervisor's program importable

from estation_mcu import policy  # isort: skip
from estation_mcu.policy import (  # isort: skip
    BEAT,
    BOOT,
    DUE,
    GONE,
    HALTING,
    HELLO,
    LOCKOUT,
    NEXT,
    NOTHING,
    OFF,
    REBOOTING,
    SPENT,
    WARNED,
    WATCH,
    Policy,
)

BOOT_S, BEAT_S, WARNING_S, OFF_S, CUTS, LOCKOUT_S = DEFAULTS
TICK_WRAP = policy.TICKS + 1
PAIRS = {(key & 0x0F, key & 0xF0): phase for key, phase in NEXT.items()}


class Clocked:
    """A policy, and the time that went by; steps of 100 ms as `main` makes smaller ones."""

    def __init__(self, start_ms: int = 0, **kept: int) -> None:
        self.now_ms = start_ms
        self.policy = Policy(start_ms & policy.TICKS, **kept)

    def wait(self, seconds: float) -> list[int]:
        """The phases that began."""
        seen = []
        for _ in range(round(seconds * 10)):
            self.now_ms += 100
            if self.policy.step(NOTHING, self.now_ms & policy.TICKS):
                seen.append(self.policy.phase)
        return seen

    def say(self, event: int, pause_s: int = 0) -> int:
        self.policy.step(event, self.now_ms & policy.TICKS, pause_s)
        return self.policy.phase


def test_a_healthy_box_is_left_alone_for_weeks():
    """While beats come nothing is cut, over the wrap of the Pico's clock too."""
    box = Clocked(start_ms=TICK_WRAP - 60_000)
    for _ in range(60):
        assert box.say(BEAT) == WATCH
        assert box.wait(10) == []
    assert box.policy.cuts == 0


def test_silence_is_noticed_over_the_wrap_of_the_clock():
    """The Pico's clock starts again from 0 after twelve days; a silent box is cut at that moment too."""
    box = Clocked(start_ms=TICK_WRAP - 30_000)
    box.say(BEAT)
    assert box.wait(BEAT_S + 1) == [WARNED]


def test_a_silent_box_is_warned_then_cut_then_started():
    """Silence leads to a warning, a cut of five seconds and a new boot time."""
    box = Clocked()
    box.say(BEAT)
    assert box.wait(BEAT_S + WARNING_S + OFF_S + 1) == [WARNED, OFF, BOOT]
    assert box.policy.cuts == box.policy.recent == 1


def test_a_beat_averts_the_cut():
    """A box that comes back in the time of the warning keeps its power."""
    box = Clocked()
    box.say(BEAT)
    assert box.wait(BEAT_S + 1) == [WARNED]
    assert box.say(BEAT) == WATCH
    assert box.policy.cuts == 0


def test_a_box_that_never_comes_back_keeps_its_power():
    """After three cuts in an hour the power stays on."""
    box = Clocked()
    phases = box.wait(3600)
    assert phases.count(OFF) == CUTS
    assert phases[-1] == LOCKOUT
    assert box.policy.power


def test_a_box_that_stays_ill_is_left_alone_for_longer():
    """Each lockout lasts twice as long as the one before, and half a day at the most."""
    box = Clocked()
    began = []
    for _ in range(40 * 3600):
        began += [box.now_ms / 1000] if LOCKOUT in box.wait(1) else []
    gaps = [later - before for before, later in pairwise(began)]
    assert all(later > before for before, later in pairwise(gaps))
    assert gaps[0] < 2 * LOCKOUT_S
    assert gaps[3] > 8 * LOCKOUT_S


def test_a_beat_ends_the_lockout():
    """A box that was mended in the lockout is watched again."""
    box = Clocked()
    box.wait(3000)
    assert box.policy.phase == LOCKOUT
    assert box.say(BEAT) == WATCH


def test_cuts_before_a_restart_of_the_supervisor_count():
    """A supervisor that starts anew does not give the box new cuts."""
    assert OFF not in Clocked(cuts=9, recent=CUTS).wait(3500)
    assert Clocked(cuts=9, recent=CUTS - 1).wait(600).count(OFF) == 1


def test_an_hour_after_the_cuts_there_are_new_ones():
    """Cuts of yesterday do not count today."""
    box = Clocked(cuts=9, recent=CUTS)
    for _ in range(400):
        box.say(BEAT)
        box.wait(10)
    assert box.policy.recent == 0
    assert OFF in box.wait(BEAT_S + WARNING_S + 1)


def test_an_update_gets_its_pause_and_no_more():
    """A box that installs an update is not cut in it; half an hour is the most."""
    box = Clocked()
    box.say(BEAT, pause_s=600)
    assert box.wait(599) == []
    box.say(BEAT, pause_s=60_000)
    assert box.wait(MAX_PAUSE_S - 1) == []
    assert box.wait(2) == [WARNED]


def test_a_box_that_was_switched_off_is_left_off():
    """After a wanted halt nobody cuts; the box's first word starts its boot time."""
    box = Clocked()
    box.say(BEAT)
    assert box.say(HALTING) == GONE
    assert box.wait(3600) == []
    assert box.say(HELLO) == BOOT


def test_a_reboot_gets_its_boot_time():
    """A wanted restart is not cut."""
    box = Clocked()
    box.say(BEAT)
    assert box.say(REBOOTING) == BOOT
    assert box.wait(BOOT_S - 1) == []


@pytest.mark.parametrize("phase", range(len(PHASES)), ids=PHASES)
def test_every_phase_has_a_way_to_watching(phase):
    """There is no phase in which a box that is well again is not believed."""
    reached, ways = {phase}, {phase}
    while ways:
        ways = {PAIRS[pair] for pair in PAIRS if pair[0] in ways} - reached
        reached |= ways
    assert WATCH in reached


def test_the_table_cuts_in_one_place_only():
    """Power is cut after a warning that went by, and never out of a lockout or a wanted halt."""
    assert [pair for pair, phase in PAIRS.items() if phase == OFF] == [(WARNED, DUE)]
    assert {pair[1] for pair in PAIRS if pair[0] == OFF} == {DUE, SPENT}
    assert all((phase, event) in PAIRS for phase in range(GONE) for event in (DUE, SPENT))


WALKS, STEPS = 4, 25_000


@pytest.mark.parametrize("seed", range(WALKS))
def test_promises_hold_whatever_comes(seed):
    """100,000 steps of chance: never off for too long, never too many cuts in an hour, never off in lockout."""
    assert walk(seed) == STEPS


def walk(seed: int) -> int:
    """The steps that were made; raises `AssertionError` at the first broken promise. Keeps its own books."""
    chance = random.Random(seed)
    times = tuple(chance.choice((low, usual, high)) for low, usual, high in zip(LOWEST, DEFAULTS, HIGHEST, strict=True))
    box = Policy(0)
    now, off_since, cuts, seen = 0, None, [], set()
    box.times = times
    for _ in range(STEPS):
        step = chance.choice((5, 5, 100, 1000, 8000, chance.randrange(3 * times[1] * 1000)))
        now += step
        if chance.random() < 0.0005:  # the supervisor itself starts anew, with power on
            box = Policy(now & policy.TICKS, box.cuts, box.recent)
            box.times = times
            off_since = None
        event = chance.choice((NOTHING,) * 60 + (BEAT, HELLO, REBOOTING, HALTING))
        box.step(event, now & policy.TICKS, chance.choice((0, 0, 60_000)))
        seen.add(box.phase)
        if not box.power and off_since is None:
            off_since = now
            cuts.append(now)
        elif box.power:
            off_since = None
        assert off_since is None or now - off_since < times[3] * 1000
        assert box.power or box.phase == OFF, "off in another phase"
        assert sum(now - cut < policy.HOUR_MS for cut in cuts[-10:]) <= times[4]
    assert seen == set(range(len(PHASES))), "this walk did not come everywhere, and proved little"
    return STEPS
