"""Rules in wall time become slots; the two odd nights of the year included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from estation_box.library.rules import known_container
from estation_wire.audience import Audience, Place
from estation_wire.expansion import AHEAD, MAX_SLOTS_OF_A_RULE, Expanded, closures, expand, named
from estation_wire.hours import Calendar, Hours
from estation_wire.library import Closure, Playlist, Programme, Rule
from estation_wire.planner import Length, Slot, order
from estation_wire.recurrence import MAX_EVENTS, MAX_STEPS

FILM = "a" * 64
PLACE = Place(kind="village", region="653121")
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BERLIN = "Europe/Berlin"


def event(start: str, *more: str, zone: str = BERLIN, uid: str = "x") -> str:
    head = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z"]
    return "\r\n".join([*head, f"DTSTART;TZID={zone}:{start}", *more, "END:VEVENT"])


def moved(old: str, new: str, *more: str, **words: str) -> str:
    return event(new, f"RECURRENCE-ID;TZID={BERLIN}:{old}", *more, **words)


def rule(text: str, name: str = "rule-0", zone: str = BERLIN, **changes) -> Rule:
    return Rule(**{"id": name, "event": text, "timezone": zone, "contents": (FILM,)} | changes)


def expanded(*rules: Rule, after: datetime = NOVEMBER, until: datetime | None = None, **given) -> Expanded:
    words = {"place": PLACE, "zone": BERLIN, "lengths": {}, "playlists": ()} | given
    programme = Programme(v=1, version=1, rules=rules, playlists=words["playlists"])
    hours = Hours(Calendar(), ZoneInfo(words["zone"]))
    return expand(
        programme, words["place"], hours, words["lengths"],
        after=after, until=until or after + AHEAD, minimum_seconds=600.0,
    )  # fmt: skip


def starts(text: str, after: datetime = NOVEMBER, **given) -> list[str]:
    found = expanded(rule(text), after=after, **given)
    assert found.refused == ()
    return [f"{slot.start:%m-%d %H:%M}" for slot in found.slots]


def refusal(text: str, **given) -> str:
    found = expanded(rule(text, **given))
    assert found.slots == ()
    ((name, why),) = found.refused
    assert name == "rule-0"
    return why


# wall time


def test_a_time_that_the_spring_night_leaves_out_is_shown_at_the_next_minute():
    """At 02:30 on the night without a 02:30 the session begins at 03:00 by the wall, which is 01:00 UTC."""
    weekly = event("20260301T023000", "RRULE:FREQ=WEEKLY;BYDAY=SU")
    assert starts(weekly, datetime(2026, 3, 21, tzinfo=UTC)) == ["03-22 01:30", "03-29 01:00"]


def test_a_time_that_comes_twice_in_autumn_is_shown_once():
    """At 02:30 on the night with two of them the session is shown at the first."""
    weekly = event("20261004T023000", "RRULE:FREQ=WEEKLY;BYDAY=SU")
    assert starts(weekly, datetime(2026, 10, 24, tzinfo=UTC)) == ["10-25 00:30", "11-01 01:30"]


def test_single_dates_and_exceptions_are_kept():
    """RDATE adds a session, EXDATE takes one away, in wall time or in UTC, in one line or several."""
    text = event(
        "20261101T100000",
        "RRULE:FREQ=DAILY;COUNT=4",
        f"RDATE;TZID={BERLIN}:20261108T110000",
        "RDATE:20261109T110000Z",
        f"EXDATE;TZID={BERLIN}:20261102T100000",
        f"EXDATE;TZID={BERLIN}:20261104T100000",
    )
    assert starts(text) == ["11-01 09:00", "11-03 09:00", "11-08 10:00", "11-09 11:00"]


def test_an_exception_takes_away_its_own_session_and_no_other():
    """In Urumqi, six hours from UTC, calling off 14:00 leaves the session at 20:00 of the same day."""
    zone = "Asia/Urumqi"
    text = event(
        "20261101T080000", "RRULE:FREQ=DAILY;BYHOUR=8,14,20", "EXDATE;TZID=Asia/Urumqi:20261102T140000", zone=zone
    )
    found = expanded(rule(text, zone=zone), zone=zone, until=NOVEMBER + 2 * DAY).slots
    assert [f"{slot.start.astimezone(ZoneInfo(zone)):%d %H}" for slot in found] == [
        "01 08", "01 14", "01 20", "02 08", "02 20",
    ]  # fmt: skip


def test_a_session_may_be_moved_or_called_off_for_once():
    """The film night is on Saturday for once, one is called off, and the rule stays as it is."""
    text = "\r\n".join(
        [
            event("20261030T200000", "RRULE:FREQ=WEEKLY"),
            moved("20261106T200000", "20261107T190000"),
            moved("20261113T200000", "20261113T200000", "STATUS:CANCELLED"),
        ]
    )
    assert starts(text, until=NOVEMBER + 25 * DAY) == ["11-07 18:00", "11-20 19:00"]


def test_a_session_that_is_moved_into_the_fortnight_is_in_the_table():
    text = "\r\n".join([event("20261001T200000", "RRULE:FREQ=YEARLY"), moved("20271001T200000", "20261102T200000")])
    assert starts(text) == ["11-02 19:00"]


def test_a_rule_that_is_called_off_as_a_whole_shows_only_what_was_moved():
    text = "\r\n".join(
        [event("20261101T200000", "RRULE:FREQ=DAILY", "STATUS:CANCELLED"), moved("20261103T200000", "20261105T200000")]
    )
    assert starts(text) == ["11-05 19:00"]


@pytest.mark.parametrize(("until", "last"), [("190000", "11-03 19:00"), ("185959", "11-02 19:00")])
def test_until_is_an_instant_and_included(until, last):
    """The last session is the one at the very instant that the rule names."""
    assert starts(event("20261030T200000", f"RRULE:FREQ=DAILY;UNTIL=20261103T{until}Z"))[-1] == last


def test_of_a_list_of_weekdays_each_counts():
    """Every Thursday and the second Saturday: not only the days that are both."""
    text = event("20261105T100000", "RRULE:FREQ=MONTHLY;BYDAY=TH,2SA")
    assert starts(text) == ["11-05 09:00", "11-12 09:00", "11-14 09:00"]


def test_the_last_one_of_a_week_is_the_week_s_also_in_the_first():
    """BYSETPOS chooses from whole weeks, however far back the rule began."""
    text = event("20261003T100000", "RRULE:FREQ=WEEKLY;BYDAY=TU,SA;BYSETPOS=-1")
    assert starts(text) == ["11-07 09:00", "11-14 09:00"]


# the table


def test_the_table_holds_what_lies_in_it_and_no_more():
    """A start at the very beginning is in, one at the very end is not."""
    found = expanded(rule(event("20261101T000000", "RRULE:FREQ=HOURLY"))).slots
    assert found[0].start == NOVEMBER
    assert found[-1].start == NOVEMBER + AHEAD - timedelta(hours=1)
    assert len(found) == 14 * 24


def test_a_rule_is_heeded_only_while_it_is_valid():
    """The autumn's programme begins and ends by itself."""
    daily = event("20261001T100000", "RRULE:FREQ=DAILY")
    begins, ends = datetime(2026, 11, 3, 9, tzinfo=UTC), datetime(2026, 11, 5, 9, tzinfo=UTC)
    found = expanded(rule(daily, valid_from=begins, valid_until=ends))
    assert [slot.start for slot in found.slots] == [begins, begins + DAY]
    assert expanded(rule(daily, valid_from=NOVEMBER + AHEAD)) == ((), ())
    assert expanded(rule(daily, valid_until=NOVEMBER)) == ((), ())


