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
from pathlib import Path
from typing import Any, Final

import msgspec

from estation_box import settings
from estation_box.apps.core_commands import Commands
from estation_box.apps.core_loop import Core
from estation_box.apps.core_parts import Parts, rooms
from estation_box.apps.core_post import Post
from estation_box.apps.events import Leave, PlayerLost, PlayerSays, Pressed, Queue, StickMoved, SyncSays
from estation_box.clock.power_days import PowerDays
from estation_box.clock.service import ClockService
from estation_box.drivers import identity
from estation_box.drivers.desk import Desk
from estation_box.drivers.journal_store import SqliteJournalStore
from estation_box.drivers.library_store import LibraryStore
from estation_box.drivers.mqtt import Broker, MqttLink, Will
from estation_box.drivers.player_link import PlayerSocket
from estation_box.drivers.postbox import Postbox
from estation_box.drivers.profile_store import CERTIFICATE, KEY, load_profile, stranger, write_durably
from estation_box.drivers.rtc import KernelRtc
from estation_box.drivers.system_clock import KernelClock
from estation_box.drivers.systemd import Notifier
from estation_box.drivers.two_copies import TwoCopies
from estation_box.drivers.unix_socket import Heard, Line, Server
from estation_box.journal.service import Journal
from estation_box.library.shelf import SteadyShelf
from estation_box.library.sync_words import MAX_LINE_BYTES, SyncRequest, decode_word
from estation_box.playout import checkpoint
from estation_box.reporting import service as reporting
from estation_box.reporting.interfaces import StationIdentity
from estation_box.settings import Folders, Settings
from estation_box.television.none import NoTelevision
from estation_wire.profile import Profile

IMAGE_BUILD: Final = datetime(2026, 11, 24, tzinfo=UTC)  # no box of this firmware has seen an earlier day
log = logging.getLogger("estation-core")


class Box:
    """The parts of one box, built in order and closed in the reverse."""

    def __init__(self, folders: Folders, given: Settings, stack: ExitStack) -> None:
        self._folders = folders
        self._stack = stack
        self._given = given
        self.queue = Queue()
        self._link: MqttLink | None = None
        self._stick: Path | None = None
        self._firmware = f"estation-{metadata.version('estation')}"
        self._boot = identity.boot_id(os.environ)
        self.parts = self._build()

    def _build(self) -> Parts:
        state, serial = self._folders.state, identity.serial()
        store = SqliteJournalStore(self._folders.journal_database, serial, lambda: secrets.token_hex(16))
        journal = Journal(store, TwoCopies(state / "session", checkpoint.MAX_BYTES))
        stock = self._stack.enter_context(LibraryStore(self._folders.library_database))
        shelf = SteadyShelf(stock, stock)
        player = self._stack.enter_context(PlayerSocket(self._folders.player_socket, self._player_heard))
        television = NoTelevision()
        house = rooms(journal, shelf, player, television, lambda: secrets.token_hex(16))
        commands = Commands(
            house.playout, house.sessions, house.starts, player,
            runtime=self._folders.runtime, sync=self._ask_sync, put=self.queue.put,
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
            expand=self._expand, firmware=self._firmware, desk=Desk(self._folders.runtime),
            post=Post(journal, store, Postbox(self._folders.runtime)),
        )  # fmt: skip

    def listen(self) -> None:
        """Let the outside in: sync and the command on the socket, the stick in its slot."""
        self._stack.enter_context(Server(self._folders.core_socket, self._sync_heard, max_line=MAX_LINE_BYTES))
        if self._given.stick.folder:
            from estation_box.simulated.stick_slot import FolderSlot  # noqa: PLC0415 - not in the image

            self._stack.enter_context(FolderSlot(Path(self._given.stick.folder), self._stick_moved))
        self._button()

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

    def stick(self, moved: StickMoved) -> None:
        """A stick was put in: have it read. Pulled: forget it."""
        self._stick = moved.root
        if moved.root is not None:
            self._ask_sync()

    def _ask_sync(self) -> str:
        """Have sync read the stick; why not, where that cannot be."""
        if self._stick is None:
            return "there is no stick in the box, and this firmware has no other source yet"
        if self.parts.post is not None:
            self.parts.post.send(self.parts.clock.moment())
        return self._request(SyncRequest(source="stick", root=str(self._stick)))

    def _expand(self) -> str:
        """Have sync work out the table anew, and read the stick on the way if there is one."""
        if self._stick is not None:
            return self._ask_sync()
        return self._request(SyncRequest(source="timer", root=""))

    def _request(self, request: SyncRequest) -> str:
        try:
            write_durably(self._folders.sync_request, msgspec.json.encode(request))
        except OSError as error:
            return f"sync cannot be asked: {error}"
        return ""

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
        self.queue.put(PlayerLost() if telling is None else PlayerSays(telling))

    def _stick_moved(self, root: Path | None) -> None:
        self.queue.put(StickMoved(root))

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
            core.close(clock.moment())
            return
        if isinstance(event, StickMoved):
            box.stick(event)
        if event is not None:
            core.handle(event, clock.moment())
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
