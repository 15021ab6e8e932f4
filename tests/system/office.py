"""A box in QEMU, its hall and the office that it calls: the centre's broker and collector run on this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from estation_wire.profile import Centre as CentreWords
from scripts.demo import centre as demo
from scripts.demo.processes import Children
from tests.support import machine, machine_inside
from tests.support.hall import GUEST_SEES_US, Hall
from tests.support.machine_box import BoxInside
from tests.system import pictures
from tests.system.told import Told

BOOT_WITHIN = 420.0
STICK_WITHIN = 300.0
CONNECTED_WITHIN = 420.0
QUESTIONS = 2  # that a screen may ask before a press plays something: the stick's time, and the film that goes on
ASKED_SECONDS = 30.0  # on a machine that is busy


def press_for(tv: machine.Machine, box: BoxInside, film: pictures.Film) -> None:
    """Somebody presses the button until the film plays, once more for each question that the screen still asks."""
    for _ in range(QUESTIONS + 1):
        if film.on(tv.picture()):
            return
        box.press()
        with contextlib.suppress(AssertionError):
            tv.see("the film", film.on, ASKED_SECONDS, every=0.5)
            return
    raise AssertionError(box.estation("status"))


class Office:
    """The centre, a library of ``films`` whose only session is two days away, and a card for one station."""

    def __init__(self, folder: Path, stack: ExitStack, films: Sequence[Path], **profile: object) -> None:
        self.folder, self._stack = folder, stack
        children = stack.enter_context(Children(folder / "logs", {"PYTHONUNBUFFERED": "1"}))
        self.centre = demo.Centre(children, folder / "centre", host=GUEST_SEES_US)
        self.centre.prepare()
        self.centre.start_broker()
        self.centre.start_collector()
        words = CentreWords(
            host=GUEST_SEES_US,
            port=self.centre.ports.tls,
            websocket_port=0,
            authority=self.centre.authority.read_text(),
        )
        now = datetime.now(UTC)
        self.films = [pictures.Film(path) for path in films]
        self.hall = Hall(
            folder / "hall",
            films,
            now,
            station=demo.STATION,
            region=demo.REGION,
            centre=words,
            health_seconds=5,
            **profile,
        )
        self.hall.sign(now + timedelta(days=2))
        self.card = machine.card(folder, self.hall.root, inside=True)
        self.told = Told(self.centre.state)
        self.reading = 0.0  # seconds that the box needed for its first stick, on this machine at this hour

    def boot(self, *words: str, network: str = "restrict=off") -> None:
        """Plug the box in; ``words``: more for QEMU."""
        self._power = self._stack.enter_context(ExitStack())
        given = [*machine_inside.arguments(self.folder), *words]
        self.tv = self._power.enter_context(machine.booted(self.folder, self.card, {"NETWORK": network}, *given))
        self.inside = machine_inside.Inside(self.folder)
        self.box = BoxInside(self.inside)

    def cut(self) -> None:
        """Pull the plug."""
        self._power.close()

    def provision(self) -> Path:
        """The bare box takes its first stick; the stick as it comes back, pulled."""
        self.tv.see("the welcome", pictures.welcome, BOOT_WITHIN)
        stick = self.hall.stick()
        self.tv.put_in(stick)
        self.reading = self.tv.see("the station's name", pictures.named, STICK_WITHIN)
        self.tv.pull_out()
        return stick

    def certify(self, stick: Path) -> None:
        """The stick goes to the office, and the certificate comes back on it; it stays in the box."""
        self.hall.take_back(stick)
        self.centre.command("sign-requests", str(self.hall.content))
        self.tv.put_in(self.hall.stick())
