"""The life of one service under the stand-in for PID 1: started, ready, watched, killed, started again.

As in systemd.service(5). Nothing here reads a clock: ``now`` is monotonic seconds.
"""

from __future__ import annotations

import enum
import signal
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from estation_box.simulated.unit_files import Service

KILL_AGAIN_SECONDS: Final = 5.0  # a process in the kernel's uninterruptible sleep takes SIGKILL late
WEIGH_SECONDS: Final = 0.25  # a cgroup sees each page at once; a leak of 100 MB/s is seen 25 MB late
CLEAN_SIGNALS: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)
CLEAN: Final = frozenset({0, *(-number for number in CLEAN_SIGNALS)})


class State(enum.Enum):
    """Where a service stands."""

    INACTIVE = "inactive"
    STARTING = "starting"
    ACTIVE = "active"
    STOPPING = "stopping"
    WAITING = "waiting"  # for its next start
    FAILED = "failed"


class Process(Protocol):
    """What was started, with everything that it started."""

    @property
    def pid(self) -> int:
        """The main process."""

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the main process and its children; a process that has ended is passed over."""

    def memory(self) -> int:
        """Bytes that they hold together and nobody can take back: what MemoryMax= bounds where there is no swap."""


class Life:
    """One service. ``launch`` starts its process; ``say`` takes a line for the log."""

    def __init__(self, service: Service, launch: Callable[[], Process], say: Callable[[str], None]) -> None:
        self._service = service
        self._launch = launch
        self._say = say
        self._fault = ""
        self._weigh_at = 0.0
        self._leaving = False
        self._recent: deque[float] = deque(maxlen=max(service.limit_starts, 1))
        self.state = State.INACTIVE
        self.deadline: float | None = None
        self.process: Process | None = None
        self.starts = 0
        self.restarts = 0
        self.failed = False
        """It has failed for good since this was last looked at; whoever acts on it says False again."""
        self.well_done = False
        """It has ended well by itself, in the same way."""

    @property
    def idle(self) -> bool:
        """Whether a path or a timer may start it."""
        return self.state in {State.INACTIVE, State.FAILED}

    @property
    def tried(self) -> bool:
        """Whether its first start has come to an end, well or not: what is ordered after it need not wait longer."""
        return self.starts > 0 and self.state is not State.STARTING

    def start(self, now: float) -> None:
        """Start it where it is not there; started too often within the limit it fails instead."""
        service = self._service
        if self.process is not None:
            return
        limited = service.limit_seconds > 0 and len(self._recent) == service.limit_starts
        if limited and now - self._recent[0] < service.limit_seconds:
            self._become(State.FAILED, None)
            self._say(f"given up: {service.limit_starts} starts in {service.limit_seconds:g} s")
            return
        self._recent.append(now)
        self._fault = ""
        self._leaving = False
        self.starts += 1
        try:
            self.process = self._launch()
        except OSError as error:
            self._fault = f"cannot be started: {error}"
            self._ended(1, now)
            return
        if service.kind == "simple":
            self._ready(now)
        else:
            self._become(State.STARTING, now + service.start_seconds)

    def said(self, lines: Iterable[str], now: float) -> None:
        """A notification of its main process, as in sd_notify(3)."""
        for line in lines:
            name, _, value = line.partition("=")
            if name == "READY" and self.state is State.STARTING and self._service.kind == "notify":
                self._ready(now)
            elif name == "WATCHDOG" and self.state is State.ACTIVE and self._service.watchdog_seconds:
                self.deadline = now + self._service.watchdog_seconds
            elif name == "STATUS":
                self._say(f"[{value}]")

    def exited(self, code: int, now: float) -> None:
        """Its main process has ended with ``code`` (negative: by that signal)."""
        service = self._service
        if self.process is not None:
            self.process.signal(signal.SIGKILL)  # what it left behind goes with it
        self.process = None
        if not self._fault and (code not in CLEAN or (service.kind == "notify" and self.state is State.STARTING)):
            self._fault = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        self._ended(code, now)

    def tick(self, now: float) -> None:
        """Act on memory that is spent, or a deadline that has passed."""
        if self._memory_is_spent(now):
            self._fault = f"needs more memory than {self._service.memory_bytes}"
            self._send(signal.SIGKILL, now + KILL_AGAIN_SECONDS)  # as the kernel does: nobody is asked to leave
        if self.deadline is None or now < self.deadline:
            return
        if self.state is State.WAITING:
            self.start(now)
        elif self.state is State.STARTING:
            self._fault = f"not ready in {self._service.start_seconds:g} s"
            self._send(signal.SIGTERM, now + self._service.stop_seconds)
        elif self.state is State.ACTIVE:
            self._fault = f"no sign of life for {self._service.watchdog_seconds:g} s"
            self._send(signal.SIGABRT, now + self._service.abort_seconds)
        else:
            self._send(signal.SIGKILL, now + KILL_AGAIN_SECONDS)

    def _memory_is_spent(self, now: float) -> bool:
        most = self._service.memory_bytes
        if most is None or self.process is None or self._fault or now < self._weigh_at:
            return False
        self._weigh_at = now + WEIGH_SECONDS
        return self.process.memory() > most

    def stop(self, now: float) -> None:
        """Have it leave, and not come back."""
        self._leaving = True
        if self.process is None:
            self._become(State.INACTIVE, None)
        elif self.state is not State.STOPPING:
            self._send(signal.SIGTERM, now + self._service.stop_seconds)

    def cut(self) -> None:
        """Its power is cut."""
        self._leaving = True
        if self.process is not None:
            self.process.signal(signal.SIGKILL)

    def _ended(self, code: int, now: float) -> None:
        service = self._service
        wanted = service.restart == "always" or (service.restart == "on-failure" and bool(self._fault))
        if self._fault:
            self._say(self._fault)
        if wanted and not self._leaving and code not in service.final_exits:
            self.restarts += 1
            self._become(State.WAITING, now + service.restart_seconds)
        else:
            self.well_done = not self._fault and not self._leaving
            self._become(State.FAILED if self._fault and not self._leaving else State.INACTIVE, None)

    def _ready(self, now: float) -> None:
        watchdog = self._service.watchdog_seconds
        self._become(State.ACTIVE, now + watchdog if watchdog else None)

    def _send(self, number: signal.Signals, deadline: float) -> None:
        self._become(State.STOPPING, deadline)
        if self.process is not None:
            self.process.signal(number)

    def _become(self, state: State, deadline: float | None) -> None:
        self.failed |= state is State.FAILED
        self.state = state
        self.deadline = deadline
