"""Which of the planned sessions are shown, and why the others are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from estation_wire.hours import BETWEEN_TERMS, Calendar, ClosedWeek, Hours, Term, Window
from estation_wire.planner import SENTENCES, Slot, Why, preview, settled, standing
from tests.support.wire_values import steady

ZONE = ZoneInfo("Asia/Urumqi")
MONDAY = datetime(2026, 11, 23, tzinfo=ZONE).astimezone(UTC)  # of week 48
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MINIMUM = 600.0
ALWAYS = Hours(Calendar(), ZONE)
EVERY_DAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LESSONS = Hours(
    Calendar(
        opening=(Window(days=EVERY_DAY, begin="00:00", end="02:00"),),
        lessons=(Window(days=("MO",), begin="00:30", end="00:40"),),
        closed=(ClosedWeek(week="2026-W49", reason="harvest"),),
    ),
    ZONE,
)


def slot(rule: str = "a", ahead: timedelta = timedelta(0), minutes: float = 15, **changes) -> Slot:
    given = {"rule": rule, "start": MONDAY + ahead, "contents": ("0" * 64,), "length": minutes * 60.0}
    return Slot(**given | changes)


# what the calendar says


def test_a_slot_that_nothing_hinders_is_planned():
    judged = standing(slot(), ALWAYS, MINIMUM)
    assert (judged.why, judged.detail) == (Why.PLANNED, "")


def test_a_closed_week_comes_before_every_other_reason_and_is_told():
    """The hall reads why nothing comes: the word that the committee wrote down."""
    judged = standing(slot(ahead=7 * DAY + 12 * HOUR, yields_to="b"), LESSONS, MINIMUM)
    assert (judged.why, judged.detail) == (Why.CLOSED_WEEK, "harvest")
    holidays = Hours(Calendar(terms=(Term(first="2026-W01", last="2026-W20"),)), ZONE)
    assert standing(slot(), holidays, MINIMUM)[1:] == (Why.CLOSED_WEEK, BETWEEN_TERMS)


def test_a_slot_that_yields_names_the_one_it_yields_to():
    assert standing(slot(yields_to="b"), ALWAYS, MINIMUM)[1:] == (Why.YIELDS, "b")


def test_a_slot_must_start_inside_the_opening_hours():
    """It may end after them: who is in the hall stays; but nobody is called into a closed one."""
    reasons = [standing(slot(ahead=ahead), LESSONS, MINIMUM).why for ahead in (DAY, DAY + 119 * MINUTE, DAY + 2 * HOUR)]
    assert reasons == [Why.PLANNED, Why.PLANNED, Why.CLOSED_HOURS]


def test_a_slot_that_a_lesson_would_cut_before_the_minimum_is_not_begun():
    """Ten minutes must fit before the bell; a longer session may be cut, once it counts."""
    times = {0: Why.PLANNED, 20: Why.PLANNED, 21: Why.LESSON, 30: Why.LESSON, 39: Why.LESSON, 40: Why.PLANNED}
    found = {at: standing(slot(ahead=at * MINUTE, minutes=60), LESSONS, MINIMUM).why for at in times}
    assert found == times
    assert standing(slot(ahead=25 * MINUTE, minutes=5), LESSONS, MINIMUM).why is Why.PLANNED
    assert standing(slot(ahead=26 * MINUTE, minutes=5), LESSONS, MINIMUM).why is Why.LESSON


def test_every_reason_has_its_sentence_in_both_languages():
    assert set(SENTENCES) == set(Why)
    assert all(chinese and english for chinese, english in SENTENCES.values())


# of two that overlap

SLOTS = st.lists(
    st.builds(
        lambda rule, start, minutes, priority, old: slot(
            rule, start * MINUTE, minutes, priority=priority, yields_to=old
        ),
        st.sampled_from("abcdef"),
        st.sampled_from([*range(60), 7 * 24 * 60 + 5, 3 * 60]),
        st.sampled_from([0, 0, 1, 5, 10, 30]),
        st.integers(0, 3),
        st.just(""),
    ),
    max_size=14,
    unique_by=lambda each: each.key,
)


def overlap(one: Slot, other: Slot) -> bool:
    """Whether two sessions would be on the screen together; one of no known length takes its own second."""
    shortest = timedelta(seconds=1)
    return one.start < max(other.end, other.start + shortest) and other.start < max(one.end, one.start + shortest)


def worth(one: Slot) -> tuple[int, datetime, str]:
    return one.priority, one.start, one.rule


def by_hand(slots: list[Slot], hours: Hours) -> dict[tuple[str, datetime], bool]:
    """Whether each slot is a winner: each held against all the winners before it."""
    winners: list[Slot] = []
    for one in sorted(slots, key=worth):
        if standing(one, hours, MINIMUM).why is Why.PLANNED and not any(overlap(one, other) for other in winners):
            winners.append(one)
    return {one.key: one in winners for one in slots}


@steady
@given(SLOTS, st.sampled_from([ALWAYS, LESSONS]), st.randoms(use_true_random=False))
def test_overlaps_are_settled_alike_on_every_machine(slots, hours, chance):
    """By priority, then start, then name; whatever order the table was read in; and a forbidden one takes no place."""
    table = settled(slots, hours, MINIMUM)
    assert settled(chance.sample(slots, len(slots)), hours, MINIMUM) == table
    assert [one.start for one in table] == sorted(one.start for one in slots)
    assert {replace(one, yields_to="").key for one in table} == {one.key for one in slots}
    allowed = [one for one in table if standing(replace(one, yields_to=""), hours, MINIMUM).why is Why.PLANNED]
    winners = [one for one in allowed if not one.yields_to]
    assert {one.key: one in winners for one in table} == by_hand(slots, hours)
    assert not any(overlap(one, other) for one in winners for other in winners if one is not other)
    for one in allowed:
        if one.yields_to:
            better = [each for each in winners if overlap(one, each) and worth(each) < worth(one)]
            assert one.yields_to in {each.rule for each in better}
    assert all(not one.yields_to for one in table if one not in allowed)


@steady
@given(SLOTS)
def test_a_table_that_is_settled_stays_as_it_is(slots):
    table = settled(slots, ALWAYS, MINIMUM)
    assert settled([replace(one, yields_to="") for one in table], ALWAYS, MINIMUM) == table


def test_sessions_that_touch_do_not_overlap():
    """One may begin in the instant in which the other ends."""
    table = settled([slot("a", minutes=15), slot("b", 15 * MINUTE)], ALWAYS, MINIMUM)
    assert [one.yields_to for one in table] == ["", ""]


def test_an_urgent_session_in_a_lesson_takes_nobodys_place():
    """What may not be shown must not push out what may."""
    table = settled([slot("urgent", 25 * MINUTE, 15, priority=0), slot("plain", 15 * MINUTE, 15)], LESSONS, MINIMUM)
    assert [(one.rule, one.yields_to) for one in table] == [("plain", ""), ("urgent", "")]
    assert [each.why for each in preview(table, LESSONS, MINIMUM)] == [Why.PLANNED, Why.LESSON]


def test_the_preview_shows_a_fortnight_as_it_will_be():
    """The committee sees each coming session, and for each that will not be shown why."""
    daily = [slot("daily", day * DAY + 10 * MINUTE, 10) for day in range(14)]
    weekly = [slot("weekly", day * DAY + 15 * MINUTE, 60, priority=1) for day in (1, 8)]
    late = [slot("late", 4 * DAY + 5 * HOUR)]
    told = preview([*late, *daily, *weekly], LESSONS, MINIMUM)
    assert [each.slot.start for each in told] == sorted(each.slot.start for each in told)
    reasons = {(each.slot.rule, (each.slot.start - MONDAY).days): (each.why, each.detail) for each in told}
    assert len(reasons) == len(told) == 17
    for (rule, day), reason in reasons.items():
        if day >= 7:
            assert reason == (Why.CLOSED_WEEK, "harvest")
        elif (rule, day) == ("daily", 1):
            assert reason == (Why.YIELDS, "weekly")
        elif rule == "late":
            assert reason == (Why.CLOSED_HOURS, "")
        else:
            assert reason == (Why.PLANNED, "")
