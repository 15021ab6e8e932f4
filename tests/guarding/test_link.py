"""One contract, two supervisors: the real rules on CPython, and the real program on MicroPython over a real pty.

And a box without any: there the Pi's side speaks into nothing, and all is well.
"""

from __future__ import annotations

import os
import pty
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from estation_box.drivers.last_boot import BootMarks
from estation_box.drivers.supervisor import PORT, SerialLine, port
from estation_box.guarding import ladder
from estation_box.guarding.cause import cause
from estation_box.guarding.interfaces import Heard
from estation_box.guarding.service import SILENT_SECONDS, Guard
from estation_wire import supervisor_words as words
from tests.support.supervisor_line import OnMicroPython, OnPython, Pi

PLAYING, SAFE = words.HEALTH_PLAYING, words.HEALTH_SAFE


@pytest.fixture(params=[OnPython, OnMicroPython])
def pi(request) -> Iterator[Pi]:
    board = request.param()
    yield Pi(board)
    board.close()


def test_while_the_promise_holds_the_power_stays(pi):
    """Ten minutes of a film, two of an update that says nothing, a minute of safe mode: nobody cuts."""
    pi.run(180, PLAYING)
    pi.run(6, PLAYING, pause=120)
    pi.run(100, None)
    pi.run(60, SAFE)
    assert pi.told == []
    assert pi.guard.cuts == 0
    assert pi.board.cuts() == 0


def test_what_is_counted_at_the_door_is_known_while_the_line_speaks(pi):
    """A silent line is no empty hall."""
    assert pi.guard.door.counters(0.0) is None
    pi.run(10, PLAYING)
    assert pi.guard.door.counters(pi.board.now) == (1, 0)
    pi.board.fall_silent()
    pi.run(15, PLAYING)
    assert pi.guard.door.counters(pi.board.now) is None


def test_a_pi_that_says_nothing_is_warned_cut_and_told_why(pi, tmp_path):
    """The box hangs for good: its power is taken and given back, and the centre hears who did it."""
    marks = BootMarks(tmp_path, status=tmp_path / "-", register=tmp_path / "-")
    pi.run(30, PLAYING)
    marks.begun(pi.guard.cuts)
    waited = pi.run_until("supervisor-warns", 2 * ladder.POWER.notices, None)
    assert ladder.POWER.notices - 10 <= waited <= ladder.POWER.notices + 40  # our parameters are in force
    pi.run(60, None)
    assert pi.guard.cuts == 1
    assert cause(marks.found("b", pi.guard.cuts)).why == "supervisor"
    marks.begun(pi.guard.cuts)
    assert cause(marks.found("c", pi.guard.cuts)).why == "unknown"  # it is told once


def test_a_wanted_end_is_no_reason_to_cut(pi):
    """Somebody switches the box off in order: the supervisor leaves it alone."""
    pi.run(30, PLAYING)
    pi.guard.goodbye(words.HALTING)
    pi.board.pass_on(300)
    assert pi.board.cuts() == 0


def logged(caplog) -> list[str]:
    """What the box logged of it; on CPython the supervisor's own logger is heard as well."""
    return [record.getMessage() for record in caplog.records if record.name == "estation_box.guarding.service"]


def test_its_log_is_ours_and_gets_the_time_once_the_box_knows_it(pi, caplog):
    """Lines that it said before can be dated by the first TIME; on a guess it is told none."""
    caplog.set_level("INFO", logger="estation_box.guarding.service")
    pi.run(70, PLAYING)
    said = logged(caplog)
    assert said[0] == "started, cause 1, start 1"
    assert not any(line.startswith("time ") for line in said)
    pi.utc = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)
    pi.run(200, PLAYING)
    (dated,) = [line for line in logged(caplog) if line.startswith("time ")]
    assert dated.startswith("time 1795975200000 at tick ")


def test_no_line_of_its_log_forges_another(caplog):
    """What is no letter becomes a question mark; what is no line of a log is passed over."""
    caplog.set_level("INFO", logger="estation_box.guarding.service")
    board = OnPython()
    heard = [Heard(words.LOG, words.line(255, "a\nestation-core: b\x1b[2J")), Heard(words.LOG, b"")]
    board.hear = lambda: heard
    Guard(board).tick(1.0, PLAYING)
    assert logged(caplog) == ["a?estation-core: b?[2J"]


def test_noise_on_the_line_costs_frames_and_nothing_else(pi):
    chance = random.Random(8)
    for _ in range(40):
        pi.run(6, PLAYING)
        pi.board.raw(chance.randbytes(chance.randrange(40)))
    assert pi.board.cuts() == 0
    assert not any(each.what == "supervisor-warns" for each in pi.told)


def test_a_supervisor_that_falls_silent_is_reported_and_the_box_goes_on(pi):
    """The power switch fails on: a dead supervisor never darkens the hall."""
    pi.run(30, PLAYING)
    pi.board.fall_silent()
    assert pi.run_until("supervisor-silent", 2 * SILENT_SECONDS, PLAYING) >= SILENT_SECONDS - 10
    assert pi.told[-1].wrong
    assert pi.board.cuts() == 0


def test_a_supervisor_that_speaks_again_is_reported_as_well():
    board = OnPython()
    pi = Pi(board)
    pi.run(30, PLAYING)
    board._silent = True
    pi.run(40, PLAYING)
    board._silent = False
    pi.run(10, PLAYING)
    assert [(each.what, each.wrong) for each in pi.told] == [("supervisor-silent", True), ("supervisor-silent", False)]
    assert pi.told[-1].seconds >= SILENT_SECONDS


def test_a_box_without_the_board_works_all_the_same(tmp_path):
    """No line, or nobody at its end: nothing is told, nothing waits, nothing fails."""
    for path in (None, tmp_path / "no-such-tty"):
        with SerialLine(path) as line:
            guard = Guard(line)
            assert [guard.tick(up, PLAYING, 1.0, 0.0) for up in range(100)] == [[]] * 100
            guard.goodbye(words.REBOOTING)
            assert not line.there
            assert guard.cuts is None


def test_a_line_that_is_torn_out_is_found_again(tmp_path):
    """The driver is loaded late, or the adapter is put in again: the line is simply opened anew."""
    master, slave = pty.openpty()
    line = SerialLine(Path(os.ttyname(slave)))
    assert line.send(words.GOODBYE, words.say(words.GOODBYE, words.HALTING))
    os.close(master)
    os.close(slave)
    assert line.hear() == []
    assert not line.send(words.HELLO)
    assert not line.there


def test_the_line_is_the_box_s_own_and_under_the_stand_in_the_one_it_names():
    boot = "0" * 32
    assert port({}) == PORT
    assert port({"ESTATION_BOOT": boot}) is None
    assert port({"ESTATION_BOOT": boot, "ESTATION_SUPERVISOR": "/dev/pts/7"}) == Path("/dev/pts/7")
