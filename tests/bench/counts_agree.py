"""``counts-agree``: box and centre come to the same weeks, whatever way the records take.

A million records of many stations, seeded: boots that know the time, learn it late or never, clocks set wrongly by
hand, sessions that power cuts break off, week and year edges, closed weeks, TVs that are off. On the box's side each
record is remembered as it is written, and the weeks are reckoned at the end of every week and at the end. On the
centre's side the same records come as bytes in batches, shuffled, each twice, and are reckoned once. The peer is what
one would write without knowing of doubted clocks: one SQL statement over the same rows, by the clock as it was told.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from estation_wire import codec
from estation_wire.counts import Due, Evidence, Verdict, WeekResult, week_of
from estation_wire.dating import Journalled
from estation_wire.reckoning import decides, showings_of, weeks
from estation_wire.records import Boot, ClipShown, ClockSet, Day, Record, SessionEnded, SessionStarted, WeekClosed
from estation_wire.values import Origin, Trust, Tv
from tests.bench.result import Result, command

RECORDS: Final = 1_000_000
RECORDS_PER_STATION: Final = 500  # about a quarter of a year of one hall
BATCH: Final = 100
SEED: Final = 20261224
START: Final = datetime(2026, 12, 21, tzinfo=UTC)  # so that the first weeks are 2026-W52, W53 and 2027-W01
WAKING: Final = datetime(1970, 1, 1, tzinfo=UTC)
ZONES: Final = tuple(map(ZoneInfo, ("Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin")))
DUE: Final = Due(sessions=1, seconds=600.0)
CLIP: Final = {"content": "c" * 64, "title": "科普之窗：水", "counting": True, "completed": True}

Weeks = dict[str, WeekResult]


class Hall:
    """A station that lives: ``now`` is the true time, ``reading`` what its clock says."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.name = f"hall-{number:06}"
        self.zone = ZONES[number % len(ZONES)]
        self.journal = f"{chance.getrandbits(128):032x}"
        self.chance = chance
        self.now = START + timedelta(seconds=chance.randrange(5 * 86400))
        self.floor, self.seq = WAKING, 0
        self.true_weeks: dict[str, str] = {}
        self._power_up(Trust.NETWORK)

    def _power_up(self, trust: Trust) -> None:
        self.boot, self.started, self.trust = f"{self.chance.getrandbits(128):032x}", self.now, trust
        self.error = timedelta() if trust is not Trust.GUESS else self.floor - self.now

    @property
    def reading(self) -> datetime:
        return self.now + self.error

    def _make(self, kind: type[Record], **body: Any) -> Record:
        self.seq += 1
        up = (self.now - self.started).total_seconds()
        return kind(seq=self.seq, at=self.reading, boot=self.boot, up=up, trust=self.trust, **body)

    def _wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=round(seconds, 3))

    def boots(self) -> Iterator[Record]:
        """One boot from its start to the loss of power, without end."""
        while True:
            yield self._make(Boot, why="power", firmware="1.0")
            for _ in range(self.chance.randint(1, 4)):
                self._wait(self.chance.expovariate(1 / 9000))
                yield from self._learn()
                if self.chance.random() < 0.2:
                    yield from self._session()
            if self.chance.random() < 0.4:
                yield self._make(Day, uptime=3600.0)
            if self.chance.random() < 0.02:
                closed = week_of(self.now + timedelta(days=7 * self.chance.randint(0, 2)), self.zone)
                yield self._make(WeekClosed, week=closed, reason="harvest")
            self._cut(self.chance.expovariate(1 / 40_000))

    def _cut(self, seconds: float) -> None:
        self.floor = max(self.floor, self.reading) if self.trust is not Trust.GUESS else self.floor
        self._wait(seconds)
        self._power_up(self.chance.choices([Trust.GUESS, Trust.RTC, Trust.NETWORK], [6, 2, 2])[0])

    def _learn(self) -> Iterator[Record]:
        """Now and then the box learns the time, or is told a wrong one."""
        source = self.chance.choices([None, Trust.HAND, Trust.STICK, Trust.NETWORK], [6, 1, 1, 2])[0]
        if source is None or list(Trust).index(source) >= list(Trust).index(self.trust):
            return
        was = self.reading
        wrong = source is Trust.HAND and self.chance.random() < 0.5
        self.error = timedelta(days=self.chance.randint(-10, 10)) if wrong else timedelta()
        self.trust = source
        yield self._make(ClockSet, was=was, source=source)

    def _session(self) -> Iterator[Record]:
        session = f"{self.chance.getrandbits(128):032x}"
        tv = self.chance.choices(list(Tv), [6, 3, 1])[0]
        self.true_weeks[session] = week_of(self.now, self.zone)
        for part in range(1, 4):
            yield self._make(SessionStarted, session=session, origin=Origin.PLANNED, part=part)
            began, seconds = self.reading, round(self.chance.uniform(60, 900), 3)
            self._wait(seconds)
            yield from self._learn()
            shown = {"shown": seconds, "session": session}
            yield self._make(ClipShown, has=seconds, **shown, **CLIP)
            cut = self.chance.random() < 0.25
            if cut:  # the next boot writes the end, and may not know the time
                self._cut(self.chance.uniform(60, 1500))
                yield self._make(Boot, why="power", firmware="1.0")
            end = {"origin": Origin.PLANNED, "began": began, "counting": seconds, "tv": tv, "part": part}
            yield self._make(SessionEnded, reason="power" if cut else "completed", **shown, **end)
            if not cut:
                return


