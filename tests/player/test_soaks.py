"""The player for hours: what it keeps of each film that it has shown, and a mixed day without one black picture."""

from __future__ import annotations

import itertools
import random
import time
from pathlib import Path

import pytest

from estation_box.playout.player_words import Entry, Rest
from tests.support import clips
from tests.support.framebuffer import FrameBuffer, Watch
from tests.support.player import PlayerProcess, still, video
from tests.support.showing import black_seconds, handovers
from tests.support.xvfb import Xvfb

pytestmark = [pytest.mark.soak, pytest.mark.screen]
LOADS, WARM = 10_000, 2_000  # items; the slope is that of the items after the warm ones
A_SESSION = 100
CLIP_SECONDS = 0.3
SLOPE_KB = 0.5
TRANSITIONS = 600
# Of `estation-player.service`: without them what films leave behind stays in the heap.
AS_ITS_UNIT = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_TRIM_THRESHOLD_": "262144"}
KINDS = (("h264", "1280x720", 25), ("h264", "640x360", 25), ("vp8", "854x480", 25), ("mpeg4", "640x360", 25))


def pss_kb(pid: int) -> float:
    """What the process has of the machine's memory, but for the pages of files.

    Those of a library are shared with whoever maps it just now: they tell of the others, and of no leak.
    """
    words = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
    return sum(float(each[1]) for each in words if each[0] in {"Pss_Anon:", "Pss_Shmem:"})


def slope(points: list[tuple[int, float]]) -> float:
    """The least squares' slope."""
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / sum((x - middle_x) ** 2 for x, _ in points)


def leak(folder: Path, loads: int = LOADS, warm: int = WARM) -> tuple[float, list[tuple[int, float]]]:
    """By how many kB it grows an item after the first ``warm``, and the memory after every session."""
    kinds = zip(clips.HUES, KINDS, strict=False)
    films = [clips.flip(hue, CLIP_SECONDS, codec, size, fps=fps) for hue, (codec, size, fps) in kinds]
    points: list[tuple[int, float]] = []
    with (
        Xvfb(folder / "screen") as screen,
        PlayerProcess(folder / "player", screen.display, extra=AS_ITS_UNIT) as player,
    ):
        player.core.await_connection()
        for done in range(A_SESSION, loads + 1, A_SESSION):
            entries = [video(films[n % len(films)], str(n), CLIP_SECONDS) for n in range(A_SESSION)]
            player.core.play(*entries, session=f"s{done}")
            ended = player.core.ended(A_SESSION * (CLIP_SECONDS + 2))
            assert all(entry.end == "eof" for entry in ended.entries), ended
            assert player.core.ask(Rest).ok
            points.append((done, pss_kb(player.process.pid)))
            print(*points[-1], flush=True)
    return slope(floors([point for point in points if point[0] > warm])), points


def floors(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """The least of each five: a decoder's 20 MB are there between films or not; a leak lifts the least as well."""
    return [(points[at][0], min(kb for _, kb in points[at : at + 5])) for at in range(0, len(points), 5)]


@pytest.mark.timeout(0)
def test_ten_thousand_films_leave_nothing_behind(tmp_path):
    """`player-leak`: years of films on one box; the slope stays below half a kilobyte a film."""
    found, points = leak(tmp_path)
    print(f"{found:.3f} kB an item, {points[0][1]:.0f} to {points[-1][1]:.0f} kB")
    assert found <= SLOPE_KB


def mixed(chance: random.Random, count: int) -> list[Entry]:
    """Films of four codecs and pictures, in any order, each of its own length; no two of one colour in a row."""
    entries: list[Entry] = []
    hues = itertools.cycle(clips.HUES)
    for number, hue in zip(range(count), hues, strict=False):
        if chance.random() < 0.2:
            entries.append(still(clips.still(hue), str(number), 0.8))
        else:
            codec, size, fps = chance.choice(KINDS)
            entries.append(video(clips.flip(hue, 0.8, codec, size, fps=fps), str(number), 0.8))
    return entries


@pytest.mark.timeout(0)
def test_a_mixed_day_has_no_black_picture(tmp_path):
    """`day-on-screen`: sessions, pictures, and sessions that are interrupted and go on; never a black frame between."""
    chance = random.Random(7)
    found, dark = 0, 0.0
    with Xvfb(tmp_path / "screen") as screen, PlayerProcess(tmp_path / "player", screen.display) as player:
        player.core.await_connection()
        buffer = FrameBuffer(screen.frame_buffer)
        for number in itertools.count():
            if found >= TRANSITIONS:
                break
            entries = mixed(chance, chance.randint(10, 40))
            player.core.prepare(*entries, session=f"d{number}")
            player.core.state(lambda state: state.current == "0")
            time.sleep(0.3)
            with Watch(buffer) as watch:
                player.core.play(*entries, session=f"d{number}")
                if number % 3 == 2:  # somebody stops it in the midst, and something else begins at once
                    player.core.state(lambda state: state.current not in {None, "0", "1"})
                    player.core.rest()
                else:
                    player.core.ended(len(entries) * 4)
                end = time.monotonic()
            spans = watch.spans(end)
            found += len(handovers(spans))
            dark += black_seconds(spans)
            assert dark == 0, f"session {number}: {dark:.3f} s of black"
    print(f"{found} transitions, {dark:.3f} s of black")
