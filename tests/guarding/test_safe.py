"""Safe mode under the stand-in for PID 1: the image's own unit, a core that is broken and a player that is not."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from estation_box.drivers import update_pause
from estation_box.drivers.profile_store import CERTIFICATE, KEY, PROFILE
from estation_box.drivers.two_copies import TwoCopies
from estation_box.guarding import budget
from estation_box.simulated.init import Init
from estation_box.simulated.unit_life import State
from estation_box.simulated.unit_triggers import MACHINE, Clock
from estation_wire import supervisor_words as words
from estation_wire.messages import Status
from estation_wire.profile import Centre
from estation_wire.supervisor_frame import Decoder
from tests.house.test_init import NOTIFY, UNITS, House, wait
from tests.support.box import REGION, STATION, profile
from tests.support.mosquitto import HOST, Mosquitto

PATIENCE = 30.0
TEMPLATE = "estation-safe@.service"
CORE, PLAYER = "estation-core.service", "estation-player.service"
SAFE, SAFE_PLAYER = "estation-safe@estation-core.service", "estation-safe@estation-player.service"
BROKEN = f"{NOTIFY}StartLimitBurst=2\nStartLimitIntervalSec=1h\nOnFailure=estation-safe@%p.service"
LONGER_SECONDS = 2 * 3600.0  # than that hour, which no busy machine stretches two starts over
CORE_BODY = """
if not (Path(os.environ["STATE_DIRECTORY"]) / "mended").exists():
    sys.exit(1)
tell("READY=1"); time.sleep(60)
"""
PLAYER_BODY = """
if (Path(os.environ["STATE_DIRECTORY"]) / "no screen").exists():
    sys.exit(1)
from estation_box.drivers.unix_socket import Line, Server
def heard(word):
    if isinstance(word, Line):
        note(word.line.decode())
with Server(Path(os.environ["RUNTIME_DIRECTORY"]) / "player.sock", heard):
    tell("READY=1"); time.sleep(60)
"""


class Hall(House):
    """The units of one box, and the bytes that its supervisor hears where the board is ``fitted``."""

    def __init__(self, folder: Path, *, fitted: bool) -> None:
        super().__init__(folder)
        self.fitted = fitted
        self._skipped = 0.0
        self.state = self.root / "var/lib/estation"
        self.state.mkdir(parents=True)
        self.service("estation-core", CORE_BODY, BROKEN)
        self.service("estation-player", PLAYER_BODY, BROKEN)
        shutil.copy(UNITS / TEMPLATE, self.units / TEMPLATE)
        self.master, self._slave = pty.openpty()
        os.set_blocking(self.master, False)
        self.decoder = Decoder()

    def init(self) -> Init:
        given = {"PATH": os.environ["PATH"]}
        if self.fitted:
            given["ESTATION_SUPERVISOR"] = os.ttyname(self._slave)
        clock = Clock(lambda: time.monotonic() + self._skipped, MACHINE.wall)
        return Init(self.units, self.root, given, self.log, clock)

    def the_starts_are_forgotten(self) -> None:
        """So much time goes by that PID 1 grants every unit its starts again."""
        self._skipped += LONGER_SECONDS

    def supervisor_heard(self) -> list[tuple[int, tuple[int, ...] | None]]:
        try:
            data = os.read(self.master, 65536)
        except BlockingIOError:
            return []
        return [(frame.kind, words.read(frame.kind, frame.payload)) for frame in self.decoder.feed(data)]

    def close(self) -> None:
        os.close(self.master)
        os.close(self._slave)


@pytest.fixture(params=[True, False], ids=["with the board", "without"])
def hall(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Hall]:
    made = Hall(tmp_path, fitted=request.param)
    yield made
    made.close()


def wait_safe(init: Init, boots: int) -> None:
    init.wait_for(lambda: init.boots == boots and init.state(SAFE) is State.ACTIVE, PATIENCE, "safe mode")


def said(hall: Hall, words: str) -> None:
    wait(lambda: words in hall.log.getvalue(), words)


def cards(hall: Hall) -> list[str]:
    def told() -> list[str]:
        return [line for line in hall.noted() if line.startswith("{")]

    wait(told, "a card")
    return told()


def test_a_core_that_never_comes_up_costs_three_reboots_and_then_the_box_stays_and_says_so(hall):
    """A box with a broken program is no box that starts again all day: it shows what is wrong, and tries again."""
    with hall.init() as init:
        wait_safe(init, 4)
        asked = [json.loads(line)["do"] for line in cards(hall)]
        left = budget.decode(TwoCopies(hall.state / "reboots", budget.MAX_BYTES).read())
        assert (left.left, left.retries, left.wanted) == (0, 1, CORE)
        assert "cover" in asked
        assert "CORE-1" in "".join(cards(hall))
        assert CORE in "".join(cards(hall)).replace("\\\\h", " ")
        heard = hall.supervisor_heard()
        ends = time.monotonic() + PATIENCE
        while hall.fitted and time.monotonic() < ends and words.BEAT not in dict(heard):
            time.sleep(0.05)
            heard += hall.supervisor_heard()
        goodbyes = [numbers for kind, numbers in heard if kind == words.GOODBYE]
        assert goodbyes == [(words.REBOOTING,)] * (3 if hall.fitted else 0)
        beats = {numbers[0] for kind, numbers in heard if kind == words.BEAT and numbers}
        assert beats == ({words.HEALTH_SAFE} if hall.fitted else set())
        assert init.boots == 4
        (hall.state / "mended").touch()
        hall.the_starts_are_forgotten()
        init.kill(SAFE, signal.SIGTERM)  # its waiting is over
        init.wait_ready(CORE, PATIENCE)
        init.wait_for(lambda: init.state(SAFE) is State.FAILED, PATIENCE)
        assert init.boots == 4


def test_when_both_units_fail_safe_mode_is_one_and_names_the_first(hall):
    """Two broken programs cost no more reboots than one, and do not paint over each other's card."""
    TwoCopies(hall.state / "reboots", budget.MAX_BYTES).write(budget.encode(budget.Budget(left=0)))
    with hall.init() as init:
        wait_safe(init, 1)
        said(hall, "safe mode")
        (hall.state / "no screen").touch()
        init.kill(PLAYER)
        init.wait_for(lambda: init.state(SAFE_PLAYER) is State.ACTIVE, PATIENCE, "safe mode for the player")
        said(hall, "its safe mode is for both")
        left = budget.decode(TwoCopies(hall.state / "reboots", budget.MAX_BYTES).read())
        assert (init.boots, left.retries) == (1, 1)
        assert hall.log.getvalue().count("has spent its starts") == 1
        (hall.state / "mended").touch()
        (hall.state / "no screen").unlink()
        hall.the_starts_are_forgotten()
        init.kill(SAFE, signal.SIGTERM)  # its waiting is over
        for unit in (CORE, PLAYER):
            init.wait_ready(unit, PATIENCE)
        init.wait_for(lambda: init.state(SAFE_PLAYER) is State.FAILED, PATIENCE, "the other one's end")
        assert init.boots == 1


