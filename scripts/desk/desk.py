"""What the page can see and do: the box, its sticks, and the office to which a stick is taken."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from scripts.demo.centre import STATION, Centre
from scripts.demo.processes import Children, DemoError
from scripts.desk.box import PluggedBox
from scripts.desk.set import DeskSet
from scripts.desk.table import Table

LOG_LINES: Final = 12
LOG_BYTES: Final = 8192


class Desk:
    """One box on a desk; the page's requests come from many threads, and what moves a stick is done one at a time."""

    def __init__(self, box: PluggedBox, table: Table, tv: DeskSet, centre: Centre, children: Children) -> None:
        self.box, self.table, self.tv = box, table, tv
        self._centre, self._children = centre, children
        self._lock = threading.Lock()

    def state(self) -> dict[str, Any]:
        """What the page shows, as JSON can hold it."""
        told: dict[str, Any] = {}
        if self.box.powered:
            try:
                told = self._told()
            except DemoError:
                told = {}
        return {
            "power": self.box.powered,
            "boots": self.box.boots,
            "units": self.box.units(),
            "tv": self.tv.state(),
            "inside": self.table.inside,
            "sticks": [stick._asdict() for stick in self.table.sticks()],
            "named": (self.box.folders.state / "profile.json").exists(),
            "certified": (self.box.folders.state / "certificate.pem").exists(),
            "centre": f"http://127.0.0.1:{self._centre.ports.page}/stations/{STATION}/",
            "box": told,
            "log": self._log(),
        }

    def _told(self) -> dict[str, Any]:
        why, status = self.box.ask("why"), self.box.ask("status")
        health = status["health"]
        return {
            "phase": status["phase"],
            "why": why["why"],
            "next": why["next"],
            "week": why["week"],
            "owed": why["owed"],
            "clock": why["clock"],
            "waiting": health["undelivered"],
            "fault": health.get("fault", ""),
            "playing": health.get("playing"),
            "light": status["light"],
        }

    def do(self, what: str, word: str, seconds: float) -> str:
        """Something that a hand does; a word about it. Raises `DemoError`."""
        deeds: dict[str, Callable[[], str | None]] = {
            "plug-in": self.box.plug_in,
            "pull-plug": self.box.pull_plug,
            "button": lambda: self.box.hold_button(seconds),
            "key": lambda: self.box.key(word),
            "tv": lambda: self.tv.press(word),
            "hurt": lambda: self.box.hurt(word),
            "put-in": lambda: self._move(lambda: self.table.put_in(word)),
            "pull": lambda: self._move(self.table.pull),
            "office": lambda: self._move(lambda: self._office(word)),
        }
        if what not in deeds:
            msg = f"nobody knows how to do {what!r}"
            raise DemoError(msg)
        return deeds[what]() or ""

    def _move(self, deed: Callable[[], None]) -> None:
        with self._lock:
            deed()

    def _office(self, name: str) -> None:
        """The stick goes to the office: what the box asks for is signed, what it reports is stored and acknowledged."""
        held = self.table.held(name)
        self._centre.command("sign-requests", str(held))
        self._centre.command("take-reports", str(held))

    def _log(self) -> list[str]:
        path = self._children.log("box")
        try:
            with path.open("rb") as file:
                file.seek(max(path.stat().st_size - LOG_BYTES, 0))
                return file.read().decode(errors="replace").splitlines()[-LOG_LINES:]
        except OSError:
            return []
