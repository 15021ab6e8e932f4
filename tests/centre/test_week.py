"""One station's week for its page. Dating and counting are tested in `tests/wire`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from estation_central.stations import week as weeks
from estation_wire.counts import Due, Evidence, Verdict
from estation_wire.dating import Journalled
from estation_wire.records import ClockSet, Day, PlaceChosen, Record, SessionEnded, SessionStarted, WeekClosed
from estation_wire.values import Origin, Trust, Tv

ZONE = ZoneInfo("Asia/Urumqi")
TUESDAY = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
WAKING = datetime(1970, 1, 1, tzinfo=UTC)
DUE = Due(sessions=1, seconds=30.0)


def head(up: float, *, at: datetime | None = None, boot: str = "1", trust: Trust = Trust.NETWORK) -> dict:
    at = at or (WAKING if trust is Trust.GUESS else TUESDAY) + timedelta(seconds=up)
    return {"seq": int(up) + 1, "at": at, "boot": boot * 32, "up": up, "trust": trust}


def start(up: float, session: str = "5", part: int = 1, **words) -> SessionStarted:
    return SessionStarted(**head(up, **words), session=session * 32, origin=Origin.PLANNED, part=part)


def end(up, counting, *, session="5", part=1, began=None, tv=Tv.ON, **words) -> SessionEnded:
    told = head(up, **words)
    return SessionEnded(
        **told,
        session=session * 32,
        origin=Origin.PLANNED,
        began=began or told["at"] - timedelta(seconds=counting),
        shown=counting,
        counting=counting,
        tv=tv,
        reason="completed",
        part=part,
    )


def truth(up: float, boot: str = "1") -> ClockSet:
    at = TUESDAY + timedelta(seconds=up)
    return ClockSet(**head(up, at=at, boot=boot), was=WAKING + timedelta(seconds=up), source=Trust.NETWORK)


def station_week(week: str, records: list[Record]) -> weeks.StationWeek:
    return weeks.station_week(week, [Journalled("a" * 32, each) for each in records], ZONE, DUE)


def test_a_session_that_is_long_enough_meets_the_week() -> None:
    """Thirty-one seconds of thirty: met, and confirmed."""
    week = station_week("2026-W48", [start(0), end(31, 31.0)])
    assert week.met
    assert (week.best_seconds, week.good_sessions) == (31.0, 1)
    assert week.result.sessions[Evidence.CONFIRMED] == 1


def test_without_a_session_the_week_is_not_met_unless_it_is_closed() -> None:
    """A closed week owes nothing."""
    assert station_week("2026-W48", []).result.verdict is Verdict.NOT_MET
    closed = WeekClosed(**head(5), week="2026-W48", reason="harvest")
    assert station_week("2026-W48", [closed]).result.verdict is Verdict.NOT_DUE


def test_a_session_in_1970_is_dated_again_when_the_clock_is_set() -> None:
    """What a box showed before it knew the time counts in the week in which it was."""
    early = [start(100, trust=Trust.GUESS), end(140, 31.0, trust=Trust.GUESS)]
    assert not station_week("2026-W48", early).sessions
    week = station_week("2026-W48", [*early, truth(500)])
    assert week.met
    assert week.sessions[0].began == TUESDAY + timedelta(seconds=100)
    assert week.result.sessions[Evidence.CONFIRMED] == 1


def test_with_the_tv_off_nothing_is_met() -> None:
    """Playing to a dark screen is told, and does not count."""
    week = station_week("2026-W48", [start(0), end(31, 31.0, tv=Tv.OFF)])
    assert not week.met
    assert week.best_seconds == 0.0
    assert week.result.seconds[Evidence.TV_OFF] == 31.0


def test_parts_of_one_session_are_one() -> None:
    """A session that a power cut interrupted is counted as one."""
    records = [start(0), end(20, 20.0), start(60, part=2), end(75, 15.0, part=2)]
    week = station_week("2026-W48", records)
    assert (len(week.sessions), week.best_seconds) == (1, 35.0)
    assert week.ends["5" * 32].part == 2


def test_a_week_that_the_calendar_closes_is_not_due() -> None:
    """Not only a record closes a week."""
    found = weeks.station_week("2026-W48", [], ZONE, DUE, frozenset({"2026-W48"}))
    assert found.result.verdict is Verdict.NOT_DUE


def test_of_a_session_the_last_parts_word_is_shown() -> None:
    """How a session ended is told by its last part, whichever record came last."""
    second = end(75, 15.0, part=2)
    records = [second, end(20, 20.0), start(60, part=2), start(0)]
    assert station_week("2026-W48", records).ends["5" * 32] == second


def test_a_session_of_a_bus_is_booked_in_the_village_that_was_chosen() -> None:
    """Before anybody chose, and after the day is over, it is booked in none."""

    def chosen(up: float, place: str, name: str = "") -> PlaceChosen:
        return PlaceChosen(**head(up), place=place, name=name)

    records = [
        start(10, session="1"), end(20, 9, session="1"),
        chosen(30, "village-1", "一村"),
        start(40, session="2"), end(50, 9, session="2"),
        chosen(60, "village-2"), start(65, session="2", part=2), end(69, 2, session="2", part=2),
        start(70, session="3"), end(80, 9, session="3"),
        Day(**head(90), uptime=90),
        start(100, session="4"), end(110, 9, session="4"),
    ]  # fmt: skip
    places = station_week("2026-W48", records).places
    assert {session[-1]: place for session, place in places.items()} == {"2": "一村", "3": "village-2"}
