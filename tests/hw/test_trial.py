"""`estation hw-test`: the same steps over gpiozero's mock pins, a real pty and files, and over the simulated board."""

from __future__ import annotations

import io
import os
import pty
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from estation_box.apps import estation, hw_test
from estation_box.drivers import pins
from estation_box.drivers.carrier import CarrierBoard
from estation_box.guarding.trial import (
    ECHO_CODE,
    SPARED_SECONDS,
    Board,
    BoardError,
    NoChipError,
    Outcome,
    Supervisor,
    trial,
)
from estation_box.simulated.carrier import HonestPerson, SimulatedCarrier
from estation_box.simulated.rtc import SimulatedRtc
from estation_box.words import Said
from estation_wire import infrared_seen
from estation_wire import supervisor_words as words
from estation_wire.infrared import NEC, RAW
from hw import infrared
from tests.support.supervisor_line import OnMicroPython, Running

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
ALL = ["clock", "serial port", "button", "light", "relay", "infrared"]


def rtc(*, holds: bool = True) -> SimulatedRtc:
    chip = SimulatedRtc(lambda: NOW)
    chip.set(NOW)
    chip.battery_holds = holds
    chip.cut_power()
    return chip


class Real:
    """The real driver over mock pins, a pty and a folder that stands for the kernel's."""

    def __init__(self, folder: Path, *, fitted: bool = True, clock: str = "rtc-ds1307 1-0068") -> None:
        self.factory = MockFactory()
        self._far, near = pty.openpty()
        self._near = near
        (folder / "tree" / ("carrier-leds" if fitted else "leds")).mkdir(parents=True)
        if clock:
            (folder / "name").write_text(clock + "\n")
        self.board = CarrierBoard(
            rtc(), factory=self.factory, tree=folder / "tree", port=Path(os.ttyname(near)), clock_name=folder / "name"
        )

    def level(self, bcm: int) -> bool:
        return bool(self.factory.pin(bcm).state)

    def speak(self, words: bytes) -> None:
        os.write(self._far, words)

    def close(self) -> None:
        self.factory.close()
        os.close(self._far)
        os.close(self._near)


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    made = Real(tmp_path)
    yield made
    made.close()


def later(act: Callable[[], None], seconds: float = 0.2) -> threading.Timer:
    """Somebody does something in a moment."""
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


def outcomes(board: Board, person: HonestPerson) -> list[Outcome]:
    return [finding.outcome for finding in trial(board, person)]


def test_a_sound_board_passes_every_step():
    """Clock, supervisor, button, light, relay and infrared: all well."""
    board = SimulatedCarrier(rtc())
    assert outcomes(board, HonestPerson(board)) == [Outcome.WELL] * 6
    assert not board.shining
    assert not board.closed


@pytest.mark.parametrize("broken", ALL)
def test_one_broken_part_is_one_fault_and_the_rest_is_tried(broken):
    """A loose wire is named where it is, and hides nothing else."""
    board = SimulatedCarrier(rtc())
    board.broken.add(broken)
    found = outcomes(board, HonestPerson(board))
    expected = [Outcome.WRONG if name == broken else Outcome.WELL for name in ALL]
    if broken == "serial port":
        expected[-1] = Outcome.NOT_TRIED  # infrared is asked for over that line
    assert found == expected


def test_the_box_is_not_cut_while_it_is_tried():
    """Core is stopped and beats no more: the supervisor is asked to spare the box, for a time that has an end."""
    board = SimulatedCarrier(rtc())
    outcomes(board, HonestPerson(board))
    assert board.spared == SPARED_SECONDS <= words.MAX_PAUSE_S


def test_a_low_supply_is_said_with_its_volts():
    board = SimulatedCarrier(rtc())
    board.supply = 4800
    found = list(trial(board, HonestPerson(board)))[1]
    assert found.outcome is Outcome.WRONG
    assert "supply 4.80 V, at the Pi 4.74 V" in found.text.en


def test_a_lamp_in_the_receiver_is_told_from_a_dead_led():
    """What was seen is compared with what was sent."""
    board = SimulatedCarrier(rtc())
    board.broken.add("lamp")
    found = list(trial(board, HonestPerson(board)))[5]
    assert found.outcome is Outcome.WRONG
    assert "69 pulses" in found.text.en


def test_no_television_obeys_the_code_of_the_trial():
    """A receiver of NEC refuses a command without its complement."""
    command, complement = ECHO_CODE >> 8 & 0xFF, ECHO_CODE & 0xFF
    assert command ^ complement != 0xFF
    assert ECHO_CODE not in {code.word for code in infrared.read()}


