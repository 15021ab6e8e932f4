"""`board.py` itself, on MicroPython, over a chip of ours that behaves (`tests/mcu/chip`) and a real serial line.

What the board does with its pins is proven here; what the RP2040 makes of it is not. The chip's clock is the test's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from estation_wire import infrared_seen, supervisor_heard
from estation_wire import supervisor_words as words
from estation_wire.infrared import NEC, distance
from tests.mcu.test_unix_port import heard, phases
from tests.support.supervisor import on_the_chip
from tests.support.supervisor_line import OnMicroPython

CODE = 0x20DF10EF
pytestmark = pytest.mark.timeout(120)
Start = Callable[..., OnMicroPython]


@pytest.fixture
def pico(tmp_path: Path) -> Iterator[Start]:
    """Starts a Pico whose flash is the test's folder, for a cause; the one before it loses its power."""
    made: list[OnMicroPython] = []

    def start(*cause: str) -> OnMicroPython:
        while made:
            made.pop().close()
        made.append(OnMicroPython("on_chip.py", *cause, flash=tmp_path, given=on_the_chip()))
        return made[0]

    yield start
    while made:
        made.pop().close()


def say(board: OnMicroPython, kind: int, *numbers: int) -> None:
    board.send(kind, words.say(kind, *numbers))


@pytest.mark.parametrize(
    ("cause", "told"), [((), words.CAUSE_POWER), (("watchdog",), words.CAUSE_WATCHDOG), (("run",), words.CAUSE_PI)]
)
def test_why_it_started_is_told(pico, cause, told):
    """Power, its own watchdog, or the Pi's reset line; the switch is on and both voltages are there."""
    first = dict(heard(pico(*cause), 3))
    assert first[words.HELLO] == (1, 1, told)
    assert first[words.COUNTERS] == (1, 0, 5099, 5099)


def test_a_silent_box_is_cut_for_its_time_and_that_is_kept(pico, tmp_path):
    """While the Pi is cut its serial line gets no current and is not heard; afterwards it is spoken to again."""
    board = pico()
    say(board, words.PARAMETERS, 60, 5, 2, 3, 3, 600)
    say(board, words.BEAT, words.HEALTH_PLAYING, 0, 0)
    told = heard(board, 8)
    assert (words.WARNING, (2,)) in told
    assert phases(told)[-1] == "OFF"
    say(board, words.BEAT, words.HEALTH_PLAYING, 0, 0)  # a Pi without power seems to say so
    assert set(phases(heard(board, 5))) == {"BOOT"}
    rows = [row[1:] for row in board.printed if row[0] == "POWER"]
    assert [(power, pin, volts) for power, _, pin, *volts in rows] == [
        ("1", "-1", ["5099", "5099"]), ("0", "0", ["5099", "0"]), ("1", "0", ["5099", "5099"]),
    ]  # fmt: skip
    assert board.switched[2][0] - board.switched[1][0] == 3000
    assert [path.name for path in tmp_path.iterdir()] == ["kept.bin"]
    first = dict(heard(pico("watchdog"), 1))
    assert first[words.HELLO] == (1, 2, words.CAUSE_WATCHDOG)
    assert first[words.STATUS][1:3] == (1, 1)


def test_what_was_half_written_means_new(pico, tmp_path):
    """A flash that was cut in the middle of a write: the box is guarded as if it were new."""
    (tmp_path / "kept.bin").write_bytes(b"\x07\x00rust")
    assert dict(heard(pico(), 1))[words.HELLO] == (1, 1, words.CAUSE_POWER)


def test_a_code_leaves_the_led_and_is_learnt_by_the_receiver(pico):
    """The edges of a code, timed one by one, come back through the receiver's interrupt as the very same."""
    board = pico()
    heard(board, 1)
    say(board, words.IR_LEARN, 5000)
    board.send(words.IR_SEND, infrared_seen.order(NEC, CODE))
    board.pass_on(1)
    told = {frame.kind: frame.payload for frame in board.hear()}
    assert words.read(words.IR_SENT, told[words.IR_SENT])[1] == 1
    assert supervisor_heard.pulses(told[words.IR_LEARNT]) == tuple(distance(CODE))
    board.order("chip")
    board.pass_on(1)
    (chip,) = [row for row in board.printed if row[0] == "CHIP"]
    assert chip[1:3] == ["38000", str(len(distance(CODE)) + 2)]  # dark at the start, and dark at the end
    assert int(chip[3]) > 0  # a light says the phase


def test_where_nothing_is_seen_that_is_said(pico):
    board = pico()
    say(board, words.IR_LEARN, 2000)
    assert words.IR_LEARNT not in dict(heard(board, 1))
    board.pass_on(2)
    (learnt,) = [frame for frame in board.hear() if frame.kind == words.IR_LEARNT]
    assert supervisor_heard.pulses(learnt.payload) == ()


def test_who_passes_the_door_is_counted_once(pico):
    """An arm and the sleeve after it are one passage; who comes later is another."""
    board = pico()
    for passages in (1, 2):
        heard(board, 1)
        board.order("door")
        assert dict(heard(board, 3))[words.COUNTERS][1] == passages


def test_a_flood_on_the_line_is_lost_and_nothing_else(pico):
    """More than the port's buffer holds at once: what comes after it is heard."""
    board = pico()
    heard(board, 1)
    board.raw(b"\xff" * 3000 + b"\0")
    board.pass_on(1)
    say(board, words.BEAT, words.HEALTH_PLAYING, 0, 0)
    assert phases(heard(board, 3))[-1] == "WATCH"
