"""Keys of an infrared remote, as the kernel tells them of a receiver."""

from __future__ import annotations

import os
from pathlib import Path
from queue import Empty, Queue

import pytest

from estation_box.drivers.infrared_keys import EVENT, InfraredKeys, nodes_of
from estation_box.remote.keys import EVDEV_KEYS, Key

WITHIN_SECONDS = 10.0
EV_SYN, EV_MSC, EV_KEY = 0, 4, 1
KEY_OK, KEY_5, KEY_VOLUMEUP = 352, 6, 115


def receiver(folder: Path, name: str, driver: str, event: str) -> None:
    """One receiver, as sysfs shows it."""
    (folder / "rc" / name / "input7" / event).mkdir(parents=True)
    (folder / "rc" / name / "uevent").write_text(f"NAME=rc-rc6-mce\nDRV_NAME={driver}\nDEV_NAME={driver}\n")


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A box with a receiver on a pin, and with CEC, whose keys come another way."""
    receiver(tmp_path, "rc0", "cec", "event0")
    receiver(tmp_path, "rc1", "gpio_ir_recv", "event1")
    (tmp_path / "nodes").mkdir()
    os.mkfifo(tmp_path / "nodes" / "event1")
    return tmp_path


def told(code: int, value: int, kind: int = EV_KEY) -> bytes:
    return EVENT.pack(1_700_000_000, 5, kind, code, value)


def test_a_press_is_one_key_however_long_the_finger_stays(bench):
    """The scan code, the press, its repetitions and its end: one key; a key that is none of ours is none."""
    heard: Queue[Key] = Queue()
    writer = os.open(bench / "nodes" / "event1", os.O_RDWR)
    with InfraredKeys(heard.put, bench / "rc", bench / "nodes"):
        os.write(writer, told(4, 0x0F0422, EV_MSC))
        os.write(writer, told(KEY_OK, 1) + told(0, 0, EV_SYN) + told(KEY_OK, 2) + told(KEY_OK, 2) + told(KEY_OK, 0))
        os.write(writer, told(KEY_VOLUMEUP, 1) + told(KEY_VOLUMEUP, 0) + told(KEY_5, 1) + told(KEY_5, 0))
        assert [heard.get(timeout=WITHIN_SECONDS) for _ in range(2)] == [Key.OK, Key.DIGIT_5]
        with pytest.raises(Empty):
            heard.get(timeout=0.1)
    os.close(writer)


def test_the_keys_of_the_tvs_own_remote_are_not_heard_twice(bench):
    """The kernel makes a receiver of HDMI-CEC as well; those keys come by the TV's wire."""
    assert nodes_of(bench / "rc", bench / "nodes") == [bench / "nodes" / "event1"]


def test_a_box_without_a_receiver_has_no_keys_and_no_fault(tmp_path):
    with InfraredKeys(lambda _: None, tmp_path / "rc", tmp_path / "nodes"):
        pass
    assert nodes_of(tmp_path / "rc", tmp_path / "nodes") == []


def test_every_key_can_be_pressed_on_some_remote():
    assert set(EVDEV_KEYS.values()) == set(Key)
