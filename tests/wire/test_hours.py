"""Opening hours, lessons, make-up windows, terms and closed weeks become spans of time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_wire.counts import week_of
from estation_wire.hours import (
    BETWEEN_TERMS,
    KEPT_WEEKS,
    WEEKDAYS,
    Calendar,
    ClosedWeek,
    Hours,
    Span,
    Term,
    Window,
    common,
    instant,
    merged,
    room,
    span_at,
    without,
)
from tests.support.wire_values import steady

URUMQI, BERLIN = ZoneInfo("Asia/Urumqi"), ZoneInfo("Europe/Berlin")
ZERO, MINUTE = datetime(2026, 11, 23, tzinfo=UTC), timedelta(minutes=1)
GRID = 40  # minutes of the grid on which spans are compared with sets of minutes
LISTS = st.lists(st.tuples(st.integers(0, GRID), st.integers(0, GRID)), max_size=6)
SPANS = LISTS.map(lambda pairs: merged(span(*pair) for pair in pairs))
WORKDAYS = WEEKDAYS[:5]


def span(begin: int, end: int) -> Span:
    return Span(ZERO + begin * MINUTE, ZERO + end * MINUTE)


def minutes(spans) -> set[int]:
    """The minutes that lie in any of the spans."""
    return {at for at in range(-1, GRID + 1) if any(one.begin <= ZERO + at * MINUTE < one.end for one in spans)}


def is_tidy(spans) -> bool:
    """In order, none empty, none touching the next."""
    return all(one.begin < one.end for one in spans) and all(one.end < other.begin for one, other in pairwise(spans))


def local(spans, zone: ZoneInfo = URUMQI) -> list[str]:
    words = ((one.begin.astimezone(zone), one.end.astimezone(zone)) for one in spans)
    return [f"{begin:%a %H:%M}-{end:%a %H:%M}" for begin, end in words]


def window(days, begin: str, end: str) -> Window:
    return Window(days=days, begin=begin, end=end)


# spans against a grid of minutes


@steady
@given(LISTS)
def test_spans_that_overlap_or_touch_become_one(pairs):
    spans = merged(span(*pair) for pair in pairs)
    assert is_tidy(spans)
    assert minutes(spans) == {at for begin, end in pairs for at in range(begin, end)}


@steady
@given(SPANS, SPANS)
def test_hours_less_lessons_are_the_minutes_that_are_left(spans, taken):
    assert minutes(without(spans, taken)) == minutes(spans) - minutes(taken)
    assert is_tidy(without(spans, taken))


@steady
@given(SPANS, SPANS)
def test_the_time_in_both_is_each_minute_that_both_have(one, other):
    assert minutes(common(one, other)) == minutes(one) & minutes(other)
    assert is_tidy(common(one, other))
    assert common(one, other) == common(other, one)


@steady
@given(SPANS, st.integers(-1, GRID + 1))
def test_the_span_of_an_instant_is_the_one_that_holds_it(spans, at):
    found = span_at(spans, ZERO + at * MINUTE)
    assert (found is not None) == (at in minutes(spans))
    assert found is None or (found in spans and at in minutes([found]))


@steady
@given(SPANS, st.integers(-1, GRID + 1), st.integers(1, GRID))
def test_room_is_the_first_uninterrupted_stretch(spans, after, length):
    """A make-up is begun as soon as it fits, and never where it would be cut off."""
    free = minutes(spans)
    first = next((at for at in range(max(after, 0), GRID) if set(range(at, at + length)) <= free), None)
    found = room(spans, ZERO + after * MINUTE, length * MINUTE)
    assert found == (None if first is None else ZERO + first * MINUTE)


# the calendar


def test_a_site_that_says_nothing_is_open_always_and_makes_up_by_day():
    """Nothing starts by itself in the night of a hall that gave no hours."""
    hours = Hours(Calendar(), URUMQI)
    assert hours.opening("2026-W48") == (hours.bounds("2026-W48"),)
    assert hours.lessons("2026-W48") == ()
    assert hours.closed("2026-W48") is None
    assert local(hours.make_up("2026-W48"))[0] == "Mon 08:00-Mon 22:00"
    assert len(hours.make_up("2026-W48")) == 7
    assert f"{hours.last_window_day('2026-W48').astimezone(URUMQI):%a %H:%M}" == "Sun 00:00"


def test_make_up_windows_lie_inside_the_opening_hours_and_outside_the_lessons():
    """No window lets a session begin in a closed hall, or in a lesson."""
    calendar = Calendar(
        opening=(window(WEEKDAYS, "09:00", "18:00"),),
        lessons=(window(("TU",), "10:00", "11:00"),),
        make_up=(window(("TU", "WE"), "08:00", "12:00"), window(("WE",), "17:00", "24:00")),
    )
    hours = Hours(calendar, URUMQI)
    assert local(hours.make_up("2026-W48")) == [
        "Tue 09:00-Tue 10:00",
        "Tue 11:00-Tue 12:00",
        "Wed 09:00-Wed 18:00",  # the week's last window day: any opening hour
        "Thu 09:00-Thu 18:00",
        "Fri 09:00-Fri 18:00",
        "Sat 09:00-Sat 18:00",
        "Sun 09:00-Sun 18:00",
    ]
    assert f"{hours.last_window_day('2026-W48').astimezone(URUMQI):%a %H:%M}" == "Wed 00:00"


def test_without_windows_of_its_own_a_site_makes_up_whenever_it_is_open():
    calendar = Calendar(opening=(window(WORKDAYS, "08:00", "20:00"),), lessons=(window(WORKDAYS, "08:00", "16:00"),))
    assert local(Hours(calendar, URUMQI).make_up("2026-W48")) == [
        f"{day} 16:00-{day} 20:00" for day in ("Mon", "Tue", "Wed", "Thu", "Fri")
    ]


def test_a_school_that_gives_no_opening_hours_makes_up_by_day_on_the_last_window_day():
    """Open always does not mean that a session may begin at three in the night."""
    calendar = Calendar(make_up=(window(("FR",), "12:00", "13:00"),), lessons=(window(("SA",), "08:00", "12:00"),))
    assert local(Hours(calendar, URUMQI).make_up("2026-W48")) == [
        "Fri 08:00-Fri 22:00",
        "Sat 12:00-Sat 22:00",
        "Sun 08:00-Sun 22:00",
    ]


def test_a_site_whose_windows_are_all_taken_has_no_last_window_day():
    """Where lessons fill every window, nothing can be made up, and nothing is begun in an odd hour."""
    calendar = Calendar(opening=(window(("MO",), "09:00", "10:00"),), lessons=(window(("MO",), "08:00", "12:00"),))
    hours = Hours(calendar, URUMQI)
    assert hours.make_up("2026-W48") == ()
    assert hours.last_window_day("2026-W48") == hours.bounds("2026-W48").end


def test_lessons_are_held_in_terms_only_and_holidays_owe_nothing():
    calendar = Calendar(
        lessons=(window(WORKDAYS, "08:00", "12:00"),),
        terms=(Term(first="2026-W10", last="2026-W27"), Term(first="2026-W36", last="2027-W03")),
    )
    hours = Hours(calendar, URUMQI)
    assert [hours.closed(week) for week in ("2026-W27", "2026-W28", "2026-W35", "2026-W36", "2026-W53")] == [
        None, BETWEEN_TERMS, BETWEEN_TERMS, None, None,
    ]  # fmt: skip
    assert len(hours.lessons("2026-W27")) == 5
    assert hours.lessons("2026-W28") == ()
    assert hours.closed("2027-W04") == BETWEEN_TERMS


def test_a_closed_week_tells_who_closed_it_and_why():
    """The profile's reason stands; the programme or the keeper may close more, and say something newer of the same."""
    calendar = Calendar(
        closed=(ClosedWeek(week="2026-W40", reason="National Day"), ClosedWeek(week="2026-W41", reason="x"))
    )
    hours = Hours(calendar, URUMQI, {"2026-W41": "harvest", "2026-W42": "flood"})
    assert [hours.closed(f"2026-W{number}") for number in (39, 40, 41, 42)] == [
        None,
        "National Day",
        "harvest",
        "flood",
    ]
    terms = Calendar(terms=(Term(first="2026-W01", last="2026-W20"),))
    assert Hours(terms, URUMQI, {"2026-W30": "repairs"}).closed("2026-W30") == "repairs"


