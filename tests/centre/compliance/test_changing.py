"""Weeks that are not suspect need not be reckoned twice."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from estation_central.stations.changing import Received, Telling, suspects, telling
from estation_central.stations.reopening import Owed, all_reopened, reckoned_at, reopened
from estation_wire.counts import Due, week_of
from estation_wire.records import WeekClosed
from tests.support.wire_values import steady
from tests.wire.test_reckoning import SHANGHAI, STEPS, TUESDAY, Notebook, lived

DUE = Due(sessions=1, seconds=600.0)
WEEKS = [week_of(TUESDAY + timedelta(weeks=number), SHANGHAI) for number in range(-2, 8)]
PAST = {week: reckoned_at(week, SHANGHAI) for week in WEEKS}


def now(told: list[Received]) -> Telling:
    return telling((each.record for each in told), SHANGHAI)


@steady
@given(STEPS, st.lists(st.integers(0, 40 * 24), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_no_reopened_week_is_overlooked(steps, hours, chance) -> None:
    """Whatever life a box lived and however its records came home, the short way finds what the long way finds."""
    records = lived(steps).records
    times = sorted(TUESDAY + timedelta(hours=hour) for hour in hours)
    cuts = sorted(chance.randint(0, len(records)) for _ in times[1:])
    told = [
        Received(times[sum(cut <= number for cut in cuts)], each) for number, each in enumerate(records)
    ]  # in the journal's order, in as many lots as there are hours
    slow = {week: found for week in WEEKS if (found := reopened(week, told, SHANGHAI, DUE))}
    assert all_reopened(WEEKS, told, now(told), SHANGHAI, Owed(DUE)) == slow


@steady
@given(STEPS, st.integers(0, 40), st.randoms(use_true_random=False))
def test_records_in_any_order_are_looked_at_the_long_way(steps, hours, chance) -> None:
    """Of copied cards and mixed journals nothing is assumed."""
    times = [TUESDAY + timedelta(hours=20 * number) for number in range(hours + 1)]
    told = [Received(chance.choice(times), each) for each in lived(steps).records]
    slow = {week: found for week in WEEKS if (found := reopened(week, told, SHANGHAI, DUE))}
    assert all_reopened(WEEKS, told, now(told), SHANGHAI, Owed(DUE)) == slow


def test_a_year_of_sessions_in_time_has_no_suspect() -> None:
    """The common case costs nothing: every record came within the hour."""
    book = Notebook()
    for number in range(6):
        book.show(session=f"{number}").wait(days=7)
    told = [Received(each.record.at + timedelta(hours=1), each) for each in book.records]
    assert suspects(PAST, told, now(told)) == frozenset()


def test_a_late_session_makes_its_own_week_suspect_alone() -> None:
    """One report by stick, and one word that a week was closed: these two weeks are looked at."""
    book = Notebook().show(session="5").wait(days=7).show(session="6").add(WeekClosed, week=WEEKS[5], reason="harvest")
    late = TUESDAY + timedelta(days=60)
    told = [Received(late if each.record.seq == 3 else each.record.at, each) for each in book.records]
    ordered = [Received(late if each.record.seq >= 3 else each.record.at, each) for each in book.records]
    assert suspects(PAST, told, now(told)) == frozenset(PAST)  # the journal did not come in order: anything may be
    assert suspects(PAST, ordered, now(ordered)) == {WEEKS[2], WEEKS[3], WEEKS[5]}
