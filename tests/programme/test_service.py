from __future__ import annotations

from datetime import timedelta

import pytest

from estation_box.programme.ledger import Ledger
from estation_box.programme.service import NEAR, Programme, Surroundings
from estation_box.programme.sessions import Sessions
from estation_wire.hours import Calendar, ClosedWeek, Window
from estation_wire.planner import LATE_AFTER, Slot, Why
from estation_wire.profile import Profile
from estation_wire.records import Postponed, SessionStarted
from estation_wire.values import Origin, Trust
from tests.playout.values import START, moment
from tests.support import box as boxes
from tests.support.box import TableShelf, item

HELD, GONE = item("a", 30.0), item("d", 30.0)
HERE = Surroundings()


class CountingShelf(TableShelf):
    looks = 0

    def slots(self, after, until, *, yielding=False):
        self.looks += 1
        return super().slots(after, until, yielding=yielding)


def slot(seconds: float, rule: str = "weekly", **changes) -> Slot:
    start = START + timedelta(seconds=seconds)
    fields = {"rule": rule, "start": start, "contents": (HELD.id, GONE.id), "length": 60.0, "counting": 60.0}
    return Slot(**{**fields, **changes})


def profile(**changes) -> Profile:
    return boxes.profile(countdown_seconds=30, **changes)


@pytest.fixture
def shelf() -> CountingShelf:
    made = CountingShelf([HELD, GONE], [slot(130)])
    made.missing = {GONE.id}
    return made


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def programme(shelf, ledger) -> Programme:
    made = Programme(shelf, ledger)
    made.provisioned(profile())
    return made


def started(seq: int, planned: float, **changes) -> SessionStarted:
    fields = {
        "seq": seq, "at": START + timedelta(seconds=planned), "boot": "b" * 32, "up": 1.0, "trust": Trust.NETWORK,
        "session": f"{seq:032x}", "origin": Origin.PLANNED, "rule": "weekly",
        "planned": START + timedelta(seconds=planned),
    }  # fmt: skip
    return SessionStarted(**{**fields, **changes})


def test_a_clock_that_is_a_guess_fires_no_rule_by_the_wall_clock(programme):
    """Ten minutes after power-up, and not at the planned minute."""
    plan = programme.decide(moment(0, trust=Trust.GUESS), HERE)
    assert plan.start.warn_from == moment(600).at
    assert "The time is not known" in plan.why.en


def test_a_polite_site_that_does_not_know_the_time_offers_and_waits_for_a_press(shelf, ledger):
    programme = Programme(shelf, ledger)
    programme.provisioned(profile(manner="polite"))
    plan = programme.decide(moment(0, trust=Trust.GUESS), HERE)
    assert plan.start is None
    assert plan.offer


def test_a_box_without_a_profile_asks_for_a_stick(shelf, ledger):
    plan = Programme(shelf, ledger).decide(moment(), HERE)
    assert plan.start is None
    assert "stick" in plan.why.en


def test_the_next_session_is_found_as_soon_as_the_time_is_known(programme):
    programme.decide(moment(0, trust=Trust.GUESS), HERE)
    start = programme.decide(moment(0), HERE).start
    assert (start.slot, start.at, start.warn_from) == (slot(130), moment(130).at, moment(100).at)


def test_a_session_that_was_begun_is_not_begun_again(programme, ledger):
    """The journal remembers what was begun, so a restart within the minute of grace repeats nothing."""
    assert programme.decide(moment(130), HERE).start.origin is Origin.PLANNED
    ledger.remember([started(1, 130)])
    start = programme.decide(moment(135), HERE).start
    assert start.origin is Origin.MAKE_UP  # it has shown nothing that counts


def test_a_session_missed_by_more_than_the_grace_is_made_up_in_daylight(programme):
    """Nothing starts late; it is made up when the make-up hours allow (17:00 in Urumqi is within them)."""
    late = moment(130.1 + LATE_AFTER.total_seconds())
    start = programme.decide(late, HERE).start
    assert start.origin is Origin.MAKE_UP
    assert start.warn_from == late.at


