"""Sync's word to core: JSON lines to ``core.sock``, best effort. Where core is not there, sync works all the same."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path
from typing import Final, Self

import msgspec

from estation_box.library.sync_words import MAX_LINE_BYTES, Progress, Synced

WAIT_SECONDS: Final = 1.0  # core answers its socket between two frames of work; a hung one must not hold the stick
TELL_EVERY_SECONDS: Final = 0.5  # often enough for a bar on the screen


class CoreLink:
    """See `Listener`. Closed by ``with``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._told = float("-inf")
        self._said = ("", False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def progress(self, word: Progress) -> None:
        """See `Listener.progress`: new words at once, the same ones twice a second."""
        now = self.up()
        said = (word.words, word.ready)
        if said == self._said and now - self._told < TELL_EVERY_SECONDS:
            return
        self._said, self._told = said, now
        self._send(msgspec.json.encode(msgspec.structs.replace(word, fraction=round(word.fraction, 3))))

    def up(self) -> float:
        """See `Listener.up`."""
        return time.monotonic()

    def synced(self, word: Synced) -> None:
        """Sync is over."""
        self._send(msgspec.json.encode(word))

    def _send(self, line: bytes) -> None:
        if len(line) > MAX_LINE_BYTES:
            return
        try:
            if self._socket is None:
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._socket.settimeout(WAIT_SECONDS)
                self._socket.connect(str(self._path))
            self._socket.sendall(line + b"\n")
        except OSError:
            self._drop()  # the next word tries again: core may have been restarted

    def _drop(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
        self._socket = None
