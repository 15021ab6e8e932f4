"""What the profile says of the network, put where NetworkManager and udev read it: in RAM, anew at each boot."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CONNECTIONS: Final = Path("run/NetworkManager/system-connections")
LET_IN: Final = Path("run/estation-usb")


def lay_down(root: Path, keyfiles: Mapping[str, str], modem: str | None) -> bool:
    """Make these the files in ``root``, and no others; whether anything is another than before. Raises `OSError`.

    The keyfiles are the owner's alone, or NetworkManager would not read them. ``modem`` (``2c7c:0125``) becomes an
    empty file of that name, which the rule for USB ports looks for.
    """
    private = _only(root / CONNECTIONS, keyfiles, 0o600)
    return _only(root / LET_IN, {modem: ""} if modem else {}, 0o644) or private


def _only(folder: Path, wanted: Mapping[str, str], mode: int) -> bool:
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    there = {path.name: _text(path) for path in folder.iterdir()}
    for name in there.keys() - wanted.keys():
        (folder / name).unlink()
    for name, text in wanted.items():
        if there.get(name) != text:
            beside = folder / f".{name}.new"  # NetworkManager passes over what begins with a dot
            with contextlib.suppress(FileNotFoundError):
                beside.unlink()
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            beside.replace(folder / name)
    return there != wanted


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
