"""A school's rooms learn from acks that the week is met, and drop their make-ups."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from estation_central.collector import schools
from estation_central.collector.interfaces import Arrival, Store
from estation_central.collector.postgres import PostgresStore
from estation_central.collector.rules import Key, read_row
from estation_central.collector.schools import REGISTER_KEPT, Register, Room, Shown, room_of
from estation_central.collector.service import Collector
from estation_wire.counts import Due, Policy, SitePolicy
from estation_wire.messages import JournalState, WeekMet
from tests.centre.test_collector import Moody
from tests.support.centre import NOW, MemoryLink, ended, events, hello, record
from tests.support.postgres import Postgres
from tests.support.registry import add_station

WEEK, SITE = "2026-W48", "school-0001"


class School:
    """A collector, some rooms in the registry, and what their acks said last."""

    def __init__(self, store: Store, query: Callable) -> None:
        self.link = MemoryLink()
        self.collector = Collector(store, self.link)
        self.query = query
        self.up = 0.0
        self._seqs: dict[str, int] = {}

    def add(
        self, *names: str, site=SITE, kind="school", zone="Asia/Shanghai", sessions=1, policy="any-room", share=100
    ) -> None:
        for name in names:
            words = {"kind": kind, "timezone": zone, "minimum_sessions": sessions, "minimum_seconds": 300}
            add_station(self.query, name, site, **words, policy=policy, share_percent=share)

    def send(self, room: str, *records: dict, up: float = 1.0) -> WeekMet | None:
        """A room delivers sessions' ends; what the ack says of the week."""
        first = self._seqs.get(room, 0) + 1
        self._seqs[room] = first + len(records) - 1
        raws = [ended(first + number, **words) for number, words in enumerate(records)]
        return self.receive(events(raws, station=room), up=up)

    def ask(self, room: str, up: float = 1.0) -> WeekMet | None:
        """A room says hello."""
        return self.receive(hello(JournalState(journal="a" * 32, first=0, last=0, watermark=0), station=room), up=up)

    def receive(self, *arrivals: Arrival, up: float = 1.0) -> WeekMet | None:
        self.up += up
        self.link.arrivals.extend(arrivals)
        self.collector.turn(NOW + timedelta(seconds=self.up), self.up)
        (ack, *_) = self.link.take_acks()
        return ack.week


@pytest.fixture
def school(store: Store, query) -> School:
    return School(store, query)


def shown(counting: float = 300.0, session: str = "5", **words) -> dict:
    return {"counting": counting, "session": session * 32, **words}


MET, UNMET = WeekMet(week=WEEK, met=True), WeekMet(week=WEEK, met=False)


def test_any_room_meets_the_week_for_all(school: School) -> None:
    """One class saw five minutes: the other rooms need not make up for anything, from their next ack on."""
    school.add("room-1", "room-2")
    assert school.ask("room-2") == UNMET
    assert school.send("room-1", shown(299.0)) == UNMET
    assert school.send("room-1", shown(session="6")) == MET
    assert school.ask("room-2") == MET
    ((since,),) = school.query("SELECT met_since FROM site_week")
    school.send("room-1", shown(session="7"))
    assert school.query("SELECT met_since FROM site_week") == [(since,)]


def test_a_village_hears_nothing_of_weeks(school: School) -> None:
    """Only schools have rooms that could do it for each other; and nothing of others is kept."""
    school.add("hall-1", site="village-0001", kind="village")
    assert school.send("hall-1", shown()) is None
    assert school.ask("stranger") is None
    assert school.query("SELECT count(*) FROM school_session") == [(0,)]
    assert school.query("SELECT count(*) FROM site_week") == [(0,)]


def test_rooms_and_halls_of_one_round_each_get_their_own(school: School) -> None:
    """Many messages are settled at once, and no hall hears of a school."""
    school.add("room-1", "room-2")
    school.add("hall-1", site="village-0001", kind="village")
    school.link.arrivals.extend(
        [hello(station="hall-1"), hello(station="room-2"), events([ended(1, counting=300.0)], station="room-1")]
    )
    school.collector.turn(NOW, 1.0)
    said = {topic.station: message.week for topic, message in school.link.published}
    assert said == {"hall-1": None, "room-2": MET, "room-1": MET}
    assert school.collector.counters.rounds == 1


