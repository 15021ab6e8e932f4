"""One suite for the kernel's RTC, as far as it runs on a folder, and for the simulated one."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from estation_box.drivers.rtc import KernelRtc, rtc_time
from estation_box.simulated.rtc import SimulatedRtc

TRUE = datetime(2026, 11, 24, 6, 0, 7, tzinfo=UTC)


class OnAFolder:
    """The kernel's files, in a folder of the test: what a DS3231 shows there."""

    def __init__(self, folder):
        self._file = folder / "rtc0" / "since_epoch"
        self._file.parent.mkdir()
        self.chip = KernelRtc(may_set=True, folder=self._file.parent, device=folder / "rtc0.device")
        self.is_set(TRUE)

    def is_set(self, instant):
        self._file.write_text(f"{int(instant.timestamp())}\n")

    def loses_power(self):
        self._file.unlink()
        self._file.mkdir()  # it is there, and reading it is an error, as with the chip's oscillator-stop flag

    def is_taken_out(self):
        self._file.unlink()


class Simulated:
    def __init__(self, _folder):
        self.chip = SimulatedRtc(lambda: TRUE)
        self.chip.set(TRUE)

    def is_set(self, instant):
        self.chip.set(instant)

    def loses_power(self):
        self.chip.battery_holds = False
        self.chip.cut_power()

    def is_taken_out(self):
        self.chip.fitted = False


@pytest.fixture(params=[OnAFolder, Simulated])
def bench(request, tmp_path):
    return request.param(tmp_path)


def test_it_says_the_time_in_whole_seconds_of_utc(bench):
    assert bench.chip.read() == TRUE
    bench.is_set(TRUE + timedelta(days=700, seconds=0.2))
    assert bench.chip.read() == TRUE + timedelta(days=700)
    assert bench.chip.read().tzinfo is UTC


def test_one_that_lost_its_power_says_so(bench):
    bench.loses_power()
    assert bench.chip.read() is None


def test_where_there_is_none_nothing_is_read_and_nothing_set(bench):
    bench.is_taken_out()
    assert bench.chip.read() is None
    assert bench.chip.set(TRUE) is False


@pytest.mark.parametrize("text", ["", "soon\n", "99999999999999999999\n", "-99999999999999\n"])
def test_what_is_no_time_is_none(tmp_path, text):
    (tmp_path / "since_epoch").write_text(text)
    assert KernelRtc(folder=tmp_path).read() is None


def test_a_file_that_is_no_clock_is_not_set(tmp_path):
    device = tmp_path / "rtc0"
    device.touch()
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    assert KernelRtc(may_set=True, folder=tmp_path, device=device).set(TRUE) is False
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_off_the_appliance_the_machines_rtc_is_left_alone(tmp_path):
    assert KernelRtc(folder=tmp_path).set(TRUE) is False


def test_the_kernel_is_told_the_nearest_second_in_its_own_form():
    """As linux/rtc.h has it: the month from 0, the year from 1900, and always UTC."""
    kashgar = datetime.fromisoformat("2026-11-24T13:59:59.600000+08:00")
    assert struct.unpack("9i", rtc_time(kashgar)) == (0, 0, 6, 24, 10, 126, 0, 0, 0)


def test_the_simulated_one_runs_through_a_power_cut_while_its_battery_holds():
    time = [TRUE]
    chip = SimulatedRtc(lambda: time[0])
    chip.run_wrong(5)
    assert chip.read() is None  # never set
    chip.set(TRUE)
    chip.cut_power()
    time[0] += timedelta(days=30)
    chip.run_wrong(-5)
    assert chip.read() == TRUE + timedelta(days=30, seconds=-5)
    chip.battery_holds = False
    chip.cut_power()
    assert chip.read() is None
    assert chip.set(TRUE) is True
