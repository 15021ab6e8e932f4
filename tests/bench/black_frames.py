"""`black-frames`: the share of transitions with black between, over mixed codecs, sizes and stills."""

from __future__ import annotations

import itertools
import tempfile
import time
from pathlib import Path

from estation_box.playout.player_words import Entry
from tests.bench.result import Result, command, percentile
from tests.support import clips
from tests.support.framebuffer import FrameBuffer, Watch
from tests.support.one_clip import spawn
from tests.support.player import PlayerProcess, still, video
from tests.support.showing import black_seconds, handovers
from tests.support.xvfb import Xvfb

TRANSITIONS = 100
A_SESSION = 34  # clips; three sessions of 34 hold 99 transitions, and one more session of two
PEER_CLIPS = 13
SECONDS = 0.8


def run() -> list[Result]:
    with tempfile.TemporaryDirectory() as name, Xvfb(Path(name) / "a") as screen:
        peer_black, peer_count = _peer(screen)
        ours, worst = [], 0.0
        with PlayerProcess(Path(name) / "player", screen.display) as player:
            player.core.await_connection()
            while len(ours) < TRANSITIONS:
                count = min(A_SESSION, TRANSITIONS - len(ours) + 1)
                found, dark = _session(player, FrameBuffer(screen.frame_buffer), count)
                ours += found
                worst += dark
    share = 100 * sum(found.was_black for found in ours) / len(ours)
    gaps = [found.gap for found in ours if found.gap is not None]
    peer_share = 100 * peer_black / peer_count
    again = command("black-frames")
    return [
        Result(
            id="black-frames", value=share, unit="% of transitions", peer="one libmpv process per clip",
            peer_value=peer_share, bar=f"0 over {TRANSITIONS} transitions", command=again,
            ok=share == 0 and worst == 0 and len(ours) >= TRANSITIONS,
        ),
        Result(
            id="black-frames-gap", value=round(percentile(gaps, 0.5) * 1000), unit="ms p50, last frame to first",
            bar="told, no bar", ok=True, command=again,
        ),
    ]  # fmt: skip


def _list(count: int) -> list[Entry]:
    kinds = itertools.cycle([
        ("h264", "1280x720", 25), ("h264", "1920x1080", 30), ("vp8", "854x480", 25), ("still", "", 0),
        ("vp9", "1280x720", 25), ("mpeg4", "640x360", 25), ("h264", "854x480", 30), ("still", "", 0),
    ])  # fmt: skip
    hues = itertools.cycle(clips.HUES)
    entries = []
    for n, (codec, size, fps), hue in zip(range(count), kinds, hues, strict=False):
        if codec == "still":
            entries.append(still(clips.still(hue), str(n), SECONDS))
        else:
            entries.append(video(clips.flip(hue, SECONDS, codec, size, fps=fps), str(n), SECONDS))
    return entries


def _session(player: PlayerProcess, screen: FrameBuffer, count: int):
    player.core.prepare(*_list(count))
    player.core.state(lambda state: state.current == "0")
    time.sleep(0.3)
    with Watch(screen) as watch:
        player.core.play(*_list(count))
        player.core.ended(count * 4)
        end = time.monotonic()
    spans = watch.spans(end)
    return handovers(spans), black_seconds(spans)


def _peer(screen: Xvfb) -> tuple[int, int]:
    with Watch(FrameBuffer(screen.frame_buffer)) as watch:
        for entry in _list(PEER_CLIPS):
            spawn(entry.path, entry.seconds, screen.display).wait(60)
    found = handovers(watch.spans(time.monotonic()))
    return sum(each.was_black for each in found), len(found)
