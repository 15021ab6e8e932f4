"""``fault-matrix``: what goes wrong in a hall, at random moments of real sessions, and how soon the picture is back.

The real player on Xvfb, the real core, the image's own units under the stand-in for PID 1, a real broker and collector.
The supervisor's rows run its own program in simulated time. Each fault three times; fifty times in the soak
(`tests/scenario/test_faults.py`).
"""

from __future__ import annotations

import random
import resource
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from estation_box.guarding import ladder
from estation_box.playout.player_words import Phase, State
from estation_wire import codec
from estation_wire import supervisor_words as words
from estation_wire.records import ClipShown, Fault
from scripts.demo.centre import STATION
from tests.bench.result import Result, command
from tests.scenario.loop import CLIP_SECONDS, Loop, wait_for
from tests.support.false_clock import FalseClock
from tests.support.supervisor_line import OnPython, Pi

TIMES: Final = 3
SEED: Final = 20261125
FIRST, LATER = 5.0, 10.0
PLAYER, CORE = "estation-player.service", "estation-core.service"
PATIENCE: Final = 150.0
CARD_SECONDS: Final = 13.0  # two films end meanwhile, and are to be written down
SESSION_CLIPS: Final = 20
LONGEST_FAULT: Final = CARD_SECONDS + 20.0  # with the player that comes back after it
JOURNAL: Final = "journal-unavailable"
BROKEN_FIRST: Final = "broken-first"
WOUNDED: Final = Path(__file__).parents[1] / "scenario/wounded"


class Outcome(NamedTuple):
    """Of one fault, once: the longest time without a picture that moved, in seconds, and what else came of it."""

    fault: str
    back: float
    resumed: bool
    reported: bool
    boots: int


class Hall:
    """A loop in which things break."""

    def __init__(self, loop: Loop, clock: FalseClock, seed: int) -> None:
        self.loop = loop
        self.clock = clock
        self.chance = random.Random(seed)
        self._folded: set[str] = set()

    def once(self, name: str) -> Outcome:
        """Let it happen at a random moment of a session."""
        fault = FAULTS[name]
        if fault.unit:
            self.loop.wait_for_patience(fault.unit)
        self._play()
        before = self._state.session
        folded = fault.told in self._folded  # within a minute the journal counts it with the last one
        self._folded |= {fault.told} & {JOURNAL}
        written, boots = len(self.loop.journal()), self.loop.init.boots
        at, player = time.monotonic(), self._state.player
        fault.make(self)
        if fault.unit == PLAYER:  # what the old one said last may still be on its way
            wait_for(lambda: self._state.player != player, PATIENCE, "another player")
        back = self.loop.watcher.longest_still(at, time.monotonic(), PATIENCE)
        resumed = self._state.session == before
        wait_for(lambda: self.reported(written, fault.told, folded=folded), 40, f"{name} is reported")
        return Outcome(name, back, resumed, reported=True, boots=self.loop.init.boots - boots)

    def reported(self, written: int, told: str, *, folded: bool) -> bool:
        """Whether the journal holds a fault of that name since it had ``written`` records; "" is no fault at all.

        Of one that is ``folded`` the journal holds at least what was to be written meanwhile.
        """
        try:
            records = [codec.decode_record(raw) for raw in self.loop.journal()[written:]]
        except sqlite3.OperationalError:
            return False
        named = [record.what for record in records if isinstance(record, Fault)]
        if folded:
            return len(records) > 0
        return told in named if told else not named

    def end_session(self) -> None:
        """Nothing plays any more; the centre says so."""
        if self._state.phase is not Phase.CARD:
            self.loop.centre.command("send", STATION, "stop")
        wait_for(lambda: self._state.phase is Phase.CARD, PATIENCE, "the session before is over")

    @property
    def _state(self) -> State:
        return self.loop.watcher.seen[-1].state

    def _play(self) -> None:
        """A session is on the screen, and longer than any fault."""
        left = sum(entry.end is None for entry in self._state.entries) * CLIP_SECONDS
        if self._state.phase is Phase.PLAYING and left < LONGEST_FAULT:
            self.end_session()
        if self._state.phase is not Phase.PLAYING:
            self.loop.play(SESSION_CLIPS)
        self.loop.watcher.moves_after(time.monotonic(), 60)
        time.sleep(self.chance.uniform(0.0, 1.5))


