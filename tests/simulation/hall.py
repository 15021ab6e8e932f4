"""One hall in simulated time: the real policy and the real ledger; power, clock, TV, films and people are told.

Nothing is drawn and nothing is written to a card, so a week of it costs less than a millisecond. Time passes in jumps:
the plan itself says until when it holds. What a power cut costs is modelled as the box has it: a session is
checkpointed every 30 s, and goes on within 30 minutes; the clock is saved every 10 minutes, and so is the power-on
day. A hall with an RTC or a network knows the time at once; one without wakes up at what was saved last, and falls
behind the truth by every dark hour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from estation_box.clock import days
from estation_box.clock.moment import Moment
from estation_box.clock.power_days import NOTHING_KNOWN
from estation_box.clock.rules import SAVE_SECONDS
from estation_box.playout.rules import CHECKPOINT_SECONDS
from estation_box.programme.courtesy import LATER, Act, put_off_until
from estation_box.programme.filling import Stock, filled, reached
from estation_box.programme.guessing import decide_by_days, still_good_by_days
from estation_box.programme.ledger import Ledger
from estation_box.programme.rules import House, Plan, Room, Start, decide, ends_by, is_over, still_good
from estation_wire.counts import RESUME_WITHIN, Evidence, Part, Showing, week_of
from estation_wire.hours import Span
from estation_wire.planner import LATE_AFTER, Length, Slot
from estation_wire.records import Boot, ClockSet, Day, EndReason, Postponed, Record, SessionEnded, SessionStarted
from estation_wire.values import Origin, Trust, Tv


class Session(Struct):
    """What is on the screen: seconds left to show, and seconds shown so far in this part."""

    name: str
    origin: Origin
    part: int
    began: datetime
    clips: list[tuple[float, float]]
    rule: str | None = None
    planned: datetime | None = None
    shown: float = 0.0
    tv: Tv = Tv.UNKNOWN
    true_began: datetime | None = None

    @property
    def length(self) -> float:
        return sum(seconds for seconds, _ in self.clips)

    def counting(self, shown: float) -> float:
        """Counting seconds of the first ``shown`` seconds."""
        counted = 0.0
        for seconds, counts in self.clips:
            part = min(shown, seconds)
            counted += part * (counts / seconds)
            shown -= part
            if shown <= 0:
                break
        return counted

    def rest(self, shown: float) -> list[tuple[float, float]]:
        """What is left after ``shown`` seconds."""
        left = []
        for seconds, counts in self.clips:
            part = min(shown, seconds)
            shown -= part
            if seconds - part > 0:
                left.append((seconds - part, (seconds - part) * counts / seconds))
        return left


class Begun(Struct, frozen=True):
    """An automatic start, for whoever watches: when, why, and how long its warning was.

    ``counted``: sessions that had fulfilled the week by then; ``true``: when it really was; ``day``: in which
    power-on day, the first being 0.
    """

    at: datetime
    origin: Origin
    trust: Trust
    warned: float
    counted: int
    true: datetime
    day: int


class Told(Struct, frozen=True):
    """One part of a session as it really was, whatever the box's clock said; ``day``: the power-on day it ended in."""

    part: Part
    end: datetime
    origin: Origin
    day: int


