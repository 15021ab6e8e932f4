"""What begins by itself, and what a press does about it: between the programme, which decides, and playout, which does.

Every automatic start has its whole countdown, whatever made it late, and may be put off until the last second.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from estation_box.clock.moment import Moment
from estation_box.playout.checkpoint import Rest, in_time, waiting
from estation_box.playout.interfaces import Witness
from estation_box.playout.interlude import Interlude
from estation_box.playout.service import Playout
from estation_box.playout.show import RECALLED, Show, without
from estation_box.playout.ticker import Ticker
from estation_box.programme.courtesy import LATER, SECOND_THOUGHT_SECONDS, Act, Press, Scene, meaning
from estation_box.programme.ledger import AUTOMATIC
from estation_box.programme.rules import Plan, Start
from estation_box.programme.service import Programme, Surroundings
from estation_box.programme.sessions import Sessions
from estation_box.television.interfaces import Television
from estation_wire.records import Postponed, WeekClosed
from estation_wire.values import Origin, Trust

ON_TIME_SECONDS: Final = 2.0  # the loop looks once a second: a countdown begun so little late is not late
AGAIN_SECONDS: Final = 10.0  # a core that was killed takes up the countdown that the screen shows
COMMAND_RULE: Final = "command"
log = logging.getLogger(__name__)


class Starts:
    """The one place where sessions begin without a resumed one: planned, made up, ordered, or by a press."""

    def __init__(
        self,
        programme: Programme,
        sessions: Sessions,
        playout: Playout,
        *,
        interlude: Interlude,
        ticker: Ticker,
        television: Television,
        diary: Witness,
    ) -> None:
        self._programme = programme
        self._sessions = sessions
        self._playout = playout
        self._interlude = interlude
        self._ticker = ticker
        self._television = television
        self._diary = diary
        self._announced: Start | None = None
        self._ordered: tuple[Show, Start] | None = None
        self._rest: Rest | None = None
        self._put_off: tuple[Start, float] | None = None
        self._not_before = 0.0
        self._power = 0.0
        self._took_over = -AGAIN_SECONDS
        self._closed = ""

    def took_over(self, moment: Moment) -> None:
        """This core was started again in a boot that goes on: a countdown on the screen was seen already."""
        self._took_over = moment.up

    def plan(self, moment: Moment) -> Plan:
        """What begins next, and why."""
        return self._programme.decide(moment, self._around())

    def put_off(self, moment: Moment) -> bool:
        """Whether a start has just been put off, so that the screen says so."""
        return self._put_off is not None and moment.up - self._put_off[1] < SECOND_THOUGHT_SECONDS

    def stepped(self, by: timedelta) -> None:
        """The clock is another: what was announced by the old one is not waited for.

        An order and a session that was broken off are no matter of the clock: they are announced anew, by the new one.
        """
        ordered = self._ordered
        self._call_off()
        if ordered is not None:
            show, start = ordered
            self._ordered = (show, replace(start, at=start.at + by, warn_from=start.warn_from + by))
        self._programme.changed()

    def recall(self, contents: frozenset[str], moment: Moment) -> None:
        """These must not be shown any more: what was announced with one of them is made anew."""
        if self._playout.recall(contents, moment):
            self._call_off()
            self._programme.changed()
        if self._rest is not None:
            show = without(self._rest.show, contents, RECALLED)
            self._keep(Rest(show, self._rest.saved) if show.current is not None else None)

    def order(self, show: Show, moment: Moment) -> str:
        """The centre wants this shown: after the countdown, like any start. Why not, where it may not be."""
        if self._playout.on_screen or self._interlude.bulletin is not None:
            return "a session is on the screen"
        house = self._programme.house
        if house is None:
            return "this box has no profile yet"
        at = moment.at + house.countdown
        start = Start(at=at, warn_from=moment.at, origin=Origin.COMMAND, rule=COMMAND_RULE)
        refusal = self._programme.forbids(at, moment, self._around())
        if not refusal:
            self._withdraw()
            self._ordered = (show, start)
            self._announce(show, start)
        return refusal

    def resume(self, rest: Rest, moment: Moment) -> None:
        """A session that a power cut broke off goes on: at once where it is known how long it was dark, else warned.

        Where that becomes known in the countdown, it goes on at once as well, or it is too late.
        """
        house = self._programme.house
        if moment.trust is Trust.GUESS and house is not None:
            self._keep(rest)
            self._playout.announce(rest.show, moment.at + house.countdown)
            return
        if in_time(rest.saved, moment):
            self._rest = None
            self._playout.play(rest.show, moment)
        else:
            self._keep(None)

    def tick(self, moment: Moment, since_power_up: float) -> None:
        """Let time pass: announce, withdraw, end in time."""
        if since_power_up < self._power:  # another power-on day: «later» was for the one that is over
            self._not_before = 0.0
        self._power = since_power_up
        self._tell_closed(moment)
        self._interlude.tick(moment)
        self._read_out(moment)
        if self._interlude.bulletin is not None:
            return
        bulletin = self._programme.emergency(moment)
        if bulletin is not None:
            self._announced = self._ordered = None
            self._interlude.begin(bulletin, self._sessions.asked(bulletin.contents, Origin.COMMAND), moment)
        elif self._playout.on_screen:
            self._rest = None
            self._end_in_time(moment)
        elif not self._playout.idle:
            self._keep_or_drop(moment)
        else:
            self._look(moment)

    def _read_out(self, moment: Moment) -> None:
        """What is to be read in the lower third; an emergency has the screen to itself."""
        self._ticker.tick(moment)
        if self._interlude.bulletin is None and self._ticker.bulletin is None:
            notice = self._programme.notice(moment, on_screen=self._playout.on_screen)
            if notice is not None:
                self._ticker.begin(notice, self._sessions.languages, moment)

    def press(self, press: Press, moment: Moment, *, clock_offered: bool = False) -> Act | None:
        """Somebody pressed the button; what was done about it, None where a press means nothing now."""
        act = meaning(self._scene(moment, clock_offered=clock_offered), press)
        if act is Act.PLAY:
            self._playout.play(self._sessions.own(moment), moment)
        elif act is Act.STOP:
            self._stop(moment)
        elif act in {Act.LATER, Act.TOMORROW}:
            self._later(act, moment)
        return act

    def _scene(self, moment: Moment, *, clock_offered: bool) -> Scene:
        if self._interlude.bulletin is not None:
            return Scene.BULLETIN
        if self._playout.on_screen:
            return Scene.SESSION
        if not self._playout.idle:
            return Scene.COUNTDOWN
        if clock_offered:
            return Scene.CLOCK_OFFERED
        return Scene.PUT_OFF if self.put_off(moment) else Scene.CARD

    def _look(self, moment: Moment) -> None:
        if self._rest is not None:
            self.resume(self._rest, moment)
            return
        if self._ordered is not None:
            show, ordered = self._ordered
            if moment.at >= ordered.warn_from:
                self._announce(show, replace(ordered, at=moment.at + (ordered.at - ordered.warn_from)))
            return
        start = self.plan(moment).start
        if start is None or moment.at < start.warn_from:
            return
        late = (moment.at - start.warn_from).total_seconds() > ON_TIME_SECONDS
        taken_up = moment.up - self._took_over < AGAIN_SECONDS and moment.at < start.at
        if (late or start.origin is not Origin.PLANNED) and not taken_up:
            start = replace(start, at=max(start.at, moment.at + (start.at - start.warn_from)))
        self._announce(self._sessions.of(start, moment, self._programme.missed(moment)), start)

    def _announce(self, show: Show, start: Start) -> None:
        self._announced, self._put_off = start, None
        self._playout.announce(show, start.at)

    def _keep_or_drop(self, moment: Moment) -> None:
        start = self._announced
        if start is None:
            return
        if start.origin is Origin.COMMAND:
            good = self._ordered is not None and not self._programme.forbids(start.at, moment, self._around())
        else:
            good = self._programme.still_good(start, moment, self._around())
        if not good:
            log.info("the announced session is withdrawn: its reasons are gone")
            self._withdraw()

    def _withdraw(self) -> None:
        self._call_off()
        if self._rest is not None:
            self._keep(None)

    def _call_off(self) -> None:
        """What is announced; a session that was broken off is announced anew."""
        self._announced = self._ordered = None
        self._playout.withdraw()

    def _keep(self, rest: Rest | None) -> None:
        """What waits to go on is on the card while it waits: the power may go again before it begins."""
        self._rest = rest
        self._diary.checkpoint(waiting(rest))

    def _end_in_time(self, moment: Moment) -> None:
        """A lesson is never seized, and no make-up goes on after its hours."""
        self._ordered = None
        show = self._playout.show
        if show is None or show.began is None or moment.trust is Trust.GUESS:
            return
        if show.origin is Origin.KEEPER:
            return
        ends = self._programme.ends_by(show.origin, show.began.at, moment)
        if ends is not None and moment.at >= ends.at:
            self._playout.stop(ends.reason, moment)

    def _later(self, act: Act, moment: Moment) -> None:
        start = self._announced if self._announced is not None else (self._put_off[0] if self._put_off else None)
        house = self._programme.house
        if start is None or house is None:
            self._withdraw()  # a resumed session, of which the programme knows nothing
            return
        until = self._programme.put_off_until(act, moment)
        if start.origin is Origin.COMMAND and self._ordered is not None:
            show, _ = self._ordered
            self._playout.withdraw()
            self._ordered = (show, replace(start, warn_from=until, at=until + house.countdown))
        else:
            self._withdraw()
        guessing = moment.trust is Trust.GUESS
        self._not_before = self._power + LATER.total_seconds() if guessing else 0.0
        told = None if guessing and act is Act.LATER else until
        rule, planned = start.key
        self._diary.append(moment, Postponed, rule=rule, planned=planned, reason=act.value, until=told)
        self._announced, self._put_off = None, (start, moment.up)

    def _stop(self, moment: Moment) -> None:
        """Stopped by hand; what was begun by the box is not begun again within the hour."""
        show = self._playout.show
        automatic = show is not None and show.origin in AUTOMATIC
        self._playout.stop("keeper", moment)
        if automatic and show is not None:
            until = self._programme.put_off_until(Act.LATER, moment)
            rule, planned = show.rule or COMMAND_RULE, show.planned or moment.at
            self._diary.append(moment, Postponed, rule=rule, planned=planned, reason=Act.STOP.value, until=until)

    def _tell_closed(self, moment: Moment) -> None:
        """A closed week is written down once, so that the centre books it as not due for the same reason."""
        closed = self._programme.closed_because(moment)
        if closed is None or closed.week == self._closed:
            return
        self._closed = closed.week
        if not closed.told:
            self._diary.append(moment, WeekClosed, week=closed.week, reason=closed.reason)

    def _around(self) -> Surroundings:
        tv = self._television
        return Surroundings(tv.expected(), tv.in_use(), self._power, self._not_before)
