"""The two tones of a bare box's welcome, as they leave the player."""

from __future__ import annotations

import array
import time
from pathlib import Path

import pytest

from estation_box.playout.player_words import Chime, Cover, Phase
from tests.support import clips
from tests.support.framebuffer import FrameBuffer
from tests.support.player import PlayerProcess, video
from tests.support.xvfb import Xvfb

pytestmark = pytest.mark.screen
LOUD = 1000  # of 32,768


def loudest(path: Path) -> int:
    """The largest sample that came out of the loudspeaker so far (libmpv's `pcm` output, 16 bits)."""
    data = path.read_bytes()[44:] if path.exists() else b""
    return max(map(abs, array.array("h", data[: len(data) // 2 * 2])), default=0)


def test_the_welcome_is_heard_and_the_card_stays(tmp_path: Path):
    """Two tones are played behind the card; in a session nothing is played over the film."""
    with (
        Xvfb(tmp_path / "screen") as screen,
        PlayerProcess(tmp_path / "box", screen.display, audio="pcm") as player,
    ):
        player.core.await_connection()
        player.core.rest()
        player.core.ask(Cover, ass="{\\pos(0,0)\\1c&H0000FF&\\p1}m 0 0 l 1280 0 l 1280 720 l 0 720")
        time.sleep(0.3)
        out = tmp_path / "box" / "audiodump.wav"
        assert loudest(out) < LOUD
        assert player.core.ask(Chime).ok
        colours = set()
        deadline = time.monotonic() + 15
        while loudest(out) < LOUD and time.monotonic() < deadline:
            colours.add(FrameBuffer(screen.frame_buffer).pixel(640, 360))
            time.sleep(0.05)
        assert loudest(out) >= LOUD
        time.sleep(2.2)
        colours.add(FrameBuffer(screen.frame_buffer).pixel(640, 360))
        assert len(colours) == 1
        assert player.core.state().phase is Phase.CARD
        player.core.play(video(clips.flip("red", 1), seconds=1), session="after")
        assert player.core.ask(Chime).ok
        assert player.core.ended().entries[0].shown == pytest.approx(1, abs=0.25)