def test_a_rule_for_others_plays_nothing_here():
    daily = event("20261001T100000", "RRULE:FREQ=DAILY")
    schools = rule(daily, audience=Audience(kinds=("school",)))
    assert expanded(schools) == ((), ())
    assert len(expanded(schools, place=Place(kind="school", region="653121")).slots) == 14


def test_a_week_is_closed_for_those_whom_it_is_meant_for():
    harvest = Closure(week="2026-W40", reason="harvest", audience=Audience(kinds=("village",)))
    holiday = Closure(week="2026-W41", reason="holiday")
    programme = Programme(v=1, version=1, rules=(), closed=(harvest, holiday))
    assert closures(programme, PLACE) == {"2026-W40": "harvest", "2026-W41": "holiday"}
    assert closures(programme, Place(kind="school", region="653121")) == {"2026-W41": "holiday"}


def test_a_slot_knows_how_long_its_films_are():
    """Films that the catalogue does not know add nothing."""
    daily = event("20261101T100000")
    lengths = {"b" * 64: Length(300.0, 300.0), "c" * 64: Length(60.0, 0.0)}
    given = rule(daily, contents=("b" * 64, "c" * 64, "d" * 64), series="kepu", priority=2)
    (slot,) = expanded(given, lengths=lengths).slots
    assert (slot.length, slot.counting, slot.series, slot.priority) == (360.0, 300.0, "kepu", 2)
    assert slot.end - slot.start == timedelta(minutes=6)


