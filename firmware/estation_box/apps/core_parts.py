"""The parts that core is made of, as one value: built once in `core`, or by a test with simulated ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from estation_box.apps.core_commands import Commands
from estation_box.clock.moment import Moment
from estation_box.clock.service import ClockService
from estation_box.journal.service import Journal
from estation_box.playout.interfaces import PlayerLink
from estation_box.playout.service import Playout
from estation_box.programme.interfaces import Shelf
from estation_box.programme.service import Programme
from estation_box.programme.week import OwnWeek
from estation_box.reporting.service import Reporter
from estation_box.television.interfaces import Television
from estation_wire.counts import Part
from estation_wire.profile import Profile
from estation_wire.records import Record, SessionEnded


class Library(Shelf, Protocol):
    """The shelf, and which versions stand on it."""

    def versions(self) -> tuple[int, int]:
        """The versions of catalogue and programme; 0 is none."""
        ...


class Parts(NamedTuple):
    """Everything that core's loop speaks to."""

    clock: ClockService
    journal: Journal
    library: Library
    player: PlayerLink
    playout: Playout
    programme: Programme
    television: Television
    week: OwnWeek
    commands: Commands
    load_profile: Callable[[], Profile | None]
    start_reporting: Callable[[Profile], Reporter | None]
    """Builds the reporter for a profile; None while the box has no certificate."""
    free_bytes: Callable[[], int | None]
    firmware: str


class Remembering:
    """The journal as playout writes in it; what counts for the week is remembered too."""

    def __init__(self, journal: Journal, week: OwnWeek) -> None:
        self._journal = journal
        self._week = week

    def append(self, moment: Moment, kind: type[Record], **body: Any) -> None:
        """Write one record down."""
        self._journal.append(moment, kind, **body)
        if kind is SessionEnded:
            fields = {name: body[name] for name in ("session", "part", "began", "counting", "tv")}
            self._week.add(Part(trust=moment.trust, **fields))

    def checkpoint(self, document: bytes) -> None:
        """Keep how far the running session has come."""
        self._journal.checkpoint(document)
