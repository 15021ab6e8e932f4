"""Rules in wall time become instants; the two odd nights of the year included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from estation_box.library.expansion import AHEAD, expand, instant, order
from estation_box.library.rules import known_container, to_copy
from estation_wire.library import Programme, Rule
from estation_wire.planner import Slot

FILM = "a" * 64


def event(start: str, *more: str, zone: str = "Europe/Berlin") -> str:
    return "\r\n".join(
        ["BEGIN:VEVENT", "UID:x", "DTSTAMP:20260101T000000Z", f"DTSTART;TZID={zone}:{start}", *more, "END:VEVENT"]
    )


def programme(*events: str, zone: str = "Europe/Berlin") -> Programme:
    rules = tuple(
        Rule(id=f"rule-{number}", event=text, timezone=zone, contents=(FILM,)) for number, text in enumerate(events)
    )
    return Programme(v=1, version=1, rules=rules)


def starts(text: str, now: datetime) -> list[str]:
    expanded = expand(programme(text), now)
    assert expanded.refused == ()
    return [f"{slot.start:%m-%d %H:%M}" for slot in expanded.slots]


def test_a_time_that_the_spring_night_leaves_out_is_shown_at_the_next_minute():
    """At 02:30 on the night without a 02:30 the session begins at 03:00 by the wall, which is 01:00 UTC."""
    weekly = event("20260301T023000", "RRULE:FREQ=WEEKLY;BYDAY=SU")
    assert starts(weekly, datetime(2026, 3, 21, tzinfo=UTC)) == ["03-22 01:30", "03-29 01:00"]


def test_a_time_that_comes_twice_in_autumn_is_shown_once():
    """At 02:30 on the night with two of them the session is shown at the first."""
    weekly = event("20261004T023000", "RRULE:FREQ=WEEKLY;BYDAY=SU")
    assert starts(weekly, datetime(2026, 10, 24, tzinfo=UTC)) == ["10-25 00:30", "11-01 01:30"]


def test_single_dates_and_exceptions_are_kept():
    """RDATE adds a session, EXDATE takes one away."""
    text = event(
        "20261101T100000",
        "RRULE:FREQ=DAILY;COUNT=3",
        "RDATE;TZID=Europe/Berlin:20261108T110000",
        "EXDATE;TZID=Europe/Berlin:20261102T100000",
    )
    assert starts(text, datetime(2026, 11, 1, tzinfo=UTC)) == ["11-01 09:00", "11-03 09:00", "11-08 10:00"]


def test_the_table_reaches_from_an_hour_ago_to_a_fortnight_ahead():
    """A start that is a little late is still in the table."""
    hourly = event("20261101T000000", "RRULE:FREQ=HOURLY")
    now = datetime(2026, 11, 10, 12, 30, tzinfo=UTC)
    slots = expand(programme(hourly), now).slots
    assert slots[0].start == datetime(2026, 11, 10, 12, tzinfo=UTC)
    assert slots[-1].start < now + AHEAD
    assert len(slots) == 14 * 24 + 1


@pytest.mark.parametrize(
    "text",
    [
        event("20261101T100000", "RRULE:FREQ=MINUTELY"),
        event("20261101T100000", "RRULE:FREQ=SECONDLY"),
        event("20261101T100000", "RRULE:FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5"),
        event("20261101T100000", "RRULE:FREQ=NEVER"),
        event("20261101T100000", zone="Europe/Paris"),
        event("20261101T100000") + "\r\n" + event("20261101T110000"),
        "BEGIN:VEVENT\r\nUID:x\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261101\r\nEND:VEVENT",
        "BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT",
        "BEGIN:VTODO\r\nUID:x\r\nEND:VTODO",
        "nonsense",
        event("20261301T100000"),
    ],
)
def test_a_rule_that_cannot_be_is_told_and_the_others_stay(text: str):
    """Nonsense, too many sessions and foreign zones spoil their own rule only."""
    good = event("20261105T100000")
    expanded = expand(programme(text, good), datetime(2026, 11, 1, tzinfo=UTC))
    assert [rule for rule, _ in expanded.refused] == ["rule-0"]
    assert [slot.rule for slot in expanded.slots] == ["rule-1"]


def test_too_many_sessions_are_refused():
    """A rule with more than one session an hour on the average is refused, however it says so."""
    more = ",".join(f"202611{day:02}T{hour:02}1500" for day in range(1, 15) for hour in range(24))
    text = event("20261101T003000", "RRULE:FREQ=HOURLY", f"RDATE;TZID=Europe/Berlin:{more}")
    assert expand(programme(text), datetime(2026, 11, 1, tzinfo=UTC)).refused[0][0] == "rule-0"


def test_a_time_zone_that_no_table_knows_is_refused():
    """A zone that this box does not know spoils its rule only."""
    text = event("20261101T100000", zone="Mars/Olympus")
    assert expand(programme(text, zone="Mars/Olympus"), datetime(2026, 11, 1, tzinfo=UTC)).slots == ()


def test_a_day_that_an_island_left_out():
    """Samoa had no 30 December 2011; what stood there is shown when the next day begins."""
    apia = ZoneInfo("Pacific/Apia")
    at = instant(datetime(2011, 12, 30, 10, tzinfo=apia), apia)
    assert at.astimezone(apia) == datetime(2011, 12, 31, tzinfo=apia)


def test_what_is_due_next_comes_first():
    """The next session's items, then the later ones', then whatever a rule names, then the rest; each once."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    slots = [
        Slot(rule="b", start=now + timedelta(days=2), contents=("c", "a")),
        Slot(rule="a", start=now + timedelta(days=1), contents=("b", "c")),
        Slot(rule="past", start=now - timedelta(days=1), contents=("x",)),
    ]
    assert order(slots, now) == ["b", "c", "a"]
    sizes = dict.fromkeys("abcdefx", 1)
    wanted = to_copy(sizes, due=order(slots, now), planned=["e", "b", "unknown"], held=frozenset("c"))
    assert wanted == ["b", "a", "e", "d", "f", "x"]


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (b"\0\0\0\x20ftypisom", True),
        (b"\x1a\x45\xdf\xa3", True),
        (b"\x89PNG\r\n\x1a\n", True),
        (b"\xff\xd8\xff\xe0", True),
        (b"", False),
        (b"#!/bin/sh\n", False),
        (b"\0\0\0\x20", False),
    ],
)
def test_the_first_bytes_tell_a_video_or_picture(head, known):
    """A file of another kind is known by its beginning."""
    assert known_container(head) is known
