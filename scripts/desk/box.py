"""The desk's box: the image's own units, with a plug that can be pulled and a few ways to hurt it."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any, Final, Self, TextIO

import msgspec

from estation_box.drivers.unix_socket import SocketError, ask_once
from estation_box.library.sync_words import Ask
from estation_box.programme.courtesy import Press
from estation_box.settings import Folders, folders
from estation_box.simulated.button import SimulatedButton
from estation_box.simulated.init import Init
from scripts.demo.box import UNITS
from scripts.demo.processes import DemoError
from scripts.desk.set import PROGRAMS

ANSWER_SECONDS: Final = 3.0
CORE, PLAYER = "estation-core.service", "estation-player.service"
HURTS: Final = {
    "kill-core": (CORE, signal.SIGKILL),
    "kill-player": (PLAYER, signal.SIGKILL),
    "hang-player": (PLAYER, signal.SIGSTOP),
}
"""What may be done to the box, as what may happen in a hall: the watchdogs are to mend each."""


class PluggedBox:
    """The box below ``root``, plugged in by ``with``. Its methods may be called from any thread."""

    def __init__(self, root: Path, display: str, log: TextIO) -> None:
        self._root = root.resolve()
        self._log = log
        programs = f"{PROGRAMS}:{os.environ.get('PATH', os.defpath)}"  # the desk's TV answers where cec-ctl would
        self._environment = {**os.environ, "DISPLAY": display, "PYTHONUNBUFFERED": "1", "PATH": programs}
        self._init: Init | None = None
        self._lock = threading.Lock()
        self._button = SimulatedButton(self._pressed)
        self._button.__enter__()
        self._did = ""
        self.boots = 0
        self.folders: Folders = folders(
            {
                "STATE_DIRECTORY": str(self._root / "var/lib/estation"),
                "RUNTIME_DIRECTORY": str(self._root / "run/estation"),
                "CONFIGURATION_DIRECTORY": str(self._root / "etc/estation"),
            }
        )

    @property
    def powered(self) -> bool:
        """Whether its plug is in."""
        return self._init is not None and self._init.running

    def plug_in(self) -> None:
        """The power is there: another boot, with an empty ``run``."""
        with self._lock:
            if not self.powered:
                self._init = Init(UNITS, self._root, self._environment, self._log)
                self._init.start()
                self.boots += 1

    def pull_plug(self) -> None:
        """The power is gone, between two instructions: everything ends by SIGKILL."""
        with self._lock:
            if self._init is not None and self._init.running:
                self._init.cut()

    def units(self) -> dict[str, str]:
        """How its long-lived parts are."""
        init = self._init
        if init is None or not init.running:
            return {}
        return {name: f"{init.state(unit).value}" for name, unit in (("core", CORE), ("player", PLAYER))}

    def hurt(self, how: str) -> None:
        """One of `HURTS`. Raises `DemoError`."""
        if how not in HURTS:
            msg = f"there is no such thing to do to it: {how!r}"
            raise DemoError(msg)
        unit, number = HURTS[how]
        if self._init is not None and self._init.running:
            self._init.kill(unit, number)

    def hold_button(self, seconds: float) -> str:
        """A finger is on the button for so long; what the box did about it."""
        with self._lock:
            self._did = ""
            self._button.rest(1.0)
            self._button.hold(seconds)
            return self._did

    def key(self, key: str) -> str:
        """A key of the remote; what the box did about it. Raises `DemoError` while it has no head."""
        return str(self.ask("key", key).get("done", ""))

    def ask(self, question: str, word: str = "") -> dict[str, Any]:
        """What core answers. Raises `DemoError` while there is none."""
        line = msgspec.json.encode(msgspec.convert({"question": question, "word": word}, Ask))
        try:
            answer = ask_once(self.folders.core_socket, line, ANSWER_SECONDS)
        except SocketError:
            msg = "the box does not answer: it has no power, or is starting · 盒子没有回应"
            raise DemoError(msg) from None
        return dict(msgspec.json.decode(answer))

    def __enter__(self) -> Self:
        """Plug it in."""
        self.plug_in()
        return self

    def __exit__(self, *_: object) -> None:
        """Switch it off in order."""
        with self._lock:
            if self._init is not None and self._init.running:
                self._init.stop()

    def _pressed(self, press: Press) -> None:
        self._did = str(self.ask("press", press.value).get("done", ""))
