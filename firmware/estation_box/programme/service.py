"""The programme: which session is next, and what it is made of. Reads only the table that sync made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from estation_box.clock.moment import Moment
from estation_box.playout.show import Show, clip_of
from estation_box.programme.interfaces import Shelf
from estation_wire.library import words
from estation_wire.planner import LATE_AFTER, Plan, Slot, next_slot
from estation_wire.profile import Profile
from estation_wire.records import Record, SessionStarted
from estation_wire.values import Origin, Trust

HORIZON: Final = timedelta(days=14)
LOOK_EVERY: Final = timedelta(seconds=60)  # the table changes only when sync says so; this is for passing time


class Programme:
    """What should be on the screen, and why."""

    def __init__(self, shelf: Shelf, new_id: Callable[[], str]) -> None:
        self._shelf = shelf
        self._new_id = new_id
        self._profile: Profile | None = None
        self._done: set[tuple[str, datetime]] = set()
        self._plan = Plan(slot=None, why="nothing has been looked at yet")
        self._looked_at: Moment | None = None

    def provisioned(self, profile: Profile) -> None:
        """Languages and countdown are the station's from now on."""
        self._profile = profile
        self.changed()

    def changed(self) -> None:
        """The table of slots is another; look again."""
        self._looked_at = None

    def remember(self, records: Iterable[Record]) -> None:
        """Slots that the journal says were begun are not begun again."""
        for record in records:
            if isinstance(record, SessionStarted) and record.rule and record.planned:
                self._done.add((record.rule, record.planned))

    def begun(self, show: Show) -> None:
        """This planned session has begun."""
        if show.rule and show.planned:
            self._done.add((show.rule, show.planned))
            self.changed()

    def next(self, moment: Moment) -> Plan:
        """The next planned session, and why; no wall-clock rule fires while the clock is a guess."""
        if moment.trust is Trust.GUESS:
            return Plan(slot=None, why="the clock is a guess: nothing starts by the wall clock until the time is known")
        if self._profile is None:
            return Plan(slot=None, why="this box has no profile yet: put in a provisioning stick")
        if self._stale(moment):
            slots = self._shelf.slots(moment.at - LATE_AFTER, moment.at + HORIZON)
            self._done = {key for key in self._done if key[1] > moment.at - 2 * LATE_AFTER}
            self._plan = next_slot(slots, moment.at, done=frozenset(self._done))
            self._looked_at = moment
        return self._plan

    def show_of(self, slot: Slot) -> Show:
        """The session of a slot; items that are not held are left out."""
        titles = self._shelf.series_titles(slot.series) if slot.series else {}
        return self._show(
            slot.contents,
            Origin.PLANNED,
            series=words(titles, self._languages) if titles else slot.series,
            rule=slot.rule,
            planned=slot.start,
        )

    def show_now(self, contents: tuple[str, ...], origin: Origin) -> Show:
        """A session that somebody asked for; items that are not held are left out."""
        return self._show(contents, origin)

    @property
    def _languages(self) -> tuple[str, ...]:
        return self._profile.languages if self._profile else ("zh-Hans", "en")

    def _stale(self, moment: Moment) -> bool:
        before = self._looked_at
        if before is None or before.trust is not moment.trust:
            return True
        return abs(moment.at - before.at) >= LOOK_EVERY or moment.at < before.at

    def _show(
        self,
        contents: tuple[str, ...],
        origin: Origin,
        *,
        series: str = "",
        rule: str | None = None,
        planned: datetime | None = None,
    ) -> Show:
        items = self._shelf.items(contents)
        subtitles = self._profile.subtitles if self._profile else ()
        clips = []
        for content in contents:
            path = self._shelf.held(content)
            if content in items and path is not None:
                clips.append(clip_of(items[content], str(path), self._languages, subtitles))
        return Show(
            session=self._new_id(), origin=origin, clips=tuple(clips), series=series, rule=rule, planned=planned
        )
