"""`shown-seconds`: what the player says was shown, against the frames counted on the screen; sound and faulty clips.

The peer is what a simple player would report: the wall time from a clip's first picture to its end.
"""

from __future__ import annotations

import signal
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.result import Result, command
from tests.support import clips
from tests.support.framebuffer import FrameBuffer, Watch
from tests.support.player import PlayerProcess, video
from tests.support.showing import seen_seconds
from tests.support.xvfb import Xvfb

SECONDS = 12.0
HUNG_FROM, HUNG_FOR = 3.0, 4.0
MOST_OVER = 0.2
MOST_UNDER = {"healthy": 0.02, "hung display": 0.15, "corrupt": 0.15, "cut file": 0.15}


class Measured(NamedTuple):
    case: str
    truth: float
    said: float
    wall: float


def run() -> list[Result]:
    measured = []
    with (
        tempfile.TemporaryDirectory() as name,
        Xvfb(Path(name) / "screen") as screen,
        PlayerProcess(Path(name) / "player", screen.display) as player,
    ):
        player.core.await_connection()
        for case, path, fps in _clips():
            measured.append(measure(player, screen, case, path, fps))
    return [_result(case, [each for each in measured if each.case == case]) for case in MOST_UNDER]


def _clips() -> list[tuple[str, Path, int]]:
    plain, fast, vp9 = (
        clips.flip("red", SECONDS),
        clips.flip("green", SECONDS, size="1920x1080", fps=30),
        clips.flip("blue", SECONDS, "vp9"),
    )
    return [
        ("healthy", plain, 25),
        ("healthy", fast, 30),
        ("healthy", vp9, 25),
        ("hung display", plain, 25),
        ("hung display", vp9, 25),
        ("corrupt", clips.corrupt(plain, 0.3, 0.5), 25),
        ("corrupt", clips.corrupt(fast, 0.5, 0.7, seed=2), 30),
        ("corrupt", clips.corrupt(vp9, 0.4, 0.6, seed=3), 25),
        ("cut file", clips.cut(plain, 0.4), 25),
        ("cut file", clips.cut(fast, 0.7), 30),
    ]


def measure(player: PlayerProcess, screen: Xvfb, case: str, path: Path, fps: int) -> Measured:
    """Play the file once and compare."""
    core = player.core
    core.prepare(video(path, seconds=SECONDS))
    core.state(lambda state: state.current == "0" or state.entries[0].end is not None)
    with Watch(FrameBuffer(screen.frame_buffer)) as watch:
        core.play(video(path, seconds=SECONDS))
        started = core.state(lambda state: state.entries[0].started is not None).entries[0].started
        if case == "hung display":
            time.sleep(HUNG_FROM)
            screen.process.send_signal(signal.SIGSTOP)
            time.sleep(HUNG_FOR)
            screen.process.send_signal(signal.SIGCONT)
        ended = core.ended(3 * SECONDS)
    truth = seen_seconds(watch.changes, fps)
    assert started is not None
    return Measured(case, truth, ended.entries[0].shown, ended.at - started)


def _result(case: str, measured: list[Measured]) -> Result:
    over = max(each.said - each.truth for each in measured)
    under = max((each.truth - each.said) / each.truth for each in measured)
    off = max(abs(each.said - each.truth) for each in measured)
    wall = max(abs(each.wall - each.truth) for each in measured)
    most = MOST_UNDER[case]
    return Result(
        id=f"shown-seconds-{case.replace(' ', '-')}",
        value=round(off, 2),
        unit=f"s off at worst of {len(measured)} clips ({over:+.2f} s, {-100 * under:+.1f} %)",
        peer="wall time from first picture to end",
        peer_value=round(wall, 2),
        ratio=round(wall / off, 1) if off > 0 else None,
        bar=f"over by at most {MOST_OVER} s a clip, under by at most {most:.0%}",
        ok=over <= MOST_OVER and under <= most,
        command=command("shown-seconds"),
    )
