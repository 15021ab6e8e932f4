"""A week that was reckoned and came out differently later says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from estation_central.stations.reopening import GRACE, Received, Reopened, Why, reckoned_at, reopened
from estation_central.stations.week import station_week
from estation_wire.counts import Due, Evidence, Verdict
from estation_wire.records import WeekClosed
from estation_wire.values import Trust
from tests.support.wire_values import steady
from tests.wire.test_reckoning import SHANGHAI, STEPS, TUESDAY, Notebook, lived

WEEK = "2026-W48"
DUE = Due(sessions=1, seconds=600.0)
RECKONED = datetime(2026, 11, 30, 16, tzinfo=UTC)  # Monday's end in Shanghai
IN_TIME, LATE, LATER = RECKONED - timedelta(hours=1), RECKONED + timedelta(days=3), RECKONED + timedelta(days=9)


def received(book: Notebook, *times: tuple[int, datetime]) -> list[Received]:
    """The records up to each number were received at the time beside it."""
    told = []
    for each in book.records:
        at = next(at for upto, at in times if each.record.seq <= upto)
        told.append(Received(at, each))
    return told


def again(told: list[Received], week: str = WEEK) -> Reopened | None:
    return reopened(week, told, SHANGHAI, DUE)


def test_a_week_is_reckoned_a_day_after_its_end() -> None:
    """Monday's midnight after the week, by the site's own clock, whatever summer time does."""
    assert timedelta(hours=24) == GRACE
    assert reckoned_at(WEEK, SHANGHAI) == RECKONED
    berlin = ZoneInfo("Europe/Berlin")
    assert reckoned_at("2026-W43", berlin) == datetime(2026, 10, 26, 23, tzinfo=UTC)
    assert reckoned_at("2026-W53", SHANGHAI) == datetime(2027, 1, 4, 16, tzinfo=UTC)


def test_what_came_in_time_opens_nothing() -> None:
    """A week that was complete is as it was, also when the same records come again and others for other weeks."""
    book = Notebook().show()
    assert again(received(book, (99, RECKONED))) is None
    more = Notebook(TUESDAY + timedelta(days=7), journal="b" * 32).show(session="6")
    assert again(received(book, (99, IN_TIME)) + received(more, (99, LATE))) is None


def test_a_late_session_opens_the_week_again() -> None:
    """A hall without a network brings its report by stick on Thursday: met, and it was not."""
    found = again(received(Notebook().show(), (1, IN_TIME), (99, LATE)))
    assert found is not None
    assert (found.why, found.late, found.at) == ({Why.LATE}, 1, LATE)
    assert found.before.result.verdict is Verdict.NOT_MET


def test_more_seconds_open_a_week_that_stays_met() -> None:
    """Figures that were handed upward have changed, though the verdict has not."""
    book = Notebook().show().show(seconds=120.0, session="6")
    found = again(received(book, (3, IN_TIME), (99, LATE)))
    assert found is not None
    assert (found.before.result.verdict, found.late) == (Verdict.MET, 1)


def test_a_late_closing_opens_the_week_again() -> None:
    """«Closed because of the harvest», told a week later."""
    book = Notebook().add(WeekClosed, week=WEEK, reason="harvest")
    found = again(received(book, (1, IN_TIME), (99, LATE)))
    assert found is not None
    assert (found.why, found.late, found.at) == ({Why.LATE}, 1, LATE)


def test_a_clock_that_is_set_late_opens_the_week_again() -> None:
    """The box reported in time, in 1970; on Thursday it learns the time, and its session is last week's."""
    book = Notebook().boot(Trust.GUESS).show().wait(days=9).learn()
    found = again(received(book, (4, IN_TIME), (99, LATE)))
    assert found is not None
    assert (found.why, found.late, found.at) == ({Why.RE_DATED}, 0, LATE)
    lost = again(received(book, (4, IN_TIME), (99, LATE)), "1970-W01")
    assert lost is None  # long over: everything of that week came late


def test_a_clock_that_is_put_right_takes_a_session_away() -> None:
    """A keeper's clock was nine days behind, and the showing belongs to the week after."""
    book = Notebook(TUESDAY + timedelta(days=9)).boot(Trust.GUESS).learn(Trust.HAND, timedelta(days=-9)).show()
    found = again(received(book.wait(minutes=1).learn(), (5, IN_TIME), (99, LATE)))
    assert found is not None
    assert (found.why, found.before.result.verdict, found.at) == ({Why.RE_DATED}, Verdict.MET, LATE)


def test_a_bound_that_comes_late_opens_the_week_again() -> None:
    """The next boot that knows the time comes late, and the boot before it is dated by it."""
    book = Notebook().boot(Trust.GUESS).show().wait(hours=9).boot(Trust.RTC)
    found = again(received(book, (4, IN_TIME), (99, LATE)))
    assert found is not None
    assert (found.why, found.at) == ({Why.RE_DATED}, LATE)


def test_both_reasons_may_apply_and_the_first_change_is_told() -> None:
    """One session by stick, and one dated again a week after that."""
    book = Notebook().boot(Trust.GUESS).show().show(session="6").wait(days=9).learn()
    other = Notebook(journal="b" * 32).show(session="7")
    found = again(received(book, (6, IN_TIME), (99, LATER)) + received(other, (1, IN_TIME), (99, LATE)))
    assert found is not None
    assert (found.why, found.late, found.at) == ({Why.LATE, Why.RE_DATED}, 1, LATE)


def test_a_late_sessions_own_late_clock_is_no_second_reason() -> None:
    """What was not there cannot have been dated again."""
    book = Notebook().boot(Trust.GUESS).show().wait(hours=1).learn()
    found = again(received(book, (2, IN_TIME), (99, LATE)))
    assert found is not None
    assert found.why == {Why.LATE}


def test_a_bound_that_comes_late_may_also_unsettle() -> None:
    """A session that was placed between two bounds is a guess again when a record between them says otherwise."""
    book = Notebook().boot(Trust.GUESS, timedelta(hours=2)).show().boot(Trust.RTC)
    between = Notebook(TUESDAY + timedelta(days=20)).boot(Trust.RTC).records[-1]
    told = [each for each in received(book, (99, IN_TIME)) if each.record.record.seq != 2]
    found = again([*told, Received(LATE, between)])
    assert found is not None
    assert found.at == LATE
    assert found.before.result.sessions[Evidence.CONFIRMED] == 1


@steady
@given(STEPS, st.integers(0, 20), st.randoms(use_true_random=False))
def test_a_page_says_re_opened_exactly_when_figures_changed(steps, cut, chance) -> None:
    """No change is hidden, none is invented, and the order of records says nothing."""
    told = received(lived(steps), (cut, IN_TIME), (99, LATE))
    mixed = chance.sample(told, len(told))
    for week in (WEEK, "2026-W49"):
        was = station_week(week, [each.record for each in told if each.at <= IN_TIME], SHANGHAI, DUE)
        now = station_week(week, [each.record for each in told], SHANGHAI, DUE)
        found = reopened(week, mixed, SHANGHAI, DUE)
        if week == WEEK:
            same = (was.result.verdict, was.result.sessions, was.result.seconds) == (
                now.result.verdict,
                now.result.sessions,
                now.result.seconds,
            )
            assert (found is None) == same
        if found is not None:
            assert found.why
            assert found.at == LATE
