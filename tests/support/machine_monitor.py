"""QEMU's own protocol (QMP) over its socket: ask, and hear what happens meanwhile.

A line as it comes: ``{"timestamp": {"seconds": 1764433000, "microseconds": 11}, "event": "WATCHDOG", "data": {"action":
"reset"}}``
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

CONNECT_SECONDS = 30.0
ANSWER_SECONDS = 120.0  # a picture of a guest that fills both cores


class Monitor:
    """One connection. An event that nobody has asked for waits in ``events``."""

    def __init__(self, path: Path, process: subprocess.Popen[bytes], words: Path) -> None:
        """``words``: what the process says, for the failure."""
        self.events: list[dict[str, Any]] = []
        self._rest = b""
        self._words = words
        self._socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + CONNECT_SECONDS
        while True:
            try:
                self._socket.connect(str(path))
                break
            except OSError:
                assert process.poll() is None, words.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
        self._next(ANSWER_SECONDS)  # the greeting
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: object) -> Any:
        """One command; a refusal fails the test."""
        self._socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = self._next(ANSWER_SECONDS)
            assert "error" not in answer, answer
            if "return" in answer:
                return answer["return"]
            self.events.append(answer)

    def wait(self, event: str, within: float, **data: object) -> dict[str, Any]:
        """The next event of that name with these data, which may have come already; it is taken off."""
        ends = time.monotonic() + within
        while True:
            for heard in self.events:
                if heard["event"] == event and data.items() <= heard.get("data", {}).items():
                    self.events.remove(heard)
                    return heard
            left = ends - time.monotonic()
            assert left > 0, f"no {event} within {within:.0f} s; heard {[each['event'] for each in self.events]}"
            with contextlib.suppress(TimeoutError):
                self.events.append(self._next(left))

    def _next(self, within: float) -> dict[str, Any]:
        """One line. Raises `TimeoutError`."""
        ends = time.monotonic() + within
        while b"\n" not in self._rest:
            if not select.select([self._socket], [], [], max(ends - time.monotonic(), 0.0))[0]:
                raise TimeoutError
            try:
                data = self._socket.recv(65536)
            except ConnectionResetError:
                data = b""
            assert data, self._words.read_text()
            self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        return json.loads(line)
