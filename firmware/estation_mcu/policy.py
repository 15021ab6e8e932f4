"""When the power of the box is cut, and for how long: a table and one function. No I/O; time is an argument.

The power is on in every phase but OFF. Three promises hold whatever comes (`tests/mcu/test_policy.py` walks 100,000
steps): off for no longer than the off time and one step; never more cuts an hour than allowed, over restarts of the
supervisor too; never off in LOCKOUT.
"""

from estation_wire.supervisor_words import DEFAULTS, HIGHEST, MAX_PAUSE_S

BOOT = 0  # the box has its power and its boot time
WATCH = 1  # healthy beats come
WARNED = 2  # none came: the cut is announced, a beat still averts it
OFF = 3
LOCKOUT = 4  # it was cut too often: the power stays on, whatever the box does
GONE = 5  # the box was halted because somebody wanted it; nobody waits for it

BEAT = 0x00  # the Pi said: the promise holds
HELLO = 0x10  # the Pi's program began to speak
REBOOTING = 0x20  # the Pi said GOODBYE: back soon
HALTING = 0x30  # the Pi said GOODBYE: until somebody wants it again
DUE = 0x40  # the phase's time is over
SPENT = 0x50  # the same, and there is no cut left in this hour
NOTHING = 0x60  # only time went by

NEXT = {
    BOOT | BEAT: WATCH,
    BOOT | REBOOTING: BOOT,
    BOOT | HALTING: GONE,
    BOOT | DUE: WARNED,
    BOOT | SPENT: WARNED,
    WATCH | BEAT: WATCH,
    WATCH | REBOOTING: BOOT,
    WATCH | HALTING: GONE,
    WATCH | DUE: WARNED,
    WATCH | SPENT: WARNED,
    WARNED | BEAT: WATCH,
    WARNED | REBOOTING: BOOT,
    WARNED | HALTING: GONE,
    WARNED | DUE: OFF,
    WARNED | SPENT: LOCKOUT,
    OFF | DUE: BOOT,
    OFF | SPENT: BOOT,
    LOCKOUT | BEAT: WATCH,
    LOCKOUT | HALTING: GONE,
    LOCKOUT | DUE: BOOT,
    LOCKOUT | SPENT: BOOT,
    GONE | BEAT: WATCH,
    GONE | HELLO: BOOT,
}
"""By phase and event, which share no bit: the Pico has no room for a tuple a pair. A pair that is not here changes
nothing: what a Pi without power seems to say, for one."""

HOUR_MS = 3_600_000
TICKS = 0x3FFFFFFF  # ticks_ms() of the Pico starts again from 0 above this, after 12 days
MOST_CUTS = 0xFFFFFFFF


class Policy:
    """The phase, and how much time it has left.

    ``cuts`` ever and ``recent`` of the last hour are what was kept over a restart; the age of those is not known, so
    that all of them count as of this moment. ``now`` is ticks_ms().
    """

    def __init__(self, now: int, cuts: int = 0, recent: int = 0) -> None:
        self.times: tuple[int, ...] = DEFAULTS
        self.cuts = cuts
        self.phase = BOOT
        self._ages = [0] * min(recent, HIGHEST[4])
        self._lockouts = 0
        self._last = now
        self._left = 0
        self._enter(BOOT, 0)

    @property
    def power(self) -> bool:
        """Whether the box has its power."""
        return self.phase != OFF

    @property
    def recent(self) -> int:
        """Cuts within the last hour."""
        return len(self._ages)

    def step(self, event: int, now: int, pause_s: int = 0) -> bool:
        """Let time go by until ``now``, then let ``event`` happen; whether a phase began (it may be the same anew).

        ``pause_s`` with BEAT: an update will not beat for so long; no more than `MAX_PAUSE_S` are given.
        """
        began = self._pass(now)
        if event == NOTHING:
            return began
        target = NEXT.get(self.phase | event)
        if target is None:
            return began
        if event == BEAT:
            self._lockouts = 0
        began = began or target != self.phase or event != BEAT
        self._enter(target, pause_s)
        return began

    def _pass(self, now: int) -> bool:
        gone = (now - self._last) & TICKS
        self._last = now
        self._ages = [age + gone for age in self._ages if age + gone < HOUR_MS]
        if self.phase == GONE:
            return False
        self._left -= gone
        if self._left > 0:
            return False
        spent = len(self._ages) >= self.times[4]
        self._enter(NEXT[self.phase | (SPENT if spent else DUE)], 0)
        return True

    def _enter(self, phase: int, pause_s: int) -> None:
        boot, beat, warning, off, _, lockout = self.times
        if phase == OFF:
            self._ages.append(0)
            self.cuts = min(self.cuts + 1, MOST_CUTS)
        if phase == LOCKOUT:
            lockout = min(lockout << self._lockouts, HIGHEST[5])  # a box that stays ill is left alone for longer
            self._lockouts = min(self._lockouts + 1, 8)
        seconds = (boot, max(beat, min(pause_s, MAX_PAUSE_S)), warning, off, lockout, 0)[phase]
        self.phase = phase
        self._left = seconds * 1000
