"""What a technician with a shell would do in a box that runs in QEMU, through the test's hand inside it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from estation_box.programme.courtesy import Act
from tests.support.machine_inside import Inside

PYTHON = "/usr/lib/estation/bin/python"
FOLDERS = "STATE_DIRECTORY=/var/lib/estation RUNTIME_DIRECTORY=/run/estation CONFIGURATION_DIRECTORY=/etc/estation"
SAID = "journalctl -b -o short-monotonic --no-pager -u 'estation-*' -u NetworkManager -p info | tail -40"
_RECORDS = (
    "import sqlite3; "
    "rows = sqlite3.connect('file:/var/lib/estation/journal.db?mode=ro', uri=True)"
    ".execute('SELECT raw FROM records ORDER BY seq'); "
    "print('[' + ','.join(bytes(raw).decode() for (raw,) in rows) + ']')"
)


class BoxInside:
    """The commands, and what they answer."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    def estation(self, *words: str) -> dict[str, Any]:
        """The box's own `estation` command."""
        return json.loads(self._inside.run(f"{FOLDERS} {PYTHON} -m estation_box.apps.estation {' '.join(words)}"))

    def press(self, how: str = "short") -> dict[str, Any]:
        """The button, by the command that stands for it."""
        return self.estation("press", how)

    def play(self, more: int = 2) -> bool:
        """Press until a session begins, once more for each question (at most ``more``) that the screen still asks."""
        return any(self.press().get("done") == Act.PLAY for _ in range(more + 1))

    def records(self) -> list[dict[str, Any]]:
        """The whole journal."""
        return json.loads(self._inside.run(f'{PYTHON} -c "{_RECORDS}"'))

    def record(self, kind: str, within: float, **words: object) -> dict[str, Any]:
        """The newest record of a kind with these words, when it is there."""

        def found() -> dict[str, Any] | None:
            fitting = [each for each in self.records() if each["kind"] == kind and words.items() <= each.items()]
            return fitting[-1] if fitting else None

        return self.wait(f"{kind} {words}", found, within)

    def time(self) -> datetime:
        """What the box's system clock says."""
        return datetime.fromisoformat(self._inside.run("date --utc --iso-8601=ns").replace(",", "."))

    def unit(self, name: str, *properties: str) -> list[str]:
        """A unit's properties, as PID 1 knows them."""
        asked = " ".join(f"-p {each}" for each in properties)
        lines = self._inside.run(f"systemctl show estation-{name}.service {asked}").splitlines()
        values = dict(line.split("=", 1) for line in lines)
        return [values[each] for each in properties]

    def listens(self, within: float) -> None:
        """Wait for core, which comes after the first picture."""
        self.wait("the box's head", lambda: self.unit("core", "ActiveState") == ["active"], within)

    def ports(self, kind: str, state: str) -> list[tuple[int, str]]:
        """The ports of a kind (tcp, udp) in a state of the kernel's, each with the number of its account."""
        rows = self._inside.run(
            f"awk '$4 == \"{state}\" {{print $2, $8}}' /proc/net/{kind} /proc/net/{kind}6"
        ).splitlines()
        return [(int(place.split(":")[1], 16), owner) for place, owner in map(str.split, rows)]

    def wait(self, what: str, ready: Callable[[], Any], within: float, every: float = 0.5) -> Any:
        """Wait until ``ready()`` is true; its value. ``every``: seconds between two looks, which take the guest's."""
        ends = time.monotonic() + within
        while not (found := ready()):
            assert time.monotonic() < ends, f"not within {within:.0f} s: {what}\n{self._inside.tried(SAID)[1]}"
            time.sleep(every)
        return found
