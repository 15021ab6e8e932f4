"""Playout: makes the screen follow a session, and writes down what was really shown.

It owns the running `Show`. Core calls it on every event; it asks the rules, asks the player and tells the journal.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from msgspec.structs import replace

from estation_box.clock.moment import Moment
from estation_box.playout import checkpoint, rules, telling
from estation_box.playout import show as shows
from estation_box.playout.interfaces import PlayerLink, Witness
from estation_box.playout.player_words import Answer, Prepare, Renew, Rest, Start, State
from estation_box.playout.player_words import Phase as PlayerPhase
from estation_box.playout.rules import Event, Phase
from estation_box.playout.show import Show
from estation_box.television.interfaces import Television
from estation_wire.records import ClipShown, EndReason, Fault, Recovered, SessionEnded, SessionStarted
from estation_wire.values import Tv

log = logging.getLogger(__name__)


class Playout:
    """One session at a time: announced, counted down, prepared, played, told."""

    def __init__(self, player: PlayerLink, journal: Witness, television: Television) -> None:
        self._player = player
        self._journal = journal
        self._television = television
        self.phase = Phase.RESTING
        self.show: Show | None = None
        self.start_at: datetime | None = None
        self._player_id = ""
        self._awaited: tuple[int, float] | None = None
        self._checkpointed = 0.0
        self._stalled_since: float | None = None
        self._moves_since: float | None = None
        self.doubted: list[str] = []  # films that broke off, until somebody takes them up

    @property
    def idle(self) -> bool:
        """Nothing runs and nothing is announced."""
        return self.phase is Phase.RESTING

    @property
    def on_screen(self) -> bool:
        """A session has begun and is not over."""
        return self.phase in {Phase.PLAYING, Phase.REPAIRING}

    def announce(self, show: Show, start: datetime) -> None:
        """A planned session is near: the countdown begins. Ignored unless idle."""
        if self._enter(Event.ANNOUNCED):
            self.show, self.start_at = show, start

    def withdraw(self) -> None:
        """The announced session is no more in the programme."""
        if self._enter(Event.WITHDRAWN):
            self._player.ask(Rest)
            self.show = self.start_at = None

    def play(self, show: Show, moment: Moment) -> bool:
        """Play ``show`` now; False where a session is already on the screen."""
        if self.on_screen:
            return False
        self.withdraw()
        self.show, self.start_at = show, moment.at
        self._begin(moment)
        return True

    def stop(self, reason: EndReason, moment: Moment) -> bool:
        """End the session on the screen; False where there is none."""
        if not self.on_screen:
            return False
        self._player.ask(Rest)
        self._finish(reason, moment)
        return True

    def interrupt(self, moment: Moment) -> Show | None:
        """Something more important comes: what is left of the session, to be played afterwards; None where nothing is.

        An announced session is withdrawn, and announced again by whoever planned it.
        """
        self.withdraw()
        show = self.show
        if show is None or not self.on_screen:
            return None
        rest = shows.next_part(shows.cut_short(show))
        self._player.ask(Rest)
        self._finish("bulletin", moment)
        return rest

    def recall(self, contents: frozenset[str], moment: Moment) -> bool:
        """These must not be shown any more: a session on the screen goes on with its next item, or ends.

        Whether an announced session holds one of them: it must be made anew.
        """
        show = self.show
        if show is None or not contents.intersection(clip.content for clip in show.clips if clip.end is None):
            return False
        if not self.on_screen:
            return True
        self.show = shows.without(show, contents, shows.RECALLED)
        self._tell_clips(show, self.show, moment)
        if self.show.current is None:
            self._player.ask(Rest)
        self._take_up(moment)
        return False

    def revise(self, show: Show) -> None:
        """More is known of who came to this session; ignored where it does not run any more."""
        if self.show is not None and self.show.session == show.session:
            self.show = show

    def tick(self, moment: Moment) -> None:
        """Let time pass: prepare, start, checkpoint."""
        if self.start_at is not None and self.phase in {Phase.COUNTDOWN, Phase.PREPARED}:
            near = moment.at >= self.start_at - rules.PREPARE_BEFORE
            if moment.at >= self.start_at:
                self._begin(moment)
            elif self.phase is Phase.COUNTDOWN and near and self._ask_prepare(moment):
                self._enter(Event.PREPARE)
        if self.phase is Phase.PLAYING and moment.up - self._checkpointed >= rules.CHECKPOINT_SECONDS:
            self._checkpoint(moment)

    def wakes_in(self, moment: Moment) -> timedelta | None:
        """How long until `tick` has something to do at an exact instant, if it has."""
        if self.start_at is None or self.phase not in {Phase.COUNTDOWN, Phase.PREPARED}:
            return None
        due = self.start_at if self.phase is Phase.PREPARED else self.start_at - rules.PREPARE_BEFORE
        return max(due - moment.at, timedelta(0))

    def adopt(self, show: Show, moment: Moment, *, started: bool) -> None:
        """Take up the session that ran before this core began; the player's next word decides how."""
        self.show, self.phase, self.start_at = show, Phase.REPAIRING, None
        if not started:
            self._journal.append(moment, SessionStarted, **telling.started_fields(show))

    def close(self, show: Show, moment: Moment, *, started: bool) -> None:
        """Write down the end of a session that a power cut ended; nothing of it is on the screen."""
        self.adopt(show, moment, started=started)
        self._finish("power", moment)

    def gone(self, moment: Moment) -> None:
        """The player is not there any more."""
        self._awaited = None
        if self.phase is Phase.PLAYING:
            self._checkpoint(moment)
        self._enter(Event.PLAYER_GONE)

    def answered(self, answer: Answer, moment: Moment) -> None:
        """The player answered a request."""
        if self._awaited is None or answer.n != self._awaited[0]:
            return
        self._awaited = None
        if not answer.ok and self.on_screen and self.show is not None:
            log.warning("the player refused: %s", answer.error)
            self._give_up_clip(answer.error, moment)

    def told(self, state: State, moment: Moment) -> None:
        """The player told its state."""
        self._player_id = state.player
        show = self.show
        if show is None or not self.on_screen:
            return
        if self._awaited is not None and moment.up - self._awaited[1] < rules.ANSWER_WITHIN:
            return
        if state.session != show.session:
            self._take_up(moment)
            return
        self.phase = rules.follow(self.phase, Event.PLAYER_BACK) or self.phase
        self._absorb(show, state, moment)
        if state.phase is PlayerPhase.ENDED:
            self._player.ask(Rest)
            self._finish("completed", moment)
        elif state.phase is PlayerPhase.PREPARED:
            self._ask_start(moment)
        elif state.phase is PlayerPhase.CARD:
            self._take_up(moment)
        else:
            self._watch(state, moment)

    def _enter(self, event: Event) -> bool:
        phase = rules.follow(self.phase, event)
        if phase is None:
            return False
        log.info("%s: %s -> %s", event.value, self.phase.value, phase.value)
        self.phase = phase
        return True

    def _begin(self, moment: Moment) -> None:
        show = self.show
        if show is None:
            return
        prepared = self.phase is Phase.PREPARED
        self._enter(Event.DUE)
        self.show = show = replace(show, began=moment, tv=self._television.evidence())
        if prepared:
            self._ask_start(moment)  # first the picture, then the paper
        self._checkpoint(moment)  # before the record: a kill between the two must not lose the session
        self._journal.append(moment, SessionStarted, **telling.started_fields(show))
        if not show.clips:
            self._finish("missing", moment)
        elif not prepared:
            self._take_up(moment)

    def _take_up(self, moment: Moment) -> None:
        """The player does not hold our session: give it what is left and let it run."""
        if self.show is None:
            return
        self.show = shows.carried_over(self.show)
        if self.show.current is None:
            self._finish("completed", moment)
        elif self._ask_prepare(moment):
            self._ask_start(moment)
            self._enter(Event.PLAYER_BACK)
        else:
            self._enter(Event.PLAYER_GONE)

    def _ask_prepare(self, moment: Moment) -> bool:
        show = self.show
        if show is None or show.current is None:
            return False
        number = self._player.ask(Prepare, session=show.session, entries=shows.entries(show))
        self._awaited = (number, moment.up) if number else None
        return number > 0

    def _ask_start(self, moment: Moment) -> None:
        if self.show is not None:
            number = self._player.ask(Start, session=self.show.session)
            self._awaited = (number, moment.up) if number else None

    def _absorb(self, show: Show, state: State, moment: Moment) -> None:
        after = shows.absorb(show, state)
        tv = Tv.OFF if after.tv is Tv.OFF else self._television.evidence()
        self.show = replace(after, tv=tv)
        self._tell_clips(show, self.show, moment)

    def _tell_clips(self, before: Show, after: Show, moment: Moment) -> None:
        for clip in shows.newly_ended(before, after):
            self.doubted += [clip.content] if clip.doubtful else []
            self._journal.append(moment, ClipShown, **telling.clip_fields(after, clip))
            self._checkpoint(moment)

    def _watch(self, state: State, moment: Moment) -> None:
        """The first rung of the ladder: the same clip again at its position, the next clip, another player."""
        show = self.show
        if show is None or state.still_for < rules.STALLED_SECONDS:
            if show is not None and rules.moves(state):
                self._moves(show, moment)
            return
        self._stalled_since, self._moves_since = self._stalled_since or moment.up - state.still_for, None
        if show.repairs == len(rules.REPAIRS):
            return  # core's own promise is broken soon
        self._journal.append(moment, Fault, what="picture-still", detail=rules.REPAIRS[show.repairs], rung=1)
        self.show = replace(show, repairs=show.repairs + 1)
        if show.repairs == 0:
            self._take_up(moment)
        elif show.repairs == 1:
            self._give_up_clip("the picture stood still", moment)
        else:
            self._player.ask(Renew)

    def _moves(self, show: Show, moment: Moment) -> None:
        """A recovery is written down at once; a minute later the ladder begins at its foot again."""
        if self._stalled_since is not None:
            after = round(max(moment.up - self._stalled_since, 0.0), 1)
            self._journal.append(moment, Recovered, what="picture-still", after=after, rung=1)
        self._stalled_since = None
        self._moves_since = self._moves_since or moment.up
        if show.repairs and moment.up - self._moves_since >= rules.WELL_AFTER_SECONDS:
            self.show = replace(show, repairs=0)

    def _give_up_clip(self, reason: str, moment: Moment) -> None:
        before = self.show
        if before is None:
            return
        self.show = shows.given_up(before, reason)
        self._tell_clips(before, self.show, moment)
        self._take_up(moment)

    def _finish(self, reason: EndReason, moment: Moment) -> None:
        show = self.show
        if show is None:
            return
        after = shows.cut_short(show)
        self._tell_clips(show, after, moment)
        self._journal.append(moment, SessionEnded, **telling.ended_fields(after, reason))
        self._journal.checkpoint(b"")
        self.phase, self.show, self.start_at, self._awaited = Phase.RESTING, None, None, None
        self._stalled_since = self._moves_since = None

    def _checkpoint(self, moment: Moment) -> None:
        if self.show is not None and self.show.began is not None:
            self._checkpointed = moment.up
            self._journal.checkpoint(checkpoint.encode(self.show, moment, self._player_id))
