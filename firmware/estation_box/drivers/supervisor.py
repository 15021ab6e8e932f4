"""The serial line to the supervisor: plain termios, no thread. A box without the board has none, and works as well."""

from __future__ import annotations

import contextlib
import os
import termios
import time
import tty
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from estation_box.guarding.interfaces import Heard
from estation_box.settings import BOOT_VARIABLE, SUPERVISOR_VARIABLE
from estation_wire.supervisor_frame import Decoder, encode

PORT: Final = Path("/dev/ttyAMA0")  # `serial0` of the trees; a Pi 5's ttyAMA10 is its debug plug, never ours
SPEED: Final = termios.B115200
READ_BYTES: Final = 4096
AGAIN_SECONDS: Final = 10.0  # a driver that is loaded late
MOST_FRAMES: Final = 200  # in one look; a supervisor says a few a second


def port(environment: Mapping[str, str]) -> Path | None:
    """The line of this box; under the stand-in for PID 1 the one that it names, if any."""
    if environment.get(BOOT_VARIABLE):
        named = environment.get(SUPERVISOR_VARIABLE, "")
        return Path(named) if named else None
    return PORT


class SerialLine:
    """See `guarding.interfaces.Line`. ``path`` None: there is no line."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._line: int | None = None
        self._tried = float("-inf")
        self._number = 0
        self._decoder = Decoder()
        self.heard_bytes = 0
        """Bytes that came since this was made, whether they were frames or not."""

    @property
    def there(self) -> bool:
        """Whether there is a line; who is at its other end is not known."""
        return self._opened() is not None

    @property
    def dropped(self) -> int:
        """Blocks of bytes that were no frames."""
        return self._decoder.dropped

    def send(self, kind: int, payload: bytes = b"") -> bool:
        """See `Line.send`. A frame that does not go out whole is noise to the other side, which drops it."""
        line = self._opened()
        if line is None:
            return False
        frame = encode(kind, payload, self._number)
        self._number = (self._number + 1) & 0xFFFF
        try:
            return os.write(line, frame) == len(frame)
        except BlockingIOError:
            return False
        except OSError:
            self.close()
            return False

    def hear(self) -> list[Heard]:
        """See `Line.hear`."""
        line = self._opened()
        if line is None:
            return []
        try:
            data = os.read(line, READ_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            self.close()
            return []
        self.heard_bytes += len(data)
        return [Heard(frame.kind, frame.payload) for frame in self._decoder.feed(data)[:MOST_FRAMES]]

    def close(self) -> None:
        """Give the line back; it is opened again when it is used."""
        if self._line is not None:
            with contextlib.suppress(OSError):
                os.close(self._line)
        self._line = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> int | None:
        now = time.monotonic()
        if self._line is not None or self._path is None or now - self._tried < AGAIN_SECONDS:
            return self._line
        self._tried = now
        line = -1
        try:
            line = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
            tty.setraw(line)
            given = termios.tcgetattr(line)
            given[4] = given[5] = SPEED
            termios.tcsetattr(line, termios.TCSANOW, given)
        except (OSError, termios.error):
            if line >= 0:
                os.close(line)
            return None
        self._line = line
        return line