def test_the_table_is_read_once_and_at_every_change(programme, shelf):
    for second in range(50):
        programme.decide(moment(second), HERE)
    assert shelf.looks == 1
    shelf.table = [slot(90, rule="new")]
    programme.changed()
    assert programme.decide(moment(6), HERE).start.rule == "new"
    assert shelf.looks == 2


def test_what_is_planned_for_next_week_is_looked_for_only_when_nothing_is_near(programme, shelf):
    shelf.table = [slot(NEAR.total_seconds() * 3)]
    programme.changed()
    assert programme.decide(moment(0), HERE).start.at == slot(NEAR.total_seconds() * 3).start
    assert shelf.looks == 2


def test_every_slot_can_be_asked_for_its_reason(programme, shelf, ledger):
    shelf.table = [
        slot(-3600, rule="missed"), slot(60, rule="done"), slot(600), slot(660, rule="other", yields_to="weekly"),
        slot(5000, rule="put-off"),
    ]  # fmt: skip
    ledger.remember([started(1, 60, rule="done")])
    put_off = {"planned": slot(5000).start, "until": slot(9000).start, "reason": "put off by an hour"}
    stamp = {"at": START, "boot": "b" * 32, "up": 2.0, "trust": Trust.NETWORK}
    ledger.remember([Postponed(seq=2, rule="put-off", **put_off, **stamp)])
    told = {each.slot.rule: each.why for each in programme.judged(moment(100))}
    assert told == {
        "missed": Why.MISSED, "done": Why.DONE, "weekly": Why.PLANNED, "other": Why.YIELDS, "put-off": Why.POSTPONED,
    }  # fmt: skip


def test_a_closed_week_plans_nothing_and_says_why(shelf, ledger):
    shelf.closures = {"2026-W48": "秋收"}
    programme = Programme(shelf, ledger)
    programme.provisioned(profile())
    assert programme.decide(moment(0), HERE).start is None
    assert programme.closed_because(moment(0)).reason == "秋收"
    assert programme.result(moment(0)).verdict == "not due"


def test_a_lesson_is_named_as_the_reason_and_ends_what_runs_into_it(shelf, ledger):
    """Tuesday 17:00 to 18:00 is a lesson; an ordered film may not begin then, and a planned one ends before it."""
    lesson = Window(days=("TU",), begin="17:00", end="18:00")
    programme = Programme(shelf, ledger)
    programme.provisioned(profile(calendar=Calendar(lessons=(lesson,))))
    assert programme.forbids(moment(60).at, moment(0), HERE) == "it is a lesson hour"
    assert programme.judged(moment(0))[0].why is Why.LESSON
    before = moment(-600)
    assert programme.ends_by(Origin.PLANNED, before.at, before).reason == "lesson"
    assert programme.ends_by(Origin.PLANNED, before.at, before._replace(trust=Trust.GUESS)) is None


def test_a_week_that_the_profile_closes_is_told_once(shelf, ledger):
    closed = ClosedWeek(week="2026-W48", reason="考试")
    programme = Programme(shelf, ledger)
    programme.provisioned(profile(calendar=Calendar(closed=(closed,))))
    assert programme.closed_because(moment(0)) == ("2026-W48", "考试", False)
    assert programme.closed_because(moment(0, trust=Trust.GUESS)) is None


def test_a_session_is_made_of_what_is_held(programme, shelf):
    """A film that did not come with the stick is left out; the others are shown."""
    sessions = Sessions(shelf, lambda: "1" * 32)
    sessions.provisioned(profile())
    start = programme.decide(moment(0), HERE).start
    show = sessions.of(start, moment(0), None)
    assert [clip.content for clip in show.clips] == [HELD.id]
    assert (show.rule, show.origin) == ("weekly", Origin.PLANNED)
    assert sessions.asked((HELD.id,), Origin.KEEPER).origin is Origin.KEEPER
    assert [clip.content for clip in sessions.own(moment(0)).clips] == [HELD.id]