def test_of_two_rules_at_once_one_yields_and_says_to_which():
    daily = event("20261101T100000")
    table = expanded(rule(daily, "low", priority=7), rule(daily, "high", priority=1)).slots
    assert [(slot.rule, slot.yields_to) for slot in table] == [("high", ""), ("low", "high")]


# what a session shows

LIST = Playlist(id="list", contents=tuple(f"{number:064x}" for number in range(5)))


def turns(text: str, after: datetime, days: int, **given) -> dict[str, list[int]]:
    found = expanded(
        rule(text, contents=(), playlist="list", **given), after=after, until=after + days * DAY, playlists=(LIST,)
    )
    assert found.refused == ()
    return {f"{slot.start:%m-%d}": [int(content, 16) for content in slot.contents] for slot in found.slots}


DAILY = event("20260101T200000", "RRULE:FREQ=DAILY")
WEEKLY = event("20260102T200000", "RRULE:FREQ=WEEKLY")


@pytest.mark.parametrize("take", range(1, 6))
@pytest.mark.parametrize(("text", "rotate", "days"), [(DAILY, "daily", 6), (WEEKLY, "weekly", 40)])
def test_every_film_of_a_playlist_comes_round(text, rotate, days, take):
    """Whatever a session takes, the next goes on behind it, and none is left out."""
    table = list(turns(text, NOVEMBER, days, take=take, rotate=rotate).values())
    assert all(len(each) == take for each in table)
    assert all((before[-1] + 1) % 5 == after[0] for before, after in pairwise(table))
    assert {content for each in table for content in each} == set(range(5))


def test_without_rotation_every_session_is_the_same():
    assert set(map(tuple, turns(DAILY, NOVEMBER, 5, take=2).values())) == {(0, 1)}
    assert set(map(tuple, turns(DAILY, NOVEMBER, 5).values())) == {(0, 1, 2, 3, 4)}


@pytest.mark.parametrize("rotate", ["daily", "weekly"])
def test_two_boxes_with_different_pasts_show_the_same(rotate):
    """Which turn it is follows from the date: a box that was dark for a month goes on where all the others are."""
    old, fresh = NOVEMBER - 60 * DAY, NOVEMBER
    long = turns(DAILY, old, 74, take=2, rotate=rotate)
    short = turns(DAILY, fresh, 14, take=2, rotate=rotate)
    assert {day: long[day] for day in short} == short


