"""The promise: what was missed is made up, wherever the week still holds one free stretch for it; and never too much.

A state machine lets anything happen to a hall (power, clock, TV, films, programme, people) and keeps its own diary of
when the promise's condition held. It knows nothing of the policy: it looks at hours, records and the clock alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from estation_box.clock.moment import Moment
from estation_box.programme.courtesy import Act
from estation_box.programme.rules import SETTLES, House
from estation_wire.counts import Due, Verdict, week_of
from estation_wire.hours import WEEKDAYS, Calendar, ClosedWeek, Hours, Window
from estation_wire.planner import Length, Slot, settled
from estation_wire.values import Trust, Tv
from tests.simulation.hall import Hall
from tests.simulation.oracle import Stretch, broken, faults_of

MONDAY: Final = datetime(2026, 11, 22, 18, tzinfo=UTC)  # 00:00 in Urumqi
ZONE: Final = ZoneInfo("Asia/Urumqi")
FILMS: Final = {
    name * 64: Length(seconds, counts)
    for name, seconds, counts in [
        ("a", 300.0, 300.0),
        ("b", 420.0, 420.0),
        ("c", 700.0, 700.0),
        ("d", 60.0, 0.0),
        ("e", 200.0, 200.0),
    ]
}
EXAMPLES: Final = 730
STEPS: Final = 150
STEPS_IN_CI: Final = 100_000
STEPS_IN_SOAK: Final = 5_000_000


def halls() -> st.SearchStrategy[House]:
    """Villages and schools of every manner."""
    return st.sampled_from([house(number) for number in range(8)])


def house(number: int) -> House:
    days = WEEKDAYS if number % 2 else WEEKDAYS[:5]
    opening = () if number == 0 else (Window(days=days, begin="08:00", end="22:00"),)
    lessons = (Window(days=WEEKDAYS[:5], begin="09:00", end="12:00"),) if number in {2, 3} else ()
    make_up = (Window(days=("TU", "TH"), begin="12:00", end="14:00"),) if number in {3, 4, 5} else ()
    closed = (ClosedWeek(week="2026-W50", reason="harvest"),) if number % 3 == 0 else ()
    calendar = Calendar(opening=opening, lessons=lessons, make_up=make_up, closed=closed)
    return House(
        hours=Hours(calendar, ZONE),
        due=Due(sessions=2 if number == 6 else 1, seconds=600.0),
        countdown=timedelta(seconds=120),
        make_ups_a_day=1 + number % 3,
        own_session_cancels=number % 2 == 0,
        polite=lessons != (),
    )


def table(house: House, kind: int, after: datetime, until: datetime) -> list[Slot]:
    """A programme: one or two sessions a week, some too short to count, some that overlap, some in lessons."""
    slots = []
    for week in range(-1, 8):
        monday = MONDAY + timedelta(weeks=week)
        starts = {
            0: [(3, 19.0, "ab")], 1: [(1, 10.0, "c"), (4, 20.0, "ab")], 2: [(0, 12.5, "d"), (5, 23.9, "cb")],
            3: [(2, 19.0, "c"), (2, 19.1, "ab"), (6, 9.0, "e")], 4: [(6, 21.9, "c")],
        }[kind]  # fmt: skip
        for number, (day, hour, names) in enumerate(starts):
            contents = tuple(name * 64 for name in names)
            start = monday + timedelta(days=day, hours=hour)
            length = sum(FILMS[name].seconds for name in contents)
            counting = sum(FILMS[name].counting for name in contents)
            slots.append(
                Slot(rule=f"rule-{kind}-{number}", start=start, contents=contents, length=length, counting=counting)
            )
    chosen = [slot for slot in slots if after <= slot.start < until]
    return [slot for slot in settled(chosen, house.hours, house.due.seconds) if not slot.yields_to]


class Promise(RuleBasedStateMachine):
    """Anything may happen to this hall."""

    steps = 0

    @initialize(given=halls(), kind=st.integers(0, 4), day=st.integers(0, 6))
    def begin(self, given: House, kind: int, day: int) -> None:
        self.house = given
        now = MONDAY + timedelta(days=day, hours=7)
        self.hall = Hall(given, table(given, kind, MONDAY, MONDAY + timedelta(weeks=9)), FILMS, now)
        self.week, self.jumped = week_of(now, ZONE), day != 0
        self.stretches: list[Stretch] = []
        self.judged = 0
        self.hall.power_up()
        self.touched()

    def touched(self) -> None:
        """Something happened: a new stretch begins."""
        Promise.steps += 1
        hall = self.hall
        stocked = sum(film.counting for name, film in FILMS.items() if name not in hall.missing) >= 600
        self.stretches.append(Stretch(hall.now, hall.now, hall.power, hall.tv, hall.trust, stocked))

    def let_pass(self, seconds: float) -> None:
        """Time passes, and nothing else; each week is judged at its end."""
        hall = self.hall
        while seconds > 0:
            end = self.house.hours.bounds(self.week).end
            piece = min(seconds, max((end - hall.now).total_seconds(), 0.001))
            hall.advance(piece)
            seconds -= piece
            self.stretches[-1].end = hall.now
            if hall.now >= end:
                if not self.jumped and not hall.cut_short:  # what a cut ended is told only when power is back
                    judge_week(self.week, self.house, hall, self.stretches)
                self.week, self.jumped = week_of(hall.now, ZONE), False
                self.stretches = [replace(self.stretches[-1], begin=hall.now)]

    # what may happen

    @rule(minutes=st.sampled_from([1, 2, 3, 7, 13, 15, 30, 60, 120, 300, 720, 1440]))
    def time_passes(self, minutes: int) -> None:
        Promise.steps += 1
        self.let_pass(minutes * 60.0)

    @rule()
    def until_something_begins(self) -> None:
        """To the next countdown, where there is one within a day: that is where things go wrong."""
        Promise.steps += 1
        for _ in range(3):
            if self.hall.announced or self.hall.screen or not self.hall.power:
                break
            plan = self.hall.plan()
            at = plan.start.warn_from if plan.start else plan.until
            self.let_pass(min(max((at - self.hall.now).total_seconds(), 0.0) + 1.0, 86400.0))

    @precondition(lambda self: self.hall.power)
    @rule(dark=st.sampled_from([1, 20, 29, 31, 60, 300, 1500]))
    def the_power_fails(self, dark: int) -> None:
        self.hall.cut_power()
        self.touched()
        self.let_pass(dark * 60.0)
        self.hall.power_up()
        self.touched()

    @precondition(lambda self: self.hall.power)
    @rule(before=st.integers(-2, 14), extra=st.sampled_from([2, 30, 120, 240]), which=st.integers(0, 3))
    def the_light_is_on_for_just_long_enough(self, before: int, extra: int, which: int) -> None:
        """Dark past some sessions until shortly before another; then light for one make-up and hardly more."""
        starts = [slot.start for slot in self.hall.slots if slot.start > self.hall.now + timedelta(minutes=20)]
        self.light(starts[which] - timedelta(minutes=before) if which < len(starts) else None, extra)

    @precondition(lambda self: self.hall.power)
    @rule(extra=st.sampled_from([2, 30, 120, 240]), which=st.integers(0, 3))
    def the_light_is_on_at_the_end_of_the_hours(self, extra: int, which: int) -> None:
        """The last minutes of a make-up window, just enough of them."""
        needs = self.house.countdown + self.house.minimum + SETTLES + timedelta(seconds=extra)
        week = week_of(self.hall.now, ZONE)
        ends = [span.end - needs for span in self.house.hours.make_up(week) if span.end - needs > self.hall.now]
        self.light(ends[which] if which < len(ends) else None, extra)

    def light(self, at: datetime | None, extra: int) -> None:
        """Dark until ``at``, light for the shortest stretch of the promise and ``extra`` seconds, and dark again."""
        hall, house = self.hall, self.house
        if at is None or at <= hall.now:
            return
        hall.cut_power()
        self.touched()
        self.let_pass((at - hall.now).total_seconds())
        hall.power_up()
        self.touched()
        self.let_pass((house.countdown + house.minimum + SETTLES).total_seconds() + extra)
        hall.cut_power()
        self.touched()
        self.let_pass(2 * 86400.0 if extra == 2 else 60.0)
        hall.power_up()
        self.touched()

    @precondition(lambda self: self.hall.announced is not None)
    @rule(act=st.sampled_from([Act.LATER, Act.TOMORROW]))
    def somebody_presses_later(self, act: Act) -> None:
        assert self.hall.put_off(act)
        self.touched()

    @rule(tv=st.sampled_from(Tv))
    def somebody_switches_the_tv(self, tv: Tv) -> None:
        self.hall.set_tv(tv)
        self.touched()

    @rule(names=st.sets(st.sampled_from(sorted(FILMS)), max_size=5))
    def films_are_missing(self, names: set[str]) -> None:
        self.hall.missing = names
        self.touched()

    @rule(clips=st.lists(st.sampled_from([(300.0, 300.0), (600.0, 600.0), (900.0, 0.0)]), min_size=1, max_size=2))
    def the_keeper_shows_something(self, clips: list[tuple[float, float]]) -> None:
        self.hall.own_session(clips)
        self.touched()

    @rule(kind=st.integers(0, 4))
    def the_programme_changes(self, kind: int) -> None:
        """What is past stays planned; what comes is another."""
        now = self.hall.now
        past = [slot for slot in self.hall.slots if slot.start < now]
        self.hall.slots = past + table(self.house, kind, now, MONDAY + timedelta(weeks=60))
        self.touched()

    @rule(hours=st.sampled_from([-30.0, -2.0, 0.0, 0.0, 0.0, 0.1, 5.0, 100.0]), trust=st.sampled_from(Trust))
    def the_clock_steps(self, hours: float, trust: Trust) -> None:
        """Truth arrives, or is lost; most often without a jump."""
        self.hall.step_clock(self.hall.now + timedelta(hours=hours), trust)
        if hours:
            self.week, self.jumped = week_of(self.hall.now, ZONE), True
            self.stretches = []
        self.touched()

    @invariant()
    def nothing_runs_away(self) -> None:
        """Automatic starts are in hours, warned of, not too many, and never when nothing is owed."""
        if not hasattr(self, "hall"):
            return
        for begun in self.hall.begun[self.judged :]:
            faults = faults_of(begun, self.house, self.hall.begun)
            assert not faults, (begun, faults)
        self.judged = len(self.hall.begun)


def judge_week(week: str, house: House, hall: Hall, stretches: list[Stretch]) -> None:
    """If the week was not met, no stretch may have offered what the promise asks."""
    sunday = Moment(house.hours.bounds(week).end - timedelta(microseconds=1), hall.up, "0" * 32, hall.trust)
    closed = house.hours.closed(week) is not None
    if hall.ledger.result(ZONE, house.due, sunday, closed=closed).verdict is Verdict.NOT_MET:
        spans = broken(week, house, hall, stretches)
        assert not spans, f"{week}: {spans} were free, and nothing was made up"


def run(examples: int, steps: int, *, seed: bool = True) -> int:
    """Let the machine run; how many steps it took."""
    Promise.steps = 0
    run_state_machine_as_test(
        Promise,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=seed,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Promise.steps


@pytest.mark.timeout(300)
def test_whatever_happens_what_was_missed_is_made_up_and_nothing_runs_away() -> None:
    """Power cuts, clocks, new programmes, «later», missing films, a TV that is off: the week is met if it can be."""
    assert run(EXAMPLES, STEPS) >= STEPS_IN_CI


def test_a_policy_that_forgets_its_make_ups_is_found_out() -> None:
    """The machine can fail: halls that may make nothing up, and say that they may, break the promise at once."""
    machine = Promise()
    machine.begin(given=replace(house(1), make_ups_a_day=0), kind=0, day=0)
    machine.house = replace(machine.house, make_ups_a_day=2)
    machine.the_light_is_on_for_just_long_enough(before=-5, extra=30, which=0)
    with pytest.raises(AssertionError, match="were free, and nothing was made up"):
        machine.let_pass(6 * 86400.0)


def test_a_countdown_gives_way_to_a_make_up_that_has_become_possible() -> None:
    """The TV was off when a session with too few films was announced; it is switched on, and the week is met."""
    machine = Promise()
    machine.begin(given=house(2), kind=1, day=0)
    machine.somebody_switches_the_tv(tv=Tv.OFF)
    machine.until_something_begins()
    machine.until_something_begins()
    machine.films_are_missing(names={"a" * 64})
    machine.somebody_switches_the_tv(tv=Tv.ON)
    machine.time_passes(minutes=13)
    machine.the_power_fails(dark=300)
    machine.let_pass(4 * 86400.0)


def test_light_in_the_last_instant_of_a_sessions_grace_is_enough_for_a_make_up() -> None:
    """A film of the planned session is missing, and it is missed a moment after it was announced."""
    machine = Promise()
    machine.begin(given=house(0), kind=0, day=0)
    machine.films_are_missing(names={"a" * 64})
    machine.the_light_is_on_for_just_long_enough(before=-1, extra=2, which=0)
    machine.let_pass(4 * 86400.0)


@pytest.mark.soak
def test_the_promise_for_hours() -> None:
    """Five million steps, each time others."""
    steps = 0
    while steps < STEPS_IN_SOAK:
        steps += run(10 * EXAMPLES, STEPS, seed=False)