def test_a_player_that_never_comes_up_is_named(hall):
    """The words on the console name what is broken, so that nobody looks for it in core."""
    (hall.state / "no screen").touch()
    (hall.state / "mended").touch()
    TwoCopies(hall.state / "reboots", budget.MAX_BYTES).write(budget.encode(budget.Budget(left=0)))
    with hall.init() as init:
        init.wait_for(lambda: init.state(SAFE_PLAYER) is State.ACTIVE, PATIENCE, "safe mode")
        said(hall, f"{PLAYER} has spent its starts: safe mode")


def test_a_budget_that_cannot_be_kept_buys_no_reboot(hall):
    """On a card that takes nothing any more the box stays up: it could not count its reboots."""
    (hall.state / "reboots").mkdir()
    with hall.init() as init:
        wait_safe(init, 1)
        said(hall, "cannot be kept")
        said(hall, "safe mode")


def test_a_budget_that_nobody_can_read_is_spent(hall):
    TwoCopies(hall.state / "reboots", budget.MAX_BYTES).write(b"rust")
    with hall.init() as init:
        wait_safe(init, 1)
        said(hall, "safe mode")
    left = budget.decode(TwoCopies(hall.state / "reboots", budget.MAX_BYTES).read())
    assert (left.left, left.retries) == (0, 1)


def test_nothing_is_rebooted_in_the_middle_of_an_update(hall):
    """An update may take minutes; safe waits for it, and the supervisor is asked to wait as well."""
    TwoCopies(hall.state / "reboots", budget.MAX_BYTES).write(budget.encode(budget.Budget()))
    with hall.init() as init:
        (hall.root / "run/estation").mkdir(exist_ok=True)
        update_pause.ask(hall.root / "run/estation", 600)
        init.wait_for(lambda: init.state(SAFE) is State.ACTIVE, PATIENCE)
        beats: list[int] = []
        ends = time.monotonic() + (PATIENCE if hall.fitted else 2.0)
        while time.monotonic() < ends and not beats:
            heard = hall.supervisor_heard()
            beats += [numbers[2] for kind, numbers in heard if kind == words.BEAT and numbers]
            time.sleep(0.05)
        assert init.boots == 1
        assert [pause > 500 for pause in beats] == ([True] if hall.fitted else [])
        update_pause.over(hall.root / "run/estation")
        init.wait_for(lambda: init.boots == 2, PATIENCE)


def test_switching_off_is_no_reboot(hall):
    TwoCopies(hall.state / "reboots", budget.MAX_BYTES).write(budget.encode(budget.Budget(left=0)))
    with hall.init() as init:
        wait_safe(init, 1)
        said(hall, "safe mode")
        init.stop()
        assert init.boots == 1


def test_the_centre_sees_a_box_in_safe_mode(hall, tmp_path):
    """Core is gone for now: the box still says that it is there, and what is wrong with it."""
    TwoCopies(hall.state / "reboots", budget.MAX_BYTES).write(budget.encode(budget.Budget(left=0)))
    with Mosquitto(tmp_path / "broker") as broker:
        centre = Centre(
            host=HOST, port=broker.port, websocket_port=broker.websocket_port, authority=broker.authority.pem
        )
        (hall.state / PROFILE).write_bytes(msgspec.json.encode(profile(centre=centre)))
        pair = broker.authority.client(f"{REGION}/{STATION}")
        shutil.copy(pair.certificate, hall.state / CERTIFICATE)
        shutil.copy(pair.key, hall.state / KEY)
        told: list[tuple[bytes, bool]] = []
        client = broker.client()
        client.on_message = lambda _client, _data, message: told.append((message.payload, message.retain))
        client.subscribe("#", 1)
        client.loop_start()
        try:
            with hall.init() as init:
                wait_safe(init, 1)
                wait(lambda: told, "a status")
                online = msgspec.json.decode(told[0][0], type=Status)
                assert (online.online, online.safe) == (True, CORE)
            wait(lambda: len(told) > 1, "its end")
            assert not msgspec.json.decode(told[-1][0], type=Status).online
        finally:
            client.loop_stop()