# odd weeks


@steady
@given(
    st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.sampled_from(["Asia/Urumqi", "Europe/Berlin", "Pacific/Apia"])
)
def test_every_instant_lies_in_its_own_week(day, name):
    """Also at New Year, and in a year of 53 weeks."""
    hours = Hours(Calendar(), ZoneInfo(name))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(name)).astimezone(UTC)
    bounds = hours.bounds(week_of(noon, hours.zone))
    assert bounds.begin <= noon < bounds.end
    assert bounds.begin.astimezone(hours.zone).strftime("%a %H:%M") == "Mon 00:00"
    assert hours.bounds(week_of(bounds.end, hours.zone)).begin == bounds.end


def test_the_years_end_is_no_gap():
    """2026 has 53 weeks; a week 53 that a year does not have is the next year's first."""
    hours = Hours(Calendar(), URUMQI)
    assert hours.bounds("2026-W53").end == hours.bounds("2027-W01").begin
    assert hours.bounds("2027-W53") == hours.bounds("2028-W01")


def test_the_weeks_of_summer_time_are_an_hour_shorter_and_longer():
    hours = Hours(Calendar(opening=(window(("SU",), "02:00", "04:00"),)), BERLIN)
    lengths = [
        (hours.bounds(week).end - hours.bounds(week).begin) / timedelta(hours=1) for week in ("2026-W13", "2026-W43")
    ]
    assert lengths == [167, 169]
    opened = [hours.opening(week)[0] for week in ("2026-W13", "2026-W43")]
    assert [(one.end - one.begin) / timedelta(hours=1) for one in opened] == [1, 3]