class OwnLedger:
    """What a box keeps: each record that decides, as it is written, and the weeks that follow from them."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._kept: list[Journalled] = []
        self._week = ""
        self.looks = 0

    def remember(self, record: Record, now: datetime) -> None:
        """Take in one record; at the end of a week, look back on it."""
        if decides(record):
            self._kept.append(Journalled("own", record))
        week = week_of(now, self._hall.zone)
        if week != self._week:
            self._week = week
            self.weeks()

    def weeks(self) -> Weeks:
        """The weeks by what is known now."""
        self.looks += 1
        return weeks(self._kept, self._hall.zone, DUE)

    def astray(self) -> tuple[int, int, int]:
        """Sessions, those booked in another week than the true one, and those that would be by the clock as told."""
        hall = self._hall
        found = showings_of(self._kept, hall.zone)
        ends = (each.record for each in self._kept if isinstance(each.record, SessionEnded) and each.record.part == 1)
        told = sum(week_of(end.began, hall.zone) != hall.true_weeks[end.session] for end in ends)
        return len(found), sum(each.week != hall.true_weeks[each.session] for each in found), told


class Agreement(NamedTuple):
    """What a run came to."""

    records: int
    stations: int
    weeks: int
    met: int
    guessed: int
    differing: int
    looks: int
    box_seconds: float
    centre_seconds: float
    peer_seconds: float
    peer_differing: int
    sessions: int
    astray: int
    peer_astray: int


class _Written(NamedTuple):
    hall: Hall
    raws: list[bytes]
    weeks: Weeks
    looks: int
    seconds: float
    astray: tuple[int, int, int]


def compare(records: int, per_station: int = RECORDS_PER_STATION, seed: int = SEED) -> Agreement:
    """Both sides over the same records, and the peer; seconds are of the processor, without making the records."""
    chance = random.Random(seed)
    written = [_live(Hall(n, random.Random(chance.random())), per_station) for n in range(records // per_station)]
    batches = _deliver(written, chance)
    begun = time.process_time()
    theirs = _centre(batches, {each.hall.journal: each.hall for each in written})
    centre_ended = time.process_time()
    told = _peer(written)
    peer_ended = time.process_time()
    ours = {each.hall.journal: each.weeks for each in written}
    every = [result for each in ours.values() for result in each.values()]
    sessions, astray, peer_astray = (sum(column) for column in zip(*(each.astray for each in written), strict=True))
    return Agreement(
        records=sum(len(each.raws) for each in written),
        stations=len(written),
        weeks=len(every),
        met=sum(result.verdict is Verdict.MET for result in every),
        guessed=sum(result.sessions[Evidence.CLOCK_GUESSED] for result in every),
        differing=_differing(ours, theirs),
        looks=sum(each.looks for each in written),
        box_seconds=sum(each.seconds for each in written),
        centre_seconds=centre_ended - begun,
        peer_seconds=peer_ended - centre_ended,
        peer_differing=_misbooked(ours, told),
        sessions=sessions,
        astray=astray,
        peer_astray=peer_astray,
    )


def _live(hall: Hall, records: int) -> _Written:
    """The box's side: so many records of a hall, and what its box makes of them."""
    made = [(record, hall.now) for record in islice(hall.boots(), records)]
    ledger, begun = OwnLedger(hall), time.process_time()
    for record, now in made:
        ledger.remember(record, now)
    result = ledger.weeks()
    seconds = time.process_time() - begun
    raws = [codec.encode(record) for record, _ in made]
    return _Written(hall, raws, result, ledger.looks, seconds, ledger.astray())


