"""A whole box in simulated time: the real core over the real journal on disk, a simulated player, TV, clock and centre.

`SimulatedBox.run(seconds)` lets time pass; `cut_power()` and `power_up()` do what they say.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from estation_box.apps.core_commands import Commands
from estation_box.apps.core_ladder import CoreLadder
from estation_box.apps.core_letters import Letters
from estation_box.apps.core_loop import Core
from estation_box.apps.core_parts import Parts, rooms
from estation_box.apps.events import PlayerLost, PlayerSays, TvSays
from estation_box.clock.power_days import PowerDays
from estation_box.clock.service import ClockService
from estation_box.drivers.journal_store import SqliteJournalStore
from estation_box.drivers.last_boot import BootMarks
from estation_box.drivers.two_copies import TwoCopies
from estation_box.guarding.light import Lamp
from estation_box.guarding.service import Guard
from estation_box.journal.interfaces import JournalStore
from estation_box.journal.service import Journal
from estation_box.library.shelf import SteadyShelf
from estation_box.playout import checkpoint
from estation_box.playout.player_words import Request
from estation_box.programme.pushed import MAX_BYTES, Pushed
from estation_box.remote.phone import PhonePage
from estation_box.reporting.interfaces import Arrived, Connected, Disconnected, StationIdentity
from estation_box.reporting.service import Reporter
from estation_box.simulated.cec_television import Habits, SimulatedCecTelevision
from estation_box.simulated.player import SimulatedPlayer
from estation_box.simulated.television import SimulatedTelevision
from estation_box.television.interfaces import Told
from estation_box.television.service import TendedTelevision
from estation_wire import codec
from estation_wire.audience import Topic as Subject
from estation_wire.bulletins import Bulletin
from estation_wire.library import Item
from estation_wire.messages import Ack, AnyCommand, Events, Health, Hello, Message, Reply, Stored
from estation_wire.planner import Slot
from estation_wire.profile import Centre, Minimum, Profile, Site
from estation_wire.records import Record
from estation_wire.topics import Leaf, Topic, parse
from estation_wire.versions import stand_ins
from estation_wire.voices import Voice
from tests.support.supervisor_line import OnPython

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
STATION, REGION = "hall-0007", "653101"


def profile(**changes: Any) -> Profile:
    fields = {
        "v": 1, "station": STATION, "region": REGION, "name": "七村文化室", "timezone": "Asia/Urumqi",
        "site": Site(id="village-7", kind="village", name="七村"), "centre": Centre(host="centre", authority="-"),
        "epoch": 1, "not_after": START + timedelta(days=60), "minimum": Minimum(sessions=1, seconds=20),
        "countdown_seconds": 30,
    }  # fmt: skip
    return Profile(**{**fields, **changes})


class World:
    """What time it really is, and what the box's own clocks make of it."""

    def __init__(self, at: datetime = START) -> None:
        self.true = at
        self.wrong_by = timedelta(0)
        self.booted = at
        self.knows = False

    def wall(self) -> datetime:
        return self.true + self.wrong_by

    def up(self) -> float:
        return (self.true - self.booted).total_seconds()

    def synchronised(self) -> bool:
        return self.knows

    def set(self, instant: datetime) -> bool:
        self.wrong_by = instant - self.true
        return True


class TableShelf:
    """The library: a table of slots, and items that are held unless they are in ``missing``."""

    def __init__(self, items: Iterable[Item], slots: Iterable[Slot] = ()) -> None:
        self.table = list(slots)
        self.all = {item.id: item for item in items}
        self.missing: set[str] = set()
        self.gone: set[str] = set()
        self.closures: dict[str, str] = {}
        self.bulletins: list[Bulletin] = []
        self.speakers: tuple[Voice, ...] = ()

    def slots(self, after, until, *, yielding=False):
        table = sorted(self.table, key=lambda slot: slot.start)
        return [slot for slot in table if after <= slot.start < until and (yielding or not slot.yields_to)]

    def closed(self):
        return self.closures

    def notices(self):
        return self.bulletins

    def films(self, seconds=math.inf):
        beside = stand_ins(self.all.values())
        held = [one for one in self.all.values() if one.id not in self.missing and one.id not in beside]
        return [(one.id, one.counting) for one in held if one.counting]

    def voices(self):
        return self.speakers

    def items(self, ids):
        return {one: self.all[one] for one in ids if one in self.all}

    def held(self, content_id):
        return Path("/cache") / content_id if content_id in self.all and content_id not in self.missing else None

    def recalled(self):
        return frozenset(self.gone)

    def versions(self):
        return (1, 1)

    def series_titles(self, series):
        return {"zh-Hans": "科普天地", "en": "World of science"}


