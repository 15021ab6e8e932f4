"""Core, event by event: hand each to the room that it is for, and let time pass.

`Core` has no thread and reads no clock: the unit's main loop, the tests and the simulated day drive it alike.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec

from estation_box.apps.core_answers import answer
from estation_box.apps.core_doubts import Doubts
from estation_box.apps.core_face import Face
from estation_box.apps.core_hands import Felt, Hands, by_hand
from estation_box.apps.core_health import CARD_MOVED, CARD_ROTS, Lacking, health
from estation_box.apps.core_naming import Naming
from estation_box.apps.core_parts import Parts
from estation_box.apps.core_stops import Stops
from estation_box.apps.core_taking_up import take_up
from estation_box.apps.events import KeyPressed, PictureTaken, PlayerLost, PlayerSays, Pressed, StickMoved, SyncSays
from estation_box.clock.days import DayEnded, DayFacts
from estation_box.clock.moment import Moment
from estation_box.clock.service import ClockStep
from estation_box.guarding.light import Shine
from estation_box.guarding.rules import Promise
from estation_box.library.sync_words import Ask, Progress, Synced
from estation_box.playout.checkpoint import Rest
from estation_box.playout.player_words import Answer, Chime, State
from estation_box.playout.player_words import Phase as PlayerPhase
from estation_box.programme.courtesy import Press
from estation_box.remote.keys import Key
from estation_box.reporting.interfaces import LinkEvent
from estation_box.reporting.service import CommandHeard, Reporter, TimeHeard, WeekHeard
from estation_wire.messages import Health
from estation_wire.profile import Profile
from estation_wire.records import Boot, ClockSet, Day, Fault, LibraryChanged, Provisioned, StickSeen
from estation_wire.values import Tv

PLAYER_SETTLES_SECONDS: Final = 3.0  # how long an interrupted session waits for a player at boot before it is shown
log = logging.getLogger(__name__)


class Core:
    """The box's head. Call `begin` once, `handle` with every event, `tick` whenever `wakes_in` is over."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rooms = parts.rooms
        self._naming = Naming(parts.desk, parts.commands.read_stick)
        self._stops = Stops(parts.rooms)
        self._hands = Hands(parts, self._naming, self._stops, stepped=self._stepped, set_clock=self.set_clock)
        self._lacking = Lacking()
        self._face = Face(parts, self._naming, self._stops, self._hands, self._lacking)
        self._profile: Profile | None = None
        self._reporter: Reporter | None = None
        self._resumed: Rest | None = None
        self._player_there = False
        self._moved = False
        self.renewed = False
        """Another profile or certificate came than the one reported under: this core shall make way for the next."""
        self._promise = Promise(parts.clock.moment().up)
        self._doubts = Doubts(parts.rooms.playout, parts.check)

    def begin(self, moment: Moment) -> None:
        """Take up what was there before: the profile, the journal's memory, an interrupted session."""
        parts = self._parts
        records = parts.journal.recent()
        self._rooms.ledger.remember(records)
        known = any(record.boot == moment.boot for record in records)
        if parts.ladder is not None:
            parts.ladder.begin(moment, self._rooms.diary, parts.firmware, known=known)
        elif not known:
            self._rooms.diary.append(moment, Boot, why="unknown", firmware=parts.firmware)
        if known:
            self._rooms.starts.took_over(moment)
        self._day_over(parts.power.begin(moment), moment)
        self._naming.begin()
        self._provision()
        if self._profile is None:
            parts.journal.checkpoint(b"")  # a box that is nobody (any more) owes nobody the rest of a session
        else:
            self._resumed = take_up(parts.journal, self._rooms.playout, moment)

    def handle(self, event: Any, moment: Moment) -> None:
        """One event from the queue."""
        if isinstance(event, PlayerSays):
            self._player_says(event.telling, moment)
        elif isinstance(event, PlayerLost):
            if self._player_there and self._parts.ladder is not None and not event.in_order:
                self._parts.ladder.player_lost(moment, self._rooms.diary)
            self._player_there = False
            self._rooms.playout.gone(moment)
        elif isinstance(event, SyncSays):
            self._sync_says(event, moment)
        elif isinstance(event, StickMoved) and event.root is None:
            self._face.stick_pulled()
            self._naming.pulled()
        elif isinstance(event, Felt):
            self._felt(event, moment)
        elif isinstance(event, PictureTaken):
            if self._reporter is not None:
                self._parts.commands.told(event, self._reporter)
        elif isinstance(event, LinkEvent) and self._reporter is not None:
            self._reported(event, moment, self._reporter)
        self._face.show(moment)

    def tick(self, moment: Moment) -> None:
        """Let time pass: at least once a second, and at the instants that `wakes_in` names."""
        parts, rooms = self._parts, self._rooms
        if rooms.playout.idle and self._resumed is not None and self._player_there:
            resumed, self._resumed = self._resumed, None
            rooms.starts.resume(resumed, moment)
        self._day_over(parts.power.tend(moment, self._facts()), moment)
        if self._resumed is None:
            rooms.starts.tick(moment, parts.power.since_power_up(moment))
        self._hands.tick(moment)
        rooms.playout.tick(moment)
        self._doubts.tick()
        parts.journal.tend(moment)
        self._stepped(parts.clock.tend(moment))
        if self._reporter is not None:
            self._reporter.tick(moment, self.health(moment))
        if parts.ladder is not None:
            parts.ladder.tick(moment, self._promise.health(moment.up), rooms.playout, rooms.diary)
        self._face.show(moment)

    @property
    def light(self) -> Shine | None:
        """What the status light says; None before the first look."""
        return self._face.light

    def press(self, press: Press, moment: Moment) -> StrEnum | None:
        """Somebody pressed the button; what was done about it."""
        return self._felt(Pressed(press), moment)

    def key(self, key: Key, moment: Moment) -> StrEnum | None:
        """Somebody pressed a key of a remote; what was done about it."""
        return self._felt(KeyPressed(key), moment)

    def _felt(self, event: Felt, moment: Moment) -> StrEnum | None:
        if by_hand(event):
            self._face.wake(moment)
        act = self._hands.felt(event, moment)
        self._face.show(moment)
        return act

    def set_clock(self, instant: datetime, moment: Moment) -> str:
        """The keeper sets the clock; why not, where that cannot be."""
        result = self._parts.clock.set_by_hand(instant, moment)
        if isinstance(result, ClockStep):
            self._stepped(result)
            return ""
        return str(result)

    def healthy(self, moment: Moment) -> bool:
        """Whether PID 1 may be told that core lives: its promise holds, or is being repaired within its budget."""
        self._promise.seen(moment.up, on_screen=self._rooms.playout.on_screen, moving=False)
        ladder = self._parts.ladder
        return self._promise.holds(moment.up) or (ladder is not None and ladder.paused)

    def wakes_in(self, moment: Moment) -> timedelta:
        """How long the loop may sleep."""
        return min(each for each in (self._rooms.playout.wakes_in(moment), timedelta(seconds=1)) if each is not None)

    def close(self, moment: Moment, *, halting: bool = False) -> None:
        """Core is being stopped, perhaps with the box: the session goes on in the player, its checkpoint is fresh."""
        if self._parts.ladder is not None:
            self._parts.ladder.close(moment, halting=halting)
        self._hands.phone.close()
        self._rooms.playout.gone(moment)
        self._parts.clock.save(moment)
        self._parts.power.save(moment)
        self._parts.journal.close()

    def _provision(self) -> None:
        """Read the profile again, and report under it as soon as there is a certificate."""
        profile = self._parts.load_profile()
        if profile is None:
            self.renewed |= self._profile is not None  # retired: the next core is a bare box
            self._meet(self._parts.stranger())
            return
        self._profile = profile
        self._rooms.programme.provisioned(profile)
        self._rooms.sessions.provisioned(profile)
        self._hands.provisioned(profile)
        self._face.provisioned(profile)
        self._stops.provisioned(profile, self._parts.journal.recent())
        if self._reporter is None:
            self._reporter = self._parts.start_reporting(profile)

    def _meet(self, stranger: Profile | None) -> None:
        """The card was made for another box: it plays nothing under that name, but the centre is told of it."""
        if stranger is None or self._reporter is not None:
            return
        self._moved = True
        self._face.moved(stranger)
        self._reporter = self._parts.start_reporting(stranger)
        detail = f"this card was made for another box, as {stranger.station}: provision it anew"
        self._rooms.diary.append(self._parts.clock.moment(), Fault, what=CARD_MOVED, detail=detail)

    def _facts(self) -> DayFacts:
        """What may be known of this machine now, for the day's sum."""
        on = {Tv.ON: True, Tv.OFF: False}.get(self._parts.television.evidence())
        return DayFacts(temperature_celsius=self._parts.celsius(), tv_on=on)

    def _day_over(self, ended: DayEnded | None, moment: Moment) -> None:
        if ended is not None:
            self._stops.day_over()
            self._rooms.diary.append(moment, Day, **msgspec.structs.asdict(ended))

    def _player_says(self, telling: Answer | State, moment: Moment) -> None:
        if isinstance(telling, Answer):
            self._parts.commands.captured(telling)
            self._rooms.playout.answered(telling, moment)
            return
        if not self._player_there:
            self._player_there = True
            self._face.forget()
            if self._profile is None:
                self._parts.player.ask(Chime)  # the welcome of a bare box is heard, too
            if self._parts.ladder is not None:
                self._parts.ladder.player_back(moment, self._rooms.diary)
        self._lacking.told(telling.lacks, moment, self._rooms.diary)
        self._rooms.playout.told(telling, moment)
        self._rooms.interlude.told(telling, moment)
        moving = telling.phase is PlayerPhase.PLAYING and telling.still_for == 0.0
        self._promise.seen(moment.up, on_screen=self._rooms.playout.on_screen, moving=moving)

    def _sync_says(self, event: SyncSays, moment: Moment) -> None:
        word = event.word
        if isinstance(word, Progress):
            self._face.progress(word)
        elif isinstance(word, Ask):
            event.answer(msgspec.json.encode(answer(self, self._rooms, word, moment)))
        elif isinstance(word, Synced):
            self._synced(word, moment)

    def _synced(self, word: Synced, moment: Moment) -> None:
        """Sync is over: what it brought, what it found."""
        if word.source == "stick":
            self._stick_read(word, moment)
        self._face.synced(word, moment)
        self._signed(word, moment)
        if word.provisioned or word.certified or self._profile is None:
            self.renewed = self._reporter is not None
            self._provision()
        if word.provisioned and self._parts.load_profile() is not None and self._profile is not None:
            self._rooms.diary.append(moment, Provisioned, station=self._profile.station, epoch=self._profile.epoch)
        if word.rotten:
            self._rooms.diary.append(moment, Fault, what=CARD_ROTS, detail=word.reasons[0] if word.reasons else "")
        if word.changed:
            self._hands.remote.changed()
            self._rooms.programme.changed()
            self._rooms.starts.recall(self._parts.library.recalled(), moment)
        if word.changed and word.source != "timer":  # the timer expands the rules anew: the library is the same
            self._rooms.diary.append(
                moment, LibraryChanged, catalogue=word.catalogue, programme=word.programme, source=word.source
            )

    def _stick_read(self, word: Synced, moment: Moment) -> None:
        self._naming.synced(moment)
        if self._parts.post is not None:
            self._parts.post.collect()
        self._rooms.diary.append(moment, StickSeen, taken=word.taken, refused=word.refused, reasons=word.reasons)

    def _signed(self, word: Synced, moment: Moment) -> None:
        """What was signed is not in the future; a stick's time the keeper may believe with one press."""
        if word.signed is None:
            return
        if word.source == "stick":
            self._parts.clock.offer(word.signed, moment)
        else:
            self._parts.clock.seen_signed(word.signed, moment)

    def _reported(self, event: LinkEvent, moment: Moment, reporter: Reporter) -> None:
        for heard in reporter.handle(event, moment):
            if isinstance(heard, CommandHeard):
                self._parts.commands.follow(heard.command, moment, reporter)
            elif isinstance(heard, TimeHeard):
                self._stepped(self._parts.clock.heard_network(heard.time, moment))
            elif isinstance(heard, WeekHeard):
                self._rooms.ledger.heard(heard.week)

    def _stepped(self, step: ClockStep | None) -> None:
        """Truth arrived: write it down, so that box and centre date the earlier records of this boot again."""
        if step is not None:
            self._rooms.diary.append(step.now, ClockSet, was=step.was, source=step.source)
            self._rooms.starts.stepped(step.now.at - step.was)
            refusal = self._parts.expand()
            if refusal:
                log.warning("the table was made for another time, and is not made anew: %s", refusal)

    def health(self, moment: Moment) -> Health:
        """What the centre, and whoever asks, may know of this box now."""
        return health(self._parts, moment, CARD_MOVED if self._moved else self._lacking.fault)