class Hall:
    """``now`` is what the box's clock says, ``true`` what it really is; ``up``: seconds since power-up. Power is off.

    ``keeper`` is asked in every countdown what he presses. ``day``: the running power-on day, the first being 0;
    ``days_began``: when each one really began. ``idle``: kinds of records that need not be written down, since they
    would decide nothing in this hall.
    """

    def __init__(self, house: House, slots: Sequence[Slot], films: Mapping[str, Length], now: datetime) -> None:
        self.house = house
        self.films = films
        self.now = self.true = self._saved = now
        self.up = 0.0
        self.trust = Trust.NETWORK
        self.tv = Tv.UNKNOWN
        self.power = False
        self.jumps = 0
        self.idle: tuple[type[Record], ...] = ()
        self.day = 0
        self.days_began: list[datetime] = []
        self.ledger = Ledger()
        self.begun: list[Begun] = []
        self.told: list[Told] = []
        self.screen: Session | None = None
        self.announced: tuple[Start, datetime] | None = None
        self.keeper: Callable[[], Act | None] | None = None
        self._cut: tuple[Session, datetime] | None = None
        self._plan: tuple[tuple[Any, ...], datetime, Plan] | None = None
        self._sessions = self._boot = self._records = self._changes = 0
        self._boot_id = "0" * 32
        self._day: days.RunningDay | None = None
        self._day_ends = 0.0
        self._not_before = 0.0
        self._clock_mark = (now, 0.0)
        self._near: list[Slot] = []
        self.slots = list(slots)
        self.missing = set()

    @property
    def slots(self) -> list[Slot]:
        """The programme's table, by start."""
        return self._slots

    @slots.setter
    def slots(self, slots: list[Slot]) -> None:
        self._slots = slots
        self._changes += 1
        self._week = Span(self.now, self.now)

    @property
    def missing(self) -> set[str]:
        """The films that are not on the card. Give a new set to change it."""
        return self._missing_films

    @missing.setter
    def missing(self, names: set[str]) -> None:
        self._missing_films = names
        self._changes += 1
        held = ((name, film.counting) for name, film in self.films.items() if name not in names)
        self.stock = Stock([(name, counting) for name, counting in held if counting > 0])
        self.stocked = self.stock.enough(self.house.due.seconds)

    # what happens to it

    def power_up(self, trust: Trust | None = None) -> None:
        """The power is there; a session that was cut goes on, where it is not too late.

        ``trust``: how far the clock is believed from now on, as before where None is given. On a guess it reads what
        was saved last.
        """
        self.power, self._boot, self.up, self._not_before = True, self._boot + 1, 0.0, 0.0
        self._boot_id = f"{self._boot:032x}"
        if trust is not None:
            if Trust.GUESS in {trust, self.trust}:
                self._plan = None
            self.now, self.trust = self._saved if trust is Trust.GUESS else self.true, trust
        self._clock_mark = self.now, 0.0
        self._write(Boot, why="power", firmware="simulated")
        self._turn(days.power_up(self._day, self.moment.boot, 0.0))
        cut, self._cut = self._cut, None
        if cut is not None:
            session, at = cut
            self._end(session, "power", at)
            if self.now - at <= RESUME_WITHIN and session.rest(session.shown):
                rest = Session(
                    session.name, session.origin, session.part + 1, self.now, session.rest(session.shown),
                    session.rule, session.planned, 0.0, self.tv,
                )  # fmt: skip
                self._begin(rest)

    def cut_power(self) -> None:
        """The plug is pulled: up to a checkpoint's seconds of the session are lost, up to ten minutes of the clock."""
        session, self.screen, self.announced = self.screen, None, None
        self.power = False
        at, up = self._clock_mark
        self._saved = max(self._saved, at + timedelta(seconds=(self.up - up) // SAVE_SECONDS * SAVE_SECONDS))
        self._keep_day()
        if session is not None:
            session.shown = session.shown // CHECKPOINT_SECONDS * CHECKPOINT_SECONDS
            self._cut = (session, self.now)

    def step_clock(self, now: datetime, trust: Trust) -> None:
        """The clock is another: truth arrived, or was lost."""
        self.jumps += now < self.now
        self.now, self.trust = now, trust
        self._clock_mark = now, self.up
        self.announced, self._plan = None, None

    def learn_time(self, trust: Trust) -> None:
        """Truth arrives, and what was written in this boot is dated again."""
        was, self.now = self.now, self.true
        self.trust = trust
        self._write(ClockSet, was=was, source=trust)
        self.step_clock(self.now, trust)

    def set_tv(self, tv: Tv) -> None:
        """Somebody switched the TV."""
        self.tv = tv
        if self.screen is not None and tv is Tv.OFF:
            self.screen.tv = Tv.OFF

    def put_off(self, act: Act = Act.LATER) -> bool:
        """Somebody presses «later» or «tomorrow» in a countdown; False where none runs."""
        if self.announced is None:
            return False
        start, _ = self.announced
        self.announced = None
        guessing = self.trust is Trust.GUESS
        until = put_off_until(act, self.now, self.house)
        self._not_before = self.since_power_up + LATER.total_seconds() if guessing else 0.0
        told = None if guessing and act is Act.LATER else until
        self._write(Postponed, rule=start.key[0], planned=start.key[1], reason=act.value, until=told)
        return True

    def own_session(self, clips: list[tuple[float, float]]) -> bool:
        """The keeper shows something; False where a session is on the screen."""
        if self.screen is not None or not self.power:
            return False
        self.announced = None
        self._sessions += 1
        name = f"{self._sessions:032x}"
        self._begin(Session(name, Origin.KEEPER, 1, self.now, clips, None, None, 0.0, self.tv))
        return True

    def forget(self, before: int) -> None:
        """Records up to number ``before`` decide nothing any more: a week of simulated time stays cheap."""
        kept = [each for each in self.ledger.everything if each.seq > before]
        self.ledger = Ledger()
        self.ledger.remember(kept)
        self._plan = None

    # time

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        left = seconds
        while left > 1e-6:
            if not self.power:
                self.now += timedelta(seconds=left)
                self.true += timedelta(seconds=left)
                return
            if self.screen is not None:
                step = self._play(self.screen, min(left, self._day_ends - self.up))
            elif self.announced is not None:
                step = self._count_down(*self.announced, min(left, self._day_ends - self.up))
            else:
                step = self._look(min(left, self._day_ends - self.up))
            passed = timedelta(seconds=step)
            self.now += passed
            self.true += passed
            left -= step
            self.up += step
            if self.up >= self._day_ends - 1e-6 and self._day is not None:
                self._turn(days.turn(days.advance(self._day, self._day_ends, NOTHING_KNOWN)))

    @property
    def since_power_up(self) -> float:
        """Seconds of this power-on day, or since the power came in it."""
        return self.up - self._day.began if self._day is not None else 0.0

    @property
    def cut_short(self) -> bool:
        """Whether a power cut has ended a session that no record tells of yet."""
        return self._cut is not None

    def counted(self, week: str) -> list[Showing]:
        """The sessions that fulfil the minimum of ``week``."""
        zone, due = self.house.hours.zone, self.house.due
        good = [each for each in self.ledger.shown_in(zone) if each.week == week and each.counting >= due.seconds]
        return [each for each in good if each.evidence is not Evidence.TV_OFF]

    @property
    def moment(self) -> Moment:
        return Moment(self.now, self.up, self._boot_id, self.trust)

    def room(self) -> Room:
        """What the policy may know of the room and the card."""
        return Room(reach=self._reach, stocked=self.stocked, tv=self.tv)

    def plan(self) -> Plan:
        """What begins next, by the real policy."""
        key = (self.ledger.version, self.tv, self.trust, self._changes, self._not_before)
        kept = self._plan
        if kept is None or kept[0] != key or not (kept[1] <= self.now < kept[2].until or self._waits(kept[2])):
            kept = self._plan = (key, self.now, self._decide())
        return kept[2]

    def _waits(self, plan: Plan) -> bool:
        """On a guess a refusal hangs on no time: it holds until something happens, be it the end of the day."""
        return self.trust is Trust.GUESS and plan.start is None

    def _decide(self) -> Plan:
        if self.trust is Trust.GUESS:
            standing = self.ledger.days(self.house, self.since_power_up, self._not_before)
            return decide_by_days(self.now, self._week_slots(), self.house, standing, self.room())
        week = self.ledger.standing(self.house, self.moment)
        return decide(self.now, self._week_slots(), self.house, week, self.room())

    def _week_slots(self) -> list[Slot]:
        if not self._week.begin <= self.now < self._week.end:
            hours = self.house.hours
            self._week = hours.bounds(week_of(self.now, hours.zone))
            begin = self._week.begin
            end = begin + timedelta(days=15)
            self._near = [slot for slot in self.slots if begin <= slot.start < end]
        return self._near

    def _look(self, left: float) -> float:
        """Nothing is on the screen: announce what is near, or sleep until the plan may be another."""
        plan = self.plan()
        start = plan.start
        if start is not None and self.now >= start.warn_from:
            at = start.at
            if self.now > start.warn_from or start.origin is not Origin.PLANNED:
                at = max(at, self.now + (start.at - start.warn_from))
            self.announced = (replace(start, at=at), self.now)
            act = self.keeper() if self.keeper is not None else None
            if act is not None:
                self.put_off(act)
            return 0.0
        if self._waits(plan):
            return left
        return min(left, max((plan.until - self.now).total_seconds(), 1e-6))

    def _count_down(self, start: Start, since: datetime, left: float) -> float:
        if not self._still_good(start):
            self.announced = None
            return 0.0
        wait = (start.at - self.now).total_seconds()
        if start.slot is not None and self.now <= start.slot.start + LATE_AFTER:
            wait = min(wait, (start.slot.start + LATE_AFTER - self.now).total_seconds() + 1.0)  # core looks each second
        if wait > 0:
            return min(left, wait)
        self.announced = None
        counted = len(self.counted(week_of(self.now, self.house.hours.zone)))
        warned = (self.now - since).total_seconds()
        self.begun.append(Begun(self.now, start.origin, self.trust, warned, counted, self.true, self.day))
        self._sessions += 1
        slot = start.slot if start.origin is Origin.PLANNED else None
        contents = slot.contents if slot else filled(self.stock, self._missed(), self.house.due.seconds, self._boot)
        held = [self.films[name] for name in contents if name in self.films and name not in self.missing]
        clips = [(film.seconds, film.counting) for film in held]
        key = start.key
        session = Session(
            f"{self._sessions:032x}", start.origin, 1, self.now, clips, key[0], key[1], 0.0, self.tv
        )  # fmt: skip
        self._begin(session)
        return 0.0

    def _still_good(self, start: Start) -> bool:
        if self.trust is Trust.GUESS:
            standing = self.ledger.days(self.house, self.since_power_up, self._not_before)
            return still_good_by_days(start, self.house, standing, self.room())
        week = self.ledger.standing(self.house, self.moment)
        return still_good(start, self.now, self._week_slots(), house=self.house, week=week, here=self.room())

    def _play(self, session: Session, left: float) -> float:
        rest = session.length - session.shown
        ends = None
        if self.trust is not Trust.GUESS and session.origin is not Origin.KEEPER:
            ends = ends_by(session.origin, session.began, self.house)
        until = (ends.at - self.now).total_seconds() if ends is not None else rest
        if ends is not None and until <= 0:
            self._over(session, ends.reason)
            return 0.0
        if rest <= 1e-6:
            self._over(session, "completed" if session.clips else "missing")
            return 0.0
        step = min(left, rest, until)
        session.shown += step
        return step

    def _over(self, session: Session, reason: EndReason) -> None:
        self.screen = None
        self._end(session, reason)

    def _begin(self, session: Session) -> None:
        self.screen = session
        session.true_began = self.true
        self._write(
            SessionStarted, session=session.name, origin=session.origin, part=session.part, rule=session.rule,
            planned=session.planned, length=session.length,
        )  # fmt: skip

    def _end(self, session: Session, reason: EndReason, cut: datetime | None = None) -> None:
        counting = round(session.counting(session.shown), 2)
        began = session.true_began or self.true
        part = Part(
            session=session.name, part=session.part, began=began, counting=counting, tv=session.tv, trust=self.trust
        )
        over = self.true if cut is None else began + (cut - session.began)
        self.told.append(Told(part, over, session.origin, self.day))
        self._write(
            SessionEnded, session=session.name, origin=session.origin, part=session.part, began=session.began,
            shown=round(session.shown, 2), counting=counting, tv=session.tv, reason=reason,
        )  # fmt: skip

    def _write(self, kind: type[Record], **body: Any) -> None:
        if kind in self.idle:
            return
        self._records += 1
        at, up, boot, trust = self.moment
        self.ledger.remember([kind(seq=self._records, at=at, boot=boot, up=up, trust=trust, **body)])

    def _turn(self, turn: days.Turn) -> None:
        """The power-on day goes on as ``turn`` says; one that has ended is written down."""
        if self._day is None or turn.ended is not None:
            self.days_began.append(self.true)
        self._day = turn.day
        self._day_ends = turn.day.up + days.DAY_SECONDS - turn.day.uptime
        if turn.ended is not None:
            self.day += 1
            self._write(Day, uptime=turn.ended.uptime, resets=turn.ended.resets)

    def _keep_day(self) -> None:
        """What the card knows of the day at a power cut: as of the last ten minutes, or of its first hour's end."""
        day = self._day
        if day is not None:
            hour = day.up + days.HOUR_SECONDS - day.uptime
            saved = max(day.up, self.up // SAVE_SECONDS * SAVE_SECONDS)
            known = hour if saved < hour <= self.up else saved
            self._day = days.advance(day, known, NOTHING_KNOWN)

    def _missed(self) -> Sequence[str]:
        if self.trust is Trust.GUESS:
            return ()
        week = self.ledger.standing(self.house, self.moment)
        over = [slot for slot in self._week_slots() if is_over(slot, self.now, week)]
        missed = next((slot for slot in reversed(over) if slot.counting >= self.house.due.seconds), None)
        return missed.contents if missed else ()

    def _reach(self, slot: Slot) -> float | None:
        held = {name: self.films[name] for name in slot.contents if name in self.films and name not in self.missing}
        return reached(slot.contents, held, self.house.due.seconds)
