"""The thumbnail process, bounded: a picture file in, a small JPEG out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from estation_wire.messages import REPLY_LIMIT_BYTES

LIMIT_BYTES: Final = REPLY_LIMIT_BYTES
INPUT_LIMIT_BYTES: Final = 8 * 1024 * 1024  # a 1080p JPEG at best quality has 2 MB
TIMEOUT_SECONDS: Final = 20.0  # a Pi Zero 2 W needs 3 s with a film playing


class ThumbnailError(Exception):
    """No small picture could be made; the text says why."""


def thumbnail(path: Path) -> bytes:
    """The picture at ``path`` as a JPEG 320 px wide, at most 64 kB. Blocks for up to 20 s; raises `ThumbnailError`."""
    try:
        with path.open("rb") as picture:
            data = picture.read(INPUT_LIMIT_BYTES)
        done = subprocess.run(
            [sys.executable, "-m", "estation_box.apps.thumbnail"],
            input=data,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise ThumbnailError(error.stderr.decode(errors="replace")[:200].strip()) from None
    except (OSError, subprocess.SubprocessError) as error:
        raise ThumbnailError(str(error)[:200]) from None
    if not 0 < len(done.stdout) <= LIMIT_BYTES:
        msg = f"the small picture has {len(done.stdout)} bytes, at most {LIMIT_BYTES} are allowed"
        raise ThumbnailError(msg)
    return done.stdout
