"""This week as the box itself counts it: the same function as the centre's, over the box's own records. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from estation_box.clock.moment import Moment
from estation_wire.counts import Due, Part, WeekResult, judge, part_of, showings, week_of
from estation_wire.profile import Profile
from estation_wire.records import Record, SessionEnded

MAX_PARTS: Final = 2000  # far more sessions than fit into a week


class OwnWeek:
    """The sessions that this box remembers, and what they make of the week."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, int], Part] = {}

    def remember(self, records: Iterable[Record]) -> None:
        """Take in what the journal holds or has just been given."""
        for record in records:
            if isinstance(record, SessionEnded):
                self.add(part_of(record))

    def add(self, part: Part) -> None:
        """One more part of a session, or the same again."""
        self._parts[part.session, part.part] = part
        while len(self._parts) > MAX_PARTS:
            del self._parts[next(iter(self._parts))]

    def result(self, profile: Profile, moment: Moment) -> WeekResult:
        """The running week against the site's minimum."""
        zone = ZoneInfo(profile.timezone)
        due = Due(sessions=profile.minimum.sessions, seconds=profile.minimum.seconds)
        return judge(week_of(moment.at, zone), showings(self._parts.values(), zone), due)
