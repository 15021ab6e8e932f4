"""The parts that core is made of, as one value: built once in `core`, or by a test with simulated ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from estation_box.apps.core_commands import Commands
from estation_box.apps.core_ladder import CoreLadder
from estation_box.apps.core_post import Post
from estation_box.apps.core_starts import Starts
from estation_box.clock.moment import Moment
from estation_box.clock.power_days import PowerDays
from estation_box.clock.service import ClockService
from estation_box.guarding.light import Lamp
from estation_box.journal.service import Journal
from estation_box.playout.interfaces import PlayerLink
from estation_box.playout.interlude import Interlude
from estation_box.playout.service import Playout
from estation_box.playout.ticker import Ticker
from estation_box.programme.interfaces import Shelf
from estation_box.programme.ledger import Ledger
from estation_box.programme.pushed import Pushed
from estation_box.programme.service import Programme
from estation_box.programme.sessions import Sessions
from estation_box.provisioning.interfaces import CoreDesk
from estation_box.remote.phone import PhonePage
from estation_box.reporting.service import Reporter
from estation_box.television.interfaces import Television, Wire
from estation_box.television.service import TendedTelevision
from estation_wire.library import Item
from estation_wire.profile import Profile
from estation_wire.records import Fault, Record, Recovered
from estation_wire.tv import TvWire


class Library(Protocol):
    """Which versions stand on the shelf, what was taken off it, and what is held. Never raises."""

    def recalled(self) -> frozenset[str]:
        """What was offered once and must not be shown any more."""
        ...

    def versions(self) -> tuple[int, int]:
        """The versions of catalogue and programme; 0 is none."""
        ...

    def films(self, seconds: float = math.inf) -> list[tuple[str, float]]:
        """Content id and counting seconds of films that are held and count, until they last for ``seconds``."""
        ...

    def items(self, ids: tuple[str, ...]) -> dict[str, Item]:
        """The catalogue's items among ``ids``."""
        ...

    def held(self, content_id: str) -> Path | None:
        """Where the verified bytes are; None where they are not held."""
        ...


class Remembering:
    """The journal as the rooms write in it; what decides something for the programme is remembered too."""

    def __init__(self, journal: Journal, ledger: Ledger) -> None:
        self._journal = journal
        self._ledger = ledger

    def append(self, moment: Moment, kind: type[Record], **body: Any) -> None:
        """Write one record down. The ledger needs their order alone, so it numbers them by itself."""
        self._journal.append(moment, kind, **body)
        if kind is not Fault and kind is not Recovered:
            at, up, boot, trust = moment
            stamp: dict[str, Any] = {
                "seq": self._ledger.last + 1,
                "at": at,
                "boot": boot,
                "up": round(up, 3),
                "trust": trust,
            }
            self._ledger.remember([kind(**stamp, **body)])

    def checkpoint(self, document: bytes) -> None:
        """Keep how far the running session has come."""
        self._journal.checkpoint(document)


class Rooms(NamedTuple):
    """Programme and playout, introduced to each other."""

    ledger: Ledger
    diary: Remembering
    programme: Programme
    sessions: Sessions
    playout: Playout
    interlude: Interlude
    ticker: Ticker
    starts: Starts


def rooms(
    journal: Journal,
    shelf: Shelf,
    player: PlayerLink,
    television: Television,
    new_id: Callable[[], str],
    *,
    pushed: Pushed | None = None,
) -> Rooms:
    """The rooms of one box."""
    ledger = Ledger()
    diary = Remembering(journal, ledger)
    playout = Playout(player, diary, television)
    interlude, ticker = Interlude(player, diary, playout), Ticker(diary)
    programme, sessions = Programme(shelf, ledger, pushed), Sessions(shelf, new_id)
    starts = Starts(
        programme, sessions, playout, interlude=interlude, ticker=ticker, television=television, diary=diary
    )
    return Rooms(ledger, diary, programme, sessions, playout, interlude, ticker, starts)


class Parts(NamedTuple):
    """Everything that core's loop speaks to."""

    clock: ClockService
    power: PowerDays
    journal: Journal
    library: Library
    player: PlayerLink
    television: Television
    rooms: Rooms
    commands: Commands
    load_profile: Callable[[], Profile | None]
    stranger: Callable[[], Profile | None]
    """The profile that this card bears of another box, where it was moved or copied; None where it was not."""
    start_reporting: Callable[[Profile], Reporter | None]
    """Builds the reporter for a profile; None while the box has no certificate."""
    free_bytes: Callable[[], int | None]
    celsius: Callable[[], float | None]
    expand: Callable[[], str]
    """Has sync work out the table anew; why not, where that cannot be."""
    check: Callable[[tuple[str, ...]], str]
    """Has sync read films again from the card; why not, where that cannot be."""
    firmware: str
    desk: CoreDesk | None = None
    """Where core meets sync about a bare box; without one nobody is asked which station it is."""
    post: Post | None = None
    """Takes reports along on a stick."""
    ladder: CoreLadder | None = None
    """Knows why the box came up, and speaks with the supervisor."""
    tended: TendedTelevision | None = None
    """The TV, where it can be asked for something; it is the ``television`` then."""
    tv_wire: Callable[[TvWire], Wire] | None = None
    """Opens the way to the TV that a profile names; never raises."""
    screen: Callable[[], str | None] = lambda: None
    """What hangs on the HDMI plug: its name, empty for nothing, None where that is not known; never raises."""
    pictures: Callable[[], frozenset[str]] = frozenset
    """The films' small pictures on the card; never raises."""
    phone: PhonePage | None = None
    """The page on somebody's phone, where this box may have one."""
    lamp: Lamp | None = None
    """The status light, where there is one."""
