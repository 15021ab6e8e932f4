"""`start-lateness`: from the instant of a scheduled start to the first new pixel, against one libmpv process per clip.

Both ways are taken in turn, so that the machine's moods hit both.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from estation_box.playout.player_words import Start
from tests.bench.result import Result, command, percentile
from tests.support import clips
from tests.support.clips import hue_of
from tests.support.framebuffer import FrameBuffer, black
from tests.support.one_clip import spawn
from tests.support.player import PlayerProcess, video
from tests.support.xvfb import Xvfb

TRIES = 100
PEER_EVERY = 4  # a process per clip is slow: 25 tries of it say enough
LEAD = 0.05


def run() -> list[Result]:
    clip = clips.flip("red", 2.0)
    ours, peers = [], []
    with (
        tempfile.TemporaryDirectory() as name,
        Xvfb(Path(name) / "screen") as screen,
        Xvfb(Path(name) / "other") as other,
        PlayerProcess(Path(name) / "player", screen.display) as player,
    ):
        player.core.await_connection()
        for n in range(TRIES):
            ours.append(_preloaded(player, FrameBuffer(screen.frame_buffer), clip, n))
            if n % PEER_EVERY == 0:
                peers.append(_spawned(other, clip))
    p50, p99, peer = percentile(ours, 0.5), percentile(ours, 0.99), percentile(peers, 0.5)
    again = command("start-lateness")
    who = "one libmpv process per clip"
    return [
        Result(
            id="start-lateness", value=round(p50 * 1000, 1), unit="ms p50", peer=who, peer_value=round(peer * 1000, 1),
            ratio=round(peer / p50, 1), bar="at least 20x better at p50", ok=peer / p50 >= 20, command=again,
        ),
        Result(
            id="start-lateness-p99", value=round(p99 * 1000, 1), unit="ms p99", peer=who,
            peer_value=round(percentile(peers, 0.99) * 1000, 1), ratio=round(percentile(peers, 0.99) / p99, 1),
            bar="at most 60 ms", ok=p99 <= 0.060, command=again,
        ),
    ]  # fmt: skip


def _preloaded(player: PlayerProcess, screen: FrameBuffer, clip: Path, n: int) -> float:
    session = f"s{n}"
    player.core.prepare(video(clip), session=session)
    player.core.state(lambda state: state.session == session and state.current == "0")
    time.sleep(0.15 + 0.013 * (n % 7))  # a start comes at any phase of the five samples a second
    assert hue_of(screen.pixel(640, 150)) is None, "the cover does not hide the preloaded clip"
    start = time.monotonic() + LEAD
    time.sleep(max(start - time.monotonic(), 0))
    player.core.send(Start, session=session)
    seen = screen.wait(lambda pixel: hue_of(pixel) == "red", 5)
    player.core.rest()
    screen.wait(lambda pixel: hue_of(pixel) is None, 5)
    return seen - start


def _spawned(screen: Xvfb, clip: Path) -> float:
    buffer = FrameBuffer(screen.frame_buffer)
    start = time.monotonic()
    process = spawn(str(clip), 2, screen.display)
    try:
        return buffer.wait(lambda pixel: hue_of(pixel) == "red", 20) - start
    finally:
        process.kill()
        process.wait(10)
        buffer.wait(black, 5)
