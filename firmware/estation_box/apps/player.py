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
from typing import Final

import msgspec

from estation_box import settings
from estation_box.drivers import display, fonts
from estation_box.drivers.hanging import Hanging
from estation_box.drivers.mpv import Mpv
from estation_box.drivers.sound_cards import sound_cards
from estation_box.drivers.systemd import Notifier
from estation_box.drivers.unix_socket import Heard, Joined, Left, Line, Peer, Server, SocketError
from estation_box.playout import cards, leads
from estation_box.playout.engine import EngineError, Happening
from estation_box.playout.frame import frame
from estation_box.playout.leads import ANY_DEVICE, Lack, Sound
from estation_box.playout.nightly import Nightly
from estation_box.playout.player_words import (
    MAX_LINE_BYTES,
    TELL_EVERY_SECONDS,
    Answer,
    Phase,
    Renew,
    State,
    decode_request,
)
from estation_box.playout.screen import EngineGoneError, Screen

FEED_SECONDS: Final = 0.25  # a hang is noticed within WatchdogSec, not half of it sooner or later
QUEUE_LENGTH: Final = 1000  # a list of 100 broken files makes 200 happenings at once
LOOK_SECONDS: Final = 5.0
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


class Leads:
    """Sends the sound to the lead that `box.toml` names, as soon as the kernel has its card; and knows what lacks."""

    def __init__(
        self,
        lead: settings.Lead,
        send: Callable[[str], None] | None,
        lack: Lack | None = None,
        cards: Callable[[], tuple[str, ...]] = sound_cards,
    ) -> None:
        """``send`` takes the sound to a device; None where it does not go to ALSA. ``lack``: what the picture lacks."""
        self._lead = lead
        self._send = send
        self._picture = lack
        self._cards = cards
        self._sound = Sound(ANY_DEVICE)
        self._looked = float("-inf")

    def look(self, now: float) -> None:
        """Look at the kernel's cards, now and then: a driver may come later than the player."""
        if self._send is None or now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        found = leads.sound(self._lead, self._cards())
        if found != self._sound:
            log.info("the sound goes to %s%s", found.device, f"; lacking: {found.lack}" if found.lack else "")
            if found.device != self._sound.device:
                self._send(found.device)
            self._sound = found

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """What is asked for and not there."""
        return tuple(each for each in (self._picture, self._sound.lack) if each is not None)


class Player:
    """The loop: one event at a time, and a sample of the screen five times a second."""

    def __init__(
        self,
        screen: Screen,
        inbox: Inbox,
        server: Server,
        notifier: Notifier,
        *,
        makes_way: MakesWay,
        outlets: Leads,
    ) -> None:
        self._screen = screen
        self._inbox = inbox
        self._server = server
        self._notifier = notifier
        self._told_phase: Phase | None = None
        self._fed = 0.0
        self._makes_way = makes_way
        self._leads = outlets

    def run(self) -> None:
        """Until SIGTERM, or the night; raises `EngineError` or `EngineGoneError` where only a new process helps."""
        due = time.monotonic()
        while not self._inbox.leaving:
            now = time.monotonic()
            if now >= due:
                self._screen.tick()
                self._leads.look(now)
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
            event.peer.send(msgspec.json.encode(self._state()))
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
        state = self._state(leaving=leaving)
        self._server.tell_all(msgspec.json.encode(state))
        if state.phase is not self._told_phase:
            self._told_phase = state.phase
            self._notifier.status(f"{state.phase.value} {state.session or ''}")

    def _state(self, *, leaving: bool = False) -> State:
        state = self._screen.state(time.monotonic())
        return msgspec.structs.replace(state, leaving=leaving, lacks=self._leads.lacks)

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
        known = settings.read(folders.configuration)
        fonts.pin(folders.runtime)
        _run(inbox, folders, known)
    except (settings.SettingsError, SocketError, EngineError, EngineGoneError, OSError) as error:
        print(f"estation-player: {error}", file=sys.stderr)
        return 1
    return 0


def _run(inbox: Inbox, folders: settings.Folders, known: settings.Settings) -> None:
    video, lead = known.video, known.tv
    plug, lack = leads.connector(lead, display.lit()) if video.output == "drm" else ("", None)
    shown = frame(lead.wide, lead.hidden)
    hanging = Hanging(folders.pictures, folders.runtime)
    opened = Mpv(video, inbox.happened, hanging, frame=shown, connector=plug)
    with Notifier(os.environ) as notifier, contextlib.closing(opened) as engine:
        screen = Screen(engine, engine, os.urandom(8).hex(), cards.station_card())
        with Server(folders.player_socket, inbox.heard, max_line=MAX_LINE_BYTES) as server:
            notifier.ready("the card is on the screen")
            nightly = Nightly(time.monotonic())
            Player(
                screen, inbox, server, notifier,
                makes_way=lambda phase, now: nightly.makes_way(phase, now, datetime.now().astimezone()),
                outlets=Leads(lead, engine.sound if video.audio == "alsa" else None, lack),
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
