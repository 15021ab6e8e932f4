"""`box-memory`: the player's share of the memory (PSS), with the card on the screen and with 720p running.

The memory that a process shares with others is counted in parts; `pss` serves the other units' rows too.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.bench.result import Result, command
from tests.support import clips
from tests.support.one_clip import spawn
from tests.support.player import PlayerProcess, video
from tests.support.xvfb import Xvfb

SETTLES_IN = 3.0
IDLE_MB = 60


def pss(pid: int) -> float:
    """The process's proportional set size in MB (10^6 bytes)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    msg = f"the kernel does not tell the PSS of process {pid}"
    raise RuntimeError(msg)


def run() -> list[Result]:
    clip = clips.flip("red", 8.0)
    with tempfile.TemporaryDirectory() as name, Xvfb(Path(name) / "a") as screen:
        with PlayerProcess(Path(name) / "player", screen.display) as player:
            player.core.await_connection()
            time.sleep(SETTLES_IN)
            idle = pss(player.process.pid)
            player.core.play(video(clip, seconds=8.0))
            player.core.state(lambda state: bool(state.entries) and state.entries[0].shown > SETTLES_IN)
            playing = pss(player.process.pid)
        peer = spawn(str(clip), 8.0, screen.display)
        time.sleep(2 * SETTLES_IN)
        spawned = pss(peer.pid)
        peer.kill()
        peer.wait(10)
    again = command("box-memory")
    return [
        Result(
            id="box-memory-player-idle", value=round(idle, 1), unit="MB PSS (x11)", bar=f"at most {IDLE_MB}",
            ok=idle <= IDLE_MB, command=again,
        ),
        Result(
            id="box-memory-player-720p", value=round(playing, 1), unit="MB PSS", peer="libmpv with its defaults",
            peer_value=round(spawned, 1), ratio=round(spawned / playing, 2), bar="told; the bar is on core and player",
            ok=True, command=again,
        ),
    ]  # fmt: skip