def slot_of(films: Iterable[Item], seconds: float, rule: str = "weekly", **more: Any) -> Slot:
    """A slot ``seconds`` after the start, as the expansion makes it."""
    shown = tuple(films)
    return Slot(
        rule=rule, start=START + timedelta(seconds=seconds), contents=tuple(film.id for film in shown),
        length=sum(film.seconds for film in shown), counting=sum(film.counting for film in shown), **more,
    )  # fmt: skip


def item(name: str, seconds: float = 10.0) -> Item:
    return Item(
        id=name * 64, size=9, kind="video", titles={"zh-Hans": f"影片{name}", "en": f"film {name}"},
        seconds=seconds, topic=Subject.GENERAL, counts=True, fps=25.0,
    )  # fmt: skip


class AckingCentre:
    """The other side of the link: stores what comes above its watermark, and answers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.reachable = True
        self.records: dict[str, list[bytes]] = {}
        self.messages: list[Message] = []
        self.published: list[tuple[str, int]] = []
        self.answers: list[Arrived] = []

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> bool:
        if not self.reachable:
            return False
        self.published.append((topic, len(payload)))
        leaf = parse(topic).leaf
        message = codec.decode_message(leaf, payload)
        self.messages.append(message)
        if isinstance(message, Hello):
            self._ack(message.nonce, [state.journal for state in message.journals])
        elif isinstance(message, Events):
            held = self.records.setdefault(message.journal, [])
            for raw in message.records:
                if codec.decode_head(bytes(raw)).seq == len(held) + 1:
                    held.append(bytes(raw))
            self._ack(None, [message.journal])
        return True

    def check_time(self, *, on: bool) -> None:
        """Certificates do not exist here."""

    def command(self, command: AnyCommand) -> None:
        self._send(Leaf.COMMAND, command)

    def of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.messages if isinstance(message, kind)]

    def told(self, kind: type[Record]) -> list[Any]:
        """The records of one kind that the centre holds, in order."""
        every = [codec.decode_record(raw) for held in self.records.values() for raw in held]
        return [record for record in every if isinstance(record, kind)]

    def _ack(self, nonce: str | None, journals: list[str]) -> None:
        stored = tuple(Stored(journal=name, watermark=len(self.records.get(name, []))) for name in journals)
        self._send(Leaf.ACK, Ack(v=1, time=self._world.true, journals=stored, nonce=nonce))

    def _send(self, leaf: Leaf, message: msgspec.Struct) -> None:
        self.answers.append(Arrived(str(Topic(REGION, STATION, leaf)), codec.encode(message)))


class SimulatedBox:
    """One box on one TV. ``idle_step``: seconds between two looks while nothing runs; a long day may take more."""

    idle_step = 1.0

    def __init__(
        self,
        state: Path,
        shelf: TableShelf | SteadyShelf,
        given: Profile | None = None,
        store: JournalStore | None = None,
        habits: Habits | None = None,
        *,
        serial: str = "serial",
        at: datetime = START,
        board: OnPython | None = None,
        lamp: Lamp | None = None,
        phone: PhonePage | None = None,
        pictures: frozenset[str] = frozenset(),
    ) -> None:
        """``store``: another card for the journal than SQLite in ``state``; ``habits``: of a TV on an HDMI cable.

        ``at``: when the plug goes in. ``board``: the supervisor's real program, on a box that has the carrier board.
        """
        self.board = board
        self.lamp = lamp
        self.phone = phone
        self.pictures = pictures
        self.state = state
        self.shelf = shelf
        self.store = store
        self.profile = given or profile()
        self.world = World(at)
        self.television = SimulatedTelevision(seen=False)
        self.told: deque[Told] = deque()
        self.cec = SimulatedCecTelevision(self.told.append, habits) if habits else None
        self.moved = False
        self.serial = serial
        self.centre = AckingCentre(self.world)
        self.boots = count(1)
        self.numbers = count(1)
        self._chance = random.Random(7)
        self.power_up()

    # power

    def power_up(self) -> None:
        """The power is there: a new boot, a new player, a new core."""
        self.world.booted = self.world.true
        self.boot = f"{next(self.boots):032x}"
        self.player = SimulatedPlayer(self.world.up(), player=self.boot)
        self.start_core()

    def cut_power(self, dark: float = 0.0) -> None:
        """The plug is pulled for ``dark`` seconds; the clock has no battery."""
        lost = self.world.up()
        self.journal.close()
        self.world.true += timedelta(seconds=dark)
        self.world.wrong_by -= timedelta(seconds=dark + lost)

    def start_core(self) -> None:
        """A core begins: at boot, or after it was killed."""
        path = self.state / "journal.db"
        store = self.store or SqliteJournalStore(path, self.serial, lambda: f"{next(self.numbers):032x}")
        self.journal = Journal(store, TwoCopies(self.state / "session", checkpoint.MAX_BYTES))
        tended = TendedTelevision() if self.cec else None
        seen = tended or self.television
        pushed = Pushed(TwoCopies(self.state / "bulletins", MAX_BYTES))
        house = rooms(
            self.journal, self.shelf, self, seen, lambda: f"{self._chance.getrandbits(128):032x}", pushed=pushed
        )
        self.playout, self.rooms = house.playout, house
        commands = Commands(
            house.playout, house.sessions, house.starts, self,
            runtime=self.state, sync=lambda: "", put=lambda _picture: None,
            letter=Letters(house.programme, self.shelf, lambda: self.profile).take,
        )  # fmt: skip
        self.clock = ClockService(
            self.world,
            TwoCopies(self.state / "clock"),
            TwoCopies(self.state / "runtime-clock"),
            self.boot,
            START - timedelta(days=30),
        )
        self.expansions = 0
        self.checked: list[tuple[str, ...]] = []
        parts = Parts(
            clock=self.clock, power=PowerDays(TwoCopies(self.state / "power-day"), self.boot), journal=self.journal,
            library=self.shelf, player=self, television=seen, rooms=house, commands=commands,
            load_profile=lambda: None if self.moved else self.profile,
            stranger=lambda: self.profile if self.moved else None, start_reporting=self._reporter,
            free_bytes=lambda: 10**9, celsius=lambda: 41.5, expand=self._expand, check=self._check,
            firmware="estation-test", tended=tended, tv_wire=lambda _: self.cec, lamp=self.lamp, phone=self.phone,
            pictures=lambda: self.pictures,
            ladder=CoreLadder(BootMarks(self.state), Guard(self.board), lambda: 0.0) if self.board else None,
        )  # fmt: skip
        self.core = Core(parts)
        self.core.begin(self.clock.moment())
        self.core.handle(Connected() if self.centre.reachable else Disconnected("no route"), self.clock.moment())

    def _expand(self) -> str:
        self.expansions += 1
        return ""

    def _check(self, contents: tuple[str, ...]) -> str:
        self.checked.append(contents)
        return ""

    def _reporter(self, given: Profile) -> Reporter:
        who = StationIdentity(given.region, given.station, "estation-test", self.boot)
        return Reporter(
            self.journal, self.centre, who, TwoCopies(self.state / "commands"), self._chance,
            health_seconds=given.health_seconds,
        )  # fmt: skip

    # the player

    def ask(self, request: type[Request], **fields: Any) -> int:
        if self.player.crashed:
            return 0
        number = next(self.numbers)
        answer = self.player.ask(request(n=number, **fields), at=self.world.up())
        if answer is not None:
            self._answers.append(answer)
        return number

    _answers: list[Any] = []  # noqa: RUF012 - one box a test

    def kill_player(self) -> None:
        self.player.crash()
        self.core.handle(PlayerLost(), self.clock.moment())
        self.player.restart(self.world.up(), player=f"{next(self.numbers):x}")

    # time

    def run(self, seconds: float) -> None:
        """Let time pass: in tenths of a second around a session, in seconds otherwise."""
        end = self.world.true + timedelta(seconds=seconds)
        while self.world.true < end:
            step = self.idle_step if self.playout.idle else 0.2
            self.world.true += timedelta(seconds=step)
            moment = self.clock.moment()
            if self.cec is not None:
                self.cec.pass_to(self.world.up())
            if self.board is not None:
                self.board.pass_on(step)
            self.core.tick(moment)
            self._deliver(moment)
            if self.playout.idle:
                self.core.handle(PlayerSays(self.player.skip_to(self.world.up())), moment)
            else:
                for state in self.player.run_until(self.world.up())[-1:]:
                    self.core.handle(PlayerSays(state), moment)
            self._deliver(moment)

    def _deliver(self, moment: Any) -> None:
        while self.told:
            self.core.handle(TvSays(self.told.popleft()), moment)
        while self._answers:
            self.core.handle(PlayerSays(self._answers.pop(0)), moment)
        while self.centre.answers:
            self.core.handle(self.centre.answers.pop(0), moment)

    def healths(self) -> list[Health]:
        return self.centre.of(Health)

    def replies(self) -> list[Reply]:
        return self.centre.of(Reply)
