"""ffprobe and ffmpeg, run as bounded children: each dies with the studio, and none outlives its time."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from threading import Timer
from typing import IO, Final, NamedTuple

from msgspec import Struct

from estation_wire.decoding import decoder
from estation_wire.picture import HEIGHT, PALETTE_BYTES, WIDTH, Picture
from studio.errors import StudioError

ASK_SECONDS: Final = 60.0  # a file of 4 GB on a slow disk takes 5
HEAR_SECONDS: Final = 3600.0  # two hours of sound are heard in two minutes
MAKE_SECONDS: Final = 12 * 3600.0  # two hours of 4K on two slow cores
ANSWER_LIMIT_BYTES: Final = 4 * 1024 * 1024
SAID_LINES: Final = 40
KEY_FRAMES_WITHIN: Final = 120  # seconds of the film in which key frames are looked for
LAST_SECONDS: Final = 10.0  # how much of the end is read to know that it is there
_TIME: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_HEARD: Final = re.compile(r"\{[^{}]*\"input_i\"[^{}]*\}")


class Unreadable(StudioError):  # noqa: N818 - it reads as what it is
    """The tool cannot make anything of the file; the text is the tool's last line."""


class Heard(Struct, frozen=True):
    """What loudnorm measured of one track (EBU R128): LUFS, dBTP, LU, LUFS, LU. It writes numbers as words."""

    input_i: str
    input_tp: str
    input_lra: str
    input_thresh: str
    target_offset: str


def about(path: Path) -> bytes:
    """What ffprobe says of format and streams, as JSON; raises `Unreadable`."""
    return _ask("-show_format", "-show_streams", "-of", "json", path=path)


class Reach(NamedTuple):
    """The longest time between two key frames, None where none is told; and how far the packets reach. Seconds."""

    gap: float | None
    end: float


def reach(path: Path, seconds: float) -> Reach:
    """Read the picture's packets, of the first two minutes and of the end of a film that lasts ``seconds``.

    No frame is decoded: the container is read.
    """
    packets = _packets(path, f"%+{KEY_FRAMES_WITHIN}")
    times, keys = [at for at, _ in packets], [at for at, key in packets if key]
    ends = sorted([*keys, *times[-1:]])
    gap = max((after - before for before, after in pairwise(ends)), default=0.0) if keys else None
    if seconds > KEY_FRAMES_WITHIN:
        times += [at for at, _ in _packets(path, f"{seconds - LAST_SECONDS:.3f}%")]
    return Reach(gap, max(times, default=0.0))


def picture(poster: Path) -> Picture:
    """A poster's JPEG as the small picture that a box can draw. Raises `Unreadable`."""
    whole = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=increase,crop={WIDTH}:{HEIGHT},split[a][b]"
    colours = "[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse=dither=bayer:bayer_scale=3"
    command = ["-i", f"file:{poster}", "-vf", f"{whole};{colours}", "-frames:v", "1", "-f", "rawvideo"]
    done = _done(_dying("ffmpeg", "-v", "error", "-nostdin", *command, "-pix_fmt", "pal8", "pipe:1"), ASK_SECONDS)
    points = WIDTH * HEIGHT
    if done.returncode or len(done.stdout) != points + PALETTE_BYTES:
        msg = "no small picture can be made of it"
        raise Unreadable(msg)
    return Picture(done.stdout[points:], done.stdout[:points])  # the palette stands behind the points


def _packets(path: Path, interval: str) -> list[tuple[float, bool]]:
    """When each packet of the picture is shown, and whether it is a key frame."""
    said = _ask(
        *("-select_streams", "v:0", "-show_entries", "packet=pts_time,dts_time,flags", "-of", "csv=p=0"),
        *("-read_intervals", interval),
        path=path,
    )
    found = []
    for line in said.decode(errors="replace").splitlines():
        *times, flags = line.split(",")
        at = next((float(time) for time in times if _TIME.fullmatch(time)), None)
        if at is not None:
            found.append((at, flags.startswith("K")))
    return found


def hear(path: Path, track: int) -> Heard | None:
    """The loudness of the file's n-th sound track, from 0; None where it is silent. Raises `Unreadable`."""
    command = ["-i", f"file:{path}", "-map", f"0:a:{track}", "-vn", "-sn"]
    command += ["-af", "loudnorm=I=-23:TP=-1.5:LRA=11:print_format=json", "-f", "null", "-"]
    said = _done(_dying("ffmpeg", "-hide_banner", "-nostdin", "-nostats", *command), HEAR_SECONDS).stderr
    found = _HEARD.findall(said.decode(errors="replace"))
    if not found:
        msg = "its sound cannot be read"
        raise Unreadable(msg)
    heard = decoder(Heard).decode(found[-1])
    return None if "inf" in heard.input_i else heard


def make(arguments: Sequence[str], target: Path, told: Callable[[float, float], None]) -> None:
    """Run ffmpeg into ``target``; ``told`` hears seconds made and how many a second. Raises `Unreadable`."""
    command = _dying("ffmpeg", "-hide_banner", "-v", "error", "-nostdin", "-y", "-progress", "pipe:1", "-nostats")
    try:
        child = subprocess.Popen(
            [*command, *arguments, f"file:{target}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError:
        raise _missing() from None
    late = Timer(MAKE_SECONDS, child.kill)
    late.daemon = True
    late.start()
    with child:
        try:
            said = _follow(child.stdout, told)
        except BaseException:
            child.kill()
            raise
        finally:
            late.cancel()
    if child.returncode != 0:
        msg = f"it cannot be read to its end ({said})"
        raise Unreadable(msg)


def _follow(lines: IO[str] | None, told: Callable[[float, float], None]) -> str:
    """Hear the child to its end; the last line that is no progress."""
    said: deque[str] = deque(maxlen=SAID_LINES)
    seconds = 0.0
    for line in lines or ():
        key, sign, value = line.strip().partition("=")
        if not sign or " " in key:
            said.append(line.strip())
        elif key == "out_time_us" and value.lstrip("-").isdecimal():
            seconds = max(int(value) / 1e6, 0.0)
        elif key == "speed":
            told(seconds, _speed(value))
    return said[-1][:200] if said else "no word why"


def _speed(value: str) -> float:
    try:
        return float(value.strip().removesuffix("x"))
    except ValueError:
        return 0.0


def _ask(*arguments: str, path: Path) -> bytes:
    command = _dying("ffprobe", "-v", "error", "-protocol_whitelist", "file", *arguments, "-i", f"file:{path}")
    done = _done(command, ASK_SECONDS)
    if done.returncode != 0 or len(done.stdout) > ANSWER_LIMIT_BYTES:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].replace(f"file:{path}: ", "")
        raise Unreadable(last[:200])
    return done.stdout


def _done(command: list[str], seconds: float) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    except FileNotFoundError:
        raise _missing() from None
    except subprocess.TimeoutExpired:
        msg = f"{seconds:.0f} s were not enough"
        raise Unreadable(msg) from None


def _dying(tool: str, *arguments: str) -> list[str]:
    """The command that the kernel kills with the studio, where the machine has setpriv (every Debian has)."""
    guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") and shutil.which(tool) else []
    return [*guard, tool, *arguments]


def _missing() -> StudioError:
    return StudioError("ffmpeg and ffprobe are missing: install the Debian package ffmpeg")
