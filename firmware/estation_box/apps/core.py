"""``estation-core``: programme, playout, journal, reporting: the box's head. Builds the parts and runs them.

Threads (the player's socket, MQTT, the stick's slot, sync's socket) only put events on one bounded queue;
this loop takes them off. It imports neither libmpv nor TUF nor icalendar: it must stay small for years.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import signal
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import metadata
from queue import Empty, SimpleQueue
from typing import Any, Final

from estation_box import settings
from estation_box.apps import core_wires
from estation_box.apps.core_commands import Commands
from estation_box.apps.core_health import health
from estation_box.apps.core_ladder import CoreLadder
from estation_box.apps.core_letters import Letters
from estation_box.apps.core_loop import Core
from estation_box.apps.core_parts import Parts, rooms
from estation_box.apps.core_post import Post
from estation_box.apps.core_stick import StickSlot
from estation_box.apps.events import (
    KeyPressed,
    Leave,
    PhoneAsks,
    PlayerLost,
    PlayerSays,
    Pressed,
    Queue,
    SyncSays,
    TvSays,
)
from estation_box.clock.moment import Moment
from estation_box.clock.power_days import PowerDays
from estation_box.clock.service import ClockService
from estation_box.drivers import display, identity, update_pause
from estation_box.drivers.desk import Desk
from estation_box.drivers.infrared_keys import InfraredKeys
from estation_box.drivers.journal_store import SqliteJournalStore
from estation_box.drivers.last_boot import BootMarks
from estation_box.drivers.library_store import LibraryStore
from estation_box.drivers.mqtt import Broker, MqttLink, Will
from estation_box.drivers.phone_page import PhoneServer
from estation_box.drivers.picture_store import on_the_card
from estation_box.drivers.player_link import PlayerSocket
from estation_box.drivers.postbox import Postbox
from estation_box.drivers.profile_store import CERTIFICATE, KEY, lives, load_profile, stranger
from estation_box.drivers.rtc import KernelRtc
from estation_box.drivers.supervisor import SerialLine, port
from estation_box.drivers.system_clock import KernelClock
from estation_box.drivers.systemd import Notifier
from estation_box.drivers.two_copies import TwoCopies
from estation_box.drivers.unix_socket import Heard, Line, Server
from estation_box.guarding.ladder import BOOT_SECONDS
from estation_box.guarding.light import Lamp
from estation_box.guarding.service import Guard
from estation_box.journal.service import Journal
from estation_box.library.shelf import SteadyShelf
from estation_box.library.sync_words import MAX_LINE_BYTES, decode_word
from estation_box.playout import checkpoint
from estation_box.playout.player_words import State
from estation_box.programme.pushed import MAX_BYTES, Pushed
from estation_box.remote.phone import Asked, Question
from estation_box.reporting import service as reporting
from estation_box.reporting.interfaces import StationIdentity
from estation_box.settings import Folders, Settings
from estation_box.television.interfaces import Told
from estation_box.television.service import TendedTelevision
from estation_wire.profile import Profile

IMAGE_BUILD: Final = datetime(2026, 11, 24, tzinfo=UTC)  # no box of this firmware has seen an earlier day
PHONE_WAITS_SECONDS: Final = 3.0  # one turn of the loop is 1 s at most
log = logging.getLogger("estation-core")


class Box:
    """The parts of one box, built in order and closed in the reverse."""

    def __init__(self, folders: Folders, given: Settings, stack: ExitStack) -> None:
        self._folders = folders
        self._stack = stack
        self._given = given
        self.queue = Queue()
        self._link: MqttLink | None = None
        self._player_leaves = False
        self._firmware = f"estation-{metadata.version('estation')}"
        self._boot = identity.boot_id(os.environ)
        self._slot = StickSlot(
            folders, given.stick.folder,
            prepare=self._send_reports, languages=self._languages, networked=self._networked,
        )  # fmt: skip
        self.parts = self._build()

    def _build(self) -> Parts:
        state, serial = self._folders.state, identity.serial()
        line = self._stack.enter_context(SerialLine(port(os.environ)))
        life = f"{serial} {before}" if (before := lives(state)) else serial
        store = SqliteJournalStore(self._folders.journal_database, life, lambda: secrets.token_hex(16))
        journal = Journal(store, TwoCopies(state / "session", checkpoint.MAX_BYTES))
        stock = self._stack.enter_context(LibraryStore(self._folders.library_database))
        shelf = SteadyShelf(stock, stock)
        player = self._stack.enter_context(PlayerSocket(self._folders.player_socket, self._player_heard))
        television = TendedTelevision()
        pushed = Pushed(TwoCopies(state / "bulletins", MAX_BYTES))
        house = rooms(journal, shelf, player, television, lambda: secrets.token_hex(16), pushed=pushed)
        letters = Letters(house.programme, shelf, lambda: load_profile(state, serial))
        commands = Commands(
            house.playout, house.sessions, house.starts, player,
            runtime=self._folders.runtime, sync=self._slot.ask, put=self.queue.put, letter=letters.take,
        )  # fmt: skip
        clock = ClockService(
            KernelClock(may_set=not self._given.stick.folder),
            TwoCopies(state / "clock"),
            TwoCopies(self._folders.runtime / "clock"),
            self._boot,
            IMAGE_BUILD,
            rtc=KernelRtc(may_set=not self._given.stick.folder),
        )
        return Parts(
            clock=clock, power=PowerDays(TwoCopies(state / "power-day"), self._boot), journal=journal, library=shelf,
            player=player, television=television, rooms=house, commands=commands,
            load_profile=lambda: load_profile(state, serial), stranger=lambda: stranger(state, serial),
            start_reporting=self._start_reporting,
            free_bytes=lambda: identity.disk_free_bytes(state), celsius=identity.temperature_celsius,
            pictures=lambda: on_the_card(self._folders.pictures),
            expand=self._slot.expand, check=self._slot.check, firmware=self._firmware, desk=Desk(self._folders.runtime),
            post=Post(journal, store, Postbox(self._folders.runtime)), ladder=self._ladder(line),
            screen=display.plugged, tended=television,
            lamp=self._lamp(), phone=PhoneServer(self._phone_asks),
            tv_wire=lambda wire: core_wires.opened(wire, self._tv_says, line, self._stack, self._given.tv),
        )  # fmt: skip

    def _ladder(self, line: SerialLine) -> CoreLadder:
        runtime = self._folders.runtime
        ladder = CoreLadder(BootMarks(self._folders.state), Guard(line), lambda: update_pause.left(runtime))
        if identity.boot_age(os.environ) < BOOT_SECONDS and line.there:
            ladder.await_supervisor(identity.boot_age({}))
        return ladder

    def listen(self) -> None:
        """Let the outside in: sync and the command on the socket, the stick in its slot."""
        self._stack.enter_context(Server(self._folders.core_socket, self._sync_heard, max_line=MAX_LINE_BYTES))
        self._slot.listen(self._stack, self.queue.put)
        self._button()
        self._infrared()

    def _infrared(self) -> None:
        """Listen to an infrared receiver, where the kernel has one; a developer's own is not the box's."""
        if not os.environ.get(settings.BOOT_VARIABLE):
            self._stack.enter_context(InfraredKeys(lambda key: self.queue.put(KeyPressed(key))))

    def _button(self) -> None:
        """Listen to the button, where the settings name its pin; without it the box works all the same."""
        bcm = self._given.button.bcm
        if bcm is None:
            return
        from estation_box.drivers.gpio import ButtonError, GpioButton  # noqa: PLC0415 - 5 MB, only where it is used

        try:
            self._stack.enter_context(GpioButton(bcm, lambda press: self.queue.put(Pressed(press))))
        except ButtonError as error:
            log.warning("%s", error)

    def _lamp(self) -> Lamp | None:
        """The status light, where the settings name its pin; a pin that cannot be used is told, and no more."""
        bcm = self._given.light.bcm
        if bcm is None:
            return None
        from estation_box.drivers.gpio import ButtonError, GpioLight  # noqa: PLC0415 - 5 MB, only where it is used

        try:
            return self._stack.enter_context(GpioLight(bcm))
        except ButtonError as error:
            log.warning("%s", error)
            return None

    def stick(self, event: Any, core: Core, moment: Moment) -> None:
        """Let the slot see an event; core has handled it."""
        self._slot.moved(event, core, moment)

    def _send_reports(self) -> None:
        if self.parts.post is not None:
            moment = self.parts.clock.moment()
            self.parts.post.send(moment, self._firmware, health(self.parts, moment, None))

    def _languages(self) -> tuple[str, ...]:
        profile = self.parts.load_profile()
        return profile.languages if profile else ()

    def _networked(self) -> bool:
        profile = self.parts.load_profile()
        return profile is not None and profile.network.library is not None

    def _start_reporting(self, profile: Profile) -> reporting.Reporter | None:
        """One link for the life of the process; a changed certificate means a restart of core."""
        certificate, key = self._folders.state / CERTIFICATE, self._folders.state / KEY
        if not certificate.exists() or not key.exists():
            return None
        who = StationIdentity(profile.region, profile.station, self._firmware, self._boot)
        chance = random.Random(secrets.randbits(64))  # noqa: S311 - it spreads reconnects, it guards nothing
        centre = profile.centre
        link = MqttLink(
            Broker(centre.host, centre.port, centre.websocket_port, centre.authority, certificate, key),
            reporting.subscriptions(who),
            Will(*reporting.status(who, online=False)),
            self.queue.put,
            chance,
        )
        link.start()
        self._stack.callback(link.close)
        memory = TwoCopies(self._folders.state / "commands")
        return reporting.Reporter(self.parts.journal, link, who, memory, chance, health_seconds=profile.health_seconds)

    # the threads' callbacks: they only queue

    def _player_heard(self, telling: Any) -> None:
        self.queue.put(PlayerLost(in_order=self._player_leaves) if telling is None else PlayerSays(telling))
        self._player_leaves = isinstance(telling, State) and telling.leaving

    def _tv_says(self, told: Told) -> None:
        self.queue.put(TvSays(told))

    def _phone_asks(self, what: Question, asked: Asked | None) -> bytes | None:
        """One request of a phone; None where core has no time for it. The page's own threads wait here."""
        answers: SimpleQueue[bytes] = SimpleQueue()
        self.queue.put(PhoneAsks(what, asked, answers.put))
        try:
            return answers.get(timeout=PHONE_WAITS_SECONDS)
        except Empty:
            return None

    def _sync_heard(self, heard: Heard) -> None:
        if not isinstance(heard, Line):
            return
        peer = heard.peer
        try:
            word = decode_word(heard.line)
        except ValueError as error:
            log.warning("somebody said on core's socket what nobody understands: %s", error)
            peer.drop()
            return
        self.queue.put(SyncSays(word, peer.send))