def test_a_week_keeps_its_turn_from_monday_to_sunday():
    """Two sessions of one week show the same; the next week goes on."""
    table = turns(DAILY, datetime(2026, 11, 2, tzinfo=UTC), 14, take=1, rotate="weekly")
    weeks = [[each[0] for each in list(table.values())[first : first + 7]] for first in (0, 7)]
    assert [len(set(week)) for week in weeks] == [1, 1]
    assert (weeks[0][0] + 1) % 5 == weeks[1][0]


def test_a_moved_session_takes_the_turn_of_its_new_day():
    text = "\r\n".join([DAILY, moved("20261103T200000", "20261105T100000")])
    plain, table = turns(DAILY, NOVEMBER, 6, take=1, rotate="daily"), turns(text, NOVEMBER, 6, take=1, rotate="daily")
    assert "11-03" not in table
    assert table["11-05"] == plain["11-05"]


def test_the_turn_is_that_of_the_local_day():
    """Half past midnight in Urumqi is another day than in UTC."""
    zone = "Asia/Urumqi"
    late = event("20260101T233000", "RRULE:FREQ=DAILY;COUNT=600", zone=zone)
    early = event("20260102T003000", "RRULE:FREQ=DAILY;COUNT=600", zone=zone)
    given = {"contents": (), "playlist": "list", "take": 1, "rotate": "daily", "zone": zone}
    table = expanded(rule(late, "late", **given), rule(early, "early", **given), zone=zone, playlists=(LIST,)).slots
    first, second, third = (int(slot.contents[0], 16) for slot in table[:3])
    assert [slot.rule for slot in table[:3]] == ["late", "early", "late"]
    assert (first + 1) % 5 == second == third


# what cannot be


