"""What the player's `Screen` needs of the thing that draws: libmpv, or its simulation.

An engine holds one play list that never runs out: whatever is queued, the tail card stands at its end.
It reports what happened as `Opened`, `Drawn` and `Closed`, in this order for a good file,
and a file without a picture is `Closed` as an error, through a queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol

from estation_box.playout.player_words import Entry, Hung

CHIME: Final = Entry(id="chime", path=str(Path(__file__).with_name("chime.mp4")), kind="video", seconds=1.8)
"""Two tones, and a picture that nobody sees."""


class EngineError(Exception):
    """The engine could not do what was asked; the text says what it answered."""


class Layer(IntEnum):
    """What lies over the picture; the higher number on top."""

    WORDS = 1  # of a still: they go with its picture
    COVER = 2
    BANNER = 3


class Opened(NamedTuple):
    """The engine turned to the file ``token``, at the monotonic second ``at``."""

    token: int
    at: float


class Drawn(NamedTuple):
    """The first picture of the current file is on the screen (under the cover, if there is one)."""

    at: float


class Closed(NamedTuple):
    """The engine is done with the file ``token``. ``eof`` is no proof that it was shown."""

    token: int
    reason: Literal["eof", "error", "stopped"]
    error: str
    at: float


class Gone(NamedTuple):
    """The engine has shut down and cannot be used any more."""

    at: float


Happening = Opened | Drawn | Closed | Gone


class Sample(NamedTuple):
    """The engine as it is at ``at``.

    ``position`` and ``duration`` are seconds of the current file, None where it has none yet; ``dropped`` counts the
    frames that the output let go; ``output`` is False where there is no screen; ``idle`` where nothing is loaded.
    """

    at: float
    position: float | None = None
    duration: float | None = None
    dropped: int = 0
    fps: float | None = None
    output: bool = True
    idle: bool = False


class Mixer(Protocol):
    """Sound and captions of what is shown. As quick as the `Engine`, and raises only `EngineError`."""

    def volume(self, decibels: float) -> None:
        """Everything from now on so much louder or quieter (0 is as it was recorded), from -60 to 6."""
        ...

    def tracks(self, audio: int | None, subtitles: int | None) -> None:
        """Other tracks of the current file, at once; 0 is none, None leaves it as it is."""
        ...


class Engine(Protocol):
    """Every call returns within a few milliseconds while the engine is sound, and raises only `EngineError`."""

    def queue(self, entries: Sequence[Entry]) -> tuple[int, ...]:
        """Replace what comes after the current file by ``entries`` and the tail card; their tokens, the tail's last.

        Tokens only grow, by one within a list. The current file plays on.
        """
        ...

    def turn_to(self, token: int) -> None:
        """Leave the current file for that one; the picture stays until its first frame. Nothing if it is current."""
        ...

    def pause(self, *, paused: bool) -> None:
        """Hold the picture still, or let it move."""
        ...

    def overlay(self, layer: Layer, ass: str, pictures: Sequence[Hung] = ()) -> None:
        """Draw ASS events (1280x720) on ``layer`` at once, paused or not; empty clears the layer.

        ``pictures``: on the cover, and gone with it; one that is not there is left out.
        """
        ...

    def reveal(self) -> None:
        """Take the cover away and, once the paused picture beneath it is drawn, let it move."""
        ...

    def sample(self) -> Sample:
        """How things stand now."""
        ...

    def capture(self, path: str) -> None:
        """Write what is on the screen to ``path`` as a JPEG file."""
        ...
