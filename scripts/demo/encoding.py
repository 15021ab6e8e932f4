"""Bounded calls of the tools outside, and the one form in which the demonstration's films are encoded."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scripts.demo.processes import DemoError

TIMEOUT_SECONDS: Final = 120.0  # the slowest call takes 10 s on two busy cores
THREADS: Final = ("-threads", "2")  # the demonstration's machine has other work
# H.264 High at 1280x720, 25 frames a second, a group of 2 s, never above 2.5 Mb/s together with two tracks of sound:
# what a Raspberry Pi decodes with ease, and a seek finds a whole picture every 2 s
VIDEO: Final = (
    *("-c:v", "libx264", "-profile:v", "high", "-level:v", "3.1", "-preset", "fast", "-tune", "animation"),
    *("-crf", "20", "-maxrate", "2200k", "-bufsize", "2200k", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0"),
    *("-pix_fmt", "yuv420p", "-r", "25", "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
)
SOUND: Final = ("-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "2")
CONTAINER: Final = ("-movflags", "+faststart", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")


def ffmpeg(arguments: Sequence[str | Path], *, level: str = "error") -> str:
    """What ffmpeg says on its standard error; raises `DemoError`."""
    return run(["ffmpeg", "-hide_banner", "-v", level, "-nostdin", "-y", *THREADS, *arguments], "ffmpeg")


def run(command: Sequence[str | Path], package: str) -> str:
    """The standard error of a tool, run to its end; raises `DemoError` where it is missing, fails or does not end."""
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT_SECONDS,
        )
    except FileNotFoundError:
        msg = f"{command[0]} is missing: install the Debian package {package}"
        raise DemoError(msg) from None
    except subprocess.TimeoutExpired:
        msg = f"{command[0]} did not end within {TIMEOUT_SECONDS:.0f} s: this machine may be overloaded; try again"
        raise DemoError(msg) from None
    said = done.stderr.decode(errors="replace")
    if done.returncode != 0:
        msg = f"{command[0]} failed: {said.strip()[-500:]}"
        raise DemoError(msg)
    return said
