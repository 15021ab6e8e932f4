"""The programme: what begins next, and why. Reads only the table that sync made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from estation_box.clock.moment import Moment
from estation_box.programme.courtesy import LATER, Act, put_off_until
from estation_box.programme.filling import Stock, reached
from estation_box.programme.guessing import decide_by_days, still_good_by_days
from estation_box.programme.interfaces import Shelf
from estation_box.programme.ledger import Ledger
from estation_box.programme.pushed import Pushed
from estation_box.programme.rules import (
    End,
    House,
    Plan,
    Room,
    Start,
    decide,
    ends_by,
    is_over,
    judge_slot,
    still_good,
)
from estation_box.words import say
from estation_wire import bulletins
from estation_wire.bulletins import Bulletin, Urgency
from estation_wire.counts import Due, WeekResult, week_of
from estation_wire.hours import Hours, span_at
from estation_wire.planner import Judged, Length, Slot
from estation_wire.profile import Profile
from estation_wire.values import Origin, Trust, Tv

HORIZON: Final = timedelta(days=14)
NEAR: Final = timedelta(days=2)  # read first: most days have a session, and the fortnight need not be read
LOOK_EVERY: Final = timedelta(seconds=60)  # events are told at once; this is for a card that changes without a word
UNNAMED: Final = Plan(
    start=None,
    why=say("This box has no profile yet: put in a provisioning stick"),
    until=datetime.max.replace(tzinfo=UTC),
)


class Surroundings(NamedTuple):
    """What is known of the room now.

    ``in_use``: the TV shows another source. ``since_power_up``: seconds of this power-on day, see `clock.days`;
    ``not_before``: seconds of the same clock before which nothing starts while the time is a guess.
    """

    tv: Tv = Tv.UNKNOWN
    in_use: bool = False
    since_power_up: float = 0.0
    not_before: float = 0.0


class Closed(NamedTuple):
    """A closed week, why, and whether that is written down already."""

    week: str
    reason: str
    told: bool


class Programme:
    """What should be on the screen, and why."""

    def __init__(self, shelf: Shelf, ledger: Ledger, pushed: Pushed | None = None) -> None:
        self._shelf = shelf
        self._ledger = ledger
        self._profile: Profile | None = None
        self._house: House | None = None
        self._house_version = -1
        self._closed: dict[str, str] = {}
        self._pushed = pushed or Pushed()
        self._bulletins: list[Bulletin] | None = None
        self._slots: list[Slot] = []
        self._read: tuple[datetime, datetime, bool] | None = None
        self._plan: tuple[Moment, tuple[object, ...], Plan] | None = None

    def provisioned(self, profile: Profile) -> None:
        """The station's house rules, from now on."""
        self._profile = profile
        self._house = None
        self.changed()

    def changed(self) -> None:
        """The table, the films or the clock are others; look again."""
        self._read = self._plan = self._bulletins = None
        self._house_version = -1

    @property
    def house(self) -> House | None:
        """The station's house rules, with the weeks that are closed by now; None for a box without a name."""
        if self._profile is None:
            return None
        if self._house is None or self._house_version != self._ledger.version:
            closed = self._shelf.closed() | self._ledger.closed()
            if self._house is None or closed != self._closed:
                self._closed = closed
                self._house = house_of(self._profile, closed)
            self._house_version = self._ledger.version
        return self._house

    def open_now(self, moment: Moment) -> bool:
        """Whether the site is known to be open: not while the time is a guess, when it may be night."""
        house = self.house
        if house is None or moment.trust is Trust.GUESS:
            return False
        return span_at(house.hours.opening(week_of(moment.at, house.hours.zone)), moment.at) is not None

    def decide(self, moment: Moment, around: Surroundings) -> Plan:
        """What begins next while nothing is on the screen, and why."""
        house = self.house
        if house is None:
            return UNNAMED
        known = (self._ledger.version, around.tv, around.in_use, around.not_before)
        if self._plan is None or self._stale(*self._plan, moment, known):
            self._plan = (moment, known, self._decide(moment, around, house))
        return self._plan[2]

    def still_good(self, start: Start, moment: Moment, around: Surroundings) -> bool:
        """Whether a start whose countdown is on the screen may still begin."""
        house = self.house
        if house is None:
            return False
        room = self._room(around, house)
        if moment.trust is Trust.GUESS:
            days = self._ledger.days(house, around.since_power_up, around.not_before)
            return still_good_by_days(start, house, days, room)
        week = self._ledger.standing(house, moment)
        return still_good(start, moment.at, self._table(moment, house), house=house, week=week, here=room)

    def result(self, moment: Moment) -> WeekResult | None:
        """The running week against the site's minimum; None for a box without a name."""
        house = self.house
        if house is None:
            return None
        week = week_of(moment.at, house.hours.zone)
        closed = house.hours.closed(week) is not None
        return self._ledger.result(house.hours.zone, house.due, moment, closed=closed)

    def closed_because(self, moment: Moment) -> Closed | None:
        """Why the running week is closed; None where it is not, or cannot be known."""
        house = self.house
        if house is None or moment.trust is Trust.GUESS:
            return None
        week = week_of(moment.at, house.hours.zone)
        reason = house.hours.closed(week)
        return Closed(week, reason, week in self._ledger.closed()) if reason is not None else None

    def judged(self, moment: Moment) -> list[Judged]:
        """Every slot of this week and the coming fortnight, with the reason why it is shown or not."""
        house = self.house
        if house is None:
            return []
        week = self._ledger.standing(house, moment)
        begin = house.hours.bounds(week.week).begin
        slots = self._shelf.slots(begin, moment.at + HORIZON, yielding=True)
        return [Judged(slot, judge_slot(slot, moment.at, house, week), slot.yields_to) for slot in slots]

    def emergency(self, moment: Moment) -> Bulletin | None:
        """The emergency bulletin that must be on the screen now."""
        return self._due(moment, "emergency")

    def notice(self, moment: Moment, *, on_screen: bool) -> Bulletin | None:
        """The bulletin to be read in the lower third now: an urgent one always, a normal one between sessions."""
        urgent = self._due(moment, "urgent")
        return urgent if urgent is not None or on_screen else self._due(moment, "normal")

    def push(self, bulletin: Bulletin) -> bool:
        """A bulletin came by a command, and was verified; False where it was ended before."""
        self._bulletins = None
        return self._pushed.take(bulletin)

    def end(self, bulletin: Bulletin) -> None:
        """By a command that was verified a bulletin is over, wherever it came from."""
        self._bulletins = None
        self._pushed.end(bulletin)

    def _due(self, moment: Moment, priority: Urgency) -> Bulletin | None:
        if self._bulletins is None:
            known = (*self._shelf.notices(), *self._pushed.bulletins)  # what came by itself, the end of one too, wins
            self._bulletins = list({each.id: each for each in known}.values())
        if not self._bulletins:
            return None
        return bulletins.due(self._bulletins, self._ledger.shown(), moment.at, moment.trust, priority)

    def ends_by(self, origin: Origin, began: datetime, moment: Moment) -> End | None:
        """When the session on the screen must end, come what may; None where it may run to its end."""
        return ends_by(origin, began, self.house) if self.house and moment.trust is not Trust.GUESS else None

    def forbids(self, at: datetime, moment: Moment, around: Surroundings) -> str:
        """Why a session that the centre ordered may not begin ``at``; empty where it may."""
        house = self.house
        if house is None:
            return "this box has no profile yet"
        if house.polite and around.in_use:
            return "the TV shows another source, and this site is polite"
        if moment.trust is Trust.GUESS:
            return "the clock is a guess, and so are the lesson hours" if house.polite else ""
        week = week_of(at, house.hours.zone)
        return "it is a lesson hour" if span_at(house.hours.lessons(week), at) else ""

    def put_off_until(self, act: Act, moment: Moment) -> datetime:
        """Until when nothing begins by itself after a press."""
        return put_off_until(act, moment.at, self.house) if self.house else moment.at + LATER

    def missed(self, moment: Moment) -> Slot | None:
        """The last planned session of this week that should have counted; None where none should have, or who knows."""
        house = self.house
        if house is None or moment.trust is Trust.GUESS:
            return None
        week = self._ledger.standing(house, moment)
        over = [slot for slot in self._table(moment, house) if is_over(slot, moment.at, week)]
        return next((slot for slot in reversed(over) if slot.counting >= house.due.seconds), None)

    def _decide(self, moment: Moment, around: Surroundings, house: House) -> Plan:
        room = self._room(around, house)
        if moment.trust is Trust.GUESS:
            days = self._ledger.days(house, around.since_power_up, around.not_before)
            return decide_by_days(moment.at, self._table(moment, house, far=True), house, days, room)
        week = self._ledger.standing(house, moment)
        plan = decide(moment.at, self._table(moment, house), house, week, room)
        if plan.start is None:
            plan = decide(moment.at, self._table(moment, house, far=True), house, week, room)
        return plan

    def _stale(
        self, before: Moment, known: tuple[object, ...], plan: Plan, moment: Moment, now: tuple[object, ...]
    ) -> bool:
        """Whether something has happened since the plan was made, or its time is over."""
        passed = moment.at - before.at
        stepped = abs(passed.total_seconds() - (moment.up - before.up)) > 1.0
        over = moment.at >= plan.until > before.at or passed >= LOOK_EVERY
        return over or stepped or known != now or before.trust is not moment.trust

    def _room(self, around: Surroundings, house: House) -> Room:
        stocked = Stock(self._shelf.films(house.due.seconds)).enough(house.due.seconds)
        return Room(
            reach=lambda slot: self._reach(slot, house.due.seconds),
            stocked=stocked,
            tv=around.tv,
            in_use=around.in_use,
        )

    def _reach(self, slot: Slot, minimum: float) -> float | None:
        items = self._shelf.items(slot.contents)
        held = {
            content: Length(item.seconds, item.counting)
            for content, item in items.items()
            if self._shelf.held(content) is not None
        }
        return reached(slot.contents, held, minimum)

    def _table(self, moment: Moment, house: House, *, far: bool = False) -> list[Slot]:
        """The slots from the week's beginning on; kept until the table is another, or time has passed."""
        begin = house.hours.bounds(week_of(moment.at, house.hours.zone)).begin
        read = self._read
        if read is None or read[0] != begin or abs(moment.at - read[1]) >= NEAR / 2 or (far and not read[2]):
            self._slots = self._shelf.slots(begin, moment.at + (HORIZON if far else NEAR))
            self._read = (begin, moment.at, far)
        return self._slots


def house_of(profile: Profile, closed: dict[str, str]) -> House:
    """A station's house rules, with the weeks that programme and people have closed."""
    return House(
        hours=Hours(profile.calendar, ZoneInfo(profile.timezone), closed),
        due=Due(sessions=profile.minimum.sessions, seconds=float(profile.minimum.seconds)),
        countdown=timedelta(seconds=profile.countdown_seconds),
        make_ups_a_day=profile.make_ups_a_day,
        own_session_cancels=profile.own_session == "cancels",
        polite=profile.manner == "polite",
    )
