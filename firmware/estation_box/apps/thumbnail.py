"""Shrink a JPEG to 320 px and write it to standard output: a short-lived process of its own.

Core takes a picture of its own output once in a session; Pillow's memory is gone with this process.
"""

from __future__ import annotations

import io
import sys
from typing import Final

from PIL import Image, UnidentifiedImageError

from estation_wire.messages import REPLY_LIMIT_BYTES

WIDTH: Final = 320
LIMIT_BYTES: Final = REPLY_LIMIT_BYTES
QUALITIES: Final = (85, 70, 50, 30)


def shrunk(data: bytes) -> bytes:
    """``data`` (an image) as a JPEG 320 px wide in at most 64 kB; raises `ValueError` where that cannot be."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as image:
            height = max(round(image.height * WIDTH / image.width), 1)
            small = image.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        msg = f"not a picture: {error}"
        raise ValueError(msg) from None
    for quality in QUALITIES:
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= LIMIT_BYTES:
            return out.getvalue()
    msg = f"the picture does not fit into {LIMIT_BYTES} bytes"
    raise ValueError(msg)


def main() -> int:
    """``python -m estation_box.apps.thumbnail < big.jpg > small.jpg``."""
    try:
        sys.stdout.buffer.write(shrunk(sys.stdin.buffer.read()))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