def _deliver(written: list[_Written], chance: random.Random) -> list[tuple[str, list[bytes]]]:
    """Batches of one journal each, cut anew the second time, in any order."""
    batches = []
    for size in (BATCH, BATCH * 2 // 3):
        for each in written:
            cuts = range(0, len(each.raws), size)
            batches += [(each.hall.journal, each.raws[cut : cut + size]) for cut in cuts]
    chance.shuffle(batches)
    return batches


def _centre(batches: list[tuple[str, list[bytes]]], halls: dict[str, Hall]) -> dict[str, Weeks]:
    arrived: dict[str, list[bytes]] = {journal: [] for journal in halls}
    for journal, raws in batches:
        arrived[journal] += raws
    reckoned = {}
    for journal, raws in arrived.items():
        records = (Journalled(journal, codec.decode_record(raw)) for raw in raws)
        reckoned[journal] = weeks(records, halls[journal].zone, DUE)
    return reckoned


def _differing(ours: dict[str, Weeks], theirs: dict[str, Weeks]) -> int:
    """Weeks of stations in which the two do not say the very same."""
    return sum(
        ours[journal].get(week) != theirs[journal].get(week)
        for journal in ours
        for week in ours[journal].keys() | theirs[journal].keys()
    )


def _peer(written: list[_Written]) -> dict[tuple[str, str], tuple[int, float]]:
    """Sessions and seconds by week as one SQL statement has them, from columns as they were told."""
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE record (journal, session, week, counting)")
        for each in written:
            ends = (codec.decode_record(raw) for raw in each.raws if b'"session.ended"' in raw)
            rows = ((each.hall.journal, end.session, week_of(end.began, each.hall.zone), end.counting) for end in ends)
            database.executemany("INSERT INTO record VALUES (?, ?, ?, ?)", rows)
        grouped = "SELECT journal, week, count(DISTINCT session), sum(counting) FROM record GROUP BY journal, week"
        found = database.execute(grouped)
        return {(journal, week): (sessions, seconds) for journal, week, sessions, seconds in found}


def _misbooked(ours: dict[str, Weeks], told: dict[tuple[str, str], tuple[int, float]]) -> int:
    """Weeks of stations in which the peer has other seconds."""
    ours_too = {(journal, week): sum(each.seconds.values()) for journal in ours for week, each in ours[journal].items()}
    places = ours_too.keys() | told.keys()
    return sum(abs(ours_too.get(place, 0.0) - told.get(place, (0, 0.0))[1]) > 0.01 for place in places)


def run() -> list[Result]:
    """Weeks that differ (none may), and what the reckoning costs beside a plain aggregate."""
    found = compare(RECORDS)
    print(found._asdict(), flush=True)
    shared = {"command": command("counts-agree"), "peer": "one SQL aggregate by the clock as told (SQLite)"}
    told = f"{found.records} records, {found.stations} stations, {found.weeks} weeks"
    percent = 100 / found.sessions
    return [
        Result(
            id="counts-agree", value=float(found.differing), unit="weeks differ", ok=not found.differing,
            peer_value=float(found.peer_differing), bar=f"0 between box and centre; {told}", **shared,
        ),
        Result(
            id="counts-agree-seconds", value=round(found.centre_seconds, 1), unit="s at the centre",
            peer_value=round(found.peer_seconds, 1), ratio=round(found.peer_seconds / found.centre_seconds, 2),
            bar="at most 60 s, each record decoded twice", ok=found.centre_seconds <= 60, **shared,
        ),
        Result(
            id="counts-agree-astray", value=round(percent * found.astray, 2), unit="% in a wrong week",
            peer_value=round(percent * found.peer_astray, 2), ratio=round(found.peer_astray / found.astray, 2),
            bar="fewer than the peer", ok=found.astray < found.peer_astray, **shared,
        ),
    ]  # fmt: skip