@pytest.mark.parametrize("taken", ["serial port", "button", "light", "relay"])
def test_a_line_that_another_program_holds_is_said_with_what_to_do(taken):
    """While core runs it has the button: the technician is told to stop it."""
    board = SimulatedCarrier(rtc())
    board.taken.add(taken)
    wrong = [finding.text for finding in trial(board, HonestPerson(board)) if finding.outcome is Outcome.WRONG]
    assert len(wrong) == 1
    assert f"the {taken} is held by another program" in wrong[0].en
    assert "systemctl stop estation-core" in wrong[0].en
    assert "systemctl stop estation-core" in wrong[0].zh


def test_a_board_without_a_supervisor_is_no_fault():
    """The supervisor may be left out: its steps are not tried, and that is said."""
    board = SimulatedCarrier(rtc(), supervisor=False)
    found = outcomes(board, HonestPerson(board))
    assert found[1] is found[5] is Outcome.NOT_TRIED
    assert Outcome.WRONG not in found


def test_nobody_switches_the_tv_without_leave():
    """Who says no to the relay keeps the TV as it is."""
    board = SimulatedCarrier(rtc())
    board.taken.add("relay")  # touching it would be a fault
    assert outcomes(board, HonestPerson(board, relay_allowed=False))[4] is Outcome.NOT_TRIED


@pytest.mark.parametrize("chip", [rtc(holds=False), SimulatedRtc(lambda: NOW)], ids=["flat cell", "never set"])
def test_a_clock_that_has_forgotten_is_said(chip):
    """A chip whose cell is flat is told from a chip that is not there."""
    first = next(trial(SimulatedCarrier(chip), HonestPerson(SimulatedCarrier(chip))))
    assert first.outcome is Outcome.WRONG
    assert "change the cell" in first.text.en


def test_a_clock_that_runs_in_another_year_was_never_set():
    """1 January 2000 is what a new chip says."""
    chip = SimulatedRtc(lambda: NOW)
    chip.set(NOW)
    chip.run_wrong(-timedelta(days=365 * 20).total_seconds())
    board = SimulatedCarrier(chip)
    assert outcomes(board, HonestPerson(board))[0] is Outcome.WRONG


def test_a_box_without_the_board_says_one_plain_sentence():
    """Nothing is tried, nothing is wrong: the box plays without a board."""
    board, page = SimulatedCarrier(rtc(), fitted=False), io.StringIO()
    assert hw_test.run(board, HonestPerson(board), page) == 2
    assert page.getvalue().count("\n") == 1
    assert "the box plays without one" in page.getvalue()
    assert outcomes(board, HonestPerson(board)) == [Outcome.NOT_TRIED]


def test_the_command_on_a_machine_without_a_board(capsys):
    """`estation hw-test` on any other machine ends at once, and needs no running box."""
    assert estation.main(["hw-test"]) == 2
    assert "No carrier board here" in capsys.readouterr().out


class Keyboard(io.StringIO):
    """What is typed, seen on the page as a terminal shows it."""

    def __init__(self, typed: str, page: io.StringIO) -> None:
        super().__init__(typed)
        self._page = page

    def readline(self, size: int | None = -1, /) -> str:
        line = super().readline(size)
        self._page.write(line)
        return line


def test_the_technician_reads_each_step_and_answers_at_the_terminal():
    """Both languages in each line; faults are marked and counted; the status tells a script."""
    board, page = SimulatedCarrier(rtc()), io.StringIO()
    board.finger = True
    answers = Keyboard("y\ny\nwhat?\n是\ny\nn\n", page)  # it shines, is dark, may be tried (second try), on, not off
    assert hw_test.run(board, hw_test.Terminal(answers, page), page) == 1
    lines = page.getvalue().splitlines()
    assert lines[-1].endswith("Steps that went wrong: 1; see the lines marked FAULT")
    assert [line.split()[0] for line in lines if line.split()[0] in {"ok", "FAULT", "--"}] == [
        *["ok"] * 4,
        "FAULT",
        "ok",
    ]
    assert "relay" in next(line for line in lines if line.startswith("FAULT"))
    assert "按钮" in page.getvalue()


def test_where_nobody_answers_it_is_a_no():
    """Started without a terminal it ends, and presses nothing on nobody."""
    board, page = SimulatedCarrier(rtc()), io.StringIO()
    assert hw_test.run(board, hw_test.Terminal(io.StringIO(), page), page) == 1
    assert not board.closed


def test_real_lines_light_and_relay(real):
    """The light's and the relay's own pins are driven, and let go at the end."""
    for turn, bcm in ((real.board.light, pins.LIGHT), (real.board.relay, pins.RELAY)):
        turn(on=True)
        assert real.level(bcm)
        turn(on=False)
        assert real.factory.pin(bcm).function == "input"


def test_real_line_of_the_button(real):
    """A press on the button's own pin is seen; on another it is not."""

    def press(bcm: int) -> None:
        real.factory.pin(bcm).drive_low()
        time.sleep(0.1)
        real.factory.pin(bcm).drive_high()

    finger = later(lambda: press(pins.BUTTON))
    assert real.board.pressed(5.0)
    finger.join()
    assert not real.board.pressed(0.2)