BAD = {
    "more than once an hour": [
        event("20261101T100000", "RRULE:FREQ=MINUTELY"),
        event("20261101T100000", "RRULE:FREQ=SECONDLY"),
        event("20261101T100000", "RRULE:FREQ=MINU\r\n TELY"),
        event("20261101T100000", "RRULE:FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5"),
        event("20261101T100000", "RRULE:FREQ=DAILY;BYSECOND=0,1"),
    ],
    "no time with TZID": [
        event("20261101T100000", zone="Europe/Paris"),
        "BEGIN:VEVENT\r\nUID:x\r\nDTSTART;VALUE=DATE:20261101\r\nEND:VEVENT",
        "BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT",
        event("20261101T100000", "EXDATE;TZID=Europe/Paris:20261102T100000"),
        event("20261101T100000", "RDATE;VALUE=DATE:20261102"),
        event("20261101T100000", "RDATE:20261102T100000"),
        event("20261101T100000") + "\r\n" + event("20261102T100000", "RECURRENCE-ID:20261101T100000"),
    ],
    "with RECURRENCE-ID": [
        event("20261101T100000") + "\r\n" + event("20261101T110000"),
        moved("20261101T100000", "20261102T100000"),
        event("20261101T100000") + "\r\n" + moved("20261101T100000", "20261102T100000", "RRULE:FREQ=DAILY"),
    ],
    "RANGE": [
        event("20261101T100000", "RRULE:FREQ=DAILY")
        + "\r\n"
        + event("20261102T110000", f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID={BERLIN}:20261102T100000")
    ],
    "another UID": [event("20261101T100000") + "\r\n" + moved("20261101T100000", "20261102T100000", uid="y")],
    "not one VEVENT": [
        "BEGIN:VTODO\r\nUID:x\r\nEND:VTODO",
        " ",
        "\r\n".join([event("20261101T100000")] + [moved("20261101T100000", "20261101T110000")] * MAX_EVENTS),
    ],
    "more than one RRULE": [event("20261101T100000", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY")],
    "UNTIL": [
        event("20261101T100000", "RRULE:FREQ=DAILY;UNTIL=20261231"),
        event("20261101T100000", "RRULE:FREQ=DAILY;UNTIL=20261231T100000"),
    ],
    "not understood": [
        event("20261101T100000", "RRULE:FREQ=DAILY;BYSETPOS=3"),
        event("20261101T100000", "RRULE:FREQ=WEEKLY;BYMONTHDAY=3"),
        event("20261101T100000", "RRULE:FREQ=MONTHLY;BYEASTER=3"),
    ],
    "too far back": [event("19700101T000000", f"RRULE:FREQ=HOURLY;COUNT={10 * MAX_STEPS}")],
    "": [  # in a parser's own words
        "nonsense",
        event("20261101T100000", "RRULE:FREQ=NEVER"),
        event("20261101T100000", "RRULE:COUNT=3"),
        event("20261101T100000", "RRULE:FREQ=DAILY;INTERVAL=x"),
        event("20261301T100000"),
        event("20261101T100000", "RRULE:FREQ=WEEKLY;WKST=XX;BYDAY=MO;BYSETPOS=1"),
    ],
}


@pytest.mark.parametrize(("why", "text"), [(why, text) for why, texts in BAD.items() for text in texts])
def test_a_rule_that_cannot_be_is_told_and_the_others_stay(why: str, text: str):
    """Nonsense, too many sessions and foreign zones spoil their own rule only, and the reason is told."""
    found = expanded(rule(text), rule(event("20261105T100000"), "good"))
    assert [slot.rule for slot in found.slots] == ["good"]
    ((name, told),) = found.refused
    assert name == "rule-0"
    assert why in told
    assert told


def test_too_many_sessions_are_refused():
    """A rule with more than one session an hour on the average is refused, however it says so."""
    more = ",".join(f"202611{day:02}T{hour:02}1500" for day in range(1, 15) for hour in range(24))
    text = event("20261101T003000", "RRULE:FREQ=HOURLY", f"RDATE;TZID={BERLIN}:{more}")
    assert refusal(text) == f"{14 * 24 * 2 - 1} sessions in 14 days"
    assert MAX_SLOTS_OF_A_RULE < 14 * 24 * 2 - 1


def test_a_time_zone_that_no_table_knows_is_refused():
    """A zone that this box does not know spoils its rule only."""
    assert (
        refusal(event("20261101T100000", zone="Mars/Olympus"), zone="Mars/Olympus") == "no such time zone: Mars/Olympus"
    )


def test_a_rule_without_films_says_so():
    assert refusal(event("20261101T100000"), contents=()) == "it names no content"
    assert refusal(event("20261101T100000"), contents=(), playlist="gone") == "there is no playlist gone"


def test_a_daily_rule_that_can_never_be_keeps_no_box_busy():
    """The thirtieth of February is looked for in the fortnight, not until the year 9999."""
    for freq in ("DAILY", "HOURLY"):
        assert starts(event("20261001T100000", f"RRULE:FREQ={freq};BYMONTH=2;BYMONTHDAY=30")) == []


def test_a_yearly_rule_that_can_never_be_shows_its_first_day_alone():
    """DTSTART is the first session, whatever the rule makes of it."""
    assert starts(event("20261105T100000", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")) == ["11-05 09:00"]


# what to copy first


def test_what_is_due_next_comes_first():
    """The next session's films, then the later ones', each once; what is past needs none."""
    slots = [
        Slot(rule="b", start=NOVEMBER + 2 * DAY, contents=("c", "a")),
        Slot(rule="a", start=NOVEMBER + DAY, contents=("b", "c")),
        Slot(rule="past", start=NOVEMBER - DAY, contents=("x",)),
    ]
    assert order(slots, NOVEMBER) == ["b", "c", "a"]


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


def test_whatever_a_rule_may_show_is_named():
    """The stick is asked for all of a playlist, not for one week's turn."""
    rules = (rule(DAILY, contents=(), playlist="list"), rule(DAILY), rule(DAILY, contents=(), playlist="gone"))
    programme = Programme(v=1, version=1, rules=rules, playlists=(LIST,))
    assert named(programme) == [*LIST.contents, FILM]