class Broken(NamedTuple):
    """How it breaks, by which fault's name the centre hears of it, and the unit that is started anew, if one is."""

    make: Callable[[Hall], object]
    told: str
    bar: float
    unit: str | None = None


def player_stalls(hall: Hall) -> None:
    """As a card does under writes: shorter than anybody acts on."""
    hall.loop.init.kill(PLAYER, signal.SIGSTOP)
    time.sleep(2.0)
    hall.loop.init.kill(PLAYER, signal.SIGCONT)


def crash_loop(hall: Hall) -> None:
    """Until the box is started again. What was broken off goes on by itself."""
    init, boots = hall.loop.init, hall.loop.init.boots
    (hall.loop.box.state / "reboots").unlink(missing_ok=True)
    while init.boots == boots:
        init.kill(PLAYER)
        time.sleep(0.05)
    init.wait_ready(CORE, 60)


def core_leaks(hall: Hall) -> None:
    """It grows until its unit's MemoryMax= ends it without a word."""
    init, starts = hall.loop.init, hall.loop.init.starts(CORE)
    init.kill(CORE, signal.SIGUSR2)  # see tests/scenario/wounded
    init.wait_for(lambda: init.starts(CORE) > starts, PATIENCE, "core spent its memory")


def clock_jumps(hall: Hall) -> None:
    """The machine's clock is set back and forth by days, and is right in the end."""
    for _ in range(3):
        hall.clock.set(datetime.now(UTC) + timedelta(seconds=hall.chance.uniform(-3e6, 3e6)))
        time.sleep(hall.chance.uniform(1.0, 2.0))
    hall.clock.set(None)


def disk_full(hall: Hall) -> None:
    """Nothing can be written for a while."""
    pid = wait_for(lambda: hall.loop.init.pid(CORE), 10, "core runs")
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
    time.sleep(CARD_SECONDS)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