@pytest.mark.parametrize(
    "words",
    [
        {"tv": "off"},
        {"at": NOW - timedelta(days=7)},
        {"at": NOW + timedelta(days=1)},
        {"trust": "guess"},
        {"counting": 299.9},
        {"part": 2},
        {"tv": "a kind made later"},
    ],
)
def test_what_is_not_sure_to_count_is_no_hint(school: School, words: dict) -> None:
    """Rooms are told that the week is met only by what will stand: not by a dark TV, a guess, or last week's report."""
    school.add("room-1")
    assert school.send("room-1", {**shown(), **words}) == UNMET


def test_the_parts_of_an_interrupted_session_count_together(school: School) -> None:
    """Power was cut after two minutes and came back: two and three are five, also when the next boot is a guess."""
    school.add("room-1")
    assert school.send("room-1", shown(120.0)) == UNMET
    assert school.send("room-1", shown(180.0, part=2, trust="guess")) == MET


def test_a_tv_that_goes_off_in_the_second_part_takes_the_hint_back(school: School) -> None:
    """A session is «TV off» as soon as one of its parts is; the verdict will say so, and the acks do."""
    school.add("room-1")
    assert school.send("room-1", shown()) == MET
    assert school.send("room-1", shown(60.0, part=2, tv="off")) == UNMET
    assert school.send("room-1", shown(session="6")) == MET


def test_a_part_that_is_told_again_counts_once(school: School) -> None:
    """The fuller telling stands."""
    school.add("room-1")
    for counting in (200.0, 150.0, 200.0):
        assert school.send("room-1", shown(counting)) == UNMET
    assert school.send("room-1", shown(300.0)) == MET


def test_a_room_must_show_as_many_sessions_as_are_due(school: School) -> None:
    """Two rooms with one session each are not one room with two."""
    school.add("room-1", "room-2", sessions=2)
    assert school.send("room-1", shown()) == UNMET
    assert school.send("room-2", shown(session="6")) == UNMET
    assert school.send("room-1", shown(session="7")) == MET


@pytest.mark.parametrize(("policy", "share", "needed"), [("share", 50, 2), ("share", 75, 3), ("every-room", 100, 3)])
def test_a_share_of_the_rooms_must_have_shown(school: School, policy: str, share: int, needed: int) -> None:
    """Each room counts its own; all are told only when the school as a whole has met."""
    rooms = ("room-1", "room-2", "room-3")
    school.add(*rooms, policy=policy, share=share)
    said = [school.send(room, shown(session=room[-1])) for room in rooms]
    assert said == [MET if number >= needed else UNMET for number in (1, 2, 3)]


def test_the_next_week_begins_with_nothing(school: School) -> None:
    """On Monday every room is told of the new week, and last week's sessions are forgotten."""
    school.add("room-1", "room-2")
    school.send("room-1", shown())
    week = 7 * 86400.0
    assert school.ask("room-2", up=week) == WeekMet(week="2026-W49", met=False)
    later = {"at": NOW + timedelta(days=7), "session": "6" * 32}
    assert school.send("room-2", shown() | later) == WeekMet(week="2026-W49", met=True)
    assert school.query("SELECT week FROM school_session") == [("2026-W49",)]
    assert school.query("SELECT week FROM site_week") == [("2026-W49",)]


def test_the_week_is_that_of_the_rooms_zone(school: School) -> None:
    """When Shanghai has Monday, Urumqi still has Sunday's week."""
    school.add("room-1")
    school.add("room-2", site="school-0002", zone="Asia/Urumqi")
    school.add("room-3", site="school-0003", zone="Mars/One")
    sunday = 5 * 86400.0 + 6 * 3600.0  # 2026-11-29 17:00 UTC
    assert [school.ask(f"room-{n}", up=up) for n, up in ((1, sunday), (2, 0.0), (3, 0.0))] == [
        WeekMet(week="2026-W49", met=False),
        WeekMet(week="2026-W48", met=False),
        None,
    ]


