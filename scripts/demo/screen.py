"""A screen for the demo: the one that is there, else a virtual one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from scripts.demo.processes import DemoError

SIZE: Final = "1280x720x24"
READY_SECONDS: Final = 20.0


class Screen(NamedTuple):
    """``display``: what goes into DISPLAY; ``picture``: the frame buffer's file of a virtual screen."""

    display: str
    picture: Path | None


@contextmanager
def screen(folder: Path, *, virtual: bool = False) -> Iterator[Screen]:
    """The screen of this session where there is one that answers, else a virtual one for as long as this lasts.

    ``virtual``: a virtual one whatever there is.
    """
    display = os.environ.get("DISPLAY", "")
    if not virtual and display and _answers(display):
        yield Screen(display, None)
        return
    folder.mkdir(parents=True, exist_ok=True)
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", SIZE, "-fbdir", folder, "-nolisten", "tcp", "-noreset"],
        pass_fds=[writer],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(writer)
    try:
        number = _number(reader)
        yield Screen(f":{number}", folder / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait(10)


def _number(reader: int) -> str:
    with os.fdopen(reader, "rb") as pipe:
        line = pipe.readline().decode().strip()
    if not line:
        msg = "no virtual screen could be started: is xvfb installed? `make set-up` does it"
        raise DemoError(msg)
    return line


def _answers(display: str) -> bool:
    """Whether an X server is there: its Unix socket, or whatever a remote display says."""
    name = display.rsplit(":", 1)[-1].split(".", maxsplit=1)[0]
    return not display.startswith(":") or Path(f"/tmp/.X11-unix/X{name}").is_socket()  # noqa: S108 - where X keeps it
