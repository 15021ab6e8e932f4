"""``box-memory``: proportional set size (PSS) of the box: idle, playing 720p, and while sync takes a stick in.

The real units under the stand-in for PID 1, the real core connected to a real broker over TLS, the player on a virtual
X screen. What processes share is counted in parts. Sync's peak is taken while it copies the films of the
stick, and added to what core and player need while they play. The peers are bare interpreters and libmpv as it comes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from scripts.demo.centre import STATION
from tests.bench.result import Result, command
from tests.scenario.loop import Loop, wait_for
from tests.support import clips
from tests.support.library import padded
from tests.support.one_clip import spawn

SETTLES_IN: Final = 3.0
CLIP_SECONDS: Final = 20.0
CLIP_BYTES: Final = 120_000_000
BARS_MB: Final = {"core-idle": 45, "player-idle": 60, "idle": 100, "playing-720p": 170, "with-sync": 260}


def pss(pid: int) -> float:
    """The process's proportional set size in MB (10^6 bytes)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    msg = f"the kernel does not tell the PSS of process {pid}"
    raise RuntimeError(msg)


def run() -> list[Result]:
    """A row for each state, with what the same work costs in the plainest process."""
    sync_peak = [0.0]

    def watch(loop: Loop) -> None:
        pid = loop.init.pid("estation-sync.service")
        if pid:
            try:
                sync_peak[0] = max(sync_peak[0], pss(pid))
            except (OSError, RuntimeError):  # it ended meanwhile
                return

    with tempfile.TemporaryDirectory() as name, Loop(Path(name), make=_film, watching=watch) as loop:
        core, player = (loop.init.pid(f"estation-{unit}.service") for unit in ("core", "player"))
        assert core is not None
        assert player is not None
        wait_for(loop.stored, 30, "the box is connected")
        time.sleep(SETTLES_IN)
        values = {"core-idle": pss(core), "player-idle": pss(player)}
        values["idle"] = values["core-idle"] + values["player-idle"]
        loop.centre.command("send", STATION, "play", "--content", loop.contents[0])
        loop.watcher.moves_after(time.monotonic(), 20)
        time.sleep(SETTLES_IN)
        values["playing-720p"] = pss(core) + pss(player)
        values["with-sync"] = values["playing-720p"] + sync_peak[0]
        display = loop.display
        peers = _peers(display)
    return [
        Result(
            id=f"box-memory-{state}", value=round(value, 1), unit="MB PSS", bar=f"at most {BARS_MB[state]} MB",
            peer=peers[state][0], peer_value=round(peers[state][1], 1), ratio=round(value / peers[state][1], 2),
            ok=value <= BARS_MB[state], command=command("box-memory"),
        )
        for state, value in values.items()
    ]  # fmt: skip


def _film(path: Path, number: int) -> None:
    """A 720p film of its own, as heavy as a real one of six minutes."""
    clip = clips.flip(("red", "green", "blue")[number], CLIP_SECONDS)
    path.write_bytes(clip.read_bytes())
    padded(path, CLIP_BYTES + number)


def _peers(display: str) -> dict[str, tuple[str, float]]:
    """What the plainest processes need: an interpreter with paho-mqtt; libmpv with its defaults, playing 720p."""
    program = "import paho.mqtt.client, ssl, sqlite3, time; time.sleep(60)"
    plain = subprocess.Popen([sys.executable, "-c", program])
    film = spawn(str(clips.flip("red", CLIP_SECONDS)), CLIP_SECONDS, display)
    time.sleep(2 * SETTLES_IN)
    python, mpv = pss(plain.pid), pss(film.pid)
    for process in (plain, film):
        process.kill()
        process.wait(10)
    both = "the two together"
    return {
        "core-idle": ("Python with paho, ssl, sqlite3", python),
        "player-idle": ("libmpv by its defaults, 720p", mpv),
        "idle": (both, python + mpv),
        "playing-720p": (both, python + mpv),
        "with-sync": (both, python + mpv),
    }