@pytest.fixture
def fitted(tmp_path: Path) -> Iterator[CarrierBoard]:
    """The real driver, and at the other end of its line the supervisor's own program on MicroPython."""
    supervisor = Running(OnMicroPython(), pause=0.0)
    yield CarrierBoard(rtc(), tree=tmp_path, port=supervisor.board.port)
    supervisor.close()


@pytest.mark.timeout(120)
def test_the_supervisors_own_program_is_asked_for_its_state(fitted):
    """Who it is, what it is at, and its two voltages, in its own frames over a serial line."""
    told = fitted.supervisor(60.0, 900)
    assert told.heard > 60
    assert words.PHASES[told.phase] in {"BOOT", "WATCH"}  # its first word may be older than our beat
    assert (told.version, told.starts, told.supply, told.at_pi) == (1, 1, 5100, 5050)


@pytest.mark.timeout(120)
def test_the_supervisors_own_program_sends_and_sees_a_code(fitted):
    """The receiver sees the very pulses that left the LED; an order that would harm it is not carried out."""
    seen = fitted.echo(infrared_seen.order(NEC, ECHO_CODE), 60.0)
    assert infrared_seen.understood(list(seen)) == (NEC, ECHO_CODE)
    assert fitted.echo(infrared_seen.order(RAW, 38_000, 9), 60.0) == (9,)
    assert fitted.echo(infrared_seen.order(RAW, 9_000, 9), 0.2) is None


def test_noise_on_the_line_is_told_from_silence(real):
    """Something speaks, but it is no supervisor; silence ends after its time."""
    voice = later(lambda: real.speak(b"\x05hello\x00"))
    assert real.board.supervisor(1.0, 900) == Supervisor(7)
    voice.join()
    began = time.monotonic()
    assert real.board.supervisor(0.2, 900) == Supervisor(0)
    assert real.board.echo(infrared_seen.order(NEC, ECHO_CODE), 0.1) is None
    assert time.monotonic() - began < 3


def test_a_serial_port_that_is_not_there_is_named(tmp_path):
    """Without the overlay there is no such port."""
    board = CarrierBoard(rtc(), port=tmp_path / "ttyAMA0")
    with pytest.raises(BoardError, match="ttyAMA0"):
        board.supervisor(0.1, 900)


def test_a_pin_that_is_held_is_named(real):
    """Two programs cannot have one line."""
    other = CarrierBoard(rtc(), factory=real.factory)
    real.board.light(on=True)
    with pytest.raises(BoardError, match=f"light on GPIO {pins.LIGHT}"):
        other.light(on=True)
    real.board.light(on=False)


class BusyError(Exception):
    """What lgpio raises where the kernel or another program has the line: no OSError, nothing of gpiozero's."""


class BusyFactory(MockFactory):
    """Pins that somebody else holds when they are asked for, once where ``busy``."""

    busy = False


class BusyPin(MockPin):
    def _set_function(self, value: str) -> None:
        if self.factory.busy:
            self.factory.busy = False
            raise BusyError(value)
        super()._set_function(value)


def test_a_line_that_the_kernel_holds_is_named():
    """The Pi's own library says it in its own way, and it is a sentence all the same."""
    factory = BusyFactory(pin_class=BusyPin)
    board = CarrierBoard(rtc(), factory=factory)
    factory.busy = True
    with pytest.raises(BoardError, match=f"relay on GPIO {pins.RELAY} cannot be used: output"):
        board.relay(on=True)
    factory.busy = True
    with pytest.raises(BoardError, match=f"button on GPIO {pins.BUTTON} cannot be used: input"):
        board.pressed(0.1)
    factory.close()


@pytest.mark.parametrize("name", ["", "rpi-rtc soc:rpi_rtc"], ids=["no clock", "the Pi 5's own clock"])
def test_another_clock_is_not_taken_for_the_boards(name, tmp_path):
    """A Pi 5 has a clock of its own: that it answers says nothing about the board."""
    made = Real(tmp_path, clock=name)
    with pytest.raises(NoChipError):
        made.board.clock()
    made.close()


def test_the_real_board_is_known_by_its_overlay(tmp_path):
    """Fitted is what the kernel's tree says."""
    with_board, without = Real(tmp_path / "a"), Real(tmp_path / "b", fitted=False)
    assert with_board.board.fitted()
    assert with_board.board.clock() == NOW
    assert not without.board.fitted()
    with_board.close()
    without.close()


def test_every_sentence_is_in_both_languages():
    """Whoever stands before the box can read it."""
    sentences = [value for value in vars(hw_test.said).values() if isinstance(value, Said)]
    assert len(sentences) > 20
    for said in sentences:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said.zh)
        assert said.en.isascii()
