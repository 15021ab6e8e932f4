"""Dating, counting and judging one station's week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from estation_central.stations.week import Dating, parts, station_week
from estation_wire.counts import Due, Evidence, Verdict
from estation_wire.records import ClockSet, Fault, SessionEnded, SessionStarted, WeekClosed
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


def test_a_session_that_is_long_enough_meets_the_week() -> None:
    """Thirty-one seconds of thirty: met, and confirmed."""
    week = station_week("2026-W48", [start(0), end(31, 31.0)], ZONE, DUE)
    assert week.met
    assert (week.best_seconds, week.good_sessions) == (31.0, 1)
    assert week.result.sessions[Evidence.CONFIRMED] == 1


def test_without_a_session_the_week_is_not_met_unless_it_is_closed() -> None:
    """A closed week owes nothing."""
    assert station_week("2026-W48", [], ZONE, DUE).result.verdict is Verdict.NOT_MET
    closed = WeekClosed(**head(5), week="2026-W48", reason="harvest")
    assert station_week("2026-W48", [closed], ZONE, DUE).result.verdict is Verdict.NOT_DUE


def test_a_session_in_1970_is_dated_again_when_the_clock_is_set() -> None:
    """What a box showed before it knew the time counts in the week in which it was."""
    early = [start(100, trust=Trust.GUESS), end(140, 31.0, trust=Trust.GUESS)]
    assert not station_week("2026-W48", early, ZONE, DUE).sessions
    week = station_week("2026-W48", [*early, truth(500)], ZONE, DUE)
    assert week.met
    assert week.sessions[0].began == TUESDAY + timedelta(seconds=100)
    assert week.result.sessions[Evidence.CONFIRMED] == 1


def test_the_clock_of_another_boot_dates_nothing() -> None:
    """Seconds since the start of one boot say nothing of another."""
    early = [start(100, trust=Trust.GUESS), end(140, 31.0, trust=Trust.GUESS)]
    (part,) = parts([*early, truth(500, boot="2")])
    assert part.trust is Trust.GUESS


def test_the_first_truth_after_a_record_dates_it() -> None:
    """A clock set twice dates each record by the nearer setting that follows; what is known is left as it is."""
    guessed = Fault(**head(50, trust=Trust.GUESS), what="disk", detail="")
    known = Fault(**head(50), what="disk", detail="")
    before = ClockSet(**head(20, at=TUESDAY), was=WAKING, source=Trust.HAND)
    after = ClockSet(**head(90, at=TUESDAY + timedelta(seconds=91)), was=WAKING, source=Trust.NETWORK)
    dating = Dating([after, before])
    assert dating.date(guessed) == (TUESDAY + timedelta(seconds=51), Trust.NETWORK)
    assert dating.date(known) == (known.at, Trust.NETWORK)
    assert Dating([before]).date(guessed).trust is Trust.GUESS


def test_an_end_written_after_a_power_cut_is_dated_by_its_beginning() -> None:
    """The next boot may not know the time; the session keeps the date that it had."""
    cut = end(3, 31.0, boot="2", trust=Trust.GUESS, began=TUESDAY)
    (part,) = parts([start(0), cut])
    assert (part.began, part.trust) == (TUESDAY, Trust.NETWORK)


def test_an_end_whose_beginning_was_lost_is_dated_by_itself() -> None:
    """A lost record does not lose the session."""
    (part,) = parts([end(140, 31.0, trust=Trust.GUESS), truth(500)])
    assert part.began == TUESDAY + timedelta(seconds=109)


def test_with_the_tv_off_nothing_is_met() -> None:
    """Playing to a dark screen is told, and does not count."""
    week = station_week("2026-W48", [start(0), end(31, 31.0, tv=Tv.OFF)], ZONE, DUE)
    assert not week.met
    assert week.best_seconds == 0.0
    assert week.result.seconds[Evidence.TV_OFF] == 31.0


def test_parts_of_one_session_are_one() -> None:
    """A session that a power cut interrupted is counted as one."""
    records = [start(0), end(20, 20.0), start(60, part=2), end(75, 15.0, part=2)]
    week = station_week("2026-W48", records, ZONE, DUE)
    assert (len(week.sessions), week.best_seconds) == (1, 35.0)
    assert week.ends["5" * 32].part == 2
