from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from estation_box.drivers import identity
from estation_box.drivers.system_clock import KernelClock
from estation_box.settings import BOOT_VARIABLE


def test_the_kernels_clocks_are_read():
    kernel = KernelClock()
    assert abs(kernel.wall() - datetime.fromtimestamp(time.time(), UTC)) < timedelta(seconds=5)
    first = kernel.up()
    assert first <= kernel.up() < first + 5


def test_a_developers_machine_keeps_its_own_time():
    """Off the appliance the box never sets the clock of the machine that it runs on."""
    before = time.time()
    assert KernelClock().set(datetime(2001, 1, 1, tzinfo=UTC)) is False
    assert time.time() >= before


def test_a_word_of_timesyncd_is_believed(tmp_path):
    word = tmp_path / "synchronized"
    without = KernelClock(timesync_file=word).synchronised()
    word.touch()
    assert KernelClock(timesync_file=word).synchronised() is True
    assert without in {True, False}  # as the kernel of this machine has it


def test_each_run_off_the_appliance_is_a_boot_of_its_own():
    assert identity.boot_id({BOOT_VARIABLE: "a" * 32}) == "a" * 32
    for environment in ({}, {BOOT_VARIABLE: "not hex"}):
        assert len(identity.boot_id(environment)) == 32
        int(identity.boot_id(environment), 16)


def test_the_serial_is_the_first_that_there_is(tmp_path):
    soc, machine = tmp_path / "serial-number", tmp_path / "machine-id"
    assert identity.serial((soc, machine)) == identity.NO_SERIAL
    machine.write_text("abc\n")
    assert identity.serial((soc, machine)) == "abc"
    soc.write_bytes(b"10000000abcdef01\0")
    assert identity.serial((soc, machine)) == "10000000abcdef01"


def test_disk_and_temperature_are_told_where_they_can_be(tmp_path):
    assert identity.disk_free_bytes(tmp_path) > 0
    assert identity.disk_free_bytes(tmp_path / "missing") is None
    sensor = tmp_path / "temp"
    assert identity.temperature_celsius(sensor) is None
    sensor.write_text("51540\n")
    assert identity.temperature_celsius(sensor) == 51.5
