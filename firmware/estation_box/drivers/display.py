"""What the kernel knows of the plug: whether a screen hangs on HDMI, and what it calls itself (EDID 1.4).

Weak evidence: many TVs hold the line while they are off, some let it go while they are on. It is shown, never counted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

CONNECTORS: Final = Path("/sys/class/drm")
MAX_CONNECTORS: Final = 8  # a Pi has two plugs and composite
MAX_EDID: Final = 512
_HEADER: Final = bytes.fromhex("00ffffffffffff00")
_DESCRIPTORS: Final = (54, 72, 90, 108)  # where the four blocks of 18 bytes stand
_NAME: Final = b"\x00\x00\x00\xfc\x00"  # a block that holds the screen's name, 13 letters


def plugged(folder: Path = CONNECTORS) -> str | None:
    """The name of the screen on the first HDMI plug that has one, «?» where it has no name; "" for no screen at all.

    None where the kernel has no such plug. Never raises.
    """
    found: str | None = None
    try:
        plugs = sorted(folder.glob("card*-HDMI-*"))[:MAX_CONNECTORS]
        for plug in plugs:
            found = found or ""
            if _status(plug) == "connected":
                with (plug / "edid").open("rb") as edid:
                    return screen_name(edid.read(MAX_EDID)) or "?"
    except OSError:
        return found
    return found


def lit(folder: Path = CONNECTORS) -> tuple[str, ...]:
    """The names of the connectors that the kernel takes for connected, such as ``Composite-1``. Never raises."""
    try:
        plugs = sorted(folder.glob("card*-*"))[:MAX_CONNECTORS]
        return tuple(plug.name.partition("-")[2] for plug in plugs if _status(plug) == "connected")
    except OSError:
        return ()


def _status(plug: Path) -> str:
    return (plug / "status").read_text(encoding="ascii", errors="replace").strip()


def screen_name(edid: bytes) -> str:
    """What a screen calls itself: the maker's three letters and the model; empty where the bytes are no EDID."""
    if len(edid) < 128 or not edid.startswith(_HEADER) or sum(edid[:128]) % 256:
        return ""
    packed = int.from_bytes(edid[8:10], "big")
    letters = [packed >> shift & 31 for shift in (10, 5, 0)]
    if not all(1 <= letter <= 26 for letter in letters):
        return ""
    maker = "".join(chr(64 + letter) for letter in letters)
    blocks = [edid[at : at + 18] for at in _DESCRIPTORS]
    named = next((block[5:].split(b"\n")[0] for block in blocks if block.startswith(_NAME)), b"")
    model = "".join(letter for letter in named.decode("ascii", "ignore") if letter.isprintable()).strip()
    return f"{maker} {model}".strip()
