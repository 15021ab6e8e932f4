"""The peer of the benches: one libmpv process for each clip, as a simple signage script does it.

``python one_clip.py FILE SECONDS`` plays one file to its end on ``DISPLAY`` and leaves. It imports nothing but PyPI
``mpv``, with mpv's own defaults for one video in a window that fills the screen.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def spawn(path: str, seconds: float, display: str) -> subprocess.Popen[bytes]:
    """Start the peer for one file."""
    environment = {**os.environ, "DISPLAY": display}
    return subprocess.Popen([sys.executable, __file__, path, str(seconds)], env=environment, cwd=ROOT)


def main() -> None:
    import mpv  # noqa: PLC0415 - in the spawned process alone: shared pages would flatter `box-memory`

    player = mpv.MPV(
        vo="x11", ao="null", config=False, osc=False, ytdl=False, load_scripts=False, fullscreen=True, border=False,
        image_display_duration=float(sys.argv[2]), input_vo_keyboard=False,
    )  # fmt: skip
    player.command("loadfile", sys.argv[1])
    player.wait_for_event("end_file")
    player.terminate()


if __name__ == "__main__":
    main()
