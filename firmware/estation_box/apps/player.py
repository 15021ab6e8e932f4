"""``estation-player``: libmpv behind the Unix socket ``player.sock``, and nothing else. It outlives core.

One thread owns libmpv and decides; libmpv's and the socket's threads only queue. PID 1 hears WATCHDOG=1 only while
libmpv answers, so a hung one is killed and started again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from estation_box import settings
from estation_box.drivers import fonts
from estation_box.drivers.mpv import Mpv
from estation_box.drivers.systemd import Notifier
from estation_box.drivers.unix_socket import Heard, Joined, Left, Line, Peer, Server, SocketError
from estation_box.playout import cards
from estation_box.playout.engine import EngineError, Happening
from estation_box.playout.nightly import Nightly
from estation_box.playout.player_words import MAX_LINE_BYTES, TELL_EVERY_SECONDS, Answer, Phase, Renew, decode_request
from estation_box.playout.screen import EngineGoneError, Screen

FEED_SECONDS: Final = 0.25  # a hang is noticed within WatchdogSec, not half of it sooner or later
QUEUE_LENGTH: Final = 1000  # a list of 100 broken files makes 200 happenings at once
LEAVE_WITHIN: Final = 1.0  # seconds from SIGTERM to the end, also where libmpv hangs
log = logging.getLogger(__name__)


Event = Happening | Joined | Line
MakesWay = Callable[[Phase, float], bool]
"""Whether a player at this phase, at this second of the monotonic clock, leaves so that a new one comes."""


class Inbox:
    """The one bounded queue. Threads put events in, the loop takes them off."""

    def __init__(self) -> None:
        self._events: queue.Queue[Event] = queue.Queue(QUEUE_LENGTH)
        self.leaving = False
        self.overflowed = False

    def heard(self, heard: Heard) -> None:
        """From the socket: a client that asks faster than anything can be done is sent away."""
        if isinstance(heard, Left):
            return
        try:
            self._events.put_nowait(heard)
        except queue.Full:
            heard.peer.drop()

    def happened(self, happening: Happening) -> None:
        """From libmpv: a happening that is lost cannot be made up for; the process must begin again."""
        try:
            self._events.put_nowait(happening)
        except queue.Full:
            self.overflowed = True

    def take(self, within: float) -> Event | None:
        """The next event, or None after ``within`` seconds."""
        try:
            return self._events.get(timeout=max(within, 0.0))
        except queue.Empty:
            return None


class Player:
    """The loop: one event at a time, and a sample of the screen five times a second."""

    def __init__(
        self,
        screen: Screen,
        inbox: Inbox,
        server: Server,
        notifier: Notifier,
        makes_way: Callable[[Phase, float], bool],
    ) -> None:
        self._screen = screen
        self._inbox = inbox
        self._server = server
        self._notifier = notifier
        self._told_phase: Phase | None = None
        self._fed = 0.0
        self._makes_way = makes_way

    def run(self) -> None:
        """Until SIGTERM, or the night; raises `EngineError` or `EngineGoneError` where only a new process helps."""
        due = time.monotonic()
        while not self._inbox.leaving:
            now = time.monotonic()
            if now >= due:
                self._screen.tick()
                if self._makes_way(self._screen.state(now).phase, now):
                    self._tell(leaving=True)
                    return
                self._tell()
                self._feed(now)
                due = max(due + TELL_EVERY_SECONDS, now)
            event = self._inbox.take(due - time.monotonic())
            if self._inbox.overflowed:
                msg = "libmpv reports faster than this box can follow"
                raise EngineGoneError(msg)
            if event is not None:
                self._take(event)

    def _take(self, event: Event) -> None:
        if isinstance(event, Joined):
            event.peer.send(msgspec.json.encode(self._screen.state(time.monotonic())))
            return
        if isinstance(event, Line):
            self._answer(event.peer, event.line)
        else:
            self._screen.happened(event)
        self._tell()

    def _answer(self, peer: Peer, line: bytes) -> None:
        try:
            request = decode_request(line)
            if isinstance(request, Renew):
                msg = "core asks for another player: no clip moves in this one"
                raise EngineGoneError(msg)
            answer = self._screen.ask(request, time.monotonic())
        except ValueError as error:
            answer = Answer(n=0, ok=False, error=f"not a request: {error}")
        peer.send(msgspec.json.encode(answer))

    def _tell(self, *, leaving: bool = False) -> None:
        state = msgspec.structs.replace(self._screen.state(time.monotonic()), leaving=leaving)
        self._server.tell_all(msgspec.json.encode(state))
        if state.phase is not self._told_phase:
            self._told_phase = state.phase
            self._notifier.status(f"{state.phase.value} {state.session or ''}")

    def _feed(self, now: float) -> None:
        """Only after a sample: libmpv has answered."""
        if self._notifier.interval is not None and now - self._fed >= min(self._notifier.interval, FEED_SECONDS):
            self._fed = now
            self._notifier.alive()


def main() -> int:
    """Run the unit; 0 after SIGTERM, 1 with a plain word where it cannot go on."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    inbox = Inbox()
    _await_sigterm(inbox)
    try:
        folders = settings.folders(os.environ)
        video = settings.read(folders.configuration).video
        fonts.pin(folders.runtime)
        _run(inbox, folders.player_socket, video)
    except (settings.SettingsError, SocketError, EngineError, EngineGoneError, OSError) as error:
        print(f"estation-player: {error}", file=sys.stderr)
        return 1
    return 0


def _run(inbox: Inbox, path: Path, video: settings.Video) -> None:
    with Notifier(os.environ) as notifier, contextlib.closing(Mpv(video, inbox.happened)) as engine:
        screen = Screen(engine, engine, os.urandom(8).hex(), cards.station_card())
        with Server(path, inbox.heard, max_line=MAX_LINE_BYTES) as server:
            notifier.ready("the card is on the screen")
            nightly = Nightly(time.monotonic())
            Player(
                screen, inbox, server, notifier,
                lambda phase, now: nightly.makes_way(phase, now, datetime.now().astimezone()),
            ).run()  # fmt: skip
            notifier.stopping()


def _await_sigterm(inbox: Inbox) -> None:
    """A thread of its own takes SIGTERM: the main one may hang inside libmpv, and must leave in time all the same."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    def wait() -> None:
        signal.sigwait({signal.SIGTERM})
        inbox.leaving = True
        time.sleep(LEAVE_WITHIN)
        os._exit(1)

    threading.Thread(target=wait, name="sigterm", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
