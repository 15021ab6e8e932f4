"""The demo's processes: started with a log each, watched, and stopped in the reverse order."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

STOP_SECONDS: Final = 8.0
LOOK_SECONDS: Final = 0.1
TAIL_LINES: Final = 12


class DemoError(Exception):
    """The demo cannot go on; the text says why, and what to do."""


class Children:
    """Processes by name. Left by ``with``, all are stopped: TERM, then KILL after 8 s."""

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs = logs
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str | Path], **environment: str) -> subprocess.Popen[bytes]:
        """Start one process; what it says goes to its log."""
        with self.log(name).open("ab") as log:
            child = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self._environment, **environment},
                start_new_session=True,  # Ctrl-C reaches us alone: we stop them in order
            )
        self._running[name] = child
        return child

    def once(self, name: str, command: Sequence[str | Path], timeout: float, **environment: str) -> None:
        """Run one process to its end; raises `DemoError` with the end of its log where it fails."""
        child = self.start(name, command, **environment)
        try:
            code = child.wait(timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            code = -signal.SIGKILL
        del self._running[name]
        if code:
            raise DemoError(self._failure(name, code))

    def log(self, name: str) -> Path:
        """Where a process's words go."""
        return self._logs / f"{name}.log"

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """A process by its name."""
        return self._running[name]

    def check(self) -> None:
        """Raise `DemoError` where a process that should run has ended."""
        for name, child in self._running.items():
            code = child.poll()
            if code is not None:
                raise DemoError(self._failure(name, code))

    def wait(self, what: str, ready: Callable[[], bool], timeout: float) -> None:
        """Wait until ``ready()``; raises `DemoError` when it is late or a process has ended."""
        ends = time.monotonic() + timeout
        while not ready():
            self.check()
            if time.monotonic() >= ends:
                msg = f"{what} not in {timeout:g} s; the logs in {self._logs} say more"
                raise DemoError(msg)
            time.sleep(LOOK_SECONDS)

    def stop(self, name: str) -> None:
        """Stop one process."""
        child = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(STOP_SECONDS)

    def _failure(self, name: str, code: int) -> str:
        lines = self.log(name).read_text(errors="replace").splitlines()[-TAIL_LINES:]
        said = "\n  ".join(lines) or "nothing"
        return f"{name} ended with code {code}; it said:\n  {said}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in reversed(list(self._running)):
            self.stop(name)


def free_ports(count: int) -> list[int]:
    """``count`` TCP ports that nobody uses now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def answers(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