def test_a_database_that_breaks_off_tells_nothing_too_early(store: Store, query) -> None:
    """A room hears that the week is met when that is stored, and not before."""
    moody = Moody(store)
    school = School(moody, query)
    school.add("room-1")
    school.link.arrivals.append(events([ended(1, counting=300.0)], station="room-1"))
    moody.moods = ["before", "before"]
    for _ in range(9):
        school.up += 1.0
        school.collector.turn(NOW + timedelta(seconds=school.up), school.up)
    (ack,) = school.link.take_acks()
    assert ack.week == MET
    assert query("SELECT count(*) FROM school_session") == [(1,)]


def test_two_collectors_do_not_miss_each_others_rooms(postgres: Postgres, state: Path) -> None:
    """Both rooms of a school report in the same second to two collectors: the school has met all the same."""
    url = postgres.url(postgres.new_database("made"))
    room = Room(SITE, schools.ZoneInfo("Asia/Shanghai"), Due(seconds=300.0), SitePolicy(policy=Policy.EVERY_ROOM))
    one_wrote, met = threading.Event(), []

    def second(store: PostgresStore) -> None:
        one_wrote.wait(10)
        with store.transaction() as transaction:
            transaction.schools.book([Shown("room-2", "6" * 32, 1, room, WEEK, 300.0, off=False)], NOW)
            met.append(transaction.schools.met({SITE}))

    with closing(PostgresStore(url)) as one, closing(PostgresStore(url)) as other:
        with one.transaction() as transaction:
            for name in ("room-1", "room-2"):
                words = {"minimum_seconds": 300, "policy": "every-room"}
                add_station(lambda words, *values: transaction.run(words, values), name, SITE, **words)
            transaction.schools.book([Shown("room-1", "4" * 32, 1, room, WEEK, 10.0, off=False)], NOW)
        thread = threading.Thread(target=second, args=(other,))
        with one.transaction() as transaction:
            transaction.schools.book([Shown("room-1", "5" * 32, 1, room, WEEK, 300.0, off=False)], NOW)
            thread.start()
            one_wrote.set()
            waits = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            deadline = time.monotonic() + 10
            while transaction.run(waits) != [(1,)] and time.monotonic() < deadline:  # the second waits for the first
                transaction.run("SELECT pg_stat_clear_snapshot()")
                time.sleep(0.01)
        thread.join()
    assert met == [{(SITE, WEEK)}]


def test_the_register_is_asked_once_a_minute() -> None:
    """A round of stations that are known costs no question; a change of the registry is seen a minute later."""
    asked: list[list[str]] = []
    room = room_of(SITE, "Asia/Shanghai", Due(), "any-room", 100)

    def read(names: list[str]) -> dict[str, Room]:
        asked.append(names)
        return {"room-1": room} if len(asked) < 3 else {}

    register = Register()
    for stations, after in (({"room-1", "hall"}, 0), ({"room-1", "hall"}, 9), ({"room-1", "hall-2"}, 20)):
        assert register.rooms(stations, NOW + timedelta(seconds=after), read) == {"room-1": room}
    assert asked == [["hall", "room-1"], ["hall-2"]]
    assert register.rooms({"room-1"}, NOW + REGISTER_KEPT, read) == {}
    assert asked[2:] == [["room-1"]]


def test_the_register_does_not_grow_without_end() -> None:
    """A million strangers in a minute do not fill the memory."""
    register = Register()
    for number in range(schools.REGISTER_ROOM + 3):
        register.rooms({f"hall-{number}"}, NOW, lambda _: {})
    assert len(register._known) <= schools.REGISTER_ROOM + 1


@pytest.mark.parametrize(("zone", "policy"), [("Mars/One", "any-room"), ("", "share"), ("Asia/Shanghai", "most")])
def test_a_registry_that_says_nonsense_stops_nothing(zone: str, policy: str) -> None:
    """A station whose site cannot be understood is answered like any other."""
    assert room_of(SITE, zone, Due(), policy, 50) is None


def test_other_records_are_no_sessions() -> None:
    """A fault in a classroom meets no week."""
    room = room_of(SITE, "Asia/Shanghai", Due(), "any-room", 100)
    assert schools.shown([(Key("room-1", "a" * 32), read_row(record(1)))], {"room-1": room}, NOW) == []
