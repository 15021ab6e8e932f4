"""What core writes down of the ladder: why the box came up, and what the lower rungs did meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from estation_box.apps.core_ladder import CoreLadder
from estation_box.drivers import update_pause
from estation_box.drivers.last_boot import REBOOTS, BootMarks
from estation_box.drivers.two_copies import TwoCopies
from estation_box.guarding import budget, ladder
from estation_box.guarding.cause import CARD_RESET
from estation_box.guarding.rules import BUDGET_SECONDS, Promise
from estation_box.guarding.service import Guard
from estation_wire import supervisor_words as words
from estation_wire.records import Record
from tests.playout.stage import Stage
from tests.playout.values import moment
from tests.support.supervisor_line import OnPython, Pi


class Diary:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[tuple[str, dict[str, Any]]] = []

    def append(self, at, kind: type[Record], **body: Any) -> None:
        self.written.append((kind.__name__, body))

    def checkpoint(self, document: bytes) -> None:
        raise AssertionError


class Box:
    """One card, through the boots of one box."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.board = OnPython()
        self.pi = Pi(self.board)
        self.pause = 0.0

    def begin(self, boot: str, *, known: bool = False) -> tuple[CoreLadder, Diary]:
        marks = BootMarks(self.folder, status=self.folder / "bootstatus", register=self.folder / "rsts")
        core, diary = CoreLadder(marks, self.pi.guard, lambda: self.pause), Diary()
        core.begin(moment(1.0)._replace(boot=boot), diary, "estation-1", known=known)
        return core, diary


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


def whys(diary: Diary) -> list[str]:
    return [str(body.get("why") or body.get("what")) for _, body in diary.written]


def test_nothing_is_claimed_where_nothing_is_known(box):
    assert whys(box.begin("a")[1]) == ["unknown"]


def test_a_box_that_was_switched_off_in_order_says_power(box):
    core, _ = box.begin("a")
    core.close(moment(50.0)._replace(boot="a"), halting=True)
    assert whys(box.begin("b")[1]) == ["power"]
    assert whys(box.begin("c")[1]) == ["unknown"]  # told once


@pytest.mark.parametrize(("halting", "cuts"), [(True, 0), (False, 1)])
def test_core_says_goodbye_when_the_box_is_switched_off(box, halting, cuts):
    """The supervisor's real program waits for nobody then; a core that ends alone is expected back."""
    core, _ = box.begin("a")
    box.pi.run(10, words.HEALTH_IDLE)
    core.close(moment(50.0), halting=halting)
    box.board.pass_on(words.DEFAULTS[1] + words.DEFAULTS[2] + 10)
    assert box.board.cuts() == cuts


def test_a_reboot_by_safe_is_reported_with_the_unit_once(box):
    _, kept = budget.decide(budget.Budget(), "a", 20.0, "estation-player.service")
    TwoCopies(box.folder / REBOOTS, budget.MAX_BYTES).write(budget.encode(kept))
    _, diary = box.begin("b")
    assert whys(diary) == ["fault", "unit-failed"]
    assert "estation-player.service" in diary.written[1][1]["detail"]
    left = budget.decode(TwoCopies(box.folder / REBOOTS, budget.MAX_BYTES).read())
    assert left.left == ladder.REBOOT.tries - 1  # reported, and still paid for
    assert whys(box.begin("c")[1]) == ["unknown"]


def test_a_reset_by_the_chip_is_reported_with_its_rung(box):
    (box.folder / "bootstatus").write_text(str(CARD_RESET))
    _, diary = box.begin("a")
    assert whys(diary) == ["watchdog", "box-hung"]
    assert diary.written[1][1]["rung"] == 4


def test_a_cut_by_the_supervisor_is_reported_with_its_rung(box):
    box.pi.run(30, words.HEALTH_PLAYING)
    box.begin("a")
    box.pi.run(200, None)
    assert box.pi.guard.cuts == 1
    _, diary = box.begin("b")
    assert whys(diary) == ["supervisor", "box-hung"]
    assert diary.written[1][1]["rung"] == 5


def test_a_core_that_ended_without_a_word_is_reported_and_one_that_was_stopped_is_not(box):
    core, _ = box.begin("a")
    assert whys(box.begin("a", known=True)[1]) == ["core-restarted"]
    core.close(moment(50.0)._replace(boot="a"), halting=False)
    assert whys(box.begin("a", known=True)[1]) == []
    assert whys(box.begin("a", known=True)[1]) == ["core-restarted"]


def test_a_player_that_went_and_came_back_is_reported(box):
    core, diary = box.begin("a", known=True)
    diary.written.clear()
    core.player_back(moment(2.0), diary)
    assert diary.written == []
    core.player_lost(moment(10.0), diary)
    core.player_back(moment(11.5), diary)
    assert [name for name, _ in diary.written] == ["Fault", "Recovered"]
    assert diary.written[1][1] == {"what": "player-gone", "after": 1.5, "rung": 2}


def test_what_the_supervisor_tells_is_written_down(box):
    core, diary = box.begin("a", known=True)
    diary.written.clear()
    stage = Stage()
    for second in range(100):
        health = words.HEALTH_PLAYING if second < 30 else None
        core.tick(moment(box.board.now), health, stage.playout, diary)
        box.board.pass_on(1.0)
    assert whys(diary) == ["supervisor-warns"]
    diary.written.clear()
    box.board.fall_silent()
    for _ in range(40):
        core.tick(moment(box.board.now), words.HEALTH_PLAYING, stage.playout, diary)
        box.board.pass_on(1.0)
    assert whys(diary) == ["supervisor-silent"]


def test_beats_come_only_from_a_picture_that_moves_or_from_idleness(box):
    """A process that merely lives is no reason to leave the power on."""
    promise = Promise(0.0)
    assert promise.health(0.0) == words.HEALTH_IDLE
    promise.seen(1.0, on_screen=True, moving=True)
    assert promise.health(1.0) == words.HEALTH_PLAYING
    assert promise.health(1.0 + BUDGET_SECONDS) == words.HEALTH_PLAYING  # it is being repaired
    assert promise.health(1.1 + BUDGET_SECONDS) is None


def test_a_pause_is_asked_for_and_bounded(tmp_path):
    assert update_pause.left(tmp_path) == 0.0
    update_pause.ask(tmp_path, 60)
    assert 58 < update_pause.left(tmp_path) <= 60
    update_pause.ask(tmp_path, 1e6)
    assert update_pause.left(tmp_path) <= ladder.LONGEST_PAUSE_SECONDS
    (tmp_path / update_pause.NAME).write_text("for ever")
    assert update_pause.left(tmp_path) == 0.0
    update_pause.over(tmp_path)
    update_pause.over(tmp_path)
    assert update_pause.left(tmp_path) == 0.0


def test_a_card_that_takes_nothing_makes_causes_unknown_and_stops_nobody(tmp_path):
    for name in ("last-boot", REBOOTS):
        (tmp_path / name).mkdir()
    box = Box(tmp_path)
    core, diary = box.begin("a")
    core.close(moment(2.0), halting=True)
    assert whys(diary) == ["unknown"]
    assert isinstance(box.pi.guard, Guard)


def test_a_supervisor_is_waited_for_no_longer_than_it_needs(box):
    """At boot it may be the one that knows why; a silent one costs two seconds and a half, once."""
    core, _ = box.begin("a", known=True)
    core.await_supervisor(0.0)
    assert box.pi.guard.cuts is None
