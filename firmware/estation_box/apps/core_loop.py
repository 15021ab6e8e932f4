"""Core, event by event: hand each to the room that it is for, and let time pass.

`Core` has no thread and reads no clock: the unit's main loop, the tests and the simulated day drive it alike.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Final

import msgspec

from estation_box.apps.core_face import Face
from estation_box.apps.core_parts import Parts
from estation_box.apps.events import PictureTaken, PlayerLost, PlayerSays, StickMoved, SyncSays
from estation_box.clock.moment import Moment
from estation_box.clock.service import ClockStep
from estation_box.guarding.rules import Promise
from estation_box.library.sync_words import Ask, Progress, Synced
from estation_box.playout import checkpoint
from estation_box.playout.player_words import Answer, State
from estation_box.playout.player_words import Phase as PlayerPhase
from estation_box.playout.show import Show
from estation_box.reporting.interfaces import LinkEvent
from estation_box.reporting.service import CommandHeard, Reporter, TimeHeard
from estation_wire.messages import Health, Playing
from estation_wire.profile import Profile
from estation_wire.records import Boot, ClockSet, LibraryChanged, Provisioned, StickSeen
from estation_wire.values import CONTRACT_MAJOR

PLAYER_SETTLES_SECONDS: Final = 3.0  # how long an interrupted session waits for a player at boot before it is shown
log = logging.getLogger(__name__)


class Core:
    """The box's head. Call `begin` once, `handle` with every event, `tick` whenever `wakes_in` is over."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._face = Face(parts)
        self._profile: Profile | None = None
        self._reporter: Reporter | None = None
        self._resumed: Show | None = None
        self._player_there = False
        self.renewed = False
        """Another profile or certificate came than the one reported under: this core shall make way for the next."""
        self._promise = Promise(parts.clock.moment().up)

    def begin(self, moment: Moment) -> None:
        """Take up what was there before: the profile, the journal's memory, an interrupted session."""
        parts = self._parts
        records = parts.journal.recent()
        parts.programme.remember(records)
        parts.week.remember(records)
        if not any(record.boot == moment.boot for record in records):
            parts.journal.append(moment, Boot, why="unknown", firmware=parts.firmware)
        self._provision()
        self._take_up(moment)

    def _take_up(self, moment: Moment) -> None:
        """The session that a kill or a power cut interrupted goes on, or is written down as ended."""
        parts = self._parts
        left = checkpoint.decode(parts.journal.unfinished())
        if left is None:
            return
        known = checkpoint.reconcile(left.show, parts.journal.recent())
        if known.ended:
            parts.journal.checkpoint(b"")
        elif left.saved.boot == moment.boot:
            log.info("core was restarted in a session: it goes on")
            parts.playout.adopt(known.show, moment, started=known.started)
        else:
            parts.playout.close(known.show, moment, started=known.started)
            self._resumed = checkpoint.resumable(known.show, left.saved, moment)

    def handle(self, event: Any, moment: Moment) -> None:
        """One event from the queue."""
        if isinstance(event, PlayerSays):
            self._player_says(event.telling, moment)
        elif isinstance(event, PlayerLost):
            self._player_there = False
            self._parts.playout.gone(moment)
        elif isinstance(event, SyncSays):
            self._sync_says(event, moment)
        elif isinstance(event, StickMoved) and event.root is None:
            self._face.stick_pulled()
        elif isinstance(event, PictureTaken):
            if self._reporter is not None:
                self._parts.commands.told(event, self._reporter)
        elif isinstance(event, LinkEvent) and self._reporter is not None:
            self._reported(event, moment, self._reporter)
        self._face.show(moment)

    def tick(self, moment: Moment) -> None:
        """Let time pass: at least once a second, and at the instants that `wakes_in` names."""
        parts = self._parts
        if parts.playout.idle and self._resumed is not None and self._player_there:
            resumed, self._resumed = self._resumed, None
            parts.playout.play(resumed, moment)
        self._announce(moment)
        before = parts.playout.show
        parts.playout.tick(moment)
        if before is not None and (parts.playout.on_screen or parts.playout.show is None):
            parts.programme.begun(before)  # also where it was over at once, for want of films
        parts.journal.tend(moment)
        self._stepped(parts.clock.tend(moment))
        if self._reporter is not None:
            self._reporter.tick(moment, self._health(moment))
        self._face.show(moment)

    def healthy(self, moment: Moment) -> bool:
        """Whether PID 1 may be told that core lives: its promise holds, or is being repaired within its budget."""
        self._promise.seen(moment.up, on_screen=self._parts.playout.on_screen, moving=False)
        return self._promise.holds(moment.up)

    def wakes_in(self, moment: Moment) -> timedelta:
        """How long the loop may sleep."""
        exact = self._parts.playout.wakes_in(moment)
        return min(exact, timedelta(seconds=1)) if exact is not None else timedelta(seconds=1)

    def close(self, moment: Moment) -> None:
        """Core is being stopped: the session goes on in the player, its checkpoint is fresh."""
        self._parts.playout.gone(moment)
        self._parts.clock.save(moment)
        self._parts.journal.close()

    def _provision(self) -> None:
        """Read the profile again, and report under it as soon as there is a certificate."""
        profile = self._parts.load_profile()
        if profile is None:
            return
        self._profile = profile
        self._parts.programme.provisioned(profile)
        self._face.provisioned(profile)
        if self._reporter is None:
            self._reporter = self._parts.start_reporting(profile)

    def _announce(self, moment: Moment) -> None:
        """Begin the countdown of the next planned session when it is near; drop one that is no more planned."""
        playout, profile = self._parts.playout, self._profile
        slot = self._parts.programme.next(moment).slot
        if profile is None or playout.on_screen:
            return
        if not playout.idle:
            show = playout.show
            if show is not None and (slot is None or (slot.rule, slot.start) != (show.rule, show.planned)):
                playout.withdraw()
            return
        if slot is not None and moment.at >= slot.start - timedelta(seconds=profile.countdown_seconds):
            playout.announce(self._parts.programme.show_of(slot), slot.start)

    def _player_says(self, telling: Answer | State, moment: Moment) -> None:
        if isinstance(telling, Answer):
            self._parts.commands.captured(telling)
            self._parts.playout.answered(telling, moment)
            return
        if not self._player_there:
            self._player_there = True
            self._face.forget()
        self._parts.playout.told(telling, moment)
        moving = telling.phase is PlayerPhase.PLAYING and telling.still_for == 0.0
        self._promise.seen(moment.up, on_screen=self._parts.playout.on_screen, moving=moving)

    def _sync_says(self, event: SyncSays, moment: Moment) -> None:
        word, parts = event.word, self._parts
        if isinstance(word, Progress):
            self._face.progress(word)
        elif isinstance(word, Ask):
            event.answer(self._answer(word, moment))
        elif isinstance(word, Synced):
            self._face.synced(word, moment)
            if word.source == "stick":
                parts.journal.append(moment, StickSeen, taken=word.taken, refused=word.refused, reasons=word.reasons)
            if word.provisioned or word.certified or self._profile is None:
                self.renewed = self._reporter is not None
                self._provision()
            if word.provisioned and self._profile is not None:
                parts.journal.append(moment, Provisioned, station=self._profile.station, epoch=self._profile.epoch)
            if word.changed:
                parts.programme.changed()
            if word.changed and word.source != "timer":  # the timer expands the rules anew: the library is the same
                parts.journal.append(
                    moment, LibraryChanged, catalogue=word.catalogue, programme=word.programme, source=word.source
                )

    def _reported(self, event: LinkEvent, moment: Moment, reporter: Reporter) -> None:
        for heard in reporter.handle(event, moment):
            if isinstance(heard, CommandHeard):
                self._parts.commands.follow(heard.command, moment, reporter)
            elif isinstance(heard, TimeHeard):
                self._stepped(self._parts.clock.heard_network(heard.time, moment))

    def _stepped(self, step: ClockStep | None) -> None:
        """Truth arrived: write it down, so that the centre dates the earlier records of this boot again."""
        if step is not None:
            self._parts.journal.append(step.now, ClockSet, was=step.was, source=step.source)
            self._parts.programme.changed()

    def _health(self, moment: Moment) -> Health:
        parts, show = self._parts, self._parts.playout.show
        catalogue, programme = parts.library.versions()
        slot = parts.programme.next(moment).slot
        playing = None
        if show is not None and parts.playout.on_screen:
            clip = show.current
            playing = Playing(
                session=show.session,
                content=clip.content if clip else None,
                title=clip.title if clip else "",
                position=round(clip.position, 1) if clip else 0.0,
            )
        return Health(
            v=CONTRACT_MAJOR,
            at=moment.at,
            trust=moment.trust,
            boot=moment.boot,
            up=round(moment.up, 1),
            undelivered=parts.journal.undelivered(),
            tv=parts.television.evidence(),
            catalogue=catalogue,
            programme=programme,
            disk_free_bytes=parts.free_bytes(),
            playing=playing,
            next_session=slot.start if slot else None,
            fault=str(parts.journal.trouble) if parts.journal.trouble else None,
        )

    def _answer(self, ask: Ask, moment: Moment) -> bytes:
        plan = self._parts.programme.next(moment)
        if ask.question == "why":
            return msgspec.json.encode({"why": plan.why, "phase": self._parts.playout.phase})
        return msgspec.json.encode({"phase": self._parts.playout.phase, "health": self._health(moment)})
