"""`power-to-picture`: from the start of the player's unit to the first card on the screen, with no core there at all.

The peer is what a player cannot do without: the same interpreter, libmpv and a window, with one picture and no more.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.bench.result import Result, command, percentile
from tests.support import clips
from tests.support.framebuffer import FrameBuffer, black
from tests.support.one_clip import spawn
from tests.support.player import PlayerProcess
from tests.support.xvfb import Xvfb

TRIES = 9
LIMIT_SECONDS = 2.5
PATIENCE = 30.0


def run() -> list[Result]:
    """Seconds at the median, ours and the peer's in turn."""
    ours, peers = [], []
    with tempfile.TemporaryDirectory() as name, Xvfb(Path(name) / "screen") as screen:
        pixels = FrameBuffer(screen.frame_buffer)
        for n in range(TRIES):
            with PlayerProcess(Path(name) / f"player-{n}", screen.display) as player:
                ours.append(pixels.wait(lambda pixel: not black(pixel), PATIENCE) - player.started)
            pixels.wait(black, PATIENCE)
            peers.append(_window(screen, pixels))
    p50, peer = percentile(ours, 0.5), percentile(peers, 0.5)
    return [
        Result(
            id="power-to-picture", value=round(p50, 2), unit="s p50", peer="one libmpv with one picture",
            peer_value=round(peer, 2), ratio=round(peer / p50, 2), bar="at most 2.5 s, before core is up",
            ok=p50 <= LIMIT_SECONDS, command=command("power-to-picture"),
        )
    ]  # fmt: skip


def _window(screen: Xvfb, pixels: FrameBuffer) -> float:
    began = time.monotonic()
    process = spawn(str(clips.still("blue")), 2, screen.display)
    try:
        return pixels.wait(lambda pixel: not black(pixel), PATIENCE) - began
    finally:
        process.kill()
        process.wait(10)
        pixels.wait(black, PATIENCE)