def journal_locked(hall: Hall) -> None:
    """Somebody else holds the journal, as a tool that was left open does."""
    with sqlite3.connect(hall.loop.box.state / "journal.db", timeout=5, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        time.sleep(CARD_SECONDS)
        other.execute("ROLLBACK")


def broken_first(hall: Hall) -> Outcome:
    """The first film of a session is not what it was: the card rots. From the start to a picture that moves."""
    loop = hall.loop
    path = loop.box.state / "cache" / loop.contents[0]
    hall.end_session()
    written, whole = len(loop.journal()), path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(bytes(len(whole)))
    try:
        loop.play()
        wait_for(lambda: loop.watcher.seen[-1].state.phase is Phase.PLAYING, 90, "the next one begins")
        back = loop.watcher.moves_after(time.monotonic(), PATIENCE)
    finally:
        path.write_bytes(whole)
    wait_for(lambda: _is_told_broken(loop.journal()[written:]), 40, "told")
    return Outcome(BROKEN_FIRST, back, resumed=True, reported=True, boots=0)


def _is_told_broken(raws: list[bytes]) -> bool:
    records = map(codec.decode_record, raws)
    return any(isinstance(record, ClipShown) and record.fault is not None for record in records)


FAULTS: Final = {
    "player-stalls": Broken(player_stalls, "", FIRST),
    "player-hang": Broken(lambda hall: hall.loop.init.kill(PLAYER, signal.SIGSTOP), "player-gone", FIRST, PLAYER),
    "player-crash": Broken(lambda hall: hall.loop.init.kill(PLAYER), "player-gone", FIRST, PLAYER),
    "core-hang": Broken(lambda hall: hall.loop.init.kill(CORE, signal.SIGSTOP), "core-restarted", FIRST, CORE),
    "core-leak": Broken(core_leaks, "core-restarted", FIRST, CORE),
    "disk-full": Broken(disk_full, JOURNAL, FIRST),
    "clock-jumps": Broken(clock_jumps, "", FIRST),
    "journal-locked": Broken(journal_locked, JOURNAL, FIRST),
    "crash-loop": Broken(
        crash_loop, "unit-failed", ladder.REBOOT.back
    ),
}  # fmt: skip


NAMES: Final = [*FAULTS, BROKEN_FIRST]


def with_supervisor() -> list[tuple[str, float, float]]:
    """Pi silent, noise, supervisor silent: seconds until the box has its power again, or 0 where it never lost it."""
    rows = []
    for fault in ("pi-silent", "uart-noise", "supervisor-silent"):
        worst = 0.0
        for seed in range(TIMES):
            chance = random.Random(seed)
            pi = Pi(OnPython())
            pi.run(30 + chance.uniform(0, 60), words.HEALTH_PLAYING)
            began = pi.board.now
            if fault == "pi-silent":
                while pi.board.cuts() == 0 or not pi.board.board.powered:
                    pi.run(1, None)
                worst = max(worst, pi.board.now - began)
                pi.run(5, words.HEALTH_PLAYING)
                assert pi.guard.cuts == 1
                continue
            if fault == "supervisor-silent":
                pi.board.fall_silent()
            for _ in range(100):
                pi.run(6, words.HEALTH_PLAYING)
                pi.board.raw(chance.randbytes(chance.randrange(60)) if fault == "uart-noise" else b"")
            assert pi.board.cuts() == 0
            assert fault == "uart-noise" or any(told.what == fault for told in pi.told)
        bar = ladder.POWER.notices + ladder.WARNING_SECONDS + ladder.OFF_SECONDS + 6 if fault == "pi-silent" else 0.0
        rows.append((fault, worst, bar))
    return rows


@contextmanager
def hall(folder: Path, seed: int, line: Path | None = None) -> Iterator[Hall]:
    """A box whose clock can be set and whose processes can be made to leak, with its centre.

    ``line``: the serial line of its supervisor, where one is fitted; such a box keeps the right time, since
    `time.sleep`, by which core waits for a supervisor's first word, fails under libfaketime 0.9.10.
    """
    clock = FalseClock(folder / "clock")
    given = clock.environment()
    library = given.pop("LD_PRELOAD")
    given |= {"ESTATION_SUPERVISOR": str(line)} if line else {"WOUNDED_PRELOAD": library}
    with Loop(folder, environment={**given, "PYTHONPATH": str(WOUNDED)}) as loop:
        yield Hall(loop, clock, seed)


def measure(hall: Hall, names: list[str], times: int) -> list[Outcome]:
    """Each of the named faults so often, in a random order; crash loops last, for they use up the starts."""
    order = [name for name in names for _ in range(times)]
    hall.chance.shuffle(order)
    order.sort(key=lambda name: name == "crash-loop")
    found = []
    for name in order:
        found.append(broken_first(hall) if name == BROKEN_FIRST else hall.once(name))
        print(f"  {name}: {found[-1].back:.2f} s{'' if found[-1].resumed else ', another session'}", flush=True)
    return found


def run() -> list[Result]:
    """A row for each fault."""
    with tempfile.TemporaryDirectory() as folder, hall(Path(folder), SEED) as box:
        found = measure(box, NAMES, TIMES)
    rows = [_row(name, [one for one in found if one.fault == name]) for name in NAMES]
    for name, worst, bar in with_supervisor():
        rows.append(_result(name, worst, bar, ok=worst <= bar, also="power back, by the supervisor's own program"))
    return rows


def _row(name: str, found: list[Outcome]) -> Result:
    bar = LATER if name == BROKEN_FIRST else FAULTS[name].bar
    worst = max(one.back for one in found)
    loops = any(one.boots > (name == "crash-loop") for one in found)
    ok = worst <= bar and all(one.resumed and one.reported for one in found) and not loops
    return _result(name, worst, bar, ok=ok, also="the same session goes on, reported, no boot loop")


def _result(name: str, worst: float, bar: float, *, ok: bool, also: str) -> Result:
    return Result(
        id=f"fault-matrix-{name}", value=round(worst, 2), unit="s", bar=f"at most {bar:g} s, {also}", ok=ok,
        command=command("fault-matrix"),
    )  # fmt: skip
