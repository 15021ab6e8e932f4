"""Between the one process that may mount and the one that reads: two words on a socketpair, each answered.

The reader says ``writable`` before it writes a file and ``read-only`` after it; the broker answers ``done``, or ``no``
and the errno (``no 30``). Anything else, too much or too long, and the broker ends the reader.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import select
import signal
import socket
import time
from pathlib import Path
from typing import Final, Protocol

from estation_box.drivers.folder import Folder
from estation_box.drivers.mount import MountError
from estation_box.library import said
from estation_box.library.interfaces import StickError, UnreadableError, UnwritableError

WRITABLE: Final = b"writable"
READ_ONLY: Final = b"read-only"
_DONE: Final = b"done"
WORD_BYTES: Final = 16
MAX_WORDS: Final = 200  # a visit writes a handful of files, at two words each
ANSWER_SECONDS: Final = 120.0  # a slow stick takes 5 MB of reports at 100 kB/s
VISIT_SECONDS: Final = 6 * 3600.0  # 64 GB from a slow stick to a slow card, at 3 MB/s
LEAVES_SECONDS: Final = 30.0  # a killed process may wait for a dead stick: the kernel gives up on it by then
log = logging.getLogger(__name__)


class Switch(Protocol):
    """What the broker can do; see `Mount`."""

    def writable(self) -> None:
        """Raises `OSError` or `MountError`."""
        ...

    def read_only(self) -> None:
        """Raises `OSError` or `MountError`."""
        ...


class BrokeredStick(Folder):
    """A mounted stick: read as any folder, writable only while a file is written. See `Stick`."""

    def __init__(self, root: Path, way: socket.socket) -> None:
        """``way``: the reader's end of the socketpair. Raises `UnreadableError`."""
        super().__init__(root)
        self._way = way
        self._way.settimeout(ANSWER_SECONDS)

    def write(self, name: str, data: bytes) -> None:
        """See `Stick.write`."""
        self._ask(WRITABLE)
        try:
            super().write(name, data)
        except StickError:
            with contextlib.suppress(StickError):
                self._ask(READ_ONLY)
            raise
        self._ask(READ_ONLY)

    def _ask(self, word: bytes) -> None:
        try:
            self._way.send(word)
            answer = self._way.recv(WORD_BYTES)
        except OSError as error:
            raise UnreadableError(said.UNREADABLE, f"{word.decode()}: {error}") from error
        if answer == _DONE:
            return
        refused = {b"no %d" % code for code in (errno.EROFS, errno.EACCES, errno.EPERM)}
        if word == WRITABLE and answer in refused:
            raise UnwritableError(said.READ_ONLY, answer.decode())
        raise UnreadableError(said.UNREADABLE, f"{word.decode()}: {answer!r}")


class Broker:
    """Serves one reader, the child ``pid``, until it is gone or has to go."""

    def __init__(self, way: socket.socket, switch: Switch, pid: int, *, visit: float = VISIT_SECONDS) -> None:
        """``way``: the broker's end of a SOCK_SEQPACKET pair. ``visit``: seconds that the reader may take."""
        self._way, self._switch = way, switch
        self._way.settimeout(0.0)  # a reader that does not listen must not stop us
        self._ends = time.monotonic() + visit
        self._writable_ends = float("inf")
        self._words = 0
        self._pidfd = os.pidfd_open(pid)

    def serve(self) -> int | None:
        """The reader's exit status, negative for a signal; None where it had to be ended."""
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        poll.register(self._way, select.POLLIN)
        try:
            while (left := min(self._ends, self._writable_ends) - time.monotonic()) > 0:
                ready = {descriptor for descriptor, _ in poll.poll(left * 1000)}
                if self._pidfd in ready:
                    return self._status()
                if self._way.fileno() in ready and not self._heard(poll):
                    break
            else:
                log.warning("the reader takes too long")
            self._end()
            return None
        finally:
            os.close(self._pidfd)

    def _heard(self, poll: select.poll) -> bool:
        """Take one word; whether the reader may go on."""
        try:
            word = self._way.recv(WORD_BYTES)
        except OSError:
            word = b""
        if not word:  # closed: it is about to leave
            poll.unregister(self._way)
            return True
        self._words += 1
        if word not in {WRITABLE, READ_ONLY} or self._words > MAX_WORDS:
            log.warning("the reader says what it may not, word %d: %r", self._words, word)
            return False
        return self._obeyed(word)

    def _obeyed(self, word: bytes) -> bool:
        answer = _DONE
        try:
            if word == WRITABLE:
                self._switch.writable()
                self._writable_ends = time.monotonic() + ANSWER_SECONDS
            else:
                self._switch.read_only()
                self._writable_ends = float("inf")
        except MountError as error:
            log.warning("%s: %s", word.decode(), error)
            return False
        except OSError as error:
            log.warning("%s: %s", word.decode(), error)
            answer = b"no %d" % (error.errno or 0)
        try:
            self._way.send(answer)
        except OSError as error:
            log.warning("the reader does not listen: %s", error)
            return False
        return True

    def _end(self) -> None:
        """End the reader; what cannot even be killed is left to PID 1."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        if poll.poll(LEAVES_SECONDS * 1000):
            self._status()
        else:
            log.warning("the reader hangs in the kernel")

    def _status(self) -> int:
        told = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED)
        if told is None:
            return -signal.SIGKILL
        return told.si_status if told.si_code == os.CLD_EXITED else -told.si_status