def test_midnight_is_the_day_s_end():
    """24:00 is the next day's 00:00, and two days that touch are one stretch; backwards is no time at all."""
    calendar = Calendar(opening=(window(("SA", "SU"), "00:00", "24:00"), window(("MO",), "10:00", "09:00")))
    assert local(Hours(calendar, URUMQI).opening("2026-W48")) == ["Sat 00:00-Mon 00:00"]


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
        ("Europe/Berlin", "2026-03-29T02:30:30", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-07-01T02:30:30", "2026-07-01T00:30:30"),
        ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30"),
        ("Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-30T10:00", "2011-12-30T10:00"),
    ],
)
def test_a_wall_time_that_is_missing_is_the_next_and_a_doubled_one_is_the_first(zone, wall, expected):
    assert instant(datetime.fromisoformat(wall), ZoneInfo(zone)) == datetime.fromisoformat(f"{expected}+00:00")


class Nowhere(ZoneInfo):
    """A zone in which no time of the day exists: what it says of an instant is never what was asked."""

    def fromutc(self, at):
        return at.replace(year=1980)


def test_a_zone_without_any_such_time_is_told():
    """Broken time-zone data stop one rule with words, and do not hang the box."""
    with pytest.raises(ValueError, match="no wall time"):
        instant(datetime(2026, 11, 23), Nowhere.no_cache("Asia/Urumqi"))  # noqa: DTZ001 - a wall time


def test_a_box_that_runs_for_years_keeps_few_weeks_in_memory():
    hours = Hours(Calendar(), URUMQI)
    for year in range(2026, 2040):
        for week in range(1, 53):
            hours.make_up(f"{year}-W{week:02}")
    assert len(hours._kept) <= 4 * KEPT_WEEKS
    assert hours.make_up("2039-W52") is hours.make_up("2039-W52")
