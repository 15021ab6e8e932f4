"""Thousands of rules, expanded by us and by libical, which shares no line with ours: the same instants.

libical gives the wall times of the RRULE. What RDATE, EXDATE and moved occurrences make of them, and which instant a
wall time is, a few lines here find out in another way than ours: by looking through every minute of UTC.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from estation_wire.audience import Place
from estation_wire.expansion import AHEAD, expand
from estation_wire.hours import Calendar, Hours
from estation_wire.library import Programme, Rule
from tests.support.libical import recurrences

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PLACE = Place(kind="village", region="653101")
RULES_OF_A_WINDOW = [240, pytest.param(2400, marks=pytest.mark.soak)]  # 3600 in all, and 36,000
CHANGES = {
    "Asia/Urumqi": ("2026-11-25",),
    "Asia/Shanghai": ("1991-04-14", "1991-09-15", "2027-01-01"),
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),  # by half an hour
    "Pacific/Apia": ("2011-12-30", "2020-09-27", "2021-04-04"),  # the first is a whole day that was left out
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),  # summer time the year round, but for Ramadan
}
"""Days on which the clocks are changed (or just days, where they are not)."""
WINDOWS = [(zone, day) for zone, days in CHANGES.items() for day in days]
MONTH_DAYS = [*range(1, 32), *range(-31, 0)]
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Case(NamedTuple):
    """One rule with its exceptions, all in wall time but ``until``."""

    zone: str
    parts: dict[str, str]
    start: datetime
    until: datetime | None = None
    rdates: tuple[datetime, ...] = ()
    exdates: tuple[datetime, ...] = ()
    moved: tuple[tuple[datetime, datetime], ...] = ()
    cancelled: tuple[datetime, ...] = ()

    @property
    def rrule(self) -> str:
        return ";".join(f"{name}={value}" for name, value in self.parts.items())


# which instant a wall time is, found by looking through every minute


@cache
def minutes(zone: str, around: datetime) -> tuple[list[datetime], list[datetime]]:
    """Every wall minute that exists in the fortnights about ``around``, in order, and the first instant of each."""
    first: dict[datetime, datetime] = {}
    tz = ZoneInfo(zone)
    for number in range(36 * 24 * 60):
        at = around - 18 * DAY + number * MINUTE
        first.setdefault(at.astimezone(tz).replace(tzinfo=None, fold=0), at)
    walls = sorted(first)
    return walls, [first[wall] for wall in walls]


def found(wall: datetime, zone: str, around: datetime) -> datetime | None:
    """The instant of a wall time: the next minute that exists, the first of two; None far from ``around``."""
    walls, instants = minutes(zone, around)
    at = bisect_left(walls, wall)
    return instants[at] if walls[0] <= wall and at < len(walls) else None


# what libical says


def by_libical(case: Case, around: datetime, after: datetime, until: datetime) -> set[datetime]:
    walls = set(of_rule(case, around))
    walls |= {case.start, *case.rdates}
    walls -= {*case.exdates, *case.cancelled, *(old for old, _ in case.moved)}
    walls |= {new for _, new in case.moved}
    instants = {found(wall, case.zone, around) for wall in walls} - {None}
    return {at for at in instants if after <= at < until}


def listed(parts: dict[str, str], start: datetime, around: datetime) -> list[datetime]:
    """The wall times of a rule, until well behind the window.

    libical 3.0 does not heed BYSETPOS in a week nor a BYMONTHDAY from the month's end in a daily or hourly rule, and
    in every other week it loses count over a BYMONTH. RFC 5545 (3.3.10, the table of BYxxx parts) demands all three:
    they are worked out here, over libical's wall times without them.
    """
    by_hand = set()
    if parts["FREQ"] == "WEEKLY":
        by_hand = {"BYSETPOS"} & set(parts) or ({"BYMONTH"} & set(parts) if "INTERVAL" in parts else set())
    elif parts["FREQ"] in {"DAILY", "HOURLY"} and "-" in parts.get("BYMONTHDAY", ""):
        by_hand = {"BYMONTHDAY"}
    asked = {name: value for name, value in parts.items() if name not in by_hand and (name != "COUNT" or not by_hand)}
    if "COUNT" not in asked:
        asked["UNTIL"] = f"{around + 20 * DAY:%Y%m%dT%H%M%SZ}"
    begin = start
    if "BYSETPOS" in by_hand:  # the whole of the first week stands to be chosen from, and every week
        asked = {"BYDAY": WEEKDAYS[start.weekday()], "BYHOUR": str(start.hour), **asked, "INTERVAL": "1"}
        begin = start.replace(hour=0) - 6 * DAY
    walls = recurrences(";".join(f"{name}={value}" for name, value in asked.items()), begin, 4000)
    if "BYMONTH" in by_hand:
        walls = [wall for wall in walls if str(wall.month) in parts["BYMONTH"].split(",")]
    if "BYMONTHDAY" in by_hand:
        days = [int(day) for day in parts["BYMONTHDAY"].split(",")]
        walls = [wall for wall in walls if {wall.day, wall.day - monthrange(wall.year, wall.month)[1] - 1} & set(days)]
    if "BYSETPOS" in by_hand:
        walls = set_positions(walls, parts, start)
    return walls[: int(parts.get("COUNT", len(walls)))]


def set_positions(walls: list[datetime], parts: dict[str, str], start: datetime) -> list[datetime]:
    """What BYSETPOS leaves of each week."""
    positions = [int(each) for each in parts["BYSETPOS"].split(",")]
    first = WEEKDAYS.index(parts.get("WKST", "MO"))
    weeks: dict[date, list[datetime]] = {}
    for wall in sorted(walls):
        weeks.setdefault(week_began(wall, first), []).append(wall)
    began, interval = week_began(start, first), int(parts.get("INTERVAL", "1"))
    weeks = {week: each for week, each in weeks.items() if (week - began).days // 7 % interval == 0}
    chosen = {week[at - 1 if at > 0 else at] for week in weeks.values() for at in positions if abs(at) <= len(week)}
    return sorted(wall for wall in chosen if wall >= start)


def week_began(wall: datetime, first: int) -> date:
    return wall.date() - timedelta(days=(wall.weekday() - first) % 7)


def of_rule(case: Case, around: datetime) -> list[datetime]:
    """The wall times that the rule itself makes, UNTIL (an instant, inclusive) heeded."""
    walls = listed(case.parts, case.start, around)
    if case.until is None:
        return walls
    ends = case.until.astimezone(ZoneInfo(case.zone)).replace(tzinfo=None, fold=0)
    kept = []
    for wall in walls:
        at = found(wall, case.zone, around)
        if (at <= case.until) if at is not None else (wall <= ends):
            kept.append(wall)
    return kept


# what ours says


def event(case: Case, name: str = "x") -> str:
    head = [f"UID:{name}", "DTSTAMP:20200101T000000Z"]
    rrule = case.rrule + (f";UNTIL={case.until:%Y%m%dT%H%M%SZ}" if case.until else "")
    lines = ["BEGIN:VEVENT", *head, timed("DTSTART", case, case.start), f"RRULE:{rrule}"]
    lines += [timed("RDATE", case, *case.rdates)] if case.rdates else []
    lines += [timed("EXDATE", case, *case.exdates)] if case.exdates else []
    lines.append("END:VEVENT")
    changed = [(old, [timed("DTSTART", case, new)]) for old, new in case.moved]
    changed += [(old, [timed("DTSTART", case, old), "STATUS:CANCELLED"]) for old in case.cancelled]
    for old, more in changed:
        lines += ["BEGIN:VEVENT", *head, timed("RECURRENCE-ID", case, old), *more, "END:VEVENT"]
    return "\r\n".join(lines)


def timed(name: str, case: Case, *walls: datetime) -> str:
    return f"{name};TZID={case.zone}:" + ",".join(f"{wall:%Y%m%dT%H%M%S}" for wall in walls)


def by_us(cases: list[Case], zone: str, after: datetime, until: datetime) -> list[set[datetime]]:
    rules = tuple(
        Rule(id=f"r{number}", event=event(case, f"r{number}"), timezone=case.zone, contents=("a" * 64,))
        for number, case in enumerate(cases)
    )
    hours = Hours(Calendar(), ZoneInfo(zone))
    programme = Programme(v=1, version=1, rules=rules)
    expanded = expand(programme, PLACE, hours, {}, after=after, until=until, minimum_seconds=600)
    assert expanded.refused == ()
    starts: list[set[datetime]] = [set() for _ in cases]
    for slot in expanded.slots:
        starts[int(slot.rule[1:])].add(slot.start)
    return starts


# rules as an editor may write them


def some(chance: Random, values: list[str] | range, most: int) -> str:
    return ",".join(str(each) for each in chance.sample(list(values), chance.randint(1, most)))


def parts_of(chance: Random) -> dict[str, str]:
    """An RRULE without its end."""
    freq = chance.choice(("DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "HOURLY"))
    parts = {"FREQ": freq}
    if chance.random() < 0.5:
        parts["INTERVAL"] = str(chance.randint(1, 8 if freq == "HOURLY" else 4))
    if chance.random() < (0.7 if freq == "YEARLY" else 0.25):
        months = some(chance, range(1, 13), 8)
        if freq != "MONTHLY" or "INTERVAL" not in parts or chance.random() < 0.2:  # most of these two never come
            parts["BYMONTH"] = months
    parts |= days_of_month(chance, parts) if freq in {"MONTHLY", "YEARLY"} else days_of_week(chance, freq)
    if freq != "HOURLY" and chance.random() < 0.15:
        parts["BYHOUR"] = ",".join(str(hour) for hour in sorted(chance.sample(range(24), chance.randint(1, 3))))
    # libical 3.0 takes the n-th day with all its hours, where RFC 5545 means the n-th of all occurrences
    chosen = {"WEEKLY": {"BYDAY", "BYHOUR"}, "MONTHLY": {"BYDAY", "BYMONTHDAY"}, "YEARLY": {"BYDAY", "BYMONTHDAY"}}
    hours = freq != "WEEKLY" and "BYHOUR" in parts
    if chosen.get(freq, set()) & set(parts) and not hours and chance.random() < 0.25:
        parts["BYSETPOS"] = chance.choice(("1", "-1", "1,2", "3,1", "-1,-2", "2,-1", "1,-1"))  # each comes some time
    if chance.random() < 0.4:
        parts["WKST"] = chance.choice(WEEKDAYS)
    return parts


def days_of_week(chance: Random, freq: str) -> dict[str, str]:
    parts = {}
    if chance.random() < 0.6:
        parts["BYDAY"] = some(chance, list(WEEKDAYS), 5)
    if freq != "WEEKLY" and chance.random() < 0.2:
        parts["BYMONTHDAY"] = some(chance, MONTH_DAYS, 20)
    return parts


def days_of_month(chance: Random, parts: dict[str, str]) -> dict[str, str]:
    kind = chance.random()
    if kind < 0.5:
        ordinals = [f"{number or ''}{day}" for number in (0, 1, 2, 3, 4, 5, -1, -2) for day in WEEKDAYS]
        return {"BYDAY": some(chance, ordinals, 4)}
    if kind < 0.8 and (parts["FREQ"] == "MONTHLY" or "BYMONTH" in parts):
        weekdays = {"BYDAY": some(chance, list(WEEKDAYS), 4)} if chance.random() < 0.3 else {}
        # counted from one end: libical 3.0 loses a day that BYSETPOS chooses where two numbers mean the same
        days = chance.choice((MONTH_DAYS[:31], MONTH_DAYS[31:]))
        return {"BYMONTHDAY": some(chance, days, 6), **weekdays}
    return {}


def case_of(chance: Random, zone: str, around: datetime, after: datetime) -> Case:
    """A rule whose DTSTART is its first occurrence (RFC 5545 leaves open what another one would mean)."""
    while True:
        parts = parts_of(chance)
        back = {"HOURLY": 15, "YEARLY": 2000}.get(parts["FREQ"], 400)
        clock = timedelta(
            hours=chance.choice((0, 1, 2, 2, 2, 3, chance.randrange(24))), minutes=15 * chance.randrange(4)
        )
        day = around.replace(tzinfo=None) - chance.randrange(-5, back) * DAY
        walls = listed(parts, day + clock, around)
        if walls and walls[0] < around.replace(tzinfo=None) + 14 * DAY:
            break
    case = Case(zone, parts, walls[0])
    walls = of_rule(case, around)
    near = [wall for wall in walls if abs(wall - around.replace(tzinfo=None)) < 14 * DAY]
    ended = chance.random()
    if ended < 0.25:
        end = chance.choice(near or walls)
        case = case._replace(parts={**parts, "COUNT": str(walls.index(end) + 1)})
    elif ended < 0.5 and near:
        end_at = found(chance.choice(near), zone, around) + timedelta(minutes=chance.choice((0, -1, 1, 15, -30, 60)))
        case = case._replace(until=end_at)
    return excepted(case, chance, around)


def excepted(case: Case, chance: Random, around: datetime) -> Case:
    """The case with dates added, taken away, moved and called off."""
    walls = [wall for wall in of_rule(case, around) if wall != case.start]
    near = [wall for wall in walls if abs(wall - around.replace(tzinfo=None)) < 14 * DAY]
    chance.shuffle(near)

    def anywhere() -> datetime:
        return around.replace(tzinfo=None) + timedelta(minutes=15 * chance.randrange(-13 * 96, 13 * 96))

    def several(probability: float) -> tuple[datetime, ...]:
        count = chance.randint(1, 3) if chance.random() < probability else 0
        return tuple(near.pop() for _ in range(min(count, len(near))))

    exdates, moved, cancelled = several(0.3), several(0.3), several(0.2)
    rdates = tuple(anywhere() for _ in range(chance.randint(1, 3))) if chance.random() < 0.2 else ()
    gone = {*exdates, *moved, *cancelled}
    return case._replace(
        rdates=tuple(wall for wall in rdates if wall not in gone),
        exdates=exdates,
        moved=tuple((old, anywhere()) for old in moved),
        cancelled=cancelled,
    )


def window(zone: str, day: str) -> tuple[datetime, datetime, datetime]:
    around = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    after = around - Random(f"{zone}{day}").randrange(2, 12) * DAY
    return around, after, after + AHEAD


def disagreements(cases: list[Case], given: list[Case], where: tuple[str, str]) -> list[str]:
    """What ours makes of ``given`` beside what libical makes of ``cases``."""
    around, after, until = window(*where)
    wrong = []
    for case, ours in zip(cases, by_us(given, where[0], after, until), strict=True):
        theirs = by_libical(case, around, after, until)
        if ours != theirs:
            alone = f"ours alone: {sorted(ours - theirs)}\nlibical's alone: {sorted(theirs - ours)}"
            wrong.append(f"{event(case)}\n{alone}")
    return wrong


def cases_of(where: tuple[str, str], count: int) -> list[Case]:
    around, after, _ = window(*where)
    chance = Random(f"libical {where}")
    return [case_of(chance, where[0], around, after) for _ in range(count)]


@pytest.mark.parametrize("count", RULES_OF_A_WINDOW)
@pytest.mark.parametrize("where", WINDOWS)
def test_an_independent_calendar_finds_the_same_sessions(where: tuple[str, str], count: int):
    """Whatever an editor writes down, another program's calendar would ring at the same minutes."""
    cases = cases_of(where, count)
    wrong = disagreements(cases, cases, where)
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n\n".join(wrong[:3])


