r"""What a unit tells PID 1 (or its stand-in): ready, alive, and one line of status, as sd_notify(3) does it.

One real datagram: ``READY=1\nSTATUS=the card is on the screen``. Without ``NOTIFY_SOCKET`` nothing is sent.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

STATUS_CHARACTERS: Final = 200  # one line of `systemctl status`
log = logging.getLogger(__name__)


class Notifier:
    """The way to PID 1. Never raises and never waits: a lost word is followed by the next."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._watchdog = _microseconds(environment.get("WATCHDOG_USEC", ""))

    @property
    def interval(self) -> float | None:
        """Seconds between two signs of life, half of what the unit's WatchdogSec allows; None without a watchdog."""
        return self._watchdog / 2 / 1_000_000 if self._watchdog else None

    def ready(self, status: str = "") -> None:
        """The unit has started; units ordered after it may begin."""
        self._send("READY=1", *_status(status))

    def alive(self) -> None:
        """Feed the watchdog. Say so only while the unit keeps its promise."""
        self._send("WATCHDOG=1")

    def status(self, words: str) -> None:
        """One line for `systemctl status`."""
        self._send(*_status(words))

    def stopping(self) -> None:
        """The unit leaves."""
        self._send("STOPPING=1")

    def close(self) -> None:
        """Nothing more is told."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        try:
            self._socket.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            log.warning("PID 1 does not hear: %s", error)


def _status(words: str) -> tuple[str, ...]:
    line = " ".join(words.split())[:STATUS_CHARACTERS]
    return (f"STATUS={line}",) if line else ()


def _microseconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
