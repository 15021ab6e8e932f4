"""A TV in a hall that obeys CEC, over one session that begins by itself: woken, taken, and given back as it was found.

The TV is the kernel's own (`vivid`, `cec-follower`), inside the box that tends it.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from estation_box.television.rules import LINGER_SECONDS
from tests.support import machine, machine_cec, machine_inside
from tests.support.hall import Hall, film
from tests.support.machine_box import BoxInside
from tests.support.machine_inside import Inside
from tests.system import pictures
from tests.system.office import BOOT_WITHIN, STICK_WITHIN

pytestmark = [pytest.mark.system, pytest.mark.soak]
FILM_SECONDS = 60.0
ANSWER_WITHIN = 60.0
READY_BEFORE = 150.0  # seconds from the signing of the session's stick to its start: it is read, the TV is in standby


def test_a_tv_that_was_off_is_woken_for_the_session_and_is_off_again_afterwards(tmp_path: Path):
    """Nobody is there. The session counts as seen, and half a minute after it the TV is as the box has found it."""
    hall = Hall(tmp_path / "hall", [film(FILM_SECONDS)], datetime.now(UTC))
    hall.sign(datetime.now(UTC) + timedelta(days=2))
    card = machine.card(tmp_path, hall.root, inside=True, settings=machine_cec.SETTINGS)
    with machine.booted(tmp_path, card, {}, *machine_inside.arguments(tmp_path)) as screen:
        inside = Inside(tmp_path)
        box, tv = BoxInside(inside), machine_cec.CecTv(inside)
        screen.see("the welcome", pictures.welcome, BOOT_WITHIN)
        screen.put_in(hall.stick())
        box.record("stick.seen", STICK_WITHIN, taken=1)
        screen.pull_out()
        tv.plug_in()
        box.wait("the box on the TV's lead", lambda: "E-Station" in tv.lead(), ANSWER_WITHIN)
        box.estation("set-clock", datetime.now(UTC).isoformat(timespec="seconds"))
        box.wait("a TV that is on", lambda: tv.power() == "on", ANSWER_WITHIN)
        start = (datetime.now(UTC) + timedelta(seconds=READY_BEFORE)).replace(microsecond=0)
        hall.sign(start)
        screen.put_in(hall.stick())
        tv.switch_off()
        box.wait("the TV in standby", lambda: tv.power() == "standby", ANSWER_WITHIN)
        box.record("session.started", READY_BEFORE + ANSWER_WITHIN, origin="planned")
        box.wait("the TV on", lambda: tv.power() == "on", ANSWER_WITHIN)
        ended = box.record("session.ended", FILM_SECONDS + ANSWER_WITHIN, origin="planned")
        assert (ended["reason"], ended["tv"]) == ("completed", "on")
        assert tv.shows() == machine_cec.OURS
        box.wait("the TV in standby again", lambda: tv.power() == "standby", LINGER_SECONDS + ANSWER_WITHIN)
    shutil.rmtree(tmp_path)