def run(box: Box, notifier: Notifier) -> None:
    """The loop, until somebody puts `Leave`."""
    clock, core = box.parts.clock, Core(box.parts)
    core.begin(clock.moment())
    box.listen()
    notifier.ready("the box's head is up")
    fed, every = 0.0, notifier.interval or 5.0
    while True:
        moment = clock.moment()
        core.tick(moment)
        if moment.up - fed >= every / 2 and core.healthy(moment):
            notifier.alive()
            fed = moment.up
        event = box.queue.get(core.wakes_in(clock.moment()).total_seconds())
        if isinstance(event, Leave):
            core.close(clock.moment(), halting=True)
            return
        if event is not None:
            core.handle(event, clock.moment())
            box.stick(event, core, clock.moment())
        if core.renewed:
            log.info("another profile or certificate: core begins anew with it")
            core.close(clock.moment())
            return


def main() -> int:
    """Run until SIGTERM; 1 with a plain word where the settings cannot be used."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    try:
        folders = settings.folders(os.environ)
        given = settings.read(folders.configuration)
    except settings.SettingsError as error:
        print(f"estation-core: {error}", file=sys.stderr)
        return 1
    with ExitStack() as stack:
        notifier = stack.enter_context(Notifier(os.environ))
        box = Box(folders, given, stack)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: box.queue.put(Leave()))
        run(box, notifier)
        notifier.stopping()
    return 0


if __name__ == "__main__":
    sys.exit(main())