PLANTED = {
    "interval": lambda case: case._replace(
        parts={**case.parts, "INTERVAL": str(int(case.parts.get("INTERVAL", "1")) + 1)}
    ),
    "no exceptions": lambda case: case._replace(exdates=()),
    "nothing moved": lambda case: case._replace(moved=()),
    "nothing called off": lambda case: case._replace(cancelled=()),
    "UNTIL too early": lambda case: case._replace(until=case.until and case.until - DAY),
    "COUNT too high": lambda case: case._replace(
        parts={**case.parts, **({"COUNT": str(int(case.parts["COUNT"]) + 1)} if "COUNT" in case.parts else {})}
    ),
    "an hour wrong": lambda case: case._replace(start=case.start + timedelta(hours=1)),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_the_comparison_notices_a_planted_error(planted: str):
    """A calendar that errs is found out: most of the rules that it read wrongly ring at other minutes."""
    where = ("Europe/Berlin", "2026-03-29")
    cases = [case for case in cases_of(where, 120) if PLANTED[planted](case) != case]
    noticed = len(disagreements(cases, [PLANTED[planted](case) for case in cases], where))
    assert noticed >= max(len(cases) // 4, 3), f"{noticed} of {len(cases)}"


def test_the_week_s_first_day_matters_every_other_week():
    """Where the week begins decides which fortnights a rule means: RFC 5545's own example, to the day."""
    after = datetime.fromisoformat("1997-08-04T00:00:00+00:00")
    for first, days in {"MO": ["05", "10", "19", "24"], "SU": ["05", "17", "19", "31"]}.items():
        parts = {"FREQ": "WEEKLY", "INTERVAL": "2", "COUNT": "4", "BYDAY": "TU,SU", "WKST": first}
        case = Case("America/New_York", parts, datetime.fromisoformat("1997-08-05T09:00:00"))
        (starts,) = by_us([case], case.zone, after, after + 30 * DAY)
        assert [f"{at:%d}" for at in sorted(starts)] == days
