"""How the week stands by the box's own records: the same reckoning as the centre's. Pure.

It is built anew from the journal at every start, so no power cut can make it forget or invent anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from estation_box.clock.moment import Moment
from estation_box.programme.guessing import SPAN_DAYS, PowerOnDays
from estation_box.programme.rules import House, Key, Standing
from estation_wire import reckoning
from estation_wire.counts import Due, Evidence, Showing, WeekResult, judge, week_of
from estation_wire.dating import Journalled
from estation_wire.hours import Span
from estation_wire.messages import WeekMet
from estation_wire.records import Boot, BulletinShown, Day, Postponed, Record, SessionEnded, SessionStarted, WeekClosed
from estation_wire.values import Origin, Trust

MAX_RECORDS: Final = 2000  # two weeks of the busiest school; older ones decide nothing any more
OWN: Final = "own"
"""The one journal of this box, as the reckoning wants it named."""
_BOUNDS: Final = (Boot, Day)  # they bound guesses, and decide nothing where there is none
_UNSHOWN: Final = (*_BOUNDS, SessionStarted)  # nor has a session been shown that is not over
AUTOMATIC: Final = frozenset({Origin.PLANNED, Origin.MAKE_UP})


class Ledger:
    """The box's records that decide something, and what follows from them. ``version`` changes with each of them."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._showings: tuple[ZoneInfo, list[Showing]] | None = None
        self._met: WeekMet | None = None
        self._standing: tuple[tuple[object, ...], Standing] | None = None
        self._guessing = False
        self.version = 0

    @property
    def everything(self) -> list[Record]:
        """What is remembered, in order."""
        return self._records

    @property
    def last(self) -> int:
        """The number of the last record that is remembered; 0 for none."""
        return self._records[-1].seq if self._records else 0

    def remember(self, records: Iterable[Record]) -> None:
        """Take in what the journal holds, in its order, or has just been given."""
        new = [each for each in records if reckoning.decides(each) or isinstance(each, Postponed | BulletinShown)]
        self._records += new
        del self._records[:-MAX_RECORDS]
        self._guessing = self._guessing or any(each.trust is Trust.GUESS for each in new)
        if self._guessing or any(not isinstance(each, _BOUNDS) for each in new):
            self.version += 1
        if any(self._dates_anew(each) for each in new):
            self._showings = None

    def _dates_anew(self, record: Record) -> bool:
        """Whether showings may be others by ``record``: a guess bounds no other guess."""
        bounds = self._guessing and record.trust is not Trust.GUESS
        return _decides(record, () if bounds else _UNSHOWN)

    def heard(self, met: WeekMet) -> None:
        """The centre says whether the school has met a week, whichever room did it."""
        if met != self._met:
            self._met = met
            self.version += 1

    def closed(self) -> dict[str, str]:
        """The weeks that somebody closed by hand."""
        return {each.week: each.reason for each in self._records if isinstance(each, WeekClosed)}

    def shown(self) -> dict[str, datetime]:
        """When each bulletin was last shown."""
        return {each.bulletin: each.at for each in self._records if isinstance(each, BulletinShown)}

    def result(self, zone: ZoneInfo, due: Due, moment: Moment, *, closed: bool = False) -> WeekResult:
        """The running week against the site's minimum."""
        return judge(week_of(moment.at, zone), self.shown_in(zone), due, closed=closed)

    def standing(self, house: House, moment: Moment) -> Standing:
        """The running week, for the policy; worked out anew only when something has happened, or at midnight."""
        today = moment.at.astimezone(house.hours.zone).date()
        key = (self.version, today, house.hours.zone, house.due)
        if self._standing is None or self._standing[0] != key:
            self._standing = (key, self._stands(house, moment, today))
        return self._standing[1]

    def _stands(self, house: House, moment: Moment, today: date) -> Standing:
        zone = house.hours.zone
        week = week_of(moment.at, zone)
        good = [each for each in self.shown_in(zone) if each.week == week and _counts(each, house.due)]
        own = {each.session for each in self._ends() if each.origin is Origin.KEEPER}
        starts = [each for each in self._records if isinstance(each, SessionStarted)]
        put_off = [each for each in self._records if isinstance(each, Postponed)]
        return Standing(
            week=week,
            counted=len(good),
            own=len([each for each in good if each.session in own]) >= house.due.sessions,
            begun=_begun(starts),
            postponed=frozenset((each.rule, each.planned) for each in put_off),
            not_before=max((each.until for each in put_off if each.until is not None), default=None),
            make_ups=sum(
                each.origin is Origin.MAKE_UP and each.part == 1 and each.at.astimezone(zone).date() == today
                for each in starts
            ),
            busy=self._busy(moment),
            elsewhere=self._met is not None and self._met.met and self._met.week == week,
        )

    def days(self, house: House, since_power_up: float, not_before: float) -> PowerOnDays:
        """The last seven power-on days, for the policy of a box that does not know the time."""
        ages = self._ages()
        good = {each.session for each in self.shown_in(house.hours.zone) if _counts(each, house.due)}
        recent = {each.session for age, each in ages if isinstance(each, SessionEnded) and age < SPAN_DAYS}
        return PowerOnDays(
            counted=len(good & recent),
            tried=any(age == 0 and _tries(each) for age, each in ages),
            since_power_up=since_power_up,
            not_before=not_before,
            begun=_begun(each for each in self._records if isinstance(each, SessionStarted)),
        )

    def _ages(self) -> list[tuple[int, Record]]:
        """Each record with the number of power-on days that have ended since."""
        ended = sum(isinstance(each, Day) for each in self._records)
        ages: list[tuple[int, Record]] = []
        for each in self._records:
            ended -= isinstance(each, Day)
            ages.append((ended, each))
        return ages

    def shown_in(self, zone: ZoneInfo) -> list[Showing]:
        """Every session that is remembered, by the reckoning of box and centre."""
        kept = self._showings
        if kept is None or kept[0] is not zone:
            idle = () if self._guessing else _BOUNDS
            told = [Journalled(OWN, each) for each in self._records if _decides(each, idle)]
            kept = self._showings = (zone, reckoning.showings_of(told, zone))
        return kept[1]

    def _ends(self) -> list[SessionEnded]:
        return [each for each in self._records if isinstance(each, SessionEnded)]

    def _busy(self, moment: Moment) -> Span | None:
        """The last session that was on the screen in this boot."""
        last = next((each for each in reversed(self._records) if isinstance(each, SessionEnded)), None)
        return Span(last.began, last.at) if last is not None and last.boot == moment.boot else None


def _counts(showing: Showing, due: Due) -> bool:
    return showing.counting >= due.seconds and showing.evidence is not Evidence.TV_OFF


def _decides(record: Record, idle: tuple[type[Record], ...]) -> bool:
    return reckoning.decides(record) and not isinstance(record, idle)


def _begun(starts: Iterable[SessionStarted]) -> frozenset[Key]:
    return frozenset((each.rule, each.planned) for each in starts if each.rule and each.planned)


def _tries(record: Record) -> bool:
    """Whether a record says that today's one automatic session has begun, or was put off to another day."""
    if isinstance(record, SessionStarted):
        return record.trust is Trust.GUESS and record.origin in AUTOMATIC
    return isinstance(record, Postponed) and record.trust is Trust.GUESS and record.until is not None
